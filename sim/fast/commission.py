"""Phase 3, decide: the commissioning power. Others are paid to help: money flows, tenders are held, helpers work.

A buyer's money is kept at the first of its places. Helpers work in phase 4 (`help_here`).
"""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.decide import seen_need
from sim.fast.targets import claim_on
from sim.fast.timing import COMMISSIONING, trust_at_table, waiting_days
from sim.rules.choice import items_this_round
from sim.rules.commissioning import (
    bid_price,
    bid_weight,
    cheaper,
    pot_number,
    price_of_staff,
    quality_of,
    staff_for,
    volunteers_after,
)
from sim.rules.resources import share_of
from sim.streams import Purpose, normal

BID, POT = int(Purpose.BID), int(Purpose.POT)
PLAN_DAYS = 28.0  # in which money that has been saved is to be spent


@inner
def commission(day, land, t, x, s):
    """Let money flow and contracts begin; hold tenders, on the day of a round; pay those who work today."""
    if t.par.has_commissioning == 0.0 or day < t.par.commissioning_first_day:
        return
    places, services, worlds = s.contracted.shape
    power = t.commissioning
    claim, seen = np.zeros((places, services)), np.zeros(places)
    income = np.zeros(places)
    for w in range(worlds):
        come_in(day, land, t, x, income, w)
        fund_and_begin(day, income, s, w)
        if day > 0 and day % power.cadence == 0:
            for k in range(services):
                paid_for = is_paid_for(day, t, k, services)
                if t.help.by_need == 1:
                    seen_need(power, day, land, s, k, w, seen)
                for p in range(places):
                    wanted = claim_on(day, land, t, power, p, k, seen[p]) if t.help.by_need == 1 else land.need[p, k, w]
                    claim[p, k] = wanted if paid_for else 0.0
            for h in range(power.holder_key.shape[0]):
                if items_this_round(power.items[h, w], day // power.cadence) > 0:
                    for scope in range(power.holder_scope_start[h], power.holder_scope_start[h + 1]):
                        tender(day, scope, claim, income, land, t, x, s, w)
        for scope in range(power.scope_key.shape[0]):
            pay(scope, t, s, w)


@inner
def come_in(day, land, t, x, income, w):
    """Fill the money that comes in today (P,): each place's own, or its part of the pot that it bid for."""
    weights, total = 0.0, 0.0
    for p in range(len(income)):
        income[p] = t.help.money[p]
        total += t.help.money[p]
    if t.help.pots == 0:
        return
    par = t.par
    first, length = int(par.commissioning_first_day), int(par.commissioning_pot_days)
    opened = first + pot_number(day, first, length) * length
    for p in range(len(income)):
        z = normal(x.seed[w], land.key[p], opened, 0, POT, 0)
        income[p] = bid_weight(
            land.thousand[p], x.capability[p, w], par.commissioning_pot_contest[w], par.commissioning_pot_noise[w], z
        )
        weights += income[p]
    for p in range(len(income)):
        income[p] = total * income[p] / weights


@inner
def is_paid_for(day, t, k, services):
    """Say whether money may be spent on a service: a pot is for one, each in its turn."""
    if t.help.pots == 0:
        return True
    return pot_number(day, int(t.par.commissioning_first_day), int(t.par.commissioning_pot_days)) % services == k


@inner
def fund_and_begin(day, income, s, w):
    """Take in today's money; let contracts begin that are due."""
    for p in range(s.purse.shape[0]):
        s.purse[p, w] += income[p]
        s.total_granted[p, w] += income[p]
        if s.contract_due[p, w] >= 0 and s.contract_due[p, w] <= day:
            s.contract_due[p, w] = -1
            s.contract_price[p, w] = s.contract_price_next[p, w]
            for k in range(s.contracted.shape[1]):
                s.contracted[p, k, w] = s.contracted_next[p, k, w]


@inner
def tender(day, scope, claim, income, land, t, x, s, w):
    """Hold a tender for one scope, and send staff where they are claimed, unless too little would change."""
    power, services = t.commissioning, claim.shape[1]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    saved, money, claims, staff, change = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        if s.contract_due[p, w] >= 0:
            return
        saved += s.purse[p, w]
        money += income[p]
        for k in range(services):
            claims += claim[p, k]
            staff += land.staff[p, k]
    price = best_bid(day, power.scope_key[scope], t, x.seed[w], w)
    hired = staff_for(saved / PLAN_DAYS + money, price, t.help.rise, staff)
    for i in range(first, last):
        p = power.scope_place[i]
        for k in range(services):
            s.contracted_next[p, k, w] = hired * share_of(claim[p, k], claims)
            change += max(0.0, s.contracted_next[p, k, w] - s.contracted[p, k, w])
    if change > power.reversal[w] * hired:
        trust = trust_at_table(power, s.language, s.trust, first, last, w)
        key, talks = power.scope_key[scope], power.negotiation[w]
        wait = waiting_days(day, key, power, COMMISSIONING, talks, trust, x.seed[w], w) + t.help.start_days
        for i in range(first, last):
            s.contract_due[power.scope_place[i], w] = day + wait
            s.contract_price_next[power.scope_place[i], w] = price_of_staff(price, t.help.rise, hired, staff)


@inner
def best_bid(day, key, t, seed, w):
    """Return the price of the cheapest bidder."""
    best = bid_price(t.help.price, t.par.commissioning_bid_log_sd[w], normal(seed, key, day, t.help.kind, BID, 0))
    for bidder in range(1, t.help.bidders):
        z = normal(seed, key, day, t.help.kind, BID, bidder)
        best = cheaper(bid_price(t.help.price, t.par.commissioning_bid_log_sd[w], z), best)
    return best


@inner
def pay(scope, t, s, w):
    """Pay those under contract, as far as the money goes: so many work today."""
    power, services = t.commissioning, s.contracted.shape[1]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    pool, cost = 0.0, 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        pool += s.purse[p, w]
        for k in range(services):
            cost += s.contracted[p, k, w] * s.contract_price[p, w]
    paid = min(1.0, share_of(pool, cost))
    for i in range(first, last):
        p = power.scope_place[i]
        s.purse[p, w] = 0.0
        for k in range(services):
            s.helping[p, k, w] = s.contracted[p, k, w] * paid
            s.total_help_paid[p, w] += s.helping[p, k, w] * s.contract_price[p, w]
    s.purse[power.scope_place[first], w] = max(0.0, pool - cost * paid)


@lanes
def present_help(t, s, p, w):
    """Return staff whom helpers bring to a place today; of volunteers only some turn up."""
    total = 0.0
    for k in range(s.helping.shape[1]):
        total += turning_up(t, s, p, k, w)
    return total


@lanes
def turning_up(t, s, p, k, w):
    """Return the helpers who turn up for a service."""
    return s.helping[p, k, w] * s.mobilised[p, w] if t.help.volunteers == 1 else s.helping[p, k, w]


@lanes
def help_here(t, s, p, k, w):
    """Return what paid help is worth in a service today, in staff-days of one's own."""
    if t.par.has_commissioning == 0.0:
        return 0.0
    quality = quality_of(t.help.fit, t.help.measurable[k], t.help.shading, s.contract_price[p, w], t.help.price)
    return turning_up(t, s, p, k, w) * quality


@lanes
def book_help(t, s, worth, used, capacity, p, k, w):
    """Book what became of paid help in a service: who was there, how much of it was used, what stays of the learning.

    Helpers share in the service's work and in its idle time; what they lack in quality is lost.
    """
    there = turning_up(t, s, p, k, w)
    busy = there * share_of(used, capacity)
    s.total_present[p, w] += there
    s.total_lost[p, w] += there - worth
    s.total_help[p, w] += there
    s.total_help_used[p, w] += busy
    s.total_help_worth[p, w] += worth
    s.help_used[p, w] = busy if k == 0 else s.help_used[p, w] + busy
    s.learnt_here[p, k, w] = 1.0 - (1.0 - t.help.kept) * min(1.0, share_of(worth, capacity))


@lanes
def drift_away(day, t, s, p):
    """Let volunteers join where there is a grant, and drift away where they are not used."""
    if t.par.has_commissioning == 0.0 or t.help.volunteers == 0 or day < t.par.commissioning_first_day:
        return
    for w in range(s.mobilised.shape[1]):
        there = present_help(t, s, p, w)
        supported = 1.0 if there > 0.0 else 0.0
        unused = max(0.0, 1.0 - share_of(s.help_used[p, w], there))
        s.mobilised[p, w] = volunteers_after(
            s.mobilised[p, w], supported, unused, t.par.commissioning_join_days[w], t.par.commissioning_drift_days[w]
        )
