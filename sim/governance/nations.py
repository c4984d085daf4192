"""Who holds a power where: one tier for the whole country, or a map from home nations to tiers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, GetCoreSchemaHandler, Tag
from pydantic_core import CoreSchema, core_schema

from sim.world.nations import HOME_NATIONS
from sim.world.places import nearest

Tier = Literal["nation", "devolved", "region", "forum", "health_system", "place", "team", "community"]
ELSE = "else"
HOLDER_KINDS = ("one tier", "a tier for each home nation")  # pydantic's marks, which no setting can be called


class ByNation(dict[str, Tier]):
    """The tier that holds a power in each home nation it names, and under ``else`` the one everywhere else."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic reads one: a table of tiers, of which `checked` makes a map."""
        tiers = core_schema.dict_schema(core_schema.str_schema(), core_schema.literal_schema(list(get_args(Tier))))
        return core_schema.no_info_after_validator_function(cls.checked, tiers)

    @classmethod
    def checked(cls, given: dict[str, Tier]) -> ByNation:
        """Return the map, in order of names.

        Raises
        ------
        ValueError
            If it names a home nation that nobody knows, or lacks ``else``.
        """
        for word in given:
            if word not in (*HOME_NATIONS, ELSE):
                raise ValueError(f'there is no home nation "{word}"; {nearest(word, [*HOME_NATIONS, ELSE])}')
        if ELSE not in given:
            raise ValueError('the map of holders lacks "else"; add else = "nation", or another tier')
        return cls(sorted(given.items()))


def _kind_of(value: Any) -> str:
    return HOLDER_KINDS[isinstance(value, dict)]


OneOrByNation = Annotated[
    Annotated[Tier, Tag(HOLDER_KINDS[0])] | Annotated[ByNation, Tag(HOLDER_KINDS[1])], Discriminator(_kind_of)
]


def tier_word(tier: Tier) -> str:
    """Return what a tier is called in a sentence."""
    return "devolved government" if tier == "devolved" else tier


def tier_in(holder: Tier | dict[str, Tier], nation: str | None) -> Tier:
    """Return the tier that holds a power in a home nation; None stands for a country that has none."""
    if isinstance(holder, dict):
        return holder.get(nation or ELSE, holder[ELSE])
    return holder


def tiers_of(holder: Tier | dict[str, Tier]) -> tuple[Tier, ...]:
    """Return every tier that holds a power somewhere, each once."""
    return tuple(dict.fromkeys(holder.values())) if isinstance(holder, dict) else (holder,)
