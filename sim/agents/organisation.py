"""What organisations have in common."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import mesa
import numpy as np

from sim.agents.links import ByApproach, Desk, Reals
from sim.agents.targets import weight_of
from sim.fast.mandates import TAKE_UP, U_TURN_DAYS
from sim.rules.choice import is_better, newest_report, report_day, salience, worth_changing
from sim.rules.delivery import productivity, reach, training_today
from sim.rules.evidence import average, own_mean, own_variance, weight_of_results
from sim.rules.mandates import chance_to_follow, may_keep, own_experience
from sim.rules.resources import share_of
from sim.state import NOBODY
from sim.streams import uniform

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.model import GovernanceModel


class _Numbering(WeakKeyDictionary[Any, Any]):
    """Agents' numbers, from 1 on in each model. Mesa 3.3 keeps every model alive for these; this does not."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, count(1))


class Organisation(mesa.Agent):
    """A body with a name.

    Parameters
    ----------
    model
        The world it belongs to.
    name
        What it is called.
    """

    model: GovernanceModel
    _ids = _Numbering()

    def __init__(self, model: GovernanceModel, name: str) -> None:
        super().__init__(model)
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Deliverer(Organisation):
    """An organisation that serves people, at a desk for each service that it has a part in."""

    council: LocalAuthority
    desks: list[Desk]
    is_voluntary = 0.0  # 1 for voluntary groups, who know need that others do not see

    def extra_reach(self) -> float:
        """Return whom it reaches of those who do not come forward, as a share."""
        return 0.0

    # ---- what an agent of your own may choose otherwise ----

    def choose_own_approach(self, desk: Desk) -> int | None:
        """Choose the team's own way of working at a desk, where teams hold the approach.

        Returns
        -------
        int or None
            The approach with the highest posterior mean, or None where that is not worth a change.
        """
        best = 0
        for approach, mean in enumerate(desk.team_mean):
            if is_better(mean, desk.team_mean[best]):
                best = approach
        reversal_cost = self.council.remits["approach"].terms.reversal_cost
        return best if worth_changing(desk.team_mean[best], desk.team_mean[desk.approach], reversal_cost) else None

    def choose_to_follow(self, desk: Desk, mandate: int, u: float) -> bool:
        """Choose whether to take a mandate up at a desk this week.

        Parameters
        ----------
        desk, mandate
            Where, and which approach is asked for.
        u
            A uniform random number of this desk and week.
        """
        par, table = self.model.par, self.model.table
        spread, now, gain = par.approaches_spread, desk.approach, self.gain_seen(desk, mandate)
        if may_keep(table.opt_out, desk.weight[now], gain, table.approach.reversal):
            return False
        chance = chance_to_follow(
            par.take_up_discretion, par.take_up_base, self.council.enforcement, par.take_up_belief, gain, spread
        )
        return u < chance

    def gain_seen(self, desk: Desk, mandate: int) -> float:
        """Return what a desk's own experience says it gains by another way, in logs."""
        spread, now = self.model.par.approaches_spread, desk.approach
        return own_experience(desk.mean[mandate], desk.weight[mandate], spread) - own_experience(
            desk.mean[now], desk.weight[now], spread
        )

    # ---- ways of working ----

    def follow(self, desk: Desk, mandate: int) -> None:
        """Take a mandate up at a desk, or keep one's way for now."""
        model = self.model
        if desk.approach != mandate:
            u = uniform(np.uint64(model.seed), np.uint64(self.council.key), model.day, desk.slot, TAKE_UP, 0)
            if self.choose_to_follow(desk, mandate, u):
                self.change_way(desk, mandate)

    def change_way(self, desk: Desk, approach: int) -> None:
        """Change the way of working at a desk: training is owed, and for a while the work is unfamiliar."""
        par, day = self.model.par, self.model.day
        desk.approach = approach
        if desk.trial == approach:
            desk.trial = NOBODY
        desk.unfamiliarity = par.load_unfamiliarity
        desk.training_owed = par.load_training_days * desk.staff
        if day - desk.changed < U_TURN_DAYS:
            self.council.u_turns += desk.share
        desk.changed = day

    def decide_own_approach(self, items: int) -> None:
        """Take the most pressing desks, and ask of each whether another approach is better."""
        council, day = self.council, self.model.day
        pressing = [self._pressing(desk) for desk in self.desks]
        order = sorted(range(len(self.desks)), key=lambda number: -pressing[number])
        for desk in [self.desks[number] for number in order[:items]]:
            desk.looked_at = day
            approach = self.choose_own_approach(desk)
            self.model.watch.decided_at(desk, approach)
            if approach is not None and approach != desk.approach:
                number = newest_report(day, 0)
                council.decisions += desk.share
                council.decided += desk.share
                council.decision_age += desk.share * (day - report_day(number) if number >= 0 else day)
                self.change_way(desk, approach)

    def _pressing(self, desk: Desk) -> float:
        service = self.model.services[desk.service]
        cases, days = self.council.open_cases[desk.service] * desk.share, self.model.day - desk.looked_at
        return salience(weight_of(self.model, desk.service), service.visibility, 1.0, cases, days)

    def conclude(self, desk: Desk, heard: Reals, unsure: Reals) -> None:
        """Correct what was heard of each approach by the team's own work, and by that at the next desks.

        Parameters
        ----------
        desk
            Where.
        heard, unsure
            What others say of each approach, and its variance.
        """
        council = self.council
        understood = self.model.table.partnership * council.language
        lead = council.leads[desk.service]
        for approach in range(self.model.approach_count):
            weight = lead.word() if lead is not None else 0.0
            total = weight * lead.beliefs[approach] if lead is not None else 0.0
            for other in council.serving[desk.service]:
                clarity = 1.0 if other is desk else understood
                total += clarity * other.weight[approach] * other.mean[approach]
                weight += clarity * other.weight[approach]
            mean = average(total, weight)
            desk.team_mean[approach] = own_mean(heard[approach], unsure[approach], mean, weight)
            desk.team_variance[approach] = own_variance(unsure[approach], weight)

    # ---- serving ----

    def train(self, desk: Desk, available: float) -> float:
        """Give today's training at a desk, out of the staff-days of its whole service; return what is left."""
        mine = available * desk.share
        trained = training_today(desk.training_owed, mine)
        desk.training_owed -= trained
        self.council.total_training += trained
        desk.hours = mine - trained
        return desk.hours

    def size_up(self, desk: Desk, help_from_residents: float) -> None:
        """Work out the cases that today's staff-days at a desk could resolve.

        Parameters
        ----------
        desk
            Where.
        help_from_residents
            How much residents' effort multiplies the work of staff.
        """
        par, council = self.model.par, self.council
        reached = reach(council.community.takeup, par.ordinary_takeup, self.extra_reach())
        desk.limit = desk.hours * (self._productivity(desk) * help_from_residents) * reached
        desk.unfamiliarity = desk.unfamiliarity * self.model.fading

    def _productivity(self, desk: Desk) -> float:
        """Return cases resolved per staff-day at a desk."""
        council = self.council
        return productivity(
            council.effect_of(desk.service, desk.approach),
            council.effect_of(desk.service, max(desk.trial, 0)),
            self.council.trial_share if desk.trial >= 0 else 0.0,
            desk.unfamiliarity,
            self._alike(desk),
            self.model.par.approaches_interoperability,
        )

    def _alike(self, desk: Desk) -> float:
        """Return the share of neighbouring places where the same desk works the same way."""
        same, neighbours = 0.0, self.council.neighbours
        for neighbour in neighbours:
            same += 1.0 if neighbour.desks_here[desk.slot].approach == desk.approach else 0.0
        return share_of(same, float(len(neighbours)))

    def learn(self, luck: ByApproach) -> None:
        """See the results of today's work: of the approach in use, and of the one on trial.

        Parameters
        ----------
        luck
            A standard normal for each desk of the place and each approach: the noise in results.
        """
        for desk in self.desks:
            in_use, on_trial = desk.approach, desk.trial
            tried = self.council.trial_share if on_trial >= 0 else 0.0
            precision = self._precision(desk)
            self._see(desk, in_use, precision * (1.0 - tried), luck)
            if on_trial >= 0:
                self._see(desk, on_trial, precision * tried, luck)

    def _precision(self, desk: Desk) -> float:
        par = self.model.par
        own = 1.0 - self.council.allotted(desk.service)
        seen = desk.served_by * self.council.learnt_here[desk.service] * own
        share_of_day = seen / (desk.staff * par.load_cases_per_staff_day)
        return weight_of_results(share_of_day, par.culture_candour, self.council.capability, par.evidence_result_noise)

    def _see(self, desk: Desk, approach: int, precision: float, luck: ByApproach) -> None:
        truth = self.council.log_effect[desk.service][approach]
        desk.see(approach, truth, precision, luck[desk.slot][approach])
