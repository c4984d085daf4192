"""How the staff of a place bear it, and who leaves and comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.fast.morale import WEEK
from sim.rules.morale import joining_staff, leaving_staff, morale_after, overload

if TYPE_CHECKING:
    from sim.agents.links import Reals
    from sim.model import GovernanceModel


class Staffed:
    """A council's book of the staff of its place. Units and meanings are declared in `sim.state`."""

    model: GovernanceModel
    morale: float
    vacant: float
    total_vacant: float
    total_left: float
    total_joined: float
    # kept by the council
    short: Reals
    all_staff: float
    overrides_this_week: float

    def bear(self) -> None:
        """Let morale fall and recover by the week; then let staff leave and come."""
        par, short = self.model.par, 0.0
        for staff in self.short:
            short += staff
        self.morale = morale_after(
            self.morale,
            par.morale_start,
            par.morale_recovery_days,
            par.morale_overload * overload(short, self.all_staff),
            par.morale_override * self.overrides_this_week,
            WEEK,
        )
        self._turn_over()

    def _turn_over(self) -> None:
        """Let staff leave, and let vacant posts be filled."""
        par, vacant = self.model.par, self.vacant
        left = leaving_staff(1.0 - vacant, self.morale, par.morale_enough, par.morale_leaving, WEEK)
        left = min(left, 1.0 - vacant)
        joined = joining_staff(vacant, par.morale_recruit_days, WEEK)
        self.vacant = max(0.0, min(1.0, vacant + left - joined))
        self.total_left += left * self.all_staff
        self.total_joined += joined * self.all_staff
