"""The part of a place in activity targets: what it reports, and where its effort turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.rules.programmes import is_on
from sim.rules.resources import seen_weight
from sim.rules.targets import drawn_off, said_to_be_served, turned_here

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.agents.links import Reals
    from sim.agents.remit import Terms
    from sim.model import GovernanceModel


def counts_today(model: GovernanceModel) -> bool:
    """Say whether activity is counted today."""
    par = model.par
    has = bool(par.has_targets > 0.0)
    return has and is_on(model.day, par.targets_first_day, par.targets_length_days)


def weight_of(model: GovernanceModel, service: int) -> float:
    """Return what a case weighs for those who decide: its harm, or what is counted, where they follow that."""
    table = model.table.programmes
    if table.follows == 1 and counts_today(model):
        return float(table.counted_weight[service])
    return float(model.services[service].harm_weight)


def claim_on(model: GovernanceModel, terms: Terms, council: LocalAuthority, service: int, cases: float) -> float:
    """Return the claim of a service of a place on surge staff or paid help, by its open cases as they are known."""
    return seen_weight(terms.in_the_room[service], weight_of(model, service), cases, council.thousand)


class Counted:
    """A place in which activity may be counted. Units and meanings are declared in `sim.state`."""

    model: GovernanceModel
    open_cases: Reals
    shown: Reals
    served: Reals
    staff: Reals
    moved_out: Reals
    surge_staff: Reals
    aid_out: float
    absent: float
    coordination: float
    analysis: float
    busy: float
    total_lost: float
    total_gamed: float

    def is_counted(self, service: int) -> bool:
        """Say whether the activity of a service is counted today."""
        return bool(self.model.table.programmes.counted[service] == 1) and counts_today(self.model)

    def need_to_tell(self, service: int) -> float:
        """Return the open cases of a service as they are reported: some that are called served are left out."""
        par, claimed = self.model.par, 0.0
        if self.is_counted(service):
            left = max(0.0, self.open_cases[service] - self.shown[service])
            claimed = said_to_be_served(self.served[service], left, par.targets_target, par.targets_gaming)
        self.total_gamed += claimed
        return self.open_cases[service] - claimed

    def turn_to_what_counts(self, lent: float) -> None:
        """Let effort turn to what is counted: surge staff fall elsewhere and rise there.

        Parameters
        ----------
        lent
            Share of permanent staff who are lent to other places today.
        """
        if not counts_today(self.model):
            return
        par, pool, counted = self.model.par, 0.0, 0.0
        skill = par.friction_skill_elsewhere
        for k, staff in enumerate(self.staff):
            if self.is_counted(k):
                counted += staff
            else:
                own = (staff - self.moved_out[k]) * (1.0 - lent) + self.surge_staff[k]
                turned = drawn_off(par.targets_shift, own)
                pool += turned
                self.surge_staff[k] -= turned
        for k, staff in enumerate(self.staff):
            if self.is_counted(k):
                self.surge_staff[k] += turned_here(pool, skill, staff, counted)
        working = 1.0 - self.coordination - self.analysis - self.busy
        self.total_lost += (1.0 - skill) * pool * (1.0 - self.absent) * working

    def striving(self, service: int) -> float:
        """Return how much more is done in the same time: more than 1 where it is counted."""
        return 1.0 + float(self.model.par.targets_rise) if self.is_counted(service) else 1.0
