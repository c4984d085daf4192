"""A study's report says no more than its runs do, and holds the case against itself."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim.cli import exit_code
from sim.cli_study import brief
from sim.errors import InputError
from sim.report.study_figures import study_pictures
from sim.report.study_page import analyse, sentences
from sim.report.study_words import case_against, headline, key_numbers, robust_sentence, warnings_of
from sim.study.answers import Answers, map_axes
from sim.study.folder import REPORT, StudyFolder, done_shards, open_folder, read_runs, write_manifest
from sim.study.read import load_plan
from sim.study.runner import run_study
from tests.study.study_files import SMALL, use_cheap_runs, write_study

pytestmark = pytest.mark.coverage_subset
THIRD = ("[uncertainties.local]", '[arms.silos]\nstructure = "silos"\n\n[uncertainties.local]')
ONE_AXIS = re.search(r"\[uncertainties\.delay\].*?\n\n", SMALL, re.DOTALL).group()


def study(folder: Path, *settings: str, replace: tuple[tuple[str, str], ...] = ()) -> StudyFolder:
    with pytest.MonkeyPatch.context() as patch:
        use_cheap_runs(patch)
        plan = load_plan(write_study(folder, SMALL, *replace), ["replicates.count=16", *settings])
        return run_study(plan, folder / "out", jobs=1)


def page(folder: StudyFolder) -> str:
    return (folder.path / REPORT).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, Answers]:
    folder = study(tmp_path_factory.mktemp("study"), replace=(THIRD,))
    return folder, analyse(folder)


class TestThePage:
    def test_it_opens_with_the_answer_and_four_numbers_and_the_case_against(self, answered) -> None:
        folder, answers = answered
        html = page(folder)
        assert headline(answers).startswith("Mesh does best on harm averaged over the declared space, clearly better")
        assert len(key_numbers(answers)) == 4
        order = [
            html.index(text)
            for text in ('class="verdict"', 'class="numbers"', "strongest case against it", "How much they differ")
        ]
        assert order == sorted(order)
        assert html.count("<li><strong>") == 4

    def test_it_stands_by_itself(self, answered) -> None:
        html = page(answered[0])
        assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', re.sub(r'xlink:href="#[^"]*"|xmlns[^ >]*', "", html))
        assert "{{" not in html
        assert "nan" not in re.sub(r"<svg.*?</svg>|<style.*?</style>", "", html, flags=re.DOTALL).split()

    def test_every_figure_carries_the_studys_digest(self, answered) -> None:
        folder, answers = answered
        manifest = folder.manifest
        pictures = list(study_pictures(answers, manifest))
        assert {each.name for each in pictures} >= {"effects", "map", "space", "robust"}
        crisis = min(manifest["crises"].values())
        for picture in pictures:
            assert f"study {manifest['study_id']}" in picture.svg(), picture.name
            assert crisis in picture.svg(), picture.name
            assert (folder.path / "figures" / f"{picture.name}.png").stat().st_size > 1000

    def test_tables_and_sentences_lie_beside_it(self, answered) -> None:
        folder, answers = answered
        said = json.loads((folder.path / "analysis" / "answers.json").read_text())
        assert sentences(answers).items() <= said.items()
        assert said["question"] == "Which of two is better?"
        assert {path.stem for path in (folder.path / "analysis").glob("*.csv")} >= {
            "effects",
            "best",
            "space",
            "robustness",
        }
        assert REPORT in folder.manifest["files"]

    def test_the_same_study_gives_the_same_page(self, answered) -> None:
        before = page(answered[0])
        analyse(answered[0])
        assert page(answered[0]) == before

    def test_a_terminal_gets_the_answer_in_brief(self, answered) -> None:
        text = brief(sentences(answered[1]))
        assert text.startswith("Which of two is better?\n")
        assert "Against it:" in text

    def test_what_a_user_writes_is_escaped(self, tmp_path: Path) -> None:
        folder = study(tmp_path, 'question="Is <b>this</b> safe?"', "design.kind=one_point")
        analyse(folder)
        assert "Is &lt;b&gt;this&lt;/b&gt; safe?" in page(folder)


class TestDesigns:
    @pytest.mark.parametrize(
        ("settings", "there", "absent"),
        [
            (("design.kind=one_point",), "One point was run", "What matters"),
            (("design.kind=latin_hypercube", "design.points=64"), "What matters", "Between the steps of the grid"),
            (("design.kind=sobol_sequence", "design.points=8"), "Where it flips", "What matters"),
            (
                ("design.kind=morris", "design.trajectories=4"),
                "Morris: mean absolute effect",
                "of the declared space (points",
            ),
            (("design.kind=saltelli", "design.points=8"), "share of the variance", "screening only"),
            (("design.kind=one_at_a_time",), "screening only", "of the declared space (points"),
        ],
        ids=lambda each: each[0].partition("=")[2] if isinstance(each, tuple) else "",
    )
    def test_each_has_the_answers_that_it_can_give(self, settings, there: str, absent: str, tmp_path: Path) -> None:
        folder = study(tmp_path, *settings)
        analyse(folder)
        assert there in page(folder)
        assert absent not in page(folder)

    def test_chance_is_told_of_each_quantity_by_its_title(self, tmp_path: Path) -> None:
        answers = analyse(study(tmp_path, "design.kind=saltelli", "design.points=8"))
        loud = {name: replace(found, noise=0.3) for name, found in answers.matters.items()}
        told = warnings_of(replace(answers, matters=loud))
        assert len(told) == len(set(told)) == len(answers.matters) == 2
        first, second = (answers.plan.titles[arm] for arm in answers.plan.arms)
        assert told[0].startswith(f"For {first}: chance between crises matters: it makes 30%")
        assert told[1].startswith(f"For {second} − {first}: chance")

    def test_one_uncertainty_is_a_line_with_its_crossing(self, tmp_path: Path) -> None:
        crossing = (ONE_AXIS, ""), ("steps = 2", "steps = 3")
        folder = study(tmp_path, replace=crossing)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sim.report.study_page.read_runs", flipped)
            answers = analyse(folder)
        (found,) = answers.crossings
        assert found.low <= 0.5 <= found.high
        assert (answers.plan.arms[found.before], answers.plan.arms[found.after]) == ("mesh", "command")
        assert "gives way to" in page(folder)
        assert (folder.path / "analysis" / "crossings.csv").is_file()
        assert any("clearly better at" in each for each in case_against(answers))

    def test_values_that_are_no_numbers(self, tmp_path: Path) -> None:
        rule = '[uncertainties.rule]\nkey = "scenario.approaches.practice"\nvalues = ["varied", "common"]\n\n'
        named = ("[uncertainties.delay]", f"{rule}[uncertainties.delay]")
        folder = study(tmp_path, replace=(named,))
        answers = analyse(folder)
        assert map_axes(answers.plan) == ("local", "delay")
        assert "varied, common" in page(folder)

    def test_a_seed_is_a_name_and_nothing_is_drawn_between_two(self, tmp_path: Path) -> None:
        seed = '[uncertainties.map]\nkey = "scenario.country.seed"\nvalues = [1, 2]\n\n'
        folder = study(tmp_path, replace=((ONE_AXIS, ""), ("[uncertainties.local]", f"{seed}[uncertainties.local]")))
        answers = analyse(folder)
        assert map_axes(answers.plan) is None
        assert answers.map is None
        assert "Where each arm does best on" not in page(folder)

    def test_two_scenarios(self, tmp_path: Path) -> None:
        folder = study(tmp_path, 'scenarios=["small_outbreak", "synthetic_pressure"]', "replicates.count=2")
        answers = analyse(folder)
        assert len(answers.best) == 8
        assert "There are 2 crises only." in case_against(answers)
        assert "redrawn crises" in robust_sentence(answers)

    def test_one_crisis_is_said_to_be_one_and_nothing_is_redrawn(self, tmp_path: Path) -> None:
        answers = analyse(study(tmp_path, "replicates.count=1"))
        assert "There is 1 crisis only." in case_against(answers)
        assert "redrawn" not in robust_sentence(answers)

    def test_one_arm_is_compared_with_nothing(self, tmp_path: Path) -> None:
        folder = study(tmp_path, replace=(('[arms.mesh]\nstructure = "mesh"\n', ""),))
        answers = analyse(folder)
        assert "nothing is compared" in headline(answers)

    def test_a_precision_that_was_not_reached_is_said(self, tmp_path: Path) -> None:
        folder = study(tmp_path, "replicates.half_width=1e-6", "replicates.most=32", "design.kind=one_point")
        assert any("was not reached" in each for each in case_against(analyse(folder)))

    def test_a_trade_off_that_changes_the_best_arm(self, tmp_path: Path) -> None:
        folder = study(tmp_path, 'answers.trade_off=["harm_per_1000", "deaths_per_100k"]')
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sim.report.study_page.read_runs", traded)
            answers = analyse(folder)
        assert [each.arm for each in answers.rates] == ["mesh", "command"]
        assert "from 10" in page(folder)
        assert (folder.path / "figures" / "rates.svg").is_file()


def flipped(out: Path, columns):
    """Runs in which the baseline is worse below heterogeneity 0.5, and better above."""
    runs = read_runs(out, columns)
    mesh = runs["arm"] == "mesh"
    runs.loc[mesh, "harm_per_1000"] += 10.0 + 40.0 * (runs.loc[mesh, "local"] - 0.5)
    return runs


def traded(out: Path, columns):
    """Runs in which the baseline has one death fewer."""
    runs = read_runs(out, columns)
    runs.loc[runs["arm"] == "command", "deaths_per_100k"] -= 1.0
    return runs


class TestRefusals:
    def test_a_method_that_does_not_fit(self, tmp_path: Path, capsys) -> None:
        folder = study(tmp_path, "design.kind=latin_hypercube", "design.points=8")
        with pytest.raises(InputError, match="analysis by sobol does not fit a design of the kind latin_hypercube"):
            analyse(folder, "sobol")
        assert exit_code(["study", "analyse", str(folder.path), "--sensitivity", "sobol"]) == 2
        assert "saltelli" in capsys.readouterr().err
        with pytest.raises(InputError, match="too few for PAWN"):
            analyse(folder, "pawn")

    def test_a_study_that_is_not_finished(self, tmp_path: Path, capsys) -> None:
        plan = load_plan(write_study(tmp_path))
        folder = open_folder(plan, tmp_path / "out")
        assert done_shards(folder.path) == {}
        write_manifest(folder, "")
        assert exit_code(["study", "analyse", str(tmp_path / "out")]) == 2
        assert "is not finished" in capsys.readouterr().err

    def test_all_runs_failed(self, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks(*_arguments: object, **_named: object) -> None:
            raise ArithmeticError("no")

        monkeypatch.setattr("sim.study.shards.run_together", breaks)
        words = ["study", "run", str(write_study(tmp_path)), "--out", str(tmp_path / "out"), "--jobs", "1"]
        assert exit_code(words) == 3
        assert "all 160 runs failed" in capsys.readouterr().err

    def test_some_runs_failed(self, tmp_path: Path, capsys) -> None:
        folder = study(tmp_path, "design.kind=one_point", replace=(("[arms.mesh]", "[arms.broken]"),))
        assert exit_code(["study", "analyse", str(folder.path), "--json"]) == 3
        said = json.loads(capsys.readouterr().out)
        assert "1 run failed and is missing from every number." in said["case_against"]
