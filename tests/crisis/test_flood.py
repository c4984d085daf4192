"""A flood by hand: five places, water that runs from one to the next, and what it leaves behind.

Ayton, Beeton and Ceaton lie in a row; Deeton is also next to Beeton, and Eeton is an island. Ordinary need is .7 cases
a day for each thousand people, a fifth of it for each service.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.streams import Purpose, normal, uniform
from sim.world.country import Country, build_country
from sim.world.crises import Flood
from sim.world.parts import Ground, Part
from sim.world.places import PlaceRow
from tests.crisis.samples import ground_of, sample, with_crises
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset

NAMES = ("Ayton", "Beeton", "Ceaton", "Deeton", "Eeton")
PAIRS = [("Ayton", "Beeton"), ("Beeton", "Ceaton"), ("Beeton", "Deeton")]
SOCIAL, ESSENTIALS, WELLBEING = 2, 3, 4
EVEN = {"severity_log_sd": 0.0, "fade": 1.0}


def country() -> Country:
    areas = {"nation": "Fiveland", "region": "R", "statistical_region": "R", "forum": "F", "health_system": "H"}
    rows = [PlaceRow(name, name, 100_000.0, 0.0, 0.0, 0.1, float(n), 0.0, areas) for n, name in enumerate(NAMES)]
    return build_country("Fiveland", rows, PAIRS)


def ground(seed: int = 1, days: int = 20) -> Ground:
    return ground_of(with_crises(days=days), seed, country())


def at(name: str) -> int:
    return country().names.index(name)


def strike(seed: int = 1, days: int = 20, **settings: Any) -> Part:
    return Flood(**settings).strike(ground(seed, days))


def test_it_rises_stands_and_falls_along_its_path():
    """Two days to rise, three at its height, to a third in ten; a day and a half from place to place, a tenth lost.

    In Ayton it begins on day 5: half on day 5, whole on days 6 to 9, exp(-.1) on day 10. In Beeton it begins on day
    6.5: nothing on day 6, (.5 + 1)/2 = .75 on day 7, whole from day 8 (1.5 + 1 > 2) to 10, and on day 11 (4.5 days
    along) .5 days over: exp(-.05), all of it times .9. Essentials rise by 3 x 14 cases, wellbeing by .8 x 14.
    """
    part = strike(
        first_day=5,
        path=("Ayton", "Beeton"),
        travel_days=1.5,
        rise_days=2.0,
        crest_days=3.0,
        recovery_days=10.0,
        wellbeing_recovery_days=100.0,
        staff_away=0.2,
        severity_log_sd=0.0,
        fade=0.9,
    )
    force = {
        "Ayton": [0.0] * 5 + [0.5, 1.0, 1.0, 1.0, 1.0, math.exp(-0.1), math.exp(-0.2)],
        "Beeton": [0.0] * 7 + [0.9 * share for share in (0.75, 1.0, 1.0, 1.0, math.exp(-0.05))],
        "Ceaton": [0.0] * 12,
        "Eeton": [0.0] * 12,
    }
    assert ground().land.need[at("Ayton")] == pytest.approx(14.0)
    for name, expected in force.items():
        assert part.need[:12, at(name), ESSENTIALS] == pytest.approx([42.0 * each for each in expected], abs=1e-12)
        assert part.need[:12, at(name), SOCIAL] == pytest.approx([14.0 * each for each in expected], abs=1e-12)
        assert part.away[:12, at(name)] == pytest.approx([0.2 * each for each in expected], abs=1e-12)
    assert part.need[10, at("Ayton"), WELLBEING] == pytest.approx(0.8 * 14.0 * math.exp(-0.01))  # it lasts
    assert (part.need[..., :SOCIAL] == 0.0).all()
    assert part.chronic is None
    assert part.transmission is None


@pytest.mark.parametrize("seed", range(8))
def test_a_drawn_path_runs_to_the_neighbour_with_the_highest_draw(seed):
    ground_here, key = ground(seed), country().keys
    start = max(range(5), key=lambda p: uniform(np.uint64(seed), key[p], 0, 3, Purpose.FLOOD, 0))
    path = [start]
    while len(path) < 3:
        dry = [q for q in country().neighbours_of(path[-1]).tolist() if q not in path]
        if not dry:
            break
        path.append(max(dry, key=lambda q: uniform(np.uint64(seed), key[q], 0, 3, Purpose.FLOOD, 1)))
    assert Flood(which=3, places=3).path_in(ground_here).tolist() == path


def test_it_ends_where_there_is_no_dry_neighbour():
    for seed in range(20):
        path = Flood(places=200).path_in(ground(seed)).tolist()
        assert len(path) == len(set(path)) <= 4  # nobody gets to the island, nor from it
        if path[0] == at("Eeton"):
            assert path == [at("Eeton")]


def test_how_hard_it_hits_a_place_is_drawn():
    """exp(.5 z - .125) in the first place, times .8 in the second."""
    part = strike(seed=6, first_day=0, path=("Ceaton", "Beeton"), travel_days=0.0, severity_log_sd=0.5, fade=0.8)
    for n, name in enumerate(("Ceaton", "Beeton")):
        z = normal(np.uint64(6), country().keys[at(name)], 0, 0, Purpose.FLOOD, 2)
        assert part.need[3, at(name), ESSENTIALS] == pytest.approx(42.0 * 0.8**n * math.exp(0.5 * z - 0.125))


def test_somebody_is_always_left():
    part = strike(first_day=0, staff_away=0.9, severity_log_sd=1.5, places=5)
    assert 0.0 <= part.away.min() <= part.away.max() <= 0.9


@pytest.mark.parametrize(
    ("lever", "values"),
    [("essentials", (0.0, 2.0, 8.0)), ("staff_away", (0.0, 0.3, 0.8)), ("crest_days", (0.0, 10.0, 30.0))],
)
def test_the_more_of_it_the_more_harm(lever, values):
    harm = []
    for value in values:
        scenario = with_crises(sample("flood", **{lever: value}), epidemic=None)
        harm.append(worlds.block_of(scenario, worlds.structure("mesh"), 1, 2, 3).run().state.total_harm.sum())
    assert harm[0] < harm[1] < harm[2]
