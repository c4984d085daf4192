"""Whoever holds the procurement power buys supplies for the places of each of its scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.organisation import Organisation
from sim.agents.remit import Remit, Scope, Terms, remit_name
from sim.agents.watch import ALL_SERVICES
from sim.fast.supply import FORECAST, FORECAST_DAYS
from sim.fast.timing import PROCUREMENT
from sim.rules.choice import items_this_round
from sim.rules.resources import share_of
from sim.rules.supply import bid_of, cover, expected_use, share_by_weight
from sim.streams import normal

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.governance.supply import SupplyTable
    from sim.model import GovernanceModel

Stock = dict["LocalAuthority", list[float]]  # of each place, service by service


@dataclass(frozen=True, eq=False)
class Order:
    """What a buyer asks the market for.

    Parameters
    ----------
    buyer
        Who buys.
    scope
        For whom.
    bid
        How much it asks for, in items.
    skill
        Its management capability, which counts where not everybody can be served.
    """

    buyer: Buying
    scope: Scope
    bid: float
    skill: float

    def settle(self, amount: float, price: float) -> None:
        """Take what the market sells, at its price."""
        if self.bid > 0.0:
            self.buyer.buy(self.scope, amount, price)
            self.scope.remember_filled(min(1.0, amount / self.bid))


class Buying(Organisation):
    """What a holder of the procurement power does.

    What a buyer of several places has (stock not handed out, orders on their way) is kept at the first of them.
    """

    is_place = False
    remits: dict[str, Remit]

    def __init__(self, model: GovernanceModel, name: str) -> None:
        super().__init__(model, name)
        # As known here today, of each place and service: use a day, and stock.
        self.use_known: Stock = {}
        self.stock_known: Stock = {}

    # ---- what an agent of your own may choose otherwise ----

    def choose_order(self, scope: Scope) -> float:
        """Choose how much to order for a scope, in items.

        Returns
        -------
        float
            What its places are short of, less what is not yet handed out and what is on its way; 0 where that is
            little.
        """
        claims, total = self.short_of(scope)
        order = 0.0
        for claim in claims:
            order += claim
        for council in scope.members:
            order -= council.depot[scope.second]
            for amount in council.on_order[scope.second]:
                order -= amount
        return order if order > self._terms_of_buying(scope).reversal_cost * total else 0.0

    # ---- procurement ----

    def take_stock(self, name: str) -> None:
        """Note use and stock of each place as known here: averages, by head, of the unit that it is seen in."""
        remit, services = self.remits[name], range(len(self.model.services))
        delay = remit.data_delay_days
        for unit in remit.units:
            people = 0.0
            for council in unit.members:
                people += council.thousand
                self.use_known[council], self.stock_known[council] = [], []
            for k in services:
                used, stock = 0.0, 0.0
                for council in unit.members:
                    used += council.use_as_known(k, delay)
                    stock += council.total_supplied[k] - council.spent_as_known(k, delay)
                for council in unit.members:
                    self.use_known[council].append(used / people * council.thousand)
                    self.stock_known[council].append(stock / people * council.thousand)

    def short_of(self, scope: Scope) -> tuple[list[float], float]:
        """Return what each place and service of a scope is short of, place by place, and what all should have."""
        par, supply = self.model.par, self._supply_for(scope)
        when = self.model.day // FORECAST_DAYS
        z = normal(np.uint64(self.model.seed), scope.key, when, 0, FORECAST, 0)
        days = float(supply.days[scope.number])
        safety = cover(par.supplies_forecast_log_sd, par.supplies_quantile)
        claims, total = [], 0.0
        for council in scope.members:
            for use, known in zip(self.use_known[council], self.stock_known[council], strict=True):
                target = expected_use(use, par.supplies_forecast_log_sd, z) * days * safety
                claims.append(max(0.0, target - known))
                total += target
        return claims, total

    def place_orders(self, name: str, offered: float) -> list[Order]:
        """Order for each scope that is taken up, if attention allows, on a market that offers so much."""
        remit, par = self.remits[name], self.model.par
        if items_this_round(remit.attention, self.model.day // remit.terms.cadence_days) == 0:
            return []
        orders = []
        for scope in remit.scopes:
            if not scope.is_taken_up(self.model.seed, self.model.day, PROCUREMENT):
                continue
            order = self.choose_order(scope)
            share, filled = float(self._supply_for(scope).share[scope.number]), scope.members[0].filled[scope.second]
            bid = bid_of(order, offered, share, par.supplies_bidding, filled)
            orders.append(Order(self, scope, bid, scope.capability()))
            if order == 0.0:
                scope.remember_filled(1.0)
        return orders

    def buy(self, scope: Scope, amount: float, price: float) -> None:
        """Pay for supplies and send them on their way: approval first, then the time that delivery takes."""
        supply, head, terms = self._supply_for(scope), scope.members[0], self._terms_of_buying(scope)
        wait = self._days_to_effect(terms, scope, PROCUREMENT, terms.negotiation_days)
        arrival = self.model.day + min(supply.longest, int(supply.lead[scope.number]) + wait)
        self.model.watch.decided("procurement", self, scope, ALL_SERVICES, amount, arrival - self.model.day)
        on_order = head.on_order[scope.second]
        on_order[arrival % len(on_order)] += amount
        head.total_bought += amount
        head.total_paid += amount * price * float(supply.price[scope.number])

    def hand_out(self, scope: Scope) -> None:
        """Hand out what there is: all of it by ordinary use, or what is seen to be short, by weight."""
        supply, services = self._supply_for(scope), len(self.model.services)
        pool = 0.0
        for council in scope.members:
            pool += council.depot[scope.second]
        if pool <= 0.0:
            return
        weights = supply.weight.tolist() * len(scope.members)
        given = [0.0] * len(weights)
        if supply.by_need:
            share_by_weight(self.short_of(scope)[0], weights, pool, given)
        else:
            given = self._pushed(scope, pool, weights)
        for n, amount in enumerate(given):
            scope.members[n // services].receive_supplies(n % services, amount)
            pool -= amount
        for council in scope.members:
            council.depot[scope.second] = 0.0
        scope.members[0].depot[scope.second] = max(0.0, pool)

    def _pushed(self, scope: Scope, pool: float, weights: list[float]) -> list[float]:
        """Return shares of all there is by ordinary use, whatever is there already."""
        ordinary = [use for council in scope.members for use in council.ordinary_use()]
        claims = [use * weight for use, weight in zip(ordinary, weights, strict=True)]
        all_claims = 0.0
        for claim in claims:
            all_claims += claim
        return [pool * share_of(claim, all_claims) for claim in claims]

    def _supply_for(self, scope: Scope) -> SupplyTable:
        """Return the table of the buyers to whom a scope belongs: the first ones, or the second."""
        table = self.model.table
        return table.second_supply if scope.second else table.supply

    def _terms_of_buying(self, scope: Scope) -> Terms:
        return self.remits[remit_name("procurement", scope.second)].terms

    # ---- what every power takes ----

    def _days_to_effect(self, terms: Terms, scope: Scope, slot: int, talks: float) -> int:
        raise NotImplementedError
