"""Which arm to choose when nobody knows which case will come: by the worst, by regret, by what is good enough.

A case is a scenario at a point. How sure a choice is, is how often it stays the same when crises are drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.streams import Purpose, derived_seed
from sim.study.cells import Cells, Floats

RESAMPLES = 500
NEAR_THE_BEST = 0.05
RULES = {
    "least_mean": "the best on average",
    "maximin": "the best in its worst case",
    "minimax_regret": "the one with the smallest largest regret",
    "satisficing": "good enough most often",
}


def scores(cost: npt.ArrayLike, good_enough: npt.ArrayLike) -> dict[str, Floats]:
    """Return each rule's score by arm: lower is better.

    Parameters
    ----------
    cost
        Shape (cases, arms): lower is better.
    good_enough
        Shape (cases,): the cost at which a case counts as good enough.
    """
    block = np.asarray(cost, dtype=float)
    enough = np.asarray(good_enough, dtype=float)[:, None]
    return {
        "least_mean": block.mean(axis=0),
        "maximin": block.max(axis=0),
        "minimax_regret": (block - block.min(axis=1, keepdims=True)).max(axis=0),
        "satisficing": -(block <= enough + 1e-12 * np.abs(enough)).mean(axis=0),
    }


def robustness(
    cells: Cells, good_enough: float | None = None, seed: int = 1, near: float = NEAR_THE_BEST
) -> pd.DataFrame:
    """Return each rule's score and choice, and how sure the choice is.

    Parameters
    ----------
    cells
        One outcome over all cases.
    good_enough
        The value that is good enough; None means near the best arm of the same case.
    seed
        Of the resampling of crises.
    near
        How near, as a share of that best value.

    Returns
    -------
    DataFrame
        One row a rule and arm: rule, says, arm, score (mean, worst value, largest regret, share of cases good enough,
        in the outcome's unit), chosen, and sure: the share of resamples in which this arm is chosen.
    """
    block = cells.cost[:, np.isfinite(cells.cost).all(axis=(0, 2))]
    if not block.size:
        return pd.DataFrame(columns=["rule", "says", "arm", "score", "chosen", "sure"])
    sign = 1.0 if cells.better == "lower" else -1.0
    found, sure = _scored(block, good_enough, sign, near), _how_sure(block, good_enough, sign, seed, near)
    rows = []
    for rule, says in RULES.items():
        chosen = _choice(found, rule)
        for place, arm in enumerate(cells.arms):
            shown = _shown(rule, float(found[rule][place]), sign)
            told = {"score": shown, "chosen": place == chosen, "sure": float(sure[rule][place])}
            rows.append({"rule": rule, "says": says, "arm": arm, **told})
    return pd.DataFrame(rows)


def _shown(rule: str, score: float, sign: float) -> float:
    """Return a score in the outcome's own unit and direction."""
    if rule == "satisficing":
        return -score
    return score if rule == "minimax_regret" else sign * score


def _scored(block: Floats, good_enough: float | None, sign: float, near: float) -> dict[str, Floats]:
    mean = block.mean(axis=1)
    best = mean.min(axis=1)
    return scores(mean, best + near * np.abs(best) if good_enough is None else np.full(len(mean), sign * good_enough))


def _choice(found: dict[str, Floats], rule: str) -> int:
    """Return the arm that a rule chooses; where it is open between several, the one that costs least on average."""
    return min(range(len(found[rule])), key=lambda arm: (found[rule][arm], found["least_mean"][arm]))


def _how_sure(block: Floats, good_enough: float | None, sign: float, seed: int, near: float) -> dict[str, Floats]:
    """Return how often each arm is chosen when crises are drawn again."""
    draws = np.random.default_rng(derived_seed(seed, Purpose.BOOTSTRAP, 1))
    chosen = {rule: np.zeros(block.shape[2]) for rule in RULES}
    for _ in range(RESAMPLES):
        drawn = block[:, draws.integers(0, block.shape[1], block.shape[1])]
        found = _scored(drawn, good_enough, sign, near)
        for rule in RULES:
            chosen[rule][_choice(found, rule)] += 1.0 / RESAMPLES
    return chosen


@dataclass(frozen=True)
class Stretch:
    """A stretch of exchange rates over which one arm is best.

    Parameters
    ----------
    arm
        Its name.
    low, high
        Ends of the stretch: units of the first outcome that one unit of the second is worth; high may be infinite.
    high_low, high_high
        95% interval of the upper end, crises drawn again; NaN where it is infinite.
    """

    arm: str
    low: float
    high: float
    high_low: float
    high_high: float


def exchange_rates(first: npt.ArrayLike, second: npt.ArrayLike, arms: Sequence[str], seed: int = 1) -> list[Stretch]:
    """Return which arm is best at which exchange rate between two outcomes: cost = first + rate * second.

    Parameters
    ----------
    first, second
        Shape (seeds, arms): two outcomes, lower is better; crises with NaN are left out.
    arms
        Names.
    seed
        Of the resampling of crises.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    whole = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = a[whole], b[whole]
    if not len(a):
        return []
    order, ends = envelope(a.mean(axis=0), b.mean(axis=0))
    bands = _bands(a, b, order, seed)
    starts = [0.0, *ends]
    return [
        Stretch(
            arms[arm],
            starts[place],
            ([*ends, float("inf")])[place],
            *(bands[place] if place < len(ends) else (nan, nan)),
        )
        for place, arm in enumerate(order)
    ]


def envelope(first: Floats, second: Floats) -> tuple[list[int], list[float]]:
    """Return the arms that are best as the rate rises from 0, and the rates at which one gives way to the next.

    Parameters
    ----------
    first, second
        Shape (arms,).
    """
    now = min(range(len(first)), key=lambda arm: (first[arm], second[arm]))
    order, ends = [now], list[float]()
    while True:
        later = [
            ((first[arm] - first[now]) / (second[now] - second[arm]), second[arm], arm)
            for arm in range(len(first))
            if second[arm] < second[now]
        ]
        if not later:
            return order, ends
        rate, _, now = min(later)
        order.append(now)
        ends.append(max(0.0, float(rate)))


def _bands(a: Floats, b: Floats, order: Sequence[int], seed: int) -> list[tuple[float, float]]:
    """Return 95% intervals of the rates at which each arm gives way to the next."""
    draws = np.random.default_rng(derived_seed(seed, Purpose.BOOTSTRAP, 2))
    rates: list[list[float]] = [[] for _ in order[1:]]
    for _ in range(RESAMPLES):
        drawn = draws.integers(0, len(a), len(a))
        x, y = a[drawn].mean(axis=0), b[drawn].mean(axis=0)
        for place, (now, then) in enumerate(pairwise(order)):
            gain = y[now] - y[then]
            rates[place].append(float((x[then] - x[now]) / gain) if gain > 0.0 else float("inf"))
    return [(_quantile(each, 0.025), _quantile(each, 0.975)) for each in rates]


def _quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of values that may be infinite; below zero counts as zero."""
    ordered = sorted(max(0.0, each) for each in values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
