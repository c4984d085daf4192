"""G1: bandit learning on any graph, its exact limits, and every branch of the case on tiny settings."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from sim.known_answers import g1_bandits as g1
from sim.known_answers import graphs
from sim.known_answers.case import ERRORS_ALLOWED, share_and_error


@pytest.mark.parametrize("gap", [0.05, 0.2])
def test_an_agent_alone_meets_the_gamblers_ruin(gap):
    bandit = g1.Bandit(gap=gap, trials=1)
    done = g1.learn(graphs.empty(1), bandit, 4000, 1)
    share, se = share_and_error(int(done.success.sum()), 4000)
    assert abs(share - g1.lone_success(bandit)) <= ERRORS_ALLOWED * se


@pytest.mark.coverage_subset
def test_by_a_fine_step_the_ruin_is_that_of_the_likelihood_ratio():
    # Odds against are a martingale; without overshoot: integral of 1 - (odds - d) / (1 - d) with d = 1 / 99.
    d = 1.0 / 99.0
    exact = 0.49 - (np.log(1.98) - 0.49 - d * 0.49) / (1.0 - d) + 0.01
    assert g1.lone_success(g1.Bandit(gap=0.0005)) == pytest.approx(exact, abs=0.002)


@pytest.mark.coverage_subset
def test_same_seed_same_numbers_and_other_seed_others():
    first, again, other = (g1.learn(graphs.cycle(5), g1.Bandit(gap=0.02), 30, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.trials, again.trials)
    assert (first.trials != other.trials).any()


@pytest.mark.coverage_subset
def test_with_a_gap_that_shows_at_once_a_community_is_right_unless_nobody_tries():
    n, runs = 4, 2000
    done = g1.learn(graphs.complete(n), g1.Bandit(gap=0.4), runs, 2)
    share, se = share_and_error(int(done.success.sum()), runs)
    assert abs(share - (1.0 - 0.5**n)) <= ERRORS_ALLOWED * se
    assert done.decided.all()
    assert set(done.rounds[done.success]) == {1}
    assert set(done.trials[~done.success]) == {0}


@pytest.mark.coverage_subset
def test_who_hears_nobody_stays_as_they_were():
    hears = graphs.empty(3)
    hears[1, 0] = True  # a directed tie: 1 hears 0
    done = g1.learn(hears, g1.Bandit(gap=0.4, limit=5), 500, 3)
    credences = np.array([[g1.uniform(3, run, 0, 0, g1.PURPOSE, i) for i in range(3)] for run in range(500)])
    expected = ((credences[:, [0, 2]] > 0.5).all(axis=1)) & (credences[:, :2] > 0.5).any(axis=1)
    np.testing.assert_array_equal(done.success, expected)


@pytest.mark.coverage_subset
def test_more_runs_begin_with_fewer_and_a_result_is_the_same_on_every_network():
    bandit = g1.Bandit(gap=0.1, trials=5)
    few, more = (g1.learn(graphs.line(4), bandit, runs, 8) for runs in (5, 9))
    np.testing.assert_array_equal(few.trials, more.first(5).trials)
    one_round = replace(bandit, limit=1)
    apart, together = (g1.learn(graph, one_round, 60, 8) for graph in (graphs.empty(4), graphs.complete(4)))
    np.testing.assert_array_equal(apart.trials, together.trials)  # the same credences


@pytest.mark.coverage_subset
@pytest.mark.parametrize(("trials", "chance"), [(1, 0.3), (7, 0.501), (40, 0.999), (5, 1.0), (5, 0.0)])
def test_the_table_of_draws_is_the_binomial_distribution(trials, chance):
    stay, other = g1.alias_table(trials, chance)
    drawn = stay.copy()
    np.add.at(drawn, other, 1.0 - stay)
    np.testing.assert_allclose(drawn / (trials + 1), g1.binom.pmf(np.arange(trials + 1), trials, chance), atol=1e-14)
    middles = (np.arange(4000) + 0.5) / 4000
    mean = np.mean([g1._successes(u, stay, other) for u in middles])
    assert mean == pytest.approx(trials * chance, abs=0.02)


@pytest.mark.coverage_subset
def test_a_run_can_be_given_up():
    done = g1.learn(graphs.cycle(6), replace(g1.Bandit(), limit=3), 50, 4)
    assert not done.decided.all()
    assert done.rounds.max() == 3


@pytest.mark.coverage_subset
@pytest.mark.parametrize("gap", [0.0, 0.5, -0.1])
def test_a_gap_must_be_one(gap):
    with pytest.raises(ValueError, match="gap is"):
        g1.Bandit(gap=gap)


@pytest.mark.coverage_subset
def test_where_one_treatment_never_works_all_learn_it():
    right = g1.learn_both(graphs.complete(3), (1.0, 0.0), 4.0, 100, 200, 100, 5)
    alone = g1.learn_both(graphs.empty(3), (1.0, 0.0), 4.0, 100, 200, 100, 5)
    assert right.all()
    assert alone.all()


@pytest.mark.coverage_subset
@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_few_runs(full, monkeypatch):
    monkeypatch.setattr(g1, "RUNS", {False: 6, True: 7})
    monkeypatch.setattr(g1, "ORDER_RUNS", {False: 6, True: 8})
    monkeypatch.setattr(g1, "Bandit", partial(g1.Bandit, gap=0.05))
    monkeypatch.setattr(g1, "BETA_RUNS", {False: 5, True: 5})
    monkeypatch.setattr(g1, "BETA_ROUNDS", 4)
    monkeypatch.setattr(g1, "PRIOR_RUNS", 5)
    monkeypatch.setattr(g1, "PRIOR_ROUNDS", 4)
    checks = g1.CASE.run(full, 77)
    assert len({check.claim for check in checks}) == len(checks)
    assert g1.CASE.figure(full, 77).axes
