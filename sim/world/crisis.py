"""The crisis and the hidden truth, resolved for a seed before the run: the same for every structure.

Nothing of the structure goes into any draw here. Everything is drawn by purpose, place and day, so that one
more draw in one process moves no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.fast.compiled import compiled, lanes
from sim.governance.networks import likeness_points
from sim.rules.maths import cosine, exp, log
from sim.streams import Purpose, normal, uniform
from sim.world.composition import compose, kept_away
from sim.world.country import Areas, Country
from sim.world.crises import Epidemic, Pressure, Variant
from sim.world.failure import frozen_posts
from sim.world.land import Land
from sim.world.parts import Ground
from sim.world.scenario import Scenario

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]

WAVES = 64  # cosines in a smooth random field
MOST_SHIFTS = 64
COMMON, LOCAL, SHIFT = int(Purpose.LANDSCAPE_COMMON), int(Purpose.LANDSCAPE_LOCAL), int(Purpose.SHIFT)
TRANSMISSION, IMPORTS, SURGE = int(Purpose.TRANSMISSION), int(Purpose.IMPORTS), int(Purpose.SURGE)
CAPABILITY, PRACTICE, PREFERENCE = int(Purpose.CAPABILITY), int(Purpose.PRACTICE), int(Purpose.PREFERENCE)
LEAD = int(Purpose.LEAD)
BY_STRETCH = frozenset({"log_effect", "effect", "best"})  # arrays that have a row for each stretch between shifts
NOWHERE = np.uint64(0)  # key of draws that belong to no place


class Crisis(NamedTuple):
    """Exogenous inputs of a block of worlds; N stretches between shifts, W worlds."""

    seed: NDArray[np.uint64]  # (W,)
    stretch: Wholes  # (days, W) which stretch a day is in
    log_effect: Reals  # (N, P, K, A, W) log productivity of approaches
    effect: Reals  # (N, P, K, A, W) cases per staff-day
    best: Reals  # (N, P, K, W) log productivity of the best
    practice: Wholes  # (P, K, W) approach in use on day 0
    lead_mean: Reals  # (P, K, A, W) what a sector lead believes on day 0
    capability: Reals  # (P, W) management capability of the council
    preference: Reals  # (P, W) standard normal: how cautious residents and leaders are
    wobble: Reals  # (weeks, P, W) local change of transmission, times what other crises do to it
    imports: Reals  # (P, W) unevenness of infections from abroad
    surge: Reals  # (days or 1, P, W) rise of need, as a share of ordinary need
    chronic: Reals  # (days or 1, P, K, W) rise of ordinary need by slow issues, within the reach of prevention
    struck: Reals  # (days or 1, P, K, W) cases a day that other crises bring
    away: Reals  # (days or 1, P, W) share of staff whom crises keep from work
    offered: Reals  # (days or 1, W) supplies that the market offers, against ordinary times
    use: Reals  # (days or 1, W) supplies that a case uses, against ordinary times
    dearer: Reals  # (days or 1, W) price of supplies, against ordinary times
    variant: Reals  # (days,) transmissibility against the first strain


def build_crisis(country: Country, land: Land, scenario: Scenario, seeds: list[int]) -> Crisis:
    """Resolve the crisis for each seed of a block."""
    worlds = [_one_world(country, land, scenario, np.uint64(seed)) for seed in seeds]
    stacked = {name: np.stack(_padded(name, worlds), axis=-1) for name in worlds[0]}
    return Crisis(seed=np.array(seeds, np.uint64), variant=_variants(scenario), **stacked)


def _padded(name: str, worlds: Sequence[Mapping[str, NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return an array of each world, with as many stretches between shifts as the most of them have."""
    each = [world[name] for world in worlds]
    if name not in BY_STRETCH:
        return each
    most = max(len(array) for array in each)
    return [np.concatenate([array, *[array[-1:]] * (most - len(array))]) for array in each]


def side_by_side(crises: Sequence[Crisis]) -> Crisis:
    """Return the inputs of several blocks as those of one. They have the same days, places and variants."""
    worlds = [crisis._asdict() for crisis in crises]
    parts = {name: np.concatenate(_padded(name, worlds), axis=-1) for name in Crisis._fields[:-1]}
    return Crisis(**parts, variant=crises[0].variant)


def worlds_of(crisis: Crisis, worlds: list[int]) -> Crisis:
    """Return the inputs of some of a block's worlds."""
    parts = {name: np.ascontiguousarray(getattr(crisis, name)[..., worlds]) for name in Crisis._fields[:-1]}
    return Crisis(**parts, variant=crisis.variant)


def digest_of(crisis: Crisis, world: int) -> str:
    """Return a digest of all exogenous inputs of one world."""
    digest = hashlib.blake2b(digest_size=16)
    stretches = int(crisis.stretch[-1, world]) + 1
    for name in Crisis._fields:
        array = getattr(crisis, name)
        part = array if name == "variant" else array[..., world]
        part = part[:stretches] if name in BY_STRETCH else part
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _one_world(country: Country, land: Land, scenario: Scenario, seed: np.uint64) -> dict[str, NDArray[Any]]:
    approaches, services = scenario.approaches, land.need.shape[1]
    starts = shift_days(seed, scenario.days, approaches.shift_gap_days or 0.0)
    log_effect = landscape(
        seed,
        land.key,
        likeness_points(country),
        np.array([len(starts), services, approaches.count], np.int64),
        np.array(
            [
                approaches.spread,
                approaches.heterogeneity,
                approaches.own_share,
                approaches.smooth_length,
                approaches.shift_share,
            ]
        ),
    )
    lead_sd = scenario.evidence.lead_noise * approaches.spread
    people = _people(seed, country, log_effect[0], scenario, lead_sd)
    effect, best = productivities(log_effect, scenario.load.cases_per_staff_day)
    others = compose(scenario.crisis, Ground(country, land, tuple(scenario.services), scenario.days, seed))
    people["wobble"] = people["wobble"] * others.transmission
    frozen = frozen_posts(scenario.financial_failure, country, scenario.days)
    return {
        "stretch": np.searchsorted(starts, np.arange(scenario.days), side="right").astype(np.int64) - 1,
        "log_effect": log_effect,
        "effect": effect,
        "best": best,
        "surge": _surge(country, land, scenario, seed),
        "chronic": others.chronic,
        "struck": others.struck,
        "away": others.away if frozen is None else kept_away([others.away, frozen], (1, len(country.keys))),
        "offered": others.offered,
        "use": others.use,
        "dearer": others.dearer,
        **people,
    }


def _people(
    seed: np.uint64, country: Country, first: Reals, scenario: Scenario, lead_sd: float
) -> dict[str, NDArray[Any]]:
    keys = country.keys
    epidemic = scenario.epidemic or Epidemic()
    varied = scenario.approaches.practice == "varied"
    capability = lognormals(seed, keys, CAPABILITY, scenario.evidence.capability_log_sd)
    weeks = (scenario.days + 6) // 7
    return {
        "practice": practices(seed, keys, first.shape[1], first.shape[2], varied),
        "lead_mean": noisy(seed, keys, first, lead_sd),
        "capability": capability,
        "preference": plain_normals(seed, keys, PREFERENCE),
        "wobble": _wobbles(seed, keys, weeks, epidemic, country.areas["statistical_region"]),
        "imports": lognormals(seed, keys, IMPORTS, epidemic.import_log_sd),
    }


def _wobbles(seed: np.uint64, keys: NDArray[np.uint64], weeks: int, epidemic: Epidemic, regions: Areas) -> Reals:
    """Return the local change of transmission: each place's own, and what it shares with its region."""
    settings = np.array([epidemic.wobble_log_sd, epidemic.wobble_shared, epidemic.wobble_weeks])
    of_place = regions.of_place
    common = keys.copy()  # a place without a region is one by itself
    common[of_place >= 0] = regions.keys[of_place[of_place >= 0]]
    return wobbles(seed, keys, common, weeks, settings)


def _variants(scenario: Scenario) -> Reals:
    strength = np.ones(scenario.days)
    epidemic = scenario.epidemic
    if epidemic is not None:
        for variant in epidemic.variants:
            strength *= _taken_over(variant, scenario.days)
    return strength


def _taken_over(variant: Variant, days: int) -> Reals:
    """Return transmission against the strain before, day by day: as much more as the variant has taken over."""
    share = np.minimum(1.0, np.maximum(0.0, np.arange(1, days + 1) - variant.day) / max(1, variant.takeover_days))
    return (1.0 - share) + variant.transmissibility * share


def _surge(country: Country, land: Land, scenario: Scenario, seed: np.uint64) -> Reals:
    pressure = scenario.pressure
    if pressure is None:
        return np.zeros((1, len(land.key)))
    settings = np.array([pressure.first_day, pressure.wave_gap_days, pressure.wave_height, pressure.ramp_days])
    waves = local_waves(seed, country.x, country.y, scenario.days, settings)
    return _with_common_rise(waves, scenario.load.base, pressure)


def _with_common_rise(waves: Reals, base: float, pressure: Pressure) -> Reals:
    """Add the common rise that brings mean load, waves included, to what the scenario says."""
    days = len(waves)
    mean: float = mean_from(waves, min(days - 1, pressure.first_day + pressure.ramp_days))
    height = max(0.0, pressure.load / base - 1.0 - mean)
    rise = np.minimum(1.0, np.maximum(0.0, (np.arange(days) - pressure.first_day) / pressure.ramp_days))
    return waves + height * rise[:, None]


@compiled
def mean_from(values: Reals, first: int) -> float:
    """Return the mean of rows from the first one on."""
    total = 0.0
    for day in range(first, values.shape[0]):
        for p in range(values.shape[1]):
            total += values[day, p]
    return float(total / ((values.shape[0] - first) * values.shape[1]))


@compiled
def shift_days(seed: np.uint64, days: int, mean_gap: float) -> Wholes:
    """Return the first day of each stretch: day 0, then each day on which what works shifts."""
    found = np.zeros(MOST_SHIFTS, np.int64)
    count, day = 1, 0.0
    while mean_gap > 0.0 and count < MOST_SHIFTS:
        day += max(7.0, -mean_gap * log(uniform(seed, NOWHERE, 0, 0, SHIFT, count)))
        if day >= days:
            break
        found[count] = int(day)
        count += 1
    return found[:count].copy()


@compiled
def landscape(seed: np.uint64, keys: NDArray[np.uint64], points: Reals, sizes: Wholes, settings: Reals) -> Reals:
    """Return log productivity, shape (stretches, P, K, A): spread*(sqrt(1-h)*common + sqrt(h)*local).

    ``common`` is centred and scaled over approaches. ``local`` is centred over places and scaled to unit
    variance (else h would not be the local share), smooth over place and deprivation with a part of its own.
    Each shift mixes the old with a new draw, by the share that a shift redraws.
    """
    stretches, services, approaches = sizes[0], sizes[1], sizes[2]
    spread, h, own, length, redrawn = settings[0], settings[1], settings[2], settings[3], settings[4]
    places = points.shape[0]
    out = np.zeros((stretches, places, services, approaches))
    common = np.zeros((services, approaches))
    local = np.zeros((places, services, approaches))
    for n in range(stretches):
        keep, fresh = (0.0, 1.0) if n == 0 else (sqrt(1.0 - redrawn), sqrt(redrawn))
        for k in range(services):
            for a in range(approaches):
                z = normal(seed, NOWHERE, n, k, COMMON, a)
                common[k, a] = keep * common[k, a] + fresh * z
                field = smooth_field(seed, keys, points, own, length, n, k * approaches + a)
                for p in range(places):
                    local[p, k, a] = keep * local[p, k, a] + fresh * field[p]
                standardise(local[:, k, a])
            standardise(common[k])
        for p in range(places):
            for k in range(services):
                for a in range(approaches):
                    out[n, p, k, a] = spread * (sqrt(1.0 - h) * common[k, a] + sqrt(h) * local[p, k, a])
    return out


@compiled
def smooth_field(
    seed: np.uint64, keys: NDArray[np.uint64], points: Reals, own: float, length: float, stretch: int, item: int
) -> Reals:
    """Return one random field over places: a smooth part of random cosines, and each place's own part."""
    places, axes = points.shape
    field, angle = np.zeros(places), np.zeros(places)
    scale = sqrt((1.0 - own) * 2.0 / WAVES)
    for wave in range(WAVES):
        turn = 6.283185307179586 * uniform(seed, NOWHERE, stretch, 10 + wave, LOCAL, 4 * item)
        rate = np.zeros(axes)
        for axis in range(axes):
            rate[axis] = normal(seed, NOWHERE, stretch, 10 + wave, LOCAL, 4 * item + 1 + axis) / length
        angle[:] = turn
        for axis in range(axes):
            for p in range(places):
                angle[p] += rate[axis] * points[p, axis]
        add_wave(field, angle, scale)
    for p in range(places):
        field[p] += sqrt(own) * normal(seed, keys[p], stretch, 0, LOCAL, item)
    return field


@lanes
def add_wave(field: Reals, angle: Reals, scale: float) -> None:
    """Add the cosine of an angle (P,), scaled, to a field (P,)."""
    for p in range(len(field)):
        field[p] += scale * cosine(angle[p])


@compiled
def standardise(values: Reals) -> None:
    """Centre values and scale them to unit variance, in place."""
    count = len(values)
    mean = 0.0
    for i in range(count):
        mean += values[i]
    mean = mean / count
    variance = 0.0
    for i in range(count):
        values[i] -= mean
        variance += values[i] * values[i]
    scale = sqrt(max(variance / count, 1e-18))
    for i in range(count):
        values[i] = values[i] / scale


@compiled
def productivities(log_effect: Reals, level: float) -> tuple[Reals, Reals]:
    """Return cases per staff-day of each approach, and the log of the best's advantage."""
    stretches, places, services, approaches = log_effect.shape
    effect = np.zeros(log_effect.shape)
    best = np.zeros((stretches, places, services))
    for n in range(stretches):
        for p in range(places):
            for k in range(services):
                top = log_effect[n, p, k, 0]
                for a in range(approaches):
                    value = log_effect[n, p, k, a]
                    effect[n, p, k, a] = level * exp(value)
                    top = max(top, value)
                best[n, p, k] = top
    return effect, best


@compiled
def practices(seed: np.uint64, keys: NDArray[np.uint64], services: int, approaches: int, varied: bool) -> Wholes:
    """Return the approach that each place uses on day 0."""
    out = np.zeros((len(keys), services), np.int64)
    for p in range(len(keys)):
        for k in range(services):
            key = keys[p] if varied else NOWHERE
            out[p, k] = min(approaches - 1, int(approaches * uniform(seed, key, 0, 0, PRACTICE, k)))
    return out


@compiled
def noisy(seed: np.uint64, keys: NDArray[np.uint64], truth: Reals, sd: float) -> Reals:
    """Return what sector leads believe on day 0: the truth and an error."""
    out = np.zeros(truth.shape)
    for p in range(truth.shape[0]):
        for k in range(truth.shape[1]):
            for a in range(truth.shape[2]):
                out[p, k, a] = truth[p, k, a] + sd * normal(seed, keys[p], 0, k, LEAD, a)
    return out


@compiled
def plain_normals(seed: np.uint64, keys: NDArray[np.uint64], purpose: int) -> Reals:
    """Return one standard normal a place."""
    out = np.zeros(len(keys))
    for p in range(len(keys)):
        out[p] = normal(seed, keys[p], 0, 0, purpose, 0)
    return out


@compiled
def lognormals(seed: np.uint64, keys: NDArray[np.uint64], purpose: int, log_sd: float) -> Reals:
    """Return one lognormal of mean 1 a place."""
    out = plain_normals(seed, keys, purpose)
    for p in range(len(keys)):
        out[p] = exp(log_sd * out[p] - 0.5 * log_sd * log_sd)
    return out


@compiled
def wobbles(
    seed: np.uint64, keys: NDArray[np.uint64], regions: NDArray[np.uint64], weeks: int, settings: Reals
) -> Reals:
    """Return the local change of transmission in each week, of mean 1; shape (weeks, P).

    ``settings``: its log sd, the share of its variance that a region has in common, and the weeks for which it lasts.
    """
    out = np.zeros((weeks, len(keys)))
    log_sd, shared = settings[0], settings[1]
    kept = exp(-1.0 / settings[2]) if settings[2] > 0.0 else 0.0
    for p in range(len(keys)):
        change = 0.0
        for week in range(weeks):
            own = normal(seed, keys[p], week, 0, TRANSMISSION, 0)
            common = normal(seed, regions[p], week, 0, TRANSMISSION, 0)
            z = sqrt(1.0 - shared) * own + sqrt(shared) * common
            change = z if week == 0 else kept * change + sqrt(1.0 - kept * kept) * z
            out[week, p] = exp(log_sd * change - 0.5 * log_sd * log_sd)
    return out


@compiled
def local_waves(seed: np.uint64, x: Reals, y: Reals, days: int, settings: Reals) -> Reals:
    """Return local waves of need as shares of ordinary need; shape (days, P).

    A wave has a centre among the places, a length of 20 to 60 days, a radius of .1 to .3 of the map, and a
    height of half to one and a half times the setting; it rises and falls smoothly.
    """
    places = len(x)
    out = np.zeros((days, places))
    start, number = settings[0], 0
    while True:
        start += max(0.01, -settings[1] * log(uniform(seed, NOWHERE, 0, 0, SURGE, number * 5)))
        if start >= days or number > 10_000:
            return out
        centre = min(places - 1, int(places * uniform(seed, NOWHERE, 0, 0, SURGE, number * 5 + 1)))
        length = 20.0 + 40.0 * uniform(seed, NOWHERE, 0, 0, SURGE, number * 5 + 2)
        radius = 0.1 + 0.2 * uniform(seed, NOWHERE, 0, 0, SURGE, number * 5 + 3)
        height = settings[2] * (0.5 + uniform(seed, NOWHERE, 0, 0, SURGE, number * 5 + 4))
        for p in range(places):
            gap_x, gap_y = x[p] - x[centre], y[p] - y[centre]
            near = exp(-(gap_x * gap_x + gap_y * gap_y) / (2.0 * radius * radius))
            for day in range(int(start) + 1, min(days, int(start + length) + 1)):
                along = (day - start) / length
                out[day, p] += height * near * 4.0 * along * (1.0 - along)
        number += 1
