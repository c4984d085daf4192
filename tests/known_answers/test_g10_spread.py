"""G10: sums with few hands, agreement with any weights, rumours on any network."""

import numpy as np
import pytest

from sim.known_answers import g10_spread as g10
from sim.known_answers.case import ERRORS_ALLOWED, mean_and_error
from sim.known_answers.graphs import complete, cycle, line, star, torus

pytestmark = pytest.mark.coverage_subset


@pytest.mark.parametrize("items", range(2, 21))
def test_the_search_finds_radners_delay(items):
    for hands in range(1, items // 2 + 1):
        assert g10.least_delay(items, hands) == g10.formula_delay(items, hands)


def test_more_hands_than_half_do_not_help():
    assert {g10.least_delay(16, hands) for hands in (8, 10, 16, 30)} == {g10.formula_delay(16, 8)}


@pytest.mark.parametrize("n", [5, 16, 25])
def test_eigenvalues_that_are_known(n):
    circle = (1.0 + 2.0 * np.cos(2.0 * np.pi / n)) / 3.0
    assert g10.second_eigenvalue(g10.equal_weights(cycle(n))) == pytest.approx(circle)
    assert g10.second_eigenvalue(g10.equal_weights(complete(n))) == pytest.approx(0.0, abs=1e-12)
    assert g10.second_eigenvalue(g10.equal_weights(star(n))) == pytest.approx(0.5)


@pytest.mark.parametrize("graph", [star(9), line(7), torus(3, 4)])
def test_influence_is_degree_and_the_consensus_obeys_it(graph):
    weights = g10.equal_weights(graph)
    counts = graph.sum(axis=1) + 1
    assert g10.influence(weights) == pytest.approx(counts / counts.sum())
    beliefs = np.arange(len(graph), dtype=float)
    last = g10.listen(weights, beliefs, 2000)[-1]
    assert last == pytest.approx(np.full(len(graph), g10.influence(weights) @ beliefs))


def test_any_weights_will_do():
    weights = np.array([[0.5, 0.5, 0.0], [0.2, 0.5, 0.3], [0.0, 0.9, 0.1]])
    beliefs = np.array([1.0, 0.0, -2.0])
    assert g10.decay(weights, beliefs) == pytest.approx(g10.second_eigenvalue(weights), abs=1e-6)


def test_expected_rounds_of_the_smallest():
    assert g10.expected_rounds(2, pull=False) == pytest.approx(1.0)
    assert g10.expected_rounds(3, pull=False) == pytest.approx(1.0 + 4.0 / 3.0)  # two call; each finds the third or not


@pytest.mark.parametrize("pull", [False, True])
def test_rumours_take_the_expected_rounds(pull):
    mean, error = mean_and_error(g10.gossip(40, 2000, pull, seed=3))
    assert abs(mean - g10.expected_rounds(40, pull)) < ERRORS_ALLOWED * error


def test_a_complete_graph_is_anybody_calling_anybody():
    mean, error = mean_and_error(g10.gossip(30, 1500, False, 4, complete(30)))
    assert abs(mean - g10.expected_rounds(30, pull=False)) < ERRORS_ALLOWED * error


def test_a_line_takes_as_many_rounds_as_it_is_long_at_least():
    rounds = g10.gossip(12, 50, True, 5, line(12))
    assert rounds.min() >= 11
    assert (g10.gossip(12, 5, True, 5, line(12), most=4) == 4).all()


def test_the_seed_decides_and_longer_batches_keep_the_shorter():
    first = g10.gossip(50, 10, False, 0)
    assert (g10.gossip(50, 20, False, 0)[:10] == first).all()
    assert (g10.gossip(50, 10, False, 1) != first).any()


@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_few_people(full, monkeypatch):
    monkeypatch.setattr(g10, "RUNS", {False: 6, True: 6})
    monkeypatch.setattr(g10, "PUSH", {16: 7.4, 64: 11.1})
    monkeypatch.setattr(g10, "PUSH_PULL", {16: 4.2, 64: 6.0})
    monkeypatch.setattr(g10, "least_delay", g10.formula_delay)  # the search has its own tests
    checks = g10.CASE.run(full, 84)
    assert len({check.claim for check in checks}) == len(checks)
    assert g10.CASE.figure(full, 84).axes
