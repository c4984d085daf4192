"""Organisations of a place beside its council: teams who serve, and leads who know their sector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.organisation import Deliverer, Organisation
from sim.rules.evidence import forgotten

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.model import GovernanceModel


class Team(Deliverer):
    """An organisation that serves people beside the council.

    Parameters
    ----------
    model, name
        As for every organisation.
    council
        The council of its place.
    kind
        Which team: the organisation's name in `sim.world.land.DESKS`.
    """

    def __init__(self, model: GovernanceModel, name: str, council: LocalAuthority, kind: str) -> None:
        super().__init__(model, name)
        self.council, self.kind = council, kind
        self.desks = []


class NHSTeam(Team):
    """A hospital, or community health services: clinical teams that find out what works."""


class VCSGroup(Team):
    """Voluntary and community groups: they reach people who do not come forward."""

    is_voluntary = 1.0

    def extra_reach(self) -> float:
        """Return whom it reaches of those who do not come forward, as a share."""
        return float(self.model.par.load_vcs_reach)


class SectorLead(Organisation):
    """Expertise of one sector in a place, which may or may not be in the room.

    Parameters
    ----------
    model, name
        As for every organisation.
    sector
        Which sector.
    service
        Number of the service that it knows.
    beliefs
        What it believes on day 0 of each approach to that service, log.
    """

    def __init__(self, model: GovernanceModel, name: str, sector: str, service: int, beliefs: list[float]) -> None:
        super().__init__(model, name)
        self.sector, self.service, self.beliefs = sector, service, beliefs
        self.in_the_room = False

    def word(self) -> float:
        """Return the weight of its word: nothing when it is not in the room, less as the world drifts on."""
        par = self.model.par
        error = par.approaches_spread * par.evidence_lead_noise
        weight = forgotten(1.0 / (error * error + 1e-12), self.model.day * par.drift)
        return weight if self.in_the_room else 0.0
