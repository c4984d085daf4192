"""The part of a place in programmes: what they take of its time, and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.trials import Recruiter
from sim.rules.programmes import is_on, leading_after, pooled, times_faster

if TYPE_CHECKING:
    from sim.agents.links import Reals
    from sim.model import GovernanceModel


class Learner(Recruiter):
    """A place that may take part in programmes. Units and meanings are declared in `sim.state`."""

    model: GovernanceModel
    place: int
    leading: float
    reserve: Reals
    open_cases: Reals
    total_programmes: float

    def programme_time(self) -> float:
        """Return the share of working time that programmes take today."""
        table, taken = self.model.table.programmes, 0.0
        if self._is_led():
            taken += float(table.leading_time[self.place])
        if self._holds_sessions():
            taken += self.model.par.joint_sessions_time
        if self._pools_today():
            taken += self.model.par.pooled_budget_time
        taken += self.trial_time()
        return taken

    def pool_surge(self) -> Reals:
        """Return the surge staff of each service today: as decided, or by open cases where services pool theirs."""
        if not self._pools_today():
            return self.reserve[:]
        joined: list[int] = self.model.table.programmes.pools.tolist()
        pool, cases = 0.0, 0.0
        for has, staff, waiting in zip(joined, self.reserve, self.open_cases, strict=True):
            pool += has * staff
            cases += has * waiting
        return [
            pooled(staff, pool, waiting, cases) if has == 1 else staff
            for has, staff, waiting in zip(joined, self.reserve, self.open_cases, strict=True)
        ]

    def develop(self) -> None:
        """Let the effect of a leadership programme grow or fade by the week."""
        par = self.model.par
        self.leading = leading_after(
            self.leading, self._is_led(), par.leadership_learn_days, par.leadership_fade_days, 7.0
        )

    def times_faster(self) -> float:
        """Return how many times faster trust and shared language grow here."""
        return times_faster(self.model.par.leadership_boost, self.leading)

    def joint_work(self) -> float:
        """Return joint work across sectors: partnership, and joint sessions beside it."""
        worth = self.model.par.joint_sessions_worth if self._holds_sessions() else 0.0
        return float(self.model.table.partnership + worth)

    def _is_led(self) -> bool:
        par = self.model.par
        has = bool(self.model.table.programmes.led[self.place] == 1)
        return has and is_on(self.model.day, par.leadership_first_day, par.leadership_length_days)

    def _pools_today(self) -> bool:
        par = self.model.par
        has = bool(par.has_pooled_budget > 0.0)
        return has and is_on(self.model.day, par.pooled_budget_first_day, par.pooled_budget_length_days)

    def _holds_sessions(self) -> bool:
        par = self.model.par
        has = bool(self.model.table.programmes.sessions == 1)
        return has and is_on(self.model.day, par.joint_sessions_first_day, par.joint_sessions_length_days)
