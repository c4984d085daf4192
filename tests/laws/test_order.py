"""Law 5: the order in which things are listed changes nothing; names are labels."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.world.country import Country, build_country
from sim.world.synthetic import synthetic_places
from tests.laws import worlds

NAME, ROWS, PAIRS = synthetic_places(9, 3, 4)


def setup_for(monkeypatch: pytest.MonkeyPatch, country: Country, **over: Any) -> Setup:
    monkeypatch.setattr("sim.governance.setup.load_country", lambda _: country)
    crisis = worlds.scenario(country={"places": 9, "regions": 3}, pressure={}, approaches={"shift_gap_days": 20.0})
    return prepare(crisis, worlds.structure("mesh", **over))


def run(monkeypatch: pytest.MonkeyPatch, country: Country, **over: Any) -> Block:
    return Block(setup_for(monkeypatch, country, **over), [2]).run()


@pytest.mark.parametrize("seed", range(3))
def test_listing_places_and_neighbours_in_another_order_changes_nothing(seed, monkeypatch):
    shuffler = random.Random(seed)  # noqa: S311 - no secret
    rows, pairs = list(ROWS), [pair[::-1] if shuffler.random() < 0.5 else pair for pair in PAIRS]
    shuffler.shuffle(rows)
    shuffler.shuffle(pairs)
    assert rows != ROWS
    plain, shuffled = (
        run(monkeypatch, build_country(NAME, ROWS, PAIRS)),
        run(monkeypatch, build_country(NAME, rows, pairs)),
    )
    assert shuffled.setup.country.codes == plain.setup.country.codes
    assert not worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(shuffled))


def test_renaming_places_changes_labels_only(monkeypatch):
    renamed = [replace(row, name=f"Somewhere {n}") for n, row in enumerate(ROWS)]
    plain, other = (
        run(monkeypatch, build_country(NAME, ROWS, PAIRS)),
        run(monkeypatch, build_country("Elsewhere", renamed, PAIRS)),
    )
    assert set(plain.setup.country.names).isdisjoint(other.setup.country.names)
    assert not worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(other))


def test_new_codes_are_new_places(monkeypatch):
    """The test can fail: a code is what a place's draws hang on."""
    code = {row.code: f"Z{row.code}" for row in ROWS}
    rows = [replace(row, code=code[row.code]) for row in ROWS]
    pairs = [(code[a], code[b]) for a, b in PAIRS]
    plain, other = (
        run(monkeypatch, build_country(NAME, ROWS, PAIRS)),
        run(monkeypatch, build_country(NAME, rows, pairs)),
    )
    assert worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(other))


def test_the_order_of_seats_at_a_table_changes_nothing(monkeypatch):
    country = build_country(NAME, ROWS, PAIRS)
    seats = ["public_health", "schools", "care_homes"]
    one, other = (
        run(monkeypatch, country, powers={"approach": {"advice": order}, "reserve": {"advice": order}})
        for order in (seats, seats[::-1])
    )
    assert not worlds.differing(worlds.bytes_of(one), worlds.bytes_of(other))
