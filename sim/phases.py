"""One day, in order. Declared here once; a test holds both engines to it."""

PHASES: tuple[str, ...] = ("strike", "report", "decide", "deliver", "learn", "share", "relate", "record")
