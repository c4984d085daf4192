"""The fast engine: a block of worlds that share set-up tables and differ in seed, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.fast.bundles import bundled
from sim.fast.days import run_days
from sim.fast.deliver import make_room
from sim.fast.worlds import crisis_of_worlds, land_of_worlds, state_of_worlds, table_of_worlds
from sim.governance.adaptation import WEEK, is_review_day, next_regime
from sim.governance.movement import is_answered, joined_by, standing_of
from sim.governance.setup import Setup, aid_alters
from sim.governance.tables import table_of_second
from sim.phases import PHASES
from sim.series import ROWS
from sim.state import NOBODY, Snapshot, one_world, put_world
from sim.world.crisis import Crisis, worlds_of

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
        A prepared scenario and structure; or one for each world, alike in all but what `sim.fast.worlds` tells.
    seeds
        One seed a world.
    crisis
        What happens to each; drawn here if it is not given.
    """

    def __init__(self, setup: Setup | Sequence[Setup], seeds: list[int], crisis: Crisis | None = None) -> None:
        self.setups = [setup] * len(seeds) if isinstance(setup, Setup) else list(setup)
        self.setup = setup = self.setups[0]
        self.seeds = list(seeds)
        self.crisis = crisis_of_worlds(self.setups, self.seeds) if crisis is None else crisis
        self.state: Any = state_of_worlds(self.setups, self.crisis)
        self.series: NDArray[np.float64] = np.zeros((setup.scenario.days, len(ROWS), len(seeds)))
        self.day = 0
        self._crisis_and_state = bundled(self.crisis), bundled(self.state)
        self._known_by_second = bundled(known_by_second(self.state))
        self._tables: dict[tuple[int, int, tuple[int, ...]], Any] = {}  # by the first day of their stretch, and regime
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
        if not is_review_day(self.day):
            return
        for w, setup in enumerate(self.setups):
            rules = setup.stretch_of(self.day).structure.adaptation
            self._hear_movement(w)
            if not rules or self.state.gave_way[0, w] != NOBODY:
                continue
            before, since = int(self.state.regime[0, w]), int(self.state.regime_since[0, w])
            week = self.series[self.day - WEEK : self.day, :, w]
            after = next_regime(rules, setup.land, before, since, self.day, week)
            if after != before:
                self._switch(w, before, after, rules[max(before, after) - 1].switch_days)

    def _hear_movement(self, w: int) -> None:
        """Let places of one world join a movement, and the centre answer it."""
        setup, s = self.setups[w], self.state
        stretch = setup.stretch_of(self.day)
        movement = stretch.scenario.movement
        if movement is None:
            return
        regime = int(s.regime[0, w])
        standing = standing_of(
            *(a[..., w].tolist() for a in (s.overrides, s.total_need, s.total_lapsed, s.total_unseen))
        )
        table = setup.stretch_of(self.day, regime).table
        keys, before = setup.land.key, s.joined[:, w].tolist()
        joined = joined_by(movement, keys, self.seeds[w], self.day, before, standing, table)
        s.joined[:, w] = joined
        if s.gave_way[0, w] == NOBODY and is_answered(movement, joined):
            s.gave_way[0, w] = self.day
            self._switch(w, regime, len(stretch.adapted), movement.switch_days)

    def _switch(self, w: int, before: int, after: int, switch_days: float) -> None:
        """Put one world under another rule: everybody learns how things are done now, and aid may end."""
        self.state.regime[0, w], self.state.regime_since[0, w] = after, self.day
        setup = self.setups[w]
        self.state.training_owed[:, w] += switch_days * setup.land.desk_staff.ravel()
        if aid_alters(setup.stretch_of(self.day, before), setup.stretch_of(self.day, after)):
            self._send_home(w)

    def recall_aid(self) -> None:
        """Send everybody who was lent home, on the day that a dated change alters who may lend."""
        for w, setup in enumerate(self.setups):
            stretch = setup.stretch_of(self.day, int(self.state.regime[0, w]))
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
            land, table, as_second = self._tables_of(regimes[0], range(len(regimes)))
            seen = as_second, self._known_by_second
            run_days(*days, land, table, *self._crisis_and_state, *seen, self._room(len(regimes)), self.series)
            return
        for regime in sorted(set(regimes)):
            self._run_some(days, regime, [w for w, each in enumerate(regimes) if each == regime])

    def _run_some(self, days: tuple[int, int, int, int], regime: int, worlds: list[int]) -> None:
        """Run the worlds that are under one rule, apart from the others."""
        land, table, as_second = self._tables_of(regime, worlds)
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

    def _tables_of(self, regime: int, worlds: Iterable[int]) -> tuple[Any, Any, Any]:
        """Return the bundles of land and table of some worlds, under a rule of the structure.

        And the table again, as second holders of the approach see it.
        """
        some = tuple(worlds)
        key = self.setup.stretch_of(self.day, regime).first_day, regime, some
        if key not in self._tables:
            table = table_of_worlds([self.setups[w].stretch_of(self.day, regime).table for w in some])
            land = land_of_worlds([self.setups[w].land for w in some])
            self._tables[key] = bundled(land), bundled(table), bundled(table_of_second(table))
        found: tuple[Any, Any, Any] = self._tables[key]
        return found
