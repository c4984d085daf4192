"""Whoever holds a power decides. The ``choose_*`` methods are the seams for agents of your own.

An agent of your own extends one of the classes in `sim.agents` and overrides what it chooses; everything else
(whose day it is, what attention allows, approvals, what is remembered) stays as it is::

    class CautiousCouncil(LocalAuthority):
        def choose_restriction(self, scope, rate):
            return 1.0 if rate > 20.0 else 0.0

    GovernanceModel(setup, seed=1, agents={LocalAuthority: CautiousCouncil}).run()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.buying import Buying
from sim.agents.commissioning import Commissioner
from sim.agents.remit import SECONDS, Remit, Scope, Terms, Unit
from sim.agents.talks import (
    gains_from_approach,
    gains_from_reserve,
    gains_from_restriction,
    rounds_until_agreed,
    talks_take,
)
from sim.agents.targets import claim_on, weight_of
from sim.agents.trials import heard_from_trial
from sim.agents.watch import ALL_SERVICES
from sim.fast.decide import BIDS, FORMULA
from sim.fast.timing import APPROACH, APPROVAL, RESERVE, RESTRICTION, WORKFORCE
from sim.fast.workforce import DIRECTED
from sim.rules.choice import (
    days_to_effect,
    is_better,
    items_this_round,
    level_wanted,
    newest_report,
    salience,
    worth_changing,
)
from sim.rules.evidence import (
    average,
    own_mean,
    own_variance,
    pooled_mean,
    pooled_variance,
    shaded,
    weight_of_message,
)
from sim.rules.maths import exp
from sim.rules.resources import bid_for, free_to_move, share_of, staff_wanted
from sim.streams import normal

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.model import GovernanceModel

Seen = dict["LocalAuthority", float]  # what a holder sees of each place in its care
Heard = tuple[Unit, float, float]  # a unit, the mean and the weight of what was heard of it


class Holder(Buying, Commissioner):
    """An organisation that may hold powers, over the places in its area.

    Parameters
    ----------
    model, name
        As for every organisation.
    key
        Key of its area.
    """

    is_place = False

    def __init__(self, model: GovernanceModel, name: str, key: int) -> None:
        super().__init__(model, name)
        self.key = key
        self.remits: dict[str, Remit] = {}  # the powers it holds

    # ---- what an agent of your own may choose otherwise ----

    def choose_approach(self, scope: Scope, service: int) -> int | None:
        """Choose how a service is to work in a scope.

        Returns
        -------
        int or None
            The approach with the highest posterior mean, or None where that is not worth a change.
        """
        current = 0.0
        for council in scope.members:
            current += council.thousand * council.belief_in_use(service, scope.second)
        best, top = -1, 0.0
        for approach in range(self.model.approach_count):
            score = 0.0
            for council in scope.members:
                score += council.thousand * council.believed(scope.second)[service][approach]
            if best < 0 or is_better(score, top):
                best, top = approach, score
        reversal_cost = self.terms_of("approach").reversal_cost
        return best if worth_changing(top / scope.thousand, current / scope.thousand, reversal_cost) else None

    def choose_reserve(self, scope: Scope, seen: list[Seen]) -> list[list[float]]:
        """Choose where the surge staff of a scope go.

        Parameters
        ----------
        scope
            The places that share them.
        seen
            Open cases of each place as seen, service by service.

        Returns
        -------
        list of list of float
            The claim of each service in each place: surge staff are shared in proportion.
        """
        rule, terms = self.model.table.reserve_rule, self.terms_of("reserve")
        if rule == FORMULA:
            return [council.ordinary_need for council in scope.members]
        if rule == BIDS:
            return [self._bid_of(council) for council in scope.members]
        return [
            [claim_on(self.model, terms, council, k, known[council]) for k, known in enumerate(seen)]
            for council in scope.members
        ]

    def _bid_of(self, council: LocalAuthority) -> list[float]:
        """Return what a place bids for surge staff: on its own figures of today, and as well as it can."""
        skill = self.model.par.evidence_bid_skill
        terms = self.terms_of("reserve")
        claims = [claim_on(self.model, terms, council, k, cases) for k, cases in enumerate(council.open_cases)]
        return [bid_for(claim, council.capability, skill) for claim in claims]

    def choose_workforce(self, council: LocalAuthority) -> tuple[list[float], list[float]]:
        """Choose which staff of a place are to work for another of its services.

        Returns
        -------
        given, received : list of float
            Staff that each service gives up, and staff that it receives.
        """
        par = self.model.par
        given = [
            free_to_move(spare, par.friction_movable, staff)
            for spare, staff in zip(council.spare, council.staff, strict=True)
        ]
        needed = [staff_wanted(short, par.friction_skill_elsewhere) for short in council.short]
        free, wanted = 0.0, 0.0
        for spare, short in zip(given, needed, strict=True):
            free += spare
            wanted += short
        moved = min(free, wanted, council.all_staff - council.stays_lent) if self.model.table.pooled else 0.0
        moved = moved if moved > self.terms_of("workforce").reversal_cost * council.all_staff else 0.0
        return (
            [min(part, moved * share_of(part, free)) for part in given],
            [moved * share_of(part, wanted) for part in needed],
        )

    def choose_restriction(self, scope: Scope, rate: float) -> float:
        """Choose the level of restriction, from 0 to 1, of a scope at a rate of reported cases.

        The rate is a week's, for each 100,000 people. There may be a lighter level between none and the full one.
        """
        par, head = self.model.par, scope.members[0]
        caution = 0.0
        for council in scope.members:
            caution += council.thousand * council.preference
        threshold = par.restriction_threshold * exp(par.restriction_preference_log_sd * caution / scope.thousand)
        return level_wanted(
            rate,
            threshold,
            par.restriction_release,
            head.restricted,
            self.model.day - head.restriction_changed,
            int(par.restriction_hold_days),
            self.terms_of("restriction").reversal_cost,
            par.restriction_lighter,
            par.restriction_lighter_at,
        )

    # ---- approach ----

    def decide_approach(self, name: str = "approach") -> None:
        """Take the most pressing items, and ask of each if another approach is better; ``name`` as for the reserve."""
        remit = self.remits[name]
        for scope, service in self._most_pressing(remit):
            for council in scope.members:
                council.considered(scope.second)[service] = self.model.day
            approach = self.choose_approach(scope, service)
            if approach is None:
                self.model.watch.decided("approach", self, scope, service, None)
            else:
                gains = gains_from_approach(self.model, scope, service, approach)
                wait, agreed = self._settle(remit.terms, scope, service, gains)
                self.model.watch.decided("approach", self, scope, service, approach, wait, agreed)
                for council in scope.members:
                    if agreed:
                        self._instruct(remit, council, service, approach, wait)
                    else:
                        council.approach_due[service] = self.model.day + wait

    def _instruct(self, remit: Remit, council: LocalAuthority, service: int, approach: int, wait: int) -> None:
        """Tell a place its new approach; what changes is booked at the holder's first place."""
        if council.mandate[service] != approach:
            remit.scopes[0].members[0].decided += 1.0
        council.hear_instruction(service, approach, wait, self.is_place)

    def _most_pressing(self, remit: Remit) -> list[tuple[Scope, int]]:
        """Return the items, a scope and a service, that attention allows: the most pressing first."""
        terms, services = remit.terms, self.model.services
        seen = [self._seen_need(remit, k) for k in range(len(services))]
        items, pressing = [], []
        for scope in remit.scopes:
            if not scope.is_taken_up(self.model.seed, self.model.day, APPROACH):
                continue
            for k, service in enumerate(services):
                cases = 0.0
                for council in scope.members:
                    cases += seen[k][council]
                if all(council.approach_due[k] < 0 for council in scope.members):
                    days = self.model.day - scope.members[0].considered(scope.second)[k]
                    items.append((scope, k))
                    pressing.append(
                        salience(weight_of(self.model, k), service.visibility, terms.in_the_room[k], cases, days)
                    )
        order = sorted(range(len(items)), key=lambda item: -pressing[item])
        return [items[item] for item in order[: self._items(remit)]]

    # ---- reserve ----

    def decide_reserve(self, name: str = "reserve") -> None:
        """Share out surge staff, if attention allows; ``name`` tells the remit of a second holder."""
        remit = self.remits[name]
        if self._items(remit) > 0:
            seen = [self._seen_need(remit, k) for k in range(len(self.model.services))]
            for scope in remit.scopes:
                free = scope.is_taken_up(self.model.seed, self.model.day, RESERVE)
                if free and all(council.reserve_due < 0 for council in scope.members):
                    self._share_out(remit.terms, scope, self.choose_reserve(scope, seen))

    def _share_out(self, terms: Terms, scope: Scope, claims: list[list[float]]) -> None:
        """Share the surge staff of a scope by claims, unless too little would change."""
        pool, all_claims, change = 0.0, 0.0, 0.0
        for council, claim in zip(scope.members, claims, strict=True):
            for staff, part in zip(council.reserve, claim, strict=True):
                pool += staff
                all_claims += part
        for council, claim in zip(scope.members, claims, strict=True):
            council.reserve_next = [pool * share_of(part, all_claims) for part in claim]
            for planned, staff in zip(council.reserve_next, council.reserve, strict=True):
                change += max(0.0, planned - staff)
        if change > terms.reversal_cost * pool:
            wait, agreed = self._settle(terms, scope, RESERVE, gains_from_reserve(scope))
            self.model.watch.decided("reserve", self, scope, ALL_SERVICES, change, wait, agreed)
            for council in scope.members:
                council.reserve_due = self.model.day + wait
                if not agreed:
                    council.reserve_next = council.reserve[:]
        else:
            self.model.watch.decided("reserve", self, scope, ALL_SERVICES, None)

    # ---- workforce ----

    def plan_moves(self, name: str, planned: set[LocalAuthority]) -> list[Scope]:
        """Plan moves of staff within places; return the scopes whose staff can be moved in this round.

        ``name`` as for the reserve; ``planned`` are the places of which another holder has planned moves today.
        """
        remit, directed = self.remits[name], self.model.table.between == DIRECTED
        if self._items(remit) == 0:
            return []
        meeting = [scope for scope in remit.scopes if self._may_plan(scope, planned)]
        for scope in meeting:
            for council in scope.members:
                council.stays_lent = council.aid_out if directed and scope.is_one_place() else 0.0
                council.moved_out_next, council.moved_in_next = self.choose_workforce(council)
        return meeting

    def _may_plan(self, scope: Scope, planned: set[LocalAuthority]) -> bool:
        """Say whether a scope's moves can be planned: nothing pends, nobody else has planned, and it is taken up."""
        free = all(council.workforce_due < 0 and council not in planned for council in scope.members)
        return free and scope.is_taken_up(self.model.seed, self.model.day, WORKFORCE)

    def direct_aid(self, scope: Scope) -> None:
        """Plan to move spare staff of a scope to shortages elsewhere in it."""
        supply, demand = 0.0, 0.0
        for council in scope.members:
            supply += council.can_lend
            demand += council.would_take
        flow = min(supply, demand)
        for council in scope.members:
            council.aid_out_next = flow * share_of(council.can_lend, supply)
            council.expect_aid(flow * share_of(council.would_take, demand))

    def send_for_approval(self, scope: Scope) -> None:
        """Send the planned moves of a scope for approval."""
        terms = self.terms_of("workforce")
        wait = self._days_to_effect(terms, scope, WORKFORCE, terms.negotiation_days)
        moved = 0.0
        for council in scope.members:
            council.workforce_due = self.model.day + wait
            moved += council.staff_to_move()
        self.model.watch.decided("workforce", self, scope, ALL_SERVICES, moved, wait)

    # ---- restriction ----

    def decide_restriction(self, name: str = "restriction") -> None:
        """Take scopes in order of the rate that is seen there, and restrict or lift; ``name`` as for the reserve."""
        remit = self.remits[name]
        rates = self._rates_seen(remit)
        order = sorted(range(len(rates)), key=lambda number: -rates[number])
        for number in order[: self._items(remit)]:
            scope = remit.scopes[number]
            free = scope.is_taken_up(self.model.seed, self.model.day, RESTRICTION)
            if free and all(council.restriction_due < 0 for council in scope.members):
                wanted = self.choose_restriction(scope, rates[number])
                if any(wanted != council.restricted for council in scope.members):
                    gains = gains_from_restriction(self.model, scope, wanted)
                    wait, agreed = self._settle(remit.terms, scope, RESTRICTION, gains)
                    self.model.watch.decided("restriction", self, scope, ALL_SERVICES, wanted, wait, agreed)
                    for council in scope.members:
                        council.restricted_next = wanted if agreed else council.restricted
                        council.restriction_due = self.model.day + wait
                else:
                    self.model.watch.decided("restriction", self, scope, ALL_SERVICES, None)

    def _rates_seen(self, remit: Remit) -> list[float]:
        """Return the rate of reported cases in each scope as known here, units averaged."""
        delay = remit.data_delay_days + int(self.model.par.epidemic_report_delay_days)
        number = newest_report(self.model.day, delay)
        seen: Seen = {}
        for unit in remit.units:
            cases, people = 0.0, 0.0
            for council in unit.members:
                cases += council.thousand * (council.told_rate[self.model.slot_of(number)] if number >= 0 else 0.0)
                people += council.thousand
            for council in unit.members:
                seen[council] = share_of(cases, people)
        rates = []
        for scope in remit.scopes:
            cases = 0.0
            for council in scope.members:
                cases += council.thousand * seen[council]
            rates.append(share_of(cases, scope.thousand))
        return rates

    # ---- what every power takes ----

    def terms_of(self, power: str) -> Terms:
        """Return the terms of a power that it holds, as the first holder or as the second: they are the same."""
        return (self.remits.get(power) or self.remits[SECONDS[power]]).terms

    def _items(self, remit: Remit) -> int:
        """Return the items that attention allows in this round."""
        return items_this_round(remit.attention, self.model.day // remit.terms.cadence_days)

    def _seen_need(self, remit: Remit, service: int) -> Seen:
        """Return open cases as seen here: the average of the unit that a place is seen in, by head."""
        seen: Seen = {}
        for unit in remit.units:
            cases, people = 0.0, 0.0
            for council in unit.members:
                cases += council.need_as_known(service, remit.data_delay_days)
                people += council.thousand
            rate = share_of(cases, people)
            for council in unit.members:
                seen[council] = rate * council.thousand
        return seen

    def _trust_at_table(self, scope: Scope) -> float:
        """Return trust among those who decide: in a place shared language, above it trust upward."""
        return scope.shared_language() if self.is_place else scope.trust_upward()

    def _settle(self, terms: Terms, scope: Scope, slot: int, gains: list[float]) -> tuple[int, bool]:
        """Return the days until a decision is through, and whether it is: members of a joint table must agree.

        Where talks fail, the status quo stays and the item is taken up again after the deadline, or the holder
        decides alone at the deadline.
        """
        if not terms.joint:
            return self._days_to_effect(terms, scope, slot, 0.0), True
        wait = self._days_to_effect(terms, scope, slot, talks_take(self.model, terms.negotiation_days, gains))
        rounds = 0 if len(gains) < 2 else rounds_until_agreed(self.model, scope.key, slot, gains)
        self.model.watch.talked(len(gains), rounds)
        agreed = rounds is not None or terms.imposed
        if rounds is None:
            alone = self._days_to_effect(terms, scope, slot, 0.0) if agreed else 0
            wait = int(self.model.par.talks_deadline_days) + alone
        else:
            wait += rounds * int(self.model.par.talks_round_days)
        for council in scope.members:
            council.talks += 1.0
            council.talks_failed += 0.0 if agreed else 1.0
        return wait, agreed

    def _days_to_effect(self, terms: Terms, scope: Scope, slot: int, talks: float) -> int:
        """Return days from a decision to its effect: approvals, and talks that take so many days without trust."""
        lognormal = 0.0
        if terms.approval_median_days > 0.0:
            z = normal(np.uint64(self.model.seed), scope.key, self.model.day, slot, APPROVAL, 0)
            lognormal = terms.approval_median_days * exp(terms.approval_log_sd * z)
        return days_to_effect(terms.approval_days, lognormal, talks, self._trust_at_table(scope))

    # ---- belief ----

    def believe(self, name: str = "approach") -> None:
        """Pool what places have reported, at the granularity that can be seen from here; ``name`` as for the reserve.

        A unit's evidence says something of what is common to all; that, corrected by its own evidence, is
        what is believed of the unit.
        """
        number = newest_report(self.model.day, self.model.table.reporting_delay)
        for service in range(len(self.model.services)):
            for approach in range(self.model.approach_count):
                heard = [self._heard_of(unit, service, approach, number) for unit in self.remits[name].units]
                self._conclude(self.remits[name].scopes[0], heard, service, approach)

    def _heard_of(self, unit: Unit, service: int, approach: int, number: int) -> Heard:
        """Return what a unit's reports say together of one approach: bad news is hidden on the way up."""
        par, clarity = self.model.par, self.model.table.reporting_clarity
        slot = self.model.slot_of(number)
        weights, total = 0.0, 0.0
        for council in unit.members:
            weight = clarity * council.upward.trust * council.told_weight[slot][service][approach]
            weight = weight if number >= 0 else 0.0
            mean = shaded(council.told_mean[slot][service][approach], par.culture_candour, par.approaches_spread)
            weights += weight
            total += weight * mean
        return unit, average(total, weights), weights

    def _conclude(self, first: Scope, heard: list[Heard], service: int, approach: int) -> None:
        """Believe of each unit what the others say of what is common, corrected by what it says itself."""
        local, common = self.model.par.spread_variance_local, self.model.par.spread_variance_common
        weights, total = 0.0, 0.0
        for unit, mean, weight in heard:
            precision = weight_of_message(1.0, weight, local * unit.difference)
            weights += precision
            total += precision * mean
        told, result = heard_from_trial(self.model, first.members[0], first.second, service, approach, 0.0)
        weights += told
        total += told * result
        for unit, mean, weight in heard:
            precision = weight_of_message(1.0, weight, local * unit.difference)
            others = max(0.0, weights - precision)
            expected = pooled_mean(total - precision * mean, others, common)
            unsure = local * unit.difference + pooled_variance(others, common)
            for council in unit.members:
                council.believed(first.second)[service][approach] = own_mean(expected, unsure, mean, weight)
                council.unsure(first.second)[service][approach] = own_variance(unsure, weight)
