"""Supplies in a place: what is in stock, what work uses up, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.fast.supply import HELD_UP, USE_DAYS
from sim.rules.choice import newest_report
from sim.rules.delivery import remembered
from sim.rules.supply import perished, servable

if TYPE_CHECKING:
    from sim.agents.remit import Scope
    from sim.model import GovernanceModel

Reals = list[float]


class Stores:
    """The stores of a place, kept by its council. Units and meanings are declared in `sim.state`."""

    model: GovernanceModel
    place: int  # its number among places

    owned_by: dict[str, list[Scope]]  # by power, the scopes by which it is decided for here
    supplies: Reals
    supplies_use: Reals
    told_use: list[Reals]
    told_spent: list[Reals]
    total_supplied: Reals
    total_supplies_used: Reals
    total_supplies_wanted: Reals
    total_perished: float
    total_shortage_days: float
    # of the buyers, one or two without a lead, of whose places this is the first
    depot: Reals
    on_order: list[Reals]
    filled: Reals
    total_bought: float
    total_paid: float

    # ---- decide ----

    def receive_consignment(self) -> None:
        """Take in what arrives today; where there is only one buyer, what a second one had bought is its own."""
        for buyer, arriving in enumerate(self.on_order):
            slot = self.model.day % len(arriving)
            self.depot[buyer] += arriving[slot]
            arriving[slot] = 0.0
        if len(self.depot) == 2 and len(self.owned_by["procurement"]) == 1:
            self.depot[0] += self.depot[1]
            self.depot[1] = 0.0

    def receive_supplies(self, service: int, amount: float) -> None:
        """Put supplies in stock."""
        self.supplies[service] += amount
        self.total_supplied[service] += amount

    def ordinary_use(self) -> Reals:
        """Return items a day, service by service, where ordinary need is served."""
        ordinary: Reals = self.model.table.supply.ordinary[self.place].tolist()
        return ordinary

    def use_as_known(self, service: int, delay_days: int) -> float:
        """Return supplies wanted a day as a buyer knows them; ordinary use before there is any report."""
        if delay_days == 0:
            return self.supplies_use[service]
        number = newest_report(self.model.day, delay_days)
        if number < 0:
            return self.ordinary_use()[service]
        return self.told_use[self.model.slot_of(number)][service]

    def spent_as_known(self, service: int, delay_days: int) -> float:
        """Return supplies used up or perished so far as a buyer knows them."""
        if delay_days == 0:
            return self.total_supplied[service] - self.supplies[service]
        number = newest_report(self.model.day, delay_days)
        return self.told_spent[self.model.slot_of(number)][service] if number >= 0 else 0.0

    # ---- deliver ----

    def items_per_case(self, service: int) -> float:
        """Return items that a case uses today."""
        return float(self.model.table.supply.use[service]) * self.model.today(self.model.crisis.use)

    def within_supplies(self, service: int, cases: float) -> float:
        """Return the cases that supplies allow to be served; all of them where there is nothing to run out of."""
        if not self.model.has_supplies:
            return cases
        return servable(cases, self.supplies[service], self.items_per_case(service))

    def use_supplies(self, service: int, reachable: float, workable: float, served: float) -> float:
        """Use up supplies for the cases served.

        Parameters
        ----------
        service
            Number of the service.
        reachable, workable
            Cases that supplies allowed, and cases that staff could have served.
        served
            Cases served.

        Returns
        -------
        float
            Cases that staff could have served and supplies could not.
        """
        use = self.items_per_case(service)
        if not self.model.has_supplies or use == 0.0:
            return 0.0
        unsupplied = max(0.0, workable - served) if reachable < workable else 0.0
        used = min(self.supplies[service], served * use)
        self.supplies[service] -= used
        self.total_supplies_used[service] += used
        self.total_supplies_wanted[service] += used + unsupplied * use
        self.total_shortage_days += 1.0 if unsupplied > HELD_UP * workable else 0.0
        self.supplies_use[service] = remembered(self.supplies_use[service], used + unsupplied * use, USE_DAYS)
        lost = perished(self.supplies[service], self.model.par.supplies_shelf_days)
        self.supplies[service] -= lost
        self.total_perished += lost
        return unsupplied

    def perish(self) -> None:
        """Let part of what buyers keep here perish."""
        if self.model.has_supplies:
            for buyer, kept in enumerate(self.depot):
                lost = perished(kept, self.model.par.supplies_shelf_days)
                self.depot[buyer] -= lost
                self.total_perished += lost

    # ---- report ----

    def tell_supplies(self, slot: int) -> None:
        """Tell what is wanted a day, and what has been spent so far."""
        if self.model.has_supplies:
            self.told_use[slot] = self.supplies_use[:]
            spent = zip(self.total_supplied, self.supplies, strict=True)
            self.told_spent[slot] = [supplied - stock for supplied, stock in spent]
