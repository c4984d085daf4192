"""G1. Who should hear whose results: a community that learns which of two treatments is better.

Claim
-----
A community whose members all hear each other settles fastest and is wrong most often; on a sparse network it is slower
and more often right (Zollman 2007).

Citation
--------
K. J. S. Zollman, "The Communication Structure of Epistemic Communities", Philosophy of Science 74(5):574-587, 2007,
doi 10.1086/525605. The variant with beta priors: K. J. S. Zollman, "The Epistemic Benefit of Transient Diversity",
Erkenntnis 72(1):17-35, 2010, doi 10.1007/s10670-009-9194-6.

Definition
----------
Each of n agents has a credence, drawn from U(0, 1), that treatment B succeeds with chance .5 + gap; the rival
hypothesis is .5 - gap, and the known treatment A succeeds with chance .5. Each round, an agent whose credence is above
.5 makes m trials of B; the others make none that teach anything. All at once, each takes in its own results and its
neighbours' by Bayes's rule::

    logit(credence) += (2 * successes - trials) * ln((.5 + gap) / (.5 - gap))

B is in truth the better one. The community has failed when no credence is above .5 (nobody tries B again), and has
succeeded when all are above .99.

Variant
-------
The paper stops at .9999, which changes the time and not the share of successes; we stop at .99, as the reference does,
and `Bandit.sure` says so. A credence of exactly .5 tries A. The wheel's rim is closed (Weisberg's code leaves it open).
What is taken in is results only, never what a neighbour chose.

In the beta variant both treatments are unknown: each agent starts with Beta(a, b) for each, with a and b from U(0,
`prior`], tries the one with the higher mean, and counts successes and failures of both, its own and its neighbours'.
The community is right if after a number of rounds all prefer the better one.

Runs
----
Levels are judged on the paper's 10,000 runs a cell, claims about order on `ORDER_RUNS`: with 10,000, four standard
errors are about as much as the smallest difference that is claimed (cycle over wheel among 12 agents, .008), so that
the claim would fail every second time although it is true. A run's draws belong to the run, the round and the agent
alone (`sim.streams`): all networks start from the same credences, whoever tries B in a round gets the same result in
all of them, and a longer set of runs begins with a shorter one.

Counts of successes are whole numbers, and are added as such: the result does not depend on the order of the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, exp, log
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from sim.known_answers import graphs
from sim.known_answers.case import Case, Check, level, mean_and_error, ordering, share_and_error
from sim.known_answers.kernels import kernel
from sim.streams import Purpose, derived_seed, uniform

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

FIRST_ITEM = 1000
PURPOSE = int(Purpose.BOOTSTRAP)
NETWORKS = ("complete", "wheel", "cycle", "star", "line")
SIZES = (3, 4, 6, 8, 10, 12)
RUNS = {False: 1000, True: 10_000}
ORDER_RUNS = {False: 4000, True: 40_000}
BETA_RUNS, BETA_ROUNDS = {False: 500, True: 3000}, 3000
PRIOR_RUNS, PRIOR_ROUNDS = 1000, 10_000

# An independent program, 20,000 runs: share of successes, and mean rounds to success.
REFERENCE = {
    "complete": {3: 0.641, 4: 0.725, 6: 0.814, 8: 0.869, 10: 0.897, 12: 0.916},
    "wheel": {6: 0.853, 8: 0.926, 10: 0.959, 12: 0.976},
    "cycle": {4: 0.754, 6: 0.876, 8: 0.943, 10: 0.972, 12: 0.984},
    "star": {4: 0.762, 6: 0.876, 8: 0.942, 10: 0.967, 12: 0.979},
    "line": {4: 0.762, 6: 0.879, 8: 0.945, 10: 0.972, 12: 0.984},
}
REFERENCE_ROUNDS: dict[str, dict[int, float]] = {
    "complete": {3: 287, 4: 243, 6: 183, 8: 146, 10: 126, 12: 109},
    "wheel": {6: 337, 8: 393, 10: 434, 12: 458},
    "cycle": {4: 412, 6: 596, 8: 736, 10: 857, 12: 955},
}
REFERENCE_SURE_ROUNDS: dict[str, float] = {"complete": 183, "wheel": 604, "cycle": 1082}  # 10 agents, stop at .9999
REFERENCE_TRIALS = {"complete": 0.915e6, "wheel": 3.36e6, "cycle": 6.38e6}  # a successful run, 10 agents
REFERENCE_BETA = {"complete": 0.584, "wheel": 0.701, "cycle": 0.787}  # 6 agents, 3,000 rounds, 3,000 runs
# 7 agents, 10,000 rounds, 1,000 runs, by the largest number of a prior.
REFERENCE_BETA_PRIORS: dict[float, dict[str, float]] = {
    4: {"complete": 0.615, "wheel": 0.760, "cycle": 0.839},
    1000: {"complete": 0.940, "wheel": 0.969, "cycle": 0.991},
    7000: {"complete": 0.991, "wheel": 0.992, "cycle": 0.993},
}
PUBLISHED = {("complete", 10): ".89 (Weisberg)", ("cycle", 10): ".97 (Weisberg)"}


# --- the model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bandit:
    """The task.

    Parameters
    ----------
    gap
        B succeeds with chance .5 + gap in truth, .5 - gap under the rival hypothesis; in (0, .5).
    trials
        Trials of B that an agent makes in a round.
    sure
        The community has succeeded when all credences are above this.
    limit
        Rounds after which a run is given up, undecided.
    """

    gap: float = 0.001
    trials: int = 1000
    sure: float = 0.99
    limit: int = 200_000

    def __post_init__(self) -> None:
        if not 0.0 < self.gap < 0.5:
            raise ValueError(f"gap is {self.gap}; it must be above 0 and below 0.5")

    @property
    def weight(self) -> float:
        """What one success more than failures adds to the logit of a credence."""
        return log((0.5 + self.gap) / (0.5 - self.gap))


@dataclass(frozen=True)
class Learning:
    """What came of each run; all of shape (runs,).

    Parameters
    ----------
    success
        Whether all became sure of the better treatment.
    decided
        Whether the run ended before the limit.
    rounds
        Rounds until it ended.
    trials
        Trials of B that were made, over all agents.
    """

    success: Truths
    decided: Truths
    rounds: Whole
    trials: Whole

    def first(self, runs: int) -> Learning:
        """Return what came of the first runs."""
        return Learning(self.success[:runs], self.decided[:runs], self.rounds[:runs], self.trials[:runs])


def learn(graph: graphs.Matrix, bandit: Bandit, runs: int, seed: int) -> Learning:
    """Let a community learn, many times over.

    Parameters
    ----------
    graph
        Shape (n, n): entry [i, j] says whether i hears j; it may be directed. All hear themselves.
    bandit
        The task.
    runs
        How many runs.
    seed
        Seed of the draws, in [0, 2^64). Those of an agent in a run and a round depend on nothing else.
    """
    out = Learning(np.zeros(runs, bool), np.zeros(runs, bool), np.zeros(runs, np.int64), np.zeros(runs, np.int64))
    start, listeners = _listeners(graph)
    stay, other = alias_table(bandit.trials, 0.5 + bandit.gap)
    goal = log(bandit.sure / (1.0 - bandit.sure))
    numbers = (bandit.trials, bandit.weight, goal, bandit.limit, np.uint64(seed))
    _learn(out.success, out.decided, out.rounds, out.trials, start, listeners, stay, other, *numbers)
    return out


def _listeners(graph: graphs.Matrix) -> tuple[Whole, Whole]:
    """Return where the list of those who hear an agent starts, and the lists; all hear themselves."""
    return graphs.lists((graph | np.eye(len(graph), dtype=bool)).T)


def alias_table(trials: int, chance: float) -> tuple[Floats, Whole]:
    """Return a table from which one uniform number draws a count of successes (Walker's alias method).

    Parameters
    ----------
    trials, chance
        Of the binomial distribution.

    Returns
    -------
    tuple
        Shape (trials + 1,) both. A slot is picked evenly; with the first number as its chance, the slot's own count is
        drawn, and else the second. A. J. Walker, ACM Transactions on Mathematical Software 3(3):253-256, 1977.
    """
    left = binom.pmf(np.arange(trials + 1), trials, chance)
    left *= (trials + 1) / left.sum()
    stay, other = np.ones(trials + 1), np.arange(trials + 1)
    small, large = list(np.flatnonzero(left < 1.0)), list(np.flatnonzero(left >= 1.0))
    while small and large:
        poor, rich = small.pop(), large.pop()
        stay[poor], other[poor] = left[poor], rich
        left[rich] -= 1.0 - left[poor]
        (small if left[rich] < 1.0 else large).append(rich)
    return stay, other


@kernel
def _successes(u: float, stay: Floats, other: Whole) -> int:
    """Return a count of successes from a table of `alias_table` and a number from (0, 1)."""
    place = u * stay.size
    slot = int(place)
    return slot if place - slot < stay[slot] else int(other[slot])


@kernel
def _learn(
    success: Truths,
    decided: Truths,
    rounds: Whole,
    trials: Whole,
    start: Whole,
    listeners: Whole,
    stay: Floats,
    other: Whole,
    tries: int,
    weight: float,
    goal: float,
    limit: int,
    seed: np.uint64,
) -> None:
    n = start.size - 1
    prior, excess, heard = np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64)
    for run in range(success.size):
        for i in range(n):
            u = uniform(seed, np.uint64(run), 0, 0, PURPOSE, i)
            prior[i] = np.log(u) - np.log(1.0 - u)
            excess[i] = 0  # successes less failures heard of
        for now in range(limit + 1):
            trying, certain = 0, 0
            for i in range(n):
                logit = prior[i] + weight * excess[i]
                trying += logit > 0.0
                certain += logit > goal
            success[run] = certain == n
            decided[run] = trying == 0 or certain == n
            rounds[run] = now
            if decided[run] or now == limit:
                break
            trials[run] += tries * trying
            heard[:] = 0
            for i in range(n):
                if prior[i] + weight * excess[i] > 0.0:
                    u = uniform(seed, np.uint64(run), now, 1, PURPOSE, i)
                    result = 2 * _successes(u, stay, other) - tries
                    for k in range(start[i], start[i + 1]):
                        heard[listeners[k]] += result
            for i in range(n):
                excess[i] += heard[i]


def learn_both(
    graph: graphs.Matrix,
    chances: tuple[float, float],
    prior: float,
    trials: int,
    rounds: int,
    runs: int,
    seed: int,
) -> Truths:
    """Let a community learn about two unknown treatments, from beta priors (the variant of 2010).

    Parameters
    ----------
    graph, runs, seed
        As for `learn`.
    chances
        Chances of success, the better treatment first.
    prior
        Largest number of a prior: both of an agent's numbers for a treatment are drawn from U(0, prior).
    trials
        Trials that an agent makes in a round.
    rounds
        Length of a run.

    Returns
    -------
    ndarray
        Shape (runs,): whether at the end all prefer the better treatment.
    """
    start, listeners = _listeners(graph)
    tables = [alias_table(trials, chance) for chance in chances]
    stay, other = (np.array([table[part] for table in tables]) for part in (0, 1))
    out = np.zeros(runs, dtype=bool)
    _learn_both(out, start, listeners, stay, other, prior, trials, rounds, np.uint64(seed))
    return out


@kernel
def _prefers_first(good: Floats, bad: Floats, i: int) -> bool:
    return bool(good[0, i] / (good[0, i] + bad[0, i]) >= good[1, i] / (good[1, i] + bad[1, i]))


@kernel
def _learn_both(
    right: Truths,
    start: Whole,
    listeners: Whole,
    stay: Floats,
    other: Whole,
    prior: float,
    tries: int,
    rounds: int,
    seed: np.uint64,
) -> None:
    n = start.size - 1
    good, bad, won = np.empty((2, n)), np.empty((2, n)), np.empty(n, np.int64)
    which = np.empty(n, np.int64)
    for run in range(right.size):
        for i in range(n):
            for arm in range(2):
                good[arm, i] = prior * uniform(seed, np.uint64(run), 0, 2 + arm, PURPOSE, i)
                bad[arm, i] = prior * uniform(seed, np.uint64(run), 0, 4 + arm, PURPOSE, i)
        for now in range(rounds):
            for i in range(n):
                which[i] = 0 if _prefers_first(good, bad, i) else 1
                u = uniform(seed, np.uint64(run), now, 1, PURPOSE, i)
                won[i] = _successes(u, stay[which[i]], other[which[i]])
            for i in range(n):
                for k in range(start[i], start[i + 1]):
                    good[which[i], listeners[k]] += won[i]
                    bad[which[i], listeners[k]] += tries - won[i]
        all_right = True
        for i in range(n):
            all_right = all_right and _prefers_first(good, bad, i)
        right[run] = all_right


def lone_success(bandit: Bandit, steps: int = 20_000) -> float:
    """Return the exact chance that an agent on its own, with one trial a round, ends sure of the better treatment.

    Its logit moves by one weight up or down: the gambler's ruin, over credences in U(0, 1).

    Parameters
    ----------
    bandit
        The task; its trials a round count as 1.
    steps
        Points at which the chance is averaged over credences.
    """
    goal, odds = log(bandit.sure / (1.0 - bandit.sure)), exp(-bandit.weight)  # chance of a failure over a success
    total = 0.0
    for step in range(steps):
        credence = (step + 0.5) / steps
        start = (log(credence) - log(1.0 - credence)) / bandit.weight
        down = max(ceil(start), 0)
        up = max(int((goal / bandit.weight) - start) + 1, 0)
        total += (1.0 - odds**down) / (1.0 - odds ** (down + up)) if up else 1.0
    return total / steps


# --- the case ------------------------------------------------------------------------------------------------


@cache
def cell(network: str, n: int, runs: int, seed: int, sure: float = 0.99) -> Learning:
    """Return the runs of one network and size at the paper's setting; networks of one size have the same draws."""
    return learn(
        graphs.named(network, n), Bandit(sure=sure), runs, derived_seed(seed, Purpose.BOOTSTRAP, FIRST_ITEM + n)
    )


def levels_of(network: str, n: int, full: bool, seed: int) -> Learning:
    """Return the runs by which a cell's levels are judged."""
    return cell(network, n, ORDER_RUNS[full], seed).first(RUNS[full])


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        10,000 runs a cell at all sizes, as in the paper; else 1,000 runs with 4, 6 and 10 agents. For claims about
        order, four times as many.
    seed
        Seed of all draws.
    """
    sizes = SIZES if full else (4, 6, 10)
    return [
        *_reliability(sizes, full, seed),
        *_time_and_cost(sizes, full, seed),
        *_orderings(sizes, full, seed),
        *_beta(full, seed),
    ]


def _reliability(sizes: tuple[int, ...], full: bool, seed: int) -> list[Check]:
    checks = []
    for network in NETWORKS:
        for n in sizes:
            if n in REFERENCE[network]:
                share, se = _share(levels_of(network, n, full, seed))
                said = PUBLISHED.get((network, n), "-")
                claim = f"share of {network} communities of {n} that end right"
                checks.append(level(claim, said, REFERENCE[network][n], share, se))
    undecided = sum(int((~levels_of(network, 10, full, seed).decided).sum()) for network in NETWORKS)
    return [*checks, level("runs of 10 agents that stay undecided", "-", 0.0, undecided, 0.0)]


def _time_and_cost(sizes: tuple[int, ...], full: bool, seed: int) -> list[Check]:
    checks = []
    for network, by_size in REFERENCE_ROUNDS.items():
        for n in sizes:
            if n in by_size:
                mean, se = rounds_to_success(levels_of(network, n, full, seed))
                checks.append(level(f"rounds to success, {network} of {n}", "-", by_size[n], mean, se))
    for network, reference in REFERENCE_SURE_ROUNDS.items() if full else ():
        mean, se = rounds_to_success(cell(network, 10, RUNS[full], seed, 0.9999))
        checks.append(level(f"rounds to success at .9999, {network} of 10", "-", reference, mean, se))
    for network, reference in REFERENCE_TRIALS.items():
        done = levels_of(network, 10, full, seed)
        mean, se = mean_and_error(done.trials[done.success])
        checks.append(level(f"trials of B in a success, {network} of 10", "-", reference, mean, se))
    return checks


def rounds_to_success(done: Learning) -> tuple[float, float]:
    """Return the mean rounds of the runs that succeed, and its standard error."""
    return mean_and_error(done.rounds[done.success])


def _orderings(sizes: tuple[int, ...], full: bool, seed: int) -> list[Check]:
    pairs = [("cycle", "complete"), *([("cycle", "wheel"), ("wheel", "complete")] if full else [])]
    checks = []
    for n in sizes:
        for better, worse in pairs:
            if n in REFERENCE[better] and n in REFERENCE[worse]:
                checks += _order(better, worse, n, full, seed)
    return checks


def _order(better: str, worse: str, n: int, full: bool, seed: int) -> list[Check]:
    """Return the checks that one network is right more often than another, and slower, run by run."""
    more, less = (cell(network, n, ORDER_RUNS[full], seed) for network in (better, worse))
    gap, se = mean_and_error(more.success.astype(float) - less.success)
    both = more.success & less.success
    wait, wait_se = mean_and_error((more.rounds - less.rounds)[both])
    return [
        ordering(f"{better} is right more often than {worse}, {n} agents", "yes (Fig. 2)", gap, se),
        ordering(f"{better} takes longer than {worse}, {n} agents", "yes (Fig. 3)", wait, wait_se),
    ]


def _share(done: Learning) -> tuple[float, float]:
    return share_and_error(int(done.success.sum()), len(done.success))


def _beta(full: bool, seed: int) -> list[Check]:
    checks, runs = [], BETA_RUNS[full]
    for network, reference in REFERENCE_BETA.items():
        share, se = share_and_error(int(beta_cell(network, 6, 4.0, BETA_ROUNDS, runs, seed).sum()), runs)
        claim = f"both treatments unknown, {network} of 6: share right after {BETA_ROUNDS} rounds"
        checks.append(level(claim, "-", reference, share, se))
    for most, networks in REFERENCE_BETA_PRIORS.items() if full else ():
        for network, reference in networks.items():
            right = beta_cell(network, 7, most, PRIOR_ROUNDS, PRIOR_RUNS, seed)
            share, se = share_and_error(int(right.sum()), PRIOR_RUNS)
            claim = f"the same, {network} of 7, {PRIOR_ROUNDS} rounds, priors to {most}"
            checks.append(level(claim, "-", reference, share, se))
    return checks


@cache
def beta_cell(network: str, n: int, prior: float, rounds: int, runs: int, seed: int) -> Truths:
    """Return the runs of one network under the variant of 2010."""
    item = derived_seed(seed, Purpose.BOOTSTRAP, FIRST_ITEM + 500 + n)
    return learn_both(graphs.named(network, n), (0.5, 0.499), prior, 1000, rounds, runs, item)


def figure(full: bool, seed: int) -> Figure:
    """Draw Zollman's figures 2 and 3: share of communities that end right, and time, by size.

    Parameters
    ----------
    full, seed
        As for `run`, whose runs are used.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only a drawing needs it

    drawing = Figure(figsize=(10, 4), layout="constrained")
    left, right = drawing.subplots(1, 2)
    for network, mark in zip(("complete", "wheel", "cycle"), "os^", strict=True):
        sizes = [n for n in (SIZES if full else (4, 6, 10)) if n in REFERENCE[network]]
        cells = [levels_of(network, n, full, seed) for n in sizes]
        shares = [_share(each) for each in cells]
        times = [rounds_to_success(each) for each in cells]
        left.errorbar(sizes, [s for s, _ in shares], [2 * e for _, e in shares], marker=mark, label=network)
        right.errorbar(sizes, [t for t, _ in times], [2 * e for _, e in times], marker=mark, label=network)
        for axes, reference in ((left, REFERENCE), (right, REFERENCE_ROUNDS)):
            label = "an independent program" if network == "cycle" else None
            told = [reference[network][n] for n in sizes]
            axes.plot(sizes, told, "o", color="black", markersize=11, markerfacecolor="none", label=label)
    left.set(
        xlabel="agents", ylabel="share of communities that end right", title="Figure 2: sparse is right more often"
    )
    right.set(xlabel="agents", ylabel="rounds to success, mean", title="Figure 3: and slower", yscale="log")
    right.set_yticks([100, 200, 400, 800], ["100", "200", "400", "800"])
    right.minorticks_off()
    left.legend()
    return drawing


CASE = Case(
    id="G1",
    title="Learning which treatment is better",
    claim="A community in which all hear all settles fastest and is wrong most often; sparse ones are slow and right.",
    citation=(
        "Zollman, The Communication Structure of Epistemic Communities, Philosophy of Science 74(5):574-587, 2007, "
        "doi 10.1086/525605"
    ),
    says=(
        "Agents hold a credence that treatment B beats A, try B if it is above .5, and take in their own and their "
        "neighbours' results by Bayes's rule. A run fails when nobody tries B and succeeds when all credences are "
        "above .99. The wheel's rim is closed. The variant with beta priors is that of 2010, whose reversal at "
        "extreme priors is not claimed. All networks start from the same credences, and whoever tries B in a round "
        "gets the same result in all of them."
    ),
    run=run,
    figure=figure,
)
