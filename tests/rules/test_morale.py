"""Morale and staff: the rules by hand, their limits, and whole runs that feel them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.governance.setup import prepare
from sim.ledger import check_balance
from sim.outcomes import outcomes_of
from sim.rules.morale import joining_staff, leaving_staff, morale_after, overload
from sim.series import ROWS
from sim.state import one_world
from sim.world.scenario import Scenario
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

SHARES = st.floats(0.0, 1.0)
PRESSED: dict[str, Any] = {"epidemic": None, "days": 120, "pressure": {"load": 1.3, "first_day": 5, "ramp_days": 10}}


def test_a_week_of_morale_by_hand():
    """.4 goes a seventh of the way to .7 (49 days); a tenth of staff-days missing at .1 a day, and one override."""
    assert overload(10.0, 90.0) == pytest.approx(0.1)
    assert overload(0.0, 90.0) == 0.0
    recovered = 0.4 + 0.3 / 7.0
    assert morale_after(0.4, 0.7, 49.0, 0.1 * 0.1, 0.02, 7.0) == pytest.approx(recovered * (1.0 - 0.07 - 0.02))
    assert morale_after(0.7, 0.7, 49.0, 0.0, 0.0, 7.0) == pytest.approx(0.7)
    assert morale_after(0.7, 0.7, 49.0, 0.14, 0.5, 7.0) == 0.0


def test_who_leaves_and_comes_by_hand():
    """At .2 where .5 is enough, 60% of .73 a year: .0084 a week of those in post. Vacancies close in 70 days."""
    assert leaving_staff(0.9, 0.2, 0.5, 0.73, 7.0) == pytest.approx(0.9 * 0.6 * 0.73 * 7.0 / 365.0)
    assert leaving_staff(0.9, 0.5, 0.5, 0.73, 7.0) == 0.0
    assert leaving_staff(0.9, 0.9, 0.5, 0.73, 7.0) == 0.0
    assert joining_staff(0.1, 70.0, 7.0) == pytest.approx(0.01)
    assert joining_staff(0.1, 3.0, 7.0) == pytest.approx(0.1)


@given(SHARES, SHARES, st.floats(7.0, 3650.0), st.floats(0.0, 0.14), st.floats(0.0, 5.0))
def test_morale_stays_a_share_and_falls_with_what_weighs_on_it(morale, start, days, pressed, overrides):
    after = morale_after(morale, start, days, pressed, overrides, 7.0)
    assert 0.0 <= after <= morale_after(morale, start, days, 0.5 * pressed, 0.5 * overrides, 7.0) <= 1.0


def test_a_week_of_staff_in_both_engines_by_hand():
    """Morale .2 on day 0, nothing short: .21166 after a week; then staff leave, and nobody comes yet."""
    morale = {"start": 0.2, "recovery_days": 3650.0, "leaving": 1.0, "enough": 0.5, "recruit_days": 70.0}
    scenario = worlds.scenario(epidemic=None, days=14, load={"base": 0.01}, morale=morale)
    block, _ = run_side_by_side(prepare(scenario, worlds.structure("silos")), [1])
    first = 0.6 * 7.0 / 365.0
    second = first + (1.0 - first) * first - 0.1 * first
    assert block.state.vacant[:, 0] == pytest.approx(second, rel=1e-9)
    posts = block.setup.land.staff.sum(axis=1)
    assert block.state.total_left[:, 0] == pytest.approx((first + (1.0 - first) * first) * posts)
    assert block.state.total_joined[:, 0] == pytest.approx(0.1 * first * posts)
    present = block.setup.land.staff.sum() + block.setup.land.reserve.sum()
    assert block.state.total_vacant.sum() == pytest.approx(first * 7.0 * present)  # day 7 to 13, as of day 6
    check_balance(block.setup, one_world(block.state, 0), 14)


def found(scenario: Scenario, structure: str = "command") -> dict[str, float]:
    block = worlds.block_of(scenario, worlds.structure(structure), 1).run()
    return outcomes_of(block.setup, one_world(block.state, 0), block.series[..., 0])


@pytest.mark.parametrize(
    ("name", "rises", "settings"),
    [
        ("staff_lost_share", True, [{"leaving": share} for share in (0.0, 0.5, 2.0)]),
        ("harm_per_1000", True, [{"leaving": share} for share in (0.0, 1.0, 5.0)]),
        ("harm_per_1000", True, [{"leaving": 2.0, "recruit_days": days} for days in (7.0, 60.0, 600.0)]),
        ("staff_lost_share", True, [{"leaving": 1.0, "enough": enough} for enough in (0.1, 0.5, 1.0)]),
        ("morale_lowest", False, [{"overload": loss} for loss in (0.0, 0.05, 0.14)]),
        ("morale_lowest", True, [{"start": start} for start in (0.2, 0.6, 1.0)]),
        ("morale_end", False, [{"recovery_days": days} for days in (10.0, 60.0, 600.0)]),
    ],
)
def test_directions(name, rises, settings):
    values = [found(worlds.scenario(**PRESSED, morale=morale))[name] for morale in settings]
    steps = np.diff(values) if rises else -np.diff(values)
    assert (steps > 0.0).all(), values


def test_overrides_cost_morale():
    """Under a restless centre places are overridden; the loss for it is felt, and felt more if it is set higher."""
    restless = {"powers": {"approach": {"reversal_cost": 0.0, "cadence_days": 3, "approval_days": 0.0}}}
    ends = []
    for loss in (0.0, 0.1, 1.0):
        scenario = worlds.scenario(epidemic=None, days=120, morale={"override": loss, "overload": 0.0})
        block = worlds.block_of(scenario, worlds.structure("command", **restless), 1).run()
        assert block.state.overrides.sum() > 0.0
        ends.append(block.series[:, ROWS.index("morale"), 0].min())
    assert ends[0] > ends[1] > ends[2]


def test_vacant_posts_are_not_paid():
    scenario = worlds.scenario(**PRESSED, morale={"leaving": 3.0})
    kept, lost = found(worlds.scenario(**PRESSED)), found(scenario)
    assert lost["cost_gbp_per_head"] < kept["cost_gbp_per_head"]


def test_those_who_stay_while_leaving_is_stopped_are_joined_again():
    """A dated change that ends leaving lets vacant posts fill: nobody is lost for good."""
    change = [{"day": 60, "scenario": {"morale": {"leaving": 0.0, "recruit_days": 14.0}}}]
    scenario = worlds.scenario(**PRESSED, morale={"leaving": 3.0}, change=change)
    block = worlds.block_of(scenario, worlds.structure("mesh"))
    block.run(60)
    before = block.state.vacant.copy()
    block.run()
    assert (before > 0.0).any()
    assert (block.state.vacant <= 0.05 * before).all()
