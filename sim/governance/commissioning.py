"""Who is paid to help, worked out for a country."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.governance.structure import Structure
from sim.rules.commissioning import tax_base
from sim.world.commissioning import HELPERS, Commissioning, Helper
from sim.world.land import Land
from sim.world.scenario import Scenario

Reals = NDArray[np.float64]

DAYS_A_YEAR = 365.0


class HelpTable(NamedTuple):
    """Paid help in one stretch of a run; P places, K services."""

    money: Reals  # (P,) GBP a day, once it flows; of pots, what it would be by head
    pots: int  # 1 where places bid for it, pot by pot
    kind: int  # number of the kind of helper that is paid
    price: float  # GBP a staff-day, ordinarily
    bidders: int
    fit: float
    start_days: int
    shading: float
    kept: float  # part of what is learnt that stays
    rise: float  # of the price with what is hired
    volunteers: int  # 1 where they are unpaid, and come and go
    measurable: Reals  # (K,) how far a contract can measure a service
    by_need: int


def help_table(land: Land, scenario: Scenario, structure: Structure) -> HelpTable:
    """Return the table of paid help; where a scenario has none, of what there would be without money."""
    settings, power = scenario.commissioning or Commissioning(budget_gbp_per_head=0.0), structure.powers.commissioning
    helper: Helper = getattr(settings, power.helper)
    return HelpTable(
        money=_money(land, settings, structure),
        pots=int(structure.funding.rule == "pots"),
        kind=HELPERS.index(power.helper),
        price=scenario.costs.staff_day_gbp * helper.price,
        bidders=helper.bidders,
        fit=helper.fit,
        start_days=helper.start_days,
        shading=helper.shading,
        kept=helper.learning_kept,
        rise=settings.hiring_rise if power.helper == "public" else 0.0,
        volunteers=int(power.helper == "community"),
        measurable=np.array([service.measurable for service in scenario.services.values()]),
        by_need=int(power.rule == "seen_need"),
    )


def _money(land: Land, settings: Commissioning, structure: Structure) -> Reals:
    """Return the money a day of each place: as much in all by head as by tax base."""
    by_head = land.population * (settings.budget_gbp_per_head / DAYS_A_YEAR)
    if structure.funding.rule != "own_tax":
        return by_head
    pairs = zip(land.population, land.deprivation, strict=True)
    base = [tax_base(float(people), settings.tax_slope, float(deprivation)) for people, deprivation in pairs]
    total = whole = 0.0
    for money, part in zip(by_head, base, strict=True):
        total += float(money)
        whole += part
    return np.array([total * part / whole for part in base])
