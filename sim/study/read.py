"""A study from its file: every name looked up, every setting tried, and a plain message for what cannot be run."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import InputError
from sim.governance.setup import means_digest, prepare
from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES
from sim.own import NOTHING_OWN, Own
from sim.paths import is_path, shipped
from sim.study.compare import MOST_REPLICATES, SEED_LIMIT
from sim.study.declared import SCHEMA_VERSION, Study, Uncertainty, Value
from sim.study.designs import Points, design_seed, levels, make_points, value_at
from sim.world.country import load_country
from sim.world.document import Document, Key, Spot, Table, merged, read_document
from sim.world.files import check_fits, load_scenario, load_structure
from sim.world.places import nearest
from sim.world.refusal import refusal
from sim.world.scenario import Scenario

STUDY_FILE = "study.toml"
SCENARIO, STRUCTURE = "scenario", "structure"
CULTURE = "culture"  # its keys are not there until they are given; the structure's own validator knows them
NOT_AN_ARMS = ("schema_version", "name", "title", "description", "sources")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Plan:
    """A study that can be run.

    Parameters
    ----------
    study
        What the file declares, with what was set on the command line.
    scenarios, structures
        Resolved in full but for the uncertainties; structures bear the arms' names, the baseline's first.
    points
        Points of the design, their values in the order of `study.uncertainties`.
    seeds
        Of the first stage; more may follow where a precision is wanted.
    own
        Agents of the user's own: ``dataclasses.replace(load_plan("mine.toml"), own=Own(agents=...))``.
    """

    study: Study
    scenarios: tuple[Scenario, ...]
    structures: tuple[Structure, ...]
    points: Points
    seeds: tuple[int, ...]
    own: Own = NOTHING_OWN

    @property
    def arms(self) -> list[str]:
        """Names of the arms, the baseline first."""
        return [each.name for each in self.structures]

    @property
    def titles(self) -> dict[str, str]:
        """What each arm is called: its title up to a colon."""
        short = {each.name: each.title.partition(":")[0] for each in self.structures}
        return short if len(set(short.values())) == len(short) else {each.name: each.title for each in self.structures}

    @property
    def main(self) -> str:
        """The main outcome."""
        return self.study.outcomes[0]

    @property
    def cells(self) -> int:
        """Number of arms times points times scenarios: what each seed is run through."""
        return len(self.scenarios) * len(self.points) * len(self.structures)


def study_names() -> list[str]:
    """Return the names of the shipped studies, in alphabetical order."""
    return sorted(path.parent.name for path in shipped("experiments").glob(f"*/{STUDY_FILE}"))


def load_plan(word: str | Path, settings: Sequence[str] = ()) -> Plan:
    """Return the study that a shipped name or a path stands for, ready to run.

    Parameters
    ----------
    word
        A shipped study's name, or a path.
    settings
        Settings laid over the file, each as ``key=value``.

    Raises
    ------
    InputError
        If it cannot be used; the message names file, line, key and remedy.
    """
    document = read_document(study_file(word), SCHEMA_VERSION, study_file)
    for text in settings:
        document = with_setting(document, text)
    study = checked_study(document)
    return plan_of(study, document)


def study_file(word: str | Path, beside: Path | None = None) -> Path:
    """Return the file that a word stands for; a path in a file counts from that file's folder."""
    if isinstance(word, Path) or is_path(word):
        return Path(word) if beside is None else beside.parent / word
    if word not in study_names():
        remedy = f"{nearest(word, study_names())} A file of your own needs its path, with .toml."
        raise InputError(f'there is no shipped study "{word}".', remedy)
    return shipped("experiments") / word / STUDY_FILE


def with_setting(document: Document, text: str) -> Document:
    """Return a document with one setting laid over it, given as ``key=value``."""
    name, equals, value = text.partition("=")
    parts = [part.strip() for part in name.split(".")]
    if not equals or not all(parts):
        raise InputError(f'"{text}" is no setting.', "Write it as --set replicates.count=8.", key="--set")
    over: Any = _toml_value(value.strip())
    for part in reversed(parts):
        over = {part: over}
    kept = {key: spot for key, spot in document.spots.items() if key[: len(parts)] != tuple(parts)}
    kept[tuple(parts)] = Spot(Path("--set"), None)
    return Document(document.path, merged(document.data, over), kept)


def _toml_value(text: str) -> Any:
    """Return a value as TOML reads it; a bare word is text."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def checked_study(document: Document) -> Study:
    """Return what a file declares, or refuse what can be seen to be wrong without looking elsewhere."""
    study = validated(Study, document.data, document)
    _check_there(study, document)
    _check_outcomes(study, document)
    _check_seeds(study, document)
    _check_named(study.answers.map, study.uncertainties, "uncertainty", document, ("answers", "map"))
    if study.baseline and study.baseline not in study.arms:
        raise document.error(
            f'there is no arm "{study.baseline}".', nearest(study.baseline, [*study.arms]), ("baseline",)
        )
    return study


def validated(model: type[Model], data: Any, document: Document, above: Key = ()) -> Model:
    """Return settings as a model, or refuse them with the key that they stand under."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _with_its_key(refusal(model, error, document, above), error, document, above) from None


def _with_its_key(refused: InputError, error: ValidationError, document: Document, above: Key) -> InputError:
    """Return a refusal whose problem begins with the name of a setting as the refusal of that setting."""
    name, colon, problem = refused.problem.partition(": ")
    if not colon or not name.isidentifier():
        return refused
    return document.error(problem, refused.remedy, (*above, *error.errors(include_url=False)[0]["loc"], name))


def _check_there(study: Study, document: Document) -> None:
    for name, things in (("scenarios", study.scenarios), ("arms", study.arms), ("outcomes", study.outcomes)):
        if not things:
            raise document.error(f"the study has no {name}.", "Name at least one.", (name,))


def _check_outcomes(study: Study, document: Document) -> None:
    _check_named(study.outcomes, OUTCOMES, "outcome", document, ("outcomes",))
    _check_named(study.answers.trade_off, OUTCOMES, "outcome", document, ("answers", "trade_off"))
    _check_named([*study.answers.good_enough], OUTCOMES, "outcome", document, ("answers", "good_enough"))
    if len(study.answers.trade_off) not in {0, 2}:
        raise document.error("a trade-off is between two outcomes.", "Name two.", ("answers", "trade_off"))


def _check_named(given: Sequence[str], known: Mapping[str, Any], kind: str, document: Document, key: Key) -> None:
    for place, name in enumerate(given):
        if name not in known:
            raise document.error(f'there is no {kind} "{name}".', nearest(name, [*known]), (*key, place))
        if name in given[:place]:
            raise document.error(f'the {kind} "{name}" stands there twice.', "Name it once.", (*key, place))


def _check_seeds(study: Study, document: Document) -> None:
    twice = sorted({seed for seed in study.seeds if study.seeds.count(seed) > 1})
    if twice:
        problem = f"seed {twice[0]} stands there twice: a repeated crisis adds no knowledge, and makes intervals lie."
        raise document.error(problem, "Name each seed once.", ("seeds",))
    if any(not 0 <= seed < SEED_LIMIT for seed in study.seeds):
        raise document.error("a seed is out of range.", "Use whole numbers from 0 to below 2^64.", ("seeds",))
    most = study.replicates.count if study.replicates.half_width is None else study.replicates.most
    if study.seed + min(most, MOST_REPLICATES) > SEED_LIMIT:
        raise document.error("there are not so many seeds above this one.", "Use a smaller seed.", ("seed",))
    if study.seeds and study.replicates.half_width is not None:
        problem = "seeds are given by name, so no more can follow until the interval is narrow enough."
        raise document.error(problem, "Take out seeds, or replicates.half_width.", ("seeds",))


# --- looking elsewhere -------------------------------------------------------------------------------------


def plan_of(study: Study, document: Document) -> Plan:
    """Return a study with its scenarios, structures and points worked out and tried.

    Raises
    ------
    InputError
        If any of them cannot be used.
    """
    scenarios = tuple(_scenario(study, place, document) for place in range(len(study.scenarios)))
    _check_names([each.name for each in scenarios], document)
    order = sorted(study.arms, key=lambda name: name != study.baseline) if study.baseline else list(study.arms)
    structures = tuple(_arm(study, name, document) for name in order)
    _check_keys(study, scenarios, structures, document)
    whole = [is_whole(axis.key, scenarios[0], structures[0]) for axis in study.uncertainties.values()]
    points = _points(study, whole, document)
    _check_ends(study, whole, scenarios, structures, document)
    plan = Plan(study, scenarios, structures, points, seeds_of(study))
    check_means(plan, document)
    return plan


def seeds_of(study: Study) -> tuple[int, ...]:
    """Return the seeds of the first stage."""
    return study.seeds or tuple(range(study.seed, study.seed + study.replicates.count))


def _scenario(study: Study, place: int, document: Document) -> Scenario:
    key: Key = ("scenarios",)
    loaded: Scenario = _loaded(load_scenario, study.scenarios[place], document, key)
    if not study.settings.scenario:
        return loaded
    _check_known(loaded.model_dump(), study.settings.scenario, document, ("settings", SCENARIO))
    return validated(Scenario, merged(loaded.model_dump(), study.settings.scenario), document, ("settings", SCENARIO))


def _arm(study: Study, name: str, document: Document) -> Structure:
    """Return an arm's structure under the arm's own name, with what all arms and this one change."""
    arm, above = study.arms[name], ("arms", name, "settings")
    dump = _loaded(load_structure, arm.structure, document, ("arms", name, "structure")).model_dump()
    for over, key in ((study.settings.structure, ("settings", STRUCTURE)), (arm.settings, above)):
        _check_known(dump, over, document, key)
        dump = validated(Structure, merged(dump, over), document, key).model_dump()
    return Structure.model_validate({**dump, "name": name, "title": arm.title or dump["title"]})


def _loaded(load: Callable[[str | Path], Model], word: str, document: Document, key: Key) -> Model:
    """Return what a word stands for; a path counts from the file that names it."""
    path, _ = document._spot(key)  # noqa: SLF001 - the file that the key stands in
    try:
        return load(path.parent / word if is_path(word) and path is not None else word)
    except InputError as error:
        if error.file is not None:
            raise
        raise document.error(error.problem, error.remedy, key) from None


def _check_known(settings: Table, over: Table, document: Document, above: Key) -> None:
    """Refuse settings that are no part of these, naming the nearest; and an arm with amounts of its own."""
    for name, value in over.items():
        key = (*above, name)
        at_top = above[0] == "arms" and len(above) == 3
        if at_top and name in Scenario.model_fields and name not in Structure.model_fields:
            problem = f'"{name}" belongs to the scenario: this arm would have means, or conditions, of its own.'
            raise document.error(problem, "Set it under [settings.scenario], for all arms, or vary it.", key)
        if name not in settings or name in NOT_AN_ARMS:
            known = [each for each in settings if each not in NOT_AN_ARMS]
            raise document.error(f'there is no setting "{name}" here.', nearest(name, known), key)
        if isinstance(value, dict) and isinstance(settings[name], dict) and name != CULTURE:
            _check_known(settings[name], value, document, key)


def _check_names(names: Sequence[str], document: Document) -> None:
    for name in names:
        if names.count(name) > 1:
            raise document.error(f'two scenarios are called "{name}".', "Name each once.", ("scenarios",))


def _check_keys(
    study: Study, scenarios: Sequence[Scenario], structures: Sequence[Structure], document: Document
) -> None:
    """Refuse uncertainties about settings that do not exist, or that two of them move."""
    seen: dict[str, str] = {}
    for name, axis in study.uncertainties.items():
        for key in (axis.key, *axis.also):
            at: Key = ("uncertainties", name, "key" if key == axis.key else "also")
            for settings in scenarios if key.startswith(f"{SCENARIO}.") else structures:
                _check_key(key, settings, document, at)
            carried = [each.name for each in structures if key.removeprefix(f"{SCENARIO}.{CULTURE}.") in each.culture]
            if carried:
                problem = f'the arm "{carried[0]}" carries a culture of its own, in which "{key}" stands still.'
                raise document.error(problem, "Take it out of the arm's culture, or vary something else.", at)
            if key in seen:
                problem = f'"{key}" is moved by "{seen[key]}" too.'
                raise document.error(problem, "Let one uncertainty move it.", at)
            seen[key] = name
        if not axis.values and axis.low is None and study.design.kind != "table":
            problem = "it says not what the setting may be."
            raise document.error(problem, "Give low and high, or values.", ("uncertainties", name))


def _check_key(key: str, settings: Scenario | Structure, document: Document, at: Key) -> None:
    kind, *parts = key.split(".")
    if kind not in {SCENARIO, STRUCTURE} or not parts:
        problem = f'"{key}" says not whose setting it is.'
        raise document.error(problem, "Begin it with scenario. or structure.", at)
    below: Any = settings.model_dump()
    for place, part in enumerate(parts):
        if not isinstance(below, dict) or part not in below or part in NOT_AN_ARMS:
            known = [".".join([kind, *parts[:place], each]) for each in below] if isinstance(below, dict) else []
            problem = f'there is no setting "{key}" in {settings.name}.'
            raise document.error(problem, nearest(".".join([kind, *parts[: place + 1]]), known), at)
        below = below[part]
    if isinstance(below, dict):
        known = [f"{key}.{each}" for each in below]
        raise document.error(f'"{key}" is a group of settings.', f"Name one of them: {', '.join(known[:6])}.", at)


def is_whole(key: str, scenario: Scenario, structure: Structure) -> bool:
    """Return whether a setting takes whole numbers only."""
    kind, *parts = key.split(".")
    dump = (scenario if kind == SCENARIO else structure).model_dump()
    value: Any = reduce(lambda below, part: below[part], parts, dump)
    return type(value) is int


def _points(study: Study, whole: Sequence[bool], document: Document) -> Points:
    beside, _ = document._spot(("design", "file"))  # noqa: SLF001 - the file that names the table
    try:
        return make_points(study.design, study.uncertainties, whole, design_seed(study.seed), beside)
    except InputError as error:
        if error.file is not None:
            raise
        raise document.error(error.problem, error.remedy, ("design",)) from None


def _check_ends(
    study: Study,
    whole: Sequence[bool],
    scenarios: Sequence[Scenario],
    structures: Sequence[Structure],
    document: Document,
) -> None:
    """Refuse ranges whose ends, one at a time, will not do in some scenario and arm."""
    if study.design.kind == "table":
        return
    for (name, axis), is_int in zip(study.uncertainties.items(), whole, strict=True):
        for value in _tried(axis, is_int):
            over = dict.fromkeys((axis.key, *axis.also), value)
            for scenario in scenarios:
                for structure in structures:
                    _check_value(over, scenario, structure, document, ("uncertainties", name))


def _tried(axis: Uncertainty, whole: bool) -> Iterator[Value]:
    if axis.values:
        yield from axis.values
        return
    for share in (levels(axis)[0], levels(axis)[-1]):
        yield value_at(axis, float(share), whole)


def _check_value(over: dict[str, Value], scenario: Scenario, structure: Structure, document: Document, at: Key) -> None:
    try:
        changed, governed = at_values(over, scenario, structure)
        check_fits(changed, governed, load_country(changed.country))
    except ValidationError as error:
        model: type[BaseModel] = Scenario if error.title == "Scenario" else Structure
        raise refusal(model, error, document, at) from None
    except InputError as error:
        raise document.error(error.problem, error.remedy, at) from None


def at_values(values: Mapping[str, Value], scenario: Scenario, structure: Structure) -> tuple[Scenario, Structure]:
    """Return a scenario and a structure at one point.

    Parameters
    ----------
    values
        By dotted key, which begins with ``scenario.`` or ``structure.``.
    scenario, structure
        What they are laid over.

    Raises
    ------
    ValidationError
        If a value will not do there.
    """
    overs: dict[str, Table] = {SCENARIO: {}, STRUCTURE: {}}
    for key, value in values.items():
        kind, *parts = key.split(".")
        over: Any = value
        for part in reversed(parts):
            over = {part: over}
        overs[kind] = merged(overs[kind], over)
    return _laid_over(scenario, overs[SCENARIO]), _laid_over(structure, overs[STRUCTURE])


def _laid_over(settings: Model, over: Table) -> Model:
    return type(settings).model_validate(merged(settings.model_dump(), over)) if over else settings


def values_at(study: Study, values: Sequence[Value]) -> dict[str, Value]:
    """Return the settings that a point's values stand for, by dotted key."""
    axes = study.uncertainties.values()
    return {key: value for axis, value in zip(axes, values, strict=True) for key in (axis.key, *axis.also)}


def check_means(plan: Plan, document: Document) -> None:
    """Refuse arms that would have unequal means, before any run.

    Raises
    ------
    InputError
        If they would, or if an arm does not fit a scenario's country.
    """
    values = values_at(plan.study, plan.points.rows[0])
    for scenario in plan.scenarios:
        means: dict[str, str] = {}
        for structure in plan.structures:
            try:
                means[structure.name] = means_digest(prepare(*at_values(values, scenario, structure)))
            except InputError as error:
                at: Key = ("arms", structure.name)
                raise document.error(error.problem, error.remedy, at) from None
        first = next(iter(means))
        unequal = [name for name, digest in means.items() if digest != means[first]]
        if unequal:
            problem = f"{first} and {unequal[0]} would not have equal means in {scenario.name}."
            remedy = "Amounts belong in the scenario: take them out of the structures and their dated changes."
            raise document.error(problem, remedy, ("arms", unequal[0]))
