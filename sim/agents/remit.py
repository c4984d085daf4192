"""A power in the hands of one holder: what it decides for, what it sees, and what a decision takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.rules.ownership import is_taken_up
from sim.streams import Purpose, uniform

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority

NO_LEAD = int(Purpose.NO_LEAD)
SECONDS = {  # where two may hold a power without a lead: the table of the second holders
    "approach": "second_approach",
    "reserve": "second_reserve",
    "workforce": "second_workforce",
    "restriction": "second_restriction",
    "procurement": "second_procurement",
}


def remit_name(power: str, second: int) -> str:
    """Return under which name a holder has a power: as one of its first holders, or of the second ones."""
    return SECONDS[power] if second else power


@dataclass(frozen=True, eq=False)
class Terms:
    """How a power is exercised, the same for all its holders.

    Parameters
    ----------
    cadence_days
        Days between rounds of decisions.
    approval_days, approval_median_days, approval_log_sd
        Days from decision to effect: a fixed part, and the median and spread of a lognormal one.
    negotiation_days
        Further days where there is no trust; 0 unless the decision is joint.
    joint, imposed
        Whether the members decide together, and whether the holder decides alone if they do not agree in time.
    reversal_cost
        How much better a change must look before it is made.
    in_the_room
        Weight of each service: 1, or less where its sector lead is not in the room.
    """

    cadence_days: int
    approval_days: float
    approval_median_days: float
    approval_log_sd: float
    negotiation_days: float
    joint: bool
    imposed: bool
    reversal_cost: float
    in_the_room: list[float]


@dataclass(frozen=True, eq=False)
class Scope:
    """The places that one decision covers.

    Parameters
    ----------
    key
        Key of the area, from which the time to approval is drawn.
    members
        Councils of the places, in order of their keys.
    thousand
        Thousands of people there.
    number
        Its place in the tables of the power; those of second holders come after all others.
    takes_up
        Chance that its holder takes a matter up in a round: 1 with the lead, 0 where the holder is lost.
    second
        1 for a second holder, with whom there is no lead.
    """

    key: np.uint64
    members: list[LocalAuthority]
    thousand: float
    number: int = 0
    takes_up: float = 1.0
    second: int = 0

    def is_taken_up(self, seed: int, day: int, slot: int) -> bool:
        """Say whether its holder takes the power up in this round, and does not leave it to the other."""
        if self.takes_up >= 1.0:
            return True
        return is_taken_up(self.takes_up, uniform(np.uint64(seed), self.key, day, slot, NO_LEAD, self.second))

    def is_one_place(self) -> bool:
        """Say whether the decision is a single place's."""
        return len(self.members) == 1

    def shared_language(self) -> float:
        """Return shared language between the sectors of the (first) place."""
        return self.members[0].language

    def trust_upward(self) -> float:
        """Return the members' mean trust in those above them."""
        total = 0.0
        for council in self.members:
            total += council.upward.trust
        return total / len(self.members)

    def capability(self) -> float:
        """Return the members' mean management capability, by head."""
        skill, people = 0.0, 0.0
        for council in self.members:
            skill += council.thousand * council.capability
            people += council.thousand
        return skill / people

    def remember_filled(self, share: float) -> None:
        """Note for the members what share of their buyer's order the market filled."""
        for council in self.members:
            council.filled[self.second] = share


@dataclass(frozen=True, eq=False)
class Unit:
    """Places that a holder can only see together, as one average.

    Parameters
    ----------
    members
        Councils of the places.
    difference
        Local variance of their average, as a share of a place's.
    """

    members: list[LocalAuthority]
    difference: float


@dataclass(frozen=True, eq=False)
class Remit:
    """One power as one holder has it.

    Parameters
    ----------
    terms
        How the power is exercised.
    attention
        Items a round that the holder's analysts can prepare.
    data_delay_days
        Days from the owner of the data to the holder.
    scopes
        What single decisions cover.
    units
        The finest that the holder can see.
    """

    terms: Terms
    attention: float
    data_delay_days: int
    scopes: list[Scope]
    units: list[Unit]
