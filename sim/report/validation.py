"""What was recorded beside what the model gives: as text, as Markdown, as data, and as two figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.marks import with_text
from sim.report import style
from sim.study.validation import Pattern, Validation

HEADS = ("what", "period", "use", "recorded", "model, mean", "model, range", "verdict")
MARKS = ("<!-- validation: begin -->", "<!-- validation: end -->")
PARTS = {
    "unfitted": "Geography, england_2020 as it is (nothing fitted)",
    "geography": "Geography, fitted on the first wave",
    "delay": "Delay, fitted before November 2020",
}
PIXELS_PER_INCH = 110


def rows_of(patterns: Sequence[Pattern], fitted: bool = True) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each pattern."""
    for each in patterns:
        use = "test" if each.is_test or not fitted else "fit"
        spread = f"{number(min(each.runs))} to {number(max(each.runs))}"
        verdict = "holds" if each.holds else "FAILS"
        yield each.name, each.period, use, number(each.recorded), number(each.mean), spread, verdict


def number(value: float) -> str:
    """Return a number in a few digits."""
    return f"{value:.2f}" if isfinite(value) else "never"


def parts_of(validation: Validation) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield each part's title and rows."""
    for name, title in PARTS.items():
        yield title, list(rows_of(getattr(validation, name), fitted=name != "unfitted"))


def settings_of(validation: Validation) -> str:
    """Return the fitted settings in a sentence."""
    fits = [*validation.geography_settings.items(), *validation.delay_settings.items()]
    return "Fitted: " + ", ".join(f"{name} {value:.3g}" for name, value in fits) + ". None of these is a default."


def as_text(validation: Validation) -> str:
    """Return the tables for a terminal."""
    lines = []
    for title, rows in parts_of(validation):
        widths = [max(len(cells[i]) for cells in [HEADS, *rows]) for i in range(len(HEADS))]
        lines += [title, *(_aligned(cells, widths) for cells in [HEADS, *rows]), ""]
    return "\n".join([*lines, settings_of(validation)])


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def put_into(page: str, validation: Validation) -> str:
    """Return a page with the tables between its marks replaced.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    text = ""
    for title, rows in parts_of(validation):
        table = "\n".join(_line(cells) for cells in [HEADS, ["---"] * len(HEADS), *rows])
        text += f"**{title}**\n\n{table}\n\n"
    return with_text(page, *MARKS, f"{text}{settings_of(validation)}")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def as_data(validation: Validation) -> dict[str, Any]:
    """Return everything for JSON; what never happened becomes None."""

    def plain(each: Pattern) -> dict[str, Any]:
        runs = [value if isfinite(value) else None for value in each.runs]
        return {**each._asdict(), "runs": runs, "holds": each.holds}

    patterns = {name: [plain(each) for each in getattr(validation, name)] for name in PARTS}
    fitted = {"geography": validation.geography_settings, "delay": validation.delay_settings}
    return {**patterns, "settings": fitted, "holds": all_tests_hold(validation)}


def all_tests_hold(validation: Validation) -> bool:
    """Return whether everything that was not fitted holds, with what was fitted."""
    return all(each.holds for each in (*validation.geography, *validation.delay) if each.is_test)


def draw(validation: Validation, folder: Path) -> list[Path]:
    """Draw both figures into a folder; return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with style.applied():
        for name in ("geography", "delay"):
            figure = _figure(getattr(validation, name), PARTS[name])
            made.append(folder / f"{name}.png")
            figure.savefig(made[-1], dpi=PIXELS_PER_INCH, metadata={"Software": "meshgov"})
    return made


def _figure(patterns: Sequence[Pattern], title: str) -> Figure:
    """Return dots for what was recorded over bars for the range of the model's runs, a panel for each period."""
    periods = list(dict.fromkeys(each.period for each in patterns))
    figure = Figure(figsize=(9.5, 4.2), layout="constrained")
    figure.suptitle(title, fontweight="bold", ha="left", x=0.01)
    for axes, period in zip(figure.subplots(1, len(periods), sharex=True, squeeze=False)[0], periods, strict=True):
        _panel(axes, [each for each in patterns if each.period == period], period)
    figure.axes[0].legend(loc="upper right")
    return figure


def _panel(axes: Axes, patterns: Sequence[Pattern], period: str) -> None:
    for row, each in enumerate(patterns):
        runs = [value for value in each.runs if isfinite(value)] or [0.0]
        said = ("range of runs", "mean", "recorded") if row == 0 else (None, None, None)
        bar, tick, dot = style.SKY, style.BLUE, style.VERMILION
        axes.plot([min(runs), max(runs)], [row, row], color=bar, linewidth=9, solid_capstyle="butt", label=said[0])
        axes.plot(float(np.mean(runs)), row, "|", color=tick, markersize=14, markeredgewidth=2.5, label=said[1])
        axes.plot(each.recorded, row, "D", color=dot, markersize=8, label=said[2])
    axes.set_yticks(range(len(patterns)), [each.name for each in patterns])
    axes.invert_yaxis()
    axes.set_title(f"{period} ({'test' if patterns[0].is_test else 'fit'})")
