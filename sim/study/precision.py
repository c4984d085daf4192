"""When to stop: as many crises as make the interval of a paired difference narrow enough, with coverage that holds.

Stein's two stages (1945). The spread is judged once, from the first stage; it decides how many crises there are in
all; and the interval at the end uses that first spread and its degrees of freedom. Then the interval holds the truth as
often as it says, for normal differences exactly. Looking after every run and stopping when the interval happens to be
narrow does not: it stops where the spread is by chance too small (see `tests/study/test_precision.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, isfinite, nan, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from sim.study.statistics import CONFIDENCE


@dataclass(frozen=True)
class FixedWidth:
    """An interval of a wanted half-width.

    Parameters
    ----------
    mean, low, high
        The mean difference over all pairs, and its interval.
    half_width
        Half of the interval's width.
    pairs
        Pairs in all.
    """

    mean: float
    low: float
    high: float
    half_width: float
    pairs: int


def pairs_needed(first: npt.ArrayLike, half_width: float, confidence: float = CONFIDENCE) -> int:
    """Return how many pairs an interval of this half-width needs, judged from a first stage (Stein 1945).

    Parameters
    ----------
    first
        Shape (pairs,): paired differences of the first stage; NaN ones are left out.
    half_width
        Wanted, in the outcome's unit; above 0.
    confidence
        Of the interval.
    """
    gaps = _finite(first)
    if gaps.size < 2:
        return int(gaps.size)
    quantile = float(stdtrit(gaps.size - 1, 0.5 + confidence / 2))
    return max(int(gaps.size), ceil((quantile * float(gaps.std(ddof=1)) / half_width) ** 2))


def fixed_width(gaps: npt.ArrayLike, first: int, confidence: float = CONFIDENCE) -> FixedWidth:
    """Return the interval after two stages: its width from the first stage's spread, its middle from all pairs.

    Parameters
    ----------
    gaps
        Shape (pairs,): all paired differences, those of the first stage first.
    first
        Pairs of the first stage.
    confidence
        Share of such intervals that hold the truth.
    """
    every, stage = _finite(gaps), _finite(np.asarray(gaps, dtype=float)[:first])
    if stage.size < 2:
        return FixedWidth(float(every.mean()) if every.size else nan, nan, nan, nan, int(every.size))
    half = float(stdtrit(stage.size - 1, 0.5 + confidence / 2)) * float(stage.std(ddof=1)) / sqrt(every.size)
    mean = float(every.mean())
    return FixedWidth(mean, mean - half, mean + half, half, int(every.size))


def replicates_in_all(
    first_stages: Iterable[npt.ArrayLike], half_width: float, count: int, most: int, step: int
) -> int:
    """Return how many crises a study needs so that every comparison is narrow enough.

    Parameters
    ----------
    first_stages
        For each comparison, the paired differences of the first stage.
    half_width
        Wanted of every one.
    count, most
        Crises of the first stage, and at most.
    step
        Crises are added in steps of so many.
    """
    needed = max((pairs_needed(gaps, half_width) for gaps in first_stages), default=count)
    more = max(0, min(needed, most) - count)
    return min(count + -(-more // step) * step, max(most, count))


def _finite(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    return np.array([each for each in array if isfinite(each)])
