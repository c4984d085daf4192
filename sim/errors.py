"""The one kind of error a user is meant to read: what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(eq=False)  # like other exceptions, equal only to itself
class InputError(Exception):
    """Something the user wrote cannot be used.

    Parameters
    ----------
    problem
        One sentence: what is wrong.
    remedy
        One sentence: what to do about it.
    file, line, key
        Where it stands, as far as it is known.
    """

    problem: str
    remedy: str
    file: Path | None = None
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        where = "" if self.file is None else str(self.file)
        if self.line is not None:
            where += f", line {self.line}"
        if self.key is not None:
            where += f"{', ' if where else ''}{self.key}"
        return f"{where + ': ' if where else ''}{self.problem} {self.remedy}"

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, Path | None, int | None, str | None]]:
        """Keep every part on the way between processes, however it was given."""
        return type(self), (self.problem, self.remedy, self.file, self.line, self.key)
