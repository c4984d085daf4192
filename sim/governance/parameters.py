"""Every setting there is, from its declaration: meaning, unit, range, default and source.

The tables of the model's description, ``meshgov list parameters`` and the test that no parameter is dead read this.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.governance.structure import POWERS, Power, Powers, Structure
from sim.world.crises import KINDS
from sim.world.scenario import Change, Scenario, Service

LABELS = {"schema_version", "name", "title", "story", "purpose", "description", "sources"}
EACH_POWER, EACH_SERVICE = "powers.*.", "services.*."


@dataclass(frozen=True)
class Parameter:
    """One setting.

    Parameters
    ----------
    key
        Its key in a file; ``*`` stands for each power or service, ``[]`` for each entry of a list.
    says
        What it means.
    unit
        Unit of a number; empty for words.
    low, high
        Ends of its range, where it is a number.
    choices
        The words to choose from, where it is a word or a list of words.
    default
        What it is where nothing is said; `required` says that something must be.
    source
        A fact's id, or "assumption"; empty where it is no claim about the world.
    is_list, is_whole, required
        What kind of setting it is.
    """

    key: str
    says: str
    unit: str
    low: float | None
    high: float | None
    choices: tuple[Any, ...]
    default: Any
    source: str
    is_list: bool
    is_whole: bool
    required: bool

    @property
    def allowed(self) -> str:
        """The range of a number, or the words to choose from."""
        if self.low is not None:
            return f"{plain(self.low)} to {plain(self.high)}"
        if self.choices == (False, True):
            return "true or false"
        return f"{'any of ' if self.is_list else ''}{', '.join(str(word) for word in self.choices)}"

    @property
    def usual(self) -> str:
        """The default as one would write it."""
        return "must be given" if self.required else plain(self.default)


def plain(value: Any) -> str:
    """Return a value as one would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain(each)}" for name, each in value.items())
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:.10g}"
    return "absent" if value is None else str(value)


def all_parameters() -> list[Parameter]:
    """Return every setting of scenarios and structures, with keys such as ``scenario.load.base``."""
    groups = [
        ("scenario.", parameters_of(Scenario, skip={"services", "crisis", "change"})),
        (f"scenario.{EACH_SERVICE}", parameters_of(Service)),
        ("scenario.crisis[].", crisis_parameters()),
        ("scenario.change[].", parameters_of(Change, skip={"structure", "scenario"})),
        ("structure.", power_parameters()),
        ("structure.", parameters_of(Structure, skip={"powers"})),
    ]
    return [_under(above, each) for above, group in groups for each in group]


def _under(above: str, parameter: Parameter) -> Parameter:
    return Parameter(**{**vars(parameter), "key": f"{above}{parameter.key}"})


def crisis_parameters() -> Iterator[Parameter]:
    """Yield the settings of every kind of crisis that a scenario lists, under the kind's name."""
    for kind, model in KINDS.items():
        yield from parameters_of(model, f"{kind}.", {f"{kind}.kind"})


def power_parameters() -> Iterator[Parameter]:
    """Yield what all powers have, then what single powers have besides."""
    yield from parameters_of(Power, EACH_POWER)
    for name in POWERS:
        own = model_in(Powers.model_fields[name].annotation)
        if own is not None:
            yield from parameters_of(own, f"powers.{name}.", {f"powers.{name}.{each}" for each in Power.model_fields})


def parameters_of(
    model: type[BaseModel], above: str = "", skip: set[str] | frozenset[str] = frozenset()
) -> Iterator[Parameter]:
    """Yield every setting of a group and of the groups in it, labels left out."""
    for name, field in model.model_fields.items():
        key = f"{above}{name}"
        if key in skip or name in LABELS:
            continue
        inner = model_in(field.annotation)
        if inner is not None:
            yield from parameters_of(inner, f"{key}[]." if is_list(field.annotation) else f"{key}.", skip)
        else:
            yield parameter_of(key, field)


def parameter_of(key: str, field: FieldInfo) -> Parameter:
    """Return one setting."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    low: Any = next((limit.ge for limit in field.metadata if isinstance(limit, Ge)), None)
    high: Any = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
    return Parameter(
        key=key,
        says=field.description or "",
        unit=str(extra.get("unit", "")),
        low=low,
        high=high,
        choices=(False, True) if field.annotation is bool else tuple(choices_in(field.annotation)),
        default=None if field.is_required() else field.get_default(call_default_factory=True),
        source=str(extra.get("source", "")),
        is_list=is_list(field.annotation),
        is_whole=field.annotation is int,
        required=field.is_required(),
    )


def choices_in(annotation: Any) -> list[Any]:
    """Return the words of a choice, wherever it stands in an annotation."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [word for inner in get_args(annotation) for word in choices_in(inner)]


def is_list(annotation: Any) -> bool:
    """Return whether a setting is a list."""
    return get_origin(annotation) is tuple


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the group of settings that an annotation such as ``Epidemic | None`` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {Union, types.UnionType, tuple}:
        return next((inner for inner in map(model_in, get_args(annotation)) if inner is not None), None)
    return None
