"""What is learnt, told and pooled: hand-computed values, limits, and the statistics behind the rules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.evidence import (
    average,
    forgotten,
    kalman_mean,
    own_mean,
    own_variance,
    pooled_mean,
    pooled_variance,
    result_seen,
    shaded,
    weight_of_message,
    weight_of_results,
)

pytestmark = pytest.mark.coverage_subset

values = st.floats(-3.0, 3.0)
precisions = st.floats(1e-3, 1e3)
variances = st.floats(1e-4, 10.0)
shares = st.floats(0.0, 1.0)


def test_results_by_hand():
    # Half a day's cases, candour .8, capability 1.5, noise .6: .5 * .8 * 1.5 / .36 = 5/3.
    assert weight_of_results(0.5, 0.8, 1.5, 0.6) == pytest.approx(5.0 / 3.0, rel=1e-15)
    # Truth .2, precision 4, z 1.5: .2 + 1.5 / 2.
    assert result_seen(0.2, 4.0, 1.5) == 0.95
    # Mean .1 with weight 3, result .9 with precision 1: (.3 + .9) / 4.
    assert kalman_mean(0.1, 3.0, 0.9, 1.0) == pytest.approx(0.3, rel=1e-15)
    assert forgotten(4.0, 0.25) == 2.0  # variance .25 + .25
    assert shaded(-0.2, 0.7, 0.2) == pytest.approx(-0.08)  # .3 of a gap of .4 is hidden
    assert weight_of_message(0.5, 4.0, 0.25) == 1.0  # 4 and 1/.25 together: 2; half of it is understood
    assert pooled_mean(3.0, 5.0, 0.2) == pytest.approx(0.3)  # 3 / (1/.2 + 5)
    assert pooled_variance(5.0, 0.2) == pytest.approx(0.1)
    assert own_mean(0.3, 0.5, 0.9, 4.0) == pytest.approx(0.7)  # (.3 * 2 + .9 * 4) / 6
    assert own_variance(0.5, 4.0) == pytest.approx(1.0 / 6.0)


@given(st.lists(st.tuples(values, precisions), min_size=1, max_size=12))
def test_kalman_is_the_precision_weighted_mean(results):
    mean = weight = 0.0
    for result, precision in results:
        mean = kalman_mean(mean, weight, result, precision)
        weight += precision
    seen, precision = np.array(results).T
    assert mean == pytest.approx((seen * precision).sum() / precision.sum(), abs=1e-9)


@given(values, precisions, values, st.floats(0.0, 1e3))
def test_a_result_moves_the_mean_towards_it_and_not_past_it(mean, weight, result, precision):
    moved = kalman_mean(mean, weight, result, precision)
    assert min(mean, result) - 1e-12 <= moved <= max(mean, result) + 1e-12
    assert kalman_mean(mean, weight, result, 0.0) == mean


def test_nothing_seen_of_nothing_is_no_error():
    assert kalman_mean(0.0, 0.0, 5.0, 0.0) == 0.0
    assert np.isfinite(result_seen(0.0, 0.0, 3.0))
    assert average(0.0, 0.0) == 0.0
    assert average(3.0, 4.0) == 0.75


@given(precisions, st.floats(0.0, 5.0))
def test_forgetting_adds_the_drift_to_the_variance(weight, drift):
    assert 1.0 / forgotten(weight, drift) == pytest.approx(1.0 / weight + drift, rel=1e-12)
    assert forgotten(weight, 0.0) == weight
    assert forgotten(0.0, drift) == 0.0


@given(values, shares, st.floats(0.0, 1.0))
def test_only_bad_news_is_shaded_and_only_without_candour(mean, candour, good):
    told = shaded(mean, candour, good)
    assert mean - 1e-15 <= told <= max(mean, good) + 1e-12
    assert shaded(mean, 1.0, good) == mean
    if mean >= good:
        assert told == mean
    assert shaded(mean, 0.0, good) == pytest.approx(max(mean, good))


@given(shares, st.floats(0.0, 1e6), st.floats(0.01, 5.0))
def test_a_message_never_weighs_more_than_the_difference_allows(clarity, weight, difference):
    said = weight_of_message(clarity, weight, difference)
    assert 0.0 <= said <= min(clarity * weight, clarity / difference) + 1e-9
    assert weight_of_message(0.0, weight, difference) == 0.0
    assert weight_of_message(1.0, weight, 0.0) == weight


@given(precisions, st.floats(0.01, 5.0), st.integers(2, 50))
def test_repeating_a_message_does_not_wash_the_difference_out(weight, difference, times):
    """Evidence is cumulated before the difference is added: once a sender, whatever the number of messages."""
    assert weight_of_message(1.0, times * weight, difference) < times * weight_of_message(1.0, weight, difference)
    assert weight_of_message(1.0, times * weight, difference) <= 1.0 / difference


@given(st.lists(st.tuples(values, precisions), max_size=6), variances)
def test_pooling_is_bayes_with_a_prior_of_no_difference(messages, prior):
    weighted = weights = 0.0
    for mean, precision in messages:
        weighted += mean * precision
        weights += precision
    posterior = np.array([0.0, *(mean for mean, _ in messages)])
    trust = np.array([1.0 / prior, *(precision for _, precision in messages)])
    assert pooled_mean(weighted, weights, prior) == pytest.approx((posterior * trust).sum() / trust.sum(), abs=1e-9)
    assert pooled_variance(weights, prior) == pytest.approx(1.0 / trust.sum(), rel=1e-9)


@given(variances)
def test_hearing_nothing_leaves_the_prior(prior):
    silence = weight_of_message(0.0, 50.0, 0.1)
    assert pooled_mean(0.7 * silence, silence, prior) == 0.0
    assert pooled_variance(silence, prior) == prior


@given(values, variances, values, st.floats(0.0, 1e3))
def test_own_evidence_corrects_what_was_heard(heard, unsure, seen, weight):
    assert own_mean(heard, unsure, seen, 0.0) == heard
    assert own_variance(unsure, 0.0) == unsure
    mean = own_mean(heard, unsure, seen, weight)
    assert mean == pytest.approx((heard / unsure + seen * weight) / (1.0 / unsure + weight), abs=1e-9)
    assert own_variance(unsure, weight) <= unsure
    assert own_mean(heard, unsure, seen, 1e12) == pytest.approx(seen, abs=1e-6)


@given(st.floats(0.0, 2.0), st.floats(0.05, 0.9), st.floats(0.05, 3.0), st.floats(0.05, 3.0))
def test_more_work_candour_and_capability_mean_more_evidence(share, candour, capability, noise):
    weight = weight_of_results(share, candour, capability, noise)
    assert weight_of_results(0.0, candour, capability, noise) == 0.0
    assert weight_of_results(share, candour + 0.1, capability, noise) >= weight
    assert weight_of_results(share, candour, capability, 2.0 * noise) == pytest.approx(weight / 4.0)


def test_noise_shrinks_with_the_root_of_the_cases():
    truth, z = 0.3, -1.2
    few, many = result_seen(truth, 2.0, z) - truth, result_seen(truth, 8.0, z) - truth
    assert few == pytest.approx(2.0 * many)
