"""How staff move: hand-computed values and limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.resources import free_to_move, lendable, seen_weight, share_of, staff_wanted

pytestmark = pytest.mark.coverage_subset

staff = st.floats(0.0, 1e5)
shares = st.floats(0.0, 1.0)


def test_moving_staff_by_hand():
    assert free_to_move(30.0, 0.25, 100.0) == 25.0
    assert free_to_move(10.0, 0.25, 100.0) == 10.0
    assert staff_wanted(12.0, 0.6) == 20.0
    assert share_of(3.0, 12.0) == 0.25
    assert lendable(20.0, 0.0, 100.0, 0.05, 0.5) == 15.0  # what is spare, less a margin of 5
    assert lendable(20.0, 0.0, 100.0, 0.05, 0.1) == 10.0  # at most the cap
    assert lendable(20.0, 2.1, 100.0, 0.05, 0.5) == 0.0  # short itself, by more than 2 in 100
    assert lendable(20.0, 2.0, 100.0, 0.05, 0.5) == 15.0
    assert seen_weight(0.5, 2.0, 30.0, 400.0) == pytest.approx(30.04)


def test_nothing_of_nothing():
    assert share_of(0.0, 0.0) == 0.0
    assert staff_wanted(5.0, 0.0) == 0.0  # who cannot do the work is not wanted
    assert staff_wanted(5.0, 5e-324) == 0.0


@given(staff, shares, staff)
def test_no_more_moves_than_is_spare_or_movable(spare, movable, all_staff):
    free = free_to_move(spare, movable, all_staff)
    assert 0.0 <= free <= min(spare, all_staff)
    assert free_to_move(spare, 0.0, all_staff) == 0.0


@given(staff, staff, staff, shares, shares)
def test_lenders_keep_their_margin_and_cap(spare, short, all_staff, margin, cap):
    lent = lendable(spare, short, all_staff, margin, cap)
    assert 0.0 <= lent <= cap * all_staff
    assert lent <= max(0.0, spare - margin * all_staff)
    assert lendable(spare, short, all_staff, margin, 0.0) == 0.0


@given(staff, st.floats(0.01, 1.0))
def test_the_less_skilled_the_more_are_wanted(short, skill):
    assert staff_wanted(short, skill) * skill == pytest.approx(short, rel=1e-12)
    assert staff_wanted(short, skill) >= short


@given(st.lists(staff, min_size=1, max_size=8))
def test_shares_sum_to_one(parts):
    whole = sum(parts)
    total = sum(share_of(part, whole) for part in parts)
    assert total == pytest.approx(1.0 if whole > 0.0 else 0.0, rel=1e-12)


@given(shares, st.floats(0.0, 5.0), staff, st.floats(0.001, 1e4))
def test_every_place_has_some_claim_on_the_reserve(omega, harm, need, people):
    claim = seen_weight(omega, harm, need, people)
    assert claim > 0.0
    assert claim <= seen_weight(1.0, harm, need, people)
