"""A national shared trial: allotting, pooling, reading and hearing by hand, and what it moves where there are links."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.fast.engine import Block
from sim.governance.describe import describe_scenario
from sim.governance.setup import prepare
from sim.governance.trials import reach_of
from sim.ledger import check_balance
from sim.outcomes import outcomes_of
from sim.rules.evidence import pooled_mean, pooled_variance, weight_of_message
from sim.rules.trials import is_reading, under_protocol
from sim.state import one_world
from sim.world.files import load_structure
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

SHARES, LOGS = st.floats(0.0, 1.0), st.floats(-3.0, 3.0)
CLINICAL = 1
CALM: dict[str, Any] = {"epidemic": None, "days": 120}
NOBODY_TRIES: dict[str, Any] = {"trial": {"licence": "none"}}


def test_a_mixture_by_hand():
    """A fifth of cases goes to all ways alike, which do .8 on average: .8 times 1.3 and .2 times .8."""
    assert under_protocol(1.3, 0.8, 0.2) == pytest.approx(1.2)
    assert under_protocol(1.3, 0.8, 0.0) == 1.3


@given(LOGS, LOGS, SHARES)
def test_a_mixture_lies_between(usual, mean, share):
    assert min(usual, mean) - 1e-12 <= under_protocol(usual, mean, share) <= max(usual, mean) + 1e-12


def test_readings_come_every_so_many_weeks_and_at_the_end():
    report_days = range(6, 80, 7)
    assert [day for day in report_days if is_reading(day, 0, 60, 2)] == [13, 27, 41, 55, 62]
    assert [day for day in report_days if is_reading(day, 10, 21, 1)] == [20, 27, 34]


def test_how_far_a_protocol_reaches():
    """Down by guidance and back by reports, or through the open base; where there is neither, not at all."""
    reach = {name: reach_of(load_structure(name)) for name in ("networked_centre", "brisk_command", "command", "silos")}
    assert reach == {"networked_centre": 1.0, "brisk_command": 0.5, "command": 0.3, "silos": 0.0}
    deaf = worlds.structure("command", channels={"reporting": {"clarity": 0.0}})
    assert reach_of(deaf) == 0.0


def trial(**over: Any) -> dict[str, Any]:
    return {"places": 0.5, "share": 0.2, "read_weeks": 1, "time": 0.01, **over}


@pytest.mark.coverage_subset
def test_a_week_of_a_trial_by_hand():
    """Three of six places recruit; a tenth of their cases (the protocol half arrives) is shared among all ways."""
    scenario = worlds.scenario(**{**CALM, "days": 14}, evidence={"result_noise": 0.5}, shared_trial=trial())
    governing = worlds.structure("brisk_command", **NOBODY_TRIES)
    block = worlds.block_of(scenario, governing, 1)
    table, land, x = block.setup.stretches[0].table, block.setup.land, block.crisis
    recruits = table.shared_trial.recruits
    assert sorted(recruits) == pytest.approx([0.0, 0.0, 0.0, 0.1, 0.1, 0.1])
    s, count = block.state, s_count(block)
    total, weight, before = np.zeros(count), 0.0, None
    for day in range(7):
        for phase in range(8):
            block.run_phase(phase)
            if phase == 4:
                seen, said = pooled_today(block, recruits, 0.5 * 0.5, x.log_effect[0, :, CLINICAL, :, 0])
                weight += seen
                total += seen * said
                found = s.trial_mean[0, CLINICAL, :, 0]
                assert s.trial_weight[0, CLINICAL, :, 0] == pytest.approx(weight)
                # what is seen differs from the truth by noise, and by no more than six of its standard errors
                assert (np.abs(found - total / weight) < 6.0 / np.sqrt(weight)).all()
                before = found.copy()
        assert (day == 6) == bool(s.read_weight.any())
    faded = weight / (1.0 + 7.0 * table.par.drift * weight)
    assert s.read_mean[0, 0, CLINICAL, :, 0] == pytest.approx(before)
    assert s.read_weight[0, 0, CLINICAL, :, 0] == pytest.approx(faded)
    assert not s.trial_weight[0, [0, 2, 3, 4]].any()
    assert (s.total_programmes[recruits == 0.0] == 0.0).all()
    assert (s.total_programmes[recruits > 0.0] > 0.0).all()
    check_balance(block.setup, one_world(s, 0), 7)
    assert land.staff.shape == (6, 5)


def s_count(block: Block) -> int:
    return int(block.setup.sizes["approach"])


def pooled_today(block: Block, recruits: Any, noise: float, truth: Any) -> tuple[float, Any]:
    """Return the weight of today's results of each way over all recruiters, and their mean."""
    land, s = block.setup.land, block.state
    desks, weight, total = len(land.desk_service), 0.0, np.zeros(truth.shape[1])
    for p, share in enumerate(recruits):
        for d in np.flatnonzero(land.desk_service == CLINICAL):
            part = s.served_by[p * desks + d, 0] * share / truth.shape[1] / land.desk_staff[p, d] / noise
            weight += part
            total += part * truth[p]
    return weight, total / weight


@pytest.mark.coverage_subset
def test_the_nation_hears_it_on_the_day_of_a_reading():
    """Nobody else tells it anything: what it believes is the trial's result, weighed against the prior."""
    scenario = worlds.scenario(**{**CALM, "days": 14}, shared_trial=trial(places=1.0))
    over = {**NOBODY_TRIES, "powers": {"approach": {"advice": []}}}
    block = worlds.block_of(scenario, worlds.structure("brisk_command", **over), 1).run(6)
    for phase in range(5):
        block.run_phase(phase)
    s, table = block.state, block.setup.stretches[0].table
    block.run_phase(5)
    mean, weight = s.read_mean[0, 0, CLINICAL, :, 0], s.read_weight[0, 0, CLINICAL, :, 0]
    common, local, trial_ = table.par.spread_variance_common, table.par.spread_variance_local, table.shared_trial
    for a, (m, v) in enumerate(zip(mean, weight, strict=True)):
        precision = weight_of_message(1.0, v, local * trial_.difference)
        assert s.belief_mean[:, CLINICAL, a, 0] == pytest.approx(pooled_mean(precision * m, precision, common))
        expected = local * table.unit_difference[0] + pooled_variance(precision, common)
        assert s.belief_variance[0, CLINICAL, a, 0] == pytest.approx(expected)


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", ["brisk_command", "mesh", "council_led"])
def test_both_engines_are_equal(name):
    settings = trial(services=["clinical_care", "social_care"], first_day=2, length_days=20, read_weeks=2)
    scenario = worlds.scenario(**{**CALM, "days": 31, "load": {"base": 1.0}}, shared_trial=settings)
    block, _ = run_side_by_side(prepare(scenario, worlds.structure(name)), [1])
    assert block.state.read_weight.any()


def test_both_engines_are_equal_where_regions_or_teams_decide():
    scenario = worlds.scenario(**{**CALM, "days": 22}, shared_trial=trial())
    region = {"powers": {"approach": {"holder": "region", "scope": None}}}
    team = {"powers": {"approach": {"holder": "team", "joint": False, "approval_days": 0.0}}}
    for name, over in (("mesh", region), ("hierarchy", region), ("mesh", team), ("silos", team)):
        run_side_by_side(prepare(scenario, worlds.structure(name, **over)), [1])


# ---- what it moves ----


def run(structure: str, **over: Any) -> Block:
    crisis = {"days": 120, "epidemic": None, "approaches": {"heterogeneity": 0.1}}
    settings = None if over == {"off": True} else trial(places=1.0, services=["clinical_care", "social_care"], **over)
    return worlds.block_of(worlds.scenario(**crisis, shared_trial=settings), worlds.structure(structure)).run()


def found(block: Block) -> dict[str, float]:
    return outcomes_of(block.setup, one_world(block.state, 0), block.series[..., 0])


@pytest.mark.parametrize("structure", ["networked_centre", "mesh"])
def test_more_recruiters_and_more_cases_give_more_evidence(structure):
    for lever, values in (("places", (0.2, 0.6, 1.0)), ("share", (0.02, 0.1, 0.3)), ("length_days", (7, 40, 110))):
        weights = [float(run_with(structure, **{lever: value}).state.trial_weight.sum()) for value in values]
        assert (np.diff(weights) > 0.0).all(), lever


def run_with(structure: str, **over: Any) -> Block:
    scenario = worlds.scenario(**CALM, shared_trial=trial(**over))
    return worlds.block_of(scenario, worlds.structure(structure)).run()


def test_time_is_paid_for():
    shares = [found(run_with("mesh", time=time))["programme_share"] for time in (0.0, 0.01, 0.03)]
    assert shares[0] == 0.0
    assert (np.diff(shares) > 0.0).all()


def test_where_there_is_no_link_there_is_no_trial():
    assert not run("silos").state.trial_weight.any()


def test_those_who_decide_are_less_wrong_with_it():
    """With authority and links: belief about the services tried is nearer the truth, over four seeds together."""
    for structure in ("networked_centre", "brisk_command"):
        errors = {}
        for name, settings in (("with", trial(places=1.0, services=["clinical_care", "social_care"])), ("no", None)):
            crisis = {**CALM, "approaches": {"heterogeneity": 0.1}}
            block = worlds.block_of(
                worlds.scenario(**crisis, shared_trial=settings), worlds.structure(structure), 1, 2, 3, 4
            ).run()
            truth = block.crisis.log_effect[0, :, 1:3]
            errors[name] = float(np.abs(block.state.belief_mean[:, 1:3] - truth).mean())
        assert errors["with"] < errors["no"], structure


def test_recruiters_are_the_same_under_every_structure():
    scenario = worlds.scenario(**CALM, shared_trial=trial())
    recruiting = [
        prepare(scenario, worlds.structure(name)).stretches[0].table.shared_trial.recruits > 0.0
        for name in ("mesh", "command")
    ]
    assert recruiting[0].tolist() == recruiting[1].tolist()


def test_it_is_read_aloud():
    text = describe_scenario(worlds.scenario(shared_trial=trial()))
    assert "A shared trial in clinical care" in text
    assert "50% of places recruit" in text
    assert "Up to 20% of their cases" in text
