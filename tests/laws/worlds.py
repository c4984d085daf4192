"""Small worlds, and what must be true of any world at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np

from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.governance.structure import Structure
from sim.ledger import supplies_given
from sim.phases import PHASES
from sim.state import COLUMNS, NAMES, one_world
from sim.world.document import merged
from sim.world.fields import Settings
from sim.world.files import load_scenario, load_structure
from sim.world.scenario import Scenario

Model = TypeVar("Model", bound=Settings)
TINY = {"days": 56, "country": {"places": 6, "regions": 2}}
USES = (
    "used", "coordination", "analysis", "programmes", "training", "prevention", "absent", "vacant", "lost", "idle",
    "duties", "of_helpers",
)  # fmt: skip


def changed(settings: Model, **over: Any) -> Model:
    """Return settings with some of them changed, group by group, checked anew."""
    return type(settings).model_validate(merged(settings.model_dump(), over))


def scenario(**over: Any) -> Scenario:
    """Return the small outbreak in six places, with some settings changed."""
    return changed(load_scenario("small_outbreak"), **merged(TINY, over))


def structure(name: str, **over: Any) -> Structure:
    """Return a shipped structure with some settings changed."""
    return changed(load_structure(name), **over)


def block_of(crisis: Scenario, governing: Structure, *seeds: int) -> Block:
    """Return a block at day 0; one world with seed 1 where none is given."""
    return Block(prepare(crisis, governing), list(seeds) or [1])


def bytes_of(block: Block, world: int = 0, leaving_out: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return every array of one world, and its series, as bytes."""
    arrays = {name: array for name, array in one_world(block.state, world).items() if name not in leaving_out}
    arrays["series"] = np.ascontiguousarray(block.series[: block.day, :, world])
    return {name: array.tobytes() for name, array in arrays.items()}


def differing(a: dict[str, bytes], b: dict[str, bytes]) -> list[str]:
    """Return the names of the arrays that are not the same."""
    return [name for name in {**a, **b} if a.get(name) != b.get(name)]


def phases(block: Block, days: int) -> Iterator[str]:
    """Run some days, phase by phase; yield the name of each phase after it."""
    for _ in range(days):
        for number, name in enumerate(PHASES):
            block.run_phase(number)
            yield name


# ---- law 1 ----


def assert_cases_balance(block: Block, before: Any) -> None:
    """Check a day's cases, given last night's open and hidden ones: all are served, lapsed, open or hidden."""
    s = block.state
    there = before + s.new_need
    gone = s.served + s.lapsed + s.unseen
    assert np.all(np.abs(there - (gone + s.open_cases + s.hidden)) <= 1e-9 * there)
    by_desk = np.zeros_like(s.served)
    for row in range(len(s.served_by)):
        place, desk = divmod(row, len(block.setup.land.desk_service))
        by_desk[place, block.setup.land.desk_service[desk]] += s.served_by[row]
    assert np.all(np.abs(by_desk - s.served) <= 1e-9 * there)


def assert_cases_balance_over_time(block: Block) -> None:
    """Check all cases since day 0."""
    s = block.state
    gone = s.total_served + s.total_lapsed + s.total_unseen
    assert np.all(np.abs(s.total_need - (gone + s.open_cases + s.hidden)) <= 1e-9 * s.total_need)


def assert_people_balance(block: Block) -> None:
    """Check that nobody appears or vanishes."""
    s, population = block.state, block.setup.land.population[:, None]
    assert np.all(np.abs(s.susceptible + s.exposed + s.infectious + s.recovered - population) <= 1e-9 * population)
    assert np.all(s.total_deaths <= population)


def assert_staff_balance(block: Block) -> None:
    """Check that staff who move leave one place and come to another, and that surge staff stay as many."""
    s, land, par = block.state, block.setup.land, table_of(block).par
    close = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(s.moved_in.sum(axis=1), s.moved_out.sum(axis=1), **close)
    arrived = (1.0 - par.friction_aid_loss) * s.aid_out.sum(axis=0)
    np.testing.assert_allclose(s.aid_in.sum(axis=(0, 1)), arrived, **close)
    np.testing.assert_allclose(s.reserve.sum(axis=(0, 1)), land.reserve.sum(), **close)
    assert np.all(s.moved_out <= land.staff[..., None] * (1.0 + 1e-9))
    assert np.all(s.aid_out <= land.staff.sum(axis=1)[:, None] * (1.0 + 1e-9))


def pools(block: Block, table: Any) -> Any:
    """Return surge staff by the tables (of people) that share them out; of the country where two do without a lead."""
    power, reserve = table.reserve, block.state.reserve.sum(axis=1)
    if len(table.second_reserve.holder_key):
        return reserve.sum(axis=0)
    scopes = zip(power.scope_start[:-1], power.scope_start[1:], strict=True)
    return np.array([reserve[power.scope_place[first:last]].sum(axis=0) for first, last in scopes])


def staff_days(block: Block) -> Any:
    """Return staff-days so far, over the country, by what they went into; one column a world.

    The last row takes away the time of paid helpers, so that what is left is that of one's own staff.
    """
    rows = [getattr(block.state, f"total_{use}").sum(axis=0) for use in USES[:-1]]
    return np.array([*rows, -block.state.total_help.sum(axis=0)])


def assert_staff_days_balance(block: Block, before: Any) -> None:
    """Check a day's staff-days: all staff there are, by what they went into."""
    land = block.setup.land
    spent = (staff_days(block) - before).sum(axis=0)
    np.testing.assert_allclose(spent, land.staff.sum() + land.reserve.sum() + land.responders.sum(), rtol=1e-9)


def supplies(block: Block) -> Any:
    """Return supplies that have been used, perished, are in stock, with buyers or on their way; one number a world."""
    s = block.state
    by_service = s.total_supplies_used.sum(axis=1) + s.supplies.sum(axis=1)
    return (by_service + s.total_perished + s.depot.sum(axis=1) + s.on_order.sum(axis=(1, 2))).sum(axis=0)


def assert_supplies_balance(block: Block) -> None:
    """Check that supplies there were at first or bought are all accounted for, and that work used what was there."""
    s, bought = block.state, block.state.total_bought.sum(axis=0)
    np.testing.assert_allclose(supplies(block), supplies_given(block.setup) + bought, rtol=1e-9, atol=1e-9)
    in_place = s.supplies + s.total_supplies_used
    assert np.all(in_place <= s.total_supplied * (1.0 + 1e-9) + 1e-9)
    assert np.all(s.total_supplies_used <= s.total_supplies_wanted * (1.0 + 1e-9))


def assert_money_balances(block: Block) -> None:
    """Check that money for help is paid or still there, and that no more help is used than is paid for."""
    s = block.state
    there = (s.total_help_paid + s.purse).sum(axis=0)
    np.testing.assert_allclose(there, s.total_granted.sum(axis=0), rtol=1e-9, atol=1e-9)
    assert np.all(s.total_help_used <= s.total_help * (1.0 + 1e-9))
    assert np.all(s.total_help_worth <= s.total_help * (1.0 + 1e-9))


def assert_posts_balance(block: Block) -> None:
    """Check that staff in post are those of day 0, less who left and with who came."""
    s, posts = block.state, block.setup.land.staff.sum(axis=1)[:, None]
    np.testing.assert_allclose(s.vacant * posts, s.total_left - s.total_joined, rtol=1e-9, atol=1e-9 * posts.max())


# ---- law 2 ----


def assert_within_bounds(block: Block, when: str = "") -> None:
    """Check that every column keeps its bounds, and that nothing is NaN or infinite."""
    for column in COLUMNS:
        array = getattr(block.state, column.name)
        if array.size == 0:  # nobody holds the approach beside another
            continue
        least, most = array.min(), array.max()
        fine = column.low <= least and most <= column.high and np.isfinite(least) and np.isfinite(most)
        assert fine, f"{column.name} in [{least}, {most}] on day {block.day} {when}"


def assert_means_something(block: Block) -> None:
    """Check that indices point at something: approaches there are, days that are not long past."""
    s, sizes = block.state, block.setup.sizes
    for name in ("approach", "trial", "approach_next"):
        assert getattr(s, name).max() < sizes["approach"]
    levels = [0.0, 1.0, *(stretch.scenario.restriction.lighter for stretch in block.setup.stretches)]
    assert np.isin(s.restricted, levels).all()
    assert set(NAMES) == set(s._fields)


def table_of(block: Block) -> Any:
    """Return the tables in force today."""
    return block.setup.stretch_of(min(block.day, block.setup.scenario.days - 1)).table


def setup_of(case: Any) -> Setup:
    """Return the set-up of a drawn case."""
    return prepare(case.scenario, case.structure)
