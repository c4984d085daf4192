"""Override from above: those who depart from a mandate though their own way works are made to follow, at a price."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.fast.engine import Block
from sim.governance.describe import describe_structure
from sim.governance.setup import prepare
from sim.outcomes import outcomes_of
from sim.rules.mandates import may_keep, works_better
from sim.state import Snapshot, one_world
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
SMALL = {"country": {"places": 3, "regions": 1}, "approaches": {"count": 2}, "epidemic": None}
OUTBREAK = 0


def governed(chance, name="command", rule="none"):
    return worlds.structure(name, variation={"rule": rule, "override": chance})


def departing(chance, day=14, seen=0.5, name="command", rule="none"):
    """Return a world at the end of ``decide``: approach 1 is the mandate, all use 0 and have seen it do better."""
    crisis = worlds.scenario(days=22, **SMALL, take_up={"base": -10.0, "enforcement": 0.0})
    block = Block(prepare(crisis, governed(chance, name, rule)), [1])
    state = block.state
    state.approach[:] = 0
    state.mandate[:, OUTBREAK] = 1
    state.mean[:, 0], state.weight[:, 0] = seen, 100.0
    block.restore(Snapshot(day, (1,), block.snapshot().worlds, np.zeros((day, block.series.shape[1], 1))))
    for phase in range(3):
        block.run_phase(phase)
    return block


def test_an_override_worked_by_hand():
    """On day 14 every desk of outbreak control keeps its way; those above override them all."""
    block = departing(1.0)
    land = block.setup.land
    desks = [d for d, k in enumerate(land.desk_service) if k == OUTBREAK]
    rows = [p * len(land.desk_service) + d for p in range(3) for d in desks]
    assert (block.state.approach[rows, 0] == 1).all()
    assert block.state.overrides[:, 0].tolist() == pytest.approx([1.0] * 3)  # all the staff of one service
    assert (block.state.silenced[:, OUTBREAK, 0] == 0).all()
    assert (block.state.silenced[:, 1:, 0] == -1).all()
    assert (block.state.refused == 0.0).all()


@pytest.mark.parametrize("change", [{"chance": 0.0}, {"day": 15}, {"seen": -0.5}, {"name": "silos"}])
def test_nobody_is_overridden_without_a_chance_a_review_a_better_way_or_somebody_above(change):
    block = departing(**{"chance": 1.0, **change})
    assert (block.state.overrides == 0.0).all()
    assert (block.state.silenced == -1).all()


def test_who_may_opt_out_can_still_be_overridden():
    assert departing(1.0, rule="opt_out").state.overrides.sum() == pytest.approx(3.0)


def test_what_is_overridden_is_told_of_no_more():
    told = {}
    for chance in (0.0, 1.0):
        block = departing(chance)
        for phase in range(3, 8):
            block.run_phase(phase)
        block.run(21)  # the report of day 20
        told[chance] = block.state.told_weight[:, 20 // 7 % block.setup.sizes["slot"], OUTBREAK, :, 0]
    assert (told[0.0][:, 0] > 0.0).all()
    assert (told[1.0][:, 0] == 0.0).all()


def test_a_new_mandate_ends_the_silence():
    block = departing(1.0)
    block.state.approach_next[:, OUTBREAK], block.state.approach_due[:, OUTBREAK] = 0, 15
    for phase in range(3, 8):
        block.run_phase(phase)
    for phase in range(3):
        block.run_phase(phase)
    assert (block.state.silenced == -1).all()


def end_of(chance):
    crisis = worlds.scenario(days=150, take_up={"enforcement": 0.0}, approaches={"heterogeneity": 0.9})
    setup = prepare(crisis, governed(chance, "brisk_command"))
    block = Block(setup, [1, 2, 3]).run()
    each = [outcomes_of(setup, one_world(block.state, w), block.series[..., w]) for w in range(3)]
    return {name: np.mean([one[name] for one in each]) for name in each[0]}


def test_the_likelier_it_is_the_more_are_overridden_and_the_less_they_trust():
    found = [end_of(chance) for chance in (0.0, 0.2, 1.0)]
    overrides, trust, refused = (
        [each[name] for each in found] for name in ("overrides_per_place", "trust_end", "mandates_refused_share")
    )
    assert overrides[0] < overrides[1] < overrides[2]
    assert trust[0] > trust[1] > trust[2]
    assert refused[0] > refused[1] > refused[2]


@pytest.mark.parametrize(("name", "rule"), [("brisk_command", "opt_out"), ("hierarchy", "none")])
def test_both_engines_are_equal(name, rule):
    crisis = worlds.scenario(
        days=29,
        country={"places": 4, "regions": 2},
        take_up={"enforcement": 0.0, "belief": 5.0},
        approaches={"count": 3},
    )
    block, _ = run_side_by_side(prepare(crisis, governed(0.5, name, rule)), [1], every_phase=False)
    assert (block.state.silenced >= 0).any()


@given(st.sampled_from([0, 1]), st.floats(0.0, 9.0), st.floats(-1.0, 1.0), st.floats(0.0, 1.0))
def test_who_may_keep_its_way_has_seen_it_work(opt_out, weight, gain, cost):
    assert may_keep(opt_out, weight, gain, cost) == (opt_out == 1 and works_better(weight, gain, cost))


def test_it_is_read_aloud():
    assert "overridden from above, with a chance of 25% a week" in describe_structure(governed(0.25))
    assert "overridden from above" not in describe_structure(governed(0.0))
