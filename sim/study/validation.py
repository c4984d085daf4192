"""Two patterns of 2020-21 against what was recorded in England: fitted on one period, tested on another.

*Geography*: how much of the variation of weekly incidence is national, regional and local, how alike neighbours are,
and how deaths fall on deprived places. Fitted on the first wave, tested on the second.

*Delay*: weeks from 300 weekly cases per 100,000 to the strictest local tier. The deciders of the model get the
recorded cases; fitted on the areas that came to 300 before the lockdown of November 2020, tested on those that came
to it later.

What fails is reported. Nothing that is fitted here becomes a default.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.governance.structure import Structure
from sim.paths import shipped
from sim.phases import PHASES
from sim.world.country import Country, load_england
from sim.world.crises import Replay
from sim.world.document import merged
from sim.world.files import load_scenario, load_structure
from sim.world.land import fifths
from sim.world.recorded import read_record
from sim.world.scenario import Scenario

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]
Progress = Callable[[str], None]

BEGIN = date(2020, 2, 3)  # day 0 of england_2020
WAVES = {"first wave": (date(2020, 3, 9), date(2020, 6, 29)), "second wave": (date(2020, 8, 31), date(2021, 5, 3))}
DAYS = 455  # to the end of the second wave
FIT_DAYS = 147  # to the end of the first
GEOGRAPHY = ("national share", "regional share", "local share", "correlation of neighbours", "deprived against not")
CLOSENESS = (0.05, 0.05, 0.05, 0.1)  # how near the fit should come, one for each of the first four
RANGES = {  # setting of the epidemic: range that the fit searches
    "wobble_log_sd": (0.05, 0.6),
    "wobble_shared": (0.0, 1.0),
    "wobble_weeks": (0.0, 12.0),
    "neighbour_mixing": (0.05, 0.5),
    "national_mixing": (0.001, 0.05),
    "import_log_sd": (0.0, 1.5),
}
SLOPES = (0.0, 1.0)  # range of fatality_deprivation_slope

LINE = 300.0  # weekly cases per 100,000
AUTUMN, LOCKDOWN, NEW_YEAR = date(2020, 8, 31), date(2020, 11, 2), date(2021, 1, 4)
STRICTEST = ("tier_3", "tier_4")
QUANTILES = (0.1, 0.5, 0.75, 0.9)
DELAY = ("10th percentile", "median", "75th percentile", "90th percentile", "never restricted")
GRID = {  # what the fit of the delay searches
    "threshold": (100.0, 200.0, 300.0, 400.0, 600.0),
    "preference_log_sd": (0.0, 0.4, 0.8),
    "approval_median_days": (0.0, 3.5, 7.0, 14.0),
}


class Pattern(NamedTuple):
    """One number of a pattern: recorded, and in the model's runs.

    Parameters
    ----------
    name
        What it is.
    period
        Which part of the record.
    is_test
        Whether nothing was fitted on it.
    recorded
        What was recorded.
    runs
        What the model's runs come to, one a crisis.
    """

    name: str
    period: str
    is_test: bool
    recorded: float
    runs: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the runs."""
        return float(np.mean(self.runs))

    @property
    def holds(self) -> bool:
        """Whether what was recorded lies within the range of the runs."""
        return min(self.runs) <= self.recorded <= max(self.runs)


class Validation(NamedTuple):
    """Both patterns, and the settings that were fitted."""

    geography: tuple[Pattern, ...]
    geography_settings: dict[str, float]
    unfitted: tuple[Pattern, ...]  # the same patterns with england_2020 as it is
    delay: tuple[Pattern, ...]
    delay_settings: dict[str, float]


def validate(points: int = 100, fit_seeds: int = 2, seeds: int = 16, progress: Progress = lambda _: None) -> Validation:
    """Fit and test both patterns.

    Parameters
    ----------
    points
        Points of the Latin hypercube at which the geography is tried.
    fit_seeds, seeds
        Crises for each point of a fit, and for what is reported; they are not the same crises.
    progress
        Told what is being done.
    """
    country, reported = load_england(), range(1000, 1000 + seeds)
    progress("geography: fitting on the first wave")
    settings = fit_geography(country, points, range(1, 1 + fit_seeds))
    progress("geography: testing on the second wave")
    geography = geography_patterns(country, settings, reported)
    unfitted = geography_patterns(country, {}, reported)
    progress("delay: fitting before November 2020")
    rule = fit_delay(country, range(1, 1 + fit_seeds))
    progress("delay: testing after it")
    return Validation(geography, settings, unfitted, delay_patterns(country, rule, reported), rule)


# ---- what was recorded ----


def recorded(country: Country) -> tuple[tuple[date, ...], Reals, Reals]:
    """Return the weeks of the record, and cases and deaths by place, each of shape (weeks, places)."""
    (replay,) = (crisis for crisis in load_scenario("england_replay_2020").crisis if isinstance(crisis, Replay))
    weekly = replay.weekly(country)
    return read_record(replay.series).weeks, weekly["cases"], weekly["deaths_28_days"]


def per_100k(counts: Reals, country: Country) -> Reals:
    """Return counts per 100,000 people; places are the second axis."""
    people = country.population.reshape(1, -1, *([1] * (counts.ndim - 2)))
    rates: Reals = counts / people * 100_000.0
    return rates


def within(weeks: Sequence[date], wave: tuple[date, date]) -> list[int]:
    """Return which weeks begin within a wave."""
    return [n for n, week in enumerate(weeks) if wave[0] <= week < wave[1]]


# ---- geography ----


def geography_of(rates: Reals, deaths: Reals, country: Country) -> tuple[float, ...]:
    """Return the numbers of `GEOGRAPHY` for weekly rates and deaths of shape (weeks, places)."""
    return (*shares_of_variance(rates, country), likeness_of_neighbours(rates, country), deprived(deaths, country))


def shares_of_variance(rates: Reals, country: Country) -> tuple[float, float, float]:
    """Return the shares of the variance of log incidence that are national, regional and local.

    National is the mean of each week; regional the mean of each region in each week, less that; local the rest.
    """
    log_rate = np.log1p(rates)
    nation = log_rate.mean(axis=1, keepdims=True)
    region = regional_means(log_rate, country)
    total = ((log_rate - log_rate.mean()) ** 2).sum()
    national = ((nation - log_rate.mean()) ** 2).sum() * rates.shape[1]
    return (
        float(national / total),
        float(((region - nation) ** 2).sum() / total),
        float(((log_rate - region) ** 2).sum() / total),
    )


def regional_means(values: Reals, country: Country) -> Reals:
    """Return, for each place, the mean of its statistical region; shape as that of the values."""
    of_place, means = country.areas["statistical_region"].of_place, np.zeros_like(values)
    for region in np.unique(of_place):
        here = of_place == region
        means[:, here] = values[:, here].mean(axis=1, keepdims=True)
    return means


def likeness_of_neighbours(rates: Reals, country: Country) -> float:
    """Return the correlation between neighbours of log incidence less each week's national mean."""
    log_rate = np.log1p(rates)
    away = log_rate - log_rate.mean(axis=1, keepdims=True)
    ends = [(p, int(q)) for p in range(len(country)) for q in country.neighbours_of(p)]  # each pair both ways
    one, other = (away[:, [pair[end] for pair in ends]].ravel() for end in (0, 1))
    return float(np.corrcoef(one, other)[0, 1])


def deprived(deaths: Reals, country: Country) -> float:
    """Return deaths a head in the most deprived fifth of places against those in the least deprived."""
    fifth, total = fifths(country.deprivation, country.population), deaths.sum(axis=0)
    most, least = (total[fifth == each].sum() / country.population[fifth == each].sum() for each in (1, 5))
    return float(most / least) if least > 0.0 else 1.0


def simulated(settings: dict[str, float], seeds: Sequence[int], days: int) -> tuple[Reals, Reals]:
    """Return reported cases per 100,000 and deaths of england_2020 under command; (weeks, places, worlds)."""
    scenario = load_scenario("england_2020")
    scenario = with_settings(scenario, {"days": days, "epidemic": settings})
    block = Block(prepare(scenario, load_structure("command")), list(seeds))
    infected, dead = [np.zeros_like(block.state.infectious)], [np.zeros_like(block.state.infectious)]
    for week in range(days // 7):
        block.run(7 * (week + 1))
        infected.append(block.state.infectious + block.state.recovered)
        dead.append(block.state.total_deaths.copy())
    assert scenario.epidemic is not None  # noqa: S101 - england_2020 has one
    cases = np.diff(np.array(infected), axis=0) * scenario.epidemic.ascertainment
    return per_100k(cases, block.setup.country), np.diff(np.array(dead), axis=0)


def with_settings(scenario: Scenario, over: dict[str, Any]) -> Scenario:
    """Return a scenario with some settings changed, checked anew."""
    return Scenario.model_validate(merged(scenario.model_dump(), over))


def fit_geography(country: Country, points: int, seeds: Sequence[int]) -> dict[str, float]:
    """Return the settings that come nearest to the first wave: the best point of a Latin hypercube.

    The slope of fatality on deprivation is then set so that deaths fall on deprived places as they did; it moves
    nothing else.
    """
    target, wave = recorded_geography(country, "first wave"), model_weeks("first wave")
    lows, highs = zip(*RANGES.values(), strict=True)
    best, nearest = {}, float("inf")
    for point in qmc.scale(qmc.LatinHypercube(len(RANGES), rng=1).random(points), lows, highs):
        settings = dict(zip(RANGES, map(float, point), strict=True))
        rates, deaths = simulated(settings, seeds, FIT_DAYS)
        found = np.mean([geography_of(*one, country) for one in each_world(rates[wave], deaths[wave])], axis=0)
        away = ((found[:4] - np.array(target[:4])) / np.array(CLOSENESS)) ** 2
        if away.sum() < nearest:
            best, nearest = settings, float(away.sum())
    rates, deaths = simulated({**best, "fatality_deprivation_slope": 0.0}, seeds, FIT_DAYS)
    return {**best, "fatality_deprivation_slope": slope_for(target[4], deaths[wave], country)}


def slope_for(ratio: float, deaths: Reals, country: Country) -> float:
    """Return the slope of log fatality on deprivation that gives deaths, without one, a ratio; within its range."""
    low, high = SLOPES
    for _ in range(40):
        slope = 0.5 * (low + high)
        steeper = deaths.mean(axis=2) * np.exp(slope * country.deprivation)
        low, high = (slope, high) if deprived(steeper, country) < ratio else (low, slope)
    return round(0.5 * (low + high), 3)


def each_world(rates: Reals, deaths: Reals) -> Iterator[tuple[Reals, Reals]]:
    """Yield rates and deaths of each world."""
    for world in range(rates.shape[2]):
        yield rates[..., world], deaths[..., world]


def model_weeks(wave: str) -> list[int]:
    """Return the weeks of a run that lie in a wave: its day 0 is 3 February 2020."""
    first, last = WAVES[wave]
    return list(range((first - BEGIN).days // 7, (last - BEGIN).days // 7))


def recorded_geography(country: Country, wave: str) -> tuple[float, ...]:
    """Return the recorded numbers of a wave."""
    weeks, cases, deaths = recorded(country)
    here = within(weeks, WAVES[wave])
    return geography_of(per_100k(cases[here], country), deaths[here], country)


def geography_patterns(country: Country, settings: dict[str, float], seeds: Sequence[int]) -> tuple[Pattern, ...]:
    """Return the geography of both waves, recorded and in the model."""
    rates, deaths = simulated(settings, seeds, DAYS)
    patterns = []
    for wave in WAVES:
        here = model_weeks(wave)
        runs = [geography_of(*one, country) for one in each_world(rates[here], deaths[here])]
        for name, value, found in zip(
            GEOGRAPHY, recorded_geography(country, wave), zip(*runs, strict=True), strict=True
        ):
            patterns.append(Pattern(name, wave, wave != "first wave", value, tuple(found)))
    return tuple(patterns)


# ---- delay ----


def tier_weeks(country: Country) -> Wholes:
    """Return the week, counted from 31 August 2020, in which each place first was in the strictest tier; -1 never."""
    (replay,) = (crisis for crisis in load_scenario("england_replay_2020").crisis if isinstance(crisis, Replay))
    area_of = {place: entry.area for entry in replay.crosswalk for place in entry.places}
    first: dict[str, int] = {}
    path = shipped("scenarios") / "places" / "uk_tiers_weekly.csv"
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        day = date.fromisoformat(row["week"])
        if row["tier"] in STRICTEST and day < NEW_YEAR:
            week = (day - AUTUMN).days // 7
            first[row["code"]] = min(week, first.get(row["code"], week))
    return np.array([first.get(area_of.get(code, code), -1) for code in country.codes], np.int64)


def first_above(rates: Reals) -> Wholes:
    """Return the first week in which each place's rate is at least `LINE`; -1 never. Shape (places,)."""
    above = rates >= LINE
    return np.where(above.any(axis=0), above.argmax(axis=0), -1).astype(np.int64)


def delays(above: Wholes, restricted: Wholes, places: NDArray[np.bool_]) -> tuple[float, ...]:
    """Return the numbers of `DELAY` over some places: weeks from the line to restriction, 0 if it came before.

    The percentiles are over places that were restricted at all.
    """
    came = places & (restricted >= 0)
    weeks = np.maximum(0, restricted[came] - above[came])
    never = 1.0 - float(came.sum()) / float(places.sum()) if places.any() else 0.0
    if not len(weeks):
        return (*[float("inf")] * len(QUANTILES), never)
    return (*(float(each) for each in np.quantile(weeks, QUANTILES)), never)


def autumn(country: Country) -> tuple[Reals, Reals]:
    """Return recorded cases, and rates per 100,000, from 31 August 2020 to the New Year; (weeks, places)."""
    weeks, cases, _ = recorded(country)
    here = within(weeks, (AUTUMN, NEW_YEAR))
    return cases[here], per_100k(cases[here], country)


def decided(country: Country, rule: dict[str, float], seeds: Sequence[int]) -> Wholes:
    """Return the week in which each place is first restricted, -1 never, when deciders get the recorded cases.

    The nation decides place by place, on figures by place. Nobody is infected in the model; what places
    report each week is what was recorded. Shape (places, worlds).
    """
    cases, _ = autumn(country)
    block = Block(prepare(tiers_scenario(rule, 7 * len(cases)), tiers_structure(rule)), list(seeds))
    first = np.full((len(country), len(seeds)), -1, np.int64)
    for week, counts in enumerate(cases):
        block.run(7 * week + 6)
        block.run_phase(0)
        block.state.cases_this_week[:] = counts[:, None] / block.setup.stretches[0].table.par.epidemic_ascertainment
        for phase in range(1, len(PHASES)):
            block.run_phase(phase)
        first[(first < 0) & (block.state.restricted > 0.0)] = week
    return first


def tiers_scenario(rule: dict[str, float], days: int) -> Scenario:
    """Return England with an infection that nobody has."""
    restriction = {"threshold": rule["threshold"], "preference_log_sd": rule["preference_log_sd"]}
    return with_settings(
        load_scenario("england_2020"),
        {"days": days, "restriction": restriction, "epidemic": {"imports_per_million": 0.0, "variants": ()}},
    )


def tiers_structure(rule: dict[str, float]) -> Structure:
    """Return command, deciding on limits place by place and on figures by place, as it came to do with tiers."""
    power = {"scope": "place", "approval_median_days": rule["approval_median_days"], "analyst_share": 0.02}
    over = {
        "name": "command_with_tiers",
        "powers": {"restriction": power},
        "channels": {"reporting": {"granularity": "place"}},
        "evidence": {"data_holder": "nation"},
    }
    return Structure.model_validate(merged(load_structure("command").model_dump(), over))


def fit_delay(country: Country, seeds: Sequence[int]) -> dict[str, float]:
    """Return the rule whose delays come nearest to those of the areas that came to the line before November."""
    above, tiers = first_above(autumn(country)[1]), tier_weeks(country)
    early = periods(above)["before November"]
    target, best, nearest = np.array(delays(above, tiers, early)), {}, float("inf")
    for values in product(*GRID.values()):
        rule = dict(zip(GRID, values, strict=True))
        weeks = decided(country, rule, seeds)
        found = np.mean([delays(above, weeks[:, w], early) for w in range(len(seeds))], axis=0)
        away = (found - target) * np.array([1.0, 1.0, 1.0, 1.0, 10.0])  # a tenth of places counts as a week
        if float((away**2).sum()) < nearest:
            best, nearest = rule, float((away**2).sum())
    return best


def periods(above: Wholes) -> dict[str, NDArray[np.bool_]]:
    """Return the places that came to the line before and after the lockdown of November 2020."""
    lockdown = (LOCKDOWN - AUTUMN).days // 7
    return {"before November": (above >= 0) & (above < lockdown), "from November": above >= lockdown}


def delay_patterns(country: Country, rule: dict[str, float], seeds: Sequence[int]) -> tuple[Pattern, ...]:
    """Return the delays of both periods, recorded and in the model."""
    above, tiers, weeks = first_above(autumn(country)[1]), tier_weeks(country), decided(country, rule, seeds)
    patterns = []
    for period, places in periods(above).items():
        runs = [delays(above, weeks[:, w], places) for w in range(len(seeds))]
        for name, value, found in zip(DELAY, delays(above, tiers, places), zip(*runs, strict=True), strict=True):
            patterns.append(Pattern(name, period, period != "before November", value, tuple(found)))
    return tuple(patterns)
