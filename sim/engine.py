"""Run a scenario under a structure, on either engine, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.fast.worlds import in_common
from sim.governance.setup import Setup, means_digest, prepare
from sim.governance.structure import Structure
from sim.ledger import check_balance, staff_days_by_use
from sim.outcomes import Columns, outcomes_of, place_columns, series_columns
from sim.own import NOTHING_OWN, Own
from sim.state import WorldAsAsked, bytes_of_world
from sim.world.crisis import Crisis, digest_of
from sim.world.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

# Raised when results change: a pinned run fails until it is.
MODEL_VERSION = 2
BLOCK_BYTES = 500_000_000  # of state side by side: with all else, 15,200 places then stay below 1 GiB
WAITING_BYTES = 100_000_000  # of state that waits for others to be side by side with
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
    if engine == "mesa":
        return _run_mesa(prepare(scenario, structure), seeds, own)
    return run_together([Point(scenario, structure, tuple(seeds))], own)[0]


class Point(NamedTuple):
    """What is to be run: a scenario under a structure, once for each seed."""

    scenario: Scenario
    structure: Structure
    seeds: tuple[int, ...]


class _World(NamedTuple):
    """One run that waits for its block: its place among the points and seeds that were asked for, and what it needs."""

    point: int
    number: int
    setup: Setup
    seed: int


def run_together(points: Sequence[Point], own: Own = NOTHING_OWN) -> list[list[RunResult]]:
    """Run several points, worlds of different points side by side where they can be.

    They can be if they differ in seeds, in parameters, and in what the crisis brings; not in who holds what, who hears
    whom, or what begins when (`sim.fast.worlds`). No result depends on what it ran beside.

    Parameters
    ----------
    points
        Scenarios, structures and seeds.
    own
        Agents and outcomes of one's own; with agents, world after world on the Mesa engine.

    Returns
    -------
    list
        For each point its results, one a seed.
    """
    if own.agents:
        return [_run_mesa(prepare(point.scenario, point.structure), point.seeds, own) for point in points]
    found: dict[tuple[int, int], RunResult] = {}
    for worlds in _blocks(points):
        for world, result in zip(worlds, _run_fast(worlds, own), strict=True):
            found[world.point, world.number] = result
    return [[found[n, number] for number in range(len(point.seeds))] for n, point in enumerate(points)]


def _blocks(points: Sequence[Point]) -> Iterator[list[_World]]:
    """Put worlds that can be side by side into blocks, as wide as memory allows."""
    waiting: dict[bytes, list[_World]] = {}
    held = 0
    for n, (scenario, structure, seeds) in enumerate(points):
        setup = prepare(scenario, structure)
        together = waiting.setdefault(in_common(setup), [])
        together += [_World(n, number, setup, seed) for number, seed in enumerate(seeds)]
        held += len(seeds) * bytes_of_world(setup.sizes)
        if held > WAITING_BYTES or n == len(points) - 1:
            yield from (some for worlds in waiting.values() for some in _cut(worlds))
            waiting, held = {}, 0


def _cut(worlds: list[_World]) -> Iterator[list[_World]]:
    """Cut worlds into blocks that fit into memory side by side."""
    several = max(1, BLOCK_BYTES // bytes_of_world(worlds[0].setup.sizes))
    for start in range(0, len(worlds), several):
        yield worlds[start : start + several]


def _run_fast(worlds: list[_World], own: Own) -> Iterator[RunResult]:
    from sim.fast.engine import Block

    block = Block([world.setup for world in worlds], [world.seed for world in worlds]).run()
    series = block.series
    for w, world in enumerate(worlds):
        state = WorldAsAsked(block.state, w)
        yield _result(world.setup, world.seed, "fast", block.crisis, w, state, series[..., w], own)


def _run_mesa(setup: Setup, seeds: Sequence[int], own: Own) -> list[RunResult]:
    from sim.model import GovernanceModel

    results = []
    for seed in seeds:
        model = GovernanceModel(setup, seed, agents=own.agents)
        model.run()
        results.append(_result(setup, seed, own.engine, model.crisis, 0, model.columns(), model.series, own))
    return results


def _result(
    setup: Setup,
    seed: int,
    engine: str,
    crisis: Crisis,
    w: int,
    state: Columns,
    series: NDArray[np.float64],
    own: Own,
) -> RunResult:
    check_balance(setup, state, len(series))
    result = RunResult(
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
    return replace(result, outcomes={**result.outcomes, **own.measured(result)})
