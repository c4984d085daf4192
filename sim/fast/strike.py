"""Phase 1, strike: the epidemic moves, staff fall ill, need arises."""

import numpy as np

from sim.fast.cascade import breed, feed
from sim.fast.compiled import inner
from sim.fast.hidden import bring_to_light
from sim.rules.delivery import new_need
from sim.rules.epidemic import cautious, leaving, newly_infected, supported, transmission
from sim.rules.prevention import prevented_share


@inner
def strike(day, land, t, x, s):
    """Move the epidemic by a day, then add the need that arises to open cases."""
    if t.par.has_epidemic > 0.0:
        spread(day, land, t, x, s)
    arise(day, land, t, x, s)


@inner
def spread(day, land, t, x, s):
    """Infect, in every place at once: all pressures come from last night's state."""
    places, worlds = s.infectious.shape
    par = t.par
    per_day = leaving(par.epidemic_reproduction_number, par.epidemic_infectious_days) * x.variant[day]
    arriving = par.epidemic_first_day <= day < par.epidemic_first_day + par.epidemic_import_days
    abroad = par.epidemic_imports_per_million * 0.001 if arriving else 0.0
    week = day // 7
    national = np.zeros(worlds)
    everyone = 0.0
    for p in range(places):
        everyone += land.population[p]
        for w in range(worlds):
            national[w] += s.infectious[p, w]
    contact = np.zeros((places, worlds))
    for p in range(places):
        for w in range(worlds):
            contact[p, w] = par.epidemic_national_mixing * (national[w] / everyone)
        for link in range(t.mix_start[p], t.mix_start[p + 1]):
            q = t.mix_place[link]
            weight = t.mix_weight[link] / land.population[q]
            for w in range(worlds):
                contact[p, w] += weight * s.infectious[q, w]
    for p in range(places):
        imported = abroad * land.thousand[p]
        for w in range(worlds):
            control = control_of(s.served[p, 0, w], s.open_cases[p, 0, w])
            rate = transmission(
                per_day * x.wobble[week, p, w],
                par.restriction_effect,
                s.restricted[p, w],
                supported(s.takeup[p, w], par.restriction_support_gbp, par.restriction_support_half_gbp),
                par.epidemic_control_effect,
                control,
            )
            rate = cautious(rate, par.epidemic_caution, s.infectious[p, w] / land.population[p])
            infected = newly_infected(s.susceptible[p, w], rate * contact[p, w])
            infected = min(s.susceptible[p, w], infected + imported * x.imports[p, w])
            cases = leaving(s.exposed[p, w], par.epidemic_latent_days)
            over = leaving(s.infectious[p, w], par.epidemic_infectious_days)
            s.susceptible[p, w] -= infected
            s.exposed[p, w] += infected - cases
            s.infectious[p, w] += cases - over
            s.recovered[p, w] += over
            s.new_cases[p, w] = cases
            s.cases_this_week[p, w] += cases


@inner
def control_of(done, left):
    """Return the share of yesterday's outbreak control that was done in a place."""
    return done / (done + left) if done + left > 0.0 else 0.0


@inner
def arise(day, land, t, x, s):
    """Add today's need to open cases; what breeds need is last night's open cases, everywhere at once."""
    places, services, worlds = s.open_cases.shape
    par = t.par
    others, fed, bred = np.zeros(worlds), np.zeros(worlds), np.zeros(worlds)
    surge_row = day if x.surge.shape[0] > 1 else 0
    struck_row = day if x.struck.shape[0] > 1 else 0
    chronic_row = day if x.chronic.shape[0] > 1 else 0
    for p in range(places):
        first, last = land.neighbour_start[p], land.neighbour_start[p + 1]
        others[:] = 0.0
        for k in range(services):
            for w in range(worlds):
                others[w] += s.open_cases[p, k, w]
        for k in range(services):
            restriction_need = t.need_per_restricted[k] * land.thousand[p] * land.restriction_need[p]
            breed(t, s, p, k, others, bred)
            feed(t, s, p, k, fed)
            for w in range(worlds):
                spill = 0.0
                for link in range(first, last):
                    q = land.neighbour[link]
                    spill += s.open_cases[q, k, w] / (land.neighbour_start[q + 1] - land.neighbour_start[q])
                s.new_need[p, k, w] = new_need(
                    land.need[p, k],
                    x.chronic[chronic_row, p, k, w],
                    prevented_share(s.prevention[p, k, w], t.preventable[k], par.prevention_half),
                    x.surge[surge_row, p, w],
                    t.need_per_infection[k],
                    s.new_cases[p, w],
                    restriction_need * s.restricted[p, w],
                    bred[w] + par.load_spill * spill + fed[w],
                    x.struck[struck_row, p, k, w],
                )
    for p in range(places):
        for k in range(services):
            for w in range(worlds):
                s.shown[p, k, w] = bring_to_light(land, t, s, p, k, w)
                s.open_cases[p, k, w] += s.shown[p, k, w]
                s.need_this_week[p, w] += s.shown[p, k, w]
                s.total_need[p, k, w] += s.new_need[p, k, w]
