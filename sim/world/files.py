"""Scenarios and structures from TOML files, with one plain message for whatever cannot be used."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from sim.errors import InputError
from sim.governance.dials import dialled_from, is_dial
from sim.governance.nations import Tier, tier_word
from sim.governance.structure import SCHEMA_VERSION as STRUCTURE_VERSION
from sim.governance.structure import TIERS, Power, Powers, Structure, second_of
from sim.paths import is_path, shipped
from sim.world.country import Country, load_country
from sim.world.document import EXTENDS, Document, Key, Table, merged, read_document
from sim.world.fields import Settings
from sim.world.places import nearest, read_text
from sim.world.refusal import is_conflict, refusal
from sim.world.scenario import SCHEMA_VERSION as SCENARIO_VERSION
from sim.world.scenario import SERVICES, Change, Scenario, default_services

Word = str | Path
Kind = Literal["scenario", "structure"]
Model = TypeVar("Model", bound=Settings)

POWERS = tuple(Powers.model_fields)
ONLY_IN_SCENARIO = (
    "country", "days", "epidemic", "pressure", "crisis", "prevention",
    "hidden", "morale", "leadership", "joint_sessions", "pooled_budget", "targets", "shared_trial", "movement",
    "supplies", "commissioning",
    "financial_failure",
)  # fmt: skip
ONLY_AT_FIRST = (
    "supplies",
    "commissioning",
    "leadership",
    "joint_sessions",
    "pooled_budget",
    "targets",
    "shared_trial",
    "movement",
)  # a change cannot bring them in

# What a dated change may not touch: labels, the clock, and whatever is drawn or used up before day 0.
FIXED_IN_SCENARIO = (
    "schema_version", "name", "title", "story", "purpose", "sources", "days", "country", "change",
    "loss", "succession", "financial_failure", "movement.answer", "movement.power",
    "services.*.share", "services.*.seen",
    "approaches.count", "approaches.spread", "approaches.heterogeneity", "approaches.own_share",
    "approaches.smooth_length", "approaches.practice", "approaches.shift_gap_days", "approaches.shift_share",
    "supplies.stock_days", "supplies.pipeline_days", "commissioning.volunteers_start", "commissioning.*.bidders",
    "load.base", "load.staff_per_1000", "load.cases_per_staff_day", "load.reserve_share", "load.vcs_slope",
    "load.responder_share",
    "evidence.capability_log_sd", "evidence.lead_noise",
    "culture.trust_start", "culture.language_start",
    "restriction.preference_log_sd",
    "epidemic.import_log_sd", "epidemic.wobble_log_sd", "epidemic.wobble_shared", "epidemic.wobble_weeks",
    "epidemic.variants",
    "pressure.*", "crisis",
)  # fmt: skip
FIXED_IN_STRUCTURE = ("schema_version", "name", "title", "description", "sources", "adaptation", "culture")

NO_FILE = Document(None, {})  # settings that were made in Python


def load_scenario(word: Word) -> Scenario:
    """Return the scenario that a shipped name or a path stands for.

    Raises
    ------
    InputError
        If it cannot be used; the message names file, line, key and remedy.
    """
    return _scenario(_document("scenario", word))


def load_structure(word: Word) -> Structure:
    """Return the structure that a shipped name, a path or a setting of the dials stands for; errors as there."""
    return _structure(_document("structure", word))


def load_together(scenario_word: Word, structure_words: Sequence[Word]) -> tuple[Scenario, list[Structure]]:
    """Return a scenario and the structures that are to meet it, with dated changes and country checked.

    Raises
    ------
    InputError
        As for `load_scenario`; also if two structures have one name, or a structure does not fit the
        country or the changes.
    """
    crisis = _document("scenario", scenario_word)
    scenario = _scenario(crisis)
    country = load_country(scenario.country)
    structures: dict[str, Structure] = {}
    for word in structure_words:
        document = _document("structure", word)
        structure = _structure(document)
        if structure.name in structures:
            problem = f'two structures are called "{structure.name}".'
            raise document.error(problem, "Give each a name of its own.", ("name",))
        _check_fits(scenario, structure, country, crisis, document)
        structures[structure.name] = structure
    return scenario, list(structures.values())


def shipped_names(kind: Kind) -> list[str]:
    """Return the names of the shipped scenarios or structures, in alphabetical order."""
    return sorted(path.stem for path in _folder(kind).glob("*.toml"))


def kind_of_file(path: Path) -> Kind | None:
    """Return what a file is: what it extends decides, else its own keys; None if neither says."""
    seen: set[Path] = set()
    while path.resolve() not in seen:
        seen.add(path.resolve())
        data = _plain(path)
        word = data.get(EXTENDS)
        if not isinstance(word, str):
            return _kind_by_keys(data)
        if not is_path(word):
            return _kind_of_name(word)
        path = path.parent / word
    return None


def _plain(path: Path) -> Table:
    """Return a file's settings; none if it cannot be read, which its reader will say."""
    try:
        return tomllib.loads(read_text(path))
    except (InputError, ValueError, RecursionError):
        return {}


def _kind_by_keys(data: Table) -> Kind | None:
    if "powers" in data:
        return "structure"
    return "scenario" if any(key in data for key in ONLY_IN_SCENARIO) else None


def _kind_of_name(word: str) -> Kind | None:
    if word in shipped_names("structure"):
        return "structure"
    return "scenario" if word in shipped_names("scenario") else None


def with_change(scenario: Scenario, structure: Structure, change: Change) -> tuple[Scenario, Structure]:
    """Return a scenario and a structure as a dated change leaves them.

    Raises
    ------
    InputError
        If the change touches what is fixed before day 0, or leaves settings that cannot be used.
    """
    return _after(scenario, change, NO_FILE, _label(change)), _after(structure, change, NO_FILE, _label(change))


def check_fits(scenario: Scenario, structure: Structure, country: Country) -> None:
    """Refuse a structure that the country or the scenario's dated changes do not allow.

    Raises
    ------
    InputError
        If a tier that the structure requires or that decides does not exist in the country, if a power has no
        holder somewhere, or if a change cannot be made.
    """
    _check_fits(scenario, structure, country, NO_FILE, NO_FILE)


def _folder(kind: Kind) -> Path:
    folder = shipped("scenarios")
    return folder if kind == "scenario" else folder / "structures"


def _file(kind: Kind, word: Word, beside: Path | None = None) -> Path:
    """Return the file that a word stands for; a path in a file counts from that file's folder."""
    if isinstance(word, Path) or is_path(word):
        return Path(word) if beside is None else beside.parent / word
    names = shipped_names(kind)
    if word not in names:
        remedy = f"{nearest(word, names)} A file of your own needs its path, with .toml."
        raise InputError(f'there is no shipped {kind} "{word}".', remedy)
    return _folder(kind) / f"{word}.toml"


def _document(kind: Kind, word: Word) -> Document:
    if kind == "structure" and is_dial(word):
        return Document(None, dialled_from(str(word)).model_dump())
    path = _file(kind, word)
    _check_kind(kind, path)
    version = SCENARIO_VERSION if kind == "scenario" else STRUCTURE_VERSION
    return read_document(path, version, lambda other, beside: _file(kind, other, beside))


def _check_kind(wanted: Kind, path: Path) -> None:
    """Refuse a file that extends one of the other kind."""
    base = _plain(path).get(EXTENDS)
    found = kind_of_file(path) if isinstance(base, str) else None
    if found is None or found == wanted:
        return
    remedy = "give a scenario here, and name structures after --structures."
    if wanted == "structure":
        remedy = "give a structure here, and name the scenario first."
    raise InputError(f'{path} is a {found} (it extends "{base}");', remedy)


def _scenario(document: Document) -> Scenario:
    if "powers" in document.data:
        raise document.error("this is a structure, not a scenario.", "Give it as a structure.", ("powers",))
    scenario = _validated(Scenario, _with_default_services(document), document)
    _check_crises(scenario, document)
    _check_changes(scenario, document)
    return scenario


def _check_crises(scenario: Scenario, document: Document, country: Country | None = None) -> None:
    """Refuse a crisis that does not fit the country or the run."""
    for place, crisis in enumerate(scenario.crisis):
        for misfit in crisis.misfits(country or load_country(scenario.country), scenario):
            raise document.error(misfit.problem, misfit.remedy, ("crisis", place, misfit.key))


def _structure(document: Document) -> Structure:
    for key in ONLY_IN_SCENARIO:
        if key in document.data:
            raise document.error("this is a scenario, not a structure.", "Give it as a scenario.", (key,))
    if "change" in document.data:
        remedy = "Move it there; a change may alter the structure under [change.structure]."
        raise document.error("dated changes belong in a scenario file.", remedy, ("change",))
    return _validated(Structure, document.data, document)


def _with_default_services(document: Document) -> Table:
    """Return the settings with the services that the file leaves out, each where it belongs."""
    given = document.data.get("services", {})
    if not isinstance(given, dict):
        return document.data
    _check_services(given, document, ())
    usual = {name: service.model_dump() for name, service in default_services().items()}
    return {**document.data, "services": merged(usual, given)}


def _check_services(given: object, document: Document, above: Key) -> None:
    for name in given if isinstance(given, dict) else ():
        if name not in SERVICES:
            raise document.error(f'there is no service "{name}".', nearest(name, SERVICES), (*above, "services", name))


def _validated(model: type[Model], data: Table, document: Document, above: Key = ()) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise refusal(model, error, document, above) from None


def _check_changes(scenario: Scenario, document: Document) -> None:
    """Refuse changes of the scenario that cannot be made, and structure settings that no structure has."""
    for place, change in _in_order(scenario):
        above: Key = ("change", place)
        if change.day >= scenario.days:
            problem = f"day {change.day} never comes: the run has days 0 to {scenario.days - 1}."
            raise document.error(problem, "Choose an earlier day, or raise days.", (*above, "day"))
        scenario = _after(scenario, change, document, above)
        _check_structure_settings(change, document, above)
    for place, loss in enumerate(scenario.loss):
        if loss.day >= scenario.days:
            problem = f"day {loss.day} never comes: the run has days 0 to {scenario.days - 1}."
            raise document.error(problem, "Choose an earlier day, or raise days.", ("loss", place, "day"))


def _in_order(scenario: Scenario) -> list[tuple[int, Change]]:
    """Return the changes with their places in the file, by day; those of one day as they stand."""
    return sorted(enumerate(scenario.change), key=lambda entry: entry[1].day)


def _label(change: Change) -> Key:
    """Return what a change is called where its place in a file is not known."""
    return (f"change[day {change.day}]",)


def _after(settings: Model, change: Change, document: Document, above: Key) -> Model:
    """Return the settings, a scenario or a structure, as a change leaves them."""
    over, above = _part(settings, change, above)
    for key in _keys(over, ()):
        _check_may_change(settings, key, above, document)
    _check_services(over.get("services"), document, above)
    return _validated(type(settings), merged(settings.model_dump(), over), document, above)


def _part(settings: Settings, change: Change, above: Key) -> tuple[Table, Key]:
    if isinstance(settings, Scenario):
        return change.scenario, (*above, "scenario")
    return change.structure, (*above, "structure")


def _check_structure_settings(change: Change, document: Document, above: Key) -> None:
    """Refuse settings that no structure has; whether they suit a structure is seen when it is known."""
    powers = {power: {"holder": "nation"} for power in POWERS}
    sample = Structure.model_validate({"name": "sample", "title": "", "powers": powers})
    for key in _keys(change.structure, ()):
        _check_may_change(sample, key, (*above, "structure"), document)
    try:
        Structure.model_validate(merged(sample.model_dump(), change.structure))
    except ValidationError as error:
        if not is_conflict(error):
            raise refusal(Structure, error, document, (*above, "structure")) from None


def _keys(table: Table, above: Key) -> Iterator[Key]:
    """Yield the key of every setting in a table of tables, the tables included."""
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from _keys(value, (*above, name))


def _check_may_change(settings: Settings, key: Key, above: Key, document: Document) -> None:
    fixed = FIXED_IN_SCENARIO if isinstance(settings, Scenario) else FIXED_IN_STRUCTURE
    if any(_matches(pattern, key) for pattern in fixed):
        problem = "a dated change cannot alter this: it is set once, before day 0."
        raise document.error(problem, "Set it outside the changes.", above + key)
    if key in {(name,) for name in ONLY_AT_FIRST} and getattr(settings, str(key[0]), None) is None:
        problem = f"a dated change cannot bring in {key[0]} that the scenario lacks."
        raise document.error(problem, f"Declare [{key[0]}] in the scenario.", above + key)
    if key in {("epidemic",), ("pressure",)} and getattr(settings, str(key[0]), None) is None:
        problem = "a dated change cannot add a crisis that the scenario lacks."
        raise document.error(problem, f"Declare [{key[0]}] in the scenario, with a late first_day.", above + key)


def _matches(pattern: str, key: Key) -> bool:
    parts = pattern.split(".")
    return len(parts) == len(key) and all(part in {"*", given} for part, given in zip(parts, key, strict=True))


def _check_fits(
    scenario: Scenario, structure: Structure, country: Country, crisis: Document, governing: Document
) -> None:
    _check_tiers(structure, country, governing, ())
    _check_crises(scenario, crisis, country)
    for place, change in _in_order(scenario):
        above = _label(change) if crisis.path is None else ("change", place)
        scenario = _after(scenario, change, crisis, above)
        structure = _after(structure, change, crisis, above)
        _check_tiers(structure, country, crisis, (*above, "structure"))


def _check_tiers(structure: Structure, country: Country, document: Document, above: Key) -> None:
    """Refuse tiers that do not exist; `above` is where the structure's settings stand in the file."""
    for place, tier in enumerate(structure.requires):
        _check_tier(tier, country, document, (*above, "requires", place))
    for name in POWERS:
        power: Power = getattr(structure.powers, name)
        for tier in dict.fromkeys(power.tier_in(nation) for nation in country.home_nations()):
            _check_tier(tier, country, document, (*above, "powers", name, "holder"))
        _check_tier(power.scope or "place", country, document, (*above, "powers", name, "scope"))
        _check_tier(second_of(power) or "place", country, document, (*above, "powers", name, "second"))
        _check_fallback(power, country, document, (*above, "powers", name, "fallback"))


def _check_tier(tier: Tier, country: Country, document: Document, key: Key) -> None:
    if not country.has_tier(tier):
        there = ", ".join(other for other in TIERS if country.has_tier(other))
        raise document.error(f'{country.name} has no tier "{tier}".', f"Use one of: {there}.", key)


def _check_fallback(power: Power, country: Country, document: Document, key: Key) -> None:
    """Refuse a power that nobody holds in some place."""
    for place, name in enumerate(country.names):
        tier = power.tier_in(country.home_nation_of(place))
        if not (country.reaches(tier, place) or country.reaches(power.fallback, place)):
            lacking = f"{tier_word(tier)} and no {tier_word(power.fallback)}"
            problem = f"the power has no holder in {name}, which has no {lacking}."
            raise document.error(problem, 'Set fallback = "place".', key)
