"""A recorded series by hand: its days, its crosswalk, its gaps, and all that is refused.

Ayton (100,000 people), Beeton (200,000) and Ceaton (100,000); the record has Ayton and one area of the other two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli import exit_code
from sim.errors import InputError
from sim.world.country import Country, build_country, load_england
from sim.world.crises import Replay
from sim.world.files import load_scenario
from sim.world.places import PlaceRow
from sim.world.recorded import Crosswalk, Gap, between, filled, like_others, read_record
from tests.crisis.samples import ground_of, with_crises

pytestmark = pytest.mark.coverage_subset

HEAD = "week_start,code,cases,deaths_28_days\n"
WEEKS = ("2020-03-02", "2020-03-09", "2020-03-16", "2020-03-23")
CASES = {"Ayton": (70, 140, 210, 0), "BC": (30, 60, 90, 300)}
DEATHS = {"Ayton": (0, 7, 14, 21), "BC": (0, 3, 6, 9)}
MERGED = (Crosswalk(area="BC", places=("Beeton", "Ceaton")),)
A, B, C = "Ayton", "Beeton", "Ceaton"


def country() -> Country:
    areas = {"nation": "Threeland", "region": "R", "statistical_region": "R", "forum": "F", "health_system": "H"}
    people = {A: 100_000.0, B: 200_000.0, C: 100_000.0}
    rows = [PlaceRow(name, name, people[name], 0.0, 0.0, 0.1, float(n), 0.0, areas) for n, name in enumerate(people)]
    return build_country("Threeland", rows, [(A, B), (B, C)])


def at(name: str) -> int:
    return country().codes.index(name)


def lines(missing: dict[tuple[str, str], str] | None = None) -> list[str]:
    """Return the rows of the record; ``missing`` gives other text for an area's week."""
    rows = []
    for n, week in enumerate(WEEKS):
        for area in CASES:
            text = f"{CASES[area][n]},{DEATHS[area][n]}"
            rows.append(f"{week},{area},{(missing or {}).get((area, week), text)}")
    return rows


def written(path: Path, rows: list[str], head: str = HEAD) -> str:
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


def replay(path: Path, rows: list[str] | None = None, **settings: Any) -> Replay:
    series = written(path / "record.csv", lines() if rows is None else rows)
    return Replay(**{"series": series, "first_week": WEEKS[0], "crosswalk": MERGED, **settings})


def test_areas_are_split_by_population(tmp_path):
    weekly = replay(tmp_path).weekly(country())
    assert weekly["cases"][:, at(A)] == pytest.approx([70, 140, 210, 0])
    assert weekly["cases"][:, at(B)] == pytest.approx([20, 40, 60, 200])  # two thirds of 30, 60, 90, 300
    assert weekly["cases"][:, at(C)] == pytest.approx([10, 20, 30, 100])
    assert weekly["deaths_28_days"][:, at(B)] == pytest.approx([0, 2, 4, 6])


def test_need_follows_cases_at_once_and_deaths_before_they_come(tmp_path):
    """A seventh a day, from day 3 of the run and the record's second week; care is needed four days before a death."""
    crisis = replay(tmp_path, first_week=WEEKS[1], first_day=3, death_lag_days=4, clinical_per_death=2.0)
    need = crisis.strike(ground_of(with_crises(days=15), country=country())).need
    assert (need[:3] == 0.0).all()
    assert need[3:10, at(A), 0] == pytest.approx(0.3 * 140 / 7)
    assert need[10:, at(A), 0] == pytest.approx(0.3 * 210 / 7)
    assert need[3:6, at(A), 1] == pytest.approx(2.0 * 7 / 7)  # days 7 to 9 of the record, with the lag 11 to 13
    assert need[6:13, at(A), 1] == pytest.approx(2.0 * 14 / 7)
    assert need[13:, at(A), 1] == pytest.approx(2.0 * 21 / 7)
    assert need[3, at(B), 3] == pytest.approx(0.2 * 40 / 7)
    assert need[3, at(B), 4] == pytest.approx(0.1 * 40 / 7)
    assert need[6, at(B), 2] == pytest.approx(3.3 * 4 / 7)


def test_it_is_the_same_whatever_the_seed(tmp_path):
    crisis = replay(tmp_path)
    one, other = (crisis.strike(ground_of(with_crises(days=14), seed, country())).need for seed in (1, 2))
    assert np.array_equal(one, other)


# ---- gaps ----


def test_rules_that_fill_gaps():
    nan = float("nan")
    assert between([4.0, nan, nan, 10.0], 1) == pytest.approx(6.0)
    assert between([4.0, nan, nan, 10.0], 2) == pytest.approx(8.0)
    assert between([nan, 5.0, nan], 0) == between([nan, 5.0, nan], 2) == 5.0
    assert np.isnan(between([nan, nan], 0))
    # Elsewhere 6 deaths for 100 + 200 cases: 50 cases stand for one.
    assert like_others([2.0, 4.0, nan, nan], [100.0, 200.0, 50.0, nan], 2) == pytest.approx(1.0)
    assert np.isnan(like_others([2.0, 4.0, nan, nan], [100.0, 200.0, 50.0, nan], 3))
    assert like_others([nan, nan], [5.0, 6.0], 0) == 0.0


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("zero", 0.0),
        ("between", 3.0),  # half-way from 0 to 6
        ("like_others", 60 * 7 / 140),  # Ayton's 7 deaths for 140 cases
    ],
)
def test_each_rule_in_a_record(tmp_path, rule, expected):
    missing = {("BC", WEEKS[1]): "60,"}
    crisis = replay(tmp_path, lines(missing), gaps=(Gap(column="deaths_28_days", areas=("B",), rule=rule),))
    weekly = crisis.weekly(country())
    assert weekly["deaths_28_days"][1, at(B)] == pytest.approx(expected * 2 / 3)
    assert weekly["cases"][1, at(B)] == pytest.approx(40)


def test_a_row_that_is_not_there_is_a_gap_too(tmp_path):
    rows = [row for row in lines() if not row.startswith(f"{WEEKS[2]},BC")]
    gaps = [Gap(column=column, areas=("BC",), rule="between") for column in ("cases", "deaths_28_days")]
    weekly = replay(tmp_path, rows, gaps=tuple(gaps)).weekly(country())
    assert weekly["cases"][2, at(B)] == pytest.approx(180 * 2 / 3)  # between 60 and 300


def test_a_gap_covers_its_areas_and_weeks_only(tmp_path):
    missing = {("BC", WEEKS[1]): "60,", ("BC", WEEKS[3]): "300,"}
    record = read_record(written(tmp_path / "r.csv", lines(missing)))
    early = Gap(column="deaths_28_days", areas=("B",), last=WEEKS[2], rule="zero")
    late = Gap(column="deaths_28_days", areas=("B",), first=WEEKS[3], rule="between")
    assert filled(record, [early, late]).values["deaths_28_days"][:, 1].tolist() == [0.0, 0.0, 6.0, 6.0]
    with pytest.raises(InputError, match=f"area BC has no deaths_28_days in the week of {WEEKS[3]}"):
        filled(record, [early])
    with pytest.raises(InputError, match=f"in the week of {WEEKS[1]}"):
        filled(record, [late])


# ---- what is refused ----

Refusal = tuple[dict[str, Any], str, int | None, str]
GOOD = lines()
FILES: dict[str, tuple[list[str], str, int | None]] = {  # rows, part of the problem, line
    "a gap": (lines({("BC", WEEKS[1]): ",3"}), "area BC has no cases in the week of 2020-03-09.", 5),
    "a row that is not there": (
        GOOD[:5] + GOOD[6:],
        "area BC has no cases in the week of 2020-03-16, nor a row.",
        None,
    ),
    "a row twice": ([*GOOD, GOOD[0]], "area Ayton has a second row for the week of 2020-03-02; the first is in", 10),
    "no count": ([*GOOD[:-1], GOOD[-1].replace("300", "many")], '"many" is no count', 9),
    "below nothing": ([*GOOD[:-1], GOOD[-1].replace("300", "-3")], '"-3" is no count', 9),
    "no number": ([*GOOD[:-1], GOOD[-1].replace("300", "nan")], '"nan" is no count', 9),
    "no Monday": ([GOOD[0].replace("03-02", "03-03")], '"2020-03-03" is no Monday', 2),
    "no date": ([GOOD[0].replace("2020-03-02", "2 March")], '"2 March" is no Monday', 2),
    "too few values": (["2020-03-02,Ayton,3"], "the row has 3 values", 2),
    "no row": ([], "there is no row in it", None),
    "an unknown area": ([*GOOD, *[row.replace("BC", "XX") for row in GOOD if "BC" in row]], "with the code XX", 10),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_is_refused(name, tmp_path):
    rows, problem, line = FILES[name]
    with pytest.raises(InputError) as caught:
        replay(tmp_path, rows).weekly(country())
    assert problem in caught.value.problem
    assert caught.value.line == line
    assert caught.value.file == tmp_path / "record.csv"
    assert caught.value.remedy


SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "a place without an area": ({"leave_out": ("Ayton",)}, "Ayton (Ayton) is covered by no area"),
    "a place in two areas": (
        {"crosswalk": (Crosswalk(area="BC", places=(B, C)), Crosswalk(area="Ayton", places=(A, B)))},
        "Beeton (Beeton) is covered by two areas: Ayton and BC",
    ),
    "an area that the record lacks": (
        {"crosswalk": (*MERGED, Crosswalk(area="DD", places=(A,)))},
        "the record has no area DD",
    ),
    "an area with no places": ({"crosswalk": (Crosswalk(area="BC"),)}, "area BC has no places"),
    "a place that is none": ({"crosswalk": (Crosswalk(area="BC", places=(B, "Q")),)}, "area BC cannot stand for Q"),
    "no crosswalk": ({"crosswalk": ()}, "Threeland has no place with the code BC"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_do_not_fit_the_record_are_refused(name, tmp_path):
    settings, problem = SETTINGS[name]
    with pytest.raises(InputError) as caught:
        replay(tmp_path, **settings).weekly(country())
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("settings", "days", "problem"),
    [
        ({}, 21, None),  # 21 days and a lag of 7: all four weeks
        ({}, 22, "the record ends before the run does"),
        ({"first_day": 5}, 26, None),
        ({"first_week": "2020-02-24"}, 5, "it is not in the record"),
        ({"first_week": "2020-03-30"}, 5, "it is not in the record"),
    ],
)
def test_the_record_must_cover_the_run(settings, days, problem, tmp_path):
    found = list(replay(tmp_path, **settings).misfits(country(), with_crises(days=days)))
    assert [misfit.problem for misfit in found] == ([] if problem is None else [f"{problem}."])


def test_other_columns_are_refused(tmp_path):
    series = written(tmp_path / "record.csv", lines(), "date,code,cases,deaths\n")
    with pytest.raises(InputError, match="the columns are not those of a record"):
        Replay(series=series).weekly(country())
    with pytest.raises(InputError):
        Replay(series=str(tmp_path / "none.csv")).weekly(country())


def test_bad_settings_name_file_line_and_remedy(tmp_path):
    head = 'schema_version = 1\nname = "case"\ntitle = ""\n[[crisis]]\nkind = "replay"\n'
    path = tmp_path / "case.toml"
    bad = {
        'first_week = "2020-02-04"\n': ("crisis[0].first_week", 6, "no Monday"),
        '[[crisis.gaps]]\ncolumn = "cases"\nareas = ["W"]\nrule = "guess"\n': ("crisis[0].gaps[0].rule", 9, "choices"),
        '[[crisis.gaps]]\ncolumn = "cases"\nfirst = "soon"\nrule = "zero"\n': (
            "crisis[0].gaps[0].first",
            8,
            "no Monday",
        ),
        "crosswalk = [3]\n": ("crisis[0].crosswalk[0]", 6, "wrong kind"),
    }
    for text, (key, line, problem) in bad.items():
        path.write_text(head + text, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            load_scenario(path)
        assert (caught.value.key, caught.value.line) == (key, line)
        assert problem in caught.value.problem
        assert exit_code(["validate", str(path)]) == 2


# ---- the record that is shipped ----

ENGLAND = {
    "leave_out": ("N", "S", "W"),
    "crosswalk": (
        Crosswalk(area="E06000052", places=("E06000052", "E06000053")),
        Crosswalk(area="E09000012", places=("E09000012", "E09000001")),
        Crosswalk(area="E10000021", places=("E06000061", "E06000062")),
    ),
}


def test_the_shipped_record_covers_england():
    weekly = Replay(**ENGLAND).weekly(load_england())
    record = read_record("uk_covid_weekly")
    english = [n for n, area in enumerate(record.areas) if area.startswith("E")]
    assert len(english) == 149
    assert len(record.weeks) == 78
    for column, values in weekly.items():
        assert values.sum() == pytest.approx(record.values[column][:, english].sum())
    assert weekly["cases"][:52].sum() > 3_000_000
    assert weekly["deaths_28_days"].sum() > 100_000
    with pytest.raises(InputError, match="Isles of Scilly"):
        Replay(leave_out=("N", "S", "W"), crosswalk=ENGLAND["crosswalk"][1:]).weekly(load_england())


def test_its_gaps_are_wales_and_the_first_weeks_elsewhere():
    record = read_record("uk_covid_weekly")
    missing = {column: np.isnan(values) for column, values in record.values.items()}
    by_nation = {
        nation: [int(missing[column][:, [a.startswith(nation) for a in record.areas]].sum()) for column in missing]
        for nation in "ENSW"
    }
    assert by_nation == {"E": [0, 0], "N": [53, 76], "S": [145, 248], "W": [108, 1716]}
    accepted = (
        Gap(column="cases", areas=("N", "S", "W"), rule="zero"),
        Gap(column="deaths_28_days", areas=("N", "S"), rule="zero"),
        Gap(column="deaths_28_days", areas=("W",), rule="like_others"),
    )
    deaths = filled(record, accepted).values["deaths_28_days"]
    assert not np.isnan(deaths).any()
    assert 5_000 < deaths[:, [a.startswith("W") for a in record.areas]].sum() < 9_000
