"""What is measured. Each outcome has a unit, a direction and a plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.governance.setup import Setup
from sim.governance.structure import ALWAYS_THERE
from sim.ledger import staff_days_by_use, supplies_by_use, supplies_given
from sim.rules.choice import is_report_day
from sim.series import ROWS
from sim.world.land import fifths
from sim.world.scenario import SERVICES

Reals = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
EARLY_DAYS = LATE_DAYS = 90
WEEK = 7
MOST_OF_THE_WORK = 2.0 / 3.0  # of places, by which a good practice counts as spread: fact T8


@dataclass(frozen=True)
class Outcome:
    """One measure of a run."""

    name: str
    title: str
    unit: str
    better: Literal["lower", "higher"]
    group: str
    says: str
    headline: bool = False

    @property
    def heading(self) -> str:
        """Its title, with unit and direction."""
        return f"{self.title} ({self.unit}; {self.better} is better)"


_LIST: tuple[Outcome, ...] = (
    Outcome(
        "harm_per_1000",
        "Harm",
        "case-days per 1,000 people a year",
        "lower",
        "harm",
        "Days that weighted cases stayed open, each lapsed case counted as ten days.",
        True,
    ),
    Outcome("unmet_share", "Unmet need", "share", "lower", "harm", "Share of need that lapsed unserved.", True),
    Outcome(
        "never_seen_share",
        "Need never seen",
        "share",
        "lower",
        "harm",
        "Share of need that lapsed before anybody saw it, or that nobody had seen by the last day.",
    ),
    Outcome(
        "deaths_per_100k",
        "Deaths",
        "per 100,000 people",
        "lower",
        "harm",
        "Deaths from the infection; read beside restricted days.",
        True,
    ),
    Outcome(
        "restricted_days_per_person",
        "Restricted days",
        "days per person",
        "lower",
        "harm",
        "Days that the average person lived under restriction.",
        True,
    ),
    Outcome(
        "peak_overload",
        "Peak overload",
        "ratio",
        "lower",
        "harm",
        "Most open cases on any day, over cases served on an average day.",
    ),
    Outcome(
        "regret_area",
        "Learning left undone",
        "ratio",
        "lower",
        "learning",
        "Mean regret over regret on day 0: 0 is the best from the start, 1 is nothing learnt.",
        True,
    ),
    Outcome(
        "regret_early",
        "Learning left undone, first 90 days",
        "ratio",
        "lower",
        "learning",
        "Regret of the first 90 days over regret on day 0.",
    ),
    Outcome(
        "regret_late",
        "Learning left undone, last 90 days",
        "ratio",
        "lower",
        "learning",
        "Regret of the last 90 days over regret on day 0.",
    ),
    Outcome(
        "days_to_half_regret",
        "Days to half of regret",
        "days",
        "lower",
        "learning",
        "First day on which regret was half of day 0's for good; undefined where it never was.",
    ),
    Outcome(
        "days_to_two_thirds",
        "Days for good practice to reach two thirds",
        "days",
        "lower",
        "learning",
        "First day on which two thirds of the work, by place and service, was done within 5% of the best "
        "way; undefined where it never was.",
    ),
    Outcome(
        "relearn_days",
        "Days to learn anew",
        "days",
        "lower",
        "learning",
        "Mean days from a shift of what works until regret was again as low as in the week before; a shift "
        "never made up for counts up to the next one, or to the end. Undefined without shifts.",
    ),
    Outcome(
        "belief_error",
        "Error of belief",
        "log",
        "lower",
        "learning",
        "How far off those were who hold the ways of working, in the log of what each way achieves: mean "
        "over weekly reports.",
    ),
    Outcome(
        "near_best_share",
        "Near the best at the end",
        "share",
        "higher",
        "learning",
        "Share of places and services within 5% of the best way of working on the last day.",
    ),
    Outcome(
        "cost_gbp_per_head",
        "Cost of staff, restriction, supplies and help",
        "GBP per head",
        "lower",
        "resources",
        "Pay of staff, the price set on each day that a person lives under restriction, support paid for it, "
        "supplies bought and help paid.",
    ),
    Outcome(
        "cost_per_case_gbp",
        "Staff cost per case served",
        "GBP",
        "lower",
        "resources",
        "Pay of all staff over cases served.",
    ),
    Outcome(
        "coordination_share",
        "Time in coordination",
        "share",
        "lower",
        "resources",
        "Share of staff-days spent on links, seats, reports and joint decisions.",
    ),
    Outcome(
        "analysis_share",
        "Time in analysis",
        "share",
        "lower",
        "resources",
        "Share of staff-days spent on preparing decisions.",
    ),
    Outcome(
        "training_share",
        "Time in training",
        "share",
        "lower",
        "resources",
        "Share of staff-days spent on learning a new approach.",
    ),
    Outcome(
        "programme_share",
        "Time in programmes",
        "share",
        "lower",
        "resources",
        "Share of staff-days spent on leadership programmes, joint sessions, pooled budgets and shared trials.",
    ),
    Outcome("idle_share", "Idle time", "share", "lower", "resources", "Share of staff-days with nothing to do."),
    Outcome(
        "idle_while_short_share",
        "Idle while others were short",
        "share",
        "lower",
        "resources",
        "Share of staff-days idle on days when others could have used them.",
        True,
    ),
    Outcome(
        "supplies_price_gbp",
        "Price paid for supplies",
        "GBP per item",
        "lower",
        "resources",
        "Money paid for supplies over items bought; undefined where none were.",
    ),
    Outcome(
        "supplies_short_share",
        "Supplies that were missing",
        "share",
        "lower",
        "resources",
        "Share of the supplies that work would have used that were not there; undefined where nothing can run short.",
    ),
    Outcome(
        "supplies_short_days",
        "Days short of supplies",
        "days",
        "lower",
        "resources",
        "Days on which a service that uses supplies was held up for want of them, mean over places and services.",
    ),
    Outcome(
        "supplies_perished_share",
        "Supplies that perished",
        "share",
        "lower",
        "resources",
        "Share of supplies, first stock and what was bought, that perished unused.",
    ),
    Outcome(
        "supplies_left_days",
        "Supplies left at the end",
        "days of ordinary use",
        "lower",
        "resources",
        "Supplies in stock or on their way on the last day.",
    ),
    Outcome(
        "help_price_gbp",
        "Price of paid help",
        "GBP per staff-day of one's own",
        "lower",
        "resources",
        "Money paid for help over what it was worth, in staff-days of one's own; undefined where none was paid.",
    ),
    Outcome(
        "help_used_share",
        "Paid help that was used",
        "share",
        "higher",
        "resources",
        "Share of the time of paid helpers that was used; undefined where nobody was paid.",
    ),
    Outcome(
        "help_unspent_share",
        "Money for help left unspent",
        "share",
        "lower",
        "resources",
        "Share of the money for paid help that was not spent by the last day.",
    ),
    Outcome(
        "supplies_gap",
        "Gap in supplies between sectors",
        "share",
        "lower",
        "equity",
        "Share of supplies missing in social care less that in clinical care.",
    ),
    Outcome(
        "unmet_gap",
        "Gap in unmet need",
        "share",
        "lower",
        "equity",
        "Unmet share in the most deprived fifth less that in the least deprived.",
        True,
    ),
    Outcome(
        "unmet_gini",
        "Inequality of unmet need",
        "Gini",
        "lower",
        "equity",
        "Gini coefficient of unmet share between places, by head.",
    ),
    Outcome(
        "minority_gap",
        "Gap in unmet need by ethnicity",
        "share",
        "lower",
        "equity",
        "Unmet share in the fifth of people whose places have most residents from ethnic minorities, less "
        "that in the fifth with fewest.",
    ),
    Outcome(
        "worst_decile_harm",
        "Harm in the worst tenth",
        "case-days per 1,000 people a year",
        "lower",
        "equity",
        "Harm where the worst-off tenth of people live.",
    ),
    Outcome(
        "loss_depth",
        "Depth of the loss",
        "case-days per 1,000 people a day",
        "lower",
        "resilience",
        "Harm on the worst day above that of an average day of the best week.",
    ),
    Outcome(
        "loss_area",
        "Area under the loss",
        "case-days per 1,000 people a year",
        "lower",
        "resilience",
        "Harm above that of the best week, over the whole run.",
    ),
    Outcome(
        "recovery_days",
        "Days to recover",
        "days",
        "lower",
        "resilience",
        "Days from the peak of harm until it is half of that for good; undefined where it never is.",
    ),
    Outcome(
        "decision_delay_days",
        "Wait for approval of ways of working",
        "days",
        "lower",
        "process",
        "Mean days from a decision on approach to its effect.",
    ),
    Outcome(
        "information_age_days",
        "Age of what was known",
        "days",
        "lower",
        "process",
        "Mean age of the newest report behind a decision on approach.",
    ),
    Outcome(
        "u_turns_per_place",
        "U-turns",
        "per place",
        "lower",
        "process",
        "Changes of approach or restriction within 28 days of the one before.",
    ),
    Outcome(
        "overrides_per_place",
        "Overrides",
        "per place",
        "lower",
        "process",
        "Orders that displaced what a place had seen to work better.",
    ),
    Outcome(
        "decision_concentration",
        "Concentration of decisions",
        "share",
        "lower",
        "process",
        "Chance that two decisions on ways of working were taken by the same body, teams of a place counted "
        "as one; undefined where there were none.",
    ),
    Outcome(
        "days_without_owner",
        "Days with no owner",
        "share",
        "lower",
        "process",
        "Share of the days of all powers on which nobody took them up: their holder was lost, or of two without a lead "
        "each left it to the other.",
    ),
    Outcome(
        "days_with_two_owners",
        "Days with two owners",
        "share",
        "lower",
        "process",
        "Share of the days of all powers on which two took them up without a lead, each by itself.",
    ),
    Outcome(
        "failed_talks_share",
        "Talks that failed",
        "share",
        "lower",
        "process",
        "Share of joint decisions on which those at the table did not agree in time; undefined where there were none.",
    ),
    Outcome(
        "mandates_refused_share",
        "Mandates not taken up",
        "share",
        "lower",
        "process",
        "Share of weeks under a mandate in which desks still worked another way; undefined where there was none.",
    ),
    Outcome(
        "gamed_per_1000",
        "Reported as served, and open",
        "cases per 1,000 people a year",
        "lower",
        "process",
        "Cases that weekly reports called served, to meet a target, though they were still open.",
    ),
    Outcome(
        "movement_share",
        "Places in the movement",
        "share",
        "lower",
        "process",
        "Share of places that had joined a movement against how they are governed by the last day.",
    ),
    Outcome(
        "gave_way_day",
        "Day on which the centre answered",
        "day",
        "higher",
        "process",
        "Day on which the centre conceded a power to a movement, or closed channels; undefined where it did not.",
    ),
    Outcome(
        "trust_end",
        "Trust at the end",
        "share",
        "higher",
        "relations",
        "Mean trust over the ties that places have; undefined where they have none.",
    ),
    Outcome(
        "trust_lowest",
        "Trust at its lowest",
        "share",
        "higher",
        "relations",
        "Lowest mean trust on any day; undefined where places have no ties.",
    ),
    Outcome(
        "language_end",
        "Shared language at the end",
        "share",
        "higher",
        "relations",
        "Mean shared language between the sectors of a place.",
    ),
    Outcome(
        "language_lowest",
        "Shared language at its lowest",
        "share",
        "higher",
        "relations",
        "Lowest mean shared language on any day.",
    ),
    Outcome("confidence_end", "Confidence at the end", "share", "higher", "relations", "Mean confidence of residents."),
    Outcome(
        "confidence_lowest",
        "Confidence at its lowest",
        "share",
        "higher",
        "relations",
        "Lowest mean confidence on any day.",
    ),
    Outcome("morale_end", "Morale at the end", "share", "higher", "relations", "Mean morale of staff."),
    Outcome(
        "morale_lowest",
        "Morale at its lowest",
        "share",
        "higher",
        "relations",
        "Lowest mean morale of staff on any day.",
    ),
    Outcome(
        "staff_lost_share",
        "Staff lost",
        "share",
        "lower",
        "relations",
        "Staff who left because of low morale, over permanent posts.",
    ),
)
OUTCOMES: dict[str, Outcome] = {outcome.name: outcome for outcome in _LIST}

SERIES: dict[str, str] = {
    "harm_per_1000": "weighted case-days per 1,000 people a day",
    "open_per_1000": "open cases per 1,000 people",
    "need_per_1000": "new cases per 1,000 people a day",
    "served_per_1000": "cases served per 1,000 people a day",
    "lapsed_per_1000": "cases lapsed per 1,000 people a day",
    "infections_per_100k": "new infectious people per 100,000 a day",
    "deaths_per_100k": "deaths per 100,000 a day",
    "restricted_share": "share of people under restriction",
    "regret": "mean regret over that of day 0",
    "near_best_share": "share of places and services within 5% of the best",
    "idle_per_1000": "idle staff-days per 1,000 people a day",
    "trust": "mean trust",
    "language": "mean shared language",
    "confidence": "mean confidence of residents",
    "morale": "mean morale of staff",
}


def series_columns(setup: Setup, series: Reals) -> Columns:
    """Return the daily national series of one world, as in `SERIES`; ``series`` has shape (days, rows)."""
    row = {name: series[:, n] for n, name in enumerate(ROWS)}
    people = float(setup.land.population.sum())
    places, services = setup.land.need.shape
    per_1000, per_100k = 1000.0 / people, 100_000.0 / people
    first = row["regret"][0]
    return {
        "harm_per_1000": row["harm"] * per_1000,
        "open_per_1000": row["open"] * per_1000,
        "need_per_1000": row["need"] * per_1000,
        "served_per_1000": row["served"] * per_1000,
        "lapsed_per_1000": row["lapsed"] * per_1000,
        "infections_per_100k": row["cases"] * per_100k,
        "deaths_per_100k": row["deaths"] * per_100k,
        "restricted_share": row["restricted"] / people,
        "regret": row["regret"] / first if first > 0.0 else np.zeros(len(series)),
        "near_best_share": row["near_best"] / (places * services),
        "idle_per_1000": np.diff(row["idle_so_far"], prepend=0.0) * per_1000,
        "trust": row["trust"] / places,
        "language": row["language"] / places,
        "confidence": row["confidence"] / places,
        "morale": row["morale"] / places,
    }


def place_columns(setup: Setup, state: Columns, days: int) -> Columns:
    """Return what happened in each place of one world, a number a place in each column."""
    land, country = setup.land, setup.country
    need = state["total_need"].sum(axis=1)
    return {
        "population": land.population,
        "deprivation_fifth": fifths(country.deprivation, country.population),
        "minority_fifth": fifths(country.minority, country.population),
        "harm_per_1000": state["total_harm"] / land.thousand * (365.0 / days),
        "unmet_share": _ratio(_gone(state).sum(axis=1), need),
        "need": need,
        "deaths_per_100k": state["total_deaths"] / land.population * 100_000.0,
        "restricted_days": state["total_restricted"] / land.population,
    }


def outcomes_of(setup: Setup, state: Columns, series: Reals) -> dict[str, float]:
    """Return every outcome of one world."""
    daily, places = series_columns(setup, series), place_columns(setup, state, len(series))
    values = {
        **_harm(setup, state, series, daily),
        **_learning(setup, series, daily),
        **_resources(setup, state, series),
        **_supplies(setup, state),
        **_help(state),
        **_equity(places),
        **_resilience(daily["harm_per_1000"]),
        **_process(setup, state, len(series)),
        "movement_share": (state["joined"] >= 0).mean(),
        "gave_way_day": float(state["gave_way"][0]) if state["gave_way"][0] >= 0 else float("nan"),
        "gamed_per_1000": state["total_gamed"].sum() / setup.land.thousand.sum() * (365.0 / len(series)),
        **_relations(setup, state, daily),
    }
    return {name: float(values[name]) for name in OUTCOMES}


def _ratio(part: Any, whole: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(whole) > 0.0, np.asarray(part) / np.asarray(whole), 0.0)


def _gone(state: Columns) -> Reals:
    """Return cases that lapsed, seen or unseen."""
    gone: Reals = state["total_lapsed"] + state["total_unseen"]
    return gone


def _harm(setup: Setup, state: Columns, series: Reals, daily: Columns) -> dict[str, float]:
    people, days = float(setup.land.population.sum()), len(series)
    served = float(state["total_served"].sum()) / days
    return {
        "harm_per_1000": daily["harm_per_1000"].sum() * 365.0 / days,
        "unmet_share": _ratio(_gone(state).sum(), state["total_need"].sum()),
        "never_seen_share": _ratio(state["total_unseen"].sum() + state["hidden"].sum(), state["total_need"].sum()),
        "deaths_per_100k": state["total_deaths"].sum() / people * 100_000.0,
        "restricted_days_per_person": state["total_restricted"].sum() / people,
        "peak_overload": _ratio(series[:, ROWS.index("open")].max(), served),
    }


def _learning(setup: Setup, series: Reals, daily: Columns) -> dict[str, float]:
    regret, error = daily["regret"], series[:, ROWS.index("belief_error")]
    reports = error[[day for day in range(len(error)) if is_report_day(day)]]
    lines = len(setup.land.population) * setup.land.need.shape[1]
    reached = np.flatnonzero(daily["near_best_share"] >= MOST_OF_THE_WORK)
    return {
        "belief_error": reports.mean() / lines if len(reports) else float("nan"),
        "days_to_two_thirds": float(reached[0]) if len(reached) else float("nan"),
        "relearn_days": _relearning(regret, series[:, ROWS.index("landscape")]),
        "regret_area": regret.mean(),
        "regret_early": regret[:EARLY_DAYS].mean(),
        "regret_late": regret[-LATE_DAYS:].mean(),
        "days_to_half_regret": _first_day_for_good(regret <= 0.5),
        "near_best_share": daily["near_best_share"][-1],
    }


def _relearning(regret: Reals, landscape: Reals) -> float:
    """Return the mean days from a shift until regret is as low as in the week before it, or NaN without shifts."""
    shifts = np.flatnonzero(np.diff(landscape)) + 1
    lengths = []
    for first, last in pairwise([*shifts, len(regret)]):
        made_up = np.flatnonzero(regret[first:last] <= regret[max(0, first - WEEK) : first].mean())
        lengths.append(float(made_up[0]) if len(made_up) else float(last - first))
    return float(np.mean(lengths)) if lengths else float("nan")


def _first_day_for_good(holds: NDArray[np.bool_]) -> float:
    """Return the first day from which a condition holds to the end, or NaN."""
    if not holds[-1]:
        return float("nan")
    fails = np.flatnonzero(~holds)
    return float(fails[-1] + 1) if len(fails) else 0.0


def _resources(setup: Setup, state: Columns, series: Reals) -> dict[str, float]:
    costs, uses = setup.scenario.costs, staff_days_by_use(state)
    staff_days = float(sum(uses.values()))
    people = float(setup.land.population.sum())
    unpaid = float(state["total_help"].sum()) + uses["vacant"]
    pay = (staff_days - unpaid) * costs.staff_day_gbp
    restriction = float(state["total_restricted"].sum()) * costs.restricted_day_gbp
    restriction += float(state["total_support"].sum())
    bought = float(state["total_paid"].sum() + state["total_help_paid"].sum())
    idle = np.diff(series[:, ROWS.index("idle_so_far")], prepend=0.0)
    missing = np.diff(series[:, ROWS.index("missing_so_far")], prepend=0.0)
    return {
        "cost_gbp_per_head": (pay + restriction + bought) / people,
        "cost_per_case_gbp": _ratio(pay, state["total_served"].sum()),
        "coordination_share": uses["coordination"] / staff_days,
        "analysis_share": uses["analysis"] / staff_days,
        "training_share": uses["training"] / staff_days,
        "programme_share": uses["programmes"] / staff_days,
        "idle_share": uses["idle"] / staff_days,
        "idle_while_short_share": np.minimum(idle, missing).sum() / staff_days,
    }


def _supplies(setup: Setup, state: Columns) -> dict[str, float]:
    names = ("price_gbp", "short_share", "short_days", "perished_share", "left_days", "gap")
    ordinary = setup.stretches[0].table.supply.all_ordinary
    if setup.scenario.supplies is None or ordinary == 0.0:
        return {f"supplies_{name}": float("nan") for name in names}
    wanted, used = state["total_supplies_wanted"].sum(axis=0), state["total_supplies_used"].sum(axis=0)
    bought, uses = float(state["total_bought"].sum()), supplies_by_use(state)
    missing = _ratio(wanted - used, wanted)
    lines = len(state["total_bought"]) * int((setup.stretches[0].table.supply.use > 0.0).sum())
    values = (
        float(state["total_paid"].sum()) / bought if bought > 0.0 else float("nan"),
        float(_ratio((wanted - used).sum(), wanted.sum())),
        float(state["total_shortage_days"].sum()) / lines,
        float(_ratio(uses["perished"], supplies_given(setup) + bought)),
        (uses["in_stock"] + uses["on_order"]) / ordinary,
        float(missing[SERVICES.index("social_care")] - missing[SERVICES.index("clinical_care")]),
    )
    return {f"supplies_{name}": value for name, value in zip(names, values, strict=True)}


def _help(state: Columns) -> dict[str, float]:
    there, worth = float(state["total_help"].sum()), float(state["total_help_worth"].sum())
    paid, granted = float(state["total_help_paid"].sum()), float(state["total_granted"].sum())
    undefined = float("nan")
    return {
        "help_price_gbp": paid / worth if worth > 0.0 else undefined,
        "help_used_share": float(state["total_help_used"].sum()) / there if there > 0.0 else undefined,
        "help_unspent_share": float(state["purse"].sum()) / granted if granted > 0.0 else undefined,
    }


def _equity(places: Columns) -> dict[str, float]:
    people, unmet = places["population"], places["unmet_share"]
    harm = places["harm_per_1000"]
    worst = np.argsort(-harm, kind="stable")
    before = np.cumsum(people[worst]) - people[worst]
    in_tenth = np.clip(0.1 * people.sum() - before, 0.0, people[worst])
    return {
        "unmet_gap": _gap_between_fifths(places, "deprivation_fifth"),
        "minority_gap": _gap_between_fifths(places, "minority_fifth"),
        "unmet_gini": _gini(unmet, people),
        "worst_decile_harm": (harm[worst] * in_tenth).sum() / in_tenth.sum(),
    }


def _gap_between_fifths(places: Columns, column: str) -> float:
    """Return the unmet share in the first fifth less that in the last one."""
    fifth, unmet, need = places[column], places["unmet_share"], places["need"]
    weights = [need * (fifth == number) for number in (1, int(fifth.max()))]
    first, last = (float(_ratio((unmet * part).sum(), part.sum())) for part in weights)
    return first - last


def _gini(values: Reals, weights: Reals) -> float:
    order = np.argsort(values, kind="stable")
    share = np.concatenate(([0.0], np.cumsum(weights[order]) / weights.sum()))
    total = (values * weights).sum()
    if total <= 0.0:
        return 0.0
    lorenz = np.concatenate(([0.0], np.cumsum(values[order] * weights[order]) / total))
    return float(1.0 - ((lorenz[1:] + lorenz[:-1]) * np.diff(share)).sum())


def _resilience(harm: Reals) -> dict[str, float]:
    """Return how deep, how large and how long the loss was, from daily harm; weeks are counted from day 0."""
    best = min(harm[day : day + WEEK].mean() for day in range(0, max(1, len(harm) - WEEK + 1), WEEK))
    return {
        "loss_depth": harm.max() - best,
        "loss_area": np.maximum(0.0, harm - best).sum() * 365.0 / len(harm),
        "recovery_days": _recovery(harm),
    }


def _recovery(harm: Reals) -> float:
    peak = int(np.argmax(harm))
    after = _first_day_for_good(harm[peak:] <= 0.5 * harm[peak])
    return after if harm[peak] > 0.0 else 0.0


def share_of_days(setup: Setup, state: Columns, name: str, days: int) -> float:
    """Return days counted for powers, over all days of all powers that there are, in all places."""
    scenario, powers = setup.scenario, len(ALWAYS_THERE) - 1
    powers += sum(each is not None for each in (scenario.epidemic, scenario.supplies, scenario.commissioning))
    return float(state[name].sum()) / (len(state[name]) * powers * days)


def _process(setup: Setup, state: Columns, days: int) -> dict[str, float]:
    decisions, places = state["decisions"].sum(), len(state["decisions"])
    decided = state["decided"].sum()
    mandated, talks, undefined = state["mandated"].sum(), state["talks"].sum(), float("nan")
    return {
        "decision_delay_days": state["decision_wait"].sum() / decisions if decisions > 0 else undefined,
        "information_age_days": state["decision_age"].sum() / decisions if decisions > 0 else undefined,
        "u_turns_per_place": state["u_turns"].sum() / places,
        "overrides_per_place": state["overrides"].sum() / places,
        "decision_concentration": _ratio((state["decided"] ** 2).sum(), decided**2) if decided > 0.0 else undefined,
        "days_without_owner": share_of_days(setup, state, "unowned", days),
        "days_with_two_owners": share_of_days(setup, state, "owned_twice", days),
        "failed_talks_share": state["talks_failed"].sum() / talks if talks > 0.0 else undefined,
        "mandates_refused_share": state["refused"].sum() / mandated if mandated > 0.0 else undefined,
    }


def _has_ties(setup: Setup) -> bool:
    """Return whether places have at any time somebody to trust: peers, or a holder above to report to."""
    return any(each.table.trusts_up or len(each.table.tie_place) for each in setup.stretches)


def _relations(setup: Setup, state: Columns, daily: Columns) -> dict[str, float]:
    return {
        "trust_end": daily["trust"][-1] if _has_ties(setup) else float("nan"),
        "trust_lowest": daily["trust"].min() if _has_ties(setup) else float("nan"),
        "language_end": daily["language"][-1],
        "language_lowest": daily["language"].min(),
        "confidence_end": daily["confidence"][-1],
        "confidence_lowest": daily["confidence"].min(),
        "morale_end": daily["morale"][-1],
        "morale_lowest": daily["morale"].min(),
        "staff_lost_share": state["total_left"].sum() / setup.land.staff.sum(),
    }
