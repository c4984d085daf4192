"""What programmes take and bring: leadership, joint sessions, pooled budgets (phases deliver and relate)."""

from sim.fast.compiled import rule


@rule
def is_on(day: int, first_day: int, length_days: int) -> bool:
    """Say whether a programme runs today."""
    return first_day <= day < first_day + length_days


@rule
def pooled(own: float, pool: float, cases: float, all_cases: float) -> float:
    """Return a service's part of surge staff whose budget is pooled: by open cases; its own where nothing is open."""
    return pool * cases / all_cases if all_cases > 0.0 else own


@rule
def leading_after(leading: float, runs: bool, learn_days: float, fade_days: float, days: float) -> float:
    """Return the effect of a leadership programme after some days: it grows while it runs, and fades without."""
    if runs:
        return leading + min(1.0, days / learn_days) * (1.0 - leading)
    return leading - min(1.0, days / fade_days) * leading


@rule
def times_faster(boost: float, leading: float) -> float:
    """Return how many times faster trust and shared language grow."""
    return 1.0 + boost * leading
