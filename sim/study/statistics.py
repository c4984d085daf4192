"""Paired differences against a baseline: intervals, and verdicts in plain words.

Under one seed all structures meet the same crisis, so runs are compared in pairs. The method:

- The interval is Student's t on the paired differences, at 95%, for that one comparison. A percentile bootstrap was
  tried and turned down: with 16 badly skewed (exponential) differences it holds the truth less often than t does
  (89% of the time against 91%), and neither reaches 95%.
- The verdict on one outcome holds for all structures at once: p values of the structures are taken together by Holm's
  method, so that a false "better" or "worse" anywhere in the outcome's row has at most a 5% chance. So an interval
  may leave out zero and the verdict still be "no clear difference". Outcomes are not corrected for each other: of
  twenty outcomes that do not differ, expect one row with a false verdict.
- An outcome that is undefined in some pairs (it never recovered, say) has its interval from the other pairs, is
  counted, and is not judged: the pairs that are left are a choice that the outcome itself made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

CONFIDENCE = 0.95
ROUNDING = 1e-9  # a difference below this share of what is compared is arithmetic, and counts as none

METHOD = (
    "Runs are compared in pairs that met the same crisis. Intervals are 95%, Student's t on the paired differences, "
    "for one comparison at a time. Verdicts are stricter: within one outcome they hold for all structures at once "
    "(Holm's method, 5%), so an interval can leave out zero where the verdict is “no clear difference”. Outcomes are "
    "not corrected for each other: of twenty that do not differ, expect about one false verdict."
)


class Verdict(StrEnum):
    """What may be said of a structure beside the baseline."""

    BASELINE = "baseline"
    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "no clear difference"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Difference:
    """The mean of paired differences and what is known about it.

    Parameters
    ----------
    mean
        Mean difference over the pairs in which both are defined; NaN if there is none.
    low, high
        Ends of the 95% interval; NaN with fewer than two such pairs.
    p_value
        Two-sided, of no difference; NaN with fewer than two such pairs.
    pairs
        Pairs in which both are defined.
    undefined
        Pairs in which one or both are not.
    """

    mean: float
    low: float
    high: float
    p_value: float
    pairs: int
    undefined: int


def paired_difference(values: npt.ArrayLike, baseline: npt.ArrayLike, confidence: float = CONFIDENCE) -> Difference:
    """Return the mean paired difference with its interval.

    Parameters
    ----------
    values, baseline
        Shape (pairs,): one outcome under each, pair by pair; NaN where it is undefined.
    confidence
        Share of such intervals that hold the true mean.
    """
    ours, theirs = np.asarray(values, dtype=float), np.asarray(baseline, dtype=float)
    defined = np.isfinite(ours) & np.isfinite(theirs)
    gaps = without_rounding(ours[defined], theirs[defined])
    pairs = int(gaps.size)
    undefined = int(defined.size) - pairs
    if pairs < 2:
        return Difference(float(gaps[0]) if pairs else nan, nan, nan, nan, pairs, undefined)
    mean, error = float(gaps.mean()), float(gaps.std(ddof=1)) / sqrt(pairs)
    if error == 0.0:
        return Difference(mean, mean, mean, 1.0 if mean == 0.0 else 0.0, pairs, undefined)
    half = float(stdtrit(pairs - 1, 0.5 + confidence / 2)) * error
    p_value = 2.0 * float(stdtr(pairs - 1, -abs(mean) / error))
    return Difference(mean, mean - half, mean + half, p_value, pairs, undefined)


def without_rounding(values: npt.NDArray[np.float64], baseline: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return values less baseline, with 0 where they differ by rounding only."""
    gaps = values - baseline
    gaps[np.abs(gaps) <= ROUNDING * np.maximum(np.abs(values), np.abs(baseline))] = 0.0
    return gaps


def holm(p_values: Sequence[float], level: float = 1.0 - CONFIDENCE) -> list[bool]:
    """Return which hypotheses of no difference fall, with at most `level` chance of any false one (Holm 1979).

    Parameters
    ----------
    p_values
        One for each hypothesis; NaN is no hypothesis, and never falls.
    level
        Chance of one or more false rejections.
    """
    order = sorted((p, index) for index, p in enumerate(p_values) if not isnan(p))
    falls = [False] * len(p_values)
    for rank, (p, index) in enumerate(order):
        if p > level / (len(order) - rank):
            break
        falls[index] = True
    return falls


def verdicts(differences: Sequence[Difference], better: Literal["lower", "higher"]) -> list[Verdict]:
    """Return the verdict on each structure for one outcome.

    Parameters
    ----------
    differences
        One for each structure but the baseline.
    better
        Which direction is better.
    """
    judged = [nan if each.undefined else each.p_value for each in differences]
    good = -1.0 if better == "lower" else 1.0
    return [
        verdict(each.mean * good, p, falls) for each, p, falls in zip(differences, judged, holm(judged), strict=True)
    ]


def verdict(gain: float, p_value: float, clear: bool) -> Verdict:
    """Return the verdict on one structure.

    Parameters
    ----------
    gain
        Difference from the baseline; above zero is good.
    p_value
        NaN if it is not to be judged.
    clear
        Whether the difference is clear.
    """
    if isnan(p_value):
        return Verdict.UNJUDGED
    if not clear:
        return Verdict.UNCLEAR
    return Verdict.BETTER if gain > 0.0 else Verdict.WORSE
