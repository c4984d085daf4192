"""The same crises met by several structures: run, collect, and set side by side.

Work is cut into blocks of one structure and up to `BLOCK` seeds, by the design alone and never by timing, so results
do not depend on the number of workers or the order in which they finish.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.engine import MODEL_VERSION, RunResult, run
from sim.errors import InputError
from sim.governance.culture import in_the_culture_of
from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES, Outcome
from sim.own import NOTHING_OWN, Own
from sim.study.culture import Square, squares, two_by_two
from sim.study.statistics import Difference, Verdict, paired_difference, verdicts
from sim.study.workers import check_jobs, work_through
from sim.world.country import load_country
from sim.world.files import check_fits, load_scenario, load_structure, load_together
from sim.world.scenario import Scenario

Engine = Literal["auto", "fast", "mesa"]
Progress = Callable[[int, int], None]

MOST_REPLICATES = 1_000_000
BLOCK = 8
SEED_LIMIT = 1 << 64
DONE, FAILED = "done", "failed"


class UnequalCrisisError(RuntimeError):
    """Two structures met different crises under one seed: a fault of the programme, and no result stands."""


@dataclass(frozen=True)
class Block:
    """Runs that are dispatched together: one structure, some seeds."""

    scenario: Scenario
    structure: Structure
    seeds: tuple[int, ...]
    engine: Engine
    own: Own = NOTHING_OWN


@dataclass(frozen=True)
class Failure:
    """A run that broke down.

    Parameters
    ----------
    structure, seed
        Which run.
    stage
        Where it broke down: the phase, where the error names one.
    message
        The error's own words.
    trace
        Where in the programme it happened.
    """

    structure: str
    seed: int
    stage: str
    message: str
    trace: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came out, as data frames.

    Parameters
    ----------
    scenario, structures
        What was run, resolved in full. Structures that carry a culture are listed with it, and compared without it.
    seeds
        The replicates; the same for every structure.
    baseline
        Name of the structure that the others are compared with.
    engine
        The engine that was asked for.
    runs
        One row a run: structure, seed, run_id, status, stage, message, engine, digests, then every outcome.
    series
        One row a run and day: structure, seed, day, then every daily national series.
    places
        One row a run and place: structure, seed, code, then what happened there.
    resources
        One row a run: structure, seed, then staff-days by use.
    own
        Agents and outcomes of the user's own.
    abroad
        As `runs`, of the runs in a culture that a structure carries, with its name under `culture_of`.
    """

    scenario: Scenario
    structures: tuple[Structure, ...]
    seeds: tuple[int, ...]
    baseline: str
    engine: Engine
    runs: pd.DataFrame
    series: pd.DataFrame
    places: pd.DataFrame
    resources: pd.DataFrame
    own: Own = NOTHING_OWN
    abroad: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["culture_of", "structure", "status"]))

    @property
    def names(self) -> list[str]:
        """Names of the structures, the baseline first."""
        others = [each.name for each in self.structures if each.name != self.baseline]
        return [self.baseline, *others]

    @property
    def titles(self) -> dict[str, str]:
        """What each structure is called, by its name, the baseline first: its title up to a colon."""
        long = {each.name: each.title for each in self.structures}
        short = {name: long[name].partition(":")[0] for name in self.names}
        return short if len(set(short.values())) == len(short) else {name: long[name] for name in self.names}

    @property
    def done(self) -> pd.DataFrame:
        """The runs that were completed."""
        return self.runs[self.runs["status"] == DONE]

    @property
    def failures(self) -> pd.DataFrame:
        """The runs that failed, with stage and message."""
        about = ["structure", "seed", "stage", "message"]
        here, there = (runs[runs["status"] == FAILED] for runs in (self.runs, self.abroad))
        if there.empty:
            return here[about]
        whose = there["structure"] + " in the culture of " + there["culture_of"]
        return pd.concat([here[about], there.assign(structure=whose)[about]], ignore_index=True)

    @property
    def planned(self) -> int:
        """Runs that were asked for, those in carried cultures included."""
        return len(self.runs) + len(self.abroad)

    @cached_property
    def cultures(self) -> pd.DataFrame:
        """What is structure and what culture, where a structure carries one (`sim.study.culture.two_by_two`)."""
        return two_by_two(self.runs, self.abroad, self.squares, self.seeds, self.baseline)

    @property
    def squares(self) -> list[Square]:
        """The carried cultures, each with a structure and the baseline: two by two."""
        return squares(self.structures, self.baseline)

    @property
    def run_id(self) -> str:
        """Identity of the whole comparison: the same for both engines and any number of workers."""
        resolved = [self.scenario, *sorted(self.structures, key=lambda each: each.name)]
        return digest_of(
            *[each.model_dump(mode="json") for each in resolved], self.seeds, self.baseline, *self.own.names
        )

    @property
    def crises(self) -> dict[int, str]:
        """Digest of the crisis by seed."""
        return dict(self.done.groupby("seed")["crisis_digest"].first())

    def values(self, outcome: str) -> pd.DataFrame:
        """Return one outcome: a row for each seed, a column for each structure, NaN where undefined or failed."""
        done = self.done.set_index("seed")
        columns = {name: done.loc[done["structure"] == name, outcome] for name in self.names}
        return pd.DataFrame(columns, index=list(self.seeds), dtype=float)

    def table(self) -> pd.DataFrame:
        """Return every outcome for every structure, with its difference from the baseline.

        Returns
        -------
        DataFrame
            One row for each outcome and structure: outcome, title, unit, better, group, headline, structure, value
            (mean over the runs in which it is defined), runs (that many), undefined, failed, difference, low, high,
            pairs, verdict.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        measures = [*OUTCOMES.values(), *self.own.outcomes]
        return pd.DataFrame([row for measure in measures for row in self._outcome_rows(measure)])

    def _outcome_rows(self, measure: Outcome) -> Iterator[dict[str, Any]]:
        """Yield one row for each structure, the baseline first."""
        wide, completed = self.values(measure.name), self._completed()
        gaps = [self._difference(wide, completed, name) for name in self.names]
        said = [Verdict.BASELINE, *verdicts(gaps[1:], measure.better)]
        about = {key: getattr(measure, key) for key in ("title", "unit", "better", "group", "headline")}
        for name, gap, verdict in zip(self.names, gaps, said, strict=True):
            defined, done = int(wide[name].notna().sum()), len(completed[name])
            yield {
                "outcome": measure.name,
                **about,
                "structure": name,
                "value": wide[name].mean(),
                "runs": defined,
                "undefined": done - defined,
                "failed": len(self.seeds) - done,
                "difference": gap.mean,
                "low": gap.low,
                "high": gap.high,
                "pairs": gap.pairs,
                "verdict": str(verdict),
            }

    def _difference(self, wide: pd.DataFrame, completed: dict[str, set[int]], name: str) -> Difference:
        """Return a structure's difference from the baseline; the baseline's own is unknown, not zero."""
        both = [] if name == self.baseline else sorted(completed[name] & completed[self.baseline])
        return paired_difference(wide.loc[both, name], wide.loc[both, self.baseline])

    def _completed(self) -> dict[str, set[int]]:
        done = self.done
        return {name: set(done.loc[done["structure"] == name, "seed"]) for name in self.names}


def compare(
    scenario: str | Path | Scenario,
    structures: Sequence[str | Path | Structure],
    replicates: int = 16,
    seed: int = 1,
    engine: Engine = "auto",
    jobs: int | None = None,
    baseline: str | None = None,
    progress: Progress | None = None,
    own: Own = NOTHING_OWN,
) -> Comparison:
    """Run several structures through the same crises and set them side by side.

    Parameters
    ----------
    scenario
        A shipped scenario's name, a file, or the thing itself.
    structures
        Likewise, one or more.
    replicates
        Runs of each structure, with seeds `seed`, `seed` + 1 and so on.
    seed
        The first seed; 0 is a seed.
    engine
        Which engine runs them; results are the same.
    jobs
        Worker processes; None means one for each core that this process may use.
    baseline
        Name of the structure to compare with; None means the first.
    progress
        Called with the number of runs done and the number planned.
    own
        Agents and outcomes of one's own; with agents, all runs are done on the Mesa engine, and say so.

    Returns
    -------
    Comparison
        Results in the order of structures and seeds, whatever the number of jobs. A run that broke down is a row
        with status "failed".

    Raises
    ------
    InputError
        If what is asked for cannot be run, or the structures had unequal means.
    UnequalCrisisError
        If structures met different crises under one seed.
    """
    seeds = check_seeds(replicates, seed)
    check_jobs(jobs)
    world, arms = load(scenario, structures)
    first = check_baseline([arm.name for arm in arms], baseline)
    alike = [in_the_culture_of(arm, None) for arm in arms]
    abroad = travellers(arms, first)
    blocks = cut(world, [*alike, *abroad.values()], seeds, engine, own)
    results = run_blocks(blocks, jobs, progress or (lambda _done, _planned: None))
    check_fair([each for each in results if not isinstance(each, Failure)])
    here = len(arms) * len(seeds)
    made = collect(world, arms, seeds, first, engine, results[:here], own)
    return replace(made, abroad=rows_abroad(world, abroad, results[here:], own)) if abroad else made


def travellers(arms: Sequence[Structure], baseline: str) -> dict[tuple[str, str], Structure]:
    """Return what is run besides in carried cultures, by whose culture it is and which structure."""
    by_name = {arm.name: arm for arm in arms}
    pairs = [(each.culture_of, name) for each in squares(arms, baseline) for name in (each.structure, baseline)]
    return {pair: in_the_culture_of(by_name[pair[1]], by_name[pair[0]]) for pair in pairs}


def rows_abroad(
    scenario: Scenario,
    abroad: dict[tuple[str, str], Structure],
    results: Sequence[RunResult | Failure],
    own: Own = NOTHING_OWN,
) -> pd.DataFrame:
    """Return runs in carried cultures, one row a run."""
    each, rows = len(results) // len(abroad), []
    for place, ((culture_of, _), structure) in enumerate(abroad.items()):
        mine = results[place * each : (place + 1) * each]
        rows += [{"culture_of": culture_of, **run_row(scenario, structure, result, own)} for result in mine]
    return pd.DataFrame(rows)


def check(
    scenario: str | Path | Scenario,
    structures: Sequence[str | Path | Structure],
    replicates: int,
    seed: int,
    jobs: int | None,
    baseline: str | None,
) -> None:
    """Refuse what :func:`compare` would refuse before its first run; arguments as there.

    Raises
    ------
    InputError
        If what is asked for cannot be run.
    """
    check_seeds(replicates, seed)
    check_jobs(jobs)
    _, arms = load(scenario, structures)
    check_baseline([arm.name for arm in arms], baseline)


def check_seeds(replicates: int, seed: int) -> tuple[int, ...]:
    """Return the seeds of the replicates, or refuse numbers that cannot be used."""
    if replicates > MOST_REPLICATES:
        problem = f"{replicates} replicates were asked for."
        raise InputError(problem, f"Ask for at most {MOST_REPLICATES:,}; 100 are many.", key="replicates")
    if replicates < 1:
        raise InputError(f"{replicates} replicates were asked for.", "Ask for at least 1.", key="replicates")
    if not 0 <= seed <= SEED_LIMIT - replicates:
        raise InputError(f"seed {seed} is out of range.", "Use a whole number from 0 to below 2^64.", key="seed")
    return tuple(range(seed, seed + replicates))


def load(
    scenario: str | Path | Scenario, structures: Sequence[str | Path | Structure]
) -> tuple[Scenario, tuple[Structure, ...]]:
    """Return the scenario and the structures, or refuse those that do not fit each other."""
    words = [each for each in structures if not isinstance(each, Structure)]
    if not isinstance(scenario, Scenario) and len(words) == len(structures):
        world, loaded = load_together(scenario, words)  # its messages name files and lines
        return world, tuple(loaded)
    world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    arms = tuple(each if isinstance(each, Structure) else load_structure(each) for each in structures)
    for arm in arms:
        check_fits(world, arm, load_country(world.country))
    return world, arms


def check_baseline(names: Sequence[str], baseline: str | None) -> str:
    """Return the name of the baseline, or refuse structures that cannot be compared."""
    if not names:
        raise InputError("no structure was named.", "Name at least one.", key="structures")
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'two structures are called "{name}".', "Give each a name of its own.", key="structures")
    if baseline is not None and baseline not in names:
        remedy = f"Use one of: {', '.join(names)}."
        raise InputError(f'"{baseline}" is not one of the structures.', remedy, key="baseline")
    return names[0] if baseline is None else baseline


def cut(
    scenario: Scenario, structures: Sequence[Structure], seeds: tuple[int, ...], engine: Engine, own: Own = NOTHING_OWN
) -> list[Block]:
    """Return the blocks of work, in the order of structures and seeds."""
    starts = range(0, len(seeds), BLOCK)
    return [Block(scenario, arm, seeds[start : start + BLOCK], engine, own) for arm in structures for start in starts]


def run_blocks(blocks: list[Block], jobs: int | None, progress: Progress) -> list[RunResult | Failure]:
    """Return the results of all blocks, in their order."""
    planned = sum(len(block.seeds) for block in blocks)
    results: dict[int, list[RunResult | Failure]] = {}
    done = 0
    progress(done, planned)
    with closing(work_through(run_block, blocks, jobs)) as finished:  # an interruption ends the workers at once
        for index, came in finished:
            results[index] = came
            done += len(came)
            progress(done, planned)
    return [each for index in range(len(blocks)) for each in results[index]]


def run_block(block: Block) -> list[RunResult | Failure]:
    """Return a block's results; if it breaks down, its runs are tried one by one to find the one at fault."""
    try:
        return list(run(block.scenario, block.structure, block.seeds, block.engine, block.own))
    except InputError:
        raise
    except Exception:  # noqa: BLE001 - whatever went wrong, the other runs of the block still count
        return [run_alone(block, seed) for seed in block.seeds]


def run_alone(block: Block, seed: int) -> RunResult | Failure:
    """Return one run's result, or what went wrong."""
    try:
        return run(block.scenario, block.structure, [seed], block.engine, block.own)[0]
    except Exception as error:  # noqa: BLE001 - a failed run is a row, not the end of the study
        return failure(block.structure.name, seed, error)


def failure(structure: str, seed: int, error: Exception, stage: str = "run") -> Failure:
    """Return what went wrong as a row: the stage that the error names, or this one, and its traceback."""
    message, trace = f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error))
    return Failure(structure, seed, str(getattr(error, "stage", stage)), message, trace)


def check_fair(results: Sequence[RunResult]) -> None:
    """Refuse a comparison in which structures had unequal means or met different crises."""
    means: dict[int, RunResult] = {}
    for result in results:
        first = means.setdefault(result.seed, result)
        who = f"{first.structure} and {result.structure}, seed {result.seed}"
        if result.crisis_digest != first.crisis_digest:
            raise UnequalCrisisError(f"different crises under one seed ({who}): please report this")
        if result.means_digest != first.means_digest:
            raise InputError(
                f"the structures do not have equal means ({who}).",
                "Amounts belong in the scenario: take them out of the structures and their dated changes.",
                key="structures",
            )


def collect(
    scenario: Scenario,
    structures: tuple[Structure, ...],
    seeds: tuple[int, ...],
    baseline: str,
    engine: Engine,
    results: Sequence[RunResult | Failure],
    own: Own = NOTHING_OWN,
) -> Comparison:
    """Return results as data frames."""
    by_name = {each.name: in_the_culture_of(each, None) for each in structures}
    done = [each for each in results if not isinstance(each, Failure)]
    return Comparison(
        scenario=scenario,
        structures=structures,
        seeds=seeds,
        baseline=baseline,
        engine=engine,
        runs=pd.DataFrame([run_row(scenario, by_name[each.structure], each, own) for each in results]),
        series=stacked([each.series.rename_axis("day").reset_index() for each in done], done),
        places=stacked([each.places.rename_axis("code").reset_index() for each in done], done),
        resources=stacked([pd.DataFrame([each.resources]) for each in done], done),
        own=own,
    )


def run_row(
    scenario: Scenario, structure: Structure, result: RunResult | Failure, own: Own = NOTHING_OWN
) -> dict[str, Any]:
    """Return a run as one row: a failed one has the same columns."""
    resolved = (scenario.model_dump(mode="json"), structure.model_dump(mode="json"))
    names = [*OUTCOMES, *(each.name for each in own.outcomes)]
    run_id = digest_of(*resolved, result.seed, *own.names)
    known = {"structure": structure.name, "seed": result.seed, "run_id": run_id}
    if isinstance(result, Failure):
        unknown = {"engine": "", "means_digest": "", "crisis_digest": "", **dict.fromkeys(names, np.nan)}
        return {**known, "status": FAILED, "stage": result.stage, "message": result.message, **unknown}
    return {
        **known,
        "status": DONE,
        "stage": "",
        "message": "",
        "engine": result.engine,
        "means_digest": result.means_digest,
        "crisis_digest": result.crisis_digest,
        **{name: float(result.outcomes.get(name, np.nan)) for name in names},
    }


def stacked(frames: Sequence[pd.DataFrame], results: Sequence[RunResult]) -> pd.DataFrame:
    """Return frames below each other, with the structure and the seed in front."""
    if not frames:
        return pd.DataFrame(columns=["structure", "seed"])
    named = []
    for frame, result in zip(frames, results, strict=True):
        named.append(frame.assign(structure=result.structure, seed=result.seed))
    whole = pd.concat(named, ignore_index=True)
    return whole[["structure", "seed", *[name for name in whole.columns if name not in ("structure", "seed")]]]


def digest_of(*parts: Any) -> str:
    """Return twelve hexadecimal digits that stand for these parts and the version of the model."""
    text = json.dumps([MODEL_VERSION, *parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
