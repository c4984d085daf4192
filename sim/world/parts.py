"""What one crisis does, day by day and place by place: the part that it contributes to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.fast.compiled import compiled
from sim.rules.crises import flood_force, grown, season, shortage
from sim.rules.maths import exp
from sim.streams import normal, uniform

if TYPE_CHECKING:  # these read scenarios, which are made of crises
    from sim.world.country import Country
    from sim.world.land import Land

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]
Keys = NDArray[np.uint64]
NOWHERE = np.uint64(0)  # key of draws that belong to no place


class Ground(NamedTuple):
    """Where and when a crisis strikes: nothing of the structure is in it.

    Parameters
    ----------
    country, land
        Places, and what an ordinary day is like there.
    services
        Names of the services, in the order of the last axis of needs.
    days
        Length of the run.
    seed
        Seed of the world.
    """

    country: Country
    land: Land
    services: tuple[str, ...]
    days: int
    seed: np.uint64


class Part(NamedTuple):
    """What one crisis does in one world; None where it does nothing of the kind.

    Parameters
    ----------
    need
        Shape (days, places, services): cases a day that it brings. The needs of several crises add up.
    chronic
        The same shape: rise of ordinary need as a share of it, within the reach of prevention. These add up too.
    away
        Shape (days, places): share of staff whom it keeps from work, below 1. What is left multiplies.
    transmission
        Shape (weeks, places): factor on the spread of an infection. Factors multiply.
    offered, use, dearer
        Shape (days,): factors on supplies that the market offers, on what a case uses, and on their price. Factors
        multiply.
    """

    need: Reals | None = None
    chronic: Reals | None = None
    away: Reals | None = None
    transmission: Reals | None = None
    offered: Reals | None = None
    use: Reals | None = None
    dearer: Reals | None = None


def by_service(force: Reals, per_service: Reals) -> Reals:
    """Return needs of shape (days, places, services) from a force in each place and what each service gets of it."""
    return force[:, :, None] * per_service[None]


def at_most(values: Reals, most: float) -> Reals:
    """Return values, none of them above ``most``."""
    return np.minimum(values, most)


@compiled
def mean_one(z: float, log_sd: float) -> float:
    """Return the lognormal of mean 1 that a standard normal stands for."""
    return float(exp(log_sd * z - 0.5 * log_sd * log_sd))


# ---- flood ----


@compiled
def drawn_path(
    seed: np.uint64, keys: Keys, neighbour_start: Wholes, neighbour: Wholes, purpose: int, number: int, most: int
) -> Wholes:
    """Return the places that a flood runs through: from the one with the highest draw to ever the next neighbour.

    Of the neighbours that are still dry, the one with the highest draw comes next; it ends where there is none.
    """
    path = np.zeros(most, np.int64)
    wet = np.zeros(len(keys), np.bool_)
    top, count = -1.0, 0
    for p in range(len(keys)):
        drawn = uniform(seed, keys[p], 0, number, purpose, 0)
        if drawn > top:
            top, path[0] = drawn, p
    while count < most:
        here = path[count]
        wet[here] = True
        count += 1
        top = -1.0
        for link in range(neighbour_start[here], neighbour_start[here + 1]):
            q = neighbour[link]
            drawn = uniform(seed, keys[q], 0, number, purpose, 1)
            if not wet[q] and drawn > top and count < most:
                top, path[count] = drawn, q
        if top < 0.0:
            break
    return path[:count].copy()


@compiled
def flood_sizes(seed: np.uint64, keys: Keys, path: Wholes, purpose: int, number: int, settings: Reals) -> Reals:
    """Return the flood's size in each place of its path; ``settings`` are its severity's log sd, and how it fades."""
    sizes = np.zeros(len(path))
    left = 1.0
    for n in range(len(path)):
        sizes[n] = left * mean_one(normal(seed, keys[path[n]], 0, number, purpose, 2), settings[0])
        left = left * settings[1]
    return sizes


@compiled
def flood_wave(days: int, places: int, path: Wholes, sizes: Reals, settings: Reals) -> Reals:
    """Return the flood's force, shape (days, places); ``settings`` are first day, travel, rise, crest and recovery."""
    out = np.zeros((days, places))
    for n in range(len(path)):
        for day in range(days):
            along = day - (settings[0] + n * settings[1])
            out[day, path[n]] = sizes[n] * flood_force(along, settings[2], settings[3], settings[4])
    return out


# ---- winter ----


@compiled
def winters(seed: np.uint64, keys: Keys, days: int, purpose: int, number: int, settings: Reals) -> Reals:
    """Return how hard winter is, shape (days, places): 1 in the middle of a usual one.

    ``settings``: first day, length and days from one winter to the next; log sd of a winter, log sd of a place in it,
    and sd of the days by which a place comes earlier or later.
    """
    first, length, every = settings[0], settings[1], settings[2]
    out = np.zeros((days, len(keys)))
    winter = 0
    while first + winter * every - 9.0 * settings[5] < days:  # nowhere does the next one come before the last day
        common = mean_one(normal(seed, NOWHERE, winter, number, purpose, 0), settings[3])
        for p in range(len(keys)):
            own = mean_one(normal(seed, keys[p], winter, number, purpose, 1), settings[4])
            start = first + winter * every + settings[5] * normal(seed, keys[p], winter, number, purpose, 2)
            for day in range(days):
                out[day, p] += common * own * season(day - start, length)
        winter += 1
    return out


@compiled
def weekly_factor(force: Reals, log_factor: float) -> Reals:
    """Return a factor for each week and place: the power of a factor that the force in the week's middle is."""
    days, places = force.shape
    out = np.ones(((days + 6) // 7, places))
    for week in range(out.shape[0]):
        for p in range(places):
            out[week, p] = exp(log_factor * force[min(days - 1, 7 * week + 3), p])
    return out


# ---- a slow issue ----


@compiled
def slow_growth(
    seed: np.uint64, keys: Keys, deprivation: Reals, days: int, purpose: int, number: int, settings: Reals
) -> Reals:
    """Return a slow issue's size as a share of ordinary need, shape (days, places).

    ``settings``: first day, days of growth, height, log sd of a place, and slope on deprivation.
    """
    out = np.zeros((days, len(keys)))
    for p in range(len(keys)):
        own = mean_one(normal(seed, keys[p], 0, number, purpose, 0), settings[3])
        height = settings[2] * own * max(0.1, 1.0 + settings[4] * deprivation[p])
        for day in range(days):
            out[day, p] = height * grown(day - settings[0], settings[1])
    return out


# ---- a shortage of supplies ----


@compiled
def shortages(seed: np.uint64, days: int, purpose: int, number: int, settings: Reals) -> Reals:
    """Return how bad a shortage is, shape (days,); ``settings``: first day, ramp, length, log sd of severity."""
    out = np.zeros(days)
    severity = mean_one(normal(seed, NOWHERE, 0, number, purpose, 0), settings[3])
    for day in range(days):
        along = day - settings[0]
        out[day] = severity * shortage(along, settings[1], settings[2]) if along >= 0.0 else 0.0
    return out


@compiled
def powers_of(force: Reals, log_factor: float) -> Reals:
    """Return a factor for each day: the power of a factor that the day's force is."""
    out = np.ones(len(force))
    for day in range(len(force)):
        out[day] = exp(log_factor * force[day])
    return out
