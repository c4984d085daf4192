"""Law 4: the same crisis for all. What nature does depends on scenario and seed, and on nothing else."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.fast.engine import Block
from sim.governance.setup import means_digest, prepare
from sim.streams import Purpose, normal
from sim.world import crisis as module
from sim.world.country import load_country
from sim.world.crisis import Crisis, build_crisis, digest_of
from sim.world.land import DESKS, build_land
from sim.world.scenario import Scenario
from tests.laws import worlds
from tests.strategies import scenarios, structures

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def crisis_of(scenario: Scenario, *seeds: int) -> Crisis:
    country = load_country(scenario.country)
    return build_crisis(country, build_land(country, scenario), scenario, list(seeds) or [1])


def differing(a: Crisis, b: Crisis) -> set[str]:
    """Return the names of the arrays that differ."""
    return {name for name in Crisis._fields if not _same(getattr(a, name), getattr(b, name))}


def _same(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


@given(scenario=scenarios(most_places=6), one=structures(), other=structures(), seed=st.integers(0, 2**64 - 1))
@settings(max_examples=12, suppress_health_check=SLOW)
def test_structures_meet_the_same_crisis_with_equal_means(scenario, one, other, seed):
    setups = [prepare(scenario, structure) for structure in (one, other)]
    blocks = [Block(setup, [seed]) for setup in setups]
    assert differing(blocks[0].crisis, blocks[1].crisis) == set()
    before = digest_of(blocks[0].crisis, 0)
    for block in blocks:
        block.run()
        assert digest_of(block.crisis, 0) == before  # nor does a run wear its crisis out
    assert means_digest(setups[0]) == means_digest(setups[1])


@pytest.mark.coverage_subset
def test_nothing_of_the_structure_reaches_the_crisis():
    assert list(inspect.signature(build_crisis).parameters) == ["country", "land", "scenario", "seeds"]
    assert list(inspect.signature(build_land).parameters) == ["country", "scenario"]
    tree = ast.parse(Path(inspect.getfile(module)).read_text(encoding="utf-8"))
    imported = {
        node.module: {name.name for name in node.names} for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    governing = {name: what for name, what in imported.items() if name and name.startswith("sim.governance")}
    assert governing == {"sim.governance.networks": {"likeness_points"}}  # the map of places, and no tie between them
    assert not any(isinstance(node, ast.Import) and "governance" in node.names[0].name for node in ast.walk(tree))


# What each setting may move, and nothing else: streams are keyed by purpose.
LANDSCAPE = {"log_effect", "effect", "best", "lead_mean"}
MOVES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "heterogeneity": ({"approaches": {"heterogeneity": 0.9}}, LANDSCAPE),
    "spread": ({"approaches": {"spread": 0.4}}, LANDSCAPE),
    "own_share": ({"approaches": {"own_share": 0.9}}, LANDSCAPE),
    "smooth_length": ({"approaches": {"smooth_length": 0.1}}, LANDSCAPE),
    "practice": ({"approaches": {"practice": "common"}}, {"practice"}),
    "lead_noise": ({"evidence": {"lead_noise": 3.0}}, {"lead_mean"}),
    "capability": ({"evidence": {"capability_log_sd": 0.6}}, {"capability"}),
    "result_noise": ({"evidence": {"result_noise": 2.0}}, set()),
    "cases_per_staff_day": ({"load": {"cases_per_staff_day": 2.0}}, {"effect"}),
    "base": ({"load": {"base": 0.5}}, set()),
    "imports": ({"epidemic": {"import_log_sd": 0.2}}, {"imports"}),
    "wobble": ({"epidemic": {"wobble_log_sd": 0.5}}, {"wobble"}),
    "wobble shared": ({"epidemic": {"wobble_shared": 0.5}}, {"wobble"}),
    "wobble lasting": ({"epidemic": {"wobble_weeks": 4.0}}, {"wobble"}),
    "reproduction_number": ({"epidemic": {"reproduction_number": 5.0}}, set()),
    "variants": ({"epidemic": {"variants": ({"day": 3, "transmissibility": 2.0},)}}, {"variant"}),
    "pressure": ({"pressure": {"load": 1.2}}, {"surge"}),
    "flood": ({"crisis": [{"kind": "flood", "first_day": 2}]}, {"struck", "away"}),
    "winter": ({"crisis": [{"kind": "winter", "first_day": 0}]}, {"struck", "away"}),
    "winter and contagion": (
        {"crisis": [{"kind": "winter", "first_day": 0, "transmission": 1.2}]},
        {"struck", "away", "wobble"},
    ),
    "issue": ({"crisis": [{"kind": "wicked_issue"}]}, {"chronic"}),
    "shortage": (
        {"supplies": {}, "crisis": [{"kind": "supply_shock", "first_day": 2}]},
        {"offered", "use", "dearer"},
    ),
    "supplies": ({"supplies": {"world_supply": 0.5, "forecast_log_sd": 1.0}}, set()),
    "help": ({"commissioning": {"bid_log_sd": 1.0}}, set()),
    "prevention": ({"prevention": {"share": 0.2}}, set()),
    "culture": ({"culture": {"candour": 0.2, "trust_start": 0.9}}, set()),
    "costs": ({"costs": {"tie": 0.05}}, set()),
    "friction": ({"friction": {"movable": 0.9}}, set()),
    "threshold": ({"restriction": {"threshold": 5.0}}, set()),
}


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", MOVES)
def test_a_setting_moves_only_its_own_draws(name):
    over, moved = MOVES[name]
    plain = worlds.scenario(days=10, country={"places": 3, "regions": 1}, approaches={"count": 2})
    assert differing(crisis_of(plain), crisis_of(worlds.changed(plain, **over))) == moved
    assert (digest_of(crisis_of(plain), 0) == digest_of(crisis_of(worlds.changed(plain, **over)), 0)) == (not moved)


@pytest.mark.coverage_subset
def test_a_shift_redraws_what_comes_after_it_only():
    plain = worlds.scenario(days=80, country={"places": 3, "regions": 1}, approaches={"count": 2})
    shifting = worlds.changed(plain, approaches={"shift_gap_days": 30.0})
    still, moving = crisis_of(plain), crisis_of(shifting)
    assert differing(still, moving) == {"stretch", "log_effect", "effect", "best"}
    assert len(moving.log_effect) > 1
    assert _same(still.log_effect[0], moving.log_effect[0])
    assert moving.stretch[0, 0] == 0
    assert set(np.diff(moving.stretch[:, 0])) <= {0, 1}
    assert len(moving.log_effect) == moving.stretch[-1, 0] + 1


def test_a_longer_run_has_the_same_beginning():
    """But for the common rise of need, which brings the mean load of the whole run to what the scenario says."""
    short = worlds.scenario(days=40, approaches={"shift_gap_days": 15.0})
    long = worlds.changed(short, days=90)
    for name in Crisis._fields:
        a, b = getattr(crisis_of(short), name), getattr(crisis_of(long), name)
        shared = min(len(a), len(b))
        assert _same(a[:shared], b[:shared]), name


def test_a_block_of_crises_is_each_alone():
    scenario = worlds.scenario(days=60, approaches={"shift_gap_days": 20.0}, pressure={})
    block = crisis_of(scenario, 3, 9, 27)
    for world, seed in enumerate((3, 9, 27)):
        assert digest_of(block, world) == digest_of(crisis_of(scenario, seed), 0)


def test_one_more_place_moves_nobody_elses_draws():
    """A place's own draws belong to its key, wherever it stands in the list and however many others there are."""
    small, large = (worlds.scenario(country={"places": places, "regions": 1}) for places in (6, 9))
    keys = [load_country(scenario.country).keys.tolist() for scenario in (small, large)]
    shared = [(keys[0].index(key), keys[1].index(key)) for key in keys[0] if key in keys[1]]
    assert len(shared) == 6
    a, b = crisis_of(small), crisis_of(large)
    for name in ("capability", "imports", "preference", "practice"):
        for here, there in shared:
            assert _same(getattr(a, name)[here], getattr(b, name)[there]), name
    assert _same(a.wobble[:, [here for here, _ in shared]], b.wobble[:, [there for _, there in shared]])


@pytest.mark.coverage_subset
def test_the_noise_of_observation_is_the_same_for_all():
    """What luck a desk has with an approach on a day is given, whatever the structure made of that day."""
    scenario = worlds.scenario(days=3, country={"places": 3, "regions": 1}, approaches={"count": 2})
    for name in ("command", "mesh"):
        block = worlds.block_of(scenario, worlds.structure(name), 4)
        list(worlds.phases(block, 1))
        s, land, truth = block.state, block.setup.land, block.crisis.log_effect[0]
        for row in range(len(s.mean)):
            place, desk = divmod(row, len(DESKS))
            service = int(land.desk_service[desk])
            used = int(s.approach[row, 0])
            luck = (s.mean[row, used, 0] - truth[place, service, used, 0]) * np.sqrt(s.weight[row, used, 0])
            drawn = normal(np.uint64(4), land.key[place], 0, desk, Purpose.OBSERVATION, used)
            assert luck == pytest.approx(drawn, rel=1e-9, abs=1e-9)
