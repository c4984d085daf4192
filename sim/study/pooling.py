"""What a common reserve saves, on the rules by which the model itself shares out (M6).

Eppen (1979): places that keep a reserve each need, for the same chance to be served in full, sqrt(n) times the safety
stock of one reserve in common if their demands are independent, and no more if all are hit at once. Here the reserve is
shared out by the rules of the model: `share_by_weight`, by which supplies go where they are short; `seen_weight` and
`share_of`, by which surge staff follow the need that is seen; and shares fixed by formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.known_answers.kernels import kernel
from sim.rules.resources import seen_weight, share_of
from sim.rules.supply import share_by_weight
from sim.streams import Purpose, normals

Floats = npt.NDArray[np.float64]
MEAN, SD = 100.0, 25.0  # of a place's demand; assumptions that the ratios do not depend on
SERVICE = 0.95  # chance of a place to be served in full
PLACES, CORRELATIONS = (4, 9, 25), (0.0, 0.25, 1.0)
PERIODS, BATCHES = 2000, 16
PEOPLE = 100.0  # thousands in a place
ENOUGH = 1.0 - 1e-9  # of what is wanted: the rest is rounding
STEPS = 40  # of halving
COMMON_KEY = 1 << 40


def pooling_runs(
    batches: int = BATCHES,
    periods: int = PERIODS,
    places: Sequence[int] = PLACES,
    correlations: Sequence[float] = CORRELATIONS,
) -> pd.DataFrame:
    """Return the safety stock that each way of sharing needs: one row a batch of periods.

    Parameters
    ----------
    batches
        How many; each is drawn under a seed of its own, and all ways of sharing meet the same demands.
    periods
        In each.
    places
        Numbers of places.
    correlations
        Between any two demands.

    Returns
    -------
    DataFrame
        arm, places, correlation, seed, and safety_stock: what is kept above mean demand, in units.
    """
    cases = ((seed, n, r) for seed in range(1, batches + 1) for n in places for r in correlations)
    return pd.DataFrame([row for case in cases for row in _rows(*case, periods)])


def _rows(seed: int, n: int, r: float, periods: int) -> Iterator[dict[str, object]]:
    demand = demands(seed, n, r, periods)
    kept = {"apart": _apart(demand), **{name: _together(demand, way) for name, way in WAYS.items()}}
    for arm, stock in kept.items():
        yield {"arm": arm, "places": n, "correlation": r, "seed": seed, "safety_stock": stock - n * MEAN}


def demands(seed: int, n: int, r: float, periods: int) -> Floats:
    """Return demands of n places with the same correlation between any two: shape (periods, places)."""
    keys = np.array([*range(1, n + 1), COMMON_KEY], dtype=np.uint64)
    drawn = normals(seed, keys, 0, 1, Purpose.BOOTSTRAP, periods)[:, 0, :].T
    mixed = np.sqrt(r) * drawn[:, -1:] + np.sqrt(1.0 - r) * drawn[:, :-1]
    drawn_demand: Floats = np.maximum(0.0, MEAN + SD * mixed)
    return drawn_demand


def _apart(demand: Floats) -> float:
    """Return what places keep in all, each for itself."""
    return float(np.quantile(demand, SERVICE, axis=0).sum())


def _together(demand: Floats, way: Callable[[Floats, float], int]) -> float:
    """Return what they keep in common, by halving between nothing and more than enough."""
    low: float = 0.0
    high: float = float(demand.max()) * demand.shape[1]
    wanted = SERVICE * demand.size
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if way(demand, middle) >= wanted else (middle, high)
    return high


@kernel
def served_by_shortage(demand: Floats, reserve: float) -> int:
    """Return how often a place is served in full where a reserve goes to those who are short."""
    count, out, weight = 0, np.zeros(demand.shape[1]), np.ones(demand.shape[1])
    for period in range(demand.shape[0]):
        share_by_weight(demand[period], weight, reserve, out)
        for place in range(demand.shape[1]):
            count += 1 if out[place] >= demand[period, place] * ENOUGH else 0
    return count


@kernel
def served_by_seen_need(demand: Floats, reserve: float) -> int:
    """Return how often a place is served in full where all of a reserve follows the need that is seen."""
    count = 0
    for period in range(demand.shape[0]):
        claims = 0.0
        for place in range(demand.shape[1]):
            claims += seen_weight(1.0, 1.0, demand[period, place], PEOPLE)
        for place in range(demand.shape[1]):
            claim = seen_weight(1.0, 1.0, demand[period, place], PEOPLE)
            count += 1 if reserve * share_of(claim, claims) >= demand[period, place] * ENOUGH else 0
    return count


@kernel
def served_by_formula(demand: Floats, reserve: float) -> int:
    """Return how often a place is served in full where each has a fixed share of a reserve."""
    count, places = 0, demand.shape[1]
    for period in range(demand.shape[0]):
        for place in range(places):
            share = share_of(MEAN, MEAN * places)
            count += 1 if reserve * share >= demand[period, place] * ENOUGH else 0
    return count


WAYS = {
    "by_shortage": served_by_shortage,
    "by_seen_need": served_by_seen_need,
    "by_formula": served_by_formula,
}
