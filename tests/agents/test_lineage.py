"""Lineage: recording changes nothing of a run, and the rows say what happened in it."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.governance.setup import prepare
from sim.governance.structure import POWERS
from sim.lineage import ACTIONS, CHANGED, COLUMNS, HOLDERS, KEPT, NEVER, NOT_AGREED, WINDOW_DAYS, Recorder, lineage_of
from sim.model import GovernanceModel
from sim.world.files import load_structure
from sim.world.scenario import Change
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset

RICH = {"supplies": {}, "commissioning": {}, "restriction": {"threshold": 2.0}, "epidemic": {"first_day": 0}}
CRISIS = worlds.scenario(**RICH)
AGREED = worlds.scenario(**RICH, talks={"unanimity": 0.0})  # talks always end in agreement
TEAMS = {"approach": {"holder": "team", "joint": False, "approval_days": 0.0, "approval_median_days": 0.0}}
STRUCTURES = {
    "command": load_structure("command"),
    "silos": load_structure("silos"),
    "mesh": load_structure("mesh"),
    "teams": worlds.structure("mesh", powers=TEAMS),
    "directed": worlds.structure("command", powers={"workforce": {"places": "directed", "services": "pooled"}}),
}
each = pytest.mark.parametrize("name", STRUCTURES)


def run(structure, watch=None, scenario=CRISIS):
    model = GovernanceModel(prepare(scenario, structure), 1, watch=watch)
    if watch is not None:
        watch.watch(model)
    return model.run()


@pytest.mark.coverage_subset
@each
def test_recording_changes_no_bit_of_the_run(name):
    changed = CRISIS.model_copy(
        update={"change": (Change(day=20, structure={"powers": {"restriction": {"holder": "place"}}}),)}
    )
    for scenario in (CRISIS, changed):
        plain, watched = run(STRUCTURES[name], None, scenario), run(STRUCTURES[name], Recorder(), scenario)
        assert plain.series.tobytes() == watched.series.tobytes()
        for column, array in plain.columns().items():
            assert array.tobytes() == watched.columns()[column].tobytes(), column


@each
def test_every_row_makes_sense(name):
    rows = lineage_of(CRISIS, STRUCTURES[name], 1).decisions
    assert list(rows.columns) == list(COLUMNS)
    assert rows["day"].is_monotonic_increasing
    assert set(rows["power"]) >= {POWERS.index(power) for power in ("approach", "reserve", "restriction")}
    changed = rows[rows["action"] == CHANGED]
    assert len(changed)
    at_once = (changed["desk"] != NEVER).to_numpy()  # a team's own work; all else takes a day at least
    waits = np.where(at_once, 0, np.maximum(1, changed["wait"]))
    assert (changed["effect_day"] == changed["day"] + waits).all()
    assert (rows.loc[rows["action"] != CHANGED, "effect_day"] == NEVER).all()
    assert rows.loc[rows["action"] == KEPT, "after"].isna().all()
    assert changed["after"].notna().all()
    assert (rows["data_day"] <= rows["day"]).all()
    assert (rows["evidence_day"] <= rows["day"]).all()
    assert ((rows["seen"] >= 0.0) & (rows["true"] >= 0.0) | (rows["power"] == POWERS.index("procurement"))).all()
    assert set(rows["holder"]) <= set(range(len(HOLDERS)))
    assert set(rows["action"]) <= set(range(len(ACTIONS)))
    for column in ("taken_up", "taken_up_later", "unmet_before", "unmet_after"):
        known = rows[column].dropna()
        assert ((known >= 0.0) & (known <= 1.0 + 1e-6)).all()


@each
def test_what_is_written_down_of_restriction_is_what_happens(name):
    """Each day and place on which contact becomes or is no longer limited is the effect of a row, and no other is."""
    structure = STRUCTURES[name]
    lineage = lineage_of(AGREED, structure, 1)
    model = GovernanceModel(prepare(AGREED, structure), 1)
    happened, before = set(), [0.0] * len(model.cast.councils)
    for day in range(AGREED.days):
        model.step()
        now = [council.restricted for council in model.cast.councils]
        happened |= {(day, p, now[p]) for p in range(len(now)) if now[p] != before[p]}
        before = now
    rows = lineage.decisions
    mine = rows[(rows["power"] == POWERS.index("restriction")) & (rows["action"] == CHANGED)]
    said = {
        (row["effect_day"], p, row["after"])
        for row in mine.to_dict("records")
        for p in lineage.members(row)
        if row["effect_day"] < AGREED.days
    }
    assert happened == said
    assert happened


def test_a_waiting_or_unchanged_item_is_told_as_such_and_talks_can_fail():
    rows = lineage_of(CRISIS, STRUCTURES["mesh"], 1).decisions
    assert (rows["action"] == NOT_AGREED).any()
    failed = rows[rows["action"] == NOT_AGREED]
    assert (failed["rounds"] == NEVER).all()
    assert (failed["seats"] > 1).all()
    alone = lineage_of(CRISIS, STRUCTURES["command"], 1).decisions
    assert (alone["seats"] == 0).all()
    assert (alone["room"] <= 1).all(), "public health alone has a seat"
    assert (rows["room"].max()) == 0b1111


def test_figures_are_as_old_as_the_structure_makes_them():
    rows = lineage_of(CRISIS, STRUCTURES["command"], 1).decisions
    approach = rows[(rows["power"] == POWERS.index("approach")) & (rows["evidence_day"] != NEVER)]
    assert (approach["day"] - approach["evidence_day"] >= 14).all(), "reports take a fortnight under command"
    own = lineage_of(CRISIS, STRUCTURES["silos"], 1).decisions
    mine = own[own["power"] == POWERS.index("approach")]
    assert (mine["data_day"] == mine["day"]).all(), "a place sees its own figures at once"
    assert np.allclose(mine["seen"], mine["true"])


def test_take_up_and_effect_of_one_decision_by_hand():
    lineage = lineage_of(CRISIS, STRUCTURES["command"], 1)
    rows = lineage.decisions
    row = rows[(rows["power"] == 0) & (rows["action"] == CHANGED) & (rows["effect_day"] < CRISIS.days)].iloc[0]
    first, k, places = int(row["effect_day"]), int(row["service"]), lineage.members(row)
    last = min(CRISIS.days, first + WINDOW_DAYS)
    need, lapsed, following = (lineage.daily[name][:, places, k] for name in ("need", "lapsed", "following"))
    assert row["unmet_after"] == pytest.approx(lapsed[first:last].sum() / need[first:last].sum(), rel=1e-5)
    before = slice(max(0, first - WINDOW_DAYS), first)
    assert row["unmet_before"] == pytest.approx(lapsed[before].sum() / need[before].sum(), rel=1e-5, abs=1e-12)
    assert row["taken_up"] == pytest.approx(following[first].mean())
    assert row["taken_up_later"] == pytest.approx(following[last - 1].mean())
    one = lineage.effect(row, places[:1])
    assert one["taken_up"] == pytest.approx(lineage.daily["following"][first, places[0], k])
    never = lineage.effect({**row, "effect_day": NEVER}, places)
    assert all(math.isnan(value) for value in never.values())


def test_a_shorter_run_is_the_beginning_of_a_longer_one():
    told = [name for name in COLUMNS if not name.endswith(("_later", "_after"))]
    whole, part = (lineage_of(CRISIS, STRUCTURES["mesh"], 1, days).decisions for days in (None, 40))
    early = whole[whole["day"] < 12].reset_index(drop=True)
    pd.testing.assert_frame_equal(early[told], part[part["day"] < 12].reset_index(drop=True)[told])
