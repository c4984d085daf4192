"""How trust, shared language and confidence grow and fall."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.relations import (
    confidence,
    language_after_work,
    rally_today,
    takeup_of,
    trust_after_help,
    trust_after_slight,
)

pytestmark = pytest.mark.coverage_subset

shares = st.floats(0.0, 1.0)
rates = st.floats(0.0, 0.2)
days = st.floats(0.0, 30.0)


def test_relations_by_hand():
    assert trust_after_help(0.4, 0.005, 7.0) == pytest.approx(0.421)  # .4 + .035 * .6
    assert trust_after_slight(0.5, 0.005, 4.0, 2.0) == pytest.approx(0.48)  # .5 less 4 % of it
    # .4 + .005 * .8 * 7 * .6 = .4168; fading by .7 % of the way back to .4
    assert language_after_work(0.4, 0.4, 0.005, 0.001, 0.8, 7.0) == pytest.approx(0.4168 - 0.007 * 0.0168)
    assert rally_today(0.8, 60.0, 60.0) == pytest.approx(0.8 / math.e)
    assert rally_today(0.8, -1.0, 60.0) == 0.0
    assert takeup_of(0.8, 0.5) == 0.9
    odds = math.log(0.8 / 0.2) - 4.0 * 0.1 + 0.3 - 0.5 * 0.25
    assert confidence(0.8, 0.1, 4.0, 0.3, 0.25, 0.5) == pytest.approx(1.0 / (1.0 + math.exp(-odds)), rel=1e-12)


@given(st.lists(st.tuples(st.booleans(), rates, days), max_size=30), shares)
def test_trust_stays_a_share(dealings, trust):
    for is_help, rate, times in dealings:
        before = trust
        trust = trust_after_help(trust, rate, times) if is_help else trust_after_slight(trust, rate, 20.0, times)
        assert 0.0 <= trust <= 1.0
        assert (trust >= before) if is_help else (trust <= before)


@given(shares, rates)
def test_trust_that_does_not_grow_is_not_lost_either(trust, ratio):
    assert trust_after_help(trust, 0.0, 7.0) == trust
    assert trust_after_slight(trust, 0.0, ratio, 7.0) == trust
    assert trust_after_slight(trust, 0.2, 4.0, 0.0) == trust


@given(st.floats(0.05, 0.95), st.floats(0.001, 0.02))
def test_trust_is_lost_faster_than_won(trust, rate):
    """At equal room to move, a slight takes four times what a day of help gives (Slovic 1993)."""
    won, lost = (
        trust_after_help(1.0 - trust, rate, 1.0) - (1.0 - trust),
        trust - trust_after_slight(trust, rate, 4.0, 1.0),
    )
    assert lost == pytest.approx(4.0 * won)


@given(shares, shares, rates, rates, shares, days)
def test_shared_language_stays_a_share_and_fades_towards_where_it_began(language, start, growth, fade, joint, span):
    after = language_after_work(language, start, growth, fade, joint, span)
    assert -1e-15 <= after <= 1.0 + 1e-15
    idle = language_after_work(language, start, growth, fade, 0.0, span)
    assert min(language, start) - 1e-12 <= idle <= max(language, start) + 1e-12
    assert language_after_work(start, start, 0.0, fade, joint, span) == start


@given(st.floats(0.02, 0.98), shares, st.floats(0.0, 50.0), st.floats(0.0, 5.0), shares, st.floats(0.0, 10.0))
def test_confidence_falls_with_bad_results_and_other_rules_next_door(base, unmet, effect, rally, others, rules):
    now = confidence(base, unmet, effect, rally, others, rules)
    assert 0.0 <= now <= 1.0
    assert now <= confidence(base, 0.0, effect, rally, others, rules)
    assert now <= confidence(base, unmet, effect, rally, 0.0, rules)
    assert now >= confidence(base, unmet, effect, 0.0, others, rules)
    assert confidence(base, 0.0, effect, 0.0, 0.0, rules) == pytest.approx(base, rel=1e-12)


@given(shares, shares)
def test_takeup_lies_between_its_floor_and_all(now, floor):
    assert floor - 1e-15 <= takeup_of(now, floor) <= 1.0 + 1e-15
    assert takeup_of(0.0, floor) == floor
    assert takeup_of(1.0, floor) == pytest.approx(1.0)


@given(st.floats(0.0, 5.0), st.floats(0.0, 400.0), st.floats(1.0, 1000.0))
def test_a_rally_only_fades(rally, since, span):
    assert rally_today(rally, 0.0, span) == rally
    assert 0.0 <= rally_today(rally, since + 1.0, span) <= rally_today(rally, since, span) <= rally
