"""Outcomes, worked by hand on series and states that are written down here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sim.outcomes import outcomes_of
from sim.series import ROWS
from sim.state import one_world
from sim.world.crisis import build_crisis
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
NEVER = float("nan")


def outcomes(rows: Mapping[str, list[float]] | None = None, **state: Any) -> dict[str, float]:
    """Return the outcomes of a silos world in which these rows of the series, and arrays, are as given."""
    rows = rows or {}
    days = max([1, *map(len, rows.values())])
    block = worlds.block_of(worlds.scenario(days=days), worlds.structure("silos"))
    series = np.zeros((days, len(ROWS)))
    for name, values in rows.items():
        series[:, ROWS.index(name)] = values
    arrays = one_world(block.state, 0)
    arrays["total_used"][...] = 1.0  # as on any day
    for name, values in state.items():
        arrays[name][...] = values
    return outcomes_of(block.setup, arrays, series)


def test_good_practice_reaches_two_thirds_on_the_first_such_day():
    """Six places with five services make thirty; twenty of them are two thirds."""
    assert outcomes({"near_best": [10.0, 19.0, 20.0, 5.0]})["days_to_two_thirds"] == 2.0
    assert np.isnan(outcomes({"near_best": [10.0, 19.0, 19.9, 5.0]})["days_to_two_thirds"])


def test_days_to_half_of_regret_are_for_good():
    assert outcomes({"regret": [8.0, 4.0, 6.0, 4.0, 3.0]})["days_to_half_regret"] == 3.0
    assert np.isnan(outcomes({"regret": [8.0, 4.0, 5.0]})["days_to_half_regret"])


def test_learning_anew_by_hand():
    """Two shifts: the first is made up for after two days, the second never, in the four days that are left."""
    regret = [4.0, 2.0, 9.0, 5.0, 3.0, 9.0, 8.0, 8.0, 8.0]
    landscape = [0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]
    found = outcomes({"regret": regret, "landscape": landscape})["relearn_days"]
    assert found == pytest.approx((2.0 + 4.0) / 2)  # at most 3.0 before the first shift; 4.6 before the second
    assert np.isnan(outcomes({"regret": regret})["relearn_days"])


def test_the_error_of_belief_is_read_on_days_of_report():
    error = [0.0] * 14
    error[6], error[13] = 30.0 * 0.5, 30.0 * 0.3
    assert outcomes({"belief_error": error})["belief_error"] == pytest.approx(0.4)


def test_the_loss_by_hand():
    """A best week of 2 a day, and a worst day of 9; by a thousand people."""
    harm = [2.0] * 7 + [9.0, 7.0, 6.0, 4.0, 4.0, 2.0, 3.0]
    found = outcomes({"harm": harm})
    people = worlds.block_of(worlds.scenario(), worlds.structure("silos")).setup.land.population.sum()
    assert found["loss_depth"] == pytest.approx((9.0 - 2.0) * 1000.0 / people)
    assert found["loss_area"] == pytest.approx((7 + 5 + 4 + 2 + 2 + 0 + 1) * 1000.0 / people * 365.0 / 14.0)
    assert found["recovery_days"] == 3.0
    assert outcomes({"harm": [1e-16] * 7 + [9.0] * 7})["loss_depth"] == pytest.approx(
        9.0 * 1000.0 / people
    )  # a calm week
    assert outcomes({"harm": [3.0] * 14})["loss_area"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("decided", "concentration"),
    [([12, 0, 0, 0, 0, 0], 1.0), ([2, 2, 2, 2, 2, 2], 1.0 / 6.0), ([3, 1, 0, 0, 0, 0], 10.0 / 16.0), ([0] * 6, NEVER)],
)
def test_concentration_by_hand(decided, concentration):
    """Three decisions of one body and one of another: the same body with chance 9/16 + 1/16."""
    assert outcomes(decided=decided)["decision_concentration"] == pytest.approx(concentration, nan_ok=True)


@pytest.mark.parametrize(("structure", "lowest", "highest"), [("command", 1.0, 1.0), ("silos", 1.0 / 6.0, 0.5)])
def test_one_centre_decides_all_and_places_by_themselves_do_not(structure, lowest, highest):
    scenario = worlds.scenario(days=70, load={"base": 0.9})
    block = worlds.block_of(scenario, worlds.structure(structure), 3).run()
    arrays = one_world(block.state, 0)
    assert arrays["decided"].sum() == pytest.approx(arrays["decisions"].sum())
    found = outcomes_of(block.setup, arrays, block.series[..., 0])["decision_concentration"]
    assert lowest - 1e-12 <= found <= highest


@pytest.mark.parametrize(("outcome", "of"), [("unmet_gap", "deprivation"), ("minority_gap", "minority")])
def test_gaps_between_fifths_by_hand(outcome, of):
    """Six places of equal size: the first and the last of six, by what the gap is of, are a fifth each."""
    block = worlds.block_of(worlds.scenario(), worlds.structure("silos"))
    object.__setattr__(block.setup.country, "population", np.full(6, 1000.0))
    ranks = np.argsort(-getattr(block.setup.country, of), kind="stable")
    arrays = one_world(block.state, 0)
    arrays["total_used"][...] = 1.0
    arrays["total_need"][...] = 2.0
    arrays["total_lapsed"][ranks[0]], arrays["total_lapsed"][ranks[-1]] = 0.8, 0.2
    found = outcomes_of(block.setup, arrays, block.series[..., 0])
    assert found[outcome] == pytest.approx(0.4 - 0.1)


@pytest.mark.parametrize("structure", ["command", "mesh", {"approach": "team"}])
def test_the_series_of_both_engines_hold_what_is_believed(structure):
    """The error of belief on the first day of report, from the state and the hidden truth."""
    over = {} if isinstance(structure, str) else {"powers": {"approach": {"holder": "team", "joint": False}}}
    governing = worlds.structure(structure if isinstance(structure, str) else "silos", **over)
    scenario = worlds.scenario(days=7)
    block, _ = run_side_by_side(worlds.block_of(scenario, governing).setup, [5])
    land, s = block.setup.land, block.state
    truth = build_crisis(block.setup.country, land, scenario, [5]).log_effect[0, ..., 0]
    desks = len(land.desk_service)
    by_team = s.team_mean[..., 0].reshape(len(land.population), desks, -1)
    error = 0.0
    for desk, service in enumerate(land.desk_service):
        believed = s.belief_mean[:, service, :, 0] if isinstance(structure, str) else by_team[:, desk]
        error += (land.desk_share[:, desk] * np.abs(believed - truth[:, service]).mean(axis=1)).sum()
    assert error > 0.0
    assert block.series[6, ROWS.index("belief_error"), 0] == pytest.approx(error)
    assert (block.series[:6, ROWS.index("belief_error"), 0] == 0.0).all()
