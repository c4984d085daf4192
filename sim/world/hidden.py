"""Need that nobody sees: what brings it to light, and what becomes of it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from sim.world.fields import Settings, number


class Hidden(Settings):
    """Need that nobody sees, in services of which only a share is ``seen``; the same rule in every structure."""

    worth: float = number(1.0, "How fast trusted ties bring need to light.", "per tie", 0.0, 20.0)
    contact_finding: float = number(
        0.1, "Ties that staff who look for people make, in every structure alike.", "ties", 0.0, 10.0
    )
    come_forward_days: float = number(
        60.0, "Mean days until a hidden case comes forward of itself.", "days", 1.0, 3650.0
    )
    burden: float = number(2.0, "Open cases that one hidden case has become when it comes forward.", "cases", 1.0, 20.0)
    lapse_days: float = number(60.0, "Mean days until a hidden case has lapsed unseen.", "days", 1.0, 3650.0)


def most_made_of_one(hidden: Hidden, seen: Iterable[float]) -> float:
    """Return the most open cases that one case can become: 1, or more where hidden cases come forward grown."""
    if min(seen) >= 1.0:
        return 1.0
    forward = 1.0 / hidden.come_forward_days
    either = forward + (1.0 - forward) / hidden.lapse_days
    return max(1.0, hidden.burden * forward / either)
