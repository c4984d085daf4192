"""Phase 2, report: once a week, what is known is told."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.supply import tell_supplies
from sim.fast.targets import claimed_as_served
from sim.rules.choice import is_report_day
from sim.rules.evidence import average, forgotten


@inner
def report(day, land, t, x, s):
    """On report days, forget a little, and tell evidence, need and case rates."""
    if is_report_day(day):
        forget(t, s)
        slot = (day // 7) % s.told_rate.shape[1]
        tell_evidence(day, slot, land, t, x, s)
        tell_need(day, slot, land, t, s)
        tell_supplies(slot, t, s)


@inner
def forget(t, s):
    """Let old evidence fade at the turbulence that is expected."""
    places_desks, approaches, worlds = s.weight.shape
    for d in range(places_desks):
        for a in range(approaches):
            for w in range(worlds):
                s.weight[d, a, w] = forgotten(s.weight[d, a, w], 7.0 * t.par.drift[w])


@inner
def tell_evidence(day, slot, land, t, x, s):
    """Put together what the desks of a place have seen first-hand, and its sector leads' word."""
    places, services, worlds = s.open_cases.shape
    approaches, desks, word = s.mean.shape[1], land.desk_service.shape[0], np.zeros(worlds)
    for p in range(places):
        for k in range(services):
            for w in range(worlds):
                word[w] = lead_word(day, t, k, w)
            for a in range(approaches):
                for w in range(worlds):
                    weight = word[w]
                    total = weight * x.lead_mean[p, k, a, w]
                    understood = t.partnership * s.language[p, w]
                    for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
                        clarity = land.desk_is_lead[d] + (1.0 - land.desk_is_lead[d]) * understood
                        total += clarity * s.weight[p * desks + d, a, w] * s.mean[p * desks + d, a, w]
                        weight += clarity * s.weight[p * desks + d, a, w]
                    s.told_mean[p, slot, k, a, w] = average(total, weight)
                    s.told_weight[p, slot, k, a, w] = 0.0 if s.silenced[p, k, w] == a else weight


@inner
def lead_word(day, t, k, w):
    """Return the weight of the word of a service's sector lead: nothing where it is not in the room."""
    spread = t.par.approaches_spread[w] * t.par.evidence_lead_noise[w]
    weight = forgotten(1.0 / (spread * spread + 1e-12), day * t.par.drift[w])
    return t.leads_told[k] * weight if has_lead(k) else 0.0


@inner
def has_lead(k):
    """Say whether a service has a sector lead (clinical care needs none)."""
    return k != 1


@inner
def tell_need(day, slot, land, t, s):
    """Tell open cases, and the week's reported cases for each 100,000 people."""
    places, services, worlds = s.open_cases.shape
    for p in range(places):
        for k in range(services):
            for w in range(worlds):
                claimed = claimed_as_served(day, t, s, p, k, w)
                s.told_need[p, slot, k, w] = s.open_cases[p, k, w] - claimed
                s.total_gamed[p, w] += claimed
        for w in range(worlds):
            scale = t.par.epidemic_ascertainment[w] * 100.0
            s.told_rate[p, slot, w] = scale * s.cases_this_week[p, w] / land.thousand[p]
            s.cases_this_week[p, w] = 0.0
