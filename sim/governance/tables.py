"""A structure and a scenario, worked out for a country: plain tables that both engines read.

Everything that a run can reach is in a table built at set-up: one table for the base, one for each dated
change. Shapes: P places, K services, H holders of a power, S scopes (what one decision covers), U units (the
finest that those above can see), T relations.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.governance.networks import Ties, likeness_points, peer_ties
from sim.governance.structure import Power, Structure
from sim.rules.maths import exp
from sim.rules.maths import power as power_of
from sim.streams import Purpose, uniform
from sim.world.country import Country
from sim.world.land import SERVICE_LEAD, Land, likeness, mean_likeness
from sim.world.scenario import SERVICES, Epidemic, Pressure, Scenario

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]

SECTIONS = ("approaches", "load", "friction", "evidence", "culture", "costs", "restriction", "epidemic")
NOBODY = -1
MOST_HEARD = 24
POWERS = ("approach", "reserve", "workforce", "restriction")


def _parameter_names() -> tuple[str, ...]:
    names = []
    for section in SECTIONS:
        model = Epidemic if section == "epidemic" else type(getattr(_BLANK, section))
        names += [f"{section}_{field}" for field in model.model_fields if _is_number(model, field)]
    return (*names, "has_epidemic", "crisis_day", "spread_variance_common", "spread_variance_local", "drift")


def _is_number(model: Any, field: str) -> bool:
    return "unit" in (model.model_fields[field].json_schema_extra or {})


_BLANK = Scenario(name="blank", title="")
Parameters: Any = namedtuple("Parameters", _parameter_names())  # noqa: PYI024 - names come from the schema


class PowerTable(NamedTuple):
    """Who decides one power, over what, and on how old a word."""

    cadence: int  # days
    fixed: float  # days from decision to effect
    median: float  # days of the lognormal part
    log_sd: float
    negotiation: float  # days at no trust; 0 unless joint
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
    in_the_room: Reals  # (K,) weight of each service: 1, or omega where its lead is not in the room


class Table(NamedTuple):
    """All tables of one stretch of a run."""

    par: Any
    harm_weight: Reals  # (K,)
    lapse_rate: Reals
    visibility: Reals
    need_per_infection: Reals
    need_per_restricted: Reals
    coproduction: Reals
    mix_start: Wholes  # (P + 1,) contacts: rows sum to 1 less the national share
    mix_place: Wholes
    mix_weight: Reals
    fatality: Reals  # (P,)
    approach: PowerTable
    reserve: PowerTable
    workforce: PowerTable
    restriction: PowerTable
    reserve_by_need: int
    pooled: int
    between: int  # 0 none, 1 mutual aid, 2 directed
    hears_up: Wholes  # (P,) 1 where the approach is held above the place
    unit_difference: Reals  # (U,) local variance of a unit's average, as a share
    reporting_delay: int
    reporting_clarity: float
    leads_told: Reals  # (K,) 1 where the sector lead's word is part of what is told
    guidance_delay: int  # days from a place up to the centre and down again
    source_start: Wholes  # (G + 1,) groups of places whose average is heard through guidance
    source_place: Wholes
    listen_start: Wholes  # (P + 1,)
    listen_from: Wholes  # a place, or P + group
    listen_delay: Wholes
    listen_clarity: Reals
    listen_trust1: Wholes  # relation whose trust scales clarity
    listen_trust2: Wholes  # a second one, or nobody
    listen_likeness: Reals
    tie_start: Wholes  # (P + 1,) direct ties of a place
    tie_place: Wholes
    tie_relation: Wholes
    trusts_up: int  # 1 where something is reported to a holder above
    in_the_dark: int  # 1 where data stay above and nothing is told
    open_base: int
    partnership: float
    coordination: Reals  # (P,) share of working time
    analysis: Reals  # (P,)
    trial_share: Reals  # (P,) share of cases on trial; 0 where nobody is licensed


class Relations(NamedTuple):
    """All ties that may be open in a run: each place's trust upward, in the open base, and in its peers."""

    peers: tuple[tuple[int, int], ...]  # (who trusts, in whom)
    index: dict[tuple[int, int], int]
    count: int


def relations_of(places: int, networks: list[Ties]) -> Relations:
    """Return the relations of a run whose stretches have these peer networks."""
    pairs = sorted({pair for ties in networks for i, j in ties for pair in ((i, j), (j, i))})
    first = 2 * places
    index = {pair: first + n for n, pair in enumerate(pairs)}
    return Relations(tuple(pairs), index, first + len(pairs))


def up(place: int) -> int:
    """Return the relation of a place with those above it."""
    return place


def to_open_base(place: int, places: int) -> int:
    """Return the relation of a place with the open base."""
    return places + place


def build_table(
    country: Country, land: Land, scenario: Scenario, structure: Structure, ties: Ties, relations: Relations
) -> Table:
    """Work out a scenario and a structure for a country."""
    builder = _Builder(country, land, scenario, structure, ties, relations)
    services = scenario.services.values()
    mix_start, mix_place, mix_weight = builder.contacts()
    tie_start, tie_place, tie_relation = builder.direct_ties()
    approach = builder.power("approach")
    source_start, source_place, listening = builder.listening()
    workforce = structure.powers.workforce
    return Table(
        par=_parameters(scenario),
        harm_weight=np.array([s.harm_weight for s in services]),
        lapse_rate=np.array([s.lapse_rate for s in services]),
        visibility=np.array([s.visibility for s in services]),
        need_per_infection=np.array([s.need_per_infection for s in services]),
        need_per_restricted=np.array([s.need_per_restricted for s in services]),
        coproduction=np.array([s.coproduction for s in services]),
        mix_start=mix_start,
        mix_place=mix_place,
        mix_weight=mix_weight,
        fatality=builder.fatality(),
        approach=approach,
        reserve=builder.power("reserve"),
        workforce=builder.power("workforce"),
        restriction=builder.power("restriction"),
        reserve_by_need=int(structure.powers.reserve.rule == "seen_need"),
        pooled=int(workforce.services == "pooled"),
        between=("none", "mutual_aid", "directed").index(workforce.places),
        hears_up=builder.hears_up(),
        unit_difference=builder.unit_difference(approach),
        reporting_delay=structure.channels.reporting.delay_days,
        reporting_clarity=structure.channels.reporting.clarity,
        leads_told=builder.in_the_room(structure.powers.approach.advice, 0.0),
        guidance_delay=structure.channels.reporting.delay_days + structure.channels.guidance.delay_days,
        source_start=source_start,
        source_place=source_place,
        **listening,
        tie_start=tie_start,
        tie_place=tie_place,
        tie_relation=tie_relation,
        trusts_up=int(builder.reports_upward()),
        in_the_dark=int(builder.in_the_dark()),
        open_base=int(structure.channels.open.coverage > 0.0),
        partnership=structure.channels.partnership.clarity,
        coordination=builder.coordination(),
        analysis=builder.analysis(),
        trial_share=builder.trial_share(),
    )


def longest_delay(table: Table) -> int:
    """Return the longest delay, in days, with which anything is read in this table."""
    lag = int(table.par.epidemic_report_delay_days)
    delays = [table.reporting_delay, table.guidance_delay, *table.listen_delay.tolist()]
    for name in POWERS:
        delays += (getattr(table, name).delay + lag).tolist()
    return max(delays)


def _parameters(scenario: Scenario) -> Any:
    values: dict[str, float] = {}
    for section in SECTIONS:
        settings = getattr(scenario, section)
        settings = Epidemic() if settings is None else settings
        for field, value in settings:
            if f"{section}_{field}" in Parameters._fields:
                values[f"{section}_{field}"] = 0.0 if value is None else float(value)
    return Parameters(**values, **_derived(scenario))


def _derived(scenario: Scenario) -> dict[str, float]:
    spread, local = scenario.approaches.spread, scenario.evidence.believed_heterogeneity
    variance = spread * spread
    return {
        "has_epidemic": float(scenario.epidemic is not None),
        "crisis_day": float(_first_day(scenario)),
        "spread_variance_common": variance * (1.0 - local),
        "spread_variance_local": variance * local,
        "drift": variance * scenario.approaches.shift_share / scenario.evidence.believed_shift_days,
    }


def _first_day(scenario: Scenario) -> int:
    crises: list[Epidemic | Pressure] = [c for c in (scenario.epidemic, scenario.pressure) if c is not None]
    return min((crisis.first_day for crisis in crises), default=scenario.days)


def _start(groups: list[list[int]]) -> Wholes:
    lengths = [len(group) for group in groups]
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)


def _flat(groups: list[list[int]]) -> Wholes:
    return np.array([member for group in groups for member in group], np.int64)


class _Builder:
    """The parts of a table. Members of a group are always in ascending order of their keys."""

    def __init__(
        self, country: Country, land: Land, scenario: Scenario, structure: Structure, ties: Ties, relations: Relations
    ) -> None:
        self.country, self.land, self.scenario, self.structure = country, land, scenario, structure
        self.ties, self.relations = ties, relations
        self.places = len(country.keys)
        self.points = likeness_points(country)
        self.mean_people = float(np.add.reduce(country.population)) / self.places

    # ---- areas and powers ----

    def area(self, tier: str | None, place: int) -> tuple[str, int] | None:
        """Return the area of a tier that a place belongs to, if there is one."""
        if tier == "place":
            return ("place", place)
        index = int(self.country.areas[str(tier)].of_place[place])
        return None if index == NOBODY else (str(tier), index)

    def holder(self, power: Power, place: int) -> tuple[str, int]:
        """Return the area whose organisation holds a power for a place."""
        return self.area(power.holder, place) or self.area(power.fallback, place) or ("place", place)

    def area_key(self, area: tuple[str, int]) -> np.uint64:
        """Return the key of an area."""
        tier, index = area
        return self.country.keys[index] if tier == "place" else self.country.areas[tier].keys[index]

    def groups(self, label: Any) -> dict[Any, list[int]]:
        """Return places by a label of theirs, in order of the area keys that lead the label."""
        groups: dict[Any, list[int]] = {}
        for place in range(self.places):
            groups.setdefault(label(place), []).append(place)
        return groups

    def power(self, name: str) -> PowerTable:
        """Return the table of one power."""
        power: Power = getattr(self.structure.powers, name)
        holders = self.groups(lambda place: self.holder(power, place))
        holders = dict(sorted(holders.items(), key=lambda item: int(self.area_key(item[0]))))
        scopes = [self.scopes(power, area, members) for area, members in holders.items()]
        flat = [scope for group in scopes for scope in group]
        units = self.units(power)
        costs = self.scenario.costs
        return PowerTable(
            cadence=power.cadence_days,
            fixed=power.approval_days,
            median=power.approval_median_days,
            log_sd=power.approval_log_sd,
            negotiation=costs.negotiation_days if power.joint else 0.0,
            reversal=power.reversal_cost,
            holder_key=np.array([self.area_key(area) for area in holders], np.uint64),
            items=np.array([self.items(power, m, len(g)) for m, g in zip(holders.values(), scopes, strict=True)]),
            holder_scope_start=np.concatenate(([0], np.cumsum([len(group) for group in scopes]))).astype(np.int64),
            scope_key=np.array([key for key, _ in flat], np.uint64),
            scope_start=_start([members for _, members in flat]),
            scope_place=_flat([members for _, members in flat]),
            delay=np.array([self.data_delay(power, place) for place in range(self.places)], np.int64),
            unit_of_place=self.unit_of_place(units),
            unit_start=_start(units),
            unit_place=_flat(units),
            holder_of_place=self.unit_of_place(list(holders.values())),
            in_the_room=self.in_the_room(getattr(power, "advice", ()), self.scenario.evidence.omega),
        )

    def scopes(self, power: Power, holder: tuple[str, int], members: list[int]) -> list[tuple[np.uint64, list[int]]]:
        """Return what one decision of a holder covers: its whole area, or smaller areas within it."""
        if power.scope is None or power.scope == holder[0] or holder[0] == "place":
            return [(self.area_key(holder), members)]
        groups: dict[tuple[str, int], list[int]] = {}
        for place in members:
            groups.setdefault(self.area(power.scope, place) or ("place", place), []).append(place)
        keyed = [(self.area_key(area), places) for area, places in groups.items()]
        return sorted(keyed, key=lambda scope: int(scope[0]))

    def items(self, power: Power, members: list[int], scopes: int) -> float:
        """Return items a round that a holder's analysts can prepare; an item costs more the more it covers."""
        evidence, staff_per_head = self.scenario.evidence, self.scenario.load.staff_per_1000 / 1000.0
        people = 0.0
        for place in members:
            people += float(self.country.population[place])
        analyst_days = power.analyst_share * staff_per_head * people * power.cadence_days
        typical = evidence.item_cost_days * staff_per_head * self.mean_people / 100.0
        size = people / scopes / self.mean_people
        return analyst_days / (typical * power_of(size, evidence.item_cost_exponent))

    def units(self, power: Power) -> list[list[int]]:
        """Return the finest units that a holder sees: places to itself, else by reporting granularity."""
        granularity = self.structure.channels.reporting.granularity

        def label(place: int) -> Any:
            holder = self.holder(power, place)
            if holder[0] == "place" or granularity == "place":
                return place
            return (holder, self.seen_area(granularity, place))

        return list(self.groups(label).values())

    def seen_area(self, granularity: str, place: int) -> Any:
        """Return the area whose average stands for a place in reports."""
        tier = {"nation": "nation", "region": "statistical_region", "place": "place"}[granularity]
        return self.area(tier, place) or ("place", place)

    def unit_of_place(self, units: list[list[int]]) -> Wholes:
        """Return the unit of each place."""
        of_place = np.empty(self.places, np.int64)
        for unit, members in enumerate(units):
            of_place[members] = unit
        return of_place

    def data_delay(self, power: Power, place: int) -> int:
        """Return days from the owner of the data to the decider."""
        channels, holder_is_place = self.structure.channels, self.holder(power, place)[0] == "place"
        owner = self.structure.evidence.data_holder
        if owner == "open":
            return 0 if holder_is_place else 1
        if owner == "place":
            return 0 if holder_is_place else channels.reporting.delay_days
        return channels.guidance.delay_days if holder_is_place else channels.reporting.delay_days

    def hears_up(self) -> Wholes:
        """Return 1 for the places whose approach is decided above them."""
        power = self.structure.powers.approach
        return np.array([int(self.holder(power, p)[0] != "place") for p in range(self.places)], np.int64)

    def in_the_room(self, advice: tuple[str, ...], absent: float) -> Reals:
        """Return 1 for services whose lead is in the room (or that need none), else ``absent``."""
        leads = [SERVICE_LEAD.get(service) for service in SERVICES]
        return np.array([1.0 if lead is None or lead in advice else absent for lead in leads])

    def unit_difference(self, table: PowerTable) -> Reals:
        """Return the local variance of each unit's average, as a share of a place's."""
        approaches, start = self.scenario.approaches, table.unit_start
        return np.array(
            [
                mean_likeness(
                    self.points, table.unit_place[start[u] : start[u + 1]], approaches.own_share, approaches.smooth_length
                )
                for u in range(len(start) - 1)
            ]
        )

    # ---- contacts and fatality ----

    def contacts(self) -> tuple[Wholes, Wholes, Reals]:
        """Return, place by place, with whom residents mix (the place itself first) and how much."""
        epidemic = self.scenario.epidemic or Epidemic()
        start, places, weights = [0], [], []
        for p in range(self.places):
            neighbours = self.land.neighbour[self.land.neighbour_start[p] : self.land.neighbour_start[p + 1]]
            people = 0.0
            for q in neighbours:
                people += float(self.country.population[q])
            abroad = epidemic.neighbour_mixing if len(neighbours) else 0.0
            places += [p, *neighbours.tolist()]
            weights.append(1.0 - abroad - epidemic.national_mixing)
            weights += [abroad * float(self.country.population[q]) / people for q in neighbours]
            start.append(len(places))
        return np.array(start, np.int64), np.array(places, np.int64), np.array(weights)

    def fatality(self) -> Reals:
        """Return deaths for each infection in each place, when care is given."""
        epidemic = self.scenario.epidemic or Epidemic()
        age, poor = epidemic.fatality_age_slope, epidemic.fatality_deprivation_slope
        return np.array(
            [
                min(1.0, epidemic.fatality * exp(age * float(o) + poor * float(d)))
                for o, d in zip(self.country.over_65, self.country.deprivation, strict=True)
            ]
        )

    # ---- who hears whom ----

    def direct_ties(self) -> tuple[Wholes, Wholes, Wholes]:
        """Return, place by place, its peers in order and the relation by which it trusts each."""
        peers: list[list[int]] = [[] for _ in range(self.places)]
        for i, j in sorted(self.ties):
            peers[i].append(j)
            peers[j].append(i)
        peers = [sorted(row) for row in peers]
        relation = [[self.relations.index[p, q] for q in row] for p, row in enumerate(peers)]
        return _start(peers), _flat(peers), _flat(relation)

    def listening(self) -> tuple[Wholes, Wholes, dict[str, Any]]:
        """Return whom each place hears: the best path to each sender, and of the senders the likest 24."""
        groups = self.guidance_groups()
        rows = [self.heard_by(place, groups) for place in range(self.places)]
        flat = [entry for row in rows for entry in row]
        columns = list(zip(*flat, strict=True)) if flat else [[] for _ in range(6)]
        kinds = (np.int64, np.int64, np.float64, np.int64, np.int64, np.float64)
        names = ("from", "delay", "clarity", "trust1", "trust2", "likeness")
        arrays = {
            f"listen_{name}": np.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)
        }
        lengths = [len(row) for row in rows]
        arrays["listen_start"] = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        return _start(groups), _flat(groups), arrays

    def guidance_groups(self) -> list[list[int]]:
        """Return the groups whose averages guidance tells, where it does not tell places one by one."""
        channels = self.structure.channels
        if channels.guidance.clarity == 0.0 or channels.reporting.granularity == "place":
            return []
        granularity = channels.reporting.granularity
        return list(self.groups(lambda place: self.seen_area(granularity, place)).values())

    def heard_by(self, place: int, groups: list[list[int]]) -> list[tuple[Any, ...]]:
        """Return the entries of one listener: sender, delay, clarity, two relations, likeness."""
        paths = self.peer_paths(place)
        for sender, path in self.open_paths(place) + self.guidance_paths(place):
            if sender not in paths or self.quality(path) > self.quality(paths[sender]):
                paths[sender] = path
        ranked = sorted(((-self.like(place, sender), sender) for sender in paths))[:MOST_HEARD]
        entries = [(sender, *paths[sender], -minus) for minus, sender in ranked]
        return sorted(entries) + self.group_entries(place, groups, set(paths))

    def like(self, i: int, j: int) -> float:
        """Return the likeness of two places."""
        approaches = self.scenario.approaches
        return float(likeness(self.points, i, j, approaches.own_share, approaches.smooth_length))

    def quality(self, path: tuple[int, float, int, int]) -> tuple[float, int]:
        """Return what makes a path better: clarity at starting trust, then speed."""
        delay, clarity, _, second = path
        trust = self.scenario.culture.trust_start
        return clarity * trust * (1.0 if second == NOBODY else trust), -delay

    def peer_paths(self, place: int) -> dict[int, tuple[int, float, int, int]]:
        """Return paths over one tie and, where messages are relayed, over two."""
        peer, index = self.structure.channels.peer, self.relations.index
        paths = {q: (peer.delay_days, peer.clarity, index[place, q], NOBODY) for q in self.peers_of(place)}
        if peer.relay_hops == 2:
            clarity = peer.clarity * peer.clarity
            for q in self.peers_of(place):
                for far in self.peers_of(q):
                    if far != place and far not in paths:
                        paths[far] = (2 * peer.delay_days, clarity, index[place, q], index[q, far])
        return paths

    def peers_of(self, place: int) -> list[int]:
        """Return the direct peers of a place, in order."""
        if not hasattr(self, "_peers"):
            self._peers: list[list[int]] = [[] for _ in range(self.places)]
            for i, j in sorted(self.ties):
                self._peers[i].append(j)
                self._peers[j].append(i)
        return self._peers[place]

    def open_paths(self, place: int) -> list[tuple[int, tuple[int, float, int, int]]]:
        """Return paths through the open base to the likest of those who contribute."""
        base = self.structure.channels.open
        path = (base.delay_days, base.clarity, to_open_base(place, self.places), NOBODY)
        return [(sender, path) for sender in self.likest(place, self.contributors())]

    def guidance_paths(self, place: int) -> list[tuple[int, tuple[int, float, int, int]]]:
        """Return paths down from the centre, where it knows and tells places one by one."""
        guidance, reporting = self.structure.channels.guidance, self.structure.channels.reporting
        if guidance.clarity == 0.0 or reporting.granularity != "place":
            return []
        delay, clarity = reporting.delay_days + guidance.delay_days, reporting.clarity * guidance.clarity
        everyone = np.arange(self.places, dtype=np.int64)
        return [(q, (delay, clarity, up(place), up(q))) for q in self.likest(place, everyone)]

    def group_entries(self, place: int, groups: list[list[int]], heard: set[int]) -> list[tuple[Any, ...]]:
        """Return averages told from above, of groups in which nobody is heard already."""
        guidance, reporting = self.structure.channels.guidance, self.structure.channels.reporting
        delay, clarity = reporting.delay_days + guidance.delay_days, reporting.clarity * guidance.clarity
        entries: list[tuple[Any, ...]] = []
        for g, members in enumerate(groups):
            if place not in members and not heard.intersection(members):
                entries.append((self.places + g, delay, clarity, up(place), NOBODY, self.like_group(place, members)))
        return entries

    def like_group(self, place: int, members: list[int]) -> float:
        """Return the mean likeness of a place to the members of a group."""
        total = 0.0
        for q in members:
            total += self.like(place, q)
        return total / len(members)

    def contributors(self) -> Wholes:
        """Return the places that contribute to the open base."""
        coverage = self.structure.channels.open.coverage
        keys = self.country.keys
        drawn = [uniform(np.uint64(0), key, 0, 0, int(Purpose.OPEN_BASE), 0) for key in keys]
        return np.array([p for p, u in enumerate(drawn) if u < coverage], np.int64)

    def likest(self, place: int, candidates: Wholes) -> list[int]:
        """Return the likest of some places, no more than a listener can hear."""
        if not len(candidates):
            return []
        count = min(MOST_HEARD + 1, len(candidates))
        _, found = self.tree(candidates).query(self.points[place], k=count)
        return [int(candidates[f]) for f in np.atleast_1d(found) if candidates[f] != place][:MOST_HEARD]

    def tree(self, candidates: Wholes) -> Any:
        """Return a search tree over some places, made once for each set of them."""
        trees: dict[int, Any] = self.__dict__.setdefault("_trees", {})
        if len(candidates) not in trees:
            trees[len(candidates)] = cKDTree(self.points[candidates])
        return trees[len(candidates)]

    # ---- what it costs, who may try ----

    def reports_upward(self) -> bool:
        """Say whether anybody above the places decides, holds the data or guides."""
        holders = [getattr(self.structure.powers, name).holder for name in POWERS]
        above = any(holder != "place" for holder in holders)
        guided = self.structure.channels.guidance.clarity > 0.0
        return above or guided or self.structure.evidence.data_holder == "nation"

    def in_the_dark(self) -> bool:
        """Say whether data are held above and nothing is told to the places."""
        return self.structure.evidence.data_holder == "nation" and self.structure.channels.guidance.clarity == 0.0

    def coordination(self) -> Reals:
        """Return the share of working time that links, seats and reports take in each place."""
        costs, channels, powers = self.scenario.costs, self.structure.channels, self.structure.powers
        seats = len(powers.approach.advice) + len(powers.reserve.advice)
        joint = [getattr(powers, name).joint for name in POWERS].count(True)
        common = costs.seat * seats + costs.joint * joint + costs.partnership * channels.partnership.clarity
        common += costs.report if self.reports_upward() else 0.0
        common += costs.open_base if channels.open.coverage > 0.0 else 0.0
        return np.array([min(0.9, common + costs.tie * len(self.peers_of(p))) for p in range(self.places)])

    def analysis(self) -> Reals:
        """Return the share of working time that preparing decisions takes."""
        share = 0.0
        for name in POWERS:
            share += getattr(self.structure.powers, name).analyst_share
        return np.full(self.places, share)

    def trial_share(self) -> Reals:
        """Return the share of cases on trial in each place."""
        trial = self.structure.trial
        if trial.licence == "none":
            return np.zeros(self.places)
        if trial.licence == "anyone":
            return np.full(self.places, trial.share)
        order = [uniform(np.uint64(0), key, 0, 0, int(Purpose.PILOT), 0) for key in self.country.keys]
        pilots = np.argsort(order, kind="stable")[: int(trial.pilots * self.places + 0.5)]
        shares = np.zeros(self.places)
        shares[pilots] = trial.share
        return shares
