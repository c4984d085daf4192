"""Stopping when the interval is narrow enough: coverage that holds, where looking again and again does not."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm, t

from sim.study.precision import fixed_width, pairs_needed, replicates_in_all
from sim.study.statistics import paired_difference

pytestmark = pytest.mark.coverage_subset
STUDIES = 2000


def test_pairs_needed_by_hand() -> None:
    gaps = [1.0, 2.0, 3.0, 4.0, 5.0]  # sd sqrt(2.5), quantile of t with 4 degrees 2.776
    assert pairs_needed(gaps, 1.0) == int(np.ceil(t.ppf(0.975, 4) ** 2 * 2.5)) == 20
    assert pairs_needed(gaps, 100.0) == 5
    assert pairs_needed([1.0, np.nan], 1.0) == 1


def test_the_interval_by_hand() -> None:
    gaps = [1.0, 2.0, 3.0, 4.0, 5.0, 9.0]
    found = fixed_width(gaps, first=5)
    assert found.mean == pytest.approx(4.0)
    assert found.half_width == pytest.approx(t.ppf(0.975, 4) * sqrt(2.5) / sqrt(6))
    assert (found.low, found.high) == (found.mean - found.half_width, found.mean + found.half_width)
    assert np.isnan(fixed_width([3.0], 1).low)


def test_replicates_come_in_steps_and_end_at_the_most() -> None:
    gaps = [np.array([1.0, 2.0, 3.0, 4.0, 5.0])]
    assert replicates_in_all(gaps, 100.0, 5, 100, 16) == 5
    assert replicates_in_all(gaps, 1.0, 5, 100, 16) == 21
    assert replicates_in_all(gaps, 0.1, 5, 100, 16) == 100
    assert replicates_in_all([], 1.0, 8, 100, 16) == 8


def coverage(stop) -> tuple[float, float]:
    """Share of intervals that hold the truth, and the widest half-width."""
    draws = np.random.default_rng(11)
    held, widest = 0, 0.0
    for _ in range(STUDIES):
        low, high = stop(draws.normal(1.0, 2.0, 600))
        held += low <= 1.0 <= high
        widest = max(widest, (high - low) / 2)
    return held / STUDIES, widest


def in_two_stages(gaps):
    first = 8
    pairs = replicates_in_all([gaps[:first]], 1.0, first, 600, 1)
    found = fixed_width(gaps[:pairs], first)
    return found.low, found.high


def looking_each_time(gaps):
    """What is often done: stop at the first interval that happens to be narrow."""
    for pairs in range(4, 600):
        found = paired_difference(gaps[:pairs], np.zeros(pairs))
        if found.high - found.low <= 2.0:
            break
    return found.low, found.high


def test_two_stages_hold_what_they_promise_and_the_usual_way_does_not() -> None:
    held, widest = coverage(in_two_stages)
    error = sqrt(0.95 * 0.05 / STUDIES)
    assert abs(held - 0.95) < 3 * error or held > 0.95
    assert widest <= 1.0 + 1e-12
    naive, _ = coverage(looking_each_time)
    assert naive < 0.95 - 4 * error, naive
    assert norm.ppf(0.975) < 2.0
