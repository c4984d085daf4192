"""Shards: the pieces that a study is cut into, by its design alone and never by timing.

A shard is one scenario, one arm, one point and up to sixteen seeds. What comes of it is a small Arrow file whose name
holds a digest of its bytes: so the same plan gives the same files, whoever ran them and in whatever order, and one that
is damaged is found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import nan
from typing import Any

import pyarrow as pa

from sim.engine import Point, RunResult, run_together
from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES
from sim.own import NOTHING_OWN, Own
from sim.study.compare import DONE, FAILED, Failure, digest_of, failure
from sim.study.declared import Value
from sim.study.read import Plan, at_values, values_at
from sim.world.scenario import Scenario

SHARD_SEEDS = 16
SETTINGS_STAGE = "settings"
LABELS = {"scenario": pa.string(), "arm": pa.string(), "point": pa.int32(), "seed": pa.uint64()}
ABOUT = {
    "run_id": pa.string(),
    "status": pa.string(),
    "stage": pa.string(),
    "message": pa.string(),
    "traceback": pa.string(),
    "engine": pa.string(),
    "means_digest": pa.string(),
    "crisis_digest": pa.string(),
}


@dataclass(frozen=True)
class Shard:
    """Runs that are done together: one scenario, one arm, one point, some seeds.

    Parameters
    ----------
    number
        Its place in the plan.
    scenario, structure
        Before the point's values are laid over them.
    point
        Number of the point.
    names, values
        The uncertainties and the values that the point has for them.
    settings
        The same by dotted key.
    seeds
        At most `SHARD_SEEDS`.
    own
        Agents of the user's own.
    """

    number: int
    scenario: Scenario
    structure: Structure
    point: int
    names: tuple[str, ...]
    values: tuple[Value, ...]
    settings: dict[str, Value]
    seeds: tuple[int, ...]
    own: Own = NOTHING_OWN


def shards_of(plan: Plan, seeds: Sequence[int], first: int = 0) -> Iterator[Shard]:
    """Yield shards of a plan in order: by seeds, scenario and point, and arm by arm within them.

    Parameters
    ----------
    plan
        The study.
    seeds
        Of one stage.
    first
        Number of the first shard: a later stage begins where the earlier one ends.
    """
    number = first
    for start in range(0, len(seeds), SHARD_SEEDS):
        for scenario in plan.scenarios:
            for point, values in enumerate(plan.points.rows):
                settings = values_at(plan.study, values)
                for structure in plan.structures:
                    block = tuple(seeds[start : start + SHARD_SEEDS])
                    names = tuple(plan.study.uncertainties)
                    yield Shard(number, scenario, structure, point, names, values, settings, block, plan.own)
                    number += 1


def spread(plan: Plan, least: int = 3) -> list[Shard]:
    """Return a few shards of a plan from its first to its last cell, at least one a scenario if it can be."""
    count = min(plan.cells, max(least, len(plan.scenarios)))
    numbers = {place * (plan.cells - 1) // max(1, count - 1) for place in range(count)}
    return [shard for shard in islice(shards_of(plan, plan.seeds), plan.cells) if shard.number in numbers]


def shard_count(plan: Plan, seeds: int) -> int:
    """Return the number of shards that so many seeds make."""
    return -(-seeds // SHARD_SEEDS) * plan.cells


def run_shard(shard: Shard) -> bytes:
    """Run a shard and return the file that holds what came of it: the same bytes on every machine of one kind."""
    return run_shards([shard])[0]


def run_shards(shards: Sequence[Shard]) -> list[bytes]:
    """Run shards, side by side where they can be, and return the file of each: the same bytes as that of one alone."""
    asked = [point_of(shard) for shard in shards]
    points = [point for point in asked if isinstance(point, Point)]
    came = iter(results_of(points, shards[0].own))
    files = []
    for shard, point in zip(shards, asked, strict=True):
        rows = rows_of(shard, point, next(came)) if isinstance(point, Point) else gone(shard, point)
        files.append(as_bytes(pa.Table.from_pylist(rows, schema=schema_of(shard.names, shard.values))))
    return files


def point_of(shard: Shard) -> Point | Exception:
    """Return what a shard runs; or why its settings cannot be: that is a row, not the end of the study."""
    try:
        return Point(*at_values(shard.settings, shard.scenario, shard.structure), shard.seeds)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error


def gone(shard: Shard, error: Exception) -> list[dict[str, Any]]:
    """Return the rows of a shard whose settings cannot be."""
    failures = [failure(shard.structure.name, seed, error, SETTINGS_STAGE) for seed in shard.seeds]
    return [row_of(shard, each, "") for each in failures]


def rows_of(shard: Shard, point: Point, came: Sequence[RunResult | Failure]) -> list[dict[str, Any]]:
    """Return a row for each run of a shard, those that failed included."""
    resolved = (point.scenario.model_dump(mode="json"), point.structure.model_dump(mode="json"))
    return [row_of(shard, each, digest_of(*resolved, each.seed, *shard.own.names)) for each in came]


def results_of(points: Sequence[Point], own: Own) -> list[Sequence[RunResult | Failure]]:
    """Return what came of each point; if one breaks down, all are run one by one to find out which."""
    try:
        return [*run_together(points, own)]
    except Exception:  # noqa: BLE001 - whatever went wrong, the other runs still count
        return [[alone(point._replace(seeds=(seed,)), own) for seed in point.seeds] for point in points]


def alone(point: Point, own: Own) -> RunResult | Failure:
    """Return the result of a point with one seed, or what went wrong."""
    try:
        return run_together([point], own)[0][0]
    except Exception as error:  # noqa: BLE001 - a failed run is a row, not the end of the study
        return failure(point.structure.name, point.seeds[0], error)


def row_of(shard: Shard, result: RunResult | Failure, run_id: str) -> dict[str, Any]:
    """Return a run as one row: a failed one has the same columns."""
    row = {
        "scenario": shard.scenario.name,
        "arm": shard.structure.name,
        "point": shard.point,
        "seed": result.seed,
        **dict(zip(shard.names, shard.values, strict=True)),
        "run_id": run_id,
    }
    if isinstance(result, Failure):
        said = {"status": FAILED, "stage": result.stage, "message": result.message, "traceback": result.trace}
        return {**row, **said, "engine": "", "means_digest": "", "crisis_digest": "", **dict.fromkeys(OUTCOMES, nan)}
    digests = {"means_digest": result.means_digest, "crisis_digest": result.crisis_digest}
    known = {name: float(result.outcomes.get(name, nan)) for name in OUTCOMES}
    return {
        **row,
        "status": DONE,
        "stage": "",
        "message": "",
        "traceback": "",
        "engine": result.engine,
        **digests,
    } | known


def schema_of(names: Sequence[str], values: Sequence[Value]) -> pa.Schema:
    """Return the columns of a study's runs: labels, uncertainties, what happened, every outcome."""
    axes = {name: column_type(value) for name, value in zip(names, values, strict=True)}
    return pa.schema({**LABELS, **axes, **ABOUT, **dict.fromkeys(OUTCOMES, pa.float64())})


def column_type(value: Value) -> pa.DataType:
    """Return the type of an uncertainty's column; all numbers are kept as such."""
    if isinstance(value, bool):
        return pa.bool_()
    return pa.string() if isinstance(value, str) else pa.float64()


def as_bytes(table: pa.Table) -> bytes:
    """Return a table as an Arrow file."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    made: bytes = sink.getvalue().to_pybytes()
    return made


def from_bytes(data: bytes) -> pa.Table:
    """Return the table that an Arrow file holds."""
    return pa.ipc.open_file(pa.BufferReader(data)).read_all()


def file_name(number: int, data: bytes) -> str:
    """Return the name of a shard's file: its number, and a digest of its bytes."""
    return f"{number:07d}-{hashlib.blake2b(data, digest_size=8).hexdigest()}.arrow"
