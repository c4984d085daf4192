"""What is learnt from work, told to others, and pooled (phases report, learn, share)."""

from math import sqrt

from sim.fast.compiled import rule

SMALLEST = 1e-300


@rule
def weight_of_results(share_of_day: float, candour: float, capability: float, noise: float) -> float:
    """Return the precision of results on a share of one full day's cases.

    Candour and management capability say how much of the results is seen for what it is.
    """
    return share_of_day * candour * capability / (noise * noise)


@rule
def result_seen(truth: float, precision: float, z: float) -> float:
    """Return the result that is seen: the truth and a noise that shrinks with the cases behind it."""
    return truth + z / sqrt(max(precision, 1e-12))


@rule
def kalman_mean(mean: float, weight: float, result: float, precision: float) -> float:
    """Return the mean after one more result, each by its precision."""
    return mean + (result - mean) * precision / max(weight + precision, SMALLEST)


@rule
def forgotten(weight: float, drift: float) -> float:
    """Return the weight of old evidence when the truth has drifted by this variance meanwhile."""
    return weight / (1.0 + drift * weight)


@rule
def average(total: float, weight: float) -> float:
    """Return a weighted mean from its sums; nothing seen counts as no difference (0)."""
    return total / weight if weight > 0.0 else 0.0


@rule
def shaded(mean: float, candour: float, good: float) -> float:
    """Return a result as it is reported upward: bad news is hidden where candour is low."""
    return mean + (1.0 - candour) * max(0.0, good - mean)


@rule
def weight_of_message(clarity: float, weight: float, difference: float) -> float:
    """Return the precision of a message about common truth.

    Parameters
    ----------
    clarity
        Share of the meaning that arrives: trust and shared language along the path.
    weight
        Precision of the sender's own cumulative evidence.
    difference
        Variance between sender and receiver. It is added once a sender, after cumulation, so that
        repeating a message does not wash it out.
    """
    return clarity * weight / (difference * weight + 1.0)


@rule
def pooled_mean(weighted: float, weights: float, prior_variance: float) -> float:
    """Return the mean of what was heard, shrunk to no difference by the prior."""
    return weighted * prior_variance / (1.0 + weights * prior_variance)


@rule
def pooled_variance(weights: float, prior_variance: float) -> float:
    """Return its variance."""
    return prior_variance / (1.0 + weights * prior_variance)


@rule
def own_mean(prior_mean: float, prior_variance: float, mean: float, weight: float) -> float:
    """Return what was heard, corrected by what was seen at first hand."""
    return (prior_mean + mean * weight * prior_variance) / (1.0 + weight * prior_variance)


@rule
def own_variance(prior_variance: float, weight: float) -> float:
    """Return the variance of that."""
    return prior_variance / (1.0 + weight * prior_variance)
