"""Recorded weekly series: read from a table, its accepted gaps filled, its areas spread over the places of a country.

What is missing and not accepted is refused, with the file, the line, the area and the week.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from sim.errors import InputError
from sim.paths import is_path, shipped
from sim.world.fields import Settings, choice, words
from sim.world.places import read_text

if TYPE_CHECKING:  # reads scenarios, which are made of crises
    from sim.world.country import Country

Reals = NDArray[np.float64]
Column: TypeAlias = Literal["cases", "deaths_28_days"]
COLUMNS: tuple[Column, ...] = ("cases", "deaths_28_days")
OTHER: dict[Column, Column] = {"cases": "deaths_28_days", "deaths_28_days": "cases"}
HEADING = ("week_start", "code", *COLUMNS)
WEEK = timedelta(days=7)


class Crosswalk(Settings):
    """An area of the record that stands for several places, or for one under another code."""

    area: str = choice(..., "Code of the area in the record.")
    places: tuple[str, ...] = words("Codes of its places; what was recorded is split between them by population.")


class Gap(Settings):
    """Missing values that are accepted, and the rule that fills them."""

    column: Column = choice(..., "What is missing.")
    areas: tuple[str, ...] = words("Beginnings of the codes of areas where it is missing.")
    first: str = choice("", "Monday of the first week of it; none: from the beginning.")
    last: str = choice("", "Monday of the last week of it; none: to the end.")
    rule: Literal["zero", "between", "like_others"] = choice(
        ...,
        "What fills it: nothing happened; a straight line between the weeks around it; or as many for each of the "
        "other column as in all other areas of that week.",
    )

    @field_validator("first", "last")
    @classmethod
    def _a_date(cls, text: str) -> str:
        return checked_date(text) if text else text

    def covers(self, area: str, week: date) -> bool:
        """Return whether it covers an area's week."""
        first, last = self.first or date.min.isoformat(), self.last or date.max.isoformat()
        return area.startswith(self.areas) and first <= week.isoformat() <= last


class Record(NamedTuple):
    """Weekly values by area; NaN where nothing is recorded.

    Parameters
    ----------
    path
        The file.
    weeks
        Mondays, one after another.
    areas
        Codes, in ascending order.
    values
        For each column its values, shape (weeks, areas).
    lines
        Line of each area's week in the file.
    """

    path: Path
    weeks: tuple[date, ...]
    areas: tuple[str, ...]
    values: dict[Column, Reals]
    lines: dict[tuple[str, date], int]


def checked_date(text: str) -> str:
    """Return a date of the form 2020-02-03 that is a Monday.

    Raises
    ------
    ValueError
        If it is none.
    """
    day = as_date(text)
    if day is None or day.weekday() != 0:
        raise ValueError(f'"{text}" is no Monday of the form 2020-02-03; give the first day of a week.')
    return text


def as_date(text: str) -> date | None:
    """Return the date that a text of the form 2020-02-03 stands for, or None."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def file_of(series: str) -> Path:
    """Return the file of a series: a bare word is a shipped one, anything else a path."""
    is_own = is_path(series) or series.endswith(".csv")
    return Path(series) if is_own else shipped("scenarios") / "places" / f"{series}.csv"


def read_record(series: str) -> Record:
    """Return a recorded series.

    Raises
    ------
    InputError
        If the file is missing, or a line of it cannot be used.
    """
    path = file_of(series)
    read_text(path)  # says so where it is missing, empty or no text
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Record:
    rows = list(_rows(path))
    if not rows:
        raise InputError("there is no row in it.", "Give a row for each area and week.", path)
    weeks = _weeks(rows[0][0], [row[0] for row in rows])
    areas = tuple(sorted({row[1] for row in rows}))
    values: dict[Column, Reals] = {column: np.full((len(weeks), len(areas)), np.nan) for column in COLUMNS}
    at, of = {week: n for n, week in enumerate(weeks)}, {area: n for n, area in enumerate(areas)}
    lines: dict[tuple[str, date], int] = {}
    for week, area, numbers, line in rows:
        if (area, week) in lines:
            problem = f"area {area} has a second row for the week of {week}; the first is in line {lines[area, week]}."
            raise InputError(problem, "Keep one of them.", path, line)
        lines[area, week] = line
        for column, value in zip(COLUMNS, numbers, strict=True):
            values[column][at[week], of[area]] = value
    return Record(path, weeks, areas, values, lines)


def _weeks(first: date, found: Sequence[date]) -> tuple[date, ...]:
    """Return all Mondays from the first to the last that is found."""
    week, last = min(first, *found), max(first, *found)
    weeks = [week]
    while weeks[-1] < last:
        weeks.append(weeks[-1] + WEEK)
    return tuple(weeks)


def _rows(path: Path) -> Iterator[tuple[date, str, list[float], int]]:
    """Yield week, area, values and line of each row."""
    reader = csv.reader(io.StringIO(read_text(path)))
    heading = next(reader, [])
    if tuple(heading) != HEADING:
        raise InputError("the columns are not those of a record.", f"Begin with {','.join(HEADING)}.", path, 1)
    for cells in reader:
        line = reader.line_num
        if len(cells) != len(HEADING):
            raise InputError(f"the row has {len(cells)} values.", f"Give {len(HEADING)}.", path, line)
        week = as_date(cells[0])
        if week is None or week.weekday() != 0:
            problem = f'"{cells[0]}" is no Monday of the form 2020-02-03.'
            raise InputError(problem, "Give the first day of the week.", path, line, HEADING[0])
        numbers = [_number(cell, column, path, line) for cell, column in zip(cells[2:], COLUMNS, strict=True)]
        yield week, cells[1], numbers, line


def _number(cell: str, column: Column, path: Path, line: int) -> float:
    """Return a value that was recorded, NaN where none was."""
    if not cell:
        return float("nan")
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not isfinite(value) or value < 0.0:
        raise InputError(f'"{cell}" is no count.', "Give a number of 0 or more, or nothing.", path, line, column)
    return value


# ---- areas and gaps ----


def without(record: Record, beginnings: Sequence[str]) -> Record:
    """Return a record without the areas whose codes begin like that."""
    kept = [n for n, area in enumerate(record.areas) if not area.startswith(tuple(beginnings))]
    values = {column: record.values[column][:, kept] for column in COLUMNS}
    return record._replace(areas=tuple(record.areas[n] for n in kept), values=values)


def filled(record: Record, gaps: Sequence[Gap]) -> Record:
    """Return a record with every accepted gap filled, rule by rule as they are listed.

    Raises
    ------
    InputError
        If a value is missing that no rule covers.
    """
    values = {column: record.values[column].copy() for column in COLUMNS}
    for gap in gaps:
        _fill(record, values, gap)
    for column in COLUMNS:
        _check_complete(record, values[column], column)
    return record._replace(values=values)


def _fill(record: Record, values: dict[Column, Reals], gap: Gap) -> None:
    before = {column: values[column].copy() for column in COLUMNS}
    for n, area in enumerate(record.areas):
        for w, week in enumerate(record.weeks):
            if np.isnan(before[gap.column][w, n]) and gap.covers(area, week):
                values[gap.column][w, n] = _filling(before, gap, w, n)


def _filling(values: dict[Column, Reals], gap: Gap, week: int, area: int) -> float:
    """Return what a rule puts into a gap; NaN where it has nothing to go by."""
    if gap.rule == "zero":
        return 0.0
    if gap.rule == "between":
        return between(values[gap.column][:, area].tolist(), week)
    return like_others(values[gap.column][week].tolist(), values[OTHER[gap.column]][week].tolist(), area)


def between(values: Sequence[float], week: int) -> float:
    """Return the value on a straight line between the nearest weeks that have one; of one side, that of the nearest."""
    before = next((w for w in range(week, -1, -1) if isfinite(values[w])), None)
    after = next((w for w in range(week, len(values)) if isfinite(values[w])), None)
    if before is None or after is None:
        at = before if after is None else after
        return float("nan") if at is None else values[at]
    share = (week - before) / (after - before) if after > before else 0.0
    return values[before] + share * (values[after] - values[before])


def like_others(wanted: Sequence[float], known: Sequence[float], area: int) -> float:
    """Return a value in proportion to the other column, as in all areas of the week that have both."""
    above = below = 0.0
    for value, other in zip(wanted, known, strict=True):
        if isfinite(value) and isfinite(other):
            above, below = above + value, below + other
    return known[area] * above / below if below > 0.0 else 0.0 * known[area]


def _check_complete(record: Record, values: Reals, column: Column) -> None:
    for n, area in enumerate(record.areas):
        for w, week in enumerate(record.weeks):
            if np.isnan(values[w, n]):
                remedy = "Complete the file, or add a gap of the replay that covers it, with the rule that fills it."
                line = record.lines.get((area, week))
                what = f"area {area} has no {column} in the week of {week}."
                raise InputError(what if line else f"{what[:-1]}, nor a row.", remedy, record.path, line, column)


def places_of(record: Record, crosswalk: Sequence[Crosswalk], country: Country) -> list[list[int]]:
    """Return, for each area of a record, the places that it stands for.

    Raises
    ------
    InputError
        If an area or a place is unknown, or a place is covered by none or by two.
    """
    index = {code: place for place, code in enumerate(country.codes)}
    named = {entry.area: entry for entry in crosswalk}
    _check_crosswalk(record, crosswalk, country)
    places, by = [], dict.fromkeys(country.codes, "")
    for area in record.areas:
        codes = named[area].places if area in named else (area,)
        for code in codes:
            if code not in index:
                _refuse_area(record, area, country)
            if by[code]:
                problem = f"{country.names[index[code]]} ({code}) is covered by two areas: {by[code]} and {area}."
                raise InputError(problem, "Take one of them out of the record or the crosswalk.", record.path)
            by[code] = area
        places.append([index[code] for code in codes])
    for code, area in by.items():
        if not area:
            problem = f"{country.names[index[code]]} ({code}) is covered by no area."
            remedy = "Name, in a crosswalk of the replay, the area that it is part of, with all places of that area."
            raise InputError(problem, remedy, record.path)
    return places


def _refuse_area(record: Record, area: str, country: Country) -> None:
    line = min(number for (code, _), number in record.lines.items() if code == area)
    remedy = "Name its places in a crosswalk of the replay, or leave it out."
    raise InputError(f"{country.name} has no place with the code {area}.", remedy, record.path, line, "code")


def _check_crosswalk(record: Record, crosswalk: Sequence[Crosswalk], country: Country) -> None:
    for n, entry in enumerate(crosswalk):
        key = f"crosswalk[{n}]"
        if entry.area not in record.areas:
            raise InputError(f"the record has no area {entry.area}.", "Use codes of its areas.", record.path, key=key)
        if not entry.places:
            raise InputError(f"area {entry.area} has no places.", "Name those it stands for.", record.path, key=key)
        for code in entry.places:
            if code not in country.codes:
                problem = f"area {entry.area} cannot stand for {code}: {country.name} has no such place."
                raise InputError(problem, "Use codes of its places.", record.path, key=key)


def by_place(record: Record, places: Sequence[Sequence[int]], country: Country) -> dict[Column, Reals]:
    """Return weekly values of shape (weeks, places): each area's, split between its places by population."""
    out: dict[Column, Reals] = {column: np.zeros((len(record.weeks), len(country.codes))) for column in COLUMNS}
    for n, members in enumerate(places):
        people = 0.0
        for p in members:
            people += float(country.population[p])
        for p in members:
            for column in COLUMNS:
                out[column][:, p] = record.values[column][:, n] * (float(country.population[p]) / people)
    return out
