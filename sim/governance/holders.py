"""Who holds a power, over what, how often, and on how old a word."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.governance.networks import likeness_points
from sim.governance.structure import Power, Structure, Tier, information_days, second_of
from sim.rules.maths import power as power_of
from sim.streams import Purpose
from sim.world.country import Country
from sim.world.land import SERVICE_LEAD, mean_likeness
from sim.world.scenario import SERVICES, Scenario

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]
Area = tuple[Tier, int]  # a tier and an index among its areas

NOBODY = -1
ANSWERABLE = {"holder": 1.0, "shared": 0.5, "nobody": 0.0}  # part of what is answered for that falls on the holder


class Away(NamedTuple):
    """Who cannot decide on some days.

    Parameters
    ----------
    vacant
        Tiers that nobody stands in for.
    deputised
        Tiers whose deputies decide, with less attention.
    failing
        Whether some councils are in financial failure.
    """

    vacant: frozenset[str]
    deputised: frozenset[str]
    failing: bool = False


EVERYBODY_THERE = Away(frozenset(), frozenset())


class PowerTable(NamedTuple):
    """Who decides one power, over what, and on how old a word."""

    cadence: int  # days
    fixed: float  # days from decision to effect
    median: float  # days of the lognormal part
    log_sd: float
    negotiation: float  # days at no trust; 0 unless joint
    joint: int  # 1 where the members decide together
    imposed: int  # 1 where the holder decides alone if they do not agree by the deadline
    reversal: float
    holder_key: NDArray[np.uint64]  # (H,)
    items: Reals  # (H,) items a round that attention allows
    holder_scope_start: Wholes  # (H + 1,)
    scope_key: NDArray[np.uint64]  # (S,)
    scope_start: Wholes  # (S + 1,)
    scope_place: Wholes  # (P,) members, scope by scope
    delay: Wholes  # (P,) days from the owner of the data to the decider
    unit_of_place: Wholes  # (P,)
    unit_start: Wholes  # (U + 1,)
    unit_place: Wholes  # (P,)
    holder_of_place: Wholes  # (P,)
    place_holds: Wholes  # (P,) 1 where the place itself decides, 2 where its teams do, each for itself
    takes_up: Reals  # (S,) chance that a scope's holder takes a matter up: 0 where it is lost, 1 where it has the lead
    scope_of_place: Wholes  # (P,) `NOBODY` where no such holder is
    sure: int  # 1 where every place has one holder, who is there
    second: int  # 1 for the second holder of a power that two have without a lead
    in_the_room: Reals  # (K,) weight of each service: 1, or omega where its lead is not in the room


def starts(lengths: Iterable[int]) -> Wholes:
    """Return where each of some consecutive groups starts, and where the last one ends."""
    out = [0]
    for length in lengths:
        out.append(out[-1] + length)
    return np.array(out, np.int64)


def start_of(groups: list[list[int]]) -> Wholes:
    """Return where each group starts in the list of all members."""
    return starts(len(group) for group in groups)


def members_of(groups: list[list[int]]) -> Wholes:
    """Return all members, group by group."""
    return np.array([member for group in groups for member in group], np.int64)


def people_in(country: Country, places: Iterable[int]) -> float:
    """Return the people who live in some places."""
    people = 0.0
    for place in places:
        people += float(country.population[place])
    return people


def in_the_room(advice: tuple[str, ...], absent: float) -> Reals:
    """Return 1 for services whose sector lead is in the room (or that need none), else ``absent``."""
    leads = [SERVICE_LEAD.get(service) for service in SERVICES]
    return np.array([1.0 if lead is None or lead in advice else absent for lead in leads])


def blame_factor(blame: float, answerable: float) -> float:
    """Return how much dearer a change of course is for whoever answers for it, where people are blamed."""
    return 1.0 + blame * answerable


class Holders:
    """Areas and powers of a structure in a country. Members of a group are in ascending order of their keys."""

    def __init__(
        self, country: Country, scenario: Scenario, structure: Structure, away: Away = EVERYBODY_THERE
    ) -> None:
        self.country, self.scenario, self.structure, self.away = country, scenario, structure, away
        self.places = len(country.keys)
        self.organised = self.where_residents_are_organised()
        self.taken_over = self.where_commissioners_decide()
        self.nations = [country.home_nation_of(place) for place in range(self.places)]
        self.points = likeness_points(country)
        self.mean_people = people_in(country, range(self.places)) / self.places

    def area(self, tier: Any, place: int) -> Area | None:
        """Return the area of a tier that a place belongs to, if there is one."""
        if tier == "community":
            return ("place", place) if self.organised[place] else None
        if tier in ("place", "team"):
            return ("place", place)
        index = int(self.country.areas[str(tier)].of_place[place])
        return None if index == NOBODY else (tier, index)

    def holder(self, power: Power, place: int) -> Area:
        """Return the area whose organisation holds a power for a place."""
        if self.sends_commissioners(power, place):
            return self.area(self.structure.funding.takeover, place) or ("nation", 0)
        return self.usual_holder(power, place)

    def usual_holder(self, power: Power, place: int) -> Area:
        """Return the area that holds a power for a place where no council has been taken over."""
        tier = power.tier_in(self.nations[place])
        return self.area(tier, place) or self.area(power.fallback, place) or ("place", place)

    def sends_commissioners(self, power: Power, place: int) -> bool:
        """Say whether commissioners decide in place of a council: not for its teams or residents."""
        if place not in self.taken_over:
            return False
        theirs = power.tier_in(self.nations[place]) == "team" or self.residents_decide(power, place)
        return self.usual_holder(power, place)[0] == "place" and not theirs

    def where_commissioners_decide(self) -> set[int]:
        """Return the places whose council is in financial failure today, and is taken over."""
        failure = self.scenario.financial_failure
        if failure is None or not self.away.failing or self.structure.funding.takeover == "none":
            return set()
        return set(self.country.share_by_lot(Purpose.FAILURE, failure.share).tolist())

    def where_residents_are_organised(self) -> list[bool]:
        """Return where residents can decide: in a share of places, most voluntary capacity per head first."""
        load = self.scenario.load
        capacity = [load.vcs_slope * float(deprivation) for deprivation in self.country.deprivation]
        order = sorted(range(self.places), key=lambda place: -capacity[place])  # places are in order of their keys
        organised = set(order[: int(load.residents_organised * self.places + 0.5)])
        return [place in organised for place in range(self.places)]

    def residents_decide(self, power: Power, place: int) -> bool:
        """Say whether the residents of a place hold a power themselves."""
        return power.tier_in(self.nations[place]) == "community" and self.organised[place]

    def area_key(self, area: Area) -> int:
        """Return the key of an area."""
        tier, index = area
        keys = self.country.keys if tier == "place" else self.country.areas[tier].keys
        return int(keys[index])

    def groups(self, label: Callable[[int], Hashable], places: Iterable[int] | None = None) -> dict[Any, list[int]]:
        """Return places (all by default) by a label of theirs, in order of their first members."""
        groups: dict[Any, list[int]] = {}
        for place in range(self.places) if places is None else places:
            groups.setdefault(label(place), []).append(place)
        return groups

    def power(self, name: str) -> PowerTable:
        """Return the table of one power, of its first holders where two have it without a lead."""
        power: Power = getattr(self.structure.powers, name)
        return self.table(power, range(self.places), self.shared(power), second=False)

    def second(self, name: str) -> PowerTable:
        """Return the table of a power's second holders; empty where each place has one holder."""
        power: Power = getattr(self.structure.powers, name)
        shared = self.shared(power)
        return self.table(self.as_second(power), sorted(shared), shared, second=True)

    def as_second(self, power: Power) -> Power:
        """Return a power as its second holder has it: over its whole area."""
        return power.model_copy(update={"holder": second_of(power) or "place", "scope": None})

    def shared(self, power: Power) -> set[int]:
        """Return the places in which two organisations hold a power."""
        if second_of(power) is None:
            return set()
        other = self.as_second(power)
        return {place for place in range(self.places) if self.holder(power, place) != self.holder(other, place)}

    def table(self, power: Power, places: Iterable[int], shared: set[int], second: bool) -> PowerTable:
        """Return the table of whoever holds a power in some places, in some of which it is shared."""
        holders = self.groups(lambda place: self.holder(power, place), places)
        holders = dict(sorted(holders.items(), key=lambda item: self.area_key(item[0])))
        scopes = [self.scopes(power, area, members) for area, members in holders.items()]
        flat = [scope for group in scopes for scope in group]
        units = self.units(power, places)
        takes_up = [
            self.takes_up(area, members, shared)
            for area, covered in zip(holders, scopes, strict=True)
            for _, members in covered
        ]
        costs = self.scenario.costs
        return PowerTable(
            cadence=power.cadence_days,
            fixed=power.approval_days,
            median=power.approval_median_days,
            log_sd=power.approval_log_sd,
            negotiation=costs.negotiation_days if power.joint else 0.0,
            joint=int(power.joint),
            imposed=int(power.at_deadline == "imposed"),
            reversal=power.reversal_cost * blame_factor(self.scenario.culture.blame, ANSWERABLE[power.answers]),
            holder_key=np.array([self.area_key(area) for area in holders], np.uint64),
            items=np.array(
                [
                    self.attention(area) * self.prepared(power, members) * self.items(power, members, len(covered))
                    for (area, members), covered in zip(holders.items(), scopes, strict=True)
                ],
                np.float64,
            ),
            holder_scope_start=starts(len(group) for group in scopes),
            scope_key=np.array([key for key, _ in flat], np.uint64),
            scope_start=start_of([members for _, members in flat]),
            scope_place=members_of([members for _, members in flat]),
            delay=np.array(
                [information_days(self.structure, self.decider(power, p)) for p in range(self.places)], np.int64
            ),
            unit_of_place=self.unit_of_place(units),
            unit_start=start_of(units),
            unit_place=members_of(units),
            place_holds=self.place_holds(power, set(places)),
            holder_of_place=self.unit_of_place(list(holders.values())),
            takes_up=np.array(takes_up, np.float64),
            scope_of_place=self.unit_of_place([members for _, members in flat]),
            sure=int(not shared and min(takes_up, default=1.0) == 1.0),
            second=int(second),
            in_the_room=in_the_room(getattr(power, "advice", ()), self.scenario.evidence.omega),
        )

    def scopes(self, power: Power, holder: Area, members: list[int]) -> list[tuple[int, list[int]]]:
        """Return what one decision of a holder covers: its whole area, or smaller areas within it."""
        whole = power.scope is None or power.scope == holder[0]
        if holder[0] == "place" or (whole and self.taken_over.isdisjoint(members)):
            return [(self.area_key(holder), members)]
        groups: dict[Area, list[int]] = {}
        for place in members:
            groups.setdefault(self.covered(power, holder, place), []).append(place)
        keyed = [(self.area_key(area), places) for area, places in groups.items()]
        return sorted(keyed, key=lambda scope: scope[0])

    def covered(self, power: Power, holder: Area, place: int) -> Area:
        """Return the area that one decision covers: commissioners decide for each council by itself."""
        if self.sends_commissioners(power, place):
            return ("place", place)
        return holder if power.scope is None else self.area(power.scope, place) or ("place", place)

    def prepared(self, power: Power, members: list[int]) -> float:
        """Return attention against that which analysts buy: residents have none, and give their own time."""
        return self.scenario.evidence.residents_attention if self.residents_decide(power, members[0]) else 1.0

    def takes_up(self, area: Area, members: list[int], shared: set[int]) -> float:
        """Return the chance that the holder of a scope takes a matter up: it may leave it to the other holder."""
        if self.attention(area) == 0.0:
            return 0.0
        return self.scenario.no_lead.takes_up if not shared.isdisjoint(members) else 1.0

    def attention(self, area: Area) -> float:
        """Return a holder's attention against that of ordinary days: none if it is lost, less if a deputy decides."""
        if area[0] in self.away.vacant:
            return 0.0
        return self.scenario.succession.deputy_attention if area[0] in self.away.deputised else 1.0

    def items(self, power: Power, members: list[int], scopes: int) -> float:
        """Return items a round that a holder's analysts can prepare; an item costs more the more it covers."""
        evidence, staff_per_head = self.scenario.evidence, self.scenario.load.staff_per_1000 / 1000.0
        people = people_in(self.country, members)
        analyst_days = power.analyst_share * staff_per_head * people * power.cadence_days
        typical = evidence.item_cost_days * staff_per_head * self.mean_people / 100.0
        size = people / scopes / self.mean_people
        diligence = 1.0 - evidence.slack * (1.0 - ANSWERABLE[power.answers])
        return diligence * analyst_days / (typical * power_of(size, evidence.item_cost_exponent))

    def units(self, power: Power, places: Iterable[int]) -> list[list[int]]:
        """Return the finest units that a holder sees: places to itself, else by reporting granularity."""
        granularity = self.structure.channels.reporting.granularity

        def label(place: int) -> Any:
            holder = self.holder(power, place)
            if holder[0] == "place" or granularity == "place":
                return place
            return (holder, self.seen_area(granularity, place))

        return list(self.groups(label, places).values())

    def seen_area(self, granularity: str, place: int) -> Any:
        """Return the area whose average stands for a place in reports."""
        tier = {"nation": "nation", "region": "statistical_region", "place": "place"}[granularity]
        return self.area(tier, place) or ("place", place)

    def unit_of_place(self, units: list[list[int]]) -> Wholes:
        """Return the unit of each place."""
        of_place = np.full(self.places, NOBODY, np.int64)
        for unit, members in enumerate(units):
            of_place[members] = unit
        return of_place

    def decider(self, power: Power, place: int) -> Tier:
        """Return the tier from which a place's decider sees: residents, commissioners in the council, or its holder."""
        if self.sends_commissioners(power, place):
            return "place"
        return "community" if self.residents_decide(power, place) else self.holder(power, place)[0]

    def delays(self, power: Power) -> Wholes:
        """Return days from the owner of the data to whoever decides for each place."""
        tiers = [self.holder(power, place)[0] for place in range(self.places)]
        return np.array([information_days(self.structure, tier) for tier in tiers], np.int64)

    def place_holds(self, power: Power, places: set[int]) -> Wholes:
        """Return 1 for those of some places that decide for themselves, 2 where their teams do."""
        here = [2 if power.tier_in(nation) == "team" else 1 for nation in self.nations]
        decides = [p in places and self.holder(power, p)[0] == "place" for p in range(self.places)]
        return np.array([n * itself for n, itself in zip(here, decides, strict=True)], np.int64)

    def unit_difference(self, table: PowerTable) -> Reals:
        """Return the local variance of each unit's average, as a share of a place's."""
        start, settings = table.unit_start, self.scenario.approaches
        units = [table.unit_place[start[u] : start[u + 1]] for u in range(len(start) - 1)]
        own, length = settings.own_share, settings.smooth_length
        return np.array([mean_likeness(self.points, members, own, length) for members in units])
