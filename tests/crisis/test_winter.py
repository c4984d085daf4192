"""A winter by hand: a parabola over its length, harder in some places, and what it does to contagion."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.streams import Purpose, normal
from sim.world.crises import WinterPressure
from sim.world.crisis import build_crisis
from sim.world.parts import Part
from tests.crisis.samples import ground_of, sample, with_crises
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset

CLINICAL, SOCIAL = 1, 2
EVEN = {"winter_log_sd": 0.0, "place_log_sd": 0.0, "place_timing_days": 0.0}


def strike(days: int = 60, seed: int = 1, **settings: Any) -> Part:
    return WinterPressure(**settings).strike(ground_of(with_crises(days=days), seed))


def test_it_comes_and_goes_every_year():
    """Length 20 from day 10: a quarter in, 4 x .25 x .75 = .75; in the middle 1; again 40 days later."""
    part = strike(first_day=10, length_days=20.0, every_days=40.0, clinical_care=0.5, social_care=0.2, **EVEN)
    need = ground_of(with_crises()).land.need
    for day, depth in {9: 0.0, 10: 0.0, 15: 0.75, 20: 1.0, 25: 0.75, 30: 0.0, 45: 0.0, 55: 0.75}.items():
        assert part.need[day, :, CLINICAL] == pytest.approx(0.5 * depth * need[:, CLINICAL])
        assert part.need[day, :, SOCIAL] == pytest.approx(0.2 * depth * need[:, SOCIAL])
        assert part.away[day] == pytest.approx(0.03 * depth)
    assert (part.need[..., [0, 3, 4]] == 0.0).all()
    assert part.transmission is None


def test_a_winter_may_have_begun_before_day_0():
    part = strike(first_day=-10, length_days=20.0, clinical_care=1.0, **EVEN)
    assert part.need[0, :, CLINICAL] == pytest.approx(ground_of(with_crises()).land.need[:, CLINICAL])
    assert (part.need[10:] == 0.0).all()


def test_each_winter_and_each_place_in_it_is_drawn():
    """Common exp(.2 z - .02), own exp(.4 z - .08), and it begins 3 z days late."""
    spread = {"winter_log_sd": 0.2, "place_log_sd": 0.4, "place_timing_days": 3.0}
    part = strike(first_day=5, length_days=40.0, clinical_care=1.0, seed=8, **spread)
    ground = ground_of(with_crises())
    common = math.exp(0.2 * normal(np.uint64(8), np.uint64(0), 0, 0, Purpose.WINTER, 0) - 0.02)
    for p, key in enumerate(ground.land.key):
        own = math.exp(0.4 * normal(np.uint64(8), key, 0, 0, Purpose.WINTER, 1) - 0.08)
        share = (25.0 - 5.0 - 3.0 * normal(np.uint64(8), key, 0, 0, Purpose.WINTER, 2)) / 40.0
        expected = common * own * 4.0 * share * (1.0 - share) * ground.land.need[p, CLINICAL]
        assert part.need[25, p, CLINICAL] == pytest.approx(expected)


def test_it_multiplies_contagion():
    """1.5 to the power of the season in the middle of each week, on top of the places' own ups and downs."""
    settings = {"first_day": 0, "length_days": 35.0, "transmission": 1.5, **EVEN}
    part = strike(days=35, **settings)
    depths = [4.0 * (day / 35.0) * (1.0 - day / 35.0) for day in (3, 10, 17, 24, 31)]
    for week, depth in enumerate(depths):
        assert part.transmission[week] == pytest.approx(1.5**depth)
    scenarios = [with_crises(), with_crises(WinterPressure(**settings))]
    plain, winter = (
        build_crisis(ground_of(each).country, ground_of(each).land, each, [1]).wobble[..., 0] for each in scenarios
    )
    assert winter == pytest.approx(plain * part.transmission)


@pytest.mark.parametrize(
    ("lever", "values"),
    [
        ("clinical_care", (0.0, 1.0, 3.0)),
        ("staff_away", (0.0, 0.2, 0.6)),
        ("length_days", (14.0, 28.0, 56.0)),
        ("transmission", (0.7, 1.0, 1.8)),
    ],
)
def test_the_more_of_it_the_more_harm(lever, values):
    harm = []
    for value in values:
        scenario = with_crises(sample("winter", **{"first_day": 0, lever: value}), days=56)
        harm.append(worlds.block_of(scenario, worlds.structure("mesh"), 1, 2, 3).run().state.total_harm.sum())
    assert harm[0] < harm[1] < harm[2]
