"""The ledger: what a structure was given, and what became of it.

Equal means show here after the run: every structure starts from the same staff-days, and each of them is found
again under one use; helpers who were paid come on top of them. Supplies that were there or bought are used up,
perished, in stock or on their way; money for help is paid or still there.
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
    "programmes": "total_programmes",
    "prevention": "total_prevention",
    "absent": "total_absent",
    "vacant": "total_vacant",
    "lost_in_moving": "total_lost",
    "idle": "total_idle",
    "own_duties": "total_duties",
}
TOLERANCE = 1e-9  # of what was given


class UnbalancedLedgerError(RuntimeError):
    """Staff-days, supplies or money were lost or made: a mistake in the model, never in what a user wrote."""


def staff_days_given(setup: Setup, days: int) -> float:
    """Return the staff-days that a structure is given: permanent and surge staff, and responders, every day."""
    return float(setup.land.staff.sum() + setup.land.reserve.sum() + setup.land.responders.sum()) * days


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
    given = staff_days_given(setup, days) + float(state["total_help"].sum())
    used = sum(staff_days_by_use(state).values())
    if abs(given - used) > TOLERANCE * given:
        raise UnbalancedLedgerError(
            f"{setup.structure.name} was given {given:.6f} staff-days and accounts for {used:.6f}."
        )
    _check_supplies(setup, state)
    _check_money(setup, state)


def supplies_given(setup: Setup) -> float:
    """Return the supplies that a structure is given: the first stock, and what is on its way on day 0."""
    supplies = setup.scenario.supplies
    days = 0.0 if supplies is None else supplies.stock_days + supplies.pipeline_days
    return days * float(setup.stretches[0].table.supply.all_ordinary)


def supplies_by_use(state: dict[str, NDArray[Any]]) -> dict[str, float]:
    """Return the supplies of one world by what became of them."""
    return {
        "used": float(state["total_supplies_used"].sum()),
        "perished": float(state["total_perished"].sum()),
        "in_stock": float(state["supplies"].sum() + state["depot"].sum()),
        "on_order": float(state["on_order"].sum()),
    }


def _check_supplies(setup: Setup, state: dict[str, NDArray[Any]]) -> None:
    given = supplies_given(setup) + float(state["total_bought"].sum())
    found = sum(supplies_by_use(state).values())
    if abs(given - found) > TOLERANCE * given:
        raise UnbalancedLedgerError(
            f"{setup.structure.name} had {given:.6f} items of supplies and accounts for {found:.6f}."
        )


def _check_money(setup: Setup, state: dict[str, NDArray[Any]]) -> None:
    """Refuse a run in which money for help is neither paid nor there."""
    given = float(state["total_granted"].sum())
    found = float(state["total_help_paid"].sum() + state["purse"].sum())
    if abs(given - found) > TOLERANCE * given:
        raise UnbalancedLedgerError(
            f"{setup.structure.name} was given GBP {given:.6f} for help and accounts for {found:.6f}."
        )
