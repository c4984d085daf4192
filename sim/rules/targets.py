"""Activity targets, and what they do to work and to reports (phases report, decide, deliver).

After Bevan and Hood (2006), "What's measured is what matters": effort turns to what is counted, and a part of what
is missing to the target is reported as done.
"""

from sim.fast.compiled import rule
from sim.rules.resources import share_of


@rule
def share_reported(true: float, target: float, gaming: float) -> float:
    """Return the share of cases served as it is reported: a part of what is missing to the target is made up."""
    return true + gaming * max(0.0, target - true)


@rule
def said_to_be_served(served: float, left: float, target: float, gaming: float) -> float:
    """Return cases that are reported as served though they are open: never more than are.

    Parameters
    ----------
    served, left
        Cases of yesterday: served, and open at its end.
    target, gaming
        Share that is to be served, and part of what is missing that is made up.
    """
    true = share_of(served, served + left)
    return min(left, (share_reported(true, target, gaming) - true) * (served + left))


@rule
def drawn_off(shift: float, staff: float) -> float:
    """Return staff of a service that is not counted who turn to what is."""
    return shift * staff


@rule
def turned_here(pool: float, skill: float, part: float, whole: float) -> float:
    """Return what those who turn to a counted service are worth there, in its own staff; by its part of such staff."""
    return skill * pool * share_of(part, whole)
