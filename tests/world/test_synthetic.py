"""Invented countries of any size."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.streams import key_of
from sim.world.country import Country, build_country, load_country
from sim.world.scenario import CountrySettings
from sim.world.synthetic import place_name, synthetic_places


def make(places: int, regions: int = 1, seed: int = 1) -> Country:
    return build_country(*synthetic_places(places, regions, seed))


def groups(country: Country, tier: str) -> set[frozenset[int]]:
    of_place = country.areas[tier].of_place
    return {frozenset(np.flatnonzero(of_place == area).tolist()) for area in range(len(country.areas[tier].names))}


@given(places=st.integers(3, 60), regions=st.integers(1, 60), seed=st.integers(0, 2**63 - 1))
@settings(max_examples=60)
def test_any_size_is_a_proper_country(places, regions, seed):
    country = make(places, min(places, regions), seed)
    assert len(country) == len(set(country.codes)) == len(set(country.names)) == places
    assert [int(key) for key in country.keys] == sorted(key_of(code) for code in country.codes)
    assert (country.population >= 1.0).all()
    assert ((country.minority > 0.0) & (country.minority < 1.0)).all()
    assert max(country.x.max(), country.y.max()) == 1.0
    assert min(country.x.min(), country.y.min()) == 0.0
    for tier, areas in country.areas.items():
        without = [-1] if tier in {"devolved", "home_nation"} else []
        assert sorted(set(areas.of_place.tolist())) == without + list(range(len(areas.names)))
    assert len(country.areas["region"].names) == min(places, regions)
    links = {(p, int(q)) for p in range(places) for q in country.neighbours_of(p)}
    assert {(q, p) for p, q in links} == links
    assert all(p != q for p, q in links)
    assert min(np.diff(country.neighbour_start)) >= min(4, places - 1)


@pytest.mark.coverage_subset
def test_the_smallest_country():
    country = make(3)
    assert len(country) == 3
    assert country.neighbour.tolist() == [1, 2, 0, 2, 0, 1]
    counts = {tier: len(areas.names) for tier, areas in country.areas.items()}
    assert {tier for tier, count in counts.items() if count == 0} == {"devolved", "home_nation"}
    assert set(counts.values()) == {0, 1}


@pytest.mark.coverage_subset
def test_a_seed_gives_one_map_and_another_seed_another():
    first, again, other = make(20, 2, 5), make(20, 2, 5), make(20, 2, 6)
    assert first.x.tobytes() == again.x.tobytes()
    assert first.names == again.names
    assert first.population.tobytes() != other.population.tobytes()
    assert first.names != other.names
    assert load_country(CountrySettings(kind="synthetic")) is load_country(CountrySettings(kind="synthetic"))


@pytest.mark.coverage_subset
def test_names_are_different_and_codes_are_numbered():
    assert len({place_name(number, 9) for number in range(1, 15_201)}) == 15_200
    assert sorted(make(12).codes)[:2] == ["X00001", "X00002"]


def test_figures_spread_as_declared():
    country = make(2000, 10)
    logs = np.log(country.population)
    assert country.population.mean() == pytest.approx(370_000, rel=0.05)
    assert logs.std() == pytest.approx(0.6, rel=0.06)
    assert np.average(country.deprivation, weights=country.population) == pytest.approx(0.0, abs=1e-12)
    assert np.average(country.over_65**2, weights=country.population) == pytest.approx(1.0)
    assert np.corrcoef(country.deprivation, country.over_65)[0, 1] == pytest.approx(-0.4, abs=0.1)
    assert 4.0 < len(country.neighbour) / 2000 < 6.0


def test_deprivation_is_smooth_in_part():
    country = make(1000)
    near = [(country.deprivation[p], country.deprivation[country.neighbours_of(p)].mean()) for p in range(len(country))]
    assert 0.3 < np.corrcoef(np.array(near).T)[0, 1] < 0.9


def test_areas_have_their_sizes_and_health_systems_their_own_boundaries():
    for places, regions in ((12, 3), (60, 6), (152, 9)):
        country = make(places, regions)
        forums, systems = groups(country, "forum"), groups(country, "health_system")
        for area in forums | systems:
            assert 2 <= len(area) <= 6
        assert forums != systems
        body = country.areas["region"].of_place
        assert all(len({int(body[place]) for place in forum}) == 1 for forum in forums)
        assert max(np.bincount(body)) - min(np.bincount(body)) <= 2


def test_regions_hang_together():
    country = make(300, 6)
    for region in groups(country, "region"):
        reached, edge = set(), {min(region)}
        while edge:
            reached |= edge
            edge = {int(q) for p in edge for q in country.neighbours_of(p)} & region - reached
        assert len(reached) >= 0.9 * len(region)  # near neighbours need not link every corner


def test_the_largest_country_takes_seconds():
    start = time.perf_counter()
    assert len(make(15_000, 200, 3)) == 15_000
    assert time.perf_counter() - start < 10.0
