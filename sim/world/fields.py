"""How a setting is declared: its meaning, unit, range and source stand beside its default."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ASSUMPTION = "assumption"


class Settings(BaseModel):
    """A group of settings: frozen, every key known, no NaN, no text where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def number(
    default: Any,
    says: str,
    unit: str,
    low: float,
    high: float,
    source: str = ASSUMPTION,
) -> Any:
    """Declare a number with its meaning, unit, range and source (a fact's id or "assumption").

    A default of ``...`` means that the number must be given.
    """
    extra: dict[str, Any] = {"unit": unit, "source": source}
    return Field(default=default, ge=low, le=high, description=says, json_schema_extra=extra)


def choice(default: Any, says: str, source: str = ASSUMPTION) -> Any:
    """Declare a setting that is one of a few words, a yes or no, or a list of words."""
    return Field(default=default, description=says, json_schema_extra={"source": source})


def words(says: str, default: tuple[str, ...] = ()) -> Any:
    """Declare a list of words (a TOML array becomes a tuple)."""
    return Field(default=default, description=says, strict=False)
