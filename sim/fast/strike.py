"""Phase 1, strike: the epidemic moves, staff fall ill, need arises."""

import numpy as np

from sim.fast.cascade import breed, feed
from sim.fast.compiled import inner, lanes
from sim.fast.hidden import bring_to_light
from sim.rules.delivery import new_need
from sim.rules.epidemic import cautious, leaving_share, newly_infected, supported, transmission
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
    per_day, abroad, begins, ends = np.zeros(worlds), np.zeros(worlds), np.zeros(worlds), np.zeros(worlds)
    arriving = par.epidemic_first_day <= day < par.epidemic_first_day + par.epidemic_import_days
    for w in range(worlds):
        begins[w], ends[w] = leaving_share(par.epidemic_latent_days[w]), leaving_share(par.epidemic_infectious_days[w])
        per_day[w] = par.epidemic_reproduction_number[w] * ends[w] * x.variant[day]
        abroad[w] = par.epidemic_imports_per_million[w] * 0.001 if arriving else 0.0
    national = np.zeros(worlds)
    everyone = 0.0
    for p in range(places):
        everyone += land.population[p]
        for w in range(worlds):
            national[w] += s.infectious[p, w]
    contact = np.zeros((places, worlds))
    for p in range(places):
        for w in range(worlds):
            contact[p, w] = par.epidemic_national_mixing[w] * (national[w] / everyone)
        for link in range(t.mix_start[p], t.mix_start[p + 1]):
            q = t.mix_place[link]
            weight = t.mix_weight[link] / land.population[q]
            for w in range(worlds):
                contact[p, w] += weight * s.infectious[q, w]
    for p in range(places):
        infect(day // 7, land, t, x, s, p, per_day, abroad, begins, ends, contact[p])


@lanes
def infect(week, land, t, x, s, p, per_day, abroad, begins, ends, contact):
    """Infect in one place: ``contact`` (W,) is the pressure on it."""
    par = t.par
    for w in range(len(contact)):
        control = control_of(s.served[p, 0, w], s.open_cases[p, 0, w])
        rate = transmission(
            per_day[w] * x.wobble[week, p, w],
            par.restriction_effect[w],
            s.restricted[p, w],
            supported(s.takeup[p, w], par.restriction_support_gbp[w], par.restriction_support_half_gbp[w]),
            par.epidemic_control_effect[w],
            control,
        )
        rate = cautious(rate, par.epidemic_caution[w], s.infectious[p, w] / land.population[p])
        infected = newly_infected(s.susceptible[p, w], rate * contact[w])
        infected = min(s.susceptible[p, w], infected + abroad[w] * land.thousand[p] * x.imports[p, w])
        cases, over = s.exposed[p, w] * begins[w], s.infectious[p, w] * ends[w]
        s.susceptible[p, w] -= infected
        s.exposed[p, w] += infected - cases
        s.infectious[p, w] += cases - over
        s.recovered[p, w] += over
        s.new_cases[p, w] = cases
        s.cases_this_week[p, w] += cases


@lanes
def control_of(done, left):
    """Return the share of yesterday's outbreak control that was done in a place."""
    return done / (done + left) if done + left > 0.0 else 0.0


@inner
def arise(day, land, t, x, s):
    """Add today's need to open cases; what breeds need is last night's open cases, everywhere at once."""
    places, services, worlds = s.open_cases.shape
    others, fed, bred, spilt = np.zeros(worlds), np.zeros(worlds), np.zeros(worlds), np.zeros(worlds)
    for_each = np.zeros((places, services, worlds))
    for p in range(places):
        share_spill(land, s, p, for_each[p])
    for p in range(places):
        arise_in(day, land, t, x, s, p, for_each, others, fed, bred, spilt)
    for p in range(places):
        come_to_light(land, t, s, p)


@lanes
def share_spill(land, s, p, for_each):
    """Fill the open cases of a place for each of its neighbours (K, W)."""
    neighbours = land.neighbour_start[p + 1] - land.neighbour_start[p]
    for k in range(for_each.shape[0]):
        for w in range(for_each.shape[1]):
            for_each[k, w] = s.open_cases[p, k, w] / neighbours


@lanes
def arise_in(day, land, t, x, s, p, for_each, others, fed, bred, spilt):
    """Let need arise in one place."""
    par, worlds = t.par, len(others)
    surge_row = day if x.surge.shape[0] > 1 else 0
    struck_row = day if x.struck.shape[0] > 1 else 0
    chronic_row = day if x.chronic.shape[0] > 1 else 0
    others[:] = 0.0
    for k in range(s.open_cases.shape[1]):
        for w in range(worlds):
            others[w] += s.open_cases[p, k, w]
    for k in range(s.open_cases.shape[1]):
        restriction_need = t.need_per_restricted[k] * land.thousand[p] * land.restriction_need[p]
        breed(t, s, p, k, others, bred)
        feed(t, s, p, k, fed)
        spilt[:] = 0.0
        for link in range(land.neighbour_start[p], land.neighbour_start[p + 1]):
            for w in range(worlds):
                spilt[w] += for_each[land.neighbour[link], k, w]
        for w in range(worlds):
            s.new_need[p, k, w] = new_need(
                land.need[p, k, w],
                x.chronic[chronic_row, p, k, w],
                prevented_share(s.prevention[p, k, w], t.preventable[k], par.prevention_half[w]),
                x.surge[surge_row, p, w],
                t.need_per_infection[k],
                s.new_cases[p, w],
                restriction_need * s.restricted[p, w],
                bred[w] + par.load_spill[w] * spilt[w] + fed[w],
                x.struck[struck_row, p, k, w],
            )


@lanes
def come_to_light(land, t, s, p):
    """Add what comes to light in a place to its open cases."""
    for k in range(s.open_cases.shape[1]):
        for w in range(s.open_cases.shape[2]):
            s.shown[p, k, w] = s.new_need[p, k, w]
        if t.par.has_hidden > 0.0:
            for w in range(s.open_cases.shape[2]):
                s.shown[p, k, w] = bring_to_light(land, t, s, p, k, w)
        for w in range(s.open_cases.shape[2]):
            s.open_cases[p, k, w] += s.shown[p, k, w]
            s.need_this_week[p, w] += s.shown[p, k, w]
            s.total_need[p, k, w] += s.new_need[p, k, w]
