"""Phase 6, share: once a week, a holder's belief pools what it heard."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.report import lead_word
from sim.fast.trials import hear_above, hear_here, read_results
from sim.rules.choice import is_report_day, newest_report
from sim.rules.evidence import (
    average,
    own_mean,
    own_variance,
    pooled_mean,
    pooled_variance,
    shaded,
    weight_of_message,
)


@inner
def share(day, land, t, x, s, t2, s2):
    """On report days, form what each holder of the approach believes of every place in its care, second ones too."""
    if is_report_day(day):
        read_results(day, t, s)
        for holders in range(1 + t2.approach.second):
            own, known = t2 if holders == 1 else t, s2 if holders == 1 else s
            believe_above(day, own, known)
            believe_here(day, land, own, x, known)


@inner
def believe_above(day, t, s):
    """Holders above the places pool reports at the granularity they can see."""
    places, _, services, approaches, worlds = s.told_mean.shape
    number = newest_report(day, t.reporting_delay)
    slot = number % s.told_rate.shape[1]
    power, par = t.approach, t.par
    units = power.unit_start.shape[0] - 1
    holders = power.holder_key.shape[0]
    unit_mean, unit_weight = np.zeros((units, worlds)), np.zeros((units, worlds))
    total, weights = np.zeros((holders, worlds)), np.zeros((holders, worlds))
    for k in range(services):
        for a in range(approaches):
            total[:] = 0.0
            weights[:] = 0.0
            for u in range(units):
                if power.place_holds[power.unit_place[power.unit_start[u]]] > 0:
                    continue
                h = power.holder_of_place[power.unit_place[power.unit_start[u]]]
                for w in range(worlds):
                    difference = par.spread_variance_local[w] * t.unit_difference[u]
                    weight, summed = 0.0, 0.0
                    for i in range(power.unit_start[u], power.unit_start[u + 1]):
                        p = power.unit_place[i]
                        told = t.reporting_clarity[w] * s.trust[p, w] * s.told_weight[p, slot, k, a, w]
                        told = told if number >= 0 else 0.0
                        mean = shaded(s.told_mean[p, slot, k, a, w], par.culture_candour[w], par.approaches_spread[w])
                        weight += told
                        summed += told * mean
                    unit_mean[u, w] = average(summed, weight)
                    unit_weight[u, w] = weight
                    precision = weight_of_message(1.0, weight, difference)
                    weights[h, w] += precision
                    total[h, w] += precision * unit_mean[u, w]
            hear_above(day, k, a, t, s, total, weights)
            for u in range(units):
                if power.place_holds[power.unit_place[power.unit_start[u]]] > 0:
                    continue
                h = power.holder_of_place[power.unit_place[power.unit_start[u]]]
                for w in range(worlds):
                    difference = par.spread_variance_local[w] * t.unit_difference[u]
                    precision = weight_of_message(1.0, unit_weight[u, w], difference)
                    others = max(0.0, weights[h, w] - precision)
                    told = total[h, w] - precision * unit_mean[u, w]
                    heard = pooled_mean(told, others, par.spread_variance_common[w])
                    unsure = difference + pooled_variance(others, par.spread_variance_common[w])
                    mean = own_mean(heard, unsure, unit_mean[u, w], unit_weight[u, w])
                    variance = own_variance(unsure, unit_weight[u, w])
                    for i in range(power.unit_start[u], power.unit_start[u + 1]):
                        s.belief_mean[power.unit_place[i], k, a, w] = mean
                        s.belief_variance[power.unit_place[i], k, a, w] = variance


@inner
def believe_here(day, land, t, x, s):
    """Places that decide for themselves pool what they hear with what they see."""
    places, slots, services, approaches, worlds = s.told_mean.shape
    local, common = t.par.spread_variance_local, t.par.spread_variance_common
    honest, difference = np.zeros(worlds), np.zeros(worlds)
    for w in range(worlds):
        honest[w] = honesty_between(day, t, w)
    group_mean, group_weight = tell_groups(day, t, s)
    own_slot = (day // 7) % slots
    clarity, like, heard_all = np.zeros(worlds), np.zeros(worlds), np.zeros(worlds)
    weights, total = np.zeros((services, approaches, worlds)), np.zeros((services, approaches, worlds))
    for p in range(places):
        if t.approach.place_holds[p] == 0:
            continue
        weights[:] = 0.0
        total[:] = 0.0
        like[:] = 0.0
        heard_all[:] = 0.0
        for e in range(t.listen_start[p], t.listen_start[p + 1]):
            number = newest_report(day, t.listen_delay[e])
            if number < 0:
                continue
            slot, q = number % slots, t.listen_from[e]
            second = t.listen_trust2[e]
            for w in range(worlds):
                difference[w] = local[w] * (1.0 - t.listen_likeness[e])
                clarity[w] = t.listen_clarity[e, w] * s.trust[t.listen_trust1[e], w]
                clarity[w] = clarity[w] * s.trust[second, w] if second >= 0 else clarity[w]
                heard_all[w] += clarity[w]
                like[w] += clarity[w] * t.listen_likeness[e]
            for k in range(services):
                for a in range(approaches):
                    if q < places:
                        for w in range(worlds):
                            precision = weight_of_message(clarity[w], s.told_weight[q, slot, k, a, w], difference[w])
                            weights[k, a, w] += precision
                            mean = shaded(s.told_mean[q, slot, k, a, w], honest[w], t.par.approaches_spread[w])
                            total[k, a, w] += precision * mean
                    else:
                        for w in range(worlds):
                            precision = weight_of_message(clarity[w], group_weight[q - places, k, a, w], difference[w])
                            weights[k, a, w] += precision
                            total[k, a, w] += precision * group_mean[q - places, k, a, w]
        for w in range(worlds):
            like[w] = average(like[w], heard_all[w])
        hear_here(day, p, t, s, like, weights, total)
        for k in range(services):
            for a in range(approaches):
                for w in range(worlds):
                    prior = common[w] + local[w] * like[w]
                    heard = pooled_mean(total[k, a, w], weights[k, a, w], prior)
                    unsure = local[w] * (1.0 - like[w]) + pooled_variance(weights[k, a, w], prior)
                    own = s.told_weight[p, own_slot, k, a, w]
                    s.belief_mean[p, k, a, w] = own_mean(heard, unsure, s.told_mean[p, own_slot, k, a, w], own)
                    s.belief_variance[p, k, a, w] = own_variance(unsure, own)
                    if t.approach.place_holds[p] == 2:
                        teams_conclude(day, land, t, x, s, p, k, a, w, heard, unsure)


@inner
def honesty_between(day, t, w):
    """Return how candid places are with each other: where they compete for a pot, no more than with those above."""
    competing = t.help.pots == 1 and t.par.has_commissioning > 0.0 and day >= t.par.commissioning_first_day
    return t.par.culture_candour[w] if competing else 1.0


@inner
def teams_conclude(day, land, t, x, s, p, k, a, w, heard, unsure):
    """Let each team of a service correct what was heard by its own work, and by its neighbours' at the next desk."""
    first, last = land.service_desk_start[k], land.service_desk_start[k + 1]
    base, understood = p * land.desk_service.shape[0], t.partnership * s.language[p, w]
    word = lead_word(day, t, k, w)
    for d in range(first, last):
        total, weight = word * x.lead_mean[p, k, a, w], word
        for e in range(first, last):
            clarity = 1.0 if e == d else understood
            total += clarity * s.weight[base + e, a, w] * s.mean[base + e, a, w]
            weight += clarity * s.weight[base + e, a, w]
        s.team_mean[base + d, a, w] = own_mean(heard, unsure, average(total, weight), weight)
        s.team_variance[base + d, a, w] = own_variance(unsure, weight)


@inner
def tell_groups(day, t, s):
    """Return the averages that guidance tells of groups of places, as old as they are when told."""
    places, slots, services, approaches, worlds = s.told_mean.shape
    groups = t.source_start.shape[0] - 1
    mean = np.zeros((groups, services, approaches, worlds))
    weight = np.zeros((groups, services, approaches, worlds))
    number = newest_report(day, t.guidance_delay)
    if number < 0:
        return mean, weight
    slot = number % slots
    for g in range(groups):
        for k in range(services):
            for a in range(approaches):
                for w in range(worlds):
                    total, summed = 0.0, 0.0
                    for i in range(t.source_start[g], t.source_start[g + 1]):
                        q = t.source_place[i]
                        told = s.told_weight[q, slot, k, a, w]
                        candour, good = t.par.culture_candour[w], t.par.approaches_spread[w]
                        shown = shaded(s.told_mean[q, slot, k, a, w], candour, good)
                        total += told * shown
                        summed += told
                    mean[g, k, a, w] = average(total, summed)
                    weight[g, k, a, w] = summed
    return mean, weight
