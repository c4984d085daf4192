"""How open need in one service breeds need in another, and what a multi-agency hub cuts of it (phase strike)."""

from sim.fast.compiled import rule


@rule
def cut_by_hub(effect: float, language: float, data: float) -> float:
    """Return what a hub leaves of the cascade between its services: 1 - effect · shared language · shared data."""
    return max(0.0, 1.0 - effect * language * data)


@rule
def bred_by(per_case: float, cases: float, both_in_hub: float, cut: float) -> float:
    """Return cases that open cases of one service make in another; ``both_in_hub`` is 1 where a hub joins the two."""
    return per_case * cases * (cut if both_in_hub > 0.0 else 1.0)
