"""G4. Search on a rugged landscape: a network that copies fast settles early on a poor answer.

Claim
-----
When a problem is complex, an efficient network leads at first and loses in the end: all copy the best answer found so
far, and variety is gone before good answers are found. Slow networks, slow looking and faulty copying keep variety and
end higher (Lazer and Friedman 2007). When the problem is simple the efficient network is just faster.

Citation
--------
D. Lazer and A. Friedman, "The Network Structure of Exploration and Exploitation", Administrative Science Quarterly
52(4):667-694, 2007, doi 10.2189/asqu.52.4.667. Opposed evidence, from people on a smooth two-dimensional task: W. Mason
and D. J. Watts, "Collaborative learning in networks", PNAS 109(3):764-769, 2012, doi 10.1073/pnas.1110069108.

Definition
----------
A solution is N = 20 bits. Its value is the mean of N contributions, each from a table of U(0, 1) numbers that its own
bit and K = 5 others look up (the NK model of Kauffman). The score is (value / highest value of that landscape)^8; the
mean over 100 agents is reported. All act at once in a round: an agent with a strictly better neighbour copies the best
one; else it flips one bit at random, and keeps that if it is strictly better.

- *Velocity* v: an agent looks at its neighbours in a round with chance v, and else tries a flip.
- *Copy error* e: each bit is copied with chance 1 - e and else stays the copier's own; a result that is not better is
  dropped.

Variant
-------
The paper does not say how the K others are drawn. Here they are distinct and other than the bit itself; drawing them
with replacement from all N bits (`random_reads(..., with_replacement=True)`) makes landscapes less rugged and raises
all levels by about .04, closer to the paper's figures. Levels are therefore checked within .05, and comparisons between
networks on the same landscapes and from the same starts weigh more.

Three of the paper's comparisons are of close things (a hub against a complete network in the long run, some rewiring
against none in round 25, copies with errors against true ones): their differences are about as large as four standard
errors of 1,000 landscapes, and are judged on 3,000 others (`CLOSE`). The paper's best amount of rewiring in round 25
lies inside its range; that it is 3 ties of 200 here was found by a scan of 3, 5, 10, 20 and 50 on 300 landscapes that
are not among those 3,000.

For use beyond the paper: any N and K, any pattern of interaction (`reads_of`), any directed graph, and `decide`: one
solution whose bits are divided among units, with any rule about who weighs what, who may veto whom, who goes first and
how many changes a round are made (`Consent`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.known_answers import graphs
from sim.known_answers.case import Case, Check, exact, generator, level, mean_and_error, ordering, within
from sim.known_answers.kernels import kernel
from sim.streams import Purpose, derived_seed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

FIRST_ITEM = 4000
FRESH = 1024  # solutions after which a sum is made anew
MOST_BITS = 24  # all values of a landscape are held: 2^24 of them are 128 MB


# --- landscapes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Landscape:
    """An NK landscape.

    Parameters
    ----------
    reads
        Shape (N, K + 1): the bits that look up each contribution. A bit may stand there twice; that only means that
        some of the table is never looked up.
    tables
        Shape (N, 2^(K + 1)): contributions.
    """

    reads: Whole
    tables: Floats

    @property
    def bits(self) -> int:
        """Length of a solution."""
        return len(self.reads)

    def values(self) -> Floats:
        """Return the value of every solution, shape (2^N,): bit b of the index is bit b of the solution."""
        out = np.empty(1 << self.bits)
        _fill_values(out, self.reads, self.tables)
        return out


def random_reads(n: int, k: int, draws: np.random.Generator, with_replacement: bool = False) -> Whole:
    """Return which bits each contribution reads: its own and K drawn at random.

    Parameters
    ----------
    n, k
        Length of a solution, and how many other bits a contribution reads.
    draws
        Where the random numbers come from.
    with_replacement
        Whether the K are drawn with replacement from all N, the own bit included; else they are distinct and others.
    """
    if with_replacement:
        return np.column_stack((np.arange(n), draws.integers(n, size=(n, k))))
    others = np.argsort(draws.random((n, n - 1)), axis=1)[:, :k]
    return np.column_stack((np.arange(n), others + (others >= np.arange(n)[:, None])))


def next_reads(n: int, k: int) -> Whole:
    """Return reads of the own bit and the K that follow it in a ring."""
    return (np.arange(n)[:, None] + np.arange(k + 1)) % n


def reads_of(pattern: npt.NDArray[np.bool_]) -> Whole:
    """Return reads for any pattern of interaction.

    Parameters
    ----------
    pattern
        Shape (N, N): entry [i, j] says whether contribution i depends on bit j. The diagonal counts as true.
    """
    rows = [[i, *(int(j) for j in np.flatnonzero(row) if j != i)] for i, row in enumerate(pattern)]
    longest = max(len(row) for row in rows)
    return np.array([row + [row[0]] * (longest - len(row)) for row in rows], dtype=np.int64)


def blocks(n: int, size: int) -> npt.NDArray[np.bool_]:
    """Return the pattern in which bits of the same block of this size depend on each other, and on no others."""
    block = np.arange(n) // size
    return np.asarray(block[:, None] == block)


def landscape(reads: Whole, draws: np.random.Generator) -> Landscape:
    """Return a landscape with U(0, 1) contributions.

    Raises
    ------
    ValueError
        If it has more bits than can be listed.
    """
    n, width = reads.shape
    if n > MOST_BITS:
        raise ValueError(f"a solution has {n} bits; at most {MOST_BITS} are possible, for all values are listed")
    return Landscape(np.ascontiguousarray(reads, dtype=np.int64), draws.random((n, 1 << width)))


@kernel
def _contribution(i: int, solution: int, reads: Whole, tables: Floats) -> float:
    place = 0
    for j in range(reads.shape[1]):
        place |= ((solution >> reads[i, j]) & 1) << j
    return float(tables[i, place])


@kernel
def _fill_values(out: Floats, reads: Whole, tables: Floats) -> None:
    """Fill in all values, from one solution to the next by a single flip (Gray's code): only what reads it changes."""
    n, width = reads.shape
    moves = np.zeros((n, n), dtype=np.int64)  # how a flip of the first moves the place in the table of the second
    for i in range(n):
        for j in range(width):
            moves[reads[i, j], i] ^= 1 << j
    place, held = np.zeros(n, dtype=np.int64), tables[:, 0].copy()
    total = 0.0
    for count in range(out.size):
        flipped = 0
        while count and not (count >> flipped) & 1:
            flipped += 1
        for i in range(n if count else 0):
            if moves[flipped, i]:
                place[i] ^= moves[flipped, i]
                total -= held[i]
                held[i] = tables[i, place[i]]
                total += held[i]
        if count % FRESH == 0:  # so that rounding does not add up
            total = 0.0
            for i in range(n):
                total += held[i]
        out[count ^ (count >> 1)] = total / n


@kernel
def _count_peaks(values: Floats, bits: int) -> int:
    peaks = 0
    for solution in range(values.size):
        highest = True
        for bit in range(bits):
            if values[solution ^ (1 << bit)] > values[solution]:
                highest = False
                break
        if highest:
            peaks += 1
    return peaks


def peaks(land: Landscape) -> int:
    """Return how many solutions no single flip improves."""
    return int(_count_peaks(land.values(), land.bits))


# --- search on a network -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Search:
    """How agents search.

    Parameters
    ----------
    rounds
        Length of a run.
    velocity
        Chance that an agent looks at its neighbours in a round.
    error
        Chance that a bit is not copied.
    power
        The score is the value as a share of the highest, to this power.
    """

    rounds: int = 200
    velocity: float = 1.0
    error: float = 0.0
    power: float = 8.0


@kernel
def _copied(own: int, other: int, error: float, bits: int, rng: np.random.Generator) -> int:
    """Return a copy of another's solution in which some bits may have stayed the own ones."""
    if error == 0.0:
        return other
    copy = own
    for bit in range(bits):
        if ((own ^ other) >> bit) & 1 and rng.random() >= error:
            copy ^= 1 << bit
    return copy


@kernel
def _best_neighbour(agent: int, held: Floats, start: Whole, neighbours: Whole) -> int:
    """Return the neighbour with the best solution if it is better than the agent's own, else the agent."""
    best = agent
    for k in range(start[agent], start[agent + 1]):
        if held[neighbours[k]] > held[best]:
            best = neighbours[k]
    return best


@kernel
def _unique(solutions: Whole) -> int:
    ranked = np.sort(solutions)
    count = 1
    for k in range(1, ranked.size):
        if ranked[k] != ranked[k - 1]:
            count += 1
    return count


@kernel
def _search(
    solutions: Whole,
    values: Floats,
    start: Whole,
    neighbours: Whole,
    bits: int,
    velocity: float,
    error: float,
    means: Floats,
    unique: Whole,
    power: float,
    rng: np.random.Generator,
) -> None:
    agents, highest = solutions.size, values.max()
    held = values[solutions]
    following = solutions.copy()
    for now in range(means.size):
        total = 0.0
        for agent in range(agents):
            total += (held[agent] / highest) ** power
        means[now] = total / agents
        unique[now] = _unique(solutions)
        for agent in range(agents):
            best = agent
            if velocity >= 1.0 or rng.random() < velocity:
                best = _best_neighbour(agent, held, start, neighbours)
            if best != agent:
                tried = _copied(solutions[agent], solutions[best], error, bits, rng)
            else:
                tried = solutions[agent] ^ (1 << int(rng.random() * bits))
            following[agent] = tried if values[tried] > held[agent] else solutions[agent]
        for agent in range(agents):
            solutions[agent] = following[agent]
            held[agent] = values[following[agent]]


def search(
    graph: graphs.Matrix,
    values: Floats,
    starts: Whole,
    how: Search,
    draws: np.random.Generator,
) -> tuple[Floats, Whole]:
    """Let agents search one landscape.

    Parameters
    ----------
    graph
        Shape (n, n): entry [i, j] says whether i sees j; it may be directed.
    values
        Value of every solution, shape (2^N,), as `Landscape.values` gives it.
    starts
        Solutions at the start, shape (n,).
    how
        How they search.
    draws
        Where the random numbers come from.

    Returns
    -------
    tuple
        Mean score and number of different solutions, each of shape (rounds + 1,); the first entry is the start.
    """
    start, neighbours = graphs.lists(graph)
    means, unique = np.empty(how.rounds + 1), np.empty(how.rounds + 1, dtype=np.int64)
    bits = len(values).bit_length() - 1
    solutions = np.array(starts, dtype=np.int64)
    _search(solutions, values, start, neighbours, bits, how.velocity, how.error, means, unique, how.power, draws)
    return means, unique


# --- one solution, divided among units ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Consent:
    """Who decides on what: how units judge proposals, whose consent these need, and how many are enacted.

    In a round every unit proposes a flip of one of its bits, drawn at random.

    Parameters
    ----------
    weighs
        Shape (units, units): entry [i, j] is the weight that unit i gives, in judging its own proposals, to what the
        contributions of unit j's bits gain. The unit matrix: each minds its own; all ones: each minds the whole.
    vetoes
        Shape (units, units): entry [i, j] says whether a proposal of unit i fails if unit j would lose by it.
    at_once
        Whether all proposals of a round are judged by what was there before it, and enacted together; else one unit
        after another judges by what there is.
    most
        How many proposals are enacted in a round at most: with `at_once` those with the highest weighed gain, else the
        first that pass.
    """

    weighs: Floats
    vetoes: Truths
    at_once: bool = False
    most: int = 1 << 30


def own(units: int) -> Consent:
    """Return silos: each unit judges by the contributions of its own bits, all at once."""
    return Consent(np.eye(units), np.zeros((units, units), dtype=bool), at_once=True)


def turn(units: int) -> Consent:
    """Return units that go one after another and each mind the whole."""
    return Consent(np.ones((units, units)), np.zeros((units, units), dtype=bool))


def one(units: int) -> Consent:
    """Return a centre that enacts the one proposal of the round by which the whole gains most."""
    return Consent(np.ones((units, units)), np.zeros((units, units), dtype=bool), at_once=True, most=1)


def unanimous(units: int) -> Consent:
    """Return units that go one after another: the whole must gain and no unit may lose."""
    return Consent(np.ones((units, units)), np.ones((units, units), dtype=bool))


@kernel
def _part_values(out: Floats, solution: int, owner: Whole, reads: Whole, tables: Floats) -> None:
    out[:] = 0.0
    for bit in range(owner.size):
        out[owner[bit]] += _contribution(bit, solution, reads, tables) / owner.size


@kernel
def _gain(unit: int, before: Floats, after: Floats, weighs: Floats, vetoes: Truths) -> float:
    """Return what a unit's proposal gains by its own weights; 0 if a unit that may vetoes it."""
    gain = 0.0
    for other in range(before.size):
        if vetoes[unit, other] and after[other] < before[other]:
            return 0.0
        gain += weighs[unit, other] * (after[other] - before[other])
    return gain


@kernel
def _enact(solution: int, flips: Whole, gains: Floats, most: int) -> int:
    """Return the solution after the proposals that gain most."""
    for _ in range(min(most, gains.size)):
        best = int(np.argmax(gains))
        if gains[best] <= 0.0:
            break
        solution ^= flips[best]
        gains[best] = 0.0
    return solution


@kernel
def _decide(
    path: Floats,
    solution: int,
    owner: Whole,
    own_bits: Whole,
    own_start: Whole,
    weighs: Floats,
    vetoes: Truths,
    at_once: bool,
    most: int,
    reads: Whole,
    tables: Floats,
    rng: np.random.Generator,
) -> int:
    units = own_start.size - 1
    before, after, gains = np.empty(units), np.empty(units), np.empty(units)
    flips = np.empty(units, np.int64)
    for now in range(path.shape[0]):
        _part_values(path[now], solution, owner, reads, tables)
        made = 0
        for unit in range(units):
            mine = own_start[unit + 1] - own_start[unit]
            flips[unit] = 1 << own_bits[own_start[unit] + int(rng.random() * mine)]
            _part_values(before, solution, owner, reads, tables)
            _part_values(after, solution ^ flips[unit], owner, reads, tables)
            gains[unit] = _gain(unit, before, after, weighs, vetoes)
            if not at_once and made < most and gains[unit] > 0.0:
                solution ^= flips[unit]
                made += 1
        if at_once:
            solution = _enact(solution, flips, gains, most)
    return solution


def decide(
    land: Landscape, owner: npt.ArrayLike, consent: Consent, rounds: int, draws: np.random.Generator, start: int = 0
) -> tuple[Floats, int]:
    """Let units that share out the bits of one solution improve it.

    Parameters
    ----------
    land
        The landscape.
    owner
        Shape (N,): the unit, from 0, that each bit belongs to; none is without a bit.
    consent
        Who decides: `own`, `turn`, `one`, `unanimous`, or a reader's own.
    rounds
        Length of a run.
    draws
        Where the random numbers come from.
    start
        Solution at the start.

    Returns
    -------
    tuple
        What each unit's bits contribute before each round, shape (rounds, units), whose sum over units is the value of
        the whole; and the solution at the end.

    Raises
    ------
    ValueError
        If a unit is without a bit, or the rule is for another number of units.
    """
    owners = np.asarray(owner, dtype=np.int64)
    counts = np.bincount(owners)
    if not counts.all():
        raise ValueError("a unit has no bit")
    if consent.weighs.shape != (counts.size, counts.size) or consent.vetoes.shape != consent.weighs.shape:
        raise ValueError(f"the rule of consent is for {len(consent.weighs)} units; there are {counts.size}")
    own_bits = np.argsort(owners, kind="stable").astype(np.int64)
    own_start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    path = np.empty((rounds, counts.size))
    rule = (np.asarray(consent.weighs, dtype=float), consent.vetoes, consent.at_once, consent.most)
    end = _decide(path, start, owners, own_bits, own_start, *rule, land.reads, land.tables, draws)
    return path, int(end)


# --- many landscapes, all networks on each --------------------------------------------------------------------

BITS, AGENTS = 20, 100
Maker = Callable[[int, int], graphs.Matrix]  # from a seed and the number of a landscape

NETWORKS: dict[str, Maker] = {
    "complete": lambda _seed, _item: graphs.complete(AGENTS),
    "linear": lambda _seed, _item: graphs.line(AGENTS),
    "lattice": lambda _seed, _item: graphs.ring(AGENTS, 4),
    "rewired3": lambda seed, item: graphs.rewired_ring(AGENTS, 4, 3, seed, 15_000 + item),
    "rewired10": lambda seed, item: graphs.rewired_ring(AGENTS, 4, 10, seed, item),
    "rewired50": lambda seed, item: graphs.rewired_ring(AGENTS, 4, 50, seed, 5000 + item),
    "random": lambda seed, item: graphs.random_graph(AGENTS, 0.07, seed, 10_000 + item),
    "hub": lambda _seed, _item: graphs.star(AGENTS),
    "tree": lambda _seed, _item: graphs.tree(AGENTS, 4),
    "alone": lambda _seed, _item: graphs.empty(AGENTS),
}


@dataclass(frozen=True)
class Arm:
    """One way of searching that is compared with others on the same landscapes.

    Parameters
    ----------
    network
        A key of `NETWORKS`.
    how
        How agents search.
    """

    network: str
    how: Search = Search()


@dataclass(frozen=True)
class Compared:
    """What came of arms on the same landscapes, from the same starts.

    Parameters
    ----------
    scores
        By arm: mean score, shape (landscapes, rounds + 1).
    unique
        By arm: different solutions, of the same shape.
    """

    scores: dict[str, Floats]
    unique: dict[str, Whole]


def compare(
    arms: Mapping[str, Arm],
    k: int,
    landscapes: int,
    seed: int,
    with_replacement: bool = False,
    bits: int | None = None,
    first: int = 0,
) -> Compared:
    """Let every arm search the same landscapes.

    Parameters
    ----------
    arms
        By name.
    k
        How many other bits a contribution reads.
    landscapes
        How many landscapes.
    seed
        Seed of all draws. A longer comparison begins with a shorter one's landscapes.
    with_replacement
        As for `random_reads`.
    bits
        Length of a solution; 20 if not given.
    first
        Number of the first landscape; with the others, at most 4,000.
    """
    bits = BITS if bits is None else bits
    base = derived_seed(seed, Purpose.BOOTSTRAP, FIRST_ITEM + k)
    scores = {name: np.empty((landscapes, arm.how.rounds + 1)) for name, arm in arms.items()}
    unique = {name: np.empty((landscapes, arm.how.rounds + 1), dtype=np.int64) for name, arm in arms.items()}
    for place in range(landscapes):
        number = first + place
        draws = generator(base, 16 * number)
        values = landscape(random_reads(bits, k, draws, with_replacement), draws).values()
        starts = draws.integers(1 << bits, size=AGENTS)
        for name, arm in arms.items():
            own = generator(base, 16 * number + 1 + list(NETWORKS).index(arm.network))
            graph = NETWORKS[arm.network](seed, number)
            scores[name][place], unique[name][place] = search(graph, values, starts, arm.how, own)
    return Compared(scores, unique)


# --- the case ------------------------------------------------------------------------------------------------

LANDSCAPES = {False: 60, True: 1000}
CLOSE = 3000  # other landscapes, for comparisons of close things
REPLACED, SIMPLE, PEAKS = 600, {False: 15, True: 200}, {False: 300, True: 2000}
LONG, LEVEL_ALLOWANCE, WINS_ALLOWANCE = 200, 0.05, 60.0
ROUNDED = 0.5  # a number of solutions is told in whole ones

# Network, round, published score (read by eye), and the independent program's on 1,000 landscapes.
LEVELS = (
    ("complete", 200, ".56", 0.541),
    ("linear", 100, ".865", 0.814),
    ("lattice", 55, ".80", 0.771),
    ("rewired10", 55, ".75", 0.707),
    ("rewired50", 55, ".70", 0.650),
    ("hub", 200, "-", 0.551),
    ("tree", 200, "-", 0.660),
    ("alone", 100, "-", 0.437),
)
LEVELS_REPLACED = (  # with replacement, 600 landscapes
    ("complete", 200, ".56", 0.576),
    ("linear", 100, ".865", 0.849),
    ("lattice", 55, ".80", 0.803),
    ("rewired10", 55, ".75", 0.743),
    ("rewired50", 55, ".70", 0.689),
)
VELOCITIES = {1.0: 0.532, 0.5: 0.584, 0.2: 0.673, 0.1: 0.760}  # complete, round 300
WINS = {  # landscapes of 1,000 on which the first ends higher: published, the independent program
    ("linear", "complete"): (845, 857),
    ("complete", "linear"): (26, 38),
    ("lattice", "complete"): (762, 805),
    ("rewired10", "complete"): (632, 650),
    ("random", "complete"): (320, 311),
    ("linear", "lattice"): (468, 453),
    ("linear", "rewired10"): (605, 632),
    ("linear", "random"): (787, 810),
    ("lattice", "rewired10"): (478, 504),
    ("lattice", "random"): (684, 738),
    ("rewired10", "random"): (557, 571),
}


@cache
def main_arms(landscapes: int, seed: int) -> Compared:
    """Return all networks on the paper's landscapes."""
    return compare({name: Arm(name, Search(LONG)) for name in NETWORKS}, 5, landscapes, seed)


@cache
def replaced_arms(landscapes: int, seed: int) -> Compared:
    """Return the networks of `LEVELS_REPLACED` where the K are drawn with replacement."""
    arms = {name: Arm(name, Search(LONG)) for name, *_ in LEVELS_REPLACED}
    return compare(arms, 5, landscapes, seed, with_replacement=True)


@cache
def slow_arms(landscapes: int, seed: int) -> Compared:
    """Return the complete network with each velocity, and with copies of which a fifth of the bits stay the own."""
    arms = {f"v={v:g}": Arm("complete", Search(300, velocity=v)) for v in VELOCITIES}
    return compare({**arms, "e=.2": Arm("complete", Search(300, error=0.2))}, 5, landscapes, seed)


@cache
def close_arms(landscapes: int, seed: int) -> Compared:
    """Return arms that differ little from each other, on landscapes that no other check uses."""
    arms = {name: Arm(name, Search(25)) for name in ("lattice", "rewired3", "rewired50")}
    arms |= {"hub": Arm("hub", Search(LONG)), "complete": Arm("complete", Search(300))}
    arms["e=.2"] = Arm("complete", Search(300, error=0.2))
    return compare(arms, 5, landscapes, seed, first=LANDSCAPES[True])


@cache
def simple_arms(k: int, landscapes: int, seed: int) -> Compared:
    """Return complete and linear networks on simple landscapes."""
    return compare({name: Arm(name, Search(LONG)) for name in ("complete", "linear")}, k, landscapes, seed)


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        1,000 landscapes, as in the paper, and 3,000 for comparisons of close things; else 60, which suffice for the
        order of networks.
    seed
        Seed of all draws.
    """
    landscapes = LANDSCAPES[full]
    done = main_arms(landscapes, seed)
    return [
        *_level_checks(done, LEVELS, ""),
        *(_level_checks(replaced_arms(REPLACED, seed), LEVELS_REPLACED, " (with replacement)") if full else []),
        *_order_checks(done, full),
        *(_win_checks(done) if full else []),
        *_unique_checks(done),
        *_slow_checks(slow_arms(landscapes if full else landscapes // 2, seed), full),
        *(_close_checks(close_arms(CLOSE, seed)) if full else []),
        *_simple_checks(SIMPLE[full], seed),
        *_peak_checks(PEAKS[full], seed),
    ]


def _at(done: Compared, name: str, now: int) -> Floats:
    return np.asarray(done.scores[name][:, now])


def _level_checks(done: Compared, levels: tuple[tuple[str, int, str, float], ...], which: str) -> list[Check]:
    checks = []
    for name, now, published, reference in levels:
        ours, se = mean_and_error(_at(done, name, now))
        claim = f"{name}: score in round {now}{which}"
        checks.append(level(claim, published, reference, ours, se, LEVEL_ALLOWANCE))
    return checks


def _order_checks(done: Compared, full: bool) -> list[Check]:
    """Return the checks of order, on the same landscapes; those that need many landscapes only in full."""
    checks = [
        level("score at the start", ".040", 0.040, *mean_and_error(_at(done, "complete", 0))),
        _order(done, "complete", "linear", 10, "complete leads early"),
        _order(done, "linear", "complete", LONG, "linear ends higher"),
        _order(done, "rewired50", "lattice", 10, "more rewiring helps"),
        _order(done, "lattice", "rewired50", 55, "more rewiring hurts"),
        _order(done, "complete", "hub", 5, "a hub is slower than complete early"),
    ]
    if full:
        first = crossover(done)
        checks += [
            within("first round in which linear is ahead of complete", "after 18", 16, 22, first),
            _order(done, "rewired10", "lattice", 10, "a little rewiring helps"),
            _order(done, "rewired50", "rewired10", 10, "more helps more"),
            _order(done, "complete", "alone", 100, "those alone are below even the complete network"),
        ]
    return checks


def _close_checks(done: Compared) -> list[Check]:
    return [
        _order(done, "rewired3", "lattice", 25, "some rewiring is best, above none"),
        _order(done, "rewired3", "rewired50", 25, "some rewiring is best, above much"),
        _order(done, "hub", "complete", LONG, "a hub ends slightly higher than complete"),
        _order(done, "e=.2", "complete", 300, "faulty copying ends higher"),
    ]


def _order(done: Compared, more: str, less: str, now: int, claim: str) -> Check:
    gap, se = mean_and_error(_at(done, more, now) - _at(done, less, now))
    return ordering(f"{claim} [round {now}]", "yes", gap, se)


def crossover(done: Compared) -> int:
    """Return the first round in which the mean score of linear is above that of complete, and stays so."""
    ahead = done.scores["linear"].mean(axis=0) > done.scores["complete"].mean(axis=0)
    behind = np.flatnonzero(~ahead)
    return int(behind[-1]) + 1


def wins(done: Compared, more: str, less: str) -> int:
    """Return on how many landscapes one arm ends higher than another."""
    return int((_at(done, more, -1) > _at(done, less, -1) + 1e-9).sum())


def _win_checks(done: Compared) -> list[Check]:
    return [
        level(
            f"landscapes on which {a} ends above {b}", f"{published}", reference, wins(done, a, b), 0.0, WINS_ALLOWANCE
        )
        for (a, b), (published, reference) in WINS.items()
    ]


def _unique_checks(done: Compared) -> list[Check]:
    checks = []
    for name, now, published, low, high in (
        ("complete", 1, "1-2", 1.0, 2.0),
        ("complete", 20, "1-2", 1.0, 2.0),
        ("linear", 100, "1-2", 1.0, 2.0),
    ):
        ours, se = mean_and_error(done.unique[name][:, now])
        checks.append(within(f"{name}: different solutions in round {now}", published, low, high, ours, se))
    ours, se = mean_and_error(done.unique["linear"][:, 16])
    return [*checks, level("linear: different solutions in round 16", "13 (text)", 17.0, ours, se, ROUNDED)]


def _slow_checks(done: Compared, full: bool) -> list[Check]:
    checks = []
    for v, reference in VELOCITIES.items():
        ours, se = mean_and_error(_at(done, f"v={v:g}", 300))
        claim = f"complete, looking with chance {v:g}: score in round 300"
        checks.append(level(claim, "-", reference, ours, se, LEVEL_ALLOWANCE))
    checks.append(_order(done, "v=0.1", "v=1", 300, "slow looking ends higher"))
    checks.append(_order(done, "v=1", "e=.2", 1, "faulty copying is lower early"))
    if full:  # neighbouring speeds need many landscapes
        for more, less in pairwise(reversed(VELOCITIES)):
            claim = f"looking with chance {more:g} ends above {less:g}"
            checks.append(_order(done, f"v={more:g}", f"v={less:g}", 300, claim))
    return checks


def _simple_checks(landscapes: int, seed: int) -> list[Check]:
    smooth, nearly = simple_arms(0, landscapes, seed), simple_arms(1, landscapes, seed)
    checks = []
    for name, reference in (("complete", 0.976), ("linear", 0.670)):
        ours, se = mean_and_error(_at(smooth, name, 10))
        checks.append(level(f"K = 0, {name}: score in round 10", "-", reference, ours, se, LEVEL_ALLOWANCE))
        checks.append(exact(f"K = 0, {name}: all find the best", "1", 1.0, float(_at(smooth, name, LONG).min()), 1e-9))
    for name, reference in (("complete", 0.912), ("linear", 0.991)):
        ours, se = mean_and_error(_at(nearly, name, LONG))
        checks.append(level(f"K = 1, {name}: score at the end", "-", reference, ours, se, LEVEL_ALLOWANCE))
    gap, se = mean_and_error(_at(smooth, "complete", 10) - _at(smooth, "linear", 10))
    return [*checks, ordering("K = 0: complete is faster", "yes", gap, se)]


@cache
def peak_counts(n: int, k: int, landscapes: int, seed: int) -> Whole:
    """Return how many peaks random landscapes have."""
    draws = generator(seed, FIRST_ITEM + 100 + 30 * k + n)
    return np.array([peaks(landscape(random_reads(n, k, draws), draws)) for _ in range(landscapes)])


def expected_peaks(n: int) -> float:
    """Return the mean number of peaks where all bits depend on all (K = N - 1): 2^N / (N + 1)."""
    return float((1 << n) / (n + 1))


def _peak_checks(landscapes: int, seed: int) -> list[Check]:
    most = int(peak_counts(10, 0, 100, seed).max())
    checks = [exact("K = 0: landscapes have one peak", "1", 1.0, most)]
    for n in (8, 10):
        ours, se = mean_and_error(peak_counts(n, n - 1, landscapes, seed))
        claim = f"N = {n}, K = {n - 1}: mean number of peaks"
        checks.append(level(claim, f"{expected_peaks(n):.2f} (exact)", expected_peaks(n), ours, se))
    return checks


def figure(full: bool, seed: int) -> Figure:
    """Draw the mean score over time by network, as the paper's figures 2 and 5.

    Parameters
    ----------
    full, seed
        As for `run`, whose runs are used.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only a drawing needs it

    drawing = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = drawing.subplots(1, 2, sharey=True)
    done = main_arms(LANDSCAPES[full], seed)
    for name in ("complete", "linear", "lattice", "rewired10", "rewired50", "hub", "alone"):
        grey = {"color": "0.6", "linestyle": ":"} if name == "alone" else {}
        left.plot(done.scores[name].mean(axis=0)[:101], label=name, **grey)
    slow = slow_arms(LANDSCAPES[full] if full else LANDSCAPES[full] // 2, seed)
    for name in slow.scores:
        right.plot(slow.scores[name].mean(axis=0), label=name)
    left.set(xlabel="round", ylabel="score (1 = the best there is)", title="K = 5: who is tied to whom")
    right.set(xlabel="round", title="all tied to all: chance to look (v), to err (e)")
    left.legend()
    right.legend()
    return drawing


CASE = Case(
    id="G4",
    title="Search on a rugged landscape",
    claim="On complex problems an efficient network leads early and ends lower; slow ones end higher.",
    citation=(
        "Lazer and Friedman, The Network Structure of Exploration and Exploitation, Administrative Science Quarterly "
        "52(4):667-694, 2007, doi 10.2189/asqu.52.4.667"
    ),
    says=(
        "100 agents on NK landscapes, N = 20 and K = 5; copy the best neighbour if better, else try a flip. The K "
        "bits of a contribution are distinct and other than its own; drawing them with replacement raises levels "
        "by about .04, closer to the paper's. Levels are held within .05. Opposed: Mason and Watts (2012), where "
        "people on a smooth task did better on efficient networks."
    ),
    run=run,
    figure=figure,
)
