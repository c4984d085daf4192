"""What a crisis is: settings, and what they do to need, staff and contagion. Each class is one kind.

An epidemic and a rise of pressure have sections of their own in a scenario, because a run keeps a state for the one
and the other sets the load. All other kinds stand in its list ``[[crisis]]``, as many as one likes, and compose
(:mod:`sim.world.composition`). A kind of one's own is a class like those below under ``@crisis_kind``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationError, field_validator, model_validator
from pydantic_core import PydanticKnownError

from sim.rules.maths import log
from sim.streams import Purpose
from sim.world.fields import Settings, choice, number, words
from sim.world.parts import (
    Ground,
    Part,
    Reals,
    Wholes,
    at_most,
    by_service,
    drawn_path,
    flood_sizes,
    flood_wave,
    powers_of,
    shortages,
    slow_growth,
    weekly_factor,
    winters,
)
from sim.world.recorded import (
    COLUMNS,
    Column,
    Crosswalk,
    Gap,
    as_date,
    by_place,
    checked_date,
    filled,
    places_of,
    read_record,
    without,
)

if TYPE_CHECKING:  # these read scenarios, which are made of crises
    from sim.world.country import Country
    from sim.world.scenario import Scenario

ServiceName: TypeAlias = Literal["outbreak_control", "clinical_care", "social_care", "essentials", "wellbeing"]
MOST_AWAY = 0.9  # of staff: somebody is always left
FLOOD, WINTER, WICKED = int(Purpose.FLOOD), int(Purpose.WINTER), int(Purpose.WICKED)
SHORTAGE = int(Purpose.SHORTAGE)


# ---- with a section of their own ----


class Variant(Settings):
    """A new variant of the infection."""

    day: int = number(290, "Day on which it takes over.", "day", 0, 36500)
    transmissibility: float = number(1.4, "Transmission against the variant before it.", "ratio", 0.1, 10.0)
    takeover_days: int = number(0, "Days in which it takes over, in equal steps; 0: at once.", "days", 0, 3650)


class Epidemic(Settings):
    """An infection that spreads between places (SEIR)."""

    reproduction_number: float = number(
        2.7, "People whom one case infects where nothing is done against it.", "people", 0.0, 20.0
    )
    latent_days: float = number(3.0, "Mean days from infection to infectiousness.", "days", 0.5, 60.0)
    infectious_days: float = number(5.0, "Mean infectious days.", "days", 0.5, 60.0)
    first_day: int = number(14, "First day on which infections come in from abroad.", "day", 0, 36500)
    import_days: int = number(40, "Days for which they come.", "days", 1, 3650)
    imports_per_million: float = number(1.5, "Infections from abroad.", "per million a day", 0.0, 10_000.0)
    import_log_sd: float = number(1.0, "How unevenly places are seeded.", "log", 0.0, 3.0)
    neighbour_mixing: float = number(0.1, "Share of contacts with neighbouring places.", "share", 0.0, 0.9)
    national_mixing: float = number(0.02, "Share of contacts across the nation.", "share", 0.0, 0.9)
    wobble_log_sd: float = number(0.15, "Week-to-week local change of transmission.", "log", 0.0, 1.0, "V2")
    wobble_shared: float = number(
        0.0,
        "Share of that change (of its variance) that all places of a statistical region have.",
        "share",
        0.0,
        1.0,
        "V2",
    )
    wobble_weeks: float = number(
        0.0, "Weeks in which a change falls to a third; 0: each week is drawn anew.", "weeks", 0.0, 520.0
    )
    caution: float = number(
        200.0,
        "How strongly people cut contact of their own accord: halved when 1 in so many is infectious.",
        "people",
        0.0,
        10_000.0,
    )
    control_effect: float = number(0.3, "Cut of transmission when all outbreak control is done.", "share", 0.0, 1.0)
    fatality: float = number(0.009, "Deaths for each infection when care is given.", "share", 0.0, 1.0)
    fatality_age_slope: float = number(
        0.35, "Rise of log fatality for each standard deviation of people over 65.", "log", 0.0, 2.0, "V6"
    )
    fatality_deprivation_slope: float = number(0.1, "The same for deprivation.", "log", 0.0, 2.0, "V4")
    fatality_unmet: float = number(1.0, "Extra fatality when no clinical need is met.", "ratio", 0.0, 10.0)
    ascertainment: float = number(0.2, "Share of infections that are reported as cases.", "share", 0.01, 1.0, "V12")
    report_delay_days: int = number(4, "Days from infection to a reported case.", "days", 0, 28)
    variants: tuple[Variant, ...] = Field(default=(), description="Variants, in order of day.", strict=False)

    @property
    def felt_from(self) -> int:
        """Day on which people rally."""
        return self.first_day


class Pressure(Settings):
    """A common rise of need (winter) with local waves on top of it."""

    first_day: int = number(0, "Day on which need starts to rise.", "day", 0, 36500)
    ramp_days: int = number(20, "Days in which it rises.", "days", 1, 3650)
    load: float = number(1.05, "Mean need over capacity once need has risen, waves included.", "ratio", 0.1, 5.0)
    wave_height: float = number(0.6, "Height of a local wave, as a share of base need.", "share", 0.0, 5.0)
    wave_gap_days: float = number(8.0, "Mean days between local waves.", "days", 0.5, 3650.0)

    @property
    def felt_from(self) -> int:
        """Day on which people rally."""
        return self.first_day


# ---- of which a scenario lists as many as it likes ----


class Misfit(NamedTuple):
    """Why a crisis does not fit a country or a run: the setting, what is wrong, and what to do."""

    key: str
    problem: str
    remedy: str


class CrisisKind(Settings):
    """One kind of crisis; it is resolved before a run, the same for every structure."""

    kind: str
    which: int = number(0, "Which of several of its kind: what is drawn for it hangs on it.", "number", 0, 99)

    @property
    def felt_from(self) -> int | None:
        """Day on which people rally, or None for what creeps up or comes every year."""
        return None

    def strike(self, ground: Ground) -> Part:
        """Return what it does in one world."""
        raise NotImplementedError

    def feeds(self) -> Iterator[tuple[str, str, float]]:
        """Yield services of which one open case makes so many cases a day in another."""
        yield from ()

    def misfits(self, country: Country, scenario: Scenario) -> Iterator[Misfit]:  # noqa: ARG002 - kinds say more
        """Yield what does not fit the country or the run."""
        yield from ()


Kind = TypeVar("Kind", bound=CrisisKind)
KINDS: dict[str, type[CrisisKind]] = {}


def crisis_kind(kind: type[Kind]) -> type[Kind]:
    """Make a kind of crisis known, so that a scenario can list it under ``[[crisis]]``.

    Raises
    ------
    ValueError
        If there is another of that name.
    """
    name = kind.model_fields["kind"].default
    if name in KINDS:
        raise ValueError(f'there is a kind of crisis called "{name}" already')
    KINDS[name] = kind
    return kind


def as_crisis(value: Any) -> CrisisKind:
    """Return a crisis from a table of settings that names its kind.

    Raises
    ------
    ValidationError
        If it names none, or one that nobody has made known, or a setting is wrong.
    """
    if isinstance(value, CrisisKind):
        return value
    if not isinstance(value, dict):
        raise PydanticKnownError("dict_type")
    name = value.get("kind")
    if name is None:
        raise _refused({"type": "missing", "loc": ("kind",), "input": value})
    if name not in KINDS:
        expected = ", ".join(f"'{each}'" for each in KINDS)
        raise _refused({"type": "literal_error", "loc": ("kind",), "input": name, "ctx": {"expected": expected}})
    return KINDS[name].model_validate(value)


def _refused(finding: Any) -> ValidationError:
    return ValidationError.from_exception_data("crisis", [finding])


Crises: TypeAlias = tuple[Annotated[SerializeAsAny[CrisisKind], BeforeValidator(as_crisis)], ...]


@crisis_kind
class Flood(CrisisKind):
    """Sudden: water runs through a path of neighbouring places, and leaves need behind it."""

    kind: Literal["flood"] = "flood"
    first_day: int = number(30, "Day on which it begins, in the first place of its path.", "day", 0, 36500)
    path: tuple[str, ...] = words("Codes of the places it runs through, each next to the one before; none: drawn.")
    places: int = number(4, "Places that a drawn path runs through, as far as there are neighbours.", "places", 1, 200)
    travel_days: float = number(1.0, "Days from one place of the path to the next.", "days", 0.0, 60.0)
    rise_days: float = number(2.0, "Days in which it rises in a place.", "days", 1.0, 60.0)
    crest_days: float = number(5.0, "Days for which it is at its height.", "days", 0.0, 120.0)
    recovery_days: float = number(21.0, "Days in which need then falls to a third.", "days", 1.0, 1000.0)
    wellbeing_recovery_days: float = number(180.0, "The same for wellbeing, which lasts longer.", "days", 1.0, 3650.0)
    essentials: float = number(3.0, "Need at its height, as a share of ordinary need.", "share", 0.0, 20.0)
    social_care: float = number(1.0, "Need at its height, as a share of ordinary need.", "share", 0.0, 20.0)
    wellbeing: float = number(0.8, "Need at its height, as a share of ordinary need.", "share", 0.0, 20.0)
    staff_away: float = number(0.15, "Share of staff whom it keeps from work at its height.", "share", 0.0, 0.9)
    severity_log_sd: float = number(0.3, "How much harder it hits one place than another.", "log", 0.0, 1.5)
    fade: float = number(0.95, "Force left from one place of the path to the next.", "share", 0.0, 1.0)

    @property
    def felt_from(self) -> int | None:
        """Day on which people rally, if it does anything."""
        does = max(self.essentials, self.social_care, self.wellbeing, self.staff_away)
        return self.first_day if does > 0.0 else None

    def strike(self, ground: Ground) -> Part:
        """Return needs that rise, stand and fall along the path, and staff who cannot get to work."""
        path, key = self.path_in(ground), ground.land.key
        sizes = flood_sizes(ground.seed, key, path, FLOOD, self.which, reals(self.severity_log_sd, self.fade))
        force = self._wave(ground, path, sizes, self.recovery_days)
        lasting = self._wave(ground, path, sizes, self.wellbeing_recovery_days)
        soon = ground.land.need * per_service(ground, essentials=self.essentials, social_care=self.social_care)
        late = ground.land.need * per_service(ground, wellbeing=self.wellbeing)
        need = by_service(force, soon) + by_service(lasting, late)
        return Part(need=need, away=at_most(force * self.staff_away, MOST_AWAY))

    def path_in(self, ground: Ground) -> Wholes:
        """Return the places of the path: as they are given, or as they are drawn."""
        if self.path:
            return np.array([ground.country.codes.index(code) for code in self.path], np.int64)
        land, most = ground.land, min(self.places, len(ground.land.key))
        path: Wholes = drawn_path(ground.seed, land.key, land.neighbour_start, land.neighbour, FLOOD, self.which, most)
        return path

    def _wave(self, ground: Ground, path: Wholes, sizes: Reals, recovery: float) -> Reals:
        times = reals(self.first_day, self.travel_days, self.rise_days, self.crest_days, recovery)
        wave: Reals = flood_wave(ground.days, len(ground.land.key), path, sizes, times)
        return wave

    def misfits(self, country: Country, scenario: Scenario) -> Iterator[Misfit]:  # noqa: ARG002 - of every kind
        """Yield codes of no place here, and steps that water cannot take."""
        for code in self.path:
            if code not in country.codes:
                yield Misfit("path", f'{country.name} has no place with the code "{code}".', "Use codes of its places.")
                return
        at = [country.codes.index(code) for code in self.path]
        for here, there in pairwise(at):
            if there not in country.neighbours_of(here):
                names = f"{country.names[here]} and {country.names[there]}"
                yield Misfit("path", f"{names} are no neighbours.", "Name the places between them.")
        if len(set(self.path)) < len(self.path):
            yield Misfit("path", "a place comes twice.", "Name each place once.")


@crisis_kind
class WinterPressure(CrisisKind):
    """Seasonal and common: winters press on clinical and social care, harder in some places than in others."""

    kind: Literal["winter"] = "winter"
    first_day: int = number(60, "Day on which the first winter begins.", "day", -365, 36500)
    length_days: float = number(150.0, "Length of a winter.", "days", 1.0, 365.0)
    every_days: float = number(365.0, "Days from the beginning of one winter to the next.", "days", 30.0, 36500.0)
    clinical_care: float = number(0.3, "Need in the middle of winter, as a share of ordinary need.", "share", 0.0, 5.0)
    social_care: float = number(0.2, "Need in the middle of winter, as a share of ordinary need.", "share", 0.0, 5.0)
    staff_away: float = number(0.03, "Share of staff ill in the middle of winter.", "share", 0.0, 0.9)
    transmission: float = number(1.0, "Spread of an infection in the middle of winter.", "ratio", 0.5, 3.0)
    winter_log_sd: float = number(0.2, "How much harder one winter is than another.", "log", 0.0, 1.5)
    place_log_sd: float = number(0.2, "How much harder a winter is in one place than in another.", "log", 0.0, 1.5)
    place_timing_days: float = number(7.0, "How much earlier or later it comes in a place.", "days", 0.0, 60.0)

    def strike(self, ground: Ground) -> Part:
        """Return needs that rise and fall with the season, staff who are ill, and what winter does to contagion."""
        calendar = (self.first_day, self.length_days, self.every_days)
        spread = (self.winter_log_sd, self.place_log_sd, self.place_timing_days)
        hard = winters(ground.seed, ground.land.key, ground.days, WINTER, self.which, reals(*calendar, *spread))
        most = per_service(ground, clinical_care=self.clinical_care, social_care=self.social_care)
        factor = None if self.transmission == 1.0 else weekly_factor(hard, log(self.transmission))
        need = by_service(hard, ground.land.need * most)
        return Part(need=need, away=at_most(hard * self.staff_away, MOST_AWAY), transmission=factor)


@crisis_kind
class WickedIssue(CrisisKind):
    """Slow and across services: it grows, feeds itself through what is left open, and gives way to prevention."""

    kind: Literal["wicked_issue"] = "wicked_issue"
    services: tuple[ServiceName, ...] = words("Services that it burdens.", ("social_care", "essentials", "wellbeing"))
    first_day: int = number(0, "Day on which it starts to grow.", "day", 0, 36500)
    growth_days: float = number(180.0, "Days for which it grows.", "days", 1.0, 36500.0)
    height: float = number(0.4, "Need once it has grown, as a share of ordinary need.", "share", 0.0, 5.0)
    deprivation_slope: float = number(
        0.3, "Extra need per standard deviation of deprivation, above that of ordinary need.", "share", 0.0, 1.0
    )
    place_log_sd: float = number(0.3, "How much larger it is in one place than in another.", "log", 0.0, 1.5)
    feeding: float = number(
        0.0, "Cases a day that one open case of its services makes in the others of them.", "cases", 0.0, 0.5
    )

    @model_validator(mode="after")
    def _consistent(self) -> WickedIssue:
        check_issue(self)
        return self

    def strike(self, ground: Ground) -> Part:
        """Return a rise of ordinary need, which prevention can reach."""
        shape = reals(self.first_day, self.growth_days, self.height, self.place_log_sd, self.deprivation_slope)
        land = ground.land
        size = slow_growth(ground.seed, land.key, land.deprivation, ground.days, WICKED, self.which, shape)
        burdened = per_service(ground, **dict.fromkeys(self.services, 1.0))
        return Part(chronic=by_service(size, np.repeat(burdened, len(land.key), axis=0)))

    def feeds(self) -> Iterator[tuple[str, str, float]]:
        """Yield what its services make of each other's open cases."""
        for one in self.services:
            for other in self.services:
                if other != one:
                    yield one, other, self.feeding / (len(self.services) - 1)


def check_issue(issue: WickedIssue) -> None:
    """Refuse an issue that burdens no service, or one twice, or feeds itself without another service to feed."""
    if not issue.services or len(set(issue.services)) < len(issue.services):
        raise ValueError("services must name at least one service, and none twice; name those that the issue burdens.")
    if issue.feeding > 0.0 and len(issue.services) == 1:
        raise ValueError("one service alone has no other to feed; set feeding to 0, or name a second service.")


@crisis_kind
class Replay(CrisisKind):
    """A recorded series: need follows the weekly cases and deaths of an epidemic that was."""

    kind: Literal["replay"] = "replay"
    series: str = choice("uk_covid_weekly", "The record: a shipped name, or the path of a .csv file.")
    first_week: str = choice("2020-02-03", "Monday of the record that is the run's first day of it.")
    first_day: int = number(0, "Day of the run on which it begins.", "day", 0, 36500)
    death_lag_days: int = number(7, "Days from the need of care to a recorded death.", "days", 0, 90)
    control_per_case: float = number(0.3, "Cases of outbreak control for a recorded case.", "cases", 0.0, 100.0)
    essentials_per_case: float = number(0.2, "Cases of essentials for a recorded case.", "cases", 0.0, 100.0)
    wellbeing_per_case: float = number(0.1, "Cases of wellbeing for a recorded case.", "cases", 0.0, 100.0)
    clinical_per_death: float = number(5.5, "Cases of clinical care for a recorded death.", "cases", 0.0, 1000.0)
    social_per_death: float = number(3.3, "Cases of social care for a recorded death.", "cases", 0.0, 1000.0)
    leave_out: tuple[str, ...] = words("Beginnings of the codes of areas that are left out.")
    crosswalk: tuple[Crosswalk, ...] = Field(default=(), description="Areas that are not single places.", strict=False)
    gaps: tuple[Gap, ...] = Field(default=(), description="Missing values that are accepted.", strict=False)

    @field_validator("first_week")
    @classmethod
    def _a_date(cls, text: str) -> str:
        return checked_date(text)

    @property
    def felt_from(self) -> int | None:
        """Day on which people rally, if it does anything."""
        of_cases = (self.control_per_case, self.essentials_per_case, self.wellbeing_per_case)
        return self.first_day if max(*of_cases, self.clinical_per_death, self.social_per_death) > 0.0 else None

    def strike(self, ground: Ground) -> Part:
        """Return the needs that the recorded cases and deaths stand for; the same for every seed."""
        per_case = per_service(
            ground,
            outbreak_control=self.control_per_case,
            essentials=self.essentials_per_case,
            wellbeing=self.wellbeing_per_case,
        )
        per_death = per_service(ground, clinical_care=self.clinical_per_death, social_care=self.social_per_death)
        weekly, start = self.weekly(ground.country), self._start()
        cases = self._daily(weekly["cases"], start, ground.days)
        deaths = self._daily(weekly["deaths_28_days"], start + self.death_lag_days, ground.days)
        return Part(need=by_service(cases, per_case) + by_service(deaths, per_death))

    def weekly(self, country: Country) -> dict[Column, Reals]:
        """Return recorded cases and deaths, shape (weeks, places), gaps filled and areas spread over places.

        Raises
        ------
        InputError
            If something is missing that is not accepted, or an area or a place is unknown.
        """
        record = filled(without(read_record(self.series), self.leave_out), self.gaps)
        return by_place(record, places_of(record, self.crosswalk, country), country)

    def _start(self) -> int:
        """Return the day of the record on which the run's first day of it falls."""
        first, begun = as_date(self.first_week), read_record(self.series).weeks[0]
        return (first - begun).days if first is not None else 0

    def _daily(self, weekly: Reals, start: int, days: int) -> Reals:
        """Return a seventh of each week's value on each of its days, from a day of the record on."""
        daily = np.zeros((days, weekly.shape[1]))
        for day in range(self.first_day, days):
            daily[day] = weekly[(start + day - self.first_day) // 7] / 7.0
        return daily

    def misfits(self, country: Country, scenario: Scenario) -> Iterator[Misfit]:
        """Yield a run that the record does not cover; what the record lacks is refused by name, line and week."""
        weeks = len(self.weekly(country)[COLUMNS[0]])
        start = self._start()
        needed = start + scenario.days - self.first_day + self.death_lag_days
        if start < 0 or start >= 7 * weeks:
            begun = read_record(self.series).weeks
            yield Misfit("first_week", "it is not in the record.", f"Give a Monday from {begun[0]} to {begun[-1]}.")
        elif needed > 7 * weeks:
            remedy = f"Begin earlier, or set days to at most {scenario.days - (needed - 7 * weeks)}."
            yield Misfit("first_week", "the record ends before the run does.", remedy)


@crisis_kind
class SupplyShock(CrisisKind):
    """Everybody wants the same supplies: the market offers less, at a higher price, and every case uses more."""

    kind: Literal["supply_shock"] = "supply_shock"
    first_day: int = number(45, "Day on which it begins.", "day", 0, 36500)
    ramp_days: float = number(14.0, "Days in which it worsens, and in which it eases.", "days", 1.0, 365.0)
    length_days: float = number(90.0, "Days until it begins to ease.", "days", 1.0, 3650.0)
    supply_cut: float = number(0.6, "Share of what the market offers that is gone at its worst.", "share", 0.0, 0.99)
    use_rise: float = number(2.0, "Supplies that a case uses at its worst, against ordinary times.", "ratio", 1.0, 50.0)
    price_rise: float = number(2.0, "Price at its worst where orders just meet what is offered.", "ratio", 1.0, 50.0)
    severity_log_sd: float = number(0.2, "How much worse it is in one run than in another.", "log", 0.0, 1.5)

    @property
    def felt_from(self) -> int | None:
        """Day on which people rally, if it does anything."""
        return self.first_day if max(self.supply_cut, self.use_rise - 1.0, self.price_rise - 1.0) > 0.0 else None

    def strike(self, ground: Ground) -> Part:
        """Return what the market offers, what it asks, and what a case uses, day by day: everywhere the same."""
        times = reals(self.first_day, self.ramp_days, self.length_days, self.severity_log_sd)
        force = shortages(ground.seed, ground.days, SHORTAGE, self.which, times)
        return Part(
            offered=powers_of(force, log(1.0 - self.supply_cut)),
            use=powers_of(force, log(self.use_rise)),
            dearer=powers_of(force, log(self.price_rise)),
        )

    def misfits(self, country: Country, scenario: Scenario) -> Iterator[Misfit]:  # noqa: ARG002 - of every kind
        """Yield a scenario in which nothing can run short."""
        if scenario.supplies is None:
            yield Misfit("kind", "the scenario has no supplies that could run short.", "Declare [supplies] in it.")


def reals(*values: float) -> Reals:
    """Return settings as an array, for a kernel."""
    return np.array(values, np.float64)


def per_service(ground: Ground, **shares: float) -> Reals:
    """Return a share for each service, shape (1, services): 0 for those not named."""
    return np.array([[shares.get(name, 0.0) for name in ground.services]])
