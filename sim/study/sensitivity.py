"""What matters: how much each uncertainty moves the outcome, or decides between two arms. The sums are SALib's.

A method is used on the design it was made for, and refused on another. What chance between crises adds is measured
first: where it dominates, indices say little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.errors import InputError
from sim.study.declared import Design, DesignKind
from sim.study.designs import problem

Floats = npt.NDArray[np.float64]
Method = Literal["morris", "sobol", "pawn"]
FITS: dict[Method, tuple[DesignKind, ...]] = {
    "morris": ("morris",),
    "sobol": ("saltelli",),
    "pawn": ("latin_hypercube", "sobol_sequence", "saltelli"),
}
NOISE_MATTERS, NOISE_DOMINATES = 0.1, 0.5
PAWN_SLICES = 10
PAWN_POINTS = 60  # below, slices hold too few points to tell distributions apart


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What matters, for one quantity.

    Parameters
    ----------
    method
        How it was judged.
    table
        One row an uncertainty: `index` (Morris: mean absolute effect; Sobol: total share of variance; PAWN: median
        distance between distributions) with low and high, and the method's other numbers.
    noise
        Share of the variance between points that is chance between crises, not the uncertainties.
    """

    method: Method
    table: pd.DataFrame
    noise: float

    @property
    def warning(self) -> str:
        """What must be said about chance; nothing if it is small."""
        if np.isnan(self.noise) or self.noise < NOISE_MATTERS:
            return ""
        much = "dominates" if self.noise >= NOISE_DOMINATES else "matters"
        return (
            f"Chance between crises {much}: it makes {self.noise:.0%} of the variance between points. "
            "More replicates would make these numbers surer."
        )


def fitting(kind: DesignKind) -> Method | None:
    """Return the method that a design was made for; None if there is none."""
    return next((method for method, kinds in FITS.items() if kind in kinds), None)


def check_fits_design(method: Method, kind: DesignKind) -> None:
    """Refuse a method on a design that it does not fit.

    Raises
    ------
    InputError
        With the design to use instead.
    """
    if kind in FITS[method]:
        return
    other = fitting(kind)
    instead = f", or ask for {other}, which fits this one" if other else ""
    raise InputError(
        f"an analysis by {method} does not fit a design of the kind {kind}.",
        f"Use design.kind = {' or '.join(repr(each) for each in FITS[method])}{instead}.",
        key="design.kind",
    )


def noise_share(values: npt.ArrayLike) -> float:
    """Return the share of the variance between points that is chance between crises.

    All points meet the same crises, so what a crisis does to every point alike is no noise between them: it is taken
    out before (two-way analysis of variance).

    Parameters
    ----------
    values
        Shape (points, seeds).
    """
    block = np.asarray(values, dtype=float)
    points, seeds = block.shape
    if points < 2 or seeds < 2:
        return float("nan")
    rows, columns = block.mean(axis=1, keepdims=True), block.mean(axis=0, keepdims=True)
    left = block - rows - columns + block.mean()
    noise = float((left**2).sum()) / ((points - 1) * (seeds - 1)) / seeds
    between = float(rows.var(ddof=1))
    return min(1.0, noise / between) if between > 0.0 else 1.0 if noise > 0.0 else float("nan")


def sensitivity(
    method: Method, design: Design, names: Sequence[str], cube: npt.ArrayLike, values: npt.ArrayLike, seed: int = 1
) -> Sensitivity:
    """Return how much each uncertainty matters for one quantity.

    Parameters
    ----------
    method
        Which.
    design
        The design that the points come from.
    names
        The uncertainties.
    cube
        Shape (points, uncertainties): the design's shares in [0, 1].
    values
        Shape (points, seeds): the quantity.
    seed
        Of the intervals' resampling.

    Raises
    ------
    InputError
        If the method does not fit the design, a run is missing, or points are too few.
    """
    check_fits_design(method, design.kind)
    block = np.asarray(values, dtype=float)
    if not np.isfinite(block).all():
        remedy = "Choose an outcome that is always defined, and see meshgov study failed."
        raise InputError("some runs of the design failed or left the outcome undefined.", remedy)
    points, mean = np.asarray(cube, dtype=float), block.mean(axis=1)
    table = ANALYSES[method](design, names, points, mean, seed % (1 << 32))
    return Sensitivity(method, table, noise_share(block))


def _morris(design: Design, names: Sequence[str], cube: Floats, mean: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze.morris import analyze  # noqa: PLC0415 - it takes a while to import

    found = analyze(problem(len(names), names), cube, mean, num_levels=design.levels, seed=seed)
    star, half = np.asarray(found["mu_star"], dtype=float), np.asarray(found["mu_star_conf"], dtype=float)
    return _table(names, star, half, mean_effect=found["mu"], sd_of_effect=found["sigma"])


def _sobol(design: Design, names: Sequence[str], _cube: Floats, mean: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze.sobol import analyze  # noqa: PLC0415 - it takes a while to import

    if mean.std() == 0.0:
        return _table(names, np.full(len(names), np.nan), np.full(len(names), np.nan))
    found = analyze(
        problem(len(names), names), (mean - mean.mean()) / mean.std(), calc_second_order=design.second_order, seed=seed
    )
    total, half = np.asarray(found["ST"], dtype=float), np.asarray(found["ST_conf"], dtype=float)
    first, first_half = np.asarray(found["S1"], dtype=float), np.asarray(found["S1_conf"], dtype=float)
    return _table(names, total, half, first_order=first, first_low=first - first_half, first_high=first + first_half)


def _pawn(_design: Design, names: Sequence[str], cube: Floats, mean: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze.pawn import analyze  # noqa: PLC0415 - it takes a while to import

    if len(mean) < PAWN_POINTS:
        problem_ = f"{len(mean)} points are too few for PAWN."
        raise InputError(problem_, f"Use at least {PAWN_POINTS}; 256 are better.", key="design.points")
    found = analyze(problem(len(names), names), cube, mean, S=PAWN_SLICES, seed=seed)
    middle, low, high = (np.asarray(found[each], dtype=float) for each in ("median", "minimum", "maximum"))
    return pd.DataFrame({"uncertainty": list(names), "index": middle, "low": low, "high": high})


def _table(names: Sequence[str], index: Floats, half: Floats, **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"uncertainty": list(names), "index": index, "low": index - half, "high": index + half, **more})


ANALYSES: dict[Method, Callable[[Design, Sequence[str], Floats, Floats, int], pd.DataFrame]] = {
    "morris": _morris,
    "sobol": _sobol,
    "pawn": _pawn,
}
