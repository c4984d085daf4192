import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.mandates import chance_to_follow, may_keep, own_experience

pytestmark = pytest.mark.coverage_subset
shares, odds = st.floats(0.0, 1.0), st.floats(-8.0, 8.0)


def test_a_chance_worked_by_hand():
    # Log-odds 0 + 2 + 1 x .1/.2 = 2.5: 1/(1 + exp(-2.5)) = .92414; half the discretion leaves half of the rest.
    assert chance_to_follow(1.0, 0.0, 2.0, 1.0, 0.1, 0.2) == pytest.approx(0.924142, abs=1e-6)
    assert chance_to_follow(0.5, 0.0, 2.0, 1.0, 0.1, 0.2) == pytest.approx(0.962071, abs=1e-6)


def test_without_spread_there_is_nothing_to_favour():
    assert chance_to_follow(1.0, 0.0, 0.0, 5.0, 1.0, 0.0) == pytest.approx(0.5)


@given(odds, odds, st.floats(0.0, 5.0), st.floats(-1.0, 1.0))
def test_without_discretion_everybody_follows(base, enforced, worth, gain):
    assert chance_to_follow(0.0, base, enforced, worth, gain, 0.2) == 1.0


@given(shares, odds, odds, odds, st.floats(0.0, 5.0), st.floats(-1.0, 1.0))
def test_more_enforcement_is_never_followed_less(discretion, base, one, other, worth, gain):
    less, more = sorted((one, other))
    chances = [chance_to_follow(discretion, base, enforced, worth, gain, 0.2) for enforced in (less, more)]
    assert 0.0 <= chances[0] <= chances[1] <= 1.0


def test_own_experience_is_shrunk_towards_no_difference():
    # A weight of 25 against the prior's 1/.04 = 25: half of what was seen.
    assert own_experience(0.1, 25.0, 0.2) == pytest.approx(0.05)
    assert own_experience(0.1, 0.0, 0.2) == 0.0


@pytest.mark.parametrize(
    ("opt_out", "weight", "gain", "kept"),
    [(1, 5.0, -0.1, True), (0, 5.0, -0.1, False), (1, 0.0, -0.1, False), (1, 5.0, -0.01, False), (1, 5.0, 0.1, False)],
)
def test_only_experience_that_is_worth_the_change_lets_one_keep_ones_way(opt_out, weight, gain, kept):
    assert may_keep(opt_out, weight, gain, 0.02) is kept
