"""The table of known answers: as text for a terminal, as Markdown for the documentation, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from sim.known_answers.case import ERRORS_ALLOWED, Check, Result
from sim.marks import parts_at, with_text

NO_CHANCE = 1e-12  # a standard error below this is rounding
HEADS = ("case", "claim", "published", "reference", "ours", "s.e.", "verdict")


def number(value: float | None) -> str:
    """Return a number in at most six digits; "-" for none."""
    if value is None:
        return "-"
    if not isfinite(value):
        return str(value)
    return f"{value:.4g}" if abs(value) >= 1000.0 or (value and abs(value) < 1e-3) else f"{value:.5g}"


def reference_of(check: Check) -> str:
    """Return the closed form or reference, with the allowance; for a claim about order, what must hold."""
    if check.reference is None:
        return f"> {number(check.allowance)}"
    allowed = f" ± {number(check.allowance)}" if check.allowance > 0.0 else ""
    return f"{number(check.reference)}{allowed}"


def row(result: Result, check: Check) -> tuple[str, ...]:
    """Return the cells of one check."""
    error = "exact" if check.se < NO_CHANCE else number(check.se)
    verdict = "reproduced" if check.holds else "not reproduced"
    return (result.case, check.claim, check.published, reference_of(check), number(check.value), error, verdict)


def in_order(results: Iterable[Result]) -> list[Result]:
    """Return results by the number of their case."""
    return sorted(results, key=lambda result: int(result.case[1:]))


def rows_of(results: Iterable[Result]) -> list[tuple[str, ...]]:
    """Return the cells of all checks, case by case."""
    return [row(result, check) for result in in_order(results) for check in result.checks]


def as_text(results: Sequence[Result]) -> str:
    """Return the table for a terminal, and a line a case below it."""
    rows = rows_of(results)
    widths = [max(len(cells[i]) for cells in [HEADS, *rows]) for i in range(len(HEADS))]
    lines = [_aligned(cells, widths) for cells in [HEADS, tuple("-" * width for width in widths), *rows]]
    return "\n".join([*lines, "", *map(_summary, in_order(results)), "", TOLERANCE])


TOLERANCE = (
    f'"reference" is a closed form or an independent program; ours may differ by {ERRORS_ALLOWED:.0f} standard errors '
    "(s.e.) and the allowance after ±. A claim about order is a difference that must be above the number after >: "
    f"{ERRORS_ALLOWED:.0f} s.e."
)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _summary(result: Result) -> str:
    return f"{result.case:<3}  {result.title}: {result.verdict}, {result.seconds:.1f} s"


def as_markdown(results: Iterable[Result]) -> list[str]:
    """Return the rows of the table as lines of Markdown, without the head."""
    return [_line(map(_escaped, cells)) for cells in rows_of(results)]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


MARKS = ("<!-- known-answers: begin -->", "<!-- known-answers: end -->")
VERDICT_HEADS = ("case", "what", "verdict", "made with", "seconds")


def put_into(page: str, results: Sequence[Result], full: bool, seed: int) -> str:
    """Return a page with the rows of these cases, between its marks, replaced; those of others are kept.

    Parameters
    ----------
    page
        Its text.
    results
        Of cases that were run.
    full, seed
        How.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    _, old, _ = parts_at(page, *MARKS)
    how = f"{'--full ' if full else ''}--seed {seed}"
    verdicts = [_line((r.case, r.title, r.verdict, how, f"{r.seconds:.0f}")) for r in results]
    kept = [line for line in old.splitlines() if _case_of(line) not in {0, *(int(r.case[1:]) for r in results)}]
    verdicts += [line for line in kept if line.count(" | ") == len(VERDICT_HEADS) - 1]
    claims = [line for line in kept if line.count(" | ") == len(HEADS) - 1] + as_markdown(results)
    tables = [*_table(VERDICT_HEADS, verdicts), "", TOLERANCE, "", *_table(HEADS, claims)]
    return with_text(page, *MARKS, "\n".join(tables))


def _table(heads: Sequence[str], lines: Iterable[str]) -> list[str]:
    return [_line(heads), _line("---" for _ in heads), *sorted(lines, key=_case_of)]


def _case_of(line: str) -> int:
    """Return the number of the case that a row of the page is about; 0 for other lines."""
    found = re.match(r"\| G(\d+) \|", line)
    return int(found[1]) if found else 0


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def as_data(results: Sequence[Result], full: bool, seed: int) -> dict[str, Any]:
    """Return everything for JSON; numbers that are not finite become None."""
    cases = [
        {
            "case": result.case,
            "title": result.title,
            "reproduced": result.reproduced,
            "seconds": round(result.seconds, 2),
            "checks": [_plain(vars(check)) for check in result.checks],
        }
        for result in in_order(results)
    ]
    return {"full": full, "seed": seed, "reproduced": all(r.reproduced for r in results), "cases": cases}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in fields.items()}
