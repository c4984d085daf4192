"""Hidden need and the cascade with its hubs, in whole runs: by hand, limits, directions, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.errors import InputError
from sim.governance.setup import prepare
from sim.governance.structure import Structure
from sim.outcomes import outcomes_of
from sim.state import one_world
from sim.world.files import load_scenario
from sim.world.scenario import SERVICES, Scenario
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset

CLINICAL, SOCIAL, ESSENTIALS, WELLBEING = 1, 2, 3, 4
CALM: dict[str, Any] = {"epidemic": None, "load": {"base": 0.5, "spill": 0.0, "cascade": 0.0}}
SEEN = 0.4


def hiding(**over: Any) -> Scenario:
    """Return six places in which most need for wellbeing hides."""
    base = {"services": {"wellbeing": {"seen": SEEN}}, "days": 60, **CALM}
    return worlds.scenario(**{**base, **over})


def with_rows(**over: Any) -> Scenario:
    """Return six places in which one open case of social care makes .02 of wellbeing a day, and nothing else breeds."""
    nothing = {name: {"breeds": {}} for name in SERVICES}
    return worlds.scenario(**{**CALM, "services": {**nothing, "social_care": {"breeds": {"wellbeing": 0.02}}}, **over})


def hub(*services: str, data: float = 0.5, name: str = "silos") -> Structure:
    return worlds.structure(name, channels={"hub": {"services": list(services), "data": data}})


def outcome(name: str, scenario: Scenario, structure: Structure) -> float:
    block = worlds.block_of(scenario, structure, 1, 2).run()
    found = [outcomes_of(block.setup, one_world(block.state, w), block.series[..., w])[name] for w in (0, 1)]
    return float(np.mean(found))


def test_three_days_of_hidden_need_by_hand():
    """No ties: .6 of new need hides. A tenth comes forward each day as two cases, an eighth of the rest lapses."""
    culture = {"effort": 0.0, "language_start": 0.0, "language_growth": 0.0}
    rule = {"worth": 0.0, "come_forward_days": 10.0, "burden": 2.0, "lapse_days": 8.0}
    scenario = hiding(days=3, hidden=rule, culture=culture)
    block, _ = run_side_by_side(prepare(scenario, worlds.structure("silos")), [1])
    s, need = block.state, block.setup.land.need[:, WELLBEING]
    hidden, unseen, arisen = 0.0 * need, 0.0 * need, 0.0 * need
    for _ in range(3):
        forward = hidden / 10.0
        lapsed = (hidden - forward) / 8.0
        hidden, unseen = hidden - forward - lapsed + 0.6 * need, unseen + lapsed
        arisen = arisen + need + forward
        shown = 0.4 * need + 2.0 * forward
    assert s.hidden[:, WELLBEING, 0] == pytest.approx(hidden)
    assert s.total_unseen[:, WELLBEING, 0] == pytest.approx(unseen)
    assert s.total_need[:, WELLBEING, 0] == pytest.approx(arisen)
    assert s.shown[:, WELLBEING, 0] == pytest.approx(shown)
    assert (s.hidden[:, :WELLBEING] == 0.0).all()


def test_a_cascade_with_a_hub_by_hand():
    """50 open in social care make 1 in wellbeing; a hub with effect .5, language .6 and data .5 leaves .85 of it."""
    scenario = with_rows(culture={"language_start": 0.6}, days=2)
    for structure, made in ((worlds.structure("silos"), 1.0), (hub("social_care", "wellbeing"), 0.85)):
        block = worlds.block_of(scenario, structure)
        block.state.open_cases[0, SOCIAL] = 50.0
        block.run_phase(0)
        more = block.state.new_need[:, :, 0] - block.setup.land.need
        expected = np.zeros_like(more)
        expected[0, WELLBEING] = made
        assert more == pytest.approx(expected, abs=1e-9)


def test_a_row_spread_evenly_is_the_single_number():
    """Rows that give every other service a quarter of load.cascade are load.cascade, but for rounding."""
    even = {name: {"breeds": {other: 0.0025 for other in SERVICES if other != name}} for name in SERVICES}
    one = worlds.block_of(worlds.scenario(load={"cascade": 0.01}), worlds.structure("mesh")).run()
    other = worlds.block_of(worlds.scenario(load={"cascade": 0.0}, services=even), worlds.structure("mesh")).run()
    assert other.state.total_need == pytest.approx(one.state.total_need, rel=1e-9)


def test_a_hub_outside_of_which_need_breeds_cuts_nothing_but_costs_time():
    scenario = with_rows(days=20)
    plain, joined = worlds.structure("silos"), hub("outbreak_control", "clinical_care")
    blocks = [worlds.block_of(scenario, structure).run() for structure in (plain, joined)]
    assert blocks[1].state.total_coordination.sum() > blocks[0].state.total_coordination.sum()
    extra = [float(block.setup.stretches[0].table.coordination[0]) for block in blocks]
    assert extra[1] - extra[0] == pytest.approx(2 * 0.005)


@pytest.mark.parametrize(
    ("name", "rises", "scenarios"),
    [
        ("never_seen_share", False, [hiding(services={"wellbeing": {"seen": seen}}) for seen in (0.0, 0.3, 0.7, 1.0)]),
        ("never_seen_share", False, [hiding(hidden={"worth": worth}) for worth in (0.0, 0.5, 2.0, 20.0)]),
        ("never_seen_share", False, [hiding(hidden={"contact_finding": ties}) for ties in (0.0, 0.5, 3.0)]),
        ("never_seen_share", True, [hiding(hidden={"come_forward_days": days}) for days in (5.0, 30.0, 300.0)]),
        ("harm_per_1000", True, [hiding(hidden={"burden": burden}) for burden in (1.0, 2.0, 4.0)]),
        ("unmet_share", False, [hiding(hidden={"lapse_days": days}) for days in (10.0, 60.0, 600.0)]),
    ],
)
def test_directions_of_hidden_need(name, rises, scenarios):
    found = [outcome(name, scenario, worlds.structure("mesh")) for scenario in scenarios]
    steps = np.diff(found) if rises else -np.diff(found)
    assert (steps > 0.0).all(), found


def test_leads_in_the_room_and_partnership_find_more():
    scenario = hiding()
    without = worlds.structure("mesh", powers={"approach": {"advice": []}})
    apart = worlds.structure("mesh", powers={"approach": {"advice": []}}, channels={"partnership": {"clarity": 0.0}})
    shares = [outcome("never_seen_share", scenario, each) for each in (worlds.structure("mesh"), without, apart)]
    assert shares[0] < shares[1] < shares[2]


def test_with_all_need_seen_nothing_is_hidden():
    block = worlds.block_of(hiding(services={"wellbeing": {"seen": 1.0}}), worlds.structure("mesh")).run()
    assert not block.state.hidden.any()
    assert not block.state.total_unseen.any()
    assert block.state.shown.tobytes() == block.state.new_need.tobytes()


@pytest.mark.parametrize("structure", ["command", "mesh"])
def test_a_hub_lowers_need_by_its_effect_language_and_data(structure):
    joined = hub("social_care", "wellbeing", name=structure)
    busy = {**CALM["load"], "base": 1.0}
    strength = [with_rows(load={**busy, "hub_effect": g}) for g in (0.0, 0.5, 1.0)]
    effects = [outcome("harm_per_1000", scenario, joined) for scenario in strength]
    assert effects[0] > effects[1] > effects[2]
    shared = [hub("social_care", "wellbeing", data=data, name=structure) for data in (0.0, 0.5, 1.0)]
    by_data = [outcome("harm_per_1000", with_rows(load=busy), each) for each in shared]
    assert by_data[0] > by_data[1] > by_data[2]


def test_the_shipped_scenario_has_hidden_need_and_rows():
    scenario = load_scenario("safeguarding_hub")
    assert scenario.services["wellbeing"].seen < 1.0
    block = worlds.block_of(worlds.changed(scenario, days=40, country={"places": 8}), worlds.structure("mesh")).run()
    assert block.state.total_unseen.sum() > 0.0
    worlds.assert_cases_balance_over_time(block)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("breeds = { weather = 0.01 }", "is not another service"),
        ("breeds = { wellbeing = 0.01 }", "is not another service"),
        ("breeds = { essentials = -0.01 }", "from 0 to 0.2"),
        ("breeds = { essentials = 0.15 }", "grow without bound"),
        ("seen = 1.5", "seen"),
    ],
)
def test_what_is_refused(tmp_path, text, says):
    path = tmp_path / "crisis.toml"
    path.write_text(
        f'schema_version = 1\nname = "x"\ntitle = "X"\n[country]\nkind = "synthetic"\n[services.wellbeing]\n{text}\n'
    )
    with pytest.raises(InputError, match=says):
        load_scenario(path)


@pytest.mark.parametrize(
    ("services", "says"), [(["weather", "wellbeing"], "is no service"), (["wellbeing"], "two or more")]
)
def test_hubs_that_are_refused(services, says):
    with pytest.raises(ValueError, match=says):
        hub(*services)
