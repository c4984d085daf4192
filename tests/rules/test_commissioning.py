"""How others are paid to help: a tender worked by hand, limits, and directions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.commissioning import (
    bid_price,
    bid_weight,
    cheaper,
    pot_number,
    price_of_staff,
    quality_of,
    staff_for,
    tax_base,
    volunteers_after,
)

pytestmark = pytest.mark.coverage_subset

shares = st.floats(0.0, 1.0)
amounts = st.floats(0.01, 1e6)


def test_a_tender_of_three_bids_by_hand():
    """An outsourcer's staff-day costs 210 GBP ordinarily; three bidders' costs lie 0.5, -1 and 0.2 standard deviations
    (of .2) off: they bid 232.09, 171.93 and 218.57. The second wins. It saves 1 - 171.93/210 = 18.1% of the price;
    social care can be measured by .3, so of a fit of .7 it leaves .7 x (1 - .7 x .3 x 1.181) = .5264. A budget of
    10,000 GBP a day buys 58.16 staff-days, worth 30.62 of one's own.
    """
    bids = [bid_price(210.0, 0.2, z) for z in (0.5, -1.0, 0.2)]
    assert bids == pytest.approx([232.0859, 171.9335, 218.5703], abs=1e-4)
    best = cheaper(bids[2], cheaper(bids[1], bids[0]))
    assert best == bids[1]
    quality = quality_of(0.7, 0.3, 0.3, best, 210.0)
    assert quality == pytest.approx(0.7 * (1.0 - 0.7 * 0.3 * (2.0 - best / 210.0)))
    assert quality == pytest.approx(0.52635, abs=1e-5)
    staff = staff_for(10_000.0, best, 0.0, 500.0)
    assert staff == pytest.approx(58.1620, abs=1e-4)
    assert staff * quality == pytest.approx(30.6136, abs=1e-3)


def test_hiring_by_hand():
    # 100 staff are there; 20 more raise everybody's price by 2 x .2 = 40%: 20 x 150 x 1.4 = 4,200 a day.
    assert staff_for(4_200.0, 150.0, 2.0, 100.0) == pytest.approx(20.0)
    assert price_of_staff(150.0, 2.0, 20.0, 100.0) == pytest.approx(210.0)
    assert staff_for(4_200.0, 150.0, 0.0, 100.0) == pytest.approx(28.0)
    assert price_of_staff(150.0, 0.0, 28.0, 100.0) == 150.0
    assert (
        staff_for(0.0, 150.0, 2.0, 100.0) == staff_for(10.0, 0.0, 2.0, 100.0) == staff_for(10.0, 1.0, 2.0, 0.0) == 0.0
    )
    assert price_of_staff(150.0, 2.0, 0.0, 0.0) == 150.0


def test_volunteers_by_hand():
    # Of a third who turn up, half are used: (1 - 1/3)/28 join, and 1/3 x 1/2 / 28 drift away.
    assert volunteers_after(1.0 / 3.0, 1.0, 0.5, 28.0, 28.0) == pytest.approx(
        1.0 / 3.0 + (2.0 / 3.0 - 1.0 / 6.0) / 28.0
    )
    assert volunteers_after(0.5, 0.0, 0.0, 28.0, 10.0) == pytest.approx(0.45)  # without a grant all drift away in time
    assert volunteers_after(1.0, 1.0, 0.0, 28.0, 10.0) == 1.0


def test_what_can_be_measured_is_not_shaded():
    assert quality_of(0.8, 1.0, 1.0, 50.0, 100.0) == 0.8
    assert quality_of(0.8, 0.2, 0.0, 50.0, 100.0) == 0.8
    assert quality_of(0.8, 0.0, 1.0, 100.0, 100.0) == 0.0
    assert quality_of(0.8, 0.0, 0.5, 200.0, 100.0) == 0.4  # a price above the ordinary one saves nothing
    assert quality_of(0.8, 0.0, 0.5, 0.0, 0.0) == 0.4


@given(amounts, amounts, st.floats(0.0, 50.0), amounts)
def test_money_buys_what_it_pays_for(money, price, rise, staff):
    hired = staff_for(money, price, rise, staff)
    assert hired * price_of_staff(price, rise, hired, staff) == pytest.approx(money, rel=1e-9)
    assert hired <= money / price * (1.0 + 1e-12)


@given(shares, shares, shares, amounts, amounts, st.floats(1.0, 3.0))
def test_quality_falls_with_shading_and_with_a_lower_price(fit, measurable, shading, price, ordinary, ratio):
    quality = quality_of(fit, measurable, shading, price, ordinary)
    assert 0.0 <= quality <= fit
    assert quality_of(fit, measurable, min(1.0, shading * ratio), price, ordinary) <= quality + 1e-12
    assert quality_of(fit, measurable, shading, price / ratio, ordinary) <= quality + 1e-12
    assert quality_of(fit, min(1.0, measurable * ratio), shading, price, ordinary) >= quality - 1e-12


@given(st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=8), st.floats(-4.0, 4.0), st.floats(0.0, 1.5))
def test_one_more_bidder_never_makes_it_dearer(drawn, one_more, log_sd):
    bids = [bid_price(100.0, log_sd, z) for z in drawn]
    best = math.inf
    for bid in bids:
        best = cheaper(bid, best)
    assert best == min(bids)
    assert cheaper(bid_price(100.0, log_sd, one_more), best) <= best


@given(shares, shares, shares, st.floats(1.0, 100.0), st.floats(1.0, 100.0))
def test_volunteers_stay_a_share(mobilised, supported, unused, join_days, drift_days):
    after = volunteers_after(mobilised, supported, unused, join_days, drift_days)
    assert 0.0 <= after <= 1.0
    assert after <= volunteers_after(mobilised, supported, 0.0, join_days, drift_days) + 1e-12


def test_bids_and_tax_by_hand():
    assert bid_weight(100.0, 1.2, 1.0, 0.0, 5.0) == pytest.approx(120.0)
    assert bid_weight(100.0, 1.2, 2.0, 0.5, 1.0) == pytest.approx(100.0 * 1.44 * math.exp(1.0))
    assert bid_weight(100.0, 1.2, 0.0, 0.5, 3.0) == 100.0  # by head
    assert tax_base(200.0, 0.3, 1.0) == pytest.approx(140.0)
    assert tax_base(200.0, 0.3, 9.0) == pytest.approx(20.0)  # never less than a tenth
    assert [pot_number(day, 30, 91) for day in (30, 120, 121, 212)] == [0, 0, 1, 2]
