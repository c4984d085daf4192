"""Both engines side by side, compared byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.fast.engine import Block
from sim.governance.setup import Setup
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.series import ROWS
from sim.state import NAMES, one_world
from sim.world.crisis import Crisis, build_crisis

Arrays = dict[str, NDArray[Any]]


def run_side_by_side(
    setup: Setup, seeds: Sequence[int], every_phase: bool = True
) -> tuple[Block, list[GovernanceModel]]:
    """Run a block of worlds, and each of them as a model of its own; fail at the first byte that differs.

    Parameters
    ----------
    setup
        What both engines run.
    seeds
        One seed a world.
    every_phase
        Compare after every phase, or only after every day.
    """
    block = Block(setup, list(seeds))
    models = [GovernanceModel(setup, seed, crisis_of(block.crisis, world)) for world, seed in enumerate(seeds)]
    assert_equal(block, models, "before day 0")
    for day in range(setup.scenario.days):
        for phase, name in enumerate(PHASES):
            block.run_phase(phase)
            for model in models:
                model.run_phase(phase)
            if every_phase or phase == len(PHASES) - 1:
                assert_equal(block, models, f"day {day}, phase {name}")
    assert {block.day, *(model.day for model in models)} == {setup.scenario.days}
    return block, models


def run_phase(block: Block, phase: int) -> Arrays:
    """Run one phase of a block of one world, and of a model in the same state; return the state that both give."""
    model = GovernanceModel(block.setup, block.seeds[0], block.crisis).restore(block.snapshot())
    block.run_phase(phase)
    model.run_phase(phase)
    state, other = one_world(block.state, 0), model.columns()
    assert not [name for name, array in state.items() if array.tobytes() != other[name].tobytes()]
    return state


def crisis_of(crisis: Crisis, world: int) -> Crisis:
    """Return the crisis of one world of a block."""
    return crisis._replace(
        **{name: getattr(crisis, name)[..., world : world + 1] for name in Crisis._fields if name != "variant"}
    )


def assert_equal(block: Block, models: Sequence[GovernanceModel], when: str) -> None:
    """Fail if the state or the series of a world differs between the engines."""
    for world, model in enumerate(models):
        found = first_difference(one_world(block.state, world), model.columns())
        found = found or first_row(block.series[: block.day, :, world], model.series[: block.day])
        assert found is None, f"{when}, seed {model.seed}: {found}"


def first_difference(fast: Arrays, mesa: Arrays) -> str | None:
    """Say which array, element and values differ first, or return None if every byte is equal."""
    assert list(mesa) == list(NAMES)
    for name in NAMES:
        one, other = fast[name], mesa[name]
        assert (one.shape, one.dtype) == (other.shape, other.dtype), name
        if one.tobytes() != other.tobytes():
            return f"{name}{_difference(one, other)}"
    return None


def first_row(fast: NDArray[np.float64], mesa: NDArray[np.float64]) -> str | None:
    """The same for the national series so far."""
    for row, name in enumerate(ROWS):
        one, other = np.ascontiguousarray(fast[:, row]), np.ascontiguousarray(mesa[:, row])
        if one.tobytes() != other.tobytes():
            return f"series {name}{_difference(one, other)}"
    return None


def _difference(one: NDArray[Any], other: NDArray[Any]) -> str:
    element = tuple(np.argwhere(one.view(np.int64) != other.view(np.int64))[0].tolist())
    return f"{list(element)} is {one[element]!r} in the fast engine and {other[element]!r} in the Mesa engine"


def alone(setup: Setup, seed: int) -> Crisis:
    """Return the crisis of one seed, built by itself."""
    return build_crisis(setup.country, setup.land, setup.scenario, [seed])
