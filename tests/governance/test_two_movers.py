"""Two who move staff without a lead: they come in turn, and what one has lent the other cannot move."""

import pytest
from pydantic import ValidationError

from sim.engine import run
from sim.fast.engine import Block
from sim.governance.describe import describe_structure
from sim.governance.setup import prepare
from tests.conformance.side_by_side import run_phase, run_side_by_side
from tests.laws import worlds

SHORT = {"days": 43, "country": {"places": 4, "regions": 2}}
DECIDE = 2


def moved(first="nation", second="place", **over):
    """Return a structure in which two move staff: within places and, the one above, between them."""
    power = {"holder": first, "second": second, "scope": None, "joint": False, "cadence_days": 7, "reversal_cost": 0.0}
    power |= {"services": "pooled", "places": "directed", "approval_days": 0.0, "approval_median_days": 0.0}
    return worlds.structure("mesh", powers={"workforce": {**power, **over}})


def setup_of(structure, takes_up=1.0, **over):
    return prepare(worlds.scenario(**{**SHORT, **over}, no_lead={"takes_up": takes_up}), structure)


def on_day(day, **over):
    """Return a block in which one place has staff to spare, in one service, and all others lack some in another."""
    block = Block(setup_of(moved(), **over), [1])
    block.day = day
    s = block.state
    s.spare[:], s.short[:] = 0.0, 0.0
    s.spare[0, 0], s.short[1:, 1] = 20.0, 5.0
    return block


@pytest.mark.coverage_subset
@pytest.mark.parametrize(("day", "lent"), [(14, True), (7, False)])
def test_who_comes_first_in_a_round_plans(day, lent):
    """Round 2 begins with the nation, which lends; round 1 with places, and each sees to itself only."""
    after = run_phase(on_day(day), DECIDE)
    assert (after["workforce_due"] == day).all()
    assert bool(after["aid_out_next"].any()) == lent
    assert after["aid_in_next"][0].sum() == 0.0


@pytest.mark.coverage_subset
def test_where_nobody_takes_it_up_nobody_moves():
    block = Block(setup_of(moved(), 0.0), [1]).run()
    assert not block.state.moved_out.any()
    assert not block.state.aid_out.any()
    assert (block.state.workforce_due == -1).all()


@pytest.mark.coverage_subset
def test_staff_who_are_lent_cannot_be_moved_at_home():
    """All but one of a place's staff are lent: of 20 who could be spared, and moved, one is."""
    block = on_day(7, friction={"movable": 1.0})
    s, staff = block.state, float(block.setup.land.staff[0].sum())
    s.short[0, 1] = 1000.0
    s.aid_out[0], s.aid_out_next[0] = staff - 1.0, staff - 1.0
    after = run_phase(block, DECIDE)
    assert after["moved_out_next"][0].sum() == pytest.approx(1.0)
    assert after["moved_in_next"][0, 1] == pytest.approx(1.0)
    s.workforce_due[:] = -1
    s.aid_out[0], s.aid_out_next[0] = 0.0, 0.0
    assert run_phase(block, DECIDE)["moved_out_next"][0].sum() > 1.0


@pytest.mark.parametrize(
    ("first", "second", "places", "takes_up"),
    [
        ("nation", "place", "directed", 1.0),
        ("place", "region", "directed", 0.6),
        ("region", "nation", "mutual_aid", 0.5),
        ("nation", "region", "none", 0.0),
    ],
)
@pytest.mark.coverage_subset
def test_both_engines_are_equal(first, second, places, takes_up):
    failing = {"financial_failure": {"share": 0.5, "first_day": 14, "length_days": 14}, "take_up": {"discretion": 0.5}}
    structure = worlds.changed(moved(first, second, places=places), funding={"takeover": "nation"})
    run_side_by_side(setup_of(structure, takes_up, **failing), [1], every_phase=False)


def test_lent_staff_are_accounted_for_when_commissioners_come_and_go():
    """Where the nation takes a council's place, it no longer directs aid there beside it: all who are lent go home."""
    failing = {"share": 0.5, "first_day": 31, "length_days": 28}
    structure = worlds.changed(moved("place", "nation"), funding={"takeover": "nation"})
    block = Block(setup_of(structure, days=100, financial_failure=failing), [1])
    block.run(21)
    block.state.spare[:], block.state.short[:] = 0.0, 0.0
    block.state.spare[:2, 0], block.state.short[2:, 1] = 20.0, 5.0  # in round 3 the nation comes first, and lends
    lent = []
    for day in range(21, 100):
        block.run(day + 1)
        worlds.assert_staff_balance(block)
        lent.append(float(block.state.aid_out.sum()))
    assert min(lent[1:10]) > 0.0
    assert lent[10] == 0.0


def test_the_more_each_leaves_to_the_other_the_more_days_have_no_owner():
    found = [run(worlds.scenario(**SHORT, no_lead={"takes_up": q}), moved(), [1])[0].outcomes for q in (1.0, 0.5, 0.0)]
    nobody = [each["days_without_owner"] for each in found]
    assert nobody[0] == 0.0 < nobody[1] < nobody[2]
    assert found[0]["days_with_two_owners"] == nobody[2]


def test_one_holder_leaves_no_trace_of_the_other():
    alone = moved(second=None)
    ends = [worlds.bytes_of(Block(setup_of(alone, q), [1]).run()) for q in (0.0, 1.0)]
    assert not worlds.differing(*ends)
    assert len(setup_of(alone).stretches[0].table.second_workforce.holder_key) == 0


def test_what_cannot_be_is_refused():
    for over, says in (({"second": "region"}, "lend the same staff twice"), ({"joint": True}, "one table")):
        with pytest.raises(ValidationError, match=says):
            moved(**over)
    assert moved(second="region", places="mutual_aid").powers.workforce.second == "region"
    assert moved("place", "nation").powers.workforce.second == "nation"


def test_it_is_read_aloud():
    assert "Each place holds it too, and neither has the lead: in a round both may act, in turn" in describe_structure(
        moved()
    )
