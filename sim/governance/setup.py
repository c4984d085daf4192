"""Everything a run needs before its first day, the same for both engines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from sim.governance.adaptation import adapted
from sim.governance.culture import in_its_culture
from sim.governance.listening import Relations, relations_of
from sim.governance.losses import away, boundaries, governed_on, ties_on
from sim.governance.movement import answered
from sim.governance.networks import Ties, peer_ties
from sim.governance.structure import Structure
from sim.governance.tables import Table, build_table, longest_delay
from sim.rules.choice import newest_report
from sim.rules.relations import takeup_of
from sim.state import COLUMNS, Snapshot, empty_state
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
    ties: Ties
    table: Table
    adapted: tuple[
        Stretch, ...
    ]  # the same days while a rule of the structure is in force, rule by rule; last, once a movement is answered
    recalls_aid: bool  # who may lend, or what it costs, has changed: everybody who was lent goes home


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

    def stretch_of(self, day: int, regime: int = 0) -> Stretch:
        """Return the stretch that a day belongs to, under a rule of the structure or (0) none."""
        stretch = [stretch for stretch in self.stretches if stretch.first_day <= day][-1]
        return stretch if regime == 0 else stretch.adapted[regime - 1]


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
    networks = [peer_ties(country, form.channels.peer) for each in settings for form in _forms(each)]
    relations = relations_of(len(country.keys), networks)
    stretches: list[Stretch] = []
    for each in settings:
        recalled = bool(stretches) and stretches[-1].first_day == each.day and stretches[-1].recalls_aid
        stretch = _stretch(country, land, relations, each, stretches[-1] if stretches else None, recalled)
        if stretches and stretches[-1].first_day == each.day:  # two changes on one day: only the last stretch is lived
            stretches.pop()
        stretches.append(stretch)
    every = [form for stretch in stretches for form in (stretch, *stretch.adapted)]
    sizes = _sizes(country, scenario, relations, [form.table for form in every])
    return Setup(scenario, structure, country, land, relations, tuple(stretches), sizes)


class Settings(NamedTuple):
    """What is in force from a day on."""

    day: int
    scenario: Scenario
    structure: Structure


def _forms(each: Settings) -> list[Structure]:
    """Return the structure as it is, as each of its rules makes it, and as an answer to a movement leaves it."""
    rules = each.structure.adaptation
    changed = [adapted(each.structure, rule) for rule in rules]
    if each.scenario.movement is not None:
        changed.append(answered(each.structure, each.scenario.movement))
    return [governed_on(each.scenario, form, each.day) for form in (each.structure, *changed)]


def _stretch(
    country: Country, land: Land, relations: Relations, each: Settings, before: Stretch | None, recalled: bool
) -> Stretch:
    made: list[Stretch] = []
    for number, form in enumerate(_forms(each)):
        ties = ties_on(each.scenario, peer_ties(country, form.channels.peer), each.day)
        at_home = in_its_culture(each.scenario, form)  # the stretch keeps the scenario's own: means are equal
        table = build_table(country, land, at_home, form, ties, relations, away(each.scenario, each.day))
        stretch = Stretch(each.day, each.scenario, form, ties, table, (), recalls_aid=False)
        same = None if before is None or number > len(before.adapted) else (before, *before.adapted)[number]
        recalls = recalled or (before is not None and (same is None or aid_alters(same, stretch)))
        made.append(replace(stretch, recalls_aid=recalls))
    return replace(made[0], adapted=tuple(made[1:]))


def aid_alters(before: Stretch, after: Stretch) -> bool:
    """Say whether new settings alter who may lend, along which ties, or what is lost on the way."""
    altered = before.structure.powers.workforce != after.structure.powers.workforce or before.ties != after.ties
    second = before.table.second_workforce, after.table.second_workforce  # which commissioners may take the place of
    altered = altered or not np.array_equal(second[0].scope_place, second[1].scope_place)
    return altered or before.scenario.friction != after.scenario.friction


def _settings(scenario: Scenario, structure: Structure) -> list[Settings]:
    """Return the settings of each stretch: changed on a day, or as they are when something is lost or back."""
    settings = [Settings(0, scenario, structure)]
    for change in sorted(scenario.change, key=lambda change: change.day):
        _, changed, governed = settings[-1]
        settings.append(Settings(change.day, *with_change(changed, governed, change)))
    for day in boundaries(scenario):
        settings.append([each for each in settings if each.day <= day][-1]._replace(day=day))
        settings.sort(key=lambda each: each.day)
    return settings


def _sizes(country: Country, scenario: Scenario, relations: Relations, tables: list[Table]) -> dict[str, int]:
    places = len(country.keys)
    weeks = max(longest_delay(table) for table in tables)
    return {
        "world": 1,
        "place": places,
        "community": places,
        "desk": places * len(DESKS),
        "relation": relations.total,
        "service": len(scenario.services),
        "second_service": len(scenario.services)
        if any(len(table.second_approach.holder_key) for table in tables)
        else 0,
        "approach": scenario.approaches.count,
        "slot": (weeks + 6) // 7 + 2,
        "buyer": 2 if any(_has_two_buyers(table) for table in tables) else 1,
        "transit": max(max(table.supply.longest, table.second_supply.longest) for table in tables) + 1,
    }


def _has_two_buyers(table: Table) -> bool:
    """Say whether two buy supplies somewhere, without a lead."""
    return bool(table.par.has_supplies > 0.0) and len(table.second_procurement.holder_key) > 0


def first_state(setup: Setup, crisis: Crisis) -> Any:
    """Return the state of a block of worlds before day 0."""
    state = empty_state(setup.sizes, len(crisis.seed))
    land, scenario = setup.land, in_its_culture(setup.scenario, setup.structure)
    culture = scenario.culture
    state.susceptible[:] = land.population[:, None]
    state.confidence[:] = culture.confidence_base
    state.takeup[:] = takeup_of(culture.confidence_base, culture.takeup_floor)
    state.effort[:] = culture.effort * culture.confidence_base
    of_desk = np.tile(land.desk_service, len(land.key)), np.repeat(np.arange(len(land.key)), len(DESKS))
    state.approach[:] = crisis.practice[of_desk[1], of_desk[0]]
    state.reserve[:] = _surge_staff(land)[..., None]
    state.reserve_next[:] = state.reserve
    variance = scenario.approaches.spread * scenario.approaches.spread
    state.belief_variance[:] = state.team_variance[:] = state.second_belief_variance[:] = variance
    state.language[:] = culture.language_start
    state.trust[:] = culture.trust_start
    state.morale[:] = scenario.morale.start
    _stock_up(setup, state)
    if scenario.commissioning is not None:
        state.mobilised[:] = scenario.commissioning.volunteers_start
    return state


def _stock_up(setup: Setup, state: Any) -> None:
    """Lay in the first supplies, and expect ordinary use; what is on its way goes to whoever buys for a place."""
    supplies, table = setup.scenario.supplies, setup.stretches[0].table.supply
    if supplies is not None:
        state.supplies_use[:] = table.ordinary[..., None]
        state.supplies[:] = (supplies.stock_days * table.ordinary)[..., None]
        state.total_supplied[:] = state.supplies
        for day in range(1, supplies.pipeline_days + 1):
            for k in range(table.ordinary.shape[1]):
                state.on_order[:, 0, day] += table.ordinary[:, k, None]


def _surge_staff(land: Land) -> Any:
    """Surge staff on day 0: by head count, and in a place by ordinary need."""
    all_need = np.zeros(len(land.key))
    for k in range(land.need.shape[1]):
        all_need += land.need[:, k]
    return land.reserve[:, None] * land.need / np.maximum(all_need, 1e-300)[:, None]


def carried_over(snapshot: Snapshot, before: Setup, after: Setup) -> Snapshot:
    """Return a snapshot of one set-up as the start of another that differs in what comes after its day.

    Ties that only the other set-up knows begin with starting trust; weekly reports go to their new slots.

    Raises
    ------
    ValueError
        If the other set-up will read reports that are no longer kept: it hears later than the first did.
    """
    day = snapshot.day
    reads = max(longest_delay(stretch.table) for stretch in after.stretches)
    newest, kept = newest_report(day - 1, 0), before.sizes["slot"]
    if newest - kept + 1 > max(0, newest_report(day, reads)):
        raise ValueError(f"on day {day} reports of {kept} weeks are kept; delays of {reads} days need older ones")
    return replace(snapshot, worlds=tuple(_carried_over(world, day, before, after) for world in snapshot.worlds))


def _carried_over(arrays: dict[str, Any], day: int, before: Setup, after: Setup) -> dict[str, Any]:
    carried, slots, places = dict(arrays), after.sizes["slot"], 2 * len(after.land.key)
    newest = newest_report(day - 1, 0)
    culture = in_its_culture(after.scenario, after.structure).culture
    for name, start in (("trust", culture.trust_start), ("helped", 0.0)):
        carried[name] = np.full(after.relations.total, start)
        carried[name][:places] = arrays[name][:places]
        for pair in before.relations.of.keys() & after.relations.of.keys():
            carried[name][after.relations.of[pair]] = arrays[name][before.relations.of[pair]]
    for column in COLUMNS:
        if "slot" in column.axes:
            old = arrays[column.name]
            carried[column.name] = np.zeros((len(old), slots, *old.shape[2:]))
            for number in range(max(0, newest + 1 - min(slots, old.shape[1])), newest + 1):
                carried[column.name][:, number % slots] = old[:, number % old.shape[1]]
    if before.sizes["second_service"] != after.sizes["second_service"]:  # new holders begin with nothing heard
        carried |= _nothing_heard(after)
    buyers = after.sizes["buyer"]
    carried["depot"] = _passed_on(arrays["depot"], buyers)
    carried["on_order"] = _rescheduled(_passed_on(arrays["on_order"], buyers), day, after.sizes["transit"])
    carried["filled"] = np.ones((len(arrays["filled"]), buyers))
    both = min(buyers, arrays["filled"].shape[1])
    carried["filled"][:, :both] = arrays["filled"][:, :both]
    return carried


def _nothing_heard(setup: Setup) -> dict[str, Any]:
    """Return what second holders of the approach have considered and believe at first."""
    shape = len(setup.land.key), setup.sizes["second_service"]
    ways, spread = (*shape, setup.sizes["approach"]), setup.scenario.approaches.spread
    return {
        "second_considered": np.zeros(shape, np.int64),
        "second_belief_mean": np.zeros(ways),
        "second_belief_variance": np.full(ways, spread * spread),
    }


def _passed_on(items: Any, buyers: int) -> Any:
    """Return what buyers have where there are so many: the only one takes over what a second one had bought."""
    carried = np.zeros((len(items), buyers, *items.shape[2:]))
    for buyer in range(items.shape[1]):
        carried[:, min(buyer, buyers - 1)] += items[:, buyer]
    return carried


def _rescheduled(on_order: Any, day: int, transit: int) -> Any:
    """Return orders on their way in a ring of another length; what would come too late comes as late as it can."""
    carried, days = np.zeros((*on_order.shape[:2], transit)), on_order.shape[2]
    for ahead in range(days):
        carried[:, :, (day + min(ahead, transit - 1)) % transit] += on_order[:, :, (day + ahead) % days]
    return carried


def means_digest(setup: Setup) -> str:
    """Return a digest of what a structure is given to work with: equal means are the same for all."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (setup.land.desk_staff, setup.land.reserve, setup.land.responders, setup.land.need):
        digest.update(np.ascontiguousarray(array).tobytes())
    for stretch in setup.stretches:
        digest.update(stretch.scenario.model_dump_json(exclude={"change"}).encode())
    return digest.hexdigest()
