"""G7: closed forms and search agree, for any tastes and any spill-over."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.known_answers import g7_provision as g7
from sim.known_answers.graphs import complete, star

pytestmark = pytest.mark.coverage_subset

TASTES = st.lists(st.floats(0.2, 5.0), min_size=2, max_size=5).map(np.array)
SHARES = st.floats(0.0, 0.5)


@given(TASTES, SHARES, st.floats(0.3, 4.0))
@settings(max_examples=20)
def test_search_finds_the_levels_of_the_closed_forms(tastes, k, cost):
    spill = g7.spread_over(complete(len(tastes)), k)
    for arrangement in g7.ARRANGEMENTS:
        found = g7.play(arrangement, tastes, spill, cost)
        assert found == pytest.approx(g7.levels(arrangement, tastes, spill, cost), abs=1e-4)


@given(TASTES, SHARES)
def test_first_best_is_best(tastes, k):
    spill = g7.spread_over(star(len(tastes)), k)
    best = g7.welfare("first best", tastes, spill)
    assert best >= g7.welfare("local", tastes, spill) - 1e-9
    assert best >= g7.welfare("uniform", tastes, spill) - 1e-9


@given(TASTES)
def test_without_spill_over_local_is_first_best(tastes):
    spill = g7.spread_over(complete(len(tastes)), 0.0)
    assert g7.levels("local", tastes, spill) == pytest.approx(g7.levels("first best", tastes, spill))


@given(st.floats(1.05, 20.0), st.floats(0.2, 9.0))
def test_they_change_places_at_the_critical_spill_over_whatever_the_cost(ratio, cost):
    tastes = np.array([1.0, ratio])
    k = g7.critical_spill(tastes, cost=cost)
    assert k == pytest.approx(g7.critical_spill(tastes), abs=1e-8)
    for off, sign in ((-0.01, 1.0), (0.01, -1.0)):
        spill = g7.between_two(k + off)
        assert sign * (g7.welfare("local", tastes, spill) - g7.welfare("uniform", tastes, spill)) > 0.0


def test_where_local_is_always_better_there_is_no_critical_spill_over():
    assert np.isnan(g7.critical_spill(np.array([1.0, 9.0]), most=0.1))


def test_two_places_are_a_network_of_two():
    assert g7.spread_over(complete(2), 0.3) == pytest.approx(g7.between_two(0.3))
