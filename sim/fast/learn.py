"""Phase 5, learn: desks see the results of today's work."""

from sim.fast.compiled import inner
from sim.fast.trials import allotted, pool_results
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
            own = 1.0 - allotted(day, t, p, k)
            full_day = land.desk_staff[p, d] * t.par.load_cases_per_staff_day
            for w in range(worlds):
                arm = s.trial[row, w]
                tried = share if arm >= 0 else 0.0
                seen = weight_of_results(
                    s.served_by[row, w] * s.learnt_here[p, k, w] * own / full_day,
                    t.par.culture_candour,
                    x.capability[p, w],
                    t.par.evidence_result_noise,
                )
                n, a = x.stretch[day, w], s.approach[row, w]
                z = normal(x.seed[w], land.key[p], day, d, OBSERVATION, a)
                see(s.mean, s.weight, row, a, w, x.log_effect[n, p, k, a, w], seen * (1.0 - tried), z)
                if arm >= 0:
                    z = normal(x.seed[w], land.key[p], day, d, OBSERVATION, arm)
                    see(s.mean, s.weight, row, arm, w, x.log_effect[n, p, k, arm, w], seen * tried, z)
    pool_results(day, land, t, x, s)


@inner
def see(mean, weight, row, a, w, truth, precision, z):
    """Let one desk see the result of one approach."""
    result = result_seen(truth, precision, z)
    mean[row, a, w] = kalman_mean(mean[row, a, w], weight[row, a, w], result, precision)
    weight[row, a, w] += precision
