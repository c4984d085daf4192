"""Run a scenario under a structure, on either engine, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.governance.setup import Setup, means_digest, prepare
from sim.governance.structure import Structure
from sim.ledger import check_balance, staff_days_by_use
from sim.outcomes import Columns, outcomes_of, place_columns, series_columns
from sim.own import NOTHING_OWN, Own
from sim.state import WorldAsAsked, bytes_of_world
from sim.world.crisis import Crisis, build_crisis, digest_of
from sim.world.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

# Raised when results change: a pinned run fails until it is.
MODEL_VERSION = 2
BLOCK_BYTES = 500_000_000  # of state side by side: with all else, 15,200 places then stay below 1 GiB
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
    daily
        Daily national series, by name as in `sim.outcomes.SERIES`; `series` is the same as a data frame.
    in_places
        What happened in each place, by name; `places` is the same as a data frame.
    codes, names
        Of the places, in order.
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
    daily: Columns
    in_places: Columns
    codes: tuple[str, ...]
    names: tuple[str, ...]
    resources: dict[str, float]
    means_digest: str
    crisis_digest: str

    @cached_property
    def series(self) -> pd.DataFrame:
        """Daily national series: one row a day, columns as in `sim.outcomes.SERIES`."""
        import pandas as pd

        return pd.DataFrame(self.daily, index=pd.RangeIndex(len(self.daily["regret"]), name="day"))

    @cached_property
    def places(self) -> pd.DataFrame:
        """What happened in each place: one row a place, by its code."""
        import pandas as pd

        return pd.DataFrame({"name": self.names, **self.in_places}, index=pd.Index(self.codes, name="code"))


def run(
    scenario: Scenario,
    structure: Structure,
    seeds: Sequence[int],
    engine: Engine = "auto",
    own: Own = NOTHING_OWN,
) -> list[RunResult]:
    """Run one scenario under one structure, once for each seed.

    Parameters
    ----------
    scenario, structure
        See `sim.world.files.load_scenario` and `load_structure`.
    seeds
        Whole numbers from 0 on; each gives one crisis, the same for every structure.
    engine
        "mesa" is the one that is taught, "fast" the same rules compiled; "auto" takes the fast one, but where there
        are agents of one's own.
    own
        Agents and outcomes of one's own.

    Raises
    ------
    InputError
        When the structure does not fit the scenario's country, or own agents are asked for on the fast engine.
    """
    if own.agents and engine == "fast":
        problem = "agents of one's own run on the Mesa engine only."
        raise InputError(problem, 'Leave engine at "auto".', key="engine")
    setup = prepare(scenario, structure)
    on_mesa = engine == "mesa" or bool(own.agents)
    name = own.engine if on_mesa else "fast"
    results: list[RunResult] = []
    for some in _blocks(setup, list(seeds)):
        crisis = build_crisis(setup.country, setup.land, scenario, some)
        worlds = _run_mesa(setup, some, own) if on_mesa else _run_fast(setup, some, crisis)
        results += [_result(setup, some[w], name, crisis, w, *world) for w, world in enumerate(worlds)]
    return [replace(each, outcomes={**each.outcomes, **own.measured(each)}) for each in results]


def _blocks(setup: Setup, seeds: list[int]) -> Iterator[list[int]]:
    """Cut seeds into blocks that fit into memory side by side. A world's bytes do not depend on its block."""
    several = max(1, BLOCK_BYTES // bytes_of_world(setup.sizes))
    for start in range(0, len(seeds), several):
        yield seeds[start : start + several]


World = tuple[Columns, NDArray[np.float64]]


def _run_fast(setup: Setup, seeds: list[int], crisis: Crisis) -> Iterator[World]:
    from sim.fast.engine import Block

    block = Block(setup, seeds, crisis).run()
    for w in range(len(seeds)):
        yield WorldAsAsked(block.state, w), block.series[..., w]


def _run_mesa(setup: Setup, seeds: list[int], own: Own) -> Iterator[World]:
    from sim.model import GovernanceModel

    for seed in seeds:
        model = GovernanceModel(setup, seed, agents=own.agents)
        model.run()
        yield model.columns(), model.series


def _result(
    setup: Setup,
    seed: int,
    engine: str,
    crisis: Crisis,
    w: int,
    state: Columns,
    series: NDArray[np.float64],
) -> RunResult:
    check_balance(setup, state, len(series))
    return RunResult(
        scenario=setup.scenario.name,
        structure=setup.structure.name,
        seed=seed,
        engine=engine,
        outcomes=outcomes_of(setup, state, series),
        daily=series_columns(setup, series),
        in_places=place_columns(setup, state, len(series)),
        codes=tuple(setup.country.codes),
        names=tuple(setup.country.names),
        resources=staff_days_by_use(state),
        means_digest=means_digest(setup),
        crisis_digest=digest_of(crisis, w),
    )
