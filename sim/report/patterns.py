"""Patterns as text, as Markdown for their page, as data, and as one figure each; and which structure wins where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.marks import with_table
from sim.outcomes import OUTCOMES
from sim.report import style
from sim.report.words import decimals_for, fixed, listing, signed
from sim.study.cells import cells_of
from sim.study.flips import best_by_cell, shares
from sim.study.patterns import Drawn, Finding, Line, Outturn, lines_of, losses_of, panels_of
from sim.study.robustness import RULES, robustness
from sim.study.theory import PATTERNS, WINNERS

HEADS = ("check", "value [95%]", "unit", "crises", "maps", "verdict")
SUMMARY = ("pattern", "what", "checks shown", "verdict")
SIGNS = {"shown": "shown", "contradicted": "**contradicted**", "not clear": "not clear"}
PIXELS_PER_INCH = 80
AXES = {  # uncertainty: what stands at its axis
    "local": "Share of what works that is local",
    "mixing": "Share of contacts with neighbouring places",
    "preference": "Difference in thresholds preferred",
    "delay": "Days on the way",
    "owner": "Owner of the data",
    "believed": "Share believed to be local",
    "degree": "Ties of each place",
    "supply": "Supply over ordinary demand",
    "waves": "Height of local waves",
    "gap": "Mean days between shifts",
    "days": "Days counted",
    "protocol": "Share of cases that the protocol allots",
}
RunsOf = Callable[[str], pd.DataFrame]
Rows = Iterable[Sequence[str]]


# --- words ---------------------------------------------------------------------------------------------------


def number(finding: Finding) -> str:
    """Return a finding's number and interval."""
    decimals = min(5, decimals_for(finding.value, finding.low, finding.high))
    show = fixed if finding.level else signed
    ends = f"[{show(finding.low, decimals)}, {show(finding.high, decimals)}]"
    return f"{show(finding.value, decimals)} {ends}".replace("-", "−")


def row_of(finding: Finding) -> tuple[str, ...]:
    """Return the cells of a check."""
    maps = f"{finding.maps_so} of {finding.maps}" if finding.maps > 1 else ""
    return finding.says, number(finding), finding.unit, str(finding.crises), maps, SIGNS[finding.verdict]


def summary_row(outturn: Outturn) -> tuple[str, ...]:
    """Return the cells of a pattern in the first table."""
    pattern = outturn.pattern
    link = f"[{pattern.id}](#{anchor(pattern.id, pattern.title)})"
    return link, pattern.title, f"{outturn.shown} of {len(outturn.findings)}", f"**{outturn.verdict}**"


def anchor(name: str, title: str) -> str:
    """Return the anchor of a pattern's heading."""
    return re.sub(r"[^\w\- ]", "", f"{name} {title}".lower()).replace(" ", "-")


def markdown(heads: Sequence[str], rows: Rows) -> str:
    """Return a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def as_text(outturns: Sequence[Outturn]) -> str:
    """Return everything for a terminal."""
    lines = []
    for each in outturns:
        lines.append(f"{each.pattern.id} {each.pattern.title}: {each.verdict} ({each.shown} of {len(each.findings)})")
        lines += [f"  {f.verdict:<12}  {number(f)} {f.unit}  {f.says}" for f in (*each.findings, *each.afterwards)]
    return "\n".join(lines)


def as_data(outturns: Sequence[Outturn]) -> list[dict[str, Any]]:
    """Return everything for JSON."""
    return [
        {
            "id": each.pattern.id,
            "title": each.pattern.title,
            "claim": each.pattern.claim,
            "basis": each.pattern.basis,
            "verdict": each.verdict,
            "checks": [vars(finding) for finding in each.findings],
            "afterwards": [vars(finding) for finding in each.afterwards],
        }
        for each in outturns
    ]


# --- the page ------------------------------------------------------------------------------------------------


def page_tables(
    outturns: Sequence[Outturn], runs_of: RunsOf, manifests: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield each table of the page with its name: a pattern at a time; if all were judged, also those over all.

    Parameters
    ----------
    outturns
        What came out.
    runs_of
        Gives the runs of a study by its name.
    manifests
        Of each study whose runs were asked for, by its name; one that is computed has none.
    """
    for each in outturns:
        yield each.pattern.id, pattern_text(each, manifests)
    if len(outturns) == len(PATTERNS):
        yield "summary", markdown(SUMMARY, [summary_row(each) for each in outturns])
        yield from winner_tables(runs_of, manifests)


def pattern_text(outturn: Outturn, manifests: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what the page says of a pattern between its marks: claim, basis, commands, checks, verdict."""
    pattern = outturn.pattern
    files = [file for file in pattern.studies.values() if file]
    runs = "".join(f"meshgov study run experiments/{file}\n" for file in files)
    afterwards = [row_of(each) for each in outturn.afterwards]
    parts = [
        f"**Claim.** {pattern.claim}",
        f"**Basis.** {pattern.basis}",
        f"**Command.** `meshgov study patterns {pattern.id}`" + (", which runs:" if files else "."),
        f"```sh\n{runs}```" if files else "",
        f"**Verdict: {outturn.verdict}** ({outturn.shown} of {len(outturn.findings)} checks shown).",
        markdown(HEADS, [row_of(each) for each in outturn.findings]).strip(),
        "Asked afterwards, and not counted:" if afterwards else "",
        markdown(HEADS, afterwards).strip() if afterwards else "",
        made_from([manifests[name] for name in pattern.studies if name in manifests]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def made_from(manifests: Sequence[Mapping[str, Any]]) -> str:
    """Return which runs something rests on."""
    if not manifests:
        return ""
    told = [f"`{each['study_id']}` ({each['runs']['done']:,} runs)" for each in manifests]
    return f"Study {listing(told)}, model version {manifests[0]['model_version']}."


def put_into(page: str, tables: Iterable[tuple[str, str]]) -> str:
    """Return a page with tables between their marks replaced.

    Raises
    ------
    ValueError
        If a table has no marks.
    """
    for name, text in tables:
        page = with_table(page, name, text)
    return page


# --- no winner everywhere ------------------------------------------------------------------------------------


def winner_tables(runs_of: RunsOf, manifests: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the tables on who wins where: over a declared space, and over the shipped scenarios."""
    space, crises, corners = (runs_of(name) for name in WINNERS)
    of_space, of_crises, of_corners = (manifests[name] for name in WINNERS)
    yield "space", space_text(space, of_space)
    yield "crises", crises_text(crises, of_crises, "harm_per_1000")
    yield "crises_learning", crises_text(crises, of_crises, "regret_area")
    yield "corners", crises_text(corners, of_corners, "harm_per_1000")


def space_text(runs: pd.DataFrame, manifest: Mapping[str, Any]) -> str:
    """Return the share of the declared space where each arm is best, for harm and for learning, and what to choose."""
    parts = []
    for outcome in ("harm_per_1000", "regret_area"):
        cells = cells_of(runs, outcome, manifest["arms"])
        best = best_by_cell(cells)
        found = shares(best, manifest["arms"], "sobol_sequence", np.full(len(best), 1.0 / len(best)))
        rows = [
            (f"`{row['arm']}`", f"{row['best']:.1%} [{row['low']:.1%}, {row['high']:.1%}]", f"{row['clear']:.1%}",
             f"{row['may_be']:.1%}")
            for row in found.to_dict("records")
        ]  # fmt: skip
        heads = ("structure", "best in [95%]", "clearly best in", "may be best in")
        parts += [f"{OUTCOMES[outcome].heading}:", markdown(heads, rows).strip(), choices_text(cells)]
    return "\n\n".join([*parts, made_from([manifest])]) + "\n"


def crises_text(runs: pd.DataFrame, manifest: Mapping[str, Any], outcome: str) -> str:
    """Return which arm is best in each scenario at each share of what works that is local, and what to choose."""
    cells = cells_of(runs, outcome, manifest["arms"], ["local"])
    best = best_by_cell(cells)
    values = sorted(best["local"].unique())
    rows = []
    for scenario in dict.fromkeys(best["scenario"]):
        inside = best[best["scenario"] == scenario].set_index("local")
        rows.append((f"`{scenario}`", *(winner(inside.loc[value], manifest["arms"]) for value in values)))
    counts = {arm: [int((best[best["local"] == value]["best"] == arm).sum()) for value in values] for arm in cells.arms}
    heads = ("scenario", *(f"{value:.0%} local" for value in values))
    of = len(rows)
    best_rows = [(f"`{arm}`", *(f"{n} of {of}" for n in counts[arm])) for arm in cells.arms if any(counts[arm])]
    parts = [
        f"{OUTCOMES[outcome].heading}; in brackets those that cannot be told from the best:",
        markdown(heads, rows).strip(),
        "Best in so many scenarios (the others in none):",
        markdown(("structure", *heads[1:]), best_rows).strip(),
        choices_text(cells),
        made_from([manifest]),
    ]
    return "\n\n".join(parts) + "\n"


def winner(row: Any, arms: Sequence[str]) -> str:
    """Return the best arm of a case, and those that may be."""
    others = [f"`{arm}`" for arm in arms if row[f"may_be_{arm}"] and arm != row["best"]]
    return f"`{row['best']}`" + (f" ({', '.join(others)})" if others else "")


def choices_text(cells: Any) -> str:
    """Return what one would choose over all cases by several rules: on the outcome, and on its share of the best arm's.

    Absolute regret counts the worst crises most; shares count all alike.
    """
    relative = cells.block / np.nanmin(np.nanmean(cells.block, axis=1, keepdims=True), axis=2, keepdims=True)
    tables = [robustness(each, None, 1, 0.05) for each in (cells, replace(cells, block=relative))]
    rows = []
    for rule, says in RULES.items():
        chosen = [table[(table["rule"] == rule) & table["chosen"]].iloc[0] for table in tables]
        rows.append((says, *(f"`{row['arm']}` ({row['sure']:.0%})" for row in chosen)))
    heads = ("rule over all cases", "chosen, in the outcome's unit", "chosen, as a share of the best arm of the case")
    return markdown(heads, rows) + "\nIn brackets: in how many redrawn sets of crises the choice is the same."


# --- figures -------------------------------------------------------------------------------------------------


def draw(outturn: Outturn, runs_of: RunsOf, folder: Path) -> Path | None:
    """Draw a pattern's figure into a folder; return its file, None if it has none."""
    drawn = outturn.pattern.drawn
    if drawn is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{outturn.pattern.id.lower()}.png"
    with style.applied():
        figure = _figure(drawn, runs_of(drawn.study), f"{outturn.pattern.id}: {outturn.pattern.title}")
        figure.savefig(path, dpi=PIXELS_PER_INCH, metadata={"Software": "meshgov"})
    return path


def _figure(drawn: Drawn, runs: pd.DataFrame, title: str) -> Figure:
    if drawn.axis == "scenario":
        return _losses_figure(drawn, runs, title)
    values = panels_of(drawn, runs)
    figure = Figure(figsize=(4.6 * max(len(values), 1.4), 4.4), layout="constrained")
    figure.suptitle(title, fontweight="bold", ha="left", x=0.01)
    for axes, value in zip(figure.subplots(1, len(values), squeeze=False, sharey=True)[0], values, strict=True):
        _lines(axes, lines_of(drawn, runs, value), axis_words(drawn.axis))
        if value is not None:
            axes.set_title(f"{axis_words(drawn.panels)}: {short(value)}", fontsize=11)
    figure.axes[0].set_ylabel(axis_title(drawn.outcome))
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=4)
    return figure


def _lines(axes: Axes, lines: Sequence[Line], label: str) -> None:
    look = style.looks([line.arm for line in lines])
    for line in lines:
        chosen = look[line.arm]
        axes.errorbar(
            np.arange(len(line.at)), line.mean, yerr=line.half, color=chosen.colour, linestyle=chosen.dash,
            marker=chosen.marker, capsize=3, label=plain(line.arm),
        )  # fmt: skip
    axes.set_xticks(range(len(lines[0].at)), [short(value) for value in lines[0].at])
    axes.set_xlabel(label)


def _losses_figure(drawn: Drawn, runs: pd.DataFrame, title: str) -> Figure:
    """Return what each loss does to each arm, with intervals, a panel a loss."""
    losses = losses_of(drawn, runs)
    figure = Figure(figsize=(2.2 * len(losses) + 2.4, 3.6), layout="constrained")
    figure.suptitle(title, fontweight="bold", ha="left", x=0.01)
    panels = figure.subplots(1, len(losses), sharey=True, squeeze=False)[0]
    for axes, (loss, line) in zip(panels, losses.items(), strict=True):
        arms = list(line)
        means, halves = ([line[arm][n] for arm in arms] for n in (0, 1))
        axes.errorbar(means, range(len(arms)), xerr=halves, fmt="o", color=style.BLUE, capsize=3)
        axes.axvline(0.0, color=style.GREY, linewidth=1)
        axes.set_yticks(range(len(arms)), [plain(arm) for arm in arms])
        axes.set_title(plain(loss), fontsize=10)
    panels[0].invert_yaxis()
    figure.supxlabel(f"What the loss adds: {axis_title(drawn.outcome).lower()}".replace("\n", " "), fontsize=11)
    return figure


def axis_title(outcome: str) -> str:
    """Return what stands at an axis."""
    found = OUTCOMES.get(outcome)
    return plain(outcome) if found is None else f"{found.title}\n({found.unit})"


def axis_words(name: str) -> str:
    """Return what stands at the axis of an uncertainty."""
    return AXES.get(name, plain(name))


def plain(name: str) -> str:
    """Return a name as words."""
    return name.replace("_", " ").capitalize()


def short(value: Any) -> str:
    """Return a value of an axis."""
    return f"{value:g}" if isinstance(value, int | float | np.number) and isfinite(value) else str(value)
