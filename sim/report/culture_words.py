"""Culture against structure, for people: no structure wins by a culture that it carries unseen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.governance.structure import Structure
from sim.outcomes import Outcome
from sim.report.words import Cell, cells, headline_outcomes, listing
from sim.study.compare import Comparison
from sim.study.culture import EFFECTS, Square
from sim.world.scenario import Scenario

EFFECTS_ARE = f"Effects: {'; '.join(f'{effect}, {says}' for effect, says in EFFECTS.items())}."
WIDTH = max(len(effect) for effect in EFFECTS)


@dataclass(frozen=True)
class SquareWords:
    """One carried culture with one structure and the baseline.

    Parameters
    ----------
    title, says
        Whose culture with which structure, and what it is.
    lines
        Each headline outcome with a cell for each effect.
    """

    title: str
    says: str
    lines: list[tuple[Outcome, list[Cell]]]


def carried_words(scenario: Scenario, structure: Structure) -> str:
    """Return a carried culture beside the scenario's: "candour 0.95 (the scenario's is 0.8)"."""
    return listing(
        [
            f"{name.replace('_', ' ')} {value:g} (the scenario's is {getattr(scenario.culture, name):g})"
            for name, value in structure.culture.items()
        ]
    )


def carriers(comparison: Comparison) -> list[Structure]:
    """Return the structures that carry a culture."""
    return [each for each in comparison.structures if each.culture]


def culture_caveats(comparison: Comparison) -> Iterator[str]:
    """Yield what must be known of cultures that structures carry: they are left out, and told apart."""
    for each in carriers(comparison):
        yield (
            f"{comparison.titles[each.name]} carries a culture of its own: {carried_words(comparison.scenario, each)}. "
            "It ran in the scenario's culture, as all did: no verdict here is owed to what it carries."
        )


def culture_squares(comparison: Comparison) -> list[SquareWords]:
    """Return what is structure and what culture, for each carried culture, over the headline outcomes."""
    return [square_words(comparison, square) for square in comparison.squares]


def square_words(comparison: Comparison, square: Square) -> SquareWords:
    """Return one square in words."""
    titles, by_name = comparison.titles, {each.name: each for each in comparison.structures}
    carried = carried_words(comparison.scenario, by_name[square.culture_of])
    base = titles[comparison.baseline]
    return SquareWords(
        title=f"{titles[square.structure]} and {base}",
        says=(
            f"{titles[square.structure]} against {base}, in the scenario's culture and in the one that "
            f"{titles[square.culture_of]} carries: {carried}."
        ),
        lines=[(each, effect_cells(comparison, square, each)) for each in headline_outcomes(comparison.table())],
    )


def effect_cells(comparison: Comparison, square: Square, outcome: Outcome) -> list[Cell]:
    """Return the effects of one square on one outcome, with as many decimals as are known."""
    table = comparison.cultures
    mine = table[(table["culture_of"] == square.culture_of) & (table["structure"] == square.structure)]
    rows = mine[mine["outcome"] == outcome.name].to_dict("records")
    value = comparison.values(outcome.name)[comparison.baseline].mean()
    return cells([_as_row({str(key): each for key, each in row.items()}, value) for row in rows])


def _as_row(row: dict[str, Any], value: float) -> dict[str, Any]:
    rest = {"value": value, "verdict": "", "undefined": 0, "failed": 0, "runs": row["pairs"]}
    return {**row, **rest, "structure": row["effect"]}


def culture_text(comparison: Comparison) -> Iterator[str]:
    """Yield what stands below the table of a comparison in a terminal; nothing where no culture is carried."""
    for caveat in culture_caveats(comparison):
        yield from ["", *textwrap.wrap(caveat, 118)]
    for square in culture_squares(comparison):
        yield from ["", *textwrap.wrap(square.says, 118)]
        for outcome, effects in square.lines:
            yield outcome.heading
            yield from (
                f"  {each.structure:<{WIDTH}} {each.difference:>12}  {each.interval}".rstrip() for each in effects
            )
    if comparison.squares:
        yield from ["", *textwrap.wrap(EFFECTS_ARE, 118)]
