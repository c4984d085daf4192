"""Phase 8, record: running totals, and one row of the national series a day."""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.trials import allotted, regret_of
from sim.rules.choice import is_report_day

# Columns of the series, in the order of ``sim.series.ROWS``.
HARM, OPEN, NEED, SERVED, LAPSED, CASES, DEATHS, RESTRICTED, REGRET, NEAR_BEST = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
IDLE, MISSING, TRUST, LANGUAGE, CONFIDENCE, MORALE, LANDSCAPE, BELIEF_ERROR = 10, 11, 12, 13, 14, 15, 16, 17
NEAR = 0.05


@inner
def record(day, land, t, x, s, series):
    """Add today to the totals and write today's row of the series, shape (days, rows, worlds)."""
    places, _, worlds = s.open_cases.shape
    harm = np.zeros(worlds)
    for w in range(worlds):
        for row in range(series.shape[1]):
            series[day, row, w] = 0.0
        series[day, LANDSCAPE, w] = x.stretch[day, w]
    today = series[day]
    for p in range(places):
        add_cases(t, s, p, harm, today)
        add_regret(day, land, t, x, s, p, today)
        add_place(land, t, s, p, harm, today)
        add_trust(t, s, p, today)
        if is_report_day(day):
            for w in range(worlds):
                today[BELIEF_ERROR, w] += belief_error(land, t, x, s, x.stretch[day, w], p, w)


@lanes
def add_cases(t, s, p, harm, today):
    """Add what became of a place's cases, and fill today's harm there (W,)."""
    harm[:] = 0.0
    for k in range(s.open_cases.shape[1]):
        for w in range(len(harm)):
            waiting = s.open_cases[p, k, w] + s.hidden[p, k, w]
            gone = s.lapsed[p, k, w] + s.unseen[p, k, w]
            harm[w] += t.harm_weight[k] * (waiting + t.par.load_lapse_case_days[w] * gone)
            s.total_served[p, k, w] += s.served[p, k, w]
            s.total_lapsed[p, k, w] += s.lapsed[p, k, w]
            today[OPEN, w] += s.open_cases[p, k, w]
            today[NEED, w] += s.new_need[p, k, w]
            today[SERVED, w] += s.served[p, k, w]
            today[LAPSED, w] += s.lapsed[p, k, w]


@lanes
def add_regret(day, land, t, x, s, p, today):
    """Add how far the ways of working in a place lie below the best, by share of staff."""
    desks = land.desk_service.shape[0]
    for d in range(desks):
        k, row, share = land.desk_service[d], p * desks + d, land.desk_share[p, d]
        protocol = allotted(day, t, p, k)
        for w in range(today.shape[1]):
            n, a, arm = x.stretch[day, w], s.approach[row, w], s.trial[row, w]
            gap = regret(x.log_effect, x.best, n, p, k, w, a, arm, t.trial_share[p])
            gap = regret_of(x, n, p, k, w, gap, protocol) if protocol > 0.0 else gap
            today[REGRET, w] += share * gap
            today[NEAR_BEST, w] += share if gap <= NEAR else 0.0


@lanes
def add_place(land, t, s, p, harm, today):
    """Add the running totals of a place, and what else the series holds."""
    for w in range(len(harm)):
        restricted = s.restricted[p, w] * land.population[p]
        s.total_harm[p, w] += harm[w]
        s.total_deaths[p, w] += s.deaths_today[p, w]
        s.total_restricted[p, w] += restricted
        s.total_support[p, w] += t.par.restriction_support_gbp[w] * restricted
        today[HARM, w] += harm[w]
        today[CASES, w] += s.new_cases[p, w]
        today[DEATHS, w] += s.deaths_today[p, w]
        today[RESTRICTED, w] += restricted
        today[IDLE, w] += s.total_idle[p, w]
        today[MISSING, w] += s.total_missing[p, w]
        today[LANGUAGE, w] += s.language[p, w]
        today[CONFIDENCE, w] += s.confidence[p, w]
        today[MORALE, w] += s.morale[p, w]


@lanes
def add_trust(t, s, p, today):
    """Add a place's mean trust over the ties it has: to its peers, and upward where there is anybody."""
    first, last = t.tie_start[p], t.tie_start[p + 1]
    count = t.trusts_up + last - first
    for w in range(today.shape[1]):
        total = s.trust[p, w] * t.trusts_up
        for i in range(first, last):
            total += s.trust[t.tie_relation[i], w]
        today[TRUST, w] += total / count if count > 0 else s.trust[p, w]


@lanes
def regret(log_effect, best, n, p, k, w, a, arm, trial_share):
    """Return how far the approach in use, trials included, lies below the best, in logs."""
    share = trial_share if arm >= 0 else 0.0
    used = log_effect[n, p, k, a, w]
    return best[n, p, k, w] - ((1.0 - share) * used + share * log_effect[n, p, k, max(arm, 0), w])


@lanes
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
