"""The rulebook: every behavioural rule once, as a pure function of numbers."""
