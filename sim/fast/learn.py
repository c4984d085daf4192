"""Phase 5, learn: desks see the results of today's work."""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.trials import allotted, pool_results
from sim.rules.evidence import kalman_mean, result_seen, weight_of_results
from sim.streams import Purpose, draw_normals

OBSERVATION = int(Purpose.OBSERVATION)


@inner
def learn(day, land, t, x, s):
    """Update what each desk has seen of the approach in use and of the one on trial."""
    places, services, worlds = s.open_cases.shape
    desks = land.desk_service.shape[0]
    in_use, on_trial = np.zeros(worlds), np.zeros(worlds)
    seen, item = np.zeros((5, worlds)), np.zeros(worlds, np.int64)
    for p in range(places):
        for d in range(desks):
            look(day, land, t, x, s, p, d, in_use, on_trial, item, seen)
    pool_results(day, land, t, x, s)


@lanes
def look(day, land, t, x, s, p, d, in_use, on_trial, item, seen):
    """Let one desk look at today's results."""
    k, row = land.desk_service[d], p * land.desk_service.shape[0] + d
    full_day = land.desk_staff[p, d] * t.par.load_cases_per_staff_day
    weigh(s.served_by[row], s.learnt_here[p, k], x.capability[p], s.trial[row], 1.0 - allotted(day, t, p, k), full_day,
          t.par.culture_candour, t.par.evidence_result_noise, t.trial_share[p], in_use, on_trial)  # fmt: skip
    see(day, land, x, s, p, k, d, s.approach[row], in_use, item, seen)
    see(day, land, x, s, p, k, d, s.trial[row], on_trial, item, seen)


@lanes
def weigh(served, stays, capability, trial, own, full_day, candour, noise, share, in_use, on_trial):
    """Fill the precisions (W,) of today's results, of the approach in use and of the one on trial."""
    for w in range(len(in_use)):
        tried = share if trial[w] >= 0 else 0.0
        precision = weight_of_results(served[w] * stays[w] * own / full_day, candour, capability[w], noise)
        in_use[w] = precision * (1.0 - tried)
        on_trial[w] = precision * tried


@lanes
def see(day, land, x, s, p, k, d, way, precision, item, seen):
    """Let one desk see the result of the approach that it uses or tries, where it has one: ``way`` (W,)."""
    row = p * land.desk_service.shape[0] + d
    truth, mean, weight, z, fresh = seen[0], seen[1], seen[2], seen[3], seen[4]  # unpacked, rows lose their layout
    for w in range(len(way)):
        a = max(way[w], 0)
        item[w] = a
        truth[w] = x.log_effect[x.stretch[day, w], p, k, a, w]
        mean[w], weight[w] = s.mean[row, a, w], s.weight[row, a, w]
    draw_normals(z, x.seed, land.key[p], day, d, OBSERVATION, item)
    conclude(truth, mean, weight, precision, z, fresh)
    for w in range(len(way)):
        if way[w] >= 0:
            s.mean[row, way[w], w] = fresh[w]
            s.weight[row, way[w], w] = weight[w] + precision[w]


@lanes
def conclude(truth, mean, weight, precision, z, fresh):
    """Fill the means (W,) of all that has been seen, with the results of today."""
    for w in range(len(fresh)):
        result = result_seen(truth[w], precision[w], z[w])
        fresh[w] = kalman_mean(mean[w], weight[w], result, precision[w])
