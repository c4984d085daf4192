"""Councils in financial failure: who decides there, for how long, and that it leaves no trace elsewhere."""

import numpy as np
import pytest

from sim.engine import run
from sim.fast.engine import Block
from sim.governance.describe import describe_scenario, describe_structure
from sim.governance.setup import prepare
from sim.lineage import lineage_of
from sim.streams import Purpose
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
SHORT = {"days": 43, "country": {"places": 4, "regions": 2}, "restriction": {"threshold": 5.0, "hold_days": 7}}
HALF = {"financial_failure": {"share": 0.5, "first_day": 14, "length_days": 14}}


def governed(takeover="nation", name="silos", **over):
    return worlds.structure(name, funding={"takeover": takeover}, **over)


def stretches(structure, **over):
    setup = prepare(worlds.scenario(**{**SHORT, **over}), structure)
    return setup, {each.first_day: each.table for each in setup.stretches}


def test_a_takeover_worked_by_hand():
    """Two of four councils fail on days 14 to 27: the nation decides for each of them by itself, and then no more."""
    setup, tables = stretches(governed(), **HALF)
    assert sorted(tables) == [0, 14, 28]
    held = tables[14].approach.place_holds
    assert held.sum() == 2
    assert len(tables[14].approach.holder_key) == 3  # the nation, and two councils
    taken = [key for key, own in zip(setup.country.keys, held, strict=True) if not own]
    nation = tables[14].approach.holder_key.tolist().index(setup.country.areas["nation"].keys[0])
    first, last = tables[14].approach.holder_scope_start[nation : nation + 2]
    assert tables[14].approach.scope_key[first:last].tolist() == sorted(taken)  # each council by itself
    assert tables[14].restriction.delay.tolist() == tables[0].restriction.delay.tolist()  # they sit in the council
    for day in (0, 28):
        assert tables[day].approach.place_holds.tolist() == [1] * 4


@pytest.mark.parametrize(("share", "councils"), [(0.0, 4), (0.25, 3), (1.0, 0)])
def test_the_share_says_how_many(share, councils):
    failure = {"share": share, "first_day": 0, "length_days": 43}
    _, tables = stretches(governed(), financial_failure=failure)
    assert sorted(tables) == [0]
    assert tables[0].reserve.place_holds.sum() == councils


def test_a_region_sends_its_own():
    setup, tables = stretches(governed("region"), **HALF)
    above = set(tables[14].approach.holder_key.tolist()) - set(setup.country.keys.tolist())
    assert above <= set(setup.country.areas["region"].keys.tolist())


def test_what_teams_residents_or_those_above_hold_stays_with_them():
    power = {"holder": "team", "approval_days": 0.0, "approval_median_days": 0.0}
    _, tables = stretches(governed(powers={"approach": power, "restriction": {"holder": "community"}}), **HALF)
    assert tables[14].approach.place_holds.tolist() == [2] * 4
    assert tables[14].restriction.place_holds.tolist() == [1] * 4
    assert tables[14].reserve.place_holds.sum() == 2
    _, above = stretches(governed(name="brisk_command"), **HALF)
    assert above[14].approach.scope_key.tolist() == above[0].approach.scope_key.tolist()
    assert above[14].restriction.delay.tolist() == above[0].restriction.delay.tolist()


@pytest.mark.parametrize("takeover", ["nation", "region"])
def test_both_engines_are_equal(takeover):
    scenario = worlds.scenario(**SHORT, **HALF, commissioning={"first_day": 7}, supplies={})
    run_side_by_side(prepare(scenario, governed(takeover)), [1], every_phase=False)


def test_where_nobody_takes_over_or_nobody_fails_there_is_no_trace():
    def bytes_of(structure, **over):
        return worlds.bytes_of(Block(prepare(worlds.scenario(**SHORT, **over), structure), [1]).run())

    usual = bytes_of(governed("none"))
    assert not worlds.differing(usual, bytes_of(governed("none"), **HALF))
    assert not worlds.differing(usual, bytes_of(governed("nation")))
    assert worlds.differing(usual, bytes_of(governed("nation"), **HALF))


def test_the_more_are_taken_over_the_fewer_hands_hold_the_decisions():
    def concentration(share):
        failure = {"share": share, "first_day": 0, "length_days": 150}
        each = worlds.scenario(days=150, country={"places": 6, "regions": 2}, financial_failure=failure)
        return np.mean([run(each, governed(), [s])[0].outcomes["decision_concentration"] for s in (1, 2, 3)])

    found = [concentration(share) for share in (0.0, 0.5, 1.0)]
    assert found[0] < found[1] < found[2] <= 1.0


def test_means_are_equal_whoever_decides():
    scenario = worlds.scenario(**SHORT, **HALF)
    digests = {run(scenario, governed(takeover), [1])[0].means_digest for takeover in ("none", "nation", "region")}
    assert len(digests) == 1


def test_what_commissioners_decide_can_be_explained():
    lineage = lineage_of(worlds.scenario(**SHORT, **HALF), governed(), 1)
    assert {len(lineage.members(row)) for _, row in lineage.decisions.iterrows()} == {1}


# ---- what it does to budgets ----

FROZEN = {"financial_failure": {**HALF["financial_failure"], "frozen": 0.2}}


def test_posts_stand_empty_worked_by_hand():
    """In two of four places a fifth of staff is missing on days 14 to 27."""
    setup = prepare(worlds.scenario(**SHORT, **FROZEN), governed("none"))
    block = Block(setup, [1])
    failing = setup.country.share_by_lot(Purpose.FAILURE, 0.5)
    expected = np.zeros((43, 4))
    expected[14:28, failing] = 0.2
    assert block.crisis.away[..., 0] == pytest.approx(expected)
    usual = Block(prepare(worlds.scenario(**SHORT), governed("none")), [1])
    absent = []
    for each in (usual, block):
        each.run(14)
        before = each.state.total_absent[:, 0].copy()
        each.run(15)
        absent.append(each.state.total_absent[:, 0] - before)
    there = setup.land.staff.sum(axis=1) + setup.land.reserve
    expected = absent[0] + 0.2 * (there - absent[0])
    assert absent[1][failing] == pytest.approx(expected[failing])
    others = np.setdiff1d(np.arange(4), failing)
    assert absent[1][others] == pytest.approx(absent[0][others])


def test_a_winter_and_a_failure_each_take_their_share_of_those_who_are_left():
    winter = {"crisis": [{"kind": "winter", "staff_away": 0.1}]}
    winters, both = (
        Block(prepare(worlds.scenario(**SHORT, **winter, **over), governed("none")), [1]).crisis.away[..., 0]
        for over in ({}, FROZEN)
    )
    failing = prepare(worlds.scenario(**SHORT), governed()).country.share_by_lot(Purpose.FAILURE, 0.5)
    frozen = np.zeros_like(both)
    frozen[14:28, failing] = 0.2
    assert both == pytest.approx(1.0 - (1.0 - winters) * (1.0 - frozen))


def test_the_more_posts_are_frozen_the_more_need_is_unmet_whoever_decides():
    def unmet(frozen, takeover):
        failure = {"share": 0.5, "first_day": 0, "length_days": 120, "frozen": frozen}
        each = worlds.scenario(days=120, country={"places": 6, "regions": 2}, financial_failure=failure)
        return np.mean([one.outcomes["unmet_share"] for one in run(each, governed(takeover), [1, 2, 3])])

    for takeover in ("none", "nation"):
        found = [unmet(frozen, takeover) for frozen in (0.0, 0.2, 0.5, 0.9)]
        assert found == sorted(found)
        assert found[0] < found[-1]


def test_posts_are_frozen_alike_under_every_structure_and_engine():
    scenario = worlds.scenario(**SHORT, **FROZEN)
    digests = {run(scenario, governed(name=name), [1])[0].crisis_digest for name in ("silos", "brisk_command")}
    assert len(digests) == 1
    run_side_by_side(prepare(scenario, governed()), [1], every_phase=False)


def test_it_is_read_aloud():
    assert "in financial failure, and 20% of posts there stand empty." in describe_scenario(
        worlds.scenario(**SHORT, **FROZEN)
    )
    assert "national government sends commissioners" in describe_structure(governed())
    assert "commissioners" not in describe_structure(governed("none"))
    assert "50% of councils are in financial failure" in describe_scenario(worlds.scenario(**SHORT, **HALF))
