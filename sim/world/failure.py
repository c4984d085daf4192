"""Councils in financial failure: they cannot balance their books, and can be taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.streams import Purpose
from sim.world.fields import Settings, number

if TYPE_CHECKING:
    from sim.world.country import Country


class FinancialFailure(Settings):
    """Some places are in financial failure for a time, the same under every structure, which says what follows.

    Means are equal all the same: posts stand empty in the same places under every structure.
    """

    share: float = number(0.1, "Share of places that are in it, drawn from all.", "share", 0.0, 1.0)
    first_day: int = number(0, "Day on which it begins.", "day", 0, 36_500)
    length_days: int = number(364, "Days for which it lasts.", "days", 1, 36_500)
    frozen: float = number(
        0.0, "Share of staff there for whom there is no money, so that their posts stand empty.", "share", 0.0, 0.9
    )


def frozen_posts(failure: FinancialFailure | None, country: Country, days: int) -> NDArray[np.float64] | None:
    """Return the share of staff, of shape (days, places), whose posts stand empty; None where nobody's do."""
    if failure is None or failure.frozen == 0.0:
        return None
    empty, first = np.zeros((days, len(country.keys))), failure.first_day
    failing = country.share_by_lot(Purpose.FAILURE, failure.share)
    empty[first : first + failure.length_days, failing] = failure.frozen
    return empty
