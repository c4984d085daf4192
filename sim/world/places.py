"""Reading tables of places and of neighbours, with a plain refusal of whatever cannot be used."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sim.errors import InputError

NATION = "nation"
AREA_COLUMNS = {  # tier: column of its name in the table; empty where a place has none
    "region": "regional_body",
    "forum": "forum",
    "health_system": "health_system",
    "statistical_region": "statistical_region",
    "home_nation": "home_nation",
    "devolved": "devolved",
}
NUMBER_COLUMNS = {  # column: (lowest, highest, unit)
    "population": (1.0, 1e9, "people"),
    "over_65_percent": (0.0, 100.0, "per cent of people"),
    "minority_percent": (0.0, 100.0, "per cent of people"),
    "deprivation_score": (0.0, 1000.0, "index score"),
    "deprivation_uk_score": (0.0, 1000.0, "index score"),
    "latitude": (-90.0, 90.0, "degrees"),
    "longitude": (-180.0, 180.0, "degrees"),
}
PLACE_COLUMNS = ("code", "name", *AREA_COLUMNS.values(), *NUMBER_COLUMNS)
NEIGHBOUR_COLUMNS = ("code_a", "code_b")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Selection:
    """Which places of a table make up a country, and by which of its figures.

    Parameters
    ----------
    home_nation
        Name of the home nation whose places are taken; absent means all.
    deprivation
        Column of the score of deprivation: one that compares within this country.
    gaps
        Columns in which a number may be missing; the place then counts as the mean of the others (by people).
    """

    home_nation: str | None = None
    deprivation: Literal["deprivation_score", "deprivation_uk_score"] = "deprivation_score"
    gaps: tuple[str, ...] = ()

    def takes(self, row: dict[str, str]) -> bool:
        """Return whether a row is part of the country."""
        return self.home_nation is None or row["home_nation"] == self.home_nation

    def may_lack(self, column: str) -> bool:
        """Return whether a number may be missing from a column."""
        other_score = column.startswith("deprivation") and column != self.deprivation
        return other_score or column in self.gaps


WHOLE_TABLE = Selection()


@dataclass(frozen=True)
class PlaceRow:
    """One place as a table gives it: plain values, in the table's own units.

    Parameters
    ----------
    code, name
        The code that the place's key is made from, and the name people use.
    population
        People.
    deprivation, over_65
        Any scale: a country standardises them. Age may be unknown.
    minority
        Share of residents from ethnic minorities, in [0, 1]; may be unknown.
    x, y
        East and north, on any one scale.
    areas
        Tier to name of the area; a tier that the place lacks is left out.
    """

    code: str
    name: str
    population: float
    deprivation: float
    over_65: float | None
    minority: float | None
    x: float
    y: float
    areas: dict[str, str]


def read_places(path: Path, nation: str, selection: Selection = WHOLE_TABLE) -> list[PlaceRow]:
    """Return the places of a table.

    Parameters
    ----------
    path
        A CSV file with the columns of `PLACE_COLUMNS`.
    nation
        Name of the nation that all its places belong to.
    selection
        Which of its places are wanted, and by which figures.

    Raises
    ------
    InputError
        If a column is missing, a number is missing, out of range or not finite, or a place stands there twice.
    """
    rows: list[PlaceRow] = []
    seen: set[str] = set()
    for line, row in _table(path, PLACE_COLUMNS):
        if row["code"] in seen:
            raise InputError(f"place {row['code']} is listed twice.", "Remove one of its rows.", path, line, "code")
        seen.add(row["code"])
        rows += [_place(row, nation, selection, path, line)] if selection.takes(row) else []
    if not rows:
        raise InputError("the table has no places.", "Add one row for each place.", path)
    return rows


def read_codes(path: Path) -> list[str]:
    """Return the codes of all places of a table, whatever part of them a country takes."""
    return [row["code"] for _, row in _table(path, PLACE_COLUMNS)]


def read_neighbours(path: Path, codes: Sequence[str]) -> list[Pair]:
    """Return the pairs of neighbours of a table.

    Parameters
    ----------
    path
        A CSV file with the columns ``code_a`` and ``code_b``: each pair once, in either order.
    codes
        Codes of the places there are.

    Raises
    ------
    InputError
        If a place is unknown or its own neighbour, or a pair stands there twice.
    """
    known = set(codes)
    pairs: set[Pair] = set()
    for line, row in _table(path, NEIGHBOUR_COLUMNS):
        for column in NEIGHBOUR_COLUMNS:
            _require_known(row[column], known, path, line, column)
        pairs.add(_new_pair(row["code_a"], row["code_b"], pairs, path, line))
    return sorted(pairs)


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises
    ------
    InputError
        If the file is missing, cannot be read, is empty, or is not text in UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file.", "Check the spelling of its path.", path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"the file cannot be read ({error}).", "Give a text file that you may read.", path) from None
    return _decoded(data, path)


def nearest(word: str, known: Sequence[str]) -> str:
    """Return a hint at the known word nearest to an unknown one, or a list of those that are known."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Use one of: {', '.join(sorted(known)[:12])}." if known else "There are none to choose from."


def _decoded(data: bytes, path: Path) -> str:
    if b"\0" in data:
        raise InputError("the file is binary, not text.", "Give a plain text file in UTF-8.", path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("the file is not text in UTF-8.", "Save it as UTF-8.", path, line) from None
    if not text.strip():
        raise InputError("the file is empty.", "Fill it, or give another file.", path)
    return text


def _table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row of a CSV file with the line it ends on."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        _check_header(header, columns, path)
        for values in reader:
            if values:
                yield reader.line_num, _row(header, values, path, reader.line_num)
    except csv.Error as error:
        raise InputError(f"the row cannot be read ({error}).", "Correct its quotes.", path, reader.line_num) from None


def _check_header(header: Sequence[str], columns: Sequence[str], path: Path) -> None:
    for column in columns:
        if column not in header:
            raise InputError("the table lacks this column.", "Add it to the first line.", path, 1, column)
    for column in header:
        if column not in columns:
            raise InputError("the column is not known.", nearest(column, columns), path, 1, column)
        if header.count(column) > 1:
            raise InputError("the column stands there twice.", "Remove one.", path, 1, column)


def _row(header: Sequence[str], values: Sequence[str], path: Path, line: int) -> dict[str, str]:
    if len(values) != len(header):
        problem = f"the row has {len(values)} values where the header has {len(header)}."
        raise InputError(problem, "Give one value for each column; quote values that hold a comma.", path, line)
    return {name: value.strip() for name, value in zip(header, values, strict=True)}


def _place(row: dict[str, str], nation: str, selection: Selection, path: Path, line: int) -> PlaceRow:
    for column in ("code", "name"):
        if not row[column]:
            raise InputError("the value is missing.", "Fill it in.", path, line, column)
    numbers = {
        column: _number(row[column], column, path, line)
        for column in NUMBER_COLUMNS
        if row[column] or not selection.may_lack(column)
    }
    areas = {tier: row[column] for tier, column in AREA_COLUMNS.items() if row[column]}
    return PlaceRow(
        code=row["code"],
        name=row["name"],
        population=numbers["population"],
        deprivation=numbers[selection.deprivation],
        over_65=numbers.get("over_65_percent"),
        minority=numbers["minority_percent"] / 100.0 if "minority_percent" in numbers else None,
        x=numbers["longitude"],
        y=numbers["latitude"],
        areas={NATION: nation, **areas},
    )


def _number(text: str, column: str, path: Path, line: int) -> float:
    low, high, unit = NUMBER_COLUMNS[column]
    remedy = f"Give a number from {low:g} to {high:g} ({unit})."
    if not text:
        raise InputError("the number is missing.", remedy, path, line, column)
    try:
        value = float(text)
    except ValueError:
        raise InputError(f'"{text}" is not a number.', remedy, path, line, column) from None
    if not low <= value <= high or value - value != 0.0:
        raise InputError(f"{text} is out of range.", remedy, path, line, column)
    return value


def _require_known(code: str, known: set[str], path: Path, line: int, column: str) -> None:
    if code not in known:
        problem = f'the neighbour "{code}" is not among the places.'
        raise InputError(problem, nearest(code, sorted(known)), path, line, column)


def _new_pair(a: str, b: str, pairs: set[Pair], path: Path, line: int) -> Pair:
    pair = (a, b) if a < b else (b, a)
    if a == b:
        raise InputError(f"{a} is listed as its own neighbour.", "Remove the row.", path, line, "code_b")
    if pair in pairs:
        problem = f"{a} and {b} are listed as neighbours twice."
        raise InputError(problem, "Remove one of the rows.", path, line, "code_a")
    return pair
