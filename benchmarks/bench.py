"""Measure speed and memory: ``make bench`` writes ``benchmarks/RESULTS.md`` and ``results.json``.

Everything is measured in one process, in interleaved rounds, and given as medians: machines are noisy, and
ratios hold better than seconds.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import mesa
import numba
import numpy as np

from benchmarks.floor import floors, machine_limits
from benchmarks.sizes import cold_start, nanoseconds_by_places, peak_at_the_largest, two_workers_to_one
from benchmarks.studies import STUDIES_SAY, measure_studies
from sim.engine import MODEL_VERSION, Point, run_together
from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.world.files import load_scenario, load_structure

HERE = Path(__file__).parent
ROUNDS = 5
WORLDS = 16
MESA_DAYS = 28
STRUCTURE = "mesh"
MESHGOV = str(Path(sys.executable).parent / "meshgov")
START_UP = """
from sim.engine import run
from sim.world.files import load_scenario, load_structure
run(load_scenario("small_outbreak").model_copy(update={"days": 7}), load_structure("mesh"), [1])
"""


def seconds(work: Callable[[], Any]) -> float:
    """Return the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor_seconds(work: Callable[[], Any]) -> float:
    """Return the seconds of this core that some work takes, whoever else uses the machine."""
    start = time.process_time()
    work()
    return time.process_time() - start


def median_seconds(work: Callable[[], Any]) -> float:
    """Return the median over the rounds."""
    return statistics.median(seconds(work) for _ in range(ROUNDS))


def process_seconds(*command: str) -> float:
    """Return the median seconds of a whole process, after one that warms the disk's cache."""
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the project's own commands
    return median_seconds(lambda: subprocess.run(command, check=True, capture_output=True))  # noqa: S603 - the same


def mesa_month(setup: Setup) -> None:
    """Run the first weeks of one world on the Mesa engine."""
    GovernanceModel(setup, 1).run(MESA_DAYS)


def fast_block(setup: Setup) -> None:
    """Run a block of worlds to the end, set-up of their crises included."""
    Block(setup, list(range(WORLDS))).run()


def sweep(setup: Setup) -> None:
    """Run as many points as a block has worlds, each of one seed and a heterogeneity of its own, set-ups included."""
    points = []
    for n in range(WORLDS):
        ways = setup.scenario.approaches.model_copy(update={"heterogeneity": n / WORLDS})
        points.append(Point(setup.scenario.model_copy(update={"approaches": ways}), setup.structure, (n,)))
    run_together(points)


def seconds_by_phase(setup: Setup) -> dict[str, float]:
    """Return the seconds a world that each phase takes over the whole run: medians of the rounds."""
    rounds = [_one_by_one(setup) for _ in range(ROUNDS)]
    return {phase: statistics.median(each[phase] for each in rounds) for phase in PHASES}


def _one_by_one(setup: Setup) -> dict[str, float]:
    block = Block(setup, list(range(WORLDS)))
    spent = dict.fromkeys(PHASES, 0.0)
    for _ in range(setup.scenario.days):
        for number, phase in enumerate(PHASES):
            spent[phase] += processor_seconds(partial(block.run_phase, number)) / WORLDS
    return spent


def organisations(setup: Setup) -> int:
    """Return the number of organisations that act in a run."""
    return len(GovernanceModel(setup, 1).agents)


def measure() -> dict[str, Any]:
    """Return all measurements."""
    scenario = load_scenario("england_2020")
    setup = prepare(scenario, load_structure(STRUCTURE))
    fast_block(setup)
    each = [partial(work, setup) for work in (fast_block, mesa_month, sweep)]
    rounds = [[processor_seconds(work) for work in each] for _ in range(ROUNDS)]
    fast, mesa_day, points = (statistics.median(times) for times in zip(*rounds, strict=True))
    fast, mesa_day, points = fast / WORLDS, mesa_day / MESA_DAYS, points / WORLDS
    count, limits, by_phase = organisations(setup), machine_limits(), seconds_by_phase(setup)
    least = floors(setup, limits)
    return {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}",
        "load_average": os.getloadavg()[0],
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba.__version__,
            "mesa": mesa.__version__,
            "model": MODEL_VERSION,
        },
        "organisations": count,
        "runs_per_second_per_core_england": 1.0 / fast,
        "points_per_second_per_core_england": 1.0 / points,
        "organisation_days_per_second_per_core": count * scenario.days / fast,
        "mesa_day_ms_england": 1000.0 * mesa_day,
        "mesa_runs_per_second_per_core_england": 1.0 / (mesa_day * scenario.days),
        "ratio_fast_to_mesa": mesa_day * scenario.days / fast,
        "nanoseconds_per_organisation_day": nanoseconds_by_places(count / len(setup.country.codes)),
        "two_workers_to_one": two_workers_to_one(),
        "peak_rss_mib": peak_at_the_largest(),
        "cold_start_s": cold_start(),  # once: it compiles for half a minute
        "warm_start_s": process_seconds(sys.executable, "-c", START_UP),
        "help_s": process_seconds(MESHGOV, "--help"),
        **measure_studies(),
        "seconds_by_phase": by_phase,
        "machine_limits": limits,
        "floor_seconds_by_phase": least,
        "share_of_floor_by_phase": {phase: least[phase] / by_phase[phase] for phase in PHASES},
        "share_of_floor": _total(least) / _total(by_phase),
    }


def _total(by_phase: dict[str, float]) -> float:
    return float(np.sum(list(by_phase.values())))


SAYS = {
    "organisations": "Organisations that act in a run of England",
    "runs_per_second_per_core_england": "England runs of 364 days a second a core, fast engine",
    "points_per_second_per_core_england": "The same in a sweep: each a point of its own, set-up included",
    "organisation_days_per_second_per_core": "Organisation-days a second a core, fast engine",
    "mesa_day_ms_england": "A day of England on the Mesa engine, in ms",
    "mesa_runs_per_second_per_core_england": "England runs a second a core, Mesa engine",
    "ratio_fast_to_mesa": "Fast engine over Mesa engine",
    "warm_start_s": "From nothing to the first week of a small world, kernels compiled before, in s",
    "help_s": "`meshgov --help`, in s",
    "two_workers_to_one": "Runs that two workers do in the time of one",
    "peak_rss_mib": "Most memory of a process that runs eight seeds of 15,200 places, in MiB",
    "cold_start_s": "The same with nothing compiled before, in s",
    "share_of_floor": "Share of the floor that a run reaches (below)",
    **STUDIES_SAY,
}


def report(results: dict[str, Any]) -> str:
    """Return the measurements as a page."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [
        "# Speed and memory",
        "",
        f"Made by `make bench` on {results['date']}: {results['machine']}, one core; {versions}.",
        f"Medians of {ROUNDS} interleaved rounds; structure `{STRUCTURE}`, {WORLDS} worlds side by side.",
        f"The machine had {results['load_average']:.1f} processes to run. Runs and phases are processor time;",
        "starts and workers are time on the clock, which means little on a busy machine.",
        "",
        "| what | value |",
        "|---|---|",
    ]
    lines += [f"| {says} | {results[name]:,.4g} |" for name, says in SAYS.items()]
    lines += ["", *phases_table(results), "", *sizes_table(results)]
    return "\n".join(lines) + "\n"


def phases_table(results: dict[str, Any]) -> list[str]:
    """Return the seconds of each phase beside its floor."""
    limits = results["machine_limits"]
    says = (
        f"Seconds a run by phase, fast engine, beside its floor (`benchmarks/floor.py`): what it must move, at"
        f" {limits['copied_gb_per_second']:.1f} GB/s, or work out, at {limits['operations_per_second'] / 1e9:.1f}"
        f" thousand million operations a second, and draw, at {limits['draws_per_second'] / 1e6:.0f} million normals a"
        " second, each as measured on this core."
    )
    lines = [says, "", "| phase | s | floor, s | share reached |", "|---|---|---|---|"]
    for phase, spent in results["seconds_by_phase"].items():
        share = results["share_of_floor_by_phase"][phase]
        lines.append(f"| {phase} | {spent:.4f} | {results['floor_seconds_by_phase'][phase]:.4f} | {share:.0%} |")
    return lines


def sizes_table(results: dict[str, Any]) -> list[str]:
    """Return the nanoseconds of an organisation-day by number of places."""
    lines = ["| places | nanoseconds an organisation-day, fast engine |", "|---|---|"]
    by_places = results["nanoseconds_per_organisation_day"]
    return lines + [f"| {int(places):,} | {spent:.0f} |" for places, spent in by_places.items()]


def main() -> None:
    """Measure, print, and write both files."""
    results = measure()
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = report(results)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
