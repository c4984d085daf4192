"""Against the record of 2020-21: the numbers are what they say, on small tables by hand, and the record is read right.

That the model fails some of them is no failure of these tests: docs/validation.md reports it.
"""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.cli import exit_code
from sim.report import validation as report
from sim.study import validation
from sim.study.validation import Pattern, Validation
from sim.world.country import Country, build_country, load_england
from sim.world.places import PlaceRow

PEOPLE = 100_000.0


def country() -> Country:
    """Four places: A and B in one region, C and D in another; A-B and C-D are neighbours. A is the most deprived."""
    rows = [
        PlaceRow(name, name, PEOPLE, 4.0 - n, 0.0, 0.1, float(n), 0.0, {"nation": "N", "statistical_region": region})
        for n, (name, region) in enumerate(zip("ABCD", ("R1", "R1", "R2", "R2"), strict=True))
    ]
    return build_country("Fourland", rows, [("A", "B"), ("C", "D")])


def table(**columns: list[float]) -> np.ndarray[Any, Any]:
    """Return weekly values in the country's order of places, from the logarithms plus one that are given by name."""
    return np.expm1(np.column_stack([columns[code] for code in country().codes]))


@pytest.mark.coverage_subset
def test_variation_by_hand():
    """Two weeks, 0 and 2 on average; regions differ by 1 from the nation, places by .5 from their region.

    Sums of squares over eight values: nation 8 x 1, regions 8 x 1, places 8 x .25: shares 8/18, 8/18, 2/18.
    """
    rates = table(A=[0.5, 2.5], B=[1.5, 3.5], C=[-1.5, 0.5], D=[-0.5, 1.5])
    assert validation.shares_of_variance(rates, country()) == pytest.approx((8 / 18, 8 / 18, 2 / 18))


@pytest.mark.coverage_subset
def test_neighbours_by_hand():
    """Away from the week's mean: neighbours at (1, 1) and (-1, -1) are alike, at (1, -1) and (-1, 1) the opposite."""
    alike = table(A=[3.0, 2.0], B=[3.0, 2.0], C=[1.0, 0.0], D=[1.0, 0.0])
    assert validation.likeness_of_neighbours(alike, country()) == pytest.approx(1.0)
    unlike = table(A=[3.0, 2.0], B=[1.0, 0.0], C=[1.0, 0.0], D=[3.0, 2.0])
    assert validation.likeness_of_neighbours(unlike, country()) == pytest.approx(-1.0)


@pytest.mark.coverage_subset
def test_deprivation_and_the_slope_that_makes_it():
    codes = country().codes
    deaths = np.array([[{"A": 6.0, "B": 1.0, "C": 1.0, "D": 2.0}[code] for code in codes]])
    assert validation.deprived(deaths, country()) == pytest.approx(3.0)
    assert validation.deprived(0.0 * deaths, country()) == 1.0
    even = np.ones((1, 4, 2))
    slope = validation.slope_for(1.5, even, country())
    gap = country().deprivation[codes.index("A")] - country().deprivation[codes.index("D")]
    assert math.exp(slope * gap) == pytest.approx(1.5, abs=0.01)


@pytest.mark.coverage_subset
def test_delays_by_hand():
    """Weeks 2, 0 (it came before), 5, and never: over the first three the median is 2, and one in four never came."""
    above, restricted = np.array([1, 6, 3, 4]), np.array([3, 4, 8, -1])
    found = validation.delays(above, restricted, np.ones(4, bool))
    assert found == pytest.approx((0.4, 2.0, 3.5, 4.4, 0.25))
    assert validation.delays(above, np.full(4, -1), np.ones(4, bool)) == (math.inf,) * 4 + (1.0,)
    assert validation.first_above(np.array([[299.0, 0.0], [300.0, 10.0], [100.0, 20.0]])).tolist() == [1, -1]


@pytest.mark.coverage_subset
def test_a_pattern_holds_within_the_range_of_its_runs():
    given = {"name": "x", "period": "second wave", "is_test": True, "runs": (0.2, 0.5)}
    assert Pattern(recorded=0.2, **given).holds
    assert not Pattern(recorded=0.51, **given).holds
    assert Pattern(recorded=0.2, **given).mean == pytest.approx(0.35)


# ---- the record ----


@pytest.mark.coverage_subset
def test_the_record_gives_the_facts_that_are_quoted():
    """V2 (74%, 15%, 11%), V3 (.67) and V4 (1.4) within what another window and weighting may change."""
    england = load_england()
    national, regional, local, neighbours, ratio = validation.recorded_geography(england, "second wave")
    assert (national, regional, local) == pytest.approx((0.74, 0.15, 0.11), abs=0.02)
    assert neighbours == pytest.approx(0.67, abs=0.05)
    assert ratio == pytest.approx(1.35, abs=0.05)
    assert national + regional + local == pytest.approx(1.0)


@pytest.mark.coverage_subset
def test_tiers_are_read_for_every_place():
    england = load_england()
    weeks = validation.tier_weeks(england)
    of = dict(zip(england.codes, weeks.tolist(), strict=True))
    assert of["E08000012"] == (date(2020, 10, 13) - date(2020, 8, 31)).days // 7  # Liverpool, the first
    assert of["E06000053"] == of["E06000052"]  # the Isles of Scilly are in Cornwall's area
    assert of["E06000061"] == of["E06000062"] >= 0  # Northamptonshire
    counted = np.unique(weeks[weeks >= 0], return_counts=True)
    assert counted[0].max() < 18


@pytest.mark.coverage_subset
def test_model_weeks_are_those_of_the_record():
    assert validation.model_weeks("first wave") == list(range(5, 21))
    assert max(validation.model_weeks("second wave")) == validation.DAYS // 7 - 1


# ---- the deciders get the record ----


def test_a_lower_threshold_and_quicker_approval_restrict_sooner():
    england = load_england()
    rule = {"threshold": 150.0, "preference_log_sd": 0.0, "approval_median_days": 0.0}
    rules = [rule, {**rule, "threshold": 600.0}, {**rule, "approval_median_days": 14.0}]
    first, high, slow = (validation.decided(england, each, [1]) for each in rules)
    assert (high >= 0).sum() < (first >= 0).sum()
    both = (first >= 0) & (high >= 0) & (slow >= 0)
    assert first[both].mean() < high[both].mean()
    assert first[both].mean() < slow[both].mean()
    above = validation.first_above(validation.autumn(england)[1])[:, None]
    quiet = validation.autumn(england)[1].max(axis=0) < 150.0
    assert (first[quiet] < 0).all()  # who never came to the threshold is never restricted
    assert (first[(above >= 0) & (above < 15)] >= 0).all()


# ---- the report ----


def small() -> Validation:
    runs = (0.1, 0.3)
    fit, test = (Pattern("national share", wave, wave == "second wave", 0.2, runs) for wave in validation.WAVES)
    late = Pattern("median", "from November", True, 5.0, (2.0, math.inf))
    early = Pattern("median", "before November", False, 1.0, (2.0, 3.0))
    return Validation((fit, test), {"wobble_shared": 0.3}, (fit, test), (early, late), {"threshold": 400.0})


@pytest.mark.coverage_subset
def test_tables_and_data_and_figures(tmp_path):
    page = report.put_into(f"before\n{report.MARKS[0]}\nof yore\n{report.MARKS[1]}\nafter\n", small())
    assert "| national share | first wave | fit | 0.20 | 0.20 | 0.10 to 0.30 | holds |" in page
    assert "| median | before November | fit | 1.00 | 2.50 | 2.00 to 3.00 | FAILS |" in page
    assert "2.00 to never" in page
    assert page.startswith("before")
    assert page.endswith("after\n")
    assert "of yore" not in page
    assert report.put_into(page, small()) == page
    with pytest.raises(ValueError, match="the page has no"):
        report.put_into("nothing", small())
    assert json.loads(json.dumps(report.as_data(small())))["delay"][1]["runs"] == [2.0, None]
    assert report.all_tests_hold(small())
    assert "threshold 400. None of these is a default." in report.as_text(small())
    files = report.draw(small(), tmp_path)
    assert all(path.stat().st_size > 5000 for path in files)


@pytest.mark.coverage_subset
def test_the_command(monkeypatch, tmp_path, capsys):
    failing = small()._replace(delay=(Pattern("median", "from November", True, 9.0, (2.0, 3.0)),))
    page = tmp_path / "page.md"
    page.write_text("\n".join(report.MARKS), encoding="utf-8")
    for found, code in ((small(), 0), (failing, 1)):
        monkeypatch.setattr(validation, "validate", lambda *_, found=found, **__: found)
        assert exit_code(["validate-data", "--docs", str(page), "--figures", str(tmp_path)]) == code
        assert "recorded" in capsys.readouterr().out
        assert exit_code(["validate-data", "--json"]) == code
        assert json.loads(capsys.readouterr().out)["holds"] == (code == 0)
    assert "FAILS" in page.read_text(encoding="utf-8")


def test_a_short_fit_from_end_to_end(monkeypatch):
    """Two points, two crises, and a grid of two rules: the whole path, in a few seconds."""
    monkeypatch.setattr(validation, "GRID", {**dict.fromkeys(validation.GRID, (0.0,)), "threshold": (150.0, 300.0)})
    told: list[str] = []
    found = validation.validate(points=2, fit_seeds=1, seeds=2, progress=told.append)
    assert len(told) == 4
    assert set(found.geography_settings) == {*validation.RANGES, "fatality_deprivation_slope"}
    assert found.delay_settings["threshold"] in {150.0, 300.0}
    for patterns in (found.geography, found.unfitted, found.delay):
        assert {each.is_test for each in patterns} == {True, False}
        assert all(len(each.runs) == 2 for each in patterns)
    shares = [each for each in found.geography if "share" in each.name and each.period == "second wave"]
    assert sum(each.mean for each in shares) == pytest.approx(1.0)
