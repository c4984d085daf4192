"""Phase 3, decide: the procurement power. Supplies are ordered, arrive with their buyer, and are handed out.

What a buyer of several places has (stock not handed out, orders on their way) is kept at the first of them, and apart
from what another has who buys there too, without a lead. Work uses supplies up in phase 4 (`use_supplies`).
"""

import numpy as np

from sim.fast.compiled import inner, lanes
from sim.fast.ownership import takes_up
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
    buyers = s.depot.shape[1]
    use, known = np.zeros((buyers, places, services)), np.zeros((buyers, places, services))
    for w in range(worlds):
        arrive(day, t, s, w)
        for b in range(buyers):
            see_supplies(day, land, buyers_of(t, b), t, s, w, use[b], known[b])
        if day > 0 and day % t.procurement.cadence == 0:
            trade(day, land, t, x, s, w, use, known)
        for b in range(buyers):
            power, supply = buyers_of(t, b), supply_of(t, b)
            for scope in range(power.scope_key.shape[0]):
                hand_out(day, scope, power, supply, t, x, s, w, use[b], known[b])


@inner
def buyers_of(t, b):
    """Return the table of the first holders of the power, or of the second ones, who buy too, without a lead."""
    return t.second_procurement if b == 1 else t.procurement


@inner
def supply_of(t, b):
    """Return what follows for either of them from how large they are."""
    return t.second_supply if b == 1 else t.supply


@inner
def arrive(day, t, s, w):
    """Take in today's consignments; where there is only one buyer, what a second one had bought is its own."""
    places, buyers, transit = s.on_order.shape[0], s.on_order.shape[1], s.on_order.shape[2]
    for p in range(places):
        for b in range(buyers):
            s.depot[p, b, w] += s.on_order[p, b, day % transit, w]
            s.on_order[p, b, day % transit, w] = 0.0
        if buyers == 2 and t.second_procurement.scope_of_place[p] < 0:
            s.depot[p, 0, w] += s.depot[p, 1, w]
            s.depot[p, 1, w] = 0.0


@inner
def see_supplies(day, land, power, t, s, w, use, known):
    """Fill use a day and stock (P, K) as buyers know them: their own books, less what they were told was spent.

    Both are averages, by head, of the unit that a place is seen in. Before any report a buyer expects ordinary use.
    """
    for u in range(power.unit_start.shape[0] - 1):
        first, last = power.unit_start[u], power.unit_start[u + 1]
        for k in range(use.shape[1]):
            used, stock, people = 0.0, 0.0, 0.0
            for i in range(first, last):
                p = power.unit_place[i]
                used += use_known(day, power.delay[p], t, s, p, k, w)
                stock += s.total_supplied[p, k, w] - spent_known(day, power.delay[p], s, p, k, w)
                people += land.thousand[p]
            for i in range(first, last):
                p = power.unit_place[i]
                use[p, k] = used / people * land.thousand[p]
                known[p, k] = stock / people * land.thousand[p]


@inner
def use_known(day, delay, t, s, p, k, w):
    """Return supplies wanted a day as a place's buyer knows them."""
    if delay == 0:
        return s.supplies_use[p, k, w]
    number = newest_report(day, delay)
    return s.told_use[p, number % s.told_use.shape[1], k, w] if number >= 0 else t.supply.ordinary[p, k]


@inner
def spent_known(day, delay, s, p, k, w):
    """Return supplies spent so far as a place's buyer knows them."""
    if delay == 0:
        return s.total_supplied[p, k, w] - s.supplies[p, k, w]
    number = newest_report(day, delay)
    return s.told_spent[p, number % s.told_spent.shape[1], k, w] if number >= 0 else 0.0


@inner
def short_of(day, scope, power, supply, t, x, w, use, known, claim):
    """Fill what each place and service of a buyer is short of, place by place; return what all should have."""
    par = t.par
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    services = use.shape[1]
    z = normal(x.seed[w], power.scope_key[scope], day // FORECAST_DAYS, 0, FORECAST, 0)
    days = supply.days[scope]
    safety = cover(par.supplies_forecast_log_sd[w], par.supplies_quantile[w])
    total = 0.0
    for i in range(first, last):
        p = power.scope_place[i]
        for k in range(services):
            target = expected_use(use[p, k], par.supplies_forecast_log_sd[w], z) * days * safety
            claim[(i - first) * services + k] = max(0.0, target - known[p, k])
            total += target
    return total


@inner
def order_of(day, scope, power, supply, t, x, s, w, use, known):
    """Return what a buyer needs: what its places are short of, less what it has and what is on its way."""
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    claim = np.zeros((last - first) * use.shape[1])
    total = short_of(day, scope, power, supply, t, x, w, use, known, claim)
    order = 0.0
    for n in range(len(claim)):
        order += claim[n]
    for i in range(first, last):
        p = power.scope_place[i]
        order -= s.depot[p, power.second, w]
        for slot in range(s.on_order.shape[2]):
            order -= s.on_order[p, power.second, slot, w]
    return order if order > power.reversal[w] * total else 0.0


@inner
def trade(day, land, t, x, s, w, use, known):
    """Let all buyers whose attention allows it order on one market, which sells what there is."""
    first = t.procurement.scope_key.shape[0]
    count = first + t.second_procurement.scope_key.shape[0]
    offered = t.par.supplies_world_supply[w] * t.supply.all_ordinary * t.procurement.cadence * today(day, x.offered, w)
    bid, weight, sold, demand = np.zeros(count), np.zeros(count), np.zeros(count), 0.0
    for b in range(s.depot.shape[1]):
        power, supply = buyers_of(t, b), supply_of(t, b)
        for h in range(power.holder_key.shape[0]):
            if items_this_round(power.items[h, w], day // power.cadence) > 0:
                for scope in range(power.holder_scope_start[h], power.holder_scope_start[h + 1]):
                    if takes_up(day, scope, power, PROCUREMENT, x.seed[w]):
                        order = order_of(day, scope, power, supply, t, x, s, w, use[b], known[b])
                        filled = s.filled[power.scope_place[power.scope_start[scope]], b, w]
                        n = b * first + scope
                        bid[n] = bid_of(order, offered, supply.share[scope], t.par.supplies_bidding[w], filled)
                        weight[n] = skill_of(scope, power, land, x, w)
                        demand += bid[n]
                        if order == 0.0:
                            remember_filled(scope, power, s, w, 1.0)
    if demand > 0.0:
        ordinary = t.par.supplies_price_gbp[w] * today(day, x.dearer, w)
        price = price_of(ordinary, demand, offered, t.par.supplies_price_exponent[w])
        share_by_weight(bid, weight, offered, sold)
        for n in range(count):
            if bid[n] > 0.0:
                b = 0 if n < first else 1
                scope, power = n - b * first, buyers_of(t, b)
                buy(day, scope, power, supply_of(t, b), x, s, w, sold[n], price)
                remember_filled(scope, power, s, w, min(1.0, sold[n] / bid[n]))


@inner
def skill_of(scope, power, land, x, w):
    """Return the management capability of a buyer: that of its places, by head."""
    skill, people = 0.0, 0.0
    for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
        p = power.scope_place[i]
        skill += land.thousand[p] * x.capability[p, w]
        people += land.thousand[p]
    return skill / people


@inner
def remember_filled(scope, power, s, w, share):
    """Note for the places of a buyer what share of its order the market filled."""
    for i in range(power.scope_start[scope], power.scope_start[scope + 1]):
        s.filled[power.scope_place[i], power.second, w] = share


@inner
def buy(day, scope, power, supply, x, s, w, amount, price):
    """Pay for supplies and send them on their way: approval first, then the time that delivery takes."""
    transit = s.on_order.shape[2]
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    head = power.scope_place[first]
    trust = trust_at_table(power, s.language, s.trust, first, last, w)
    wait = supply.lead[scope] + waiting_days(
        day, power.scope_key[scope], power, PROCUREMENT, power.negotiation[w], trust, x.seed[w], w
    )
    s.on_order[head, power.second, (day + min(supply.longest, wait)) % transit, w] += amount
    s.total_bought[head, w] += amount
    s.total_paid[head, w] += amount * price * supply.price[scope]


@inner
def hand_out(day, scope, power, supply, t, x, s, w, use, known):
    """Hand out what a buyer has: all of it by ordinary use, or what is seen to be short, by weight."""
    services, own = use.shape[1], power.second
    first, last = power.scope_start[scope], power.scope_start[scope + 1]
    pool = 0.0
    for i in range(first, last):
        pool += s.depot[power.scope_place[i], own, w]
    if pool <= 0.0:
        return
    count = (last - first) * services
    claim, weight, given = np.zeros(count), np.zeros(count), np.zeros(count)
    if supply.by_need == 1:
        short_of(day, scope, power, supply, t, x, w, use, known, claim)
    for n in range(count):
        p = power.scope_place[first + n // services]
        weight[n] = supply.weight[n % services]
        if supply.by_need == 0:
            claim[n] = supply.ordinary[p, n % services] * weight[n]
    if supply.by_need == 1:
        share_by_weight(claim, weight, pool, given)
    else:
        push(claim, pool, given)
    for n in range(count):
        p = power.scope_place[first + n // services]
        s.supplies[p, n % services, w] += given[n]
        s.total_supplied[p, n % services, w] += given[n]
        pool -= given[n]
    for i in range(first, last):
        s.depot[power.scope_place[i], own, w] = 0.0
    s.depot[power.scope_place[first], own, w] = max(0.0, pool)


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
    lost = perished(s.supplies[p, k, w], t.par.supplies_shelf_days[w])
    s.supplies[p, k, w] -= lost
    s.total_perished[p, w] += lost
    return unsupplied


@lanes
def perish(t, s, p):
    """Let part of what buyers keep here perish."""
    if t.par.has_supplies > 0.0:
        for b in range(s.depot.shape[1]):
            for w in range(s.depot.shape[2]):
                lost = perished(s.depot[p, b, w], t.par.supplies_shelf_days[w])
                s.depot[p, b, w] -= lost
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
