"""Programmes: what they take of working time (phase deliver), and what they bring (phase relate)."""

from sim.fast.compiled import inner
from sim.rules.programmes import is_on, leading_after


@inner
def programme_time(day, t, p):
    """Return the share of working time that programmes take in a place today."""
    taken = 0.0
    if t.programmes.led[p] == 1 and leads(day, t):
        taken += t.programmes.leading_time[p]
    if holds_sessions(day, t):
        taken += t.par.joint_sessions_time
    return taken


@inner
def leads(day, t):
    """Say whether the leadership programme runs today, where there is one."""
    return is_on(day, t.par.leadership_first_day, t.par.leadership_length_days)


@inner
def holds_sessions(day, t):
    """Say whether joint sessions are held today."""
    return t.programmes.sessions == 1 and is_on(day, t.par.joint_sessions_first_day, t.par.joint_sessions_length_days)


@inner
def develop(day, t, s):
    """Once a week, let the effect of a leadership programme grow or fade."""
    places, worlds = s.leading.shape
    for p in range(places):
        runs = t.programmes.led[p] == 1 and leads(day, t)
        for w in range(worlds):
            s.leading[p, w] = leading_after(
                s.leading[p, w], runs, t.par.leadership_learn_days, t.par.leadership_fade_days, 7.0
            )
