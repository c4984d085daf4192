"""G6: mutual learning with and without a code, on any directed network."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from sim.known_answers import g6_codes as g6
from sim.known_answers import graphs
from sim.known_answers.case import generator

pytestmark = pytest.mark.coverage_subset


def state_of(reality, beliefs, code, adopting=1.0):
    signs = (np.array(each, dtype=np.int8) for each in (reality, beliefs, code))
    return g6.State(*signs, np.full(len(beliefs), adopting))


def test_a_belief_moves_one_step_to_the_code():
    state = state_of([1, 1], [[-1, 0], [1, -1]], [1, 0])
    g6.period(g6.Organisation(1.0, 0.0), state, generator(1, 1))
    assert state.beliefs.tolist() == [[0, 0], [1, -1]]
    g6.period(g6.Organisation(1.0, 0.0), state, generator(1, 1))
    assert state.beliefs.tolist() == [[1, 0], [1, -1]]


def test_as_printed_it_moves_at_once():
    state = state_of([1, 1], [[-1, 0], [1, -1]], [1, 0])
    g6.period(g6.Organisation(1.0, 0.0, one_step=False), state, generator(1, 1))
    assert state.beliefs.tolist() == [[1, 0], [1, -1]]


def test_the_code_learns_from_those_who_do_better_only():
    # The code scores 1; the first scores 3, the second 1: only the first is superior, alone, and differs on the third.
    state = state_of([1, 1, 1], [[1, 1, 1], [1, 1, -1]], [1, 1, -1], adopting=0.0)
    organisation = g6.Organisation(0.0, 1.0 - 1e-15)
    g6.period(organisation, state, generator(1, 1))
    assert state.code.tolist() == [1, 1, 1]


def test_a_tie_in_the_group_changes_nothing():
    state = state_of([1, 1, 1], [[1, 1, -1], [1, -1, 1]], [0, 0, 0], adopting=0.0)
    g6.period(g6.Organisation(0.0, 1.0 - 1e-15), state, generator(1, 1))
    assert state.code.tolist() == [1, 0, 0]


@pytest.mark.parametrize(("code", "can"), [([1, 1], False), ([1, 0], False), ([1, -1], True), ([0, 0], True)])
def test_when_learning_is_over(code, can):
    # All believe [1, -1] where [1, 1] is real: worse than a code of [1, 0].
    beliefs = [[1, -1], [1, -1]] if code != [1, 1] else [[1, 1], [1, 1]]
    beliefs = [[1, 1], [1, 1]] if code == [1, -1] else beliefs
    reality = [1, 1] if code != [0, 0] else [1, -1]
    assert g6.can_learn(g6.Organisation(), state_of(reality, beliefs, code)) is can


def test_the_unsure_may_yet_do_better_than_the_code():
    state = state_of([1, 1], [[1, 0], [1, 0]], [1, 0])
    assert g6.can_learn(g6.Organisation(), state)
    assert not g6.can_learn(g6.Organisation(judged_by="beliefs"), state)


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
    assert state.beliefs.tolist() == [[1, 1], [1, 1]]
    assert not g6.can_learn(organisation, state, hears)


def test_with_both_the_code_comes_first():
    hears = np.array([[False, False], [True, False]])
    state = state_of([1, 1], [[1, 1], [-1, -1]], [-1, 0])
    g6.period(g6.Organisation(1.0, 0.0), state, generator(1, 4), hears)
    assert state.beliefs[1].tolist() == [-1, 0]


def test_turnover_and_turbulence_at_their_ends():
    state = state_of([1, 1, 1, 1], [[1, 1, 1, 1]] * 50, [0, 0, 0, 0], adopting=0.0)
    g6.period(g6.Organisation(0.0, 0.0, turnover=1.0, turbulence=1.0), state, generator(1, 5))
    assert state.reality.tolist() == [-1, -1, -1, -1]
    assert abs(state.beliefs.mean()) < 0.3


def test_chances_of_a_mix_are_drawn_by_the_shares():
    drawn = g6.adopting_chances(g6.Organisation(((0.25, 0.1), (0.75, 0.9))), 100, generator(1, 6))
    assert set(np.unique(drawn)) == {0.1, 0.9}
    assert (drawn == 0.9).mean() == pytest.approx(0.75, abs=0.03)


def test_same_seed_same_numbers_and_paths_end_where_runs_do():
    organisation = g6.Organisation(0.5, people=6, dimensions=5)
    one, two = (g6.learn(organisation, 4, 50, generator(3, 1)) for _ in range(2))
    np.testing.assert_array_equal(one.path, two.path)
    np.testing.assert_array_equal(one.path[:, -1], one.code)
    assert one.path.shape == (4, 51)


def test_who_learns_first_is_an_argument():
    # The code knows nothing; the person knows the first and is told of no other.
    def after(order):
        state = state_of([1, 1], [[1, 0]], [0, -1])
        sure = g6.Organisation(1.0, 1.0 - 1e-15, judged_by="beliefs", order=order)
        g6.period(sure, state, generator(1, 1))
        return state.beliefs.tolist(), state.code.tolist()

    assert after("at once") == ([[1, -1]], [1, -1])
    assert after("people first") == ([[1, -1]], [1, -1])
    assert after("code first") == ([[1, -1]], [1, -1])

    # Here whoever socialises first does no better than the code any more.
    def later(order):
        state = state_of([1, 1, 1], [[1, 1, 1]], [1, 1, -1])
        sure = g6.Organisation(1.0, 1.0 - 1e-15, one_step=False, judged_by="beliefs", order=order)
        g6.period(sure, state, generator(1, 1))
        return state.beliefs.tolist(), state.code.tolist()

    assert later("at once") == ([[1, 1, -1]], [1, 1, 1])
    assert later("people first") == ([[1, 1, -1]], [1, 1, -1])
    assert later("code first") == ([[1, 1, 1]], [1, 1, 1])


def test_a_silent_code_may_erase():
    state = state_of([1], [[1]], [0])
    g6.period(g6.Organisation(1.0, 0.0, erasing=True), state, generator(1, 1))
    assert state.beliefs.tolist() == [[0]]


def test_the_margin_may_count_those_who_differ():
    # Where the code is silent two of the superior say 1 and one says nothing: a net of two, or two who differ less one.
    adopted = {}
    for margin in ("net", "differing"):
        organisation = g6.Organisation(0.0, 0.5, judged_by="beliefs", margin=margin)
        state = state_of([1, 1, 1], [[1, 1, 1], [1, 1, 1], [1, 1, 0]], [1, 0, 0], adopting=0.0)
        times = 0
        for number in range(400):
            state.code[:] = [1, 0, 0]
            g6.period(organisation, state, generator(2, number))
            times += state.code[2] == 1
        adopted[margin] = times / 400
    assert adopted["net"] == pytest.approx(0.75, abs=0.1)
    assert adopted["differing"] == pytest.approx(0.5, abs=0.1)


def test_being_wrong_may_count_as_not_knowing():
    # One right and two wrong: below a silent code by right less wrong, above it by what is right.
    for judged_by, code in (("beliefs", [0, 0, 0]), ("right beliefs", [1, -1, -1])):
        state = state_of([1, 1, 1], [[1, -1, -1]], [0, 0, 0], adopting=0.0)
        g6.period(g6.Organisation(0.0, 1.0 - 1e-15, judged_by=judged_by), state, generator(1, 1))
        assert state.code.tolist() == code


@pytest.mark.parametrize("setting", ["judged_by", "order", "margin"])
def test_words_must_be_known(setting):
    with pytest.raises(ValueError, match=f"{setting} is 'looks'"):
        g6.Organisation(**{setting: "looks"})


@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_few_runs(full, monkeypatch):
    monkeypatch.setattr(g6, "RUNS", {False: 3, True: 4})
    monkeypatch.setattr(g6, "LIMIT", 60)
    monkeypatch.setattr(g6, "Organisation", partial(g6.Organisation, people=6, dimensions=4))
    for name in ("PRINTED", "PEOPLE_FIRST"):
        monkeypatch.setattr(g6, name, replace(getattr(g6, name), people=6, dimensions=4))
    checks = g6.CASE.run(full, 81)
    assert len({check.claim for check in checks}) == len(checks)
    assert g6.CASE.figure(full, 81).axes
