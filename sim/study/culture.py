"""Culture against structure: what of a difference is how a structure governs, and what the culture that it carries.

Culture is a condition of the scenario, equal for all. A structure may say in which culture it is at home; it is
then run, beside the fair comparison, in that culture too, and so is the baseline: two by two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sim.engine import RunResult
from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES
from sim.study.statistics import Difference, paired_difference
from sim.world.scenario import Scenario

Values = dict[str, list[float]]  # an outcome in every replicate

EFFECTS = ("structure", "culture", "interaction")


def in_its_culture(scenario: Scenario, structure: Structure) -> Scenario:
    """Return a scenario with the culture that a structure carries."""
    culture = scenario.culture.model_copy(update=dict(structure.culture))
    return scenario.model_copy(update={"culture": culture})


def values_of(results: list[RunResult]) -> Values:
    """Return each outcome in every replicate, in order of seeds."""
    ordered = sorted(results, key=lambda result: result.seed)
    return {name: [result.outcomes.get(name, np.nan) for result in ordered] for name in OUTCOMES}


def two_by_two(structure: Values, baseline: Values, structure_there: Values, baseline_there: Values) -> pd.DataFrame:
    """Return the effect of the structure, that of its culture, and their interaction.

    Parameters
    ----------
    structure, baseline
        In the culture of the scenario.
    structure_there, baseline_there
        In the culture that the structure carries; the same seeds in the same order.

    Returns
    -------
    DataFrame
        A row for each outcome and effect: outcome, title, unit, effect, difference, low, high, pairs. Structure: the
        difference from the baseline in the scenario's culture. Culture: what the other culture does to the
        baseline. Interaction: how far the structure gains more (or less) by it than the baseline.
    """
    cells = (structure, baseline, structure_there, baseline_there)
    return pd.DataFrame([row for name in OUTCOMES for row in _rows(name, *(np.array(cell[name]) for cell in cells))])


def _rows(name: str, here: Any, base: Any, there: Any, base_there: Any) -> Iterator[dict[str, Any]]:
    zero = np.zeros_like(here)
    found = {
        "structure": paired_difference(here, base),
        "culture": paired_difference(base_there, base),
        "interaction": paired_difference((there - here) - (base_there - base), zero),
    }
    for effect, gap in found.items():
        yield {"outcome": name, "title": OUTCOMES[name].title, "unit": OUTCOMES[name].unit, **_row(effect, gap)}


def _row(effect: str, gap: Difference) -> dict[str, Any]:
    return {"effect": effect, "difference": gap.mean, "low": gap.low, "high": gap.high, "pairs": gap.pairs}
