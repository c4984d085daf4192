"""Whoever holds the commissioning power pays others to help the places of each of its scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.organisation import Organisation
from sim.agents.remit import Remit, Scope, Terms
from sim.agents.targets import claim_on
from sim.agents.watch import ALL_SERVICES
from sim.fast.commission import PLAN_DAYS
from sim.fast.timing import COMMISSIONING
from sim.rules.choice import items_this_round
from sim.rules.commissioning import price_of_staff, staff_for
from sim.rules.resources import share_of

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority

Seen = dict["LocalAuthority", float]


class Commissioner(Organisation):
    """What a holder of the commissioning power does. Its money is kept at the first place of each scope."""

    remits: dict[str, Remit]

    # ---- what an agent of your own may choose otherwise ----

    def choose_help(self, scope: Scope, seen: list[Seen]) -> list[list[float]]:
        """Choose where paid help goes in a scope.

        Parameters
        ----------
        scope
            The places that it is paid for.
        seen
            Open cases of each place as seen, service by service; empty where help goes by formula.

        Returns
        -------
        list of list of float
            The claim of each service in each place: helpers are shared in proportion.
        """
        if not seen:
            return [council.ordinary_need for council in scope.members]
        terms = self.remits["commissioning"].terms
        return [
            [claim_on(self.model, terms, council, k, known[council]) for k, known in enumerate(seen)]
            for council in scope.members
        ]

    # ---- commissioning ----

    def hold_tenders(self) -> None:
        """Hold a tender for each scope, if attention allows."""
        remit = self.remits["commissioning"]
        if items_this_round(remit.attention, self.model.day // remit.terms.cadence_days) > 0:
            by_need = self.model.table.help.by_need
            seen = [self._seen_need(remit, k) for k in range(len(self.model.services))] if by_need else []
            for scope in remit.scopes:
                if all(council.contract_due < 0 for council in scope.members):
                    claims = self.choose_help(scope, seen)
                    self._hold_tender(remit.terms, scope, [self._ring_fenced(claim) for claim in claims])

    def _ring_fenced(self, claim: list[float]) -> list[float]:
        """Return the claims that today's money may pay for: a pot is for one service, each in its turn."""
        if not self.model.table.help.pots:
            return claim
        paid_for = self.model.pot_today() % len(claim)
        return [part if k == paid_for else 0.0 for k, part in enumerate(claim)]

    def _hold_tender(self, terms: Terms, scope: Scope, claims: list[list[float]]) -> None:
        """Take the cheapest bid, and send staff where they are claimed, unless too little would change."""
        help_, saved, money, all_claims, staff, change = self.model.table.help, 0.0, 0.0, 0.0, 0.0, 0.0
        for council, claim in zip(scope.members, claims, strict=True):
            saved += council.purse
            money += council.income
            for part, there in zip(claim, council.staff, strict=True):
                all_claims += part
                staff += there
        price = min(supplier.bid(scope) for supplier in self.model.bidders())
        hired = staff_for(saved / PLAN_DAYS + money, price, help_.rise, staff)
        for council, claim in zip(scope.members, claims, strict=True):
            council.contracted_next = [hired * share_of(part, all_claims) for part in claim]
            for planned, now in zip(council.contracted_next, council.contracted, strict=True):
                change += max(0.0, planned - now)
        if change > terms.reversal_cost * hired:
            wait = self._days_to_effect(terms, scope, COMMISSIONING, terms.negotiation_days) + help_.start_days
            self.model.watch.decided("commissioning", self, scope, ALL_SERVICES, hired, wait)
            for council in scope.members:
                council.contract_due = self.model.day + wait
                council.contract_price_next = price_of_staff(price, help_.rise, hired, staff)
        else:
            self.model.watch.decided("commissioning", self, scope, ALL_SERVICES, None)

    def pay(self, scope: Scope) -> None:
        """Pay those under contract, as far as the money goes: so many work today."""
        pool, cost = 0.0, 0.0
        for council in scope.members:
            pool += council.purse
            for staff in council.contracted:
                cost += staff * council.contract_price
        paid = min(1.0, share_of(pool, cost))
        for council in scope.members:
            council.purse = 0.0
            council.engage(paid)
        scope.members[0].purse = max(0.0, pool - cost * paid)

    # ---- what every power takes ----

    def _seen_need(self, remit: Remit, service: int) -> Seen:
        raise NotImplementedError

    def _days_to_effect(self, terms: Terms, scope: Scope, slot: int, talks: float) -> int:
        raise NotImplementedError
