"""How a check is judged, how cases are found and run, and what the command says."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from sim import cli
from sim.errors import InputError
from sim.known_answers import case as cases
from sim.known_answers import table
from sim.known_answers.case import Case, Result, exact, level, ordering, within

pytestmark = pytest.mark.coverage_subset

FOLDER = Path(cases.__file__).parent


class TestJudging:
    def test_a_level_holds_within_four_errors_and_the_allowance(self):
        assert level("", "", 1.0, 1.49, 0.1, 0.1).holds
        assert not level("", "", 1.0, 1.51, 0.1, 0.1).holds
        assert not level("", "", 1.0, float("nan"), 0.1, 0.1).holds

    def test_an_ordering_must_be_clear(self):
        assert ordering("", "", 0.41, 0.1).holds
        assert not ordering("", "", 0.39, 0.1).holds
        assert not ordering("", "", 0.0, 0.0).holds
        assert not ordering("", "", float("nan"), 0.0).holds
        assert not ordering("", "", 1.0, float("inf")).holds

    def test_an_interval_is_not_widened_by_chance(self):
        assert within("", "", 16.0, 22.0, 22.0).holds
        assert not within("", "", 16.0, 22.0, 22.1, se=10.0).holds

    def test_arithmetic_has_its_tolerance(self):
        assert exact("", "", 1.0, 1.0 + 9e-7).holds
        assert not exact("", "", 1.0, 1.0 + 2e-6).holds

    def test_a_case_is_reproduced_only_if_all_holds(self):
        good, bad = exact("", "", 1.0, 1.0), exact("", "", 1.0, 2.0)
        assert Result("G1", "t", (good,), 0.0).reproduced
        assert not Result("G1", "t", (good, bad), 0.0).reproduced
        assert not Result("G1", "t", (), 0.0).reproduced
        assert Result("G1", "t", (good, bad), 0.0).verdict == "not reproduced (1 of 2 checks fail)"


class TestNumbers:
    def test_errors_of_means_and_shares(self):
        mean, error = cases.mean_and_error([1.0, 2.0, 3.0, float("nan")])
        assert (mean, error) == pytest.approx((2.0, 1.0 / np.sqrt(3.0)))
        assert cases.mean_and_error([1.0])[1] == float("inf")
        assert np.isnan(cases.mean_and_error([])[0])
        assert cases.share_and_error(0, 100)[1] > 0.0

    def test_a_generator_depends_on_seed_and_item_only(self):
        first = cases.generator(0, 5).random(3)
        assert (first == cases.generator(0, 5).random(3)).all()
        assert (first != cases.generator(0, 6).random(3)).all()
        assert (first != cases.generator(1, 5).random(3)).all()


class TestFinding:
    def test_every_case_is_whole_and_says_what_it_is(self):
        for each in cases.case_modules():
            found = cases.load_case(each)
            assert found.title
            assert found.claim
            assert re.search(r"\d{4}", found.citation), "a year"
            assert found.figure is not None

    def test_words_are_found_and_the_nearest_is_named(self):
        assert cases.chosen_ids(["g2", "G2", "g7_provision"]) == ["G2", "G7"]
        assert cases.chosen_ids([]) == list(cases.case_modules())
        with pytest.raises(InputError, match="G2"):
            cases.chosen_ids(["G2x"])

    def test_cases_come_in_order_of_their_numbers(self):
        numbers = [int(each[1:]) for each in cases.case_modules()]
        assert numbers == sorted(numbers)

    def test_a_module_without_its_case_is_a_mistake(self, monkeypatch):
        monkeypatch.setattr(cases, "case_modules", lambda: {"G99": "g2_delay"})
        with pytest.raises(TypeError, match="g2_delay"):
            cases.load_case("G99")


def kernels_of(tree):
    """Return the names of functions that a module compiles."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {each.name for each in functions if any(ast.unparse(mark) == "kernel" for mark in each.decorator_list)}


def test_no_kernel_calls_compiled_code_that_its_cache_does_not_watch():
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py")}
    kernels = {name: kernels_of(tree) for name, tree in trees.items()}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim.known_answers."):
                theirs = kernels[(node.module or "").rpartition(".")[2]]
                borrowed = theirs & {alias.name for alias in node.names}
                assert not (borrowed and kernels[name]), f"{name} has kernels and imports {borrowed}"


TOY = Case("G2", "A toy", "c", "A 2000", "s", lambda full, seed: [exact(f"full={full} seed={seed}", "-", 1.0, 1.0)])
BROKEN = replace(TOY, run=lambda _full, _seed: [level("A|B < 1", "-", 1.0, 2.0, 0.1)])


@pytest.mark.coverage_subset
class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _toy(self, monkeypatch):
        monkeypatch.setattr(cases, "load_case", lambda _id: TOY)

    def test_it_prints_a_table_and_tells_progress_on_stderr(self, capsys):
        assert cli.exit_code(["known-answers", "g2", "--seed", "7", "--jobs", "1"]) == 0
        out, err = capsys.readouterr()
        assert re.search(r"G2 +full=False seed=7 +- +1 ± 1e-06 +1 +exact +reproduced", out)
        assert err.startswith("G2: reproduced")

    def test_json_is_all_of_stdout(self, capsys):
        cli.exit_code(["known-answers", "G2", "--full", "--json"])
        data = json.loads(capsys.readouterr().out)
        assert data["reproduced"] is True
        assert data["cases"][0]["checks"][0]["claim"] == "full=True seed=1"

    def test_a_claim_that_fails_ends_with_1(self, capsys, monkeypatch):
        monkeypatch.setattr(cases, "load_case", lambda _id: BROKEN)
        assert cli.exit_code(["known-answers", "g2"]) == 1
        assert "not reproduced (1 of 1 checks fail)" in capsys.readouterr().out

    def test_an_unknown_case_ends_with_2_and_names_the_nearest(self, capsys):
        assert cli.exit_code(["known-answers", "g22"]) == 2
        assert 'Did you mean "G2"?' in capsys.readouterr().err

    def test_a_figure_is_drawn_in_the_style(self, tmp_path, monkeypatch):
        def draw(_full, _seed):
            assert not mpl.rcParams["axes.spines.top"]
            return Figure(figsize=(1, 1))

        monkeypatch.setattr(cases, "load_case", lambda _id: replace(TOY, figure=draw))
        folder = tmp_path / "new" / "figures"
        assert cli.exit_code(["known-answers", "g2", "--figures", str(folder)]) == 0
        assert (folder / "g2.png").is_file()
        assert cases.draw(TOY, False, 1, folder, None) is None

    def test_it_replaces_the_table_of_a_page(self, tmp_path, monkeypatch):
        monkeypatch.setattr(cases, "load_case", lambda _id: BROKEN)
        page = tmp_path / "page.md"
        rows = "| G2 | old | ours | how | 1 |\n| G10 | kept | a | b | 9 |\n| G10 | claim | - | 1 | 1 | exact | held |"
        page.write_text(f"before\n{table.MARKS[0]}\nold\n{rows}\n{table.MARKS[1]}\nafter\n", encoding="utf-8")
        cli.exit_code(["known-answers", "g2", "--docs", str(page)])
        text = page.read_text(encoding="utf-8")
        assert "old" not in text
        assert text.index("| G2 | A toy |") < text.index("| G10 | kept |") < text.index("| G10 | claim |")
        assert "A\\|B &lt; 1" in text
        assert text.endswith("after\n")
        page.write_text("no marks", encoding="utf-8")
        with pytest.raises(ValueError, match="no <!--"):
            cli.exit_code(["known-answers", "g2", "--docs", str(page)])


def test_cases_run_side_by_side_give_what_they_give_alone():
    ids = ["G7", "G9"]
    apart = {each.case: each.checks for each in cases.run_cases(ids, jobs=1)}
    together = {each.case: each.checks for each in cases.run_cases(ids, jobs=2)}
    assert apart == together


def test_numbers_are_told_short():
    assert [table.number(each) for each in (None, 0.0, 0.5, 1234.5678, 1e-7, float("inf"))] == [
        "-",
        "0",
        "0.5",
        "1235",
        "1e-07",
        "inf",
    ]
    assert table.reference_of(ordering("", "", 1.0, 0.1)) == "> 0.4"
