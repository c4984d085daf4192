"""Whether those who do the work follow a mandate (phase decide; Lipsky 1980, Matland 1995)."""

from sim.fast.compiled import rule
from sim.rules.evidence import own_mean
from sim.rules.maths import logistic


@rule
def own_experience(mean: float, weight: float, spread: float) -> float:
    """Return what a desk expects of an approach from its own work alone: nothing seen is no difference."""
    return own_mean(0.0, spread * spread, mean, weight)


@rule
def chance_to_follow(
    discretion: float, base: float, enforced: float, belief_worth: float, gain: float, spread: float
) -> float:
    """Return the chance that a desk takes a mandate up this week.

    Parameters
    ----------
    discretion
        How far the desk decides for itself; at 0 it follows for certain.
    base, enforced
        Log-odds: of following anyhow, and what enforcement and consent add.
    belief_worth, gain, spread
        Log-odds for each unit of approach spread by which own experience favours the mandate; that gain, in logs.
    """
    favour = gain / spread if spread > 0.0 else 0.0
    return 1.0 - discretion * (1.0 - logistic(base + enforced + belief_worth * favour))


@rule
def works_better(weight: float, gain: float, reversal_cost: float) -> bool:
    """Say whether a desk has seen its own way do better than what is asked of it."""
    return weight > 0.0 and -gain > reversal_cost


@rule
def may_keep(opt_out: int, weight: float, gain: float, reversal_cost: float) -> bool:
    """Say whether a desk may keep its way: it may depart, has tried both ways or its own, and does better by it."""
    return opt_out == 1 and works_better(weight, gain, reversal_cost)
