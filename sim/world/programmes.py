"""Programmes: objects with a first and a last day, the same for every structure, paid from the same staff time."""

from __future__ import annotations

from typing import Literal

from sim.world.crises import ServiceName
from sim.world.fields import Settings, choice, number, words


class Leadership(Settings):
    """A leadership programme in some places: a grant, money of their own, and an enabler who works with them.

    After Local Vision (L1). What it costs is working time of these places, at the cost of a staff-day.
    """

    places: int = number(25, "Places that have it, drawn from all.", "places", 1, 15_000, "L1")
    first_day: int = number(0, "Day on which it starts.", "day", 0, 36_500)
    length_days: int = number(364, "Days for which it runs.", "days", 1, 36_500)
    grant_gbp: float = number(27_000.0, "Grant to each place.", "GBP", 0.0, 10_000_000.0, "L1")
    match_gbp: float = number(10_000.0, "What each place adds of its own.", "GBP", 0.0, 10_000_000.0, "L1")
    boost: float = number(1.0, "At full effect trust and shared language grow by this much faster.", "ratio", 0.0, 20.0)
    learn_days: float = number(180.0, "Days in which two thirds of the effect come.", "days", 7.0, 3650.0)
    fade_days: float = number(365.0, "Days in which two thirds of it fade once it stops.", "days", 7.0, 3650.0)


class JointSessions(Settings):
    """Sessions in which sectors of a place learn each other's language, for working time of everybody."""

    first_day: int = number(0, "Day on which they start.", "day", 0, 36_500)
    length_days: int = number(182, "Days for which they are held.", "days", 1, 36_500)
    time: float = number(0.005, "Working time that they take.", "share of staff", 0.0, 0.03)
    worth: float = number(0.5, "Joint work that they amount to; full partnership is 1.", "ratio", 0.0, 10.0)


class PooledBudget(Settings):
    """The surge staff of some services as one pool in each place, which goes day by day where most cases are open."""

    services: tuple[ServiceName, ...] = words("Services that pool theirs.", ("clinical_care", "social_care"))
    first_day: int = number(0, "Day on which it starts.", "day", 0, 36_500)
    length_days: int = number(364, "Days for which it lasts.", "days", 1, 36_500)
    time: float = number(0.002, "Working time that running it together takes.", "share of staff", 0.0, 0.01)


class Targets(Settings):
    """Activity targets: in some services it is counted which share of the cases is dealt with on the day.

    Effort turns to what is counted, and rises a little; and a part of what is missing is reported as done.
    """

    services: tuple[ServiceName, ...] = words("Services in which it is counted.", ("clinical_care",))
    first_day: int = number(0, "Day from which they count.", "day", 0, 36_500)
    length_days: int = number(364, "Days for which they count.", "days", 1, 36_500)
    target: float = number(0.95, "Share of the day's cases that is to be served.", "share", 0.0, 1.0)
    gaming: float = number(0.3, "Part of what is missing to the target that is reported as served.", "share", 0.0, 1.0)
    shift: float = number(
        0.05, "Part of the working time of each other service that turns to what is counted.", "share", 0.0, 0.5
    )
    rise: float = number(0.03, "How much more is done in the same time where it is counted.", "share", 0.0, 0.5)
    uncounted: float = number(
        0.3,
        "What a case that is not counted weighs, against one that is, for a holder who follows targets.",
        "ratio",
        0.0,
        1.0,
    )


class SharedTrial(Settings):
    """A national shared trial: one protocol, many local recruiters, and results that are read together.

    After RECOVERY (C6, C7). A structure runs it where a protocol reaches the front line: down from the centre that
    hears back from places, or through a base that all can read.
    """

    services: tuple[ServiceName, ...] = words("Services in which ways of working are tried.", ("clinical_care",))
    first_day: int = number(0, "Day on which recruiting begins.", "day", 0, 36_500)
    length_days: int = number(182, "Days for which it recruits.", "days", 1, 36_500)
    places: float = number(0.8, "Share of places that recruit, drawn from all.", "share", 0.0, 1.0)
    share: float = number(
        0.1,
        "Share of a recruiting place's cases that a protocol allots, where it arrives in full.",
        "share",
        0.0,
        0.5,
    )
    read_weeks: int = number(4, "Weeks between readings of the pooled result.", "weeks", 1, 52)
    time: float = number(0.002, "Working time that recruiting takes.", "share of staff", 0.0, 0.03)


class Movement(Settings):
    """A movement of places against how they are governed, which grows by example (Granovetter 1978).

    A place joins when its grievance and the share of its ties that have joined exceed a threshold of its own. Past a
    share of members the centre gives way, or closes the channels.
    """

    first_day: int = number(0, "Day from which places may join.", "day", 0, 36_500)
    length_days: int = number(3650, "Days for which they may.", "days", 1, 36_500)
    override: float = number(0.1, "Grievance for each override of a working local choice.", "grievance", 0.0, 10.0)
    gap: float = number(
        2.0, "Grievance for each point of unmet need beyond the best peer's: at 1 none of it was met.", "grievance",
        0.0, 100.0,
    )  # fmt: skip
    example: float = number(0.5, "What it adds that all ties of a place have joined.", "grievance", 0.0, 10.0)
    threshold: float = number(0.5, "Mean threshold of places.", "grievance", -10.0, 10.0)
    threshold_sd: float = number(0.25, "Spread of thresholds between places.", "grievance", 0.0, 10.0)
    gives_way_at: float = number(0.5, "Share of places above which the centre answers.", "share", 0.0, 1.0)
    answer: Literal["concede", "close", "none"] = choice(
        "concede", "It lets the tier below hold a power, it closes guidance and the open base, or it does nothing."
    )
    power: Literal["approach", "reserve", "workforce", "restriction", "procurement", "commissioning"] = choice(
        "approach", "The power that it concedes."
    )
    switch_days: float = number(
        0.5, "Staff-days of training for each member of staff when it answers.", "days", 0.0, 30.0
    )
