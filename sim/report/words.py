"""Numbers and sentences for people: never more than the intervals allow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any

import pandas as pd

from sim.outcomes import OUTCOMES, Outcome
from sim.study.compare import Comparison
from sim.study.statistics import Verdict

UNKNOWN = "–"
MOST_DECIMALS = 6  # of a number in a table
MOST_DECIMALS_OF_PERCENT = 3
HARM_IS = (
    "Harm: one person waiting one day for help is one case-day; a case given up counts ten; services are weighted."
)
POINTS_ARE = "pp: percentage points."
WHERE_ALL_IS = "All outcomes are in report.html and table.csv in the results folder."
TINY = "tiny"
NOT_A_FORECAST = "This holds for this scenario and its assumptions; it is no forecast of a real crisis."


@dataclass(frozen=True)
class Cell:
    """One structure's result on one outcome, in words.

    Parameters
    ----------
    structure
        Its name.
    value
        Mean over the runs in which the outcome is defined.
    difference, interval
        From the baseline; a dash where there is none. Of shares, in percentage points (pp).
    verdict
        As in :class:`sim.study.statistics.Verdict`.
    note
        What the reader must know besides: a difference too small to show, runs that failed or left the outcome
        undefined.
    """

    structure: str
    value: str
    difference: str
    interval: str
    verdict: str
    note: str


def cells(rows: Sequence[dict[str, Any]]) -> list[Cell]:
    """Return an outcome's rows of :meth:`Comparison.table` in words, all with the same decimals.

    The decimals are those of the widest interval, or one less than those of the tightest if that is more; never so
    many that they show differences far below the values. Shares are percentages.
    """
    percent = bool(rows) and rows[0].get("unit") == "share"
    rows = [as_percent(row) for row in rows] if percent else rows
    values = max((abs(row["value"]) for row in rows if isfinite(row["value"])), default=0.0)
    of_values = value_decimals(values, percent)
    known = [
        row for row in rows if isfinite(row["difference"]) and (row["difference"] != 0.0 or row["low"] != row["high"])
    ]
    wanted = [decimals_for(row["difference"], row["low"], row["high"]) for row in known]  # 0 itself needs none
    decimals = max(min(wanted), max(wanted) - 1) if wanted else 0
    most = MOST_DECIMALS_OF_PERCENT if percent else min(MOST_DECIMALS, of_values + 2)
    return [cell(row, of_values, min(decimals, most), percent) for row in rows]


def as_percent(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of shares with its numbers in per cent."""
    return row | {key: 100.0 * row[key] for key in ("value", "difference", "low", "high")}


def value_decimals(largest: float, percent: bool) -> int:
    """Return the decimals that show values up to the largest: three digits of it; of percentages two, or a tenth."""
    if percent:
        return min(MOST_DECIMALS_OF_PERCENT, max(1, 1 - magnitude(largest)))
    return min(MOST_DECIMALS, max(0, 2 - magnitude(largest)))


def cell(row: dict[str, Any], of_value: int, decimals: int, percent: bool) -> Cell:
    """Return one row in words."""
    known, there = isfinite(row["low"]), isfinite(row["difference"])
    value, difference = fixed(row["value"], of_value), signed(row["difference"], decimals)
    tiny = difference == "0" and row["verdict"] in (Verdict.BETTER, Verdict.WORSE)
    return Cell(
        structure=row["structure"],
        value=f"{value}%" if percent and value != UNKNOWN else value,
        difference=f"{difference} pp" if percent and there and difference != "0" else difference,
        interval=f"[{signed(row['low'], decimals)}, {signed(row['high'], decimals)}]" if known else UNKNOWN,
        verdict=row["verdict"],
        note=note(row, tiny),
    )


def note(row: dict[str, Any], tiny: bool = False) -> str:
    """Return what must be said of a row: that its difference is too small to show, and which runs are missing."""
    said = [TINY] if tiny else []
    if row["undefined"]:
        said.append(f"{row['undefined']} of {row['runs'] + row['undefined']} undefined")
    if row["failed"]:
        said.append(f"{row['failed']} failed")
    if row["verdict"] == Verdict.UNJUDGED:
        said.append("one pair: no interval" if row["pairs"] == 1 else f"{row['pairs']} pairs")
    return ", ".join(said)


def decimals_for(difference: float, low: float, high: float) -> int:
    """Return the decimals that show a difference: two digits of the half-width of its interval, or three of itself."""
    half = (high - low) / 2
    if isfinite(half) and half > 0.0:
        return max(0, 1 - magnitude(half))
    return max(0, 2 - magnitude(difference))


def magnitude(value: float) -> int:
    """Return the power of ten of a number's first digit; 2 for zero, which needs no decimals."""
    return floor(log10(abs(value))) if value else 2


def signed(value: float, decimals: int) -> str:
    """Return a difference with its sign; "0" where nothing of it is left at these decimals."""
    text = fixed(value, decimals)
    return f"+{text}" if value > 0 and text != "0" else text


def fixed(value: float, decimals: int) -> str:
    """Return a number with fixed decimals; "0" where nothing of it is left, a dash where it is unknown."""
    if not isfinite(value):
        return UNKNOWN
    text = f"{value:,.{decimals}f}"
    return text if any(digit in text for digit in "123456789") else "0"


def listing(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def inner(title: str) -> str:
    """Return a title as it stands within a sentence."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def counted(count: int, thing: str, plural: str = "s") -> str:
    """Return a count with its noun."""
    return f"{count:,} {thing}{'' if count == 1 else plural}"


def counted_crises(count: int) -> str:
    """Return a count of crises."""
    return f"{count:,} {'crisis' if count == 1 else 'crises'}"


def headline_outcomes(table: pd.DataFrame) -> list[Outcome]:
    """Return the headline outcomes that are defined in any run, the main one first."""
    defined = set(table.loc[table["runs"] > 0, "outcome"])
    return [each for each in OUTCOMES.values() if each.headline and each.name in defined]


def undefined_everywhere(table: pd.DataFrame) -> list[Outcome]:
    """Return the outcomes that no run defines."""
    runs = table.groupby("outcome")["runs"].sum()
    return [each for each in OUTCOMES.values() if runs[each.name] == 0]


def zero_everywhere(comparison: Comparison) -> list[Outcome]:
    """Return the outcomes, headlines aside, that are 0 in every run: there is nothing of the kind here."""
    done = comparison.done
    return [e for e in OUTCOMES.values() if not e.headline and len(done) > 0 and (done[e.name] == 0.0).all()]


def listed_outcomes(comparison: Comparison) -> list[Outcome]:
    """Return the outcomes that have something to tell: defined in some run, and not 0 in all."""
    left_out = {each.name for each in [*undefined_everywhere(comparison.table()), *zero_everywhere(comparison)]}
    return [each for each in OUTCOMES.values() if each.name not in left_out]


def rows_of(table: pd.DataFrame, outcome: str) -> list[dict[str, Any]]:
    """Return an outcome's rows, the baseline first."""
    return [dict(zip(table.columns, row, strict=True)) for row in table[table["outcome"] == outcome].to_numpy()]


def main_sentence(comparison: Comparison) -> str:
    """Return what the comparison says on its main outcome, in one sentence."""
    table, others = comparison.table(), comparison.names[1:]
    outcomes = headline_outcomes(table)
    if not outcomes:
        return "No run was completed, so nothing can be said."
    if not others:
        return f"Only {comparison.titles[comparison.baseline]} was run, so nothing is compared."
    main, baseline = outcomes[0], comparison.titles[comparison.baseline]
    rows = rows_of(table, main.name)
    titles = {name: comparison.titles[name] + tiny for name, tiny in marks_of_tiny(rows).items()}
    parts = verdict_parts(rows[1:], titles)
    if list(parts) == [Verdict.UNJUDGED]:
        return f"Too few complete pairs of runs to judge {inner(main.title)}: any difference here may be chance."
    said = [said_of(verdict, names, main) for verdict, names in parts.items()]
    pairs = counted(len(comparison.seeds), "paired run")
    return f"Against {baseline}, in {pairs}, {inner(main.title)} was {'; '.join(said)}."


def marks_of_tiny(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return what is to follow each structure where its difference is judged but too small to show."""
    return {each.structure: f" ({TINY})" if each.note.startswith(TINY) else "" for each in cells(rows)}


def verdict_parts(rows: Sequence[dict[str, Any]], titles: dict[str, str]) -> dict[str, list[str]]:
    """Return the titles of structures by verdict, the best verdict first."""
    by_verdict = {
        str(verdict): [titles[row["structure"]] for row in rows if row["verdict"] == verdict] for verdict in Verdict
    }
    return {verdict: names for verdict, names in by_verdict.items() if names}


def said_of(verdict: str, names: Sequence[str], outcome: Outcome) -> str:
    """Return one part of the main sentence."""
    if verdict == Verdict.UNCLEAR:
        return f"not clearly different under {listing(names)}"
    if verdict == Verdict.UNJUDGED:
        return f"not judged under {listing(names)}"
    lower = (verdict == Verdict.BETTER) == (outcome.better == "lower")
    return f"{'lower' if lower else 'higher'} ({verdict}) under {listing(names)}"


def trade_offs(comparison: Comparison, name: str) -> str:
    """Return where a structure did better and worse than the baseline, over the headline outcomes."""
    table = comparison.table()
    rows = [rows_of(table, outcome.name) for outcome in headline_outcomes(table)]
    mine = [
        row | {"title": inner(row["title"]) + marks_of_tiny(each)[name]}
        for each in rows
        for row in each
        if row["structure"] == name
    ]
    said = []
    for verdict in (Verdict.BETTER, Verdict.WORSE, Verdict.UNCLEAR, Verdict.UNJUDGED):
        titles = [row["title"] for row in mine if row["verdict"] == verdict]
        if titles:
            said.append(
                f"{verdict}{'' if verdict in (Verdict.UNCLEAR, Verdict.UNJUDGED) else ' on'}: {listing(titles)}"
            )
    return "; ".join(said).replace(" on: ", " on ")


def first_sentence(text: str) -> str:
    """Return the first sentence of a text."""
    words = " ".join(text.split())
    end = words.find(". ")
    return words if end < 0 else words[: end + 1]


def text_table(comparison: Comparison) -> str:
    """Return the whole table as aligned text, the headline outcomes last, where a terminal stops."""
    table = comparison.table()
    ordered = sorted(listed_outcomes(comparison), key=lambda each: each.headline)
    width = max(len(name) for name in comparison.names)
    lines = [line for outcome in ordered for line in text_block(rows_of(table, outcome.name), outcome, width)]
    return "\n".join([*text_heading(comparison), *lines, *text_footing(comparison)])


def text_heading(comparison: Comparison) -> list[str]:
    """Return what stands above the table."""
    runs = f"{counted(len(comparison.seeds), 'replicate')}, seeds {comparison.seeds[0]} to {comparison.seeds[-1]}"
    about = f"{comparison.scenario.title}: {counted(comparison.scenario.days, 'day')}, {runs}."
    if len(comparison.names) == 1:
        return [about]
    return [about, f"Differences are from {comparison.baseline}, paired by seed, with 95% intervals. {POINTS_ARE}"]


def text_block(rows: Sequence[dict[str, Any]], outcome: Outcome, width: int) -> Iterator[str]:
    """Yield the lines of one outcome."""
    yield ""
    yield f"{outcome.heading} {outcome.name}"
    for each in cells(rows):
        line = f"  {each.structure:<{width}} {each.value:>12}"
        if len(rows) > 1:
            line += f" {each.difference:>12}  {each.interval:<24} {each.verdict}"
        yield f"{line}{f' ({each.note})' if each.note else ''}".rstrip()


def text_footing(comparison: Comparison) -> list[str]:
    """Return what stands below the table: what is missing from it, and what it means."""
    absent = [outcome.name for outcome in undefined_everywhere(comparison.table())]
    lines = ["", HARM_IS]
    lines += [f"Not defined in any run: {', '.join(absent)}."] if absent else []
    zero = [outcome.name for outcome in zero_everywhere(comparison)]
    lines += [f"Zero in every run: {', '.join(zero)}."] if zero else []
    failures = comparison.failures.to_dict("records")
    lines += [
        f"Failed: {row['structure']}, seed {row['seed']}, at {row['stage']}: {row['message']}" for row in failures
    ]
    return [*lines, *textwrap.wrap(main_sentence(comparison), 118), NOT_A_FORECAST]
