"""Phase 4, deliver: open cases are offered to all who serve them; some are served, some lapse."""

from sim.fast.compiled import inner
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
from sim.rules.epidemic import absent_share, deaths
from sim.rules.maths import exp
from sim.rules.resources import share_of

SPARE_DAYS, SHORT_DAYS = 14.0, 7.0
CLINICAL = 1


@inner
def deliver(day, land, t, x, s):
    """Serve, service by service, place by place."""
    places, services, worlds = s.open_cases.shape
    fading = exp(-1.0 / t.par.load_unfamiliarity_days)
    for p in range(places):
        for w in range(worlds):
            absent = absent_share(
                t.par.load_absence, t.par.load_absence_per_prevalence, s.infectious[p, w], land.population[p]
            )
            keep_time(land, t, s, p, w, absent)
            for k in range(services):
                serve(day, land, t, x, s, p, k, w, absent)
                s.unfamiliarity[p, k, w] = s.unfamiliarity[p, k, w] * fading
            unmet = share_of(
                s.open_cases[p, CLINICAL, w] + s.lapsed[p, CLINICAL, w],
                s.served[p, CLINICAL, w] + s.open_cases[p, CLINICAL, w] + s.lapsed[p, CLINICAL, w],
            )
            s.deaths_today[p, w] = deaths(s.new_cases[p, w], t.fatality[p], t.par.epidemic_fatality_unmet, unmet)


@inner
def keep_time(land, t, s, p, w, absent):
    """Book who is present, absent, or busy with links and preparing decisions."""
    present = 0.0
    moved = 0.0
    for k in range(s.open_cases.shape[1]):
        present += (
            land.staff[p, k] - s.moved_out[p, k, w] + s.reserve[p, k, w] + s.moved_in[p, k, w] + s.aid_in[p, k, w]
        )
        moved += s.moved_in[p, k, w] + s.aid_in[p, k, w]
    present -= s.aid_out[p, w]
    at_work = present * (1.0 - absent)
    working = 1.0 - t.coordination[p] - t.analysis[p]
    s.total_present[p, w] += present
    s.total_absent[p, w] += present * absent
    s.total_coordination[p, w] += at_work * t.coordination[p]
    s.total_analysis[p, w] += at_work * t.analysis[p]
    unskilled = (1.0 - t.par.friction_skill_elsewhere) * moved * (1.0 - absent) * working
    s.total_lost[p, w] += unskilled + s.aid_out[p, w] * t.par.friction_aid_loss


@inner
def serve(day, land, t, x, s, p, k, w, absent):
    """Serve one service of one place."""
    par = t.par
    lent = min(1.0, share_of(s.aid_out[p, w], staff_left(land, s, p, w)))
    own = (land.staff[p, k] - s.moved_out[p, k, w]) * (1.0 - lent) + s.reserve[p, k, w]
    time = (1.0 - absent) * (1.0 - t.coordination[p] - t.analysis[p])
    helpers = par.friction_skill_elsewhere * (s.moved_in[p, k, w] + s.aid_in[p, k, w])
    available = (own + helpers) * time
    trained = training_today(s.training_owed[p, k, w], available)
    s.training_owed[p, k, w] -= trained
    capacity = available - trained
    a, arm, n = s.approach[p, k, w], s.trial[p, k, w], x.stretch[day, w]
    share = t.trial_share[p] if arm >= 0 else 0.0
    tried = x.effect[n, p, k, max(arm, 0), w]
    rate = productivity(
        x.effect[n, p, k, a, w],
        tried,
        share,
        s.unfamiliarity[p, k, w],
        alike(land, s, p, k, w),
        par.approaches_interoperability,
    )
    rate = rate * residents_help(s.effort[p, w], par.culture_effort_worth, t.coproduction[k])
    used, limit_all = offer(land, t, s, p, k, w, capacity, rate)
    left = s.open_cases[p, k, w] - s.served[p, k, w]
    s.lapsed[p, k, w] = lapsing(left, t.lapse_rate[k])
    s.open_cases[p, k, w] = left - s.lapsed[p, k, w]
    s.lapsed_this_week[p, w] += s.lapsed[p, k, w]
    s.total_training[p, w] += trained
    s.total_used[p, w] += used
    s.total_idle[p, w] += capacity - used
    per_day = share_of(limit_all, capacity)
    s.total_missing[p, w] += share_of(left, per_day)
    wanted = share_of(s.new_need[p, k, w] + 0.1 * s.open_cases[p, k, w], per_day)
    home = (land.staff[p, k] + s.reserve[p, k, w]) * time
    s.spare[p, k, w] = remembered(s.spare[p, k, w], max(0.0, home - wanted), SPARE_DAYS)
    s.short[p, k, w] = remembered(s.short[p, k, w], max(0.0, wanted - home), SHORT_DAYS)


@inner
def offer(land, t, s, p, k, w, capacity, rate):
    """Offer cases in proportion to capacity, and what one cannot use once more; return staff-days used."""
    desks = land.desk_service.shape[0]
    cases, rest, room = s.open_cases[p, k, w], s.open_cases[p, k, w], 0.0
    limit_all = 0.0
    first, last = land.service_desk_start[k], land.service_desk_start[k + 1]
    for d in range(first, last):
        limit = desk_limit(land, t, s, p, d, w, capacity, rate)
        served = first_offer(cases, land.desk_share[p, d], limit)
        s.served_by[p * desks + d, w] = served
        rest -= served
        room += limit - served
        limit_all += limit
    rest = max(0.0, rest)
    used, total = 0.0, 0.0
    for d in range(first, last):
        limit = desk_limit(land, t, s, p, d, w, capacity, rate)
        more = second_offer(rest, limit - s.served_by[p * desks + d, w], room)
        s.served_by[p * desks + d, w] += more
        total += s.served_by[p * desks + d, w]
        used += capacity * land.desk_share[p, d] * share_of(s.served_by[p * desks + d, w], limit)
    s.served[p, k, w] = min(total, cases)
    return min(used, capacity), limit_all


@inner
def desk_limit(land, t, s, p, d, w, capacity, rate):
    """Return the cases that a desk could resolve today; voluntary groups reach more people."""
    reached = reach(s.takeup[p, w], t.par.load_vcs_reach * land.desk_is_vcs[d])
    return capacity * land.desk_share[p, d] * rate * reached


@inner
def staff_left(land, s, p, w):
    """Return the permanent staff of a place who do not work for another of its services."""
    total = 0.0
    for k in range(land.staff.shape[1]):
        total += land.staff[p, k] - s.moved_out[p, k, w]
    return total


@inner
def alike(land, s, p, k, w):
    """Return the share of neighbours that work the same way."""
    first, last = land.neighbour_start[p], land.neighbour_start[p + 1]
    same = 0.0
    for link in range(first, last):
        same += 1.0 if s.approach[land.neighbour[link], k, w] == s.approach[p, k, w] else 0.0
    return share_of(same, float(last - first))
