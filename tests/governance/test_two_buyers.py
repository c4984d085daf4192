"""Two who buy supplies without a lead: sooner and dearer than one, or each leaves it to the other."""

import pytest

from sim.engine import run
from sim.fast.engine import Block
from sim.governance.describe import describe_structure
from sim.governance.setup import prepare
from sim.governance.structure import POWERS
from sim.lineage import lineage_of
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

STOCKED = {
    "days": 36,
    "country": {"places": 4, "regions": 2},
    "supplies": {"stock_days": 10.0, "pipeline_days": 7, "world_supply": 3.0},
}


def buyers(first="nation", second="place", **over):
    power = {"holder": first, "second": second, "cadence_days": 7, "joint": False, "scope": None, **over}
    return worlds.structure("silos", powers={"procurement": power})


def bought(structure, takes_up=1.0, **over):
    """Return items bought, GBP an item, and days of shortage, over eight seeds."""
    setup = prepare(worlds.scenario(**{**STOCKED, **over}, no_lead={"takes_up": takes_up}), structure)
    state = Block(setup, list(range(1, 9))).run().state
    items = float(state.total_bought.sum())
    return items, float(state.total_paid.sum()) / items if items else 0.0, float(state.total_shortage_days.sum())


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("first", "second", "takes_up"),
    [("nation", "place", 0.6), ("place", "region", 1.0), ("region", "nation", 0.5), ("nation", "region", 0.0)],
)
def test_both_engines_are_equal_with_two_buyers_who_come_and_go(first, second, takes_up):
    change = [
        {"day": 22, "structure": {"powers": {"procurement": {"second": None}}}},
        {"day": 36, "structure": {"powers": {"procurement": {"second": second}}}},
    ]
    scenario = worlds.scenario(**{**STOCKED, "days": 64}, no_lead={"takes_up": takes_up}, change=change)
    run_side_by_side(prepare(scenario, buyers(first, second)), [1], every_phase=False)


@pytest.mark.parametrize("holder", ["nation", "place"])
def test_two_buyers_buy_sooner_than_one_and_pay_more_for_it(holder):
    """Each orders what is short, not knowing of the other's orders; where the market is short they only pay more."""
    one, two = bought(buyers(holder, None)), bought(buyers())
    assert two[0] > 1.1 * one[0]
    assert two[1] > 1.4 * one[1]
    scarce = {"supplies": {**STOCKED["supplies"], "world_supply": 0.7}}
    one, two = bought(buyers(holder, None), **scarce), bought(buyers(), **scarce)
    assert two[0] == pytest.approx(one[0])
    assert two[1] > 1.4 * one[1]


def test_the_more_each_leaves_buying_to_the_other_the_less_there_is():
    found = [bought(buyers(), chance) for chance in (1.0, 0.6, 0.3, 0.0)]
    items, _, short = zip(*found, strict=True)
    assert items[0] > items[1] > items[2] > items[3] == 0.0
    assert short[0] < short[2] < short[3]


def test_one_buyer_leaves_no_trace_of_another():
    alone = buyers(second=None)
    assert bought(alone, 0.0) == bought(alone, 1.0)
    assert prepare(worlds.scenario(**STOCKED), alone).sizes["buyer"] == 1
    assert prepare(worlds.scenario(**{**STOCKED, "supplies": None}), buyers()).sizes["buyer"] == 1


@pytest.mark.coverage_subset
def test_the_second_buyer_is_counted_and_its_orders_can_be_explained():
    setup = {**STOCKED, "days": 29, "no_lead": {"takes_up": 0.0}}
    outcomes = run(worlds.scenario(**setup), buyers(), [1])[0].outcomes
    assert outcomes["days_without_owner"] == pytest.approx(22 / (5 * 29))
    lineage = lineage_of(worlds.scenario(**{**setup, "no_lead": {"takes_up": 1.0}}), buyers(), 1)
    rows = lineage.decisions[lineage.decisions["power"] == POWERS.index("procurement")]
    assert {len(lineage.members(row)) for _, row in rows.iterrows()} == {1, 4}


def test_it_is_read_aloud():
    assert "both may act, without knowing what the other has ordered" in describe_structure(buyers())
