"""Measure speed and memory: ``make bench`` writes ``benchmarks/RESULTS.md`` and ``results.json``.

Everything is measured in one process, in interleaved rounds, and given as medians: machines are noisy, and
ratios hold better than seconds.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mesa
import numba
import numpy as np

from benchmarks.studies import STUDIES_SAY, measure_studies
from sim.engine import MODEL_VERSION
from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.world.files import load_scenario, load_structure

HERE = Path(__file__).parent
ROUNDS = 5
WORLDS = 8
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


def seconds_by_phase(setup: Setup) -> dict[str, float]:
    """Return the seconds a world that each phase takes over the whole run."""
    block = Block(setup, list(range(WORLDS)))
    spent = dict.fromkeys(PHASES, 0.0)
    for _ in range(setup.scenario.days):
        for number, phase in enumerate(PHASES):
            spent[phase] += seconds(lambda n=number: block.run_phase(n)) / WORLDS
    return spent


def organisations(setup: Setup) -> int:
    """Return the number of organisations that act in a run."""
    return len(GovernanceModel(setup, 1).agents)


def measure() -> dict[str, Any]:
    """Return all measurements."""
    scenario = load_scenario("england_2020")
    setup = prepare(scenario, load_structure(STRUCTURE))
    fast_block(setup)
    rounds = [(seconds(lambda: fast_block(setup)), seconds(lambda: mesa_month(setup))) for _ in range(ROUNDS)]
    fast = statistics.median(a for a, _ in rounds) / WORLDS
    mesa_day = statistics.median(b for _, b in rounds) / MESA_DAYS
    count = organisations(setup)
    return {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba.__version__,
            "mesa": mesa.__version__,
            "model": MODEL_VERSION,
        },
        "organisations": count,
        "runs_per_second_per_core_england": 1.0 / fast,
        "organisation_days_per_second_per_core": count * scenario.days / fast,
        "mesa_day_ms_england": 1000.0 * mesa_day,
        "mesa_runs_per_second_per_core_england": 1.0 / (mesa_day * scenario.days),
        "ratio_fast_to_mesa": mesa_day * scenario.days / fast,
        "warm_start_s": process_seconds(sys.executable, "-c", START_UP),
        "help_s": process_seconds(MESHGOV, "--help"),
        **measure_studies(),
        "seconds_by_phase": seconds_by_phase(setup),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


SAYS = {
    "organisations": "Organisations that act in a run of England",
    "runs_per_second_per_core_england": "England runs of 364 days a second a core, fast engine",
    "organisation_days_per_second_per_core": "Organisation-days a second a core, fast engine",
    "mesa_day_ms_england": "A day of England on the Mesa engine, in ms",
    "mesa_runs_per_second_per_core_england": "England runs a second a core, Mesa engine",
    "ratio_fast_to_mesa": "Fast engine over Mesa engine",
    "warm_start_s": "From nothing to the first week of a small world, kernels compiled before, in s",
    "help_s": "`meshgov --help`, in s",
    "peak_rss_mib": "Most memory used by the benchmark's process, in MiB",
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
        "",
        "| what | value |",
        "|---|---|",
    ]
    lines += [f"| {says} | {results[name]:,.4g} |" for name, says in SAYS.items()]
    lines += ["", "Seconds a run by phase, fast engine:", "", "| phase | s |", "|---|---|"]
    lines += [f"| {phase} | {spent:.4f} |" for phase, spent in results["seconds_by_phase"].items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write both files."""
    results = measure()
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = report(results)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
