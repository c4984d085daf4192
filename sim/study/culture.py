"""Culture against structure: what of a difference is how a structure governs, and what the culture that it carries.

Culture is a condition of the scenario, equal for all, and so a comparison runs every structure in it. Where a structure
carries a culture, it and the baseline are run in that culture besides: two by two, over the same crises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES, Outcome
from sim.study.cells import Cells
from sim.study.statistics import Difference, paired_difference

Floats = npt.NDArray[np.float64]

EFFECTS = {
    "structure": "its own structure, in the common culture",
    "culture": "the baseline, in the culture that is carried",
    "interaction": "what the structure gains by that culture more than the baseline does",
    "together": "its own structure in the culture that is carried, against the baseline in the common one",
}
APART = {"name", "title", "description", "sources", "culture"}  # what two arms of one structure may differ in
COLUMNS = [
    "culture_of",
    "structure",
    "outcome",
    "title",
    "unit",
    "better",
    "effect",
    "difference",
    "low",
    "high",
    "pairs",
]


class Square(NamedTuple):
    """A structure and the baseline, in the common culture and in a carried one.

    Parameters
    ----------
    culture_of
        Name of the structure that carries the culture.
    structure
        Name of the structure that is compared with the baseline.
    """

    culture_of: str
    structure: str


def squares(structures: Sequence[Structure], baseline: str) -> list[Square]:
    """Return each carried culture with its structure; the baseline's own with every other structure."""
    others = [each.name for each in structures if each.name != baseline]
    return [
        Square(carrier.name, name)
        for carrier in structures
        if carrier.culture
        for name in (others if carrier.name == baseline else [carrier.name])
    ]


def effects_of(here: Floats, base: Floats, there: Floats, base_there: Floats) -> dict[str, Difference]:
    """Return the effects of structure and of culture, their interaction, and all together.

    Parameters
    ----------
    here, base
        An outcome of the structure and of the baseline in the common culture: shape (seeds,), the same crises.
    there, base_there
        The same in the culture that is carried.
    """
    return {
        "structure": paired_difference(here, base),
        "culture": paired_difference(base_there, base),
        "interaction": paired_difference(there - here, base_there - base),
        "together": paired_difference(there, base),
    }


def two_by_two(
    runs: pd.DataFrame, abroad: pd.DataFrame, pairs: Sequence[Square], seeds: Sequence[int], baseline: str
) -> pd.DataFrame:
    """Return what is structure and what culture, for each square, outcome and effect.

    Parameters
    ----------
    runs
        One row a run in the common culture: structure, seed, then every outcome; NaN where it failed.
    abroad
        The same in carried cultures, with `culture_of`.
    pairs
        The squares.
    seeds
        The crises.
    baseline
        Name of the structure that the others are compared with.

    Returns
    -------
    DataFrame
        One row for each: culture_of, structure, outcome, title, unit, better, effect (as in `EFFECTS`), difference,
        low, high (ends of the 95% interval, Student's t on the pairs), pairs. Intervals are for one effect at a time.
    """
    rows = [row for square in pairs for row in _rows(runs, abroad, square, seeds, baseline)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    runs: pd.DataFrame, abroad: pd.DataFrame, square: Square, seeds: Sequence[int], baseline: str
) -> Iterator[dict[str, Any]]:
    there = abroad[abroad["culture_of"] == square.culture_of]
    four = [
        frame[frame["structure"] == name].set_index("seed").reindex(list(seeds))
        for frame in (runs, there)
        for name in (square.structure, baseline)
    ]
    for outcome in OUTCOMES.values():
        values = [cell[outcome.name].to_numpy(dtype=float) for cell in four]
        for effect, gap in effects_of(*values).items():
            yield {**square._asdict(), **_about(outcome), "effect": effect, **_numbers(gap)}


def _about(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome.name, "title": outcome.title, "unit": outcome.unit, "better": outcome.better}


def _numbers(gap: Difference) -> dict[str, Any]:
    return {"difference": gap.mean, "low": gap.low, "high": gap.high, "pairs": gap.pairs}


class ArmSquare(NamedTuple):
    """Four arms of a study that are two structures in two cultures; the fields are names of arms.

    Parameters
    ----------
    here, base
        The structure and the baseline in the common culture.
    there, base_there
        The same in the culture that these arms carry.
    """

    here: str
    base: str
    there: str
    base_there: str


def arm_squares(arms: Sequence[Structure]) -> list[ArmSquare]:
    """Return the squares among a study's arms, the baseline first: arms that are alike but for a carried culture."""
    base = arms[0]
    plain = [each for each in arms[1:] if not each.culture]
    carrying = [each for each in arms[1:] if each.culture]
    return [
        ArmSquare(here.name, base.name, there.name, base_there.name)
        for here in plain
        for there in carrying
        for base_there in carrying
        if _alike(here, there) and _alike(base, base_there) and there.culture == base_there.culture
    ]


def _alike(arm: Structure, other: Structure) -> bool:
    """Say whether two arms govern alike, whatever they are called and whatever culture they carry."""
    return arm.model_dump(exclude=APART) == other.model_dump(exclude=APART)


def arms_two_by_two(arms: Sequence[Structure], cells: Sequence[Cells], weights: Floats) -> pd.DataFrame:
    """Return what is structure and what culture over a study's whole space.

    Parameters
    ----------
    arms
        The baseline first.
    cells
        Each judged outcome.
    weights
        How much of the space each cell stands for.

    Returns
    -------
    DataFrame
        As from :func:`two_by_two`; `culture_of` and `structure` name arms. Empty where no four arms are a square.
    """
    rows = []
    for square in arm_squares(arms):
        for each in cells:
            block = each.over_space(weights)
            values = [block[:, each.arms.index(name)] for name in square]
            label = {"culture_of": square.there, "structure": square.here, **_about(OUTCOMES[each.outcome])}
            rows += [{**label, "effect": effect, **_numbers(gap)} for effect, gap in effects_of(*values).items()]
    return pd.DataFrame(rows, columns=COLUMNS)
