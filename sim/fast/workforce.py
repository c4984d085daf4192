"""Phase 3, decide: the workforce power. Staff move between services of a place, and between places."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.ownership import takes_up, whose_turn
from sim.fast.timing import WORKFORCE, trust_at_table, waiting_days
from sim.rules.choice import items_this_round
from sim.rules.resources import free_to_move, lendable, share_of, staff_wanted

NONE, MUTUAL_AID, DIRECTED = 0, 1, 2
NO_PLAN = -1  # else 0 where the first holder of the power has planned moves, 1 where a second one has


@inner
def decide_workforce(day, land, t, x, s):
    """Plan moves within places, then between them.

    What a holder decides waits for approval. Mutual aid is agreed between peers: it starts at once. Where two hold the
    power they come in turn, and the second to come leaves what the first has planned.
    """
    places, services, worlds = s.open_cases.shape
    spare, short = np.zeros(places), np.zeros((places, services))
    for w in range(worlds):
        planned_by = np.full(places, NO_PLAN)
        for turn in range(2):
            meet(day, whose_turn(turn, day, t.workforce, t.second_workforce), land, t, x, s, w, planned_by)
        for p in range(places):
            left_over(t, s, p, w, spare, short)
        if t.between == MUTUAL_AID:
            aid_peers(land, t, s, w, spare, short)
        for second in range(2):
            power = t.second_workforce if second == 1 else t.workforce
            if t.between == DIRECTED:
                direct(power, land, t, s, w, planned_by, spare, short)
            approve(day, power, x, s, w, planned_by)


@inner
def meet(day, power, land, t, x, s, w, planned_by):
    """Let holders plan moves within places in their scopes where attention allows and nothing pends; note who did."""
    rounds = day // power.cadence
    for h in range(power.holder_key.shape[0]):
        for scope in range(power.holder_scope_start[h], power.holder_scope_start[h + 1]):
            first, last = power.scope_start[scope], power.scope_start[scope + 1]
            free = items_this_round(power.items[h, w], rounds) > 0
            for i in range(first, last):
                p = power.scope_place[i]
                free = free and s.workforce_due[p, w] < 0 and planned_by[p] == NO_PLAN
            if free and takes_up(day, scope, power, WORKFORCE, x.seed[w]):
                for i in range(first, last):
                    p = power.scope_place[i]
                    planned_by[p] = power.second
                    stays_lent = s.aid_out[p, w] if t.between == DIRECTED and last - first == 1 else 0.0
                    move_within(land, t, s, stays_lent, p, w)


@inner
def move_within(land, t, s, stays_lent, p, w):
    """Plan to move expected spare staff to short services of the same place; nobody who stays lent to others."""
    services, par = s.short.shape[1], t.par
    staff, free, wanted = 0.0, 0.0, 0.0
    for k in range(services):
        staff += land.staff[p, k]
        free += free_to_move(s.spare[p, k, w], par.friction_movable[w], land.staff[p, k])
        wanted += staff_wanted(s.short[p, k, w], par.friction_skill_elsewhere[w])
    moved = min(free, wanted, staff - stays_lent) if t.pooled == 1 else 0.0
    moved = moved if moved > t.workforce.reversal[w] * staff else 0.0
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
def direct(power, land, t, s, w, planned_by, spare, short):
    """Directed aid: a holder moves spare staff to shortages within its area."""
    for scope in range(power.scope_key.shape[0]):
        first, last = power.scope_start[scope], power.scope_start[scope + 1]
        if last - first > 1 and planned_by[power.scope_place[first]] == power.second:
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
def approve(day, power, x, s, w, planned_by):
    """Send the moves of each table for approval."""
    for scope in range(power.scope_key.shape[0]):
        first, last = power.scope_start[scope], power.scope_start[scope + 1]
        if planned_by[power.scope_place[first]] == power.second:
            trust = trust_at_table(power, s.language, s.trust, first, last, w)
            key, talks = power.scope_key[scope], power.negotiation[w]
            wait = waiting_days(day, key, power, WORKFORCE, talks, trust, x.seed[w], w)
            for i in range(first, last):
                s.workforce_due[power.scope_place[i], w] = day + wait
