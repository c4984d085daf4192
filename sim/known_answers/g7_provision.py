"""G7. One uniform level from the centre against local provision, with spill-over.

Claim
    Local provision is better where tastes differ and little spills over; one level for all is better where much does
    (Oates's decentralisation theorem). The spill-over at which they change places does not rise steadily with how much
    tastes differ.

Citation
    Oates, *Fiscal Federalism*, 1972; Besley and Coate, "Centralized versus decentralized provision of local public
    goods", Journal of Public Economics 87:2611-2637, 2003, whose "standard approach" this is.

Definition
    Place i has taste m_i and benefit ``m_i * sum_j K_ij * ln g_j`` from the levels g; with two places and spill-over k
    in [0, 1/2], K has 1 - k on the diagonal and k beside it. A unit costs p. Each row of K sums to 1. Surplus is the
    sum of benefits less cost. Local: each chooses what is best for itself given the others, ``g_i = m_i K_ii / p``.
    Uniform: the best single level, ``g = mean(m) / p``. First best: ``g_j = sum_i m_i K_ij / p``. Places pay for their
    own level when local, and share the cost when uniform; surplus does not depend on who pays.

Variant
    Any number of places, any tastes and any matrix of spill-over (`spread_over` makes one from any network). Beside the
    closed forms, `play` finds each arrangement's levels by search, as places or a planner would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from scipy.optimize import brentq, minimize_scalar

from sim.known_answers.case import Case, Check, exact, ordering
from sim.known_answers.graphs import Matrix, cycle

Floats = npt.NDArray[np.float64]
Arrangement = Literal["local", "uniform", "first best"]
ARRANGEMENTS: tuple[Arrangement, ...] = ("local", "uniform", "first best")
TOLERANCE = 1e-4
HIGHEST = 50.0  # the search for a level stops here times the mean taste


def between_two(k: float) -> Floats:
    """Return the spill-over matrix of two places."""
    return np.array([[1.0 - k, k], [k, 1.0 - k]])


def spread_over(graph: Matrix, k: float) -> Floats:
    """Return the spill-over matrix in which each place's share k comes from its neighbours in equal parts."""
    ties = graph.sum(axis=1, keepdims=True)
    beside = k * graph / np.maximum(ties, 1)
    return np.asarray(beside + np.diag(1.0 - beside.sum(axis=1)))


# --- closed forms --------------------------------------------------------------------------------------------


def levels(arrangement: Arrangement, tastes: Floats, spill: Floats, cost: float = 1.0) -> Floats:
    """Return the level that each place gets.

    Parameters
    ----------
    arrangement
        "local" (Nash), "uniform" or "first best".
    tastes
        m, shape (n,), above zero.
    spill
        K, shape (n, n), rows summing to 1.
    cost
        Of a unit, p.
    """
    if arrangement == "local":
        return tastes * np.diag(spill) / cost
    if arrangement == "uniform":
        return np.full(len(tastes), tastes.mean() / cost)
    return np.asarray(tastes @ spill / cost)


def surplus(level: Floats, tastes: Floats, spill: Floats, cost: float = 1.0) -> float:
    """Return the sum of benefits less cost."""
    return float(tastes @ spill @ np.log(level) - cost * level.sum())


def welfare(arrangement: Arrangement, tastes: Floats, spill: Floats, cost: float = 1.0) -> float:
    """Return the surplus under an arrangement."""
    return surplus(levels(arrangement, tastes, spill, cost), tastes, spill, cost)


def critical_spill(
    tastes: Floats, matrix: Callable[[float], Floats] = between_two, most: float = 0.5, cost: float = 1.0
) -> float:
    """Return the spill-over above which one level for all is better than local provision.

    Parameters
    ----------
    tastes, cost
        As for `levels`.
    matrix
        Gives K for a spill-over k.
    most
        The largest k looked at; NaN is returned if local is better even there.
    """

    def gain(k: float) -> float:
        return welfare("uniform", tastes, matrix(k), cost) - welfare("local", tastes, matrix(k), cost)

    if gain(0.0) >= -1e-12:
        return 0.0
    return float(brentq(gain, 0.0, most, xtol=1e-12)) if gain(most) > 0.0 else float("nan")


# --- by search -----------------------------------------------------------------------------------------------


def play(arrangement: Arrangement, tastes: Floats, spill: Floats, cost: float = 1.0, rounds: int = 3) -> Floats:
    """Return levels found by search: places reply to each other in turn, or a planner tries levels.

    Parameters
    ----------
    arrangement, tastes, spill, cost
        As for `levels`.
    rounds
        Times that each place, or the planner for each place, chooses again.
    """
    level = np.full(len(tastes), tastes.mean() / cost)
    if arrangement == "uniform":
        return _best(lambda g: surplus(np.full(len(tastes), g), tastes, spill, cost), tastes, cost) * np.ones(
            len(tastes)
        )
    for _ in range(rounds):
        for i in range(len(tastes)):
            level[i] = _reply(arrangement, i, level, tastes, spill, cost)
    return level


def _reply(arrangement: Arrangement, i: int, level: Floats, tastes: Floats, spill: Floats, cost: float) -> float:
    def gain(g: float) -> float:
        tried = level.copy()
        tried[i] = g
        own = tastes[i] * float(spill[i] @ np.log(tried)) - cost * g
        return own if arrangement == "local" else surplus(tried, tastes, spill, cost)

    return _best(gain, tastes, cost)


def _best(gain: Callable[[float], float], tastes: Floats, cost: float) -> float:
    bounds = (1e-9, HIGHEST * float(tastes.mean()) / cost)
    found = minimize_scalar(lambda g: -gain(g), bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return float(found.x)


# --- the case ------------------------------------------------------------------------------------------------

TWO = np.array([1.0, 3.0])
SURPLUS = {  # spill-over: local, uniform, first best
    0.0: (-0.70416, -1.22741, -0.70416),
    0.1: (-0.94533, -1.22741, -0.89828),
    0.2: (-1.23618, -1.22741, -1.04461),
    0.5: (-2.57536, -1.22741, -1.22741),
}
FORMULAS: dict[Arrangement, str] = {
    "local": "g_i = m_i(1-k)/p",
    "uniform": "g = mean(m)/p",
    "first best": "g_i = (m_i(1-k)+m_j k)/p",
}
CRITICAL = {1.0: 0.0, 1.5: 0.13143, 2.0: 0.17234, 3.0: 0.19725, 5.0: 0.20366, 9.0: 0.19669}


def run(_full: bool, _seed: int) -> list[Check]:
    """Return the checks; there is no chance in them, and the full set is the quick one."""
    checks = []
    for k, expected in SURPLUS.items():
        for arrangement, value in zip(ARRANGEMENTS, expected, strict=True):
            found = surplus(play(arrangement, TWO, between_two(k)), TWO, between_two(k))
            checks.append(
                exact(f"Surplus, {arrangement}, k={k:g}, m=(1, 3)", FORMULAS[arrangement], value, found, TOLERANCE)
            )
    found_at = {ratio: critical_spill(np.array([1.0, ratio])) for ratio in CRITICAL}
    for ratio, value in CRITICAL.items():
        checks.append(exact(f"Critical spill-over, tastes 1 and {ratio:g}", "-", value, found_at[ratio], TOLERANCE))
    dearer = critical_spill(TWO, cost=7.0) - critical_spill(TWO)
    return [
        *checks,
        exact("Critical spill-over, cost 7 less cost 1", "0", 0.0, dearer, TOLERANCE),
        ordering("Critical spill-over: ratio 5 above ratio 3", "-", found_at[5.0] - found_at[3.0], 0.0),
        ordering("Critical spill-over: ratio 5 above ratio 9", "-", found_at[5.0] - found_at[9.0], 0.0),
    ]


def figure(_full: bool, _seed: int) -> Figure:
    """Draw surplus against spill-over, and the critical spill-over against how much tastes differ."""
    drawing = Figure(figsize=(9.0, 4.0))
    left, right = drawing.subplots(1, 2)
    shares = np.linspace(0.0, 0.5, 51)
    for arrangement in ARRANGEMENTS:
        left.plot(shares, [welfare(arrangement, TWO, between_two(k)) for k in shares], label=arrangement)
    left.set(
        title="two places, tastes 1 and 3", xlabel="spill-over (share)", ylabel="surplus (a unit of provision costs 1)"
    )
    left.legend()
    ratios = np.linspace(1.0, 12.0, 56)
    right.plot(ratios, [critical_spill(np.array([1.0, ratio])) for ratio in ratios], label="two places")
    right.plot(ratios, [_on_a_ring(ratio) for ratio in ratios], label="ring of ten, like beside like")
    right.plot(list(CRITICAL), list(CRITICAL.values()), "ko", label="reference")
    right.set(title="one level for all is better above", xlabel="ratio of tastes", ylabel="critical spill-over (share)")
    right.legend()
    return drawing


def _on_a_ring(ratio: float) -> float:
    """Return the critical spill-over round a ring of ten places, those with low tastes beside each other."""
    return critical_spill(np.repeat([1.0, ratio], 5), lambda k: spread_over(cycle(10), k), most=0.9)


CASE = Case(
    id="G7",
    title="Uniform or local provision, with spill-over",
    claim="Local provision is better where tastes differ and little spills over; one level for all where much does.",
    citation="Oates, Fiscal Federalism, 1972; Besley and Coate, Journal of Public Economics 87:2611-2637, 2003",
    says=(__doc__ or "").strip(),
    run=run,
    figure=figure,
)
