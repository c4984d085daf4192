"""Teams that hold the approach, and mandates that teams do or do not take up: both engines, small worlds."""

import numpy as np
import pytest

from sim.agents.teams import NHSTeam
from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.model import GovernanceModel
from sim.outcomes import outcomes_of
from sim.state import one_world
from sim.world.land import DESKS
from tests.laws import worlds

OWN = {"holder": "team", "joint": False, "approval_days": 0.0, "scope": None}


def governed(**changes):
    return worlds.structure("brisk_command", **changes)


def end_of(scenario, structure, seed=3):
    setup = prepare(scenario, structure)
    block = Block(setup, [seed]).run()
    state = one_world(block.state, 0)
    return state, outcomes_of(setup, state, block.series[..., 0])


def world(**changes):
    return worlds.scenario(days=140, **changes)


def desks_differ(state):
    """Return the share of services in which the desks of a place do not all work alike."""
    ways = state["approach"].reshape(-1, len(DESKS))
    services = [
        [n for n, desk in enumerate(DESKS) if desk.service == service] for service in {d.service for d in DESKS}
    ]
    return np.mean([len(set(row[desks])) > 1 for row in ways for desks in services])


@pytest.mark.coverage_subset
def test_teams_part_ways_and_decide_at_once():
    state, outcomes = end_of(world(), governed(powers={"approach": OWN}))
    assert desks_differ(state) > 0.2
    assert state["decisions"].sum() > 0.0
    assert outcomes["decision_delay_days"] == 0.0
    assert (state["mandate"] == -1).all()
    assert state["overrides"].sum() == 0.0


def test_no_discretion_is_a_service_that_works_one_way():
    state, outcomes = end_of(world(take_up={"discretion": 0.0}), governed(trial={"licence": "none"}))
    assert desks_differ(state) == 0.0
    assert outcomes["mandates_refused_share"] == 0.0
    assert state["mandated"].sum() > 0.0


def test_refusal_rises_with_discretion_and_falls_with_enforcement():
    def refused(**take_up):
        return np.mean(
            [end_of(world(take_up=take_up), governed(), seed)[1]["mandates_refused_share"] for seed in range(3)]
        )

    by_discretion = [refused(discretion=d, base=-1.0) for d in (0.0, 0.5, 1.0)]
    assert by_discretion[0] == 0.0 < by_discretion[1] < by_discretion[2]
    by_enforcement = [refused(base=-1.0, enforcement=e) for e in (0.0, 1.0, 4.0)]
    assert by_enforcement[0] > by_enforcement[1] > by_enforcement[2]


def test_the_right_to_vary_orders_refusal_and_ends_overrides():
    ends = [end_of(world(), governed(variation={"rule": rule})) for rule in ("none", "comply_or_explain", "opt_out")]
    refused = [outcomes["mandates_refused_share"] for _, outcomes in ends]
    assert refused[0] < refused[1] < refused[2]
    assert ends[0][0]["overrides"].sum() > 0.0 == ends[2][0]["overrides"].sum()


@pytest.mark.coverage_subset
def test_whoever_may_opt_out_keeps_what_has_done_better():
    state, outcomes = end_of(worlds.scenario(days=70), governed(variation={"rule": "opt_out"}))
    assert outcomes["mandates_refused_share"] > 0.0 == state["overrides"].sum()


def test_without_a_mandate_how_mandates_are_taken_up_leaves_no_trace():
    structure = governed(powers={"approach": OWN})
    one, other = (end_of(world(take_up=each), structure)[0] for each in ({}, {"base": -3.0, "enforcement": 9.0}))
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name


@pytest.mark.coverage_subset
def test_a_team_of_ones_own_may_refuse_everything():
    class Proud(NHSTeam):
        def choose_to_follow(self, desk, mandate, u):
            return desk.slot + mandate + u < 0.0

    setup = prepare(worlds.scenario(days=60), governed(trial={"licence": "none"}))
    model = GovernanceModel(setup, 3, agents={NHSTeam: Proud}).run()
    changed = {type(desk.organisation).__name__ for desk in model.cast.desks if desk.changed >= 0}
    assert changed
    assert "Proud" not in changed
