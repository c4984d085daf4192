"""How need arises and is met: hand-computed values, limits, and that nobody is served twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.delivery import (
    first_offer,
    lapsing,
    new_need,
    productivity,
    reach,
    remembered,
    residents_help,
    residents_strength,
    second_offer,
    training_today,
)

pytestmark = pytest.mark.coverage_subset

amounts = st.floats(0.0, 1e6)
shares = st.floats(0.0, 1.0)


def test_delivery_by_hand():
    assert new_need(10.0, 0.0, 0.0, 0.5, 0.06, 200.0, 3.0, 2.0, 0.0) == pytest.approx(32.0)  # 15 + 12 + 3 + 2
    # An issue adds .4, prevention averts a quarter of 1.4: 10 x (1.05 + .5) = 15.5; + 12 + 3 + 2, + 7 of a flood.
    assert new_need(10.0, 0.4, 0.25, 0.5, 0.06, 200.0, 3.0, 2.0, 7.0) == pytest.approx(39.5)
    assert new_need(0.0, 0.0, 0.0, 3.0, 0.0, 200.0, 0.0, 0.0, 0.0) == 0.0
    assert training_today(30.0, 40.0) == 20.0  # at most half of the day
    assert training_today(3.0, 40.0) == 3.0
    # Effort .6 where .4 is ordinary: (1 + .3)/(1 + .2), to the power of a half.
    assert residents_help(residents_strength(0.6, 0.4, 0.5), 0.5) == pytest.approx((1.3 / 1.2) ** 0.5, rel=1e-12)
    # In use 1.2, on trial .8 on a fifth of cases: 1.12; a tenth lost while new; half the neighbours alike, gain .1.
    assert productivity(1.2, 0.8, 0.2, 0.1, 0.5, 0.1) == pytest.approx(1.12 * 0.9 * 1.05)
    assert reach(0.8, 0.9, 0.0) == pytest.approx(8.0 / 9.0)
    assert reach(0.8, 0.9, 0.5) == pytest.approx(0.9 / 0.95)  # half of those who stay away are reached
    assert first_offer(100.0, 0.3, 50.0) == 30.0
    assert first_offer(100.0, 0.7, 50.0) == 50.0
    assert second_offer(20.0, 10.0, 40.0) == 5.0
    assert second_offer(60.0, 10.0, 40.0) == 10.0
    assert second_offer(60.0, 0.0, 0.0) == 0.0
    assert lapsing(20.0, 0.05) == 1.0
    assert remembered(10.0, 24.0, 14.0) == 11.0


@given(amounts, st.lists(st.tuples(st.integers(1, 9), amounts), min_size=1, max_size=5))
def test_two_offers_serve_what_can_be_served_and_no_more(cases, desks):
    """Offers in shares, then the rest by room left: together all cases, or all there is room for."""
    total = sum(weight for weight, _ in desks)
    limits = [limit for _, limit in desks]
    first = [first_offer(cases, weight / total, limit) for weight, limit in desks]
    left, room = max(0.0, cases - sum(first)), sum(limit - served for limit, served in zip(limits, first, strict=True))
    second = [second_offer(left, limit - served, room) for limit, served in zip(limits, first, strict=True)]
    for a, b, limit in zip(first, second, limits, strict=True):
        assert a >= 0.0
        assert b >= 0.0
        assert a + b <= limit + 1e-9 * (limit + cases)
    assert sum(second) <= left + 1e-9 * cases
    assert sum(first) + sum(second) == pytest.approx(min(cases, sum(limits)), rel=1e-9, abs=1e-9)


@given(amounts, amounts, amounts)
def test_a_second_offer_is_never_more_than_is_left_or_than_there_is_room_for(left, room, others):
    served = second_offer(left, room, room + others)
    assert 0.0 <= served <= left * (1.0 + 1e-12)
    assert served <= room * (1.0 + 1e-12)


@given(amounts, amounts)
def test_training_leaves_at_least_half_of_the_day(owed, time):
    given_today = training_today(owed, time)
    assert 0.0 <= given_today <= owed
    assert given_today <= 0.5 * time


efforts = st.floats(0.0, 5.0)


@given(efforts, efforts, st.floats(0.0, 2.0), st.floats(0.0, 0.9))
def test_residents_help_more_the_more_they_do(effort, ordinary, worth, exponent):
    helped = residents_help(residents_strength(effort, ordinary, worth), exponent)
    assert helped > 0.0
    assert (helped - 1.0) * (effort - ordinary) >= -1e-12  # more than ordinary helps, less hinders
    assert residents_help(residents_strength(ordinary, ordinary, worth), exponent) == 1.0
    assert residents_help(residents_strength(effort, ordinary, 0.0), exponent) == 1.0
    assert residents_help(residents_strength(effort, ordinary, worth), 0.0) == 1.0


@given(st.floats(0.1, 5.0), st.floats(0.1, 5.0), shares, shares, shares, shares)
def test_productivity_lies_between_its_two_approaches(in_use, on_trial, share, new, alike, gain):
    rate = productivity(in_use, on_trial, share, new, alike, gain)
    most = max(in_use, on_trial) * (1.0 + gain)
    assert 0.0 <= rate <= most * (1.0 + 1e-12)
    assert productivity(in_use, on_trial, 0.0, 0.0, alike, 0.0) == in_use
    assert productivity(in_use, on_trial, 1.0, 0.0, 0.0, gain) == on_trial
    assert productivity(in_use, on_trial, share, 1.0, alike, gain) == 0.0


@given(shares, st.floats(0.01, 1.0), shares)
def test_reach_is_one_in_ordinary_times(takeup, ordinary, extra):
    reached = reach(takeup, ordinary, extra)
    assert reached >= 0.0
    assert (reached - 1.0) * (takeup - ordinary) >= -1e-12
    assert reach(ordinary, ordinary, extra) == 1.0
    assert reach(takeup, ordinary, 1.0) == pytest.approx(1.0)  # who reaches everybody does not depend on take-up
    assert abs(reached - 1.0) <= abs(reach(takeup, ordinary, 0.0) - 1.0) + 1e-12


@given(amounts, st.floats(0.001, 1.0))
def test_what_lapses_was_there(unserved, rate):
    assert 0.0 <= lapsing(unserved, rate) <= unserved
    assert lapsing(unserved, 1.0) == unserved


@given(amounts, amounts, st.floats(1.0, 100.0))
def test_memory_lies_between_yesterday_and_today(old, today, days):
    kept = remembered(old, today, days)
    assert min(old, today) - 1e-9 <= kept <= max(old, today) + 1e-9
    assert remembered(old, today, 1.0) == pytest.approx(today, abs=1e-9)
