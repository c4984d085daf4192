"""A national shared trial: cases are allotted (deliver), results pooled (learn), read, and heard of (share)."""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.rules.choice import newest_report
from sim.rules.evidence import forgotten, kalman_mean, result_seen, weight_of_message, weight_of_results
from sim.rules.programmes import is_on
from sim.rules.trials import is_reading, under_protocol
from sim.streams import Purpose, normal

PROTOCOL = int(Purpose.PROTOCOL)
NO_PLACE = np.uint64(0)  # its draws belong to no place


@lanes
def recruits_today(day, t):
    """Say whether a shared trial recruits today, anywhere."""
    return t.par.has_shared_trial > 0.0 and is_on(day, t.par.shared_trial_first_day, t.par.shared_trial_length_days)


@lanes
def allotted(day, t, p, k):
    """Return the share of a service's cases in a place that the protocol allots today."""
    if t.shared_trial.tries[k] == 1 and recruits_today(day, t):
        return t.shared_trial.recruits[p]
    return 0.0


@lanes
def mean_of(effects, n, p, k, w):
    """Return the mean over all approaches."""
    total, approaches = 0.0, effects.shape[3]
    for b in range(approaches):
        total += effects[n, p, k, b, w]
    return total / approaches


@lanes
def find_mean(day, x, p, k, share, mean):
    """Fill the mean productivity (W,) of all approaches, where a share of cases goes to all alike; else 0."""
    for w in range(len(mean)):
        mean[w] = 0.0
    if share > 0.0:
        for w in range(len(mean)):
            mean[w] = mean_of(x.effect, x.stretch[day, w], p, k, w)


@lanes
def regret_of(x, n, p, k, w, usual, share):
    """Return the regret of a desk, in logs, where a share of cases goes to all approaches alike."""
    return under_protocol(usual, x.best[n, p, k, w] - mean_of(x.log_effect, n, p, k, w), share)


@inner
def pool_results(day, land, t, x, s):
    """Let the trial see the day's results of every approach, from all recruiters together and clear of bias."""
    if not recruits_today(day, t):
        return
    services, approaches, worlds = s.trial_mean.shape[1], s.trial_mean.shape[2], s.trial_mean.shape[3]
    for k in range(services):
        if t.shared_trial.tries[k] == 1:
            for a in range(approaches):
                for w in range(worlds):
                    total, weight = recruited(land, t, x, s, x.stretch[day, w], k, a, w)
                    if weight > 0.0:
                        z = normal(x.seed[w], NO_PLACE, day, k, PROTOCOL, a)
                        result = result_seen(total / weight, weight, z)
                        before = s.trial_weight[0, k, a, w]
                        s.trial_mean[0, k, a, w] = kalman_mean(s.trial_mean[0, k, a, w], before, result, weight)
                        s.trial_weight[0, k, a, w] = before + weight


@inner
def recruited(land, t, x, s, n, k, a, w):
    """Return what an approach did today at all recruiting desks: the sum of its log by weight, and the weight."""
    desks, approaches = land.desk_service.shape[0], s.trial_mean.shape[2]
    total, weight = 0.0, 0.0
    for p in range(t.shared_trial.recruits.shape[0]):
        share = t.shared_trial.recruits[p] / approaches
        for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
            full_day = land.desk_staff[p, d] * t.par.load_cases_per_staff_day[w]
            part = s.served_by[p * desks + d, w] * share / full_day
            seen = weight_of_results(part, 1.0, 1.0, t.par.evidence_result_noise[w])
            total += seen * x.log_effect[n, p, k, a, w]
            weight += seen
    return total, weight


@inner
def read_results(day, t, s):
    """Once a week, note what has been read of the trial by now: more on the day of a reading, else as before."""
    if t.par.has_shared_trial == 0.0:
        return
    par, slots = t.par, s.read_mean.shape[1]
    slot, before = (day // 7) % slots, (day // 7 + slots - 1) % slots
    reads = is_reading(
        day, int(par.shared_trial_first_day), int(par.shared_trial_length_days), int(par.shared_trial_read_weeks)
    )
    for k in range(s.read_mean.shape[2]):
        for a in range(s.read_mean.shape[3]):
            for w in range(s.read_mean.shape[4]):
                s.trial_weight[0, k, a, w] = forgotten(s.trial_weight[0, k, a, w], 7.0 * par.drift[w])
                if reads:
                    s.read_mean[0, slot, k, a, w] = s.trial_mean[0, k, a, w]
                    s.read_weight[0, slot, k, a, w] = s.trial_weight[0, k, a, w]
                else:
                    s.read_mean[0, slot, k, a, w] = s.read_mean[0, before, k, a, w]
                    s.read_weight[0, slot, k, a, w] = forgotten(s.read_weight[0, before, k, a, w], 7.0 * par.drift[w])


@inner
def hear_above(day, k, a, t, s, total, weights):
    """Add what has been read of the trial to what each holder above the places has heard of an approach."""
    if t.par.has_shared_trial == 0.0:
        return
    power, trial = t.approach, t.shared_trial
    for h in range(power.holder_key.shape[0]):
        p = power.scope_place[power.scope_start[power.holder_scope_start[h]]]
        number = newest_report(day, trial.delay[p])
        if power.place_holds[p] == 0 and number >= 0:
            slot = number % s.read_mean.shape[1]
            for w in range(weights.shape[1]):
                difference = t.par.spread_variance_local[w] * trial.difference
                precision = weight_of_message(trial.clarity[p], s.read_weight[0, slot, k, a, w], difference)
                weights[h, w] += precision
                total[h, w] += precision * s.read_mean[0, slot, k, a, w]


@inner
def hear_here(day, p, t, s, like, weights, total):
    """Add what has been read of the trial to what a place has heard of each approach."""
    trial, number = t.shared_trial, newest_report(day, t.shared_trial.delay[p])
    if t.par.has_shared_trial == 0.0 or number < 0:
        return
    slot = number % s.read_mean.shape[1]
    for k in range(weights.shape[0]):
        for a in range(weights.shape[1]):
            for w in range(weights.shape[2]):
                trust = s.trust[trial.trust[p], w] if trial.trust[p] >= 0 else 1.0
                difference = t.par.spread_variance_local[w] * (like[w] + trial.difference)
                precision = weight_of_message(trial.clarity[p] * trust, s.read_weight[0, slot, k, a, w], difference)
                weights[k, a, w] += precision
                total[k, a, w] += precision * s.read_mean[0, slot, k, a, w]
