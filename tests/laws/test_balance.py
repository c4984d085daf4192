"""Laws 1 and 2: whatever the settings, nothing appears or vanishes, and every number keeps its bounds.

Checked after every phase of every day, on random scenarios, structures and dated changes, and on the ends of ranges at
which a model is most likely to break.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from sim.fast.engine import Block
from sim.governance.structure import POWERS, Structure
from sim.world.scenario import SERVICES, Change, Scenario
from tests.laws import worlds
from tests.strategies import cases

EXTREME_PRESSURE = {"load": 1.6, "wave_height": 4.0, "wave_gap_days": 4.0, "ramp_days": 3}
EVERYBODY_MOVES = {"movable": 1.0, "aid_cap": 1.0, "aid_loss": 0.0, "aid_margin": 0.0, "skill_elsewhere": 1.0}


def check(block: Block) -> None:
    """Run a block to its end, and hold it to laws 1 and 2 after every phase."""
    for _ in range(block.setup.scenario.days):
        table = worlds.table_of(block)
        if block.day in {stretch.first_day for stretch in block.setup.stretches}:
            # What the old tables decided may still come into effect: then only the country's total is kept. So it is
            # where a structure changes by its own rules, on other days in each world.
            pending = bool((block.state.reserve_due >= 0).any())
            is_settled, pools = not pending and not block.setup.structure.adaptation, worlds.pools(block, table)
        check_day(block)
        if is_settled:
            np.testing.assert_allclose(worlds.pools(block, table), pools, rtol=1e-9, atol=1e-9)
    worlds.assert_cases_balance_over_time(block)


def check_day(block: Block) -> None:
    open_before, spent = block.state.open_cases + block.state.hidden, worlds.staff_days(block)
    for phase in worlds.phases(block, 1):
        worlds.assert_within_bounds(block, phase)
        worlds.assert_means_something(block)
        worlds.assert_people_balance(block)
        worlds.assert_supplies_balance(block)
        worlds.assert_posts_balance(block)
        worlds.assert_money_balances(block)
        if phase == "decide":
            worlds.assert_staff_balance(block)
        if phase == "deliver":
            worlds.assert_cases_balance(block, open_before)
            worlds.assert_staff_days_balance(block, spent)


@given(case=cases(most_days=24))
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_everything_balances_and_keeps_its_bounds(case):
    check(Block(worlds.setup_of(case), [1, 2]))


def wild_scenarios() -> dict[str, Scenario]:
    """Return scenarios at the ends of their ranges, each of which broke the model once or might."""
    pressed = worlds.scenario(epidemic=None, pressure=EXTREME_PRESSURE)
    dear = {"tie": 0.1, "report": 0.2, "seat": 0.1, "joint": 0.2, "open_base": 0.1, "partnership": 0.1}
    loss = Change(day=20, scenario={"friction": {"aid_loss": 0.9, "movable": 0.01, "aid_cap": 0.9}})
    return {
        "no_time_left": worlds.changed(pressed, costs=dear),
        "everybody_moves": worlds.changed(pressed, friction=EVERYBODY_MOVES, load={"reserve_share": 0.5, "base": 0.05}),
        "nobody_is_of_use": worlds.changed(pressed, friction={"skill_elsewhere": 5e-324, "aid_loss": 1.0}),
        "losing_more_on_the_way": pressed.model_copy(update={"change": (loss,)}),
        "hardly_any_need": worlds.changed(pressed, load={"base": 0.01}),
        "no_difference": worlds.changed(pressed, approaches={"spread": 0.0}, culture={"trust_start": 0.0}),
        "everybody_ill": worlds.scenario(
            epidemic={"reproduction_number": 20.0, "imports_per_million": 10_000.0, "caution": 0.0},
            load={"absence_per_prevalence": 10.0, "absence": 0.5},
            restriction={"threshold": 1.0, "effect": 1.0},
        ),
        "no_confidence": worlds.scenario(
            pressure=EXTREME_PRESSURE,
            culture={"confidence_results": 50.0, "confidence_base": 0.02, "takeup_floor": 0.0},
        ),
        "trust_is_lost_at_once": worlds.scenario(culture={"trust_loss_ratio": 20.0, "trust_growth": 0.2}),
    }


def wild_structures() -> list[Structure]:
    """Return a mesh and a centre that spend and move all they may."""
    busy = {key: {"analyst_share": 0.1, "cadence_days": 1} for key in POWERS}
    slow = {"joint": True, "cadence_days": 3, "approval_days": 5.0}
    mesh = worlds.structure("mesh", powers=busy, channels={"peer": {"network": "complete"}})
    directed = {"services": "pooled", "places": "directed", "holder": "nation", **slow}
    reserve = {"holder": "nation", "rule": "seen_need", "cadence_days": 1, "approval_days": 9.0}
    return [mesh, worlds.structure("command", powers={"workforce": directed, "reserve": reserve})]


@pytest.mark.parametrize("name", wild_scenarios())
def test_the_ends_of_the_ranges(name):
    for structure in wild_structures():
        check(worlds.block_of(wild_scenarios()[name], structure, 1, 2))


@pytest.mark.parametrize("seed", [31, 33])
def test_staff_who_work_for_another_service_are_not_lent_as_well(seed):
    """Whole services emptied and refilled day by day, everybody free to move: nobody is in two places at once."""
    rng = np.random.default_rng(seed)
    parts = rng.choice([1, 2, 4, 6, 8], 5)
    services = dict(zip(SERVICES, ({"share": float(part / parts.sum())} for part in parts), strict=True))
    crisis = worlds.scenario(
        epidemic={"reproduction_number": 4.0, "imports_per_million": 500.0, "first_day": 0},
        pressure=EXTREME_PRESSURE,
        services={
            name: {**service, "need_per_infection": float(rng.choice([0, 1]))} for name, service in services.items()
        },
        load={"base": 0.05, "reserve_share": 0.5},
        friction=EVERYBODY_MOVES,
    )
    for structure in wild_structures():
        check(worlds.block_of(crisis, structure, seed))


DIRECTED = {"holder": "region", "services": "pooled", "places": "directed", "cadence_days": 2, "reversal_cost": 0.0}
BUSY = {"cadence_days": 2, "reversal_cost": 0.0, "approval_days": 0.0, "analyst_share": 0.05}
TINY_STRUCTURES: dict[str, dict[str, Any]] = {
    "mesh": {"powers": {"workforce": {"cadence_days": 2}}},
    "silos": {
        "powers": {"restriction": {"cadence_days": 2}, "reserve": {"rule": "formula", "cadence_days": 2}},
        "channels": {"guidance": {"clarity": 0.5}},
    },
    "command": {
        "powers": {
            "approach": {**BUSY, "approval_median_days": 1.0},
            "reserve": BUSY,
            "workforce": DIRECTED,
            "restriction": BUSY,
        },
        "channels": {"reporting": {"delay_days": 0}, "guidance": {"delay_days": 0}},
    },
}


@pytest.mark.coverage_subset
@pytest.mark.parametrize("structure", TINY_STRUCTURES)
def test_a_few_days_on_a_tiny_world(structure):
    """Much happens in little time, and on day 8 everything changes: what compiled code does, line by line."""
    crisis = worlds.scenario(
        days=16,
        country={"places": 4},
        approaches={"count": 2, "spread": 0.8},
        evidence={"lead_noise": 0.05, "item_cost_days": 0.1, "trial_days": 7},
        load={"reserve_share": 0.3},
        epidemic={"first_day": 0, "imports_per_million": 900.0, "report_delay_days": 0},
        pressure={"load": 1.2, "wave_height": 4.0, "wave_gap_days": 2.0, "ramp_days": 2},
        restriction={"threshold": 1.0},
    )
    new = {"workforce": DIRECTED, "approach": {"holder": "place", "advice": []}}
    change = Change(
        day=8,
        structure={"powers": new, "channels": {"reporting": {"granularity": "region"}}},
        scenario={"restriction": {"threshold": 100_000.0, "hold_days": 0}},
    )
    check(worlds.block_of(crisis, worlds.structure(structure, **TINY_STRUCTURES[structure])))
    changing = crisis.model_copy(update={"change": (change,)})
    check(worlds.block_of(changing, worlds.structure(structure, **TINY_STRUCTURES[structure])))
