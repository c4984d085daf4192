"""G9: any tree of screeners, by closed form, by counting all votes, and by chance."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.known_answers import g9_screening as g9
from sim.known_answers.case import ERRORS_ALLOWED, generator, mean_and_error, share_and_error

pytestmark = pytest.mark.coverage_subset

KINDS = {"a": 0.8, "b": 0.3, "c": 0.55}


def gates(members):
    lists = st.lists(members, min_size=1, max_size=3).map(tuple)
    return lists.flatmap(lambda all_: st.integers(1, len(all_)).map(lambda needed: g9.Gate(needed, all_)))


TREES = st.recursive(gates(st.sampled_from(sorted(KINDS))), gates, max_leaves=8)


def screeners(tree):
    return [tree] if isinstance(tree, str) else [kind for member in tree.members for kind in screeners(member)]


def decide(tree, votes):
    """Return a tree's decision and how many it asks, given an iterator over everybody's vote."""
    if isinstance(tree, str):
        return next(votes), 1
    passed, asked = 0, 0
    for done, member in enumerate(tree.members):
        is_open = passed < tree.needed <= passed + len(tree.members) - done
        vote, count = decide(member, votes)
        passed += vote and is_open
        asked += count if is_open else 0
    return passed >= tree.needed, asked


@given(TREES)
def test_the_closed_forms_count_all_votes(tree):
    kinds = screeners(tree)
    if len(kinds) > 10:
        return
    chance, asked = 0.0, 0.0
    for votes in product((False, True), repeat=len(kinds)):
        weight = np.prod([KINDS[kind] if vote else 1.0 - KINDS[kind] for kind, vote in zip(kinds, votes, strict=True)])
        result, count = decide(tree, iter(votes))
        chance += weight * result
        asked += weight * count
    assert g9.passes(tree, KINDS) == pytest.approx(chance)
    assert g9.effort(tree, KINDS) == pytest.approx(asked)


@pytest.mark.parametrize(("n", "p"), g9.PASSED)
def test_the_table(n, p):
    ours = [g9.passes(make(n), {g9.SCREENER: p}) for make in g9.TREES.values()]
    assert ours == pytest.approx(g9.PASSED[n, p], abs=5.1e-6)


def test_effort_of_two():
    assert g9.effort(g9.hierarchy(2), g9.GOOD) == pytest.approx(1.8)
    assert g9.effort(g9.polyarchy(2), g9.GOOD) == pytest.approx(1.2)


def test_a_tree_of_different_screeners_by_chance():
    tree = g9.Gate(2, (g9.hierarchy(2, "a"), "b", g9.polyarchy(2, "c")))
    passed, asked = g9.screen(tree, KINDS, 100_000, generator(1, 1))
    share, error = share_and_error(int(passed.sum()), len(passed))
    assert abs(share - g9.passes(tree, KINDS)) < ERRORS_ALLOWED * error
    mean, error = mean_and_error(asked)
    assert abs(mean - g9.effort(tree, KINDS)) < ERRORS_ALLOWED * error


def test_projects_may_differ_one_by_one():
    chances = np.linspace(0.0, 1.0, 200_000)
    passed, _ = g9.screen(g9.hierarchy(2), {g9.SCREENER: chances}, len(chances), generator(1, 2))
    assert passed.mean() == pytest.approx(1.0 / 3.0, abs=0.005)  # the mean of p^2


@given(st.floats(0.05, 0.95))
def test_hierarchies_pass_least_and_polyarchies_most(p):
    skill = {g9.SCREENER: p}
    assert g9.passes(g9.hierarchy(3), skill) < g9.passes(g9.majority(3), skill) < g9.passes(g9.polyarchy(3), skill)
