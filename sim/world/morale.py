"""How staff bear overload and being overridden, by one rule for every structure."""

from __future__ import annotations

from sim.world.fields import Settings, number


class Morale(Settings):
    """Morale of staff; where ``leaving`` is 0 nobody leaves, and morale is told and changes nothing."""

    start: float = number(0.7, "Morale on day 0, towards which it recovers.", "share", 0.0, 1.0)
    recovery_days: float = number(60.0, "Days in which two thirds of a fall are made good.", "days", 7.0, 3650.0)
    overload: float = number(
        0.05, "Share of morale lost in a day on which nobody is there for all the work.", "per day", 0.0, 0.14
    )
    override: float = number(0.02, "Share of morale lost with each service that is overridden.", "share", 0.0, 1.0)
    leaving: float = number(0.0, "Share of staff who leave in a year where morale is nil.", "share", 0.0, 5.0)
    enough: float = number(0.5, "Morale at which nobody leaves who would not leave anyhow.", "share", 0.01, 1.0)
    recruit_days: float = number(120.0, "Mean days until a post is filled again.", "days", 7.0, 3650.0)
