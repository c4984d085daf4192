"""Speed and memory by size, and with two workers: parts of `make bench` that need processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.world.files import load_scenario, load_structure
from sim.world.scenario import Scenario

SIZES = {152: 9, 1_520: 90, 15_200: 900}  # places and regions
DAYS = {152: 56, 1_520: 28, 15_200: 14}
WORLDS = {152: 16, 1_520: 16, 15_200: 4}  # as many as memory allows: see `sim.engine`
LARGEST = 15_200
ROUNDS = 5
# The whole way from settings to outcomes, with as many seeds as a shard has.
LARGE_RUN = """
import resource
from benchmarks.sizes import LARGEST, scenario_of
from sim.engine import run
from sim.world.files import load_structure
run(scenario_of(LARGEST), load_structure("mesh"), list(range(8)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)
"""
COLD_START = """
from sim.engine import run
from sim.world.files import load_scenario, load_structure
run(load_scenario("small_outbreak").model_copy(update={"days": 7}), load_structure("mesh"), [1])
"""


def scenario_of(places: int) -> Scenario:
    """Return England's crisis in an invented country of a size."""
    update = {"places": places, "regions": SIZES[places]}
    country = load_scenario("synthetic_pressure").country.model_copy(update=update)
    return load_scenario("england_2020").model_copy(update={"country": country, "days": DAYS[places]})


def nanoseconds_by_places(per_place: float) -> dict[str, float]:
    """Return the nanoseconds of an organisation-day on the fast engine, by number of places.

    Parameters
    ----------
    per_place
        Organisations that act, for each place.
    """
    setups = {places: prepare(scenario_of(places), load_structure("mesh")) for places in SIZES}
    spent: dict[int, list[float]] = {places: [] for places in SIZES}
    for _ in range(ROUNDS):  # interleaved
        for places, setup in setups.items():
            spent[places].append(_block_seconds(setup, WORLDS[places]))
    return {
        str(places): 1e9 * median(each) / (DAYS[places] * WORLDS[places] * places * per_place)
        for places, each in spent.items()
    }


def _block_seconds(setup: Setup, worlds: int) -> float:
    block = Block(setup, list(range(worlds)))
    start = time.process_time()
    block.run()
    return time.process_time() - start


def peak_at_the_largest() -> float:
    """Return the most memory (MiB) that a process takes which runs eight seeds of 15,200 places."""
    command = [sys.executable, "-c", LARGE_RUN]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our own


def cold_start() -> float:
    """Return the seconds from nothing to the first week of a small world, with no kernel compiled before."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        surroundings = {**os.environ, "MESHGOV_CACHE": cache}
        command = [sys.executable, "-c", COLD_START]
        subprocess.run(command, check=True, capture_output=True, env=surroundings)  # noqa: S603 - our own
        return time.perf_counter() - start


def two_workers_to_one() -> float:
    """Return how many times as many runs two worker processes do as one: median of interleaved rounds."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context) as one, ProcessPoolExecutor(2, context) as two:
        ratios = []
        for _ in range(ROUNDS + 1):
            alone, together = (_pool_seconds(pool) for pool in (one, two))
            ratios.append(alone / together)
    return median(ratios[1:])  # the first round starts the workers and loads what is compiled


def _pool_seconds(pool: ProcessPoolExecutor) -> float:
    start = time.perf_counter()
    list(pool.map(_some_runs, range(2)))
    return time.perf_counter() - start


def _some_runs(number: int) -> int:
    setup = prepare(load_scenario("england_2020"), load_structure("mesh"))
    return Block(setup, list(range(16 * number, 16 * number + 16))).run().day


if __name__ == "__main__":
    print(json.dumps(nanoseconds_by_places(1612 / 152), indent=1))
