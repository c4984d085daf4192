"""Where it flips: which arm is best where in the declared space, and where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.interpolate import LinearNDInterpolator, RegularGridInterpolator
from scipy.special import ndtri, stdtr

from sim.errors import InputError
from sim.study.cells import Cells, Floats
from sim.study.declared import DesignKind, Uncertainty
from sim.study.designs import FILLING, levels
from sim.study.statistics import CONFIDENCE, holm, paired_difference

MAP_STEPS = 61
LINE_STEPS = 401
THIRDS = ("low", "middle", "high")


@dataclass(frozen=True)
class Best:
    """The best arm of one cell.

    Parameters
    ----------
    arm
        Its number; -1 where nothing is known.
    clear
        Whether it is better than every other, all comparisons taken together.
    may_be
        For each arm, whether it may be the best: it is, or is not shown to be worse.
    """

    arm: int
    clear: bool
    may_be: tuple[bool, ...]


def best_of(cost: npt.ArrayLike) -> Best:
    """Return which arm costs least.

    Parameters
    ----------
    cost
        Shape (seeds, arms): lower is better; crises in which an arm is undefined are left out.
    """
    block = np.asarray(cost, dtype=float)
    block = block[np.isfinite(block).all(axis=1)]
    arms = block.shape[1]
    if not len(block):
        return Best(-1, False, (True,) * arms)
    first = int(np.argmin(block.mean(axis=0)))
    others = [arm for arm in range(arms) if arm != first]
    falls = holm([paired_difference(block[:, arm], block[:, first]).p_value for arm in others])
    worse = dict(zip(others, falls, strict=True))
    return Best(first, bool(others) and all(falls), tuple(not worse.get(arm, False) for arm in range(arms)))


def best_by_cell(cells: Cells) -> pd.DataFrame:
    """Return the best arm of each cell: its labels, then best, clear, and one column an arm: may be the best."""
    found = [best_of(block) for block in cells.cost]
    frame = cells.labels.copy()
    frame["best"] = [cells.arms[each.arm] if each.arm >= 0 else "" for each in found]
    frame["clear"] = [each.clear for each in found]
    for place, arm in enumerate(cells.arms):
        frame[f"may_be_{arm}"] = [each.may_be[place] for each in found]
    return frame


def cell_weights(kind: DesignKind, axes: Sequence[Uncertainty], cube: Floats, scenarios: int = 1) -> Floats:
    """Return how much of the declared space each cell stands for; scenarios count alike.

    Parameters
    ----------
    kind
        The design.
    axes
        The uncertainties.
    cube
        Shape (points, uncertainties): shares in [0, 1].
    scenarios
        How many there are: cells are points within scenarios.
    """
    weight = np.ones(len(cube))
    if kind == "factorial":
        for place, axis in enumerate(axes):
            at_end = np.isin(cube[:, place], levels(axis)[[0, -1]]) & (not axis.values)
            weight *= np.where(at_end, 0.5, 1.0)  # a step at the end of a range has a neighbour on one side only
    return np.tile(weight / weight.sum(), scenarios) / scenarios


def shares(best: pd.DataFrame, arms: Sequence[str], kind: DesignKind, weights: npt.ArrayLike) -> pd.DataFrame:
    """Return the share of the declared space where each arm is best, clearly best, and may be the best.

    Parameters
    ----------
    best
        As from `best_by_cell`.
    arms
        Names.
    kind
        The design; one that does not fill the space has no shares.
    weights
        As from `cell_weights`.

    Returns
    -------
    DataFrame
        One row an arm: best, clear, may_be; low and high, the 95% interval of `best` where points are drawn by chance
        (Wilson 1927; NaN for a grid).

    Raises
    ------
    InputError
        If the design does not fill the space.
    """
    if kind not in FILLING:
        raise InputError(
            f"a design of the kind {kind} does not fill the declared space, so it has no shares of it.",
            f"Use one of: {', '.join(FILLING)}.",
            key="design.kind",
        )
    w = np.asarray(weights, dtype=float)
    rows = []
    for arm in arms:
        wins = (best["best"] == arm).to_numpy()
        share = float((w * wins).sum())
        low, high = (nan, nan) if kind == "factorial" else wilson(int(wins.sum()), len(wins))
        clear, may = float((w * (wins & best["clear"])).sum()), float((w * best[f"may_be_{arm}"]).sum())
        rows.append({"arm": arm, "best": share, "low": low, "high": high, "clear": clear, "may_be": may})
    return pd.DataFrame(rows)


def wilson(hits: int, tries: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    z, share = float(ndtri(0.5 + confidence / 2)), hits / tries
    middle, half = share + z * z / (2 * tries), z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return max(0.0, (middle - half) / (1 + z * z / tries)), min(1.0, (middle + half) / (1 + z * z / tries))


def by_thirds(best: pd.DataFrame, arms: Sequence[str], names: Sequence[str], cube: Floats) -> pd.DataFrame:
    """Return, for each uncertainty, how often each arm is best in its low, middle and high third.

    Parameters
    ----------
    best, arms
        As for `shares`.
    names
        The uncertainties.
    cube
        Shape (points, uncertainties): shares in [0, 1].
    """
    tiled, rows = np.tile(cube, (len(best) // len(cube), 1)), []
    for place, name in enumerate(names):
        third = np.minimum((tiled[:, place] * 3).astype(int), 2)
        for number, label in enumerate(THIRDS):
            inside = best[third == number]
            told = {arm: float((inside["best"] == arm).mean()) if len(inside) else nan for arm in arms}
            rows.append({"uncertainty": name, "third": label, "points": len(inside), **told})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Crossing:
    """Where two arms change places along one uncertainty.

    Parameters
    ----------
    at
        Where their means cross.
    low, high
        The band in which neither is shown to be better; as wide as what was tried, if need be.
    before, after
        Numbers of the arms that are better below and above.
    """

    at: float
    low: float
    high: float
    before: int
    after: int


def crossings(x: npt.ArrayLike, cost: npt.ArrayLike, pair: tuple[int, int]) -> list[Crossing]:
    """Return where two arms change places along one uncertainty, each with its band.

    Between steps every crisis is interpolated in a straight line. The band holds every value at which the 95% interval
    of the paired difference leaves zero in.

    Parameters
    ----------
    x
        Shape (points,): the uncertainty's values, rising.
    cost
        Shape (points, seeds, arms): lower is better.
    pair
        Numbers of the two arms.
    """
    at = np.asarray(x, dtype=float)
    block = np.asarray(cost, dtype=float)[:, :, list(pair)]
    gaps = block[:, :, 1] - block[:, :, 0]
    gaps = gaps[:, np.isfinite(gaps).all(axis=0)]
    if gaps.shape[1] < 2 or len(at) < 2:
        return []
    fine = np.linspace(at[0], at[-1], LINE_STEPS)
    drawn = np.array([np.interp(fine, at, crisis) for crisis in gaps.T])
    found = [paired_difference(column, np.zeros(len(column))) for column in drawn.T]
    mean = np.array([each.mean for each in found])
    unsure = np.array([each.low <= 0.0 <= each.high for each in found])
    return [
        _crossing(fine, mean, unsure, int(place), pair)
        for place in np.flatnonzero((mean[:-1] > 0.0) != (mean[1:] > 0.0))
    ]


def _crossing(fine: Floats, mean: Floats, unsure: npt.NDArray[np.bool_], place: int, pair: tuple[int, int]) -> Crossing:
    """Return the crossing between a fine step and the next."""
    first, last = place, place + 1
    while first > 0 and unsure[first]:
        first -= 1
    while last < len(fine) - 1 and unsure[last]:
        last += 1
    step = mean[place] / (mean[place] - mean[place + 1])
    order = pair if mean[place] > 0.0 else pair[::-1]
    at = float(fine[place] + step * (fine[place + 1] - fine[place]))
    return Crossing(at, float(fine[first]), float(fine[last]), order[0], order[1])


@dataclass(frozen=True, eq=False)
class FlipMap:
    """Which arm is best over two uncertainties.

    Parameters
    ----------
    names
        The two uncertainties.
    x, y
        Their values: shape (steps,) each.
    best
        Shape (y steps, x steps): the best arm's number; -1 outside of what was tried.
    clear
        The same shape: whether it is better than every other; where it is not lies the uncertain band.
    """

    names: tuple[str, str]
    x: Floats
    y: Floats
    best: npt.NDArray[np.int64]
    clear: npt.NDArray[np.bool_]

    def shares(self, arms: int) -> tuple[list[float], float]:
        """Return the share of the map where each arm is clearly best, and the share of the uncertain band."""
        inside = self.best >= 0
        count = max(1, int(inside.sum()))
        clear = [float(((self.best == arm) & self.clear).sum()) / count for arm in range(arms)]
        return clear, float((inside & ~self.clear).sum()) / count


def flip_map(cells: Cells, names: tuple[str, str], others: int, steps: int = MAP_STEPS) -> FlipMap | None:
    """Return which arm is best over two uncertainties, every crisis interpolated between the points that were run.

    Over a grid, other uncertainties (and scenarios) are averaged. Over scattered points there may be no others.

    Parameters
    ----------
    cells
        One outcome.
    names
        Two columns of `cells.labels` that hold numbers.
    others
        How many uncertainties there are besides these two.
    steps
        Of the map, along each axis.

    Returns
    -------
    FlipMap or None
        None where points are scattered and there are other uncertainties, where they span no area, as fewer than three
        of them or points on one line, or where there are fewer than two values of one.
    """
    at = cells.labels[list(names)].to_numpy(dtype=float)
    xs, ys = np.unique(at[:, 0]), np.unique(at[:, 1])
    if min(len(xs), len(ys)) < 2:
        return None
    x, y = np.linspace(xs[0], xs[-1], steps), np.linspace(ys[0], ys[-1], steps)
    fine = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    drawn = _on_grid(cells, at, xs, ys, fine) if len(xs) * len(ys) <= len(at) else None
    if drawn is None:
        if others or len(set(cells.labels["scenario"])) > 1:
            return None
        drawn = _scattered(cells, at, fine)
        if drawn is None:
            return None
    best, clear = best_of_many(drawn)
    return FlipMap(names, x, y, best.reshape(steps, steps), clear.reshape(steps, steps))


def _scattered(cells: Cells, at: Floats, fine: Floats) -> Floats | None:
    """Return costs at fine points: shape (points, seeds, arms), NaN outside; None if the points span no area."""
    away = (at - at[0]) / np.ptp(at, axis=0)
    if np.linalg.matrix_rank(away, tol=1e-9) < 2:
        return None
    drawn: Floats = LinearNDInterpolator(at, cells.cost)(fine)
    return drawn


def _on_grid(cells: Cells, at: Floats, xs: Floats, ys: Floats, fine: Floats) -> Floats | None:
    """Return costs at fine points: shape (points, seeds, arms); None if the grid has gaps."""
    column, line = np.searchsorted(xs, at[:, 0]), np.searchsorted(ys, at[:, 1])
    total, count = np.zeros((len(xs), len(ys), *cells.cost.shape[1:])), np.zeros((len(xs), len(ys), 1, 1))
    np.add.at(total, (column, line), cells.cost)
    np.add.at(count, (column, line), 1.0)
    if (count == 0.0).any():
        return None
    drawn: Floats = RegularGridInterpolator((xs, ys), total / count)(fine)
    return drawn


def best_of_many(cost: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return `best_of` for many cells at once.

    Parameters
    ----------
    cost
        Shape (cells, seeds, arms): lower is better.

    Returns
    -------
    best, clear
        Shape (cells,) each; best is -1 where nothing is known.
    """
    known = np.asarray(np.isfinite(cost).any(axis=(1, 2)))
    whole = np.flatnonzero(np.isfinite(cost[known]).all(axis=(0, 2)))
    known &= len(whole) > 0
    block = np.where(known[:, None, None], cost[:, whole] if len(whole) else np.zeros_like(cost), 0.0)
    first = np.argmin(block.mean(axis=1), axis=1)
    gaps = block - np.take_along_axis(block, first[:, None, None], axis=2)
    p = _p_values(gaps)
    rank = np.sort(np.where(np.arange(cost.shape[2]) == first[:, None], np.inf, p), axis=1)[:, :-1]
    bar = (1.0 - CONFIDENCE) / np.arange(rank.shape[1], 0, -1)
    clear = known & (rank <= bar).all(axis=1) & (rank.shape[1] > 0)
    return np.where(known, first, -1), clear


def _p_values(gaps: Floats) -> Floats:
    """Return two-sided p values of no mean difference: shape (cells, arms) from (cells, seeds, arms)."""
    pairs = gaps.shape[1]
    if pairs < 2:
        return np.ones((len(gaps), gaps.shape[2]))
    mean, error = gaps.mean(axis=1), gaps.std(axis=1, ddof=1) / sqrt(pairs)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(error > 0.0, -np.abs(mean) / error, np.where(mean == 0.0, 0.0, -np.inf))
    p: Floats = 2.0 * stdtr(pairs - 1, ratio)
    return p
