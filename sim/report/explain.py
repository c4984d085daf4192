"""The chain behind a decision, in sentences that a council officer can follow: one place, one day, each structure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from textwrap import fill
from typing import Any

import pandas as pd

from sim.agents.watch import ALL_SERVICES
from sim.errors import InputError
from sim.governance.describe import SUBJECTS
from sim.governance.structure import POWERS
from sim.lineage import CHANGED, HOLDERS, KEPT, NEVER, NOT_AGREED, WINDOW_DAYS, Lineage
from sim.rules.maths import exp
from sim.world.country import Country
from sim.world.land import DESKS
from sim.world.places import nearest
from sim.world.scenario import SECTORS, SERVICES

WIDTH = 110  # of lines
LOOKED_DAYS = 28  # how far back a look that changed nothing is told of
WHAT: dict[str, str] = {  # what a change is, by power; `after` is what was decided
    "reserve": "{after:,.1f} surge staff to go where they were not before",
    "workforce": "{after:,.1f} staff to work for another service or another place",
    "procurement": "{after:,.0f} items of supplies to be bought",
    "commissioning": "{after:,.1f} helpers to be paid",
}

BODIES = {"region": "regional body", "forum": "resilience forum", "health_system": "health system"}
UNITS = {  # of what triggers a decision; elsewhere open cases
    "restriction": "reported cases a week for each 100,000 people",
    "procurement": "days of supplies in stock",
}


@dataclass(frozen=True)
class Question:
    """What is asked: where, when, and of which powers and services.

    Parameters
    ----------
    place
        Number of the place in its country.
    day
        The day.
    powers, services
        Their names; the services count for ways of working only.
    """

    place: int
    day: int
    powers: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chain:
    """One decision as it concerned one place.

    Parameters
    ----------
    standing
        How it stood on the day: "in force", "waiting", "not agreed" or "kept".
    facts
        Numbers and words of the decision, for other programmes.
    sentences
        The same, told in order: what, trigger, room, authority, wait, take-up and effect.
    """

    standing: str
    facts: dict[str, Any]
    sentences: tuple[str, ...]


# --- what is asked -----------------------------------------------------------------------------------------


def place_in(country: Country, word: str) -> int:
    """Return the number of the place with this code or name.

    Raises
    ------
    InputError
        If there is none, or several; the message names the nearest.
    """
    said = word.strip().casefold()
    found = [
        p
        for p, (code, name) in enumerate(zip(country.codes, country.names, strict=True))
        if said in (code.casefold(), name.casefold())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        codes = ", ".join(country.codes[p] for p in found)
        raise InputError(f'"{word}" names several places.', f"Give a code: {codes}.", key="--place")
    remedy = nearest(word, [*country.names, *country.codes])
    raise InputError(f'{country.name} has no place "{word}".', remedy, key="--place")


def word_in(word: str | None, known: Sequence[str], option: str) -> tuple[str, ...]:
    """Return the one word that was chosen, or all; refuse one that is not known."""
    if word is None:
        return tuple(known)
    if word not in known:
        raise InputError(f'there is no {option.lstrip("-")} "{word}".', nearest(word, known), key=option)
    return (word,)


# --- which decisions ---------------------------------------------------------------------------------------


def chains(lineage: Lineage, question: Question) -> dict[str, list[Chain]]:
    """Return for each power what stood behind things in a place on a day: what was in force, and what was under way."""
    found: dict[str, list[Chain]] = {}
    rows = concerning(lineage, question.place, question.day)
    for power in question.powers:
        mine = rows[rows["power"] == POWERS.index(power)]
        subjects = [SERVICES.index(each) for each in question.services] if power == "approach" else [ALL_SERVICES]
        found[power] = [
            chain_of(lineage, question, row)
            for service in subjects
            for row in standing_rows(mine[mine["service"] == service], question.day)
        ]
    return found


def concerning(lineage: Lineage, place: int, day: int) -> pd.DataFrame:
    """Return the decisions up to a day that covered a place."""
    rows = lineage.decisions[lineage.decisions["day"] <= day]
    covers = [place in lineage.members(row) for row in rows[["holder", "stretch", "power", "scope"]].to_dict("records")]
    return rows.loc[pd.Series(covers, rows.index, dtype=bool)]


def standing_rows(rows: pd.DataFrame, day: int) -> Iterator[dict[str, Any]]:
    """Yield, of the decisions on one thing, desk by desk: the one in force, those under way, and what was refused."""
    for _, mine in rows.groupby("desk", sort=True):
        taken: list[dict[str, Any]] = [
            {str(key): value for key, value in row.items()} for row in mine.to_dict("records")
        ]
        changed = [row for row in taken if row["action"] == CHANGED]
        in_force = [row for row in changed if row["effect_day"] <= day]
        last = max(in_force, key=lambda row: (row["effect_day"], row["day"]), default=None)
        if last is not None:
            yield {**last, "standing": "in force"}
        yield from ({**row, "standing": "waiting"} for row in changed if row["effect_day"] > day)
        since = max([day - LOOKED_DAYS, *(row["day"] for row in changed)])
        rest = [row for row in taken if row["action"] != CHANGED and row["day"] > since]
        yield from ({**row, "standing": "kept" if row["action"] == KEPT else "not agreed"} for row in rest[-1:])


# --- in words ----------------------------------------------------------------------------------------------


def chain_of(lineage: Lineage, question: Question, row: dict[str, Any]) -> Chain:
    """Return one decision as it concerned a place."""
    effect = lineage.effect(row, [question.place])
    row = {**row, **effect}
    steps = (what(row), decided(lineage, row), trigger(row), room(row), authority(row), wait(row), take_up(row))
    effects = told_effect(lineage, question, row)
    return Chain(row["standing"], facts(lineage, row), tuple(step for step in (*steps, effects) if step))


def facts(lineage: Lineage, row: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a decision with words for its codes."""
    plain = {key: None if isinstance(value, float) and isnan(value) else value for key, value in row.items()}
    service = int(row["service"])
    words = {
        "power": POWERS[int(row["power"])],
        "holder": HOLDERS[int(row["holder"])],
        "holder_name": holder_name(lineage, row),
        "service": None if service == ALL_SERVICES else SERVICES[service],
        "room": [sector for n, sector in enumerate(SECTORS) if int(row["room"]) >> n & 1],
        "action": ("kept", "changed", "not agreed")[int(row["action"])],
    }
    return {**plain, **words}


def what(row: dict[str, Any]) -> str:
    """Return what was decided, and how it stands."""
    when = {
        "in force": f"In force since day {int(row['effect_day'])}",
        "waiting": f"On its way, in force from day {int(row['effect_day'])} on",
        "not agreed": "Talked about and not agreed",
        "kept": "Looked at last, and left as it was",
    }[row["standing"]]
    return f"{when}: {subject(row)}{choice(row)}."


def subject(row: dict[str, Any]) -> str:
    """Return which service, and whose work."""
    if int(row["service"]) == ALL_SERVICES:
        return ""
    service = SERVICES[int(row["service"])].replace("_", " ")
    desk = "" if int(row["desk"]) == NEVER else f" at the desk of {DESKS[int(row['desk'])].organisation}"
    return f"{service}{desk.replace('_', ' ')}{',' if row['standing'] == 'kept' else ''} "


def choice(row: dict[str, Any]) -> str:
    """Return what it came to."""
    power, after = POWERS[int(row["power"])], row["after"]
    if row["standing"] == "kept":
        return "no change seemed worth making"
    if power == "approach":
        before = int(row["before"])
        was = "various ways" if before == NEVER else f"way {before + 1}"
        return f"to work in way {int(after) + 1} in place of {was}"
    if power == "restriction":
        limited = "contact to be limited" if after >= 1.0 else f"contact to be limited to a level of {after:.0%}"
        return limited if after > 0.0 else "limits on contact to be lifted"
    return WHAT[power].format(after=after)


def decided(lineage: Lineage, row: dict[str, Any]) -> str:
    """Return who decided, when and for whom."""
    places = int(row["places"])
    whom = "for this place" if places == 1 else f"for {places} places together"
    verb = {"kept": "Looked at", "not agreed": "Talked about"}.get(row["standing"], "Decided")
    return f"{verb} on day {int(row['day'])} by {holder_name(lineage, row)}, {whom}."


def holder_name(lineage: Lineage, row: dict[str, Any]) -> str:
    """Return the name of who decided."""
    tier, country = HOLDERS[int(row["holder"])], lineage.setup.country
    first = lineage.members(row)[0]
    if tier == "team":
        return f"the team itself ({country.names[first]})"
    if tier == "place":
        return f"{country.names[first]} itself"
    area = int(country.areas[tier].of_place[first])
    name = country.areas[tier].names[area]
    known = {"nation": f"national government ({name})", "devolved": f"the government of {name}"}
    return known.get(tier) or (name if BODIES[tier] in name.casefold() else f"{name} ({BODIES[tier]})")


def trigger(row: dict[str, Any]) -> str:
    """Return what was known, how old it was, and how things stood."""
    day, known = int(row["day"]), int(row["data_day"])
    unit = UNITS.get(POWERS[int(row["power"])], "open cases for each 1,000 people")
    if known == NEVER:
        return f"Trigger: no figures had come in yet; in truth there were {number(row['true'])} {unit}."
    age = day - known
    old = "of the same day" if age == 0 else f"of day {known}, {age} day{'s' if age > 1 else ''} old"
    looked = "" if int(row["since"]) == NEVER else f" It was last looked at {int(row['since'])} days before."
    known_then, then = number(row["seen"]), number(row["true"])
    return f"Trigger: {known_then} {unit} as known, on figures {old}; by then it was {then}.{looked}"


def room(row: dict[str, Any]) -> str:
    """Return who was in the room, and what was believed there."""
    present = [sector.replace("_", " ") for n, sector in enumerate(SECTORS) if int(row["room"]) >> n & 1]
    who = f"In the room with a lead of their own: {', '.join(present)}." if present else ""
    if POWERS[int(row["power"])] != "approach" or row["believed"] is None or isnan(row["believed"]):
        return who
    newest = int(row["evidence_day"])
    on = "before any report" if newest == NEVER else f"on reports of up to day {newest}"
    return f"{who} Believed gain {percent(row['believed'])} ({on}); in truth {percent(row['truth'])}.".strip()


def authority(row: dict[str, Any]) -> str:
    """Return how it was decided: alone, or together and how that went."""
    if row["standing"] == "kept":
        return ""
    if int(row["action"]) == NOT_AGREED:
        return f"Authority: {int(row['seats'])} members had to agree, and did not in time; things stayed as they were."
    if not int(row["joint"]):
        return "Authority: whoever decided needed nobody's consent."
    if int(row["seats"]) == 0:
        return "Authority: decided together."
    if int(row["rounds"]) == NEVER:
        return f"Authority: {int(row['seats'])} members did not agree in time, and the holder decided alone."
    rounds = int(row["rounds"]) + 1
    return f"Authority: {int(row['seats'])} members agreed, in round {rounds} of talks."


def wait(row: dict[str, Any]) -> str:
    """Return how long it took from decision to effect."""
    if int(row["action"]) != CHANGED:
        return ""
    days = int(row["wait"])
    if days == 0:
        when = "at once" if row["effect_day"] == row["day"] else "the next day"
        return f"Wait: none; it took effect {when}."
    return f"Wait: {days} day{'s' if days > 1 else ''} from decision to effect."


def take_up(row: dict[str, Any]) -> str:
    """Return how many followed."""
    if row["taken_up"] is None or isnan(row["taken_up"]):
        return ""
    return f"Take-up here: {row['taken_up']:.0%} of staff on the first day, {row['taken_up_later']:.0%} four weeks on."


def told_effect(lineage: Lineage, question: Question, row: dict[str, Any]) -> str:
    """Return what things were like before and after: never what it caused."""
    if row["standing"] != "in force" or isnan(row["unmet_after"]):
        return ""
    days = min(lineage.days, int(row["effect_day"]) + WINDOW_DAYS) - int(row["effect_day"])
    unmet = f"need left unmet {share(row['unmet_after'])} against {share(row['unmet_before'])}"
    regret = f"distance from the best way of working {row['regret_after']:.2f} against {row['regret_before']:.2f}"
    name = lineage.setup.country.names[question.place]
    span = f"{days} days after against {WINDOW_DAYS} before; other things changed too"
    return f"After, in {name}: {unmet}, {regret} ({span})."


def number(value: float) -> str:
    """Return a number in three digits or so."""
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def share(value: float) -> str:
    """Return a share as a percentage."""
    return "unknown" if isnan(value) else f"{value:.1%}"


def percent(gain: float) -> str:
    """Return a gain in logs of productivity as a percentage."""
    return f"{exp(gain) - 1.0:+.0%}"


# --- side by side ------------------------------------------------------------------------------------------

Found = dict[str, dict[str, list[Chain]]]  # by structure, by power


def as_text(
    scenario: str, titles: dict[str, str], lineages: dict[str, Lineage], question: Question, found: Found
) -> str:
    """Return the answer: power by power, each structure below the other."""
    lineage = next(iter(lineages.values()))
    country = lineage.setup.country
    name, code = country.names[question.place], country.codes[question.place]
    when = f"{name} ({code}), day {question.day} of {scenario}, seed {lineage.seed}"
    lines = [f"{when}: the same crisis under {', '.join(found)}.", ""]
    for power in question.powers:
        if not any(of[power] for of in found.values()):
            continue
        lines += [SUBJECTS[power].partition(",")[0].upper(), ""]
        for structure, of in found.items():
            lines.append(f"  {structure}: {titles[structure]}")
            told = [" ".join(chain.sentences) for chain in of[power]] or ["No decision concerned this place by then."]
            lines += [fill(text, WIDTH, initial_indent="    - ", subsequent_indent="      ") for text in told]
            lines.append("")
    if len(lines) == 2:
        lines += ["No decision concerned this place by then.", ""]
    return "\n".join(lines).rstrip()


def as_data(scenario: str, lineages: dict[str, Lineage], question: Question, found: Found) -> dict[str, Any]:
    """Return the same for other programmes."""
    lineage = next(iter(lineages.values()))
    country = lineage.setup.country
    return {
        "scenario": scenario,
        "seed": lineage.seed,
        "day": question.day,
        "place": {"code": country.codes[question.place], "name": country.names[question.place]},
        "structures": {
            structure: {
                power: [{"standing": c.standing, **c.facts, "says": list(c.sentences)} for c in each]
                for power, each in of.items()
            }
            for structure, of in found.items()
        },
    }
