"""Small studies for tests: files, plans, and runs whose results are known."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sim.engine import RunResult
from sim.governance.structure import Structure
from sim.own import NOTHING_OWN, Own
from sim.study import shards as module
from sim.study.read import Plan, load_plan
from sim.world.scenario import Scenario
from tests.study.fake_runs import fake_run

SMALL = """
schema_version = 1
name = "small"
title = "A small study"
question = "Which of two is better?"
scenarios = ["small_outbreak"]
outcomes = ["harm_per_1000", "deaths_per_100k"]

[settings.scenario]
days = 10

[arms.command]
structure = "command"

[arms.mesh]
structure = "mesh"

[uncertainties.local]
key = "scenario.approaches.heterogeneity"
low = 0.0
high = 1.0
steps = 2

[uncertainties.delay]
key = "structure.channels.reporting.delay_days"
low = 0
high = 21
steps = 2

[design]
kind = "factorial"

[replicates]
count = 20
"""


def write_study(folder: Path, text: str = SMALL, *replace: tuple[str, str]) -> Path:
    for old, new in replace:
        assert old in text
        text = text.replace(old, new)
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def small_plan(folder: Path, *settings: str) -> Plan:
    return load_plan(write_study(folder), settings)


def cheap_run(
    scenario: Scenario, arm: Structure, seeds: Sequence[int], engine: str = "auto", own: Own = NOTHING_OWN
) -> list[RunResult]:
    """Stand in for the engine: harm depends on arm, seed and heterogeneity in a way that is known."""
    assert engine == "auto"
    assert not own.agents
    results = []
    for result in fake_run(scenario, arm, seeds):
        harm = result.outcomes["harm_per_1000"] + 100.0 * scenario.approaches.heterogeneity
        results.append(replace(result, outcomes=result.outcomes | {"harm_per_1000": harm}))
    return results


def each_by(one: Callable[..., list[RunResult]]) -> Callable[..., list[list[RunResult]]]:
    """Return what stands in for the engine where several points are run, from what does so for one."""
    return lambda points, own=NOTHING_OWN: [one(*point, own=own) for point in points]


def use_cheap_runs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "run_together", each_by(cheap_run))
