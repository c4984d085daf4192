"""M6, pooling: the model's own rules of sharing out obey the law of the root (Eppen 1979), and a formula does not."""

import numpy as np
import pytest

from sim.study import pooling
from sim.study.patterns import judge
from sim.study.pooling import demands, pooling_runs
from sim.study.theory import PATTERNS


@pytest.fixture(scope="module")
def runs():
    return pooling_runs()


def test_the_pattern_holds(runs):
    found = judge(PATTERNS["M6"], lambda _: runs).findings
    assert [each.says for each in found if each.verdict != "shown"] == []


def test_a_reserve_handed_out_by_formula_saves_nothing(runs):
    mean = runs.groupby(["arm", "places", "correlation"])["safety_stock"].mean()
    assert np.allclose(mean["by_formula"], mean["apart"], rtol=0.03)


def test_demands_have_the_correlation_that_was_asked_for():
    found = np.corrcoef(demands(1, 4, 0.25, 20_000).T)
    assert np.allclose(found[np.triu_indices(4, 1)], 0.25, atol=0.04)


def test_the_same_batch_is_the_same_and_another_differs():
    assert np.array_equal(demands(3, 4, 0.0, 50), demands(3, 4, 0.0, 50))
    assert not np.array_equal(demands(3, 4, 0.0, 50), demands(4, 4, 0.0, 50))


@pytest.mark.coverage_subset
@pytest.mark.parametrize("way", pooling.WAYS.values())
def test_by_hand(way):
    """Two places that want 90 and 110, then 100 each: 200 serve all by need; by formula 110 is short of 100 once."""
    demand = np.array([[90.0, 110.0], [100.0, 100.0]])
    assert way(demand, 300.0) == 4
    assert way(demand, 0.0) == 0
    assert way(demand, 200.1) == (3 if way is pooling.served_by_formula else 4)


@pytest.mark.coverage_subset
def test_every_way_meets_the_same_demands():
    runs = pooling_runs(1, 40, (2,), (0.0,))
    assert list(runs["arm"]) == ["apart", *pooling.WAYS]
    assert runs.set_index("arm")["safety_stock"]["by_shortage"] < runs.set_index("arm")["safety_stock"]["by_formula"]
