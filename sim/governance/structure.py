"""The decision structure: who decides what, how often, on whose word, and who hears whom.

Powers and channels only. Amounts live in the scenario, so that every structure has equal means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from sim.governance import nations
from sim.governance.nations import OneOrByNation, tier_in, tier_word, tiers_of
from sim.world.commissioning import HelperName
from sim.world.crises import ServiceName
from sim.world.document import merged
from sim.world.fields import Settings, choice, number, words
from sim.world.places import nearest
from sim.world.scenario import Culture

SCHEMA_VERSION = 1
CULTURE = tuple(Culture.model_fields)
Tier = nations.Tier
IN_A_PLACE = frozenset(("place", "team", "community"))  # who decides on what it sees itself
TIERS: tuple[Tier, ...] = ("nation", "devolved", "region", "forum", "health_system", "place")  # may hold any power
Sector = Literal["public_health", "care_homes", "social_care", "schools"]


ALWAYS_THERE = ("approach", "reserve", "workforce", "restriction")  # buying needs supplies, or money for help
POWERS = (*ALWAYS_THERE, "procurement", "commissioning")


class Power(Settings):
    """What all powers have in common."""

    holder: OneOrByNation = Field(description="Tier that decides; or a table of tiers by home nation, with `else`.")
    scope: Tier | None = choice(None, "Tier that one decision covers; absent means the holder's whole area.")
    fallback: Tier = choice("place", "Who holds it where the holder's tier does not exist.")
    joint: bool = choice(False, "Members decide together: slower where trust is low.")
    at_deadline: Literal["status_quo", "imposed"] = choice(
        "status_quo", "Where members do not agree in time: things stay as they are, or the holder decides alone."
    )
    answers: Literal["holder", "shared", "nobody"] = choice(
        "holder", "Who answers for what comes of it: the holder, the holder and others together, or nobody."
    )
    cadence_days: int = number(7, "Days between rounds of decisions.", "days", 1, 182)
    approval_days: float = number(0.0, "Fixed days from decision to effect.", "days", 0.0, 182.0)
    approval_median_days: float = number(0.0, "Median of the further, lognormal delay.", "days", 0.0, 182.0)
    approval_log_sd: float = number(1.0, "Spread of that delay.", "log", 0.0, 3.0)
    reversal_cost: float = number(0.02, "How much better a change must look before it is made.", "share", 0.0, 1.0)
    analyst_share: float = number(0.002, "Share of staff who prepare decisions: it buys attention.", "share", 0.0, 0.1)

    def tier_in(self, nation: str | None) -> Tier:
        """Return the tier that decides in a home nation; None stands for a country that has none."""
        return tier_in(self.holder, nation)

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Every tier that decides somewhere, a second holder left out."""
        return tiers_of(self.holder)

    @property
    def all_tiers(self) -> tuple[Tier, ...]:
        """Every tier that decides somewhere."""
        other = second_of(self)
        return self.tiers if other is None else (*self.tiers, other)


class Shareable(Power):
    """A power that two tiers may hold with no lead between them."""

    second: Tier | None = choice(None, "A second tier that holds the power too, with no lead between the two.")


class ApproachPower(Shareable):
    """Which way of working each service uses."""

    advice: tuple[Sector, ...] = words("Sector leads in the room.")


def second_of(power: Power) -> Tier | None:
    """Return the second tier that holds a power, if there is one."""
    return getattr(power, "second", None)


class ReservePower(Shareable):
    """Where surge staff go."""

    rule: Literal["formula", "seen_need", "bids"] = choice(
        "formula", "By head count, by the need that is seen, or by what places bid for."
    )
    advice: tuple[Sector, ...] = words("Sector leads in the room.")


class WorkforcePower(Shareable):
    """Moving staff between services and between places."""

    services: Literal["ring_fenced", "pooled"] = choice("ring_fenced", "May staff move between services of a place?")
    places: Literal["none", "mutual_aid", "directed"] = choice(
        "none", "Between places: not at all, along peer ties, or within the holder's area."
    )


class RestrictionPower(Shareable):
    """Limiting contact."""


class ProcurementPower(Shareable):
    """Who buys supplies: its scope is the buyer. It matters where the scenario has supplies."""

    rule: Literal["formula", "seen_need"] = choice(
        "seen_need", "Shared out by ordinary use, or by the use and the stocks that are seen."
    )
    advice: tuple[Sector, ...] = words("Sector leads in the room.")


class CommissioningPower(Power):
    """Who is paid to help. It matters where the scenario has money for it."""

    helper: HelperName = choice(
        "independent",
        "A national outsourcer, local independents, a consortium, public staff hired for the time, "
        "or voluntary groups by grant.",
    )
    rule: Literal["formula", "seen_need"] = choice("seen_need", "Sent by ordinary need, or where need is seen.")
    advice: tuple[Sector, ...] = words("Sector leads in the room.")


class Powers(Settings):
    """The powers decided in a run."""

    approach: ApproachPower
    reserve: ReservePower
    workforce: WorkforcePower
    restriction: RestrictionPower
    procurement: ProcurementPower
    commissioning: CommissioningPower


class Trial(Settings):
    """Who may try another way of working, and on what share of cases."""

    licence: Literal["none", "pilots", "anyone"] = choice(
        "anyone", "Nobody, pilot places chosen from above, or any place."
    )
    share: float = number(0.05, "Share of cases in trials where trying is licensed.", "share", 0.0, 0.5)
    pilots: float = number(0.15, "Share of places that are pilots.", "share", 0.0, 1.0)


class Variation(Settings):
    """Departing from a mandate."""

    rule: Literal["none", "comply_or_explain", "opt_out"] = choice(
        "none",
        "Not at all; with reasons given (half the enforcement); or freely, by whoever has seen its own way do better.",
    )
    override: float = number(
        0.0,
        "Chance a week that whoever gave a mandate overrides a desk that departs from it though its own way works.",
        "a week",
        0.0,
        1.0,
    )


class Priority(Settings):
    """What counts for those who hold powers. It matters where the scenario has targets."""

    rule: Literal["population_outcomes", "activity_targets"] = choice(
        "population_outcomes", "They weigh the harm that they see, or follow the activity that is counted."
    )


class Funding(Settings):
    """Where money for paid help comes from. It matters where the scenario has any."""

    rule: Literal["settlement", "own_tax", "pots"] = choice(
        "settlement",
        "By head, for any service; by each place's own tax base; or in pots for one service each that places bid for.",
    )
    takeover: Literal["none", "region", "nation"] = choice(
        "none", "Who sends commissioners into a council in financial failure, to decide in its place; or nobody."
    )


class Reporting(Settings):
    """Upward: evidence and need, from places to the tiers above."""

    delay_days: int = number(7, "Days it takes.", "days", 0, 70, "T15")
    granularity: Literal["nation", "region", "place"] = choice("place", "The finest unit that those above can see.")
    clarity: float = number(1.0, "How much of the meaning survives.", "share", 0.0, 1.0)


class Guidance(Settings):
    """Downward: what the centre knows of others, told to places."""

    delay_days: int = number(7, "Days it takes, after reporting.", "days", 0, 70)
    clarity: float = number(0.0, "How much of the meaning survives; 0 means the channel is closed.", "share", 0.0, 1.0)


class Peer(Settings):
    """Sideways: between places."""

    network: Literal["none", "neighbours", "small_world", "random", "complete", "hub"] = choice(
        "none", "Who is tied to whom."
    )
    degree: int = number(6, "Ties of each place, where the network lets one choose.", "ties", 0, 100, "S21")
    delay_days: int = number(3, "Days a message takes for each hop.", "days", 0, 35)
    relay_hops: Literal[1, 2] = choice(1, "How far messages are passed on.")
    clarity: float = number(1.0, "How much of the meaning survives each hop, before trust.", "share", 0.0, 1.0)


class Partnership(Settings):
    """Across sectors within a place."""

    clarity: float = number(
        0.5, "Share understood of what another sector has learnt, before language.", "share", 0.0, 1.0
    )


class Hub(Settings):
    """A multi-agency hub in each place: staff of some services sit together, and know each other's cases."""

    services: tuple[ServiceName, ...] = words("Services whose staff sit together; none means there is no hub.")
    data: float = number(0.5, "Share of their data that they see together.", "share", 0.0, 1.0, "L3")


class OpenBase(Settings):
    """A shared base that any place can read."""

    coverage: float = number(0.0, "Share of places that contribute; 0 means there is none.", "share", 0.0, 1.0)
    delay_days: int = number(7, "Days until what is contributed can be read.", "days", 0, 70)
    clarity: float = number(1.0, "How much of the meaning survives, before trust.", "share", 0.0, 1.0)


class Channels(Settings):
    """Who hears whom, how late and how clearly."""

    reporting: Reporting = Reporting()
    guidance: Guidance = Guidance()
    peer: Peer = Peer()
    partnership: Partnership = Partnership()
    hub: Hub = Hub()
    open: OpenBase = OpenBase()


class Emergency(Settings):
    """What stands up in an emergency: the strategic co-ordinating group of each resilience forum."""

    stand_up_days: int | None = number(
        None,
        "Days from the beginning of a crisis until responders join in under the forum; absent means never.",
        "days",
        0,
        182,
    )


class EvidenceRule(Settings):
    """Who holds the data on need and cases."""

    data_holder: Literal["nation", "place", "open"] = choice(
        "place", "Who sees need and cases first; others wait for reporting or guidance. Open: all at once.", "T15-T18"
    )


Watched = Literal["harm_per_1000", "unmet_share", "infections_per_100k", "deaths_per_100k", "trust", "confidence"]


class Adaptation(Settings):
    """A rule by which the structure changes while a condition holds, such as threat rigidity."""

    watch: Watched = Field(description="What is watched: the mean of the last week over the country.")
    when: Literal["above", "below"] = choice("above", "On which side of the limit the rule is in force.")
    starts_at: float = number(..., "Limit at which it comes into force.", "as watched", 0.0, 1e9)
    ends_at: float = number(..., "Limit at which it ends.", "as watched", 0.0, 1e9)
    hold_days: int = number(28, "Days for which it stays in force at least.", "days", 7, 3650)
    switch_days: float = number(
        0.5, "Staff-days of training for each member of staff at every switch, there and back.", "days", 0.0, 30.0
    )
    then: dict[str, Any] = Field(description="Settings of the structure while it is in force.")

    @model_validator(mode="after")
    def _consistent(self) -> Adaptation:
        check_limits(self)
        return self


def check_limits(rule: Adaptation) -> None:
    """Refuse a rule that would end before it starts, or that changes nothing a rule can change."""
    if (rule.ends_at > rule.starts_at) if rule.when == "above" else (rule.ends_at < rule.starts_at):
        side = "at most" if rule.when == "above" else "at least"
        raise ValueError(f"adaptation: ends_at must be {side} starts_at, or the rule would end as it begins.")
    unknown = sorted(set(rule.then) - ADAPTABLE)
    if unknown or not rule.then:
        raise ValueError(
            f"adaptation: then may set {', '.join(sorted(ADAPTABLE))}, and must set one of them"
            + (f'; it has "{unknown[0]}".' if unknown else ".")
        )


ADAPTABLE = {"powers", "trial", "variation", "priority", "funding", "channels", "evidence"}


class Structure(Settings):
    """One way of governing."""

    schema_version: Literal[1] = choice(SCHEMA_VERSION, "Version of this file format.")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[0-9][a-z0-9_]*)*$")]  # dial_0.3_0.7
    title: str
    description: str = ""
    sources: tuple[str, ...] = words("Where the description comes from.")
    requires: tuple[Tier, ...] = words("Tiers the country must have.")
    powers: Powers
    trial: Trial = Trial()
    variation: Variation = Variation()
    priority: Priority = Priority()
    funding: Funding = Funding()
    channels: Channels = Channels()
    evidence: EvidenceRule = EvidenceRule()
    adaptation: tuple[Adaptation, ...] = Field(default=(), description="Rules by which it changes.", strict=False)
    emergency: Emergency = Emergency()
    culture: dict[str, float] = Field(
        default_factory=dict,
        description="Settings of the scenario's [culture] in which it is at home; a comparison tells them apart.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Structure:
        check_teams(self)
        check_scopes(self)
        check_aid(self)
        check_adaptation(self)
        check_hub(self)
        check_culture(self)
        check_second(self)
        check_community(self)
        return self


def check_teams(structure: Structure) -> None:
    """Refuse teams where a place must decide, and what a team's own choice does not have."""
    for name in POWERS:
        power: Power = getattr(structure.powers, name)
        if name != "approach" and "team" in (*power.all_tiers, power.fallback, power.scope):
            raise ValueError(
                f'powers.{name}: a team can hold only the approach; set holder to "place" or a wider tier.'
            )
    approach = structure.powers.approach
    if "team" in approach.tiers and (approach.joint or approach.approval_days or approach.approval_median_days):
        raise ValueError(
            "powers.approach: a team needs nobody's approval for its own way of working; "
            "leave joint and the approval days out."
        )
    if "team" in (approach.fallback, approach.scope) or "team" in structure.requires:
        raise ValueError('powers.approach: fallback, scope and requires take "place" or a wider tier, not "team".')


RESIDENTS_DECIDE = ("approach", "restriction", "commissioning")


def check_community(structure: Structure) -> None:
    """Refuse residents where they cannot decide: they do so in their place, at once, and only on some powers."""
    for name in POWERS:
        power: Power = getattr(structure.powers, name)
        if "community" not in (*power.all_tiers, power.fallback, power.scope):
            continue
        if name not in RESIDENTS_DECIDE:
            raise ValueError(
                f"powers.{name}: residents can hold {', '.join(RESIDENTS_DECIDE)} only; "
                'set holder to "place" or a wider tier.'
            )
        if "community" in (power.fallback, power.scope, second_of(power)) or power.joint:
            raise ValueError(
                f"powers.{name}: residents decide for their own place, together; "
                'leave joint out, and let scope, fallback and second name "place" or a wider tier.'
            )
    if "community" in structure.requires:
        raise ValueError("requires: every place has residents; leave community out.")


def check_scopes(structure: Structure) -> None:
    """Refuse a decision wider than its holder's area."""
    for name in POWERS:
        power: Power = getattr(structure.powers, name)
        for tier in power.tiers:
            if not may_decide_for(tier, power.scope):
                raise ValueError(
                    f"powers.{name}: a {tier_word(tier)} cannot decide for a whole {power.scope}; leave scope out, "
                    f'or set it to "place" or "{tier}".'
                )


def may_decide_for(tier: Tier, scope: Tier | None) -> bool:
    """Say whether one decision of a tier may cover a whole area of another: forums lie within home nations."""
    within = ("devolved", "region", "forum", "health_system")
    return scope in (None, tier, "place") or tier == "nation" or (tier == "devolved" and scope in within)


def check_adaptation(structure: Structure) -> None:
    """Refuse rules whose settings do not suit the structure."""
    for place, rule in enumerate(structure.adaptation, start=1):
        settings = {**structure.model_dump(), "adaptation": ()}
        try:
            Structure.model_validate(merged(settings, rule.then))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise ValueError(f"adaptation {place}: then.{where}: {problem['msg']}.") from None


def check_aid(structure: Structure) -> None:
    """Refuse mutual aid without the ties it travels along."""
    if structure.powers.workforce.places == "mutual_aid" and structure.channels.peer.network == "none":
        raise ValueError(
            'powers.workforce.places is "mutual_aid" but channels.peer.network is "none"; choose a peer network.'
        )


def check_hub(structure: Structure) -> None:
    """Refuse a hub of fewer than two services."""
    services = structure.channels.hub.services
    if len(services) == 1 or len(set(services)) < len(services):
        raise ValueError("channels.hub.services: a hub joins two or more services, each named once; name them all.")


def check_second(structure: Structure) -> None:
    """Refuse a second holder where there cannot be one."""
    for name in POWERS:
        power: Power = getattr(structure.powers, name)
        second = second_of(power)
        if second is not None and power.joint:
            raise ValueError(
                f"powers.{name}.second: a joint power has one table, and its holder leads; take second out, or joint."
            )
        if second is not None and power.tiers == (second,):
            held = f"the {tier_word(second)} holds it already"
            raise ValueError(f"powers.{name}.second: {held}; name another tier.")
    check_second_approach(structure)
    check_second_workforce(structure)


def check_second_approach(structure: Structure) -> None:
    """Refuse two who hold the approach without a lead where one of them gives no mandate."""
    approach = structure.powers.approach
    for tier in ("team", "community"):
        if approach.second is not None and tier in approach.all_tiers:
            raise ValueError(
                f"powers.approach.second: a {tier_word(tier)} gives no mandate that another could contradict; "
                'let holder and second name "place" or a wider tier, or take second out.'
            )


def check_second_workforce(structure: Structure) -> None:
    """Refuse two who direct aid over each other's heads: nobody could keep account of who is lent where."""
    workforce = structure.powers.workforce
    one_is_local = workforce.second == "place" or workforce.tiers == ("place",)
    if workforce.second is not None and workforce.places == "directed" and not one_is_local:
        raise ValueError(
            "powers.workforce.second: two that both direct aid between places would lend the same staff twice; "
            'let holder or second be "place", or set places to "none" or "mutual_aid".'
        )


def check_culture(structure: Structure) -> None:
    """Refuse a culture with settings that no culture has, or out of their range."""
    for name, value in structure.culture.items():
        if name not in Culture.model_fields:
            raise ValueError(f"culture.{name}: there is no such setting of a culture; {nearest(name, CULTURE)}")
        low, high, unit = limits_of(Culture.model_fields[name])
        if not low <= value <= high:
            raise ValueError(
                f"culture.{name}: {value:g} is out of range; give a number from {low:g} to {high:g} ({unit})."
            )


def limits_of(field: FieldInfo) -> tuple[float, float, str]:
    """Return the ends of a number's range, and its unit."""
    low = next(limit.ge for limit in field.metadata if isinstance(limit, Ge))
    high = next(limit.le for limit in field.metadata if isinstance(limit, Le))
    extra: Any = field.json_schema_extra
    return float(low), float(high), str(extra["unit"])  # type: ignore[arg-type]  # numbers, as declared


def information_days(structure: Structure, holder: Tier) -> int:
    """Return the days from the owner of the data on need and cases to a decider of a tier.

    An owner sees its own data at once: a place as they stand, a government, national or devolved, in its newest
    weekly report.
    """
    channels, owner = structure.channels, structure.evidence.data_holder
    if holder == "community":
        return 0  # residents see with their own eyes, whoever holds the data
    if owner == "open":
        return 0 if holder in IN_A_PLACE else 1
    if owner == "place":
        return 0 if holder in IN_A_PLACE else channels.reporting.delay_days
    return 1 if holder in ("nation", "devolved") else channels.guidance.delay_days


def reports_upward(structure: Structure, powers: Sequence[str] = POWERS) -> bool:
    """Say whether anybody above the places decides on one of these powers, holds the data or guides."""
    above = any(not IN_A_PLACE.issuperset(getattr(structure.powers, name).all_tiers) for name in powers)
    return above or structure.channels.guidance.clarity > 0.0 or structure.evidence.data_holder == "nation"


def in_nation(structure: Structure, nation: str | None) -> Structure:
    """Return a structure as it stands in one home nation: every power with the one holder that it has there."""
    held = {name: getattr(structure.powers, name) for name in POWERS}
    here = {name: power.model_copy(update={"holder": power.tier_in(nation)}) for name, power in held.items()}
    return structure.model_copy(update={"powers": structure.powers.model_copy(update=here)})
