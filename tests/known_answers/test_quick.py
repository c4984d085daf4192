"""The quick set: each case runs once, everything it claims holds, and the documentation tells of every claim."""

import re
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from sim.known_answers.case import case_modules, draw, load_case, run_case
from sim.known_answers.table import MARKS, as_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "known_answers.md"
FIGURES = PAGE.parent / "images" / "known_answers"
LARGEST = 150_000  # bytes of a figure
QUICK_UNCOMPILED = {"G2", "G7", "G9"}  # within a minute also where nothing is compiled


def cases() -> list[ParameterSet]:
    """Return each case, those that need no compiler marked for the measurement of coverage."""
    marks = {case: [pytest.mark.coverage_subset] if case in QUICK_UNCOMPILED else [] for case in case_modules()}
    return [pytest.param(case, marks=marks[case]) for case in case_modules()]


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", cases())
def test_a_case_holds_and_its_claims_are_in_the_documentation(case, page):
    result = run_case(case)
    assert [check for check in result.checks if not check.holds] == []
    table = page.partition(MARKS[0])[2].partition(MARKS[1])[0]
    told = {tuple(line.split(" | ")[:2]) for line in table.splitlines()}
    ours = {tuple(line.split(" | ")[:2]) for line in as_markdown([result])}
    assert ours - told == set(), "run: meshgov known-answers --full --docs docs/known_answers.md"


@pytest.mark.parametrize("case", case_modules())
def test_a_figure_is_there_and_small(case, page):
    figure = FIGURES / f"{case.lower()}.png"
    assert 0 < figure.stat().st_size < LARGEST, "run: meshgov known-answers --figures docs/images/known_answers"
    assert f"images/known_answers/{figure.name}" in page


@pytest.mark.coverage_subset
@pytest.mark.parametrize("case", ["G2", "G7", "G9"])
def test_a_figure_is_drawn_from_our_runs(case, tmp_path):
    path = draw(load_case(case), full=False, seed=1, folder=tmp_path, look=None)
    assert path is not None
    assert path.read_bytes().startswith(b"\x89PNG")


def test_cases_can_be_asked_something_new_as_the_documentation_says(page, capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(compile(example, str(PAGE), "exec"), {})  # noqa: S102 - our own page
    told = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert list(told) == ["right", "value", "days closed", "knowledge", "wait", "passed"]
    assert 0.0 < float(told["right"]) < 1.0
    assert 0.4 < float(told["value"]) < 1.0
    assert 0.0 < float(told["days closed"]) < 400.0
    assert 0.0 < float(told["knowledge"]) < 1.0
    assert 0.0 < float(told["wait"]) < 9.0
    assert float(told["passed"]) == pytest.approx(0.9 * (0.49 + 0.343) + 0.49 * 0.343 * (1.0 - 2.0 * 0.9))


def test_all_ten_are_there():
    assert list(case_modules()) == [f"G{number}" for number in range(1, 11)]
