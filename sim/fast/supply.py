"""Phase 3, decide: the procurement power. Supplies are ordered, arrive with their buyer, and are handed out.

What a buyer of several places has (stock not handed out, orders on their way) is kept at the first of them. Work
uses supplies up in phase 4 (`use_supplies`).
"""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.timing import PROCUREMENT, trust_at_table, waiting_days
from sim.rules.choice import items_this_round, newest_report
from sim.rules.delivery import remembered
from sim.rules.resources import share_of
from sim.rules.supply import bid_of, cover, expected_use, perished, price_of, servable, share_by_weight
from sim.streams import Purpose, normal

FORECAST = int(Purpose.FORECAST)
FORECAST_DAYS = 28  # for which a buyer goes by one forecast
USE_DAYS = 7.0  # what is remembered of use
HELD_UP = 1e-9  # share of work: less is rounding


@inner
def supply(day, land, t, x, s):
    """Take in what arrives; buy, on the day of a round; hand out what buyers have."""
    if t.par.has_supplies == 0.0:
        return
    places, services, worlds = s.supplies.shape
    use, known = np.zeros((places, services)), np.zeros((places, services))
    for w in range(worlds):
        arrive(day, s, w)
        see_supplies(day, land, t, s, w, use, known)
        if day > 0 and day % t.procurement.cadence == 0:
            trade(day, land, t, x, s, w, use, known)
        for scope in range(t.procurement.scope_key.shape[0]):
            hand_out(day, scope, t, x, s, w, use, known)


@inner
def arrive(day, s, w):
    """Take in today's consignments."""
    places, transit = s.on_order.shape[0], s.on_order.shape[1]
    for p in range(places):
        s.depot[p, w] += s.on_order[p, day % transit, w]
        s.on_order[p, day % transit, w] = 0.0


@inner
def see_supplies(day, land, t, s, w, use, known):
    """Fill use a day and stock (P, K) as buyers know them: their own books, less what they were told was spent.

    Both are averages, by head, of the unit that a place is seen in. Before any report a buyer expects ordinary use.
    """
    power = t.procurement
    for u in range(power.unit_start.shape[0] - 1):
        first, last = power.unit_start[u], power.unit_start[u + 1]
        for k in range(use.shape[1]):
            used, stock, people = 0.0, 0.0, 0.0
            for i in range(first, last):
                p = power.unit_place[i]
                used += use_known(day, t, s, p, k, w)
                stock += s.total_supplied[p, k, w] - spent_known(day, t, s, p, k, w)
                people += land.thousand[p]
            for i in range(first, last):
                p = power.unit_place[i]
                use[p, k] = used / people * land.thousand[p]
                known[p, k] = stock / people * land.thousand[p]


@inner
def use_known(day, t, s, p, k, w):
    """Return supplies wanted a day as a place's buyer knows them."""
    delay = t.procurement.delay[p]
    if delay == 0:
        return s.supplies_use[p, k, w]
    number = newest_report(day, delay)
    return s.told_use[p, number % s.told_use.shape[1], k, w] if number >= 0 else t.supply.ordinary[p, k]


@inner
def spent_known(day, t, s, p, k, w):
    """Return supplies spent so far as a place's buyer knows them."""
    delay = t.procurement.delay[p]
    if delay == 0:
        return s.total_supplied[p, k, w] - s.supplies[p, k, w]
    number = newest_report(day, delay)
    return s.told_spent[p, number % s.told_spent.shape[1], k, w] if number >= 0 else 0.0


@inner
def short_of(day, scope, t, x, w, use, known, claim):
    """Fill what each place and service of a buyer is short of, place by place; return what all should have."""
    power, par = t.procurement, t.par
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    services = use.shape[1]
    z = normal(x.seed[w], power.scope_key[scope], day // FORECAST_DAYS, 0, FORECAST, 0)
    days = t.supply.days[scope]
    safety = cover(par.supplies_forecast_log_sd, par.supplies_quantile)
    total = 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        for k in range(services):
            target = expected_use(use[p, k], par.supplies_forecast_log_sd, z) * days * safety
            claim[(i - first) * services + k] = max(0.0, target - known[p, k])
            total += target
    return total


@inner
def order_of(day, scope, t, x, s, w, use, known):
    """Return what a buyer needs: what its places are short of, less what it has and what is on its way."""
    power = t.procurement
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    claim = np.zeros((last - first) * use.shape[1])
    total = short_of(day, scope, t, x, w, use, known, claim)
    order = 0.0
    for n in range(len(claim)):
        order += claim[n]
    for i in range(first, last):
        p = power.scope_place[i]
        order -= s.depot[p, w]
        for slot in range(s.on_order.shape[1]):
            order -= s.on_order[p, slot, w]
    return order if order > power.reversal * total else 0.0


@inner
def trade(day, land, t, x, s, w, use, known):
    """Let all buyers whose attention allows it order on one market, which sells what there is."""
    power, rounds = t.procurement, day // t.procurement.cadence
    buyers = power.scope_key.shape[0]
    offered = t.par.supplies_world_supply * t.supply.all_ordinary * power.cadence * today(day, x.offered, w)
    bid, weight, sold, demand = np.zeros(buyers), np.zeros(buyers), np.zeros(buyers), 0.0
    for h in range(power.holder_key.shape[0]):
        if items_this_round(power.items[h], rounds) > 0:
            for scope in range(power.holder_scope_start[h], power.holder_scope_start[h + 1]):
                order = order_of(day, scope, t, x, s, w, use, known)
                filled = s.filled[power.scope_place[power.scope_start[scope]], w]
                bid[scope] = bid_of(order, offered, t.supply.share[scope], t.par.supplies_bidding, filled)
                weight[scope] = skill_of(scope, land, t, x, w)
                demand += bid[scope]
                if order == 0.0:
                    remember_filled(scope, t, s, w, 1.0)
    if demand > 0.0:
        ordinary = t.par.supplies_price_gbp * today(day, x.dearer, w)
        price = price_of(ordinary, demand, offered, t.par.supplies_price_exponent)
        share_by_weight(bid, weight, offered, sold)
        for scope in range(buyers):
            if bid[scope] > 0.0:
                buy(day, scope, t, x, s, w, sold[scope], price)
                remember_filled(scope, t, s, w, min(1.0, sold[scope] / bid[scope]))


@inner
def skill_of(scope, land, t, x, w):
    """Return the management capability of a buyer: that of its places, by head."""
    power, skill, people = t.procurement, 0.0, 0.0
    for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
        p = power.scope_place[i]
        skill += land.thousand[p] * x.capability[p, w]
        people += land.thousand[p]
    return skill / people


@inner
def remember_filled(scope, t, s, w, share):
    """Note for the places of a buyer what share of its order the market filled."""
    power = t.procurement
    for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
        s.filled[power.scope_place[i], w] = share


@inner
def buy(day, scope, t, x, s, w, amount, price):
    """Pay for supplies and send them on their way: approval first, then the time that delivery takes."""
    power, transit = t.procurement, s.on_order.shape[1]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    head = power.scope_place[first]
    trust = trust_at_table(power, s.language, s.trust, first, last, w)
    wait = t.supply.lead[scope] + waiting_days(
        day, power.scope_key[scope], power, PROCUREMENT, power.negotiation, trust, x.seed[w]
    )
    s.on_order[head, (day + min(t.supply.longest, wait)) % transit, w] += amount
    s.total_bought[head, w] += amount
    s.total_paid[head, w] += amount * price * t.supply.price[scope]


@inner
def hand_out(day, scope, t, x, s, w, use, known):
    """Hand out what a buyer has: all of it by ordinary use, or what is seen to be short, by weight."""
    power, services = t.procurement, use.shape[1]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    pool = 0.0
    for i in range(first, last):
        pool += s.depot[power.scope_place[i], w]
    if pool <= 0.0:
        return
    count = (last - first) * services
    claim, weight, given = np.zeros(count), np.zeros(count), np.zeros(count)
    if t.supply.by_need == 1:
        short_of(day, scope, t, x, w, use, known, claim)
    for n in range(count):
        p = power.scope_place[first + n // services]
        weight[n] = t.supply.weight[n % services]
        if t.supply.by_need == 0:
            claim[n] = t.supply.ordinary[p, n % services] * weight[n]
    if t.supply.by_need == 1:
        share_by_weight(claim, weight, pool, given)
    else:
        push(claim, pool, given)
    for n in range(count):
        p = power.scope_place[first + n // services]
        s.supplies[p, n % services, w] += given[n]
        s.total_supplied[p, n % services, w] += given[n]
        pool -= given[n]
    for i in range(first, last):
        s.depot[power.scope_place[i], w] = 0.0
    s.depot[power.scope_place[first], w] = max(0.0, pool)


@inner
def push(claim, pool, given):
    """Share all of a pool in proportion to claims."""
    claims = 0.0
    for n in range(len(claim)):
        claims += claim[n]
    for n in range(len(claim)):
        given[n] = pool * share_of(claim[n], claims)


@lanes
def today(day, factor, w):
    """Return today's factor, which is the same every day where nothing happens."""
    return factor[day if factor.shape[0] > 1 else 0, w]


@lanes
def within_supplies(day, t, x, s, cases, p, k, w):
    """Return the cases that supplies allow to be served; all of them where there is nothing to run out of."""
    if t.par.has_supplies == 0.0:
        return cases
    return servable(cases, s.supplies[p, k, w], t.supply.use[k] * today(day, x.use, w))


@lanes
def use_supplies(day, t, x, s, reachable, workable, served, p, k, w):
    """Use up supplies for the cases served; return the cases that staff could have served and supplies could not.

    ``reachable`` are the cases that supplies allowed, ``workable`` those that staff could have served.
    """
    use = t.supply.use[k] * today(day, x.use, w)
    if use == 0.0:
        return 0.0
    unsupplied = max(0.0, workable - served) if reachable < workable else 0.0
    used = min(s.supplies[p, k, w], served * use)
    s.supplies[p, k, w] -= used
    s.total_supplies_used[p, k, w] += used
    s.total_supplies_wanted[p, k, w] += used + unsupplied * use
    s.total_shortage_days[p, w] += 1.0 if unsupplied > HELD_UP * workable else 0.0
    s.supplies_use[p, k, w] = remembered(s.supplies_use[p, k, w], used + unsupplied * use, USE_DAYS)
    lost = perished(s.supplies[p, k, w], t.par.supplies_shelf_days)
    s.supplies[p, k, w] -= lost
    s.total_perished[p, w] += lost
    return unsupplied


@lanes
def perish(t, s, p):
    """Let part of what the buyer keeps here perish."""
    if t.par.has_supplies > 0.0:
        for w in range(s.depot.shape[1]):
            lost = perished(s.depot[p, w], t.par.supplies_shelf_days)
            s.depot[p, w] -= lost
            s.total_perished[p, w] += lost


@inner
def tell_supplies(slot, t, s):
    """Tell what is wanted a day, and what has been spent so far."""
    if t.par.has_supplies > 0.0:
        places, services, worlds = s.supplies.shape
        for p in range(places):
            for k in range(services):
                for w in range(worlds):
                    s.told_use[p, slot, k, w] = s.supplies_use[p, k, w]
                    s.told_spent[p, slot, k, w] = s.total_supplied[p, k, w] - s.supplies[p, k, w]
