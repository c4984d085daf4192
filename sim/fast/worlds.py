"""Tables of worlds side by side: numbers that may differ from world to world get an axis of worlds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.governance.setup import Setup, first_state
from sim.governance.tables import Parameters, Table
from sim.state import one_world, put_world
from sim.world.crisis import Crisis, build_crisis, side_by_side, worlds_of
from sim.world.land import Land
from sim.world.scenario import Scenario

# What all worlds of a block have in common: what there is, and when it begins, ends, is due.
ALIKE = frozenset(
    """
    commissioning_first_day commissioning_pot_days evidence_trial_days epidemic_report_delay_days
    epidemic_first_day epidemic_import_days joint_sessions_time joint_sessions_first_day joint_sessions_length_days
    pooled_budget_time pooled_budget_first_day pooled_budget_length_days leadership_first_day leadership_length_days
    targets_first_day targets_length_days shared_trial_time shared_trial_first_day shared_trial_length_days
    shared_trial_read_weeks crisis_day has_epidemic has_feeding has_hidden has_pooled_budget has_targets
    has_shared_trial has_rows has_supplies has_commissioning
    """.split()
)

# Numbers of a table that may differ from world to world, and of the table of each power.
OF_TABLE = ("coordination", "analysis", "enforcement", "listen_clarity", "reporting_clarity")
OF_POWERS = ("fixed", "median", "log_sd", "negotiation", "reversal", "items")
POWERS_OF_TABLE = tuple(name for name, kind in Table.__annotations__.items() if "PowerTable" in str(kind))


def in_common(setup: Setup) -> bytes:
    """Return a digest of what worlds side by side must have in common: all but what the functions below tell apart."""
    digest = hashlib.blake2b(digest_size=16)
    scenario = setup.scenario
    changes = setup.structure.adaptation, scenario.movement is not None
    digest.update(repr((setup.sizes, scenario.days, changes, _kinds_of_crisis(scenario))).encode())
    _digest(digest, setup.land._replace(need=np.empty(0)))
    for stretch in setup.stretches:
        digest.update(repr((stretch.first_day, len(stretch.adapted))).encode())
        for each in (stretch, *stretch.adapted):
            _digest(digest, _in_common_of(each.table))
    return digest.digest()


def _in_common_of(table: Any) -> Any:
    """Return a table without what may differ from world to world."""
    powers = {name: getattr(table, name)._replace(**dict.fromkeys(OF_POWERS)) for name in POWERS_OF_TABLE}
    par = tuple(getattr(table.par, name) for name in sorted(ALIKE))
    return table._replace(par=par, **dict.fromkeys(OF_TABLE), **powers)


def _kinds_of_crisis(scenario: Scenario) -> tuple[Any, ...]:
    """Return what decides which of a crisis's numbers go by the day, and how strains take over from each other."""
    kinds = sorted(type(crisis).__name__ for crisis in scenario.crisis)
    frozen = scenario.financial_failure is not None and scenario.financial_failure.frozen > 0.0
    variants = scenario.epidemic.variants if scenario.epidemic is not None else ()
    return kinds, scenario.pressure is None, frozen, variants


def _digest(digest: Any, values: Any) -> None:
    for value in values:
        if isinstance(value, tuple):
            _digest(digest, value)
        elif isinstance(value, np.ndarray):
            digest.update(repr((value.dtype.str, value.shape)).encode() + np.ascontiguousarray(value).tobytes())
        else:
            digest.update(repr(value).encode())


def table_of_worlds(tables: Sequence[Table]) -> Table:
    """Return the table of a block, from that of each world: what may differ has an axis of worlds, the last one."""
    names: tuple[str, ...] = Parameters._fields
    par = _of_worlds([table.par for table in tables], [name for name in names if name not in ALIKE])
    powers = {name: _of_worlds([getattr(table, name) for table in tables], OF_POWERS) for name in POWERS_OF_TABLE}
    table: Table = _of_worlds(tables, OF_TABLE)._replace(par=par, **powers)
    return table


def _of_worlds(each: Sequence[Any], names: Sequence[str]) -> Any:
    """Return the tuple of a block, from that of each world, with an axis of worlds for some of its fields."""
    apart = {name: np.stack([np.asarray(getattr(one, name)) for one in each], axis=-1) for name in names}
    return each[0]._replace(**apart)


def land_of_worlds(lands: Sequence[Land]) -> Land:
    """Return the land of a block, from that of each world: ordinary need has shape (P, K, W)."""
    return lands[0]._replace(need=np.stack([land.need for land in lands], axis=-1))


def crisis_of_worlds(setups: Sequence[Setup], seeds: list[int]) -> Crisis:
    """Return the crisis of a block, from the setup and the seed of each world."""
    if _are_one(setups):
        return build_crisis(setups[0].country, setups[0].land, setups[0].scenario, seeds)
    each = [build_crisis(a.country, a.land, a.scenario, [seed]) for a, seed in zip(setups, seeds, strict=True)]
    return side_by_side(each)


def state_of_worlds(setups: Sequence[Setup], crisis: Crisis) -> Any:
    """Return the state of a block on day 0, from the setup of each world."""
    state = first_state(setups[0], crisis)
    if not _are_one(setups):
        for w, setup in enumerate(setups):
            put_world(state, w, one_world(first_state(setup, worlds_of(crisis, [w])), 0))
    return state


def _are_one(setups: Sequence[Setup]) -> bool:
    return len({id(setup) for setup in setups}) == 1
