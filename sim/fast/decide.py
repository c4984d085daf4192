"""Phase 3, decide: what is due takes effect; then each power whose day it is."""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.mandates import U_TURN_DAYS, WEEK, proclaim, review_mandates
from sim.fast.ownership import count_owners, is_turn_of_second, takes_up, whose_turn
from sim.fast.supply import supply
from sim.fast.talks import count_talks, settle
from sim.fast.targets import claim_on, weight_of
from sim.fast.teams import decide_teams
from sim.fast.timing import APPROACH, RESERVE, RESTRICTION, trust_at_table
from sim.fast.workforce import decide_workforce
from sim.rules.choice import (
    imagined,
    is_better,
    is_tighter,
    is_u_turn,
    items_this_round,
    level_wanted,
    line_of_change,
    newest_report,
    report_day,
    salience,
    worth_changing,
)
from sim.rules.maths import exp
from sim.rules.resources import bid_for, share_of
from sim.rules.talks import gain_from_limit, member_view
from sim.streams import Purpose, turn_normal, uniform

TRIAL = int(Purpose.TRIAL)
TAKEN = -1.0  # below any salience or rate
FORMULA, SEEN_NEED, BIDS = 0, 1, 2  # how surge staff are shared out


@inner
def decide(day, land, t, x, s, t2, s2):
    """Put into effect what is due, then decide."""
    take_effect(day, land, t, x, s)
    if day > 0:
        if day % WEEK == 0:
            review_mandates(day, land, t, x, s)
        if day % t.approach.cadence == 0:
            for turn in range(2):
                if is_turn_of_second(turn, day, t.approach):
                    if t2.approach.second == 1:
                        decide_approach(day, land, t2, x, s2)
                else:
                    decide_approach(day, land, t, x, s)
            decide_teams(day, land, t, s)
        if day % t.reserve.cadence == 0:
            for turn in range(2):
                decide_reserve(day, whose_turn(turn, day, t.reserve, t.second_reserve), land, t, x, s)
        if day % t.workforce.cadence == 0:
            decide_workforce(day, land, t, x, s)
        if t.par.has_epidemic > 0.0 and day % t.restriction.cadence == 0:
            for turn in range(2):
                decide_restriction(day, whose_turn(turn, day, t.restriction, t.second_restriction), land, t, x, s)
        if day % int(t.par.evidence_trial_days) == 0:
            choose_trials(day, land, t, x, s)
        count_owners(day, t, s, x.seed)
    supply(day, land, t, x, s)


@lanes
def take_effect(day, land, t, x, s):
    """Put into effect the decisions whose approvals are through."""
    places, services, worlds = s.open_cases.shape
    for p in range(places):
        for w in range(worlds):
            for k in range(services):
                if s.approach_due[p, k, w] >= 0 and s.approach_due[p, k, w] <= day:
                    proclaim(day, land, t, x, s, p, k, w)
            if s.reserve_due[p, w] >= 0 and s.reserve_due[p, w] <= day:
                s.reserve_due[p, w] = -1
                for k in range(services):
                    s.reserve[p, k, w] = s.reserve_next[p, k, w]
            if s.workforce_due[p, w] >= 0 and s.workforce_due[p, w] <= day:
                s.workforce_due[p, w] = -1
                s.aid_out[p, w] = s.aid_out_next[p, w]
                for k in range(services):
                    s.moved_out[p, k, w] = s.moved_out_next[p, k, w]
                    s.moved_in[p, k, w] = s.moved_in_next[p, k, w]
                    s.aid_in[p, k, w] = s.aid_in_next[p, k, w]
            if s.restriction_due[p, w] >= 0 and s.restriction_due[p, w] <= day:
                restrict(day, s, p, w)


@lanes
def restrict(day, s, p, w):
    """Bring in or lift a restriction."""
    s.restriction_due[p, w] = -1
    if s.restricted[p, w] != s.restricted_next[p, w]:
        back = is_u_turn(s.restricted_next[p, w], s.restricted[p, w], s.restricted_before[p, w])
        if back and day - s.restriction_changed[p, w] < U_TURN_DAYS:
            s.u_turns[p, w] += 1.0
        s.restricted_before[p, w] = s.restricted[p, w]
        s.restricted[p, w] = s.restricted_next[p, w]
        s.restriction_changed[p, w] = day


@inner
def told_need(day, delay, open_cases, told, p, k, w):
    """Return the open cases of a place as its decider knows them: today's, or the newest report's."""
    if delay == 0:
        return open_cases[p, k, w]
    number = newest_report(day, delay)
    return told[p, number % told.shape[1], k, w] if number >= 0 else 0.0


@inner
def seen_need(power, day, land, s, k, w, out):
    """Fill ``out`` (P,) with open cases as seen: the average of the unit a place is seen in, by head."""
    for u in range(power.unit_start.shape[0] - 1):
        cases, people = 0.0, 0.0
        for i in range(power.unit_start[u], power.unit_start[u + 1]):
            p = power.unit_place[i]
            cases += told_need(day, power.delay[p], s.open_cases, s.told_need, p, k, w)
            people += land.thousand[p]
        for i in range(power.unit_start[u], power.unit_start[u + 1]):
            out[power.unit_place[i]] = share_of(cases, people) * land.thousand[power.unit_place[i]]


@inner
def decide_approach(day, land, t, x, s):
    """Each holder takes its most pressing items and asks of each whether another approach is better."""
    places, services, worlds = s.open_cases.shape
    power = t.approach
    rounds = day // power.cadence
    seen = np.zeros((services, places))
    for w in range(worlds):
        for k in range(services):
            seen_need(power, day, land, s, k, w, seen[k])
        for h in range(power.holder_key.shape[0]):
            first, last = power.holder_scope_start[h], power.holder_scope_start[h + 1]
            if power.place_holds[power.scope_place[power.scope_start[first]]] == 2:
                continue  # its teams decide
            allowed = items_this_round(power.items[h, w], rounds)
            count = (last - first) * services
            pressing = np.zeros(count)
            for i in range(count):
                scope, k = first + i // services, i % services
                cases = 0.0
                for j in range(power.scope_start[scope], power.scope_start[scope + 1]):
                    cases += seen[k, power.scope_place[j]]
                days = day - s.approach_considered[power.scope_place[power.scope_start[scope]], k, w]
                pressing[i] = salience(weight_of(day, t, k), t.visibility[k], power.in_the_room[k], cases, days)
                waits = is_pending(power, s.approach_due, scope, k, w)
                if waits or not takes_up(day, scope, power, APPROACH, x.seed[w]):
                    pressing[i] = TAKEN
            for _ in range(min(allowed, count)):
                i = most_pressing(pressing)
                if pressing[i] == TAKEN:
                    break
                pressing[i] = TAKEN
                consider(day, first + i // services, i % services, land, t, x, s, w)


@inner
def is_pending(power, due, scope, k, w):
    """Say whether a decision for a scope still waits for approval: it then takes no attention."""
    for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
        if due[power.scope_place[i], k, w] >= 0:
            return True
    return False


@inner
def most_pressing(pressing):
    """Return the most pressing item that is left; at a tie the one that comes first."""
    best = 0
    for i in range(1, len(pressing)):
        if is_better(pressing[i], pressing[best]):
            best = i
    return best


@inner
def consider(day, scope, k, land, t, x, s, w):
    """Decide one item: the highest posterior mean, if it is worth the change."""
    power = t.approach
    approaches = s.belief_mean.shape[2]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    current = 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        s.approach_considered[p, k, w] = day
        current += land.thousand[p] * belief_in_use(land, s, p, k, w)
    best, top = -1, 0.0
    for a in range(approaches):
        score = 0.0
        for i in range(first, last):
            score += land.thousand[power.scope_place[i]] * s.belief_mean[power.scope_place[i], k, a, w]
        if best < 0 or is_better(score, top):
            best, top = a, score
    people = 0.0
    for i in range(first, last):
        people += land.thousand[power.scope_place[i]]
    if worth_changing(top / people, current / people, power.reversal[w]):
        trust = trust_at_table(power, s.language, s.trust, first, last, w)
        gains, members = gains_from_approach(day, scope, k, best, land, t, s, w)
        wait, agreed = settle(day, power.scope_key[scope], power, k, trust, gains, members, t.par, x.seed[w], w)
        count_talks(power, s, first, last, agreed, w)
        for i in range(first, last):
            if agreed:
                instruct(day, wait, power.scope_place[i], k, best, land, t, s, w)
            else:
                s.approach_due[power.scope_place[i], k, w] = day + wait


@inner
def gains_from_approach(day, scope, k, best, land, t, s, w):
    """Return what each member of the table gains by an approach, in logs, and how many members there are.

    At the table of several places these sit together; at that of one place, those who do the work.
    """
    power, desks = t.approach, land.desk_service.shape[0]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    gains = np.zeros(max(last - first, desks))
    if last - first > 1:
        slot = max(newest_report(day, 0), 0) % s.told_mean.shape[1]
        for i in range(first, last):
            p = power.scope_place[i]
            gains[i - first] = place_view(s, slot, p, k, best, w)
            for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
                now = s.approach[p * desks + d, w]
                gains[i - first] -= land.desk_share[p, d] * place_view(s, slot, p, k, now, w)
        return gains, last - first
    p, start = power.scope_place[first], land.service_desk_start[k]
    for d in range(start, land.service_desk_start[k + 1]):
        gains[d - start] = desk_view(s, p, p * desks + d, k, best, w)
        gains[d - start] -= desk_view(s, p, p * desks + d, k, s.approach[p * desks + d, w], w)
    return gains, land.service_desk_start[k + 1] - start


@inner
def place_view(s, slot, p, k, a, w):
    """Return what a place expects of an approach: what the table believes of it, corrected by its own report."""
    mean, weight = s.told_mean[p, slot, k, a, w], s.told_weight[p, slot, k, a, w]
    return member_view(s.belief_mean[p, k, a, w], s.belief_variance[p, k, a, w], mean, weight)


@inner
def desk_view(s, p, row, k, a, w):
    """Return what those at a desk expect of an approach: what the place believes, corrected by their own work."""
    mean, weight = s.mean[row, a, w], s.weight[row, a, w]
    return member_view(s.belief_mean[p, k, a, w], s.belief_variance[p, k, a, w], mean, weight)


@inner
def belief_in_use(land, s, p, k, w):
    """Return what is believed of the ways in use at the desks of a service, by share of staff."""
    desks, believed = land.desk_service.shape[0], 0.0
    for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
        believed += land.desk_share[p, d] * s.belief_mean[p, k, s.approach[p * desks + d, w], w]
    return believed


@inner
def instruct(day, wait, p, k, a, land, t, s, w):
    """Give a place its new approach for a service; an override of what works there is remembered."""
    if s.mandate[p, k, w] == a:
        return
    s.approach_next[p, k, w] = a
    s.approach_due[p, k, w] = day + wait
    s.decisions[p, w] += 1.0
    s.decided[first_place(t.approach, p), w] += 1.0
    s.decision_wait[p, w] += wait
    own_place = t.approach.place_holds[p] > 0
    number = newest_report(day, 0 if own_place else t.reporting_delay)
    s.decision_age[p, w] += day - report_day(number) if number >= 0 else day
    if not own_place and t.opt_out == 0:
        displaced = overridden(day, p, k, a, land, t, s, w)
        s.overrides[p, w] += displaced
        s.overrides_this_week[p, w] += displaced


@inner
def first_place(power, p):
    """Return the first place of whoever holds a power in a place."""
    scope = power.holder_scope_start[power.holder_of_place[p]]
    return power.scope_place[power.scope_start[scope]]


@inner
def overridden(day, p, k, a, land, t, s, w):
    """Return the share of staff whose way of working an order displaces though the place has seen it do better."""
    number = newest_report(day, 0)
    if number < 0:
        return 0.0
    slot, desks, share = number % s.told_mean.shape[1], land.desk_service.shape[0], 0.0
    for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
        now = s.approach[p * desks + d, w]
        tried = s.told_weight[p, slot, k, now, w] > 0.0
        if tried and worth_changing(
            s.told_mean[p, slot, k, now, w], s.told_mean[p, slot, k, a, w], t.approach.reversal[w]
        ):
            share += land.desk_share[p, d]
    return share


@inner
def decide_reserve(day, power, land, t, x, s):
    """Each holder shares out its surge staff: by head count, by the need it sees, or by what places bid for."""
    places, services, worlds = s.open_cases.shape
    rounds = day // power.cadence
    if power.holder_key.shape[0] == 0:
        return
    seen, claim = np.zeros(places), np.zeros((places, services))
    for w in range(worlds):
        for k in range(services):
            claim_surge_staff(day, power, land, t, x, s, k, w, seen, claim)
        for h in range(power.holder_key.shape[0]):
            if items_this_round(power.items[h, w], rounds) > 0:
                for scope in range(power.holder_scope_start[h], power.holder_scope_start[h + 1]):
                    if takes_up(day, scope, power, RESERVE, x.seed[w]):
                        share_out(day, scope, claim, power, land, t, x, s, w)


@inner
def claim_surge_staff(day, power, land, t, x, s, k, w, seen, claim):
    """Fill the claims (P, K) of one service, as the structure's rule has it."""
    if t.reserve_rule == SEEN_NEED:
        seen_need(power, day, land, s, k, w, seen)
    for p in range(len(seen)):
        if t.reserve_rule == FORMULA:
            claim[p, k] = land.need[p, k, w]
        elif t.reserve_rule == SEEN_NEED:
            claim[p, k] = claim_on(day, land, t, power, p, k, seen[p])
        else:
            own = claim_on(day, land, t, power, p, k, s.open_cases[p, k, w])
            claim[p, k] = bid_for(own, x.capability[p, w], t.par.evidence_bid_skill[w])


@inner
def share_out(day, scope, claim, power, land, t, x, s, w):
    """Share the surge staff of one table by claims, unless too little would change."""
    services = claim.shape[1]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    pool, claims, change = 0.0, 0.0, 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        if s.reserve_due[p, w] >= 0:
            return
        for k in range(services):
            pool += s.reserve[p, k, w]
            claims += claim[p, k]
    for i in range(first, last):
        p = power.scope_place[i]
        for k in range(services):
            s.reserve_next[p, k, w] = pool * share_of(claim[p, k], claims)
            change += max(0.0, s.reserve_next[p, k, w] - s.reserve[p, k, w])
    if change > power.reversal[w] * pool:
        trust = trust_at_table(power, s.language, s.trust, first, last, w)
        gains = np.zeros(last - first)
        for i in range(first, last):
            p, staff = power.scope_place[i], 0.0
            for k in range(services):
                gains[i - first] += s.reserve_next[p, k, w] - s.reserve[p, k, w]
                staff += land.staff[p, k]
            gains[i - first] = share_of(gains[i - first], staff)
        key, members = power.scope_key[scope], last - first
        wait, agreed = settle(day, key, power, RESERVE, trust, gains, members, t.par, x.seed[w], w)
        count_talks(power, s, first, last, agreed, w)
        for i in range(first, last):
            p = power.scope_place[i]
            s.reserve_due[p, w] = day + wait
            for k in range(services):
                if not agreed:
                    s.reserve_next[p, k, w] = s.reserve[p, k, w]


@inner
def decide_restriction(day, power, land, t, x, s):
    """Each holder takes its places in order of the rate it sees, and restricts or lifts."""
    worlds = s.restricted.shape[1]
    rounds = day // power.cadence
    lag = int(t.par.epidemic_report_delay_days)
    for w in range(worlds):
        for h in range(power.holder_key.shape[0]):
            first, last = power.holder_scope_start[h], power.holder_scope_start[h + 1]
            rate = np.zeros(last - first)
            for i in range(last - first):
                rate[i] = rate_seen(day, first + i, lag, power, land, s, w)
            for _ in range(min(items_this_round(power.items[h, w], rounds), last - first)):
                i = most_pressing(rate)
                if takes_up(day, first + i, power, RESTRICTION, x.seed[w]):
                    consider_restriction(day, first + i, rate[i], power, land, t, x, s, w)
                rate[i] = TAKEN


@inner
def rate_seen(day, scope, lag, power, land, s, w):
    """Return the rate of reported cases in a scope as its decider knows it, units averaged."""
    cases, people = 0.0, 0.0
    for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
        u = power.unit_of_place[power.scope_place[i]]
        unit_cases, unit_people = 0.0, 0.0
        for j in range(power.unit_start[u], power.unit_start[u + 1]):
            q = power.unit_place[j]
            number = newest_report(day, power.delay[q] + lag)
            told = s.told_rate[q, number % s.told_rate.shape[1], w] if number >= 0 else 0.0
            unit_cases += land.thousand[q] * told
            unit_people += land.thousand[q]
        cases += land.thousand[power.scope_place[i]] * share_of(unit_cases, unit_people)
        people += land.thousand[power.scope_place[i]]
    return share_of(cases, people)


@inner
def consider_restriction(day, scope, rate, power, land, t, x, s, w):
    """Decide one scope: restrict above the threshold that its people prefer, lift well below it."""
    par = t.par
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    caution, people = 0.0, 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        if s.restriction_due[p, w] >= 0:
            return
        caution += land.thousand[p] * x.preference[p, w]
        people += land.thousand[p]
    threshold = par.restriction_threshold[w] * exp(par.restriction_preference_log_sd[w] * caution / people)
    head = power.scope_place[first]
    held = day - s.restriction_changed[head, w]
    wanted = level_wanted(
        rate,
        threshold,
        par.restriction_release[w],
        s.restricted[head, w],
        held,
        int(par.restriction_hold_days[w]),
        power.reversal[w],
        par.restriction_lighter[w],
        par.restriction_lighter_at[w],
    )
    differs = False
    for i in range(first, last):
        differs = differs or wanted != s.restricted[power.scope_place[i], w]
    if differs:
        trust = trust_at_table(power, s.language, s.trust, first, last, w)
        gains = gains_from_restriction(day, scope, wanted, power, t, x, s, w)
        wait, agreed = settle(
            day, power.scope_key[scope], power, RESTRICTION, trust, gains, last - first, par, x.seed[w], w
        )
        count_talks(power, s, first, last, agreed, w)
        for i in range(first, last):
            p = power.scope_place[i]
            s.restricted_next[p, w] = wanted if agreed else s.restricted[p, w]
            s.restriction_due[p, w] = day + wait


@inner
def gains_from_restriction(day, scope, wanted, power, t, x, s, w):
    """Return how far each place's own rate lies past the limit that it prefers, from -1 to 1."""
    par = t.par
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    gains = np.zeros(last - first)
    number = newest_report(day, int(par.epidemic_report_delay_days))
    in_force = s.restricted[power.scope_place[first], w]
    line = line_of_change(wanted, in_force, par.restriction_threshold[w], par.restriction_lighter_at[w])
    for i in range(first, last):
        p = power.scope_place[i]
        rate = s.told_rate[p, number % s.told_rate.shape[1], w] if number >= 0 else 0.0
        limit = line * exp(par.restriction_preference_log_sd[w] * x.preference[p, w])
        gains[i - first] = gain_from_limit(rate, limit, is_tighter(wanted, in_force))
    return gains


@inner
def choose_trials(day, land, t, x, s):
    """Where it is licensed, let each desk put its most promising other approach on trial (Thompson sampling)."""
    places, worlds = s.restricted.shape
    desks, approaches = land.desk_service.shape[0], s.belief_mean.shape[2]
    drawn = np.zeros((desks * approaches, worlds))
    far, where = np.zeros(drawn.size), np.zeros(drawn.size, np.int64)
    arm, top = np.zeros(worlds, np.int64), np.zeros(worlds)
    for p in range(places):
        if t.trial_share[p] > 0.0:
            draw_hopes(day, land, x, p, drawn)
            turn_normal(drawn.reshape(-1), far, where)
        for d in range(desks):
            choose_trial(land, t, s, p, d, drawn[d * approaches : (d + 1) * approaches], arm, top)


@lanes
def draw_hopes(day, land, x, p, drawn):
    """Fill uniform draws for each approach at each desk of a place: a row for each (D A, W)."""
    approaches = len(drawn) // land.desk_service.shape[0]
    for row in range(len(drawn)):
        for w in range(drawn.shape[1]):
            drawn[row, w] = uniform(x.seed[w], land.key[p], day, row // approaches, TRIAL, row % approaches)


@lanes
def choose_trial(land, t, s, p, d, drawn, arm, top):
    """Put at one desk the approach on trial of which a draw from what is believed promises most (W,)."""
    k, row, own = land.desk_service[d], p * land.desk_service.shape[0] + d, t.approach.place_holds[p] == 2
    arm[:] = -1
    if t.trial_share[p] > 0.0:
        for a in range(len(drawn)):
            if own:
                imagine(s.team_mean[row, a], s.team_variance[row, a], drawn[a])
            else:
                imagine(s.belief_mean[p, k, a], s.belief_variance[p, k, a], drawn[a])
            prefer(a, drawn[a], s.approach[row], arm, top)
    for w in range(len(arm)):
        s.trial[row, w] = arm[w]


@lanes
def imagine(mean, variance, drawn):
    """Turn standard normal draws (W,) into draws from what is believed."""
    for w in range(len(drawn)):
        drawn[w] = imagined(mean[w], variance[w], drawn[w])


@lanes
def prefer(a, drawn, in_use, arm, top):
    """Take an approach where its draw beats those before it and it is not in use (W,)."""
    for w in range(len(arm)):
        so_far, best = arm[w], top[w]
        taken = (a != in_use[w]) & ((so_far < 0) | is_better(drawn[w], best))
        arm[w] = a if taken else so_far
        top[w] = drawn[w] if taken else best
