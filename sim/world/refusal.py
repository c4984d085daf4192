"""What is wrong with settings, in plain words: pydantic's findings turned into one message for people."""

from __future__ import annotations

import re
from typing import Any, get_args

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sim.errors import InputError
from sim.governance.nations import HOLDER_KINDS
from sim.world.crises import KINDS, CrisisKind
from sim.world.document import EXTENDS, Document, Key
from sim.world.places import nearest
from sim.world.scenario import Scenario

MOST_SHOWN = 60  # characters of a value in a message
KINDS_OF_VALUE = {  # first word of pydantic's name for the finding
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": 'text in "quotes"',
    "tuple": "a list in [square brackets]",
    "dict": "a table of settings",
    "model": "a table of settings",
}
EXAMPLES = {"name": '"my_case"', "title": '"What it is, in a few words"', "day": "30"}


def refusal(model: type[BaseModel], error: ValidationError, document: Document, above: Key = ()) -> InputError:
    """Return the one message for settings that were refused.

    Parameters
    ----------
    model
        What the settings should have been.
    error
        What pydantic found.
    document, above
        The file, and the key in it that the settings stand under.
    """
    details = _first(error)
    if details["type"] == "value_error":
        return _conflict(str(details["ctx"]["error"]), details["loc"], document, above)
    problem, remedy = _words(*_in_its_kind(model, details, document))
    return document.error(problem, remedy, above + details["loc"])


def _in_its_kind(
    model: type[BaseModel], details: ErrorDetails, document: Document
) -> tuple[type[BaseModel], ErrorDetails]:
    """Return the kind of crisis that a finding is about, with the finding's place in it; else both as they are."""
    at, listed = details["loc"], document.data.get("crisis")
    if model is not Scenario or len(at) < 3 or at[0] != "crisis" or not isinstance(listed, list):
        return model, details
    kind = KINDS.get(listed[int(at[1])].get("kind"), CrisisKind)
    return kind, {**details, "loc": at[2:]}


def is_conflict(error: ValidationError) -> bool:
    """Return whether each setting is right by itself and only their combination is refused."""
    return _first(error)["type"] == "value_error"


def _first(error: ValidationError) -> ErrorDetails:
    """Return the finding to report: an unknown key first, for it is often why another is missing."""
    found = error.errors(include_url=False)
    first = next((details for details in found if details["type"] == "extra_forbidden"), found[0])
    return {**first, "loc": tuple(part for part in first["loc"] if part not in HOLDER_KINDS)}


def _words(model: type[BaseModel], details: ErrorDetails) -> tuple[str, str]:
    """Return problem and remedy of one finding."""
    kind, key = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return f'there is no setting "{key[-1]}" here.', _nearest_setting(model, key)
    if kind == "missing":
        return _missing(key)
    problem, remedy = _about_value(kind, details, _field_at(model, key))
    return f"{_shown(details['input'])} {problem}", remedy


def _about_value(kind: str, details: ErrorDetails, field: FieldInfo | None) -> tuple[str, str]:
    if kind in {"greater_than_equal", "less_than_equal"}:
        return "is out of range.", _range(field)
    if kind == "finite_number":
        return "is not a finite number.", _range(field)
    if kind == "literal_error":
        return "is not one of the choices.", _choices(details)
    if kind == "string_pattern_mismatch":
        return "is not a usable name.", "Use small letters, digits and _, with a letter first."
    return "is of the wrong kind.", _kind_wanted(kind, field)


def _nearest_setting(model: type[BaseModel], key: Key) -> str:
    known = list(_model_at(model, key[:-1]).model_fields)
    return nearest(str(key[-1]), [*known, EXTENDS] if len(key) == 1 else known)


def _missing(key: Key) -> tuple[str, str]:
    if key[0] == "powers":
        power = key[1] if len(key) > 1 else "approach"
        return f'the power "{power}" has no holder.', f'Add holder = "nation", or another tier, under [powers.{power}].'
    return f'the setting "{key[-1]}" is missing.', f"Add {key[-1]} = {EXAMPLES.get(str(key[-1]), '...')}."


def _conflict(message: str, at: Key, document: Document, above: Key) -> InputError:
    """Return a validator's refusal: the problem before the semicolon, the remedy after it."""
    problem, _, remedy = message.partition("; ")
    named = re.match(r"([a-z_]+(?:\.[a-z_]+)+): ", problem)
    if named:
        problem = problem[named.end() :]
    remedy = remedy or "Change one of these settings."
    key = above + at if at[:1] == ("crisis",) else _key_named(message, above, document) or above + at
    return document.error(_sentence(problem), remedy[0].upper() + remedy[1:], key)


def _key_named(message: str, above: Key, document: Document) -> Key:
    """Return the first key in a message that stands in the file, else the first key in it."""
    keys: list[Key] = [tuple(word.split(".")) for word in re.findall(r"\b[a-z_]+(?:\.[a-z_]+)+", message)]
    keys += [(word,) for word in re.findall(r"\b[a-z_]+\b", message) if word in Scenario.model_fields]
    there = [above + key for key in keys if above + key in document.spots]
    return there[0] if there else (above + keys[0] if keys else ())


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _shown(value: object) -> str:
    """Return a value much as TOML writes it, cut short where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _range(field: FieldInfo | None) -> str:
    if field is None:
        return "Give another number."
    low = next((limit.ge for limit in field.metadata if isinstance(limit, Ge)), None)
    high = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
    extra = field.json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else None
    return f"Give a number from {_plain(low)} to {_plain(high)}{f' ({unit})' if unit else ''}."


def _plain(number: object) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def _choices(details: ErrorDetails) -> str:
    expected = str(details.get("ctx", {}).get("expected", ""))
    words = re.findall(r"'([^']*)'", expected)
    given = details["input"]
    if not words:
        return f"Give {expected}."
    hint = nearest(given, words) if isinstance(given, str) else ""
    choices = f"The choices are: {', '.join(words)}."
    return f"{hint} {choices}" if hint.startswith("Did") else choices


def _kind_wanted(kind: str, field: FieldInfo | None) -> str:
    wanted = KINDS_OF_VALUE.get(kind.split("_", maxsplit=1)[0], "another kind of value")
    is_number = wanted in {"a whole number", "a number"}
    return f"Give {wanted}. {_range(field)}" if is_number and field is not None else f"Give {wanted}."


def _model_at(model: type[BaseModel], key: Key) -> type[BaseModel]:
    """Return the group of settings that a key leads to."""
    for part in key:
        field = model.model_fields.get(str(part))
        inner = None if field is None else _model_in(field.annotation)
        model = inner or model
    return model


def _field_at(model: type[BaseModel], key: Key) -> FieldInfo | None:
    """Return the declaration of the setting that a key leads to; of a list, the list's."""
    names = [part for part in key if isinstance(part, str)]
    return _model_at(model, tuple(names[:-1])).model_fields.get(names[-1]) if names else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the group of settings inside an annotation such as ``tuple[Variant, ...]`` or ``Epidemic | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for inner in map(_model_in, get_args(annotation)) if inner is not None), None)
