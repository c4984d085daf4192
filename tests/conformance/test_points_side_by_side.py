"""Worlds of different points in one block: each is, to the last bit, what it is alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from sim import engine as module
from sim.engine import Point, RunResult, run, run_together
from sim.errors import InputError
from sim.fast.engine import Block
from sim.fast.worlds import ALIKE, in_common, table_of_worlds
from sim.governance.setup import prepare
from sim.governance.structure import Structure
from sim.governance.tables import ABSENT, SECTIONS, Parameters
from sim.world.fields import Settings
from sim.world.scenario import Scenario
from tests.laws import worlds
from tests.strategies import Case, cases, range_of

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
SECTIONS_THERE = [name for name in SECTIONS if name not in ABSENT]
# What these say is in tables that worlds side by side have in common.
OF_TABLES = frozenset(
    """
    own_share smooth_length staff_per_1000 cases_per_staff_day equalisation reserve_share responder_share vcs_slope
    residents_organised cascade omega share
    """.split()
)
CRISIS = {"epidemic": {"reproduction_number": 2.0}, "approaches": {"shift_gap_days": 12.0}}


def elsewhere(scenario: Scenario, factor: float) -> Scenario:
    """Return a scenario with all its shares of some sections nearer to the least that they can be, by a factor."""
    update: dict[str, Any] = {}
    for name in SECTIONS_THERE:
        section = getattr(scenario, name)
        numbers = {
            field: low_of(section, field) + factor * (value - low_of(section, field))
            for field, value in section
            if isinstance(value, float) and 0.0 < value < 1.0 and field not in OF_TABLES
        }
        update[name] = section.model_copy(update=numbers)
    return scenario.model_copy(update=update)


def governed(structure: Structure, factor: float) -> Structure:
    """Return a structure with other approval times, costs of a reversal, analysts and clarity of its channels."""
    powers = {
        name: power.model_copy(
            update={
                "approval_days": power.approval_days + 5.0 * (1.0 - factor),
                "approval_median_days": factor * power.approval_median_days,
                "reversal_cost": factor * power.reversal_cost,
                "analyst_share": factor * power.analyst_share,
            }
        )
        for name, power in structure.powers
    }
    reporting = structure.channels.reporting
    channels = {"reporting": reporting.model_copy(update={"clarity": factor * reporting.clarity})}
    return structure.model_copy(
        update={
            "powers": structure.powers.model_copy(update=powers),
            "channels": structure.channels.model_copy(update=channels),
        }
    )


def low_of(section: Settings, field: str) -> float:
    """Return the least that a number may be."""
    low, _ = range_of(type(section), field)
    return low


def bytes_of(result: RunResult) -> list[Any]:
    """Return all that a result tells."""
    return [
        repr(result.outcomes),
        repr(result.resources),
        result.crisis_digest,
        {name: np.asarray(values).tobytes() for name, values in {**result.daily, **result.in_places}.items()},
    ]


def assert_as_alone(points: list[Point]) -> None:
    together = run_together(points)
    for point, results in zip(points, together, strict=True):
        assert [bytes_of(each) for each in results] == [bytes_of(each) for each in run(*point)]


@settings(deadline=None, suppress_health_check=SLOW)
@given(cases(most_places=5, most_days=30, most_changes=1), st.lists(st.floats(0.5, 1.0), min_size=2, max_size=4))
def test_worlds_of_different_points_are_as_each_alone(case: Case, factors: list[float]) -> None:
    points = [
        Point(elsewhere(case.scenario, factor), governed(case.structure, factor), (n, n + 7))
        for n, factor in enumerate(factors)
    ]
    try:
        alike = {in_common(prepare(point.scenario, point.structure)) for point in points}
        event("in one block" if len(alike) == 1 else "in several blocks")
        assert_as_alone(points)
    except InputError:  # two of the moved numbers do not suit each other on the day of a dated change
        assume(False)


@pytest.mark.coverage_subset
def test_points_that_differ_in_numbers_are_done_in_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three points by two arms, of two seeds each: two blocks of six worlds, each of which fares differently."""
    widths = []

    class Seen(Block):
        def __init__(self, setups: Any, seeds: list[int]) -> None:
            widths.append(len(seeds))
            super().__init__(setups, seeds)

    monkeypatch.setattr("sim.fast.engine.Block", Seen)
    arms = worlds.structure("mesh"), worlds.structure("command")
    base = worlds.scenario(days=21, **CRISIS)
    points = [Point(elsewhere(base, f), governed(arm, f), (3, 4)) for f in (1.0, 0.95, 0.9) for arm in arms]
    together = run_together(points)
    assert widths == [6, 6]
    assert len({result.outcomes["harm_per_1000"] for results in together for result in results}) == 12
    for point, results in zip(points, together, strict=True):
        assert [bytes_of(each) for each in results] == [bytes_of(each) for each in run(*point)]


def test_each_world_of_a_block_changes_its_structure_by_what_happens_there() -> None:
    """A structure that tightens when pressed, under three pressures: one block is under several tables on one day."""
    points = [
        Point(worlds.scenario(days=84, load={"base": base}), worlds.structure("tight_loose"), (1, 2))
        for base in (0.4, 0.8, 1.2)
    ]
    setups = [prepare(point.scenario, point.structure) for point in points for _ in point.seeds]
    block = Block(setups, [seed for point in points for seed in point.seeds])
    regimes = {tuple(block.run(until).state.regime[0].tolist()) for until in range(7, 84, 7)}
    assert any(len(set(each)) > 1 for each in regimes)
    assert_as_alone(points)


def test_points_in_which_posts_are_frozen_or_not_run_as_each_alone() -> None:
    """Staff who are away go by the day in one of them only, so the two cannot be in one block."""
    structure = worlds.structure("mesh")
    failing = [
        worlds.scenario(days=10, financial_failure={"share": 0.5, "frozen": frozen}) for frozen in (0.0, 0.3, 0.6)
    ]
    assert_as_alone([Point(scenario, structure, (1,)) for scenario in failing])


def test_memory_bounds_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for one world only, points are run one after the other, and nothing else changes."""
    base, structure = worlds.scenario(days=10), worlds.structure("mesh")
    points = [Point(elsewhere(base, factor), structure, (1, 2)) for factor in (1.0, 0.8)]
    wide = run_together(points)
    monkeypatch.setattr(module, "WAITING_BYTES", 1)
    monkeypatch.setattr(module, "BLOCK_BYTES", 1)
    assert [[bytes_of(each) for each in results] for results in run_together(points)] == [
        [bytes_of(each) for each in results] for results in wide
    ]


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("crisis", "governing"),
    [
        ({"days": 22}, {}),
        ({"country": {"places": 7}}, {}),
        ({"evidence": {"trial_days": 7}}, {}),
        ({"load": {"reserve_share": 0.2}}, {}),
        ({}, {"channels": {"reporting": {"delay_days": 14}}}),
        ({}, {"powers": {"approach": {"holder": "nation"}}}),
        ({"financial_failure": {"frozen": 0.3}}, {}),
        ({"epidemic": {"variants": [{"day": 3, "transmissibility": 1.5}]}}, {}),
        ({"change": [{"day": 10, "scenario": {"load": {"absence": 0.2}}}]}, {}),
    ],
)  # fmt: skip
def test_what_must_be_alike_keeps_points_apart(crisis: dict[str, Any], governing: dict[str, Any]) -> None:
    base = in_common(prepare(worlds.scenario(days=21), worlds.structure("mesh")))
    other = prepare(worlds.scenario(**{"days": 21, **crisis}), worlds.structure("mesh", **governing))
    assert in_common(other) != base


@pytest.mark.coverage_subset
def test_numbers_that_may_differ_have_an_axis_of_worlds() -> None:
    setups = [prepare(elsewhere(worlds.scenario(), factor), worlds.structure("mesh")) for factor in (1.0, 0.5)]
    tables = [setup.stretches[0].table for setup in setups]
    whole = table_of_worlds(tables)
    par = whole.par
    assert whole.coordination.tolist() == [list(pair) for pair in zip(*(t.coordination for t in tables), strict=True)]
    assert whole.second_reserve.reversal.tolist() == [table.second_reserve.reversal for table in tables]
    assert set(Parameters._fields) >= ALIKE
    for name in Parameters._fields:
        if name in ALIKE:
            assert getattr(par, name) == getattr(tables[0].par, name)
        else:
            assert getattr(par, name).tolist() == [getattr(table.par, name) for table in tables]
