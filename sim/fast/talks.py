"""Phase 3, decide: what a joint decision needs, and whether those at the table agree."""

from sim.fast.compiled import inner
from sim.fast.timing import waiting_days
from sim.rules.resources import share_of
from sim.rules.talks import chance_of_consent, days_of_talks
from sim.streams import Purpose, uniform

TALKS = int(Purpose.TALKS)


@inner
def settle(day, key, power, slot, trust, gains, members, par, seed, w):
    """Return the days until a decision is through, and whether it is.

    ``gains`` (members,) says what each member of the table gains by the change. Where talks fail, the status quo
    stays and the item is taken up again after the deadline, or the holder decides alone at the deadline.
    """
    if power.joint == 0:
        return waiting_days(day, key, power, slot, 0.0, trust, seed, w), True
    total, opposed = 0.0, 0.0
    for i in range(members):
        total += gains[i]
        opposed += 1.0 if gains[i] < 0.0 else 0.0
    days = days_of_talks(
        power.negotiation[w], members, par.talks_seats[w], share_of(opposed, float(members)), par.talks_dispute[w]
    )
    wait = waiting_days(day, key, power, slot, days, trust, seed, w)
    if members < 2:
        return wait, True
    mean = share_of(total, float(members))
    chance = 1.0
    for i in range(members):
        chance = chance * chance_of_consent(
            gains[i], mean, par.talks_side_payments[w], par.talks_unanimity[w], par.talks_tolerance[w]
        )
    pause, deadline = int(par.talks_round_days[w]), int(par.talks_deadline_days[w])
    for number in range(deadline // pause + 1):
        if uniform(seed, key, day, slot, TALKS, number) < chance:
            return wait + number * pause, True
    imposed = power.imposed == 1
    return deadline + (waiting_days(day, key, power, slot, 0.0, trust, seed, w) if imposed else 0), imposed


@inner
def count_talks(power, s, first, last, agreed, w):
    """Remember that members sat down together, and whether they agreed."""
    if power.joint == 1:
        for i in range(first, last):
            p = power.scope_place[i]
            s.talks[p, w] += 1.0
            s.talks_failed[p, w] += 0.0 if agreed else 1.0
