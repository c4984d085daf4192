"""Hidden need, cascade and hubs: the rules by hand, and their limits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.cascade import bred_by, cut_by_hub
from sim.rules.hidden import coming_forward, lapsing_unseen, seen_share, trusted_ties
from sim.world.hidden import Hidden, most_made_of_one

SHARES = st.floats(0.0, 1.0)


def test_ties_by_hand():
    """.1 of finders; a tenth of staff voluntary, half understood: .1 x (.1 + .9 x .5); a lead at .4; effort .3."""
    assert trusted_ties(0.1, 0.1, 0.5, 1.0, 0.4, 0.3) == pytest.approx(0.1 + 0.055 + 0.4 + 0.3)
    assert trusted_ties(0.1, 0.1, 0.5, 0.0, 0.4, 0.3) == pytest.approx(0.455)


def test_the_share_that_is_seen_by_hand():
    assert seen_share(0.3, 1.0, 0.0) == pytest.approx(0.3)
    assert seen_share(0.3, 1.0, 1.0) == pytest.approx(0.3 + 0.7 * (1.0 - math.exp(-1.0)))
    assert seen_share(0.3, 1.0, 200.0) == 1.0
    assert seen_share(1.0, 3.0, 0.4) == 1.0


def test_what_becomes_of_hidden_cases_by_hand():
    assert coming_forward(90.0, 30.0) == pytest.approx(3.0)
    assert lapsing_unseen(87.0, 29.0) == pytest.approx(3.0)


@given(SHARES, st.floats(0.0, 20.0), st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_more_ties_show_more_and_never_more_than_all(base, worth, ties, more):
    seen = seen_share(base, worth, ties)
    assert 0.0 <= seen <= seen_share(base, worth, ties + more) + 1e-12 <= 1.0 + 1e-9


def test_what_one_case_can_become():
    """A case comes forward on 1/10 of days and lapses on 1/9 of the 9/10 left: half come forward, each as three."""
    hidden = Hidden(come_forward_days=10.0, burden=3.0, lapse_days=9.0)
    assert most_made_of_one(hidden, [1.0, 0.5]) == pytest.approx(1.5)
    assert most_made_of_one(hidden, [1.0, 1.0]) == 1.0


def test_a_cascade_with_a_hub_by_hand():
    """Effect .5, language .8, data .5 leave 1 - .2 of 100 open cases x .02; nothing is cut outside the hub."""
    cut = cut_by_hub(0.5, 0.8, 0.5)
    assert cut == pytest.approx(0.8)
    assert bred_by(0.02, 100.0, 1.0, cut) == pytest.approx(1.6)
    assert bred_by(0.02, 100.0, 0.0, cut) == pytest.approx(2.0)


@given(SHARES, SHARES, SHARES)
def test_a_hub_cuts_between_nothing_and_all(effect, language, data):
    assert 0.0 <= cut_by_hub(effect, language, data) <= 1.0
    assert cut_by_hub(0.0, language, data) == 1.0
    assert cut_by_hub(1.0, 1.0, 1.0) == 0.0
