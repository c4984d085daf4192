"""Random valid scenarios and structures on tiny invented countries, for Hypothesis.

A setting that a draw leaves out has its default, so that a failing example shrinks to the few settings that
matter. Ranges are wide, both ends included, but such that every draw is valid: nothing needs to be filtered out.

Use ``@given(case=cases())``, then ``prepare(case.scenario, case.structure)``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from sim.governance.nations import tiers_of
from sim.governance.structure import (
    TIERS,
    Adaptation,
    ApproachPower,
    Channels,
    CommissioningPower,
    Emergency,
    EvidenceRule,
    Funding,
    Guidance,
    Hub,
    OpenBase,
    Partnership,
    Peer,
    Power,
    Powers,
    Priority,
    ProcurementPower,
    Reporting,
    ReservePower,
    RestrictionPower,
    Structure,
    Trial,
    Variation,
    WorkforcePower,
    may_decide_for,
)
from sim.world.commissioning import HELPERS, Commissioning, Helper
from sim.world.crises import CrisisKind, Epidemic, Flood, Pressure, SupplyShock, Variant, WickedIssue, WinterPressure
from sim.world.failure import FinancialFailure
from sim.world.fields import Settings
from sim.world.files import FIXED_IN_SCENARIO
from sim.world.hidden import Hidden
from sim.world.morale import Morale
from sim.world.nations import INVENTED_NATIONS
from sim.world.programmes import JointSessions, Leadership, Movement, PooledBudget, SharedTrial, Targets
from sim.world.scenario import (
    SECTORS,
    SERVICES,
    Approaches,
    Change,
    Costs,
    CountrySettings,
    Culture,
    EvidenceSettings,
    Friction,
    Load,
    Loss,
    NoLead,
    Prevention,
    RestrictionSettings,
    Scenario,
    Service,
    Succession,
    TakeUp,
    Talks,
    default_services,
)
from sim.world.supplies import Supplies

EVERYWHERE = tuple(tier for tier in TIERS if tier != "devolved")  # what every invented country has
NETWORKS = ("neighbours", "small_world", "random", "complete", "hub")
# Narrower than the schema where the schema's end would leave nothing to look at, or not be bounded together.
NARROWER: dict[tuple[type[Settings], str], tuple[float, float]] = {
    (Service, "harm_weight"): (0.0, 5.0),
    (Service, "lapse_rate"): (0.03, 1.0),  # with spill and cascade: need stays bounded
    (Service, "visibility"): (0.0, 3.0),
    (Service, "need_per_infection"): (0.0, 1.0),
    (Service, "need_per_restricted"): (0.0, 0.5),
    (Approaches, "count"): (2, 7),
    (Load, "staff_per_1000"): (0.5, 5.0),
    (Load, "spill"): (0.0, 0.01),
    (Load, "cascade"): (0.0, 0.01),
    (SupplyShock, "first_day"): (0, 20),
    (SupplyShock, "use_rise"): (1.0, 6.0),
    (WickedIssue, "feeding"): (0.0, 0.01),
    (Hidden, "burden"): (1.0, 2.0),  # with these days hidden cases, come forward, are fewer than they were
    (Hidden, "come_forward_days"): (30.0, 90.0),
    (Hidden, "lapse_days"): (1.0, 25.0),
    **{
        (each, name): ends
        for each in (Leadership, JointSessions, PooledBudget, SharedTrial, Targets, FinancialFailure)
        for name, ends in {"first_day": (0, 20), "length_days": (1, 40)}.items()
    },
    (Leadership, "places"): (1, 9),
    (SharedTrial, "read_weeks"): (1, 4),
    (Movement, "first_day"): (0, 20),
    (Movement, "threshold"): (-0.5, 0.5),
    (Movement, "threshold_sd"): (0.0, 1.0),
    (Leadership, "grant_gbp"): (0.0, 50_000.0),
    (Leadership, "match_gbp"): (0.0, 50_000.0),
    (Morale, "overload"): (0.0, 0.1),
    (Morale, "recruit_days"): (7.0, 60.0),
    (Hidden, "worth"): (0.0, 5.0),
    (Hidden, "contact_finding"): (0.0, 2.0),
    (WickedIssue, "first_day"): (0, 20),
    (WickedIssue, "growth_days"): (1.0, 40.0),
    (WickedIssue, "height"): (0.0, 2.0),
    (Flood, "first_day"): (0, 20),
    (Flood, "places"): (1, 12),
    (Flood, "recovery_days"): (1.0, 30.0),
    (Flood, "travel_days"): (0.0, 5.0),
    (WinterPressure, "first_day"): (-30, 20),
    (WinterPressure, "length_days"): (1.0, 60.0),
    (WinterPressure, "every_days"): (30.0, 60.0),
    (WinterPressure, "transmission"): (0.5, 2.0),
    (Prevention, "lag_days"): (1.0, 30.0),
    (Load, "base"): (0.4, 1.2),
    (Friction, "aid_margin"): (0.0, 0.2),
    (EvidenceSettings, "trial_days"): (7, 28),
    (EvidenceSettings, "item_cost_days"): (0.01, 3.0),
    (EvidenceSettings, "believed_shift_days"): (10.0, 2000.0),
    (Costs, "negotiation_days"): (0.0, 40.0),
    (Succession, "hand_over_days"): (1, 20),
    (Talks, "tolerance"): (0.01, 1.0),
    (Talks, "deadline_days"): (0, 35),
    (TakeUp, "base"): (-3.0, 3.0),
    (TakeUp, "enforcement"): (0.0, 5.0),
    (TakeUp, "consent"): (0.0, 5.0),
    (TakeUp, "belief"): (0.0, 5.0),
    (RestrictionSettings, "threshold"): (1.0, 200.0),
    (RestrictionSettings, "hold_days"): (0, 30),
    (Epidemic, "reproduction_number"): (0.0, 6.0),
    (Epidemic, "latent_days"): (0.5, 8.0),
    (Epidemic, "infectious_days"): (0.5, 10.0),
    (Epidemic, "first_day"): (0, 10),
    (Epidemic, "import_days"): (1, 60),
    (Epidemic, "imports_per_million"): (0.0, 2000.0),
    (Epidemic, "neighbour_mixing"): (0.0, 0.5),
    (Epidemic, "national_mixing"): (0.0, 0.5),
    (Pressure, "first_day"): (0, 15),
    (Pressure, "ramp_days"): (1, 40),
    (Pressure, "load"): (0.1, 2.0),
    (Pressure, "wave_gap_days"): (1.0, 30.0),
    (Service, "items_per_case"): (0.0, 2.0),
    (Commissioning, "budget_gbp_per_head"): (0.0, 100.0),
    (Commissioning, "first_day"): (0, 20),
    (Helper, "bidders"): (1, 6),
    (Helper, "start_days"): (0, 20),
    (Supplies, "stock_days"): (0.0, 60.0),
    (Supplies, "pipeline_days"): (0, 40),
    (Supplies, "world_supply"): (0.01, 3.0),
    (Supplies, "bulk_lead_days"): (1, 40),
    (Supplies, "local_lead_days"): (1, 40),
    (Supplies, "shelf_days"): (7.0, 1000.0),
    (Power, "cadence_days"): (1, 15),
    (Power, "approval_days"): (0.0, 10.0),
    (Power, "approval_median_days"): (0.0, 8.0),
    (Power, "analyst_share"): (0.0, 0.02),
    (Reporting, "delay_days"): (0, 22),
    (Guidance, "delay_days"): (0, 22),
    (Peer, "degree"): (0, 8),
    (Peer, "delay_days"): (0, 15),
    (OpenBase, "delay_days"): (0, 22),
}


class Case(NamedTuple):
    """A scenario, with dated changes that the structure can make, and a structure."""

    scenario: Scenario
    structure: Structure


def numbers(model: type[Settings], *left_out: str) -> dict[str, SearchStrategy[Any]]:
    """Return a strategy for each number that a group of settings declares."""
    found = {}
    for name, field in model.model_fields.items():
        if "unit" in (field.json_schema_extra or {}) and name not in left_out:
            low, high = range_of(model, name)
            found[name] = st.integers(int(low), int(high)) if field.annotation is int else reals(low, high)
    return found


def reals(low: float, high: float) -> SearchStrategy[float]:
    """Return a strategy for a hundred steps from low to high: nobody sets a share to 5e-324."""
    return st.integers(0, 100).map(lambda step: min(high, low + (high - low) * (step / 100)))


def range_of(model: type[Settings], name: str) -> tuple[float, float]:
    for narrower in (kind for kind in model.__mro__ if (kind, name) in NARROWER):
        return NARROWER[narrower, name]
    limits: dict[str, float] = {}
    for rule in model.model_fields[name].metadata:
        limits |= {end: getattr(rule, end) for end in ("ge", "le") if hasattr(rule, end)}
    return limits["ge"], limits["le"]


def settings_of(
    model: type[Any], given: dict[str, SearchStrategy[Any]] | None = None, **choices: SearchStrategy[Any]
) -> SearchStrategy[Any]:
    """Return a strategy for a group of settings.

    Parameters
    ----------
    model
        The group.
    given
        Settings that every draw gives.
    choices
        Settings, beside the numbers of the group, that a draw may give.
    """
    always = given or {}
    sometimes = {name: way for name, way in {**numbers(model), **choices}.items() if name not in always}
    return st.fixed_dictionaries(always, optional=sometimes).map(lambda drawn: model(**drawn))


# ---- scenarios ----


@st.composite
def countries(draw: DrawFn, most_places: int = 9) -> CountrySettings:
    """Draw a tiny invented country."""
    places = draw(st.integers(3, most_places))
    regions = draw(st.integers(1, places))
    given = {"kind": st.just("synthetic"), "places": st.just(places), "regions": st.just(regions)}
    given["home_nations"] = st.integers(1, min(4, regions))
    return draw(settings_of(CountrySettings, given, seed=st.integers(0, 50)))


@st.composite
def services(draw: DrawFn) -> dict[str, Service]:
    """Draw services whose shares sum to one."""
    weights = draw(st.lists(st.integers(1, 9), min_size=len(SERVICES), max_size=len(SERVICES)))
    total = 0
    for weight in weights:
        total += weight
    drawn = {}
    for name, weight in zip(SERVICES, weights, strict=True):
        given = {"share": st.just(weight / total)}
        drawn[name] = draw(settings_of(Service, given, breeds=rows(name)))
    return drawn


def rows(name: str) -> SearchStrategy[dict[str, float]]:
    """Return a strategy for what open cases of a service breed in two others at most."""
    others = [other for other in SERVICES if other != name]
    return st.dictionaries(st.sampled_from(others), reals(0.0, 0.005), max_size=2)


def epidemics() -> SearchStrategy[Epidemic]:
    """Return a strategy for epidemics, with variants or without."""
    variant = st.builds(Variant, day=st.integers(0, 40), transmissibility=reals(0.5, 3.0))
    given = {name: numbers(Epidemic)[name] for name in ("first_day", "imports_per_million")}
    return settings_of(Epidemic, given, variants=st.lists(variant, max_size=2).map(tuple))


def commissionings() -> SearchStrategy[Commissioning]:
    """Return a strategy for money to pay others for help, and for one kind of helper beside the usual ones."""
    usual = Commissioning()
    given = {name: numbers(Commissioning)[name] for name in ("budget_gbp_per_head", "first_day")}
    return st.sampled_from(HELPERS).flatmap(
        lambda kind: settings_of(Commissioning, given, **{kind: settings_of(type(getattr(usual, kind)))})
    )


def other_crises(supplies: bool) -> SearchStrategy[tuple[CrisisKind, ...]]:
    """Return a strategy for what else strikes: at most one of each kind, of two kinds."""
    burdened = st.lists(st.sampled_from(SERVICES), min_size=2, unique=True).map(tuple)
    kinds = st.one_of(
        settings_of(Flood, {"first_day": numbers(Flood)["first_day"]}),
        settings_of(WinterPressure, {"first_day": numbers(WinterPressure)["first_day"]}),
        settings_of(WickedIssue, services=burdened),
        *([settings_of(SupplyShock, {"first_day": numbers(SupplyShock)["first_day"]})] if supplies else []),
    )
    return st.lists(kinds, max_size=2, unique_by=lambda each: each.kind).map(tuple)


def movements() -> SearchStrategy[Movement]:
    """Return a strategy for movements that some places join, whatever comes of it."""
    answer = st.sampled_from(["concede", "close", "none"])
    power = st.sampled_from(["approach", "reserve", "workforce", "restriction", "procurement", "commissioning"])
    return settings_of(Movement, {"threshold": reals(-0.5, 0.5)}, answer=answer, power=power)


def losses() -> SearchStrategy[Loss]:
    """Return a strategy for losses in the first two weeks: they fit into every run."""
    of = st.sampled_from(["nation", "region", "forum", "health_system", "open_base", "best_connected"])
    return st.builds(Loss, day=st.integers(1, 14), days=st.integers(1, 30), of=of)


@st.composite
def scenarios(draw: DrawFn, most_places: int = 9, most_days: int = 45) -> Scenario:
    """Draw a scenario with an epidemic, a pressure, both or neither, other crises, and no dated changes."""
    shifts = st.one_of(st.none(), reals(10.0, 60.0))
    practice = st.sampled_from(["varied", "common"])
    supplies = draw(st.one_of(st.none(), settings_of(Supplies)))
    crises = draw(st.sampled_from(["neither", "epidemic", "pressure", "both", "both"]))
    return Scenario(
        name="drawn",
        title="A drawn scenario",
        days=draw(st.integers(min(15, most_days), most_days)),
        country=draw(countries(most_places)),
        services=draw(st.one_of(st.just(default_services()), services())),
        approaches=draw(settings_of(Approaches, shift_gap_days=shifts, practice=practice)),
        load=draw(settings_of(Load, {"base": numbers(Load)["base"]})),
        friction=draw(settings_of(Friction)),
        evidence=draw(settings_of(EvidenceSettings)),
        loss=tuple(draw(st.lists(losses(), max_size=2))) if draw(st.booleans()) else (),
        succession=draw(settings_of(Succession, rule=st.sampled_from(["none", "deputy", "below"]))),
        take_up=draw(settings_of(TakeUp)),
        talks=draw(settings_of(Talks)),
        no_lead=draw(settings_of(NoLead)),
        culture=draw(settings_of(Culture)),
        costs=draw(settings_of(Costs)),
        restriction=draw(settings_of(RestrictionSettings, {"threshold": reals(1.0, 200.0)})),
        prevention=draw(settings_of(Prevention)),
        hidden=draw(settings_of(Hidden)),
        morale=draw(settings_of(Morale)),
        crisis=draw(other_crises(supplies is not None)),
        epidemic=draw(epidemics()) if crises in {"epidemic", "both"} else None,
        commissioning=draw(st.one_of(st.none(), commissionings())),
        leadership=draw(st.one_of(st.none(), settings_of(Leadership))),
        joint_sessions=draw(st.one_of(st.none(), settings_of(JointSessions))),
        pooled_budget=draw(st.one_of(st.none(), settings_of(PooledBudget, services=some_services()))),
        financial_failure=draw(st.one_of(st.none(), settings_of(FinancialFailure))),
        movement=draw(st.one_of(st.none(), movements())),
        shared_trial=draw(st.one_of(st.none(), settings_of(SharedTrial, services=some_services()))),
        targets=draw(st.one_of(st.none(), settings_of(Targets, services=some_services()))),
        supplies=supplies,
        pressure=draw(settings_of(Pressure)) if crises in {"pressure", "both"} else None,
    )


# ---- structures ----


def carried_cultures() -> SearchStrategy[dict[str, float]]:
    """Return a strategy for cultures that a structure carries: none, or a few settings."""
    return st.fixed_dictionaries({}, optional=numbers(Culture))


@st.composite
def powers_of(draw: DrawFn, model: type[Power], **more: SearchStrategy[Any]) -> Any:
    """Draw one power, with any tier or map that may hold it, over any scope that they may decide for."""
    holder = draw(holders())
    scopes = [scope for scope in (None, *EVERYWHERE) if all(may_decide_for(tier, scope) for tier in tiers_of(holder))]
    given = {"holder": st.just(holder), "scope": st.sampled_from(scopes), "joint": st.booleans(), **more}
    if "second" in model.model_fields and draw(st.booleans()):
        others = [tier for tier in EVERYWHERE if tiers_of(holder) != (tier,)]
        given |= {"second": st.sampled_from(others), "joint": st.just(False)}
    if model in (ApproachPower, RestrictionPower, CommissioningPower) and draw(st.integers(0, 4)) == 0:
        given |= {"holder": st.just("community"), "scope": st.none(), "joint": st.just(False), "second": st.none()}
        given = {name: way for name, way in given.items() if name in model.model_fields}
    given["at_deadline"] = st.sampled_from(["status_quo", "imposed"])
    return draw(settings_of(model, given, fallback=st.sampled_from(EVERYWHERE)))


@st.composite
def holders(draw: DrawFn) -> Any:
    """Draw a tier that every country has, or a map by home nation, whether the country has that nation or not."""
    tiers = st.sampled_from(EVERYWHERE)
    if draw(st.integers(0, 2)) > 0:
        return draw(tiers)
    named = st.dictionaries(st.sampled_from(INVENTED_NATIONS[1:]), st.one_of(st.just("devolved"), tiers), max_size=2)
    return {**draw(named), "else": draw(tiers)}


@st.composite
def approach_powers(draw: DrawFn) -> ApproachPower:
    """Draw who holds the approach: a tier as for any power, or the teams."""
    drawn = draw(powers_of(ApproachPower, advice=advice()))
    own = {"holder": "team", "scope": None, "joint": False, "approval_days": 0.0, "approval_median_days": 0.0}
    own["second"] = None
    if draw(st.booleans()):  # in one home nation only
        own = {**own, "holder": {INVENTED_NATIONS[1]: "team", "else": draw(st.sampled_from(EVERYWHERE))}}
    return drawn.model_copy(update=own) if draw(st.integers(0, 3)) == 0 else drawn


def advice() -> SearchStrategy[tuple[str, ...]]:
    """Return a strategy for the sector leads at a table."""
    return st.lists(st.sampled_from(SECTORS), unique=True).map(tuple)


def accounts_for_aid(power: WorkforcePower) -> bool:
    """Say whether no two direct aid over each other's heads."""
    local = power.second in (None, "place") or power.tiers == ("place",)
    return local or power.places != "directed"


@st.composite
def powers(draw: DrawFn, has_peers: bool) -> Powers:
    """Draw the powers; mutual aid only where there are peer networks for it to travel along."""
    between = ["none", "directed", "mutual_aid"] if has_peers else ["none", "directed"]
    moving = {"services": st.sampled_from(["ring_fenced", "pooled"]), "places": st.sampled_from(between)}
    workforce = draw(powers_of(WorkforcePower, **moving).filter(accounts_for_aid))
    return Powers(
        approach=draw(approach_powers()),
        reserve=draw(powers_of(ReservePower, advice=advice(), rule=st.sampled_from(["formula", "seen_need", "bids"]))),
        workforce=workforce,
        restriction=draw(powers_of(RestrictionPower)),
        commissioning=draw(
            powers_of(
                CommissioningPower,
                advice=advice(),
                rule=st.sampled_from(["formula", "seen_need"]),
                helper=st.sampled_from(HELPERS),
            )
        ),
        procurement=draw(powers_of(ProcurementPower, advice=advice(), rule=st.sampled_from(["formula", "seen_need"]))),
    )


@st.composite
def channels(draw: DrawFn) -> Channels:
    """Draw the channels: any of them open or closed."""
    network = draw(st.sampled_from(("none", *NETWORKS)))
    given = {"network": st.just(network), "relay_hops": st.sampled_from([1, 2])}
    return Channels(
        reporting=draw(settings_of(Reporting, granularity=st.sampled_from(["nation", "region", "place"]))),
        guidance=draw(settings_of(Guidance)),
        peer=draw(settings_of(Peer, given)),
        partnership=draw(settings_of(Partnership)),
        hub=draw(hubs()),
        open=draw(settings_of(OpenBase)),
    )


def some_services() -> SearchStrategy[tuple[str, ...]]:
    """Return a strategy for services that are in something together: any of them, or none."""
    return st.lists(st.sampled_from(SERVICES), unique=True).map(tuple)


def hubs() -> SearchStrategy[Hub]:
    """Return a strategy for hubs of two services or more, or none."""
    joined = st.lists(st.sampled_from(SERVICES), min_size=2, unique=True).map(tuple)
    return st.one_of(st.just(Hub()), settings_of(Hub, services=joined))


@st.composite
def adaptations(draw: DrawFn) -> Adaptation:
    """Draw a rule of the structure, with limits that a run passes often, and other powers while it is in force."""
    limit, above = draw(st.sampled_from([0.0, 0.001, 0.01, 0.1])), draw(st.booleans())
    then: dict[str, Any] = {"powers": draw(powers(has_peers=False)).model_dump()}
    then |= {"channels": {"open": draw(settings_of(OpenBase)).model_dump()}} if draw(st.booleans()) else {}
    return Adaptation(
        watch=draw(st.sampled_from(["harm_per_1000", "unmet_share", "trust"])),
        when="above" if above else "below",
        starts_at=limit,
        ends_at=0.5 * limit if above else 2.0 * limit,
        hold_days=draw(st.sampled_from([7, 14])),
        switch_days=draw(reals(0.0, 3.0)),
        then=then,
    )


@st.composite
def structures(draw: DrawFn, name: str = "drawn") -> Structure:
    """Draw a structure."""
    links = draw(channels())
    return Structure(
        adaptation=tuple(draw(st.lists(adaptations(), max_size=2))),
        name=name,
        title="A drawn structure",
        powers=draw(powers(links.peer.network != "none")),
        trial=draw(settings_of(Trial, {"licence": st.sampled_from(["none", "pilots", "anyone"])})),
        variation=draw(settings_of(Variation, rule=st.sampled_from(["none", "comply_or_explain", "opt_out"]))),
        funding=Funding(
            rule=draw(st.sampled_from(["settlement", "own_tax", "pots"])),
            takeover=draw(st.sampled_from(["none", "region", "nation"])),
        ),
        priority=Priority(rule=draw(st.sampled_from(["population_outcomes", "activity_targets"]))),
        channels=links,
        evidence=EvidenceRule(data_holder=draw(st.sampled_from(["nation", "place", "open"]))),
        emergency=Emergency(stand_up_days=draw(st.one_of(st.none(), st.integers(0, 30)))),
        culture=draw(carried_cultures()),
    )


# ---- dated changes ----


@st.composite
def changes(draw: DrawFn, scenario: Scenario) -> Change:
    """Draw a dated change: another structure, another condition of the scenario, or both."""
    parts = draw(st.sampled_from(["structure", "scenario", "both"]))
    return Change(
        day=draw(st.integers(1, scenario.days - 1)),
        structure={} if parts == "scenario" else draw(structure_changes()),
        scenario={} if parts == "structure" else draw(scenario_changes(scenario)),
    )


@st.composite
def structure_changes(draw: DrawFn) -> dict[str, Any]:
    """Draw settings that any structure can change to: those that must suit each other come together."""
    new = draw(structures()).model_dump()
    moved = {"powers": new["powers"], "channels": new["channels"]}
    ruled = {
        "trial": new["trial"],
        "evidence": new["evidence"],
        "variation": new["variation"],
        "priority": new["priority"],
        "funding": new["funding"],
        "emergency": new["emergency"],
    }
    return draw(st.sampled_from([moved, ruled, {**moved, **ruled}, {"channels": {"open": new["channels"]["open"]}}]))


@st.composite
def scenario_changes(draw: DrawFn, scenario: Scenario) -> dict[str, Any]:
    """Draw settings of the scenario that may change once it runs."""
    groups = [
        "load",
        "friction",
        "evidence",
        "take_up",
        "talks",
        "no_lead",
        "culture",
        "costs",
        "restriction",
        "prevention",
        "hidden",
        "morale",
        "approaches",
    ]
    programmes = ("leadership", "joint_sessions", "pooled_budget", "targets", "shared_trial", "movement")
    groups += [name for name in programmes if getattr(scenario, name) is not None]
    groups += ["commissioning"] if scenario.commissioning is not None else []
    groups += ["supplies"] if scenario.supplies is not None else []
    groups += ["epidemic"] if scenario.epidemic is not None else []
    group = draw(st.sampled_from(groups))
    model = type(getattr(scenario, group))
    free = {name: way for name, way in numbers(model).items() if f"{group}.{name}" not in FIXED_IN_SCENARIO}
    return {group: draw(st.fixed_dictionaries({}, optional=free))}


@st.composite
def cases(draw: DrawFn, most_places: int = 9, most_days: int = 45, most_changes: int = 2) -> Case:
    """Draw a scenario and a structure, and up to so many dated changes that suit both."""
    scenario, structure = draw(scenarios(most_places, most_days)), draw(structures())
    dated = draw(st.lists(changes(scenario), max_size=most_changes))
    return Case(scenario.model_copy(update={"change": tuple(dated)}), structure)
