"""The tiers above the places. What each may decide follows from the structure: some hold nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.holder import Holder
from sim.agents.links import Group
from sim.agents.organisation import Organisation
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
    """A resilience forum: it plans, and in an emergency stands up a strategic co-ordinating group.

    Parameters
    ----------
    model, name, key
        As for every holder.
    """

    def __init__(self, model: GovernanceModel, name: str, key: int) -> None:
        super().__init__(model, name, key)
        self.responders: list[Responder] = []  # each kind of responder of its area
        self.group_from = 0  # day from which its co-ordinating group stands

    def group_stands(self) -> bool:
        """Return whether its strategic co-ordinating group stands today, so that responders join in."""
        return self.model.day >= self.group_from


class Responder(Organisation):
    """Police, fire, ambulance, the Environment Agency or a health protection team: a category 1 responder.

    Parameters
    ----------
    model, name
        As for every organisation.
    service
        The service that its staff help with while a co-ordinating group stands.
    """

    def __init__(self, model: GovernanceModel, name: str, service: int) -> None:
        super().__init__(model, name)
        self.service = service


class IntegratedCareSystem(Holder):
    """NHS bodies and councils that plan together."""
