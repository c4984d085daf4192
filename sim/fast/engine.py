"""The fast engine: a block of worlds that share set-up tables and differ in seed, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.fast.bundles import bundled
from sim.fast.days import run_days
from sim.fast.deliver import make_room
from sim.governance.adaptation import WEEK, is_review_day, next_regime
from sim.governance.movement import is_answered, joined_by, standing_of
from sim.governance.setup import Setup, aid_alters, first_state
from sim.governance.tables import table_of_second
from sim.phases import PHASES
from sim.series import ROWS
from sim.state import NOBODY, Snapshot, one_world, put_world
from sim.world.crisis import Crisis, build_crisis, worlds_of

LENT = ("aid_out", "aid_in", "aid_out_next", "aid_in_next", "helped")


def known_by_second(state: Any) -> Any:
    """Return the state with what second holders of the approach believe, in the place of what first ones do."""
    if not state.second_considered.shape[1]:
        return state
    return state._replace(
        belief_mean=state.second_belief_mean,
        belief_variance=state.second_belief_variance,
        approach_considered=state.second_considered,
    )


class Block:
    """Worlds side by side, at one day.

    Parameters
    ----------
    setup
        A prepared scenario and structure.
    seeds
        One seed a world.
    """

    def __init__(self, setup: Setup, seeds: list[int], crisis: Crisis | None = None) -> None:
        self.setup = setup
        self.seeds = list(seeds)
        self.crisis = build_crisis(setup.country, setup.land, setup.scenario, seeds) if crisis is None else crisis
        self.state: Any = first_state(setup, self.crisis)
        self.series: NDArray[np.float64] = np.zeros((setup.scenario.days, len(ROWS), len(seeds)))
        self.day = 0
        self._bundles = tuple(bundled(each) for each in (setup.land, self.crisis, self.state))
        self._known_by_second = bundled(known_by_second(self.state))
        self._tables: dict[tuple[int, int], tuple[Any, Any]] = {}  # by the first day of their stretch, and by regime
        self._rooms: dict[int, Any] = {}  # by the number of worlds

    def run(self, until: int | None = None) -> Block:
        """Run to the start of day ``until`` (the end of the scenario by default)."""
        end = self.setup.scenario.days if until is None else until
        while self.day < end:
            later = [s.first_day for s in self.setup.stretches if s.first_day > self.day]
            changes = self.setup.structure.adaptation or self.setup.scenario.movement is not None
            review = [self.day + WEEK - self.day % WEEK] if changes else []
            last = min([end, *later, *review])
            self.adapt()
            self.recall_aid()
            self._run(last, 0, len(PHASES))
            self.day = last
        return self

    def run_phase(self, phase: int) -> Block:
        """Run one phase of today; after the last one it is tomorrow."""
        if phase == 0:
            self.adapt()
            self.recall_aid()
        self._run(self.day + 1, phase, phase + 1)
        self.day += phase == len(PHASES) - 1
        return self

    def adapt(self) -> None:
        """Once a week, let each world's structure change by its own rules."""
        rules = self.setup.stretch_of(self.day).structure.adaptation
        if not is_review_day(self.day):
            return
        for w in range(len(self.seeds)):
            self._hear_movement(w)
            if not rules or self.state.gave_way[0, w] != NOBODY:
                continue
            before, since = int(self.state.regime[0, w]), int(self.state.regime_since[0, w])
            week = self.series[self.day - WEEK : self.day, :, w]
            after = next_regime(rules, self.setup.land, before, since, self.day, week)
            if after != before:
                self._switch(w, before, after, rules[max(before, after) - 1].switch_days)

    def _hear_movement(self, w: int) -> None:
        """Let places of one world join a movement, and the centre answer it."""
        stretch, s = self.setup.stretch_of(self.day), self.state
        movement = stretch.scenario.movement
        if movement is None:
            return
        regime = int(s.regime[0, w])
        standing = standing_of(
            *(a[..., w].tolist() for a in (s.overrides, s.total_need, s.total_lapsed, s.total_unseen))
        )
        table = self.setup.stretch_of(self.day, regime).table
        keys, before = self.setup.land.key, s.joined[:, w].tolist()
        joined = joined_by(movement, keys, self.seeds[w], self.day, before, standing, table)
        s.joined[:, w] = joined
        if s.gave_way[0, w] == NOBODY and is_answered(movement, joined):
            s.gave_way[0, w] = self.day
            self._switch(w, regime, len(stretch.adapted), movement.switch_days)

    def _switch(self, w: int, before: int, after: int, switch_days: float) -> None:
        """Put one world under another rule: everybody learns how things are done now, and aid may end."""
        self.state.regime[0, w], self.state.regime_since[0, w] = after, self.day
        self.state.training_owed[:, w] += switch_days * self.setup.land.desk_staff.ravel()
        if aid_alters(self.setup.stretch_of(self.day, before), self.setup.stretch_of(self.day, after)):
            self._send_home(w)

    def recall_aid(self) -> None:
        """Send everybody who was lent home, on the day that a dated change alters who may lend."""
        for w in range(len(self.seeds)):
            stretch = self.setup.stretch_of(self.day, int(self.state.regime[0, w]))
            if self.day == stretch.first_day and stretch.recalls_aid:
                self._send_home(w)

    def _send_home(self, w: int) -> None:
        for name in LENT:
            getattr(self.state, name)[..., w] = 0.0
        self.state.workforce_due[:, w] = NOBODY

    def snapshot(self) -> Snapshot:
        """Return copies of everything that the future and the outcomes of this block depend on."""
        worlds = [one_world(self.state, w) for w in range(len(self.seeds))]
        return Snapshot(self.day, tuple(self.seeds), tuple(worlds), self.series[: self.day].copy())

    def restore(self, snapshot: Snapshot) -> Block:
        """Go on from a snapshot, of this setup or of one that differs in what comes after that day."""
        for w, arrays in enumerate(snapshot.worlds):
            put_world(self.state, w, arrays)
        self.series[: snapshot.day] = snapshot.series
        self.day = snapshot.day
        return self

    def _run(self, last: int, first_phase: int, last_phase: int) -> None:
        regimes = self.state.regime[0].tolist()
        days = (self.day, last, first_phase, last_phase)
        if len(set(regimes)) == 1:
            run_days(*days, *self._bundles_under(regimes[0]), self._room(len(regimes)), self.series)
            return
        for regime in sorted(set(regimes)):
            self._run_some(days, regime, [w for w, each in enumerate(regimes) if each == regime])

    def _run_some(self, days: tuple[int, int, int, int], regime: int, worlds: list[int]) -> None:
        """Run the worlds that are under one rule, apart from the others."""
        land, table, _, _, as_second, _ = self._bundles_under(regime)
        state = type(self.state)(*(np.ascontiguousarray(array[..., worlds]) for array in self.state))
        series = np.ascontiguousarray(self.series[..., worlds])
        crisis, room = bundled(worlds_of(self.crisis, worlds)), self._room(len(worlds))
        known = bundled(known_by_second(state))
        run_days(*days, land, table, crisis, bundled(state), as_second, known, room, series)
        for array, part in zip(self.state, state, strict=True):
            array[..., worlds] = part
        self.series[..., worlds] = series

    def _room(self, worlds: int) -> Any:
        """Return room for the numbers of one place and day."""
        if worlds not in self._rooms:
            land = self.setup.land
            self._rooms[worlds] = bundled(make_room(land.need.shape[1], len(land.desk_service), worlds))
        return self._rooms[worlds]

    def _bundles_under(self, regime: int) -> tuple[Any, Any, Any, Any, Any, Any]:
        """Return the bundles of land, table, crisis and state, under a rule of the structure.

        And table and state again, as second holders of the approach see them.
        """
        stretch = self.setup.stretch_of(self.day, regime)
        if (stretch.first_day, regime) not in self._tables:
            self._tables[stretch.first_day, regime] = bundled(stretch.table), bundled(table_of_second(stretch.table))
        land, crisis, state = self._bundles
        table, as_second = self._tables[stretch.first_day, regime]
        return land, table, crisis, state, as_second, self._known_by_second
