"""G10. How long summing takes with few hands, how fast beliefs agree on a network, how fast a rumour spreads.

Claim
    (a) Many hands shorten a sum, up to a limit that grows with the logarithm of what is summed. (b) Averaging on a
    network agrees at the rate of its second eigenvalue, and a hub's word counts for more than it knows. (c) A rumour
    passed on by calls reaches all in about log2 n + ln n rounds.

Citation
    (a) Radner, "The Organization of Decentralized Information Processing", Econometrica 61(5):1109-1146, 1993.
    (b) DeGroot, "Reaching a Consensus", JASA 69:118-121, 1974; Golub and Jackson, "Naive Learning in Social Networks
    and the Wisdom of Crowds", AEJ: Microeconomics 2(1):112-149, 2010, doi 10.1257/mic.2.1.112. (c) Frieze and
    Grimmett, "The shortest-path problem for graphs with random arc-lengths", Discrete Applied Mathematics 10:57-77,
    1985; Pittel, "On spreading a rumor", SIAM Journal on Applied Mathematics 47:213-223, 1987.

Definition
    (a) P processors sum N items. In a cycle a processor adds one item, or another's partial sum, to its register. The
    least delay for P up to N/2 is ``floor(N/P) + ceil(log2(P + N mod P))``. (b) Weights 1/(degree + 1) on oneself and
    each neighbour. The distance from agreement shrinks in a round, in the long run, by the second largest absolute
    eigenvalue; with these weights i's influence on the consensus is ``(degree_i + 1) / sum(degree + 1)``. (c) In a
    round each who knows calls one other at random (push); with push and pull, each calls, and both know if one did.

Variant
    (a) `least_delay` finds the optimum itself, by search over what can be held. A processor whose register is read may
    start anew in the same cycle. (b) Any row-stochastic weights. (c) Any network; all calls in a round act on the start
    of the round. On complete networks `expected_rounds` is the exact mean, from the chain of the number who know.
"""

from __future__ import annotations

from functools import cache
from math import ceil, floor, log, log2

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.known_answers.case import Case, Check, exact, generator, level, mean_and_error, ordering
from sim.known_answers.graphs import Matrix, complete, cycle, line, lists, star, torus, tree
from sim.known_answers.kernels import kernel
from sim.streams import Purpose, uniform

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
ITEM = 10_000
PURPOSE = int(Purpose.BOOTSTRAP)
NETWORKS: dict[str, Matrix] = {
    "complete": complete(16),
    "star": star(16),
    "torus": torus(4, 4),
    "cycle": cycle(16),
    "tree (15)": tree(15),
    "line": line(16),
}


# --- (a) summing ---------------------------------------------------------------------------------------------


def formula_delay(items: int, hands: int) -> int:
    """Return Radner's least delay, for at most half as many hands as items; with more, that of half as many."""
    if hands >= items / 2:
        return 1 + ceil(log2(items))
    return floor(items / hands) + ceil(log2(hands + items % hands))


def least_delay(items: int, hands: int) -> int:
    """Return the least number of cycles in which this many hands sum the items, by search.

    A state is the number of items not yet read and of partial sums held. Fewer of either is never worse, so of
    states with as many items left only those with the fewest sums are kept.
    """
    states, cycles = {items: 0}, 0
    while states.get(0, items) != 1:
        states, cycles = _next_states(states, hands), cycles + 1
    return cycles


def _next_states(states: dict[int, int], hands: int) -> dict[int, int]:
    """Return the fewest partial sums that can be held for each number of items left, one cycle on."""
    reached: dict[int, int] = {}
    for left, held in states.items():
        for merged in range(held // 2 + 1):
            for added in range(min(left, held - 2 * merged, hands - merged) + 1):
                for begun in range(min(left - added, hands - held + merged, hands - merged - added) + 1):
                    now, sums = left - added - begun, held - merged + begun
                    reached[now] = min(reached.get(now, sums), sums)
    return reached


# --- (b) averaging -------------------------------------------------------------------------------------------


def equal_weights(graph: Matrix) -> Floats:
    """Return weights 1/(degree + 1) on oneself and on each neighbour."""
    listens = graph + np.eye(len(graph))
    return np.asarray(listens / listens.sum(axis=1, keepdims=True))


def second_eigenvalue(weights: Floats) -> float:
    """Return the second largest absolute eigenvalue of row-stochastic weights."""
    sizes = np.sort(np.abs(np.linalg.eigvals(weights)))
    return float(sizes[-2])


def influence(weights: Floats) -> Floats:
    """Return each one's weight in the consensus: the left eigenvector of eigenvalue 1, summing to 1."""
    values, vectors = np.linalg.eig(weights.T)
    found = np.real(vectors[:, np.argmin(np.abs(values - 1.0))])
    return np.asarray(found / found.sum())


def listen(weights: Floats, beliefs: Floats, rounds: int) -> Floats:
    """Return beliefs over time, shape (rounds + 1, n), when all take weighted averages at once."""
    history = [beliefs]
    for _ in range(rounds):
        history.append(weights @ history[-1])
    return np.array(history)


def decay(weights: Floats, beliefs: Floats, rounds: int = 600) -> float:
    """Return by how much the distance from the consensus shrinks in a late round; 0 once nothing is left."""
    apart = beliefs - influence(weights) @ beliefs
    rate = 0.0
    for _ in range(rounds):
        apart = weights @ apart
        apart -= influence(weights) @ apart  # what rounding puts back of the part that stays
        rate = float(np.linalg.norm(apart))
        if rate < 1e-12:
            return 0.0
        apart /= rate
    return rate


# --- (c) rumours ---------------------------------------------------------------------------------------------


@kernel
def spread(n: int, start: Whole, neighbour: Whole, pull: bool, seed: int, key: int, most: int) -> int:
    """Return rounds until all know, one knowing at first; `most` if they do not by then.

    Without neighbours (an empty array) anybody may call anybody.
    """
    anybody = neighbour.shape[0] == 0
    knows, hears = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    knows[0] = True
    told = 1
    for round_ in range(most):
        if told == n:
            return round_
        hears[:] = False
        for i in range(n):
            if knows[i] or pull:
                u = uniform(np.uint64(seed), np.uint64(key), round_, 0, PURPOSE, i)
                if anybody:
                    other = int(u * (n - 1))
                    other += 1 if other >= i else 0
                else:
                    other = neighbour[start[i] + int(u * (start[i + 1] - start[i]))]
                if knows[i]:
                    hears[other] = True
                elif knows[other]:
                    hears[i] = True
        for i in range(n):
            if hears[i] and not knows[i]:
                knows[i] = True
                told += 1
    return most


def gossip(n: int, runs: int, pull: bool, seed: int, graph: Matrix | None = None, most: int = 100_000) -> Whole:
    """Return rounds until all know, run by run.

    Parameters
    ----------
    n
        How many there are, at most 2^16.
    runs
        Number of runs.
    pull
        Whether those who do not know call too.
    seed
        Of the draws.
    graph
        Who may call whom; None means anybody, anybody.
    most
        Rounds after which a run ends.
    """
    start, neighbour = (np.zeros(1, np.int64), np.zeros(0, np.int64)) if graph is None else lists(graph)
    first = n << 32
    return np.array([spread(n, start, neighbour, pull, seed, first + run_, most) for run_ in range(runs)])


def expected_rounds(n: int, pull: bool) -> float:
    """Return the exact mean number of rounds until all of n know, if anybody may call anybody."""
    means = np.zeros(n + 1)  # rounds still to go, by the number who know
    for knowing in range(n - 1, 0, -1):
        chances = _newly_told(n, knowing, pull)
        later = float(chances[1:] @ means[knowing + 1 :])
        means[knowing] = (1.0 + later) / (1.0 - chances[0])
    return float(means[1])


def _newly_told(n: int, knowing: int, pull: bool) -> Floats:
    """Return the chance of each number of newly told, from 0 to all who did not know."""
    others = n - knowing
    hit = np.zeros(others + 1)
    hit[0] = 1.0
    counts = np.arange(others + 1)
    for _ in range(knowing):
        moves = hit * (others - counts) / (n - 1)
        hit -= moves
        hit[1:] += moves[:-1]
    return hit if not pull else _and_pulled(hit, knowing / (n - 1))


def _and_pulled(hit: Floats, chance: float) -> Floats:
    """Return the same when each of those not called asks one who knows with this chance."""
    total = np.zeros_like(hit)
    others = len(hit) - 1
    asked = np.zeros(others + 1)  # binomial(number not called, chance), built up one at a time
    asked[0] = 1.0
    for quiet in range(others + 1):
        called = others - quiet
        total[called:] += hit[called] * asked[: quiet + 1]
        asked[1:] = asked[1:] * (1.0 - chance) + asked[:-1] * chance
        asked[0] *= 1.0 - chance
    return total


# --- the case ------------------------------------------------------------------------------------------------

DELAYS = {40: {1: 40, 2: 21, 4: 12, 8: 8, 16: 7, 20: 7}, 100: {1: 100, 10: 14, 25: 9, 50: 8}}
EIGENVALUES = {
    "complete": 0.0,
    "star": 0.5,
    "torus": 0.6,
    "cycle": 0.949253,
    "tree (15)": 0.963943,
    "line": 0.986058,
}
VARIANCES = {"complete": 0.0625, "star": 0.14934, "tree (15)": 0.07409}
PUSH = {64: 11.09, 256: 14.57, 1024: 17.96, 4096: 21.51}
PUSH_PULL = {64: 5.95, 256: 7.60, 1024: 9.17, 4096: 10.69}
RUNS = {False: 300, True: 1000}
ROUNDED = 5.1e-6  # of a reference with five decimals


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of all three parts."""
    return [*_sums(40 if full else 24), *_beliefs(seed), *_rumours(full, seed)]


def _sums(most: int) -> list[Check]:
    checks = [
        exact(f"Least delay, {items} items, {hands} hands", "-", cycles, least_delay(items, hands), 0.0)
        for items, row in DELAYS.items()
        for hands, cycles in row.items()
    ]
    wrong = sum(
        least_delay(items, hands) != formula_delay(items, hands)
        for items in range(2, most + 1)
        for hands in range(1, items // 2 + 1)
    )
    return [*checks, exact("Cases of N and P in which search and formula differ", "none to N=40", 0, wrong, 0.0)]


def _beliefs(seed: int) -> list[Check]:
    draws = generator(seed, ITEM)
    checks = []
    for name, expected in EIGENVALUES.items():
        weights = equal_weights(NETWORKS[name])
        found = decay(weights, draws.standard_normal(len(weights)))
        checks.append(exact(f"Disagreement left after a round, {name}", "second eigenvalue", expected, found, 1e-6))
    hub = influence(equal_weights(NETWORKS["star"]))[0]
    checks.append(exact("Influence of the hub of a star", "(d+1)/sum(d+1)", 0.34783, float(hub), ROUNDED))
    for name, expected in VARIANCES.items():
        weights = influence(equal_weights(NETWORKS[name]))
        told = f"Variance of the consensus, {name}"
        checks.append(exact(told, "sum of squared influence", expected, float(weights @ weights), ROUNDED))
    return checks


@cache
def _rounds(n: int, pull: bool, full: bool, seed: int) -> Whole:
    return gossip(n, RUNS[full], pull, seed)


def _rumours(full: bool, seed: int) -> list[Check]:
    checks = []
    sizes = [n for n in PUSH if full or n <= 1024]
    for name, pull, expected in (("push", False, PUSH), ("push and pull", True, PUSH_PULL)):
        for n in sizes:
            found = mean_and_error(_rounds(n, pull, full, seed))
            says = f"{log2(n) + log(n):.2f} + O(1)" if not pull else "-"
            checks.append(level(f"Rounds until all {n} know, {name}", says, expected[n], *found))
    for name, pull in (("push", False), ("push and pull", True)):
        found = mean_and_error(_rounds(256, pull, full, seed))
        checks.append(level(f"The same against the exact mean, {name}, n=256", "-", expected_rounds(256, pull), *found))
    return [*checks, *_who_is_faster(full, seed)]


def _who_is_faster(full: bool, seed: int) -> list[Check]:
    found = {
        name: gossip(64, RUNS[full] // 3, False, seed, graph) for name, graph in (("all", None), ("ring", cycle(64)))
    }
    told = "A rumour takes longer on a ring of 64 than among all 64"
    gap, error = mean_and_error(found["ring"] - found["all"])
    return [ordering(told, "-", gap, error)]


def figure(full: bool, seed: int) -> Figure:
    """Draw delay against hands, disagreement against rounds, and rounds against size."""
    drawing = Figure(figsize=(11.0, 3.8))
    left, middle, right = drawing.subplots(1, 3)
    _draw_sums(left)
    _draw_beliefs(middle, seed)
    _draw_rumours(right, full, seed)
    return drawing


def _draw_sums(ax: Axes) -> None:
    for items in (20, 40, 100):
        hands = np.arange(1, items // 2 + 1)
        ax.plot(hands, [formula_delay(items, int(p)) for p in hands], label=f"{items} items")
    for p in (1, 2, 4, 8, 16, 20):
        ax.plot(p, least_delay(40, p), "ko", markersize=4)
    ax.set(title="summing", xlabel="hands", ylabel="least delay (cycles)", xscale="log", yscale="log")
    ax.legend()


def _draw_beliefs(ax: Axes, seed: int) -> None:
    draws = generator(seed, ITEM)
    for name, graph in NETWORKS.items():
        weights = equal_weights(graph)
        history = listen(weights, draws.standard_normal(len(graph)), 40)
        apart = np.linalg.norm(history - (history @ influence(weights))[:, None], axis=1)
        ax.plot(np.maximum(apart / apart[0], 1e-6), label=name)
    ax.set(title="averaging, 16 nodes", xlabel="round", ylabel="disagreement left (1 = at the start)", yscale="log")
    ax.set_ylim(1e-4, 1.5)
    ax.legend(fontsize=8)


def _draw_rumours(ax: Axes, full: bool, seed: int) -> None:
    sizes = [n for n in PUSH if full or n <= 1024]
    for index, (name, pull) in enumerate((("push", False), ("push and pull", True))):
        exact_sizes = [16, 32, 64, 128, 256]
        ax.plot(exact_sizes, [expected_rounds(n, pull) for n in exact_sizes], label=f"{name}, exact")
        means = [_rounds(n, pull, full, seed).mean() for n in sizes]
        ax.plot(sizes, means, "os"[index], color=f"C{index}", markersize=5, label=f"{name}, simulated")
    sizes_shown = np.geomspace(16, 4096, 50)
    ax.plot(sizes_shown, np.log2(sizes_shown) + np.log(sizes_shown), label="log2 n + ln n")
    ax.set(title="a rumour", xlabel="people", ylabel="rounds until all know", xscale="log")
    ax.legend(fontsize=8)


CASE = Case(
    id="G10",
    title="Delay of sums, agreement, and rumours",
    claim="Many hands help up to a logarithm; averaging agrees at the second eigenvalue; calls reach all in log n.",
    citation="Radner, Econometrica 61(5), 1993; DeGroot, JASA 69, 1974; Golub and Jackson, AEJ: Micro 2(1), 2010, "
    "doi 10.1257/mic.2.1.112; Pittel, SIAM Journal on Applied Mathematics 47, 1987",
    says=(__doc__ or "").strip(),
    run=run,
    figure=figure,
)
