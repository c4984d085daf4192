"""Rows of the national series that the engines write each day, in order (sums over places)."""

ROWS: tuple[str, ...] = (
    "harm", "open", "need", "served", "lapsed", "cases", "deaths", "restricted", "regret", "near_best",
    "idle_so_far", "missing_so_far", "trust", "language", "confidence", "morale", "landscape", "belief_error",
)  # fmt: skip
