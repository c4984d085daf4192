"""A national shared trial: cases are allotted, results pooled and read, and those who decide hear of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.rules.choice import newest_report
from sim.rules.evidence import forgotten, kalman_mean, result_seen, weight_of_message, weight_of_results
from sim.rules.programmes import is_on
from sim.rules.trials import is_reading, under_protocol
from sim.streams import Purpose, normal

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.agents.links import ByApproach, Desk, Reals
    from sim.model import GovernanceModel

PROTOCOL = int(Purpose.PROTOCOL)


def recruits_today(model: GovernanceModel) -> bool:
    """Say whether a shared trial recruits today, anywhere."""
    par = model.par
    has = bool(par.has_shared_trial > 0.0)
    return has and is_on(model.day, par.shared_trial_first_day, par.shared_trial_length_days)


def pool_results(model: GovernanceModel) -> None:
    """Let the trial see the day's results of every approach, from all recruiters together and clear of bias."""
    if not recruits_today(model):
        return
    for service, tried in enumerate(model.table.shared_trial.tries.tolist()):
        if tried == 1:
            for approach in range(model.approach_count):
                total, weight = _recruited(model, service, approach)
                if weight > 0.0:
                    z = normal(np.uint64(model.seed), np.uint64(0), model.day, service, PROTOCOL, approach)
                    result = result_seen(total / weight, weight, z)
                    means, weights = model.trial_mean[service], model.trial_weight[service]
                    means[approach] = kalman_mean(means[approach], weights[approach], result, weight)
                    weights[approach] += weight


def _recruited(model: GovernanceModel, service: int, approach: int) -> tuple[float, float]:
    """Return what an approach did today at all recruiting desks: the sum of its log by weight, and the weight."""
    par, total, weight = model.par, 0.0, 0.0
    for council, recruits in zip(model.cast.councils, model.table.shared_trial.recruits.tolist(), strict=True):
        share = recruits / model.approach_count
        for desk in council.serving[service]:
            part = desk.served_by * share / (desk.staff * par.load_cases_per_staff_day)
            seen = weight_of_results(part, 1.0, 1.0, par.evidence_result_noise)
            total += seen * council.log_effect[service][approach]
            weight += seen
    return total, weight


def read_results(model: GovernanceModel) -> None:
    """Once a week, note what has been read of the trial by now: more on the day of a reading, else as before."""
    par, week = model.par, model.day // 7
    if par.has_shared_trial == 0.0:
        return
    slot, before = model.slot_of(week), model.slot_of(week + model.setup.sizes["slot"] - 1)
    model.trial_weight = _faded(model.trial_weight, par.drift)
    first, length = int(par.shared_trial_first_day), int(par.shared_trial_length_days)
    if is_reading(model.day, first, length, int(par.shared_trial_read_weeks)):
        model.read_mean[slot] = [row[:] for row in model.trial_mean]
        model.read_weight[slot] = [row[:] for row in model.trial_weight]
    else:
        model.read_mean[slot] = [row[:] for row in model.read_mean[before]]
        model.read_weight[slot] = _faded(model.read_weight[before], par.drift)


def _faded(weights: ByApproach, drift: float) -> ByApproach:
    """Return weights of evidence a week later."""
    return [[forgotten(weight, 7.0 * drift) for weight in row] for row in weights]


def heard_from_trial(
    model: GovernanceModel, council: LocalAuthority, second: int, service: int, approach: int, like: float
) -> tuple[float, float]:
    """Return the precision and the mean with which whoever decides for a place has heard of the trial.

    Parameters
    ----------
    model, council, second, service, approach
        Where, who (1 for a second holder of the approach), and of what.
    like
        How like the place is to the others it hears: what they say is of what is common to them and it.
    """
    trial: Any = model.table.second_trial if second else model.table.shared_trial
    number = newest_report(model.day, int(trial.delay[council.place]))
    if model.par.has_shared_trial == 0.0 or number < 0:
        return 0.0, 0.0
    slot, relation = model.slot_of(number), int(trial.trust[council.place])
    trust = model.cast.relations[relation].trust if relation >= 0 else 1.0
    clarity = float(trial.clarity[council.place]) * trust
    difference = model.par.spread_variance_local * (like + float(trial.difference))
    precision = weight_of_message(clarity, model.read_weight[slot][service][approach], difference)
    return precision, model.read_mean[slot][service][approach]


class Recruiter:
    """A place that may recruit for a shared trial."""

    model: GovernanceModel
    place: int
    log_effect: ByApproach
    effect: ByApproach
    best: Reals

    def allotted(self, service: int) -> float:
        """Return the share of a service's cases that the protocol allots today."""
        trial: Any = self.model.table.shared_trial
        if trial.tries[service] == 1 and recruits_today(self.model):
            return float(trial.recruits[self.place])
        return 0.0

    def effect_of(self, service: int, approach: int) -> float:
        """Return the productivity of an approach, where a share of cases goes to all approaches alike."""
        share, effect = self.allotted(service), self.effect[service]
        return effect[approach] if share == 0.0 else under_protocol(effect[approach], _mean(effect), share)

    def regret_with_trial(self, desk: Desk, usual: float) -> float:
        """Return the regret of a desk, in logs, where a share of cases goes to all approaches alike."""
        share = self.allotted(desk.service)
        if share == 0.0:
            return usual
        return under_protocol(usual, self.best[desk.service] - _mean(self.log_effect[desk.service]), share)

    def trial_time(self) -> float:
        """Return the share of working time that recruiting takes today."""
        recruiting = self.model.table.shared_trial.recruits[self.place] > 0.0 and recruits_today(self.model)
        return float(self.model.par.shared_trial_time) if recruiting else 0.0


def _mean(values: Reals) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values)
