"""Intervals and verdicts where the right answer is known."""

from math import isnan, nan

import numpy as np
import pytest

from sim.study.statistics import Difference, Verdict, holm, paired_difference, verdicts

pytestmark = pytest.mark.coverage_subset


def difference(mean: float, p_value: float, undefined: int = 0) -> Difference:
    return Difference(mean, mean - 1, mean + 1, p_value, 10, undefined)


def test_a_case_worked_by_hand() -> None:
    # gaps 1, 2, 3: mean 2, sd 1, error 1/sqrt(3); t(2) at 97.5% is 4.302653
    found = paired_difference([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    half = 4.302653 / 3**0.5
    assert found.mean == pytest.approx(2.0)
    assert (found.low, found.high) == pytest.approx((2.0 - half, 2.0 + half))
    assert found.p_value == pytest.approx(0.0741799)  # t = 3.4641 on 2 degrees of freedom
    assert (found.pairs, found.undefined) == (3, 0)


@pytest.mark.parametrize("pairs", [2, 5, 16])
def test_intervals_hold_the_truth_95_times_in_100(pairs: int) -> None:
    draws = np.random.default_rng(0)
    trials, held = 3000, 0
    for _ in range(trials):
        crisis = draws.normal(0, 20, pairs)  # shared by both, so it must not widen the interval
        ours, theirs = crisis + draws.normal(3.0, 1.0, pairs), crisis + draws.normal(0.0, 1.0, pairs)
        found = paired_difference(ours, theirs)
        held += found.low <= 3.0 <= found.high
    assert 0.938 < held / trials < 0.962  # three standard errors


def test_skewed_differences_are_covered_as_the_module_says() -> None:
    draws = np.random.default_rng(1)
    trials = 2000
    found = [paired_difference(draws.exponential(size=16), np.ones(16)) for _ in range(trials)]
    assert 0.89 < sum(each.low <= 0.0 <= each.high for each in found) / trials < 0.94


def test_false_alarms_on_identical_arms() -> None:
    draws = np.random.default_rng(2)
    trials, single, family = 2000, 0, 0
    for _ in range(trials):
        baseline = draws.normal(size=16)
        gaps = [paired_difference(baseline + draws.normal(size=16), baseline) for _ in range(4)]
        single += gaps[0].p_value < 0.05
        family += any(said != Verdict.UNCLEAR for said in verdicts(gaps, "lower"))
    assert 0.035 < single / trials < 0.065
    assert 0.03 < family / trials < 0.065  # a false word anywhere in the row, not four times as often


def test_one_pair_has_a_difference_but_no_interval() -> None:
    found = paired_difference([3.0], [1.0])
    assert found.mean == 2.0
    assert isnan(found.low)
    assert isnan(found.high)
    assert verdicts([found], "lower") == [Verdict.UNJUDGED]


def test_no_pair_at_all() -> None:
    found = paired_difference([], [])
    assert isnan(found.mean)
    assert verdicts([found], "lower") == [Verdict.UNJUDGED]


@pytest.mark.parametrize("pairs", [2, 16])
def test_pairs_that_never_differ(pairs: int) -> None:
    found = paired_difference([0.3] * pairs, [0.1 + 0.2] * pairs)  # equal but for rounding
    assert (found.mean, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
    assert verdicts([found], "lower") == [Verdict.UNCLEAR]


def test_pairs_that_always_differ_by_the_same() -> None:
    found = paired_difference([1.0, 2.0], [2.0, 3.0])
    assert (found.mean, found.low, found.high, found.p_value) == (-1.0, -1.0, -1.0, 0.0)
    assert verdicts([found], "lower") == [Verdict.BETTER]
    assert verdicts([found], "higher") == [Verdict.WORSE]


@pytest.mark.parametrize("missing", [nan, float("inf")])
def test_undefined_pairs_are_counted_and_not_judged(missing: float) -> None:
    found = paired_difference([1.0, missing, 2.0, 3.0], [5.0, 6.0, missing, 7.5])
    assert (found.pairs, found.undefined) == (2, 2)
    assert found.mean == pytest.approx(-4.25)
    assert verdicts([found], "lower") == [Verdict.UNJUDGED]


def test_holm_on_its_textbook_case() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]  # limits .0125, .0167, .025, .05
    assert holm([0.01, nan]) == [True, False]
    assert holm([]) == []


def test_an_interval_may_leave_out_zero_where_the_verdict_is_not_clear() -> None:
    gaps = [difference(-3.0, 0.04), difference(-3.0, 0.03), difference(-9.0, 0.001), difference(9.0, 0.001)]
    expected = [Verdict.UNCLEAR, Verdict.UNCLEAR, Verdict.BETTER, Verdict.WORSE]
    assert verdicts(gaps, "lower") == expected


def test_a_structure_that_is_not_judged_takes_nothing_from_the_others() -> None:
    gaps = [difference(-3.0, 0.04), difference(-3.0, 0.001, undefined=1)]
    assert verdicts(gaps, "lower") == [Verdict.BETTER, Verdict.UNJUDGED]
