"""What every shipped structure must do. Put a file into scenarios/structures, and it is held to all of this."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.describe import describe_structure
from sim.governance.setup import Setup, carried_over, means_digest, prepare
from sim.governance.structure import POWERS, TIERS, Structure
from sim.governance.tables import longest_delay
from sim.paths import shipped
from sim.rules.choice import newest_report
from sim.state import COLUMNS, NAMES, Snapshot, one_world
from sim.world.country import load_country
from sim.world.files import check_fits, load_scenario, load_structure, shipped_names
from sim.world.scenario import Change, CountrySettings, Scenario
from tests.laws import worlds

SHIPPED = shipped_names("structure")
DIALS = ["dial:0.3,0.7", "dial:0.9,0.2"]  # settings of the two dials are structures too
every_structure = pytest.mark.parametrize("name", [*SHIPPED, *DIALS])

ENGLAND = load_scenario("england_2020")
BOTH = worlds.scenario(
    pressure={"load": 1.1, "ramp_days": 10},
    approaches={"shift_gap_days": 30.0},
    restriction={"threshold": 20.0},
    country={"places": 8, "regions": 3},
    days=60,
)
# Settings that any structure may change to, and that no shipped structure has.
MOVED: dict[str, Any] = {
    "structure": {
        "powers": {
            "approach": {"holder": "region", "cadence_days": 5, "approval_days": 3.0, "reversal_cost": 0.01},
            "workforce": {"services": "pooled", "places": "directed", "holder": "region"},
        },
        "channels": {"peer": {"network": "hub", "delay_days": 1}, "open": {"coverage": 0.9, "delay_days": 0}},
        "trial": {"licence": "anyone", "share": 0.2},
    },
    "scenario": {
        "culture": {"candour": 0.3},
        "friction": {"movable": 0.5, "aid_loss": 0.4},
        "restriction": {"threshold": 5.0},
    },
}


def with_changes(*changes: Change, crisis: Scenario = BOTH) -> Scenario:
    return crisis.model_copy(update={"change": changes})


def test_there_is_a_structure_for_every_file():
    files = {path.stem for path in (shipped("scenarios") / "structures").glob("*.toml")}
    assert files == set(SHIPPED)
    assert {"command", "brisk_command", "networked_centre", "silos", "mesh"} <= files


@pytest.mark.coverage_subset
@every_structure
def test_it_can_be_read_aloud(name):
    structure = load_structure(name)
    assert name in DIALS or structure.name == name
    assert structure.title
    assert len(structure.description.split()) > 20
    assert structure.sources
    told = describe_structure(structure)
    text = told if isinstance(told, str) else str(told)
    assert structure.title.partition(":")[0] in text
    assert len(text) > 300


@pytest.mark.coverage_subset
@every_structure
@pytest.mark.parametrize(
    "country",
    [
        CountrySettings(),
        CountrySettings(kind="uk"),
        CountrySettings(kind="synthetic", places=30, regions=4),
        CountrySettings(kind="synthetic", places=30, regions=4, home_nations=3),
    ],
    ids=["england", "uk", "synthetic", "home_nations"],
)
def test_it_fits_every_country(name, country):
    structure = load_structure(name)
    crisis = BOTH.model_copy(update={"country": country})
    check_fits(crisis, structure, load_country(country))
    table = prepare(crisis, structure).stretches[0].table
    places = len(load_country(country).keys)
    for power in POWERS:
        held = getattr(table, power)
        assert sorted(held.scope_place.tolist()) == list(range(places))  # each place in one scope of one holder
        assert sorted(held.unit_place.tolist()) == list(range(places))
        assert held.holder_scope_start[-1] == len(held.scope_key)
        assert (held.items >= 0.0).all()
    assert ((table.coordination + table.analysis) < 0.2).all()  # links are there to help, not to eat the day


@every_structure
def test_two_months_in_england(name):
    structure = load_structure(name)
    block = Block(prepare(worlds.changed(ENGLAND, days=60), structure), [1])
    for until in range(10, 61, 10):
        block.run(until)
        worlds.assert_within_bounds(block)
        worlds.assert_means_something(block)
        worlds.assert_people_balance(block)
        worlds.assert_cases_balance_over_time(block)
        worlds.assert_staff_balance(block)
    spent = worlds.staff_days(block).sum()
    assert spent == pytest.approx(60.0 * (block.setup.land.staff.sum() + block.setup.land.reserve.sum()), rel=1e-9)
    assert (np.abs(block.series) < 1e15).all()
    assert (block.series[:, 0] > 0.0).any()


@every_structure
def test_laws_1_and_2(name):
    """On a small country with an epidemic, pressure and shifts, after every phase; and with dated changes."""
    for crisis in (BOTH, with_changes(Change(day=20, **MOVED))):
        block = worlds.block_of(crisis, load_structure(name), 1, 2)
        for _ in range(crisis.days):
            open_before, spent = block.state.open_cases.copy(), worlds.staff_days(block)
            for phase in worlds.phases(block, 1):
                worlds.assert_within_bounds(block, phase)
                worlds.assert_people_balance(block)
                if phase == "decide":
                    worlds.assert_staff_balance(block)
                if phase == "deliver":
                    worlds.assert_cases_balance(block, open_before)
                    worlds.assert_staff_days_balance(block, spent)
        worlds.assert_means_something(block)
        worlds.assert_cases_balance_over_time(block)


@every_structure
def test_law_3(name):
    structure = load_structure(name)
    block = worlds.block_of(BOTH, structure, 0, 7, 2**63).run()
    seen = set()
    for world, seed in enumerate((0, 7, 2**63)):
        expected = worlds.bytes_of(block, world)
        assert not worlds.differing(expected, worlds.bytes_of(worlds.block_of(BOTH, structure, seed).run()))
        assert not worlds.differing(expected, worlds.bytes_of(worlds.block_of(BOTH, structure, 3, seed).run(), 1))
        seen.add(expected["series"])
    assert len(seen) == 3


@pytest.mark.parametrize(
    "crisis", [BOTH, with_changes(Change(day=20, **MOVED)), ENGLAND], ids=["small", "changed", "england"]
)
def test_all_have_equal_means(crisis):
    assert len({means_digest(prepare(crisis, load_structure(name))) for name in SHIPPED}) == 1


@pytest.mark.coverage_subset
def test_means_are_unequal_where_endowments_are():
    """The test above can fail."""
    structure = load_structure("mesh")
    digests = {means_digest(prepare(BOTH, structure))}
    for load in ({"staff_per_1000": 1.1}, {"reserve_share": 0.2}, {"base": 0.6}):
        digests.add(means_digest(prepare(worlds.changed(BOTH, load=load), structure)))
    assert len(digests) == 4


def test_every_staff_day_is_accounted_for_alike():
    """The ledger after the run: what went in is the same for all, whatever it went into."""
    totals = set()
    for name in SHIPPED:
        block = worlds.block_of(BOTH, load_structure(name), 1).run()
        totals.add(round(float(worlds.staff_days(block).sum()), 4))
    assert len(totals) == 1


# ---- snapshots and branches ----


@every_structure
@pytest.mark.parametrize("day", [1, 20, 27])
def test_a_snapshot_is_complete(name, day):
    setup = prepare(BOTH, load_structure(name))
    whole = Block(setup, [1, 2]).run(day)
    snapshot = whole.snapshot()
    whole.run()
    assert snapshot.day == day
    assert snapshot.seeds == (1, 2)
    branch = Block(setup, [1, 2]).run(3 * day % 50).restore(snapshot)  # whatever it was doing before
    again = branch.snapshot()
    assert again.series.tobytes() == snapshot.series.tobytes()
    for a, b in zip(again.worlds, snapshot.worlds, strict=True):
        assert set(a) == set(NAMES)
        assert not [name for name in NAMES if a[name].tobytes() != b[name].tobytes()]
    branch.run()
    for world in range(2):
        assert not worlds.differing(worlds.bytes_of(whole, world), worlds.bytes_of(branch, world))


def reports(arrays: dict[str, Any], day: int, weeks: int) -> dict[str, bytes]:
    """Return the arrays of a world as bytes, of weekly reports the newest ones, oldest first."""
    found = {}
    for column in COLUMNS:
        array = arrays[column.name]
        if "slot" in column.axes:
            newest = newest_report(day - 1, 0)
            kept = [number % array.shape[1] for number in range(max(0, newest - weeks + 1), newest + 1)]
            array = array[:, kept]
        found[column.name] = np.ascontiguousarray(array).tobytes()
    return found


ONE_WITHOUT_NATIONS = {"command", "four_nations"}  # they differ in what home nations decide, and in nothing else


def assert_branch_is_exact(name: str, day: int, crisis: Scenario = BOTH, alters: bool = True, **moved: Any) -> None:
    """Check that a change on a day leaves the days before as they were, and is what a branch on that day gives."""
    changing = with_changes(Change(day=day, **moved), crisis=crisis)
    setup, changed_setup = (prepare(each, load_structure(name)) for each in (crisis, changing))
    plain, changed = Block(setup, [1, 2]).run(day), Block(changed_setup, [1, 2]).run(day)
    assert plain.series[:day].tobytes() == changed.series[:day].tobytes()
    carried = carried_over(plain.snapshot(), setup, changed_setup)
    weeks = min(setup.sizes["slot"], changed_setup.sizes["slot"])
    for world in range(2):
        before = reports(carried.worlds[world], day, weeks)
        assert before == reports(one_world(changed.state, world), day, weeks)
    branch = Block(changed_setup, [1, 2]).restore(carried).run()
    changed.run()
    assert branch.series.tobytes() == changed.series.tobytes()
    for world in range(2):
        ends = [reports(one_world(block.state, world), crisis.days, 1) for block in (branch, changed)]
        assert ends[0] == ends[1]
    assert (plain.run().series.tobytes() != changed.series.tobytes()) == alters


@pytest.mark.coverage_subset
def test_a_branch_on_a_tiny_world():
    tiny = worlds.scenario(days=10, country={"places": 3, "regions": 1}, approaches={"count": 2})
    assert_branch_is_exact("mesh", 7, crisis=tiny, **MOVED)


@every_structure
@pytest.mark.parametrize("day", [1, 26, 27, 28])
def test_a_branch_is_exact(name, day):
    assert_branch_is_exact(name, day, **MOVED)


@pytest.mark.parametrize(
    ("name", "other"), [*pairwise([*SHIPPED, SHIPPED[0]]), *pairwise([*SHIPPED, SHIPPED[0]][::-1])]
)
def test_a_branch_into_another_structure_is_exact(name, other):
    """Command turns into a mesh on a day, a mesh into silos, and so on: each into the next of the list, and back."""
    new = load_structure(other).model_dump()
    moved = {part: new[part] for part in ("powers", "trial", "channels", "evidence")}
    is_refused = False
    try:
        assert_branch_is_exact(name, 50, alters={name, other} != ONE_WITHOUT_NATIONS, structure=moved)
    except ValueError:  # the other hears later than this one keeps its reports
        is_refused = True
    assert not is_refused or longest_delay(_table(other)) > longest_delay(_table(name))


def _table(name: str) -> Any:
    return prepare(BOTH, load_structure(name)).stretches[0].table


@pytest.mark.coverage_subset
def test_a_branch_that_needs_older_reports_than_are_kept_is_refused():
    late = {"structure": {"channels": {"reporting": {"delay_days": 56}}}}
    small = worlds.changed(BOTH, country={"places": 3, "regions": 1}, approaches={"count": 2})
    crises = (small, with_changes(Change(day=55, **late), crisis=small))
    quick, slow = (prepare(crisis, load_structure("brisk_command")) for crisis in crises)
    snapshot = Block(quick, [1]).run(55).snapshot()
    with pytest.raises(ValueError, match=r"on day 55 reports of 4 weeks are kept; delays of \d+ days need older ones"):
        carried_over(snapshot, quick, slow)
    early = Block(quick, [1]).run(13).snapshot()  # nothing older was ever made
    assert carried_over(early, quick, slow).day == 13


@every_structure
def test_a_change_that_changes_nothing_leaves_no_trace(name):
    structure = load_structure(name)
    plain = worlds.block_of(BOTH, structure, 1).run()
    as_it_is = {
        "structure": structure.model_dump(include={"powers", "channels", "trial", "evidence"}),
        "scenario": {"costs": BOTH.costs.model_dump(), "friction": BOTH.friction.model_dump()},
    }
    for changes in ((Change(day=20),), (Change(day=20, **as_it_is), Change(day=33)), (Change(day=59, **MOVED),)):
        changed = worlds.block_of(with_changes(*changes), structure, 1)
        last = 59 if changes[-1].day == 59 else BOTH.days
        assert changed.run(last).series[:last].tobytes() == plain.series[:last].tobytes()
        if last == BOTH.days:
            assert not worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(changed))


@every_structure
def test_a_change_and_its_undoing_are_two_changes(name):
    """What was changed on one day and changed back the same day leaves no trace; a day later it does."""
    structure = load_structure(name)
    away = Change(day=20, scenario={"culture": {"candour": 0.1}, "load": {"spill": 0.0}})
    back = {"culture": {"candour": BOTH.culture.candour}, "load": {"spill": BOTH.load.spill}}
    plain = worlds.block_of(BOTH, structure, 1).run()
    at_once = worlds.block_of(with_changes(away, Change(day=20, scenario=back)), structure, 1).run()
    later = worlds.block_of(with_changes(away, Change(day=30, scenario=back)), structure, 1).run()
    assert at_once.series.tobytes() == plain.series.tobytes()
    assert later.series.tobytes() != plain.series.tobytes()


def test_snapshots_share_nothing_with_the_run():
    block = worlds.block_of(BOTH, load_structure("mesh"), 1).run(10)
    snapshot = block.snapshot()
    kept = Snapshot(
        snapshot.day,
        snapshot.seeds,
        tuple({n: a.copy() for n, a in w.items()} for w in snapshot.worlds),
        snapshot.series.copy(),
    )
    block.run()
    assert all(kept.worlds[0][name].tobytes() == snapshot.worlds[0][name].tobytes() for name in NAMES)
    assert kept.series.tobytes() == snapshot.series.tobytes()


def test_every_tier_can_hold_every_power():
    """Not shipped, but a click away: any holder, on the same tables."""
    for tier in TIERS:
        powers = {power: {"holder": tier, "scope": None, "fallback": "place"} for power in POWERS}
        structure: Structure = worlds.structure("mesh", powers=powers)
        setup: Setup = prepare(worlds.changed(BOTH, country={"home_nations": 2}), structure)
        block = Block(setup, [1]).run()
        worlds.assert_within_bounds(block, tier)
        worlds.assert_cases_balance_over_time(block)
