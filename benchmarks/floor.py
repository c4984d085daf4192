"""The floor: what a day must move, work out and draw, and how fast the machine can do that at best.

Counts are made by hand from the kernels (`sim/fast`), for one world and a whole run: what each phase must read and
write once, were nothing kept between its loops, its floating-point operations, and its normal draws. Draws are counted
apart from other operations, since they are most of the work. The limits are measured here, on the same core.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from sim.governance.setup import Setup
from sim.streams import turn_normal, uniform

NUMBER = 8  # bytes
COPIED = 1 << 20  # numbers: two such arrays are as large as the state of a block of England
LANES = 1 << 10
REPEATS = 2_000
DEPTH = 16


@dataclass(frozen=True)
class Needs:
    """What a phase needs over a run, for one world."""

    numbers: float
    operations: float
    draws: float


def needs_of(setup: Setup) -> dict[str, Needs]:
    """Return what each phase needs over a whole run of one world."""
    land, table, scenario = setup.land, setup.stretches[0].table, setup.scenario
    days, weeks = scenario.days, scenario.days // 7
    trials = days // max(1, int(table.par.evidence_trial_days))
    places, services = land.need.shape
    desks, approaches = places * len(land.desk_service), scenario.approaches.count
    cells, beliefs = places * services, places * services * approaches
    links, mixed, ties = len(land.neighbour), len(table.mix_place), len(table.tie_place)
    told = len(table.listen_from) * services * approaches
    return {
        # epidemic 18 numbers a place and a mixing link each; need 14 a service and a neighbour each
        "strike": Needs(
            days * (18 * places + 2 * mixed + 14 * cells + services * links),
            days * (90 * places + 2 * mixed + 20 * cells + services * links),
            0,
        ),
        "report": Needs(weeks * (2 * desks * approaches * 2 + 2 * beliefs), weeks * 12 * desks * approaches, 0),
        # what is due, daily; belief and need as seen, weekly; and a draw for each approach of each desk at trial time
        "decide": Needs(
            days * (cells + 3 * places) + weeks * (2 * beliefs + 30 * cells) + trials * 3 * desks * approaches,
            weeks * (2 * beliefs + 40 * cells) + trials * 4 * desks * approaches,
            trials * desks * approaches,
        ),
        # 22 numbers a place, 16 a service, 8 a desk and one a neighbour's desk
        "deliver": Needs(
            days * (22 * places + 16 * cells + 8 * desks + links * desks // places),
            days * (30 * places + 120 * cells + 40 * desks + 2 * links * desks // places),
            0,
        ),
        # for the approach in use and the one on trial: truth, mean and weight, and one draw
        "learn": Needs(days * desks * (4 + 2 * 5), days * desks * 2 * 12, days * desks * 2),
        "share": Needs(weeks * (2 * told + 6 * beliefs), weeks * 8 * told, 0),
        "relate": Needs(weeks * (12 * places + 2 * ties), weeks * (60 * places + 8 * ties), 0),
        "record": Needs(
            days * (20 * places + 8 * cells + 5 * desks + ties),
            days * (20 * places + 14 * cells + 8 * desks + ties),
            0,
        ),
    }


def machine_limits() -> dict[str, float]:
    """Return numbers moved, operations and draws that one core does in a second at best, as measured now."""
    return {
        "copied_gb_per_second": 2 * NUMBER * COPIED / best_seconds(copying()) / 1e9,
        "operations_per_second": 2 * DEPTH * LANES * REPEATS / best_seconds(reckoning()),
        "draws_per_second": LANES * REPEATS / 10 / best_seconds(drawing()),
    }


def floors(setup: Setup, limits: dict[str, float]) -> dict[str, float]:
    """Return the seconds that each phase of a run must take: what is moved or worked out, and what is drawn."""
    found = {}
    for phase, needs in needs_of(setup).items():
        moving = NUMBER * needs.numbers / (1e9 * limits["copied_gb_per_second"])
        working = needs.operations / limits["operations_per_second"]
        found[phase] = max(moving, working) + needs.draws / limits["draws_per_second"]
    return found


def best_seconds(work: Callable[[], Any], rounds: int = 5) -> float:
    """Return the least processor time of several rounds, after one that does not count."""
    work()
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def copying() -> Callable[[], Any]:
    """Return work that copies an array."""
    source, target = np.ones(COPIED), np.zeros(COPIED)
    return lambda: np.copyto(target, source)


def reckoning() -> Callable[[], Any]:
    """Return work that multiplies and adds, with as much side by side as registers hold."""
    values = np.full(LANES, 0.5)
    return lambda: _multiply_and_add(values, REPEATS)


def drawing() -> Callable[[], Any]:
    """Return work that draws normals in one long row."""
    seeds, items, out = np.arange(LANES, dtype=np.uint64), np.zeros(LANES, np.int64), np.zeros(LANES)
    return lambda: _draw(out, seeds, items, REPEATS // 10)


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _draw(out: Any, seeds: Any, items: Any, repeats: int) -> None:  # pragma: no cover - compiled
    far, where = np.zeros(len(out)), np.zeros(len(out), np.int64)
    for day in range(repeats):
        for lane in range(len(out)):
            out[lane] = uniform(seeds[lane], np.uint64(7), day, 0, 9, items[lane])
        turn_normal(out, far, where)


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _multiply_and_add(values: Any, repeats: int) -> None:  # pragma: no cover - compiled
    for _ in range(repeats):
        for lane in range(len(values)):
            x = values[lane]
            for _step in range(DEPTH):
                x = x * 0.5 + 0.25
            values[lane] = x
