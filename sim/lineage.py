"""Why a decision came about: a run of the Mesa engine that is watched, written down as numbers and codes.

Recording changes nothing of a run. Sentences are made on reading (`sim.report.explain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.appoint import TIERS
from sim.agents.organisation import Organisation
from sim.agents.remit import SECONDS, Remit, Scope, remit_name
from sim.agents.watch import ALL_SERVICES, Watch
from sim.governance.holders import NOBODY
from sim.governance.setup import Setup, prepare
from sim.governance.structure import POWERS, Structure
from sim.model import GovernanceModel
from sim.rules.choice import newest_report, report_day
from sim.world.crisis import digest_of
from sim.world.scenario import SECTORS, Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.agents.council import LocalAuthority
    from sim.agents.links import Desk

HOLDERS = (*TIERS, "place", "team")
ACTIONS = ("kept", "changed", "not agreed")
KEPT, CHANGED, NOT_AGREED = range(3)
NEVER = -1  # in place of a day or number that there is not
WINDOW_DAYS = 28  # before and after a decision takes effect
DAILY = ("need", "lapsed", "regret", "following")
NO_NUMBER = float("nan")

# One row a decision: numbers, and codes that are positions in POWERS, HOLDERS, ACTIONS and services.
COLUMNS: dict[str, str] = {
    "day": "Day on which it was decided.",
    "power": "Position in the list of powers.",
    "holder": "Position of the holder's tier in `HOLDERS`.",
    "stretch": "Number of the stretch between dated changes.",
    "scope": "Number of what the decision covers, in the tables of its power and stretch; for a team, its place.",
    "places": "Places that it covers.",
    "desk": "Slot of the desk for which a team decided; -1 for all.",
    "service": "Position of the service; -1 for all.",
    "seen": "Trigger as known: open cases per 1,000 people; restriction: reported cases, a week and 100,000 people; "
    "procurement: days of use in stock.",
    "true": "The same as it stood on that day.",
    "data_day": "Day of the figures that were known; -1 for none.",
    "since": "Days since it was last looked at; -1 for never before.",
    "evidence_day": "Day of the newest report on what works that was known; -1 for none.",
    "believed": "Gain of the change as believed, in logs of productivity.",
    "truth": "The same as it was.",
    "room": "Sector leads in the room: bit n stands for sector n.",
    "joint": "1 where the members decided together.",
    "seats": "Members at the table.",
    "rounds": "Rounds of talks before they agreed; -1 where there were none or they did not agree.",
    "action": "Position in `ACTIONS`.",
    "before": "Approach or restriction until then, of the first place; -1 where the places differ.",
    "after": "Approach, restriction, staff moved or hired, or items bought.",
    "wait": "Days of talks, approval and delivery; what needs none takes effect the next day.",
    "effect_day": "Day on which it takes effect; -1 for never.",
    "taken_up": "Share of desks, by staff, that follow on the day it takes effect.",
    "taken_up_later": "The same `WINDOW_DAYS` later, or on the last day before another mandate.",
    "unmet_before": "Share of need that lapsed in the `WINDOW_DAYS` before it took effect.",
    "unmet_after": "The same in those after.",
    "regret_before": "Mean regret (log) in those before.",
    "regret_after": "The same in those after.",
}
Row = dict[str, Any]
Reals = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lineage:
    """Every decision of one run, and what happened day by day where it was felt.

    Parameters
    ----------
    setup
        The scenario and structure that were run.
    seed, days
        Which run, and how many days of it.
    decisions
        One row a decision, with the columns of `COLUMNS`, in the order in which they were taken.
    daily
        By name as in `DAILY`, each of shape (days, places, services): cases arriving, cases lapsed, regret (log), and
        the share of staff who follow the mandate in force (NaN where there is none).
    crisis_digest
        Digest of all exogenous inputs, where the run was lived through.
    """

    setup: Setup
    seed: int
    days: int
    decisions: pd.DataFrame
    daily: dict[str, Reals]
    crisis_digest: str = ""

    def members(self, row: Any) -> list[int]:
        """Return the numbers of the places that a decision covers."""
        return members_of(self.setup, row)

    def effect(self, row: Any, places: list[int]) -> dict[str, float]:
        """Return take-up and effect of a decision in some of its places, as in the last columns of `COLUMNS`."""
        return effect_in(self.daily, self.days, row, places)


def lineage_of(
    scenario: Scenario,
    structure: Structure,
    seed: int,
    days: int | None = None,
    agents: Mapping[type[Any], type[Any]] | None = None,
) -> Lineage:
    """Run one world on the Mesa engine and write down every decision.

    Parameters
    ----------
    scenario, structure, seed
        What to run.
    days
        How many days of it; None means all.
    agents
        Classes of one's own, as for `sim.model.GovernanceModel`.

    Raises
    ------
    InputError
        When the structure does not fit the scenario's country.
    """
    setup = prepare(scenario, structure)
    recorder = Recorder()
    model = GovernanceModel(setup, seed, agents=agents, watch=recorder)
    recorder.watch(model)
    model.run(days)
    return recorder.lineage()


def members_of(setup: Setup, row: Any) -> list[int]:
    """Return the numbers of the places that a decision covers."""
    if HOLDERS[int(row["holder"])] == "team":
        return [int(row["scope"])]
    tables, power, number = setup.stretches[int(row["stretch"])].table, POWERS[int(row["power"])], int(row["scope"])
    table = getattr(tables, power)
    if number >= len(table.scope_key):  # a second holder's: they come after all others
        number, table = number - len(table.scope_key), getattr(tables, SECONDS[power])
    return [int(p) for p in table.scope_place[table.scope_start[number] : table.scope_start[number + 1]]]


def effect_in(daily: dict[str, Reals], days: int, row: Any, places: list[int]) -> dict[str, float]:
    """Return take-up and effect of a decision in some places: descriptive, since other things change too."""
    first, service = int(row["effect_day"]), int(row["service"])
    which = slice(None) if service == ALL_SERVICES else [service]
    found = dict.fromkeys(("taken_up", "taken_up_later"), NO_NUMBER)
    if first == NEVER or first >= days:
        unknown = ("unmet_before", "unmet_after", "regret_before", "regret_after")
        return {**found, **dict.fromkeys(unknown, NO_NUMBER)}
    spans = {"before": (max(0, first - WINDOW_DAYS), first), "after": (first, min(days, first + WINDOW_DAYS))}
    for name, (start, end) in spans.items():
        need, lapsed, regret = (daily[each][start:end, places][..., which] for each in ("need", "lapsed", "regret"))
        arrived = float(need.sum(dtype=np.float64))
        found[f"unmet_{name}"] = float(lapsed.sum(dtype=np.float64)) / arrived if arrived > 0.0 else NO_NUMBER
        found[f"regret_{name}"] = float(regret.mean(dtype=np.float64)) if regret.size else NO_NUMBER
    if service != ALL_SERVICES and POWERS[int(row["power"])] == "approach" and int(row["desk"]) == NEVER:
        following = daily["following"][first : first + WINDOW_DAYS, places, service]
        found["taken_up"], found["taken_up_later"] = float(following[0].mean()), float(following[-1].mean())
    return found


class Recorder(Watch):
    """Somebody who writes down what it is told and what it can read off; it draws no numbers and touches nothing."""

    def __init__(self) -> None:
        self.model: GovernanceModel
        self.rows: list[Row] = []
        self.daily: dict[str, list[Any]] = {name: [] for name in DAILY}
        self._last_look: dict[tuple[str, int, int], int] = {}
        self._talks: tuple[int, int] | None = None

    def watch(self, model: GovernanceModel) -> None:
        """Begin to watch a model."""
        self.model = model

    # ---- what it is told ----

    def talked(self, seats: int, rounds: int | None) -> None:
        """Remember how the talks before the next decision went."""
        self._talks = (seats, NEVER if rounds is None else rounds)

    def decided(
        self,
        power: str,
        holder: Organisation,
        scope: Scope,
        service: int,
        choice: float | None,
        wait: int = 0,
        agreed: bool = True,
    ) -> None:
        """Write down a decision."""
        remit: Remit = holder.remits[remit_name(power, scope.second)]
        talks, self._talks = self._talks or (0, NEVER), None
        if power == "workforce" and choice == 0.0:  # nobody has to move
            choice = None
        action = KEPT if choice is None else CHANGED if agreed else NOT_AGREED
        day = self.model.day
        self.rows.append(
            {
                **self._where(power, holder, scope, service),
                **self._trigger(power, remit, scope, service),
                "since": self._since(power, int(scope.key), service),
                **self._evidence(power, scope, service, choice),
                "joint": int(remit.terms.joint),
                "seats": talks[0],
                "rounds": talks[1],
                "action": action,
                "before": _before(power, scope, service),
                "after": float(choice) if choice is not None else NO_NUMBER,
                "wait": wait,
                "effect_day": day + max(1, wait) if action == CHANGED else NEVER,  # what is due takes effect first
            }
        )

    def decided_at(self, desk: Desk, choice: int | None) -> None:
        """Write down what a team decided for its own work: at once, on its own figures."""
        council, day = desk.organisation.council, self.model.day
        scope = Scope(np.uint64(council.key), [council], council.thousand, council.place)
        remit, changes = council.remits["approach"], choice is not None and choice != desk.approach
        effect = council.log_effect[desk.service]
        chosen = desk.approach if choice is None else choice
        self.rows.append(
            {
                **self._where("approach", council, scope, desk.service),
                "holder": HOLDERS.index("team"),
                "desk": desk.slot,
                **self._trigger("approach", remit, scope, desk.service),
                "since": self._since("approach", int(scope.key), 1000 + desk.slot),
                "evidence_day": _day_of(newest_report(day, 0)),
                "believed": desk.team_mean[chosen] - desk.team_mean[desk.approach],
                "truth": effect[chosen] - effect[desk.approach],
                "joint": 0,
                "seats": 0,
                "rounds": NEVER,
                "action": CHANGED if changes else KEPT,
                "before": desk.approach,
                "after": float(chosen) if changes else NO_NUMBER,
                "wait": 0,
                "effect_day": day if changes else NEVER,
            }
        )

    def end_day(self) -> None:
        """Note today's need, lapses, regret and following in each place and service."""
        councils = self.model.cast.councils
        self.daily["need"].append([council.new_need[:] for council in councils])
        self.daily["lapsed"].append([council.lapsed[:] for council in councils])
        self.daily["regret"].append([_regret(council) for council in councils])
        self.daily["following"].append([_following(council) for council in councils])

    # ---- what it can read off ----

    def _where(self, power: str, holder: Organisation, scope: Scope, service: int) -> Row:
        setup = self.model.setup
        stretch = setup.stretches.index(setup.stretch_of(self.model.day))
        tier = next((tier for tier, kind in TIERS.items() if isinstance(holder, kind)), "place")
        advice = getattr(getattr(setup.stretches[stretch].structure.powers, power), "advice", ())
        return {
            "day": self.model.day,
            "power": POWERS.index(power),
            "holder": HOLDERS.index(tier),
            "stretch": stretch,
            "scope": scope.number + (len(getattr(self.model.table, power).scope_key) if scope.second else 0),
            "places": len(scope.members),
            "desk": NEVER,
            "service": service,
            "room": sum(1 << SECTORS.index(sector) for sector in advice),
        }

    def _since(self, power: str, key: int, service: int) -> int:
        day, what = self.model.day, (power, key, service)
        last, self._last_look[what] = self._last_look.get(what), day
        return NEVER if last is None else day - last

    def _trigger(self, power: str, remit: Remit, scope: Scope, service: int) -> Row:
        """Return what was known of how pressing things were, how old that was, and how they stood."""
        if power == "restriction":
            return self._rates(remit, scope)
        if power == "procurement":
            return self._stocks(remit, scope)
        services = range(len(self.model.services)) if service == ALL_SERVICES else (service,)
        seen, true = 0.0, 0.0
        for council in scope.members:
            unit = next(unit for unit in remit.units if council in unit.members)
            people = float(sum(member.thousand for member in unit.members))
            for k in services:
                cases = float(sum(member.need_as_known(k, remit.data_delay_days) for member in unit.members))
                seen += cases / people * council.thousand
                true += council.open_cases[k]
        day, delay = self.model.day, remit.data_delay_days
        data_day = day if delay == 0 else _day_of(newest_report(day, delay))
        return {"seen": seen / scope.thousand, "true": true / scope.thousand, "data_day": data_day}

    def _stocks(self, remit: Remit, scope: Scope) -> Row:
        """Return how many days of use are in stock, as known and as it was."""
        use, known, stock, day = 0.0, 0.0, 0.0, self.model.day
        buyers = self.model.holders_of("procurement")
        buyer = next(holder for holder, name in buyers if holder.remits[name] is remit)
        for council in scope.members:
            use += float(sum(buyer.use_known[council]))
            known += float(sum(buyer.stock_known[council]))
            stock += float(sum(council.supplies))
        delay = remit.data_delay_days
        data_day = day if delay == 0 else _day_of(newest_report(day, delay))
        days = (known / use, stock / use) if use > 0.0 else (NO_NUMBER, NO_NUMBER)
        return {"seen": days[0], "true": days[1], "data_day": data_day}

    def _rates(self, remit: Remit, scope: Scope) -> Row:
        """Return the rate of reported cases as known, and as anybody could count it on that day."""
        day, lag = self.model.day, int(self.model.par.epidemic_report_delay_days)
        known, counted = newest_report(day, remit.data_delay_days + lag), newest_report(day, 0)
        seen = float(sum(self._rate_of_unit(remit, council, known) * council.thousand for council in scope.members))
        true = float(sum(self._rate(council, counted) * council.thousand for council in scope.members))
        return {"seen": seen / scope.thousand, "true": true / scope.thousand, "data_day": _day_of(known)}

    def _rate_of_unit(self, remit: Remit, council: LocalAuthority, number: int) -> float:
        unit = next(unit for unit in remit.units if council in unit.members)
        people = float(sum(member.thousand for member in unit.members))
        return float(sum(self._rate(member, number) * member.thousand for member in unit.members)) / people

    def _rate(self, council: LocalAuthority, number: int) -> float:
        return council.told_rate[self.model.slot_of(number)] if number >= 0 else 0.0

    def _evidence(self, power: str, scope: Scope, service: int, choice: float | None) -> Row:
        """Return how old the evidence was on what works, and what a change was believed to gain, and did."""
        if power != "approach":
            return {"evidence_day": NEVER, "believed": NO_NUMBER, "truth": NO_NUMBER}
        table, first = self.model.table, scope.members[0].place
        own = bool((table.second_approach if scope.second else table.approach).place_holds[first])
        number = newest_report(self.model.day, 0 if own else table.reporting_delay)
        believed, truth = 0.0, 0.0
        for council in scope.members if choice is not None else ():
            approach = int(choice or 0.0)
            share = council.thousand / scope.thousand
            believed += share * (
                council.believed(scope.second)[service][approach] - council.belief_in_use(service, scope.second)
            )
            for desk in council.serving[service]:
                effect = council.log_effect[service]
                truth += share * desk.share * (effect[approach] - effect[desk.approach])
        unknown = choice is None
        return {
            "evidence_day": _day_of(number),
            "believed": NO_NUMBER if unknown else believed,
            "truth": NO_NUMBER if unknown else truth,
        }

    # ---- what is handed over ----

    def lineage(self) -> Lineage:
        """Return what was written down."""
        import pandas as pd  # noqa: PLC0415 - it takes a while

        setup, days = self.model.setup, len(self.daily["need"])
        daily = {name: np.array(rows, np.float32) for name, rows in self.daily.items()}
        rows = [{**row, **effect_in(daily, days, row, members_of(setup, row))} for row in self.rows]
        table, digest = pd.DataFrame(rows, columns=list(COLUMNS)), digest_of(self.model.crisis, 0)
        return Lineage(setup, self.model.seed, days, table, daily, digest)


def _day_of(number: int) -> int:
    """Return the day of a weekly report, or `NEVER` where there is none yet."""
    return report_day(number) if number >= 0 else NEVER


def _before(power: str, scope: Scope, service: int) -> float:
    """Return the approach or restriction until now, where all desks and places have the same."""
    if power == "approach":
        now = {desk.approach for council in scope.members for desk in council.serving[service]}
        return float(now.pop()) if len(now) == 1 else float(NOBODY)
    if power == "restriction":
        limits = {council.restricted for council in scope.members}
        return limits.pop() if len(limits) == 1 else float(NOBODY)
    return NO_NUMBER


def _regret(council: LocalAuthority) -> list[float]:
    """Return how far each service's desks lie below the best way of working, in logs, by share of staff."""
    return [float(sum(desk.share * council.regret_at(desk) for desk in desks)) for desks in council.serving]


def _following(council: LocalAuthority) -> list[float]:
    """Return the share of each service's staff who follow the mandate in force; NaN where there is none."""
    return [
        NO_NUMBER if mandate < 0 else float(sum(desk.share for desk in desks if desk.approach == mandate))
        for mandate, desks in zip(council.mandate, council.serving, strict=True)
    ]
