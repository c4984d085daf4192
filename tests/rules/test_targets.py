"""Activity targets: gaming and the turn of effort by hand, and whom each misleads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.fast.engine import Block
from sim.governance.describe import describe_scenario, describe_structure
from sim.governance.setup import prepare
from sim.ledger import check_balance
from sim.outcomes import outcomes_of
from sim.rules.targets import drawn_off, said_to_be_served, share_reported, turned_here
from sim.state import one_world
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

SHARES, CASES = st.floats(0.0, 1.0), st.floats(0.0, 1e6)
CONTROL, CLINICAL, SOCIAL = 0, 1, 2
CALM: dict[str, Any] = {"epidemic": None, "days": 120}
BUSY: dict[str, Any] = {**CALM, "load": {"base": 1.2, "reserve_share": 0.3, "spill": 0.0, "cascade": 0.0}}


def test_a_report_by_hand():
    """Sixty of a hundred are served; of what is missing to 95%, half is made up: 77.5% are reported, 17.5 cases."""
    assert share_reported(0.6, 0.95, 0.5) == pytest.approx(0.775)
    assert said_to_be_served(60.0, 40.0, 0.95, 0.5) == pytest.approx(17.5)
    assert share_reported(0.96, 0.95, 1.0) == 0.96
    assert said_to_be_served(96.0, 4.0, 0.95, 1.0) == 0.0
    assert said_to_be_served(0.0, 0.0, 0.95, 1.0) == pytest.approx(0.0)
    assert drawn_off(0.1, 30.0) == pytest.approx(3.0)
    assert turned_here(12.0, 0.5, 3.0, 4.0) == pytest.approx(4.5)


@given(CASES, CASES, SHARES, SHARES)
def test_nobody_reports_more_served_than_there_were(served, left, target, gaming):
    claimed = said_to_be_served(served, left, target, gaming)
    assert 0.0 <= claimed <= left
    assert said_to_be_served(served, left, target, 0.0) == 0.0


@given(CASES, CASES, SHARES, st.lists(SHARES, min_size=2, max_size=2))
def test_more_gaming_and_higher_targets_claim_more(served, left, fixed, pair):
    low, high = sorted(pair)
    slack = 1e-9 * (served + left)
    assert said_to_be_served(served, left, fixed, low) <= said_to_be_served(served, left, fixed, high) + slack
    assert said_to_be_served(served, left, low, fixed) <= said_to_be_served(served, left, high, fixed) + slack


@pytest.mark.coverage_subset
def test_what_is_told_by_hand():
    """In the second week's report clinical need is told too low, as worked out above; other need as it is."""
    scenario = worlds.scenario(**{**CALM, "days": 14}, targets={"target": 0.95, "gaming": 0.5, "first_day": 7})
    block = worlds.block_of(scenario, worlds.structure("silos"), 1).run(13)
    assert not block.state.total_gamed.any()  # not counted on the day of the first report
    block.run_phase(0)
    s = block.state
    s.served[:], s.open_cases[:], s.shown[:] = 60.0, 50.0, 10.0
    block.run_phase(1)
    assert s.told_need[:, 1, CLINICAL] == pytest.approx(32.5)
    assert (np.delete(s.told_need[:, 1], CLINICAL, axis=1) == 50.0).all()
    assert s.total_gamed == pytest.approx(17.5)
    assert (s.open_cases == 50.0).all()


@pytest.mark.coverage_subset
def test_a_day_of_effort_by_hand():
    """A tenth of every other service turns to clinical care, at six tenths of its worth; there 5% more is done."""
    same = {"equalisation": 1.0, "reserve_share": 0.5, "spill": 0.0, "cascade": 0.0, "base": 0.01}
    targets = {"shift": 0.1, "rise": 0.05}
    scenario = worlds.scenario(**{**CALM, "days": 2}, load=same, targets=targets)
    plain = worlds.scenario(**{**CALM, "days": 2}, load=same)
    one, other = (worlds.block_of(each, worlds.structure("silos"), 1) for each in (scenario, plain))
    for block in (one, other):
        for number in range(3):
            block.run_phase(number)
        block.state.open_cases[:] = 1e9  # so that all hands are busy
        block.run_phase(3)
    land, table = one.setup.land, one.setup.stretches[0].table
    working = 0.96 * (1.0 - table.coordination - table.analysis)[:, None]
    staff = land.staff + other.state.reserve[..., 0]
    hours = 0.9 * staff
    pool = 0.1 * (staff.sum(axis=1) - staff[:, CLINICAL])
    hours[:, CLINICAL] = staff[:, CLINICAL] + 0.6 * pool
    assert one.state.total_used[:, 0] == pytest.approx((hours * working).sum(axis=1))
    assert one.state.total_lost[:, 0] == pytest.approx(0.4 * pool * working[:, 0])
    better = np.where(np.arange(5) == CLINICAL, 1.05, 1.0)
    per_hour = other.state.served[..., 0] / (staff * working)
    assert one.state.served[..., 0] == pytest.approx(per_hour * better * hours * working)
    one.run_phase(4)
    check_balance(one.setup, one_world(one.state, 0), 1)


@pytest.mark.coverage_subset
@pytest.mark.parametrize("rule", ["activity_targets", "population_outcomes"])
def test_both_engines_are_equal(rule):
    scenario = worlds.scenario(
        **{**BUSY, "days": 24}, targets={"first_day": 3, "length_days": 18, "services": ["clinical_care", "wellbeing"]},
        commissioning={"first_day": 0},
    )  # fmt: skip
    over = {"priority": {"rule": rule}, "powers": {"commissioning": {"rule": "seen_need"}}}
    for name in ("command", "mesh"):
        block, _ = run_side_by_side(prepare(scenario, worlds.structure(name, **over)), [1])
        assert block.state.total_gamed.all()


@pytest.mark.coverage_subset
def test_teams_follow_what_is_counted_in_both_engines():
    over = {"priority": {"rule": "activity_targets"}, "powers": {"approach": {"holder": "team", "joint": False}}}
    plain = {"approval_days": 0.0, "approval_median_days": 0.0}
    over["powers"]["approach"] |= plain
    scenario = worlds.scenario(**{**BUSY, "days": 15}, targets={})
    run_side_by_side(prepare(scenario, worlds.structure("silos", **over)), [1])


# ---- whom it moves ----

REPORTED = {"powers": {"reserve": {"rule": "seen_need", "analyst_share": 0.02}}}


def run(structure: str, over: dict[str, Any] | None = None, **targets: Any) -> Block:
    return worlds.block_of(worlds.scenario(**BUSY, targets=targets), worlds.structure(structure, **(over or {}))).run()


def found(block: Block) -> dict[str, float]:
    return outcomes_of(block.setup, one_world(block.state, 0), block.series[..., 0])


def surge(block: Block, service: int) -> float:
    return float(block.state.reserve[:, service].sum())


def test_gaming_misleads_whoever_decides_on_reports():
    """The centre believes that clinical care is served and sends surge staff elsewhere, the more the more is gamed."""
    blocks = [run("command", REPORTED, gaming=gaming, shift=0.0, rise=0.0) for gaming in (0.0, 0.5, 1.0)]
    assert (np.diff([surge(block, CLINICAL) for block in blocks]) < 0.0).all()
    assert (np.diff([found(block)["gamed_per_1000"] for block in blocks]) > 0.0).all()
    harm = [float(block.state.total_lapsed[:, CLINICAL].sum()) for block in blocks]
    assert (np.diff(harm) > 0.0).all()


def test_gaming_misleads_nobody_who_goes_by_own_figures():
    own = {"powers": {"reserve": {"rule": "seen_need"}}}
    one, other = (run("silos", own, gaming=gaming) for gaming in (0.0, 1.0))
    assert set(worlds.differing(worlds.bytes_of(one), worlds.bytes_of(other))) == {"told_need", "total_gamed"}


@pytest.mark.parametrize("structure", ["command", "mesh", "silos"])
def test_others_pay_for_the_effort_that_turns(structure):
    lapsed = [
        run(structure, gaming=0.0, rise=0.0, shift=s).state.total_lapsed.sum(axis=(0, 2)) for s in (0.0, 0.1, 0.3)
    ]
    assert (np.diff([each[CLINICAL] for each in lapsed]) < 0.0).all()
    for service in (CONTROL, SOCIAL, 3, 4):
        assert (np.diff([each[service] for each in lapsed]) > 0.0).all()


@pytest.mark.parametrize("structure", ["command", "mesh", "silos"])
def test_effort_that_rises_helps(structure):
    harm = [found(run(structure, gaming=0.0, shift=0.0, rise=r))["harm_per_1000"] for r in (0.0, 0.1, 0.4)]
    assert (np.diff(harm) < 0.0).all()


def test_a_higher_target_is_gamed_more():
    gamed = [found(run("command", target=target))["gamed_per_1000"] for target in (0.1, 0.6, 0.95)]
    assert (np.diff(gamed) > 0.0).all()


@pytest.mark.parametrize("structure", ["command", "mesh"])
def test_holders_who_follow_targets_send_staff_to_what_is_counted(structure):
    """The less an uncounted case weighs for them, the more surge staff clinical care has; harm weighs none of it."""
    follows = {"priority": {"rule": "activity_targets"}, **REPORTED}
    counted = [surge(run(structure, follows, gaming=0.0, uncounted=weight), CLINICAL) for weight in (1.0, 0.3, 0.0)]
    assert (np.diff(counted) > 0.0).all()
    weighed = [surge(run(structure, REPORTED, gaming=0.0, uncounted=weight), CLINICAL) for weight in (1.0, 0.0)]
    assert weighed[0] == weighed[1]


# ---- words ----


def test_it_is_read_aloud():
    text = describe_scenario(worlds.scenario(targets={"gaming": 0.25}))
    assert "95% of the day's cases are to be served in clinical care" in text
    assert "25% is reported as served" in text
    follows = worlds.structure("mesh", priority={"rule": "activity_targets"})
    assert "follow what is counted" in describe_structure(follows)
    assert "weigh the harm that they see" in describe_structure(worlds.structure("mesh"))
