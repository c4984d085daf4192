"""A culture that a structure carries: conditions between people that differ from those of the scenario.

Culture is a condition of the scenario, equal for all. A structure may say in which culture it is at home, so that a
comparison can tell what it owes to its powers and channels, and what to the culture (`sim.study.culture`).
"""

from __future__ import annotations

from sim.governance.structure import Structure
from sim.world.scenario import Scenario


def in_its_culture(scenario: Scenario, structure: Structure) -> Scenario:
    """Return a scenario with the culture that a structure carries; itself where it carries none."""
    if not structure.culture:
        return scenario
    return scenario.model_copy(update={"culture": scenario.culture.model_copy(update=dict(structure.culture))})


def in_the_culture_of(structure: Structure, other: Structure | None) -> Structure:
    """Return a structure as it is in another's culture; None stands for the scenario's, which is the same for all."""
    return structure.model_copy(update={"culture": {} if other is None else dict(other.culture)})
