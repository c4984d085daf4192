"""A TOML file together with the line each of its keys stands on, and what it extends.

The standard reader (:mod:`tomllib`) says nothing about lines, so a small scanner walks over the text a second time.
It runs only on text that the reader has accepted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.world.places import read_text

Key = tuple[str | int, ...]
Table = dict[str, Any]
Finder = Callable[[str, Path], Path]

EXTENDS = "extends"
NOT_INHERITED = ("schema_version", "name")  # every file has its own

SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BLANK = re.compile(r"[ \t]*")
KEY_PART = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
VALUE_PART = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]"
    r"|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)
ERROR_LINE = re.compile(r"\(at line (\d+), column \d+\)$")


@dataclass(frozen=True)
class Spot:
    """Where a key stands; what was set on the command line has no line."""

    file: Path
    line: int | None


@dataclass
class Document:
    """Settings as files give them, with the spot of each key.

    Parameters
    ----------
    path
        The file that was asked for, or None for settings made in Python.
    data
        Its settings, laid over those of the file it extends.
    spots
        Where each key stands; keys of inline tables are found by the key they belong to.
    """

    path: Path | None
    data: Table
    spots: dict[Key, Spot] = field(default_factory=dict)

    def error(self, problem: str, remedy: str, key: Key = ()) -> InputError:
        """Return the refusal of a key, with the file and line of it or of the nearest key around it."""
        return InputError(_printable(problem), remedy, *self._spot(key), _printable(dotted(key)) or None)

    def _spot(self, key: Key) -> tuple[Path | None, int | None]:
        for length in range(len(key), 0, -1):
            spot = self.spots.get(key[:length])
            if spot is not None:
                return spot.file, spot.line
        return self.path, None


def read_document(path: Path, version: int, find: Finder) -> Document:
    """Return a file's settings, laid over those of the file that it extends.

    Parameters
    ----------
    path
        The file.
    version
        The version of the format that is understood.
    find
        Given the word after ``extends`` and the file it stands in, returns the file that is meant.

    Raises
    ------
    InputError
        If a file is missing, empty, binary or no TOML, is of another version, or extends itself in the end.
    """
    return _extended(path, version, find, ())


def dotted(key: Key) -> str:
    """Return a key as one writes it: ``powers.approach.advice[0]``."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def _printable(text: str) -> str:
    """Return a text on one line: a file may hold line ends and worse within quotes."""
    return "".join(character if character.isprintable() else "?" for character in text)


WHOLE = ("holder",)  # settings that may be a table, and are given as a whole: who holds a power by home nation


def merged(base: Table, over: Table) -> Table:
    """Return one table laid over another: tables are merged key by key, anything else, and `WHOLE`, is replaced."""
    result = dict(base)
    for name, value in over.items():
        below = None if name in WHOLE else result.get(name)
        result[name] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def _extended(path: Path, version: int, find: Finder, chain: tuple[Path, ...]) -> Document:
    document = _read(path)
    _check_version(document, version)
    word = document.data.pop(EXTENDS, None)
    if word is None:
        return document
    if not isinstance(word, str) or not word.strip():
        raise document.error("this is not a name or path.", 'Write it in quotes: extends = "mesh".', (EXTENDS,))
    chain = (*chain, _real(path))
    base_path = _found(document, word, find, path)
    if _real(base_path) in chain:
        raise document.error(f'extending "{word}" leads back to this file.', "Extend another file.", (EXTENDS,))
    return _laid_over(_extended(base_path, version, find, chain), document)


def _found(document: Document, word: str, find: Finder, beside: Path) -> Path:
    try:
        path = find(word, beside)
        read_text(path)
    except InputError as error:
        problem = f'"{word}" cannot be extended: {error.problem}'
        raise document.error(problem, error.remedy, (EXTENDS,)) from None
    return path


def _real(path: Path) -> Path:
    return path.resolve()


def _laid_over(base: Document, over: Document) -> Document:
    below = {name: value for name, value in base.data.items() if name not in NOT_INHERITED}
    replaced = {key for key in _leaves(over.data, ()) if key in base.spots}
    spots = {key: spot for key, spot in base.spots.items() if not any(key[: len(r)] == r for r in replaced)}
    for name in (*NOT_INHERITED, EXTENDS):
        spots.pop((name,), None)
    return Document(over.path, merged(below, over.data), spots | over.spots)


def _leaves(table: Table, above: Key) -> Iterator[Key]:
    """Yield the key of every value that is no table."""
    for name, value in table.items():
        key = (*above, name)
        if isinstance(value, dict):
            yield from _leaves(value, key)
        else:
            yield key


def _read(path: Path) -> Document:
    text = read_text(path).replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise InputError("the file is nested too deeply.", "Give plain tables of settings.", path) from None
    except ValueError as error:
        raise _syntax_error(str(error), text, path) from None
    return Document(path, data, {key: Spot(path, line) for key, line in key_lines(text).items()})


def _syntax_error(message: str, text: str, path: Path) -> InputError:
    at = ERROR_LINE.search(message)
    line = int(at.group(1)) if at else text.rstrip().count("\n") + 1
    what = message.partition(" (at ")[0]
    remedy = 'Correct the line: settings read key = value, words stand in "quotes", tables in [brackets].'
    return InputError(f"this is not TOML ({what}).", remedy, path, line)


def _check_version(document: Document, version: int) -> None:
    key: Key = ("schema_version",)
    given = document.data.get("schema_version")
    if given is None:
        raise document.error("the format's version is missing.", f"Add schema_version = {version} at the top.", key)
    if type(given) is not int:
        raise document.error("the version is not a whole number.", f"Write schema_version = {version}.", key)
    if given < version:
        remedy = f"Compare the file with a shipped one, change what differs and write schema_version = {version}."
        raise document.error(f"version {given} of the format is too old; it is now {version}.", remedy, key)
    if given > version:
        remedy = f"Install a newer meshgov, or write the file for version {version}."
        raise document.error(f"version {given} of the format is newer than this program.", remedy, key)


def key_lines(text: str) -> dict[Key, int]:
    """Return the line of every key of a TOML text that the reader accepts.

    Keys within inline tables and lists are left out: the key they belong to has the line.
    """
    return _Scanner(text).lines()


class _Scanner:
    """Walks over headers and ``key = value`` statements; values are skipped, brackets counted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Key, int] = {}
        self._counts: dict[Key, int] = {}

    def lines(self) -> dict[Key, int]:
        """Return the line of each key."""
        table: Key = ()
        self._skip(SPACE)
        while self._at < len(self._text):
            line = self._text.count("\n", 0, self._at) + 1
            if self._text[self._at] == "[":
                table = self._header()
                self._note(table, line)
            else:
                self._note(table + self._path(), line)
                self._skip_value()
            self._skip(SPACE)
        return self._lines

    def _note(self, key: Key, line: int) -> None:
        for length in range(1, len(key) + 1):
            self._lines.setdefault(key[:length], line)

    def _header(self) -> Key:
        """Read ``[table]`` or ``[[table]]``; of a list of tables, the last one is meant."""
        is_list = self._text.startswith("[[", self._at)
        self._at += 2 if is_list else 1
        names = self._path()
        self._at = self._text.find("]", self._at) + (2 if is_list else 1)
        key: Key = ()
        for name in names[:-1]:
            key = self._last((*key, name))
        key = (*key, names[-1])
        if is_list:
            self._counts[key] = self._counts.get(key, 0) + 1
        return self._last(key)

    def _last(self, key: Key) -> Key:
        count = self._counts.get(key, 0)
        return (*key, count - 1) if count else key

    def _path(self) -> tuple[str, ...]:
        """Read a dotted key and the blanks around it."""
        names = []
        while True:
            self._skip(BLANK)
            names.append(self._name())
            self._skip(BLANK)
            if not self._text.startswith(".", self._at):
                return tuple(names)
            self._at += 1

    def _name(self) -> str:
        text = self._take(KEY_PART)
        if text[0] == "'":
            return text[1:-1]
        return str(tomllib.loads(f"x = {text}")["x"]) if text[0] == '"' else text

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _skip_value(self) -> None:
        """Go to the end of the line on which a value ends."""
        depth, part = 0, ""
        while self._at < len(self._text) and (depth > 0 or part != "\n"):
            part = self._take(VALUE_PART)
            depth += (part in {"[", "{"}) - (part in {"]", "}"})

    def _take(self, pattern: re.Pattern[str]) -> str:
        """Read the next part of text, which the reader has found to be right."""
        part = pattern.match(self._text, self._at)
        assert part is not None, f"no part of TOML at character {self._at}"  # noqa: S101 - the reader accepted it
        self._at = part.end()
        return part.group()
