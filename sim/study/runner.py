"""Run a study: hand out what is missing, keep what comes back, go on from where it was left.

Nothing about the results depends on who ran them: shards are fixed by the design, each is the same bytes wherever it is
run, and they are gathered in the order of the plan.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from sim.study.compare import FAILED, Progress
from sim.study.folder import (
    ANSWERS,
    RUNS,
    SHARDS,
    StudyFolder,
    crises_of,
    digest_of_file,
    gather,
    open_folder,
    read_runs,
    write_manifest,
    write_resolved,
)
from sim.study.precision import replicates_in_all
from sim.study.read import STUDY_FILE, Plan
from sim.study.shards import SHARD_SEEDS, Shard, from_bytes, run_shards, shard_count, shards_of
from sim.study.workers import HANDED_OUT, as_finished, check_jobs, cores, process_pool

WORTH_SENDING = 0.5  # seconds of work that a task should hold: handing one out costs milliseconds
MOST_TOGETHER = 64  # shards in a task
ABREAST = 16  # worlds side by side that keep the engine busy
MOST_SECONDS = 10.0  # of work in a task that is made larger for that: what a killed study loses


class TooManyFailuresError(RuntimeError):
    """More runs broke down than the user is ready to accept."""


@dataclass(frozen=True)
class Came:
    """What a task brought: each shard's number and file, and what it took.

    Parameters
    ----------
    files
        Number and bytes of each shard.
    runs, failed
        How many runs they hold, and how many of those broke down.
    seconds
        Of work.
    """

    files: list[tuple[int, bytes]]
    runs: int
    failed: int
    seconds: float

    @property
    def seconds_a_shard(self) -> float:
        """What one of its shards took, never none."""
        return max(self.seconds / len(self.files), 1e-6)


def run_task(shards: Sequence[Shard]) -> Came:
    """Run some shards, wherever this is."""
    start = time.perf_counter()
    files = list(zip([shard.number for shard in shards], run_shards(shards), strict=True))
    failed = sum(failed_in(data) for _, data in files)
    return Came(files, sum(len(shard.seeds) for shard in shards), failed, time.perf_counter() - start)


def failed_in(data: bytes) -> int:
    """Return the number of failed runs in a shard's file."""
    return int(pc.sum(pc.equal(from_bytes(data)["status"], FAILED)).as_py() or 0)


@dataclass(eq=False)
class Run:
    """A study on its way.

    Parameters
    ----------
    folder
        Where results are kept.
    jobs, executor
        Who does the work.
    most_failed
        Failed runs that are accepted; None is any number.
    progress
        Told of the runs done and planned.
    work
        What is done with a task.
    """

    folder: StudyFolder
    jobs: int | None
    executor: Executor | None
    most_failed: int | None
    progress: Progress
    work: Callable[[Sequence[Shard]], Came] = run_task
    done: int = 0
    failed: int = 0
    planned: int = 0
    together: int = 1
    abreast: int = 1

    def stage(self, seeds: Sequence[int], first: int) -> int:
        """Run what is missing of a stage; return the number of the shard after it."""
        plan, kept = self.folder.plan, self.folder.done
        end = first + shard_count(plan, len(seeds))
        self.planned += plan.cells * len(seeds)
        self.count_what_is_there(shards_of(plan, seeds, first))
        self.progress(self.done, self.planned)
        missing = (shard for shard in shards_of(plan, seeds, first) if shard.number not in kept)
        left = end - first - sum(first <= number < end for number in kept)
        self.abreast = shards_abreast(plan, len(seeds))
        if left:
            with closing(self.results(missing, left)) as results:  # an interruption ends the workers at once
                for came in results:
                    self.keep(came)
        return end

    def count_what_is_there(self, shards: Iterator[Shard]) -> None:
        """Count the runs that were done before, and refuse a damaged file of them."""
        for shard in shards:
            if shard.number in self.folder.done:
                table = self.folder.table(shard.number)
                self.done += len(table)
                self.failed += int(pc.sum(pc.equal(table["status"], FAILED)).as_py() or 0)

    def results(self, missing: Iterator[Shard], left: int) -> Generator[Came, None, None]:
        """Yield what comes back, as it comes."""
        workers = min(cores() if self.jobs is None else self.jobs, left)
        if self.executor is not None:
            yield from self.handed_out(missing, self.executor, workers, left)
        elif workers == 1:
            for task in self.tasks(missing):
                came = self.work(task)
                self.together = self.wide(came, left)
                yield came
        else:
            with process_pool(workers) as pool:
                yield from self.handed_out(missing, pool, workers, left, cancels=False)

    def handed_out(
        self, missing: Iterator[Shard], executor: Executor, workers: int, left: int, cancels: bool = True
    ) -> Generator[Came, None, None]:
        """Yield what an executor brings back."""
        for _, came in as_finished(self.work, self.tasks(missing), executor, HANDED_OUT * workers, cancels):
            worth = shards_together(came.seconds_a_shard)
            self.together = max(worth, self.wide(came, left // (HANDED_OUT * workers)))
            yield came

    def wide(self, came: Came, most: int) -> int:
        """Return the shards that keep the engine busy, by what a task took; at ``most`` so many leave work for all."""
        return max(1, min(self.abreast, most, int(MOST_SECONDS / came.seconds_a_shard)))

    def tasks(self, missing: Iterator[Shard]) -> Iterator[list[Shard]]:
        """Yield shards in tasks that are worth sending: how many go together changes nothing in what comes of them."""
        for shard in missing:
            yield list(chain([shard], islice(missing, self.together - 1)))

    def keep(self, came: Came) -> None:
        """Keep what a task brought, and tell of it."""
        for number, data in came.files:
            self.folder.put(number, data)
        self.done += came.runs
        self.failed += came.failed
        self.progress(self.done, self.planned)
        if self.most_failed is not None and self.failed > self.most_failed:
            raise TooManyFailuresError(
                f"{self.failed} runs have failed, more than the {self.most_failed} that --max-failures accepts; what "
                f"was done is kept in {self.folder.path}. See meshgov study failed {self.folder.path}."
            )


def shards_together(seconds: float) -> int:
    """Return how many shards of so many seconds make a task that is worth sending."""
    return min(MOST_TOGETHER, max(1, int(WORTH_SENDING / max(seconds, 1e-6))))


def shards_abreast(plan: Plan, seeds: int) -> int:
    """Return the shards of which each arm has enough worlds to be run side by side."""
    points = -(-ABREAST // min(seeds, SHARD_SEEDS))
    return min(MOST_TOGETHER, len(plan.arms) * points) if points > 1 else 1


def run_study(
    plan: Plan,
    out: Path,
    jobs: int | None = None,
    executor: Executor | None = None,
    force: bool = False,
    most_failed: int | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> StudyFolder:
    """Run a study, or what is missing of it, and gather its runs.

    Parameters
    ----------
    plan
        As from `sim.study.read.load_plan`.
    out
        The study's folder. If it holds the same study half done, that is gone on with; finished, nothing is run.
    jobs
        Worker processes; None means one for each core. With an executor, how many tasks it takes at a time.
    executor
        Any executor of `concurrent.futures`, in place of worker processes.
    force
        Whether to begin again where the folder is there.
    most_failed
        Failed runs that are accepted before the study stops.
    progress
        Told of the runs done and planned.
    command
        Written into the manifest.

    Raises
    ------
    InputError
        If the folder holds something else, a file in it is damaged, or it cannot be written.
    TooManyFailuresError
        If more runs failed than are accepted.
    """
    check_jobs(jobs)
    folder = open_folder(plan, out, force)
    if folder.finished:
        shutil.rmtree(out / SHARDS, ignore_errors=True)
        before = (out / STUDY_FILE).read_bytes() if (out / STUDY_FILE).is_file() else b""
        write_resolved(plan, out)  # what is asked of the runs may have changed
        folder.as_it_was = (out / STUDY_FILE).read_bytes() == before and (out / ANSWERS).is_file()
        return folder
    write_resolved(plan, out)
    write_manifest(folder, command)
    start = time.perf_counter()
    run = Run(folder, jobs, executor, most_failed, progress or (lambda _done, _planned: None))
    shards = run.stage(plan.seeds, 0)
    seeds = seeds_in_all(folder, shards)
    if len(seeds) > len(plan.seeds):
        shards = run.stage(seeds[len(plan.seeds) :], shards)
    finish(run, shards, seeds, command, time.perf_counter() - start)
    return folder


def seeds_in_all(folder: StudyFolder, shards: int) -> tuple[int, ...]:
    """Return the seeds of both stages: those of the first, and as many more as the wanted precision needs."""
    plan, wanted = folder.plan, folder.plan.study.replicates
    if wanted.half_width is None:
        return plan.seeds
    gaps = first_stage_gaps(folder, shards)
    count = replicates_in_all(gaps, wanted.half_width, wanted.count, wanted.most, SHARD_SEEDS)
    return tuple(range(plan.study.seed, plan.study.seed + count))


def first_stage_gaps(folder: StudyFolder, shards: int) -> list[np.ndarray]:
    """Return the paired differences of the main outcome in the first stage, for each arm, point and scenario."""
    arms, cells = len(folder.plan.arms), folder.plan.cells
    gaps: list[np.ndarray] = []
    for first in range(0, cells, arms):
        blocks = range(first, shards, cells)
        columns = [
            np.concatenate([folder.table(block + arm)[folder.plan.main].to_numpy() for block in blocks])
            for arm in range(arms)
        ]
        gaps += [column - columns[0] for column in columns[1:]]
    return gaps


def finish(run: Run, shards: int, seeds: tuple[int, ...], command: str, seconds: float) -> None:
    """Gather all runs, check that none is missing, and write the manifest."""
    folder = run.folder
    counts = gather(folder, shards)
    if counts["planned"] != run.planned or counts["done"] + counts["failed"] != run.planned:
        raise RuntimeError(f"{run.planned} runs were planned and {counts} came back: please report this")
    about = read_runs(folder.path, ["scenario", "point", "seed", "status", "crisis_digest"])
    write_manifest(
        folder,
        command,
        finished=True,
        seeds=list(seeds),
        runs=counts,
        seconds=round(folder.manifest.get("seconds", 0.0) + seconds, 1),
        runs_digest=digest_of_file(folder.path / RUNS),
        crises=crises_of(about),
    )
    shutil.rmtree(folder.path / SHARDS, ignore_errors=True)
