"""Patterns are judged by intervals: numbers by hand, false alarms, and that no check is shown for want of runs."""

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sim import cli_study
from sim.errors import InputError
from sim.report import patterns as report
from sim.study import theory
from sim.study.patterns import (
    Drawn,
    Outturn,
    Pattern,
    about,
    as_good_somewhere,
    best_inside,
    block_of,
    found,
    judge,
    lines_of,
    losses_of,
    median_interval,
    median_within,
    more,
    no_more,
    overtaken,
    panels_of,
    said,
    sooner,
)

pytestmark = pytest.mark.coverage_subset
HARM = "harm_per_1000"


def runs_where(value, maps=(1,), seeds=range(8), arms=("a", "b"), steps=(0.0, 1.0, 2.0)) -> pd.DataFrame:
    """Return runs whose harm is given as a function of arm, step, seed and map."""
    frame = pd.DataFrame(product(arms, steps, seeds, maps), columns=["arm", "step", "seed", "map"])
    return frame.assign(**{HARM: [value(run) for run in frame.itertuples()]})


def test_a_mean_is_over_whatever_is_not_named_and_nan_where_a_run_failed():
    runs = runs_where(lambda run: 100.0 * run.map + 10.0 * run.step + run.seed, maps=(1, 2))
    assert block_of(runs, HARM, {"arm": "a"}).tolist() == [[110.0 + n for n in range(8)], [210.0 + n for n in range(8)]]
    runs.loc[(runs["seed"] == 3) & (runs["map"] == 2) & (runs["step"] == 1.0), HARM] = np.nan
    assert np.argwhere(np.isnan(block_of(runs, HARM, {"arm": "a"}))).tolist() == [[1, 3]]


def test_what_never_came_counts_as_the_last_day_and_is_not_left_out():
    runs = runs_where(lambda run: np.nan if run.arm == "a" and run.seed < 2 else 10.0 + run.seed).assign(status="done")
    left_out = more("s", "", HARM, {"arm": "a"}, {"arm": "b"}).measure(runs)
    assert (left_out.value, left_out.crises) == (0.0, 6)
    counted = more("s", "", HARM, {"arm": "a"}, {"arm": "b"}, never=50.0).measure(runs)
    assert (counted.value, counted.crises) == ((40.0 + 39.0) / 8, 8)
    runs.loc[(runs["seed"] == 0) & (runs["arm"] == "a"), "status"] = "failed"
    assert more("s", "", HARM, {"arm": "a"}, {"arm": "b"}, never=50.0).measure(runs).crises == 7


@pytest.mark.parametrize(
    ("between", "verdict"), [((10.0, 31.0), "shown"), ((19.0, 31.0), "not clear"), ((28.0, 31.0), "contradicted")]
)
def test_a_median_lies_between_two_numbers(between, verdict):
    """Of 24 the interval is from the 7th to the 18th, and what never came moves neither."""
    runs = runs_where(lambda run: np.nan if run.seed > 20 else 10.0 + run.seed, maps=(1, 2), seeds=range(24))
    told = median_within("s", "", HARM, between, {"arm": "a"}, 99.0).measure(runs.assign(status="done"))
    assert (told.value, told.low, told.high, told.crises) == (21.5, 16.0, 27.0, 24)
    assert told.verdict == verdict
    assert told.maps_so == (2 if verdict != "contradicted" else 0)


def test_the_interval_of_a_median_holds_it_and_needs_six_values():
    assert np.isnan(median_interval(np.arange(5.0))[1:]).all()
    assert median_interval(np.arange(6.0)) == (2.5, 0.0, 5.0)
    assert np.isnan(median_interval(np.array([]))).all()
    draws = np.random.default_rng(4).exponential(size=(2000, 24))
    held = [low <= np.log(2.0) <= high for _, low, high in map(median_interval, draws)]
    assert np.mean(held) == pytest.approx(0.977, abs=0.012)  # what ranks 7 and 18 of 24 hold


def test_more_by_hand():
    runs = runs_where(lambda run: 5.0 + (run.arm == "a") * (1.0 + run.seed % 2))
    told = more("s", "a has more", HARM, {"arm": "a"}, {"arm": "b"}).measure(runs)
    assert (told.value, told.crises, told.verdict, told.maps_so) == (1.5, 8, "shown", 1)
    assert told.low == pytest.approx(1.5 - 2.364624 * np.std([1, 2] * 4, ddof=1) / np.sqrt(8), abs=1e-5)
    back = more("s", "b has more", HARM, {"arm": "b"}, {"arm": "a"}).measure(runs)
    assert back.verdict == "contradicted"


def test_a_difference_between_differences():
    runs = runs_where(lambda run: run.seed + run.step * (3.0 if run.arm == "a" else 1.0))
    high, low = (
        [{"arm": "a", "step": 2.0}, {"arm": "b", "step": 0.0}],
        [{"arm": "a", "step": 0.0}, {"arm": "b", "step": 2.0}],
    )
    assert more("s", "", HARM, high, low).measure(runs).value == 4.0


def test_no_check_is_shown_for_want_of_runs():
    runs = runs_where(lambda *_: 1.0)
    with pytest.raises(ValueError, match="no runs where"):
        more("s", "", HARM, {"arm": "c"}, {"arm": "a"}).measure(runs)


def test_false_alarms_are_as_rare_as_they_should_be():
    """Of two identical arms a check says anything in about 5% of studies, half of it on either side."""
    draws = np.random.default_rng(5)
    verdicts = [found("", "", draws.normal(size=(2, 12))).verdict for _ in range(2000)]
    for verdict in ("shown", "contradicted"):
        assert 0.015 < verdicts.count(verdict) / 2000 < 0.035


def test_no_more_allows_a_small_share():
    for excess, verdict in ((0.04, "shown"), (0.06, "contradicted")):
        runs = runs_where(lambda run, e=excess: 100.0 * (1.0 + e * (run.arm == "a")))
        told = no_more("s", "", HARM, {"arm": "a"}, {"arm": "b"}).measure(runs)
        assert told.value == pytest.approx(100.0 * excess)
        assert told.verdict == verdict


@pytest.mark.parametrize(("ratio", "verdict"), [(2.0, "shown"), (2.2, "contradicted"), (1.0, "contradicted")])
def test_a_ratio_is_about_what_it_should_be(ratio, verdict):
    runs = runs_where(lambda run: (10.0 + run.seed) * (ratio if run.arm == "a" else 1.0))
    assert about("s", "", HARM, 2.0, {"arm": "a"}, {"arm": "b"}).measure(runs).verdict == verdict


def test_a_ratio_whose_interval_is_wide_is_not_clear():
    runs = runs_where(lambda run: 2.0 + (run.seed % 2) if run.arm == "a" else 1.0)
    assert about("s", "", HARM, 2.0, {"arm": "a"}, {"arm": "b"}).measure(runs).verdict == "not clear"


def test_an_arm_that_is_as_good_in_one_place_is_found():
    level = {"a": 10.0, "b": 12.0, "c": 11.0}
    runs = runs_where(lambda run: level[run.arm] - 2.0 * (run.arm == "b") * run.step, arms=("a", "b", "c"))
    told = as_good_somewhere("s", "tied", HARM, ["b"], ["a", "c"], [{"step": 0.0}, {"step": 1.0}]).measure(runs)
    assert told.verdict == "shown"
    assert told.says == "tied (best: b at step 1.0)"
    nowhere = as_good_somewhere("s", "tied", HARM, ["b"], ["a", "c"], [{"step": 0.0}]).measure(runs)
    assert nowhere.verdict == "contradicted"


@pytest.mark.parametrize(("levels", "verdict"), [((5.0, 1.0, 4.0), "shown"), ((1.0, 2.0, 4.0), "contradicted")])
def test_the_best_step_inside(levels, verdict):
    runs = runs_where(lambda run: levels[int(run.step)] + 0.1 * (run.seed % 3))
    told = best_inside("s", "", HARM, "step", {"arm": "a"}).measure(runs)
    assert told.verdict == verdict
    assert told.value == pytest.approx(min(levels[0], levels[2]) - levels[1])
    assert told.crises == 4  # the other half chose


@pytest.mark.parametrize(
    ("gaps", "day"),
    [((4.0, 2.0, -2.0), 45.0), ((1.0, 1.0, 1.0), 60.0), ((-1.0, -1.0, -1.0), 0.0), ((-1.0, 1.0, -1.0), 45.0)],
)  # fmt: skip
def test_when_an_arm_has_overtaken(gaps, day):
    assert overtaken(np.array([10.0, 30.0, 60.0]), np.array(gaps)) == day


def test_sooner_by_hand():
    """The gap falls to zero on day 1 in slow runs, and on day 0.5 in quick ones, whatever the crisis."""
    runs = pd.concat(
        runs_where(lambda run, d=days: (run.arm == "a") * (d - run.step)).assign(boost=boost)
        for boost, days in ((0.0, 1.0), (1.0, 0.5))
    )
    told = sooner("s", "sooner", HARM, "step", ("a", "b"), {"boost": 0.0}, {"boost": 1.0}).measure(runs)
    assert (told.value, told.low, told.high, told.verdict) == (0.5, 0.5, 0.5, "shown")


def test_what_an_interval_says():
    assert [said(0.1, 1.0), said(-1.0, -0.1), said(-1.0, 1.0)] == ["shown", "contradicted", "not clear"]


# ---- the shipped patterns ----


def blank_runs(_path=None) -> pd.DataFrame:
    """Return runs of M10's study in which nothing differs."""
    rows = [
        {"arm": arm, "candour": candour, "map": chart, "seed": seed, theory.REGRET: 1.0}
        for arm in (*theory.CENTRAL, *theory.LOCAL)
        for candour in (0.1, 0.3, 0.6, 1.0)
        for chart in (1, 2)
        for seed in (1, 2, 3, 4)
    ]
    return pd.DataFrame(rows)


def test_nothing_is_shown_where_nothing_differs():
    outturn = judge(theory.PATTERNS["M10"], blank_runs)
    assert outturn.verdict == "does not hold"
    assert outturn.shown == 0


def test_an_unknown_pattern_is_refused():
    with pytest.raises(InputError, match="M99"):
        theory.chosen_patterns(["M99"])
    assert [each.id for each in theory.chosen_patterns(["m3", "M1"])] == ["M3", "M1"]
    assert theory.chosen_patterns([]) == list(theory.PATTERNS.values())


# ---- as text, Markdown, data, figures ----

RUNS = runs_where(lambda run: 10.0 + run.step + run.seed * (run.arm == "a"), maps=(1, 2))
PATTERN = Pattern(
    "X1",
    "A | pattern",
    "a has more.",
    "Somebody (1900).",
    {"some": "some/full.toml"},
    (
        more("some", "a has more", HARM, {"arm": "a"}, {"arm": "b"}),
        more("some", "b has", HARM, {"arm": "b"}, {"arm": "a"}),
    ),
    Drawn("some", HARM, "step", "map"),
    (more("some", "later step", HARM, {"step": 1.0}, {"step": 0.0}),),
)
MANIFESTS = {"some": {"study_id": "abc", "runs": {"done": 96}, "model_version": 2}}


@pytest.fixture
def outturn() -> Outturn:
    return judge(PATTERN, lambda _: RUNS)


def test_a_pattern_of_which_half_is_shown_holds_in_part(outturn):
    assert (outturn.verdict, outturn.shown) == ("holds in part", 1)


def test_the_page_tells_everything(outturn):
    page = "before\n<!-- table: X1 -->\n<!-- end of table -->\nafter\n"
    made = report.put_into(page, report.page_tables([outturn], lambda _: RUNS, MANIFESTS))
    for part in ("a has more.", "Somebody (1900).", "experiments/some/full.toml", "1 of 2 checks shown", "not counted",
                 "**contradicted**", "2 of 2", "`abc` (96 runs)", "before", "after"):  # fmt: skip
        assert part in made
    assert report.put_into(made, report.page_tables([outturn], lambda _: RUNS, MANIFESTS)) == made
    with pytest.raises(ValueError, match="no marks"):
        report.put_into("nothing", report.page_tables([outturn], lambda _: RUNS, MANIFESTS))


def test_text_and_data(outturn):
    assert "X1 A | pattern: holds in part (1 of 2)" in report.as_text([outturn])
    (told,) = json.loads(json.dumps(report.as_data([outturn])))
    assert told["checks"][0]["verdict"] == "shown"
    assert report.summary_row(outturn)[2] == "1 of 2"


def test_figures(outturn, tmp_path):
    path = report.draw(outturn, lambda _: RUNS, tmp_path / "new")
    assert path is not None
    assert path.stat().st_size > 1000
    assert panels_of(PATTERN.drawn, RUNS) == [1, 2]
    line = lines_of(PATTERN.drawn, RUNS, 1)[1]
    assert (line.arm, line.mean.tolist()) == ("b", [10.0, 11.0, 12.0])
    bare = Pattern("X2", "", "", "", {}, ())
    assert judge(bare, lambda _: RUNS).verdict == "not judged"
    assert report.draw(Outturn(bare, ()), lambda _: RUNS, tmp_path) is None


def test_the_figure_of_losses(tmp_path):
    runs = pd.concat([RUNS.assign(scenario="whole"), RUNS.assign(scenario="lost", **{HARM: RUNS[HARM] + 2.0})])
    drawn = Drawn("some", HARM, "scenario")
    assert losses_of(drawn, runs) == {"lost": {"a": (2.0, 0.0), "b": (2.0, 0.0)}}
    pattern = Pattern("X3", "Lost", "", "", {"some": ""}, (), drawn)
    assert report.draw(Outturn(pattern, ()), lambda _: runs, tmp_path) is not None


def test_who_wins_where():
    """a is best at every point of the space; over scenarios a where nothing is local, b where all is."""
    rows = [
        {"scenario": name, "point": int(local), "local": local, "arm": arm, "seed": seed, "status": "done",
         HARM: base * (1.0 + 0.5 * ((arm == "b") == (local == 0.0))) + seed, "regret_area": 0.1 + (arm == "b")}
        for name, base in (("calm", 10.0), ("storm", 1000.0)) for local in (0.0, 1.0) for arm in ("a", "b")
        for seed in range(6)
    ]  # fmt: skip
    runs, manifest = pd.DataFrame(rows), {**MANIFESTS["some"], "arms": ["a", "b"]}
    told = dict(report.winner_tables(lambda _: runs, dict.fromkeys(theory.WINNERS, manifest)))
    assert "| `calm` | `a` | `b` |" in told["crises"]
    assert "| `a` | 2 of 2 | 0 of 2 |" in told["crises"]
    assert "| `a` | 100.0% [" in told["space"]  # by learning


# ---- the command ----


def test_the_command_judges_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.study.folder.read_runs", blank_runs)
    monkeypatch.setattr("sim.study.folder.read_manifest", lambda _: MANIFESTS["some"])
    (tmp_path / "candour_full").mkdir()
    page = tmp_path / "page.md"
    page.write_text("<!-- table: M10 -->\n<!-- end of table -->\n", encoding="utf-8")
    words = [
        "patterns",
        "m10",
        "--no-run",
        "--results",
        str(tmp_path),
        "--docs",
        str(page),
        "--figures",
        str(tmp_path),
        "--json",
    ]
    ended = CliRunner().invoke(cli_study.study, words, standalone_mode=False)
    assert ended.return_value == 1, ended.output
    assert json.loads(ended.output)[0]["verdict"] == "does not hold"
    assert "does not hold" in page.read_text(encoding="utf-8")
    assert (tmp_path / "m10.png").is_file()


def test_the_command_says_which_study_is_not_there(tmp_path):
    ended = CliRunner().invoke(cli_study.study, ["patterns", "M10", "--no-run", "--results", str(tmp_path)])
    assert isinstance(ended.exception, InputError)
    assert "candour_full is not there" in str(ended.exception)


def test_the_command_runs_what_is_missing(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("sim.study.read.load_plan", lambda file: file)
    monkeypatch.setattr("sim.study.runner.run_study", lambda file, out, *_, **__: asked.append((file, out)))
    monkeypatch.setattr("sim.study.folder.read_runs", blank_runs)
    monkeypatch.setattr("sim.study.pooling.pooling_runs", pooled)
    ended = CliRunner().invoke(
        cli_study.study, ["patterns", "M10", "M6", "--results", str(tmp_path)], standalone_mode=False
    )
    assert ended.return_value == 1, ended.output
    assert asked == [(theory.study_file_of("candour_full"), tmp_path / "candour_full")]
    assert "M6 Pooling: does not hold" in ended.output


def pooled() -> pd.DataFrame:
    """Return a table of safety stocks that no way of sharing makes smaller."""
    return pd.DataFrame(
        {
            "arm": arm,
            "places": n,
            "correlation": r,
            "seed": seed,
            "safety_stock": 9.0 if r == 0.5 else 9.0 + (arm == "apart") * 99.0,
        }
        for arm in ("apart", "by_shortage", "by_seen_need")
        for n in (4, 9, 25)
        for r in (0.0, 0.25, 1.0)
        for seed in (1, 2)
    )
