"""G6: mutual learning with and without a code, on any directed network."""

import numpy as np
import pytest

from sim.known_answers import g6_codes as g6
from sim.known_answers import graphs
from sim.known_answers.case import generator

pytestmark = pytest.mark.coverage_subset


def state_of(reality, beliefs, code, adopting=1.0):
    beliefs = np.array([beliefs], dtype=np.int8)
    return g6.State(
        np.array([reality], dtype=np.int8),
        beliefs,
        np.array([code], dtype=np.int8),
        np.full(beliefs.shape[:2], adopting),
    )


def test_a_belief_moves_one_step_to_the_code():
    state = state_of([1, 1], [[-1, 0], [1, -1]], [1, 0])
    g6.period(g6.Organisation(1.0, 0.0), state, generator(1, 1), None)
    assert state.beliefs[0].tolist() == [[0, 0], [1, -1]]
    g6.period(g6.Organisation(1.0, 0.0), state, generator(1, 1), None)
    assert state.beliefs[0].tolist() == [[1, 0], [1, -1]]


def test_as_printed_it_moves_at_once():
    state = state_of([1, 1], [[-1, 0], [1, -1]], [1, 0])
    g6.period(g6.Organisation(1.0, 0.0, one_step=False), state, generator(1, 1), None)
    assert state.beliefs[0].tolist() == [[1, 0], [1, -1]]


def test_the_code_learns_from_those_who_do_better_only():
    # The code scores 1; the first scores 3, the second 1: only the first is superior, alone, and differs on the third.
    state = state_of([1, 1, 1], [[1, 1, 1], [1, 1, -1]], [1, 1, -1], adopting=0.0)
    organisation = g6.Organisation(0.0, 1.0 - 1e-15)
    g6.period(organisation, state, generator(1, 1), None)
    assert state.code[0].tolist() == [1, 1, 1]


def test_a_tie_in_the_group_changes_nothing():
    state = state_of([1, 1, 1], [[1, 1, -1], [1, -1, 1]], [0, 0, 0], adopting=0.0)
    g6.period(g6.Organisation(0.0, 1.0 - 1e-15), state, generator(1, 1), None)
    assert state.code[0].tolist() == [1, 0, 0]


@pytest.mark.parametrize(("code", "can"), [([1, 1], False), ([1, 0], False), ([1, -1], True), ([0, 0], True)])
def test_when_learning_is_over(code, can):
    # All believe [1, -1] where [1, 1] is real: worse than a code of [1, 0].
    beliefs = [[1, -1], [1, -1]] if code != [1, 1] else [[1, 1], [1, 1]]
    beliefs = [[1, 1], [1, 1]] if code == [1, -1] else beliefs
    reality = [1, 1] if code != [0, 0] else [1, -1]
    assert g6.can_learn(g6.Organisation(), state_of(reality, beliefs, code)).tolist() == [can]


def test_the_unsure_may_yet_do_better_than_the_code():
    state = state_of([1, 1], [[1, 0], [1, 0]], [1, 0])
    assert g6.can_learn(g6.Organisation(), state).tolist() == [True]
    assert g6.can_learn(g6.Organisation(judged_by="beliefs"), state).tolist() == [False]


def test_without_a_code_or_others_nothing_is_learnt():
    done = g6.learn(g6.Organisation(with_code=False), 5, 10, generator(1, 2))
    assert done.periods.tolist() == [0] * 5
    assert done.code.tolist() == [0.0] * 5


def test_those_who_hear_each_other_agree_in_the_end_and_know_more():
    organisation = g6.Organisation(0.5, with_code=False, people=8, dimensions=10)
    start = g6.learn(organisation, 40, 0, generator(1, 3), graphs.complete(8))
    done = g6.learn(organisation, 40, 300, generator(1, 3), graphs.complete(8))
    assert done.people.mean() > start.people.mean() + 0.2
    assert done.periods.mean() < 300


def test_a_directed_network_teaches_one_way():
    # 0 knows all and hears nobody; 1 hears 0.
    hears = np.array([[False, False], [True, False]])
    state = state_of([1, 1], [[1, 1], [-1, -1]], [0, 0])
    organisation = g6.Organisation(1.0, with_code=False)
    for _ in range(2):
        g6.period(organisation, state, generator(1, 4), hears)
    assert state.beliefs[0].tolist() == [[1, 1], [1, 1]]
    assert not g6.can_learn(organisation, state, hears).any()


def test_with_both_the_code_comes_first():
    hears = np.array([[False, False], [True, False]])
    state = state_of([1, 1], [[1, 1], [-1, -1]], [-1, 0])
    g6.period(g6.Organisation(1.0, 0.0), state, generator(1, 4), hears)
    assert state.beliefs[0, 1].tolist() == [-1, 0]


def test_turnover_and_turbulence_at_their_ends():
    state = state_of([1, 1, 1, 1], [[1, 1, 1, 1]] * 50, [0, 0, 0, 0], adopting=0.0)
    g6.period(g6.Organisation(0.0, 0.0, turnover=1.0, turbulence=1.0), state, generator(1, 5), None)
    assert state.reality[0].tolist() == [-1, -1, -1, -1]
    assert abs(state.beliefs.mean()) < 0.3


def test_chances_of_a_mix_are_drawn_by_the_shares():
    drawn = g6.start(g6.Organisation(((0.25, 0.1), (0.75, 0.9))), 100, generator(1, 6)).adopting
    assert set(np.unique(drawn)) == {0.1, 0.9}
    assert (drawn == 0.9).mean() == pytest.approx(0.75, abs=0.03)


def test_same_seed_same_numbers_and_paths_end_where_runs_do():
    organisation = g6.Organisation(0.5, people=6, dimensions=5)
    one, two = (g6.learn(organisation, 4, 50, generator(3, 1), paths=True) for _ in range(2))
    np.testing.assert_array_equal(g6._path(one), g6._path(two))
    np.testing.assert_array_equal(g6._path(one)[:, -1], one.code)
    with pytest.raises(ValueError, match="were not kept"):
        g6._path(g6.learn(organisation, 1, 1, generator(3, 1)))


def test_many_runs_are_made_in_blocks(monkeypatch):
    monkeypatch.setattr(g6, "BLOCK", 3)
    done = g6.learn(g6.Organisation(people=4, dimensions=4), 7, 5, generator(3, 2), paths=True)
    assert done.code.shape == done.periods.shape == (7,)
    assert g6._path(done).shape == (7, 6)


def test_how_people_are_judged_must_be_known():
    with pytest.raises(ValueError, match="judged_by is 'looks'"):
        g6.Organisation(judged_by="looks")


@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_few_runs(full, monkeypatch):
    monkeypatch.setattr(g6, "RUNS", {False: 3, True: 4})
    checks = g6.CASE.run(full, 81)
    assert len({check.claim for check in checks}) == len(checks)
    assert g6.CASE.figure(full, 81).axes
