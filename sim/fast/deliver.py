"""Phase 4, deliver: open cases are offered to all who serve them; some are served, some lapse."""

from typing import Any, NamedTuple

import numpy as np

from sim.fast.commission import book_help, drift_away, help_here
from sim.fast.compiled import inner, lanes
from sim.fast.programmes import pool_surge, programme_time
from sim.fast.supply import perish, use_supplies, within_supplies
from sim.fast.targets import strive, turn_to_what_counts
from sim.fast.trials import allotted, find_mean
from sim.rules.delivery import (
    first_offer,
    lapsing,
    productivity,
    reach,
    remembered,
    residents_help,
    residents_strength,
    second_offer,
    training_today,
)
from sim.rules.epidemic import absent_or_away, absent_share, deaths
from sim.rules.maths import exp
from sim.rules.prevention import prevention_today
from sim.rules.resources import share_of
from sim.rules.trials import under_protocol

SPARE_DAYS, SHORT_DAYS = 14.0, 7.0
CLINICAL = 1


class Room(NamedTuple):
    """Room for the numbers of one place and day: shape (worlds,), or a row for each service or desk (K or D, W)."""

    fading: Any
    absent: Any
    missing: Any
    lent: Any
    present: Any
    moved: Any
    left: Any
    available: Any
    worth: Any
    strength: Any
    help_: Any
    preventing: Any
    same: Any
    mean: Any
    reachable: Any
    unsupplied: Any
    capacity: Any
    limits: Any
    rest: Any
    room: Any
    used: Any
    total: Any
    surge: Any
    hours: Any
    limit: Any


def make_room(services, desks, worlds):
    """Return room for one place. It is made once a run: kernels get one pointer to it, as to tables and state."""
    rows = {"surge": services, "hours": desks, "limit": desks}
    return Room(*(np.zeros((rows[name], worlds) if name in rows else worlds) for name in Room._fields))


@inner
def deliver(day, land, t, x, s, m):
    """Serve, place by place, service by service, at the desks of each."""
    for w in range(len(m.fading)):
        m.fading[w] = exp(-1.0 / t.par.load_unfamiliarity_days[w])
    for p in range(s.open_cases.shape[0]):
        deliver_in(day, land, t, x, s, p, m)


@lanes
def deliver_in(day, land, t, x, s, p, m):
    """Serve in one place."""
    busy = programme_time(day, t, p)
    pool_surge(day, t, s, p, m.surge)
    count_heads(day, land, t, s, p, m)
    be_absent(day, land, t, x, s, p, m)
    find_strength(t, s, p, m)
    keep_time(day, land, t, s, p, busy, m)
    turn_to_what_counts(day, land, t, s, p, busy, m.absent, m.lent, m.surge)
    for k in range(s.open_cases.shape[1]):
        first, last = land.service_desk_start[k], land.service_desk_start[k + 1]
        staff_at_work(day, land, t, s, p, k, busy, m)
        co_produce(t, k, m)
        strive(day, t, k, m.help_)
        for d in range(first, last):
            train(land, t, s, p, d, m)
        prevent(t, s, p, k, first, last, m)
        protocol = allotted(day, t, p, k)
        find_mean(day, x, p, k, protocol, m.mean)
        for d in range(first, last):
            find_alike(land, s, p, d, m)
            work(day, land, t, x, s, p, k, d, protocol, m)
        offer(day, land, t, x, s, p, k, m)
        serve(day, t, x, s, p, k, m)
        lapse(t, s, p, k, m)
        expect(land, t, s, p, k, busy, m)
    perish(t, s, p)
    drift_away(day, t, s, p)
    die(t, s, p)


@lanes
def count_heads(day, land, t, s, p, m):
    """Count who is posted to a place today, who of them come from elsewhere, and who of its own are left to it."""
    for w in range(len(m.present)):
        m.present[w], m.moved[w], m.left[w] = 0.0, 0.0, 0.0
    for k in range(s.open_cases.shape[1]):
        joined, staff = responders_in(day, land, t, p, k), land.staff[p, k]
        for w in range(len(m.present)):
            m.present[w] += staff - s.moved_out[p, k, w] + s.reserve[p, k, w] + s.moved_in[p, k, w] + s.aid_in[p, k, w]
            m.present[w] += joined
            m.moved[w] += s.moved_in[p, k, w] + s.aid_in[p, k, w] + joined
            m.left[w] += staff - s.moved_out[p, k, w]


@lanes
def be_absent(day, land, t, x, s, p, m):
    """Fill the shares who are ill or away, and who are not there with vacant posts (W,)."""
    par, away_row = t.par, day if x.away.shape[0] > 1 else 0
    for w in range(len(m.absent)):
        usual, more = par.load_absence[w], par.load_absence_per_prevalence[w]
        ill = absent_share(usual, more, s.infectious[p, w], land.population[p])
        m.missing[w] = absent_or_away(ill, x.away[away_row, p, w])
        m.absent[w] = absent_or_away(m.missing[w], s.vacant[p, w])


@lanes
def keep_time(day, land, t, s, p, busy, m):
    """Book who is present, absent, lent, or busy with links and preparing decisions."""
    par = t.par
    duties = on_own_duties(day, land, t, p)
    for w in range(len(m.present)):
        working = 1.0 - t.coordination[p, w] - t.analysis[p, w] - busy
        present = m.present[w] - s.aid_out[p, w]
        m.lent[w] = min(1.0, share_of(s.aid_out[p, w], m.left[w]))
        at_work = present * (1.0 - m.absent[w])
        s.total_present[p, w] += present
        s.total_duties[p, w] += duties
        s.total_vacant[p, w] += present * s.vacant[p, w]
        s.total_absent[p, w] += present * (1.0 - s.vacant[p, w]) * m.missing[w]
        s.total_coordination[p, w] += at_work * t.coordination[p, w]
        s.total_analysis[p, w] += at_work * t.analysis[p, w]
        s.total_programmes[p, w] += at_work * busy
        unskilled = (1.0 - par.friction_skill_elsewhere[w]) * m.moved[w] * (1.0 - m.absent[w]) * working
        s.total_lost[p, w] += unskilled + s.aid_out[p, w] * par.friction_aid_loss[w]


@lanes
def responders_in(day, land, t, p, k):
    """Return the responders who help with a service today: none unless a co-ordinating group stands."""
    joined = 0.0
    if day >= t.group_from[p]:
        for kind in range(land.responder_service.shape[0]):
            if land.responder_service[kind] == k:
                joined += land.responders[p, kind]
    return joined


@lanes
def on_own_duties(day, land, t, p):
    """Return the responders who are not called on today."""
    busy = 0.0
    if day < t.group_from[p]:
        for kind in range(land.responder_service.shape[0]):
            busy += land.responders[p, kind]
    return busy


@lanes
def staff_at_work(day, land, t, s, p, k, busy, m):
    """Fill the staff-days of a service (W,): its own, surge staff, less skilled help from elsewhere, paid help."""
    joined = responders_in(day, land, t, p, k)
    for w in range(len(m.available)):
        m.worth[w] = help_here(t, s, p, k, w)
        own = (land.staff[p, k] - s.moved_out[p, k, w]) * (1.0 - m.lent[w]) + m.surge[k, w]
        time = (1.0 - m.absent[w]) * (1.0 - t.coordination[p, w] - t.analysis[p, w] - busy)
        helpers = t.par.friction_skill_elsewhere[w] * (s.moved_in[p, k, w] + s.aid_in[p, k, w] + joined)
        m.available[w] = (own + helpers) * time + m.worth[w]


@lanes
def find_strength(t, s, p, m):
    """Fill the log of what staff and residents are together, against ordinary times (W,)."""
    for w in range(len(m.strength)):
        m.strength[w] = residents_strength(s.effort[p, w], t.par.ordinary_effort[w], t.par.culture_effort_worth[w])


@lanes
def co_produce(t, k, m):
    """Fill how much residents' effort multiplies the work of staff in a service (W,)."""
    for w in range(len(m.help_)):
        m.help_[w] = residents_help(m.strength[w], t.coproduction[k])


@lanes
def train(land, t, s, p, d, m):
    """Fill for one desk the staff-days it has, less training (W,)."""
    row = p * land.desk_service.shape[0] + d
    for w in range(len(m.available)):
        mine = m.available[w] * land.desk_share[p, d]
        trained = training_today(s.training_owed[row, w], mine)
        s.training_owed[row, w] -= trained
        s.total_training[p, w] += trained
        m.hours[d, w] = mine - trained


@lanes
def prevent(t, s, p, k, first, last, m):
    """Fill the staff-days that prevention takes of a service (W,), and take them from its desks' hours."""
    for w in range(len(m.capacity)):
        m.capacity[w] = 0.0
    for d in range(first, last):
        for w in range(len(m.capacity)):
            m.capacity[w] += m.hours[d, w]
    for w in range(len(m.capacity)):
        left = m.capacity[w]
        taken = prevention_today(left, t.prevention_share[k], s.short[p, k, w], t.par.prevention_squeeze[w])
        s.prevention[p, k, w] = remembered(s.prevention[p, k, w], share_of(taken, left), t.par.prevention_lag_days[w])
        s.total_prevention[p, w] += taken
        m.preventing[w] = taken
    for d in range(first, last):
        for w in range(len(m.capacity)):
            m.hours[d, w] -= m.preventing[w] * share_of(m.hours[d, w], m.capacity[w])


@lanes
def find_alike(land, s, p, d, m):
    """Fill the share of neighbouring places where the same desk works the same way (W,)."""
    desks, first, last = land.desk_service.shape[0], land.neighbour_start[p], land.neighbour_start[p + 1]
    for w in range(len(m.same)):
        m.same[w] = 0.0
    for link in range(first, last):
        row = land.neighbour[link] * desks + d
        for w in range(len(m.same)):
            m.same[w] += 1.0 if s.approach[row, w] == s.approach[p * desks + d, w] else 0.0
    for w in range(len(m.same)):
        m.same[w] = share_of(m.same[w], float(last - first))


@lanes
def work(day, land, t, x, s, p, k, d, protocol, m):
    """Fill for one desk the cases that it could resolve (W,); a protocol allots a share of them."""
    par, row = t.par, p * land.desk_service.shape[0] + d
    for w in range(len(m.same)):
        extra = par.load_vcs_reach[w] * land.desk_is_vcs[d]
        n = x.stretch[day, w]
        rate = productivity(
            under_protocol(x.effect[n, p, k, s.approach[row, w], w], m.mean[w], protocol),
            under_protocol(x.effect[n, p, k, max(s.trial[row, w], 0), w], m.mean[w], protocol),
            t.trial_share[p] if s.trial[row, w] >= 0 else 0.0,
            s.unfamiliarity[row, w],
            m.same[w],
            par.approaches_interoperability[w],
        )
        reached = reach(s.takeup[p, w], par.ordinary_takeup[w], extra)
        m.limit[d, w] = m.hours[d, w] * (rate * m.help_[w]) * reached
        s.unfamiliarity[row, w] = s.unfamiliarity[row, w] * m.fading[w]


@lanes
def offer(day, land, t, x, s, p, k, m):
    """Offer the open cases of a service to its desks, in proportion to their hours; then what some could not take."""
    first, last, base = land.service_desk_start[k], land.service_desk_start[k + 1], p * land.desk_service.shape[0]
    worlds = len(m.rest)
    for w in range(worlds):
        m.reachable[w] = within_supplies(day, t, x, s, s.open_cases[p, k, w], p, k, w)
        m.rest[w] = m.reachable[w]
        m.capacity[w], m.limits[w], m.room[w], m.used[w], m.total[w] = 0.0, 0.0, 0.0, 0.0, 0.0
    for d in range(first, last):
        for w in range(worlds):
            m.capacity[w] += m.hours[d, w]
            m.limits[w] += m.limit[d, w]
    for d in range(first, last):
        for w in range(worlds):
            served = first_offer(m.reachable[w], share_of(m.hours[d, w], m.capacity[w]), m.limit[d, w])
            s.served_by[base + d, w] = served
            m.rest[w] -= served
            m.room[w] += m.limit[d, w] - served
    for d in range(first, last):
        for w in range(worlds):
            served = s.served_by[base + d, w]
            served += second_offer(max(0.0, m.rest[w]), m.limit[d, w] - served, m.room[w])
            s.served_by[base + d, w] = served
            m.total[w] += served
            m.used[w] += m.hours[d, w] * share_of(served, m.limit[d, w])


@lanes
def serve(day, t, x, s, p, k, m):
    """Serve open cases of a service, and use up supplies for them."""
    for w in range(len(m.used)):
        m.used[w] = min(m.used[w], m.capacity[w])
        s.served[p, k, w] = min(m.total[w], m.reachable[w])
        m.unsupplied[w] = 0.0
    if t.par.has_supplies > 0.0:
        for w in range(len(m.used)):
            workable = min(s.open_cases[p, k, w], m.limits[w])
            m.unsupplied[w] = use_supplies(day, t, x, s, m.reachable[w], workable, s.served[p, k, w], p, k, w)
    if t.par.has_commissioning > 0.0:
        for w in range(len(m.used)):
            book_help(t, s, m.worth[w], m.used[w], m.capacity[w], p, k, w)


@lanes
def lapse(t, s, p, k, m):
    """Let some of the cases that were not served lapse; the others stay open."""
    for w in range(len(m.used)):
        left = s.open_cases[p, k, w] - s.served[p, k, w]
        s.lapsed[p, k, w] = lapsing(left, t.lapse_rate[k])
        s.open_cases[p, k, w] = left - s.lapsed[p, k, w]
        s.lapsed_this_week[p, w] += s.lapsed[p, k, w]
        s.total_used[p, w] += m.used[w]
        s.total_idle[p, w] += m.capacity[w] - m.used[w]
        s.total_missing[p, w] += share_of(left - m.unsupplied[w], share_of(m.limits[w], m.capacity[w]))


@lanes
def expect(land, t, s, p, k, busy, m):
    """Remember what a service could spare, and what it was short of."""
    for w in range(len(m.used)):
        wanted = share_of(s.shown[p, k, w] + 0.1 * s.open_cases[p, k, w], share_of(m.limits[w], m.capacity[w]))
        time = (1.0 - m.absent[w]) * (1.0 - t.coordination[p, w] - t.analysis[p, w] - busy)
        home = (land.staff[p, k] + m.surge[k, w]) * time + m.worth[w] - m.preventing[w]
        s.spare[p, k, w] = remembered(s.spare[p, k, w], max(0.0, home - wanted), SPARE_DAYS)
        s.short[p, k, w] = remembered(s.short[p, k, w], max(0.0, wanted - home), SHORT_DAYS)


@lanes
def die(t, s, p):
    """Count deaths among today's cases: more where clinical need goes unmet."""
    for w in range(s.open_cases.shape[2]):
        waiting = s.open_cases[p, CLINICAL, w] + s.lapsed[p, CLINICAL, w]
        unmet = share_of(waiting, s.served[p, CLINICAL, w] + waiting)
        s.deaths_today[p, w] = deaths(s.new_cases[p, w], t.fatality[p], t.par.epidemic_fatality_unmet[w], unmet)
