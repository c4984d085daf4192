"""Councils in financial failure: they cannot balance their books, and can be taken over."""

from __future__ import annotations

from sim.world.fields import Settings, number


class FinancialFailure(Settings):
    """Some places are in financial failure for a time, the same under every structure, which says what follows.

    Means are equal all the same: it decides who decides, not what there is.
    """

    share: float = number(0.1, "Share of places that are in it, drawn from all.", "share", 0.0, 1.0)
    first_day: int = number(0, "Day on which it begins.", "day", 0, 36_500)
    length_days: int = number(364, "Days for which it lasts.", "days", 1, 36_500)
