"""England as shipped, and tables of places that are refused."""

import hashlib
import random
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.paths import shipped
from sim.streams import key_of
from sim.world.country import (
    AREA_TIERS,
    Areas,
    Country,
    build_areas,
    build_country,
    load_country,
    load_england,
    load_uk,
    read_country,
)
from sim.world.places import PLACE_COLUMNS, PlaceRow, Selection, read_neighbours, read_places
from sim.world.scenario import CountrySettings

PLACES = shipped("scenarios") / "places" / "uk_places.csv"
NEIGHBOURS = shipped("scenarios") / "places" / "uk_neighbours.csv"
HEADER = ",".join(PLACE_COLUMNS)
GOOD = "A,Ayton,R,F,H,S,E,,1000,20,10,15,25,51,0"


def same(a: Country, b: Country) -> bool:
    return all(_same(getattr(a, field.name), getattr(b, field.name)) for field in fields(Country))


def _same(a: object, b: object) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, Areas):
        return all(_same(getattr(a, field.name), getattr(b, field.name)) for field in fields(Areas))
    return a.tobytes() == b.tobytes() and a.dtype == b.dtype if isinstance(a, np.ndarray) else a == b


@pytest.mark.coverage_subset
def test_england_is_what_it_was_in_2021():
    england = load_country(CountrySettings())
    assert len(england) == 152
    assert england.population.sum() == 56_550_138
    counts = {tier: len(areas.names) for tier, areas in england.areas.items()}
    common = {"nation": 1, "devolved": 0, "home_nation": 1}
    assert counts == {**common, "region": 11, "forum": 38, "health_system": 42, "statistical_region": 9}
    assert set(counts) == set(AREA_TIERS)
    assert len(england.neighbour) == 2 * 372


@pytest.mark.coverage_subset
def test_most_places_have_no_regional_body_and_london_has_one():
    england = load_england()
    body = england.areas["region"]
    assert (body.of_place < 0).sum() == 70
    of = {code: body.of_place[place] for place, code in enumerate(england.codes)}
    london = {body.names[of[code]] for code in england.codes if code.startswith("E09")}
    assert london == {"Greater London Authority"}
    assert of["E10000012"] == -1  # Essex
    for tier in ("nation", "forum", "health_system", "statistical_region"):
        assert (england.areas[tier].of_place >= 0).all()


@pytest.mark.coverage_subset
def test_places_and_areas_stand_in_the_order_of_their_keys():
    england = load_england()
    assert [int(key) for key in england.keys] == [key_of(code) for code in england.codes]
    assert (england.keys[1:] > england.keys[:-1]).all()
    for tier, areas in england.areas.items():
        assert [int(key) for key in areas.keys] == [key_of(f"{tier}:{name}") for name in areas.names]
        assert (areas.keys[1:] > areas.keys[:-1]).all()
        assert set(range(len(areas.names))) <= set(areas.of_place.tolist())


@pytest.mark.coverage_subset
def test_figures_are_standardised_by_people():
    england = load_england()
    for scores in (england.deprivation, england.over_65):
        mean = np.average(scores, weights=england.population)
        assert mean == pytest.approx(0.0, abs=1e-12)
        assert np.average((scores - mean) ** 2, weights=england.population) == pytest.approx(1.0)
    assert england.minority.min() > 0.0
    assert england.minority.max() < 0.7
    assert england.codes[int(np.argmax(england.deprivation))] == "E06000009"  # Blackpool


@pytest.mark.coverage_subset
def test_the_map_keeps_its_shape():
    england = load_england()
    place = {code: index for index, code in enumerate(england.codes)}
    assert (england.x.min(), england.y.min(), england.y.max()) == (0.0, 0.0, 1.0)
    assert 0.5 < england.x.max() < 1.0
    newcastle, cornwall, norfolk = place["E08000021"], place["E06000052"], place["E10000020"]
    assert england.y[newcastle] > 0.85
    assert england.y[cornwall] < 0.15
    assert england.x[norfolk] > 0.7
    assert england.x[cornwall] < 0.2


@pytest.mark.coverage_subset
def test_neighbours_are_mutual_and_in_order():
    england = load_england()
    links = {(p, int(q)) for p in range(len(england)) for q in england.neighbours_of(p)}
    assert len(links) == len(england.neighbour)
    assert {(q, p) for p, q in links} == links
    assert all(p != q for p, q in links)
    for place in range(len(england)):
        near = england.neighbours_of(place)
        assert (near[1:] > near[:-1]).all()
    alone = {england.codes[p] for p in range(len(england)) if len(england.neighbours_of(p)) == 0}
    assert alone == {"E06000046", "E06000053"}  # Isle of Wight, Isles of Scilly


@pytest.mark.coverage_subset
def test_arrays_are_closed_and_of_one_kind():
    england = load_england()
    for name in ("population", "deprivation", "over_65", "minority", "x", "y"):
        assert getattr(england, name).dtype == np.float64
        assert getattr(england, name).shape == (152,)
    assert england.neighbour_start.shape == (153,)
    assert england.neighbour.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        england.population[0] = 1.0


@pytest.mark.coverage_subset
@pytest.mark.parametrize("seed", range(3))
def test_listing_places_in_another_order_changes_nothing(seed, tmp_path):
    shuffled = []
    for path in (PLACES, NEIGHBOURS):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        random.Random(seed).shuffle(rows)  # noqa: S311 - no secret
        if path is NEIGHBOURS:
            rows = [",".join(reversed(row.split(","))) for row in rows]
        shuffled.append(tmp_path / path.name)
        shuffled[-1].write_text("\n".join([header, *rows]), encoding="utf-8")
    assert same(read_country("England", *shuffled, Selection(home_nation="England")), load_england())


# A digest of everything about England's places, areas and neighbours, made while they had a table of their own.
ENGLAND_ALONE = "36a0a970eae0c2a37cc414005eb834e65a3b0d6be8de47a49aebe1b1b861d225"


@pytest.mark.coverage_subset
def test_england_out_of_the_table_of_the_united_kingdom_is_the_england_that_was_there_before():
    england, digest = load_england(), hashlib.sha256()
    for field in fields(Country):
        value = getattr(england, field.name)
        if field.name != "areas":
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    for tier in ("nation", "region", "forum", "health_system", "statistical_region"):
        areas = england.areas[tier]
        digest.update(areas.of_place.tobytes() + repr(areas.names).encode() + areas.keys.tobytes())
    assert digest.hexdigest() == ENGLAND_ALONE


@pytest.mark.coverage_subset
def test_the_united_kingdom_is_what_it_was_in_2021():
    uk = load_country(CountrySettings(kind="uk"))
    assert uk is load_uk()
    assert len(uk) == 217
    assert uk.population.sum() == 67_081_234
    counts = {tier: len(areas.names) for tier, areas in uk.areas.items()}
    assert counts == {
        "nation": 1, "devolved": 3, "region": 11, "forum": 45, "health_system": 42, "statistical_region": 12,
        "home_nation": 4,
    }  # fmt: skip
    assert len(uk.neighbour) == 2 * 509
    places = dict.fromkeys(uk.home_nations(), 0)
    for place in range(217):
        places[uk.home_nation_of(place)] += 1
    assert places == {"england": 152, "scotland": 32, "wales": 22, "northern_ireland": 11}


@pytest.mark.coverage_subset
def test_what_a_home_nation_lacks_it_lacks():
    uk = load_uk()
    lacks = {nation: {tier for tier in uk.areas if not reached(uk, tier, nation)} for nation in uk.home_nations()}
    assert lacks == {
        "england": {"devolved"},
        "wales": {"region", "health_system"},
        "scotland": {"region", "health_system"},
        "northern_ireland": {"region", "health_system", "forum"},
    }
    assert uk.reaches("place", 0)
    assert np.isfinite([uk.over_65, uk.minority, uk.deprivation]).all()


def reached(country: Country, tier: str, nation: str | None) -> bool:
    return any(country.reaches(tier, place) for place in range(len(country)) if country.home_nation_of(place) == nation)


@pytest.mark.coverage_subset
def test_an_unknown_share_counts_as_the_mean_of_those_that_are_known():
    uk = load_uk()
    known = [place for place in range(217) if uk.home_nation_of(place) in {"england", "wales"}]
    mean = np.average(uk.minority[known], weights=uk.population[known])
    others = uk.minority[[place for place in range(217) if place not in known]]
    assert others == pytest.approx(mean)
    northern = [place for place in range(217) if uk.home_nation_of(place) == "northern_ireland"]
    assert uk.over_65[northern] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.coverage_subset
def test_home_nations_of_an_invented_country():
    settings = {"kind": "synthetic", "places": 30, "regions": 5}
    country = load_country(CountrySettings(**settings, home_nations=3))
    assert set(country.home_nations()) == {"upland", "midland", "downland"}
    assert [country.home_nation_of(p) == "upland" for p in range(30)] == [
        not country.reaches("devolved", p) for p in range(30)
    ]
    for tier in ("region", "forum", "health_system", "statistical_region"):  # none lies in two home nations
        pairs = {(country.areas[tier].of_place[p], country.home_nation_of(p)) for p in range(30)}
        assert len(pairs) == len(country.areas[tier].names)
    alone = load_country(CountrySettings(**settings))
    assert alone.home_nations() == [None]
    assert not alone.has_tier("devolved")
    assert alone.population.tobytes() == country.population.tobytes()  # the same places, otherwise governed
    with pytest.raises(ValueError, match=r"home_nations to at most 2"):
        CountrySettings(kind="synthetic", places=30, regions=2, home_nations=3)


def refused(text: str | bytes, tmp_path: Path, read=lambda path: read_places(path, "N")) -> InputError:
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.file == path
    assert caught.value.remedy
    return caught.value


BAD_ROWS = {
    "twice": (f"{GOOD}\n{GOOD.replace('Ayton', 'Other')}", 3, "code", "A is listed twice"),
    "no code": (GOOD.replace("A,", ",", 1), 2, "code", "missing"),
    "no name": (GOOD.replace("Ayton", " "), 2, "name", "missing"),
    "no number": (GOOD.replace("1000", ""), 2, "population", "missing"),
    "text": (GOOD.replace("1000", "many"), 2, "population", '"many" is not a number'),
    "nan": (GOOD.replace(",20,", ",nan,"), 2, "over_65_percent", "out of range"),
    "infinite": (GOOD.replace(",15,", ",inf,"), 2, "deprivation_score", "out of range"),
    "negative": (GOOD.replace(",10,", ",-10,"), 2, "minority_percent", "out of range"),
    "nobody": (GOOD.replace("1000", "0"), 2, "population", "out of range"),
    "off the globe": (GOOD.replace(",51,", ",151,"), 2, "latitude", "out of range"),
    "too few values": (GOOD.removesuffix(",0"), 2, None, "14 values where the header has 15"),
    "open quote": ('A,"Ay', 2, None, "cannot be read"),
}


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows(name, tmp_path):
    rows, line, key, problem = BAD_ROWS[name]
    error = refused(f"{HEADER}\n{rows}\n", tmp_path)
    assert (error.line, error.key) == (line, key)
    assert problem in error.problem


@pytest.mark.coverage_subset
def test_bad_tables(tmp_path):
    assert "empty" in refused("", tmp_path).problem
    assert "no places" in refused(HEADER, tmp_path).problem
    assert "binary" in refused(b"code\0", tmp_path).problem
    not_utf8 = refused(HEADER.encode() + b"\nA,Caf\xe9", tmp_path)
    assert "UTF-8" in not_utf8.problem
    assert not_utf8.line == 2
    lacking = refused(HEADER.replace(",forum", ""), tmp_path)
    assert (lacking.line, lacking.key, lacking.problem) == (1, "forum", "the table lacks this column.")
    unknown = refused(f"{HEADER},populaton", tmp_path)
    assert (unknown.key, unknown.remedy) == ("populaton", 'Did you mean "population"?')
    assert "twice" in refused(f"{HEADER},name", tmp_path).problem
    with pytest.raises(InputError, match="no such file"):
        read_places(tmp_path / "none.csv", "N")


BAD_PAIRS = {
    "unknown": ("E06000001,E06000006", 2, "code_b", '"E06000006" is not among'),
    "itself": ("E06000001,E06000001", 2, "code_b", "its own neighbour"),
    "twice": ("E06000001,E06000002\nE06000002,E06000001", 3, "code_a", "neighbours twice"),
}


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", BAD_PAIRS)
def test_bad_neighbours(name, tmp_path):
    rows, line, key, problem = BAD_PAIRS[name]
    codes = ["E06000001", "E06000002"]
    error = refused(f"code_a,code_b\n{rows}\n", tmp_path, lambda path: read_neighbours(path, codes))
    assert (error.line, error.key) == (line, key)
    assert problem in error.problem


@pytest.mark.coverage_subset
def test_an_unknown_neighbour_brings_the_nearest_to_mind(tmp_path):
    read = lambda path: read_neighbours(path, ["E06000001", "W06000001"])  # noqa: E731
    assert refused("code_a,code_b\nE06000001,E06000010", tmp_path, read).remedy == 'Did you mean "E06000001"?'
    with pytest.raises(InputError, match="There are none to choose from"):
        read_neighbours(tmp_path / "table.csv", [])


@pytest.mark.coverage_subset
def test_areas_without_places_are_refused():
    areas = build_areas("forum", ["F", None, "G"], ["G", "F"])
    assert [areas.names[index] if index >= 0 else None for index in areas.of_place] == ["F", None, "G"]
    with pytest.raises(InputError, match='the area "H" has no places'):
        build_areas("forum", ["F", None, "G"], ["F", "G", "H"])
    with pytest.raises(InputError, match='there is no area "G"'):
        build_areas("forum", ["F", None, "G"], ["F"])


@pytest.mark.coverage_subset
def test_places_all_alike_have_no_spread():
    rows = [PlaceRow(code, code, 10.0, 3.0, 4.0, 0.1, 1.0, 1.0, {"nation": "N"}) for code in "AB"]
    country = build_country("N", rows, [])
    assert country.deprivation.tolist() == country.x.tolist() == country.y.tolist() == [0.0, 0.0]
    assert country.has_tier("place")
    assert country.has_tier("nation")
    assert not country.has_tier("forum")
    with pytest.raises(InputError, match="A is listed twice"):
        build_country("N", [rows[0], rows[0]], [])
