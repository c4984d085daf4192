"""A movement of places, and how the centre answers it: once a week, the same code for both engines."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.governance.losses import below
from sim.governance.structure import Structure
from sim.rules.movement import grievance, joins
from sim.rules.programmes import is_on
from sim.rules.resources import share_of
from sim.state import NOBODY
from sim.streams import Purpose, normal
from sim.world.programmes import Movement

MOVEMENT = int(Purpose.MOVEMENT)


class Standing(NamedTuple):
    """What places have met and reached so far: overrides, cases that arose and that lapsed (P,)."""

    overrides: list[float]
    need: list[float]
    lapsed: list[float]


def standing_of(
    overrides: list[float], need: list[list[float]], lapsed: list[list[float]], unseen: list[list[float]]
) -> Standing:
    """Return what places have met and reached, from columns of the state: services added up."""
    gone = [
        [seen + not_seen for seen, not_seen in zip(*rows, strict=True)] for rows in zip(lapsed, unseen, strict=True)
    ]
    return Standing(overrides, [_total(row) for row in need], [_total(row) for row in gone])


def _total(row: list[float]) -> float:
    total = 0.0
    for value in row:
        total += value
    return total


def joined_by(
    movement: Movement, keys: Any, seed: int, day: int, joined: list[int], standing: Standing, table: Any
) -> list[int]:
    """Return the day on which each place joined, or -1, after today's round; whoever has joined stays.

    Parameters
    ----------
    movement
        Of the scenario.
    keys
        Of places, from which thresholds are drawn: (P,).
    seed, day
        Of the world, and today. All look at how things stood last night.
    joined
        The same before today's round.
    standing
        What places have met and reached.
    table
        Of the stretch: its ties.
    """
    if not is_on(day, movement.first_day, movement.length_days):
        return joined
    unmet = [share_of(gone, arisen) for gone, arisen in zip(standing.lapsed, standing.need, strict=True)]
    after = list(joined)
    for p, since in enumerate(joined):
        ties: list[int] = table.tie_place[table.tie_start[p] : table.tie_start[p + 1]].tolist()
        if since == NOBODY:
            best, members = unmet[p], 0.0
            for peer in ties:
                best = min(best, unmet[peer])
                members += 1.0 if joined[peer] != NOBODY else 0.0
            aggrieved = grievance(standing.overrides[p], movement.override, unmet[p], best, movement.gap)
            threshold = threshold_of(movement, seed, keys[p])
            if joins(aggrieved, movement.example, share_of(members, float(len(ties))), threshold):
                after[p] = day
    return after


def threshold_of(movement: Movement, seed: int, key: Any) -> float:
    """Return the threshold of a place: the same under every structure."""
    z = normal(np.uint64(seed), np.uint64(key), 0, 0, MOVEMENT, 0)
    return float(movement.threshold + movement.threshold_sd * z)


def is_answered(movement: Movement, joined: list[int]) -> bool:
    """Say whether so many have joined that the centre answers."""
    return movement.answer != "none" and joined_share(joined) > movement.gives_way_at


def joined_share(joined: list[int]) -> float:
    """Return the share of places that have joined."""
    members = 0.0
    for since in joined:
        members += 1.0 if since != NOBODY else 0.0
    return members / len(joined)


def answered(structure: Structure, movement: Movement) -> Structure:
    """Return a structure as it is once the centre has answered."""
    if movement.answer == "close":
        channels = structure.channels
        closed = {
            "guidance": channels.guidance.model_copy(update={"clarity": 0.0}),
            "open": channels.open.model_copy(update={"coverage": 0.0}),
        }
        return structure.model_copy(update={"channels": channels.model_copy(update=closed)})
    power = getattr(structure.powers, movement.power)
    lower = below(power.holder)
    if lower == power.holder:
        return structure
    after = power.model_copy(update={"holder": lower, "scope": None, "fallback": "place"})
    return structure.model_copy(update={"powers": structure.powers.model_copy(update={movement.power: after})})
