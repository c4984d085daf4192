"""A movement: a cascade on a ring by hand, who joins and why, and how the centre answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance import movement as movements
from sim.governance.describe import describe_scenario
from sim.governance.movement import Standing, answered, joined_by, threshold_of
from sim.governance.setup import prepare
from sim.outcomes import outcomes_of
from sim.rules.movement import grievance, joins
from sim.state import NOBODY, one_world
from sim.world.programmes import Movement
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

DAYS = {"days": 84}


def test_grievance_by_hand():
    """Two overrides at .1; 30% unmet against 20% at the best peer, at 2 a point of it. Nobody envies the worse off."""
    assert grievance(2.0, 0.1, 0.3, 0.2, 2.0) == pytest.approx(0.4)
    assert grievance(2.0, 0.1, 0.2, 0.3, 2.0) == pytest.approx(0.2)
    assert joins(0.4, 0.5, 0.5, 0.6)
    assert not joins(0.4, 0.5, 0.3, 0.6)


def ring(places: int) -> Any:
    return SimpleNamespace(
        tie_start=np.arange(0, 2 * places + 1, 2),
        tie_place=np.array([q % places for p in range(places) for q in (p - 1, p + 1)]),
    )


@pytest.mark.parametrize(("last", "days"), [(0.55, [7, 14, 21, 14, 7]), (0.6, [7, 14, NOBODY, 14, 7])])
def test_a_cascade_on_a_ring_by_hand(monkeypatch, last, days):
    """Five places on a ring, of equal grievance .1. The first and the last need no example; it spreads to both sides.

    Places 1 and 3 have one tie that has joined: .1 + .5 * .5 is beyond .3. Place 2 then has both, .6: beyond .55, not
    beyond .6.
    """
    thresholds = [0.05, 0.3, last, 0.3, 0.05]
    monkeypatch.setattr(movements, "threshold_of", lambda _movement, _seed, key: thresholds[key])
    standing = Standing([1.0] * 5, [10.0] * 5, [1.0] * 5)
    joined = [NOBODY] * 5
    for day in range(7, 36, 7):
        joined = joined_by(Movement(override=0.1, example=0.5), range(5), 1, day, joined, standing, ring(5))
    assert joined == days


def test_a_place_without_ties_has_only_its_own_grievance(monkeypatch):
    alone = SimpleNamespace(tie_start=np.zeros(3, np.int64), tie_place=np.zeros(0, np.int64))
    monkeypatch.setattr(movements, "threshold_of", lambda *_: 0.25)
    standing = Standing([2.0, 3.0], [10.0, 10.0], [1.0, 9.0])
    assert joined_by(Movement(override=0.1), [1, 2], 1, 7, [NOBODY] * 2, standing, alone) == [NOBODY, 7]


def test_thresholds_are_spread_as_they_should_and_a_places_own():
    settings = Movement(threshold=0.5, threshold_sd=0.25)
    drawn = np.array([threshold_of(settings, 1, key) for key in range(2000)])
    assert drawn.mean() == pytest.approx(0.5, abs=0.03)
    assert drawn.std() == pytest.approx(0.25, abs=0.02)
    assert threshold_of(settings, 1, 5) == drawn[5] != threshold_of(settings, 2, 5)


def test_what_the_centre_concedes_and_closes():
    command, mesh = worlds.structure("command"), worlds.structure("mesh")
    assert answered(command, Movement()).powers.approach.holder == "region"
    assert answered(command, Movement()).powers.reserve == command.powers.reserve
    assert answered(command, Movement(power="reserve")).powers.reserve.holder == "region"
    silos = worlds.structure("silos")
    assert answered(silos, Movement()) == silos  # nobody is below a place
    closed = answered(mesh, Movement(answer="close")).channels
    assert (closed.guidance.clarity, closed.open.coverage) == (0.0, 0.0)
    assert closed.peer == mesh.channels.peer


@pytest.mark.coverage_subset
@pytest.mark.parametrize(("name", "answer"), [("command", "concede"), ("mesh", "close")])
def test_both_engines_are_equal(name, answer):
    settings = {"threshold": 0.0, "threshold_sd": 0.2, "gives_way_at": 0.3, "answer": answer, "first_day": 8}
    scenario = worlds.scenario(days=30, movement=settings)
    block, _ = run_side_by_side(prepare(scenario, worlds.structure(name)), [1, 2], every_phase=False)
    assert (block.state.gave_way >= 14).any()


def run(structure: str, **over: Any) -> Block:
    return worlds.block_of(worlds.scenario(**DAYS, movement=over), worlds.structure(structure), 1).run()


def found(block: Block) -> dict[str, float]:
    return outcomes_of(block.setup, one_world(block.state, 0), block.series[..., 0])


@pytest.mark.parametrize(
    ("lever", "rising", "values"),
    [("threshold", False, (-1.0, 0.0, 5.0)), ("example", True, (0.0, 5.0)), ("length_days", True, (1, 200))],
)
def test_directions(lever, rising, values):
    usual = {"threshold": 0.15, "threshold_sd": 0.2, "answer": "none", "gap": 0.0, "override": 0.0}
    shares = [found(run("mesh", **{**usual, lever: value}))["movement_share"] for value in values]
    assert shares == sorted(shares, reverse=not rising)
    assert shares[0] != shares[-1]


def test_past_a_share_the_region_decides_for_good():
    block = run("command", threshold=-1.0, gives_way_at=0.9)
    assert found(block)["gave_way_day"] == 7.0
    assert block.state.regime[0, 0] == 1
    never = found(run("command", threshold=-1.0, gives_way_at=1.0))
    assert never["gave_way_day"] != never["gave_way_day"]
    assert never["movement_share"] == 1.0


def test_a_movement_that_is_not_answered_changes_nothing_else():
    one = worlds.block_of(worlds.scenario(**DAYS), worlds.structure("command"), 1).run()
    other = run("command", threshold=-1.0, answer="none")
    assert worlds.differing(worlds.bytes_of(one), worlds.bytes_of(other)) == ["joined"]


def test_it_is_read_aloud():
    text = describe_scenario(worlds.scenario(movement={}))
    assert "A movement that places may join" in text
    assert "the tier below holds ways of working from then on" in text
