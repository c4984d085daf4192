"""G3: the recombination task on any graph; its exact law where all know the same."""

import numpy as np
import pytest

from sim.known_answers import g3_recombination as g3
from sim.known_answers import graphs
from sim.known_answers.case import ERRORS_ALLOWED, generator, mean_and_error

# Two steps: the first product is likely, and with it the goal.
EASY = g3.Task(
    worth=(1.0, 1.0, 1.0, 1.0, 1.0),
    known=(0, 1, 2),
    recipes=(((0, 1, 2), 3), ((3, 0, 1), 4)),
    goals=(4,),
)

# The same, but a fourth thing that all know is shown most often and makes nothing: a few epochs.
SLOWER = g3.Task(worth=(*EASY.worth, 6.0), known=(*EASY.known, 5), recipes=EASY.recipes, goals=EASY.goals)


@pytest.mark.coverage_subset
def test_the_chance_of_a_product_by_hand():
    # Three things of worth 1: one shows any, the other the two that are left, in either order: 1 * (2/3 * 1/2).
    assert g3.chances(0b111, EASY) == {3: pytest.approx(1.0 / 3.0)}
    assert g3.chances(0b1111, EASY) == {4: pytest.approx(6.0 / 4.0 / 4.0 / 3.0)}
    assert g3.chances(0b11111, EASY) == {}


@pytest.mark.coverage_subset
def test_the_law_of_those_who_know_all_together():
    chance = g3.together(1, 200, EASY)
    mean, median = g3.moments(chance)
    assert chance.sum() == pytest.approx(1.0)
    assert mean == pytest.approx(3.0 + 8.0 - 1.0)  # two waits, and the first epoch is 0
    assert median == np.searchsorted(np.cumsum(chance), 0.5)


@pytest.mark.coverage_subset
@pytest.mark.parametrize("graph", [graphs.complete(4), graphs.star(4)], ids=["complete", "star"])
def test_search_follows_the_law(graph):
    mean, _ = g3.moments(g3.together(4, 100, EASY))
    ours, se = mean_and_error(g3.search(graph, 500, generator(1, 1), EASY)[:, 0])
    assert abs(ours - mean) <= ERRORS_ALLOWED * se


@pytest.mark.coverage_subset
def test_one_to_one_two_agents_are_a_community_that_knows_all_together():
    mean, _ = g3.moments(g3.together(2, 100, EASY))
    found = g3.search(graphs.complete(2), 500, generator(1, 2), EASY, to_one=True)
    ours, se = mean_and_error(found[:, 0])
    assert abs(ours - mean) <= ERRORS_ALLOWED * se
    np.testing.assert_array_equal(found[:, 0], found[:, 1])  # both know it at the end of that epoch


@pytest.mark.coverage_subset
def test_one_to_one_a_majority_comes_later():
    found = g3.search(graphs.cycle(8), 30, generator(1, 3), EASY, to_one=True)
    assert (found[:, 1] >= found[:, 0]).all()
    assert (found[:, 1] > found[:, 0]).any()


@pytest.mark.coverage_subset
def test_without_ties_or_time_nothing_is_found():
    assert (g3.search(graphs.empty(3), 2, generator(1, 4), EASY, limit=3) == g3.NEVER).all()
    assert (g3.search(graphs.complete(3), 2, generator(1, 4), g3.TASK, limit=1) == g3.NEVER).all()


@pytest.mark.coverage_subset
def test_the_paths_of_the_task():
    known = g3.TASK.start()
    assert set(g3.chances(known)) == {3, 10}
    assert 13 not in g3.chances(known | g3.bits((3, 4, 5)))
    assert set(g3.chances(known | g3.bits((3, 4, 5, 10, 11, 12)))) == {6, 13}


def test_the_exact_means_are_near_the_published():
    for n, mean in ((64, 400.7), (144, 182.9), (324, 79.7)):
        assert g3.moments(g3.together(n, 20_000))[0] == pytest.approx(mean, rel=0.02)


@pytest.mark.coverage_subset
def test_same_seed_same_numbers():
    first, again = (g3.search(graphs.cycle(6), 5, generator(9, 1), EASY) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.coverage_subset
def test_a_median_and_its_error():
    median, se = g3.median_and_error(np.arange(401))
    assert median == 200.0
    assert se == pytest.approx(10.0, abs=1.0)
    # A quarter of the runs lie below 5 and half at 5: the middle is the middle of the fives.
    median, se = g3.median_and_error([4] * 100 + [5] * 200 + [6] * 100)
    assert median == pytest.approx(5.0, abs=0.01)
    assert se == pytest.approx(10.0 / 200.0, abs=0.01)


@pytest.mark.coverage_subset
@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_an_easy_task(full, monkeypatch):
    monkeypatch.setattr(g3, "TASK", SLOWER)
    monkeypatch.setattr(g3, "SEEDED_GRAPHS", 2)
    monkeypatch.setattr(g3, "LARGER", {70: (9.0, 9.0)})
    monkeypatch.setattr(g3, "RUNS", {False: (4, 6, 6), True: (5, 7, 7)})
    checks = g3.CASE.run(full, 78)
    assert len({check.claim for check in checks}) == len(checks)
    assert g3.CASE.figure(full, 78).axes
