"""How staff move: within a place, between places, and out of the reserve (phase decide)."""

from sim.fast.compiled import rule
from sim.rules.maths import power


@rule
def free_to_move(spare: float, movable: float, staff: float) -> float:
    """Return staff a service can give up: what it can spare, at most the movable share."""
    return min(spare, movable * staff)


@rule
def staff_wanted(short: float, skill: float) -> float:
    """Return staff from elsewhere who would fill a shortage, being less productive there; none without skill."""
    return short / skill if skill > 1e-9 else 0.0


@rule
def share_of(part: float, whole: float) -> float:
    """Return a part as a share of a whole; nothing of nothing is nothing."""
    return part / whole if whole > 0.0 else 0.0


@rule
def lendable(spare: float, short: float, staff: float, margin: float, cap: float) -> float:
    """Return staff a place can lend.

    Expected spare beyond a margin, up to a cap, and only if the place is not short itself.
    """
    if short > 0.02 * staff:
        return 0.0
    return max(0.0, min(spare - margin * staff, cap * staff))


@rule
def bid_for(claim: float, capability: float, skill: float) -> float:
    """Return what a bid for surge staff comes to: the claim of one's own need, more where bids are written better."""
    return claim * power(capability, skill)


@rule
def seen_weight(in_the_room: float, harm_weight: float, need: float, people: float) -> float:
    """Return the claim of a service in a place on the reserve.

    The need that is seen, and a little for each thousand people so that nothing is left quite without.
    """
    return in_the_room * harm_weight * need + 1e-4 * people
