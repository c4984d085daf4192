"""The model as it is taught and shown: Mesa agents, one world, one day on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents.appoint import appoint, connect
from sim.agents.holder import Holder
from sim.agents.links import ByApproach
from sim.agents.remit import SECONDS, Scope
from sim.agents.supplier import Supplier
from sim.agents.trials import pool_results, read_results
from sim.agents.watch import Watch
from sim.fast.mandates import WEEK
from sim.fast.timing import APPROACH, PROCUREMENT, RESERVE, RESTRICTION, WORKFORCE
from sim.fast.workforce import DIRECTED, MUTUAL_AID
from sim.governance.adaptation import is_review_day, next_regime
from sim.governance.movement import is_answered, joined_by, standing_of
from sim.governance.setup import Setup, Stretch, aid_alters, first_state
from sim.governance.structure import POWERS
from sim.phases import PHASES
from sim.rules.choice import is_report_day
from sim.rules.commissioning import pot_number
from sim.rules.epidemic import leaving
from sim.rules.maths import exp
from sim.rules.ownership import second_comes_first
from sim.series import ROWS
from sim.state import COLUMNS, NOBODY, Snapshot, dtype_of, one_world, shape_of
from sim.streams import Purpose, normals
from sim.world.crisis import Crisis, build_crisis
from sim.world.land import DESKS

OWNER_SLOTS = {
    "approach": APPROACH,
    "workforce": WORKFORCE,
    "reserve": RESERVE,
    "restriction": RESTRICTION,
    "procurement": PROCUREMENT,
}


class GovernanceModel(mesa.Model):
    """One world: organisations and communities that live through a crisis, day by day.

    It keeps the same numbers as the fast engine (:mod:`sim.fast.engine`), equal bit for bit after every
    phase of every day, in attributes of its agents.

    Parameters
    ----------
    setup
        A prepared scenario and structure (:func:`sim.governance.setup.prepare`).
    seed
        Seed of the world, in [0, 2^64). Mesa's own random numbers are never used.
    crisis
        The crisis that this seed gives, where it has been built already.
    agents
        Classes of one's own, each for the class of `sim.agents` that it extends and stands in for.
    watch
        Who is told of every decision, such as a `sim.lineage.Recorder`; nobody unless one asks.
    """

    def __init__(
        self,
        setup: Setup,
        seed: int,
        crisis: Crisis | None = None,
        agents: Mapping[type[Any], type[Any]] | None = None,
        watch: Watch | None = None,
    ) -> None:
        super().__init__()
        self.setup, self.seed = setup, seed
        self.watch = Watch() if watch is None else watch
        self.crisis = build_crisis(setup.country, setup.land, setup.scenario, [seed]) if crisis is None else crisis
        self.day = 0
        self.series: NDArray[np.float64] = np.zeros((setup.scenario.days, len(ROWS)))
        self.approach_count = setup.sizes["approach"]
        self.cast = appoint(self, agents or {})
        self._stretch: Stretch | None = None
        self.regime = self.regime_since = 0  # the structure's own rule in force, and from which day
        self._landscape = -1
        self.gave_way = NOBODY  # day on which the centre answered a movement
        self.trial_mean: ByApproach
        self.trial_weight: ByApproach
        self.read_mean: list[ByApproach]
        self.read_weight: list[ByApproach]
        self._remember(one_world(first_state(setup, self.crisis), 0))
        self._wake()

    # ---- one day ----

    def step(self) -> None:
        """Live one day, phase by phase, in the order of `sim.phases`."""
        for phase in range(len(PHASES)):
            self.run_phase(phase)

    def strike(self) -> None:
        """Let the infection spread and need arise, from how things stood last night."""
        if self.has_epidemic:
            self._spread_infection()
        for council in self.cast.councils:
            council.foresee_need()
        for council in self.cast.councils:
            council.take_in_need()

    def report(self) -> None:
        """Tell what is known, once a week."""
        if is_report_day(self.day):
            for council in self.cast.councils:
                council.report()

    def decide(self) -> None:
        """Put into effect what is due; then exercise each power whose day it is."""
        for council in self.cast.councils:
            council.take_effect()
        if self.day > 0 and self.day % WEEK == 0:
            for council in self.cast.councils:
                council.review_mandates()
        for holder, name in self._in_turn("approach"):
            holder.decide_approach(name)
        for holder, name in self._in_turn("reserve"):
            holder.decide_reserve(name)
        self._move_staff()
        if self.has_epidemic:
            for holder, name in self._in_turn("restriction"):
                holder.decide_restriction(name)
        self._choose_trials()
        self._count_owners()
        if self.cast.market is not None:
            self.cast.market.supply(self.holders_of("procurement"), they_meet=bool(self._meeting("procurement")))
        if self.pays_today:
            self._pay_for_help()

    def deliver(self) -> None:
        """Offer open cases to all who serve them: some are served, some lapse, some people die."""
        for council in self.cast.councils:
            council.deliver()

    def learn(self) -> None:
        """Let those who did the work see what came of it."""
        luck = self._draw(Purpose.OBSERVATION, len(DESKS))
        for council, mine in zip(self.cast.councils, luck, strict=True):
            for organisation in council.organisations:
                organisation.learn(mine)
        pool_results(self)

    def share(self) -> None:
        """Let whoever holds the approach make up its mind from all that it heard, once a week."""
        if is_report_day(self.day):
            read_results(self)
            self.cast.centre.write_guidance()
            for holder, name in self.holders_of("approach"):
                holder.believe(name)

    def relate(self) -> None:
        """Let trust, shared language and confidence grow or fall, once a week."""
        if is_report_day(self.day):
            for council in self.cast.councils:
                council.relate()

    def record(self) -> None:
        """Add today to the totals, and write today's row of the national series."""
        today = dict.fromkeys(ROWS, 0.0)
        today["landscape"] = float(self._landscape)
        for council in self.cast.councils:
            council.record(today)
        self.series[self.day] = list(today.values())

    # ---- running ----

    def run(self, until: int | None = None) -> GovernanceModel:
        """Run to the start of day ``until`` (the end of the scenario by default)."""
        end = self.setup.scenario.days if until is None else until
        while self.day < end:
            self.step()
        return self

    def run_phase(self, phase: int) -> GovernanceModel:
        """Run one phase of today; after the last one it is tomorrow."""
        if phase == 0:
            self._adapt()
            self._wake()
            self._recall_aid()
        getattr(self, PHASES[phase])()
        if phase == len(PHASES) - 1:
            self.watch.end_day()
            self.day += 1
            self.running = self.day < self.setup.scenario.days
        return self

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name, in the order of `sim.state.COLUMNS`."""
        return {
            column.name: np.array(
                [getattr(owner, column.name) for owner in self._owners(column.owner)], dtype_of(column)
            ).reshape(shape_of(column, self.setup.sizes))
            for column in COLUMNS
        }

    def snapshot(self) -> Snapshot:
        """Return copies of everything that the future and the outcomes depend on, at the start of a day."""
        return Snapshot(self.day, (self.seed,), (self.columns(),), self.series[: self.day, :, None].copy())

    def restore(self, snapshot: Snapshot) -> GovernanceModel:
        """Go on from a snapshot of this seed, taken on either engine.

        Raises
        ------
        ValueError
            If no world of the snapshot has this model's seed, or its arrays have other sizes than this set-up's.
        """
        if self.seed not in snapshot.seeds:
            raise ValueError(f"the snapshot has seeds {snapshot.seeds}, and not {self.seed}")
        world = snapshot.seeds.index(self.seed)
        self._check_sizes(snapshot.worlds[world])
        self._remember(snapshot.worlds[world])
        self.series[: snapshot.day] = snapshot.series[:, :, world]
        self.day = snapshot.day
        self._wake()
        return self

    # ---- behind the scenes ----

    @property
    def has_epidemic(self) -> bool:
        """Whether there is an infection."""
        return bool(self.par.has_epidemic > 0.0)

    @property
    def has_supplies(self) -> bool:
        """Whether work uses up supplies."""
        return bool(self.par.has_supplies > 0.0)

    @property
    def has_commissioning(self) -> bool:
        """Whether there is money to pay others for help."""
        return bool(self.par.has_commissioning > 0.0)

    @property
    def pays_today(self) -> bool:
        """Whether that money flows."""
        return self.has_commissioning and bool(self.day >= self.par.commissioning_first_day)

    def today(self, factor: NDArray[np.float64]) -> float:
        """Return today's value of a factor of the crisis, which is the same every day where nothing happens."""
        return float(factor[self.day if len(factor) > 1 else 0, 0])

    def bidders(self) -> list[Supplier]:
        """Return those who bid in tenders: of the kind that the structure pays."""
        return [supplier for supplier in self.cast.suppliers if supplier.kind == self.table.help.kind]

    def slot_of(self, number: int) -> int:
        """Return where a weekly report is kept: the newest replaces the oldest."""
        return number % self.setup.sizes["slot"]

    def _spread_infection(self) -> None:
        """Infect, in every place at once."""
        par, day, communities = self.par, self.day, self.cast.communities
        infectious, everyone = 0.0, 0.0
        for community in communities:
            infectious += community.infectious
            everyone += community.council.population
        arriving = par.epidemic_first_day <= day < par.epidemic_first_day + par.epidemic_import_days
        from_abroad = par.epidemic_imports_per_million * 0.001 if arriving else 0.0
        per_day = leaving(par.epidemic_reproduction_number, par.epidemic_infectious_days) * float(
            self.crisis.variant[day]
        )
        for community in communities:
            community.mix(infectious / everyone)
        for community in communities:
            community.fall_ill(per_day, from_abroad)

    def _meeting(self, power: str) -> list[Holder]:
        """Return the holders of a power if a round of it is held today, else nobody."""
        cadence_days = getattr(self.table, power).cadence
        return self.holders[power] if self.day > 0 and self.day % cadence_days == 0 else []

    def holders_of(self, power: str, second_first: bool = False) -> list[tuple[Holder, str]]:
        """Return whoever holds a power that two may hold, and in which remit: first and second holders."""
        names = (SECONDS[power], power) if second_first else (power, SECONDS[power])
        return [(holder, name) for name in names for holder in self.holders[name]]

    def _in_turn(self, power: str) -> Iterator[tuple[Holder, str]]:
        """Yield whoever holds a power if a round of it is held today, and in which remit: first or second holders."""
        if self._meeting(power):
            second_first = second_comes_first(self.day // getattr(self.table, power).cadence)
            yield from self.holders_of(power, second_first)

    def _count_owners(self) -> None:
        """Let councils count who has taken up each power, where anybody may not have, since its last round."""
        there = {
            "restriction": self.has_epidemic,
            "procurement": self.has_supplies,
            "commissioning": self.has_commissioning,
        }
        today = {
            name: (self.day - self.day % getattr(self.table, name).cadence, OWNER_SLOTS.get(name, 0))
            for name in POWERS
            if there.get(name, True) and getattr(self.table, name).sure == 0
        }
        for council in self.cast.councils:
            council.count_owners({name: when for name, when in today.items() if when[0] > 0})

    def _move_staff(self) -> None:
        """Plan moves within places, then between them. Mutual aid is agreed between peers, and starts at once."""
        if not self._meeting("workforce"):
            return
        planned: list[tuple[Holder, Scope]] = []
        for holder, name in self._in_turn("workforce"):
            done = {council for _, scope in planned for council in scope.members}
            planned += [(holder, scope) for scope in holder.plan_moves(name, done)]
        for council in self.cast.councils:
            council.count_what_is_left()
        if self.table.between == MUTUAL_AID:
            for council in self.cast.councils:
                council.offer_aid()
            for council in self.cast.councils:
                council.settle_aid()
        for holder, scope in planned:
            if self.table.between == DIRECTED and not scope.is_one_place():
                holder.direct_aid(scope)
            holder.send_for_approval(scope)

    def _pay_for_help(self) -> None:
        """Let money flow and contracts begin; hold tenders; pay those who work today."""
        for council, money in zip(self.cast.councils, self._money_today(), strict=True):
            council.fund_and_begin(money)
        for holder in self._meeting("commissioning"):
            holder.hold_tenders()
        for holder in self.holders["commissioning"]:
            for scope in holder.remits["commissioning"].scopes:
                holder.pay(scope)

    def pot_today(self) -> int:
        """Return the number of the pot that pays today."""
        par = self.par
        return pot_number(self.day, int(par.commissioning_first_day), int(par.commissioning_pot_days))

    def _money_today(self) -> list[float]:
        """Return the money that comes in to each place: its own, or its part of the pot that it bid for."""
        own: list[float] = self.table.help.money.tolist()
        if not self.table.help.pots:
            return own
        weights = [council.write_bid() for council in self.cast.councils]
        total, whole = 0.0, 0.0
        for money, weight in zip(own, weights, strict=True):
            total += money
            whole += weight
        return [total * weight / whole for weight in weights]

    def _choose_trials(self) -> None:
        """Put other approaches on trial, on the days when trials change."""
        if self.day > 0 and self.day % int(self.par.evidence_trial_days) == 0:
            luck = self._draw(Purpose.TRIAL, len(DESKS))
            for council, mine in zip(self.cast.councils, luck, strict=True):
                council.choose_trials(mine)

    def _draw(self, purpose: Purpose, slots: int) -> list[ByApproach]:
        """Return a standard normal for each place, slot and approach today."""
        keys = self.setup.land.key
        drawn: list[ByApproach] = normals(self.seed, keys, self.day, slots, purpose, self.approach_count).tolist()
        return drawn

    def _remember(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Give everyone the state that is written in these arrays."""
        for column in COLUMNS:
            values = arrays[column.name].tolist()
            for owner, value in zip(self._owners(column.owner), values, strict=True):
                setattr(owner, column.name, value)

    def _owners(self, owner: str) -> list[Any]:
        """Return those who own the columns of one kind."""
        return [self] if owner == "world" else self.cast.owners(owner)

    def _check_sizes(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Refuse a state of another size: with other slots, say, a week's report would be sought in the wrong one."""
        sizes = self.setup.sizes
        for column in COLUMNS:
            shape = shape_of(column, sizes)
            if arrays[column.name].shape != shape:
                raise ValueError(f"{column.name} has shape {arrays[column.name].shape}; here it must be {shape}")

    def _wake(self) -> None:
        """Begin a day: learn of a dated change, and let nature set today's conditions."""
        if self.day < self.setup.scenario.days:
            stretch = self.setup.stretch_of(self.day, self.regime)
            if stretch is not self._stretch:
                self._enter(stretch)
            self._set_conditions()

    def _enter(self, stretch: Stretch) -> None:
        """Take over the table of a stretch of days."""
        self._stretch, self.table, self.par = stretch, stretch.table, stretch.table.par
        self.services = list(stretch.scenario.services.values())
        self.feeding: list[list[float]] = stretch.table.feeding.tolist()
        self.cascade: list[list[float]] = stretch.table.cascade.tolist()
        self.in_hub: list[float] = stretch.table.in_hub.tolist()
        self.fading = exp(-1.0 / self.par.load_unfamiliarity_days)
        self.holders: dict[str, list[Holder]] = connect(self, self.cast, stretch.table)

    def _set_conditions(self) -> None:
        """Set what works where, and what crises do today."""
        crisis, number = self.crisis, int(self.crisis.stretch[self.day, 0])
        today = [self._today(rows) for rows in (crisis.surge, crisis.chronic, crisis.struck, crisis.away)]
        for council, surge, chronic, struck, away in zip(self.cast.councils, *today, strict=True):
            council.surge, council.chronic, council.struck, council.away = surge, chronic, struck, away
        if number != self._landscape:
            self._landscape = number
            columns = (crisis.log_effect[number], crisis.effect[number], crisis.best[number])
            lists = [column[..., 0].tolist() for column in columns]
            for council, log_effect, effect, best in zip(self.cast.councils, *lists, strict=True):
                council.log_effect, council.effect, council.best = log_effect, effect, best

    def _today(self, rows: NDArray[np.float64]) -> list[Any]:
        """Return today's row of what nature does, or the only one."""
        row: list[Any] = rows[self.day if len(rows) > 1 else 0, ..., 0].tolist()
        return row

    def _recall_aid(self) -> None:
        """Send everybody who was lent home, on the day that a dated change alters who may lend."""
        stretch = self.setup.stretch_of(self.day, self.regime)
        if self.day == stretch.first_day and stretch.recalls_aid:
            self._send_home()

    def _send_home(self) -> None:
        for council in self.cast.councils:
            council.send_aid_home()
        for relation in self.cast.relations:
            relation.helped = 0.0

    def _adapt(self) -> None:
        """Once a week, let the structure change by its own rules."""
        rules = self.setup.stretch_of(self.day).structure.adaptation
        if is_review_day(self.day):
            self._hear_movement()
        if rules and is_review_day(self.day) and self.gave_way == NOBODY:
            before, week = self.regime, self.series[self.day - WEEK : self.day]
            after = next_regime(rules, self.setup.land, before, self.regime_since, self.day, week)
            if after != before:
                self._switch(before, after, rules[max(before, after) - 1].switch_days)

    def _hear_movement(self) -> None:
        """Let places join a movement, and the centre answer it."""
        stretch, councils = self.setup.stretch_of(self.day), self.cast.councils
        movement = stretch.scenario.movement
        if movement is None:
            return
        need, lapsed, unseen = (
            [getattr(council, name) for council in councils] for name in ("total_need", "total_lapsed", "total_unseen")
        )
        standing = standing_of([council.overrides for council in councils], need, lapsed, unseen)
        before = [council.joined for council in councils]
        table = self.setup.stretch_of(self.day, self.regime).table
        joined = joined_by(movement, self.setup.land.key, self.seed, self.day, before, standing, table)
        for council, since in zip(councils, joined, strict=True):
            council.joined = since
        if self.gave_way == NOBODY and is_answered(movement, joined):
            self.gave_way = self.day
            self._switch(self.regime, len(stretch.adapted), movement.switch_days)

    def _switch(self, before: int, after: int, switch_days: float) -> None:
        """Come under another rule: everybody learns how things are done now, and aid may end."""
        self.regime, self.regime_since = after, self.day
        for desk in self.cast.desks:
            desk.training_owed += switch_days * desk.staff
        if aid_alters(self.setup.stretch_of(self.day, before), self.setup.stretch_of(self.day, after)):
            self._send_home()
