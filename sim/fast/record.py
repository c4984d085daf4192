"""Phase 8, record: running totals, and one row of the national series a day."""

from sim.fast.compiled import inner
from sim.rules.choice import is_report_day

# Columns of the series, in the order of ``sim.series.ROWS``.
HARM, OPEN, NEED, SERVED, LAPSED, CASES, DEATHS, RESTRICTED, REGRET, NEAR_BEST = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
IDLE, MISSING, TRUST, LANGUAGE, CONFIDENCE, MORALE, LANDSCAPE, BELIEF_ERROR = 10, 11, 12, 13, 14, 15, 16, 17
NEAR = 0.05


@inner
def record(day, land, t, x, s, series):
    """Add today to the totals and write today's row of the series, shape (days, rows, worlds)."""
    places, services, worlds = s.open_cases.shape
    desks = land.desk_service.shape[0]
    for w in range(worlds):
        for row in range(series.shape[1]):
            series[day, row, w] = 0.0
        series[day, LANDSCAPE, w] = x.stretch[day, w]
    for p in range(places):
        ties = t.tie_relation[t.tie_start[p] : t.tie_start[p + 1]]
        for w in range(worlds):
            harm = 0.0
            for k in range(services):
                waiting = s.open_cases[p, k, w] + s.hidden[p, k, w]
                gone = s.lapsed[p, k, w] + s.unseen[p, k, w]
                harm += t.harm_weight[k] * (waiting + t.par.load_lapse_case_days * gone)
                s.total_served[p, k, w] += s.served[p, k, w]
                s.total_lapsed[p, k, w] += s.lapsed[p, k, w]
                series[day, OPEN, w] += s.open_cases[p, k, w]
                series[day, NEED, w] += s.new_need[p, k, w]
                series[day, SERVED, w] += s.served[p, k, w]
                series[day, LAPSED, w] += s.lapsed[p, k, w]
            for d in range(desks):
                k, row, share = land.desk_service[d], p * desks + d, land.desk_share[p, d]
                gap = regret(
                    x.log_effect,
                    x.best,
                    x.stretch[day, w],
                    p,
                    k,
                    w,
                    s.approach[row, w],
                    s.trial[row, w],
                    t.trial_share[p],
                )
                series[day, REGRET, w] += share * gap
                series[day, NEAR_BEST, w] += share if gap <= NEAR else 0.0
            restricted = s.restricted[p, w] * land.population[p]
            s.total_harm[p, w] += harm
            s.total_deaths[p, w] += s.deaths_today[p, w]
            s.total_restricted[p, w] += restricted
            s.total_support[p, w] += t.par.restriction_support_gbp * restricted
            series[day, HARM, w] += harm
            series[day, CASES, w] += s.new_cases[p, w]
            series[day, DEATHS, w] += s.deaths_today[p, w]
            series[day, RESTRICTED, w] += restricted
            series[day, IDLE, w] += s.total_idle[p, w]
            series[day, MISSING, w] += s.total_missing[p, w]
            series[day, LANGUAGE, w] += s.language[p, w]
            series[day, CONFIDENCE, w] += s.confidence[p, w]
            series[day, MORALE, w] += s.morale[p, w]
            series[day, TRUST, w] += trust_here(s.trust, t.trusts_up, ties, p, w)
            if is_report_day(day):
                series[day, BELIEF_ERROR, w] += belief_error(land, t, x, s, x.stretch[day, w], p, w)


@inner
def regret(log_effect, best, n, p, k, w, a, arm, trial_share):
    """Return how far the approach in use, trials included, lies below the best, in logs."""
    share = trial_share if arm >= 0 else 0.0
    used = log_effect[n, p, k, a, w]
    return best[n, p, k, w] - ((1.0 - share) * used + share * log_effect[n, p, k, max(arm, 0), w])


@inner
def trust_here(trust, trusts_up, relations, p, w):
    """Return a place's mean trust over the ties it has: to its peers, and upward where there is anybody."""
    total, count = trust[p, w] * trusts_up, trusts_up + len(relations)
    for r in relations:
        total += trust[r, w]
    return total / count if count > 0 else trust[p, w]


@inner
def belief_error(land, t, x, s, n, p, w):
    """Return how far off, in logs, those who hold a place's approaches are: mean over desks and approaches."""
    desks, approaches = land.desk_service.shape[0], s.belief_mean.shape[2]
    by_team, total = t.approach.place_holds[p] == 2, 0.0
    for d in range(desks):
        k = land.desk_service[d]
        for a in range(approaches):
            believed = s.team_mean[p * desks + d, a, w] if by_team else s.belief_mean[p, k, a, w]
            gap = believed - x.log_effect[n, p, k, a, w]
            total += land.desk_share[p, d] * (gap if gap > 0.0 else -gap)
    return total / approaches
