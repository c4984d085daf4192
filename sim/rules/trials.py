"""A national shared trial: what a share of cases under a protocol does, and when results are read (deliver, share)."""

from sim.fast.compiled import rule
from sim.rules.programmes import is_on


@rule
def under_protocol(usual: float, mean: float, share: float) -> float:
    """Return what a way of working does where a share of cases is allotted to all ways alike.

    Parameters
    ----------
    usual, mean
        What the way does, and all of them on average: productivity, its log, or regret.
    share
        Of cases that the protocol allots.
    """
    return (1.0 - share) * usual + share * mean


@rule
def is_reading(day: int, first_day: int, length_days: int, weeks: int) -> bool:
    """Say whether the pooled result is read on a report day: every so many weeks, and at the end."""
    if first_day + length_days <= day < first_day + length_days + 7:
        return True
    recruiting = is_on(day, first_day, length_days)
    return recruiting and day + 1 - first_day >= 7 * weeks and ((day + 1 - first_day) // 7) % weeks == 0
