"""The decisions behind a comparison: kept beside its results on request, else lived through again when asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.engine import MODEL_VERSION
from sim.errors import InputError
from sim.governance.culture import in_the_culture_of
from sim.governance.setup import prepare
from sim.governance.structure import Structure
from sim.lineage import DAILY, WINDOW_DAYS, Lineage, lineage_of
from sim.study.compare import Comparison
from sim.study.store import MANIFEST
from sim.world.files import load_scenario, load_structure
from sim.world.scenario import SERVICES, Scenario

FOLDER, WITH_OWN = "decisions", "mesa, with "


@dataclass(frozen=True, eq=False)
class Results:
    """What a results folder of a comparison says was run.

    Parameters
    ----------
    path
        The folder.
    scenario, structures, seeds
        What was run, resolved in full; the structures in the order in which they were named.
    crises
        Digest of the crisis by seed, as text.
    """

    path: Path
    scenario: Scenario
    structures: tuple[Structure, ...]
    seeds: tuple[int, ...]
    crises: dict[str, str]


def open_results(path: Path) -> Results:
    """Return what a results folder holds.

    Raises
    ------
    InputError
        If there is no such folder of a comparison, or another version of the model made it.
    """
    manifest = _manifest(path)
    if manifest["model_version"] != MODEL_VERSION:
        raise InputError(
            f"model version {manifest['model_version']} made these results, and this is {MODEL_VERSION}.",
            "Run the comparison again; the manifest has its command.",
            path,
        )
    if any(engine.startswith(WITH_OWN) for engine in manifest["engine"]):
        raise InputError(
            "these runs had agents of somebody's own, whom the command does not know.",
            "From Python, sim.lineage.lineage_of takes them.",
            path,
        )
    resolved = path / "resolved"
    loaded = [load_structure(resolved / f"structure_{name}.toml") for name in manifest["structures"]]
    structures = [in_the_culture_of(each, None) for each in loaded]  # as they were compared
    scenario, seeds = load_scenario(resolved / "scenario.toml"), tuple(manifest["seeds"])
    return Results(path, scenario, tuple(structures), seeds, manifest["crises"])


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: Any = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        there = "structures" in manifest and "scenario" in manifest
    except (OSError, ValueError, TypeError):
        there = False
    if not there:
        problem = f"{path} is not the results folder of a comparison."
        raise InputError(problem, "Give a folder that meshgov compare or meshgov run --out has written.")
    return dict(manifest)


def keep_decisions(comparison: Comparison, folder: Path) -> None:
    """Write every decision of the first replicate of each structure, run once more on the Mesa engine."""
    (folder / FOLDER).mkdir()
    for structure in comparison.structures:
        compared = in_the_culture_of(structure, None)
        lineage = lineage_of(comparison.scenario, compared, comparison.seeds[0], agents=comparison.own.agents)
        lineage.decisions.to_parquet(folder / FOLDER / f"{structure.name}.parquet", index=False)
        daily_frame(lineage).to_parquet(folder / FOLDER / f"{structure.name}_daily.parquet", index=False)


def daily_frame(lineage: Lineage) -> pd.DataFrame:
    """Return need, lapses, regret and following: one row a day, place and service."""
    shape = lineage.daily["need"].shape
    day, place, service = (each.ravel() for each in np.indices(shape))
    labels = {
        "day": day.astype(np.int32),
        "place": pd.Series(lineage.setup.country.codes, dtype="category").take(place).to_numpy(),
        "service": pd.Series(SERVICES, dtype="category").take(service).to_numpy(),
    }
    return pd.DataFrame({**labels, **{name: lineage.daily[name].ravel() for name in DAILY}})


def lineage_behind(results: Results, structure: Structure, seed: int, day: int) -> Lineage:
    """Return the decisions of one run up to a day, and what followed in the weeks after it.

    Raises
    ------
    InputError
        If the comparison has no such seed or day.
    """
    check_day(results, day)
    check_seed(results, seed)
    kept = results.path / FOLDER / f"{structure.name}.parquet"
    if seed == results.seeds[0] and kept.is_file():
        return _kept(results, structure, seed)
    lineage = lineage_of(results.scenario, structure, seed, min(results.scenario.days, day + 1 + WINDOW_DAYS))
    if results.crises.get(str(seed), lineage.crisis_digest) != lineage.crisis_digest:
        problem = f"the crisis of seed {seed} is no longer what it was: files that it is made from have changed."
        raise InputError(problem, "Run the comparison again.", results.path)
    return lineage


def check_day(results: Results, day: int) -> None:
    """Refuse a day that the run does not have."""
    if not 0 <= day < results.scenario.days:
        last = results.scenario.days - 1
        raise InputError(f"day {day} never comes: the run has days 0 to {last}.", "Choose one of them.", key="--day")


def check_seed(results: Results, seed: int) -> None:
    """Refuse a seed that the comparison does not have."""
    if seed not in results.seeds:
        known = f"{results.seeds[0]} to {results.seeds[-1]}" if len(results.seeds) > 1 else f"{results.seeds[0]}"
        raise InputError(f"seed {seed} is not in these results.", f"They have {known}.", key="--seed")


def _kept(results: Results, structure: Structure, seed: int) -> Lineage:
    setup, folder = prepare(results.scenario, structure), results.path / FOLDER
    decisions = pd.read_parquet(folder / f"{structure.name}.parquet")
    frame = pd.read_parquet(folder / f"{structure.name}_daily.parquet", columns=list(DAILY))
    shape = (results.scenario.days, len(setup.country), len(SERVICES))
    daily = {name: frame[name].to_numpy(np.float32).reshape(shape) for name in DAILY}
    return Lineage(setup, seed, results.scenario.days, decisions, daily)
