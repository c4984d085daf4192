"""Runs whose results are known: stands in for the engine where only what is made of its results is tested."""

from collections.abc import Sequence
from math import nan

import numpy as np
import pytest

from sim.engine import RunResult
from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES, SERIES
from sim.own import NOTHING_OWN, Own
from sim.study import compare as module
from sim.study.compare import Block, Comparison, compare
from sim.world.country import Country, load_country
from sim.world.crises import Epidemic
from sim.world.scenario import CountrySettings, Scenario

TINY = Scenario(
    name="tiny",
    title="A tiny crisis",
    story="Something happens. Then something else.",
    days=30,
    country=CountrySettings(kind="synthetic", places=12, regions=3),
    epidemic=Epidemic(),
)
EFFECTS = {"command": 0.0, "mesh": -10.0, "silos": 5.0, "same": 0.0}
NEVER_RECOVERS = ("mesh", 3)
BREAKS = ("broken", 2)
USES = {"served": 0.7, "coordination": 0.05, "analysis": 0.01, "training": 0.02, "absent": 0.05, "idle": 0.17}


def structure(name: str, **changes: object) -> Structure:
    powers = {
        power: {"holder": "place"}
        for power in ("approach", "reserve", "workforce", "restriction", "procurement", "commissioning")
    }
    title = name.replace("_", " ").capitalize()
    return Structure.model_validate(
        {
            "name": name,
            "title": title,
            "description": f"{title} decides. It does so daily.",
            "powers": powers,
            **changes,
        }
    )


def fake_run(
    scenario: Scenario, arm: Structure, seeds: Sequence[int], engine: str = "auto", own: Own = NOTHING_OWN
) -> list[RunResult]:
    assert engine in ("auto", "fast", "mesa")
    assert not own.agents
    return [one_run(scenario, arm.name, seed) for seed in seeds]


def one_run(scenario: Scenario, name: str, seed: int) -> RunResult:
    if (name, seed) == BREAKS:
        raise ArithmeticError("the sums do not balance")
    harm = 100.0 + seed + EFFECTS.get(name, 0.0) + 0.1 * ((seed * 7 + len(name)) % 5)
    outcomes = dict.fromkeys(OUTCOMES, 0.5) | {"harm_per_1000": harm, "recovery_days": 20.0}
    if (name, seed) == NEVER_RECOVERS:
        outcomes["recovery_days"] = nan
    series = {each: np.linspace(1.0, 0.1, scenario.days) * harm / 100 for each in SERIES}
    return RunResult(
        scenario=scenario.name,
        structure=name,
        seed=seed,
        engine="fast",
        outcomes=outcomes,
        daily=series,
        in_places=fake_places(load_country(scenario.country), harm),
        codes=load_country(scenario.country).codes,
        names=load_country(scenario.country).names,
        resources={use: 1000.0 * share for use, share in USES.items()},
        means_digest="means of unequal" if name == "unequal" else "means",
        crisis_digest=f"crisis {name} {seed}" if name == "elsewhere" else f"crisis {seed}",
    )


def fake_places(country: Country, harm: float) -> dict[str, np.ndarray]:
    fifth = np.arange(len(country)) % 5 + 1
    return {
        "population": country.population,
        "deprivation_fifth": fifth,
        "harm_per_1000": harm * (6 - fifth),
        "unmet_share": np.full(len(country), 0.1),
        "deaths_per_100k": np.full(len(country), 10.0),
        "restricted_days": np.full(len(country), 3.0),
    }


def fake_block(block: Block) -> list[RunResult]:
    """Stand in for `run_block` in a worker process, where no patch reaches what it calls."""
    return fake_run(block.scenario, block.structure, block.seeds)


def use_fake_runs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "run", fake_run)


def fake_comparison(names: str, replicates: int = 6, scenario: Scenario = TINY) -> Comparison:
    with pytest.MonkeyPatch.context() as patch:
        use_fake_runs(patch)
        return compare(scenario, [structure(name) for name in names.split()], replicates, jobs=1)
