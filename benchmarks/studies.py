"""Measure what a study costs beside its runs: ``python -m benchmarks.studies`` prints it, ``make bench`` keeps it.

Overhead is measured twice: on *injected* runs, which take no time, so that what is left is the runner's own, and on
real runs of England, where the time spent in the engine is taken off. Both count processor time, which other programs
on the machine do not lengthen. Memory and resuming are measured on injected runs.

``python -m benchmarks.studies england 10000`` measures the overhead on as many real runs as one likes; ``make bench``
takes a few hundred, ten thousand need a quarter of an hour.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.sizes import peak_here
from sim.engine import Point, RunResult, run, run_together
from sim.governance.structure import Structure
from sim.study import shards
from sim.study.folder import StudyFolder
from sim.study.read import load_plan
from sim.study.runner import run_study
from sim.world.files import load_scenario, load_structure
from sim.world.scenario import Scenario

SMALL, LARGE = 10_000, 100_000
ENGLAND_DAYS, ENGLAND_RUNS, ENGLAND_STUDY = 90, 16, 640
RESUMES = 3
STUDY = """
schema_version = 1
name = "bench"
title = "What a study costs"
question = "How much does a study take beside its runs?"
scenarios = ["small_outbreak"]
outcomes = ["harm_per_1000"]
[settings.scenario]
days = 7
[arms.command]
structure = "command"
[arms.mesh]
structure = "mesh"
[uncertainties.local]
key = "scenario.approaches.heterogeneity"
low = 0.0
high = 1.0
[design]
kind = "latin_hypercube"
points = {points}
[replicates]
count = 16
"""


ENGLAND = STUDY.replace('"small_outbreak"', '"england_2020"').replace("days = 7", f"days = {ENGLAND_DAYS}")


class Timed:
    """Stands before the engine, and adds up the processor time that is spent in it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, *given: Any) -> list[list[RunResult]]:
        """Run."""
        start = time.process_time()
        results = run_together(*given)
        self.seconds += time.process_time() - start
        return results


class Injected:
    """Stands in for the engine: gives one real run's results for every run, in no time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], RunResult] = {}

    def __call__(self, points: Sequence[Point], _own: Any) -> list[list[RunResult]]:
        """Return results for these points."""
        return [self.of(*point) for point in points]

    def of(self, scenario: Scenario, structure: Structure, seeds: Sequence[int]) -> list[RunResult]:
        """Return results for these seeds."""
        missing = [seed for seed in seeds if (structure.name, seed) not in self._kept]
        for result in run(scenario, structure, missing) if missing else []:
            same = replace(result, means_digest="injected")  # heterogeneity is not looked at
            self._kept[structure.name, result.seed] = replace(same, crisis_digest=str(result.seed))
        return [self._kept[structure.name, seed] for seed in seeds]


def rss_mib() -> float:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def injected_study(folder: Path, runs: int) -> dict[str, float]:
    """Run a study of injected runs; return seconds, memory when a fifth was done and when all was, and the most."""
    shards.run_together = Injected()  # type: ignore[assignment]
    path = folder / "study.toml"
    path.write_text(STUDY.format(points=runs // 32), encoding="utf-8")
    plan, at = load_plan(path), {}

    def look(done: int, planned: int) -> None:
        if done >= planned // 5 and "fifth" not in at:
            at["fifth"] = rss_mib()
        if done == planned:
            at["all"] = rss_mib()

    seconds = seconds_of(lambda: run_study(plan, folder / "out", jobs=1, progress=look))
    return {"seconds": seconds, "fifth": at["fifth"], "all": at["all"], "most": peak_here()}


def seconds_of(study: Callable[[], StudyFolder]) -> float:
    """Return the processor time of a study in which no run may fail."""
    start = time.process_time()
    counts = study().manifest["runs"]
    seconds = time.process_time() - start
    if counts["failed"]:
        raise RuntimeError(f"{counts['failed']} runs failed: nothing was measured")
    return seconds


def england_study(folder: Path, runs: int) -> dict[str, float]:
    """Run a study of real runs of England; return its processor time, and how much of it was spent in the engine."""
    timed = Timed()
    shards.run_together = timed
    path = folder / "study.toml"
    path.write_text(ENGLAND.format(points=runs // 32), encoding="utf-8")
    plan = load_plan(path)
    for structure in plan.structures:
        run(plan.scenarios[0], structure, [1])  # loads the kernels
    seconds = seconds_of(lambda: run_study(plan, folder / "out", jobs=1))
    return {"runs": plan.cells * len(plan.seeds), "seconds": seconds, "engine": timed.seconds}


def resume_seconds(folder: Path) -> tuple[float, float]:
    """Return what a whole process takes that is asked for a finished study again: seconds, and of them processor time.

    Medians of a few.
    """
    command = [
        sys.executable,
        "-m",
        "sim.cli",
        "study",
        "run",
        str(folder / "study.toml"),
        "--out",
        str(folder / "out"),
    ]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - writes the answers, the first time
    taken, worked = [], []
    for _ in range(RESUMES):
        start, before = time.perf_counter(), children_seconds()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the project's own command
        taken.append(time.perf_counter() - start)
        worked.append(children_seconds() - before)
    return statistics.median(taken), statistics.median(worked)


def children_seconds() -> float:
    """Return the processor time of all processes that this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def england_seconds() -> float:
    """Return the processor time of one real run of England for ninety days."""
    scenario = load_scenario("england_2020").model_copy(update={"days": ENGLAND_DAYS})
    structure, seeds = load_structure("mesh"), list(range(1, ENGLAND_RUNS + 1))
    run(scenario, structure, seeds)
    start = time.process_time()
    run(scenario, structure, seeds)
    return (time.process_time() - start) / ENGLAND_RUNS


def measure_studies() -> dict[str, float]:
    """Return all measurements of studies."""
    england = england_seconds()
    with tempfile.TemporaryDirectory() as name:
        small = in_a_process(Path(name), SMALL)
        resumed, worked = resume_seconds(Path(name))
    with tempfile.TemporaryDirectory() as name:
        large = in_a_process(Path(name), LARGE)
    with tempfile.TemporaryDirectory() as name:
        real = in_a_process(Path(name), ENGLAND_STUDY, "england")
    overhead = small["seconds"] / SMALL
    return {
        "study_england_run_ms": 1000.0 * england,
        "study_overhead_ms": 1000.0 * overhead,
        "study_overhead_share": overhead / england,
        "study_overhead_share_real": 1.0 - real["engine"] / real["seconds"],
        "study_resume_s": resumed,
        "study_resume_processor_s": worked,
        "study_memory_most_mib": large["most"],
        "study_memory_growth_mib": large["all"] - large["fifth"],
    }


def in_a_process(folder: Path, runs: int, kind: str = "injected") -> dict[str, float]:
    """Run a study in a process of its own, for its memory."""
    command = [sys.executable, "-m", "benchmarks.studies", kind, str(runs), str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this file
    told: dict[str, float] = json.loads(answer.stdout)
    return told


STUDIES_SAY = {
    "study_england_run_ms": f"A real run of England for {ENGLAND_DAYS} days, {ENGLAND_RUNS} side by side, in ms a "
    "run on one core",
    "study_overhead_ms": f"What the runner adds to each run, over {SMALL:,} injected runs that take no time, in ms",
    "study_overhead_share": "The same as a share of that run of England (bound: 0.05)",
    "study_overhead_share_real": f"What the runner adds to {ENGLAND_STUDY:,} real runs of England of {ENGLAND_DAYS} "
    "days, as a share of all (bound: 0.05)",
    "study_resume_s": f"Asking for a finished study of {SMALL:,} runs again, the whole process, in s (bound: 2)",
    "study_resume_processor_s": "The same, processor time, on a machine that does other things too, in s",
    "study_memory_most_mib": f"Most memory of a study of {LARGE:,} injected runs of a small world, in MiB (bound: "
    "1,536)",
    "study_memory_growth_mib": "Growth of its memory from a fifth of the runs to all of them, in MiB",
}


KINDS = {"injected": injected_study, "england": england_study}


def main(arguments: Sequence[str]) -> None:
    """Measure everything, or run one study (kind, runs, and a folder if it is to be kept) and print what it took."""
    if not arguments:
        print(json.dumps(measure_studies(), indent=1))
        return
    kind, runs, *kept = arguments
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(KINDS[kind](Path(kept[0] if kept else name), int(runs)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
