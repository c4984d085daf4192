"""Structures that change when a condition holds: powers that rise with harm, or fall to places as it eases.

A structure may carry rules. Once a week the first rule whose condition holds is in force; it stays for a time, and
ends when its condition no longer holds. One rule is in force at a time, and regime 0 is the structure as it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.governance.structure import Adaptation, Structure
from sim.series import ROWS
from sim.world.document import merged
from sim.world.land import Land

Reals = NDArray[np.float64]
WEEK = 7


def is_review_day(day: int) -> bool:
    """Say whether rules are looked at in the morning of a day: once a week, when there is a week to look back on."""
    return day > 0 and day % WEEK == 0


def next_regime(rules: tuple[Adaptation, ...], land: Land, regime: int, since: int, day: int, week: Reals) -> int:
    """Return the regime from today on.

    Parameters
    ----------
    rules
        Of the structure.
    land
        Of the country.
    regime, since
        What is in force (0: no rule), and from which day.
    day
        Today.
    week
        The national series of the last seven days, shape (7, rows).
    """
    if regime > 0:
        rule = rules[regime - 1]
        held = day - since < rule.hold_days
        if held or _is_past(rule, _watched(rule.watch, land, week), rule.ends_at):
            return regime
    for number, rule in enumerate(rules, start=1):
        if _is_past(rule, _watched(rule.watch, land, week), rule.starts_at):
            return number
    return 0


def adapted(structure: Structure, rule: Adaptation) -> Structure:
    """Return a structure as it is while one of its rules is in force.

    Raises
    ------
    ValidationError
        If the settings of the rule do not suit the structure.
    """
    settings = {**structure.model_dump(), "adaptation": ()}
    return Structure.model_validate(merged(settings, rule.then))


def _is_past(rule: Adaptation, value: float, limit: float) -> bool:
    return value > limit if rule.when == "above" else value < limit


def _watched(name: str, land: Land, week: Reals) -> float:
    """Return the mean of the last week of what a rule watches; added day by day, the same in both engines."""
    people = 0.0
    for thousand in land.thousand.tolist():
        people += thousand
    total = dict.fromkeys(ROWS, 0.0)
    for day in week.tolist():
        for row, value in zip(ROWS, day, strict=True):
            total[row] += value
    return WATCHED[name](total, people, float(len(land.thousand)))


# From sums over a week and over places, thousands of people, and places.
WATCHED: dict[str, Callable[[dict[str, float], float, float], float]] = {
    "harm_per_1000": lambda total, people, _: total["harm"] / WEEK / people,
    "unmet_share": lambda total, _, __: total["lapsed"] / total["need"] if total["need"] > 0.0 else 0.0,
    "infections_per_100k": lambda total, people, _: total["cases"] / WEEK / people * 100.0,
    "deaths_per_100k": lambda total, people, _: total["deaths"] / WEEK / people * 100.0,
    "trust": lambda total, _, places: total["trust"] / WEEK / places,
    "confidence": lambda total, _, places: total["confidence"] / WEEK / places,
}
