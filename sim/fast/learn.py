"""Phase 5, learn: desks see the results of today's work."""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.trials import allotted, pool_results
from sim.rules.evidence import kalman_mean, result_seen, weight_of_results
from sim.streams import Purpose, turn_normal, uniform

OBSERVATION = int(Purpose.OBSERVATION)


@inner
def learn(day, land, t, x, s):
    """Update what each desk has seen of the approach in use and of the one on trial."""
    places, services, worlds = s.open_cases.shape
    rows = 2 * land.desk_service.shape[0]  # of each desk the approach in use, then of each the one on trial
    precision, z, room = np.zeros((rows, worlds)), np.zeros((rows, worlds)), np.zeros((2, worlds))
    far, where = np.zeros(z.size), np.zeros(z.size, np.int64)
    for p in range(places):
        look_around(day, land, t, x, s, p, precision, z)
        turn_normal(z.reshape(-1), far, where)
        see_results(day, land, x, s, p, precision, z, room)
    pool_results(day, land, t, x, s)


@lanes
def look_around(day, land, t, x, s, p, precision, z):
    """Fill for the desks of a place the precisions (2 D, W) of today's results, and uniform draws for their noise."""
    desks = land.desk_service.shape[0]
    for d in range(desks):
        k, row = land.desk_service[d], p * desks + d
        weigh(land, t, x, s, p, d, 1.0 - allotted(day, t, p, k), precision[d], precision[desks + d])
        draw_luck(day, land, x, p, d, s.approach[row], z[d])
        draw_luck(day, land, x, p, d, s.trial[row], z[desks + d])


@lanes
def weigh(land, t, x, s, p, d, own, in_use, on_trial):
    """Fill the precisions (W,) of today's results at a desk, of the approach in use and of the one on trial."""
    k, row, par = land.desk_service[d], p * land.desk_service.shape[0] + d, t.par
    for w in range(len(in_use)):
        tried = t.trial_share[p] if s.trial[row, w] >= 0 else 0.0
        full_day = land.desk_staff[p, d] * par.load_cases_per_staff_day[w]
        part = s.served_by[row, w] * s.learnt_here[p, k, w] * own / full_day
        precision = weight_of_results(part, par.culture_candour[w], x.capability[p, w], par.evidence_result_noise[w])
        in_use[w] = precision * (1.0 - tried)
        on_trial[w] = precision * tried


@lanes
def draw_luck(day, land, x, p, d, way, z):
    """Fill uniform draws (W,) for the result of the approach that a desk uses or tries: ``way`` (W,)."""
    for w in range(len(way)):
        z[w] = uniform(x.seed[w], land.key[p], day, d, OBSERVATION, max(way[w], 0))


@lanes
def see_results(day, land, x, s, p, precision, z, room):
    """Let each desk of a place see the results of the approach in use, and of the one on trial."""
    desks = land.desk_service.shape[0]
    for d in range(desks):
        row = p * desks + d
        see(day, land, x, s, p, d, s.approach[row], precision[d], z[d], room)
        see(day, land, x, s, p, d, s.trial[row], precision[desks + d], z[desks + d], room)


@lanes
def see(day, land, x, s, p, d, way, precision, z, room):
    """Let one desk see the result of the approach that it uses or tries, where it has one: ``way`` (W,)."""
    k, row = land.desk_service[d], p * land.desk_service.shape[0] + d
    fresh, weight = room[0], room[1]  # unpacked, rows lose their layout
    for w in range(len(way)):
        a = max(way[w], 0)
        result = result_seen(x.log_effect[x.stretch[day, w], p, k, a, w], precision[w], z[w])
        fresh[w] = kalman_mean(s.mean[row, a, w], s.weight[row, a, w], result, precision[w])
        weight[w] = s.weight[row, a, w] + precision[w]
    for w in range(len(way)):
        if way[w] >= 0:
            s.mean[row, way[w], w] = fresh[w]
            s.weight[row, way[w], w] = weight[w]
