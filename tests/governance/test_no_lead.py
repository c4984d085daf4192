"""Two holders of one power without a lead: both act, one does, or nobody; and days on which nobody is there at all."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.engine import run
from sim.fast.engine import Block
from sim.governance.describe import describe_structure
from sim.governance.setup import prepare
from sim.lineage import lineage_of
from sim.rules.ownership import is_taken_up, second_comes_first
from sim.streams import Purpose, uniform
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
SHORT = {"days": 29, "country": {"places": 4, "regions": 2}, "restriction": {"threshold": 5.0, "hold_days": 7}}


def shared(first="nation", second="place", **over):
    power = {"holder": first, "second": second, "cadence_days": 7, "joint": False, "scope": None, **over}
    return worlds.structure("silos", powers={"reserve": power, "restriction": power})


def outcomes(structure, seed=1, takes_up=0.5, **over):
    scenario = worlds.scenario(**{**SHORT, **over}, no_lead={"takes_up": takes_up})
    return run(scenario, structure, [seed])[0].outcomes


def test_who_takes_it_up():
    assert [is_taken_up(0.5, luck) for luck in (0.0, 0.49, 0.5, 0.99)] == [True, True, False, False]
    assert not is_taken_up(0.0, 0.0)
    assert [second_comes_first(rounds) for rounds in range(4)] == [False, True, False, True]


def test_days_without_an_owner_worked_by_hand():
    """Rounds on days 7, 14, 21 and 28 of 29; every draw is read here, scope by scope, for both holders."""
    setup = prepare(worlds.scenario(**SHORT, no_lead={"takes_up": 0.4}), shared())
    block = Block(setup, [3]).run()
    nation, keys = setup.country.areas["nation"].keys[0], setup.country.keys
    expected = np.zeros((2, len(keys)))
    for day in (7, 14, 21, 28):
        for slot in (100, 102):  # reserve, restriction
            above = uniform(np.uint64(3), np.uint64(nation), day, slot, int(Purpose.NO_LEAD), 0) < 0.4
            for p, key in enumerate(keys):
                here = uniform(np.uint64(3), key, day, slot, int(Purpose.NO_LEAD), 1) < 0.4
                days = 7 if day < 28 else 1
                expected[0, p] += days * (not above and not here)
                expected[1, p] += days * (above and here)
    assert block.state.unowned[:, 0].tolist() == expected[0].tolist()
    assert block.state.owned_twice[:, 0].tolist() == expected[1].tolist()


@pytest.mark.parametrize(
    ("first", "second", "takes_up"),
    [("nation", "place", 0.5), ("place", "region", 0.6), ("region", "nation", 1.0), ("nation", "region", 0.0)],
)
def test_both_engines_are_equal(first, second, takes_up):
    scenario = worlds.scenario(**SHORT, no_lead={"takes_up": takes_up})
    run_side_by_side(prepare(scenario, shared(first, second)), [1], every_phase=False)


def test_the_more_each_leaves_to_the_other_the_more_days_have_no_owner():
    found = [outcomes(shared(), takes_up=chance) for chance in (1.0, 0.6, 0.3, 0.0)]
    nobody, both = ([each[name] for each in found] for name in ("days_without_owner", "days_with_two_owners"))
    all_of_them = pytest.approx(2 * 22 / (4 * 29))  # two of four powers, from day 7 on
    assert nobody[0] == 0.0 < nobody[1] < nobody[2] < nobody[3] == all_of_them
    assert all_of_them == both[0] > both[1] > both[2] > both[3] == 0.0


def test_where_nobody_acts_nothing_is_decided():
    setup = prepare(worlds.scenario(**SHORT, no_lead={"takes_up": 0.0}), shared())
    block = Block(setup, [1]).run()
    assert (block.state.reserve == Block(setup, [1]).state.reserve).all()
    assert not block.state.restricted.any()
    certain = Block(prepare(worlds.scenario(**SHORT, no_lead={"takes_up": 1.0}), shared()), [1]).run()
    assert (certain.state.reserve != block.state.reserve).any()


def test_one_holder_owns_every_day_and_leaves_no_trace_of_the_other():
    alone = shared(second=None)
    found = [outcomes(alone, takes_up=chance) for chance in (0.0, 1.0)]
    assert found[0] == pytest.approx(found[1], abs=0.0, nan_ok=True)
    assert found[0]["days_without_owner"] == found[0]["days_with_two_owners"] == 0.0


def test_two_tiers_that_are_one_body_are_one_holder():
    """Where the first holder's tier is absent, its fallback may be the second one: no two hold the power there."""
    power = {"holder": "region", "second": "nation", "fallback": "nation", "cadence_days": 7}
    structure = worlds.structure("silos", powers={"reserve": power}, variation={})
    setup = prepare(worlds.scenario(days=8, country={"kind": "england"}), structure)
    table = setup.stretches[0].table
    areas = setup.country.areas["region"].of_place
    assert (table.second_reserve.scope_of_place[areas < 0] == -1).all()
    assert (table.second_reserve.scope_of_place[areas >= 0] == 0).all()


def test_a_lost_holder_leaves_days_without_an_owner():
    lost = {"loss": [{"day": 8, "days": 30, "of": "nation"}], "succession": {"rule": "none"}}
    command = worlds.structure("brisk_command", powers={name: {"cadence_days": 7} for name in ("approach", "reserve")})
    assert outcomes(command)["days_without_owner"] == 0.0
    assert 0.5 < outcomes(command, **lost)["days_without_owner"] < 1.0
    assert outcomes(shared(), takes_up=1.0, **lost)["days_without_owner"] == 0.0  # places act for themselves


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        ("nation", "place", ("region", "place")),
        ("nation", "region", ("region", None)),
        ("place", "nation", ("place", "region")),
    ],
)
def test_a_successor_below_takes_the_place_of_whoever_is_lost(first, second, after):
    lost = {"loss": [{"day": 8, "days": 30, "of": "nation"}], "succession": {"rule": "below", "hand_over_days": 7}}
    setup = prepare(worlds.scenario(**SHORT, **lost), shared(first, second))
    power = next(each for each in setup.stretches if each.first_day == 15).structure.powers.reserve
    assert (power.holder, power.second) == after


def test_what_the_second_holder_decides_can_be_explained():
    lineage = lineage_of(worlds.scenario(**SHORT, no_lead={"takes_up": 0.9}), shared(), 1)
    rows = lineage.decisions[lineage.decisions["power"] == 1]
    places = {int(row["holder"]): lineage.members(row) for _, row in rows.iterrows()}
    assert sorted(len(members) for members in places.values()) == [1, 4]


def test_preparing_decisions_costs_twice():
    once, twice = (prepare(worlds.scenario(**SHORT), shared(second=other)) for other in (None, "place"))
    analysis = [each.stretches[0].table.analysis[0] for each in (once, twice)]
    assert analysis[1] == pytest.approx(analysis[0] + 2 * 0.002)


def test_what_cannot_be_is_refused():
    for over, says in (
        ({"joint": True}, "one table"),
        ({"second": "nation"}, "holds it already"),
        ({"second": "team"}, "a team can hold only the approach"),
    ):
        with pytest.raises(ValidationError, match=says):
            shared(**over)
    with pytest.raises(ValidationError, match="second"):
        worlds.structure("silos", powers={"commissioning": {"second": "nation"}})


def test_it_is_read_aloud():
    assert "Each place holds it too, and neither has the lead" in describe_structure(shared())
    assert "neither has the lead" not in describe_structure(shared(second=None))
