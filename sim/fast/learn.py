"""Phase 5, learn: desks see the results of today's work."""

from sim.fast.compiled import inner
from sim.rules.evidence import kalman_mean, result_seen, weight_of_results
from sim.streams import Purpose, normal

OBSERVATION = int(Purpose.OBSERVATION)


@inner
def learn(day, land, t, x, s):
    """Update what each desk has seen of the approach in use and of the one on trial."""
    places, services, worlds = s.open_cases.shape
    desks = land.desk_service.shape[0]
    for p in range(places):
        share = t.trial_share[p]
        for d in range(desks):
            k, row = land.desk_service[d], p * desks + d
            full_day = land.desk_staff[p, d] * t.par.load_cases_per_staff_day
            for w in range(worlds):
                arm = s.trial[p, k, w]
                tried = share if arm >= 0 else 0.0
                seen = weight_of_results(
                    s.served_by[row, w] / full_day,
                    t.par.culture_candour,
                    x.capability[p, w],
                    t.par.evidence_result_noise,
                )
                see(day, land.key[p], d, row, s.approach[p, k, w], seen * (1.0 - tried), x, s, p, k, w)
                if arm >= 0:
                    see(day, land.key[p], d, row, arm, seen * tried, x, s, p, k, w)


@inner
def see(day, key, desk, row, a, precision, x, s, p, k, w):
    """Let one desk see the result of one approach."""
    z = normal(x.seed[w], key, day, desk, OBSERVATION, a)
    result = result_seen(x.log_effect[x.stretch[day, w], p, k, a, w], precision, z)
    s.mean[row, a, w] = kalman_mean(s.mean[row, a, w], s.weight[row, a, w], result, precision)
    s.weight[row, a, w] += precision
