"""Paid help in a place: who works there today, what it is worth, and what stays of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.fast.commission import POT
from sim.rules.commissioning import bid_weight, quality_of, volunteers_after
from sim.rules.resources import share_of
from sim.state import NOBODY
from sim.streams import normal

if TYPE_CHECKING:
    from sim.model import GovernanceModel

Reals = list[float]


class Helped:
    """The helpers of a place, whose books its council keeps. Units and meanings are declared in `sim.state`."""

    model: GovernanceModel
    key: int
    thousand: float
    capability: float

    income: float  # GBP that came in today
    purse: float
    contracted: Reals
    contracted_next: Reals
    contract_due: int
    contract_price: float
    contract_price_next: float
    helping: Reals
    help_used: float
    mobilised: float
    learnt_here: Reals
    total_granted: float
    total_help_paid: float
    total_help: float
    total_help_used: float
    total_help_worth: float
    total_present: float
    total_lost: float

    # ---- decide ----

    def write_bid(self) -> float:
        """Return what the place's bid for today's pot weighs."""
        par, number = self.model.par, self.model.pot_today()
        opened = int(par.commissioning_first_day) + number * int(par.commissioning_pot_days)
        z = normal(np.uint64(self.model.seed), np.uint64(self.key), opened, 0, POT, 0)
        contest, noise = par.commissioning_pot_contest, par.commissioning_pot_noise
        return bid_weight(self.thousand, self.capability, contest, noise, z)

    def fund_and_begin(self, money: float) -> None:
        """Take in today's money (GBP); let a contract begin that is due."""
        self.income = money
        self.purse += money
        self.total_granted += money
        if 0 <= self.contract_due <= self.model.day:
            self.contract_due = NOBODY
            self.contracted, self.contract_price = self.contracted_next[:], self.contract_price_next

    def engage(self, paid: float) -> None:
        """Let those work today who are paid: this share of those under contract."""
        self.helping = [staff * paid for staff in self.contracted]
        for staff in self.helping:
            self.total_help_paid += staff * self.contract_price

    # ---- deliver ----

    def turning_up(self, service: int) -> float:
        """Return the helpers who turn up for a service: of volunteers only some."""
        volunteers = self.model.table.help.volunteers
        return self.helping[service] * self.mobilised if volunteers else self.helping[service]

    def help_here(self, service: int) -> float:
        """Return what paid help is worth in a service today, in staff-days of one's own."""
        if not self.model.has_commissioning:
            return 0.0
        help_ = self.model.table.help
        measurable = float(help_.measurable[service])
        quality = quality_of(help_.fit, measurable, help_.shading, self.contract_price, help_.price)
        return self.turning_up(service) * quality

    def book_help(self, service: int, worth: float, used: float, capacity: float) -> None:
        """Book what became of paid help in a service.

        Parameters
        ----------
        service
            Number of the service.
        worth, used, capacity
            Staff-days that help was worth, that were used in all, and that there were in all. Helpers share in the
            service's work and in its idle time; what they lack in quality is lost.
        """
        if not self.model.has_commissioning:
            return
        there = self.turning_up(service)
        busy = there * share_of(used, capacity)
        self.total_present += there
        self.total_lost += there - worth
        self.total_help += there
        self.total_help_used += busy
        self.total_help_worth += worth
        self.help_used = busy if service == 0 else self.help_used + busy
        kept = self.model.table.help.kept
        self.learnt_here[service] = 1.0 - (1.0 - kept) * min(1.0, share_of(worth, capacity))

    def drift_away(self) -> None:
        """Let volunteers join where there is a grant, and drift away where they are not used."""
        par = self.model.par
        if not self.model.pays_today or not self.model.table.help.volunteers:
            return
        there = 0.0
        for service in range(len(self.helping)):
            there += self.turning_up(service)
        supported = 1.0 if there > 0.0 else 0.0
        unused = max(0.0, 1.0 - share_of(self.help_used, there))
        self.mobilised = volunteers_after(
            self.mobilised, supported, unused, par.commissioning_join_days, par.commissioning_drift_days
        )
