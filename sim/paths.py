"""Where the files that come with the project are: in the checkout, or inside the installed package."""

from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["scenarios", "experiments"]

PACKAGE = Path(__file__).resolve().parent


def shipped(kind: Kind) -> Path:
    """Return the folder of the shipped files of a kind.

    Parameters
    ----------
    kind
        ``"scenarios"`` (scenarios, structures and places) or ``"experiments"`` (studies).

    Returns
    -------
    Path
        The folder in the checkout where the package lies in one; else the copy that the wheel carries.
    """
    root = PACKAGE.parent
    if (root / "pyproject.toml").is_file():
        return root / kind
    return PACKAGE / "_shipped" / kind


def resolve(kind: Kind, word: str) -> Path:
    """Return the file that a word on the command line, or in a file, stands for.

    Parameters
    ----------
    kind
        The kind of file that is meant.
    word
        A bare word is the name of a shipped file, without its ``.toml``. Anything that holds a ``/`` or ends
        in ``.toml`` is a path.

    Returns
    -------
    Path
        The path, whether or not a file is there: whoever reads it says what is missing.
    """
    if is_path(word):
        return Path(word)
    return shipped(kind) / f"{word}.toml"


def is_path(word: str) -> bool:
    """Return whether a word is a path, and not the bare name of a shipped file."""
    return "/" in word or "\\" in word or word.endswith(".toml")
