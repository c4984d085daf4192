"""Phase 7, relate: once a week, what the week has done to morale, and who leaves and comes."""

from sim.fast.compiled import inner
from sim.rules.morale import joining_staff, leaving_staff, morale_after, overload

WEEK = 7.0


@inner
def bear(land, t, s):
    """Let morale fall and recover in every place; then let staff leave and come."""
    places, services, worlds = s.short.shape
    for p in range(places):
        posts = 0.0
        for k in range(services):
            posts += land.staff[p, k]
        for w in range(worlds):
            short = 0.0
            for k in range(services):
                short += s.short[p, k, w]
            s.morale[p, w] = morale_after(
                s.morale[p, w],
                t.par.morale_start[w],
                t.par.morale_recovery_days[w],
                t.par.morale_overload[w] * overload(short, posts),
                t.par.morale_override[w] * s.overrides_this_week[p, w],
                WEEK,
            )
            turn_over(t, s, posts, p, w)


@inner
def turn_over(t, s, posts, p, w):
    """Let staff of a place leave, and let vacant posts be filled."""
    par, vacant = t.par, s.vacant[p, w]
    left = leaving_staff(1.0 - vacant, s.morale[p, w], par.morale_enough[w], par.morale_leaving[w], WEEK)
    left = min(left, 1.0 - vacant)
    joined = joining_staff(vacant, par.morale_recruit_days[w], WEEK)
    s.vacant[p, w] = max(0.0, min(1.0, vacant + left - joined))
    s.total_left[p, w] += left * posts
    s.total_joined[p, w] += joined * posts
