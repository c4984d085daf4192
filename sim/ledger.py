"""The ledger: what a structure was given, and what became of it.

Equal means show here after the run: every structure starts from the same staff-days, and each of them is found
again under one use.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.governance.setup import Setup

USES: dict[str, str] = {
    "served": "total_used",
    "coordination": "total_coordination",
    "analysis": "total_analysis",
    "training": "total_training",
    "prevention": "total_prevention",
    "absent": "total_absent",
    "lost_in_moving": "total_lost",
    "idle": "total_idle",
}
TOLERANCE = 1e-9  # of what was given


class UnbalancedLedgerError(RuntimeError):
    """Staff-days were lost or made: a mistake in the model, never in what a user wrote."""


def staff_days_given(setup: Setup, days: int) -> float:
    """Return the staff-days that a structure is given: permanent and surge staff, every day."""
    return float(setup.land.staff.sum() + setup.land.reserve.sum()) * days


def staff_days_by_use(state: dict[str, NDArray[Any]]) -> dict[str, float]:
    """Return the staff-days of one world by what they went into."""
    return {use: float(state[column].sum()) for use, column in USES.items()}


def check_balance(setup: Setup, state: dict[str, NDArray[Any]], days: int) -> None:
    """Refuse a run whose staff-days do not add up.

    Raises
    ------
    UnbalancedLedgerError
        If uses differ from what was given by more than rounding.
    """
    given, used = staff_days_given(setup, days), sum(staff_days_by_use(state).values())
    if abs(given - used) > TOLERANCE * given:
        raise UnbalancedLedgerError(
            f"{setup.structure.name} was given {given:.6f} staff-days and accounts for {used:.6f}."
        )
