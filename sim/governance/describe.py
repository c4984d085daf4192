"""Structures and scenarios in plain English, for reading aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from sim.governance.nations import ELSE, Tier
from sim.governance.structure import (
    ALWAYS_THERE,
    IN_A_PLACE,
    POWERS,
    CommissioningPower,
    Power,
    ProcurementPower,
    Structure,
    in_nation,
    information_days,
    reports_upward,
    second_of,
)
from sim.world.commissioning import HelperName
from sim.world.country import Country, load_country
from sim.world.crises import CrisisKind, Epidemic, Flood, Pressure, Replay, SupplyShock, WickedIssue, WinterPressure
from sim.world.nations import nation_name, nation_word
from sim.world.scenario import Costs, Culture, Scenario, all_crises

SUBJECTS = {
    "approach": "Ways of working",
    "reserve": "Surge staff",
    "workforce": "Moving staff",
    "restriction": "Limiting contact",
    "procurement": "Buying supplies, where they can run short",
    "commissioning": "Paying others to help, where there is money for it",
}
HOLDERS: dict[Tier, str] = {
    "nation": "national government",
    "devolved": "the devolved government",
    "region": "the regional body",
    "forum": "the resilience forum",
    "health_system": "the integrated care system",
    "place": "each place",
    "team": "each team, for its own work,",
    "community": "the community of each place",
}
WHOLE_AREAS: dict[Tier, str] = {
    "nation": "the whole country",
    "devolved": "the whole home nation",
    "region": "the whole region",
    "forum": "the whole forum area",
    "health_system": "the whole health system",
    "place": "itself",
    "team": "itself",
    "community": "itself",
}
GOVERNMENTS = {
    "scotland": "the Scottish Government",
    "wales": "the Welsh Government",
    "northern_ireland": "the Northern Ireland Executive",
}
NETWORKS = {
    "neighbours": "the places that border it",
    "small_world": "about {degree} others, most of them near and some far",
    "random": "about {degree} others, wherever they are",
    "complete": "all other places",
    "hub": "one central place, which hears them all",
}
HELPERS: dict[HelperName, str] = {
    "outsourcer": "a national outsourcer",
    "independent": "independent providers on the spot",
    "consortium": "providers of the area who join for it",
    "public": "public staff who are hired for the time",
    "community": "voluntary groups, by grants that they can plan on",
}
LICENCES = {
    "none": "Nobody may try another way of working.",
    "pilots": "Pilot places may try other ways of working on {share} of their cases; {pilots} of places are chosen.",
    "anyone": "Any place may try other ways of working on {share} of its cases.",
}
AID = {
    "none": "No place lends staff to another.",
    "mutual_aid": "Places lend staff to the peers they are tied to.",
    "directed": "Whoever decides may send staff from one place to another within its area.",
}
GRANULARITIES = {"nation": "as one national average", "region": "as regional averages", "place": "place by place"}
VARIATIONS = {
    "none": "Whoever is told to work another way is expected to follow.",
    "comply_or_explain": "Whoever is told to work another way may keep its own, with reasons.",
    "opt_out": "Whoever has seen its own way do better may keep it.",
}
PRIORITIES = {
    "population_outcomes": "Those who decide weigh the harm that they see.",
    "activity_targets": "Where activity is counted, those who decide follow what is counted, and not the harm.",
}
FUNDING = {
    "settlement": "Money for paid help comes by head, and may be spent on any service.",
    "own_tax": "Money for paid help comes from each place's own taxes: there is less of it in deprived places.",
    "pots": "Places bid for money for paid help, pot by pot. Each pot is for one service, and better bids get more.",
}
TAKEOVER = {
    "none": "",
    "region": " Into a council in financial failure the regional body sends commissioners, who decide in its place.",
    "nation": " Into a council in financial failure national government sends commissioners, who decide in its place.",
}
TOGETHER = {"procurement": "without knowing what the other has ordered"}  # how two act without a lead, else in turn
ANSWERS = {
    "holder": "Whoever decides answers for it.",
    "shared": "Those who decide answer for it together with others.",
    "nobody": "Nobody answers for it.",
}
RESERVE_RULES = {
    "formula": "by head count",
    "seen_need": "where need is seen",
    "bids": "by what places bid for on their own figures, and better bids get more",
}
AT_DEADLINE = {
    "status_quo": " If members do not agree in time, things stay as they are.",
    "imposed": " If members do not agree in time, the holder decides alone.",
}
LABELS = ("schema_version", "name", "title", "description", "story", "purpose", "sources", "change")


def describe_structure(structure: Structure, costs: Costs | None = None) -> str:
    """Return a structure in plain English.

    Parameters
    ----------
    structure
        What to describe.
    costs
        Prices of links, seats and reports; absent means the usual ones.

    Returns
    -------
    str
        Who decides what, how often, on whose information and how late; who may try; who hears whom; what it
        costs; and the sources.
    """
    costs = costs or Costs()
    parts = [structure.title, _flowing(structure.description), "WHO DECIDES"]
    parts += [describe_power(structure, name, costs) for name in POWERS]
    parts += ["WHO STANDS UP IN AN EMERGENCY", _emergency(structure)]
    parts += ["WHO MAY TRY", _trial(structure)]
    if structure.powers.approach.tiers != ("team",):
        parts += ["WHO MUST FOLLOW", VARIATIONS[structure.variation.rule] + _override(structure)]
    parts += ["WHAT COUNTS", PRIORITIES[structure.priority.rule]]
    parts += ["WHO IS FUNDED", FUNDING[structure.funding.rule] + TAKEOVER[structure.funding.takeover]]
    parts += ["WHO HEARS WHOM", _list(_channels(structure))]
    parts += ["WHAT IT COSTS", _list(_costs(structure, costs))]
    if structure.culture:
        parts += ["THE CULTURE IT CARRIES", _list(_culture(structure))]
    if structure.adaptation:
        parts += ["WHEN IT CHANGES ITSELF", _list(_rules(structure))]
    return _joined([*parts, "SOURCES", _list(structure.sources)])


def describe_scenario(scenario: Scenario) -> str:
    """Return a scenario in plain English.

    Returns
    -------
    str
        Where it happens and for how long; what happens; what every structure has in equal measure; dated
        changes; settings that are not the usual ones; and the sources.
    """
    parts = [scenario.title, _flowing(scenario.story), _flowing(scenario.purpose)]
    country = load_country(scenario.country)
    parts += ["WHERE AND HOW LONG", " ".join(_where(scenario, country))]
    parts += ["WHAT HAPPENS", _list(_happenings(scenario, country))]
    parts += ["WHAT EVERY STRUCTURE HAS ALIKE", _list(_means(scenario))]
    if scenario.loss:
        parts += ["WHAT IS LOST", _list(_losses(scenario))]
    parts += ["DATED CHANGES", _list(_changes(scenario))]
    parts += ["SETTINGS THAT ARE NOT THE USUAL ONES", _list(_unusual(scenario, ""))]
    return _joined([*parts, "SOURCES", _list(scenario.sources)])


def describe_power(structure: Structure, name: str, costs: Costs) -> str:
    """Return who decides a power, how often, on what and how late."""
    if name == "workforce" and not moves_staff(structure):
        return f"{SUBJECTS[name]}. Nobody moves staff. {' '.join(_own(structure, name))}"
    power: Power = getattr(structure.powers, name)
    here = {where: in_nation(structure, nation) for where, nation in _parts_of_country(power).items()}
    sentences = [_holder(where, getattr(each.powers, name), name) for where, each in here.items()]
    second = second_of(power)
    if second is not None:
        sentences.append(
            f"{_capital(HOLDERS[second])} holds it too, and neither has the lead: in a round both may act, "
            f"{TOGETHER.get(name, 'in turn')}, or each may leave it to the other, so that nobody does."
        )
    sentences += _once({where: _information(each, getattr(each.powers, name)) for where, each in here.items()})
    sentences.append(_approval(power, costs))
    sentences += _once({where: _span(each, getattr(each.powers, name)) for where, each in here.items()})
    if "community" in power.tiers:
        sentences.append("Residents see for themselves and give their own time; they have no authority over staff.")
    sentences += _own(structure, name)
    sentences.append(ANSWERS[power.answers])
    sentences.append(f"A change worth less than {_percent(power.reversal_cost)} is not made.")
    return f"{SUBJECTS[name]}. {' '.join(sentences)}"


def _parts_of_country(power: Power) -> dict[str, str | None]:
    """Return the parts of a country in which a power has a holder of its own, in words, and a home nation in each."""
    if not isinstance(power.holder, dict):
        return {"": None}
    named = [nation for nation in power.holder if nation != ELSE]
    parts: dict[str, str | None] = {f"In {nation_name(nation)}": nation for nation in named}
    return {**parts, "Elsewhere" if named else "": None}


def _once(sentences: dict[str, str]) -> list[str]:
    """Return what is said of each part of a country: once, where it is the same for all."""
    if len(set(sentences.values())) == 1:
        return [next(iter(sentences.values()))]
    return [f"{where}: {text[0].lower()}{text[1:]}" for where, text in sentences.items()]


def _emergency(structure: Structure) -> str:
    days = structure.emergency.stand_up_days
    if days is None:
        return (
            "No forum stands up a strategic co-ordinating group: police, fire and ambulance stay with their own work."
        )
    when = "When a crisis begins" if days == 0 else f"{_days(days)} after a crisis begins"
    return (
        f"{_capital(when)} each resilience forum stands up a strategic co-ordinating group. Under it police, fire and "
        "the Environment Agency help with essentials, ambulance and health protection teams with outbreak control."
    )


def _override(structure: Structure) -> str:
    share = structure.variation.override
    if share == 0.0:
        return ""
    return (
        f" Those who depart though their own way works are overridden from above, with a chance of {_percent(share)} "
        "a week; of what is overridden nobody is told any more."
    )


def moves_staff(structure: Structure) -> bool:
    """Return whether staff ever move between services or places."""
    workforce = structure.powers.workforce
    return workforce.services == "pooled" or workforce.places != "none"


# --- powers ----------------------------------------------------------------------------------------------


def _holder(where: str, power: Power, name: str) -> str:
    together = ", its members together," if power.joint else ""
    every = f"every {power.cadence_days} days" if power.cadence_days > 1 else "every day"
    scope = _scope(where, power) if name in {"approach", "restriction", "procurement", "commissioning"} else ""
    who = _who(where, power.tier_in(None))
    fallback = "" if who not in HOLDERS.values() else _fallback(power)
    return f"{_capital(f'{where}, {who}' if where else who)}{together} decides {every}{scope}.{fallback}"


def _who(where: str, tier: Tier) -> str:
    """Return who a tier is; a devolved government by its own name."""
    if tier != "devolved" or not where.startswith("In "):
        return HOLDERS[tier]
    name = where.removeprefix("In ")
    return GOVERNMENTS.get(nation_word(name), f"the {name} Government")


def _scope(where: str, power: Power) -> str:
    tier = power.tier_in(None)
    if tier in IN_A_PLACE:
        return ""
    scope = power.scope or tier
    if where and scope == "nation":
        return ", each time for all places there"
    return ", place by place" if scope == "place" else f", each time for {WHOLE_AREAS[scope]}"


def _fallback(power: Power) -> str:
    if power.tier_in(None) in {"nation", "place", "team"}:
        return ""
    if power.tier_in(None) == "community":
        return f" Where residents are not organised to decide, {HOLDERS[power.fallback]} decides."
    return f" Where there is no such body, {HOLDERS[power.fallback]} decides."


def _information(structure: Structure, power: Power) -> str:
    tier = power.tier_in(None)
    days = information_days(structure, tier)
    age = "of the same day" if days == 0 else f"that are {_days(days)} old"
    if tier in IN_A_PLACE:
        return f"It goes by its own figures {age}."
    seen = f"and sees them {GRANULARITIES[structure.channels.reporting.granularity]}"
    if power == structure.powers.approach:
        results = _days(structure.channels.reporting.delay_days)
        return f"It goes by figures on need {age} and on results that are {results} old, {seen}."
    return f"It goes by figures {age}, {seen}."


def _approval(power: Power, costs: Costs) -> str:
    text = _delay(power.approval_days, power.approval_median_days)
    if power.joint and costs.negotiation_days > 0.0:
        text += f" Agreeing takes longer the less trust there is, up to {_days(costs.negotiation_days)} with none."
        text += AT_DEADLINE[power.at_deadline]
    return text


def _delay(fixed: float, median: float) -> str:
    if median > 0.0:
        first = f"{_days(fixed)} and then " if fixed > 0.0 else ""
        return f"Decisions take {first}a delay that is above {_days(median)} in half of all cases."
    return f"Decisions take effect after {_days(fixed)}." if fixed > 0.0 else "Decisions take effect at once."


def _span(structure: Structure, power: Power) -> str:
    """Return the days from an event to its effect, just before and just after a round of decisions."""
    tier = power.tier_in(None)
    least = information_days(structure, tier) + power.approval_days + power.approval_median_days
    if power == structure.powers.approach and tier not in IN_A_PLACE:
        least = structure.channels.reporting.delay_days + power.approval_days + power.approval_median_days
    most = least + power.cadence_days
    besides = ", besides the time to agree" if power.joint else ""
    return f"From an event to what is done about it, {_number(least)} to {_days(most)} pass as a rule{besides}."


def _own(structure: Structure, name: str) -> list[str]:
    """Return what only this power has."""
    powers = structure.powers
    if name == "approach":
        return [_advice(powers.approach.advice)]
    if name == "commissioning":
        where = "where need is seen" if powers.commissioning.rule == "seen_need" else "by ordinary need"
        paid = f"It pays {HELPERS[powers.commissioning.helper]}, who are sent {where}."
        return [paid, _advice(powers.commissioning.advice)]
    if name == "procurement":
        by_need = powers.procurement.rule == "seen_need"
        return [
            f"They go {'where they are seen to be short' if by_need else 'out by ordinary use'}.",
            _advice(powers.procurement.advice),
        ]
    if name == "reserve":
        return [f"Staff go {RESERVE_RULES[powers.reserve.rule]}.", _advice(powers.reserve.advice)]
    if name == "workforce":
        pooled = powers.workforce.services == "pooled"
        within = "may move from one service to another" if pooled else "stay in their own service"
        return [f"Within a place, staff {within}.", AID[powers.workforce.places]]
    return []


def _advice(sectors: Sequence[str]) -> str:
    if not sectors:
        return "No sector lead is in the room."
    leads = _and([sector.replace("_", " ") for sector in sectors])
    return f"In the room with a lead of their own: {leads}."


WATCHED = {
    "harm_per_1000": "harm for each thousand people a day",
    "unmet_share": "the share of need that lapses",
    "infections_per_100k": "infections for each 100,000 people a day",
    "deaths_per_100k": "deaths for each 100,000 people a day",
    "trust": "trust between organisations",
    "confidence": "confidence of residents",
}


def _culture(structure: Structure) -> Iterator[str]:
    for name, value in structure.culture.items():
        yield f"{_capital(name.replace('_', ' '))}: {_number(value)}. {Culture.model_fields[name].description}"
    yield (
        "A comparison runs it in the scenario's culture, as all others, and tells apart what its own culture adds. "
        "In a study it is at home in its own."
    )


def _rules(structure: Structure) -> Iterator[str]:
    for rule in structure.adaptation:
        side = "rises above" if rule.when == "above" else "falls below"
        back = "at or below" if rule.when == "above" else "at or above"
        yield (
            f"When {WATCHED[rule.watch]}, over a week, {side} {_number(rule.starts_at)}, what follows is in force. "
            f"It stays so for {_days(rule.hold_days)} at least, and until that is {back} {_number(rule.ends_at)}."
        )
        yield from (f"Then {move}." for move in _moves(rule.then, ""))


# --- trials, channels, costs -----------------------------------------------------------------------------


def _trial(structure: Structure) -> str:
    trial = structure.trial
    return LICENCES[trial.licence].format(share=_percent(trial.share), pilots=_percent(trial.pilots))


def _channels(structure: Structure) -> Iterator[str]:
    channels = structure.channels
    yield _data(structure)
    yield _reporting(structure)
    yield _guidance(structure)
    yield _peers(structure)
    clarity = _percent(channels.partnership.clarity)
    yield f"Across sectors: within a place, {clarity} of what one sector learns is understood by the others at best."
    yield from _hub(structure)
    yield _open_base(structure)


def _hub(structure: Structure) -> Iterator[str]:
    hub = structure.channels.hub
    if hub.services:
        names = " and ".join(name.replace("_", " ") for name in hub.services)
        yield f"In each place staff of {names} sit together in a hub and share {_percent(hub.data)} of their data."


def _data(structure: Structure) -> str:
    owner = structure.evidence.data_holder
    if owner == "open":
        return "Figures on need and cases: open to all from the day they are known, and to tiers above a day later."
    if owner == "place":
        return "Figures on need and cases: each place holds its own; the tiers above wait for reports."
    days = _days(structure.channels.guidance.delay_days)
    return f"Figures on need and cases: national government holds them; places wait {days} for their own."


def _reporting(structure: Structure) -> str:
    reporting = structure.channels.reporting
    if not reports_upward(structure):
        return "Upward: nobody above the places decides or asks, so nothing is reported."
    seen = GRANULARITIES[reporting.granularity]
    return f"Upward: reports take {_days(reporting.delay_days)} and are seen {seen}, {_clear(reporting.clarity)}."


def _guidance(structure: Structure) -> str:
    guidance = structure.channels.guidance
    if guidance.clarity == 0.0:
        return "Downward: the centre tells places nothing of what others have learnt."
    days = _days(guidance.delay_days)
    return f"Downward: what others have learnt comes back after a further {days}, {_clear(guidance.clarity)}."


def _peers(structure: Structure) -> str:
    peer = structure.channels.peer
    if peer.network == "none":
        return "Sideways: places do not hear from one another."
    whom = NETWORKS[peer.network].format(degree=peer.degree)
    text = f"Sideways: each place hears from {whom}, {_days(peer.delay_days)} late, {_clear(peer.clarity)}."
    return f"{text} What is heard is passed on once more." if peer.relay_hops == 2 else text


def _open_base(structure: Structure) -> str:
    base = structure.channels.open
    if base.coverage == 0.0:
        return "Shared base: there is none."
    share = _percent(base.coverage)
    return f"Shared base: {share} of places put in what they learn; all can read it {_days(base.delay_days)} later."


def _clear(clarity: float) -> str:
    return "with nothing of the meaning lost" if clarity == 1.0 else f"with {_percent(clarity)} of the meaning left"


def _costs(structure: Structure, costs: Costs) -> Iterator[str]:
    """Yield what takes working time, in per cent of all staff time."""
    channels, powers = structure.channels, structure.powers
    analysts, joint = 0.0, 0
    for name in ALWAYS_THERE:
        analysts += getattr(powers, name).analyst_share
        joint += getattr(powers, name).joint
    seats = len(powers.approach.advice) + len(powers.reserve.advice)
    yield f"Preparing decisions: {_percent(analysts)} of staff time."
    yield from _cost(f"Seats for sector leads, {seats} in all", costs.seat * seats)
    yield from _cost("Deciding together", costs.joint * joint)
    yield from _cost("Working across sectors", costs.partnership * channels.partnership.clarity)
    yield from _cost("Sitting together in a hub", costs.hub * len(channels.hub.services))
    yield from _cost("Reporting upward", costs.report if reports_upward(structure) else 0.0)
    yield from _cost("Keeping up the shared base", costs.open_base if channels.open.coverage > 0.0 else 0.0)
    for name in ("procurement", "commissioning"):
        yield from _cost(SUBJECTS[name], _buying(getattr(powers, name), costs))
    yield from _cost("Each further footprint of those who decide for a place", costs.footprint)
    if channels.peer.network != "none":
        yield f"Peer ties: {_percent(costs.tie)} for each tie of a place."


def _buying(power: ProcurementPower | CommissioningPower, costs: Costs) -> float:
    """Return the share of working time that buying supplies or help takes: analysts, seats and agreeing."""
    return power.analyst_share + costs.seat * len(power.advice) + (costs.joint if power.joint else 0.0)


def _cost(what: str, share: float) -> Iterator[str]:
    if share > 0.0:
        yield f"{what}: {_percent(share)}."


# --- scenarios -------------------------------------------------------------------------------------------


def _where(scenario: Scenario, country: Country) -> Iterator[str]:
    people = 0.0
    for population in country.population.tolist():
        people += population
    areas = {tier: len(country.areas[tier].names) for tier in ("region", "forum", "health_system")}
    kind = ", an invented country" if scenario.country.kind == "synthetic" else ""
    yield f"{country.name}{kind}: {len(country):,} places with {people:,.0f} people,"
    yield f"{areas['region']} regional bodies, {areas['forum']} resilience forums and"
    yield f"{areas['health_system']} integrated care systems."
    governments = country.areas["devolved"].names
    if governments:
        yield f"Besides national government there are the {_and(sorted(governments))}."
    yield f"A run lasts {_days(scenario.days)}, about {scenario.days / 7:.0f} weeks."


def _happenings(scenario: Scenario, country: Country) -> Iterator[str]:
    if scenario.epidemic is not None:
        yield from _epidemic(scenario.epidemic, scenario)
    if scenario.pressure is not None:
        yield from _pressure(scenario.pressure)
    for crisis in scenario.crisis:
        yield from _crisis(crisis, country)
    if not all_crises(scenario):
        yield "No crisis: ordinary need only."
    gap = scenario.approaches.shift_gap_days
    if gap is not None:
        share = _percent(scenario.approaches.shift_share)
        yield f"What works shifts every {_days(gap)} or so; {share} of it is then drawn anew."


def _epidemic(epidemic: Epidemic, scenario: Scenario) -> Iterator[str]:
    yield f"An epidemic: infections come from abroad from day {epidemic.first_day}, for {_days(epidemic.import_days)}."
    yield (
        f"At the start one case infects {_number(epidemic.reproduction_number)} people; "
        f"{_percent(epidemic.fatality)} of those infected die where care is given."
    )
    found, days = _percent(epidemic.ascertainment), _days(epidemic.report_delay_days)
    yield f"{found} of infections are found, {days} after they happen."
    for variant in epidemic.variants:
        faster = _number(variant.transmissibility)
        yield f"On day {variant.day} a variant takes over that passes on {faster} times as easily."
    threshold, cut = _number(scenario.restriction.threshold), _percent(scenario.restriction.effect)
    yield (
        f"Limiting contact is considered from {threshold} reported cases per 100,000 people a week; "
        f"at its fullest it cuts contact by {cut}."
    )
    if scenario.restriction.lighter > 0.0:
        level, at = _percent(scenario.restriction.lighter), _percent(scenario.restriction.lighter_at)
        yield f"A lighter restriction, of {level} of that, is considered from {at} of that rate."
    if scenario.restriction.support_gbp > 0.0:
        yield f"Each person is paid GBP {_number(scenario.restriction.support_gbp)} for a day under full restriction."


def _pressure(pressure: Pressure) -> Iterator[str]:
    start, days = pressure.first_day, _days(pressure.ramp_days)
    yield f"From day {start} need rises, within {days}, to {_number(pressure.load)} times what staff can serve."
    height, gap = _percent(pressure.wave_height), _days(pressure.wave_gap_days)
    yield f"Local waves of {height} of ordinary need come every {gap} or so."


def _crisis(crisis: CrisisKind, country: Country) -> Iterator[str]:
    """Yield what a crisis does; of a kind that is not ours, what it says of itself."""
    if isinstance(crisis, Flood):
        yield from _flood(crisis, country)
    elif isinstance(crisis, WinterPressure):
        yield from _winter(crisis)
    elif isinstance(crisis, WickedIssue):
        yield from _wicked(crisis)
    elif isinstance(crisis, SupplyShock):
        yield from _shortage(crisis)
    elif isinstance(crisis, Replay):
        yield from _replay(crisis)
    else:
        yield _flowing(type(crisis).__doc__ or crisis.kind)


def _flood(flood: Flood, country: Country) -> Iterator[str]:
    names = [country.names[country.codes.index(code)] for code in flood.path]
    where = f"through {_and(names)}" if names else f"through up to {flood.places} places, which differ from run to run"
    yield (
        f"On day {flood.first_day} a flood begins. It runs {where}, {_days(flood.travel_days)} from one to the next; "
        f"it rises in {_days(flood.rise_days)} and is at its height for {_days(flood.crest_days)}."
    )
    rises = (flood.essentials, flood.social_care, flood.wellbeing)
    food, care, mind = (_percent(rise) for rise in rises)
    yield (
        f"At its height it adds {food} of ordinary need for essentials, {care} for social care and {mind} for "
        f"wellbeing, and keeps {_percent(flood.staff_away)} of staff from work. Need then falls to a third within "
        f"{_days(flood.recovery_days)}, for wellbeing within {_days(flood.wellbeing_recovery_days)}."
    )


def _winter(winter: WinterPressure) -> Iterator[str]:
    start = (
        f"from day {winter.first_day}" if winter.first_day >= 0 else f"since {_days(-winter.first_day)} before day 0"
    )
    clinical, social = _percent(winter.clinical_care), _percent(winter.social_care)
    yield (
        f"Winter, {start}, for {_days(winter.length_days)}: in the middle of it {clinical} more clinical need and "
        f"{social} more need of social care than usual, and {_percent(winter.staff_away)} more staff ill. It is "
        "harder in some places than in others."
    )
    if winter.transmission != 1.0:
        yield f"In the middle of winter an infection passes on {_number(winter.transmission)} times as easily."


def _wicked(issue: WickedIssue) -> Iterator[str]:
    services = _and([service.replace("_", " ") for service in issue.services])
    yield (
        f"A slow issue grows for {_days(issue.growth_days)} from day {issue.first_day}, until it adds "
        f"{_percent(issue.height)} to the ordinary need of {services}; more where people are deprived. "
        "Prevention can lower it."
    )
    if issue.feeding > 0.0:
        yield f"Each open case of these makes {_number(issue.feeding)} cases a day in the others of them."


def _shortage(shock: SupplyShock) -> Iterator[str]:
    cut, length, ramp = _percent(shock.supply_cut), _days(shock.length_days), _days(shock.ramp_days)
    yield (
        f"From day {shock.first_day} supplies are short everywhere, for {length}, worsening and easing within {ramp}. "
        f"At the worst the market offers {cut} less, an item costs {_number(shock.price_rise)} times as much where "
        f"orders just meet what is offered, and a case uses {_number(shock.use_rise)} times as much."
    )


def _replay(replay: Replay) -> Iterator[str]:
    yield (
        f"Need follows a record ({replay.series}), week by week, from {replay.first_week} on (day {replay.first_day}). "
        f"A recorded case brings {_number(replay.control_per_case)} cases of outbreak control, "
        f"{_number(replay.essentials_per_case)} of essentials and {_number(replay.wellbeing_per_case)} of wellbeing. "
        f"A recorded death stands for {_number(replay.clinical_per_death)} cases of clinical care and "
        f"{_number(replay.social_per_death)} of social care, {_days(replay.death_lag_days)} before. "
        "Nothing that is decided changes what was recorded."
    )


def _prevention(scenario: Scenario) -> Iterator[str]:
    prevention = scenario.prevention
    if prevention.share > 0.0:
        yield (
            f"Prevention takes {_percent(prevention.share)} of staff time where need can be prevented, for every "
            f"structure alike. It takes hold within {_days(prevention.lag_days)}, and goes first when need presses."
        )


def _hidden(scenario: Scenario) -> Iterator[str]:
    hidden = scenario.hidden
    named = [(name, service.seen) for name, service in scenario.services.items() if service.seen < 1.0]
    if named:
        shares = ", ".join(f"{_percent(seen)} in {name.replace('_', ' ')}" for name, seen in named)
        yield (
            f"Of new need only a share is seen without trusted local ties: {shares}. A hidden case comes forward after "
            f"{_days(hidden.come_forward_days)} on average and has then become {_number(hidden.burden)}, or lapses "
            f"unseen within {_days(hidden.lapse_days)}."
        )


def _morale(scenario: Scenario) -> Iterator[str]:
    morale = scenario.morale
    if morale.leaving > 0.0:
        yield (
            f"Where morale falls below {_number(morale.enough)} out of 1 staff leave, up to {_percent(morale.leaving)} "
            f"in a year; a post is vacant for {_days(morale.recruit_days)} on average."
        )


def _programmes(scenario: Scenario) -> Iterator[str]:
    leadership, sessions = scenario.leadership, scenario.joint_sessions
    if leadership is not None:
        money = leadership.grant_gbp + leadership.match_gbp
        yield (
            f"A leadership programme in up to {leadership.places} places, from day {leadership.first_day} for "
            f"{_days(leadership.length_days)}: an enabler and GBP {_number(money)} a place, paid in working time. It "
            f"fades within {_days(leadership.fade_days)} once it stops."
        )
    budget = scenario.pooled_budget
    if budget is not None:
        names = " and ".join(name.replace("_", " ") for name in budget.services)
        yield (
            f"A pooled budget in each place, from day {budget.first_day} for {_days(budget.length_days)}: surge staff "
            f"of {names} go where most cases are open. It takes {_percent(budget.time)} of working time."
        )
    if sessions is not None:
        yield (
            f"Joint sessions of sectors in each place, from day {sessions.first_day} for "
            f"{_days(sessions.length_days)}: they take {_percent(sessions.time)} of working time."
        )


def _targets(scenario: Scenario) -> Iterator[str]:
    targets = scenario.targets
    if targets is not None and targets.services:
        names = _and([name.replace("_", " ") for name in targets.services])
        span = f"from day {targets.first_day} for {_days(targets.length_days)}"
        yield (
            f"Targets, {span}: {_percent(targets.target)} of the day's cases are to be served in {names}. "
            f"Of what is missing {_percent(targets.gaming)} is reported as served."
        )
        yield (
            f"Each other service gives up {_percent(targets.shift)} of its time to what is counted, where "
            f"{_percent(targets.rise)} more is done in the same time."
        )


def _shared_trial(scenario: Scenario) -> Iterator[str]:
    trial = scenario.shared_trial
    if trial is not None and trial.services:
        names = _and([name.replace("_", " ") for name in trial.services])
        yield (
            f"A shared trial in {names}, from day {trial.first_day} for {_days(trial.length_days)}, wherever a "
            f"protocol reaches the front line. {_percent(trial.places)} of places recruit."
        )
        yield (
            f"Up to {_percent(trial.share)} of their cases are allotted to all ways of working alike. Every "
            f"{_number(trial.read_weeks)} weeks the pooled result is read. It takes {_percent(trial.time)} of working "
            "time."
        )


CONCESSIONS = {
    "concede": "the tier below holds {power} from then on",
    "close": "guidance and the open base are closed",
    "none": "nothing is done",
}


def _movement(scenario: Scenario) -> Iterator[str]:
    movement = scenario.movement
    if movement is not None:
        power = SUBJECTS[movement.power].split(",")[0].lower()
        yield (
            f"A movement that places may join from day {movement.first_day}: for choices that were overridden, for "
            "need that peers meet and they do not, and by the example of those whom they are tied to."
        )
        yield (
            f"When more than {_percent(movement.gives_way_at)} have joined, "
            f"{CONCESSIONS[movement.answer].format(power=power)}."
        )


def _breeds(scenario: Scenario) -> Iterator[str]:
    for name, service in scenario.services.items():
        for other, cases in (service.breeds or {}).items():
            one, two = name.replace("_", " "), other.replace("_", " ")
            yield f"A hundred open cases in {one} make {_number(100.0 * cases)} a day in {two}."


def _means(scenario: Scenario) -> Iterator[str]:
    load, approaches, culture = scenario.load, scenario.approaches, scenario.culture
    surge = _percent(load.reserve_share)
    yield f"Staff: {_number(load.staff_per_1000)} for each 1,000 people; {surge} of them are surge staff."
    if load.responder_share > 0.0:
        share = _percent(load.responder_share)
        yield f"Responders (police, fire, ambulance and others): {share} as many as there are staff."
    yield f"Ordinary need of {_number(load.base)} times what staff can serve before anything is learnt."
    yield (
        f"{approaches.count} ways of working for each of {len(scenario.services)} services. Nobody knows which works "
        f"where; {_percent(approaches.heterogeneity)} of the difference between them is local."
    )
    yield (
        f"Trust between organisations of {_number(culture.trust_start)}, shared language of "
        f"{_number(culture.language_start)} and candour of {_number(culture.candour)}, each out of 1."
    )
    if culture.blame > 0.0:
        dearer = _number(1.0 + culture.blame)
        yield f"People are blamed: to change course costs whoever answers for it {dearer} times as much."
    if scenario.evidence.slack > 0.0:
        yield f"Those who answer to nobody look at {_percent(scenario.evidence.slack)} less."
    yield from _prevention(scenario)
    yield from _hidden(scenario)
    yield from _breeds(scenario)
    yield from _morale(scenario)
    yield from _programmes(scenario)
    yield from _failure(scenario)
    yield from _targets(scenario)
    yield from _shared_trial(scenario)
    yield from _movement(scenario)
    yield from _supplies(scenario)
    if scenario.commissioning is not None:
        money, day = scenario.commissioning.budget_gbp_per_head, scenario.commissioning.first_day
        yield f"Money to pay others for help: {_number(money)} GBP for each person a year, from day {day} on."
    movable, skill = _percent(scenario.friction.movable), _percent(scenario.friction.skill_elsewhere)
    yield f"{movable} of a service's staff can move; elsewhere they do {skill} of what they do at home."


def _supplies(scenario: Scenario) -> Iterator[str]:
    supplies = scenario.supplies
    if supplies is None:
        return
    using = [name.replace("_", " ") for name, service in scenario.services.items() if service.items_per_case > 0.0]
    yield (
        f"Supplies for {_number(supplies.stock_days)} days of ordinary use, in {_and(using)}; the market offers "
        f"{_number(supplies.world_supply)} times that use, at {_number(supplies.price_gbp)} GBP an item where orders "
        f"just meet it. They take {_days(supplies.local_lead_days)} to arrive for one place and "
        f"{_days(supplies.bulk_lead_days)} for a whole country, which pays {_percent(supplies.bulk_discount)} less."
    )


LOST = {
    "nation": "national government cannot decide, and gives no guidance",
    "devolved": "devolved governments cannot decide",
    "region": "regional bodies cannot decide",
    "forum": "resilience forums cannot decide",
    "health_system": "integrated care systems cannot decide",
    "open_base": "the shared base is gone",
    "best_connected": "the place with the most ties is cut off from its peers",
}
SUCCESSORS = {
    "none": "Nobody stands in.",
    "deputy": "After {days} a deputy decides, with {attention} of the attention.",
    "below": "After {days} the tier below decides.",
}


def _failure(scenario: Scenario) -> Iterator[str]:
    failure = scenario.financial_failure
    if failure is not None:
        frozen = f", and {_percent(failure.frozen)} of posts there stand empty" if failure.frozen > 0.0 else ""
        yield (
            f"From day {failure.first_day}, for {_days(failure.length_days)}, {_percent(failure.share)} of councils "
            f"are in financial failure{frozen}."
        )


def _losses(scenario: Scenario) -> Iterator[str]:
    for loss in scenario.loss:
        yield f"From day {loss.day}, for {_days(loss.days)}, {LOST[loss.of]}."
    after = scenario.succession
    attention = _percent(after.deputy_attention)
    yield SUCCESSORS[after.rule].format(days=_days(after.hand_over_days), attention=attention)


def _changes(scenario: Scenario) -> Iterator[str]:
    for change in sorted(scenario.change, key=lambda change: change.day):
        moves = [*_moves(change.structure, ""), *_moves(change.scenario, "")]
        yield f"Day {change.day}: {'; '.join(moves) or 'nothing'}."
    if not scenario.change:
        yield "None."


def _moves(table: dict[str, Any], above: str) -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _moves(value, f"{above}{name}.")
        else:
            yield f"{above}{name} becomes {_value(value)}"


def _unusual(settings: BaseModel, above: str) -> Iterator[str]:
    """Yield each setting that is not at its default, with what it means."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        usual = field.get_default(call_default_factory=True)
        if name in LABELS or value == usual:
            continue
        if isinstance(value, BaseModel):
            yield from _unusual(value, f"{above}{name}.")
        elif name == "crisis":
            for crisis in value:
                yield from _unusual(crisis, f"crisis.{crisis.kind}.")
        elif isinstance(value, dict):
            yield from _unusual_entries(value, usual, f"{above}{name}.")
        else:
            yield f"{above}{name} = {_value(value)}. {field.description or ''}".rstrip()


def _unusual_entries(table: dict[str, BaseModel], usual: dict[str, BaseModel], above: str) -> Iterator[str]:
    for key, entry in table.items():
        for name, field in type(entry).model_fields.items():
            if getattr(entry, name) != getattr(usual[key], name):
                yield f"{above}{key}.{name} = {_value(getattr(entry, name))}. {field.description}"


# --- words -----------------------------------------------------------------------------------------------


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return _and([_value(item) for item in value]) or "none"
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {_value(getattr(value, name))}" for name in type(value).model_fields)
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _days(count: float) -> str:
    return f"{_number(count)} {'day' if count == 1 else 'days'}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g}%"


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _flowing(text: str) -> str:
    return " ".join(text.split())


def _list(lines: Sequence[str] | Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "- None."


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
