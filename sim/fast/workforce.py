"""Phase 3, decide: the workforce power. Staff move between services of a place, and between places."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.timing import WORKFORCE, trust_at_table, waiting_days
from sim.rules.choice import items_this_round
from sim.rules.resources import free_to_move, lendable, share_of, staff_wanted

NONE, MUTUAL_AID, DIRECTED = 0, 1, 2


@inner
def decide_workforce(day, land, t, x, s):
    """Plan moves within places, then between them.

    What a holder decides waits for approval. Mutual aid is agreed between peers: it starts at once.
    """
    places, services, worlds = s.open_cases.shape
    spare, short = np.zeros(places), np.zeros((places, services))
    for w in range(worlds):
        meets = tables_that_meet(day, t, s, w)
        for p in range(places):
            if meets[p]:
                move_within(land, t, s, p, w)
            left_over(t, s, p, w, spare, short)
        if t.between == MUTUAL_AID:
            aid_peers(land, t, s, w, spare, short)
        if t.between == DIRECTED:
            direct(land, t, s, w, meets, spare, short)
        approve(day, t, x, s, w, meets)


@inner
def tables_that_meet(day, t, s, w):
    """Return for each place whether its staff can be moved in this round: attention allows, nothing pends."""
    power = t.workforce
    places = power.delay.shape[0]
    meets = np.zeros(places, np.bool_)
    rounds = day // power.cadence
    for h in range(power.holder_key.shape[0]):
        for scope in range(power.holder_scope_start[h], power.holder_scope_start[h + 1]):
            free = items_this_round(power.items[h], rounds) > 0
            for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
                free = free and s.workforce_due[power.scope_place[i], w] < 0
            for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
                meets[power.scope_place[i]] = free
    return meets


@inner
def move_within(land, t, s, p, w):
    """Plan to move expected spare staff to short services of the same place."""
    services, par = s.short.shape[1], t.par
    staff, free, wanted = 0.0, 0.0, 0.0
    for k in range(services):
        staff += land.staff[p, k]
        free += free_to_move(s.spare[p, k, w], par.friction_movable[w], land.staff[p, k])
        wanted += staff_wanted(s.short[p, k, w], par.friction_skill_elsewhere[w])
    moved = min(free, wanted) if t.pooled == 1 else 0.0
    moved = moved if moved > t.workforce.reversal * staff else 0.0
    for k in range(services):
        given = free_to_move(s.spare[p, k, w], par.friction_movable[w], land.staff[p, k])
        s.moved_out_next[p, k, w] = min(given, moved * share_of(given, free))
        need = staff_wanted(s.short[p, k, w], par.friction_skill_elsewhere[w])
        s.moved_in_next[p, k, w] = moved * share_of(need, wanted)


@inner
def left_over(t, s, p, w, spare, short):
    """Note the spare time and the shortages that the plan within a place leaves."""
    services = short.shape[1]
    spare[p] = 0.0
    for k in range(services):
        spare[p] += max(0.0, s.spare[p, k, w] - s.moved_out_next[p, k, w])
        filled = t.par.friction_skill_elsewhere[w] * s.moved_in_next[p, k, w]
        short[p, k] = max(0.0, s.short[p, k, w] - filled)


@inner
def can_lend(land, t, s, p, w, spare, short):
    """Return staff that a place can lend, and staff it would take from elsewhere.

    Whoever works for another service of the place, now or once that is approved, cannot be lent.
    """
    staff, left, missing = 0.0, 0.0, 0.0
    for k in range(short.shape[1]):
        staff += land.staff[p, k]
        left += land.staff[p, k] - max(s.moved_out[p, k, w], s.moved_out_next[p, k, w])
        missing += short[p, k]
    par = t.par
    kept = 1.0 - par.friction_aid_loss[w]
    lent = lendable(spare[p], missing, staff, par.friction_aid_margin[w], par.friction_aid_cap[w])
    return min(lent, left), staff_wanted(missing, par.friction_skill_elsewhere[w] * kept)


@inner
def receive(t, s, p, w, staff, short):
    """Put staff from elsewhere, net of what is lost in moving, where they are most missing."""
    services = short.shape[1]
    missing = 0.0
    for k in range(services):
        missing += short[p, k]
    for k in range(services):
        s.aid_in_next[p, k, w] = staff * (1.0 - t.par.friction_aid_loss[w]) * share_of(short[p, k], missing)


@inner
def aid_peers(land, t, s, w, spare, short):
    """Mutual aid: each lender offers to its peers by their shortage and its trust; nobody takes too much."""
    places, services = short.shape
    lent, wanted, taken = np.zeros(places), np.zeros(places), np.zeros(places)
    for p in range(places):
        lent[p], wanted[p] = can_lend(land, t, s, p, w, spare, short)
    for p in range(places):
        claims = 0.0
        for i in range(t.tie_start[p], t.tie_start[p + 1]):
            claims += wanted[t.tie_place[i]] * s.trust[t.tie_relation[i], w]
        for i in range(t.tie_start[p], t.tie_start[p + 1]):
            q, r = t.tie_place[i], t.tie_relation[i]
            s.helped[r, w] = lent[p] * share_of(wanted[q] * s.trust[r, w], claims)
            taken[q] += s.helped[r, w]
    for p in range(places):
        s.aid_out_next[p, w] = 0.0
        for i in range(t.tie_start[p], t.tie_start[p + 1]):
            q, r = t.tie_place[i], t.tie_relation[i]
            s.helped[r, w] = s.helped[r, w] * min(1.0, share_of(wanted[q], taken[q]))
            s.aid_out_next[p, w] += s.helped[r, w]
        receive(t, s, p, w, min(taken[p], wanted[p]), short)
        s.aid_out[p, w] = s.aid_out_next[p, w]
        for k in range(services):
            s.aid_in[p, k, w] = s.aid_in_next[p, k, w]


@inner
def direct(land, t, s, w, meets, spare, short):
    """Directed aid: a holder moves spare staff to shortages within its area."""
    power = t.workforce
    for scope in range(power.scope_key.shape[0]):
        first, last = power.scope_start[scope], power.scope_start[scope + 1]
        if last - first > 1 and meets[power.scope_place[first]]:
            supply, demand = 0.0, 0.0
            for i in range(first, last):
                lent, wanted = can_lend(land, t, s, power.scope_place[i], w, spare, short)
                supply += lent
                demand += wanted
            flow = min(supply, demand)
            for i in range(first, last):
                p = power.scope_place[i]
                lent, wanted = can_lend(land, t, s, p, w, spare, short)
                s.aid_out_next[p, w] = flow * share_of(lent, supply)
                receive(t, s, p, w, flow * share_of(wanted, demand), short)


@inner
def approve(day, t, x, s, w, meets):
    """Send the moves of each table for approval."""
    power = t.workforce
    for scope in range(power.scope_key.shape[0]):
        first, last = power.scope_start[scope], power.scope_start[scope + 1]
        if meets[power.scope_place[first]]:
            trust = trust_at_table(power, s.language, s.trust, first, last, w)
            wait = waiting_days(day, power.scope_key[scope], power, WORKFORCE, power.negotiation, trust, x.seed[w])
            for i in range(first, last):
                s.workforce_due[power.scope_place[i], w] = day + wait
