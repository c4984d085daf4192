"""Phase 4, deliver: open cases are offered to all who serve them; some are served, some lapse."""

import numpy as np

from sim.fast.commission import book_help, drift_away, help_here
from sim.fast.compiled import inner
from sim.fast.programmes import pool_surge, programme_time
from sim.fast.supply import perish, use_supplies, within_supplies
from sim.fast.targets import strive, turn_to_what_counts
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
    """Serve, place by place, service by service, at the desks of each."""
    places, services, worlds = s.open_cases.shape
    desks = land.desk_service.shape[0]
    fading = exp(-1.0 / t.par.load_unfamiliarity_days)
    absent, lent, available, help_ = np.zeros(worlds), np.zeros(worlds), np.zeros(worlds), np.ones(worlds)
    hours, limit, preventing = np.zeros((desks, worlds)), np.zeros((desks, worlds)), np.zeros(worlds)
    surge = np.zeros((services, worlds))
    for p in range(places):
        pool_surge(day, t, s, p, surge)
        busy = programme_time(day, t, p)
        keep_time(day, land, t, x, s, p, busy, absent, lent)
        turn_to_what_counts(day, land, t, s, p, busy, absent, lent, surge)
        for k in range(services):
            staff_at_work(day, land, t, s, p, k, busy, surge, absent, lent, available)
            co_produce(t, s, p, k, help_)
            strive(day, t, k, help_)
            first, last = land.service_desk_start[k], land.service_desk_start[k + 1]
            for d in range(first, last):
                train(land, t, s, p, d, available, hours[d])
            prevent(t, s, p, k, first, last, hours, preventing)
            for d in range(first, last):
                work(day, land, t, x, s, p, k, d, help_, fading, hours[d], limit[d])
            serve(day, land, t, x, s, p, k, busy, surge, absent, hours, limit, preventing)
        perish(t, s, p)
        drift_away(day, t, s, p)
        die(t, s, p)


@inner
def keep_time(day, land, t, x, s, p, busy, absent, lent):
    """Book who is present, absent, lent, or busy with links and preparing decisions."""
    services, worlds = s.open_cases.shape[1], s.open_cases.shape[2]
    par = t.par
    working = 1.0 - t.coordination[p] - t.analysis[p] - busy
    away_row = day if x.away.shape[0] > 1 else 0
    for w in range(worlds):
        ill = absent_share(par.load_absence, par.load_absence_per_prevalence, s.infectious[p, w], land.population[p])
        missing = absent_or_away(ill, x.away[away_row, p, w])
        absent[w] = absent_or_away(missing, s.vacant[p, w])
        present, moved, left = 0.0, 0.0, 0.0
        for k in range(services):
            present += (
                land.staff[p, k] - s.moved_out[p, k, w] + s.reserve[p, k, w] + s.moved_in[p, k, w] + s.aid_in[p, k, w]
            )
            joined = responders_in(day, land, t, p, k)
            present += joined
            moved += s.moved_in[p, k, w] + s.aid_in[p, k, w] + joined
            left += land.staff[p, k] - s.moved_out[p, k, w]
        present -= s.aid_out[p, w]
        lent[w] = min(1.0, share_of(s.aid_out[p, w], left))
        at_work = present * (1.0 - absent[w])
        s.total_present[p, w] += present
        s.total_duties[p, w] += on_own_duties(day, land, t, p)
        s.total_vacant[p, w] += present * s.vacant[p, w]
        s.total_absent[p, w] += present * (1.0 - s.vacant[p, w]) * missing
        s.total_coordination[p, w] += at_work * t.coordination[p]
        s.total_analysis[p, w] += at_work * t.analysis[p]
        s.total_programmes[p, w] += at_work * busy
        unskilled = (1.0 - par.friction_skill_elsewhere) * moved * (1.0 - absent[w]) * working
        s.total_lost[p, w] += unskilled + s.aid_out[p, w] * par.friction_aid_loss


@inner
def responders_in(day, land, t, p, k):
    """Return the responders who help with a service today: none unless a co-ordinating group stands."""
    joined = 0.0
    if day >= t.group_from[p]:
        for kind in range(land.responder_service.shape[0]):
            if land.responder_service[kind] == k:
                joined += land.responders[p, kind]
    return joined


@inner
def on_own_duties(day, land, t, p):
    """Return the responders who are not called on today."""
    busy = 0.0
    if day < t.group_from[p]:
        for kind in range(land.responder_service.shape[0]):
            busy += land.responders[p, kind]
    return busy


@inner
def staff_at_work(day, land, t, s, p, k, busy, surge, absent, lent, available):
    """Fill ``available`` (W,) with staff-days of a service: its own, surge staff, less skilled help from elsewhere."""
    joined = responders_in(day, land, t, p, k)
    for w in range(len(available)):
        own = (land.staff[p, k] - s.moved_out[p, k, w]) * (1.0 - lent[w]) + surge[k, w]
        time = (1.0 - absent[w]) * (1.0 - t.coordination[p] - t.analysis[p] - busy)
        helpers = t.par.friction_skill_elsewhere * (s.moved_in[p, k, w] + s.aid_in[p, k, w] + joined)
        available[w] = (own + helpers) * time + help_here(t, s, p, k, w)


@inner
def co_produce(t, s, p, k, help_):
    """Fill ``help_`` (W,) with how much residents' effort multiplies the work of staff."""
    for w in range(len(help_)):
        help_[w] = residents_help(s.effort[p, w], t.par.ordinary_effort, t.par.culture_effort_worth, t.coproduction[k])


@inner
def train(land, t, s, p, d, available, hours):
    """Fill for one desk the staff-days it has, less training (W,)."""
    row = p * land.desk_service.shape[0] + d
    for w in range(len(available)):
        mine = available[w] * land.desk_share[p, d]
        trained = training_today(s.training_owed[row, w], mine)
        s.training_owed[row, w] -= trained
        s.total_training[p, w] += trained
        hours[w] = mine - trained


@inner
def prevent(t, s, p, k, first, last, hours, preventing):
    """Fill the staff-days that prevention takes of a service (W,), and take them from its desks' hours."""
    for w in range(len(preventing)):
        left = 0.0
        for d in range(first, last):
            left += hours[d, w]
        taken = prevention_today(left, t.prevention_share[k], s.short[p, k, w], t.par.prevention_squeeze)
        s.prevention[p, k, w] = remembered(s.prevention[p, k, w], share_of(taken, left), t.par.prevention_lag_days)
        s.total_prevention[p, w] += taken
        preventing[w] = taken
        for d in range(first, last):
            hours[d, w] -= taken * share_of(hours[d, w], left)


@inner
def work(day, land, t, x, s, p, k, d, help_, fading, hours, limit):
    """Fill for one desk the cases that it could resolve (W,)."""
    par, row = t.par, p * land.desk_service.shape[0] + d
    neighbours = land.neighbour[land.neighbour_start[p] : land.neighbour_start[p + 1]]
    for w in range(len(hours)):
        a, arm, n = s.approach[row, w], s.trial[row, w], x.stretch[day, w]
        rate = productivity(
            x.effect[n, p, k, a, w],
            x.effect[n, p, k, max(arm, 0), w],
            t.trial_share[p] if arm >= 0 else 0.0,
            s.unfamiliarity[row, w],
            alike(neighbours, s.approach, land.desk_service.shape[0], d, a, w),
            par.approaches_interoperability,
        )
        reached = reach(s.takeup[p, w], par.ordinary_takeup, par.load_vcs_reach * land.desk_is_vcs[d])
        limit[w] = hours[w] * (rate * help_[w]) * reached
        s.unfamiliarity[row, w] = s.unfamiliarity[row, w] * fading


@inner
def alike(neighbours, approach, desks, d, a, w):
    """Return the share of neighbouring places where the same desk works the same way."""
    same = 0.0
    for q in neighbours:
        same += 1.0 if approach[q * desks + d, w] == a else 0.0
    return share_of(same, float(len(neighbours)))


@inner
def serve(day, land, t, x, s, p, k, busy, surge, absent, hours, limit, preventing):
    """Offer the open cases of a service to its desks; what is not served stays open, or lapses."""
    first, last = land.service_desk_start[k], land.service_desk_start[k + 1]
    row = p * land.desk_service.shape[0]
    for w in range(len(absent)):
        cases = s.open_cases[p, k, w]
        reachable, capacity, limits = within_supplies(day, t, x, s, cases, p, k, w), 0.0, 0.0
        for d in range(first, last):
            capacity += hours[d, w]
            limits += limit[d, w]
        rest, room = reachable, 0.0
        for d in range(first, last):
            s.served_by[row + d, w] = first_offer(reachable, share_of(hours[d, w], capacity), limit[d, w])
            rest -= s.served_by[row + d, w]
            room += limit[d, w] - s.served_by[row + d, w]
        rest = max(0.0, rest)
        used, total = 0.0, 0.0
        for d in range(first, last):
            s.served_by[row + d, w] += second_offer(rest, limit[d, w] - s.served_by[row + d, w], room)
            total += s.served_by[row + d, w]
            used += hours[d, w] * share_of(s.served_by[row + d, w], limit[d, w])
        used = min(used, capacity)
        s.served[p, k, w] = min(total, reachable)
        left = cases - s.served[p, k, w]
        unsupplied = use_supplies(day, t, x, s, reachable, min(cases, limits), s.served[p, k, w], p, k, w)
        s.lapsed[p, k, w] = lapsing(left, t.lapse_rate[k])
        s.open_cases[p, k, w] = left - s.lapsed[p, k, w]
        s.lapsed_this_week[p, w] += s.lapsed[p, k, w]
        s.total_used[p, w] += used
        worth = help_here(t, s, p, k, w)
        book_help(t, s, worth, used, capacity, p, k, w)
        s.total_idle[p, w] += capacity - used
        per_day = share_of(limits, capacity)
        s.total_missing[p, w] += share_of(left - unsupplied, per_day)
        wanted = share_of(s.shown[p, k, w] + 0.1 * s.open_cases[p, k, w], per_day)
        time = (1.0 - absent[w]) * (1.0 - t.coordination[p] - t.analysis[p] - busy)
        home = (land.staff[p, k] + surge[k, w]) * time + worth - preventing[w]
        s.spare[p, k, w] = remembered(s.spare[p, k, w], max(0.0, home - wanted), SPARE_DAYS)
        s.short[p, k, w] = remembered(s.short[p, k, w], max(0.0, wanted - home), SHORT_DAYS)


@inner
def die(t, s, p):
    """Count deaths among today's cases: more where clinical need goes unmet."""
    for w in range(s.open_cases.shape[2]):
        waiting = s.open_cases[p, CLINICAL, w] + s.lapsed[p, CLINICAL, w]
        unmet = share_of(waiting, s.served[p, CLINICAL, w] + waiting)
        s.deaths_today[p, w] = deaths(s.new_cases[p, w], t.fatality[p], t.par.epidemic_fatality_unmet, unmet)
