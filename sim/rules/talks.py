"""Joint decisions: how long the talks take, and whether they come to anything (phase decide).

After Scharpf (1988), the joint-decision trap, and Tsebelis (2002), veto players: everybody at the table must agree.
"""

from sim.fast.compiled import rule
from sim.rules.evidence import own_mean
from sim.rules.maths import logistic


@rule
def days_of_talks(days: float, members: int, seats: float, opposed: float, dispute: float) -> float:
    """Return the days that talks take where there is no trust at all.

    Parameters
    ----------
    days
        Those of talks between two sides of one mind.
    members, seats
        How many sit at the table, and what each beyond the first adds, as a share.
    opposed, dispute
        Share of them who would rather leave things as they are, and what it adds if all do, as a share.
    """
    return days * (1.0 + seats * (members - 1)) * (1.0 + dispute * opposed)


@rule
def member_view(shared: float, variance: float, mean: float, weight: float) -> float:
    """Return what a member expects: what the table believes, corrected by what the member has seen itself."""
    return own_mean(shared, variance, mean, weight)


@rule
def chance_of_consent(gain: float, mean_gain: float, side_payments: float, unanimity: float, tolerance: float) -> float:
    """Return the chance that a member agrees in one round.

    Parameters
    ----------
    gain, mean_gain
        What the member gains by the change, and what members gain on average.
    side_payments
        Share of gains that winners hand on to losers: at 1 all gain alike.
    unanimity
        How far each member can say no; at 0 nobody does.
    tolerance
        Gain that makes agreement likely (73%); none at all leaves it even.
    """
    shared = (1.0 - side_payments) * gain + side_payments * mean_gain
    return 1.0 - unanimity * (1.0 - logistic(shared / tolerance))


@rule
def gain_from_limit(rate: float, threshold: float, tightens: bool) -> float:
    """Return what a place gains by a restriction being tightened, or eased, from -1 to 1."""
    over = (rate - threshold) / (rate + threshold)
    return over if tightens else -over
