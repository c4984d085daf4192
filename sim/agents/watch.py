"""A seat for somebody who looks on. Whoever watches is told of every decision, and may touch nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.agents.links import Desk
    from sim.agents.organisation import Organisation
    from sim.agents.remit import Scope

ALL_SERVICES = -1


class Watch:
    """Somebody who looks on and writes nothing down: how a run goes unless one asks for its lineage."""

    def talked(self, seats: int, rounds: int | None) -> None:
        """Hear that so many sat at a table, and after how many rounds they agreed; None: not in time."""

    def decided(
        self,
        power: str,
        holder: Organisation,
        scope: Scope,
        service: int,
        choice: float | None,
        wait: int = 0,
        agreed: bool = True,
    ) -> None:
        """Hear of a decision, before anything of it is put down.

        Parameters
        ----------
        power, holder, scope, service
            Which power, who decides, for which places, on which service (or `ALL_SERVICES`).
        choice
            An approach, a restriction, staff or items; None where all stays as it is.
        wait
            Days until it takes effect.
        agreed
            Whether those at a joint table agreed, or somebody could decide without them.
        """

    def decided_at(self, desk: Desk, choice: int | None) -> None:
        """Hear that a team decided its own way of working at a desk; None where it keeps it."""

    def end_day(self) -> None:
        """Hear that a day is over, all of it recorded."""
