"""The scenario: the crisis, the country and the conditions that every structure meets alike.

Amounts live here, shares and powers in the structure (:mod:`sim.governance.structure`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.world.commissioning import Commissioning
from sim.world.composition import check_bounded
from sim.world.crises import Crises, CrisisKind, Epidemic, Pressure
from sim.world.failure import FinancialFailure
from sim.world.fields import Settings, choice, number, words
from sim.world.hidden import Hidden
from sim.world.morale import Morale
from sim.world.programmes import JointSessions, Leadership, Movement, PooledBudget, SharedTrial, Targets
from sim.world.supplies import Supplies

SCHEMA_VERSION = 1
SERVICES = ("outbreak_control", "clinical_care", "social_care", "essentials", "wellbeing")
SECTORS = ("public_health", "care_homes", "social_care", "schools")


class CountrySettings(Settings):
    """Where it happens."""

    kind: Literal["england", "uk", "synthetic"] = choice(
        "england", "England's 152 authorities of 2021, the United Kingdom's 217, or a synthetic country."
    )
    places: int = number(60, "Places in a synthetic country.", "places", 3, 15_000)
    regions: int = number(6, "Regions in a synthetic country.", "regions", 1, 200)
    home_nations: int = number(
        1, "Home nations in a synthetic country; all but the first have a devolved government.", "nations", 1, 4
    )
    seed: int = number(1, "Seed of the synthetic map (the map is the same in every replicate).", "seed", 0, 2**63 - 1)
    deprivation_slope: float = number(
        0.15, "Extra need per standard deviation of deprivation.", "share", 0.0, 0.5, "V4"
    )

    @model_validator(mode="after")
    def _consistent(self) -> CountrySettings:
        check_regions(self)
        return self


def check_regions(country: CountrySettings) -> None:
    """Refuse a synthetic country with regions that would have no places."""
    if country.kind == "synthetic" and country.regions > country.places:
        raise ValueError(
            f"{country.regions} regions cannot share {country.places} places; set regions to at most {country.places}."
        )
    if country.kind == "synthetic" and country.home_nations > country.regions:
        raise ValueError(
            f"{country.home_nations} home nations cannot share {country.regions} regions; "
            f"set country.home_nations to at most {country.regions}."
        )


class Service(Settings):
    """One stream of need."""

    share: float = number(0.2, "Share of base need and of staff.", "share", 0.001, 1.0)
    harm_weight: float = number(1.0, "Harm of one open case for one day.", "harm per case-day", 0.0, 100.0)
    lapse_rate: float = number(0.05, "Share of unserved cases that leave unserved each day.", "per day", 0.001, 1.0)
    visibility: float = number(1.0, "How loud a harm is to those who decide.", "ratio", 0.0, 10.0)
    need_per_infection: float = number(0.0, "Cases that one infection brings.", "cases", 0.0, 5.0)
    need_per_restricted: float = number(
        0.0, "Cases a day that full restriction brings to a thousand people.", "cases per 1,000 a day", 0.0, 5.0
    )
    preventable: float = number(0.0, "Largest share of its ordinary need that prevention can avert.", "share", 0.0, 1.0)
    coproduction: float = number(
        0.0, "How far residents' own effort carries the service (Ostrom 1996).", "exponent", 0.0, 0.9
    )
    measurable: float = number(
        0.5, "How far a contract can measure how well it is done; it counts for paid help.", "share", 0.0, 1.0
    )
    seen: float = number(1.0, "Share of its new need that is seen without any trusted ties.", "share", 0.0, 1.0)
    breeds: dict[str, float] | None = choice(
        None, "Cases a day that one open case makes in services named here; absent means load.cascade, evenly."
    )
    items_per_case: float = number(
        0.0, "Supplies that one case served uses up; it counts where there are [supplies].", "items", 0.0, 100.0
    )


def default_services() -> dict[str, Service]:
    """Return the services as they are where a scenario says nothing else."""
    return {
        "outbreak_control": Service(need_per_infection=0.06, visibility=1.5, measurable=0.7, items_per_case=0.5),
        "clinical_care": Service(
            need_per_infection=0.05,
            visibility=2.0,
            harm_weight=1.5,
            preventable=0.1,
            measurable=0.6,
            items_per_case=1.0,
        ),
        "social_care": Service(
            need_per_infection=0.03, visibility=0.6, preventable=0.2, measurable=0.3, items_per_case=1.0
        ),
        "essentials": Service(
            need_per_infection=0.04,
            need_per_restricted=0.08,
            visibility=1.0,
            preventable=0.3,
            measurable=0.6,
            coproduction=0.3,
        ),
        "wellbeing": Service(
            need_per_infection=0.02,
            need_per_restricted=0.08,
            visibility=0.4,
            preventable=0.4,
            measurable=0.2,
            coproduction=0.2,
        ),
    }


class Approaches(Settings):
    """The alternative ways of working, of which nobody knows which works where."""

    count: int = number(6, "Ways of working for each service.", "approaches", 2, 20)
    spread: float = number(0.2, "How much approaches differ in log productivity.", "log", 0.0, 1.0)
    heterogeneity: float = number(0.5, "Share of that difference that is local. Always an axis.", "share", 0.0, 1.0)
    own_share: float = number(
        0.4, "Share of local difference that is the place's own, not shared with its like.", "share", 0.0, 1.0
    )
    smooth_length: float = number(
        0.35, "Distance over which places resemble each other.", "share of the map", 0.05, 2.0
    )
    interoperability: float = number(
        0.05, "Gain when all of a place's neighbours work the same way.", "share", 0.0, 0.5
    )
    shift_gap_days: float | None = number(
        None, "Mean days between shifts of what works; absent means never.", "days", 10.0, 3650.0
    )
    shift_share: float = number(0.5, "Share of what works that a shift redraws.", "share", 0.0, 1.0)
    practice: Literal["varied", "common"] = choice("varied", "What places do on day 0: each its own, or all the same.")


class Load(Settings):
    """Need against capacity."""

    base: float = number(0.7, "Need over capacity before the crisis, at unlearned productivity.", "ratio", 0.01, 1.4)
    staff_per_1000: float = number(1.0, "Staff for each thousand people.", "staff per 1,000", 0.1, 50.0)
    cases_per_staff_day: float = number(
        1.0, "Cases one member of staff resolves a day, unlearned.", "cases per staff-day", 0.1, 20.0
    )
    equalisation: float = number(
        1.0, "How far staff follow need, as in funding by formula: 0 is by head count alone.", "share", 0.0, 1.0
    )
    reserve_share: float = number(0.1, "Share of all staff held as surge staff.", "share", 0.0, 0.5)
    responder_share: float = number(
        0.0, "Staff of police, fire, ambulance and other responders, against a place's own staff.", "share", 0.0, 0.5
    )
    vcs_reach: float = number(
        0.5, "Share of those who do not come forward whom voluntary groups reach all the same.", "share", 0.0, 1.0
    )
    residents_organised: float = number(
        1.0,
        "Share of places whose residents are organised to decide themselves, those with most voluntary capacity first.",
        "share",
        0.0,
        1.0,
    )
    vcs_slope: float = number(
        -0.15, "Voluntary capacity per head for each standard deviation of deprivation.", "share", -0.4, 0.4
    )
    absence: float = number(0.04, "Staff absent on an ordinary day.", "share", 0.0, 0.5)
    absence_per_prevalence: float = number(
        1.5, "Extra absence for each point of people infectious.", "ratio", 0.0, 10.0
    )
    training_days: float = number(
        1.0, "Staff-days of training for each member of staff when the approach changes.", "days", 0.0, 30.0
    )
    unfamiliarity: float = number(0.2, "Loss of productivity on the day an approach is new.", "share", 0.0, 0.9)
    unfamiliarity_days: float = number(14.0, "Days in which that loss falls to a third.", "days", 1.0, 365.0)
    spill: float = number(0.005, "Cases a day that one open case makes in its neighbourhood.", "cases", 0.0, 0.2)
    cascade: float = number(
        0.01, "Cases a day that one open case makes in the place's other services.", "cases", 0.0, 0.2
    )
    hub_effect: float = number(
        0.5,
        "What a multi-agency hub cuts of the cascade between its services, with full shared language and data.",
        "share",
        0.0,
        1.0,
        "L3, L5",
    )
    lapse_case_days: float = number(10.0, "Price of one lapsed case.", "case-days", 0.0, 1000.0)


class Friction(Settings):
    """What moving resources costs; the same for all, and always an axis."""

    movable: float = number(0.25, "Share of a service's staff that can move.", "share", 0.0, 1.0)
    skill_elsewhere: float = number(0.6, "Productivity of moved staff.", "share", 0.0, 1.0)
    aid_cap: float = number(0.15, "Share of a place's staff that can be lent.", "share", 0.0, 1.0)
    aid_loss: float = number(0.2, "Share of lent time lost in moving.", "share", 0.0, 1.0)
    aid_margin: float = number(0.05, "Spare share a lender keeps.", "share", 0.0, 1.0)


class EvidenceSettings(Settings):
    """What can be learnt from the work, and what deciders believe."""

    result_noise: float = number(0.6, "Noise of one full day's results.", "log", 0.05, 5.0)
    believed_heterogeneity: float = number(0.5, "Belief about how local the differences are.", "share", 0.01, 0.99)
    believed_shift_days: float = number(
        730.0, "Turbulence that learners expect: mean days between shifts.", "days", 10.0, 36500.0
    )
    capability_log_sd: float = number(0.2, "Spread of management capability between councils.", "log", 0.0, 1.5)
    lead_noise: float = number(
        1.0, "Noise of what a sector lead knows on day 0.", "ratio to approach spread", 0.05, 10.0
    )
    bid_skill: float = number(
        1.0, "How much more a better council gets by its bids for surge staff; at 0 none.", "elasticity", 0.0, 10.0
    )
    slack: float = number(0.0, "Share of attention that those do not pay who answer to nobody.", "share", 0.0, 1.0)
    omega: float = number(0.5, "Weight of a service whose sector lead is not in the room.", "ratio", 0.0, 1.0)
    trial_days: int = number(14, "Days for which a trial arm is held.", "days", 7, 182)
    residents_attention: float = number(
        0.5, "Attention of residents who decide, against what the analysts of a place would buy.", "ratio", 0.0, 2.0
    )
    item_cost_days: float = number(
        0.67, "Analyst-days to prepare one item, for each hundred staff whom it concerns.", "staff-days", 0.01, 100.0
    )
    item_cost_exponent: float = number(
        1.0, "How that cost grows with the people an item covers (1: in proportion).", "exponent", 0.0, 1.0
    )


class TakeUp(Settings):
    """How mandates are taken up by those who do the work (Lipsky 1980; Matland 1995): anew each week."""

    discretion: float = number(
        1.0,
        "How far teams decide for themselves whether to follow; 0: every mandate is followed at once.",
        "share",
        0.0,
        1.0,
    )
    base: float = number(0.0, "Log-odds of following in a week, where nothing else counts.", "log-odds", -10.0, 10.0)
    enforcement: float = number(
        2.0,
        "What full enforcement adds; half of it under comply or explain, none with an opt-out.",
        "log-odds",
        0.0,
        20.0,
    )
    consent: float = number(1.0, "What it adds that one's own people sat at the table.", "log-odds", 0.0, 20.0)
    belief: float = number(
        1.0,
        "What it adds for each unit of approach spread that one's own experience favours the mandate.",
        "log-odds",
        0.0,
        20.0,
    )


class Talks(Settings):
    """Joint decisions, on which everybody at the table must agree (Scharpf 1988; Tsebelis 2002)."""

    unanimity: float = number(
        1.0, "How far each member can say no; at 0 talks take time and always end in agreement.", "share", 0.0, 1.0
    )
    tolerance: float = number(
        0.05,
        "Gain at which a member agrees with odds of e to 1 (logs, or shares).",
        "gain",
        0.001,
        10.0,
    )
    side_payments: float = number(0.0, "Share of gains that winners hand on to losers.", "share", 0.0, 1.0)
    seats: float = number(0.02, "What each member beyond the first adds to the time.", "share", 0.0, 1.0)
    dispute: float = number(0.5, "What it adds that all members prefer something else.", "share", 0.0, 5.0)
    round_days: int = number(7, "Days between rounds of talks.", "days", 1, 91)
    deadline_days: int = number(28, "Days after which talks have failed.", "days", 0, 182)


class NoLead(Settings):
    """Two holders of one power without a lead between them; it matters where a structure has a second holder."""

    takes_up: float = number(
        0.7,
        "Chance that each of the two takes a matter up in a round, and does not leave it to the other.",
        "share",
        0.0,
        1.0,
    )


class Culture(Settings):
    """Conditions between people; equal for all structures."""

    candour: float = number(
        0.8, "Psychological safety: how openly results are seen and told.", "share", 0.05, 1.0, "L10"
    )
    blame: float = number(
        0.0,
        "How much dearer blame makes changing course, and trying, for whoever answers for it.",
        "ratio",
        0.0,
        10.0,
    )
    trust_start: float = number(0.4, "Trust between organisations on day 0.", "share", 0.0, 1.0)
    trust_growth: float = number(
        0.005, "Growth of trust for each day of help or of being heard.", "per day", 0.0, 0.2, "L14"
    )
    trust_loss_ratio: float = number(4.0, "How much faster trust is lost than won (Slovic 1993).", "ratio", 0.0, 20.0)
    language_start: float = number(0.4, "Shared language between sectors on day 0.", "share", 0.0, 1.0)
    language_growth: float = number(0.005, "Growth of shared language for each day of joint work.", "per day", 0.0, 0.2)
    language_fade: float = number(0.001, "Fading of shared language towards where it began.", "per day", 0.0, 0.2)
    confidence_base: float = number(0.8, "Residents' confidence in ordinary times.", "share", 0.02, 0.98)
    confidence_results: float = number(
        4.0, "Fall of log-odds of confidence for the share of need unmet.", "log-odds", 0.0, 50.0
    )
    confidence_rules: float = number(
        0.5, "Fall of log-odds for the share of neighbours under other rules.", "log-odds", 0.0, 10.0
    )
    rally: float = number(0.8, "Rally when the crisis starts.", "log-odds", 0.0, 5.0)
    rally_days: float = number(60.0, "Days in which the rally falls to a third.", "days", 1.0, 1000.0)
    takeup_floor: float = number(0.5, "Take-up at no confidence at all.", "share", 0.0, 1.0)
    effort: float = number(0.5, "Residents' effort at full confidence, for each unit of staff.", "ratio", 0.0, 5.0)
    effort_worth: float = number(0.5, "Worth of a unit of residents' effort beside staff.", "ratio", 0.0, 2.0)


class Costs(Settings):
    """What links, seats and reports take out of working time, and what money is spent."""

    tie: float = number(0.003, "Working time for each peer tie.", "share of staff", 0.0, 0.1)
    report: float = number(
        0.01, "Working time for reporting upward once a week at full detail.", "share of staff", 0.0, 0.2, "O1, O2"
    )
    seat: float = number(0.001, "Working time for each sector lead's seat at a table.", "share of staff", 0.0, 0.1)
    bid: float = number(0.001, "Working time for bids, where surge staff are bid for.", "share of staff", 0.0, 0.1)
    joint: float = number(0.01, "Working time for deciding jointly.", "share of staff", 0.0, 0.2)
    open_base: float = number(0.003, "Working time for keeping up an open base.", "share of staff", 0.0, 0.1)
    footprint: float = number(
        0.0, "Working time for each further footprint of those who decide for a place.", "share of staff", 0.0, 0.1
    )
    partnership: float = number(
        0.005, "Working time for working across sectors in a place.", "share of staff", 0.0, 0.1
    )
    hub: float = number(
        0.005, "Working time for each service that sits in a multi-agency hub.", "share of staff", 0.0, 0.1
    )
    staff_day_gbp: float = number(150.0, "Cost of one staff-day.", "GBP", 0.0, 10_000.0)
    restricted_day_gbp: float = number(20.0, "Cost of one restricted person-day.", "GBP", 0.0, 1000.0)
    negotiation_days: float = number(
        17.0, "Days that a joint decision takes where there is no trust at all.", "days", 0.0, 365.0, "D2, D3"
    )


class RestrictionSettings(Settings):
    """Limiting contact."""

    threshold: float = number(
        100.0, "Reported cases that bring restriction.", "per 100,000 a week", 1.0, 100_000.0, "V7, V8"
    )
    release: float = number(0.4, "Share of the threshold at which it is lifted.", "share", 0.0, 1.0)
    hold_days: int = number(21, "Days a restriction is held at least.", "days", 0, 365)
    preference_log_sd: float = number(1.0, "How much places differ in the threshold they prefer.", "log", 0.0, 3.0)
    effect: float = number(0.75, "Cut of contact at full restriction and full take-up.", "share", 0.0, 1.0)
    lighter: float = number(0.0, "Level of a lighter restriction; at 0 there is none.", "share", 0.0, 0.99)
    lighter_at: float = number(
        0.5, "Share of the threshold (and of the release) that goes for the lighter one.", "share", 0.01, 1.0
    )
    support_gbp: float = number(
        0.0, "Support paid to people for each day under full restriction.", "GBP a person-day", 0.0, 1000.0
    )
    support_half_gbp: float = number(
        20.0, "Support that wins over half of those who would not keep the rules.", "GBP a person-day", 0.01, 10_000.0
    )


class Prevention(Settings):
    """Staff time for prevention, by one rule for every structure; at a share of 0 there is none."""

    share: float = number(
        0.0, "Share of staff time for prevention, in services whose need can be prevented.", "share", 0.0, 0.5
    )
    lag_days: float = number(
        180.0, "Days in which two thirds of it take hold, or fade once it stops.", "days", 1.0, 3650.0
    )
    half: float = number(0.1, "Share of staff time that averts half of what can be averted.", "share", 0.001, 1.0)
    squeeze: float = number(
        1.0, "Staff-days taken from prevention for each staff-day that is expected to be short.", "ratio", 0.0, 10.0
    )


class Loss(Settings):
    """Somebody or something that is lost for a time; each structure meets it in its own way."""

    day: int = number(..., "Day on which it is lost.", "day", 1, 36500)
    days: int = number(..., "Days for which it is lost.", "days", 1, 36500)
    of: Literal["nation", "devolved", "region", "forum", "health_system", "open_base", "best_connected"] = Field(
        description="A tier's power to decide, the host of the open base, or all ties of the best-connected place."
    )


class Succession(Settings):
    """Who takes over from a tier that is lost; the same rule in every structure."""

    rule: Literal["none", "deputy", "below"] = choice(
        "deputy", "Nobody, a deputy with less attention, or the tier below (from the nation: regions, else places)."
    )
    hand_over_days: int = number(14, "Days until the successor decides.", "days", 1, 365)
    deputy_attention: float = number(0.5, "A deputy's attention against that of whoever is lost.", "share", 0.0, 1.0)


class Change(Settings):
    """A dated change of settings: an inject, or a facilitator's move."""

    day: int = number(..., "Day on which it takes effect.", "day", 1, 36500)
    structure: dict[str, Any] = Field(default_factory=dict, description="Settings of the structure.")
    scenario: dict[str, Any] = Field(default_factory=dict, description="Settings of the scenario.")


class Scenario(Settings):
    """One crisis in one country under one set of conditions."""

    schema_version: Literal[1] = choice(SCHEMA_VERSION, "Version of this file format.")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    story: str = ""
    purpose: str = ""
    sources: tuple[str, ...] = words("Where its figures come from.")
    days: int = number(364, "Length of a run.", "days", 1, 3650)
    country: CountrySettings = CountrySettings()
    services: dict[str, Service] = Field(default_factory=default_services)
    approaches: Approaches = Approaches()
    load: Load = Load()
    friction: Friction = Friction()
    evidence: EvidenceSettings = EvidenceSettings()
    take_up: TakeUp = TakeUp()
    talks: Talks = Talks()
    no_lead: NoLead = NoLead()
    culture: Culture = Culture()
    costs: Costs = Costs()
    restriction: RestrictionSettings = RestrictionSettings()
    prevention: Prevention = Prevention()
    hidden: Hidden = Hidden()
    morale: Morale = Morale()
    supplies: Supplies | None = None
    commissioning: Commissioning | None = None
    leadership: Leadership | None = None
    joint_sessions: JointSessions | None = None
    pooled_budget: PooledBudget | None = None
    financial_failure: FinancialFailure | None = None
    targets: Targets | None = None
    shared_trial: SharedTrial | None = None
    movement: Movement | None = None
    epidemic: Epidemic | None = None
    pressure: Pressure | None = None
    crisis: Crises = Field(default=(), description="Further crises.", strict=False)
    loss: tuple[Loss, ...] = Field(default=(), description="What is lost, and when.", strict=False)
    succession: Succession = Succession()
    change: tuple[Change, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        check_services(self)
        check_breeds(self)
        check_crises(self)
        check_bounded(self)
        check_mixing(self)
        return self


def check_services(scenario: Scenario) -> None:
    """Refuse service names that are not known and shares that do not sum to one."""
    if tuple(scenario.services) != SERVICES:
        raise ValueError(f"services must be exactly {', '.join(SERVICES)}, in that order.")
    total = 0.0
    for service in scenario.services.values():
        total += service.share
    if abs(total - 1.0) > 1e-9:
        raise ValueError(f"shares of services sum to {total:.4g}; make them sum to 1.")


def check_breeds(scenario: Scenario) -> None:
    """Refuse rows of the cascade that name no service, or their own, or less than nothing."""
    for name, service in scenario.services.items():
        for other, cases in (service.breeds or {}).items():
            if other not in SERVICES or other == name:
                known = ", ".join(each for each in SERVICES if each != name)
                raise ValueError(f'services.{name}.breeds: "{other}" is not another service; choose from {known}.')
            if not 0.0 <= cases <= 0.2:
                raise ValueError(f"services.{name}.breeds: {other} = {cases:g}; it must be from 0 to 0.2 cases a day.")


def check_crises(scenario: Scenario) -> None:
    """Refuse two crises of one kind that would be drawn alike."""
    seen: set[tuple[str, int]] = set()
    for crisis in scenario.crisis:
        if (crisis.kind, crisis.which) in seen:
            raise ValueError(
                f'crisis: two of the kind "{crisis.kind}" have which = {crisis.which}; give each a number of its own.'
            )
        seen.add((crisis.kind, crisis.which))


def all_crises(scenario: Scenario) -> list[Epidemic | Pressure | CrisisKind]:
    """Return every crisis of a scenario."""
    own = [crisis for crisis in (scenario.epidemic, scenario.pressure) if crisis is not None]
    return [*own, *scenario.crisis]


def check_mixing(scenario: Scenario) -> None:
    """Refuse mixing shares that leave less than nothing at home."""
    epidemic = scenario.epidemic
    if epidemic is not None and epidemic.neighbour_mixing + epidemic.national_mixing > 1.0:
        raise ValueError("epidemic.neighbour_mixing + epidemic.national_mixing is above 1; lower one of them.")
