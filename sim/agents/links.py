"""What connects organisations: desks, relations, and lines along which one hears another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sim.rules.evidence import average, forgotten, kalman_mean, result_seen, shaded

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.agents.organisation import Deliverer

Reals = list[float]
ByApproach = list[list[float]]  # service by service, a number for each approach


class Desk:
    """A delivering organisation's work in one service, and what it has seen there at first hand.

    Parameters
    ----------
    organisation
        Who works here.
    service
        Number of the service.
    slot
        Number of the desk in its place.
    staff
        Permanent staff.
    share
        Their share of the service's staff in the place.
    leads
        Whether the organisation is of the sector that leads the service.
    """

    approach: int  # in use
    trial: int  # on trial, or -1
    unfamiliarity: float  # loss of productivity while the approach is new, share
    training_owed: float  # staff-days
    changed: int  # day
    looked_at: int  # day
    mean: Reals  # what has been seen of each approach, log
    weight: Reals  # how much of it, 1/log^2
    team_mean: Reals  # what a team that holds the approach expects of each
    team_variance: Reals
    served_by: float  # cases served today

    def __init__(
        self, organisation: Deliverer, service: int, slot: int, staff: float, share: float, leads: bool
    ) -> None:
        self.organisation, self.service, self.slot = organisation, service, slot
        self.staff, self.share, self.leads = staff, share, leads
        self.hours, self.limit = 0.0, 0.0  # today's staff-days, and cases that they could resolve

    def see(self, approach: int, truth: float, precision: float, z: float) -> None:
        """See a result of an approach: the truth, and noise that shrinks with the cases behind it."""
        result = result_seen(truth, precision, z)
        self.mean[approach] = kalman_mean(self.mean[approach], self.weight[approach], result, precision)
        self.weight[approach] += precision

    def forget(self, drift: float) -> None:
        """Let old evidence fade, when the truth has drifted by this variance."""
        self.weight = [forgotten(weight, drift) for weight in self.weight]


class Relation:
    """How far one organisation trusts another, and the aid that travels along their tie."""

    trust: float  # share
    helped: float  # staff


@dataclass(frozen=True, eq=False)
class Tie:
    """A direct tie of a council to a peer: how it trusts the peer, and the peer it."""

    peer: LocalAuthority
    relation: Relation
    back: Relation


class Sender(Protocol):
    """Whoever can be heard: a council, or a group of places of which guidance tells the average."""

    def told(self, slot: int) -> tuple[ByApproach, ByApproach]:
        """Return means and weights of the evidence as told in a week's report."""

    def honesty(self) -> float:
        """Return how much of a bad result is told: 1 for all of it."""


@dataclass(frozen=True, eq=False)
class Line:
    """Along which a council hears a sender: the best path there is.

    Parameters
    ----------
    sender
        Who is heard.
    delay_days
        How old a message is when it arrives.
    clarity
        Share of the meaning that the channel lets through.
    relations
        One or two relations whose trust lets the rest through.
    likeness
        How like the sender's place is to the listener's.
    """

    sender: Sender
    delay_days: int
    clarity: float
    relations: tuple[Relation, ...]
    likeness: float

    def clarity_now(self) -> float:
        """Return the share of the meaning that arrives: the channel's, scaled by trust along the path."""
        clarity = self.clarity
        for relation in self.relations:
            clarity = clarity * relation.trust
        return clarity


class Group:
    """Places of which guidance tells the average, where it does not tell them one by one."""

    def __init__(self, members: list[LocalAuthority]) -> None:
        self.members = members
        self.mean: ByApproach = []
        self.weight: ByApproach = []

    def told(self, slot: int) -> tuple[ByApproach, ByApproach]:  # noqa: ARG002 - the centre chose the week
        """Return the average as the centre last wrote it down."""
        return self.mean, self.weight

    def honesty(self) -> float:
        """Return 1: what the centre wrote down is told as it stands."""
        return 1.0

    def average(self, slot: int, candour: float, good: float) -> None:
        """Write down the average of what was told in a week: bad news is hidden where candour is low."""
        first = self.members[0].told_mean[slot]
        self.mean = [[0.0] * len(row) for row in first]
        self.weight = [[0.0] * len(row) for row in first]
        for service, row in enumerate(first):
            for approach in range(len(row)):
                total, weights = 0.0, 0.0
                for council in self.members:
                    weight = council.told_weight[slot][service][approach]
                    total += weight * shaded(council.told_mean[slot][service][approach], candour, good)
                    weights += weight
                self.mean[service][approach] = average(total, weights)
                self.weight[service][approach] = weights
