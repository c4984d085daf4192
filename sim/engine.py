"""Run a scenario under a structure, on either engine, and say what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.governance.setup import Setup, means_digest, prepare
from sim.governance.structure import Structure
from sim.ledger import check_balance, staff_days_by_use
from sim.outcomes import outcomes_of, places_frame, series_frame
from sim.state import one_world
from sim.world.crisis import Crisis, build_crisis, digest_of
from sim.world.scenario import Scenario

# Raised when results change: a pinned run fails until it is.
MODEL_VERSION = 1
Engine = Literal["auto", "fast", "mesa"]


@dataclass(frozen=True, eq=False)
class RunResult:
    """What came of one run.

    Parameters
    ----------
    scenario, structure, seed, engine
        What was run, and on what. Both engines give the same numbers.
    outcomes
        One value for each of `sim.outcomes.OUTCOMES`; NaN where an outcome is undefined.
    series
        Daily national series, columns as in `sim.outcomes.SERIES`.
    places
        One row a place.
    resources
        Staff-days by use.
    means_digest
        Digest of endowments and inflow: equal for structures that can be compared.
    crisis_digest
        Digest of all exogenous inputs: equal for all structures under one seed.
    """

    scenario: str
    structure: str
    seed: int
    engine: str
    outcomes: dict[str, float]
    series: pd.DataFrame
    places: pd.DataFrame
    resources: dict[str, float]
    means_digest: str
    crisis_digest: str


def run(
    scenario: Scenario, structure: Structure, seeds: Sequence[int], engine: Engine = "auto", details: bool = True
) -> list[RunResult]:
    """Run one scenario under one structure, once for each seed.

    Parameters
    ----------
    scenario, structure
        See `sim.world.files.load_scenario` and `load_structure`.
    seeds
        Whole numbers from 0 on; each gives one crisis, the same for every structure.
    engine
        "mesa" is the one that is taught, "fast" the same rules compiled; "auto" takes the fast one.
    details
        Whether daily series and rows by place are wanted: large studies do without, and leave them empty.

    Raises
    ------
    InputError
        When the structure does not fit the scenario's country.
    """
    setup = prepare(scenario, structure)
    crisis = build_crisis(setup.country, setup.land, scenario, list(seeds))
    on_mesa = engine == "mesa"
    worlds = _run_mesa(setup, list(seeds)) if on_mesa else _run_fast(setup, list(seeds), crisis)
    name = "mesa" if on_mesa else "fast"
    return [_result(setup, seed, name, crisis, w, *worlds[w], details) for w, seed in enumerate(seeds)]


World = tuple[dict[str, NDArray[Any]], NDArray[np.float64]]


def _run_fast(setup: Setup, seeds: list[int], crisis: Crisis) -> list[World]:
    from sim.fast.engine import Block

    block = Block(setup, seeds, crisis).run()
    return [(one_world(block.state, w), block.series[..., w]) for w in range(len(seeds))]


def _run_mesa(setup: Setup, seeds: list[int]) -> list[World]:
    from sim.model import GovernanceModel

    worlds = []
    for seed in seeds:
        model = GovernanceModel(setup, seed)
        model.run()
        worlds.append((model.columns(), model.series))
    return worlds


def _result(
    setup: Setup,
    seed: int,
    engine: str,
    crisis: Crisis,
    w: int,
    state: dict[str, NDArray[Any]],
    series: NDArray[np.float64],
    details: bool,
) -> RunResult:
    check_balance(setup, state, len(series))
    return RunResult(
        scenario=setup.scenario.name,
        structure=setup.structure.name,
        seed=seed,
        engine=engine,
        outcomes=outcomes_of(setup, state, series),
        series=series_frame(setup, series) if details else pd.DataFrame(),
        places=places_frame(setup, state, len(series)) if details else pd.DataFrame(),
        resources=staff_days_by_use(state),
        means_digest=means_digest(setup),
        crisis_digest=digest_of(crisis, w),
    )
