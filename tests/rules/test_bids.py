"""Surge staff by bids: the rule by hand, a day of it in both engines, and what moves it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.rules.resources import bid_for
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
BIDDING: dict[str, Any] = {"powers": {"reserve": {"holder": "nation", "rule": "bids", "cadence_days": 7}}}


def bidding(**over: Any) -> Block:
    scenario = worlds.scenario(**{"days": 8, **over})
    block, _ = run_side_by_side(worlds.block_of(scenario, worlds.structure("silos", **BIDDING)).setup, [1])
    return block


def test_a_bid_by_hand():
    assert bid_for(10.0, 1.2, 1.0) == pytest.approx(12.0)
    assert bid_for(10.0, 1.2, 2.0) == pytest.approx(14.4)
    assert bid_for(10.0, 0.5, 0.0) == 10.0


def test_the_first_round_by_hand():
    """On day 7 the nation shares 10% of all staff by open cases, weight and capability; a thousandth for the rest."""
    scenario = worlds.scenario(days=8, load={"base": 0.9}, approaches={"spread": 0.0})
    block = worlds.block_of(scenario, worlds.structure("silos", **BIDDING))
    while block.day < 7:
        for phase in range(8):
            block.run_phase(phase)
    for phase in range(2):
        block.run_phase(phase)
    s, land, table = block.state, block.setup.land, block.setup.stretches[0].table
    claim = table.reserve.in_the_room * table.harm_weight * s.open_cases[..., 0] + 1e-4 * land.thousand[:, None]
    bids = claim * block.crisis.capability
    block.run_phase(2)
    assert s.reserve_next[..., 0] == pytest.approx(land.reserve.sum() * bids / bids.sum())


def test_better_councils_get_more_and_the_more_so_the_more_skill_counts():
    leads = []
    for skill in (0.0, 1.0, 4.0):
        block = bidding(evidence={"bid_skill": skill, "capability_log_sd": 0.5}, load={"base": 0.9})
        head = block.state.reserve_next[..., 0].sum(axis=1) / block.setup.land.thousand
        leads.append(float(np.corrcoef(head, block.crisis.capability[:, 0])[0, 1]))
    assert leads[0] < leads[1] < leads[2]


def test_bids_take_time():
    time = [bidding(costs={"bid": share}).state.total_coordination.sum() for share in (0.0, 0.01, 0.1)]
    assert time[0] < time[1] < time[2]
