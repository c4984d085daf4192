"""G3. A breakthrough that needs two lines of work: how fast a network gets there.

Claim
-----
Where a discovery is told to all who are tied to the discoverers, a fully tied community explores one line of work
together and takes many times as long to the breakthrough as a sparse one, whose parts explore different lines (Derex
and Boyd 2016; Cantor and others 2021). Where a discovery stays with the two who made it, the order of networks is
another, and the networks that are quick to discover are slow to spread it.

Citation
--------
M. Cantor, M. Chimento, S. Q. Smeele and others, "Social network architecture and the tempo of cumulative cultural
evolution", Proceedings of the Royal Society B 288:20203107, 2021, doi 10.1098/rspb.2020.3107, with data. The task is
that of M. Derex and R. Boyd, "Partial connectivity increases cultural accumulation within groups", PNAS 113:2982-2987,
2016, doi 10.1073/pnas.1518798113.

Definition
----------
Six ingredients are known to all. Three things combined make a new one if they are one of the eight recipes (`TASK`);
the later ones need products of both lines, and the last, a crossover, ends the search. In an epoch each agent is once
the focal one, in random order. It meets a random neighbour; a coin decides which of the two shows one thing and which
two, each drawn without replacement from what it knows, by worth. If the three are a recipe the product is learnt.

- *Broadcast* (the paper's model 1): by the two and all neighbours of both, at once. Epochs until the first crossover
  are counted from 0.
- *One to one* (model 2): by the two only; but whoever meet first tell each other all that they know. A crossover that
  is shown counts as found. The search goes on until, at the end of an epoch, N/2 + 1 know the same crossover.

"Mesh" has two senses here: the complete graph is slow, the sparse one fast. On sparse networks the time has a heavy
tail (the parts may learn all of one line and, with many valuable things to show, seldom the cheap ones that the other
needs), so medians are compared. A median is told in whole epochs, so that half an epoch is allowed beside the error.

Variant
-------
The authors' network called "random" is a small world: their program draws a random regular graph, notes its
properties, and then overwrites it with the small world drawn before (`Generate_networks.R`, and the files of networks
say so too: at 64 agents about a tenth of their ties are not those of a ring). What is published for "random" is
therefore set beside our small worlds, and our random regular graphs, which are slower, stand for themselves. What is
published is for one graph of each kind; ours is a mean over 20. At 144 and 324 agents the time on a small world hangs
on how many of its ties are rewired, which in their graphs is known from their notes of clustering only: such cells are
not checked, but for the complete graph. The lattice is a torus in which the corners are neighbours too; modules are
random inside and tied one by one (`graphs.linked_modules`). Their modular lattice and multilevel graphs are not built
here; `search` takes any graph.

Where all are tied to all, or all to a hub, everyone knows the same at all times, and the time is that of a small Markov
chain: `together` computes its distribution exactly, which checks the kernel without any simulation. The reference means
were simulated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.known_answers import graphs
from sim.known_answers.case import Case, Check, generator, level, mean_and_error, ordering
from sim.known_answers.kernels import kernel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST_ITEM = 3000
NEVER = -1
RUNS = {False: (300, 1000, 500), True: (5000, 5000, 5000)}  # dense networks, sparse ones, one to one


# --- the task ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What can be known, and made of what.

    Parameters
    ----------
    worth
        Worth of each thing: the weight with which it is shown.
    known
        Things that all know at the start.
    recipes
        Three different things, and what they make.
    goals
        The things that end the search.
    """

    worth: tuple[float, ...]
    known: tuple[int, ...]
    recipes: tuple[tuple[tuple[int, int, int], int], ...]
    goals: tuple[int, ...]

    def start(self) -> int:
        """Return what all know at the start, as bits."""
        return bits(self.known)


def bits(things: Sequence[int]) -> int:
    """Return a set of things as a whole number, one bit a thing."""
    return sum(1 << thing for thing in set(things))


# Things 0-2: a1 to a3; 3-5: A1 to A3; 6: XA; 7-9: b1 to b3; 10-12: B1 to B3; 13: XB.
TASK = Task(
    worth=(6.0, 8.0, 10.0, 48.0, 109.0, 188.0, 358.0) * 2,
    known=(0, 1, 2, 7, 8, 9),
    recipes=(
        ((0, 1, 2), 3),
        ((7, 8, 9), 10),
        ((3, 0, 8), 4),
        ((10, 1, 2), 11),
        ((4, 8, 9), 5),
        ((11, 7, 1), 12),
        ((5, 12, 4), 6),
        ((12, 5, 11), 13),
    ),
    goals=(6, 13),
)


# --- searching -----------------------------------------------------------------------------------------------


@kernel
def _one_shown(known: int, worth: Floats, shown: int, rng: np.random.Generator) -> int:
    """Return one thing drawn by worth from those that are known and not yet shown."""
    left = known & ~shown
    total = 0.0
    for thing in range(worth.size):
        if (left >> thing) & 1:
            total += worth[thing]
    u = rng.random() * total
    last = 0
    for thing in range(worth.size):
        if (left >> thing) & 1:
            last = thing
            u -= worth[thing]
            if u < 0.0:
                break
    return last


@kernel
def _shown(known: int, count: int, worth: Floats, rng: np.random.Generator) -> int:
    """Return, as bits, what an agent shows."""
    shown = 0
    for _ in range(count):
        shown |= 1 << _one_shown(known, worth, shown, rng)
    return shown


@kernel
def _made(shown: int, recipes: Whole, products: Whole) -> int:
    """Return what the things shown make, or -1."""
    for recipe in range(recipes.size):
        if shown == recipes[recipe]:
            return int(products[recipe])
    return -1


@kernel
def _tell(known: Whole, agent: int, product: int, start: Whole, neighbours: Whole) -> None:
    """Let an agent's neighbours learn a product."""
    for k in range(start[agent], start[agent + 1]):
        known[neighbours[k]] |= 1 << product


@kernel
def _most_knowing(known: Whole, goals: int) -> int:
    """Return how many agents know the goal that most know."""
    most = 0
    for thing in range(63):
        if (goals >> thing) & 1:
            knowing = 0
            for agent in range(known.size):
                knowing += (known[agent] >> thing) & 1
            most = max(most, knowing)
    return most


@kernel
def _meet(
    known: Whole,
    i: int,
    j: int,
    worth: Floats,
    recipes: Whole,
    products: Whole,
    goals: int,
    to_one: bool,
    rng: np.random.Generator,
) -> int:
    """Let two agents meet; return what they find, or -1. They learn it; their neighbours do not yet."""
    if to_one:
        known[i] |= known[j]
        known[j] = known[i]
    first = 1 if rng.random() < 0.5 else 2
    one = _shown(known[i], first, worth, rng)
    other = _shown(known[j], 3 - first, worth, rng)
    shown = one | other
    found = _made(shown, recipes, products)
    if to_one and shown & goals:
        found = 0
        while not ((shown & goals) >> found) & 1:
            found += 1
    if found >= 0:
        known[i] |= 1 << found
        known[j] |= 1 << found
    return found


@kernel
def _shuffle(order: Whole, rng: np.random.Generator) -> None:
    for last in range(order.size - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        order[last], order[other] = order[other], order[last]


@kernel
def _search(
    known: Whole,
    start: Whole,
    neighbours: Whole,
    worth: Floats,
    recipes: Whole,
    products: Whole,
    goals: int,
    to_one: bool,
    limit: int,
    rng: np.random.Generator,
) -> tuple[int, int]:
    """Run one search from what the agents know; return the epochs of the first goal and of the majority, or -1."""
    order = np.arange(known.size)
    first = -1
    for epoch in range(limit):
        _shuffle(order, rng)
        for focal in range(order.size):
            i = int(order[focal])
            ties = start[i + 1] - start[i]
            if ties == 0:
                continue
            j = int(neighbours[start[i] + int(rng.random() * ties)])
            found = _meet(known, i, j, worth, recipes, products, goals, to_one, rng)
            if found < 0:
                continue
            if not to_one:
                _tell(known, i, found, start, neighbours)
                _tell(known, j, found, start, neighbours)
            if first < 0 and (goals >> found) & 1:
                first = epoch
                if not to_one:
                    return first, -1
        if first >= 0 and 2 * _most_knowing(known, goals) >= known.size + 2:
            return first, epoch
    return first, -1


@kernel
def _searches(
    out: Whole,
    at_start: int,
    start: Whole,
    neighbours: Whole,
    worth: Floats,
    recipes: Whole,
    products: Whole,
    goals: int,
    to_one: bool,
    limit: int,
    rng: np.random.Generator,
) -> None:
    known = np.empty(start.size - 1, dtype=np.int64)
    for run in range(out.shape[0]):
        known[:] = at_start
        first, majority = _search(known, start, neighbours, worth, recipes, products, goals, to_one, limit, rng)
        out[run, 0] = first
        out[run, 1] = majority


def search(
    graph: graphs.Matrix,
    runs: int,
    draws: np.random.Generator,
    task: Task = TASK,
    to_one: bool = False,
    limit: int = 50_000,
) -> Whole:
    """Return when a network finds a crossover, many times over.

    Parameters
    ----------
    graph
        Shape (n, n); agents without a tie never are the focal one.
    runs
        How many runs.
    draws
        Where the random numbers come from.
    task
        What can be made of what; at most 62 things.
    to_one
        Whether a discovery stays with the two who made it, instead of being told to all neighbours.
    limit
        Epochs after which a run is given up.

    Returns
    -------
    ndarray
        Shape (runs, 2): the epoch, from 0, of the first goal, and with `to_one` that at whose end a majority knows it;
        -1 (`NEVER`) where it does not come, and in the second column without `to_one`.
    """
    start, neighbours = graphs.lists(graph)
    recipes = np.array([bits(recipe) for recipe, _ in task.recipes], dtype=np.int64)
    products = np.array([product for _, product in task.recipes], dtype=np.int64)
    out = np.empty((runs, 2), dtype=np.int64)
    goals, at_start, worth = bits(task.goals), task.start(), np.array(task.worth)
    _searches(out, at_start, start, neighbours, worth, recipes, products, goals, to_one, limit, draws)
    return out


# --- closed form for a community that knows all things together -----------------------------------------------


def chances(known: int, task: Task = TASK) -> dict[int, float]:
    """Return the chance of each new product in one meeting of two who both know these things.

    Parameters
    ----------
    known
        What they know, as bits.
    task
        What can be made of what.
    """
    total = sum(worth for thing, worth in enumerate(task.worth) if (known >> thing) & 1)
    found = {}
    for recipe, product in task.recipes:
        mask = bits(recipe)
        if mask & known == mask and not (known >> product) & 1:
            found[product] = sum(_shown_as(order, total, task.worth) for order in permutations(recipe))
    return found


def _shown_as(order: tuple[int, ...], total: float, worth: tuple[float, ...]) -> float:
    """Return the chance that one shows the first thing and the other the second and then the third."""
    one, two, three = (worth[thing] for thing in order)
    return one / total * two / total * three / (total - two)


def together(meetings_an_epoch: int, epochs: int, task: Task = TASK) -> Floats:
    """Return the exact chance that a community that knows all things together needs this many epochs.

    Parameters
    ----------
    meetings_an_epoch
        Agents with a tie.
    epochs
        How far to compute.
    task
        What can be made of what.

    Returns
    -------
    ndarray
        Shape (epochs,): chance that the first goal comes in epoch 0, 1, ...
    """
    states = _states(task)
    step = np.zeros((len(states), len(states)))
    goals = bits(task.goals)
    for known, row in states.items():
        moves = {} if known & goals else chances(known, task)
        for product, chance in moves.items():
            step[row, states[known | 1 << product]] += chance
        step[row, row] = 1.0 - sum(moves.values())
    epoch = np.linalg.matrix_power(step, meetings_an_epoch)
    done = np.array([bool(known & goals) for known in states])
    at, arrived = np.zeros(len(states)), [0.0]
    at[0] = 1.0
    for _ in range(epochs):
        at = at @ epoch
        arrived.append(float(at[done].sum()))
    return np.diff(arrived)


def _states(task: Task) -> dict[int, int]:
    """Return everything that can be known together, numbered; the start is 0."""
    states, found = {task.start(): 0}, [task.start()]
    goals = bits(task.goals)
    for known in found:
        for product in chances(known, task) if not known & goals else ():
            following = known | 1 << product
            if following not in states:
                states[following] = len(states)
                found.append(following)
    return states


def moments(chance: Floats) -> tuple[float, float]:
    """Return the mean and the median of a distribution over 0, 1, ..."""
    return float(chance @ np.arange(len(chance))), float(np.searchsorted(np.cumsum(chance), 0.5))


# --- the case ------------------------------------------------------------------------------------------------

# Networks by name: how it is made, the independent program's mean and median, and its runs.
REWIRED = 0.0975  # share of ties: igraph moves each end of a tie with the stated chance of .05
CHANCE = ("random", "small", "modular")  # networks that are drawn
SEEDED_GRAPHS = 20  # random networks are drawn anew this often, and the runs shared out


WHOLE = 0.5  # medians are told in whole epochs
LARGER = {144: (182.9, 142.0), 324: (79.7, 62.5)}  # complete, published: mean and median by agents
PUBLISHED_DENSE = {"complete": "400.7 ± 4.7 (313)", "star": "-"}


@dataclass(frozen=True)
class Tested:
    """A network of the table: what the independent program found on it."""

    title: str
    mean: float | None = None
    median: float | None = None
    published: str = "-"


NETWORKS = {
    "complete": Tested("complete", 407.7, 324, "400.7 ± 4.7 (313)"),
    "star": Tested("star", 393.0, 300),
    "cycle": Tested("cycle", 47.2, 40),
    "tree": Tested("4-ary tree", 33.4, 25),
    "caveman": Tested("caveman 8 x 8", 40.2, 28),
    "ring8": Tested("ring of degree 8", 59.9, 22),
    "small8": Tested("small world of degree 8", 68.0, 16, "67.6 ± 2.3 (16)"),
    "small12": Tested("small world of degree 12", 129.8, 23, "131.0 ± 3.4 (23)"),
    "lattice8": Tested("lattice of degree 8", 71.8, 15, "75.4 ± 2.5 (16)"),
    "modular8": Tested("modular of degree 8", 78.0, 14, "77.0 ± 2.6 (15)"),
    "modular12": Tested("modular of degree 12", 111.7, 16, "108.7 ± 3.4 (18)"),
    "random8": Tested("random regular of degree 8"),
}


def network(name: str, n: int, seed: int, item: int = 0) -> graphs.Matrix:
    """Return one of the case's networks.

    Parameters
    ----------
    name
        A key of `NETWORKS`.
    n
        Agents.
    seed, item
        Which draw, for the random ones.
    """
    kind = name.rstrip("0123456789")
    degree, draw = int(name.removeprefix(kind) or 0), FIRST_ITEM + 4 * item
    made: dict[str, Callable[[], graphs.Matrix]] = {
        "modular": lambda: graphs.linked_modules(4, n // 4, degree - 1, seed, draw),
        "random": lambda: graphs.random_regular(n, degree, seed, draw),
        "small": lambda: graphs.small_world(n, degree, REWIRED, seed, draw),
        "tree": lambda: graphs.tree(n, 4),
        "lattice": lambda: graphs.lattice(isqrt(n), isqrt(n), wrapped=True, diagonal=True),
        "caveman": lambda: graphs.caveman(n // 8, 8),
        "ring": lambda: graphs.ring(n, degree),
    }
    return made[kind]() if kind in made else graphs.named(name, n)


@cache
def times(name: str, runs: int, seed: int, to_one: bool = False, n: int = 64) -> Whole:
    """Return when a network of the case finds the crossover; shape (runs, 2), as `search` gives it."""
    item = FIRST_ITEM + 10 * list(NETWORKS).index(name) + int(to_one) + (n if n > 64 else 0)
    draws = generator(seed, item)
    parts = SEEDED_GRAPHS if name.startswith(CHANCE) else 1
    shares = [runs * (part + 1) // parts - runs * part // parts for part in range(parts)]
    return np.concatenate(
        [search(network(name, n, seed, part), share, draws, TASK, to_one) for part, share in enumerate(shares)]
    )


def median_and_error(values: npt.ArrayLike) -> tuple[float, float]:
    """Return the median of whole numbers and its standard error.

    Runs with the same number are spread evenly over half a unit either side of it, so that a median can lie between two
    numbers; the error is from the order statistics one standard error of rank either side.
    """
    numbers, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    within = np.concatenate([(np.arange(count) + 0.5) / count - 0.5 for count in counts])
    ranked = np.repeat(numbers, counts) + within
    half = np.sqrt(len(ranked)) / 2.0
    low, high = (int(np.clip(len(ranked) / 2.0 + side * half, 0, len(ranked) - 1)) for side in (-1.0, 1.0))
    return float(np.median(ranked)), float(ranked[high] - ranked[low]) / 2.0


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        5,000 runs a network, as in the paper, and larger networks; else 300 to 1,000, without medians of networks that
        are drawn anew.
    seed
        Seed of all draws.
    """
    dense, sparse, to_one = RUNS[full]
    return [
        *_together_checks(dense, full, seed),
        *_level_checks(dense, sparse, full, seed),
        *_order_checks(dense, sparse, full, seed),
        *(_size_checks(dense, seed) if full else []),
        *_one_to_one_checks(to_one, seed, full),
    ]


def _together_checks(runs: int, full: bool, seed: int) -> list[Check]:
    """Complete and star communities know all things together: exact, and within 6% of the published mean."""
    mean, median = moments(together(64, 20_000, TASK))
    checks = [level("complete, 64: exact mean (epochs)", "400.7 ± 4.7", 400.0, mean, 0.0, 24.0)]
    for name in ("complete", "star"):
        ours, se = mean_and_error(times(name, runs, seed)[:, 0])
        said = PUBLISHED_DENSE[name]
        checks.append(level(f"{name}, 64: mean, beside the exact one", said, mean, ours, se))
        ours, se = median_and_error(times(name, runs, seed)[:, 0])
        checks.append(level(f"{name}, 64: median, beside the exact one", said, median, ours, se, WHOLE))
    ours, _ = mean_and_error(times("complete", runs, seed)[:, 0])
    if full:
        checks.append(level("complete, 64: mean within 6% of 400", "400.7 ± 4.7", 400.0, ours, 0.0, 24.0))
    return checks


def _level_checks(dense: int, sparse: int, full: bool, seed: int) -> list[Check]:
    checks = []
    for name, tested in NETWORKS.items():
        found = times(name, dense if name in PUBLISHED_DENSE else sparse, seed)[:, 0]
        if tested.mean is not None:
            ours, se = mean_and_error(found)
            checks.append(level(f"{tested.title}, 64: mean (epochs)", tested.published, tested.mean, ours, se))
        if tested.median is not None and (full or not name.startswith(CHANCE)):  # graphs differ in it
            ours, se = median_and_error(found)
            claim = f"{tested.title}, 64: median (epochs)"
            checks.append(level(claim, tested.published, tested.median, ours, se, WHOLE))
    return checks


def _order_checks(dense: int, sparse: int, full: bool, seed: int) -> list[Check]:
    slow, slow_se = median_and_error(times("complete", dense, seed)[:, 0])
    checks = []
    for name in ("small8", "random8"):
        fast, fast_se = median_and_error(times(name, sparse, seed)[:, 0])
        over = slow / fast - 10.0
        error = slow / fast * float(np.hypot(slow_se / slow, fast_se / fast))
        claim = f"median of complete over median of {NETWORKS[name].title}, less 10"
        checks.append(ordering(claim, "9.6", over, error))
    means = {name: mean_and_error(times(name, sparse, seed)[:, 0]) for name in ("small8", "small12", "random8")}
    for more, published in (("small12", "131 v 67.6"), *([("random8", "-")] if full else [])):
        claim = f"{NETWORKS[more].title} is slower than small world of degree 8"
        checks.append(ordering(claim, published, *_gap(means[more], means["small8"])))
    return checks


def _size_checks(runs: int, seed: int) -> list[Check]:
    """Larger complete networks, beside what is published and beside what is exact."""
    checks = []
    for n, (mean, median) in LARGER.items():
        found = times("complete", runs, seed, n=n)[:, 0]
        exact_mean, exact_median = moments(together(n, 10_000, TASK))
        for what, published, exact_one, (ours, se), allowed in (
            ("mean", mean, exact_mean, mean_and_error(found), 0.0),
            ("median", median, exact_median, median_and_error(found), WHOLE),
        ):
            checks.append(level(f"complete, {n}: {what} (epochs)", f"{published}", published, ours, se, allowed))
            claim = f"complete, {n}: {what}, beside the exact one"
            checks.append(level(claim, f"{published}", exact_one, ours, se, allowed))
    return checks


def _one_to_one_checks(runs: int, seed: int, full: bool) -> list[Check]:
    """Discoveries that stay with the two who made them (model 2)."""
    found = {name: times(name, runs, seed, to_one=True) for name in ("complete", "small8")}
    first = {name: mean_and_error(each[:, 0]) for name, each in found.items()}
    spread = {name: mean_and_error(each[:, 1] - each[:, 0]) for name, each in found.items()}
    checks = [
        level(f"one to one, {name}, 64: mean epochs to the first", f"{published}", published, *first[name])
        for name, published in (("complete", 120.3), ("small8", 100.2))
    ]
    claim = "one to one, complete, 64: epochs from first to majority"
    checks.append(level(claim, "1.69", 1.69, *spread["complete"]))
    gap, se = _gap(spread["small8"], spread["complete"])
    checks.append(ordering("one to one, complete spreads faster than a small world", "yes", gap, se))
    if full:
        gap, se = _gap(first["complete"], first["small8"])
        checks.append(ordering("one to one, a small world finds sooner than complete", "100.2 v 120.3", gap, se))
    return checks


def _gap(more: tuple[float, float], less: tuple[float, float]) -> tuple[float, float]:
    """Return the difference of two independent means and its standard error."""
    return more[0] - less[0], float(np.hypot(more[1], less[1]))


def figure(full: bool, seed: int) -> Figure:
    """Draw how long each network takes, as the paper does, and the share of runs that have found a crossover by epoch.

    Parameters
    ----------
    full, seed
        As for `run`, whose runs are used.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only a drawing needs it

    drawing = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = drawing.subplots(1, 2)
    _draw_spans(left, full, seed)
    for name in ("complete", "star", "cycle", "caveman", "small8", "random8"):
        found = np.sort(_found(name, full, seed)) + 1
        right.step(found, np.arange(1, len(found) + 1) / len(found), where="post", label=NETWORKS[name].title)
    exact = together(64, 4000, TASK)
    right.plot(np.arange(1, 4001), np.cumsum(exact), color="black", linestyle=":", label="complete, exact")
    right.set(xscale="log", xlabel="epochs + 1", ylabel="share of runs with a crossover", title="how fast, by network")
    right.set_xlim(0.12, 4000)
    right.legend(fontsize=8, loc="upper left")
    return drawing


def _found(name: str, full: bool, seed: int) -> Whole:
    return np.asarray(times(name, RUNS[full][0 if name in PUBLISHED_DENSE else 1], seed)[:, 0])


def _draw_spans(ax: Axes, full: bool, seed: int) -> None:
    """Draw, for each network, the middle half of the runs, the median, the mean, and the published median."""
    for row, (name, tested) in enumerate(NETWORKS.items()):
        low, middle, high = np.quantile(_found(name, full, seed), (0.25, 0.5, 0.75))
        ax.plot([low, high], [row, row], "-", color="C0", linewidth=5, alpha=0.4, label="" if row else "middle half")
        ax.plot(middle, row, "o", color="C0", label="" if row else "median")
        ax.plot(_found(name, full, seed).mean(), row, "s", color="C1", label="" if row else "mean")
        published = re.search(r"\((\d+)\)", tested.published)
        if published:
            ax.plot(float(published[1]), row, "kx", markersize=9, label="" if row else "published median")
    ax.set(xscale="log", xlabel="epochs to the crossover", title="64 agents, discoveries are broadcast")
    ax.set_yticks(range(len(NETWORKS)), [tested.title for tested in NETWORKS.values()])
    ax.invert_yaxis()
    ax.legend(fontsize=8, loc="lower right")


CASE = Case(
    id="G3",
    title="A breakthrough from two lines of work",
    claim="A fully tied community takes over ten times as long to a breakthrough as a sparse one, by the median.",
    citation=(
        "Cantor, Chimento, Smeele and others, Social network architecture and the tempo of cumulative cultural "
        "evolution, Proc. R. Soc. B 288:20203107, 2021, doi 10.1098/rspb.2020.3107"
    ),
    says=(
        "The task of Derex and Boyd (2016): eight recipes of three things, two lines, a crossover that needs both. A "
        "discovery is told at once to all neighbours of the two who made it; in the variant 'one to one' it stays with "
        "them. Medians are compared, for times on sparse networks have a heavy tail. Random networks are drawn anew 20 "
        "times; the network that the authors call random is in truth a small world. For complete and star communities "
        "the distribution is computed exactly."
    ),
    run=run,
    figure=figure,
)
