"""A study file says what is wanted, and whatever cannot be run is refused with a remedy."""

import re
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.study.read import at_values, load_plan, study_names, values_at
from tests.study.study_files import SMALL, small_plan, write_study

pytestmark = pytest.mark.coverage_subset


def test_arms_bear_their_own_names_and_the_first_is_the_baseline(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    assert plan.arms == ["command", "mesh"]
    assert small_plan(tmp_path, "baseline=mesh").arms == ["mesh", "command"]
    assert plan.seeds == tuple(range(1, 21))
    assert plan.scenarios[0].days == 10
    assert plan.cells == 8


def test_an_arm_may_change_settings_of_its_structure(tmp_path: Path) -> None:
    path = write_study(
        tmp_path,
        SMALL
        + '[arms.slow]\nstructure = "mesh"\ntitle = "Slow"\n[arms.slow.settings.powers.approach]\ncadence_days = 28\n',
    )
    slow = load_plan(path).structures[2]
    assert (slow.name, slow.title, slow.powers.approach.cadence_days) == ("slow", "Slow", 28)


def test_settings_for_all_arms_and_on_the_command_line(tmp_path: Path) -> None:
    plan = small_plan(
        tmp_path,
        "settings.structure.trial.share=0.2",
        "replicates.count=3",
        "seed=0",
        "title=another",
        "design.kind=one_point",
    )
    assert [each.trial.share for each in plan.structures] == [0.2, 0.2]
    assert (plan.seeds, plan.study.title, len(plan.points)) == ((0, 1, 2), "another", 1)


def test_points_are_laid_over_scenario_and_structure(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    assert plan.points.rows == [(0.0, 0), (0.0, 21), (1.0, 0), (1.0, 21)]
    scenario, structure = at_values(values_at(plan.study, (0.25, 14)), plan.scenarios[0], plan.structures[0])
    assert (scenario.approaches.heterogeneity, structure.channels.reporting.delay_days) == (0.25, 14)
    assert scenario.days == 10


def test_a_study_may_extend_another_and_paths_count_from_the_file_that_names_them(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "own.toml").write_text('schema_version = 1\nextends = "mesh"\nname = "own"\ntitle = "My own"\n')
    write_study(base, SMALL, ('structure = "mesh"', 'structure = "own.toml"'))
    path = tmp_path / "further.toml"
    path.write_text('schema_version = 1\nextends = "base/study.toml"\nname = "further"\n[replicates]\ncount = 2\n')
    plan = load_plan(path)
    assert plan.study.name == "further"
    assert plan.structures[1].title == "My own"
    assert len(plan.seeds) == 2


def test_shipped_studies_are_in_order() -> None:
    for name in study_names():
        assert load_plan(name).study.question.endswith("?"), name


REFUSED = {  # what: text to be replaced and by what, words of the refusal, line
    "unknown outcome": (("deaths_per_100k", "deaths_per_1000k"), 'no outcome "deaths_per_1000k".*"deaths_per_100k"', 7),
    "outcome twice": (('"deaths_per_100k"', '"harm_per_1000"'), "stands there twice", 7),
    "range upside down": (("low = 0.0\nhigh = 1.0", "low = 1.0\nhigh = 0.0"), "upside down, from 1 to 0", 20),
    "unknown key": (("question =", "questoin ="), 'no setting "questoin".*"question"', 5),
    "unknown design": (('"factorial"', '"factorail"'), 'Did you mean "factorial"', 31),
    "unknown structure": (('structure = "mesh"', 'structure = "mehs"'), 'no shipped structure "mehs".*"mesh"', 16),
    "unknown scenario": (('"small_outbreak"', '"smal_outbreak"'), '"smal_outbreak".*"small_outbreak"', 6),
    "unknown setting": (("approaches.het", "aproaches.het"), 'Did you mean "scenario.approaches"', 19),
    "unknown deep setting": (("heterogeneity", "heterogenity"), 'mean "scenario.approaches.heterogeneity"', 19),
    "group": (("approaches.heterogeneity", "approaches"), "is a group of settings", 19),
    "nobody's setting": (('"scenario.approaches', '"approaches'), "Begin it with scenario. or structure.", 19),
    "out of range": (("low = 0.0\nhigh = 1.0", "low = 0.0\nhigh = 1.5"), "1.5 is out of range.*from 0 to 1", 18),
    "no range": (("low = 0.0\nhigh = 1.0", ""), "says not what the setting may be", 18),
    "one end": (("low = 0.0\n", ""), "only one end", 18),
    "moved twice": (("structure.channels.reporting.delay_days", "scenario.approaches.heterogeneity"), "moved by", 25),
    "too old": (("schema_version = 1", "schema_version = 0"), "too old", 2),
    "seeds twice": (
        ('name = "small"', 'name = "small"\nseeds = [1, 2, 1]'),
        "seed 1 stands there twice.*adds no knowledge",
        4,
    ),
    "negative seed": (('name = "small"', 'name = "small"\nseeds = [-1]'), "seed is out of range", 4),
    "no arms": (
        ('[arms.command]\nstructure = "command"\n\n[arms.mesh]\nstructure = "mesh"', "[arms]"),
        "has no arms",
        12,
    ),
    "unequal means": (
        ('structure = "mesh"', 'structure = "mesh"\n[arms.mesh.settings.load]\nbase = 0.5'),
        "belongs to the scenario: this arm would have means",
        17,
    ),
    "unknown arm setting": (
        ('structure = "mesh"', 'structure = "mesh"\n[arms.mesh.settings.trail]\nshare = 0.5'),
        'no setting "trail" here. Did you mean "trial"',
        17,
    ),
    "wrong arm setting": (
        ('structure = "mesh"', 'structure = "mesh"\n[arms.mesh.settings.trial]\nshare = 5'),
        "5 is out of range",
        18,
    ),
    "points of a sequence": (
        ('kind = "factorial"', 'kind = "saltelli"\npoints = 100'),
        "no power of two.*Use 64 or 128",
        32,
    ),
    "precision": (("count = 20", "count = 4\nhalf_width = 1.0"), "first stage below 8", 34),
    "baseline": (
        ('name = "small"', 'name = "small"\nbaseline = "comand"'),
        'no arm "comand". Did you mean "command"',
        4,
    ),
    "map": (
        ("[replicates]", '[answers]\nmap = ["locl"]\n[replicates]'),
        'no uncertainty "locl". Did you mean "local"',
        34,
    ),
    "trade-off": (
        ("[replicates]", '[answers]\ntrade_off = ["harm_per_1000"]\n[replicates]'),
        "between two outcomes",
        34,
    ),
}


@pytest.mark.parametrize(
    ("change", "says", "line"),
    REFUSED.values(),
    ids=list(REFUSED),
)
def test_refusals_name_file_line_and_remedy(change: tuple[str, str], says: str, line: int, tmp_path: Path) -> None:
    path = write_study(tmp_path, SMALL, change)
    with pytest.raises(InputError) as refused:
        load_plan(path)
    assert re.search(says, str(refused.value)), refused.value
    assert refused.value.file == path
    assert refused.value.line == line, refused.value
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("replicates.cuont=3", 'no setting "cuont".*"count"'),
        ("nonsense", "Write it as"),
        ("=3", "Write it as"),
        ("uncertainties.local.steps=1000000", "out of range"),
        ("baseline=nobody", 'no arm "nobody"'),
        ("seed=18446744073709551610", "not so many seeds"),
    ],
)
def test_refusals_of_what_is_set_on_the_command_line(setting: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        small_plan(tmp_path, setting)


def test_a_design_beyond_all_bounds_is_refused_before_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2,000,000 points"):
        small_plan(tmp_path, "uncertainties.local.steps=1000", "uncertainties.delay.steps=1000",
                   'uncertainties.more={key="scenario.load.spill", low=0.0, high=0.01, steps=2}')  # fmt: skip


def test_two_uncertainties_may_not_leave_a_point_that_cannot_be_run_unsaid(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without bound"):
        small_plan(tmp_path, 'uncertainties.more={key="scenario.load.spill", low=0.0, high=0.2}')


def test_no_such_study() -> None:
    with pytest.raises(InputError, match='no shipped study "nothing"'):
        load_plan("nothing")


def test_dated_changes_that_give_one_arm_more_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rich.toml").write_text(
        'schema_version = 1\nextends = "small_outbreak"\nname = "rich"\ntitle = "Rich"\n'
        "[[change]]\nday = 3\n[change.scenario.load]\nabsence = 0.1\n"
    )
    plan = load_plan(write_study(tmp_path, SMALL, ('"small_outbreak"', '"rich.toml"')))
    assert plan.scenarios[0].name == "rich"


def test_a_refused_setting_of_the_command_line_is_told_as_such_and_paths_count_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_study(tmp_path)
    with pytest.raises(InputError) as refused:
        load_plan(path, ["replicates.coun=4"])
    assert str(refused.value).startswith("--set, replicates.coun: ")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Path("mine.toml").write_text('schema_version = 1\nextends = "silos"\nname = "mine"\n', encoding="utf-8")
    plan = load_plan(path, ["arms.mesh.structure=./mine.toml"])
    assert plan.structures[1].channels.peer.network == "none"
