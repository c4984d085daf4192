"""What theory expects of the model: patterns M1 to M11 and M14, each as checks written down beforehand.

Signs are from the sources named; sizes are not. M12 and M13, which are from data, are in `sim.study.validation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from sim.errors import InputError
from sim.paths import shipped
from sim.study.patterns import (
    Check,
    Drawn,
    Outturn,
    Pattern,
    Value,
    Where,
    about,
    as_good_somewhere,
    best_inside,
    judge,
    median_within,
    more,
    no_more,
    sooner,
)

HARM, DEATHS, DAYS, COST = "harm_per_1000", "deaths_per_100k", "restricted_days_per_person", "cost_gbp_per_head"
REGRET, EARLY, LATE, STOCK = "regret_area", "regret_early", "regret_late", "safety_stock"
POOLING = "pooling"  # is computed, and not run
WINNERS = {  # who wins where: studies that no pattern rests on
    "which_wins_full": "which_wins/full.toml",
    "across_crises_full": "across_crises/full.toml",
    "across_crises_corners": "across_crises/corners.toml",
}
CENTRAL, LOCAL = ("brisk_command", "networked_centre"), ("silos", "mesh")


def _linked_behind(study: str) -> Iterator[Check]:
    for arm in ("networked_centre", "mesh"):
        for local in (0.0, 0.3, 0.5):
            at: dict[str, Value] = {"local": local}
            says = f"links free of working time, {local:.0%} local: {arm} has more harm than the brisk mandate"
            yield more(study, says, HARM, {**at, "arm": arm}, {**at, "arm": "brisk_command"})


def _heterogeneity(study: str, trials: str) -> Iterator[Check]:
    for arm in LOCAL:
        at: dict[str, Value] = {"local": 0.0}
        says = f"{trials}, all common: {arm} has more harm than the brisk mandate"
        yield more(study, says, HARM, {**at, "arm": arm}, {**at, "arm": "brisk_command"})
    for local in (0.75, 1.0):
        for arm in LOCAL:
            at = {"local": local}
            says = f"{trials}, {local:.0%} local: the brisk mandate has more harm than {arm}"
            yield more(study, says, HARM, {**at, "arm": "brisk_command"}, {**at, "arm": arm})
    says = f"{trials}, in between: a linked structure is best, or as good as the best"
    between = [{"local": 0.3}, {"local": 0.5}]
    yield as_good_somewhere(study, says, HARM, ["networked_centre", "mesh"], ["brisk_command", "silos"], between)


M1 = Pattern(
    "M1",
    "Heterogeneity",
    "Where what works is the same everywhere, a brisk national mandate does less harm than silos and than a mesh; "
    "where three quarters of it or more is local, local choice does less harm than the mandate; in between a linked "
    "structure is best, or tied, somewhere. With trials and without.",
    "Oates (1972); Kollman, Miller and Page (2000).",
    {
        "heterogeneity_full": "heterogeneity/full.toml",
        "heterogeneity_without_trials": "heterogeneity/full_without_trials.toml",
        "heterogeneity_free_links": "heterogeneity/full_free_links.toml",
    },
    (
        *_heterogeneity("heterogeneity_full", "trials as shipped"),
        *_heterogeneity("heterogeneity_without_trials", "no trials"),
    ),
    Drawn("heterogeneity_full", HARM, "local"),
    tuple(_linked_behind("heterogeneity_free_links")),
)


def _spillover() -> Iterator[Check]:
    study, one, each = "spillover_full", {"arm": "one_choice"}, {"arm": "each_place"}
    for outcome, name in ((DEATHS, "deaths"), (DAYS, "restricted days"), (COST, "cost")):
        near: dict[str, Value] = {"preference": 1.0, "mixing": 0.01}
        far: dict[str, Value] = {"preference": 1.0, "mixing": 0.5}
        says = f"hardly coupled: choice by each place has no more {name} than one choice for all"
        yield no_more(study, says, outcome, {**near, **each}, {**near, **one})
        says = f"closely coupled: choice by each place has more {name}"
        yield more(study, says, outcome, {**far, **each}, {**far, **one})
        says = f"the excess of choice by each place in {name} is larger closely coupled than hardly coupled"
        yield more(study, says, outcome, [{**far, **each}, {**near, **one}], [{**far, **one}, {**near, **each}])


M2 = Pattern(
    "M2",
    "Spill-over",
    "As places are coupled more closely, independent local choice on limiting contact goes from no worse to worse than "
    "one choice for all, where places differ in what they prefer.",
    "Ruktanonchai and others (2020); Karatayev, Anand and Bauch (2020).",
    {"spillover_full": "spillover/full.toml"},
    tuple(_spillover()),
    Drawn("spillover_full", DAYS, "mixing", "preference"),
)


def _delay() -> Iterator[Check]:
    study = "delay_full"
    for arm, owner, who in (
        ("nation_decides", "place", "the nation decides, places own the data"),
        ("place_decides", "nation", "places decide, the nation owns the data"),
    ):
        path: dict[str, Value] = {"arm": arm, "owner": owner}
        for days in (7.0, 14.0, 21.0, 28.0):
            says = f"{who}: more deaths at {days:.0f} days on the way than at {days - 7.0:.0f}"
            yield more(study, says, DEATHS, {**path, "delay": days}, {**path, "delay": days - 7.0})
    for arm, owner, who in (
        ("nation_decides", "nation", "the nation decides and owns the data"),
        ("place_decides", "place", "places decide and own the data"),
    ):
        path = {"arm": arm, "owner": owner}
        says = f"{who}: no more deaths at 28 days on the way than at none"
        yield no_more(study, says, DEATHS, {**path, "delay": 28.0}, {**path, "delay": 0.0})


M3 = Pattern(
    "M3",
    "Delay",
    "Delay counts from the owner of the data to whoever decides: harm rises with each week on that path. Data held by "
    "the centre hurt local deciders, data held locally hurt the centre.",
    "Facts T15 to T18: directors of public health could not see test data for months in 2020.",
    {"delay_full": "delay/full.toml"},
    tuple(_delay()),
    Drawn("delay_full", DEATHS, "delay", "owner"),
)


def _sharing() -> Iterator[Check]:
    study, dense, few = "sharing_full", {"arm": "all_linked"}, {"arm": "few_links"}
    says = "the first 90 days, all settings together: few links leave more to be learnt"
    yield more(study, says, EARLY, few, dense)
    for trials in ("none", "anyone"):
        at: dict[str, Value] = {"trials": trials, "local": 0.5, "believed": 0.01}
        says = f"the last 90 days, pooling ignores how places differ, trials: {trials}: all linked leave more"
        yield more(study, says, LATE, {**at, **dense}, {**at, **few})
    for local in (0.0, 0.5):
        at = {"trials": "none", "local": local, "believed": 0.5}
        says = f"the last 90 days, nobody may try, {local:.0%} local: all linked leave more"
        yield more(study, says, LATE, {**at, **dense}, {**at, **few})


M4 = Pattern(
    "M4",
    "Dense sharing",
    "Dense sharing is faster early and can be worse late: where pooling ignores how places differ, or where nobody is "
    "licensed to try.",
    "Lazer and Friedman (2007); Zollman (2007).",
    {"sharing_full": "sharing/full.toml"},
    tuple(_sharing()),
    Drawn("sharing_full", LATE, "local", "believed"),
)


def _density() -> Iterator[Check]:
    study = "link_density_full"
    for outcome, name in ((HARM, "harm"), (REGRET, "what is left to be learnt")):
        says = f"no shared base: {name} is lowest at some number of ties, above none and below 32"
        yield best_inside(study, says, outcome, "degree", {"arm": "no_base"})
        says = f"ties from 2 to 16 save more {name} without a shared base than with one"
        bare, base = {"arm": "no_base"}, {"arm": "open_base"}
        few: dict[str, Value] = {"degree": 2.0}
        many: dict[str, Value] = {"degree": 16.0}
        yield more(study, says, outcome, [{**bare, **few}, {**base, **many}], [{**bare, **many}, {**base, **few}])


M5 = Pattern(
    "M5",
    "Link density",
    "The number of links has an inner optimum where there is no shared base; with a trusted one, fewer links do.",
    "Manso (2012); fact O7: 152 councils all to all are 11,476 pairs.",
    {"link_density_full": "link_density/full.toml"},
    tuple(_density()),
    Drawn("link_density_full", HARM, "degree"),
)


def _pooling() -> Iterator[Check]:
    apart = {"arm": "apart"}
    for arm, how in (("by_shortage", "supplies, by shortage"), ("by_seen_need", "surge staff, by seen need")):
        for n in (4, 9, 25):
            for r in (0.0, 0.25, 1.0):
                at: dict[str, Value] = {"places": n, "correlation": r}
                expected = n / (n + n * (n - 1) * r) ** 0.5
                says = f"{how}: {n} places, correlation {r:g}: apart over together is {expected:.3f}"
                yield about(POOLING, says, STOCK, expected, {**at, **apart}, {**at, "arm": arm})


M6 = Pattern(
    "M6",
    "Pooling",
    "On the rules by which the model shares out: the reserve for a level of service falls as the root of n with "
    "independent demand, and not at all at correlation 1.",
    "Eppen (1979).",
    {POOLING: ""},
    tuple(_pooling()),
    Drawn(POOLING, STOCK, "places", "correlation"),
)


def _purchasing() -> Iterator[Check]:
    study, one, each = "purchasing_full", {"arm": "one_buyer"}, {"arm": "each_place"}
    scarce: dict[str, Value] = {"supply": 0.8, "waves": 0.6}
    slack: dict[str, Value] = {"supply": 5.0, "waves": 2.0}
    for outcome, name in ((COST, "cost"), (HARM, "harm")):
        says = f"scarcity, needs alike: each place buying for itself has more {name} than one buyer"
        yield more(study, says, outcome, {**scarce, **each}, {**scarce, **one})
        says = f"slack markets, needs differ: one buyer has more {name} than each place for itself"
        yield more(study, says, outcome, {**slack, **one}, {**slack, **each})


M7 = Pattern(
    "M7",
    "Purchasing",
    "A single buyer wins in scarcity; local buying wins where needs differ and markets are slack.",
    "Facts C1 and P1 to P9 on buying protective equipment in 2020.",
    {"purchasing_full": "purchasing/full.toml"},
    tuple(_purchasing()),
    Drawn("purchasing_full", COST, "supply", "waves"),
)

TWO_THIRDS = "days_to_two_thirds"
TRIAL_RUN = 240.0  # days: the last on which two thirds can have been reached
RECORDED = (56.0, 182.0)  # days: 8 to 26 weeks, around the thirteen of fact T8; written down before any run


def _shared_trial() -> Iterator[Check]:
    study, both = "shared_trial_full", {"arm": "networked_centre"}
    trial: dict[str, Value] = {"protocol": 0.05, "local": 0.0}
    none: dict[str, Value] = {"protocol": 0.0, "local": 0.0}
    spans = ((EARLY, "first"), (LATE, "last"))
    for arm, who in (("silos", "places alone"), ("command", "a centre far from the front line")):
        for outcome, span in spans:
            says = f"a shared trial: more is left to learn in the {span} 90 days by {who} than by authority with links"
            yield more(study, says, outcome, {**trial, "arm": arm}, {**trial, **both})
    for outcome, span in spans:
        says = f"authority with links: more is left to learn in the {span} 90 days without a shared trial than with one"
        yield more(study, says, outcome, {**none, **both}, {**trial, **both})
    says = "a shared trial: good practice reaches two thirds later with links and no authority than with both"
    yield more(study, says, TWO_THIRDS, {**trial, "arm": "council_led"}, {**trial, **both}, TRIAL_RUN)
    says = "a shared trial: good practice reaches two thirds later with places alone than with links and no authority"
    yield more(study, says, TWO_THIRDS, {**trial, "arm": "silos"}, {**trial, "arm": "council_led"}, TRIAL_RUN)


def _spread_without_authority() -> Iterator[Check]:
    for arm, who in (("council_led", "links and no authority"), ("silos", "places alone")):
        says = f"no trial, {who}: in the median crisis good practice reaches two thirds in 56 to 182 days"
        where: Where = {"protocol": 0.0, "local": 0.0, "arm": arm}
        yield median_within("shared_trial_full", says, TWO_THIRDS, RECORDED, where, TRIAL_RUN)


M8 = Pattern(
    "M8",
    "A shared trial",
    "A shared protocol with many local recruiters and authority to act at once finds what works sooner than places "
    "alone or a centre without the front line, and it is adopted at once; without authority and links a good practice "
    "takes longer to two thirds of places.",
    "Facts C6 and C7 on the RECOVERY trial; T8 on how local partnerships in tracing spread.",
    {"shared_trial_full": "shared_trial/full.toml"},
    tuple(_shared_trial()),
    Drawn("shared_trial_full", EARLY, "protocol", "local"),
    tuple(_spread_without_authority()),
)

LOSSES = {
    "centre_lost": "no succession",
    "centre_lost_deputy": "a deputy after a fortnight",
    "centre_lost_below": "the tier below after a fortnight",
}


def _losing() -> Iterator[Check]:
    study = "losing_the_centre_full"
    for lost, how in LOSSES.items():
        for arm in CENTRAL:
            says = f"the centre lost, {how}: {arm} has more harm than with nothing lost"
            at = _changing(arm)
            yield more(study, says, HARM, {**at, "scenario": lost}, {**at, "scenario": "whole"})
        says = f"the centre lost, {how}: it costs the central corners more harm than the local ones"
        central: Where = {"gap": 60.0, "arm": CENTRAL}
        local: Where = {"gap": 60.0, "arm": LOCAL}
        yield _costs_more(study, says, HARM, central, local, lost)
    for outcome, name in ((HARM, "harm"), (LATE, "late regret")):
        says = f"the best-connected place lost: it costs a hub more {name} than a mesh, neither with a shared base"
        hub, mesh, alone, both = (_changing(arm) for arm in ("hub", "mesh_without_base", "base_alone", "mesh"))
        yield _costs_more(study, says, outcome, hub, mesh, "hub_lost")
        says = f"the base's host lost: it costs those who lean on the base alone more {name} than those with links too"
        yield _costs_more(study, says, outcome, alone, both, "base_lost")
        says = f"the base's host lost: it costs those with links too more {name} than those without a base"
        yield _costs_more(study, says, outcome, both, mesh, "base_lost")


def _changing(arm: str) -> Where:
    """Return an arm's runs in which what works changes every two months or so."""
    return {"gap": 60.0, "arm": arm}


def _losing_free_links() -> Iterator[Check]:
    study = "losing_free_links"
    hub, mesh, both, alone = (_changing(arm) for arm in ("hub", "mesh_without_base", "mesh", "base_alone"))
    for outcome, name in ((HARM, "harm"), (REGRET, "regret")):
        says = f"links free of working time, the best-connected place lost: it costs a hub more {name} than a mesh"
        yield _costs_more(study, says, outcome, hub, mesh, "hub_lost")
        says = f"links free of working time, the base's host lost: it costs those with a base alone more {name}"
        yield _costs_more(study, says, outcome, alone, both, "base_lost")
        says = (
            f"links free of working time, the base's host lost: it costs those with both more {name} than those without"
        )
        yield _costs_more(study, says, outcome, both, mesh, "base_lost")


def _costs_more(study: str, says: str, outcome: str, one: Where, other: Where, lost: str) -> Check:
    """Return a check that a loss costs some arms more than others, against the same crises with nothing lost."""
    high: list[Where] = [{**one, "scenario": lost}, {**other, "scenario": "whole"}]
    low: list[Where] = [{**one, "scenario": "whole"}, {**other, "scenario": lost}]
    return more(study, says, outcome, high, low)


M9 = Pattern(
    "M9",
    "Losing the centre, a hub or a host",
    "Losing the centre while something changes hurts central powers most, with succession and without; losing the "
    "best-connected place hurts a hub more than a mesh; losing the open base's host hurts whoever leans on it.",
    "Work on the robustness of networks.",
    {
        "losing_the_centre_full": "losing_the_centre/full.toml",
        "losing_free_links": "losing_the_centre/free_links.toml",
    },
    tuple(_losing()),
    Drawn("losing_the_centre_full", HARM, "scenario", where={"gap": 60.0}),
    tuple(_losing_free_links()),
)


def _candour() -> Iterator[Check]:
    study = "candour_full"
    low: dict[str, Value] = {"candour": 0.1}
    full: dict[str, Value] = {"candour": 1.0}
    for arm in (*CENTRAL, *LOCAL):
        says = f"{arm}: more is left to be learnt at a candour of 0.1 than at 1"
        yield more(study, says, REGRET, {**low, "arm": arm}, {**full, "arm": arm})
    for centre, local in (("brisk_command", "silos"), ("networked_centre", "mesh")):
        says = f"low candour slows {centre} more than {local}, with links alike"
        high = [{**low, "arm": centre}, {**full, "arm": local}]
        yield more(study, says, REGRET, high, [{**full, "arm": centre}, {**low, "arm": local}])


M10 = Pattern(
    "M10",
    "Candour",
    "Low candour slows learning everywhere; most where evidence climbs tiers and mandates rest on it.",
    "Facts L10 to L13 on psychological safety.",
    {"candour_full": "candour/full.toml"},
    tuple(_candour()),
    Drawn("candour_full", REGRET, "candour"),
)


def _turbulence() -> Iterator[Check]:
    study = "turbulence_full"
    fast: dict[str, Value] = {"gap": 30.0}
    still: dict[str, Value] = {"gap": 3650.0}
    for outcome, name in ((HARM, "harm"), (REGRET, "left to be learnt")):
        for who in ("places", "centre"):
            quick, slow = {"arm": f"quick_{who}"}, {"arm": f"slow_{who}"}
            says = f"{who}: deciding slowly costs more {name} where what works shifts monthly than where it never does"
            yield more(
                study, says, outcome, [{**fast, **slow}, {**still, **quick}], [{**fast, **quick}, {**still, **slow}]
            )


M11 = Pattern(
    "M11",
    "Turbulence",
    "The faster the world changes, the more slow cadence, approvals and reversal cost hurt.",
    "Siggelkow and Rivkin (2005).",
    {"turbulence_full": "turbulence/full.toml"},
    tuple(_turbulence()),
    Drawn("turbulence_full", HARM, "gap"),
)


def _low_trust() -> Iterator[Check]:
    study, mesh, hierarchy = "low_trust_full", {"arm": "mesh"}, {"arm": "hierarchy"}
    for local in (0.5, 0.75):
        distrust: dict[str, Value] = {"start": 0.05, "local": local}
        none: dict[str, Value] = {**distrust, "boost": 0.0}
        much: dict[str, Value] = {**distrust, "boost": 5.0}
        early, late = {"days": 28}, {"days": 273}
        where = f"little trust, {local:.0%} local"
        says = f"{where}: over the first 28 days the mesh has more harm than the hierarchy"
        yield more(study, says, HARM, {**none, **early, **mesh}, {**none, **early, **hierarchy})
        says = f"{where}: over all 273 days the hierarchy has more harm than the mesh"
        yield more(study, says, HARM, {**none, **late, **hierarchy}, {**none, **late, **mesh})
        says = f"{where}: leadership development that does much saves the mesh more harm than the hierarchy"
        high = [{**none, **late, **mesh}, {**much, **late, **hierarchy}]
        yield more(study, says, HARM, high, [{**much, **late, **mesh}, {**none, **late, **hierarchy}])
        says = f"{where}: with leadership development that does much the mesh overtakes sooner"
        yield sooner(study, says, HARM, "days", ("mesh", "hierarchy"), none, much)


M14 = Pattern(
    "M14",
    "Low trust",
    "Starting with low trust, a mesh loses to a hierarchy for a while; the time to overtake falls with leadership "
    "development.",
    "Facts L14 and L15.",
    {"low_trust_full": "low_trust/full.toml"},
    tuple(_low_trust()),
    Drawn("low_trust_full", HARM, "days", "local", {"start": 0.05, "boost": 0.0}),
)

PATTERNS = {each.id: each for each in (M1, M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M14)}


def chosen_patterns(words: Sequence[str]) -> list[Pattern]:
    """Return the patterns that ids stand for; all without any.

    Raises
    ------
    InputError
        If an id is none.
    """
    known = {name.lower(): each for name, each in PATTERNS.items()}
    for word in words:
        if word.lower() not in known:
            raise InputError(f'there is no pattern "{word}".', f"Choose from: {', '.join(PATTERNS)}.")
    return [known[word.lower()] for word in dict.fromkeys(words)] or list(PATTERNS.values())


def judged(patterns: Sequence[Pattern], runs_of: Callable[[str], pd.DataFrame]) -> list[Outturn]:
    """Return what came of patterns: parameters as for `sim.study.patterns.judge`."""
    return [judge(each, runs_of) for each in patterns]


def study_file_of(name: str) -> Path:
    """Return the file of a study that patterns, or the tables of winners, rest on."""
    files = {study: file for each in PATTERNS.values() for study, file in each.studies.items()} | WINNERS
    return shipped("experiments") / files[name]
