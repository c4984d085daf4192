"""Programmes, worked out for a country: which places have one, and what it takes of their time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.streams import Purpose, uniform
from sim.world.country import Country
from sim.world.land import Land
from sim.world.scenario import Scenario

MOST_TIME = 0.05  # of working time: in a small place a grant buys no more than this


class ProgrammeTable(NamedTuple):
    """Programmes of one stretch of a run."""

    led: NDArray[np.int64]  # (P,) 1 for places with a leadership programme
    leading_time: NDArray[np.float64]  # (P,) share of working time that it takes on a day on which it runs
    sessions: int  # 1 where there are joint sessions


def programme_table(country: Country, land: Land, scenario: Scenario) -> ProgrammeTable:
    """Work out who has what; places are drawn from their keys, the same under every structure and seed."""
    led = np.zeros(len(country.keys), np.int64)
    leadership = scenario.leadership
    if leadership is None:
        return ProgrammeTable(led, np.zeros(len(led)), int(scenario.joint_sessions is not None))
    order = [uniform(np.uint64(0), key, 0, 0, int(Purpose.PROGRAMME), 0) for key in country.keys]
    led[np.argsort(order, kind="stable")[: leadership.places]] = 1
    time = np.zeros(len(led))
    for p, has in enumerate(led.tolist()):
        posts = float(land.reserve[p])
        for staff in land.staff[p].tolist():
            posts += staff
        gbp_a_day = (leadership.grant_gbp + leadership.match_gbp) / leadership.length_days
        staff_days = gbp_a_day / max(scenario.costs.staff_day_gbp, 0.01)
        time[p] = has * min(MOST_TIME, staff_days / posts)
    return ProgrammeTable(led, time, int(scenario.joint_sessions is not None))
