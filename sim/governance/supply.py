"""Who buys supplies, worked out for a country: how large each buyer is, and what follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.governance.holders import PowerTable, in_the_room
from sim.governance.structure import Structure
from sim.rules.supply import between, size_of_buyer
from sim.world.land import Land
from sim.world.scenario import Scenario
from sim.world.supplies import Supplies

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]

APPROVAL_MEDIANS = 4.0  # an order's approval takes at most so many medians


class SupplyTable(NamedTuple):
    """Supplies in one stretch of a run; P places, K services, B buyers (the scopes of the power)."""

    use: Reals  # (K,) items a case
    ordinary: Reals  # (P, K) items a day where ordinary need is served
    all_ordinary: float  # over the country
    share: Reals  # (B,) share of the country's people
    price: Reals  # (B,) what a buyer pays, against the market's price
    lead: Wholes  # (B,) days from order to arrival
    days: Reals  # (B,) for which an order is to last: until what the next round orders has arrived
    by_need: int
    weight: Reals  # (K,) of each service in sharing out
    longest: int  # days for which an order can be on its way at most


def supply_table(land: Land, scenario: Scenario, structure: Structure, buyers: PowerTable) -> SupplyTable:
    """Return the table of supplies; where a scenario has none, nothing is used and no order has to last."""
    supplies, power = scenario.supplies or Supplies(), structure.powers.procurement
    there = float(scenario.supplies is not None)
    use = there * np.array([service.items_per_case for service in scenario.services.values()])
    shares = _shares(land, buyers)
    sizes = [size_of_buyer(share, len(land.key)) for share in shares]
    local, bulk = float(supplies.local_lead_days), float(supplies.bulk_lead_days)
    lead = np.array([int(between(local, bulk, size) + 0.5) for size in sizes], np.int64)
    heads = buyers.scope_place[buyers.scope_start[:-1]]
    talks = buyers.negotiation * (1.0 - scenario.culture.trust_start)
    wait = buyers.cadence + buyers.fixed + buyers.median + talks
    approval = buyers.fixed + APPROVAL_MEDIANS * buyers.median + buyers.negotiation
    return SupplyTable(
        use=use,
        ordinary=land.need * use,
        all_ordinary=_total(land.need * use),
        share=np.array(shares),
        price=np.array([between(1.0, 1.0 - supplies.bulk_discount, size) for size in sizes]),
        lead=lead,
        days=there
        * np.array([float(days + late) + wait for days, late in zip(lead, buyers.delay[heads], strict=True)]),
        by_need=int(power.rule == "seen_need"),
        weight=in_the_room(power.advice, supplies.connected),
        longest=max(int(max(lead.tolist(), default=0) + approval + 0.5), supplies.pipeline_days)
        if scenario.supplies is not None
        else 0,
    )


def _shares(land: Land, buyers: PowerTable) -> list[float]:
    """Return the share of the country's people whom each buyer buys for."""
    thousand, start, place = land.thousand.tolist(), buyers.scope_start.tolist(), buyers.scope_place.tolist()
    people = 0.0
    for each in thousand:
        people += each
    shares = []
    for b in range(len(start) - 1):
        mine = 0.0
        for i in range(start[b], start[b + 1]):
            mine += thousand[place[i]]
        shares.append(min(1.0, mine / people))
    return shares


def _total(values: Reals) -> float:
    total = 0.0
    for row in values.tolist():
        for value in row:
            total += value
    return total
