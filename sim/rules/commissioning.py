"""Paying others to help: what a tender brings, how good it is, and who stays (phases decide and deliver)."""

from math import sqrt

from sim.fast.compiled import rule
from sim.rules.maths import exp, log


@rule
def bid_price(ordinary: float, log_sd: float, z: float) -> float:
    """Return a bidder's price for a staff-day, whose costs differ from the ordinary by a lognormal factor."""
    return ordinary * exp(log_sd * z)


@rule
def cheaper(bid: float, best: float) -> float:
    """Return the better of two bids: a tender looks at the price."""
    return min(bid, best)


@rule
def bid_weight(people: float, capability: float, contest: float, noise: float, z: float) -> float:
    """Return what a place's bid for a pot weighs: its people, times the quality of the bid to the power of the contest.

    Quality is the council's capability, times luck: a normal number ``z``, in logs times ``noise``.
    """
    return people * exp(contest * (log(capability) + noise * z))


@rule
def tax_base(people: float, slope: float, deprivation: float) -> float:
    """Return a place's tax base in people of mean means: smaller where deprivation (in standard deviations) is high."""
    return people * max(0.1, 1.0 - slope * deprivation)


@rule
def pot_number(day: int, first_day: int, pot_days: int) -> int:
    """Return the number of the pot that pays on a day, from 0."""
    return (day - first_day) // pot_days


@rule
def staff_for(money: float, price: float, rise: float, staff: float) -> float:
    """Return the staff whom so much money a day pays for.

    Each further one costs more: a share ``n/staff`` of staff that are there already raises the price of all by
    ``rise`` times that share, so that ``money = n * price * (1 + rise * n/staff)``.
    """
    if money <= 0.0 or price <= 0.0 or staff <= 0.0:
        return 0.0
    steep = 4.0 * rise * money / (price * staff)
    return 2.0 * money / price / (1.0 + sqrt(1.0 + steep))


@rule
def price_of_staff(price: float, rise: float, hired: float, staff: float) -> float:
    """Return what a staff-day costs when so many have been hired beside those who are there."""
    return price * (1.0 + rise * hired / staff) if staff > 0.0 else price


@rule
def quality_of(fit: float, measurable: float, shading: float, price: float, ordinary: float) -> float:
    """Return the productivity of paid help against one's own staff.

    What a contract cannot measure is shaded (Hart, Shleifer and Vishny 1997), the more the further the price lies below
    the ordinary one.
    """
    saved = max(0.0, 1.0 - price / ordinary) if ordinary > 0.0 else 0.0
    return fit * (1.0 - (1.0 - measurable) * min(1.0, shading * (1.0 + saved)))


@rule
def volunteers_after(mobilised: float, supported: float, unused: float, join_days: float, drift_days: float) -> float:
    """Return the share of possible volunteers who turn up tomorrow.

    They join while there is a grant to plan on (``supported`` is 1), and drift away when they are not used.
    """
    joined = supported * (1.0 - mobilised) / join_days
    left = mobilised * (1.0 - supported * (1.0 - unused)) / drift_days
    return max(0.0, min(1.0, mobilised + joined - left))
