"""Two holders of the approach without a lead: each mandates what it believes to be best, and desks hear both."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.engine import run
from sim.fast.engine import Block
from sim.governance.describe import describe_structure
from sim.governance.setup import carried_over, prepare
from sim.governance.structure import POWERS
from sim.lineage import lineage_of
from sim.world.scenario import SERVICES
from tests.conformance.side_by_side import run_phase, run_side_by_side
from tests.laws import worlds

SHORT = {"days": 36, "country": {"places": 4, "regions": 2}, "take_up": {"discretion": 0.0}}
READY = {"reversal_cost": 0.02, "analyst_share": 0.01}  # to change its mind
DECIDE, SHARE = 2, 5


def mandated(first="nation", second="place", **over):
    """Return a structure in which two hold the approach, by default with weekly rounds and attention enough."""
    power = {"holder": first, "second": second, "cadence_days": 7, "joint": False, "scope": None, "analyst_share": 0.1}
    power |= {"approval_days": 0.0, "approval_median_days": 0.0, "reversal_cost": 0.1}
    return worlds.structure("silos", powers={"approach": {**power, **over}}, variation={"override": 0.0})


def setup_of(structure, takes_up=1.0, **over):
    return prepare(worlds.scenario(**{**SHORT, **over}, no_lead={"takes_up": takes_up}), structure)


def outcomes(structure, takes_up=1.0):
    """Return mean outcomes of 18 weeks in eight places over eight seeds."""
    over = {"days": 126, "country": {"places": 8, "regions": 2}}
    scenario = worlds.scenario(**over, no_lead={"takes_up": takes_up})
    found = [each.outcomes for each in run(scenario, structure, list(range(1, 9)))]
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


# ---- by hand ----


def on_day(day, **over):
    """Return a block in which the nation believes in approach 1 everywhere, and each place in approach 2.

    All desks use approach 0, of which both expect nothing; 1 is worth .5 to the nation, 2 is worth .5 to the places;
    of the other's favourite each expects -.5.
    """
    block = Block(setup_of(mandated(**over)), [1])
    block.day = day
    s = block.state
    s.approach[:], s.mandate[:] = 0, 0
    for mean, best, worst in ((s.belief_mean, 1, 2), (s.second_belief_mean, 2, 1)):
        mean[:] = 0.0
        mean[:, :, best], mean[:, :, worst] = 0.5, -0.5
    return block


@pytest.mark.coverage_subset
@pytest.mark.parametrize(("day", "asked"), [(14, 1), (7, 2)])
def test_who_comes_first_in_a_round_gives_the_order(day, asked):
    """Round 2 begins with the nation, round 1 with places; the other finds the order on its way and leaves it."""
    after = run_phase(on_day(day), DECIDE)
    assert (after["approach_next"] == asked).all()
    assert (after["decisions"] == len(SERVICES)).all()
    first, other = ("approach_considered", "second_considered")[:: 1 if asked == 1 else -1]
    assert (after[first] == day).all()
    assert not after[other].any()


@pytest.mark.coverage_subset
def test_contradictory_mandates_turn_desks_back_and_forth():
    """The nation's order of day 14 takes effect on day 15; on day 21 places come first and give their own.

    Each desk changes on day 15, from 0 to 1, and on day 22, from 1 to 2: the second time within four weeks, a U-turn.
    On day 28 the nation comes first and goes back to 1, which is another.
    """
    block = on_day(14)
    block.run_phase(DECIDE)
    seen = []
    for day in (15, 21, 22, 28, 29):
        block.day = day
        block.run_phase(DECIDE)
        seen.append((set(block.state.approach.ravel().tolist()), float(block.state.u_turns.sum())))
    services = len(SERVICES) * 4
    turns = [pytest.approx(services * times) for times in (0, 0, 1, 1, 2)]
    assert seen == [({1}, turns[0]), ({1}, turns[1]), ({2}, turns[2]), ({2}, turns[3]), ({1}, turns[4])]


@pytest.mark.coverage_subset
def test_where_both_agree_nothing_turns_back():
    block = on_day(14)
    block.state.second_belief_mean[:] = block.state.belief_mean
    for day in (14, 15, 21, 22, 28, 29):
        block.day = day
        block.run_phase(DECIDE)
    assert (block.state.approach == 1).all()
    assert not block.state.u_turns.any()


@pytest.mark.coverage_subset
@pytest.mark.parametrize(("takes_up", "anybody"), [(0.0, False), (1.0, True)])
def test_chance_none_and_one(takes_up, anybody):
    block = Block(setup_of(mandated(), takes_up), [1])
    before = block.state.approach.copy()
    block.run()
    assert block.state.decisions.any() == anybody
    assert (block.state.approach != before).any() == anybody


@pytest.mark.coverage_subset
def test_each_believes_as_if_it_held_the_power_alone():
    """What the second holder believes is what it would as the only one, and so is what the first does."""
    both = Block(setup_of(mandated()), [1]).run(13)
    above, here = (Block(setup_of(mandated(holder, None)), [1]) for holder in ("nation", "place"))
    for block in (above, here):  # the same has been reported
        block.restore(carried_over(both.snapshot(), both.setup, block.setup))
    for block in (both, above, here):
        block.run_phase(SHARE)
    assert (both.state.belief_mean == above.state.belief_mean).all()
    assert (both.state.second_belief_mean == here.state.belief_mean).all()
    assert (both.state.second_belief_variance == here.state.belief_variance).all()
    assert (both.state.belief_mean != both.state.second_belief_mean).any()


# ---- limits and directions ----


def test_contradiction_grows_with_the_chance_that_both_act():
    found = [outcomes(mandated(**READY), chance) for chance in (0.0, 0.3, 0.6, 1.0)]
    both = [each["days_with_two_owners"] for each in found]
    nobody = [each["days_without_owner"] for each in found]
    assert both == sorted(both)
    assert both[0] == 0.0 < both[1]
    assert nobody == sorted(nobody, reverse=True)
    assert nobody[-1] == 0.0
    turned = [each["u_turns_per_place"] for each in found]
    assert turned[0] < turned[1] < turned[2] < turned[3]  # at 0 only restrictions turn back


def test_two_who_mandate_turn_back_more_often_than_either_alone():
    pairs = ("nation", "place"), ("nation", None), ("place", None)
    both, *alone = (outcomes(mandated(*pair, **READY)) for pair in pairs)
    assert all(both["u_turns_per_place"] > 1.5 * each["u_turns_per_place"] for each in alone)


def test_one_holder_leaves_no_trace_of_the_other():
    alone = mandated(second=None)
    assert outcomes(alone, 0.0) == pytest.approx(outcomes(alone, 1.0), abs=0.0, nan_ok=True)
    assert setup_of(alone).sizes["second_service"] == 0
    assert Block(setup_of(alone), [1]).state.second_belief_mean.size == 0


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("first", "second", "takes_up"),
    [("nation", "place", 1.0), ("place", "region", 0.6), ("region", "nation", 0.5), ("nation", "region", 0.0)],
)
def test_both_engines_are_equal_where_second_holders_come_and_go(first, second, takes_up):
    change = [
        {"day": 15, "structure": {"powers": {"approach": {"second": None}}}},
        {"day": 29, "structure": {"powers": {"approach": {"second": second}}}},
    ]
    over = {"change": change, "take_up": {"discretion": 0.5}, "shared_trial": {"first_day": 3, "length_days": 30}}
    structure = mandated(first, second)
    structure = worlds.changed(structure, channels={"guidance": {"clarity": 0.8}}, variation={"override": 0.5})
    run_side_by_side(setup_of(structure, takes_up, **over), [1], every_phase=False)


@pytest.mark.coverage_subset
def test_only_those_above_can_override():
    """With a place at the table nobody can say whose word was set aside; of nation and region either is above."""
    for second, happens in (("place", False), ("region", True)):
        structure = worlds.changed(mandated(second=second), variation={"override": 1.0})
        setup = setup_of(structure, take_up={"discretion": 1.0, "enforcement": 0.0, "base": -10.0, "belief": 0.0})
        block = Block(setup, [1])
        block.day = 14
        s = block.state
        s.approach[:], s.mandate[:], s.mean[:], s.weight[:] = 0, 1, 0.0, 0.0
        s.mean[:, 0], s.weight[:, 0] = 1.0, 1000.0
        block.run_phase(DECIDE)
        assert (s.approach == 1).any() == happens


# ---- words ----


@pytest.mark.coverage_subset
def test_its_decisions_can_be_explained():
    lineage = lineage_of(worlds.scenario(**SHORT, no_lead={"takes_up": 1.0}), mandated(), 1)
    rows = lineage.decisions[lineage.decisions["power"] == POWERS.index("approach")]
    assert {len(lineage.members(row)) for _, row in rows.iterrows()} == {1, 4}


@pytest.mark.coverage_subset
def test_what_cannot_be_is_refused():
    for over, says in (
        ({"second": "team"}, "a team gives no mandate"),
        ({"holder": "community"}, "a community gives no mandate"),
        ({"joint": True}, "one table"),
    ):
        with pytest.raises(ValidationError, match=says):
            mandated(**over)


@pytest.mark.coverage_subset
def test_it_is_read_aloud():
    assert "Each place holds it too, and neither has the lead: in a round both may act, in turn" in describe_structure(
        mandated()
    )
