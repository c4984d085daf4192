"""A sample of each kind of crisis, at which much happens within weeks; and the same with nothing in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.world.country import Country, load_country
from sim.world.crises import KINDS, CrisisKind
from sim.world.crisis import Crisis, build_crisis
from sim.world.land import build_land
from sim.world.parts import Ground, Part
from sim.world.scenario import Scenario
from tests.laws import worlds

Settings = dict[str, Any]
RECORD = Path(__file__).parent / "record.csv"  # twelve weeks of invented places, X00001 to X00012


def left_out(places: int) -> list[str]:
    """Return the codes of the record that are no places of a country with so many."""
    return [f"X{number:05d}" for number in range(places + 1, 13)]


SAMPLES: dict[str, Settings] = {
    "flood": {"first_day": 3, "staff_away": 0.3, "severity_log_sd": 0.5},
    "winter": {"first_day": -20, "length_days": 60.0, "clinical_care": 1.0, "social_care": 0.6, "transmission": 1.3},
    "wicked_issue": {"growth_days": 10.0, "height": 0.8, "feeding": 0.01},
    "supply_shock": {"first_day": 2, "ramp_days": 2.0, "supply_cut": 0.9, "use_rise": 8.0},
    "replay": {
        "series": str(RECORD),
        "first_week": "2021-01-04",
        "control_per_case": 1.0,
        "clinical_per_death": 2.0,
        "leave_out": left_out(6),
    },
}
NOTHING: dict[str, Settings] = {
    "flood": {"essentials": 0.0, "social_care": 0.0, "wellbeing": 0.0, "staff_away": 0.0},
    "winter": {"clinical_care": 0.0, "social_care": 0.0, "staff_away": 0.0, "transmission": 1.0},
    "wicked_issue": {"height": 0.0, "feeding": 0.0},
    "supply_shock": {"supply_cut": 0.0, "use_rise": 1.0, "price_rise": 1.0},
    "replay": {
        "control_per_case": 0.0,
        "essentials_per_case": 0.0,
        "wellbeing_per_case": 0.0,
        "clinical_per_death": 0.0,
        "social_per_death": 0.0,
    },
}


def sample(kind: str, **over: Any) -> CrisisKind:
    """Return a sample of a kind, with some settings changed."""
    return KINDS[kind].model_validate({"kind": kind, **SAMPLES[kind], **over})


def with_crises(*crises: CrisisKind, **over: Any) -> Scenario:
    """Return six places with an outbreak and these crises."""
    plain: Settings = {"days": 35, "restriction": {"threshold": 20.0}, "supplies": {}}
    return worlds.scenario(**{**plain, **over}).model_copy(update={"crisis": crises})


def crisis_of(scenario: Scenario, *seeds: int) -> Crisis:
    """Return what strikes in a scenario."""
    country = load_country(scenario.country)
    return build_crisis(country, build_land(country, scenario), scenario, list(seeds) or [1])


def ground_of(scenario: Scenario, seed: int = 1, country: Country | None = None) -> Ground:
    """Return where and when the crises of a scenario strike."""
    country = country or load_country(scenario.country)
    return Ground(country, build_land(country, scenario), tuple(scenario.services), scenario.days, np.uint64(seed))


def struck(crisis: CrisisKind, scenario: Scenario, seed: int = 1) -> Part:
    """Return what one crisis does."""
    return crisis.strike(ground_of(scenario, seed))
