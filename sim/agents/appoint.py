"""Who there is, and who is tied to whom: from the tables of a set-up to agents that know one another.

Tables are columns of numbers; here, once for each stretch of a run, they become lists of agents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.community import Community
from sim.agents.council import LocalAuthority
from sim.agents.holder import Holder
from sim.agents.links import Desk, Group, Line, Relation, Tie
from sim.agents.organisation import Deliverer
from sim.agents.remit import SECONDS, Remit, Scope, Terms, Unit
from sim.agents.supplier import SUPPLIERS, Market, Supplier
from sim.agents.teams import NHSTeam, SectorLead, VCSGroup
from sim.agents.tiers import (
    CentralGovernment,
    DevolvedGovernment,
    IntegratedCareSystem,
    RegionalBody,
    ResilienceForum,
    Responder,
)
from sim.errors import InputError
from sim.governance.holders import PowerTable
from sim.governance.listening import to_open_base, up
from sim.governance.structure import POWERS
from sim.governance.tables import Table
from sim.state import NOBODY
from sim.world.land import DESKS, RESPONDERS, SERVICE_LEAD
from sim.world.scenario import SERVICES

if TYPE_CHECKING:
    from sim.model import GovernanceModel

TIERS: dict[str, type[Holder]] = {
    "nation": CentralGovernment,
    "devolved": DevolvedGovernment,
    "region": RegionalBody,
    "forum": ResilienceForum,
    "health_system": IntegratedCareSystem,
}
TEAMS: dict[str, type[NHSTeam | VCSGroup]] = {
    "hospital": NHSTeam,
    "community_health": NHSTeam,
    "vcs_community": VCSGroup,
    "vcs_support": VCSGroup,
}
Classes = Mapping[type[Any], type[Any]]


@dataclass(frozen=True, eq=False)
class Cast:
    """Everyone there is, each kind in the order of the state's columns."""

    centre: CentralGovernment
    councils: list[LocalAuthority]
    communities: list[Community]
    desks: list[Desk]
    relations: list[Relation]
    market: Market | None  # that supplies come from, where work uses any
    suppliers: list[Supplier]  # who can be paid to help, where there is money for it
    holders: dict[int, Holder]  # whoever may hold a power, by key of area

    def owners(self, owner: str) -> list[Any]:
        """Return those who own the columns of one kind (`sim.state.Column.owner`)."""
        owners: dict[str, list[Any]] = {
            "place": self.councils,
            "community": self.communities,
            "desk": self.desks,
            "relation": self.relations,
        }
        return owners[owner]


def appoint(model: GovernanceModel, classes: Classes) -> Cast:
    """Appoint everyone: the tiers above, and in each place council, teams, sector leads and community.

    Parameters
    ----------
    model
        The world they belong to.
    classes
        Classes of one's own, each for the one that it extends.
    """
    check_classes(classes)
    above = list(_tiers_above(model, classes))
    councils = [_place(model, place, classes) for place in range(len(model.setup.country))]
    relations = [Relation() for _ in range(model.setup.sizes["relation"])]
    for p, council in enumerate(councils):
        council.neighbours = [councils[q] for q in model.setup.country.neighbours_of(p).tolist()]
        council.upward = relations[up(p)]
        council.in_open_base = relations[to_open_base(p, len(councils))]
    _call_responders(model, above, councils, classes)
    return Cast(
        centre=next(holder for holder in above if isinstance(holder, CentralGovernment)),
        councils=councils,
        communities=[council.community for council in councils],
        desks=sorted_desks(councils),
        relations=relations,
        market=_market(model, classes),
        suppliers=list(_suppliers(model, classes)),
        holders={holder.key: holder for holder in (*above, *councils)},
    )


def check_classes(classes: Classes) -> None:
    """Refuse a class that would stand in for one of which nobody is appointed.

    Raises
    ------
    InputError
        With the classes that can be stood in for.
    """
    known = [*TIERS.values(), LocalAuthority, *TEAMS.values(), SectorLead, Community, Market, *SUPPLIERS.values()]
    for theirs in classes:
        if theirs not in known:
            names = ", ".join(dict.fromkeys(kind.__name__ for kind in known))
            problem = f"nobody is a plain {theirs.__name__}, so nothing can stand in for one."
            raise InputError(problem, f"Extend one of: {names}.", key="agents")


def sorted_desks(councils: list[LocalAuthority]) -> list[Desk]:
    """Return the desks, place by place and service by service."""
    return [desk for council in councils for desk in council.desks_here]


def _tiers_above(model: GovernanceModel, classes: Classes) -> Iterator[Holder]:
    for tier, kind in TIERS.items():
        areas = model.setup.country.areas[tier]
        for name, key in zip(areas.names, areas.keys.tolist(), strict=True):
            yield classes.get(kind, kind)(model, name, key)


def _call_responders(
    model: GovernanceModel, above: list[Holder], councils: list[LocalAuthority], classes: Classes
) -> None:
    """Give each forum its responders, and each council its forum and the responders' staff in its place."""
    if model.setup.scenario.load.responder_share == 0.0:
        return
    land, areas = model.setup.land, model.setup.country.areas["forum"]
    forums = {forum.key: forum for forum in above if isinstance(forum, ResilienceForum)}
    for forum in forums.values():
        for kind, service in RESPONDERS.items():
            name = f"{forum.name}, {kind.replace('_', ' ')}"
            forum.responders.append(classes.get(Responder, Responder)(model, name, SERVICES.index(service)))
    for p, council in enumerate(councils):
        area = int(areas.of_place[p])
        council.forum = None if area == NOBODY else forums[int(areas.keys[area])]
        council.responder_staff = land.responders[p].tolist()


def _market(model: GovernanceModel, classes: Classes) -> Market | None:
    if model.setup.scenario.supplies is None:
        return None
    market: Market = classes.get(Market, Market)(model, "The market for supplies")
    return market


def _suppliers(model: GovernanceModel, classes: Classes) -> Iterator[Supplier]:
    settings = model.setup.scenario.commissioning
    if settings is not None:
        for number, (helper, kind) in enumerate(SUPPLIERS.items()):
            for bidder in range(getattr(settings, helper).bidders):
                yield classes.get(kind, kind)(model, f"{helper} {bidder + 1}", number, bidder)


def _place(model: GovernanceModel, place: int, classes: Classes) -> LocalAuthority:
    """Return the council of a place, with everyone who is there."""
    country, land, crisis = model.setup.country, model.setup.land, model.crisis
    name = country.names[place]
    council: LocalAuthority = classes.get(LocalAuthority, LocalAuthority)(model, name, int(country.keys[place]))
    council.population, council.thousand = float(land.population[place]), float(land.thousand[place])
    council.ordinary_need, council.staff = land.need[place].tolist(), land.staff[place].tolist()
    for staff in council.staff:
        council.all_staff += staff
    council.place = place
    council.capability, council.preference = float(crisis.capability[place, 0]), float(crisis.preference[place, 0])
    council.short_left = [0.0] * len(council.staff)
    _open_desks(council, place, classes)
    council.leads = list(_leads(council, place, classes))
    council.community = classes.get(Community, Community)(
        model,
        f"Residents of {name}",
        council,
        float(crisis.imports[place, 0]),
        crisis.wobble[:, place, 0].tolist(),
    )
    return council


def _open_desks(council: LocalAuthority, place: int, classes: Classes) -> None:
    """Set up the teams of a place, and everyone's desks."""
    land, known = council.model.setup.land, {"council": council}
    organisations: dict[str, Deliverer] = dict(known)
    council.serving = [[] for _ in SERVICES]
    for slot, row in enumerate(DESKS):
        if row.organisation not in organisations:
            kind = TEAMS[row.organisation]
            name = f"{council.name}, {row.organisation.replace('_', ' ')}"
            organisations[row.organisation] = classes.get(kind, kind)(council.model, name, council, row.organisation)
        organisation, service = organisations[row.organisation], SERVICES.index(row.service)
        staff, share = float(land.desk_staff[place, slot]), float(land.desk_share[place, slot])
        desk = Desk(organisation, service, slot, staff, share, leads=bool(land.desk_is_lead[slot] == 1.0))
        organisation.desks.append(desk)
        council.serving[service].append(desk)
    council.organisations = list(organisations.values())
    council.desks_here = [desk for desks in council.serving for desk in desks]


def _leads(council: LocalAuthority, place: int, classes: Classes) -> Iterator[SectorLead | None]:
    """Yield the sector lead of each service, or None where it needs none."""
    beliefs = council.model.crisis.lead_mean[place, :, :, 0].tolist()
    for service, name in enumerate(SERVICES):
        sector = SERVICE_LEAD.get(name)
        if sector is None:
            yield None
        else:
            title = f"{council.name}, lead for {sector.replace('_', ' ')}"
            yield classes.get(SectorLead, SectorLead)(council.model, title, sector, service, beliefs[service])


# ---- a stretch of a run ----


def connect(model: GovernanceModel, cast: Cast, table: Table) -> dict[str, list[Holder]]:
    """Tell everyone what a table says of them; return the holders of each power, in order."""
    _tell_places(model, cast, table)
    _tell_contacts(cast, table)
    _tie_peers(cast, table)
    _open_lines(cast, table)
    for holder in cast.holders.values():
        holder.remits = {}
    _tell_owners(cast, table)
    return {name: _hand_out(cast, table, name) for name in (*POWERS, *SECONDS.values())}


def _tell_owners(cast: Cast, table: Table) -> None:
    """Let councils know who may take up each power for them, a second holder too."""
    scopes = {name: _scopes(cast, getattr(table, name)) for name in (*POWERS, *SECONDS.values())}
    for council in cast.councils:
        council.owned_by = {name: [] for name in POWERS}
    for name in POWERS:
        for scope in (*scopes[name], *scopes.get(SECONDS.get(name, ""), [])):
            for council in scope.members:
                council.owned_by[name].append(scope)


def _tell_places(model: GovernanceModel, cast: Cast, table: Table) -> None:
    harm = model.setup.land.restriction_need.tolist()
    columns = (harm, table.coordination.tolist(), table.analysis.tolist(), table.trial_share.tolist())
    holds = table.approach.place_holds.tolist()
    for council, held, group_from in zip(cast.councils, holds, table.group_from.tolist(), strict=True):
        council.teams_decide = held == 2
        if council.forum is not None:
            council.forum.group_from = group_from
    for council, slope, coordination, analysis, trial_share in zip(cast.councils, *columns, strict=True):
        council.coordination, council.analysis, council.trial_share = coordination, analysis, trial_share
        council.restriction_need = [
            per_thousand * council.thousand * slope for per_thousand in table.need_per_restricted.tolist()
        ]
        for lead in council.leads:
            if lead is not None:
                lead.in_the_room = bool(table.leads_told[lead.service] > 0.0)
    for council, enforcement in zip(cast.councils, table.enforcement.tolist(), strict=True):
        council.enforcement = enforcement
    columns_of = zip(cast.communities, table.fatality.tolist(), table.minds_rules.tolist(), strict=True)
    for community, fatality, minds_rules in columns_of:
        community.fatality, community.minds_rules = fatality, minds_rules


def _tell_contacts(cast: Cast, table: Table) -> None:
    """Tell communities with whom they mix, and how much for each person there."""
    start, place, weight = table.mix_start.tolist(), table.mix_place.tolist(), table.mix_weight.tolist()
    for p, community in enumerate(cast.communities):
        community.mixing = []
        for link in range(start[p], start[p + 1]):
            other = cast.communities[place[link]]
            community.mixing.append((other, weight[link] / other.council.population))


def _tie_peers(cast: Cast, table: Table) -> None:
    start, place = table.tie_start.tolist(), table.tie_place.tolist()
    relation, back = table.tie_relation.tolist(), table.tie_back.tolist()
    for p, council in enumerate(cast.councils):
        links = range(start[p], start[p + 1])
        council.ties = [
            Tie(cast.councils[place[i]], cast.relations[relation[i]], cast.relations[back[i]]) for i in links
        ]


def _open_lines(cast: Cast, table: Table) -> None:
    """Let councils know whom they hear."""
    cast.centre.told_of = [Group(group) for group in _parts(cast, table.source_start, table.source_place)]
    senders = [*cast.councils, *cast.centre.told_of]
    columns = (table.listen_from, table.listen_delay, table.listen_clarity, table.listen_trust1, table.listen_trust2)
    rows = list(zip(*(column.tolist() for column in columns), table.listen_likeness.tolist(), strict=True))
    start = table.listen_start.tolist()
    for p, council in enumerate(cast.councils):
        council.lines = [
            Line(senders[sender], delay, clarity, _relations(cast, first, second), likeness)
            for sender, delay, clarity, first, second, likeness in rows[start[p] : start[p + 1]]
        ]


def _relations(cast: Cast, first: int, second: int) -> tuple[Relation, ...]:
    return tuple(cast.relations[number] for number in (first, second) if number != NOBODY)


def _hand_out(cast: Cast, table: Table, name: str) -> list[Holder]:
    """Hand one power to its holders."""
    power: PowerTable = getattr(table, name)
    terms = Terms(
        cadence_days=power.cadence,
        approval_days=power.fixed,
        approval_median_days=power.median,
        approval_log_sd=power.log_sd,
        negotiation_days=power.negotiation,
        joint=power.joint == 1,
        imposed=power.imposed == 1,
        reversal_cost=power.reversal,
        in_the_room=power.in_the_room.tolist(),
    )
    scopes, units = _scopes(cast, power), _units(cast, table, name)
    start, items = power.holder_scope_start.tolist(), power.items.tolist()
    holders = []
    for h, key in enumerate(power.holder_key.tolist()):
        mine = scopes[start[h] : start[h + 1]]
        delay = int(power.delay[cast.councils.index(mine[0].members[0])])
        holder = cast.holders[key]
        holder.remits[name] = Remit(terms, items[h], delay, mine, units[h])
        holders.append(holder)
    return holders


def _scopes(cast: Cast, power: PowerTable) -> list[Scope]:
    """Return what single decisions cover, holder by holder."""
    scopes = []
    groups = _parts(cast, power.scope_start, power.scope_place)
    for number, (key, members, chance) in enumerate(zip(power.scope_key, groups, power.takes_up, strict=True)):
        people = 0.0
        for council in members:
            people += council.thousand
        scopes.append(Scope(np.uint64(key), members, people, number, float(chance), power.second))
    return scopes


def _units(cast: Cast, table: Table, name: str) -> list[list[Unit]]:
    """Return for each holder the finest that it can see."""
    power: PowerTable = getattr(table, name)
    known = {"approach": table.unit_difference, "second_approach": table.second_difference}
    differences = known[name].tolist() if name in known else [0.0] * (len(power.unit_start) - 1)
    units: list[list[Unit]] = [[] for _ in power.holder_key]
    firsts = power.unit_place[power.unit_start[:-1]].tolist()
    members = _parts(cast, power.unit_start, power.unit_place)
    for first, group, difference in zip(firsts, members, differences, strict=True):
        units[int(power.holder_of_place[first])].append(Unit(group, difference))
    return units


def _parts(cast: Cast, start: NDArray[np.int64], place: NDArray[np.int64]) -> list[list[LocalAuthority]]:
    """Return the councils of each group of places."""
    ends, places = start.tolist(), place.tolist()
    return [[cast.councils[p] for p in places[first:last]] for first, last in pairwise(ends)]
