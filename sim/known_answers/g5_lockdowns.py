"""G5. Closing where the outbreak is, or everywhere at once.

Claim
-----
If each region closes by its own count of cases, far fewer days of restriction are needed than if all close by the
national count, as long as regions mix little; as mixing becomes complete the gain is gone. Regions whose thresholds
differ undo part of each other's work (Karatayev, Anand and Bauch 2020; Bittihn and others 2021).

Citation
--------
V. A. Karatayev, M. Anand and C. T. Bauch, "Local lockdowns outperform global lockdown on the far side of the COVID-19
epidemic curve", PNAS 117(39):24575-24580, 2020, doi 10.1073/pnas.2014385117. P. Bittihn, L. Hupe, J. Isensee and R.
Golestanian, "Local measures enable COVID-19 containment with fewer restrictions due to cooperative effects",
EClinicalMedicine 32:100718, 2021, doi 10.1016/j.eclinm.2020.100718. W. O. Kermack and A. G. McKendrick, Proc. R. Soc. A
115:700-721, 1927, for the final size.

Definition
----------
A minimal model, not theirs. Regions of equal size; susceptible, infectious, recovered people in whole numbers; a day at
a time. An infectious person makes R / T contacts a day that infect the susceptible, R = 1.5 where the person's region
is open and .6 where it is closed, and recovers with chance 1 - exp(-1/T), T = 7 days. A share xi ("mixing") of the
contacts goes to all regions alike, the rest to the own region. Susceptible people are infected independently, with
chance 1 - exp(-contacts received / population). A region closes when its active cases per 100,000 are above a
threshold, and opens after 14 days in a row not above it; with a national trigger, all close and open together by the
national count. 200 people in random regions are infectious on day 0. Told are the days of restriction of a mean person,
and the share ever infected.

Without triggers and with one region the share ever infected is the final size z = 1 - exp(-R z) of the *effective* R:
in steps of a day with geometric recovery an infectious person makes (R/T) / (1 - exp(-1/T)) contacts in all, which
for R = 1.5 and T = 7 is 1.61.

Variant
-------
The count that decides is the one at the start of the day; a day closed counts as one day of restriction. Levels are
those of an independent program, from as many runs as ours (40); its own error, of the same size as ours, is not added
to the tolerance. Shares that it prints with one or two digits may differ by half of the last one besides.

For use beyond the case: any size, number and coupling of regions, any thresholds, and regions that close together in
any groups (`spread`); besides, for how long a closure lasts at least, and how far below the threshold a day counts as
calm (`Outbreak`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.known_answers.case import Case, Check, exact, generator, level, mean_and_error, ordering

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

FIRST_ITEM = 5000
RUNS = {False: 16, True: 40}
MIXINGS_TOLD = (0.0, 0.01, 0.1, 1.0)
PER = 100_000.0  # thresholds are in active cases per this many people


# --- final size ----------------------------------------------------------------------------------------------


def final_size(reproduction: float, seeded: float = 0.0) -> float:
    """Return the share ever infected in a large, mixed population: the largest root of z = 1 - (1 - s) exp(-R z).

    Parameters
    ----------
    reproduction
        R.
    seeded
        Share s that is infected from outside; with 0, and R of at most 1, the answer is 0.
    """
    if reproduction <= 1.0 and seeded == 0.0:
        return 0.0
    share = 1.0
    for _ in range(200):  # Newton's method; from 1 it falls to the root without passing it
        left = (1.0 - seeded) * exp(-reproduction * share)
        share -= (share - 1.0 + left) / (1.0 - reproduction * left)
    return share


def effective_reproduction(reproduction: float, days: float) -> float:
    """Return the contacts that an infectious person makes in all where days are counted in whole steps.

    Parameters
    ----------
    reproduction
        Contacts in continuous time: R / T a day over a mean of T days.
    days
        T.
    """
    return reproduction / days / (1.0 - exp(-1.0 / days))


# --- the model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outbreak:
    """A country, an infection and a rule for closing.

    Parameters
    ----------
    regions, people
        How many regions, and people in each.
    open_r, closed_r
        Contacts of an infectious person, over the infection, in an open and in a closed region.
    days_infectious
        Mean length of the infection.
    mixing
        Share of contacts that goes to all regions alike, in [0, 1].
    threshold
        Active cases per 100,000 above which is closed; infinite for never.
    threshold_spread
        Standard deviation of the logarithm of regions' thresholds around it; the mean stays (lognormal).
    national
        Whether all close together by the national count.
    calm_days
        Days in a row, not above the threshold, after which is opened.
    calm_share
        Share of the threshold which the count must not be above on a calm day; with less than 1, opening is stricter
        than closing.
    least_days
        Days that a closure lasts at least.
    seeds
        People infectious on day 0, in random regions.
    days
        Length of a run.
    """

    regions: int = 100
    people: int = 20_000
    open_r: float = 1.5
    closed_r: float = 0.6
    days_infectious: float = 7.0
    mixing: float = 0.01
    threshold: float = 10.0
    threshold_spread: float = 0.0
    national: bool = False
    calm_days: int = 14
    calm_share: float = 1.0
    least_days: int = 0
    seeds: int = 200
    days: int = 1825


@dataclass(frozen=True)
class Course:
    """What came of each run; shape (runs,).

    Parameters
    ----------
    restricted_days
        Days of restriction of a mean person.
    attack
        Share of people ever infected.
    """

    restricted_days: Floats
    attack: Floats


def spread(
    outbreak: Outbreak,
    runs: int,
    draws: np.random.Generator,
    coupling: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    thresholds: npt.ArrayLike | None = None,
) -> Course:
    """Let the infection run its course, many times over.

    Parameters
    ----------
    outbreak
        The setting.
    runs
        How many runs.
    draws
        Where the random numbers come from.
    coupling
        Shape (regions, regions): entry [i, j] is the share of the contacts of region i that goes to region j, rows
        summing to 1; without it, `Outbreak.mixing` decides.
    groups
        Shape (regions,): the group, numbered from 0, that each region closes with, by the group's mean count and mean
        threshold; without it, each closes by itself, or with `Outbreak.national` all together.
    thresholds
        Shape (regions,): active cases per 100,000 above which each closes; without it, those of `Outbreak`.
    """
    home = np.full(outbreak.regions, 1.0 / outbreak.regions)
    infectious = np.minimum(draws.multinomial(outbreak.seeds, home, size=runs), outbreak.people)
    susceptible = outbreak.people - infectious
    trigger = _trigger(outbreak, runs, draws, groups, thresholds)
    goes = None if coupling is None else np.asarray(coupling, dtype=float)
    restricted = np.zeros(runs)
    recovery = 1.0 - exp(-1.0 / outbreak.days_infectious)
    for _ in range(outbreak.days):
        closed = trigger.closed_today(infectious)
        if not (infectious.any() or closed.any()):
            break
        restricted += closed.mean(axis=1)
        made = np.where(closed, outbreak.closed_r, outbreak.open_r) / outbreak.days_infectious * infectious
        hazard = _received(made, outbreak.mixing, goes) / outbreak.people
        infected = draws.binomial(susceptible, -np.expm1(-hazard))
        infectious = infectious + infected - draws.binomial(infectious, recovery)
        susceptible = susceptible - infected
    return Course(restricted, 1.0 - susceptible.mean(axis=1) / outbreak.people)


@dataclass
class Trigger:
    """What closes and opens groups of regions.

    Parameters
    ----------
    outbreak
        The setting.
    group
        Shape (regions,): whose count each goes by.
    members
        Shape (regions, groups): 1 where a region belongs to a group, else 0.
    limits
        Shape (runs, groups): active cases a region above which a group closes.
    closed
        Shape (runs, groups): whether a group is closed.
    calm, closed_days
        Shape (runs, groups): calm days in a row, and days since it closed.
    """

    outbreak: Outbreak
    group: Whole
    members: Floats
    limits: Floats
    closed: Truths
    calm: Whole
    closed_days: Whole

    def closed_today(self, infectious: Whole) -> Truths:
        """Close where cases are above the threshold, open after enough calm days; return it for each region."""
        seen = infectious @ self.members / self.members.sum(axis=0)  # whole numbers first: exact at the threshold
        above = seen > self.limits
        self.calm += 1
        self.calm[seen > self.outbreak.calm_share * self.limits] = 0
        self.closed_days += 1
        self.closed_days[above & ~self.closed] = 0
        self.closed |= above
        self.closed &= (self.calm < self.outbreak.calm_days) | (self.closed_days < self.outbreak.least_days)
        return np.asarray(self.closed[:, self.group])


def _trigger(
    outbreak: Outbreak,
    runs: int,
    draws: np.random.Generator,
    groups: npt.ArrayLike | None,
    thresholds: npt.ArrayLike | None,
) -> Trigger:
    alone = np.zeros(outbreak.regions) if outbreak.national else np.arange(outbreak.regions)
    group = np.asarray(alone if groups is None else groups, dtype=np.int64)
    belongs = np.equal.outer(group, np.arange(group.max() + 1))
    each = _limits(outbreak, runs, draws, thresholds)
    limits = np.column_stack([each[:, members].mean(axis=1) for members in belongs.T])
    closed, calm = np.zeros(limits.shape, dtype=bool), np.zeros(limits.shape, dtype=np.int64)
    return Trigger(outbreak, group, belongs.astype(float), limits, closed, calm, calm.copy())


def _limits(outbreak: Outbreak, runs: int, draws: np.random.Generator, thresholds: npt.ArrayLike | None) -> Floats:
    """Return the active cases above which each region closes: shape (runs, regions), lognormal around the threshold."""
    z = draws.standard_normal((runs, outbreak.regions))
    factor = np.exp(outbreak.threshold_spread * z - outbreak.threshold_spread**2 / 2.0)
    middle = outbreak.threshold if thresholds is None else np.asarray(thresholds, dtype=float)
    return np.asarray(middle * factor * outbreak.people / PER)


def _received(made: Floats, mixing: float, goes: Floats | None) -> Floats:
    """Return the infectious contacts that reach each region."""
    if goes is not None:
        return np.asarray(made @ goes)
    return np.asarray((1.0 - mixing) * made + mixing * made.mean(axis=1, keepdims=True))


# --- the case ------------------------------------------------------------------------------------------------

COUNTRY = Outbreak()
# Threshold, mixing: days of restriction by an independent program, from 40 runs: local, national.
REFERENCE = {
    (10.0, 0.0): (21.6, 448.0),  # standard errors .3 and 9
    (10.0, 0.01): (22.0, 1018.0),  # .3, 2
    (10.0, 0.1): (25.0, 1091.0),  # .5, 2
    (10.0, 1.0): (743.0, 1096.0),  # 2, 2
    (50.0, 0.0): (44.4, 376.0),  # 1, 5
    (50.0, 0.01): (66.7, 974.0),  # 2, 2
    (50.0, 0.03): (299.0, 1005.0),  # 5, 1
    (50.0, 0.1): (685.0, 1018.0),  # 2, 1
    (50.0, 1.0): (892.0, 1022.0),  # 1, 1
}
REFERENCE_ATTACK = {
    (10.0, 0.0, False): 0.0004,
    (10.0, 0.0, True): 0.011,
    (10.0, 0.01, True): 0.018,
    (10.0, 1.0, False): 0.015,
    (10.0, 1.0, True): 0.018,
    (50.0, 0.0, False): 0.0037,
    (50.0, 0.0, True): 0.048,
    (50.0, 0.01, False): 0.0056,
    (50.0, 0.01, True): 0.087,
    (50.0, 0.03, False): 0.026,
    (50.0, 0.1, False): 0.061,
    (50.0, 0.1, True): 0.088,
    (50.0, 1.0, False): 0.093,
    (50.0, 1.0, True): 0.089,
}
REFERENCE_SPREAD = {0.0: 22.0, 0.5: 24.4, 1.0: 28.7, 1.5: 37.7}  # threshold 10, mixing .01, local
REFERENCE_UNEVEN_ATTACK = 0.0018  # spread 1.5
SIZES = {1.5: 0.58281, 2.0: 0.79681, 2.5: 0.89264, 3.0: 0.94048}


@cache
def cell(threshold: float, mixing: float, national: bool, runs: int, seed: int, uneven: float = 0.0) -> Course:
    """Return the runs of one cell of the table; all cells have the same seed."""
    outbreak = replace(COUNTRY, threshold=threshold, mixing=mixing, national=national, threshold_spread=uneven)
    return spread(outbreak, runs, generator(seed, FIRST_ITEM))


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        40 runs a cell; else 16.
    seed
        Seed of all draws.
    """
    runs = RUNS[full]
    return [
        *_size_checks(full, seed),
        *_level_checks(runs, seed),
        *_order_checks(runs, seed),
        *_uneven_checks(runs, seed),
    ]


def _size_checks(full: bool, seed: int) -> list[Check]:
    checks = [
        exact(f"final size for R = {r}", f"{z} (exact)", z, final_size(r), 5e-6 + 1e-12) for r, z in SIZES.items()
    ]
    effective = effective_reproduction(1.5, 7.0)
    checks.append(exact("effective R of R = 1.5 over 7 days, in days", "1.61", 1.61, effective, 0.005))
    one = Outbreak(regions=1, people=1_000_000, mixing=0.0, threshold=float("inf"), seeds=1000)
    attack = spread(one, 40 if full else 20, generator(seed, FIRST_ITEM + 1)).attack
    ours, se = mean_and_error(attack)
    claim = "share ever infected without closing, beside the exact one"
    return [*checks, level(claim, ".645", final_size(effective, 0.001), ours, se)]


def _level_checks(runs: int, seed: int) -> list[Check]:
    """Return the checks of levels, which nobody published: those of an independent program."""
    checks = []
    for (threshold, mixing), references in REFERENCE.items():
        for national, reference in zip((False, True), references, strict=True):
            ours, se = mean_and_error(cell(threshold, mixing, national, runs, seed).restricted_days)
            who = "national" if national else "local"
            claim = f"{who}, threshold {threshold:g}, mixing {mixing:g}: days of restriction"
            checks.append(level(claim, "-", reference, ours, se))
    for (threshold, mixing, national), reference in REFERENCE_ATTACK.items():
        ours, se = mean_and_error(cell(threshold, mixing, national, runs, seed).attack)
        who = "national" if national else "local"
        claim = f"{who}, threshold {threshold:g}, mixing {mixing:g}: share ever infected"
        printed = 0.0005 if reference >= 0.01 else 0.00005  # half of the reference's last digit
        checks.append(level(claim, "-", reference, ours, se, printed))
    return checks


def _order_checks(runs: int, seed: int) -> list[Check]:
    checks, ratios = [], {}
    for threshold, mixing in REFERENCE:
        local, national = (cell(threshold, mixing, which, runs, seed).restricted_days for which in (False, True))
        gap, se = mean_and_error(national - local)
        claim = f"local closes less than national, threshold {threshold:g}, mixing {mixing:g}"
        checks.append(ordering(claim, "yes", gap, se))
        ratios[threshold, mixing] = mean_and_error(local / national)
    for threshold, mixing in REFERENCE:
        if mixing < 1.0:
            (most, error), (least, other) = ratios[threshold, 1.0], ratios[threshold, mixing]
            claim = f"local / national is nearer 1 with full mixing than with {mixing:g}, threshold {threshold:g}"
            checks.append(ordering(claim, "yes", most - least, float(np.hypot(error, other))))
    for mixing in (0.0, 0.01, 0.1):
        low, high = (cell(threshold, mixing, False, runs, seed).restricted_days for threshold in (10.0, 50.0))
        gap, se = mean_and_error(high - low)
        checks.append(ordering(f"local, a lower threshold closes less in all, mixing {mixing:g}", "yes", gap, se))
    return checks


def _uneven_checks(runs: int, seed: int) -> list[Check]:
    checks = []
    for uneven, reference in REFERENCE_SPREAD.items():
        ours, se = mean_and_error(cell(10.0, 0.01, False, runs, seed, uneven).restricted_days)
        claim = f"local, thresholds with a spread of {uneven:g} around 10: days of restriction"
        checks.append(level(claim, "-", reference, ours, se))
    even, uneven_cell = (cell(10.0, 0.01, False, runs, seed, spread_of) for spread_of in (0.0, 1.5))
    ours, se = mean_and_error(uneven_cell.attack)
    claim = "local, thresholds with a spread of 1.5 around 10: share ever infected"
    checks.append(level(claim, "-", REFERENCE_UNEVEN_ATTACK, ours, se, 0.00005))
    for what, more, less in (
        ("days of restriction", uneven_cell.restricted_days, even.restricted_days),
        ("infections", uneven_cell.attack, even.attack),
    ):
        gap, se = mean_and_error(more - less)
        checks.append(ordering(f"uneven thresholds cost more {what}", "yes (Karatayev)", gap, se))
    return checks


def figure(full: bool, seed: int) -> Figure:
    """Draw days of restriction by mixing, local and national, for both thresholds, and what uneven thresholds cost.

    Parameters
    ----------
    full, seed
        As for `run`, whose runs are used.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only a drawing needs it

    runs = RUNS[full]
    drawing = Figure(figsize=(12, 4), layout="constrained")
    panels = drawing.subplots(1, 3)
    for axes, threshold in zip(panels, (10.0, 50.0), strict=False):
        mixings = [mixing for each, mixing in REFERENCE if each == threshold]
        for national, mark in ((False, "o"), (True, "s")):
            cells = [mean_and_error(cell(threshold, m, national, runs, seed).restricted_days) for m in mixings]
            label = "national trigger" if national else "local triggers"
            axes.errorbar(mixings, [m for m, _ in cells], [2 * e for _, e in cells], marker=mark, label=label)
        axes.set_xscale("symlog", linthresh=0.01)
        axes.set_xticks(MIXINGS_TOLD, [f"{m:g}" for m in MIXINGS_TOLD])
        axes.set(
            xlabel="share of contacts that go anywhere",
            ylabel="days of restriction, mean person",
            title=f"threshold {threshold:g} per 100,000",
            ylim=(0, 1300),
        )
        axes.legend(fontsize=8, loc="upper left", ncols=2)
    _draw_uneven(panels[2], runs, seed)
    return drawing


def _draw_uneven(axes: Axes, runs: int, seed: int) -> None:
    """Draw what uncoordinated thresholds cost, beside one national trigger's cost."""
    courses = [cell(10.0, 0.01, False, runs, seed, spread_of) for spread_of in REFERENCE_SPREAD]
    spreads = list(REFERENCE_SPREAD)
    days = [mean_and_error(each.restricted_days) for each in courses]
    infected = [mean_and_error(1e5 * each.attack) for each in courses]
    label = "days of restriction, mean person"
    axes.errorbar(spreads, [m for m, _ in days], [2 * e for _, e in days], marker="o", color="C0", label=label)
    label = "ever infected per 100,000"
    other = axes.twinx()
    other.errorbar(
        spreads, [m for m, _ in infected], [2 * e for _, e in infected], marker="s", color="C1", ls="--", label=label
    )
    other.set(ylabel=label, ylim=(0, 420))
    other.spines["right"].set_visible(True)
    other.grid(visible=False)
    axes.set(
        xlabel="spread of thresholds (sd of logarithm)",
        ylabel="days of restriction, mean person",
        title="local, uneven thresholds, mean 10",
        ylim=(0, 70),
    )
    handles = [each.get_legend_handles_labels() for each in (axes, other)]
    axes.legend(handles[0][0] + handles[1][0], handles[0][1] + handles[1][1], fontsize=8, loc="upper left")


CASE = Case(
    id="G5",
    title="Closing locally or nationally",
    claim="Local triggers need far fewer days of restriction than a national one, until mixing is complete.",
    citation=(
        "Karatayev, Anand and Bauch, Local lockdowns outperform global lockdown on the far side of the COVID-19 "
        "epidemic curve, PNAS 117(39):24575-24580, 2020, doi 10.1073/pnas.2014385117; Bittihn and others, "
        "EClinicalMedicine 32:100718, 2021, doi 10.1016/j.eclinm.2020.100718"
    ),
    says=(
        "A minimal model, not theirs: 100 regions of 20,000 people, contacts fall from 1.5 to .6 where closed, a "
        "share of contacts goes to all regions alike. Orders are published, levels are those of an independent "
        "program for the same minimal model. Not in it: testing, hidden cases, people's own caution. The final "
        "size is exact, for the effective reproduction number of a model in days."
    ),
    run=run,
    figure=figure,
)
