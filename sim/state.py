"""Every state array of a world, declared once.

Whatever affects the future of a run is here (and nowhere else), so that a snapshot is complete, a branch is
exact, and two engines can be compared. The Mesa engine keeps the same numbers in attributes of its agents; the
fast engine keeps them as columns with one more axis at the end, the worlds.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

INFINITY = float("inf")
NOBODY = -1


@dataclass(frozen=True)
class Column:
    """One state array.

    Parameters
    ----------
    name, unit, says
        What it is called, counted in, and means.
    owner
        Whose it is: the world's, a place's council, its community, a desk, or a relation.
    axes
        Further axes of one owner: "service", "second_service", "approach", "slot", "buyer", "transit".
    kind
        "real" (float64) or "index" (int64).
    low, high
        Bounds that hold at the end of every phase.
    start
        Value on day 0 where nothing else is said.
    """

    name: str
    owner: str
    axes: tuple[str, ...]
    unit: str
    says: str
    kind: str = "real"
    low: float = 0.0
    high: float = INFINITY
    start: float = 0.0


def _place(name: str, unit: str, says: str, *axes: str, **more: Any) -> Column:
    return Column(name, "place", axes, unit, says, **more)


def _community(name: str, unit: str, says: str, **more: Any) -> Column:
    return Column(name, "community", (), unit, says, **more)


def _desk(name: str, unit: str, says: str, *axes: str, **more: Any) -> Column:
    return Column(name, "desk", axes, unit, says, **more)


COLUMNS: tuple[Column, ...] = (
    # the structure's own rules
    Column("regime", "world", (), "index", "Rule of the structure that is in force, or 0.", kind="index"),
    Column("regime_since", "world", (), "day", "Day from which it is.", kind="index"),
    Column(
        "gave_way",
        "world",
        (),
        "day",
        "Day on which the centre answered a movement, or -1.",
        kind="index",
        low=-1.0,
        start=-1.0,
    ),
    # a shared trial: what it has seen, and what had been read of it by each week
    Column("trial_mean", "world", ("service", "approach"), "log", "What it has seen of an approach.", low=-INFINITY),
    Column("trial_weight", "world", ("service", "approach"), "1/log^2", "How much of it."),
    Column(
        "read_mean",
        "world",
        ("slot", "service", "approach"),
        "log",
        "What had been read of it by each weekly report.",
        low=-INFINITY,
    ),
    Column("read_weight", "world", ("slot", "service", "approach"), "1/log^2", "Its weight."),
    # the epidemic, in a community
    _community("susceptible", "people", "Not yet infected."),
    _community("exposed", "people", "Infected, not yet infectious."),
    _community("infectious", "people", "Infectious."),
    _community("recovered", "people", "No longer infectious, the dead included."),
    _community("new_cases", "people", "Became infectious today."),
    _community("cases_this_week", "people", "Became infectious since the last weekly report."),
    _community("deaths_today", "people", "Died of the infection today."),
    # residents
    _community("confidence", "share", "Confidence of residents.", high=1.0),
    _community("takeup", "share", "Share of residents who take up what is offered and keep the rules.", high=1.0),
    _community("effort", "ratio", "Residents' own effort for each unit of staff."),
    # need, in a place
    _place("open_cases", "cases", "Need not yet met.", "service"),
    _place("new_need", "cases", "Need that arose today.", "service"),
    _place("shown", "cases", "Came to light today.", "service"),
    _place("hidden", "cases", "Need that nobody sees.", "service"),
    _place("unseen", "cases", "Lapsed today without having been seen.", "service"),
    _place("served", "cases", "Served today.", "service"),
    _place("lapsed", "cases", "Left unserved today.", "service"),
    _place("need_this_week", "cases", "Came to light since the last weekly report."),
    _place("lapsed_this_week", "cases", "Left unserved since the last weekly report."),
    # ways of working: what a desk does, and what was decided for the place
    _desk("approach", "index", "Approach in use.", kind="index"),
    _desk("trial", "index", "Approach on trial, or nobody's (-1).", kind="index", low=-1.0, start=-1.0),
    _desk("unfamiliarity", "share", "Loss of productivity while the approach is new.", high=1.0),
    _desk("training_owed", "staff-days", "Training still to be given."),
    _desk("changed", "day", "Day of the last change of approach.", kind="index", low=-10_000.0, start=-10_000.0),
    _desk("looked_at", "day", "Day on which its team last considered the approach.", kind="index"),
    _place(
        "mandate",
        "index",
        "Approach that was decided for the service, or -1.",
        "service",
        kind="index",
        low=-1.0,
        start=-1.0,
    ),
    _place(
        "silenced",
        "index",
        "Approach of which the place no longer tells, because those above overrode it, or -1.",
        "service",
        kind="index",
        low=-1.0,
        start=-1.0,
    ),
    _place(
        "approach_next",
        "index",
        "Approach decided and awaiting approval, or -1.",
        "service",
        kind="index",
        low=-1.0,
        start=-1.0,
    ),
    _place("approach_due", "day", "Day on which it takes effect.", "service", kind="index", low=-1.0, start=-1.0),
    _place("approach_considered", "day", "Day on which the approach was last considered.", "service", kind="index"),
    _place("second_considered", "day", "The same, by a second holder.", "second_service", kind="index"),
    # surge staff
    _place("reserve", "staff", "Surge staff at work here.", "service"),
    _place("reserve_next", "staff", "Surge staff decided and awaiting approval.", "service"),
    _place("reserve_due", "day", "Day on which it takes effect, or -1.", kind="index", low=-1.0, start=-1.0),
    # staff moved between services and places
    _place("moved_out", "staff", "Staff working for another service of the place.", "service"),
    _place("moved_in", "staff", "Staff from another service of the place.", "service"),
    _place("aid_out", "staff", "Staff lent to other places."),
    _place("aid_in", "staff", "Staff from other places, net of time lost.", "service"),
    _place("moved_out_next", "staff", "The same, decided and awaiting approval.", "service"),
    _place("moved_in_next", "staff", "The same, decided and awaiting approval.", "service"),
    _place("aid_out_next", "staff", "The same, decided and awaiting approval."),
    _place("aid_in_next", "staff", "The same, decided and awaiting approval.", "service"),
    _place("workforce_due", "day", "Day on which it takes effect, or -1.", kind="index", low=-1.0, start=-1.0),
    _place("spare", "staff-days", "Expected spare time (two weeks' memory).", "service"),
    _place("short", "staff-days", "Expected shortage (one week's memory).", "service"),
    _place(
        "prevention",
        "share",
        "Share of staff time that prevention has had, remembered over its lag.",
        "service",
        high=1.0,
    ),
    # restriction
    _place("restricted", "share", "Restriction in force.", high=1.0),
    _place("restricted_before", "share", "Restriction in force before the last change.", high=1.0),
    _place("restricted_next", "share", "Restriction decided and awaiting approval.", high=1.0),
    _place("restriction_due", "day", "Day on which it takes effect, or -1.", kind="index", low=-1.0, start=-1.0),
    _place("restriction_changed", "day", "Day of the last change.", kind="index", low=-10_000.0, start=-10_000.0),
    # paid help; a buyer's money is kept at the first of its places
    _place("purse", "GBP", "Money for help, not yet spent."),
    _place("contracted", "staff", "Helpers under contract.", "service"),
    _place("contracted_next", "staff", "Helpers whose contract has not begun.", "service"),
    _place("contract_due", "day", "Day on which it begins, or -1.", kind="index", low=-1.0, start=-1.0),
    _place("contract_price", "GBP", "Price of a staff-day under contract."),
    _place("contract_price_next", "GBP", "The same, of the contract that has not begun."),
    _place("helping", "staff", "Helpers who are paid today.", "service"),
    _place("help_used", "staff-days", "Helpers' time that was used today."),
    _place("mobilised", "share", "Share of possible volunteers who turn up.", high=1.0),
    _place(
        "learnt_here", "share", "Part of what today's work teaches that stays here.", "service", high=1.0, start=1.0
    ),
    # supplies; what a buyer of several places has is kept at the first of them
    _place("supplies", "items", "Supplies in stock.", "service"),
    _place("supplies_use", "items", "Supplies wanted a day (one week's memory).", "service"),
    _place("depot", "items", "Supplies with the buyer, not yet handed out.", "buyer"),
    _place("on_order", "items", "Supplies bought and on their way, by day of arrival.", "buyer", "transit"),
    _place(
        "filled",
        "share",
        "Share of what its buyer asked for that the market sold it the last time.",
        "buyer",
        high=1.0,
        start=1.0,
    ),
    # what is known
    _place("told_use", "items", "Supplies wanted a day as told, by week.", "slot", "service"),
    _place("told_spent", "items", "Supplies used up or perished so far as told, by week.", "slot", "service"),
    _place(
        "belief_mean",
        "log",
        "What whoever holds the approach expects of it here.",
        "service",
        "approach",
        low=-INFINITY,
    ),
    _place("belief_variance", "log^2", "How unsure they are.", "service", "approach"),
    _place(
        "second_belief_mean",
        "log",
        "What a second holder of the approach, without a lead, expects of it here.",
        "second_service",
        "approach",
        low=-INFINITY,
    ),
    _place("second_belief_variance", "log^2", "How unsure it is.", "second_service", "approach"),
    _place("told_mean", "log", "First-hand evidence as told, by week.", "slot", "service", "approach", low=-INFINITY),
    _place("told_weight", "1/log^2", "Its weight.", "slot", "service", "approach"),
    _place("told_need", "cases", "Open cases as told, by week.", "slot", "service"),
    _place("told_rate", "per 100,000 a week", "Reported cases as told, by week.", "slot"),
    _desk("mean", "log", "What a desk has seen of an approach.", "approach", low=-INFINITY),
    _desk("weight", "1/log^2", "How much of it.", "approach"),
    _desk("team_mean", "log", "What a team that holds the approach expects of it.", "approach", low=-INFINITY),
    _desk("team_variance", "log^2", "How unsure it is.", "approach"),
    _desk("served_by", "cases", "Served by a desk today."),
    # relations
    _place("language", "share", "Shared language between the sectors of a place.", high=1.0),
    _place("leading", "share", "Effect of a leadership programme.", high=1.0),
    _place("morale", "share", "Morale of staff.", high=1.0),
    _place("vacant", "share", "Share of posts that are vacant, whoever holds them.", high=1.0),
    _place("overrides_this_week", "decisions", "Working local choices overridden since the last report."),
    _place("joined", "day", "Day on which it joined a movement, or -1.", kind="index", low=-1.0, start=-1.0),
    Column("trust", "relation", (), "share", "Trust of one organisation in another.", high=1.0),
    Column(
        "helped",
        "relation",
        (),
        "staff",
        "Staff lent to whoever is trusted.",
    ),
    # running totals, for outcomes and the ledger
    _place("total_harm", "case-days", "Harm, weighted."),
    _place("total_need", "cases", "Need that arose.", "service"),
    _place("total_served", "cases", "Served.", "service"),
    _place("total_lapsed", "cases", "Left unserved.", "service"),
    _place("total_unseen", "cases", "Lapsed without having been seen.", "service"),
    _place("total_gamed", "cases", "Reported as served, week by week, though they were open."),
    _place("total_deaths", "people", "Died of the infection."),
    _place("total_restricted", "person-days", "Days under restriction."),
    _place("total_support", "GBP", "Support paid to people under restriction."),
    _place("total_present", "staff-days", "Posts here, vacant ones and the absent included."),
    _place("total_vacant", "staff-days", "Vacant."),
    _place("total_left", "staff", "Left."),
    _place("total_joined", "staff", "Came in their stead."),
    _place("total_duties", "staff-days", "Of responders, on duties of their own."),
    _place("total_absent", "staff-days", "Absent."),
    _place("total_coordination", "staff-days", "Spent on links, seats and reports."),
    _place("total_analysis", "staff-days", "Spent on preparing decisions."),
    _place("total_programmes", "staff-days", "Spent on programmes."),
    _place("total_training", "staff-days", "Spent on training."),
    _place("total_prevention", "staff-days", "Spent on prevention."),
    _place("total_lost", "staff-days", "Lost in moving."),
    _place("total_used", "staff-days", "Spent on serving."),
    _place("total_idle", "staff-days", "Idle."),
    _place("total_missing", "staff-days", "Further staff-days that unserved cases would have taken."),
    _place("total_supplied", "items", "Supplies that came here, the first stock included.", "service"),
    _place("total_supplies_used", "items", "Supplies used up.", "service"),
    _place("total_supplies_wanted", "items", "Supplies that work would have used.", "service"),
    _place("total_perished", "items", "Supplies that perished unused, with the buyer's."),
    _place("total_shortage_days", "days", "Days on which supplies held work up, over the services that use them."),
    _place("total_bought", "items", "Supplies that the buyer bought."),
    _place("total_paid", "GBP", "Money that the buyer paid for them."),
    _place("total_granted", "GBP", "Money for help that came in."),
    _place("total_help_paid", "GBP", "Money paid for help."),
    _place("total_help", "staff-days", "Helpers' time."),
    _place("total_help_used", "staff-days", "Helpers' time that was used."),
    _place("total_help_worth", "staff-days", "What helpers' time was worth, in time of one's own staff."),
    _place("decisions", "decisions", "Changes of approach decided for this place."),
    _place(
        "decided",
        "decisions",
        "The same, of all places of whoever holds the approach here, kept at the first of them.",
    ),
    _place("decision_wait", "days", "Sum of days from decision to effect."),
    _place("decision_age", "days", "Sum of ages of what was known."),
    _place("u_turns", "decisions", "Changes of approach or restriction within 28 days of the one before."),
    _place("overrides", "decisions", "Working local choices overridden."),
    _place("talks", "decisions", "Joint decisions that the place sat down for."),
    _place("unowned", "power-days", "Days on which nobody took a power up, power by power."),
    _place("owned_twice", "power-days", "Days on which two did, without a lead."),
    _place("talks_failed", "decisions", "Those of them on which nobody agreed in time."),
    _place("mandated", "service-weeks", "Weeks in which desks were under a mandate, by share of staff."),
    _place("refused", "service-weeks", "Those of them in which they had not taken it up."),
)

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
State: Any = namedtuple("State", NAMES)  # type: ignore[misc]  # noqa: PYI024 - the declaration names them


def dtype_of(column: Column) -> type:
    """Return the NumPy type of a column."""
    return np.int64 if column.kind == "index" else np.float64


def shape_of(column: Column, sizes: dict[str, int]) -> tuple[int, ...]:
    """Return the shape of a column in one world."""
    return (sizes[column.owner], *(sizes[axis] for axis in column.axes))


def empty_state(sizes: dict[str, int], worlds: int) -> Any:
    """Return a state in which every array holds its starting value.

    Parameters
    ----------
    sizes
        Length of each owner and axis: world (1), place, community, desk, relation, service, second_service (the same
        where two hold the approach without a lead, else 0), approach, slot, buyer (1, or 2 where two buy), transit.
    worlds
        Number of worlds side by side: the last, contiguous axis.
    """
    arrays: list[NDArray[Any]] = []
    # In one piece: it is given back whole, and the system backs it by large pages.
    room = np.empty(bytes_of_world(sizes) // 8 * worlds)
    for column in COLUMNS:
        part, room = np.split(room, [numbers_of_world(column, sizes) * worlds])
        shape = *shape_of(column, sizes), worlds
        arrays.append(part.view(dtype_of(column)).reshape(shape))
        arrays[-1][:] = column.start
    return State(*arrays)


def bytes_of_world(sizes: dict[str, int]) -> int:
    """Return the bytes that the state of one world takes; sizes as for `empty_state`."""
    numbers = 0
    for column in COLUMNS:
        numbers += numbers_of_world(column, sizes)
    return 8 * numbers


def numbers_of_world(column: Column, sizes: dict[str, int]) -> int:
    """Return how many numbers a column has in one world; sizes as for `empty_state`."""
    count = 1
    for length in shape_of(column, sizes):
        count *= length
    return count


def one_world(state: Any, world: int) -> dict[str, NDArray[Any]]:
    """Return copies of the arrays of one world, without the axis of worlds."""
    asked = WorldAsAsked(state, world)
    return {name: asked[name] for name in NAMES}


class WorldAsAsked(dict[str, NDArray[Any]]):
    """The arrays of one world of a block, each copied when it is first asked for.

    Outcomes ask for totals only, which are a tenth of the state: in a large country the rest would take as much memory
    as a world of its own.

    Parameters
    ----------
    state
        Arrays of a block, worlds last.
    world
        Which one.
    """

    def __init__(self, state: Any, world: int) -> None:
        super().__init__()
        self._state, self._world = state, world

    def __missing__(self, name: str) -> NDArray[Any]:
        self[name] = np.array(getattr(self._state, name)[..., self._world], order="C")
        return self[name]


def put_world(state: Any, world: int, arrays: dict[str, NDArray[Any]]) -> None:
    """Write the arrays of one world into a block."""
    for name in NAMES:
        getattr(state, name)[..., world] = arrays[name]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything that the future and the outcomes of some worlds depend on, at the start of a day.

    Parameters
    ----------
    day
        The day that comes next.
    seeds
        One seed a world.
    worlds
        For each world, its arrays by name.
    series
        National series so far, shape (day, rows, worlds).
    """

    day: int
    seeds: tuple[int, ...]
    worlds: tuple[dict[str, NDArray[Any]], ...]
    series: NDArray[np.float64]
