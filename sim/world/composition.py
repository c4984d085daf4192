"""How crises compose: needs add up, multipliers multiply, and what would breed need without bound is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.crises import CrisisKind
from sim.world.hidden import most_made_of_one
from sim.world.parts import Ground

if TYPE_CHECKING:  # a scenario checks itself here
    from sim.world.scenario import Scenario

Reals = NDArray[np.float64]


class Composed(NamedTuple):
    """What all crises together do in one world; one row instead of a row a day where they do nothing."""

    chronic: Reals  # (days or 1, P, K) rise of ordinary need, within the reach of prevention
    struck: Reals  # (days or 1, P, K) cases a day
    away: Reals  # (days or 1, P) share of staff kept from work
    transmission: Reals  # (weeks or 1, P) factor
    offered: Reals  # (days or 1,) factor on supplies that the market offers
    use: Reals  # (days or 1,) factor on what a case uses
    dearer: Reals  # (days or 1,) factor on the price of supplies


def compose(crises: Iterable[CrisisKind], ground: Ground) -> Composed:
    """Strike with each crisis, and put together what they do.

    They are taken in the order of their kinds and numbers, so that it does not matter how a scenario lists them.
    """
    places, services = len(ground.land.key), len(ground.services)
    parts = [crisis.strike(ground) for crisis in sorted(crises, key=lambda each: (each.kind, each.which))]
    return Composed(
        chronic=added([part.chronic for part in parts], (1, places, services)),
        struck=added([part.need for part in parts], (1, places, services)),
        away=kept_away([part.away for part in parts], (1, places)),
        transmission=multiplied([part.transmission for part in parts], (1, places)),
        offered=multiplied([part.offered for part in parts], (1,)),
        use=multiplied([part.use for part in parts], (1,)),
        dearer=multiplied([part.dearer for part in parts], (1,)),
    )


def added(parts: Iterable[Reals | None], shape: tuple[int, ...]) -> Reals:
    """Return the sum of what is there."""
    total = np.zeros(shape)
    for part in parts:
        total = total if part is None else total + part
    return total


def kept_away(parts: Iterable[Reals | None], shape: tuple[int, ...]) -> Reals:
    """Return the share kept away by all: each takes its share of those whom the others left."""
    away = np.zeros(shape)
    for part in parts:
        away = away if part is None else away + part * (1.0 - away)
    return away


def multiplied(parts: Iterable[Reals | None], shape: tuple[int, ...]) -> Reals:
    """Return the product of what is there."""
    product = np.ones(shape)
    for part in parts:
        product = product if part is None else product * part
    return product


def feeding_of(scenario: Scenario) -> list[list[float]]:
    """Return cases a day that one open case of a service (row) makes in another, by the scenario's slow issues."""
    names = list(scenario.services)
    table = [[0.0] * len(names) for _ in names]
    for crisis in sorted(scenario.crisis, key=lambda each: (each.kind, each.which)):
        for one, other, cases in crisis.feeds():
            table[names.index(one)][names.index(other)] += cases
    return table


def cascade_of(scenario: Scenario) -> list[list[float]]:
    """Return cases a day that one open case of a service (row) makes in another: its own row, or spread evenly."""
    names = list(scenario.services)
    even = scenario.load.cascade / (len(names) - 1)
    table = [[0.0 if one == other else even for other in names] for one in names]
    for row, (name, service) in enumerate(scenario.services.items()):
        if service.breeds is not None:
            table[row] = [service.breeds.get(other, 0.0) if other != name else 0.0 for other in names]
    return table


def check_bounded(scenario: Scenario) -> None:
    """Refuse a scenario in which open cases would breed without bound.

    One open case makes ``spill + cascade`` others, and what slow issues feed beside them; each of them is more than
    one where hidden cases come forward grown. Every service must lose more than that to lapsing on a day when nobody
    is served.
    """
    fed, rows = feeding_of(scenario), cascade_of(scenario)
    has_rows = any(service.breeds is not None for service in scenario.services.values())
    most_fed = max(_total(row) for row in fed)
    bred = scenario.load.cascade + most_fed
    if has_rows:
        bred = max(_total(row) + _total(others) for row, others in zip(rows, fed, strict=True))
    grown = most_made_of_one(scenario.hidden, (service.seen for service in scenario.services.values()))
    made = grown * (scenario.load.spill + bred)
    parts = ["spill", "breeds" if has_rows else "cascade", *(["feeding"] if most_fed > 0.0 else [])]
    own = f"{' + the feeding of slow issues' if most_fed > 0.0 else ''}{', hidden cases grown,' if grown > 1.0 else ''}"
    for name, service in scenario.services.items():
        bound = service.lapse_rate / (1.0 - service.lapse_rate) if service.lapse_rate < 1.0 else float("inf")
        if made >= bound:
            raise ValueError(
                f"load.spill + {'services.*.breeds' if has_rows else 'load.cascade'}{own} = {made:.4g} is not below "
                f"lapse/(1 - lapse) = {bound:.4g} of services.{name}: need would grow without bound; lower "
                f"{_or(parts)}, or raise the lapse rate."
            )


def _or(parts: list[str]) -> str:
    """Return words as a list to choose from: "a or b", "a, b or c"."""
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


def _total(row: list[float]) -> float:
    total = 0.0
    for cases in row:
        total += cases
    return total
