"""Running, keeping and judging many runs."""
