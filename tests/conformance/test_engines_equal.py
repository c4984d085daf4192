"""The two engines keep equal states, bit for bit, after every phase of every day."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import engine
from sim.engine import run
from sim.fast import days
from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.governance.structure import POWERS, Structure
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.state import Snapshot, bytes_of_world, one_world
from sim.world.crises import Epidemic, Pressure, Variant
from sim.world.files import load_scenario, load_structure, shipped_names
from sim.world.scenario import (
    Approaches,
    Change,
    CountrySettings,
    Culture,
    EvidenceSettings,
    Load,
    RestrictionSettings,
    Scenario,
)
from tests.conformance.side_by_side import alone, assert_equal, crisis_of, first_difference, first_row, run_side_by_side
from tests.strategies import Case, cases

SHIPPED = shipped_names("structure")
LOCAL = load_structure("silos").powers.model_dump()
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def pressure(places: int = 10, days: int = 60) -> Scenario:
    return Scenario(
        name="small_pressure",
        title="",
        days=days,
        country=CountrySettings(kind="synthetic", places=places, regions=3),
        approaches=Approaches(shift_gap_days=30.0),
        pressure=Pressure(load=1.1),
    )


def tiny(days: int = 36) -> Scenario:
    """Return a scenario in which much happens in little time and space."""
    return Scenario(
        name="tiny",
        title="",
        days=days,
        country=CountrySettings(kind="synthetic", places=4, regions=2),
        approaches=Approaches(count=2, spread=0.6, shift_gap_days=10.0, practice="common"),
        evidence=EvidenceSettings(trial_days=7, item_cost_days=0.05, result_noise=0.2),
        load=Load(base=0.5, spill=0.01),
        restriction=RestrictionSettings(threshold=20.0, release=1.0, hold_days=3, preference_log_sd=0.5),
        epidemic=Epidemic(
            first_day=0,
            import_days=5,
            imports_per_million=300.0,
            latent_days=0.5,
            infectious_days=1.0,
            variants=(Variant(day=8, transmissibility=0.1),),
        ),
        pressure=Pressure(wave_gap_days=3.0, wave_height=2.0, ramp_days=3, load=0.8),
    )


def with_powers(name: str, **over: object) -> Structure:
    """Return a shipped structure with settings of all its powers, or of one, replaced."""
    settings_of = load_structure(name).model_dump()
    for power in POWERS:
        settings_of["powers"][power] |= {key: value for key, value in over.items() if key not in POWERS}
        settings_of["powers"][power] |= over.get(power, {})  # type: ignore[operator]
    return Structure.model_validate(settings_of)


# ---- shipped structures ----


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("scenario", [load_scenario("small_outbreak"), pressure()], ids=lambda scenario: scenario.name)
def test_equal_for_every_shipped_structure(scenario, name):
    run_side_by_side(prepare(scenario, load_structure(name)), [3])


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", ["command", "mesh"])
def test_equal_where_much_happens(name):
    structure = with_powers(name, cadence_days=3, approval_days=1.0, approval_median_days=1.0, reversal_cost=0.0)
    block, _ = run_side_by_side(prepare(tiny(), structure), [1], every_phase=False)
    assert block.state.total_restricted.any()
    assert block.state.decisions.any()
    if name == "command":
        assert block.state.u_turns.any()
        assert block.state.overrides.any()


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", ["silos", "networked_centre"])
def test_equal_without_an_epidemic(name):
    scenario = tiny().model_copy(update={"epidemic": None, "pressure": None, "culture": Culture(trust_start=0.0)})
    run_side_by_side(prepare(scenario, load_structure(name)), [1], every_phase=False)


@pytest.mark.coverage_subset
def test_equal_with_directed_aid_pools_and_dated_changes():
    quick = {"cadence_days": 3, "approval_median_days": 1.0, "reversal_cost": 0.0, "analyst_share": 0.02}
    base = with_powers("brisk_command", **quick, reserve={"rule": "formula"})
    directed = {"services": "pooled", "places": "directed"}
    changes = (
        Change(day=4, structure={"powers": {"workforce": directed}}),
        Change(
            day=24, structure={"powers": load_structure("silos").powers.model_dump()}, scenario={"load": {"spill": 0.0}}
        ),
    )
    setup = prepare(tiny().model_copy(update={"change": changes}), base)
    assert [stretch.recalls_aid for stretch in setup.stretches] == [False, True, True]
    run_side_by_side(setup, [2], every_phase=False)


@pytest.mark.parametrize("name", ["command", "mesh"])
def test_equal_in_england(name):
    scenario = load_scenario("england_2020").model_copy(update={"days": 24})
    run_side_by_side(prepare(scenario, load_structure(name)), [5], every_phase=False)


@pytest.mark.parametrize(
    ("holder", "fallback"), [("region", "health_system"), ("forum", "nation"), ("region", "place")]
)
def test_equal_where_a_tier_is_missing(holder, fallback):
    # Only some of England's places have a regional body; everywhere else the fallback holds the power.
    structure = with_powers("networked_centre", holder=holder, fallback=fallback, scope=None, joint=True)
    scenario = load_scenario("england_2020").model_copy(update={"days": 22})
    setup = prepare(scenario, structure)
    assert (len(setup.stretches[0].table.approach.holder_key) > 11) or holder == "forum"
    run_side_by_side(setup, [5], every_phase=False)


@pytest.mark.parametrize("places", ["mutual_aid", "directed"])
def test_equal_while_aid_flows(places):
    structure = with_powers("mesh", workforce={"places": places, "holder": "nation", "analyst_share": 0.02})
    scenario = pressure().model_copy(
        update={"load": Load(base=0.4), "pressure": Pressure(load=1.0, wave_height=5.0, wave_gap_days=10.0)}
    )
    block, _ = run_side_by_side(prepare(scenario, structure), [1, 2], every_phase=False)
    assert (block.state.aid_out > 0.0).any(axis=0).all()
    assert (block.state.aid_in > 0.0).any(axis=0).any(axis=0).all()
    assert (block.state.helped > 0.0).any() == (places == "mutual_aid")


# ---- any structure, any scenario ----


@given(case=cases(), seeds=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3, unique=True))
@settings(max_examples=100, suppress_health_check=SLOW)
def test_equal_for_any_scenario_structure_and_changes(case: Case, seeds):
    block, _ = run_side_by_side(prepare(case.scenario, case.structure), seeds)
    assert all(np.isfinite(getattr(block.state, name)).all() for name in block.state._fields)


@given(case=cases(), seeds=st.lists(st.integers(0, 2**32), min_size=1, max_size=3, unique=True), data=st.data())
@settings(max_examples=15, suppress_health_check=SLOW)
def test_a_snapshot_of_one_engine_goes_on_in_the_other(case: Case, seeds, data):
    setup, day = prepare(case.scenario, case.structure), data.draw(st.integers(0, case.scenario.days))
    exchange(setup, seeds, day)


@pytest.mark.coverage_subset
@pytest.mark.parametrize("day", [0, 9, 16])
def test_a_snapshot_goes_on_across_dated_changes(day):
    change = Change(day=9, structure={"powers": LOCAL})
    exchange(prepare(tiny(16).model_copy(update={"change": (change,)}), load_structure("mesh")), [4], day)


def exchange(setup: Setup, seeds: list[int], day: int) -> None:
    whole = Block(setup, seeds).run()
    fast_until = Block(setup, seeds).run(day).snapshot()
    models = [GovernanceModel(setup, seed).restore(fast_until).run() for seed in seeds]
    assert_equal(whole, models, "begun on the fast engine, ended on Mesa")
    for world, seed in enumerate(seeds):
        mesa_until = GovernanceModel(setup, seed).run(day).snapshot()
        assert_same_snapshot(mesa_until, fast_until, world)
        block = Block(setup, [seed]).restore(mesa_until).run()
        assert first_difference(one_world(block.state, 0), one_world(whole.state, world)) is None
        assert first_row(block.series[..., 0], whole.series[..., world]) is None


def assert_same_snapshot(mesa: Snapshot, fast: Snapshot, world: int) -> None:
    assert (mesa.day, mesa.seeds) == (fast.day, (fast.seeds[world],))
    assert first_difference(fast.worlds[world], mesa.worlds[0]) is None
    assert mesa.series.shape == (mesa.day, fast.series.shape[1], 1)
    assert first_row(fast.series[..., world], mesa.series[..., 0]) is None


@pytest.mark.parametrize("name", ["mesh", "command"])
def test_worlds_side_by_side_are_the_worlds_alone(name):
    # Enough worlds that compiled loops take several at a time, and some are left over.
    setup, seeds = prepare(pressure(8, 40), load_structure(name)), [0, 7, 2**64 - 1, *range(100, 118)]
    together = Block(setup, seeds).run()
    for world, seed in enumerate(seeds):
        model = GovernanceModel(setup, seed, alone(setup, seed)).run()
        single = Block(setup, [seed]).run()
        assert first_difference(one_world(together.state, world), one_world(single.state, 0)) is None
        assert first_difference(one_world(together.state, world), model.columns()) is None
        assert first_row(together.series[..., world], model.series) is None


def test_a_run_is_the_same_however_few_worlds_memory_holds(monkeypatch):
    scenario, structure, seeds = tiny(3), load_structure("mesh"), [3, 1, 4, 1, 5]
    wide = run(scenario, structure, seeds)
    monkeypatch.setattr(engine, "BLOCK_BYTES", 2 * bytes_of_world(prepare(scenario, structure).sizes))
    narrow = run(scenario, structure, seeds)
    monkeypatch.setattr(engine, "BLOCK_BYTES", 1)
    assert [each.seed for each in narrow] == seeds
    for one, other, alone_ in zip(wide, narrow, run(scenario, structure, seeds), strict=True):
        assert one.crisis_digest == other.crisis_digest == alone_.crisis_digest
        np.testing.assert_equal(
            [other.outcomes, other.in_places, other.daily], [one.outcomes, one.in_places, one.daily]
        )
        np.testing.assert_equal(alone_.outcomes, one.outcomes)


@pytest.mark.coverage_subset
def test_a_difference_is_reported_where_it_is():
    setup = prepare(tiny(3), load_structure("silos"))
    block, model = Block(setup, [1]), GovernanceModel(setup, 1)
    model.cast.councils[2].approach_due[3] = 7
    with pytest.raises(AssertionError, match=r"day 0, seed 1: approach_due\[2, 3\] is .*-1.* fast .*7.* Mesa"):
        assert_equal(block, [model], "day 0")
    model = GovernanceModel(setup, 1, crisis_of(block.crisis, 0)).run()
    block.run()
    model.series[1, 0] += 1.0
    with pytest.raises(AssertionError, match=r"series harm\[1\]"):
        assert_equal(block, [model], "the end")


def test_the_fast_engine_has_the_phases_in_the_declared_order():
    called = [name for name in days.run_days.py_func.__code__.co_names if name in PHASES]
    assert tuple(called) == PHASES
