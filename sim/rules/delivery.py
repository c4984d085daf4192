"""How need arises and is met (phases strike and deliver)."""

from sim.fast.compiled import rule
from sim.rules.maths import exp, log


@rule
def new_need(
    base: float,
    chronic: float,
    prevented: float,
    surge: float,
    per_case: float,
    cases: float,
    restriction_need: float,
    bred: float,
    struck: float,
) -> float:
    """Return cases that arise in a day.

    They come from ordinary need, with what a slow issue adds to it and less what prevention averts of both; from the
    surge of ordinary need; from the epidemic; from restriction; from what open need breeds here (cascade) and
    next door (spill); and from whatever else strikes.
    """
    ordinary = base * ((1.0 + chronic) * (1.0 - prevented) + surge)
    return ordinary + per_case * cases + restriction_need + bred + struck


@rule
def training_today(owed: float, staff_days: float) -> float:
    """Return staff-days of training given today: what is owed, at most half of the time there is."""
    return min(owed, 0.5 * staff_days)


@rule
def residents_strength(effort: float, ordinary: float, worth: float) -> float:
    """Return the log of what staff and residents are together, against ordinary times.

    ``worth`` says what residents' effort counts for; effort is for each unit of staff.
    """
    return log((1.0 + worth * effort) / (1.0 + worth * ordinary))


@rule
def residents_help(strength: float, exponent: float) -> float:
    """Return how much residents' effort multiplies the work of staff, against that of ordinary times.

    Co-production after Ostrom (1996): ((staff + worth*effort)/staff)^b. ``strength`` is the log of the ratio, which
    all services of a place have in common (`residents_strength`); the exponent b is each service's own.
    """
    return exp(exponent * strength)


@rule
def productivity(
    in_use: float, on_trial: float, trial_share: float, unfamiliarity: float, alike: float, gain: float
) -> float:
    """Return cases resolved per staff-day.

    That of the approach in use and the one on trial, less what is lost while it is new, and more the more of
    the neighbours work the same way.
    """
    return ((1.0 - trial_share) * in_use + trial_share * on_trial) * (1.0 - unfamiliarity) * (1.0 + gain * alike)


@rule
def reach(takeup: float, ordinary: float, extra: float) -> float:
    """Return how many people an organisation reaches, against ordinary times.

    It reaches those who take up what is offered, and of the rest a share ``extra``.
    """
    return (takeup + (1.0 - takeup) * extra) / (ordinary + (1.0 - ordinary) * extra)


@rule
def first_offer(open_cases: float, share: float, limit: float) -> float:
    """Return cases served out of an offer in proportion to capacity."""
    return min(open_cases * share, limit)


@rule
def second_offer(left: float, room: float, all_room: float) -> float:
    """Return cases served out of what others could not use, in proportion to room left."""
    return min(left, all_room) * room / all_room if all_room > 0.0 else 0.0


@rule
def lapsing(unserved: float, rate: float) -> float:
    """Return cases that leave unserved today."""
    return unserved * rate


@rule
def remembered(old: float, today: float, days: float) -> float:
    """Return an average that remembers about this many days."""
    return old + (today - old) / days
