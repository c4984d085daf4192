"""Patterns: what theory expects of the whole, as checks that are judged by intervals on a study's runs.

A pattern is a list of checks. A check is a number whose sign theory gives beforehand: what one set of runs has more of
than another, in the same crises on the same maps. Its interval is Student's t over crises, each averaged over the maps;
it is "shown" if all of the interval lies on the side that theory gives, "contradicted" if all of it lies on the other,
and else "not clear". A pattern holds only if all of its checks are shown: that needs no correction for their number.

Nothing here moves a setting of the model. Checks were written before the full versions of their studies had been looked
at; what was asked afterwards is told apart, and never counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom

from sim.outcomes import OUTCOMES
from sim.streams import Purpose, derived_seed
from sim.study.compare import DONE
from sim.study.statistics import paired_difference

Floats = npt.NDArray[np.float64]
Value = str | float
Where = Mapping[str, Value | tuple[Value, ...]]
Said = Literal["shown", "contradicted", "not clear"]
MAP = "map"  # the uncertainty over which each crisis is averaged
NEAR = 0.05  # of the other's mean: what is as good as no difference
RESAMPLES = 2000


@dataclass(frozen=True)
class Finding:
    """What came of a check.

    Parameters
    ----------
    says
        What theory expects, in a sentence.
    unit
        Of the numbers.
    value, low, high
        The number and its 95% interval.
    crises
        That it rests on.
    verdict
        Whether it is as theory expects.
    maps, maps_so
        On how many maps it was tried, and on how many it has the expected sign.
    level
        Whether the number is one by itself, as a ratio or a day, and no difference.
    """

    says: str
    unit: str
    value: float
    low: float
    high: float
    crises: int
    verdict: Said
    maps: int = 1
    maps_so: int = 0
    level: bool = False


@dataclass(frozen=True)
class Check:
    """What theory expects of one study's runs.

    Parameters
    ----------
    study
        Name of the study.
    measure
        Takes its runs, one row a run, and says what came out.
    """

    study: str
    measure: Callable[[pd.DataFrame], Finding]


@dataclass(frozen=True)
class Drawn:
    """A figure: means of one outcome along one axis, a line an arm.

    Along the scenarios it shows what each does to each arm against the first, `whole`.

    Parameters
    ----------
    study, outcome, axis
        What is drawn, and along which uncertainty.
    panels
        An uncertainty with a panel for each of its values; empty for one panel.
    where
        Which runs; what is not named is averaged.
    """

    study: str
    outcome: str
    axis: str
    panels: str = ""
    where: Where | None = None


@dataclass(frozen=True)
class Pattern:
    """What theory expects of the whole.

    Parameters
    ----------
    id, title, claim, basis
        "M1" and so on; a few words; what is expected; by whom.
    studies
        Files in experiments/, by the name of the study that is in each.
    checks
        All must be shown.
    drawn
        Its figure, if any.
    afterwards
        Checks that were thought of after the others had been judged, to tell why: told, and never counted.
    """

    id: str
    title: str
    claim: str
    basis: str
    studies: Mapping[str, str]
    checks: tuple[Check, ...]
    drawn: Drawn | None = None
    afterwards: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Outturn:
    """What came of a pattern: of its checks, and of those thought of afterwards."""

    pattern: Pattern
    findings: tuple[Finding, ...]
    afterwards: tuple[Finding, ...] = ()

    @property
    def shown(self) -> int:
        """How many checks are as theory expects."""
        return sum(each.verdict == "shown" for each in self.findings)

    @property
    def verdict(self) -> str:
        """Whether the pattern holds: all checks, some, or none."""
        if not self.findings:
            return "not judged"
        if self.shown == len(self.findings):
            return "holds"
        return "holds in part" if self.shown else "does not hold"


def judge(pattern: Pattern, runs_of: Callable[[str], pd.DataFrame]) -> Outturn:
    """Return what came of a pattern.

    Parameters
    ----------
    pattern
        The pattern.
    runs_of
        Gives the runs of a study by its name.
    """
    found_now, found_after = (
        tuple(check.measure(runs_of(check.study)) for check in checks)
        for checks in (pattern.checks, pattern.afterwards)
    )
    return Outturn(pattern, found_now, found_after)


# --- numbers out of runs -------------------------------------------------------------------------------------


def chosen(runs: pd.DataFrame, where: Where) -> pd.DataFrame:
    """Return the runs that a selection names.

    Raises
    ------
    ValueError
        If there are none: a check must not pass for want of runs.
    """
    keep = np.ones(len(runs), dtype=bool)
    for name, value in where.items():
        keep &= runs[name].isin(list(value) if isinstance(value, tuple) else [value]).to_numpy()
    if not keep.any():
        raise ValueError(f"the study has no runs where {dict(where)}")
    return runs[keep]


def block_of(runs: pd.DataFrame, outcome: str, where: Where) -> Floats:
    """Return the mean outcome of a selection: shape (maps, crises); NaN where a run of it failed."""
    rows = chosen(runs, where)
    keys = [rows[MAP] if MAP in rows.columns else pd.Series(0, index=rows.index, name=MAP), rows["seed"]]
    values = rows[outcome].groupby(keys)
    mean = values.mean().where(values.count() == values.size())
    table: Floats = mean.reset_index().pivot_table(outcome, MAP, "seed", dropna=False).to_numpy(dtype=float)
    return table


def total_of(runs: pd.DataFrame, outcome: str, selections: Sequence[Where]) -> Floats:
    """Return the sum of several selections' means: shape (maps, crises)."""
    total = block_of(runs, outcome, selections[0])
    for where in selections[1:]:
        total = total + block_of(runs, outcome, where)
    return total


def found(says: str, unit: str, gaps: Floats, least: float = 0.0) -> Finding:
    """Return what differences say that should lie above a number.

    Parameters
    ----------
    says, unit
        As in `Finding`.
    gaps
        Shape (maps, crises).
    least
        What they should lie above.
    """
    mean = paired_difference(gaps.mean(axis=0), np.zeros(gaps.shape[1]))
    so = int((np.nanmean(gaps, axis=1) > least).sum())
    return Finding(
        says, unit, mean.mean, mean.low, mean.high, mean.pairs, said(mean.low, mean.high, least), len(gaps), so
    )


def said(low: float, high: float, least: float = 0.0) -> Said:
    """Return what an interval says of a number that should lie above another."""
    if low > least:
        return "shown"
    return "contradicted" if high < least else "not clear"


# --- kinds of checks -----------------------------------------------------------------------------------------


def more(
    study: str,
    says: str,
    outcome: str,
    high: Where | Sequence[Where],
    low: Where | Sequence[Where],
    never: float | None = None,
) -> Check:
    """Return a check that some runs have more of an outcome than others: sums of means, crisis by crisis.

    Parameters
    ----------
    study, says
        As in `Check` and `Finding`.
    outcome
        Its name.
    high, low
        Which runs; of a list, the sum: so a difference between differences is ``[a, d]`` over ``[b, c]``.
    never
        For an outcome that is a day: what counts where it did not come while the run lasted, its last day. To leave
        such crises out would choose by the outcome itself.
    """

    def measure(runs: pd.DataFrame) -> Finding:
        runs = _with_never(runs, outcome, never)
        gaps = total_of(runs, outcome, _listed(high)) - total_of(runs, outcome, _listed(low))
        return found(says, OUTCOMES[outcome].unit, gaps)

    return Check(study, measure)


def _with_never(runs: pd.DataFrame, outcome: str, never: float | None) -> pd.DataFrame:
    """Return runs in which what never came has come on a day; what failed runs would have done stays unknown."""
    if never is None:
        return runs
    return runs.assign(**{outcome: runs[outcome].mask(runs[outcome].isna() & (runs["status"] == DONE), never)})


def median_within(
    study: str, says: str, outcome: str, between: tuple[float, float], where: Where, never: float
) -> Check:
    """Return a check that the median crisis has an outcome between two numbers; each crisis is the median of its maps.

    The interval is exact whatever the distribution, from order statistics: at least 95% (Conover 1999, 3.2). What never
    came within the run may lie anywhere beyond its last day, which moves no median below it.

    Parameters
    ----------
    study, says, outcome, never
        As for `more`; `never` above both numbers.
    between
        The two numbers.
    where
        Which runs.
    """

    def measure(runs: pd.DataFrame) -> Finding:
        block = block_of(_with_never(runs, outcome, never), outcome, where)
        middle = np.median(block, axis=0)
        value, low, high = median_interval(middle[np.isfinite(middle)])
        inside, outside = low > between[0] and high < between[1], high < between[0] or low > between[1]
        verdict: Said = "shown" if inside else "contradicted" if outside else "not clear"
        so = sum(between[0] < median < between[1] for median in np.nanmedian(block, axis=1))
        crises = int(np.isfinite(middle).sum())
        return Finding(says, OUTCOMES[outcome].unit, value, low, high, crises, verdict, len(block), so, level=True)

    return Check(study, measure)


def median_interval(values: Floats) -> tuple[float, float, float]:
    """Return the median and its exact 95% interval: NaN where there are too few values (under six) for one."""
    ranked = np.sort(values)
    if not len(ranked):
        return nan, nan, nan
    rank = int(binom.ppf(0.025, len(ranked), 0.5))
    ends = (float(ranked[rank - 1]), float(ranked[-rank])) if rank else (nan, nan)
    return float(np.median(ranked)), *ends


def about(
    study: str, says: str, outcome: str, expected: float, above: Where, below: Where, near: float = NEAR
) -> Check:
    """Return a check that a ratio of two means is what theory says, but for a small share of it.

    Parameters
    ----------
    study, says, outcome
        As for `more`; the outcome may be any column.
    expected
        The ratio.
    above, below
        Which runs.
    near
        The share.
    """

    def measure(runs: pd.DataFrame) -> Finding:
        ratios = block_of(runs, outcome, above) / block_of(runs, outcome, below)
        mean = paired_difference(ratios.mean(axis=0), np.zeros(ratios.shape[1]))
        outside = mean.low > expected * (1.0 + near) or mean.high < expected * (1.0 - near)
        inside = mean.low > expected * (1.0 - near) and mean.high < expected * (1.0 + near)
        verdict: Said = "shown" if inside else "contradicted" if outside else "not clear"
        return Finding(
            says, "ratio", mean.mean, mean.low, mean.high, mean.pairs, verdict, len(ratios), int(inside), True
        )

    return Check(study, measure)


def _listed(given: Where | Sequence[Where]) -> Sequence[Where]:
    return [given] if isinstance(given, Mapping) else given


def no_more(study: str, says: str, outcome: str, one: Where, other: Where, near: float = NEAR) -> Check:
    """Return a check that some runs have no more of an outcome than others, but for a small share of it.

    The number is what they have more; it should lie below that share of the others' mean.

    Parameters
    ----------
    study, says, outcome
        As for `more`.
    one, other
        Which runs.
    near
        The share.
    """

    def measure(runs: pd.DataFrame) -> Finding:
        base = block_of(runs, outcome, other)
        return _below(says, OUTCOMES[outcome].unit, block_of(runs, outcome, one) - base, near * float(np.nanmean(base)))

    return Check(study, measure)


def _below(says: str, unit: str, gaps: Floats, most: float) -> Finding:
    """Return what differences say that should lie below a number."""
    mirrored = found(says, unit, -gaps, -most)
    low, high = -mirrored.high, -mirrored.low
    return Finding(
        says, unit, -mirrored.value, low, high, mirrored.crises, mirrored.verdict, mirrored.maps, mirrored.maps_so
    )


def as_good_somewhere(
    study: str, says: str, outcome: str, arms: Sequence[str], others: Sequence[str], places: Sequence[Where]
) -> Check:
    """Return a check that one of some arms is best, or as good as the best of the others, at one of some places.

    Of all arms and places the one that does best is told; as good means within `NEAR` of the best other's mean.

    Parameters
    ----------
    study, says, outcome
        As for `more`; lower must be better.
    arms, others
        Names.
    places
        Where to look.
    """

    def at(runs: pd.DataFrame, arm: str, place: Where) -> tuple[float, Finding]:
        means = [block_of(runs, outcome, {**place, "arm": each}) for each in others]
        best = min(means, key=lambda block: float(np.nanmean(block)))
        gaps, most = block_of(runs, outcome, {**place, "arm": arm}) - best, NEAR * float(np.nanmean(best))
        where = ", ".join(f"{name} {value}" for name, value in place.items())
        told = _below(f"{says} (best: {arm} at {where})", OUTCOMES[outcome].unit, gaps, most)
        return told.high - most, told

    def measure(runs: pd.DataFrame) -> Finding:
        return min((at(runs, arm, place) for arm in arms for place in places), key=lambda pair: pair[0])[1]

    return Check(study, measure)


def best_inside(study: str, says: str, outcome: str, axis: str, where: Where) -> Check:
    """Return a check that an outcome is lowest inside an axis, below both its ends.

    Every other crisis chooses the step, and the rest judge it: the same crises could not do both. The number is the
    smaller of the two ends' excess.

    Parameters
    ----------
    study, says, outcome
        As for `more`; lower must be better.
    axis
        The uncertainty.
    where
        Which runs.
    """

    def measure(runs: pd.DataFrame) -> Finding:
        steps = sorted(chosen(runs, where)[axis].unique())
        blocks = [block_of(runs, outcome, {**where, axis: step}) for step in steps]
        best = 1 + int(np.argmin([float(np.nanmean(block[:, ::2])) for block in blocks[1:-1]]))
        judged = [block[:, 1::2] for block in blocks]
        unit, told = OUTCOMES[outcome].unit, f"{says} (lowest inside at {steps[best]:g})"
        return min(
            (found(told, unit, judged[end] - judged[best]) for end in (0, -1)), key=lambda finding: finding.value
        )

    return Check(study, measure)


def sooner(study: str, says: str, outcome: str, days: str, pair: tuple[str, str], late: Where, soon: Where) -> Check:
    """Return a check that one arm overtakes another sooner in some runs than in others.

    An arm has overtaken from the last day on which its outcome, counted from day 0, was above the other's; 0 if it
    never was, the last day looked at if it always was. The interval is of crises drawn again (percentiles).

    Parameters
    ----------
    study, says, outcome
        As for `more`; lower must be better.
    days
        The uncertainty that holds the number of days counted.
    pair
        The arm that overtakes, and the other.
    late, soon
        Which runs.
    """

    def curves(runs: pd.DataFrame, where: Where, steps: Sequence[float]) -> Floats:
        mine, other = (
            np.array([block_of(runs, outcome, {**where, "arm": arm, days: step}).mean(axis=0) for step in steps])
            for arm in pair
        )
        return np.asarray(mine - other)

    def measure(runs: pd.DataFrame) -> Finding:
        steps = sorted(float(step) for step in runs[days].unique())
        slow, quick = curves(runs, late, steps), curves(runs, soon, steps)
        whole = np.isfinite(slow).all(axis=0) & np.isfinite(quick).all(axis=0)
        return _sooner(says, np.array(steps), slow[:, whole], quick[:, whole])

    return Check(study, measure)


def _sooner(says: str, steps: Floats, slow: Floats, quick: Floats) -> Finding:
    """Return by how many days one arm overtakes sooner: curves of shape (steps, crises)."""
    draws = np.random.default_rng(derived_seed(1, Purpose.BOOTSTRAP, 3))
    crises = slow.shape[1]
    days = [overtaken(steps, slow.mean(axis=1)), overtaken(steps, quick.mean(axis=1))]
    gains = []
    for _ in range(RESAMPLES):
        drawn = draws.integers(0, crises, crises)
        gains.append(overtaken(steps, slow[:, drawn].mean(axis=1)) - overtaken(steps, quick[:, drawn].mean(axis=1)))
    low, high = (float(each) for each in np.quantile(gains, [0.025, 0.975]))
    told = f"{says} (day {days[0]:.0f} and day {days[1]:.0f})"
    return Finding(
        told, "days sooner", days[0] - days[1], low, high, crises, said(low, high), 1, int(days[0] > days[1])
    )


def overtaken(steps: Floats, gap: Floats) -> float:
    """Return the last day on which a gap, known on some days, was above zero: 0 if it never was.

    Parameters
    ----------
    steps
        Days, rising.
    gap
        On each of them; a straight line between.
    """
    if gap[-1] > 0.0:
        return float(steps[-1])
    for (day, above), (then, below) in reversed(list(pairwise(zip(steps, gap, strict=True)))):
        if above > 0.0:
            return float(day + (then - day) * above / (above - below))
    return 0.0


# --- for figures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An arm's means along an axis, and the half-width of the interval of its difference from the first arm."""

    arm: str
    at: Floats
    mean: Floats
    half: Floats


def lines_of(drawn: Drawn, runs: pd.DataFrame, panel: Value | None = None) -> list[Line]:
    """Return the lines of a panel, in the order of the arms in the runs.

    Parameters
    ----------
    drawn
        What is drawn.
    runs
        Of the study.
    panel
        Value of the panels' uncertainty; None for the one panel.
    """
    where: dict[str, Value | tuple[Value, ...]] = {**(drawn.where or {})}
    if panel is not None:
        where[drawn.panels] = panel
    inside = chosen(runs, where)
    steps = np.array(sorted(inside[drawn.axis].unique()), dtype=float)
    arms = list(dict.fromkeys(inside["arm"]))
    blocks = {
        arm: [block_of(inside, drawn.outcome, {"arm": arm, drawn.axis: step}).mean(axis=0) for step in steps]
        for arm in arms
    }
    return [
        Line(
            arm,
            steps,
            np.array([float(np.nanmean(each)) for each in blocks[arm]]),
            _halves(blocks[arm], blocks[arms[0]]),
        )
        for arm in arms
    ]


def _halves(ours: Sequence[Floats], first: Sequence[Floats]) -> Floats:
    pairs = [paired_difference(a, b) for a, b in zip(ours, first, strict=True)]
    return np.array([(each.high - each.low) / 2 if each.pairs > 1 else nan for each in pairs])


def panels_of(drawn: Drawn, runs: pd.DataFrame) -> list[Value | None]:
    """Return the values that have a panel; None alone for one panel."""
    return sorted(chosen(runs, drawn.where or {})[drawn.panels].unique()) if drawn.panels else [None]


def losses_of(drawn: Drawn, runs: pd.DataFrame) -> dict[str, dict[str, tuple[float, float]]]:
    """Return what each scenario adds to each arm against the first: mean and half-width of its interval."""
    inside = chosen(runs, drawn.where or {})
    whole, *losses = dict.fromkeys(inside["scenario"])
    added: dict[str, dict[str, tuple[float, float]]] = {}
    for loss in losses:
        for arm in dict.fromkeys(inside["arm"]):
            gaps = [block_of(inside, drawn.outcome, {"arm": arm, "scenario": each}) for each in (loss, whole)]
            mean = found("", "", gaps[0] - gaps[1])
            added.setdefault(loss, {})[arm] = (mean.value, (mean.high - mean.low) / 2)
    return added
