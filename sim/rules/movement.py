"""A movement: who joins, and when (once a week, before the day begins). After Granovetter (1978)."""

from sim.fast.compiled import rule


@rule
def grievance(overrides: float, per_override: float, unmet: float, best_peer: float, per_gap: float) -> float:
    """Return a place's grievance: orders that displaced what worked, and unmet need beyond that of the best peer."""
    return per_override * overrides + per_gap * max(0.0, unmet - best_peer)


@rule
def joins(aggrieved: float, example: float, joined_ties: float, threshold: float) -> bool:
    """Say whether a place joins: its grievance, and the share of its ties that have joined, exceed its threshold."""
    return aggrieved + example * joined_ties > threshold
