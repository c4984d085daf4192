"""Supplies: how much is ordered, what the market makes of it, and who gets it (phases decide and deliver)."""

from typing import Any

from sim.fast.compiled import rule
from sim.rules.maths import exp, log, power

MOST_ROUNDS = 40  # of sharing out again what some could not use


@rule
def size_of_buyer(share: float, places: int) -> float:
    """Return how large a buyer is, in [0, 1]: 0 is one typical place, 1 the whole country, by the log of its people.

    A buyer of a ninth of 152 places' people is at .56.
    """
    return max(0.0, min(1.0, 1.0 + log(share) / log(float(max(places, 2)))))


@rule
def between(local: float, bulk: float, size: float) -> float:
    """Return what lies between a local buyer's figure and a bulk buyer's, by size."""
    return local + (bulk - local) * size


@rule
def expected_use(use: float, log_sd: float, z: float) -> float:
    """Return a forecast of use: right on average, wrong by a lognormal error."""
    return use * exp(log_sd * z - 0.5 * log_sd * log_sd)


@rule
def cover(log_sd: float, quantile: float) -> float:
    """Return the newsvendor's answer to that error: the stock that suffices with the chance that is wanted.

    ``quantile`` is the standard normal's at shortage cost/(shortage cost + surplus cost).
    """
    return exp(log_sd * quantile)


@rule
def bid_of(order: float, offered: float, share: float, bidding: float, filled: float) -> float:
    """Return what a buyer asks for.

    Up to its share of what the market offers it asks for what it needs. Beyond that, who buys for everybody (share
    1) asks for nothing, which would only raise its own price; the smaller a buyer, the less it minds, and it asks
    for more than it needs if it was left short the last time: shortage gaming (Lee, Padmanabhan and Whang 1997).
    """
    excess = max(0.0, order - share * offered)
    return order - excess + excess * (1.0 - share) * (1.0 + bidding * (1.0 - filled))


@rule
def price_of(ordinary: float, demand: float, supply: float, exponent: float) -> float:
    """Return the market's price: the ordinary one where orders just meet supply."""
    return ordinary * power(demand / supply, exponent) if supply > 0.0 else ordinary


@rule
def share_by_weight(wanted: Any, weight: Any, amount: float, out: Any) -> None:
    """Share an amount among claims, in proportion to claim times weight, and nobody more than it wants.

    What some cannot use is shared again among the others. ``out`` is filled; all are lists (or arrays) of one length.
    """
    count, left, all_wanted = len(wanted), amount, 0.0
    for i in range(count):
        all_wanted += wanted[i]
        out[i] = 0.0
    if all_wanted <= amount:
        for i in range(count):
            out[i] = wanted[i]
        return
    for _ in range(MOST_ROUNDS):
        claims = 0.0
        for i in range(count):
            claims += wanted[i] * weight[i] if out[i] < wanted[i] else 0.0
        if claims <= 0.0 or left <= 0.0:
            return
        given = 0.0
        for i in range(count):
            if out[i] < wanted[i]:
                got = min(wanted[i] - out[i], left * (wanted[i] * weight[i] / claims))
                out[i] += got
                given += got
        left -= given
        if left <= 1e-12 * amount:
            return


@rule
def servable(cases: float, stock: float, use: float) -> float:
    """Return the cases that supplies allow to be served."""
    return min(cases, stock / use) if use > 0.0 else cases


@rule
def perished(stock: float, shelf_days: float) -> float:
    """Return supplies that perish today, out of a stock of mixed age."""
    return stock / shelf_days
