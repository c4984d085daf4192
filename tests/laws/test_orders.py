"""What an order does to those it reaches: whom it overrides, and what that costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.state import Snapshot
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset

BRISK = {"powers": {"approach": {"cadence_days": 1, "approval_days": 0.0, "analyst_share": 0.1}}}
OUTBREAK = 0


def ordered(day: int, **arrays: Any) -> Block:
    """Return a world at the end of ``decide`` on a day, where the centre is sure that approach 1 is best for all.

    Parameters
    ----------
    day
        Day on which it decides.
    arrays
        What else to write into the state before it does: a value for each name, for outbreak control in every place.
    """
    crisis = worlds.scenario(days=12, country={"places": 3, "regions": 1}, approaches={"count": 2}, epidemic=None)
    setup = prepare(crisis, worlds.structure("command", **BRISK))
    block = Block(setup, [1])
    block.state.approach[:] = 0
    block.state.belief_mean[:, OUTBREAK, 1] = 0.5
    for name, value in arrays.items():
        getattr(block.state, name)[..., OUTBREAK, :, 0] = value
    block.restore(Snapshot(day, (1,), block.snapshot().worlds, np.zeros((day, block.series.shape[1], 1))))
    for phase in range(3):
        block.run_phase(phase)
    return block


def test_before_the_first_report_nobody_knows_better():
    block = ordered(3)
    assert (block.state.approach_next[:, OUTBREAK] == 1).all()
    assert (block.state.overrides == 0.0).all()
    assert (block.state.decision_age == 3.0).all()  # nothing was ever told


@pytest.mark.parametrize(("seen", "is_overridden"), [(0.5, True), (0.03, False), (-0.5, False)])
def test_an_order_overrides_those_who_have_seen_what_they_do_work_better(seen, is_overridden):
    block = ordered(8, told_mean=[seen, 0.0], told_weight=[4.0, 4.0])
    assert (block.state.overrides == float(is_overridden)).all()
    assert (block.state.overrides_this_week == float(is_overridden)).all()


def test_what_nobody_has_seen_cannot_be_overridden():
    block = ordered(8, told_mean=[0.5, 0.0], told_weight=[0.0, 4.0])
    assert (block.state.overrides == 0.0).all()


def test_an_order_to_go_on_is_no_decision():
    block = ordered(8, belief_mean=[0.9, 0.5])
    assert (block.state.decisions == 0.0).all()
    assert (block.state.approach_due[:, OUTBREAK] < 0).all()
