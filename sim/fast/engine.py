"""The fast engine: a block of worlds that share set-up tables and differ in seed, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.fast.bundles import bundled
from sim.fast.days import run_days
from sim.governance.setup import Setup, first_state
from sim.phases import PHASES
from sim.state import NOBODY, Snapshot, one_world, put_world
from sim.world.crisis import Crisis, build_crisis

ROW_COUNT = 16  # rows of the series; the names are in sim.outcomes.ROWS


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
        self.series: NDArray[np.float64] = np.zeros((setup.scenario.days, ROW_COUNT, len(seeds)))
        self.day = 0
        self._bundles = tuple(bundled(each) for each in (setup.land, self.crisis, self.state))
        self._tables: dict[int, Any] = {}  # by the first day of their stretch

    def run(self, until: int | None = None) -> Block:
        """Run to the start of day ``until`` (the end of the scenario by default)."""
        end = self.setup.scenario.days if until is None else until
        while self.day < end:
            later = [s.first_day for s in self.setup.stretches if s.first_day > self.day]
            last = min([end, *later])
            self.recall_aid()
            self._run(last, 0, len(PHASES))
            self.day = last
        return self

    def run_phase(self, phase: int) -> Block:
        """Run one phase of today; after the last one it is tomorrow."""
        if phase == 0:
            self.recall_aid()
        self._run(self.day + 1, phase, phase + 1)
        self.day += phase == len(PHASES) - 1
        return self

    def recall_aid(self) -> None:
        """Send everybody who was lent home, on the day that a dated change alters who may lend."""
        stretch = self.setup.stretch_of(self.day)
        if self.day == stretch.first_day and stretch.recalls_aid:
            for name in ("aid_out", "aid_in", "aid_out_next", "aid_in_next", "helped"):
                getattr(self.state, name)[:] = 0.0
            self.state.workforce_due[:] = NOBODY

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
        stretch = self.setup.stretch_of(self.day)
        if stretch.first_day not in self._tables:
            self._tables[stretch.first_day] = bundled(stretch.table)
        table, (land, crisis, state) = self._tables[stretch.first_day], self._bundles
        run_days(self.day, last, first_phase, last_phase, land, table, crisis, state, self.series)
