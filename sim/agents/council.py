"""The council of a place. It keeps the books of its place, and decides what it has the power to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.community import Community
from sim.agents.helped import Helped
from sim.agents.holder import Holder
from sim.agents.links import ByApproach, Desk, Line, Reals, Relation, Tie
from sim.agents.morale import Staffed
from sim.agents.need import Needed
from sim.agents.organisation import Deliverer
from sim.agents.programmes import Learner
from sim.agents.remit import Scope
from sim.agents.stores import Stores
from sim.agents.targets import Counted
from sim.agents.teams import SectorLead
from sim.agents.trials import heard_from_trial
from sim.fast.deliver import CLINICAL, SHORT_DAYS, SPARE_DAYS
from sim.fast.mandates import OVERRIDE, U_TURN_DAYS
from sim.fast.record import NEAR
from sim.fast.relate import WEEK
from sim.rules.choice import imagined, is_better, is_report_day, is_u_turn, newest_report, report_day, worth_changing
from sim.rules.delivery import (
    first_offer,
    lapsing,
    remembered,
    residents_help,
    residents_strength,
    second_offer,
)
from sim.rules.epidemic import absent_or_away
from sim.rules.evidence import (
    average,
    own_mean,
    own_variance,
    pooled_mean,
    pooled_variance,
    shaded,
    weight_of_message,
)
from sim.rules.mandates import works_better
from sim.rules.prevention import prevention_today
from sim.rules.relations import language_after_work, trust_after_help, trust_after_slight
from sim.rules.resources import lendable, share_of, staff_wanted
from sim.state import NOBODY
from sim.streams import uniform

if TYPE_CHECKING:
    from sim.agents.tiers import ResilienceForum
    from sim.model import GovernanceModel

Wholes = list[int]


class LocalAuthority(Deliverer, Holder, Stores, Helped, Needed, Staffed, Learner, Counted):
    """A council: public health, social care, welfare; and the joint table of its place.

    What a list holds service by service has one entry for each service. Units and meanings of what it
    remembers from day to day are declared in `sim.state`.

    Parameters
    ----------
    model, name, key
        As for every holder.
    """

    is_place = True

    # need
    open_cases: Reals
    served: Reals
    lapsed: Reals
    lapsed_this_week: float
    # ways of working
    mandate: Wholes
    silenced: Wholes
    approach_next: Wholes
    approach_due: Wholes
    approach_considered: Wholes
    second_considered: Wholes
    # surge staff
    reserve: Reals
    reserve_next: Reals
    reserve_due: int
    # staff moved between services and places
    moved_out: Reals
    moved_in: Reals
    aid_out: float
    aid_in: Reals
    moved_out_next: Reals
    moved_in_next: Reals
    aid_out_next: float
    aid_in_next: Reals
    workforce_due: int
    spare: Reals
    short: Reals
    prevention: Reals
    # restriction
    restricted: float
    restricted_before: float
    restricted_next: float
    restriction_due: int
    restriction_changed: int
    # what is known
    belief_mean: ByApproach
    belief_variance: ByApproach
    second_belief_mean: ByApproach
    second_belief_variance: ByApproach
    told_mean: list[ByApproach]
    told_weight: list[ByApproach]
    told_need: list[Reals]
    told_rate: Reals
    # relations
    language: float
    overrides_this_week: float
    joined: int
    # running totals
    total_harm: float
    total_served: Reals
    total_lapsed: Reals
    total_deaths: float
    total_restricted: float
    total_support: float
    total_present: float
    total_duties: float
    total_absent: float
    total_coordination: float
    total_analysis: float
    total_training: float
    total_prevention: float
    total_lost: float
    total_used: float
    total_idle: float
    total_missing: float
    decisions: float
    decided: float
    decision_wait: float
    decision_age: float
    u_turns: float
    overrides: float
    talks: float
    talks_failed: float
    unowned: float
    owned_twice: float
    mandated: float
    refused: float

    def __init__(self, model: GovernanceModel, name: str, key: int) -> None:
        super().__init__(model, name, key)
        self.council, self.desks = self, []
        # Who is here and next door.
        self.community: Community
        self.neighbours: list[LocalAuthority] = []
        self.leads: list[SectorLead | None] = []  # of each service; clinical care has none
        self.organisations: list[Deliverer] = []  # who serves people here, the council included
        self.serving: list[list[Desk]] = []  # desks of each service, whoever works there
        self.stays_lent = 0.0  # staff who are lent to others whatever is planned within the place
        self.owned_by: dict[str, list[Scope]] = {}  # by power, the scopes by which it is decided for here
        self.desks_here: list[Desk] = []  # the same, in order of their slots
        self.teams_decide = False  # whether the teams hold the approach, each for its own work
        # What the place is like.
        self.population, self.thousand = 0.0, 0.0
        self.ordinary_need: Reals = []  # cases a day
        self.restriction_need: Reals = []  # cases a day that full restriction makes
        self.staff: Reals = []  # permanent staff of each service
        self.all_staff = 0.0
        self.forum: ResilienceForum | None = None
        self.responder_staff: Reals = []  # of each kind of responder
        self.capability, self.preference = 0.0, 0.0
        self.enforcement = 0.0  # log-odds that enforcement and consent add to the take-up of a mandate
        # What works here, unknown to all: log productivity, cases a staff-day, the best's log.
        self.log_effect: ByApproach = []
        self.effect: ByApproach = []
        self.best: Reals = []
        # What links and preparing decisions take, as shares of working time; what trials take of cases.
        self.coordination, self.analysis, self.trial_share = 0.0, 0.0, 0.0
        # Whom it trusts and hears.
        self.upward, self.in_open_base = Relation(), Relation()
        self.ties: list[Tie] = []
        self.lines: list[Line] = []
        # Of today only.
        self.surge = 0.0  # rise of need, as a share of ordinary need
        self.chronic: Reals = []  # the same, of each service, within the reach of prevention
        self.struck: Reals = []  # cases that crises bring to each service
        self.away = 0.0  # share of staff whom a crisis keeps from work
        self.absent = 0.0
        self.surge_staff: Reals = []  # surge staff of each service
        self.busy = 0.0  # share of working time that programmes take
        # Of a round of the workforce power only.
        self.spare_left, self.short_left = 0.0, [0.0]
        self.can_lend, self.would_take, self.offered = 0.0, 0.0, 0.0

    # ---- strike ----

    def outbreak_control(self) -> float:
        """Return the share of yesterday's outbreak control that was done."""
        done, left = self.served[0], self.open_cases[0]
        return done / (done + left) if done + left > 0.0 else 0.0

    # ---- report ----

    def report(self) -> None:
        """Forget a little, and tell evidence, need and case rates."""
        slot = self.model.slot_of(self.model.day // 7)
        for k, desks in enumerate(self.serving):
            for desk in desks:
                desk.forget(7.0 * self.model.par.drift)
            self._tell_evidence(slot, k, desks)
        self.told_need[slot] = [self.need_to_tell(k) for k in range(len(self.open_cases))]
        self.tell_supplies(slot)
        reported = self.model.par.epidemic_ascertainment * 100.0
        self.told_rate[slot] = reported * self.community.cases_this_week / self.thousand
        self.community.cases_this_week = 0.0

    def _tell_evidence(self, slot: int, service: int, desks: list[Desk]) -> None:
        """Put together what the desks have seen at first hand, and the sector lead's word.

        What another sector has seen is understood as far as the partnership and a shared language allow.
        """
        lead, understood = self.leads[service], self.model.table.partnership * self.language
        word = lead.word() if lead is not None else 0.0
        clarity = [1.0 if desk.leads else understood for desk in desks]
        for approach in range(self.model.approach_count):
            weight = word
            total = word * lead.beliefs[approach] if lead is not None else 0.0
            for desk, clear in zip(desks, clarity, strict=True):
                total += clear * desk.weight[approach] * desk.mean[approach]
                weight += clear * desk.weight[approach]
            self.told_mean[slot][service][approach] = average(total, weight)
            self.told_weight[slot][service][approach] = 0.0 if self.silenced[service] == approach else weight

    def told(self, slot: int) -> tuple[ByApproach, ByApproach]:
        """Return means and weights of the evidence as told in a week's report."""
        return self.told_mean[slot], self.told_weight[slot]

    def honesty(self) -> float:
        """Return how candid it is with other places: where they compete for a pot, no more than with those above."""
        competing = self.model.pays_today and self.model.table.help.pots == 1
        return self.model.par.culture_candour if competing else 1.0

    def need_as_known(self, service: int, delay_days: int) -> float:
        """Return open cases as a decider knows them: today's, or those of the newest report."""
        if delay_days == 0:
            return self.open_cases[service]
        number = newest_report(self.model.day, delay_days)
        return self.told_need[self.model.slot_of(number)][service] if number >= 0 else 0.0

    # ---- decide: what is due takes effect ----

    def take_effect(self) -> None:
        """Put into effect the decisions whose approvals are through."""
        day = self.model.day
        for service, due in enumerate(self.approach_due):
            if 0 <= due <= day:
                self._proclaim(service)
        if 0 <= self.reserve_due <= day:
            self.reserve_due = NOBODY
            self.reserve = self.reserve_next[:]
        if 0 <= self.workforce_due <= day:
            self.workforce_due = NOBODY
            self.moved_out, self.moved_in = self.moved_out_next[:], self.moved_in_next[:]
            self.aid_out, self.aid_in = self.aid_out_next, self.aid_in_next[:]
        if 0 <= self.restriction_due <= day:
            self._restrict()

    def _proclaim(self, service: int) -> None:
        """Let a decision on the approach of a service be the mandate from today on, unless talks on it failed."""
        if self.approach_next[service] < 0:
            self.approach_due[service] = NOBODY
            return
        self.mandate[service] = self.approach_next[service]
        self.silenced[service] = NOBODY
        self.approach_next[service] = NOBODY
        self.approach_due[service] = NOBODY
        self._pass_on(service)

    def _pass_on(self, service: int) -> None:
        """Ask every desk of a service to take the mandate up."""
        for desk in self.serving[service]:
            desk.organisation.follow(desk, self.mandate[service])

    def review_mandates(self) -> None:
        """Let those who have not taken a mandate up think again, and count them."""
        if self.teams_decide:
            return
        for service, mandate in enumerate(self.mandate):
            if mandate >= 0:
                for desk in self.serving[service]:
                    desk.organisation.follow(desk, mandate)
                    self._override(desk, mandate)
                    self.mandated += desk.share
                    if desk.approach != mandate:
                        self.refused += desk.share

    def _override(self, desk: Desk, mandate: int) -> None:
        """Let those above override a desk that still departs though its own way works: its way is told of no more."""
        model, way = self.model, desk.approach
        share = model.table.override
        if share == 0.0 or way == mandate or self.gives_mandates():
            return
        gain = desk.organisation.gain_seen(desk, mandate)
        if works_better(desk.weight[way], gain, model.table.approach.reversal):
            luck = uniform(np.uint64(model.seed), np.uint64(self.key), model.day, desk.slot, OVERRIDE, 0)
            if luck < share:
                self.overrides += desk.share
                self.overrides_this_week += desk.share
                self.silenced[desk.service] = way
                desk.organisation.change_way(desk, mandate)

    def _restrict(self) -> None:
        """Bring in or lift a restriction."""
        self.restriction_due = NOBODY
        if self.restricted != self.restricted_next:
            back = is_u_turn(self.restricted_next, self.restricted, self.restricted_before)
            if back and self.model.day - self.restriction_changed < U_TURN_DAYS:
                self.u_turns += 1.0
            self.restricted_before, self.restricted = self.restricted, self.restricted_next
            self.restriction_changed = self.model.day

    def count_owners(self, powers: dict[str, tuple[int, int]]) -> None:
        """Count today, for each power, whether it has no owner since its last round, or two.

        Parameters
        ----------
        powers
            By name: day of its last round, and the role slot of its draws.
        """
        for name, (held, slot) in powers.items():
            owners = [scope.is_taken_up(self.model.seed, held, slot) for scope in self.owned_by[name]]
            self.unowned += 0.0 if any(owners) else 1.0
            self.owned_twice += 1.0 if all(owners) and len(owners) == 2 else 0.0

    # ---- decide: what is decided for the place ----

    def hear_instruction(self, service: int, approach: int, wait: int, own: bool) -> None:
        """Take note of a new approach; an order that displaces what works here is remembered."""
        if self.mandate[service] == approach:
            return
        day = self.model.day
        self.approach_next[service] = approach
        self.approach_due[service] = day + wait
        self.decisions += 1.0
        self.decision_wait += wait
        number = newest_report(day, 0 if own else self.model.table.reporting_delay)
        self.decision_age += day - report_day(number) if number >= 0 else day
        if not own and not self.model.table.opt_out:
            displaced = self._overridden(service, approach)
            self.overrides += displaced
            self.overrides_this_week += displaced

    def _overridden(self, service: int, approach: int) -> float:
        """Return the share of staff whose way an order displaces though the place has seen it do better."""
        number, share = newest_report(self.model.day, 0), 0.0
        if number < 0:
            return share
        slot, reversal_cost = self.model.slot_of(number), self.model.table.approach.reversal
        mean, weight = self.told_mean[slot][service], self.told_weight[slot][service]
        for desk in self.serving[service]:
            now = desk.approach
            if weight[now] > 0.0 and worth_changing(mean[now], mean[approach], reversal_cost):
                share += desk.share
        return share

    def gives_mandates(self) -> bool:
        """Say whether it decides its ways of working itself, alone or beside somebody above, or its teams do."""
        table = self.model.table
        return bool(table.approach.place_holds[self.place] + table.second_approach.place_holds[self.place] > 0)

    def considered(self, second: int) -> Wholes:
        """Return the days on which a holder of the approach, the first or the second, last considered each service."""
        return self.second_considered if second else self.approach_considered

    def believed(self, second: int) -> ByApproach:
        """Return what a holder of the approach expects of it here, service by service."""
        return self.second_belief_mean if second else self.belief_mean

    def unsure(self, second: int) -> ByApproach:
        """Return how unsure it is of that."""
        return self.second_belief_variance if second else self.belief_variance

    def belief_in_use(self, service: int, second: int = 0) -> float:
        """Return what is believed of the ways in use at the desks of a service, by share of staff."""
        believed = 0.0
        for desk in self.serving[service]:
            believed += desk.share * self.believed(second)[service][desk.approach]
        return believed

    def choose_trials(self, luck: ByApproach) -> None:
        """Put at each desk the most promising other approach on trial, where licensed (Thompson sampling).

        Parameters
        ----------
        luck
            A standard normal for each desk and approach.
        """
        for desk in self.desks_here:
            best, top = NOBODY, 0.0
            if self.trial_share > 0.0:
                means, variances = self._beliefs_at(desk)
                for approach in range(self.model.approach_count):
                    if approach != desk.approach:
                        drawn = imagined(means[approach], variances[approach], luck[desk.slot][approach])
                        if best < 0 or is_better(drawn, top):
                            best, top = approach, drawn
            desk.trial = best

    def _beliefs_at(self, desk: Desk) -> tuple[Reals, Reals]:
        """Return means and variances of whoever decides the way of working at a desk."""
        if self.teams_decide:
            return desk.team_mean, desk.team_variance
        return self.belief_mean[desk.service], self.belief_variance[desk.service]

    # ---- decide: staff lent and borrowed ----

    def count_what_is_left(self) -> None:
        """Note the spare time and the shortages that plans within the place leave; what to lend and to take."""
        par = self.model.par
        self.spare_left, left, missing = 0.0, 0.0, 0.0
        for k, spare in enumerate(self.spare):
            self.spare_left += max(0.0, spare - self.moved_out_next[k])
            left += self.staff[k] - max(self.moved_out[k], self.moved_out_next[k])
            self.short_left[k] = max(0.0, self.short[k] - par.friction_skill_elsewhere * self.moved_in_next[k])
            missing += self.short_left[k]
        lent = lendable(self.spare_left, missing, self.all_staff, par.friction_aid_margin, par.friction_aid_cap)
        self.can_lend = min(lent, left)  # not those who work for another service of the place
        kept = 1.0 - par.friction_aid_loss
        self.would_take = staff_wanted(missing, par.friction_skill_elsewhere * kept)
        self.offered = 0.0

    def offer_aid(self) -> None:
        """Offer spare staff to peers, by their shortage and one's trust in them."""
        claims = 0.0
        for tie in self.ties:
            claims += tie.peer.would_take * tie.relation.trust
        for tie in self.ties:
            claim = tie.peer.would_take * tie.relation.trust
            tie.relation.helped = self.can_lend * share_of(claim, claims)
            tie.peer.offered += tie.relation.helped

    def settle_aid(self) -> None:
        """Agree with peers: nobody takes more than it needs. Mutual aid starts at once."""
        self.aid_out_next = 0.0
        for tie in self.ties:
            needed = share_of(tie.peer.would_take, tie.peer.offered)
            tie.relation.helped = tie.relation.helped * min(1.0, needed)
            self.aid_out_next += tie.relation.helped
        self.expect_aid(min(self.offered, self.would_take))
        self.aid_out, self.aid_in = self.aid_out_next, self.aid_in_next[:]

    def staff_to_move(self) -> float:
        """Return the staff whom a plan moves, between services and to other places."""
        moved = self.aid_out_next
        for staff in self.moved_out_next:
            moved += staff
        return moved

    def expect_aid(self, staff: float) -> None:
        """Plan staff from elsewhere, net of what is lost in moving, where they are most missing."""
        missing = 0.0
        for short in self.short_left:
            missing += short
        loss = self.model.par.friction_aid_loss
        self.aid_in_next = [staff * (1.0 - loss) * share_of(short, missing) for short in self.short_left]

    def send_aid_home(self) -> None:
        """End all lending, when a dated change alters who may lend."""
        self.aid_out = self.aid_out_next = 0.0
        self.aid_in = [0.0] * len(self.aid_in)
        self.aid_in_next = [0.0] * len(self.aid_in)
        self.workforce_due = NOBODY

    # ---- deliver ----

    def deliver(self) -> None:
        """Serve, service by service."""
        self._keep_time()
        par = self.model.par
        strength = residents_strength(self.community.effort, par.ordinary_effort, par.culture_effort_worth)
        for service in range(len(self.open_cases)):
            self._serve(service, strength)
        self.perish()
        self.drift_away()
        unserved = self.open_cases[CLINICAL] + self.lapsed[CLINICAL]
        self.community.mourn(share_of(unserved, self.served[CLINICAL] + unserved))

    def _keep_time(self) -> None:
        """Book who is present, absent, or busy with links and preparing decisions."""
        par, present, moved = self.model.par, 0.0, 0.0
        self.busy, self.surge_staff = self.programme_time(), self.pool_surge()
        missing = absent_or_away(self.community.absent_share(), self.away)
        self.absent = absent_or_away(missing, self.vacant)
        for k, staff in enumerate(self.staff):
            present += staff - self.moved_out[k] + self.reserve[k] + self.moved_in[k] + self.aid_in[k]
            joined = self.responders_in(k)
            present += joined
            moved += self.moved_in[k] + self.aid_in[k] + joined
        present -= self.aid_out
        at_work = present * (1.0 - self.absent)
        working = 1.0 - self.coordination - self.analysis - self.busy
        self.total_present += present
        self.total_duties += self.on_own_duties()
        self.total_vacant += present * self.vacant
        self.total_absent += present * (1.0 - self.vacant) * missing
        self.total_coordination += at_work * self.coordination
        self.total_analysis += at_work * self.analysis
        self.total_programmes += at_work * self.busy
        unskilled = (1.0 - par.friction_skill_elsewhere) * moved * (1.0 - self.absent) * working
        self.total_lost += unskilled + self.aid_out * par.friction_aid_loss
        self.turn_to_what_counts(self._lent())

    def _serve(self, k: int, strength: float) -> None:
        """Serve one service: what is not served stays open, or lapses."""
        time = (1.0 - self.absent) * (1.0 - self.coordination - self.analysis - self.busy)
        worth = self.help_here(k)
        available = self._staff_at_work(k) * time + worth
        left = 0.0
        for desk in self.serving[k]:
            left += desk.organisation.train(desk, available)
        preventing = self._prevent(k, left)
        helped = residents_help(strength, self.model.services[k].coproduction)
        for desk in self.serving[k]:
            desk.hours -= preventing * share_of(desk.hours, left)
            desk.organisation.size_up(desk, helped * self.striving(k))
        reachable = self.within_supplies(k, self.open_cases[k])
        capacity, used, limit = self._offer(k, reachable)
        left = self.open_cases[k] - self.served[k]
        unsupplied = self.use_supplies(k, reachable, min(self.open_cases[k], limit), self.served[k])
        self.lapsed[k] = lapsing(left, self.model.services[k].lapse_rate)
        self.open_cases[k] = left - self.lapsed[k]
        self.lapsed_this_week += self.lapsed[k]
        self.total_used += used
        self.book_help(k, worth, used, capacity)
        self.total_idle += capacity - used
        per_day = share_of(limit, capacity)
        self.total_missing += share_of(left - unsupplied, per_day)
        home = (self.staff[k] + self.surge_staff[k]) * time + worth - preventing
        self._expect(k, share_of(self.shown[k] + 0.1 * self.open_cases[k], per_day), home)

    def _prevent(self, k: int, available: float) -> float:
        """Return the staff-days that prevention takes of a service's time today, and remember its share of it."""
        par, share = self.model.par, float(self.model.table.prevention_share[k])
        preventing = prevention_today(available, share, self.short[k], par.prevention_squeeze)
        self.prevention[k] = remembered(self.prevention[k], share_of(preventing, available), par.prevention_lag_days)
        self.total_prevention += preventing
        return preventing

    def _staff_at_work(self, k: int) -> float:
        """Return staff of a service: its own who are not lent, surge staff, and less skilled help from elsewhere."""
        own = (self.staff[k] - self.moved_out[k]) * (1.0 - self._lent()) + self.surge_staff[k]
        helpers: float = self.model.par.friction_skill_elsewhere * (
            self.moved_in[k] + self.aid_in[k] + self.responders_in(k)
        )
        return own + helpers

    def _lent(self) -> float:
        """Return the share of permanent staff who are lent to other places."""
        return min(1.0, share_of(self.aid_out, self._staff_left()))

    def responders_in(self, k: int) -> float:
        """Return the responders who help with a service today: none unless a co-ordinating group stands."""
        joined = 0.0
        if self.forum is not None and self.forum.group_stands():
            for responder, staff in zip(self.forum.responders, self.responder_staff, strict=True):
                joined += staff if responder.service == k else 0.0
        return joined

    def on_own_duties(self) -> float:
        """Return the responders of the place who are not called on today."""
        busy = 0.0
        if self.forum is None or not self.forum.group_stands():
            for staff in self.responder_staff:
                busy += staff
        return busy

    def _staff_left(self) -> float:
        """Return permanent staff who do not work for another service of the place."""
        left = 0.0
        for staff, moved_out in zip(self.staff, self.moved_out, strict=True):
            left += staff - moved_out
        return left

    def _offer(self, k: int, cases: float) -> tuple[float, float, float]:
        """Offer cases in proportion to capacity, and what one cannot use once more.

        Returns
        -------
        capacity, used, limit
            Staff-days there are and staff-days used, and cases that could have been served.
        """
        desks = self.serving[k]
        capacity, limits = 0.0, 0.0
        for desk in desks:
            capacity += desk.hours
            limits += desk.limit
        rest, room = cases, 0.0
        for desk in desks:
            desk.served_by = first_offer(cases, share_of(desk.hours, capacity), desk.limit)
            rest -= desk.served_by
            room += desk.limit - desk.served_by
        rest = max(0.0, rest)
        used, total = 0.0, 0.0
        for desk in desks:
            desk.served_by += second_offer(rest, desk.limit - desk.served_by, room)
            total += desk.served_by
            used += desk.hours * share_of(desk.served_by, desk.limit)
        self.served[k] = min(total, cases)
        return capacity, min(used, capacity), limits

    def _expect(self, k: int, wanted: float, home: float) -> None:
        """Expect spare time and shortages like today's, with some memory of the days before."""
        self.spare[k] = remembered(self.spare[k], max(0.0, home - wanted), SPARE_DAYS)
        self.short[k] = remembered(self.short[k], max(0.0, wanted - home), SHORT_DAYS)

    # ---- share ----

    def decide_approach(self, name: str = "approach") -> None:
        """Decide as any holder does, or let the teams decide, each for its own work."""
        if not self.teams_decide:
            super().decide_approach(name)
            return
        for organisation in self.organisations:
            organisation.decide_own_approach(self._items(self.remits["approach"]))

    def believe(self, name: str = "approach") -> None:
        """Pool what is heard from others with what has been seen here."""
        second = self.remits[name].scopes[0].second
        weights, total, like = self._listen()
        self._hear_of_trial(second, weights, total, like)
        local, common = self.model.par.spread_variance_local, self.model.par.spread_variance_common
        prior = common + local * like
        seen, seen_weight = self.told(self.model.slot_of(self.model.day // 7))
        for k, row in enumerate(seen):
            heard = [pooled_mean(total[k][a], weights[k][a], prior) for a in range(len(row))]
            unsure = [local * (1.0 - like) + pooled_variance(weight, prior) for weight in weights[k]]
            for a, mean in enumerate(row):
                self.believed(second)[k][a] = own_mean(heard[a], unsure[a], mean, seen_weight[k][a])
                self.unsure(second)[k][a] = own_variance(unsure[a], seen_weight[k][a])
            if self.teams_decide:
                for desk in self.serving[k]:
                    desk.organisation.conclude(desk, heard, unsure)

    def _listen(self) -> tuple[ByApproach, ByApproach, float]:
        """Hear each sender's newest message; return sums of weights and of means, and the senders' likeness."""
        weights = [[0.0] * self.model.approach_count for _ in self.open_cases]
        total = [[0.0] * self.model.approach_count for _ in self.open_cases]
        like, clear = 0.0, 0.0
        for line in self.lines:
            number = newest_report(self.model.day, line.delay_days)
            if number >= 0:
                clarity = line.clarity_now()
                clear += clarity
                like += clarity * line.likeness
                self._hear(line, clarity, self.model.slot_of(number), weights, total)
        return weights, total, average(like, clear)

    def _hear(self, line: Line, clarity: float, slot: int, weights: ByApproach, total: ByApproach) -> None:
        """Add one sender's message to the sums."""
        difference = self.model.par.spread_variance_local * (1.0 - line.likeness)
        means, message_weights = line.sender.told(slot)
        honest, spread = line.sender.honesty(), self.model.par.approaches_spread
        for k, row in enumerate(means):
            message, sums, summed = message_weights[k], weights[k], total[k]
            for a, mean in enumerate(row):
                precision = weight_of_message(clarity, message[a], difference)
                sums[a] += precision
                summed[a] += precision * shaded(mean, honest, spread)

    def _hear_of_trial(self, second: int, weights: ByApproach, total: ByApproach, like: float) -> None:
        """Add what has been read of a shared trial to the sums."""
        for k, sums in enumerate(weights):
            for a in range(len(sums)):
                precision, mean = heard_from_trial(self.model, self, second, k, a, like)
                sums[a] += precision
                total[k][a] += precision * mean

    # ---- relate ----

    def relate(self) -> None:
        """Let the week's dealings tell: on trust, on shared language, and on residents."""
        self.bear()
        self.develop()
        self._trust_those_above()
        growth = self.model.par.culture_trust_growth * self.times_faster()
        for tie in self.ties:  # twice as fast in those who help
            times = 2.0 if tie.back.helped > 0.0 else 1.0
            tie.relation.trust = trust_after_help(tie.relation.trust, growth * times, WEEK)
        self._understand_one_another()
        self.community.feel(share_of(self.lapsed_this_week, self.need_this_week))
        self.lapsed_this_week = 0.0
        self.need_this_week = 0.0

    def _trust_those_above(self) -> None:
        """Trust grows with being heard and told, falls with overrides and with being kept in the dark."""
        par, table = self.model.par, self.model.table
        growth, in_the_dark = par.culture_trust_growth * self.times_faster(), table.in_the_dark
        if table.trusts_up:
            trust = trust_after_help(self.upward.trust, growth * (1 - in_the_dark), WEEK)
            slights = self.overrides_this_week + in_the_dark
            self.upward.trust = trust_after_slight(
                trust, par.culture_trust_growth, par.culture_trust_loss_ratio, slights
            )
        if table.open_base:
            self.in_open_base.trust = trust_after_help(self.in_open_base.trust, growth, WEEK)
        self.overrides_this_week = 0.0

    def _understand_one_another(self) -> None:
        """Shared language grows with joint work across sectors."""
        par = self.model.par
        self.language = language_after_work(
            self.language,
            par.culture_language_start,
            par.culture_language_growth * self.times_faster(),
            par.culture_language_fade,
            self.joint_work(),
            WEEK,
        )

    # ---- record ----

    def record(self, today: dict[str, float]) -> None:
        """Add today to the totals of the place, and to the nation's row of today."""
        harm = 0.0
        for k, service in enumerate(self.model.services):
            waiting, gone = self.open_cases[k] + self.hidden[k], self.lapsed[k] + self.unseen[k]
            harm += service.harm_weight * (waiting + self.model.par.load_lapse_case_days * gone)
            self._record_service(k, today)
        for desk in self.desks_here:
            self._record_desk(desk, today)
        restricted = self.restricted * self.population
        self.total_harm += harm
        self.total_deaths += self.community.deaths_today
        self.total_restricted += restricted
        self.total_support += self.model.par.restriction_support_gbp * restricted
        today["harm"] += harm
        today["cases"] += self.community.new_cases
        today["deaths"] += self.community.deaths_today
        today["restricted"] += restricted
        today["idle_so_far"] += self.total_idle
        today["missing_so_far"] += self.total_missing
        today["language"] += self.language
        today["confidence"] += self.community.confidence
        today["morale"] += self.morale
        today["trust"] += self._trust_in_others()
        if is_report_day(self.model.day):
            today["belief_error"] += self._belief_error()

    def _record_service(self, k: int, today: dict[str, float]) -> None:
        self.total_served[k] += self.served[k]
        self.total_lapsed[k] += self.lapsed[k]
        today["open"] += self.open_cases[k]
        today["need"] += self.new_need[k]
        today["served"] += self.served[k]
        today["lapsed"] += self.lapsed[k]

    def _record_desk(self, desk: Desk, today: dict[str, float]) -> None:
        regret = self.regret_at(desk)
        today["regret"] += desk.share * regret
        today["near_best"] += desk.share if regret <= NEAR else 0.0

    def regret_at(self, desk: Desk) -> float:
        """Return how far the approach in use at a desk, trials included, lies below the best, in logs."""
        share = self.trial_share if desk.trial >= 0 else 0.0
        log_effect = self.log_effect[desk.service]
        used, tried = log_effect[desk.approach], log_effect[max(desk.trial, 0)]
        usual = self.best[desk.service] - ((1.0 - share) * used + share * tried)
        return self.regret_with_trial(desk, usual)

    def _belief_error(self) -> float:
        """Return how far off, in logs, those who hold its approaches are: mean over desks and approaches."""
        total = 0.0
        for desk in self.desks_here:
            believed, _ = self._beliefs_at(desk)
            for mean, true in zip(believed, self.log_effect[desk.service], strict=True):
                gap = mean - true
                total += desk.share * (gap if gap > 0.0 else -gap)
        return total / self.model.approach_count

    def _trust_in_others(self) -> float:
        """Return mean trust over the ties there are: to peers, and upward where there is anybody."""
        trusts_up = self.model.table.trusts_up
        total, count = self.upward.trust * trusts_up, trusts_up + len(self.ties)
        for tie in self.ties:
            total += tie.relation.trust
        return total / count if count > 0 else self.upward.trust
