"""What a user adds to a run: agents and outcomes of their own. `docs/your_own.md` has an example of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import InputError
from sim.outcomes import OUTCOMES, Outcome

if TYPE_CHECKING:
    from sim.engine import RunResult


@dataclass(frozen=True)
class OwnOutcome(Outcome):
    """A measure of a run that is worked out from its result.

    Parameters
    ----------
    name, title, unit, better, group, says, headline
        As for every outcome.
    of
        Gives the value, or NaN where it is undefined, from a `sim.engine.RunResult`. With several worker processes it
        must be importable by name, so not a lambda.
    """

    of: Callable[[RunResult], float] = field(default=lambda _result: float("nan"), compare=False)


@dataclass(frozen=True)
class Own:
    """Agents and outcomes of one's own.

    Parameters
    ----------
    agents
        Classes of one's own, each for the class of `sim.agents` that it extends and stands in for. A run with them
        is done on the Mesa engine, and says so.
    outcomes
        Measures of one's own, beside those of `sim.outcomes.OUTCOMES`.

    Raises
    ------
    InputError
        If a class does not extend the one it stands in for, or an outcome has the name of another.
    """

    agents: Mapping[type[Any], type[Any]] = field(default_factory=dict)
    outcomes: Sequence[OwnOutcome] = ()

    def __post_init__(self) -> None:
        for theirs, mine in self.agents.items():
            if not issubclass(mine, theirs):
                problem = f"{mine.__name__} does not extend {theirs.__name__}, for which it is to stand in."
                raise InputError(problem, f"Write class {mine.__name__}({theirs.__name__}).", key="agents")
        names = [*OUTCOMES, *(each.name for each in self.outcomes)]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f'two outcomes are called "{name}".', "Give yours another name.", key="outcomes")

    @property
    def names(self) -> list[str]:
        """What identifies it beside scenario and structure: its classes, in order; nothing where it has no agents."""
        return sorted(f"{mine.__name__} for {theirs.__name__}" for theirs, mine in self.agents.items())

    @property
    def engine(self) -> str:
        """What the engine of its runs is called."""
        return f"mesa, with {', '.join(self.names)}" if self.agents else "mesa"

    def measured(self, result: RunResult) -> dict[str, float]:
        """Return the value of each outcome of one's own."""
        return {each.name: float(each.of(result)) for each in self.outcomes}


NOTHING_OWN = Own()
