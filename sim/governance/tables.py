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

from sim.governance.commissioning import HelpTable, help_table
from sim.governance.footprints import further_footprints
from sim.governance.holders import (
    ANSWERABLE,
    EVERYBODY_THERE,
    Away,
    Holders,
    PowerTable,
    blame_factor,
    in_the_room,
    people_in,
    starts,
)
from sim.governance.listening import Listening, Relations
from sim.governance.networks import Ties
from sim.governance.programmes import ProgrammeTable, programme_table
from sim.governance.structure import ALWAYS_THERE, Structure, in_nation, reports_upward, second_of
from sim.governance.supply import SupplyTable, supply_table
from sim.governance.trials import TrialTable, trial_table
from sim.rules.maths import exp, normal_quantile
from sim.rules.relations import takeup_of
from sim.streams import Purpose
from sim.world.commissioning import Commissioning
from sim.world.composition import cascade_of, feeding_of
from sim.world.country import Country
from sim.world.crises import Epidemic
from sim.world.land import Land
from sim.world.programmes import JointSessions, Leadership, PooledBudget, SharedTrial, Targets
from sim.world.scenario import Scenario, all_crises
from sim.world.supplies import Supplies

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]

SECTIONS = (
    "approaches",
    "load",
    "friction",
    "evidence",
    "take_up",
    "talks",
    "culture",
    "costs",
    "restriction",
    "prevention",
    "hidden",
    "morale",
    "supplies",
    "commissioning",
    "leadership",
    "joint_sessions",
    "pooled_budget",
    "targets",
    "shared_trial",
    "epidemic",
)
ABSENT: dict[str, Any] = {
    "epidemic": Epidemic,
    "supplies": Supplies,
    "commissioning": Commissioning,
    "leadership": Leadership,
    "joint_sessions": JointSessions,
    "pooled_budget": PooledBudget,
    "targets": Targets,
    "shared_trial": SharedTrial,
}  # sections that a scenario may lack
NEVER = 1 << 40  # a day that no run reaches
MOST_COORDINATION = 0.9  # of working time, with analysis: something is always left to serve with


def _parameter_names() -> tuple[str, ...]:
    names = []
    for section in SECTIONS:
        model = ABSENT[section] if section in ABSENT else type(getattr(_BLANK, section))
        names += [f"{section}_{field}" for field in model.model_fields if _is_number(model, field)]
    return (
        *names,
        "ordinary_takeup",
        "ordinary_effort",
        "has_epidemic",
        "has_feeding",
        "has_hidden",
        "has_pooled_budget",
        "has_targets",
        "has_shared_trial",
        "has_rows",
        "has_supplies",
        "has_commissioning",
        "supplies_quantile",
        "crisis_day",
        "spread_variance_common",
        "spread_variance_local",
        "drift",
    )


def _is_number(model: Any, field: str) -> bool:
    return "unit" in (model.model_fields[field].json_schema_extra or {})


_BLANK = Scenario(name="blank", title="")
Parameters: Any = namedtuple("Parameters", _parameter_names())  # type: ignore[misc]  # noqa: PYI024 - the schema names them


class Table(NamedTuple):
    """All tables of one stretch of a run."""

    par: Any
    harm_weight: Reals  # (K,)
    lapse_rate: Reals
    visibility: Reals
    need_per_infection: Reals
    need_per_restricted: Reals
    coproduction: Reals
    preventable: Reals
    prevention_share: Reals  # (K,) share of staff time for prevention; 0 where nothing can be prevented
    feeding: Reals  # (K, K) cases a day that one open case of a service makes in another, where an issue joins them
    seen: Reals  # (K,) share of new need that is seen without any ties
    cascade: Reals  # (K, K) cases a day that one open case of a service makes in another of its place
    in_hub: Reals  # (K,) 1 for services that sit together in a hub
    hub_data: float  # share of their data that they see together there
    mix_start: Wholes  # (P + 1,) contacts: rows sum to 1 less the national share
    mix_place: Wholes
    mix_weight: Reals
    fatality: Reals  # (P,)
    approach: PowerTable
    reserve: PowerTable
    workforce: PowerTable
    restriction: PowerTable
    procurement: PowerTable
    second_approach: PowerTable  # of the second holders of a power that two have without a lead
    second_reserve: PowerTable
    second_workforce: PowerTable
    second_restriction: PowerTable
    second_procurement: PowerTable
    supply: SupplyTable
    second_supply: SupplyTable  # of the second buyers
    group_from: Wholes  # (P,) day from which responders join in, under the forum's co-ordinating group; else `NEVER`
    commissioning: PowerTable
    help: HelpTable
    programmes: ProgrammeTable
    shared_trial: TrialTable
    second_trial: TrialTable  # as the second holders of the approach hear of it
    reserve_rule: int  # 0 by formula, 1 by need as seen, 2 by what places bid for
    pooled: int
    between: int  # 0 none, 1 mutual aid, 2 directed
    unit_difference: Reals  # (U,) local variance of a unit's average, as a share
    second_difference: Reals  # the same, of the units that second holders of the approach see
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
    tie_relation: Wholes  # by which the place trusts the peer
    tie_back: Wholes  # by which the peer trusts the place
    trusts_up: int  # 1 where something is reported to a holder above
    in_the_dark: int  # 1 where data stay above and nothing is told
    open_base: int
    partnership: float
    coordination: Reals  # (P,) share of working time
    analysis: Reals  # (P,)
    minds_rules: Reals  # (P,) 1 where residents mind that others have other rules; 0 where they made their own
    enforcement: Reals  # (P,) log-odds that enforcement and consent add to the take-up of a mandate
    override: float  # chance a week that those above override a desk that departs from a mandate
    opt_out: int  # 1 where a desk may keep what it has seen to work better
    trial_share: Reals  # (P,) share of cases on trial; 0 where nobody is licensed


def build_table(
    country: Country,
    land: Land,
    scenario: Scenario,
    structure: Structure,
    ties: Ties,
    relations: Relations,
    away: Away = EVERYBODY_THERE,
) -> Table:
    """Work out a scenario and a structure for a country; tiers that are away cannot decide."""
    holders = Holders(country, scenario, structure, away)
    listening = Listening(holders, ties, relations)
    services = scenario.services.values()
    epidemic = scenario.epidemic or Epidemic()
    tie_start, tie_place, tie_relation, tie_back = listening.direct_ties()
    approach, procurement = holders.power("approach"), holders.power("procurement")
    second_approach, second_procurement = holders.second("approach"), holders.second("procurement")
    channels, workforce = structure.channels, structure.powers.workforce
    there = _powers_there(scenario)
    reports = {nation: reports_upward(in_nation(structure, nation), there) for nation in country.home_nations()}
    return Table(
        par=_parameters(scenario, structure),
        harm_weight=np.array([s.harm_weight for s in services]),
        lapse_rate=np.array([s.lapse_rate for s in services]),
        visibility=np.array([s.visibility for s in services]),
        need_per_infection=np.array([s.need_per_infection for s in services]),
        need_per_restricted=np.array([s.need_per_restricted for s in services]),
        coproduction=np.array([s.coproduction for s in services]),
        preventable=np.array([s.preventable for s in services]),
        prevention_share=np.array([scenario.prevention.share if s.preventable > 0.0 else 0.0 for s in services]),
        feeding=np.array(feeding_of(scenario)),
        seen=np.array([s.seen for s in services]),
        cascade=np.array(cascade_of(scenario)),
        in_hub=np.array([float(name in channels.hub.services) for name in scenario.services]),
        hub_data=channels.hub.data,
        **_contacts(country, land, epidemic),
        fatality=_fatality(country, epidemic),
        approach=approach,
        reserve=holders.power("reserve"),
        workforce=holders.power("workforce"),
        restriction=holders.power("restriction"),
        procurement=procurement,
        second_approach=second_approach,
        second_reserve=holders.second("reserve"),
        second_workforce=holders.second("workforce"),
        second_restriction=holders.second("restriction"),
        second_procurement=second_procurement,
        supply=supply_table(land, scenario, structure, procurement),
        second_supply=supply_table(land, scenario, structure, second_procurement),
        group_from=_group_from(country, scenario, structure),
        commissioning=holders.power("commissioning"),
        help=help_table(land, scenario, structure),
        programmes=programme_table(country, land, scenario, structure),
        shared_trial=trial_table(holders, structure.powers.approach),
        second_trial=trial_table(holders, holders.as_second(structure.powers.approach)),
        reserve_rule=("formula", "seen_need", "bids").index(structure.powers.reserve.rule),
        pooled=int(workforce.services == "pooled"),
        between=("none", "mutual_aid", "directed").index(workforce.places),
        unit_difference=holders.unit_difference(approach),
        second_difference=holders.unit_difference(second_approach),
        reporting_delay=channels.reporting.delay_days,
        reporting_clarity=channels.reporting.clarity,
        leads_told=in_the_room(structure.powers.approach.advice, 0.0),
        guidance_delay=channels.reporting.delay_days + channels.guidance.delay_days,
        **listening.tables(),
        tie_start=tie_start,
        tie_place=tie_place,
        tie_relation=tie_relation,
        tie_back=tie_back,
        trusts_up=int(any(reports.values())),
        in_the_dark=int(structure.evidence.data_holder == "nation" and channels.guidance.clarity == 0.0),
        open_base=int(channels.open.coverage > 0.0),
        partnership=channels.partnership.clarity,
        coordination=_coordination(holders, listening.peers, [reports[n] for n in holders.nations]),
        analysis=_analysis_in(holders),
        minds_rules=_minds_rules(holders),
        enforcement=_enforcement(holders),
        override=structure.variation.override,
        opt_out=int(structure.variation.rule == "opt_out"),
        trial_share=_trial_share(country, scenario, structure),
    )


def longest_delay(table: Table) -> int:
    """Return the longest delay, in days, with which anything is read in this table."""
    lag = int(table.par.epidemic_report_delay_days)
    delays = table.listen_delay.tolist()
    for power in (table.approach, table.second_approach):
        delays += [table.reporting_delay] if (power.place_holds[power.scope_place] == 0).any() else []
    delays += [table.guidance_delay] if len(table.source_place) else []
    trials = (table.shared_trial, table.second_trial) if table.par.has_shared_trial > 0.0 else ()
    for trial in trials:
        delays += trial.delay.tolist()
    buying = ("procurement",) if table.par.has_supplies > 0.0 else ()
    paying = ("commissioning",) if table.par.has_commissioning > 0.0 else ()
    for name in (*ALWAYS_THERE, *buying, *paying):
        delays += (getattr(table, name).delay + lag).tolist()
    for name in (*ALWAYS_THERE, *buying):
        second = getattr(table, f"second_{name}")
        delays += (second.delay + lag).tolist() if len(second.holder_key) else []
    return int(max(delays))


def table_of_second(table: Table) -> Table:
    """Return the table as second holders of the approach have it; the same where there are none."""
    if not len(table.second_approach.holder_key):
        return table
    return table._replace(
        approach=table.second_approach, unit_difference=table.second_difference, shared_trial=table.second_trial
    )


def _parameters(scenario: Scenario, structure: Structure) -> Any:
    values: dict[str, float] = {}
    for section in SECTIONS:
        settings = getattr(scenario, section)
        settings = ABSENT[section]() if settings is None else settings
        for field, value in settings:
            if f"{section}_{field}" in Parameters._fields:
                values[f"{section}_{field}"] = 0.0 if value is None else float(value)
    values["has_rows"] = _has_rows(scenario, structure)
    return Parameters(**values, **_derived(scenario))


def _has_rows(scenario: Scenario, structure: Structure) -> float:
    """Return 1 where open need breeds row by row: a service has a row of its own, or a hub joins some."""
    own = any(service.breeds is not None for service in scenario.services.values())
    return float(own or bool(structure.channels.hub.services))


def _derived(scenario: Scenario) -> dict[str, float]:
    spread, local = scenario.approaches.spread, scenario.evidence.believed_heterogeneity
    variance = spread * spread
    culture = scenario.culture
    return {
        "ordinary_takeup": takeup_of(culture.confidence_base, culture.takeup_floor),
        "ordinary_effort": culture.effort * culture.confidence_base,
        "has_epidemic": float(scenario.epidemic is not None),
        "has_feeding": float(any(max(row) > 0.0 for row in feeding_of(scenario))),
        "has_pooled_budget": float(scenario.pooled_budget is not None),
        "has_shared_trial": float(scenario.shared_trial is not None),
        "has_targets": float(scenario.targets is not None and len(scenario.targets.services) > 0),
        "has_hidden": float(any(service.seen < 1.0 for service in scenario.services.values())),
        "has_supplies": float(scenario.supplies is not None),
        "has_commissioning": float(scenario.commissioning is not None),
        "supplies_quantile": normal_quantile((scenario.supplies or Supplies()).service_level),
        "crisis_day": float(_first_day(scenario)),
        "spread_variance_common": variance * (1.0 - local),
        "spread_variance_local": variance * local,
        "drift": variance * scenario.approaches.shift_share / scenario.evidence.believed_shift_days,
    }


def _group_from(country: Country, scenario: Scenario, structure: Structure) -> Wholes:
    """Return the day from which responders join in, in each place; never where there is no forum to join under."""
    days = structure.emergency.stand_up_days
    begins = NEVER if days is None else _first_day(scenario) + days
    return np.where(country.areas["forum"].of_place >= 0, begins, NEVER).astype(np.int64)


def _first_day(scenario: Scenario) -> int:
    """Return the day on which people rally: that of the first crisis that comes at once, and no slow one."""
    days = [crisis.felt_from for crisis in all_crises(scenario)]
    return min((day for day in days if day is not None), default=scenario.days)


def _contacts(country: Country, land: Land, epidemic: Epidemic) -> dict[str, Any]:
    """Return, place by place, with whom residents mix (the place itself first) and how much."""
    rows: list[list[tuple[int, float]]] = []
    for p in range(len(country.keys)):
        neighbours = land.neighbour[land.neighbour_start[p] : land.neighbour_start[p + 1]].tolist()
        people = people_in(country, neighbours)
        away = epidemic.neighbour_mixing if neighbours else 0.0
        home = 1.0 - away - epidemic.national_mixing
        rows.append([(p, home), *((q, away * float(country.population[q]) / people) for q in neighbours)])
    return {
        "mix_start": starts(len(row) for row in rows),
        "mix_place": np.array([place for row in rows for place, _ in row], np.int64),
        "mix_weight": np.array([weight for row in rows for _, weight in row]),
    }


def _fatality(country: Country, epidemic: Epidemic) -> Reals:
    """Return deaths for each infection in each place, when care is given."""
    age, poor = epidemic.fatality_age_slope, epidemic.fatality_deprivation_slope
    rises = [age * float(o) + poor * float(d) for o, d in zip(country.over_65, country.deprivation, strict=True)]
    return np.array([min(1.0, epidemic.fatality * exp(rise)) for rise in rises])


def _coordination(holders: Holders, peers: list[list[int]], reports: list[bool]) -> Reals:
    """Return the share of working time that links, seats and reports take in each place."""
    scenario, structure = holders.scenario, holders.structure
    costs, channels, powers = scenario.costs, structure.channels, structure.powers
    seats = len(powers.approach.advice) + len(powers.reserve.advice)
    seats += len(powers.procurement.advice) if scenario.supplies is not None else 0
    seats += len(powers.commissioning.advice) if scenario.commissioning is not None else 0
    joint = [getattr(powers, name).joint for name in _powers_in_use(scenario)].count(True)
    common = costs.seat * seats + costs.joint * joint + costs.partnership * channels.partnership.clarity
    base = (costs.open_base if channels.open.coverage > 0.0 else 0.0) + costs.hub * len(channels.hub.services)
    if scenario.commissioning is not None and structure.funding.rule == "pots":
        common += scenario.commissioning.pot_time
    common += costs.bid if powers.reserve.rule == "bids" else 0.0
    most = MOST_COORDINATION - _analysis(scenario, structure)
    each = [common + (costs.report if upward else 0.0) + base for upward in reports]
    if costs.footprint > 0.0:
        further = further_footprints(holders, _powers_in_use(scenario))
        each = [own + costs.footprint * more for own, more in zip(each, further, strict=True)]
    return np.array([min(most, own + costs.tie * len(ties)) for own, ties in zip(each, peers, strict=True)])


def _powers_in_use(scenario: Scenario) -> tuple[str, ...]:
    """Return the powers that there is something to decide by: without an epidemic nobody limits contact."""
    there = _powers_there(scenario)
    return tuple(name for name in there if name != "restriction" or scenario.epidemic is not None)


def _powers_there(scenario: Scenario) -> tuple[str, ...]:
    """Return the powers that may be reported on: who buys supplies or help matters where there is any."""
    supplies = () if scenario.supplies is None else ("procurement",)
    help_ = () if scenario.commissioning is None else ("commissioning",)
    return (*ALWAYS_THERE, *supplies, *help_)


def _analysis(scenario: Scenario, structure: Structure) -> float:
    """Return the share of working time that preparing decisions takes."""
    share = 0.0
    for name in _powers_in_use(scenario):
        power = getattr(structure.powers, name)
        share += power.analyst_share
        share += power.analyst_share if second_of(power) is not None else 0.0  # of the second holder: work done twice
    return share


def _analysis_in(holders: Holders) -> Reals:
    """Return the share of working time that preparing decisions takes in each place: none for what residents decide."""
    scenario, powers = holders.scenario, holders.structure.powers
    whole, held = _analysis(scenario, holders.structure), [getattr(powers, name) for name in _powers_in_use(scenario)]
    shares = []
    for place in range(holders.places):
        share = whole
        for power in held:
            share -= power.analyst_share if holders.residents_decide(power, place) else 0.0
        shares.append(max(0.0, share))
    return np.array(shares)


ENFORCED = {"none": 1.0, "comply_or_explain": 0.5, "opt_out": 0.0}  # share of full enforcement


def _enforcement(holders: Holders) -> Reals:
    """Return the log-odds that enforcement, and consent where a decision is joint, add to take-up in each place.

    Residents have no authority over those who serve them; what they decide has their consent.
    """
    approach, settings = holders.structure.powers.approach, holders.scenario.take_up
    enforced = settings.enforcement * ENFORCED[holders.structure.variation.rule]
    usual = enforced + (settings.consent if approach.joint else 0.0)
    decide = [holders.residents_decide(approach, place) for place in range(holders.places)]
    return np.array([settings.consent if each else usual for each in decide])


def _minds_rules(holders: Holders) -> Reals:
    """Return 0 where residents have set their own restriction, and so do not mind another one next door."""
    power = holders.structure.powers.restriction
    return np.array([0.0 if holders.residents_decide(power, p) else 1.0 for p in range(holders.places)])


def _trial_share(country: Country, scenario: Scenario, structure: Structure) -> Reals:
    """Return the share of cases on trial in each place; pilots are drawn from the country's keys."""
    trial, places = structure.trial, len(country.keys)
    share = trial.share / blame_factor(scenario.culture.blame, ANSWERABLE[structure.powers.approach.answers])
    if trial.licence == "none":
        return np.zeros(places)
    if trial.licence == "anyone":
        return np.full(places, share)
    shares = np.zeros(places)
    shares[country.share_by_lot(Purpose.PILOT, trial.pilots)] = share
    return shares
