import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.talks import chance_of_consent, days_of_talks, gain_from_limit, member_view

pytestmark = pytest.mark.coverage_subset
gains, shares = st.floats(-1.0, 1.0), st.floats(0.0, 1.0)


def test_days_worked_by_hand():
    # Ten days; four more members at 2% each: x 1.08; two of five would rather not, at 50% for all: x 1.2.
    assert days_of_talks(10.0, 5, 0.02, 0.4, 0.5) == pytest.approx(12.96)
    assert days_of_talks(10.0, 1, 0.02, 0.0, 0.5) == 10.0


def test_a_chance_worked_by_hand():
    # A loss of .05 at a tolerance of .05: 1/(1 + e) = .26894. With half of gains shared and none on average: -.025.
    assert chance_of_consent(-0.05, 0.0, 0.0, 1.0, 0.05) == pytest.approx(0.268941, abs=1e-6)
    assert chance_of_consent(-0.05, 0.0, 0.5, 1.0, 0.05) == pytest.approx(0.377541, abs=1e-6)
    assert chance_of_consent(0.0, 0.0, 0.0, 1.0, 0.05) == pytest.approx(0.5)


@given(gains, gains, shares)
def test_nobody_says_no_without_a_veto(gain, mean, side):
    assert chance_of_consent(gain, mean, side, 0.0, 0.05) == 1.0


@given(st.lists(gains, min_size=2, max_size=9))
def test_when_all_is_shared_all_agree_alike(each):
    mean = sum(each) / len(each)
    chances = {chance_of_consent(gain, mean, 1.0, 1.0, 0.05) for gain in each}
    assert max(chances) - min(chances) < 1e-12


@given(gains, gains, shares, shares)
def test_who_gains_more_agrees_no_less(one, other, side, unanimity):
    less, more = sorted((one, other))
    low, high = (chance_of_consent(gain, 0.1, side, unanimity, 0.05) for gain in (less, more))
    assert 0.0 <= low <= high <= 1.0


def test_what_a_place_gains_by_a_limit_is_what_it_loses_by_lifting_it():
    assert gain_from_limit(150.0, 50.0, True) == pytest.approx(0.5)
    assert gain_from_limit(150.0, 50.0, False) == pytest.approx(-0.5)
    assert gain_from_limit(0.0, 50.0, True) == -1.0


def test_a_member_corrects_what_the_table_believes_by_what_it_has_seen():
    assert member_view(0.1, 0.04, -0.1, 25.0) == pytest.approx(0.0)
    assert member_view(0.1, 0.04, -0.1, 0.0) == 0.1
