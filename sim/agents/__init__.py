"""The organisations and communities, as Mesa agents: one class for each kind.

Each method gathers what the agent knows and calls a rule of the rulebook (:mod:`sim.rules`). What an agent
remembers from day to day is declared in :mod:`sim.state`; everything else about it is set when it is appointed
(:mod:`sim.agents.appoint`) or when a dated change gives everybody new tables.
"""

from sim.agents.community import Community
from sim.agents.council import LocalAuthority
from sim.agents.holder import Holder
from sim.agents.remit import Scope
from sim.agents.teams import NHSTeam, SectorLead, VCSGroup
from sim.agents.tiers import (
    CentralGovernment,
    DevolvedGovernment,
    IntegratedCareSystem,
    RegionalBody,
    ResilienceForum,
    Responder,
)

__all__ = [
    "CentralGovernment",
    "Community",
    "DevolvedGovernment",
    "Holder",
    "IntegratedCareSystem",
    "LocalAuthority",
    "NHSTeam",
    "RegionalBody",
    "ResilienceForum",
    "Responder",
    "Scope",
    "SectorLead",
    "VCSGroup",
]
