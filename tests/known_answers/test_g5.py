"""G5: final size, and triggers with any coupling, threshold and size of region."""

from dataclasses import replace

import numpy as np
import pytest

from sim.known_answers import g5_lockdowns as g5
from sim.known_answers.case import ERRORS_ALLOWED, generator, mean_and_error

pytestmark = pytest.mark.coverage_subset
SMALL = g5.Outbreak(regions=4, people=500, seeds=8, days=200, mixing=0.1, threshold=1000.0)


@pytest.mark.parametrize("r", [1.01, 1.5, 3.0, 20.0])
def test_the_final_size_solves_its_equation(r):
    z = g5.final_size(r)
    assert 0.0 < z < 1.0
    assert z == pytest.approx(1.0 - np.exp(-r * z), abs=1e-12)


def test_the_final_size_at_its_limits():
    assert g5.final_size(1.0) == g5.final_size(0.3) == 0.0
    assert g5.final_size(0.0, 0.2) == pytest.approx(0.2)
    assert g5.final_size(1.5, 1e-9) == pytest.approx(g5.final_size(1.5), abs=1e-6)
    assert g5.effective_reproduction(1.5, 1e6) == pytest.approx(1.5, rel=1e-6)


def test_one_open_region_ends_at_the_final_size():
    one = g5.Outbreak(regions=1, people=200_000, mixing=0.0, threshold=np.inf, seeds=2000, open_r=2.0)
    ours, se = mean_and_error(g5.spread(one, 10, generator(1, 1)).attack)
    exact = g5.final_size(g5.effective_reproduction(2.0, 7.0), 0.01)
    assert abs(ours - exact) <= ERRORS_ALLOWED * se


def test_full_mixing_makes_many_regions_one():
    many = g5.Outbreak(regions=20, people=10_000, mixing=1.0, threshold=np.inf, seeds=2000, open_r=2.0)
    ours, se = mean_and_error(g5.spread(many, 10, generator(1, 2)).attack)
    exact = g5.final_size(g5.effective_reproduction(2.0, 7.0), 0.01)
    assert abs(ours - exact) <= ERRORS_ALLOWED * se


def test_without_contact_nobody_else_is_infected():
    course = g5.spread(replace(SMALL, open_r=0.0, closed_r=0.0), 5, generator(1, 3))
    assert course.attack == pytest.approx(8 / 2000)


def test_a_threshold_below_all_closes_all_the_time():
    course = g5.spread(replace(SMALL, threshold=-1.0, days=30), 3, generator(1, 4))
    assert course.restricted_days.tolist() == [30.0] * 3


def test_an_infinite_threshold_never_closes():
    assert g5.spread(replace(SMALL, threshold=np.inf), 5, generator(1, 5)).restricted_days.tolist() == [0.0] * 5


def test_a_closure_lasts_until_enough_calm_days_have_passed():
    # 8 of 500 in one region, gone at once: closed on day 0 and for the calm days that follow.
    one = replace(SMALL, regions=1, threshold=100.0, open_r=0.0, closed_r=0.0, days_infectious=1e-3, calm_days=14)
    assert g5.spread(one, 2, generator(1, 6)).restricted_days.tolist() == [14.0, 14.0]


def test_one_region_has_one_trigger():
    one = replace(SMALL, regions=1)
    local, national = (g5.spread(replace(one, national=which), 5, generator(1, 7)) for which in (False, True))
    np.testing.assert_array_equal(local.restricted_days, national.restricted_days)


def test_any_coupling():
    mixing = replace(SMALL, mixing=0.3)
    matrix = 0.7 * np.eye(4) + 0.3 / 4.0
    by_share = g5.spread(mixing, 5, generator(1, 8))
    by_matrix = g5.spread(replace(mixing, mixing=0.9), 5, generator(1, 8), matrix)
    assert by_matrix.attack == pytest.approx(by_share.attack)
    apart = g5.spread(replace(SMALL, seeds=1, open_r=8.0, threshold=np.inf), 20, generator(1, 9), np.eye(4))
    assert apart.attack.max() <= 0.25


def test_uneven_thresholds_keep_their_mean():
    outbreak = replace(g5.Outbreak(), threshold_spread=0.8, threshold=50.0)
    limits = g5._limits(outbreak, 400, generator(1, 10), None)
    assert limits.mean() == pytest.approx(10.0, rel=0.02)
    assert np.log(limits).std() == pytest.approx(0.8, rel=0.02)


def test_any_groups_close_together():
    alone, all_ = (g5.spread(replace(SMALL, national=which), 6, generator(1, 11)) for which in (False, True))
    for groups, expected in (([0, 1, 2, 3], alone), ([0, 0, 0, 0], all_)):
        course = g5.spread(SMALL, 6, generator(1, 11), groups=groups)
        np.testing.assert_array_equal(course.restricted_days, expected.restricted_days)
        np.testing.assert_array_equal(course.attack, expected.attack)
    pairs = g5.spread(SMALL, 6, generator(1, 11), groups=[0, 0, 1, 1])
    assert ((2.0 * pairs.restricted_days) % 1.0 == 0.0).all()  # two of four close, or all


def test_a_count_at_the_threshold_does_not_close():
    # 100 regions of 20,000 and a threshold of 50 per 100,000: a thousand active cases, and one more.
    trigger = g5._trigger(g5.Outbreak(threshold=50.0, national=True), 1, generator(1, 15), None, None)
    cases = np.full((1, 100), 10)
    assert not trigger.closed_today(cases).any()
    cases[0, 7] += 1
    assert trigger.closed_today(cases).all()


def test_any_thresholds_of_regions():
    same = g5.spread(SMALL, 6, generator(1, 12), thresholds=[SMALL.threshold] * 4)
    np.testing.assert_array_equal(same.restricted_days, g5.spread(SMALL, 6, generator(1, 12)).restricted_days)
    one_never_opens = g5.spread(replace(SMALL, days=40), 6, generator(1, 12), thresholds=[-1.0, *[np.inf] * 3])
    assert one_never_opens.restricted_days == pytest.approx(40.0 / 4.0)


def test_a_closure_may_have_a_least_length():
    gone = replace(SMALL, regions=1, threshold=100.0, open_r=0.0, closed_r=0.0, days_infectious=1e-3, calm_days=3)
    assert g5.spread(gone, 2, generator(1, 6)).restricted_days.tolist() == [3.0] * 2
    longer = replace(gone, least_days=20)
    assert g5.spread(longer, 2, generator(1, 6)).restricted_days.tolist() == [20.0] * 2


def test_opening_may_be_stricter_than_closing():
    eager, patient = (
        g5.spread(replace(SMALL, mixing=0.0, calm_days=2, calm_share=share), 30, generator(1, 13))
        for share in (1.0, 0.2)
    )
    assert patient.attack.mean() < eager.attack.mean()
    assert g5.spread(replace(SMALL, calm_share=-1.0, days=50), 3, generator(1, 14)).restricted_days.max() <= 50.0


@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_a_small_country(full, monkeypatch):
    monkeypatch.setattr(g5, "COUNTRY", replace(SMALL, days=20))
    monkeypatch.setattr(g5, "RUNS", {False: 3, True: 4})
    checks = g5.CASE.run(full, 80)
    assert len({check.claim for check in checks}) == len(checks)
    assert g5.CASE.figure(full, 80).axes
