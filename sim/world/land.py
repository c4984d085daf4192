"""What a country offers for a run: who works where on which service, and the need on an ordinary day.

Nothing here depends on the structure, the seed or a dated change.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.fast.compiled import compiled
from sim.rules.maths import exp
from sim.world.country import Country
from sim.world.scenario import SERVICES, Load, Scenario

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]


class Desk(NamedTuple):
    """A delivering organisation of a place and a service it serves."""

    service: str
    organisation: str
    sector: str
    share: float


# Who serves what in a place, and their share of the service's staff (assumption). Listed by service.
DESKS: tuple[Desk, ...] = (
    Desk("outbreak_control", "council", "council", 0.7),
    Desk("outbreak_control", "community_health", "nhs", 0.3),
    Desk("clinical_care", "hospital", "nhs", 0.7),
    Desk("clinical_care", "community_health", "nhs", 0.3),
    Desk("social_care", "council", "council", 0.7),
    Desk("social_care", "vcs_support", "vcs", 0.3),
    Desk("essentials", "council", "council", 0.5),
    Desk("essentials", "vcs_community", "vcs", 0.5),
    Desk("wellbeing", "community_health", "nhs", 0.4),
    Desk("wellbeing", "vcs_community", "vcs", 0.3),
    Desk("wellbeing", "vcs_support", "vcs", 0.3),
)
DESK_SERVICE = tuple(SERVICES.index(desk.service) for desk in DESKS)
ORGANISATIONS = tuple(dict.fromkeys(desk.organisation for desk in DESKS))  # who serves people in a place
DESK_TEAM = tuple(ORGANISATIONS.index(desk.organisation) for desk in DESKS)
# The sector that leads a service is that of its first desk.
LEAD_SECTOR = tuple(next(d.sector for d in DESKS if d.service == service) for service in SERVICES)
# The expertise that may or may not be in the room; clinical care is never out of it (compare P2).
SERVICE_LEAD = {
    "outbreak_control": "public_health",
    "social_care": "care_homes",
    "essentials": "social_care",
    "wellbeing": "schools",
}
# Category 1 responders, and the service that each kind helps with while a co-ordinating group stands (assumption).
RESPONDERS = {
    "police": "essentials",
    "fire_and_rescue": "essentials",
    "environment_agency": "essentials",
    "ambulance": "outbreak_control",
    "health_protection_team": "outbreak_control",
}
FIFTHS = 5


class Land(NamedTuple):
    """Tables of places; P places, K services, D desks a place."""

    key: NDArray[np.uint64]  # (P,)
    population: Reals  # (P,) people
    thousand: Reals  # (P,) thousands of people
    deprivation: Reals  # (P,) standard deviations
    need: Reals  # (P, K) cases on an ordinary day
    desk_staff: Reals  # (P, D) staff
    staff: Reals  # (P, K) staff
    desk_share: Reals  # (P, D) share of the service's staff
    reserve: Reals  # (P,) surge staff that the place's head count brings
    responders: Reals  # (P, R) staff of each kind of responder
    responder_service: Wholes  # (R,) what each kind helps with
    neighbour_start: Wholes  # (P + 1,)
    neighbour: Wholes  # (links,)
    desk_service: Wholes  # (D,)
    service_desk_start: Wholes  # (K + 1,) desks of a service are consecutive
    desk_is_lead: Reals  # (D,) 1 where the desk is of the service's leading sector
    desk_is_vcs: Reals  # (D,) 1 for voluntary groups
    desk_team: Wholes  # (D,) number of the organisation whose desk it is
    restriction_need: Reals  # (P,) multiplier of need made by restriction: more where deprived


def build_land(country: Country, scenario: Scenario) -> Land:
    """Return the tables of places for a scenario."""
    thousand = country.population / 1000.0
    slope = np.maximum(0.1, 1.0 + scenario.country.deprivation_slope * country.deprivation)
    funded = _funded(thousand, slope, scenario.load.equalisation)
    desk_staff = _desk_staff(country, scenario.load, funded, scenario)
    staff = _by_service(desk_staff)
    return Land(
        key=country.keys,
        population=country.population,
        thousand=thousand,
        deprivation=country.deprivation,
        need=_ordinary_need(scenario, thousand, slope),
        desk_staff=desk_staff,
        staff=staff,
        desk_share=desk_staff / staff[:, DESK_SERVICE],
        reserve=thousand * scenario.load.staff_per_1000 * scenario.load.reserve_share,
        responders=_responders(thousand, scenario.load),
        responder_service=np.array([SERVICES.index(service) for service in RESPONDERS.values()], np.int64),
        neighbour_start=country.neighbour_start,
        neighbour=country.neighbour,
        desk_service=np.array(DESK_SERVICE, np.int64),
        service_desk_start=np.searchsorted(DESK_SERVICE, range(len(SERVICES) + 1)).astype(np.int64),
        desk_is_lead=np.array([float(d.sector == LEAD_SECTOR[k]) for d, k in zip(DESKS, DESK_SERVICE, strict=True)]),
        desk_is_vcs=np.array([float(desk.sector == "vcs") for desk in DESKS]),
        desk_team=np.array(DESK_TEAM, np.int64),
        restriction_need=slope,
    )


def _funded(thousand: Reals, slope: Reals, equalisation: float) -> Reals:
    """Thousands of people that each place is funded for: as many in all as there are, more where need is."""
    weighted = thousand * (1.0 + equalisation * (slope - 1.0))
    people = funded = 0.0
    for p in range(len(thousand)):
        people += float(thousand[p])
        funded += float(weighted[p])
    return weighted * (people / funded)


def _desk_staff(country: Country, load: Load, funded: Reals, scenario: Scenario) -> Reals:
    permanent = funded * load.staff_per_1000 * (1.0 - load.reserve_share)
    vcs = np.maximum(0.2, 1.0 + load.vcs_slope * country.deprivation)
    columns = []
    for desk in DESKS:
        share = scenario.services[desk.service].share * desk.share
        columns.append(permanent * share * (vcs if desk.sector == "vcs" else 1.0))
    return np.column_stack(columns)


def _responders(thousand: Reals, load: Load) -> Reals:
    """Return the staff of each kind of responder, all kinds alike (assumption)."""
    each = thousand * load.staff_per_1000 * load.responder_share / len(RESPONDERS)
    return np.column_stack([each for _ in RESPONDERS])


def _by_service(desk_values: Reals) -> Reals:
    total = np.zeros((len(desk_values), len(SERVICES)))
    for d, k in enumerate(DESK_SERVICE):
        total[:, k] += desk_values[:, d]
    return total


def _ordinary_need(scenario: Scenario, thousand: Reals, slope: Reals) -> Reals:
    """Need a day, so that over the country it is ``load.base`` of what all staff could serve, unlearned."""
    load = scenario.load
    people = weighted = 0.0
    for p in range(len(thousand)):
        people += float(thousand[p])
        weighted += float(thousand[p] * slope[p])
    level = load.base * load.staff_per_1000 * load.cases_per_staff_day * people / weighted
    shares = [scenario.services[name].share for name in SERVICES]
    return np.column_stack([thousand * slope * (level * share) for share in shares])


def fifths(values: Reals, population: Reals) -> Wholes:
    """Return each place's fifth, 1 the one with the highest values, by equal shares of people; shape (P,)."""
    order = np.argsort(-values, kind="stable")
    fifth = np.empty(len(order), np.int64)
    people, total = 0.0, 0.0
    for p in order:
        total += float(population[p])
    for p in order:
        middle = people + 0.5 * float(population[p])
        fifth[p] = min(FIFTHS, 1 + int(FIFTHS * middle / total))
        people += float(population[p])
    return fifth


@compiled
def likeness(points: Reals, i: int, j: int, own_share: float, length: float) -> float:
    """Return the correlation between what works in two places (1 for a place with itself)."""
    if i == j:
        return 1.0
    squared = 0.0
    for axis in range(points.shape[1]):
        gap = points[i, axis] - points[j, axis]
        squared += gap * gap
    return (1.0 - own_share) * exp(-squared / (2.0 * length * length))


@compiled
def likeness_to(points: Reals, i: int, members: Wholes, own_share: float, length: float) -> float:
    """Return the mean likeness of a place to some places."""
    total = 0.0
    for j in members:
        total += likeness(points, i, j, own_share, length)
    return total / len(members)


@compiled
def mean_likeness(points: Reals, members: Wholes, own_share: float, length: float) -> float:
    """Return the mean likeness over all pairs of members: the variance of their average's local part."""
    total = 0.0
    for i in members:
        for j in members:
            total += likeness(points, i, j, own_share, length)
    return total / (len(members) * len(members))
