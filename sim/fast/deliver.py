"""Phase 4, deliver: open cases are offered to all who serve them; some are served, some lapse."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.supply import perish, use_supplies, within_supplies
from sim.rules.delivery import (
    first_offer,
    lapsing,
    productivity,
    reach,
    remembered,
    residents_help,
    second_offer,
    training_today,
)
from sim.rules.epidemic import absent_or_away, absent_share, deaths
from sim.rules.maths import exp
from sim.rules.prevention import prevention_today
from sim.rules.resources import share_of

SPARE_DAYS, SHORT_DAYS = 14.0, 7.0
CLINICAL = 1


@inner
def deliver(day, land, t, x, s):
    """Serve, place by place, service by service."""
    places, services, worlds = s.open_cases.shape
    fading = exp(-1.0 / t.par.load_unfamiliarity_days)
    absent, lent = np.zeros(worlds), np.zeros(worlds)
    for p in range(places):
        keep_time(day, land, t, x, s, p, absent, lent)
        for k in range(services):
            serve(day, land, t, x, s, p, k, absent, lent, fading)
        perish(t, s, p)
        die(t, s, p)


@inner
def keep_time(day, land, t, x, s, p, absent, lent):
    """Book who is present, absent, lent, or busy with links and preparing decisions."""
    services, worlds = s.open_cases.shape[1], s.open_cases.shape[2]
    par = t.par
    working = 1.0 - t.coordination[p] - t.analysis[p]
    away_row = day if x.away.shape[0] > 1 else 0
    for w in range(worlds):
        ill = absent_share(par.load_absence, par.load_absence_per_prevalence, s.infectious[p, w], land.population[p])
        absent[w] = absent_or_away(ill, x.away[away_row, p, w])
        present, moved, left = 0.0, 0.0, 0.0
        for k in range(services):
            present += (
                land.staff[p, k] - s.moved_out[p, k, w] + s.reserve[p, k, w] + s.moved_in[p, k, w] + s.aid_in[p, k, w]
            )
            moved += s.moved_in[p, k, w] + s.aid_in[p, k, w]
            left += land.staff[p, k] - s.moved_out[p, k, w]
        present -= s.aid_out[p, w]
        lent[w] = min(1.0, share_of(s.aid_out[p, w], left))
        at_work = present * (1.0 - absent[w])
        s.total_present[p, w] += present
        s.total_absent[p, w] += present * absent[w]
        s.total_coordination[p, w] += at_work * t.coordination[p]
        s.total_analysis[p, w] += at_work * t.analysis[p]
        unskilled = (1.0 - par.friction_skill_elsewhere) * moved * (1.0 - absent[w]) * working
        s.total_lost[p, w] += unskilled + s.aid_out[p, w] * par.friction_aid_loss


@inner
def serve(day, land, t, x, s, p, k, absent, lent, fading):
    """Serve one service of one place."""
    par, worlds = t.par, s.open_cases.shape[2]
    neighbours = land.neighbour[land.neighbour_start[p] : land.neighbour_start[p + 1]]
    for w in range(worlds):
        own = (land.staff[p, k] - s.moved_out[p, k, w]) * (1.0 - lent[w]) + s.reserve[p, k, w]
        time = (1.0 - absent[w]) * (1.0 - t.coordination[p] - t.analysis[p])
        helpers = par.friction_skill_elsewhere * (s.moved_in[p, k, w] + s.aid_in[p, k, w])
        available = (own + helpers) * time
        trained = training_today(s.training_owed[p, k, w], available)
        s.training_owed[p, k, w] -= trained
        capacity = available - trained
        preventing = prevention_today(capacity, t.prevention_share[k], s.short[p, k, w], par.prevention_squeeze)
        s.prevention[p, k, w] = remembered(
            s.prevention[p, k, w], share_of(preventing, capacity), par.prevention_lag_days
        )
        s.total_prevention[p, w] += preventing
        capacity -= preventing
        a, arm, n = s.approach[p, k, w], s.trial[p, k, w], x.stretch[day, w]
        rate = productivity(
            x.effect[n, p, k, a, w],
            x.effect[n, p, k, max(arm, 0), w],
            t.trial_share[p] if arm >= 0 else 0.0,
            s.unfamiliarity[p, k, w],
            alike(neighbours, s.approach, p, k, w),
            par.approaches_interoperability,
        )
        rate = rate * residents_help(s.effort[p, w], par.ordinary_effort, par.culture_effort_worth, t.coproduction[k])
        cases = s.open_cases[p, k, w]
        reachable = within_supplies(t, s, cases, p, k, w)
        served, used, limit = offer(reachable, capacity, rate, s.takeup[p, w], par, land, s.served_by, p, k, w)
        left = cases - served
        unsupplied = use_supplies(t, s, reachable, min(cases, limit), served, p, k, w)
        s.served[p, k, w] = served
        s.lapsed[p, k, w] = lapsing(left, t.lapse_rate[k])
        s.open_cases[p, k, w] = left - s.lapsed[p, k, w]
        s.lapsed_this_week[p, w] += s.lapsed[p, k, w]
        s.total_training[p, w] += trained
        s.total_used[p, w] += used
        s.total_idle[p, w] += capacity - used
        per_day = share_of(limit, capacity)
        s.total_missing[p, w] += share_of(left - unsupplied, per_day)
        wanted = share_of(s.new_need[p, k, w] + 0.1 * s.open_cases[p, k, w], per_day)
        home = (land.staff[p, k] + s.reserve[p, k, w]) * time - preventing
        s.spare[p, k, w] = remembered(s.spare[p, k, w], max(0.0, home - wanted), SPARE_DAYS)
        s.short[p, k, w] = remembered(s.short[p, k, w], max(0.0, wanted - home), SHORT_DAYS)
        s.unfamiliarity[p, k, w] = s.unfamiliarity[p, k, w] * fading


@inner
def offer(cases, capacity, rate, takeup, par, land, served_by, p, k, w):
    """Offer cases in proportion to capacity, and what one desk cannot use once more.

    Return cases served, staff-days used, and the cases that all desks could have served.
    """
    first, last = land.service_desk_start[k], land.service_desk_start[k + 1]
    row, share, is_vcs = p * land.desk_service.shape[0], land.desk_share, land.desk_is_vcs
    rest, room, all_limits = cases, 0.0, 0.0
    for d in range(first, last):
        reached = reach(takeup, par.ordinary_takeup, par.load_vcs_reach * is_vcs[d])
        limit = capacity * share[p, d] * rate * reached
        served_by[row + d, w] = first_offer(cases, share[p, d], limit)
        rest -= served_by[row + d, w]
        room += limit - served_by[row + d, w]
        all_limits += limit
    rest = max(0.0, rest)
    used, total = 0.0, 0.0
    for d in range(first, last):
        reached = reach(takeup, par.ordinary_takeup, par.load_vcs_reach * is_vcs[d])
        limit = capacity * share[p, d] * rate * reached
        served_by[row + d, w] += second_offer(rest, limit - served_by[row + d, w], room)
        total += served_by[row + d, w]
        used += capacity * share[p, d] * share_of(served_by[row + d, w], limit)
    return min(total, cases), min(used, capacity), all_limits


@inner
def alike(neighbours, approach, p, k, w):
    """Return the share of neighbours that work the same way."""
    same = 0.0
    for q in neighbours:
        same += 1.0 if approach[q, k, w] == approach[p, k, w] else 0.0
    return share_of(same, float(len(neighbours)))


@inner
def die(t, s, p):
    """Count deaths among today's cases: more where clinical need goes unmet."""
    for w in range(s.open_cases.shape[2]):
        waiting = s.open_cases[p, CLINICAL, w] + s.lapsed[p, CLINICAL, w]
        unmet = share_of(waiting, s.served[p, CLINICAL, w] + waiting)
        s.deaths_today[p, w] = deaths(s.new_cases[p, w], t.fatality[p], t.par.epidemic_fatality_unmet, unmet)
