"""The country: its places, what they are like, who borders whom, and the areas they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sim.errors import InputError
from sim.paths import shipped
from sim.rules.maths import cosine
from sim.streams import Purpose, key_of, uniform
from sim.world.nations import nation_word
from sim.world.places import WHOLE_TABLE, Pair, PlaceRow, Selection, read_codes, read_neighbours, read_places
from sim.world.scenario import CountrySettings
from sim.world.synthetic import synthetic_places

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Array = TypeVar("Array", bound=npt.NDArray[Any])

AREA_TIERS = ("nation", "devolved", "region", "forum", "health_system", "statistical_region", "home_nation")
ENGLAND = "England"
UNITED_KINGDOM = "United Kingdom"
UK_FIGURES = Selection(deprivation="deprivation_uk_score", gaps=("over_65_percent", "minority_percent"))
RADIANS_PER_DEGREE = 0.017453292519943295


@dataclass(frozen=True, eq=False)
class Areas:
    """The areas of one tier, in ascending order of their keys.

    Parameters
    ----------
    of_place
        Shape (places,): index of each place's area, or -1 where the tier does not exist.
    names
        Name of each area.
    keys
        Shape (areas,): made from tier and name, ascending.
    """

    of_place: Wholes
    names: tuple[str, ...]
    keys: Keys


@dataclass(frozen=True, eq=False)
class Country:
    """Places in ascending order of their keys, so that listing them in another order changes nothing.

    Parameters
    ----------
    name
        Name of the country.
    keys
        Shape (places,): 64-bit keys, each made from the place's code; ascending.
    codes, names
        Code and name of each place.
    population
        Shape (places,): people.
    deprivation, over_65
        Shape (places,): standard deviations from the mean, both weighted by population.
    minority
        Shape (places,): share of residents from ethnic minorities.
    x, y
        Shape (places,): east and north from the south-western corner; the larger extent of the map is 1.
    neighbour_start, neighbour
        Shape (places + 1,) and (links,): the neighbours of place p are
        ``neighbour[neighbour_start[p]:neighbour_start[p + 1]]``, ascending. Every link is there both ways.
    areas
        Areas of each tier of `AREA_TIERS`.
    """

    name: str
    keys: Keys
    codes: tuple[str, ...]
    names: tuple[str, ...]
    population: Floats
    deprivation: Floats
    over_65: Floats
    minority: Floats
    x: Floats
    y: Floats
    neighbour_start: Wholes
    neighbour: Wholes
    areas: dict[str, Areas]

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.codes)

    def neighbours_of(self, place: int) -> Wholes:
        """Return the indices of a place's neighbours, ascending."""
        return self.neighbour[self.neighbour_start[place] : self.neighbour_start[place + 1]]

    def by_lot(self, purpose: Purpose) -> Wholes:
        """Return all places in an order that is drawn from their keys: the same under every structure and seed."""
        drawn = [uniform(np.uint64(0), key, 0, 0, int(purpose), 0) for key in self.keys]
        return np.argsort(drawn, kind="stable")

    def share_by_lot(self, purpose: Purpose, share: float) -> Wholes:
        """Return a share of the places, drawn from their keys."""
        return self.by_lot(purpose)[: int(share * len(self) + 0.5)]

    def has_tier(self, tier: str) -> bool:
        """Return whether any area of a tier exists; every country has places."""
        return tier in ("place", "team", "community") or bool(self.areas[tier].names)

    def reaches(self, tier: str, place: int) -> bool:
        """Return whether a place belongs to an area of a tier."""
        if tier == "community":
            return False  # not where its residents are not organised: there must be a fallback
        return tier in ("place", "team") or bool(self.areas[tier].of_place[place] >= 0)

    def home_nation_of(self, place: int) -> str | None:
        """Return the word for a place's home nation, as settings write it, or None where there is none."""
        areas = self.areas["home_nation"]
        area = int(areas.of_place[place])
        return None if area < 0 else nation_word(areas.names[area])

    def home_nations(self) -> list[str | None]:
        """Return the home nations that its places are in, in order of their first places; None for none."""
        return list(dict.fromkeys(self.home_nation_of(place) for place in range(len(self))))


def load_country(settings: CountrySettings) -> Country:
    """Return the country that a scenario names: the same object each time."""
    if settings.kind == "england":
        return load_england()
    if settings.kind == "uk":
        return load_uk()
    return _load_synthetic(settings.places, settings.regions, settings.home_nations, settings.seed)


@lru_cache(maxsize=1)
def load_england() -> Country:
    """Return England's 152 upper-tier authorities of April 2021."""
    return _shipped_country(ENGLAND, Selection(home_nation=ENGLAND))


@lru_cache(maxsize=1)
def load_uk() -> Country:
    """Return the United Kingdom's 217 upper-tier authorities of April 2021.

    Notes
    -----
    Age is unknown for Northern Ireland, ethnicity for Scotland and Northern Ireland. Deprivation is a score that
    compares across the home nations, and differs from the one that England alone goes by.
    """
    return _shipped_country(UNITED_KINGDOM, UK_FIGURES)


def _shipped_country(name: str, selection: Selection) -> Country:
    folder = shipped("scenarios") / "places"
    return read_country(name, folder / "uk_places.csv", folder / "uk_neighbours.csv", selection)


@lru_cache(maxsize=8)
def _load_synthetic(places: int, regions: int, home_nations: int, seed: int) -> Country:
    return build_country(*synthetic_places(places, regions, seed, home_nations))


def read_country(name: str, places: Path, neighbours: Path, selection: Selection = WHOLE_TABLE) -> Country:
    """Return a country from a table of places, with latitude and longitude, and one of neighbours.

    Parameters
    ----------
    name
        Name of the country.
    places, neighbours
        The two tables.
    selection
        Which places it takes; neighbours outside it are left out.

    Raises
    ------
    InputError
        If either table cannot be used (:mod:`sim.world.places`).
    """
    rows = read_places(places, name, selection)
    inside = {row.code for row in rows}
    pairs = [pair for pair in read_neighbours(neighbours, read_codes(places)) if inside.issuperset(pair)]
    return build_country(name, rows, pairs, degrees=True)


def build_country(name: str, rows: Sequence[PlaceRow], pairs: Sequence[Pair], degrees: bool = False) -> Country:
    """Return a country from rows in any order.

    Parameters
    ----------
    name
        Name of the country.
    rows
        Its places.
    pairs
        Codes of neighbours, each pair once.
    degrees
        Whether x and y are longitude and latitude.
    """
    rows = sorted(rows, key=lambda row: key_of(row.code))
    keys = _keys([row.code for row in rows])
    _check_distinct(keys, [row.code for row in rows])
    population = _column(rows, lambda row: row.population)
    x, y = _map(rows, degrees)
    start, neighbour = _links([row.code for row in rows], pairs)
    return Country(
        name=name,
        keys=keys,
        codes=tuple(row.code for row in rows),
        names=tuple(row.name for row in rows),
        population=population,
        deprivation=standardised(_column(rows, lambda row: row.deprivation), population),
        over_65=standardised(_filled([row.over_65 for row in rows], population), population),
        minority=_filled([row.minority for row in rows], population),
        x=x,
        y=y,
        neighbour_start=start,
        neighbour=neighbour,
        areas={tier: build_areas(tier, [row.areas.get(tier) for row in rows]) for tier in AREA_TIERS},
    )


def build_areas(tier: str, of_place: Sequence[str | None], names: Sequence[str] | None = None) -> Areas:
    """Return the areas of a tier from the name of each place's area, or None where it has none.

    Parameters
    ----------
    tier
        One of `AREA_TIERS`.
    of_place
        Name of the area of each place.
    names
        All areas there should be; absent means those that the places name.

    Raises
    ------
    InputError
        If an area has no places, or a place names an area that is not there.
    """
    used = {name for name in of_place if name is not None}
    wanted = used if names is None else set(names)
    for name in sorted(wanted ^ used):
        problem = f'the area "{name}" has no places.' if name in wanted else f'there is no area "{name}".'
        raise InputError(problem, "Give it places, or take it off the list.", key=tier)
    ordered = sorted(used, key=lambda name: key_of(f"{tier}:{name}"))
    index = {name: position for position, name in enumerate(ordered)}
    of = np.array([-1 if name is None else index[name] for name in of_place], dtype=np.int64)
    return Areas(_kept(of), tuple(ordered), _keys([f"{tier}:{name}" for name in ordered]))


def standardised(values: Floats, weights: Floats) -> Floats:
    """Return values as standard deviations from their mean, both weighted; all 0 where they do not differ."""
    mean = _weighted_mean(values, weights)
    away = values - mean
    spread = sqrt(_weighted_mean(away * away, weights))
    return _kept(away / spread if spread > 0.0 else away * 0.0)


def _filled(values: Sequence[float | None], weights: Floats) -> Floats:
    """Return values with the mean of those that are known, weighted, in place of those that are not."""
    known = [place for place, value in enumerate(values) if value is not None]
    given = np.array([0.0 if value is None else value for value in values], dtype=np.float64)
    if len(known) < len(values):
        mean = _weighted_mean(given[known], weights[known])
        given = np.array([mean if value is None else value for value in values], dtype=np.float64)
    return _kept(given)


def _weighted_mean(values: Floats, weights: Floats) -> float:
    total, weight = 0.0, 0.0
    for value, share in zip(values.tolist(), weights.tolist(), strict=True):
        total += value * share
        weight += share
    return total / weight


def _map(rows: Sequence[PlaceRow], degrees: bool) -> tuple[Floats, Floats]:
    """Return positions from the south-western corner, with the larger extent of the map as 1."""
    x, y = _column(rows, lambda row: row.x), _column(rows, lambda row: row.y)
    if degrees:
        x = x * cosine(0.5 * (min(y) + max(y)) * RADIANS_PER_DEGREE)
    x, y = x - min(x), y - min(y)
    extent = max(*x, *y)
    scale = extent if extent > 0.0 else 1.0
    return _kept(x / scale), _kept(y / scale)


def _links(codes: Sequence[str], pairs: Sequence[Pair]) -> tuple[Wholes, Wholes]:
    """Return each place's neighbours in compressed rows."""
    index = {code: place for place, code in enumerate(codes)}
    around: list[set[int]] = [set() for _ in codes]
    for a, b in pairs:
        around[index[a]].add(index[b])
        around[index[b]].add(index[a])
    start = [0]
    for near in around:
        start.append(start[-1] + len(near))
    flat = [other for near in around for other in sorted(near)]
    return _kept(np.array(start, dtype=np.int64)), _kept(np.array(flat, dtype=np.int64))


def _check_distinct(keys: Keys, codes: Sequence[str]) -> None:
    for place in range(1, len(codes)):
        if keys[place] == keys[place - 1]:
            raise InputError(f"place {codes[place]} is listed twice.", "Give each place a code of its own.", key="code")


def _column(rows: Sequence[PlaceRow], value: Callable[[PlaceRow], float]) -> Floats:
    return _kept(np.array([value(row) for row in rows], dtype=np.float64))


def _keys(texts: Sequence[str]) -> Keys:
    return _kept(np.array([key_of(text) for text in texts], dtype=np.uint64))


def _kept(array: Array) -> Array:
    """Return an array after closing it to changes: countries are shared between runs."""
    array.setflags(write=False)
    return array
