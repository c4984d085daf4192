"""Need that nobody sees: who finds it, and what becomes of it (phase strike)."""

from sim.fast.compiled import rule
from sim.rules.maths import exp


@rule
def trusted_ties(
    contact_finding: float, voluntary: float, understood: float, lead: float, language: float, effort: float
) -> float:
    """Return the trusted local ties through which need of a service comes to light in a place.

    Parameters
    ----------
    contact_finding
        Ties that staff who look for people make, the same in every structure.
    voluntary
        Share of the service's staff who work for voluntary groups. They know whom they serve; the others learn of it
        as far as they are ``understood``.
    lead, language
        1 where the sector's lead is in the room; how far the others follow what it says.
    effort
        Residents' own effort.
    """
    return contact_finding + voluntary * (voluntary + (1.0 - voluntary) * understood) + lead * language + effort


@rule
def seen_share(base: float, worth: float, ties: float) -> float:
    """Return the share of new need that is seen: ``base`` without ties, all of it with ties without end."""
    return base + (1.0 - base) * (1.0 - exp(-worth * ties))


@rule
def coming_forward(hidden: float, days: float) -> float:
    """Return hidden cases that come forward today."""
    return hidden / days


@rule
def lapsing_unseen(hidden: float, days: float) -> float:
    """Return hidden cases that lapse today without anybody having seen them."""
    return hidden / days
