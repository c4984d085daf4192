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

Definition ---------- Each of n agents has a credence, drawn from U(0, 1), that treatment B succeeds with chance .5 +
gap; the rival hypothesis is .5 - gap, and the known treatment A succeeds with chance .5. Each round, an agent whose
credence is above .5 makes m trials of B; the others make none that teach anything. All at once, each takes in its own
results and its neighbours' by Bayes's rule::

    logit(credence) += (2 * successes - trials) * ln((.5 + gap) / (.5 - gap))

B is in truth the better one. The community has failed when no credence is above .5 (nobody tries B again), and has
succeeded when all are above .99.

Where the paper is ambiguous: the paper stops at .9999, which changes the time and not the share of successes; we stop
at .99, as the reference does, and `Bandit.sure` says so. A credence of exactly .5 tries A. The wheel's rim is closed
(Weisberg's code leaves it open). What is taken in is results only, never what a neighbour chose.

In the beta variant both treatments are unknown: each agent starts with Beta(a, b) for each, with a and b from U(0,
`prior`], tries the one with the higher mean, and counts successes and failures of both, its own and its neighbours'.
The community is right if after a number of rounds all prefer the better one.

One check of the full set fails with seed 1: trials of B in a success on the complete network of 10, .8953 ± .0049
million beside .915. In 90,000 further runs it is .907 ± .002 (and 124.6 ± .3 rounds beside 126): the reference, from
20,000 runs, has an error of its own of about .0035, which the tolerance does not count.

Counts of successes are whole numbers, and are added as such: the result does not depend on the order of the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, exp, log
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.known_answers import graphs
from sim.known_answers.case import Case, Check, generator, level, mean_and_error, ordering, share_and_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

FIRST_ITEM = 1000
NETWORKS = ("complete", "wheel", "cycle", "star", "line")
SIZES = (3, 4, 6, 8, 10, 12)
RUNS = {False: 1000, True: 10_000}
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

    success: npt.NDArray[np.bool_]
    decided: npt.NDArray[np.bool_]
    rounds: npt.NDArray[np.int64]
    trials: npt.NDArray[np.int64]


def learn(graph: graphs.Matrix, bandit: Bandit, runs: int, draws: np.random.Generator) -> Learning:
    """Let a community learn, many times over.

    Parameters
    ----------
    graph
        Shape (n, n): entry [i, j] says whether i hears j; it may be directed. All hear themselves.
    bandit
        The task.
    runs
        How many runs.
    draws
        Where the random numbers come from.
    """
    n = len(graph)
    hears = (graph | np.eye(n, dtype=bool)).astype(float).T
    start = draws.random((runs, n))
    prior = np.log(start) - np.log1p(-start)
    excess = np.zeros((runs, n))  # successes less failures heard of
    goal = log(bandit.sure / (1.0 - bandit.sure))
    out = Learning(np.zeros(runs, bool), np.zeros(runs, bool), np.zeros(runs, np.int64), np.zeros(runs, np.int64))
    going = np.arange(runs)
    for now in range(bandit.limit + 1):
        logit = prior + bandit.weight * excess
        failed, succeeded = (logit <= 0.0).all(axis=1), (logit > goal).all(axis=1)
        ended = failed | succeeded
        if ended.any():
            out.success[going[succeeded]] = True
            out.decided[going[ended]] = True
            prior, excess, logit, going = prior[~ended], excess[~ended], logit[~ended], going[~ended]
        if not going.size or now == bandit.limit:
            break
        tries = logit > 0.0
        excess += _results(tries, bandit, draws) @ hears
        out.rounds[going] += 1
        out.trials[going] += bandit.trials * tries.sum(axis=1)
    return out


def _results(tries: npt.NDArray[np.bool_], bandit: Bandit, draws: np.random.Generator) -> Floats:
    """Return successes less failures of those who try B, 0 for the others."""
    results = np.zeros(tries.shape)
    results[tries] = 2 * draws.binomial(bandit.trials, 0.5 + bandit.gap, int(tries.sum())) - bandit.trials
    return results


def learn_both(
    graph: graphs.Matrix,
    chances: tuple[float, float],
    prior: float,
    trials: int,
    rounds: int,
    runs: int,
    draws: np.random.Generator,
) -> npt.NDArray[np.bool_]:
    """Let a community learn about two unknown treatments, from beta priors (the variant of 2010).

    Parameters
    ----------
    graph, runs, draws
        As for `learn`.
    chances
        Chances of success, the better treatment first.
    prior
        Largest number of a prior: both of an agent's numbers for a treatment are drawn from U(0, prior].
    trials
        Trials that an agent makes in a round.
    rounds
        Length of a run.

    Returns
    -------
    ndarray
        Shape (runs,): whether at the end all prefer the better treatment.
    """
    n = len(graph)
    hears = (graph | np.eye(n, dtype=bool)).astype(float).T
    good = prior * (1.0 - draws.random((2, runs, n)))  # (0, prior]
    bad = prior * (1.0 - draws.random((2, runs, n)))
    truth = np.array(chances)
    for _ in range(rounds):
        first = _prefers_first(good, bad)
        wins = draws.binomial(trials, np.where(first, truth[0], truth[1])).astype(float)
        for which, chosen in enumerate((first, ~first)):
            heard = (wins * chosen) @ hears
            good[which] += heard
            bad[which] += trials * (chosen @ hears) - heard
    return np.asarray(_prefers_first(good, bad).all(axis=1))


def _prefers_first(good: Floats, bad: Floats) -> npt.NDArray[np.bool_]:
    mean = good / (good + bad)
    return np.asarray(mean[0] >= mean[1])


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
    """Return the runs of one network and size at the paper's setting; all networks start from the same credences."""
    return learn(graphs.named(network, n), Bandit(sure=sure), runs, generator(seed, FIRST_ITEM + n))


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        10,000 runs a cell at all sizes, as in the paper; else 1,000 runs with 4, 6 and 10 agents.
    seed
        Seed of all draws.
    """
    sizes = SIZES if full else (4, 6, 10)
    runs = RUNS[full]
    return [
        *_reliability(sizes, runs, seed),
        *_time_and_cost(sizes, runs, seed),
        *_orderings(full, sizes, runs, seed),
        *_beta(full, seed),
    ]


def _reliability(sizes: tuple[int, ...], runs: int, seed: int) -> list[Check]:
    checks = []
    for network in NETWORKS:
        for n in sizes:
            if n in REFERENCE[network]:
                share, se = _share(cell(network, n, runs, seed))
                said = PUBLISHED.get((network, n), "-")
                claim = f"share of {network} communities of {n} that end right"
                checks.append(level(claim, said, REFERENCE[network][n], share, se))
    undecided = sum(int((~cell(network, 10, runs, seed).decided).sum()) for network in NETWORKS)
    return [*checks, level("runs of 10 agents that stay undecided", "-", 0.0, undecided, 0.0)]


def _time_and_cost(sizes: tuple[int, ...], runs: int, seed: int) -> list[Check]:
    checks = []
    for network, by_size in REFERENCE_ROUNDS.items():
        for n in sizes:
            if n in by_size:
                mean, se = rounds_to_success(cell(network, n, runs, seed))
                checks.append(level(f"rounds to success, {network} of {n}", "-", by_size[n], mean, se))
    for network, reference in REFERENCE_SURE_ROUNDS.items() if 12 in sizes else ():
        mean, se = rounds_to_success(cell(network, 10, runs, seed, 0.9999))
        checks.append(level(f"rounds to success at .9999, {network} of 10", "-", reference, mean, se))
    for network, reference in REFERENCE_TRIALS.items():
        done = cell(network, 10, runs, seed)
        mean, se = mean_and_error(done.trials[done.success])
        checks.append(level(f"trials of B in a success, {network} of 10", "-", reference, mean, se))
    return checks


def rounds_to_success(done: Learning) -> tuple[float, float]:
    """Return the mean rounds of the runs that succeed, and its standard error."""
    return mean_and_error(done.rounds[done.success])


def _orderings(full: bool, sizes: tuple[int, ...], runs: int, seed: int) -> list[Check]:
    pairs = [("cycle", "complete"), *([("cycle", "wheel"), ("wheel", "complete")] if full else [])]
    checks = []
    for n in sizes if full else sizes[1:]:  # 1,000 runs are too few to tell them apart among 4 agents
        for better, worse in pairs:
            if n in REFERENCE[better] and n in REFERENCE[worse]:
                checks += _order(better, worse, n, runs, seed)
    return checks


def _order(better: str, worse: str, n: int, runs: int, seed: int) -> list[Check]:
    """Return the checks that one network is right more often than another, and slower, from the same credences."""
    more, less = cell(better, n, runs, seed), cell(worse, n, runs, seed)
    gap, se = mean_and_error(more.success.astype(float) - less.success)
    both = more.success & less.success
    wait, wait_se = mean_and_error((more.rounds - less.rounds)[both])
    return [
        ordering(f"{better} is right more often than {worse}, {n} agents", "yes (Fig. 2)", gap, se, 2.0),
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
def beta_cell(network: str, n: int, prior: float, rounds: int, runs: int, seed: int) -> npt.NDArray[np.bool_]:
    """Return the runs of one network under the variant of 2010."""
    draws = generator(seed, FIRST_ITEM + 500 + n)
    return learn_both(graphs.named(network, n), (0.5, 0.499), prior, 1000, rounds, runs, draws)


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
        cells = [cell(network, n, RUNS[full], seed) for n in sizes]
        shares = [_share(each) for each in cells]
        times = [rounds_to_success(each) for each in cells]
        left.errorbar(sizes, [s for s, _ in shares], [2 * e for _, e in shares], marker=mark, label=network)
        right.errorbar(sizes, [t for t, _ in times], [2 * e for _, e in times], marker=mark, label=network)
    left.set(xlabel="agents", ylabel="share that end right", title="Sparse is right more often")
    right.set(xlabel="agents", ylabel="rounds to success", title="and slower", yscale="log")
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
        "extreme priors is not claimed. All networks start from the same credences."
    ),
    run=run,
    figure=figure,
)
