"""Programmes, worked out for a country: which places have one, and what it takes of their time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.governance.structure import Structure
from sim.streams import Purpose
from sim.world.country import Country
from sim.world.land import Land
from sim.world.programmes import Leadership, Targets
from sim.world.scenario import Scenario

MOST_TIME = 0.05  # of working time: in a small place a grant buys no more than this


class ProgrammeTable(NamedTuple):
    """Programmes of one stretch of a run."""

    led: NDArray[np.int64]  # (P,) 1 for places with a leadership programme
    leading_time: NDArray[np.float64]  # (P,) share of working time that it takes on a day on which it runs
    sessions: int  # 1 where there are joint sessions
    pools: NDArray[np.int64]  # (K,) 1 for services that pool their surge staff
    counted: NDArray[np.int64]  # (K,) 1 for services in which activity is counted
    follows: int  # 1 where holders follow what is counted, and do not weigh harm
    counted_weight: NDArray[np.float64]  # (K,) what a case weighs for them


def programme_table(country: Country, land: Land, scenario: Scenario, structure: Structure) -> ProgrammeTable:
    """Work out who has what; places are drawn from their keys, the same under every structure and seed."""
    leadership, budget = scenario.leadership, scenario.pooled_budget
    joined = () if budget is None else budget.services
    led, time = np.zeros(len(country.keys), np.int64), np.zeros(len(country.keys))
    if leadership is not None:
        led[country.by_lot(Purpose.PROGRAMME)[: leadership.places]] = 1
        time = led * _time(land, scenario, leadership)
    pools = np.array([int(name in joined) for name in scenario.services])
    targets = scenario.targets or Targets(services=())
    counted = np.array([int(name in targets.services) for name in scenario.services])
    return ProgrammeTable(
        led=led,
        leading_time=time,
        sessions=int(scenario.joint_sessions is not None),
        pools=pools,
        counted=counted,
        follows=int(structure.priority.rule == "activity_targets"),
        counted_weight=np.where(counted == 1, 1.0, targets.uncounted),
    )


def _time(land: Land, scenario: Scenario, leadership: Leadership) -> NDArray[np.float64]:
    """Return the share of working time that a leadership programme would take in each place."""
    gbp_a_day = (leadership.grant_gbp + leadership.match_gbp) / leadership.length_days
    staff_days = gbp_a_day / max(scenario.costs.staff_day_gbp, 0.01)
    time = np.zeros(len(land.key))
    for p in range(len(time)):
        posts = float(land.reserve[p])
        for staff in land.staff[p].tolist():
            posts += staff
        time[p] = min(MOST_TIME, staff_days / posts)
    return time
