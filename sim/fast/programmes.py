"""Programmes: what they take of working time (phase deliver), and what they bring (phase relate)."""

from sim.fast.compiled import lanes
from sim.fast.trials import recruits_today
from sim.rules.programmes import is_on, leading_after, pooled


@lanes
def programme_time(day, t, p):
    """Return the share of working time that programmes take in a place today."""
    taken = 0.0
    if t.programmes.led[p] == 1 and leads(day, t):
        taken += t.programmes.leading_time[p]
    if holds_sessions(day, t):
        taken += t.par.joint_sessions_time
    if pools_today(day, t):
        taken += t.par.pooled_budget_time
    if t.shared_trial.recruits[p] > 0.0 and recruits_today(day, t):
        taken += t.par.shared_trial_time
    return taken


@lanes
def leads(day, t):
    """Say whether the leadership programme runs today, where there is one."""
    return is_on(day, t.par.leadership_first_day, t.par.leadership_length_days)


@lanes
def holds_sessions(day, t):
    """Say whether joint sessions are held today."""
    return t.programmes.sessions == 1 and is_on(day, t.par.joint_sessions_first_day, t.par.joint_sessions_length_days)


@lanes
def pools_today(day, t):
    """Say whether surge staff of some services are a pool today."""
    return t.par.has_pooled_budget > 0.0 and is_on(day, t.par.pooled_budget_first_day, t.par.pooled_budget_length_days)


@lanes
def pool_surge(day, t, s, p, surge):
    """Fill the surge staff of each service of a place today (K, W): as decided, or by open cases where they pool."""
    services, worlds = surge.shape
    pools = t.programmes.pools
    for k in range(services):
        for w in range(worlds):
            surge[k, w] = s.reserve[p, k, w]
    if pools_today(day, t):
        for w in range(worlds):
            pool, cases = 0.0, 0.0
            for k in range(services):
                pool += pools[k] * s.reserve[p, k, w]
                cases += pools[k] * s.open_cases[p, k, w]
            for k in range(services):
                if pools[k] == 1:
                    surge[k, w] = pooled(s.reserve[p, k, w], pool, s.open_cases[p, k, w], cases)


@lanes
def develop(day, t, s):
    """Once a week, let the effect of a leadership programme grow or fade."""
    places, worlds = s.leading.shape
    for p in range(places):
        runs = t.programmes.led[p] == 1 and leads(day, t)
        for w in range(worlds):
            s.leading[p, w] = leading_after(
                s.leading[p, w], runs, t.par.leadership_learn_days[w], t.par.leadership_fade_days[w], 7.0
            )
