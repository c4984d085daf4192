"""The page on patterns tells every pattern as it is declared, with checks, figure, and what it does not show."""

import re
from pathlib import Path

import pytest

from sim.study.theory import PATTERNS, WINNERS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")


def table(name: str) -> str:
    """Return what stands between the marks of a table."""
    (text,) = re.findall(rf"<!-- table: {name} -->\n(.*?)<!-- end of table -->", PAGE, re.DOTALL)
    return text


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda pattern: pattern.id)
def test_a_pattern_is_told_as_it_is_declared(pattern):
    told = table(pattern.id)
    assert f"**Claim.** {pattern.claim}" in told
    assert f"**Basis.** {pattern.basis}" in told
    assert told.count("\n| ") == 2 * (1 + bool(pattern.afterwards)) + len(pattern.checks) + len(pattern.afterwards)
    section = PAGE.split(f"\n## {pattern.id} ")[1].split("\n## ")[0]
    assert f"images/patterns/{pattern.id.lower()}.png" in section
    assert "**What it does not show.**" in section
    holds = "**Verdict: holds** " in told
    assert holds or "**Likely reason for what fails.**" in section


def test_the_first_table_agrees_with_the_others():
    rows = dict(re.findall(r"^\| \[(M\d+)\][^|]*\|[^|]*\|[^|]*\| \*\*([\w ]+)\*\* \|$", table("summary"), re.MULTILINE))
    assert list(rows) == list(PATTERNS)
    for name, verdict in rows.items():
        assert f"**Verdict: {verdict}**" in table(name)


def test_every_study_behind_the_page_is_named():
    for file in (*WINNERS.values(), *(file for each in PATTERNS.values() for file in each.studies.values() if file)):
        assert f"meshgov study run experiments/{file}" in PAGE
