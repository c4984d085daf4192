"""The shapes of crises over time (phase strike): a flood in a place, a winter, an issue that grows, a shortage."""

from sim.fast.compiled import rule
from sim.rules.maths import exp


@rule
def flood_force(along: float, rise: float, crest: float, recovery: float) -> float:
    """Return a flood's force in a place, from 0 to 1, so many days after it began there.

    It rises in equal steps for ``rise`` days, is full until ``rise + crest`` days are over, and then fades: to a third
    in ``recovery`` days.
    """
    over = along + 1.0 - rise - crest
    falling = exp(-max(0.0, over) / recovery)
    rising = min(1.0, (along + 1.0) / rise)
    return (falling if over > 0.0 else rising) if along >= 0.0 else 0.0


@rule
def season(along: float, length: float) -> float:
    """Return how deep in a season a day is: 0 at both ends, 1 in the middle (a parabola)."""
    share = along / length
    return max(0.0, 4.0 * share * (1.0 - share))


@rule
def grown(along: float, growth: float) -> float:
    """Return how far an issue has grown, from 0 to 1: in equal steps for ``growth`` days, then it stays."""
    return min(1.0, max(0.0, (along + 1.0) / growth))


@rule
def shortage(along: float, ramp: float, length: float) -> float:
    """Return how bad a shortage is, from 0 to 1, so many days after it began.

    It worsens in equal steps for ``ramp`` days, stays until ``length`` days are over, and eases as it came.
    """
    return max(0.0, min(1.0, (along + 1.0) / ramp, (length + ramp - along) / ramp))
