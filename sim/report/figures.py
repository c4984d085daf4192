"""The figures. Each says what it shows, in which unit and over how many runs, and carries the run's identity."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from sim.outcomes import OUTCOMES, SERIES
from sim.report import style
from sim.report.words import as_percent, counted, headline_outcomes, inner, listing, rows_of
from sim.study.compare import Comparison
from sim.study.statistics import Verdict
from sim.world.country import Country, load_country

Floats = npt.NDArray[np.float64]

BAND = (0.1, 0.9)
BAND_SAYS = "bands hold 8 runs in 10"
CONTEXT = ("deaths_per_100k", "restricted_share")
FIFTHS = (1, 2, 3, 4, 5)
MOST_MOVED = 400  # places beyond which dots are drawn where they are
MOST_VECTORS = 2000  # dots beyond which an SVG holds a picture of them
PIXELS_PER_INCH = 160


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with the words that go with it.

    Parameters
    ----------
    name
        File name without ending.
    title
        What it shows.
    caption
        How to read it.
    alt
        The same for those who cannot see it, with its main numbers.
    figure
        The drawing.
    run_id
        Identity of what is drawn.
    """

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure
    run_id: str

    def svg(self) -> str:
        """Return the drawing as SVG for a page: no header, ids of its own, any width, and a text alternative."""
        text = self._saved("svg").decode("utf-8")
        text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
        text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{self.name}-", text)
        opening, rest = text.split(">", 1)
        opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
        return f'{opening} role="img" aria-label="{escape(self.alt)}">{rest}'

    def save(self, folder: Path) -> None:
        """Write the drawing as SVG and PNG."""
        (folder / f"{self.name}.svg").write_bytes(self._saved("svg"))
        (folder / f"{self.name}.png").write_bytes(self._saved("png"))

    def _saved(self, kind: str) -> bytes:
        about: dict[str, Any] = {"Title": self.title, "Description": f"{self.alt} Run {self.run_id}."}
        if kind == "svg":
            about["Date"] = None  # the same run gives the same bytes
        with style.applied(), io.BytesIO() as file:
            self.figure.savefig(file, format=kind, dpi=PIXELS_PER_INCH, metadata=about)
            return file.getvalue()


def all_pictures(comparison: Comparison) -> Iterator[Picture]:
    """Yield every figure that there is something to show in."""
    if comparison.done.empty:
        return
    country = load_country(comparison.scenario.country)
    with style.applied():
        if len(comparison.names) > 1 and len(comparison.seeds) > 1:
            yield differences(comparison)
        yield harm_over_time(comparison)
        if has_regret(comparison):
            yield learning_curves(comparison)
        yield resources(comparison)
        yield equity(comparison)
        yield place_map(comparison, country)


# --- the sheet -------------------------------------------------------------------------------------------


def sheet(
    comparison: Comparison, title: str, subtitle: str, size: tuple[float, float], labels: Sequence[str] = ()
) -> Figure:
    """Return an empty figure that carries a comparison's identity; the rest as for `stamped_sheet`."""
    return stamped_sheet(stamp(comparison), title, subtitle, size, labels)


def stamped_sheet(
    identity: str, title: str, subtitle: str, size: tuple[float, float], labels: Sequence[str] = ()
) -> Figure:
    """Return an empty figure: on top its title and room for a legend with these labels, below the run's identity.

    The size, in inches, is without the legend.
    """
    wide, high = size
    lines = textwrap.wrap(subtitle, int(wide * 11.5))
    key = 0.1 + 0.24 * -(-len(labels) // legend_columns(wide, labels)) if labels else 0.0
    top, bottom, high = 0.62 + 0.2 * len(lines) + key, 0.34, high + key
    room = (0.012, bottom / high, 0.976, (high - top - bottom) / high)
    figure = Figure(figsize=(wide, high), layout=ConstrainedLayoutEngine(rect=room, h_pad=0.08, w_pad=0.08))
    figure.text(0.012, 1 - 0.12 / high, title, fontsize=16, fontweight="bold", va="top")
    figure.text(0.012, 1 - 0.48 / high, "\n".join(lines), fontsize=11, va="top")
    figure.text(0.012, 0.1 / high, identity, fontsize=8, color="#595959", va="bottom")
    return figure


def legend_columns(wide: float, labels: Sequence[str]) -> int:
    """Return how many labels fit beside each other on a figure this many inches wide."""
    if 0.75 * len(labels) + 0.085 * sum(len(label) for label in labels) < wide:
        return len(labels)
    return min(len(labels), max(1, int(wide / (0.75 + 0.085 * max(len(label) for label in labels)))))


def legend(figure: Figure, axes: Axes, subtitle_lines: int = 1) -> None:
    """Put one legend for all panels below the subtitle."""
    wide, high = figure.get_size_inches()
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.004, 1 - (0.48 + 0.2 * subtitle_lines) / high),
        ncols=legend_columns(wide, labels), handlelength=2.6, columnspacing=1.6,
    )  # fmt: skip


def finished(name: str, title: str, caption: str, alt: str, figure: Figure, comparison: Comparison) -> Picture:
    """Return a picture of a comparison with its layout settled."""
    return settled(name, title, caption, alt, figure, comparison.run_id)


def settled(name: str, title: str, caption: str, alt: str, figure: Figure, identity: str) -> Picture:
    """Return a picture with its layout settled, so that it is saved the same each time."""
    for _ in range(2):  # labels take room from panels, and then fewer labels fit
        figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return Picture(name, title, caption, alt, figure, identity)


def stamp(comparison: Comparison) -> str:
    """Return the small print: which run this is."""
    crises = sorted({digest[:12] for digest in comparison.crises.values()})
    crisis = crises[0] if len(crises) == 1 else f"{crises[0]} to {crises[-1]}, {len(crises)} in all"
    return f"meshgov run {comparison.run_id} | {comparison.scenario.name} | {runs_of(comparison)} | crisis {crisis}"


def runs_of(comparison: Comparison) -> str:
    """Return how many runs a figure is made from."""
    failed = len(comparison.failures)
    said = f"{counted(len(comparison.seeds), 'replicate')} of each structure"
    return f"{said}, {failed} failed" if failed else said


def present(comparison: Comparison) -> list[str]:
    """Return the structures with a completed run, the baseline first."""
    there = set(comparison.done["structure"])
    return [name for name in comparison.names if name in there]


# --- over time -------------------------------------------------------------------------------------------


def harm_over_time(comparison: Comparison) -> Picture:
    """Return harm day by day, with deaths and restriction below it."""
    names = present(comparison)
    context = [each for each in CONTEXT if each in comparison.series and comparison.series[each].abs().max() > 0]
    title = "Harm over time"
    subtitle, size = (
        f"Daily means over replicates; {BAND_SAYS}{' (upper panel)' if context else ''}.",
        (10.0, 4.9 + 1.6 * bool(context)),
    )
    figure = sheet(comparison, title, subtitle, size, [comparison.titles[name] for name in names])
    grid = figure.add_gridspec(2 if context else 1, max(1, len(context)), height_ratios=[2.2, 1] if context else None)
    main = figure.add_subplot(grid[0, :])
    panels = [main, *[figure.add_subplot(grid[1, index], sharex=main) for index in range(len(context))]]
    for axes, series in zip(panels, ["harm_per_1000", *context], strict=True):
        lines_over_days(axes, comparison, daily(comparison, series), SERIES[series], banded=axes is main)
    legend(figure, main)
    caption = (
        f"Lines are means over {runs_of(comparison)}; {BAND_SAYS}. The bands hold differences between crises, which "
        "all structures share: whether structures differ is in the table, where runs are paired."
    )
    alt = f"Line chart of {inner(SERIES['harm_per_1000'])} for each structure. {peaks(comparison, names)}"
    return finished("harm_over_time", title, caption, alt, figure, comparison)


REGRET_IS = "how far from the best ways of working (1 = as on day 0)"


def learning_curves(comparison: Comparison) -> Picture:
    """Return regret as a share of what it was on day 0."""
    title = "Learning curves"
    subtitle = f"1 is nothing learnt, 0 is the best way of working everywhere; {BAND_SAYS}."
    figure = sheet(comparison, title, subtitle, (10, 5.0), [comparison.titles[name] for name in present(comparison)])
    axes = figure.add_subplot()
    share = daily(comparison, "regret")
    axes.axhline(1.0, color=style.GREY, linewidth=1)
    lines_over_days(axes, comparison, share, REGRET_IS)
    axes.set_ylim(bottom=0)
    legend(figure, axes)
    ends = [f"{comparison.titles[name]} {runs.iloc[-1].mean():.2f}" for name, runs in share.items()]
    caption = (
        f"Means over {runs_of(comparison)}. Regret is how far the ways of working in use fall short of the best ones, "
        "place by place. It rises when what works shifts."
    )
    alt = f"Line chart of regret as a share of day-0 regret. On the last day: {listing(ends)}."
    return finished("learning_curves", title, caption, alt, figure, comparison)


def has_regret(comparison: Comparison) -> bool:
    """Return whether any run starts with something to learn."""
    return bool((comparison.series["regret"] > 0).any())


def daily(comparison: Comparison, series: str) -> dict[str, pd.DataFrame]:
    """Return a national series for each structure: a row a day, a column a run."""
    frames = dict(tuple(comparison.series.groupby("structure")))
    return {
        name: frames[name].pivot_table(index="day", columns="seed", values=series, dropna=False)
        for name in present(comparison)
    }


def lines_over_days(
    axes: Axes, comparison: Comparison, runs: dict[str, pd.DataFrame], unit: str, *, banded: bool = True
) -> None:
    """Draw a mean, and perhaps a band, for each structure."""
    look = style.looks(comparison.names)
    for name, wide in runs.items():
        axes.plot(
            wide.index, wide.mean(axis=1), color=look[name].colour, linestyle=look[name].dash,
            label=comparison.titles[name],
        )  # fmt: skip
        if banded:
            low, high = (wide.quantile(share, axis=1) for share in BAND)
            axes.fill_between(wide.index, low, high, color=look[name].colour, alpha=0.1, linewidth=0)
    for change in comparison.scenario.change:
        axes.axvline(change.day, color=style.GREY, linewidth=1, linestyle=":")
    axes.set(xlabel="day", xlim=(0, max(1, comparison.scenario.days - 1)))
    axes.set_title(wrapped(unit, 46), fontsize=11, fontweight="normal")
    axes.yaxis.set_major_locator(round_ticks(5))


def round_ticks(count: int) -> MaxNLocator:
    """Return a locator of at most so many intervals, at round numbers."""
    return MaxNLocator(count, steps=[1, 2, 2.5, 5, 10])


def wrapped(text: str, width: int) -> str:
    """Return a text on several lines."""
    return "\n".join(textwrap.wrap(text, width))


def peaks(comparison: Comparison, names: Sequence[str]) -> str:
    """Return the highest daily mean of harm under each structure, in words."""
    mean = comparison.series.groupby(["structure", "day"])["harm_per_1000"].mean()
    said = [f"{comparison.titles[name]} {mean[name].max():.3g} on day {mean[name].idxmax()}" for name in names]
    return f"Highest daily means: {listing(said)}."


# --- resources -------------------------------------------------------------------------------------------


def resources(comparison: Comparison) -> Picture:
    """Return where staff time went: all of it, and the small uses by themselves."""
    names = present(comparison)
    days = comparison.resources.groupby("structure").mean(numeric_only=True).drop(columns="seed").loc[names]
    total = float(days.sum(axis=1).mean())
    share = days.div(days.sum(axis=1), axis=0)
    there = [str(use) for use in share.columns if (share[use] != 0.0).any()]
    uses = [*[use for use in style.USES if use in there], *[use for use in there if use not in style.USES]]
    small = [use for use in uses if use not in ("served", "absent", "idle")]
    title = "Where staff time went"
    subtitle = f"Share of staff-days by use; all structures have the same means, {staff_days(total)} a run."
    figure = sheet(comparison, title, subtitle, (10, 2.2 + 0.5 * len(names)), [use_title(use) for use in uses])
    left, right = figure.subplots(1, 2, width_ratios=[1.7, 1], sharey=True)
    stacked_bars(left, share[uses], 0.095)
    stacked_bars(right, share[small], 0.16)
    left.set_title("All staff-days")
    right.set_title("Overheads, enlarged")
    left.set_yticks(range(len(names)), [wrapped(comparison.titles[name], 18) for name in names])
    left.set_xlim(0, 1)
    legend(figure, left)
    served = share["served"].to_dict()
    said = [f"{comparison.titles[name]} {served[name]:.1%}" for name in names]
    caption = (
        f"Means over {runs_of(comparison)}. Coordination is time taken by ties, seats, reports and joint decisions."
    )
    alt = f"Stacked bars of staff-days by use. Share spent serving people: {listing(said)}."
    return finished("resources", title, caption, alt, figure, comparison)


def staff_days(count: float) -> str:
    """Return a number of staff-days in words."""
    return f"{count / 1e6:.3g} million staff-days" if count >= 1e6 else f"{count:,.0f} staff-days"


def stacked_bars(axes: Axes, share: pd.DataFrame, least: float) -> None:
    """Draw one bar for each structure, the first on top; parts of at least this share of the axis have a label."""
    start = np.zeros(len(share))
    widest = float(share.sum(axis=1).max())
    for use in share.columns:
        _, colour = style.USES.get(use, (use, style.YELLOW))
        bars = axes.barh(range(len(share)), share[use], left=start, color=colour, height=0.68, label=use_title(use))
        labels = [f"{part:.1%}" if part > least * widest else "" for part in share[use]]
        ink = "white" if use in ("coordination", "absent") else style.INK
        axes.bar_label(bars, labels, label_type="center", color=ink, fontsize=10)
        start += share[use].to_numpy()
    axes.set_ylim(len(share) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.xaxis.set_major_locator(round_ticks(5))


def use_title(use: str) -> str:
    """Return a use of staff time in words."""
    return style.USES.get(use, (use.replace("_", " "), ""))[0]


# --- equity ----------------------------------------------------------------------------------------------


def equity(comparison: Comparison) -> Picture:
    """Return what happened in each fifth of places by deprivation."""
    shown = {
        "harm_per_1000": ("Harm", OUTCOMES["harm_per_1000"].unit),
        "unmet_share": ("Unmet need", OUTCOMES["unmet_share"].unit),
        "deaths_per_100k": ("Deaths", "per 100,000 people"),
    }
    kept = {column: says for column, says in shown.items() if comparison.places[column].abs().max() > 0}
    title, labels = "Equity: outcomes by deprivation", [comparison.titles[name] for name in present(comparison)]
    figure = sheet(comparison, title, "Places by fifth of deprivation; bars hold 8 runs in 10.", (10, 4.9), labels)
    panels = figure.subplots(1, max(1, len(kept)), squeeze=False)[0]
    for axes, (column, (heading, unit)) in zip(panels, kept.items(), strict=False):
        lines_over_fifths(axes, comparison, by_fifth(comparison, column))
        axes.set_title(f"{heading}\n", loc="left")
        axes.text(0, 1.02, wrapped(unit, 38), transform=axes.transAxes, fontsize=11)
        axes.set_xlabel("fifth of places")
    legend(figure, panels[0])
    mean = by_fifth(comparison, "harm_per_1000").groupby("structure").mean()
    most, least = mean[FIFTHS[0]].to_dict(), mean[FIFTHS[-1]].to_dict()
    said = [f"{comparison.titles[name]} {most[name]:,.0f} and {least[name]:,.0f}" for name in present(comparison)]
    caption = (
        f"Population-weighted means over {runs_of(comparison)}; the bars hold 8 runs in 10. A steeper fall from left "
        "to right is less equal. Differences in the gap, with intervals, are in the table."
    )
    alt = (
        f"Line chart of outcomes by fifth of deprivation. Harm in the most and least deprived fifths: {listing(said)}."
    )
    return finished("equity", title, caption, alt, figure, comparison)


def by_fifth(comparison: Comparison, column: str) -> pd.DataFrame:
    """Return population-weighted means: a row for each run, a column for each fifth (1 the most deprived)."""
    places = comparison.places[["structure", "seed", "deprivation_fifth", "population"]].copy()
    places["total"] = comparison.places[column] * comparison.places["population"]
    sums = places.groupby(["structure", "seed", "deprivation_fifth"])[["total", "population"]].sum()
    wide = (sums["total"] / sums["population"]).reset_index(name="mean")
    wide = wide.pivot_table(index=["structure", "seed"], columns="deprivation_fifth", values="mean")
    return wide.reindex(columns=list(FIFTHS)).reindex(present(comparison), level="structure")


def lines_over_fifths(axes: Axes, comparison: Comparison, runs: pd.DataFrame) -> None:
    """Draw a mean and its spread for each structure and fifth, the structures side by side."""
    names, look = present(comparison), style.looks(comparison.names)
    for index, name in enumerate(names):
        x = np.array(FIFTHS) + 0.09 * (index - (len(names) - 1) / 2)
        mine = runs.loc[name]
        low, high = (mine.quantile(share) for share in BAND)
        colour, dash, marker = look[name].colour, look[name].dash, look[name].marker
        axes.vlines(x, low, high, color=colour, linewidth=1.4, alpha=0.6)
        axes.plot(
            x, mine.mean(), color=colour, linestyle=dash, marker=marker, linewidth=1.4, markersize=5,
            label=comparison.titles[name],
        )  # fmt: skip
    axes.set_xticks(FIFTHS, ["1\nmost\ndeprived", "2", "3", "4", "5\nleast\ndeprived"])
    axes.set_ylim(bottom=0)


# --- map -------------------------------------------------------------------------------------------------


def place_map(comparison: Comparison, country: Country) -> Picture:
    """Return a map for each structure: harm less that under the baseline, or harm itself if there is one only."""
    names = present(comparison)
    mean = comparison.places.groupby(["structure", "code"])["harm_per_1000"].mean().unstack().loc[names]  # noqa: PD010
    mean = mean[list(country.codes)]
    compared = len(names) > 1 and names[0] == comparison.baseline
    shown = mean.loc[names[1:]] - mean.loc[comparison.baseline] if compared else mean
    unit = OUTCOMES["harm_per_1000"].unit
    title, label = "Places: harm", unit
    if compared:
        title = f"Places: harm against {comparison.titles[comparison.baseline]}"
        label = f"difference in harm, {unit}"
    subtitle = (
        "Each dot is a place; its area is its population. Dots are moved apart so that none hides another. "
        "Means over replicates."
    )
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    figure = sheet(comparison, title, subtitle, (max(6.5, 2.9 * columns), 2.0 + 3.5 * rows))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    norm = norm_of(shown, compared)
    draw_maps(figure, panels, comparison, country, shown, norm, label)
    caption = (
        f"{label[0].upper()}{label[1:]}; means over {runs_of(comparison)}. All panels have one scale; blue is less "
        f"harm, orange more. {darkest(norm, compared)} A single place's difference has no interval here: read the "
        "pattern, not the place."
    )
    if not compared:
        caption = f"{label[0].upper()}{label[1:]}; means over {runs_of(comparison)}. {darkest(norm, compared)}"
    if comparison.scenario.country.kind == "england":
        caption += " The dot far left is the Isles of Scilly."
    alt = f"{title}: {map_words(comparison, shown, compared)}"
    return finished("map", title, caption, alt, figure, comparison)


def darkest(norm: Normalize, compared: bool) -> str:
    """Return what the colours at the ends of the scale mean, in words."""
    low, high = (f"{value:,.3g}" for value in (norm.vmin or 0.0, norm.vmax or 0.0))
    if compared:
        return f"The darkest blue and the darkest orange mean a difference of {high} or more."
    return f"The darkest colour means {low} or less, the brightest {high} or more."


def draw_maps(
    figure: Figure,
    panels: npt.NDArray[np.object_],
    comparison: Comparison,
    country: Country,
    shown: pd.DataFrame,
    norm: Normalize,
    label: str,
) -> None:
    """Draw one map a panel, with one colour bar for all."""
    x, y, radius = apart(country)
    colours = style.LESS_OR_MORE if norm.vmin == -(norm.vmax or 0.0) else style.LEVEL
    edge = 1.1 * radius
    for axes in panels:
        axes.set_axis_off()
        axes.set(aspect="equal", xlim=(min(x - edge), max(x + edge)), ylim=(min(y - edge), max(y + edge)))
    for axes, name in zip(panels, shown.index, strict=False):
        axes.set_title(wrapped(comparison.titles[name], 26), loc="center")
        dots = circles(axes, x, y, radius)
        dots.set(array=shown.loc[name].to_numpy(), cmap=colours, norm=norm)
    bar = figure.colorbar(dots, ax=list(panels), location="bottom", shrink=0.6, aspect=40, extend="both", label=label)
    bar.ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))


def circles(axes: Axes, x: Floats, y: Floats, radius: Floats) -> Any:
    """Draw a dot for each place, its size in the units of the map."""
    dots = EllipseCollection(
        2 * radius, 2 * radius, 0, units="xy", offsets=np.column_stack([x, y]), offset_transform=axes.transData,
        edgecolor=style.GREY, linewidth=0.4, rasterized=len(x) > MOST_VECTORS,
    )  # fmt: skip
    axes.add_collection(dots)
    return dots


def apart(country: Country) -> tuple[Floats, Floats, Floats]:
    """Return where dots go and their radius: as near to the map as they can be without hiding one another.

    Dots that overlap push each other apart, and each is drawn back to its own place (Dorling 1996, "Area
    cartograms"). A country of many places keeps its map, with dots small enough.
    """
    x, y = np.array(country.x), np.array(country.y)
    extent = max(np.ptp(x) * np.ptp(y), 1e-9)
    radius = np.sqrt(0.3 * extent * country.population / country.population.sum() / np.pi)
    radius = np.maximum(radius, 0.25 * np.median(radius))  # or the smallest would not be seen
    if len(country) > MOST_MOVED:
        return x, y, radius
    home = np.column_stack([x, y])
    spots = home.copy()
    for step in range(400):
        push = overlap_push(spots, radius)
        pull = 0.05 * (home - spots) * (step < 300)
        spots += push + pull
    return spots[:, 0], spots[:, 1], radius


def overlap_push(spots: Floats, radius: Floats) -> Floats:
    """Return how each dot is pushed by those it overlaps: shape (places, 2)."""
    gap = spots[:, None, :] - spots[None, :, :]
    distance = np.sqrt((gap**2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    overlap = np.clip(1.04 * (radius[:, None] + radius[None, :]) - distance, 0.0, None)
    overlap[~np.isfinite(distance)] = 0.0
    return np.asarray(0.4 * (gap * (overlap / np.maximum(distance, 1e-9))[:, :, None]).sum(axis=1))


def norm_of(shown: pd.DataFrame, compared: bool) -> Normalize:
    """Return one scale for all panels; even on both sides of zero for differences."""
    values = shown.to_numpy()
    if compared:
        most = float(np.nanquantile(np.abs(values), 0.97)) or 1.0
        return Normalize(-most, most)
    low, high = (float(np.nanquantile(values, share)) for share in (0.03, 0.97))
    return Normalize(low, high if high > low else low + 1.0)


def map_words(comparison: Comparison, shown: pd.DataFrame, compared: bool) -> str:
    """Return what the maps show, in words."""
    if not compared:
        return f"from {shown.min().min():,.3g} to {shown.max().max():,.3g}."
    less = [f"{comparison.titles[name]} {(shown.loc[name] < 0).mean():.0%}" for name in shown.index]
    return f"share of places with less harm: {listing(less)}."


# --- differences -----------------------------------------------------------------------------------------


def differences(comparison: Comparison) -> Picture:
    """Return the headline outcomes' paired differences with their intervals."""
    table = comparison.table()
    outcomes = headline_outcomes(table)
    names = comparison.names[1:]
    baseline = comparison.titles[comparison.baseline]
    title = f"Headline differences from {baseline}"
    subtitle = (
        "Mean paired differences with 95% intervals. Filled: the verdict is better or worse. Hollow: no clear "
        f"difference, or not judged. Zero is {baseline}."
    )
    columns = 4 if len(outcomes) in (4, 7, 8) else min(3, len(outcomes))
    rows = -(-len(outcomes) // columns)
    figure = sheet(comparison, title, subtitle, (max(8, 3.1 * columns), 1.4 + rows * (1.2 + 0.38 * len(names))))
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes, outcome in zip(panels, outcomes, strict=False):
        percent = outcome.unit == "share"
        rows_here = rows_of(table, outcome.name)[1:]
        forest(axes, comparison, [as_percent(row) for row in rows_here] if percent else rows_here)
        axes.set_title(wrapped(outcome.title, 24))
        side = "left" if outcome.better == "lower" else "right"
        axes.set_xlabel(f"{wrapped('percentage points' if percent else outcome.unit, 32)}\n({side} is better)")
    panels[0].set_yticks(range(len(names)), [wrapped(comparison.titles[name], 20) for name in names])
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    for axes in panels[len(outcomes) :]:
        axes.set_visible(False)
    caption = f"Over {runs_of(comparison)}, paired by crisis. Each panel has its own unit and scale."
    titles = listing([inner(each.title) for each in outcomes])
    alt = f"Dots with intervals for {titles}. The numbers are in the headline table."
    return finished("differences", title, caption, alt, figure, comparison)


def forest(axes: Axes, comparison: Comparison, rows: Sequence[dict[str, Any]]) -> None:
    """Draw one outcome's differences, a row for each structure."""
    look = style.looks(comparison.names)
    axes.axvline(0.0, color=style.INK, linewidth=1.2)
    for height, row in enumerate(rows):
        colour, marker = look[row["structure"]].colour, look[row["structure"]].marker
        clear = row["verdict"] in (Verdict.BETTER, Verdict.WORSE)
        axes.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2)
        axes.plot(
            row["difference"], height, color=colour, marker=marker, markersize=8, markeredgewidth=1.6,
            markerfacecolor=colour if clear else "white",
        )  # fmt: skip
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(round_ticks(4))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
