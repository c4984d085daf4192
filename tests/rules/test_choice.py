"""How a holder chooses: hand-computed values, limits, and what must hold for any numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.choice import (
    days_to_effect,
    imagined,
    is_better,
    is_report_day,
    is_tighter,
    is_u_turn,
    items_this_round,
    level_wanted,
    line_of_change,
    newest_report,
    report_day,
    salience,
    wants_restriction,
    worth_changing,
)

pytestmark = pytest.mark.coverage_subset

shares = st.floats(0.0, 1.0)
rates = st.floats(0.0, 1000.0)


def test_choices_by_hand():
    assert salience(1.5, 2.0, 0.5, 40.0, 1) == 60.0
    assert salience(1.5, 2.0, 0.5, 40.0, 7) == 420.0  # has waited for a week
    assert days_to_effect(4.0, 2.6, 28.0, 0.75) == 14  # 4 + 2.6 + 7 = 13.6
    assert days_to_effect(0.0, 0.0, 0.0, 0.3) == 0
    assert imagined(0.1, 0.04, -2.0) == pytest.approx(-0.3)
    assert imagined(0.1, 0.0, 5.0) == 0.1
    assert [items_this_round(0.4, n) for n in range(5)] == [0, 0, 1, 0, 1]
    assert worth_changing(0.5, 0.375, 0.0625)
    assert not worth_changing(0.5, 0.4375, 0.0625)  # the cost itself is not enough
    assert is_better(0.2, 0.1)
    assert not is_better(0.1, 0.1)  # the one that came first stays


@given(st.floats(0.0, 20.0), st.integers(0, 400))
def test_attention_is_spent_to_the_last_item_in_the_long_run(items, rounds):
    """Whatever the fraction, so many rounds give their whole number of items: nothing is lost or won."""
    spent = 0
    for n in range(rounds):
        now = items_this_round(items, n)
        assert int(items) <= now <= int(items) + 1
        spent += now
    assert spent == int(rounds * items)


@given(st.integers(0, 2000), st.integers(0, 200))
def test_the_newest_report_is_old_enough_and_no_older_than_it_must_be(day, delay):
    number = newest_report(day, delay)
    assert report_day(number) + delay <= day < report_day(number + 1) + delay
    assert (number < 0) == (day < 6 + delay)


def test_reports_by_hand():
    assert [day for day in range(22) if is_report_day(day)] == [6, 13, 20]
    assert [newest_report(6, 0), newest_report(7, 0), newest_report(12, 0), newest_report(13, 0)] == [0, 0, 0, 1]
    assert [newest_report(12, 7), newest_report(13, 7), newest_report(19, 7), newest_report(20, 7)] == [-1, 0, 0, 1]


@given(st.integers(0, 300), st.integers(0, 90))
def test_news_never_gets_older_as_days_go_by(day, delay):
    assert 0 <= newest_report(day + 1, delay) - newest_report(day, delay) <= 1
    assert newest_report(day, delay + 1) <= newest_report(day, delay)


def test_restriction_by_hand():
    wants = {"threshold": 100.0, "release": 0.4, "hold_days": 21, "margin": 0.1}
    assert wants_restriction(111.0, in_force=0.0, days_held=500, **wants) == 1.0
    assert wants_restriction(109.0, in_force=0.0, days_held=500, **wants) == 0.0  # within the margin
    assert wants_restriction(35.0, in_force=1.0, days_held=21, **wants) == 0.0
    assert wants_restriction(35.0, in_force=1.0, days_held=20, **wants) == 1.0  # not held long enough
    assert wants_restriction(37.0, in_force=1.0, days_held=21, **wants) == 1.0  # within the margin


@pytest.mark.parametrize(
    ("rate", "in_force", "held", "wanted"),
    [
        (49.0, 0.0, 500, 0.0),
        (51.0, 0.0, 500, 0.3),  # past half of 100
        (101.0, 0.0, 500, 1.0),
        (101.0, 0.3, 0, 1.0),  # it may tighten at once
        (60.0, 0.3, 500, 0.3),
        (41.0, 1.0, 500, 1.0),
        (39.0, 1.0, 20, 1.0),  # not held long enough
        (39.0, 1.0, 21, 0.3),  # below the full release, above that of the lighter one
        (19.0, 1.0, 21, 0.0),
        (19.0, 0.3, 20, 0.3),
        (19.0, 0.3, 21, 0.0),
    ],
)
def test_levels_of_restriction_by_hand(rate, in_force, held, wanted):
    """Full at 100, lifted below 40; a lighter one of 0.3 at half of both: 50 and 20; each is held for 21 days."""
    assert level_wanted(rate, 100.0, 0.4, in_force, held, 21, 0.0, 0.3, 0.5) == wanted
    full = wants_restriction(rate, 100.0, 0.4, 1.0 if in_force == 1.0 else 0.0, held, 21, 0.0)
    assert level_wanted(rate, 100.0, 0.4, in_force, held, 21, 0.0, 0.0, 0.5) == full


def test_going_back_on_a_level_is_a_u_turn():
    """Tightening by two steps is none, nor easing by two; to ease what was tightened is one, and the other way."""
    steps = [(0.0, 0.3, 1.0, False), (1.0, 0.3, 0.0, False), (0.0, 1.0, 0.3, True), (1.0, 0.3, 1.0, True)]
    assert [is_u_turn(level, now, before) for before, now, level, _ in steps] == [each[-1] for each in steps]


def test_which_line_a_change_of_level_is_about():
    assert [is_tighter(*each) for each in [(0.3, 0.0), (0.3, 1.0), (0.0, 0.0), (1.0, 1.0)]] == [
        True,
        False,
        False,
        True,
    ]
    lines = [line_of_change(*each, 100.0, 0.5) for each in [(0.3, 0.0), (0.3, 1.0), (0.0, 0.3), (1.0, 0.3)]]
    assert lines == [50.0, 100.0, 50.0, 100.0]


@given(rates, st.floats(1.0, 500.0), shares, st.integers(0, 60), st.integers(0, 60), shares)
def test_restriction_is_sticky(rate, threshold, release, held, hold, margin):
    """Between the two lines whatever is in force stays: one that is out at a rate is never in at a lower one."""
    args = {"threshold": threshold, "release": release, "days_held": held, "hold_days": hold, "margin": margin}
    out, in_force = (wants_restriction(rate, in_force=force, **args) for force in (0.0, 1.0))
    assert out in (0.0, 1.0)
    assert in_force in (0.0, 1.0)
    assert in_force >= out or held >= hold  # with release 1 and no margin the lines touch, and never cross
    if release < 1.0:
        assert in_force >= out
    if held < hold:
        assert in_force == 1.0
    if rate <= threshold:
        assert out == 0.0


@given(st.floats(0.0, 100.0), st.floats(0.0, 60.0), shares, shares)
def test_more_trust_never_means_a_longer_wait(fixed, talks, trust, more):
    assert days_to_effect(fixed, 0.0, talks, max(trust, more)) <= days_to_effect(fixed, 0.0, talks, min(trust, more))
    assert days_to_effect(fixed, 0.0, talks, 1.0) == int(fixed + 0.5)
    assert days_to_effect(fixed, 0.0, 0.0, trust) == int(fixed + 0.5)


@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0), shares, rates, rates, st.integers(0, 100))
def test_salience_grows_with_need_with_a_seat_and_with_waiting(harm, loud, omega, few, many, days):
    few, many = min(few, many), max(few, many)
    assert salience(harm, loud, omega, few, days) <= salience(harm, loud, omega, many, days)
    assert salience(harm, loud, omega, few, days) <= salience(harm, loud, 1.0, few, days)
    assert salience(harm, loud, omega, few, days) <= salience(harm, loud, omega, few, days + 1)
    assert salience(harm, 0.0, omega, few, days) == 0.0


@given(st.floats(0.1, 5.0), st.floats(0.1, 5.0))
def test_a_quiet_service_has_its_turn(loud, quiet):
    """However loud another, what waits long enough comes first."""
    days = int(loud / quiet) + 2
    assert salience(1.0, quiet, 1.0, 10.0, days) > salience(1.0, loud, 1.0, 10.0, 1)
