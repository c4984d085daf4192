"""G8. What pooling saves: stocks, queues and a commons.

Claim
    Pooling n independent demands divides the cost of uncertainty by the root of n, and saves nothing when all are hit
    at once. One queue for ten servers waits far less than ten queues. Users who each mind their own gain from one stock
    use too much of it, the more of them the worse.

Citation
    (a) Eppen, "Effects of Centralization on Expected Costs in a Multi-Location Newsboy Problem", Management Science
    25(5):498-501, 1979. (b) Erlang's formulas for M/M/1 and M/M/c. (c) Gordon, "The Economic Theory of a
    Common-Property Resource", Journal of Political Economy 62:124-142, 1954, with linear average return.

Definition
    (a) Normal demands, each with its stock at the newsvendor's level: holding costs h a unit, shortage b; the cost
    above that of the mean is ``(h + b) phi(z) sd`` with ``z = Phi^-1(b / (b + h))``. So the ratio of costs, separate
    to pooled, is the sum of the sds to the sd of the sum: with common correlation r, ``n / sqrt(n + n(n - 1) r)``.
    (b) Poisson arrivals at c sites, exponential service at rate 1, load rho. Mean wait ``rho / (1 - rho)`` apart, and
    ``C / (c (1 - rho))`` together, C being Erlang's chance to wait.
    (c) N users choose efforts e_i; the average return is ``A - B E`` with E their sum. Devolved effort is 2N/(N+1) of
    the best, and rent 4N/(N+1)^2 of it.

Variant
    (a) Any covariance. (b) Any offer rule: an `Offer` says to which sites (any network) a customer is offered, how
    many of them are looked at, by what they are compared, and when the customer stays at home; `serve_by` takes any
    function. Joining the site with the least work is the same, wait for wait, as one queue first come first served.
    (c) Any average return.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from sim.known_answers.case import Case, Check, exact, generator, level, mean_and_error, ordering
from sim.known_answers.graphs import Matrix, complete, cycle, empty
from sim.known_answers.kernels import kernel

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Choice = Callable[[int, Sequence[float], Sequence[int], float], int]
ITEM = 8000
WARM_UP = 0.1  # share of customers, the first, that are not counted
BATCHES = 20  # long against the memory of a queue at the highest load


# --- (a) stocks ----------------------------------------------------------------------------------------------


def common_correlation(n: int, r: float) -> Floats:
    """Return the covariance of n demands of variance 1 with the same correlation between any two."""
    return np.full((n, n), r) + (1.0 - r) * np.eye(n)


def cost_ratio(covariance: Floats) -> float:
    """Return the cost of separate stocks over that of one pooled stock."""
    return float(np.sqrt(np.diag(covariance)).sum() / np.sqrt(covariance.sum()))


def critical_quantile(holding: float, shortage: float) -> float:
    """Return how many sds above the mean to stock, z."""
    return float(norm.ppf(shortage / (shortage + holding)))


def cost_per_sd(holding: float, shortage: float) -> float:
    """Return the expected cost above that of the mean for each unit of sd."""
    return float((holding + shortage) * norm.pdf(critical_quantile(holding, shortage)))


def stock_costs(
    covariance: Floats, holding: float, shortage: float, runs: int, draws: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the costs of separate stocks and of the pooled one, run by run, under the same demands.

    Parameters
    ----------
    covariance
        Of demands, shape (n, n); their means do not matter.
    holding, shortage
        Cost of a unit left over, and of a unit short.
    runs
        Number of periods drawn.
    draws
        Where chance comes from.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    demand = draws.standard_normal((runs, len(covariance))) @ root.T
    z = critical_quantile(holding, shortage)
    apart = _cost(demand, z * np.sqrt(np.diag(covariance)), holding, shortage).sum(axis=1)
    together = _cost(demand.sum(axis=1), z * sqrt(covariance.sum()), holding, shortage)
    return apart, together


def _cost(demand: Floats, stock: Floats | float, holding: float, shortage: float) -> Floats:
    left = stock - demand
    return np.maximum(left, 0.0) * holding + np.maximum(-left, 0.0) * shortage


def ratio_of_means(above: Floats, below: Floats) -> tuple[float, float]:
    """Return the ratio of two means over the same runs, and its standard error (delta method)."""
    ratio = float(above.mean() / below.mean())
    _, error = mean_and_error(above - ratio * below)
    return ratio, error / float(below.mean())


# --- (b) queues ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Offer:
    """To which sites a customer is offered, and which of them it joins.

    Parameters
    ----------
    reach
        Who may be offered what turns up at whom: a network of the sites. Home is always one of them.
    looks
        How many of those, drawn at random with replacement, are looked at; 0 means all, home first.
    by
        Compared by the work that waits there, or by the number of customers.
    stays_below
        A customer stays at home while fewer than this are there.
    """

    reach: Matrix
    looks: int = 0
    by: Literal["work", "number"] = "work"
    stays_below: int = 0

    def lists(self) -> tuple[Whole, Whole]:
        """Return where each site's options start, and the options, home first."""
        options = [[i, *np.flatnonzero(row)] for i, row in enumerate(self.reach)]
        starts = np.concatenate(([0], np.cumsum([len(each) for each in options])))
        return starts.astype(np.int64), np.concatenate(options).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Customers:
    """Who comes: times of arrival, time each needs, home site, and a number to choose by; shape (customers,) each."""

    arrival: Floats
    service: Floats
    home: Whole
    chance: Floats


def customers(sites: int, load: float, count: int, draws: np.random.Generator) -> Customers:
    """Return Poisson customers at sites of equal load, with exponential service at rate 1."""
    arrival = np.cumsum(draws.exponential(1.0 / (sites * load), count))
    return Customers(arrival, draws.exponential(1.0, count), draws.integers(sites, size=count), draws.random(count))


def serve(offer: Offer, who: Customers) -> Floats:
    """Return each customer's wait; one server a site, first come first served."""
    starts, options = offer.lists()
    by_work = offer.by == "work"
    return serve_all(
        who.arrival, who.service, who.home, who.chance, starts, options, offer.looks, by_work, offer.stays_below
    )


@kernel
def serve_all(
    arrival: Floats,
    service: Floats,
    home: Whole,
    chance: Floats,
    starts: Whole,
    options: Whole,
    looks: int,
    by_work: bool,
    stays_below: int,
) -> Floats:
    """Return waits; a site's customers form a list, from the one in service to the last."""
    sites, count = starts.shape[0] - 1, arrival.shape[0]
    free, number = np.zeros(sites), np.zeros(sites, np.int64)
    first, last, behind = np.full(sites, -1), np.full(sites, -1), np.full(count, -1)
    leaves, waits = np.zeros(count), np.zeros(count)
    for c in range(count):
        now, best = arrival[c], home[c]
        start, ways = starts[home[c]], starts[home[c] + 1] - starts[home[c]]
        u, lowest = chance[c], np.inf
        for look in range(looks if looks > 0 else ways):
            option = look
            if looks > 0:
                u = u * ways
                option = int(u)
                u = u - option
            site = options[start + option]
            while first[site] >= 0 and leaves[first[site]] <= now:
                first[site] = behind[first[site]]
                number[site] -= 1
            if look == 0 and looks == 0 and number[site] < stays_below:
                best = site
                break
            score = max(free[site] - now, 0.0) if by_work else float(number[site])
            if score < lowest:
                best, lowest = site, score
        waits[c] = max(free[best] - now, 0.0)
        free[best] = now + waits[c] + service[c]
        leaves[c] = free[best]
        if first[best] < 0:
            first[best] = c
        else:
            behind[last[best]] = c
        last[best] = c
        number[best] += 1
    return waits


def serve_by(choose: Choice, sites: int, who: Customers) -> Floats:
    """Return each customer's wait under any rule, in plain Python (some 10^5 customers a second).

    Parameters
    ----------
    choose
        Takes home, the work and the number of customers at each site, and a number from (0, 1); returns a site.
    sites
        How many.
    who
        The customers.
    """
    free: list[float] = [0.0] * sites
    there: list[list[float]] = [[] for _ in range(sites)]
    waits: list[float] = []
    for now, needs, home, u in zip(who.arrival, who.service, who.home, who.chance, strict=True):
        for site, leaving in enumerate(there):
            there[site] = [time for time in leaving if time > now]
        site = choose(int(home), [max(time - now, 0.0) for time in free], [len(each) for each in there], float(u))
        waits.append(max(free[site] - now, 0.0))
        free[site] = now + waits[-1] + needs
        there[site].append(free[site])
    return np.array(waits)


def erlang_c(servers: int, load: float) -> float:
    """Return the chance to wait with this many servers at this load each."""
    busy = 1.0  # Erlang B by its recursion
    for k in range(1, servers + 1):
        busy = servers * load * busy / (k + servers * load * busy)
    return busy / (1.0 - load * (1.0 - busy))


def mean_wait(servers: int, load: float) -> float:
    """Return the mean wait of M/M/c with service rate 1."""
    return erlang_c(servers, load) / (servers * (1.0 - load))


def batch_means(waits: Floats) -> Floats:
    """Return the means of long stretches of customers, without the warm-up."""
    counted = waits[int(WARM_UP * len(waits)) :]
    return np.array([part.mean() for part in np.array_split(counted, BATCHES)])


# --- (c) a commons -------------------------------------------------------------------------------------------


def common_use(
    users: int, average: Callable[[float], float], most: float, joint: bool = False, rounds: int = 200
) -> tuple[float, float]:
    """Return total effort and total rent when users choose in turn, or as one.

    Parameters
    ----------
    users
        How many.
    average
        Return for each unit of effort, less its cost, at a total effort.
    most
        An effort beyond which nobody goes.
    joint
        Whether all are one owner.
    rounds
        Of replies; it ends when nobody moves.
    """
    efforts = np.zeros(1 if joint else users)
    for _ in range(rounds):
        before = efforts.copy()
        for i in range(len(efforts)):
            others = float(efforts.sum() - efforts[i])
            efforts[i] = _reply(average, others, most)
        if np.abs(efforts - before).max() < 1e-9:
            break
    total = float(efforts.sum())
    return total, total * average(total)


def _reply(average: Callable[[float], float], others: float, most: float) -> float:
    def loss(effort: float) -> float:
        return -effort * average(others + effort)

    return float(minimize_scalar(loss, bounds=(0.0, most), method="bounded", options={"xatol": 1e-10}).x)


# --- the case ------------------------------------------------------------------------------------------------

RATIOS = {  # demands: ratio by correlation
    4: {0.0: 2.0, 0.25: 1.5119, 0.5: 1.2649, 1.0: 1.0},
    9: {0.0: 3.0, 0.25: 1.7321, 0.5: 1.3416, 1.0: 1.0},
    25: {0.0: 5.0, 0.25: 1.8898, 0.5: 1.3868, 1.0: 1.0},
}
SITES = 10
WAITS = {0.5: (1.0, 0.00722), 0.8: (4.0, 0.20459), 0.9: (9.0, 0.66873), 0.95: (19.0, 1.65117)}
TOLERANCE = 0.05  # of a wait
PERIODS = {False: 50_000, True: 400_000}  # of the newsvendor
CUSTOMERS = {False: 1_000_000, True: 4_000_000}
COMMONS = {2: (1.3333, 0.8889), 5: (1.6667, 0.5556), 10: (1.8182, 0.3306)}
ROUNDED = 5.1e-5  # references have four decimals


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of all three parts."""
    return [*_stocks(full, seed), *_queues(full, seed), *_commons()]


def _stocks(full: bool, seed: int) -> list[Check]:
    checks = [
        exact("Newsvendor's quantile, h=1, b=9", "-", 1.28155, critical_quantile(1.0, 9.0), 1e-5),
        exact("Cost per sd, h=1, b=9", "-", 1.75498, cost_per_sd(1.0, 9.0), 1e-5),
    ]
    runs = PERIODS[full]
    for n, row in RATIOS.items():
        for index, (r, expected) in enumerate(row.items()):
            apart, together = stock_costs(
                common_correlation(n, r), 1.0, 9.0, runs, generator(seed, ITEM + 10 * n + index)
            )
            ratio, error = ratio_of_means(apart, together)
            told = f"Cost apart over pooled, {n} demands, r={r:g}"
            checks.append(level(told, "n / sqrt(n + n(n-1) r)", expected, ratio, error, ROUNDED))
    return checks


@cache
def _waits(load: float, full: bool, seed: int) -> dict[str, Floats]:
    """Return batch means of waits under three offer rules, with the same customers."""
    offers = {
        "apart": Offer(empty(SITES)),
        "neighbours": Offer(cycle(SITES), by="number"),
        "pooled": Offer(complete(SITES)),
    }
    who = customers(SITES, load, CUSTOMERS[full], generator(seed, ITEM + 500 + int(100 * load)))
    return {name: batch_means(serve(offer, who)) for name, offer in offers.items()}


def _queues(full: bool, seed: int) -> list[Check]:
    checks = []
    for load, (apart, pooled) in WAITS.items():
        found = _waits(load, full, seed)
        for name, says, expected in (("apart", "rho/(1-rho)", apart), ("pooled", "C/(c(1-rho))", pooled)):
            told = f"Mean wait, {SITES} sites {name}, load {load:g}"
            checks.append(level(told, says, expected, *mean_and_error(found[name]), TOLERANCE * expected))
        for more, less in (("apart", "neighbours"), ("neighbours", "pooled")):
            told = f"Wait {more} above {less}, load {load:g}"
            checks.append(ordering(told, "-", *mean_and_error(found[more] - found[less])))
    return checks


def _commons() -> list[Check]:
    def average(effort: float) -> float:
        return 1.0 - effort

    best, rent = common_use(1, average, 1.0, joint=True)
    checks = []
    for users, (effort_ratio, rent_ratio) in COMMONS.items():
        effort, theirs = common_use(users, average, 1.0)
        checks.append(exact(f"Effort over the best, {users} users", "2N/(N+1)", effort_ratio, effort / best, ROUNDED))
        checks.append(exact(f"Rent over the best, {users} users", "4N/(N+1)^2", rent_ratio, theirs / rent, ROUNDED))
    return checks


def figure(full: bool, seed: int) -> Figure:
    """Draw the cost ratio against the number pooled, and waits against load."""
    drawing = Figure(figsize=(9.0, 4.0))
    left, right = drawing.subplots(1, 2)
    _draw_ratios(left, seed)
    _draw_waits(right, full, seed)
    return drawing


def _draw_ratios(ax: Axes, seed: int) -> None:
    sizes = np.arange(1, 31)
    for index, r in enumerate((0.0, 0.25, 0.5, 1.0)):
        ax.plot(sizes, [cost_ratio(common_correlation(int(n), r)) for n in sizes], label=f"correlation {r:g}")
        for n in RATIOS:
            costs = stock_costs(common_correlation(n, r), 1.0, 9.0, 50_000, generator(seed, ITEM + 10 * n + index))
            ax.plot(n, ratio_of_means(*costs)[0], "o", color=f"C{index}", markersize=5)
    ax.set(title="stocks: what pooling saves", xlabel="demands pooled", ylabel="cost apart / cost pooled")
    ax.legend()


def _draw_waits(ax: Axes, full: bool, seed: int) -> None:
    loads = np.linspace(0.4, 0.96, 57)
    ax.plot(loads, loads / (1.0 - loads), label="ten queues")
    ax.plot(loads, [mean_wait(SITES, load) for load in loads], label="one queue")
    names = ("apart", "pooled", "neighbours")
    for load in WAITS:
        for index, name in enumerate(names):
            label = "shortest of three on a ring" if name == "neighbours" and load == 0.5 else None
            mean = _waits(load, full, seed)[name].mean()
            ax.plot(load, mean, "os^"[index], color=f"C{index}", markersize=6, label=label)
    ax.set(
        title="queues: ten sites", xlabel="load", ylabel="mean wait (service times)", yscale="log", ylim=(1e-3, 400.0)
    )
    ax.legend(loc="upper left")


CASE = Case(
    id="G8",
    title="Pooling: stocks, queues, a commons",
    claim="Pooling saves by the root of n, and nothing when all are hit at once; a commons is used too much.",
    citation="Eppen, Management Science 25(5):498-501, 1979; Erlang; Gordon, Journal of Political Economy 62, 1954",
    says=(__doc__ or "").strip(),
    run=run,
    figure=figure,
)
