"""How supplies are bought and shared out: hand-computed values, limits, and that nothing is sold twice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.maths import normal_quantile
from sim.rules.supply import (
    between,
    bid_of,
    cover,
    expected_use,
    perished,
    price_of,
    servable,
    share_by_weight,
    size_of_buyer,
)

pytestmark = pytest.mark.coverage_subset

amounts = st.floats(0.0, 1e6)
shares = st.floats(0.0, 1.0)


def shared(wanted: list[float], weight: list[float], amount: float) -> list[float]:
    out = [float("nan")] * len(wanted)
    share_by_weight(wanted, weight, amount, out)
    return out


def test_three_buyers_in_scarcity_by_hand():
    """Ayton, Beeton and Ceaton, a quarter, a half and a quarter of the people, and 140 items on offer.

    They need 140, 420 and 0. Their shares of the market are 35, 70 and 35. Ayton got half of its last order: it asks
    for 35 and, of the other 105, for three quarters, and half as much again: 35 + 105 x .75 x 1.5 = 153.125. Beeton got
    nothing: 70 + 350 x .5 x 2 = 420. Together 573.125, so the price rises from 5 to 5 x 573.125/140 = 20.47.
    Beeton is the more capable: its claim counts 1.25 times. 140 in proportion to 153.125 and 525: 31.61 and 108.39.
    Had one buyer bought for all, it would have asked for 140, and paid 5.
    """
    bids = [
        bid_of(140.0, 140.0, 0.25, 1.0, 0.5),
        bid_of(420.0, 140.0, 0.5, 1.0, 0.0),
        bid_of(0.0, 140.0, 0.25, 1.0, 1.0),
    ]
    assert bids == [153.125, 420.0, 0.0]
    assert price_of(5.0, 573.125, 140.0, 1.0) == pytest.approx(20.46875)
    assert shared(bids, [1.0, 1.25, 0.8], 140.0) == pytest.approx([31.6129, 108.3871, 0.0], abs=1e-4)
    assert bid_of(560.0, 140.0, 1.0, 1.0, 0.0) == 140.0
    assert price_of(5.0, 140.0, 140.0, 1.0) == 5.0


def test_sharing_out_by_hand():
    # 100 among 60, 60 and 10, all alike: in proportion.
    assert shared([60.0, 60.0, 10.0], [1.0, 1.0, 1.0], 65.0) == pytest.approx([30.0, 30.0, 5.0])
    # Care homes count an eighth: of 45 items 40 wanted at 1 and 40 at .125 get 40 and 5: who is full leaves the rest.
    assert shared([40.0, 40.0], [1.0, 0.125], 45.0) == pytest.approx([40.0, 5.0])
    assert shared([40.0, 40.0], [1.0, 0.125], 30.0) == pytest.approx([30.0 / 1.125, 30.0 * 0.125 / 1.125])
    assert shared([40.0, 40.0], [1.0, 0.0], 60.0) == [40.0, 0.0]  # without any weight, nothing
    assert shared([40.0, 40.0], [1.0, 0.0], 80.0) == [40.0, 40.0]  # but where there is enough for all
    assert shared([0.0, 0.0], [1.0, 1.0], 0.0) == [0.0, 0.0]


def test_other_rules_by_hand():
    assert size_of_buyer(1.0, 152) == 1.0
    assert size_of_buyer(1.0 / 152.0, 152) == pytest.approx(0.0, abs=1e-12)
    assert size_of_buyer(1.0 / 9.0, 152) == pytest.approx(0.5626, abs=1e-4)
    assert size_of_buyer(0.001, 152) == 0.0
    assert between(7.0, 21.0, 0.5) == 14.0
    assert price_of(5.0, 200.0, 100.0, 2.0) == pytest.approx(20.0)
    assert price_of(5.0, 25.0, 100.0, 0.5) == pytest.approx(2.5)
    assert price_of(5.0, 25.0, 0.0, 0.5) == 5.0
    assert servable(30.0, 10.0, 0.5) == 20.0
    assert servable(15.0, 10.0, 0.5) == 15.0
    assert servable(15.0, 0.0, 0.0) == 15.0
    assert perished(730.0, 365.0) == 2.0
    assert expected_use(10.0, 0.5, 1.0) == pytest.approx(10.0 * math.exp(0.375))
    assert expected_use(10.0, 0.0, 3.0) == 10.0


def test_the_newsvendors_stock_suffices_as_often_as_is_wanted():
    """Stock for a median forecast times the cover is enough in a share of cases: counted over the error's quantiles."""
    for level in (0.5, 0.9, 0.99):
        stock = cover(0.4, normal_quantile(level))
        errors = [math.exp(0.4 * normal_quantile((n + 0.5) / 10_000)) for n in range(10_000)]
        enough = sum(error <= stock for error in errors)
        assert enough == pytest.approx(10_000 * level, abs=1.0)
    assert cover(0.0, normal_quantile(0.99)) == 1.0


@given(st.lists(st.tuples(amounts, shares), min_size=1, max_size=12), amounts)
def test_nobody_gets_more_than_is_wanted_and_no_more_goes_than_there_is(lines, amount):
    wanted, weight = [line[0] for line in lines], [line[1] for line in lines]
    out = shared(wanted, weight, amount)
    assert all(0.0 <= got <= want * (1.0 + 1e-9) for got, want in zip(out, wanted, strict=True))
    assert sum(out) <= amount * (1.0 + 1e-9)
    if sum(wanted) <= amount:
        assert out == wanted
    elif min(weight) > 0.01:
        assert sum(out) == pytest.approx(amount, rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(0.05, 1.0)), min_size=2, max_size=8), st.floats(1.0, 1e4))
def test_more_weight_never_gets_one_less(lines, amount):
    wanted, weight = [line[0] for line in lines], [line[1] for line in lines]
    more = shared(wanted, [weight[0] * 1.5, *weight[1:]], amount)
    assert more[0] >= shared(wanted, weight, amount)[0] * (1.0 - 1e-9)


@given(amounts, amounts, shares, st.floats(0.0, 5.0), shares)
def test_what_a_buyer_asks_for(order, offered, share, bidding, filled):
    bid = bid_of(order, offered, share, bidding, filled)
    assert bid >= 0.0
    assert bid_of(order, offered, 1.0, bidding, filled) <= offered * (1.0 + 1e-9) + 1e-9  # nobody to outbid
    if order <= share * offered:
        assert bid == order
    assert bid_of(order, offered, share, bidding, 1.0) <= order
    assert bid <= bid_of(order, offered, share, bidding, 0.0) + 1e-9


@given(shares, shares, st.integers(2, 10_000))
def test_larger_buyers_are_larger(one, other, places):
    small, large = sorted((max(one, 1e-9), max(other, 1e-9)))
    assert 0.0 <= size_of_buyer(small, places) <= size_of_buyer(large, places) <= 1.0
