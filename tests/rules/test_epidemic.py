"""How an infection spreads in a place: hand-computed values and limits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.epidemic import absent_share, cautious, deaths, leaving, newly_infected, supported, transmission

pytestmark = pytest.mark.coverage_subset

shares = st.floats(0.0, 1.0)
people = st.floats(0.0, 1e6)


def test_the_infection_by_hand():
    # .5 a day, contact cut by .75 where .8 comply, transmission by .3 where half of control is done.
    assert transmission(0.5, 0.75, 1.0, 0.8, 0.3, 0.5) == pytest.approx(0.5 * 0.4 * 0.85)
    assert transmission(0.5, 0.75, 0.0, 0.8, 0.3, 0.0) == 0.5
    assert cautious(0.5, 200.0, 0.005) == 0.25  # 1 in 200 is infectious: halved
    assert newly_infected(1000.0, 0.1) == pytest.approx(1000.0 * (1.0 - math.exp(-0.1)), rel=1e-12)
    assert leaving(100.0, 5.0) == pytest.approx(100.0 * (1.0 - math.exp(-0.2)), rel=1e-12)
    assert deaths(1000.0, 0.01, 1.0, 0.5) == pytest.approx(15.0)
    assert absent_share(0.04, 1.5, 200.0, 10_000.0) == pytest.approx(0.07)
    assert supported(0.6, 0.0, 20.0) == 0.6
    assert supported(0.6, 20.0, 20.0) == pytest.approx(0.8)  # half of those who would not now do


@given(people, st.floats(0.0, 50.0))
def test_no_more_fall_ill_than_there_are(susceptible, pressure):
    infected = newly_infected(susceptible, pressure)
    assert 0.0 <= infected <= susceptible
    assert newly_infected(susceptible, 0.0) == 0.0
    assert newly_infected(susceptible, pressure + 1.0) >= infected


@given(st.floats(0.0, 4.0), shares, shares, shares, shares, shares)
def test_restriction_take_up_and_control_only_lower_transmission(rate, cut, force, takeup, control_cut, control):
    now = transmission(rate, cut, force, takeup, control_cut, control)
    assert 0.0 <= now <= rate
    assert now <= transmission(rate, cut, 0.0, takeup, control_cut, control)
    assert now <= transmission(rate, cut, force, 0.0, control_cut, control)
    assert now <= transmission(rate, cut, force, takeup, control_cut, 0.0)
    assert transmission(rate, 1.0, 1.0, 1.0, control_cut, control) == 0.0


@given(st.floats(0.0, 4.0), st.floats(0.0, 1e4), shares, shares)
def test_caution_grows_with_prevalence(rate, caution, few, many):
    assert cautious(rate, 0.0, many) == rate
    assert cautious(rate, caution, max(few, many)) <= cautious(rate, caution, min(few, many)) <= rate


@given(people, st.floats(0.5, 60.0))
def test_a_stage_lasts_as_long_as_it_should(there, mean_days):
    """Those who leave are a constant share a day: 1/(1 - exp(-1/days)) days on average, near ``mean_days`` + 1/2."""
    left = leaving(there, mean_days)
    assert 0.0 <= left <= there
    if there > 1.0:
        assert there / left == pytest.approx(mean_days + 0.5, abs=0.2)


@given(people, shares, st.floats(0.0, 10.0), shares)
def test_deaths_are_among_the_cases_and_rise_with_unmet_need(cases, fatality, effect, unmet):
    died = deaths(cases, fatality, effect, unmet)
    assert 0.0 <= died <= cases
    assert died >= deaths(cases, fatality, effect, 0.0)
    assert deaths(cases, 0.0, effect, unmet) == 0.0


@given(st.floats(0.0, 0.5), st.floats(0.0, 10.0), people, st.floats(1e6, 1e7))
def test_somebody_is_always_at_work(ordinary, extra, infectious, population):
    absent = absent_share(ordinary, extra, infectious, population)
    assert min(ordinary, 0.6) <= absent <= 0.6
    assert absent_share(ordinary, 0.0, infectious, population) == ordinary
