"""Designs: which points of the declared space a study visits.

A design is points of the unit cube, an axis an uncertainty; each uncertainty turns its share into a value by its own
quantile. So every analysis sees the cube that the design was made for, whatever the distributions.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, floor, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from sim.errors import InputError
from sim.streams import Purpose, derived_seed
from sim.study.declared import Design, DesignKind, Uncertainty, Value
from sim.world.places import read_text

Floats = npt.NDArray[np.float64]
FILLING: tuple[DesignKind, ...] = ("factorial", "latin_hypercube", "sobol_sequence", "saltelli")
MOST_POINTS = 1_000_000


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a design.

    Parameters
    ----------
    cube
        Shape (points, uncertainties): shares in [0, 1]; NaN where a table gives values of its own.
    rows
        The values: a row a point, a value an uncertainty.
    """

    cube: Floats
    rows: list[tuple[Value, ...]]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.rows)


def make_points(
    design: Design, uncertainties: dict[str, Uncertainty], whole: Sequence[bool], seed: int, beside: Path | None = None
) -> Points:
    """Return the points of a design.

    Parameters
    ----------
    design
        Which.
    uncertainties
        The axes, by name.
    whole
        For each axis, whether its setting takes whole numbers only.
    seed
        Of the draws that the design makes.
    beside
        The file that a table's path counts from.

    Raises
    ------
    InputError
        If the design has too many points, or a table cannot be read.
    """
    if design.kind == "table":
        return _table_points(design, list(uncertainties), beside)
    axes = list(uncertainties.values())
    _check_size(design, axes)
    cube = MAKERS[design.kind](design, axes, seed) if axes else np.zeros((1, 0))
    rows = [tuple(value_at(axis, share, w) for axis, share, w in zip(axes, row, whole, strict=True)) for row in cube]
    return Points(cube, rows)


def value_at(axis: Uncertainty, share: float, whole: bool = False) -> Value:
    """Return an uncertainty's value below which this share of its distribution lies.

    Parameters
    ----------
    axis
        The uncertainty.
    share
        In [0, 1].
    whole
        Whether to round to the nearest whole number.
    """
    if axis.values:
        return axis.values[min(int(share * len(axis.values)), len(axis.values) - 1)]
    value = _quantile(axis, float(share))
    return floor(value + 0.5) if whole else value


def _quantile(axis: Uncertainty, share: float) -> float:
    low, high = axis.low, axis.high
    assert low is not None  # noqa: S101 - a range has both ends, or is refused when it is read
    assert high is not None  # noqa: S101 - the same
    value = low + share * (high - low)
    if axis.distribution == "log_uniform":
        value = exp(log(low) + share * (log(high) - log(low)))
    elif axis.distribution == "triangular":
        value = _triangular(low, high, axis.peak or 0.0, share)
    elif axis.distribution == "normal":
        value = _normal(low, high, axis.mean or 0.0, axis.sd or 1.0, share)
    return min(max(value, low), high)


def _triangular(low: float, high: float, peak: float, share: float) -> float:
    if share * (high - low) < peak - low:
        return low + sqrt(share * (high - low) * (peak - low))
    return high - sqrt((1.0 - share) * (high - low) * (high - peak))


def _normal(low: float, high: float, mean: float, sd: float, share: float) -> float:
    """Return the quantile of a normal distribution that is cut off at both ends."""
    below, above = float(ndtr((low - mean) / sd)), float(ndtr((high - mean) / sd))
    return mean + sd * float(ndtri(below + share * (above - below)))


# --- the designs -------------------------------------------------------------------------------------------


def _one_point(_design: Design, axes: Sequence[Uncertainty], _seed: int) -> Floats:
    return np.full((1, len(axes)), 0.5)


def levels(axis: Uncertainty) -> Floats:
    """Return the shares at which a grid visits an uncertainty: the middle of each listed value, or even steps."""
    if axis.values:
        return (np.arange(len(axis.values)) + 0.5) / len(axis.values)
    return np.linspace(0.0, 1.0, axis.steps)


def _factorial(_design: Design, axes: Sequence[Uncertainty], _seed: int) -> Floats:
    return np.array(list(product(*(levels(axis) for axis in axes))))


def _latin_hypercube(design: Design, axes: Sequence[Uncertainty], seed: int) -> Floats:
    """Return a Latin hypercube: the numbers of SciPy's, whose import takes a quarter of a finished study's time."""
    draws, shape = np.random.default_rng(seed).spawn(1)[0], (design.points, len(axes))
    within = draws.uniform(size=shape)
    ranks = np.tile(np.arange(1, design.points + 1), (len(axes), 1))
    for row in ranks:
        draws.shuffle(row)
    made: Floats = (ranks.T - within) / design.points
    return made


def _sobol_sequence(design: Design, axes: Sequence[Uncertainty], seed: int) -> Floats:
    from scipy.stats import qmc  # noqa: PLC0415 - it takes a while to import

    made: Floats = qmc.Sobol(len(axes), scramble=True, rng=np.random.default_rng(seed)).random(design.points)
    return made


def _morris(design: Design, axes: Sequence[Uncertainty], seed: int) -> Floats:
    from SALib.sample.morris import sample  # noqa: PLC0415 - it takes a while to import

    made: Floats = sample(problem(len(axes)), design.trajectories, num_levels=design.levels, seed=seed % (1 << 32))
    return made


def _saltelli(design: Design, axes: Sequence[Uncertainty], seed: int) -> Floats:
    from SALib.sample.sobol import sample  # noqa: PLC0415 - it takes a while to import

    made: Floats = sample(
        problem(len(axes)), design.points, calc_second_order=design.second_order, seed=seed % (1 << 32)
    )
    return made


def _one_at_a_time(_design: Design, axes: Sequence[Uncertainty], _seed: int) -> Floats:
    """Return the middle, then each uncertainty's steps with all others in the middle."""
    rows = [np.full(len(axes), 0.5)]
    for place, axis in enumerate(axes):
        rows.extend(np.where(np.arange(len(axes)) == place, share, 0.5) for share in levels(axis))
    return np.array(rows)


MAKERS: dict[DesignKind, Callable[[Design, Sequence[Uncertainty], int], Floats]] = {
    "one_point": _one_point,
    "factorial": _factorial,
    "latin_hypercube": _latin_hypercube,
    "sobol_sequence": _sobol_sequence,
    "morris": _morris,
    "saltelli": _saltelli,
    "one_at_a_time": _one_at_a_time,
}


def problem(count: int, names: Sequence[str] = ()) -> dict[str, Any]:
    """Return the unit cube as SALib wants it told."""
    return {
        "num_vars": count,
        "names": list(names) or [f"x{place}" for place in range(count)],
        "bounds": [[0.0, 1.0]] * count,
    }


def design_seed(seed: int) -> int:
    """Return the seed of a design's own draws, which no run shares."""
    return derived_seed(seed, Purpose.DESIGN, 0)


def size_of(design: Design, axes: Sequence[Uncertainty]) -> int:
    """Return the number of points, before any is made."""
    count, grid = len(axes), [len(axis.values) or axis.steps for axis in axes]
    if not count or design.kind == "one_point":
        return 1
    if design.kind == "factorial":
        return int(np.prod([float(each) for each in grid]))
    if design.kind == "one_at_a_time":
        return 1 + sum(grid)
    per_base = {"morris": count + 1, "saltelli": (2 if design.second_order else 1) * count + 2}
    base = design.trajectories if design.kind == "morris" else design.points
    return base * per_base.get(design.kind, 1)


def _check_size(design: Design, axes: Sequence[Uncertainty]) -> None:
    size = size_of(design, axes)
    if size > MOST_POINTS:
        problem_ = f"the design has {size:,} points."
        raise InputError(problem_, f"Take fewer steps or points: at most {MOST_POINTS:,}.", key="design")


# --- a table of the user's own -----------------------------------------------------------------------------


def _table_points(design: Design, names: Sequence[str], beside: Path | None) -> Points:
    path = Path(design.file) if beside is None else beside.parent / design.file
    rows = list(csv.reader(read_text(path).splitlines()))
    if not rows or sorted(rows[0]) != sorted(names):
        remedy = f"Name each uncertainty once in the first line: {', '.join(names)}."
        raise InputError("the columns are not the uncertainties.", remedy, path, 1)
    order = [rows[0].index(name) for name in names]
    values = [_cells(row, order, path, line) for line, row in enumerate(rows[1:], 2) if row]
    if not values:
        raise InputError("the table has no points.", "Add a line for each point.", path, 2)
    return Points(np.full((len(values), len(names)), np.nan), values)


def _cells(row: Sequence[str], order: Sequence[int], path: Path, line: int) -> tuple[Value, ...]:
    if len(row) != len(order):
        raise InputError(f"the line has {len(row)} cells, not {len(order)}.", "Give one for each column.", path, line)
    return tuple(plain_value(row[place].strip()) for place in order)


def plain_value(text: str) -> Value:
    """Return a number, true or false where the text is one, else the text."""
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
