"""Networks for the cases: small graphs by name or by rule.

The model's own generators (`sim.governance.networks`) tie the places of a country; `of_country` gives one of those as
a graph. The others are the textbook graphs that the papers use. A graph is a symmetric matrix of truth values without
a diagonal (`Matrix`); `lists` and `columns` give it in the two other forms that kernels like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sim.governance.networks import peer_ties
from sim.governance.structure import Peer
from sim.streams import Purpose, derived_seed
from sim.world.country import Country

Matrix = NDArray[np.bool_]
Whole = NDArray[np.int64]


# --- textbook graphs -----------------------------------------------------------------------------------------


def complete(n: int) -> Matrix:
    """Return the graph in which all see all."""
    return ~np.eye(n, dtype=bool)


def empty(n: int) -> Matrix:
    """Return the graph without ties."""
    return np.zeros((n, n), dtype=bool)


def line(n: int) -> Matrix:
    """Return the path 0 - 1 - ... - (n - 1)."""
    return of_ties(n, ((i, i + 1) for i in range(n - 1)))


def cycle(n: int) -> Matrix:
    """Return the ring, in which each sees the one before and the one after."""
    return ring(n, 2)


def ring(n: int, degree: int) -> Matrix:
    """Return the ring lattice: ties to the ``degree / 2`` nearest on each side (`degree` even)."""
    return of_ties(n, ((i, (i + step) % n) for i in range(n) for step in range(1, degree // 2 + 1)))


def star(n: int) -> Matrix:
    """Return the star: node 0 is the hub."""
    return of_ties(n, ((0, i) for i in range(1, n)))


def wheel(n: int, closed: bool = True) -> Matrix:
    """Return the wheel: hub 0 and a ring of the others; not closed, the rim's ends are not tied."""
    rim = list(range(1, n))
    ends = [(rim[-1], rim[0])] if closed and n > 3 else []
    return of_ties(n, [*((0, i) for i in rim), *pairwise(rim), *ends])


def tree(n: int, branching: int = 2) -> Matrix:
    """Return the first n nodes of the tree in which each has this many below it; 0 is the root."""
    return of_ties(n, (((i - 1) // branching, i) for i in range(1, n)))


def lattice(rows: int, columns: int, wrapped: bool = False, diagonal: bool = False) -> Matrix:
    """Return the square lattice, node (r, c) being ``r * columns + c``.

    Parameters
    ----------
    rows, columns
        Its size.
    wrapped
        Whether the edges meet: a torus.
    diagonal
        Whether the four at the corners are neighbours too (degree 8 on a torus).
    """
    steps = [(0, 1), (1, 0), *([(1, 1), (1, -1)] if diagonal else [])]
    ties = []
    for r in range(rows):
        for c in range(columns):
            for down, right in steps:
                to_r, to_c = r + down, c + right
                if wrapped or (0 <= to_r < rows and 0 <= to_c < columns):
                    ties.append((r * columns + c, (to_r % rows) * columns + to_c % columns))
    return of_ties(rows * columns, ties)


def torus(rows: int, columns: int) -> Matrix:
    """Return the square lattice whose edges meet: degree 4."""
    return lattice(rows, columns, wrapped=True)


def caveman(caves: int, size: int) -> Matrix:
    """Return cliques in a ring, one tie of each moved to the next (the connected caveman graph of Watts)."""
    return of_networkx(nx.connected_caveman_graph(caves, size))


# --- graphs by chance ----------------------------------------------------------------------------------------


def graph_seed(seed: int, item: int = 0) -> int:
    """Return the seed that a generator of networkx gets."""
    return derived_seed(seed, Purpose.NETWORK, item)


def random_graph(n: int, share: float, seed: int, item: int = 0) -> Matrix:
    """Return a graph in which each tie is there with this chance (Erdos and Renyi)."""
    return of_networkx(nx.gnp_random_graph(n, share, seed=graph_seed(seed, item)))


def random_regular(n: int, degree: int, seed: int, item: int = 0) -> Matrix:
    """Return a connected graph in which all have the same number of ties, drawn at random."""
    return _connected(lambda number: nx.random_regular_graph(degree, n, seed=number), seed, item)


def small_world(n: int, degree: int, rewired: float, seed: int, item: int = 0) -> Matrix:
    """Return a connected ring lattice each of whose ties is rewired with this chance (Watts and Strogatz)."""
    number = graph_seed(seed, item)
    return of_networkx(nx.connected_watts_strogatz_graph(n, degree, rewired, tries=1000, seed=number))


def rewired_ring(n: int, degree: int, moved: int, seed: int, item: int = 0) -> Matrix:
    """Return a ring lattice of which this many ties got one end moved to a random node; it stays connected.

    Parameters
    ----------
    n, degree
        As for `ring`.
    moved
        How many ties, each moved once.
    seed, item
        Which draw.
    """
    draws = np.random.default_rng(graph_seed(seed, item))
    while True:
        graph = ring(n, degree)
        ties = np.argwhere(np.triu(graph))
        for i, j in ties[draws.permutation(len(ties))[:moved]]:
            _move(graph, int(i), int(j), draws)
        if is_connected(graph):
            return graph


def _move(graph: Matrix, i: int, j: int, draws: np.random.Generator) -> None:
    free = np.flatnonzero(~graph[i])
    free = free[free != i]
    if free.size:
        to = int(draws.choice(free))
        graph[i, j] = graph[j, i] = False
        graph[i, to] = graph[to, i] = True


def modular(groups: int, size: int, within: int, between: int, seed: int, item: int = 0) -> Matrix:
    """Return groups with ties inside, and a number of ties at random between the groups.

    Parameters
    ----------
    groups, size
        How many groups and of what size.
    within
        Ties of each node to its own group (a random regular graph; ``size - 1`` makes it a clique).
    between
        Ties, in all, between nodes of different groups.
    seed, item
        Which draw.
    """
    draws = np.random.default_rng(graph_seed(seed, item))
    graph = empty(groups * size)
    for group in range(groups):
        here = slice(group * size, (group + 1) * size)
        graph[here, here] = complete(size) if within >= size - 1 else random_regular(size, within, seed, item + group)
    while between:
        i, j = (int(each) for each in draws.integers(groups * size, size=2))
        if i // size != j // size and not graph[i, j]:
            graph[i, j] = graph[j, i] = True
            between -= 1
    return graph


def linked_modules(modules: int, size: int, within: int, seed: int, item: int = 0) -> Matrix:
    """Return modules, random inside, each node of which has one tie more: to its like in another module, or at home.

    A module is divided into as many parts as there are modules. The nodes of part j of module i are tied one by one to
    those of part i of module j; inside part i of module i, the first is tied to the second, the third to the fourth,
    and so on.

    Parameters
    ----------
    modules
        How many.
    size
        Nodes of each; a multiple of the number of modules.
    within
        Ties of each node inside its module (a random regular graph). A tie at home may be one of these already.
    seed, item
        Which draw.
    """
    graph = empty(modules * size)
    part = size // modules
    for i in range(modules):
        here = slice(i * size, (i + 1) * size)
        graph[here, here] = random_regular(size, within, seed, item + i)
        for j in range(modules):
            for k in range(0, part - 1, 2) if j == i else range(part):
                one = i * size + j * part + k
                other = one + 1 if j == i else j * size + i * part + k
                graph[one, other] = graph[other, one] = True
    return graph


def _connected(make: Callable[[int], Any], seed: int, item: int) -> Matrix:
    number = graph_seed(seed, item)
    while True:
        graph = of_networkx(make(number))
        if is_connected(graph):
            return graph
        number += 1


# --- from elsewhere ------------------------------------------------------------------------------------------


def of_country(country: Country, peer: Peer) -> Matrix:
    """Return the peer network that the model draws over a country (`sim.governance.networks`)."""
    return of_ties(len(country.keys), peer_ties(country, peer))


def of_networkx(graph: Any) -> Matrix:
    """Return a graph of networkx, its nodes in their order."""
    return np.asarray(nx.to_numpy_array(graph, weight=None) > 0.0)


def of_ties(n: int, ties: Iterable[tuple[int, int]]) -> Matrix:
    """Return the graph with these ties; one from a node to itself is dropped."""
    graph = empty(n)
    for i, j in ties:
        if i != j:
            graph[i, j] = graph[j, i] = True
    return graph


NAMED: dict[str, Callable[[int], Matrix]] = {
    "complete": complete,
    "wheel": wheel,
    "cycle": cycle,
    "star": star,
    "line": line,
    "tree": tree,
    "empty": empty,
}


def named(name: str, n: int) -> Matrix:
    """Return one of the graphs that need only a size (`NAMED`)."""
    return NAMED[name](n)


# --- other forms and measures --------------------------------------------------------------------------------


def lists(graph: Matrix) -> tuple[Whole, Whole]:
    """Return where each node's neighbours start, shape (n + 1,), and the neighbours, shape (2 * ties,)."""
    start = np.concatenate(([0], np.cumsum(graph.sum(axis=1)))).astype(np.int64)
    return start, np.nonzero(graph)[1].astype(np.int64)


def columns(graph: Matrix) -> Whole:
    """Return neighbours in a table, shape (n, most neighbours), padded with -1."""
    start, neighbours = lists(graph)
    table = np.full((len(graph), int(graph.sum(axis=1).max(initial=0))), -1, dtype=np.int64)
    for i in range(len(graph)):
        table[i, : start[i + 1] - start[i]] = neighbours[start[i] : start[i + 1]]
    return table


def degrees(graph: Matrix) -> Whole:
    """Return the number of ties of each node."""
    return np.asarray(graph.sum(axis=1), dtype=np.int64)


def is_connected(graph: Matrix) -> bool:
    """Say whether there is a path between any two nodes."""
    return bool(nx.is_connected(nx.from_numpy_array(graph)))
