"""What a known answer is: a case, its checks, and how a check is judged.

A case is one published or closed-form result. Each of its checks sets a number from our run beside a reference and
says whether it holds. The tolerance is four standard errors of our own run plus the allowance stated for the case; it
is never widened to make a check hold, and the reference's own error is not added. A claim about order must hold by four
standard errors. A case is "reproduced" only if all its checks hold.

Every case is one module of this package, named ``g<number>_<topic>.py``, with a constant ``CASE``. Modules are
imported when their case is asked for. Compiled code is made by the decorators in `sim.known_answers.kernels`.

Random numbers come from `sim.streams`. A case that draws many numbers takes a NumPy generator seeded by
`sim.streams.derived_seed` (see `generator`), one for each item, or calls `sim.streams.uniform` in its kernels. No
purpose of its own is added to `Purpose`: cases use ``Purpose.BOOTSTRAP`` for their draws and ``Purpose.NETWORK`` for
networks, and never share a seed with a run of the model's, whose draws have other purposes and items.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from math import inf, isfinite, sqrt
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.errors import InputError
from sim.streams import Purpose, derived_seed
from sim.study.workers import work_through

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ERRORS_ALLOWED = 4.0  # standard errors between ours and the reference
FIGURE_DPI = 110
MODULE_NAME = re.compile(r"g(\d+)_\w+")
Look = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Check:
    """One number of ours beside the one it should be.

    Parameters
    ----------
    claim
        What is said, in one short sentence.
    published
        What the paper says, as text; "-" where it gives no number.
    reference
        The closed form, or the number of an independent program; None for a claim about order.
    value
        Ours.
    se
        Its standard error; 0 for arithmetic.
    allowance
        How far ours may lie from the reference beyond four standard errors; for a claim about order, what the
        difference must be above.
    holds
        Whether the check holds.
    """

    claim: str
    published: str
    reference: float | None
    value: float
    se: float
    allowance: float
    holds: bool


@dataclass(frozen=True)
class Case:
    """A result by other people.

    Parameters
    ----------
    id
        "G1" to "G10".
    title
        A few words.
    claim
        What the result says.
    citation
        Author, journal, year and doi.
    says
        Definition, variant chosen, and what the case is not.
    run
        Takes ``full`` and ``seed``; returns the checks.
    figure
        Takes ``full`` and ``seed``; returns the drawing. Whatever it shares with ``run`` should be kept
        (`functools.cache`), for both are called in one process.
    """

    id: str
    title: str
    claim: str
    citation: str
    says: str
    run: Callable[[bool, int], list[Check]]
    figure: Callable[[bool, int], Figure] | None = None


@dataclass(frozen=True)
class Result:
    """What came out of a case; `seconds` are of processor time, compilation included."""

    case: str
    title: str
    checks: tuple[Check, ...]
    seconds: float
    figure: Path | None = None

    @property
    def reproduced(self) -> bool:
        """Whether there are checks and all hold."""
        return bool(self.checks) and all(check.holds for check in self.checks)

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        failed = sum(not check.holds for check in self.checks)
        return "reproduced" if self.reproduced else f"not reproduced ({failed} of {len(self.checks)} checks fail)"


# --- judging -------------------------------------------------------------------------------------------------


def level(claim: str, published: str, reference: float, value: float, se: float, allowance: float = 0.0) -> Check:
    """Return a check that a level is the reference, within four standard errors and the allowance.

    Parameters
    ----------
    claim, published, reference, value, se, allowance
        As in `Check`.
    """
    near = abs(value - reference) <= ERRORS_ALLOWED * se + allowance
    return Check(claim, published, float(reference), float(value), float(se), float(allowance), bool(near))


def within(claim: str, published: str, low: float, high: float, value: float, se: float = 0.0) -> Check:
    """Return a check that a number lies in the stated interval, ends included.

    Parameters
    ----------
    claim, published, value, se
        As in `Check`; the standard error is told, and widens nothing.
    low, high
        The interval. Its middle is told as the reference, its half width as the allowance.
    """
    middle, half = (low + high) / 2.0, (high - low) / 2.0
    return Check(claim, published, middle, float(value), float(se), half, bool(low <= value <= high))


def ordering(claim: str, published: str, difference: float, se: float) -> Check:
    """Return a check that a difference is above zero by more than four standard errors.

    Parameters
    ----------
    claim, published, se
        As in `Check`.
    difference
        What should be larger less what should be smaller; best over pairs with the same seeds.
    """
    holds = bool(isfinite(difference) and difference - ERRORS_ALLOWED * se > 0.0)
    return Check(claim, published, None, float(difference), float(se), float(ERRORS_ALLOWED * se), holds)


def exact(claim: str, published: str, reference: float, value: float, tolerance: float = 1e-6) -> Check:
    """Return a check of arithmetic: no chance in it.

    Parameters
    ----------
    claim, published, reference, value
        As in `Check`.
    tolerance
        Largest difference allowed.
    """
    return level(claim, published, reference, value, 0.0, tolerance)


# --- numbers -------------------------------------------------------------------------------------------------


def mean_and_error(values: npt.ArrayLike) -> tuple[float, float]:
    """Return the mean of independent runs and its standard error.

    Parameters
    ----------
    values
        One number a run; those that are not finite are left out.
    """
    numbers = np.asarray(values, dtype=float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size == 0:
        return float("nan"), inf
    spread = float(numbers.std(ddof=1)) if numbers.size > 1 else inf
    return float(numbers.mean()), spread / sqrt(numbers.size)


def share_and_error(successes: int, trials: int) -> tuple[float, float]:
    """Return a share and its standard error; never 0, also where all or none succeed."""
    share = successes / trials
    padded = (successes + 1.0) / (trials + 2.0)
    return share, sqrt(padded * (1.0 - padded) / trials)


def generator(seed: int, item: int) -> np.random.Generator:
    """Return a generator for one stretch of a case's draws.

    Parameters
    ----------
    seed
        The seed of the command.
    item
        Which stretch, in [0, 2^16). Cases take ``1000 * number of the case`` and upward.
    """
    return np.random.default_rng(derived_seed(seed, Purpose.BOOTSTRAP, item))


# --- finding and running -------------------------------------------------------------------------------------


def case_modules() -> dict[str, str]:
    """Return the module of each case by its id, in order; nothing is imported."""
    folder = str(Path(__file__).parent)
    found = {info.name: MODULE_NAME.fullmatch(info.name) for info in pkgutil.iter_modules([folder])}
    numbered = sorted((int(match[1]), name) for name, match in found.items() if match)
    return {f"G{number}": name for number, name in numbered}


def chosen_ids(words: Sequence[str]) -> list[str]:
    """Return the ids of cases that words stand for; all without words.

    Raises
    ------
    InputError
        If a word is no case; the nearest is named.
    """
    modules = case_modules()
    ids = {**{each.lower(): each for each in modules}, **{name: each for each, name in modules.items()}}
    for word in words:
        if word.lower() not in ids:
            near = get_close_matches(word.lower(), ids, n=1, cutoff=0.0)
            meant = ids[near[0]] if near else "G1"
            raise InputError(f'There is no case "{word}".', f'Did you mean "{meant}"? Cases: {", ".join(modules)}.')
    return list(dict.fromkeys(ids[word.lower()] for word in words)) or list(modules)


def load_case(case_id: str) -> Case:
    """Return a case by its id, importing its module."""
    case = import_module(f"sim.known_answers.{case_modules()[case_id]}").CASE
    if not isinstance(case, Case) or case.id != case_id:
        raise TypeError(f"sim.known_answers.{case_modules()[case_id]}.CASE is not the case {case_id}")
    return case


def run_case(
    case_id: str, full: bool = False, seed: int = 1, figures: Path | None = None, look: Look | None = None
) -> Result:
    """Run one case and, if a folder is given, draw its figure there.

    Parameters
    ----------
    case_id
        "G1" to "G10".
    full
        The stated number of runs; else the quick set.
    seed
        Seed of all draws.
    figures
        Folder for ``<case>.png``.
    look
        Context in which to draw: the style, which lies on a higher floor.
    """
    case = load_case(case_id)
    start = process_time()
    checks = tuple(case.run(full, seed))
    path = draw(case, full, seed, figures, look) if figures is not None else None
    return Result(case.id, case.title, checks, process_time() - start, path)


def draw(case: Case, full: bool, seed: int, folder: Path, look: Look | None) -> Path | None:
    """Draw a case's figure and return its file; None if the case has none."""
    if case.figure is None:
        return None
    path = folder / f"{case.id.lower()}.png"
    with look() if look is not None else _plain():
        drawing = case.figure(full, seed)
        drawing.savefig(path, dpi=FIGURE_DPI, metadata={"Software": None})
    return path


def _plain() -> AbstractContextManager[Any]:
    import matplotlib as mpl  # noqa: PLC0415 - only a drawing needs it

    return mpl.rc_context()


def run_cases(
    ids: Sequence[str],
    full: bool = False,
    seed: int = 1,
    jobs: int | None = 1,
    figures: Path | None = None,
    look: Look | None = None,
) -> Iterator[Result]:
    """Run cases, each in one process, and yield each result as it comes.

    Parameters
    ----------
    ids
        Cases; the slow ones should come first.
    jobs
        Worker processes; with 1, none but this; None means one for each core.
    full, seed, figures, look
        As for `run_case`.
    """
    work = partial(run_case, full=full, seed=seed, figures=figures, look=look)
    for _, result in work_through(work, ids, jobs):
        yield result
