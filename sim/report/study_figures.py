"""The figures of a study: each says what it shows, over how much, and carries the study's identity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from sim.outcomes import OUTCOMES
from sim.report import style
from sim.report.figures import Picture, legend, round_ticks, settled, stamped_sheet, wrapped
from sim.report.study_words import (
    effects_sentence,
    flips_sentence,
    matters_sentence,
    outcome_of,
    overall_rows,
    quantity_in_words,
    rates_sentence,
    robust_sentence,
    space_sentence,
    warnings_of,
)
from sim.report.words import counted, counted_crises, inner
from sim.study.answers import Answers, is_number
from sim.study.flips import FlipMap
from sim.study.robustness import RULES
from sim.study.statistics import paired_difference

Floats = npt.NDArray[np.float64]
UNSURE_HATCH = "xxxx"


@dataclass(frozen=True)
class Identity:
    """Which study a figure is from.

    Parameters
    ----------
    study_id
        Its digest.
    text
        The small print.
    """

    study_id: str
    text: str


def identity_of(answers: Answers, manifest: dict[str, Any]) -> Identity:
    """Return the small print of every figure: the study, its size and its crises."""
    crises = sorted(manifest.get("crises", {}).values())
    met = f"{crises[0]} to {crises[-1]}, {len(crises)} in all" if crises else "none"
    size = (
        f"{counted(len(answers.plan.arms), 'arm')}, {counted(len(answers.best), 'point')}, "
        f"{len(answers.main.seeds)} crises"
    )
    return Identity(
        manifest["study_id"],
        f"meshgov study {manifest['study_id']} | {answers.plan.study.name} | {size} | crises {met}",
    )


def study_pictures(answers: Answers, manifest: dict[str, Any]) -> Iterator[Picture]:
    """Yield every figure that there is something to show in."""
    identity = identity_of(answers, manifest)
    with style.applied():
        if len(answers.plan.arms) > 1:
            yield effects_picture(answers, identity)
        if has_line(answers):
            yield line_picture(answers, identity)
        if answers.map is not None:
            yield map_picture(answers, answers.map, identity)
        if answers.space is not None:
            yield space_picture(answers, identity)
        if answers.matters:
            yield matters_picture(answers, identity)
        if answers.robust is not None and len(answers.plan.arms) > 1:
            yield robust_picture(answers, identity)
        if len(answers.rates) > 1:
            yield rates_picture(answers, identity)


def effects_picture(answers: Answers, identity: Identity) -> Picture:
    """Return the differences from the baseline over the whole space, an outcome a panel."""
    names = [each.outcome for each in answers.cells]
    titles, arms = answers.plan.titles, answers.plan.arms[1:]
    title = f"Differences from {titles[answers.plan.arms[0]]}"
    figure = stamped_sheet(
        identity.text, title, "Mean over the declared space and all crises, with 95% intervals. Better is to the "
        "left where lower is better.",
        (10.0, 1.6 + (0.9 + 0.34 * len(arms)) * len(names)),
    )  # fmt: skip
    panels = np.atleast_1d(figure.subplots(len(names), 1))
    look = style.looks(answers.plan.arms)
    for axes, name in zip(panels, names, strict=True):
        rows = overall_rows(answers, name)
        for place, row in enumerate(rows):
            chosen = look[row["arm"]]
            whisker = [[row["difference"] - row["low"]], [row["high"] - row["difference"]]]
            axes.errorbar(
                [row["difference"]],
                [place],
                xerr=np.nan_to_num(whisker),
                fmt=chosen.marker,
                color=chosen.colour,
                markersize=8,
                capsize=4,
            )
        _zero_line(axes, [titles[row["arm"]] for row in rows])
        axes.set_title(OUTCOMES[name].heading, fontsize=11, fontweight="normal")
    sentence = effects_sentence(answers)
    caption = f"{sentence} All arms met the same {counted_crises(len(answers.main.seeds))} at every point."
    return settled("effects", title, caption, f"Dots with whiskers. {sentence}", figure, identity.study_id)


def _zero_line(axes: Axes, labels: list[str], width: int = 28) -> None:
    axes.axvline(0.0, color=style.GREY, linewidth=1)
    axes.set_yticks(range(len(labels)), [wrapped(label, width) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(round_ticks(7))


# --- where it flips ----------------------------------------------------------------------------------------


def has_line(answers: Answers) -> bool:
    """Return whether there is one uncertainty, which is a number, in one scenario, at two points or more."""
    axes = list(answers.plan.study.uncertainties.values())
    return len(axes) == 1 and is_number(axes[0]) and len(answers.plan.scenarios) == 1 and len(answers.best) > 1


def line_picture(answers: Answers, identity: Identity) -> Picture:
    """Return the main outcome along the one uncertainty: above its mean, below the difference from the baseline."""
    (name, axis), *_ = answers.plan.study.uncertainties.items()
    outcome, titles, arms = outcome_of(answers), answers.plan.titles, answers.plan.arms
    order = np.argsort(answers.main.labels[name].to_numpy(dtype=float), kind="stable")
    x, block = answers.main.labels[name].to_numpy(dtype=float)[order], answers.main.block[order]
    title = f"{outcome.title} as {inner(axis.title or name)} changes"
    figure = stamped_sheet(
        identity.text, title, "Above: means. Below: differences from the baseline; bands are 95% intervals of "
        "paired differences. Grey: where the best arm is not clear.",
        (10.0, 7.2), [titles[arm] for arm in arms],
    )  # fmt: skip
    upper, lower = figure.subplots(2, 1, sharex=True)
    look = style.looks(arms)
    for place, arm in enumerate(arms):
        chosen: dict[str, Any] = {"color": look[arm].colour, "linestyle": look[arm].dash, "marker": look[arm].marker}
        upper.plot(x, np.nanmean(block[:, :, place], axis=1), label=titles[arm], **chosen)
        found = [paired_difference(row[:, place], row[:, 0]) for row in block]
        lower.plot(x, [each.mean for each in found], **chosen)
        lower.fill_between(
            x,
            [each.low for each in found],
            [each.high for each in found],
            color=look[arm].colour,
            alpha=0.15,
            linewidth=0,
        )
    for each in answers.crossings:
        for axes in (upper, lower):
            axes.axvspan(each.low, each.high, color=style.PALE, alpha=0.5, linewidth=0, zorder=0)
    upper.set_title(f"{outcome.title} ({outcome.unit})", fontsize=11, fontweight="normal")
    lower.set_title(f"difference from {titles[arms[0]]}", fontsize=11, fontweight="normal")
    lower.set_xlabel(axis.title or name)
    legend(figure, upper, 2)
    sentence = flips_sentence(answers)
    return settled(
        "line",
        title,
        f"{sentence} Dots are what was run; between them lines are straight.",
        f"Line chart. {sentence}",
        figure,
        identity.study_id,
    )


def map_picture(answers: Answers, found: FlipMap, identity: Identity) -> Picture:
    """Return the region of two uncertainties where each arm is best, with the uncertain band hatched."""
    titles, arms = answers.plan.titles, answers.plan.arms
    named = answers.plan.study.uncertainties
    x_title, y_title = (named[name].title or name for name in found.names)
    title = f"Where each arm does best on {inner(outcome_of(answers).title)}"
    others = len(named) - 2
    averaged = (
        f" Averaged over {counted(others, 'other uncertainty').replace('uncertaintys', 'uncertainties')}."
        if others
        else ""
    )
    figure = stamped_sheet(
        identity.text, title, "Coloured: the best arm. Hatched: not clearly better than every other (5%, "
        f"Holm).{averaged}",
        (10.0, 7.0), [*(titles[arm] for arm in arms), "not clear"],
    )  # fmt: skip
    axes = figure.subplots()
    look = style.looks(arms)
    shown = np.ma.masked_less(found.best, 0)
    colours = ListedColormap([look[arm].colour for arm in arms])
    axes.pcolormesh(
        found.x,
        found.y,
        shown,
        cmap=colours,
        vmin=-0.5,
        vmax=len(arms) - 0.5,
        alpha=0.55,
        shading="nearest",
        rasterized=True,
    )
    unsure = np.where((found.best >= 0) & ~found.clear, 1.0, 0.0)
    if unsure.any():
        axes.contourf(found.x, found.y, unsure, levels=[0.5, 1.5], colors="none", hatches=[UNSURE_HATCH])
    at = answers.main.labels[list(found.names)].to_numpy(dtype=float)
    axes.plot(at[:, 0], at[:, 1], ".", color=style.INK, markersize=4)
    axes.set(xlabel=x_title, ylabel=y_title)
    axes.grid(visible=False)
    _region_legend(figure, [(titles[arm], look[arm].colour) for arm in arms])
    clear, band = found.shares(len(arms))
    said = "; ".join(f"{titles[arm]} clearly in {share:.0%}" for arm, share in zip(arms, clear, strict=True))
    sentence = f"Of the area drawn, {said}; not clear in {band:.0%}."
    return settled(
        "map",
        title,
        f"{sentence} Dots are what was run; between them every crisis is interpolated.",
        f"Map of regions. {sentence}",
        figure,
        identity.study_id,
    )


def _region_legend(figure: Figure, entries: list[tuple[str, str]]) -> None:
    _, high = figure.get_size_inches()
    handles = [Patch(facecolor=colour, alpha=0.55, label=label) for label, colour in entries]
    handles.append(Patch(facecolor="white", edgecolor=style.INK, hatch=UNSURE_HATCH, label="not clear"))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.004, 1 - 0.68 / high), ncols=len(handles))


def space_picture(answers: Answers, identity: Identity) -> Picture:
    """Return the share of the declared space where each arm is best."""
    assert answers.space is not None  # noqa: S101 - asked for only where there is one
    titles, rows = answers.plan.titles, answers.space
    title = "Share of the declared space where each arm is best"
    figure = stamped_sheet(
        identity.text, title, f"By {inner(outcome_of(answers).title)}. Dark: clearly best. Pale: best, but not "
        "clearly. Line: up to where it may be the best.",
        (10.0, 1.8 + 0.5 * len(rows)),
    )  # fmt: skip
    axes, look = figure.subplots(), style.looks(answers.plan.arms)
    for place, (arm, best, clear, may) in enumerate(rows[["arm", "best", "clear", "may_be"]].to_numpy()):
        axes.barh(place, clear, color=look[arm].colour, height=0.6)
        axes.barh(place, best - clear, left=clear, color=look[arm].colour, alpha=0.35, height=0.6)
        axes.plot([best, may], [place, place], color=style.GREY, linewidth=1.5, marker="|")
        axes.text(max(may, best) + 0.01, place, f"{best:.0%}", va="center", fontsize=10)
    _zero_line(axes, [titles[arm] for arm in rows["arm"]])
    axes.set_xlim(0, 1.08)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    sentence = space_sentence(answers)
    return settled("space", title, sentence, f"Bars. {sentence}", figure, identity.study_id)


# --- what matters, what to choose --------------------------------------------------------------------------


def matters_picture(answers: Answers, identity: Identity) -> Picture:
    """Return each uncertainty's index, a panel a quantity."""
    quantities = list(answers.matters.items())
    names = [axis.title or name for name, axis in answers.plan.study.uncertainties.items()]
    method = quantities[0][1].method
    title = "What matters"
    figure = stamped_sheet(
        identity.text, title, f"{INDEX_SAYS[method]} Whiskers: "
        f"{'its range over slices' if method == 'pawn' else '95% intervals'}.",
        (10.0, 1.7 + (0.75 + 0.32 * len(names)) * len(quantities)),
    )  # fmt: skip
    panels = np.atleast_1d(figure.subplots(len(quantities), 1, sharex=method != "morris"))
    for axes, (quantity, found) in zip(panels, quantities, strict=True):
        index = found.table["index"].fillna(0.0).to_numpy()
        whisker = np.nan_to_num(np.abs([index - found.table["low"], found.table["high"] - index]))
        axes.barh(range(len(names)), index, xerr=whisker, color=style.BLUE, height=0.6, ecolor=style.INK, capsize=3)
        _zero_line(axes, names, 64)
        axes.set_title(quantity_in_words(answers, quantity), fontsize=11, fontweight="normal")
    warnings = " ".join(warnings_of(answers))
    sentence = matters_sentence(answers)
    return settled("matters", title, f"{sentence} {warnings}".strip(), f"Bars. {sentence}", figure, identity.study_id)


INDEX_SAYS = {
    "morris": "Morris: mean absolute effect of moving a setting across its range, in the outcome's unit.",
    "sobol": "Sobol: share of the variance in which a setting has a part, interactions included.",
    "pawn": "PAWN: how far knowing a setting shifts the distribution of the outcome (0 to 1).",
}


def robust_picture(answers: Answers, identity: Identity) -> Picture:
    """Return which arm each rule chooses, and how surely."""
    assert answers.robust is not None  # noqa: S101 - asked for only where there is one
    titles, arms = answers.plan.titles, answers.plan.arms
    wide = answers.robust.pivot_table(index="rule", columns="arm", values="sure").loc[list(RULES), arms]
    title = "Which arm to choose, by what one fears"
    figure = stamped_sheet(
        identity.text, title, "How often each arm is chosen when the crises are drawn again, over "
        f"{counted(len(answers.best), 'case')}.",
        (10.0, 4.2), [titles[arm] for arm in arms],
    )  # fmt: skip
    axes, look, start = figure.subplots(), style.looks(arms), np.zeros(len(wide))
    for arm in arms:
        share = wide[arm].to_numpy(dtype=float)
        bars = axes.barh(
            range(len(wide)), share, left=start, color=look[arm].colour, alpha=0.75, height=0.62, label=titles[arm]
        )
        axes.bar_label(
            bars,
            [f"{each:.0%}" if each > 0.06 else "" for each in share],
            label_type="center",
            fontsize=10,
            color="white",
        )
        start += share
    axes.set_yticks(range(len(wide)), [wrapped(RULES[rule], 24) for rule in wide.index])
    axes.set_ylim(len(wide) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    legend(figure, axes)
    sentence = robust_sentence(answers)
    return settled("robust", title, sentence, f"Stacked bars. {sentence}", figure, identity.study_id)


def rates_picture(answers: Answers, identity: Identity) -> Picture:
    """Return which arm is best at which exchange rate between two outcomes."""
    first, second = (
        OUTCOMES[each] for each in (answers.plan.study.answers.trade_off or answers.plan.study.outcomes[:2])
    )
    titles, look = answers.plan.titles, style.looks(answers.plan.arms)
    ends = [each.high for each in answers.rates[:-1]]
    far = 2.0 * max(*ends, *(each.high_high for each in answers.rates[:-1] if np.isfinite(each.high_high)), 1e-9)
    title = f"{first.title} against {inner(second.title)}"
    figure = stamped_sheet(
        identity.text, title, "The best arm by what one of the second is worth in units of the first. Line: 95% "
        "interval.",
        (10.0, 2.9), list(dict.fromkeys(titles[each.arm] for each in answers.rates)),
    )  # fmt: skip
    axes = figure.subplots()
    for each in answers.rates:
        axes.barh(
            0,
            min(each.high, far) - each.low,
            left=each.low,
            color=look[each.arm].colour,
            alpha=0.75,
            height=0.5,
            label=titles[each.arm],
        )
        if np.isfinite(each.high):
            axes.plot([each.high_low, min(each.high_high, far)], [0.42, 0.42], color=style.INK, linewidth=2, marker="|")
    axes.set(
        xlim=(0, far),
        ylim=(-0.5, 0.6),
        yticks=[],
        xlabel=f"{inner(first.title)} ({first.unit}) for one of {inner(second.title)} ({second.unit})",
    )
    axes.grid(visible=False)
    legend(figure, axes)
    sentence = rates_sentence(answers)
    return settled("rates", title, sentence, f"A strip. {sentence}", figure, identity.study_id)
