"""How much each arm differs from the baseline, in pairs that met the same crisis, and how sure that is.

The interval is Student's t on paired differences (see `sim.study.statistics` for why it is not the percentile
bootstrap); beside it, over the whole space, stands a studentised bootstrap, which does not take differences to be
normal. Where a precision was aimed at, the interval of the main outcome is that of Stein's two stages. Verdicts are
corrected by Holm's method over all comparisons of an outcome: every arm at every point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv

from sim.streams import Purpose, derived_seed
from sim.study.cells import Cells, Floats
from sim.study.precision import fixed_width
from sim.study.statistics import (
    CONFIDENCE,
    Difference,
    holm,
    paired_difference,
    verdict,
    without_rounding,
)

RESAMPLES = 2000
WHOLE_SPACE = -1  # stands for "all points" where a point's number stands
EQUAL_CONFIDENCE = 0.90  # two one-sided tests at 5%
COLUMNS = [
    "outcome", "scenario", "point", "arm", "mean", "baseline", "difference", "low", "high", "interval", "boot_low",
    "boot_high", "p_value", "pairs", "undefined", "verdict", "chance_better", "chance_low", "chance_high", "equivalent",
    "pairing_gain",
]  # fmt: skip
BY_T, BY_TWO_STAGES = "Student's t", "two stages"


@dataclass(frozen=True)
class Chance:
    """How often one arm is better than another in a crisis.

    Parameters
    ----------
    share
        Of pairs in which it is strictly better.
    low, high
        Exact 95% interval (Clopper and Pearson 1934).
    """

    share: float
    low: float
    high: float


def chance_of_better(cost: npt.ArrayLike, baseline: npt.ArrayLike, confidence: float = CONFIDENCE) -> Chance:
    """Return how often an arm costs less than the baseline.

    Parameters
    ----------
    cost, baseline
        Shape (pairs,): lower is better; pairs with NaN are left out.
    confidence
        Of the interval.
    """
    ours, theirs = np.asarray(cost, dtype=float), np.asarray(baseline, dtype=float)
    defined = np.isfinite(ours) & np.isfinite(theirs)
    gaps = without_rounding(ours[defined], theirs[defined])
    pairs, wins = int(gaps.size), int((gaps < 0.0).sum())
    if not pairs:
        return Chance(nan, nan, nan)
    tail = (1.0 - confidence) / 2
    low = float(betaincinv(wins, pairs - wins + 1, tail)) if wins else 0.0
    high = float(betaincinv(wins + 1, pairs - wins, 1.0 - tail)) if wins < pairs else 1.0
    return Chance(wins / pairs, low, high)


def bootstrap_interval(
    values: npt.ArrayLike, baseline: npt.ArrayLike, seed: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the studentised bootstrap interval of the mean paired difference (Efron and Tibshirani 1993, chapter 12).

    Parameters
    ----------
    values, baseline
        Shape (pairs,); pairs with NaN are left out.
    seed
        Of the resampling.
    confidence
        Of the interval.
    """
    gaps = np.asarray(values, dtype=float) - np.asarray(baseline, dtype=float)
    gaps = gaps[np.isfinite(gaps)]
    if gaps.size < 2 or gaps.std() == 0.0:
        return (float(gaps.mean()),) * 2 if gaps.size else (nan, nan)
    drawn = gaps[
        np.random.default_rng(derived_seed(seed, Purpose.BOOTSTRAP, 0)).integers(0, gaps.size, (RESAMPLES, gaps.size))
    ]
    error, spread = gaps.std(ddof=1), drawn.std(axis=1, ddof=1)
    varied = spread > 0.0
    ratio = (drawn.mean(axis=1)[varied] - gaps.mean()) / spread[varied]
    low, high = np.quantile(ratio, [0.5 + confidence / 2, 0.5 - confidence / 2])
    return float(gaps.mean() - low * error), float(gaps.mean() - high * error)


def is_equivalent(values: npt.ArrayLike, baseline: npt.ArrayLike, margin: float) -> bool:
    """Return whether two arms are shown to differ by less than a margin: two one-sided tests at 5% (Schuirmann 1987).

    Parameters
    ----------
    values, baseline
        Shape (pairs,).
    margin
        In the outcome's unit.
    """
    found = paired_difference(values, baseline, EQUAL_CONFIDENCE)
    return not isnan(found.low) and -margin <= found.low and found.high <= margin


def pairing_gain(values: npt.ArrayLike, baseline: npt.ArrayLike) -> float:
    """Return how many times fewer crises pairing needs: the variance without pairs over that of paired differences.

    NaN if there are fewer than two pairs; infinite if pairs differ by the same amount in every crisis.
    """
    ours, theirs = np.asarray(values, dtype=float), np.asarray(baseline, dtype=float)
    both = np.isfinite(ours) & np.isfinite(theirs)
    if both.sum() < 2:
        return nan
    apart = ours[both].var(ddof=1) + theirs[both].var(ddof=1)
    paired = (ours[both] - theirs[both]).var(ddof=1)
    if paired > 0.0:
        return float(apart / paired)
    return float("inf") if apart > 0.0 else nan


def paired_effects(
    cells: Cells,
    equivalence: float = 0.05,
    seed: int = 1,
    weights: Floats | None = None,
    first_stage: int | None = None,
) -> pd.DataFrame:
    """Return every arm's difference from the baseline, over the whole space and at each of its points.

    Parameters
    ----------
    cells
        One outcome.
    equivalence
        Margin of equivalence, as a share of the baseline's mean.
    seed
        Of the bootstrap.
    weights
        Of the cells in the mean over the space; None means all alike.
    first_stage
        Crises of the first stage, where a precision was aimed at: then intervals are those of two stages.

    Returns
    -------
    DataFrame
        Rows: for each scenario and for all together ("all") the whole space (point -1), then each point; in each, every
        arm but the baseline. Columns: outcome, scenario, point, arm, mean, baseline, difference, low, high, interval,
        boot_low, boot_high (whole space only), p_value, pairs, undefined, verdict, chance_better, chance_low,
        chance_high, equivalent, pairing_gain.
    """
    rows = list(_space_rows(cells, equivalence, seed, weights))
    rows += list(_point_rows(cells, equivalence, first_stage))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for whole in (True, False):  # one family for the whole space, one for its points
        family = (frame["point"] == WHOLE_SPACE) == whole
        frame.loc[family, "verdict"] = _verdicts(frame[family], cells.better)
    return frame


def _space_rows(cells: Cells, equivalence: float, seed: int, weights: Floats | None) -> Iterator[dict[str, object]]:
    names = list(dict.fromkeys(cells.labels["scenario"]))
    groups = {"all": np.ones(len(cells.labels), dtype=bool)} if len(names) > 1 else {}
    groups |= {name: (cells.labels["scenario"] == name).to_numpy() for name in names}
    for name, inside in groups.items():
        part = Cells(cells.outcome, cells.better, cells.labels[inside], cells.seeds, cells.arms, cells.block[inside])
        block = part.over_space(None if weights is None else weights[inside])
        for arm in range(1, len(cells.arms)):
            low, high = bootstrap_interval(block[:, arm], block[:, 0], seed)
            row = _row(cells, name, WHOLE_SPACE, arm, block, equivalence, None)
            yield {**row, "boot_low": low, "boot_high": high}


def _point_rows(cells: Cells, equivalence: float, first_stage: int | None) -> Iterator[dict[str, object]]:
    for scenario, point, block in zip(cells.labels["scenario"], cells.labels["point"], cells.block, strict=True):
        for arm in range(1, len(cells.arms)):
            yield {
                **_row(cells, scenario, int(point), arm, block, equivalence, first_stage),
                "boot_low": nan,
                "boot_high": nan,
            }


def _row(
    cells: Cells, scenario: str, point: int, arm: int, block: Floats, equivalence: float, first_stage: int | None
) -> dict[str, object]:
    """Return one comparison; `block` has shape (seeds, arms)."""
    ours, theirs = block[:, arm], block[:, 0]
    both = np.isfinite(ours) & np.isfinite(theirs)
    base = float(theirs[both].mean()) if both.any() else nan
    gap, sign = paired_difference(ours, theirs), 1.0 if cells.better == "lower" else -1.0
    chance = chance_of_better(sign * ours, sign * theirs)
    low, high, how = _interval(gap, ours - theirs, first_stage)
    return {
        "outcome": cells.outcome,
        "scenario": scenario,
        "point": point,
        "arm": cells.arms[arm],
        "mean": base + gap.mean,
        "baseline": base,
        "difference": gap.mean,
        "low": low,
        "high": high,
        "interval": how,
        "p_value": gap.p_value,
        "pairs": gap.pairs,
        "undefined": gap.undefined,
        "verdict": "",
        "chance_better": chance.share,
        "chance_low": chance.low,
        "chance_high": chance.high,
        "equivalent": is_equivalent(ours, theirs, equivalence * abs(base)) if both.sum() > 1 else False,
        "pairing_gain": pairing_gain(ours, theirs),
    }


def _interval(gap: Difference, gaps: Floats, first_stage: int | None) -> tuple[float, float, str]:
    if first_stage is None:
        return gap.low, gap.high, BY_T
    found = fixed_width(gaps, first_stage)
    return found.low, found.high, BY_TWO_STAGES


def _verdicts(rows: pd.DataFrame, better: str) -> list[str]:
    """Return verdicts that hold for all of these comparisons at once."""
    judged = [nan if undefined else p for p, undefined in zip(rows["p_value"], rows["undefined"], strict=True)]
    good = -1.0 if better == "lower" else 1.0
    gains = rows["difference"] * good
    return [str(verdict(gain, p, falls)) for gain, p, falls in zip(gains, judged, holm(judged), strict=True)]
