"""Culture against structure: what a structure carries is told apart, and wins nothing unseen."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.engine import RunResult, run
from sim.errors import InputError
from sim.governance.culture import in_its_culture, in_the_culture_of
from sim.governance.describe import describe_structure
from sim.governance.structure import Structure
from sim.own import NOTHING_OWN, Own
from sim.report import culture_words, page, study_page, words
from sim.study import compare as module
from sim.study.answers import answer
from sim.study.compare import Comparison, compare
from sim.study.culture import EFFECTS, arm_squares, effects_of
from sim.study.decisions import open_results
from sim.study.read import load_plan
from sim.study.runner import run_study
from sim.study.store import manifest_of, save, seal
from sim.world.scenario import Change, Scenario
from tests.study import study_files
from tests.study.fake_runs import TINY, fake_run, structure
from tests.study.study_files import SMALL, write_study

OPEN = {"candour": 0.95, "trust_start": 0.6}


def fake_with_culture(
    scenario: Scenario, arm: Structure, seeds: Sequence[int], engine: str = "auto", own: Own = NOTHING_OWN
) -> list[RunResult]:
    """An open culture lowers harm by 20 under every structure, and by 5 more under a mesh."""
    gain = (25.0 if arm.name.startswith("mesh") else 20.0) if arm.culture else 0.0
    return [
        replace(each, outcomes=each.outcomes | {"harm_per_1000": each.outcomes["harm_per_1000"] - gain})
        for each in fake_run(scenario, arm, seeds, engine, own)
    ]


def compared(names: str, carrying: str, baseline: str | None = None) -> Comparison:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run", fake_with_culture)
        arms = [structure(name, culture=OPEN if name == carrying else {}) for name in names.split()]
        return compare(TINY, arms, 6, jobs=1, baseline=baseline)


def effects(comparison: Comparison) -> dict[str, float]:
    rows = comparison.cultures[comparison.cultures["outcome"] == "harm_per_1000"]
    return dict(zip(rows["effect"], rows["difference"], strict=True))


@pytest.mark.coverage_subset
class TestTwoByTwo:
    def test_by_hand(self) -> None:
        """Structure 10 - 12 = -2; culture 9 - 12 = -3; the structure gains 10 - 4 = 6, the baseline 3: -3 more."""
        here, base, there, base_there = (np.array([x, x + 1.0, x - 1.0]) for x in (10.0, 12.0, 4.0, 9.0))
        found = effects_of(here, base, there, base_there)
        assert {name: gap.mean for name, gap in found.items()} == {
            "structure": -2.0, "culture": -3.0, "interaction": -3.0, "together": -8.0,
        }  # fmt: skip
        assert list(found) == list(EFFECTS)
        assert found["structure"].low == found["structure"].high  # the pairs differ by the same in every crisis

    def test_no_structure_wins_by_a_culture_that_it_carries(self) -> None:
        with_it, without = compared("command mesh", "mesh"), compared("command mesh", "")
        assert with_it.table().equals(without.table())
        assert list(with_it.runs["run_id"]) == list(without.runs["run_id"])
        assert without.cultures.empty

    def test_effects_add_up(self) -> None:
        found = effects(compared("command mesh", "mesh"))
        assert found["structure"] == pytest.approx(-10.1, abs=0.3)
        assert found["culture"] == pytest.approx(-20.0)
        assert found["interaction"] == pytest.approx(-5.0)
        assert found["together"] == pytest.approx(found["structure"] + found["culture"] + found["interaction"])

    def test_the_culture_of_the_baseline_is_tried_on_every_other(self) -> None:
        comparison = compared("command mesh silos", "command")
        assert [tuple(each) for each in comparison.squares] == [("command", "mesh"), ("command", "silos")]
        assert len(comparison.abroad) == 3 * 6  # the baseline once
        assert comparison.planned == 6 * 6

    def test_a_run_that_fails_in_a_culture_is_counted(self) -> None:
        comparison = compared("command broken", "broken")
        assert set(comparison.failures["structure"]) == {"broken", "broken in the culture of broken"}
        rows = comparison.cultures[comparison.cultures["effect"] == "interaction"]
        assert set(rows["pairs"]) <= {5, 0}

    def test_it_is_told_in_words(self) -> None:
        comparison = compared("command mesh", "mesh")
        (caveat,) = culture_words.culture_caveats(comparison)
        assert caveat.startswith(
            "Mesh carries a culture of its own: candour 0.95 (the scenario's is 0.8) and trust start"
        )
        assert "no verdict here is owed to what it carries" in caveat
        text = "\n".join(culture_words.culture_text(comparison))
        assert "interaction" in text
        assert "-20.0" in text
        assert list(culture_words.culture_text(compared("command mesh", ""))) == []
        html = page.page(comparison, [], manifest_of(comparison, "meshgov compare", 1.0))
        assert "Culture against structure" in html
        assert caveat.replace("'", "&#39;") in html
        assert "Culture against structure" not in page.page(
            compared("command mesh", ""), [], manifest_of(comparison, "", 1.0)
        )
        assert words.main_sentence(comparison) == words.main_sentence(compared("command mesh", ""))

    def test_it_is_kept_and_what_is_read_back_is_what_was_compared(self, tmp_path: Path) -> None:
        comparison = compared("command mesh", "mesh")
        save(comparison, tmp_path)
        seal(manifest_of(comparison, "meshgov compare", 1.0), tmp_path)
        assert (tmp_path / "cultures.csv").read_text().count("\n") == 1 + len(comparison.cultures)
        assert "candour = 0.95" in (tmp_path / "resolved" / "structure_mesh.toml").read_text()
        assert all(not each.culture for each in open_results(tmp_path).structures)

    def test_it_is_read_aloud(self) -> None:
        said = describe_structure(structure("mesh", culture=OPEN))
        assert "THE CULTURE IT CARRIES" in said
        assert "Candour: 0.95. Psychological safety" in said
        assert "THE CULTURE IT CARRIES" not in describe_structure(structure("mesh"))


SQUARE = """
[arms.command_open]
structure = "command"
settings = { culture = { candour = 0.95 } }

[arms.mesh_open]
structure = "mesh"
settings = { culture = { candour = 0.95 } }

[uncertainties.local]"""


@pytest.mark.coverage_subset
class TestInAStudy:
    def test_four_arms_are_a_square(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(study_files.module, "run_together", study_files.each_by(fake_with_culture))
        plan = load_plan(write_study(tmp_path, SMALL, ("\n[uncertainties.local]", SQUARE)), ["replicates.count=4"])
        assert [tuple(each) for each in arm_squares(plan.structures)] == [
            ("mesh", "command", "mesh_open", "command_open")
        ]
        folder = run_study(plan, tmp_path / "out", jobs=1)
        answers = study_page.analyse(folder)
        rows = answers.cultures[answers.cultures["outcome"] == "harm_per_1000"].set_index("effect")["difference"]
        assert rows["culture"] == pytest.approx(-20.0, abs=0.5)
        assert rows["together"] == pytest.approx(rows["structure"] + rows["culture"] + rows["interaction"])
        assert "Structure and culture apart" in study_page.sentences(answers)["answers"]["culture"]
        assert "carry cultures of their own" in study_page.sentences(answers)["case_against"][0]
        assert (folder.path / "analysis" / "cultures.csv").is_file()
        assert "Culture against structure" in (folder.path / "report.html").read_text()
        assert answer(plan, pd.read_parquet(folder.path / "runs.parquet")).cultures.equals(answers.cultures)

    def test_what_an_arm_carries_cannot_be_varied_unseen(self, tmp_path: Path) -> None:
        text = SMALL.replace("scenario.approaches.heterogeneity", "scenario.culture.candour")
        text = text.replace("low = 0.0", "low = 0.1", 1)
        path = write_study(tmp_path, text, ("\n[uncertainties.local]", SQUARE))
        with pytest.raises(InputError, match="stands still") as refused:
            load_plan(path)
        assert refused.value.key == "uncertainties.local.key"

    def test_a_typo_in_an_arms_culture_has_its_line(self, tmp_path: Path) -> None:
        over = "\n[arms.mesh.settings.culture]\ncandor = 0.9\n\n[uncertainties.local]"
        with pytest.raises(InputError, match="no such setting of a culture") as refused:
            load_plan(write_study(tmp_path, SMALL, ("\n[uncertainties.local]", over)))
        assert refused.value.line is not None


@pytest.mark.coverage_subset
class TestInTheEngine:
    """A carried culture is the scenario's, with what is carried laid over it; means stay equal."""

    @pytest.mark.parametrize("engine", ["fast", "mesa"])
    def test_at_home_is_the_scenario_with_that_culture(self, engine: str) -> None:
        scenario = TINY.model_copy(update={"days": 14, "country": TINY.country.model_copy(update={"places": 4})})
        arm, plain = structure("mesh", culture=OPEN), structure("mesh")
        (at_home,) = run(scenario, arm, [1], engine)
        (there,) = run(in_its_culture(scenario, arm), plain, [1], engine)
        (here,) = run(scenario, plain, [1], engine)
        assert at_home.outcomes == pytest.approx(there.outcomes, abs=0.0, nan_ok=True)
        assert at_home.outcomes["trust_end"] != here.outcomes["trust_end"]
        assert at_home.means_digest == here.means_digest != there.means_digest
        assert at_home.crisis_digest == here.crisis_digest

    def test_it_outlasts_what_changes_in_the_scenario(self) -> None:
        scenario = TINY.model_copy(update={"days": 14, "country": TINY.country.model_copy(update={"places": 4})})
        falls = scenario.model_copy(update={"change": (Change(day=3, scenario={"culture": {"candour": 0.1}}),)})
        arm = structure("mesh", culture={"candour": 0.95})
        ours, theirs = run(falls, arm, [1])[0].outcomes, run(scenario, arm, [1])[0].outcomes
        assert ours == pytest.approx(theirs, abs=0.0, nan_ok=True)

    def test_without_one_nothing_is_changed(self) -> None:
        assert in_its_culture(TINY, structure("mesh")) is TINY
        assert in_the_culture_of(structure("mesh", culture=OPEN), None) == structure("mesh")
