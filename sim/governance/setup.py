"""Everything a run needs before its first day, the same for both engines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.governance.listening import Relations, relations_of
from sim.governance.networks import peer_ties
from sim.governance.structure import Structure
from sim.governance.tables import Table, build_table, longest_delay
from sim.rules.relations import takeup_of
from sim.state import empty_state
from sim.world.country import Country, load_country
from sim.world.crisis import Crisis
from sim.world.files import check_fits, with_change
from sim.world.land import DESKS, Land, build_land
from sim.world.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Stretch:
    """Days between dated changes, under one table."""

    first_day: int
    scenario: Scenario
    structure: Structure
    table: Table
    recalls_aid: bool  # the workforce power has changed: everybody who was lent goes home


@dataclass(frozen=True, eq=False)
class Setup:
    """A scenario and a structure, worked out for their country."""

    scenario: Scenario
    structure: Structure
    country: Country
    land: Land
    relations: Relations
    stretches: tuple[Stretch, ...]
    sizes: dict[str, int]

    def stretch_of(self, day: int) -> Stretch:
        """Return the stretch that a day belongs to."""
        return [stretch for stretch in self.stretches if stretch.first_day <= day][-1]


def prepare(scenario: Scenario, structure: Structure) -> Setup:
    """Work out a scenario and a structure, with every dated change.

    Raises
    ------
    InputError
        When the structure needs a tier that the country lacks, or a change cannot be made.
    """
    country = load_country(scenario.country)
    check_fits(scenario, structure, country)
    land = build_land(country, scenario)
    settings = _settings(scenario, structure)
    ties = [peer_ties(country, each.channels.peer) for _, _, each in settings]
    relations = relations_of(len(country.keys), ties)
    stretches: list[Stretch] = []
    for (day, changed, each), network in zip(settings, ties, strict=True):
        table = build_table(country, land, changed, each, network, relations)
        before = stretches[-1].structure if stretches else each
        moved = before.powers.workforce != each.powers.workforce or before.channels.peer != each.channels.peer
        stretches.append(Stretch(day, changed, each, table, moved))
    sizes = _sizes(country, scenario, relations, [stretch.table for stretch in stretches])
    return Setup(scenario, structure, country, land, relations, tuple(stretches), sizes)


def _settings(scenario: Scenario, structure: Structure) -> list[tuple[int, Scenario, Structure]]:
    settings = [(0, scenario, structure)]
    for change in sorted(scenario.change, key=lambda change: change.day):
        _, changed, governed = settings[-1]
        settings.append((change.day, *with_change(changed, governed, change)))
    return settings


def _sizes(country: Country, scenario: Scenario, relations: Relations, tables: list[Table]) -> dict[str, int]:
    places = len(country.keys)
    weeks = max(longest_delay(table) for table in tables)
    return {
        "place": places,
        "community": places,
        "desk": places * len(DESKS),
        "relation": relations.total,
        "service": len(scenario.services),
        "approach": scenario.approaches.count,
        "slot": (weeks + 6) // 7 + 2,
    }


def first_state(setup: Setup, crisis: Crisis) -> Any:
    """Return the state of a block of worlds before day 0."""
    state = empty_state(setup.sizes, len(crisis.seed))
    land, scenario = setup.land, setup.scenario
    culture = scenario.culture
    state.susceptible[:] = land.population[:, None]
    state.confidence[:] = culture.confidence_base
    state.takeup[:] = takeup_of(culture.confidence_base, culture.takeup_floor)
    state.effort[:] = culture.effort * culture.confidence_base
    state.approach[:] = crisis.practice
    state.reserve[:] = _surge_staff(land)[..., None]
    state.reserve_next[:] = state.reserve
    state.belief_variance[:] = scenario.approaches.spread * scenario.approaches.spread
    state.language[:] = culture.language_start
    state.trust[:] = culture.trust_start
    return state


def _surge_staff(land: Land) -> Any:
    """Surge staff on day 0: by head count, and in a place by ordinary need."""
    all_need = np.zeros(len(land.key))
    for k in range(land.need.shape[1]):
        all_need += land.need[:, k]
    return land.reserve[:, None] * land.need / np.maximum(all_need, 1e-300)[:, None]


def means_digest(setup: Setup) -> str:
    """Return a digest of what a structure is given to work with: equal means are the same for all."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (setup.land.desk_staff, setup.land.reserve, setup.land.need):
        digest.update(np.ascontiguousarray(array).tobytes())
    for stretch in setup.stretches:
        digest.update(stretch.scenario.model_dump_json(exclude={"change"}).encode())
    return digest.hexdigest()
