"""The graphs have the ties that their names promise."""

import networkx as nx
import numpy as np
import pytest

from sim.governance.structure import Peer
from sim.known_answers import graphs
from sim.world.country import load_country
from sim.world.scenario import CountrySettings

pytestmark = pytest.mark.coverage_subset

DRAWN = {
    "random": lambda seed: graphs.random_graph(30, 0.2, seed),
    "regular": lambda seed: graphs.random_regular(30, 4, seed),
    "small world": lambda seed: graphs.small_world(30, 4, 0.3, seed),
    "rewired ring": lambda seed: graphs.rewired_ring(30, 4, 10, seed),
    "modular": lambda seed: graphs.modular(5, 6, 5, 7, seed),
}
FIXED = {
    **{name: make(9) for name, make in graphs.NAMED.items()},
    "lattice": graphs.lattice(3, 4),
    "torus": graphs.torus(4, 4),
    "caveman": graphs.caveman(4, 5),
    **{name: make(1) for name, make in DRAWN.items()},
}


@pytest.mark.parametrize("name", FIXED)
def test_ties_go_both_ways_and_to_others(name):
    graph = FIXED[name]
    assert graph.dtype == bool
    assert (graph == graph.T).all()
    assert not graph.diagonal().any()


@pytest.mark.parametrize(
    ("graph", "degrees"),
    [
        (graphs.complete(4), [3, 3, 3, 3]),
        (graphs.line(4), [1, 2, 2, 1]),
        (graphs.cycle(4), [2, 2, 2, 2]),
        (graphs.star(4), [3, 1, 1, 1]),
        (graphs.wheel(5), [4, 3, 3, 3, 3]),
        (graphs.wheel(5, closed=False), [4, 2, 3, 3, 2]),
        (graphs.wheel(3), [2, 2, 2]),
        (graphs.tree(7), [2, 3, 3, 1, 1, 1, 1]),
        (graphs.empty(3), [0, 0, 0]),
        (graphs.ring(8, 4), [4] * 8),
        (graphs.torus(4, 4), [4] * 16),
        (graphs.lattice(5, 5, wrapped=True, diagonal=True), [8] * 25),
        (graphs.lattice(2, 2), [2, 2, 2, 2]),
        (graphs.caveman(3, 4), [2] * 3 + [3] * 6 + [4] * 3),
        (DRAWN["regular"](1), [4] * 30),
    ],
)
def test_degrees(graph, degrees):
    assert sorted(graphs.degrees(graph)) == sorted(degrees)


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_graph_depends_on_its_seed(name):
    assert (DRAWN[name](1) == DRAWN[name](1)).all()
    assert (DRAWN[name](1) != DRAWN[name](2)).any()


def test_rewiring_keeps_the_number_of_ties_and_moves_some():
    before, after = graphs.ring(30, 4), DRAWN["rewired ring"](1)
    assert after.sum() == before.sum()
    assert 0 < (after & ~before).sum() / 2 <= 10
    assert graphs.is_connected(after)


def test_modules_have_the_ties_between_them_that_were_asked_for():
    graph = DRAWN["modular"](1)
    group = np.arange(30) // 6
    assert graph[group[:, None] != group].sum() / 2 == 7
    assert graph[group[:, None] == group].sum() == 30 * 5


def test_lists_and_columns_tell_the_same_neighbours():
    graph = graphs.wheel(6)
    start, neighbours = graphs.lists(graph)
    table = graphs.columns(graph)
    for i, row in enumerate(graph):
        assert neighbours[start[i] : start[i + 1]].tolist() == np.flatnonzero(row).tolist()
        assert table[i][table[i] >= 0].tolist() == np.flatnonzero(row).tolist()


def test_the_models_networks_are_there_too():
    country = load_country(CountrySettings(kind="synthetic", places=12, regions=2))
    hub = graphs.of_country(country, Peer(network="hub"))
    assert sorted(graphs.degrees(hub)) == [1] * 11 + [11]
    assert nx.is_connected(nx.from_numpy_array(graphs.of_country(country, Peer(network="neighbours"))))


def test_linked_modules_have_one_tie_outside_or_at_home():
    graph = graphs.linked_modules(4, 16, 7, seed=1)
    np.testing.assert_array_equal(graph, graph.T)
    module = np.arange(64) // 16
    outside = (graph & (module[:, None] != module)).sum(axis=1)
    assert outside.reshape(4, 4, 4).sum(axis=2).tolist() == (4 * (1 - np.eye(4, dtype=int))).tolist()
    assert set(graphs.degrees(graph).tolist()) <= {7, 8}
    assert graph[4, 16]  # part 1 of module 0 and part 0 of module 1
    assert graph[0, 1]
    assert graph[2, 3]
