"""What organisations have in common."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import mesa

from sim.agents.links import ByApproach, Desk
from sim.rules.delivery import reach
from sim.rules.evidence import weight_of_results

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.model import GovernanceModel


class _Numbering(WeakKeyDictionary[Any, Any]):
    """Agents' numbers, from 1 on in each model. Mesa 3.3 keeps every model alive for these; this does not."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, count(1))


class Organisation(mesa.Agent):
    """A body with a name.

    Parameters
    ----------
    model
        The world it belongs to.
    name
        What it is called.
    """

    model: GovernanceModel
    _ids = _Numbering()

    def __init__(self, model: GovernanceModel, name: str) -> None:
        super().__init__(model)
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Deliverer(Organisation):
    """An organisation that serves people, at a desk for each service that it has a part in."""

    council: LocalAuthority
    desks: list[Desk]

    def extra_reach(self) -> float:
        """Return whom it reaches of those who do not come forward, as a share."""
        return 0.0

    def can_resolve(self, desk: Desk, capacity: float, productivity: float) -> float:
        """Return cases that it could resolve at a desk today, out of the service's capacity in the place."""
        ordinary = self.model.par.ordinary_takeup
        reached = reach(self.council.community.takeup, ordinary, self.extra_reach())
        return capacity * desk.share * productivity * reached

    def learn(self, luck: ByApproach) -> None:
        """See the results of today's work: of the approach in use, and of the one on trial.

        Parameters
        ----------
        luck
            A standard normal for each desk of the place and each approach: the noise in results.
        """
        for desk in self.desks:
            in_use, on_trial = self.council.approach[desk.service], self.council.trial[desk.service]
            tried = self.council.trial_share if on_trial >= 0 else 0.0
            precision = self._precision(desk)
            self._see(desk, in_use, precision * (1.0 - tried), luck)
            if on_trial >= 0:
                self._see(desk, on_trial, precision * tried, luck)

    def _precision(self, desk: Desk) -> float:
        par = self.model.par
        share_of_day = desk.served_by / (desk.staff * par.load_cases_per_staff_day)
        return weight_of_results(share_of_day, par.culture_candour, self.council.capability, par.evidence_result_noise)

    def _see(self, desk: Desk, approach: int, precision: float, luck: ByApproach) -> None:
        truth = self.council.log_effect[desk.service][approach]
        desk.see(approach, truth, precision, luck[desk.slot][approach])
