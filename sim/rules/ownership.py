"""Two holders of one power without a lead: both may act, or each may leave it to the other (phase decide)."""

from sim.fast.compiled import rule


@rule
def is_taken_up(chance: float, luck: float) -> bool:
    """Say whether a holder takes a matter up: for certain at a chance of 1, never at 0.

    ``luck`` is uniform in [0, 1).
    """
    return luck < chance


@rule
def second_comes_first(rounds: int) -> bool:
    """Say whether the second holder comes first in a round: they take turns, for neither has the lead."""
    return rounds % 2 == 1
