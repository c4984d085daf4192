"""The tiers above the places. What each may decide follows from the structure: some hold nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.holder import Holder
from sim.agents.links import Group
from sim.rules.choice import newest_report

if TYPE_CHECKING:
    from sim.model import GovernanceModel


class CentralGovernment(Holder):
    """National government: a small number of ministers. It writes the guidance that places hear.

    Parameters
    ----------
    model, name, key
        As for every holder.
    """

    def __init__(self, model: GovernanceModel, name: str, key: int) -> None:
        super().__init__(model, name, key)
        self.told_of: list[Group] = []  # groups of places of which guidance tells the average

    def write_guidance(self) -> None:
        """Write down what places reported, as old as it will be when it is told."""
        number = newest_report(self.model.day, self.model.table.guidance_delay)
        if number >= 0:
            par = self.model.par
            for group in self.told_of:
                group.average(self.model.slot_of(number), par.culture_candour, par.approaches_spread)


class DevolvedGovernment(Holder):
    """The government of a home nation: of Scotland, Wales or Northern Ireland. England has none of its own."""


class RegionalBody(Holder):
    """A combined or strategic authority, or London's."""


class ResilienceForum(Holder):
    """A resilience forum: it plans, and in an emergency stands up a strategic co-ordinating group."""


class IntegratedCareSystem(Holder):
    """NHS bodies and councils that plan together."""
