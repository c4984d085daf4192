"""Supplies in three places, worked by hand, and both engines held to it: buying in scarcity, handing out, using up.

The places are those of `test_by_hand`: Ayton and Ceaton with 100,000 people each, Beeton with 200,000; ordinary need
10, 20 and 10 cases a day in each service. Clinical care and social care use one item a case: ordinary use is 80 a day.

*Day 7, three buyers.* Each place buys for itself; orders take 7 days and are placed every 7: each should have 14 days'
use. The market offers 140 items a round: .25 x 80 x 7. What each wants of clinical care a day is 20, 30 and 10, of
social care nothing; stocks are 140, 0 and 140. So they need 280 - 140 = 140, 420 and 0. Bids, price and sales are those
of `tests/rules/test_supply.py`: 153.125, 420 and 0; 20.47 GBP; 31.61 and 108.39 items. Beeton has half of the people:
by logs of 3 places its size is 1 + ln(.5)/ln 3 = .369, so it gets 7.4% off. All arrives on day 14.

*One buyer.* The nation needs 560 and asks for no more than there is: 140, at 5 GBP less a fifth.

*Two buyers without a lead.* The nation buys too, for the same places, and knows nothing of their orders. It hears a day
later, so that 15 days' use should be there: it needs 160, 450 and 10 items, and asks for no more than there is, 140. In
all 713.125 are asked for: 25.47 GBP. Capability is 1, 1.25 and .8, by head the nation's 1.075: what is asked for weighs
153.125, 525, 0 and 150.5. Ayton gets 25.87, Beeton 88.70 and the nation 25.43, at a fifth less; what that has ordered,
and the share that it got (.182), is kept at Ayton apart from Ayton's own.

*Handing out.* The nation's depot holds 60. It hears a day later, so each should have 15 days' use. It sees the three
short of 160, 450 and 10 items of clinical care and, at 4 a day, Ceaton of 60 of social care, whose lead is not in the
room: at a weight of .125 that claims 7.5. Of 60 items for 627.5 claimed Ayton gets 15.30, Beeton 43.03, Ceaton .96
and .72.

*Using up.* Beeton has 12 items of clinical care and 20 open cases, and staff enough: 12 are served, 8 are held up.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.setup import carried_over, prepare
from sim.state import Snapshot, one_world
from sim.world.files import load_scenario
from sim.world.scenario import SERVICES
from tests.conformance.side_by_side import run_phase
from tests.conformance.test_by_hand import CAPABILITY, CLINICAL, SOCIAL, A, B, C, country
from tests.laws import worlds

DECIDE, DELIVER = 2, 3
SUPPLIES = {
    "world_supply": 0.25,
    "stock_days": 14.0,
    "pipeline_days": 0,
    "bulk_lead_days": 7,
    "bulk_discount": 0.2,
    "forecast_log_sd": 0.0,
    "shelf_days": 36_500.0,
}
BUYING = {"scope": None, "cadence_days": 7, "approval_days": 0.0, "advice": [], "reversal_cost": 0.0, "joint": False}


@pytest.fixture
def start(monkeypatch):
    """Return a function that gives a block on a day, with a state that the test writes down."""
    monkeypatch.setattr("sim.governance.setup.load_country", lambda _: country())
    items = {name: {"items_per_case": float(k in (CLINICAL, SOCIAL))} for k, name in enumerate(SERVICES)}
    scenario = worlds.changed(
        load_scenario("small_outbreak"),
        days=30,
        services=items,
        epidemic=None,
        load={"base": 0.5, "vcs_slope": 0.0, "spill": 0.0, "cascade": 0.0},
        country={"deprivation_slope": 0.0},
        supplies=SUPPLIES,
    )

    def at(day: int, holder: str, takes_up: float = 1.0, **over: Any) -> Block:
        power = {**BUYING, "holder": holder, "analyst_share": 0.01, **over}
        setup = prepare(
            worlds.changed(scenario, no_lead={"takes_up": takes_up}),
            worlds.structure("silos", powers={"procurement": power}, evidence={"data_holder": "open"}),
        )
        block = Block(setup, [1])
        block.day = day
        block.crisis.capability[:, 0] = CAPABILITY
        block.state.supplies[:], block.state.supplies_use[:] = 0.0, 0.0
        block.state.supplies_use[:, CLINICAL, 0] = [20.0, 30.0, 10.0]
        block.state.supplies[:, CLINICAL, 0] = [140.0, 0.0, 140.0]
        block.state.total_supplied[:] = block.state.supplies
        block.state.told_use[:, 0] = block.state.supplies_use
        block.state.filled[:, 0, 0] = [0.5, 0.0, 0.7]
        return block

    return at


@pytest.mark.coverage_subset
def test_three_buyers_bid_against_each_other(start):
    after = run_phase(start(7, "place"), DECIDE)
    price, size = 5.0 * 573.125 / 140.0, 1.0 + math.log(0.5) / math.log(3.0)
    sold = np.array([140.0 * 153.125, 140.0 * 525.0, 0.0]) / 678.125
    assert after["total_bought"] == pytest.approx(sold)
    assert after["total_paid"] == pytest.approx(sold * price * [1.0, 1.0 - 0.2 * size, 1.0])
    assert after["filled"][:, 0] == pytest.approx([sold[A] / 153.125, sold[B] / 420.0, 1.0])
    on_order = np.zeros_like(after["on_order"])
    on_order[:, 0, 14 % on_order.shape[2]] = sold
    assert after["on_order"] == pytest.approx(on_order)


@pytest.mark.coverage_subset
def test_one_buyer_has_nobody_to_outbid(start):
    after = run_phase(start(7, "nation"), DECIDE)
    assert after["total_bought"] == pytest.approx([140.0, 0.0, 0.0])
    assert after["total_paid"] == pytest.approx([140.0 * 4.0, 0.0, 0.0])
    assert after["filled"][:, 0] == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.coverage_subset
def test_a_nation_and_its_places_buy_without_a_lead(start):
    after = run_phase(start(7, "place", second="nation"), DECIDE)
    price, size = 5.0 * 713.125 / 140.0, 1.0 + math.log(0.5) / math.log(3.0)
    sold = 140.0 * np.array([153.125, 525.0, 0.0]) / 828.625
    above = 140.0 * 150.5 / 828.625
    assert after["total_bought"] == pytest.approx(sold + np.array([above, 0.0, 0.0]))
    paid = sold * price * [1.0, 1.0 - 0.2 * size, 1.0]
    assert after["total_paid"] == pytest.approx(paid + np.array([above * price * 0.8, 0.0, 0.0]))
    assert after["filled"][:, 0] == pytest.approx([sold[A] / 153.125, sold[B] / 420.0, 1.0])
    assert after["filled"][:, 1] == pytest.approx([above / 140.0] * 3)
    on_order = np.zeros_like(after["on_order"])
    on_order[:, 0, 14 % on_order.shape[2]] = sold
    on_order[A, 1, 14 % on_order.shape[2]] = above
    assert after["on_order"] == pytest.approx(on_order)


@pytest.mark.coverage_subset
def test_where_each_leaves_it_to_the_other_nobody_buys(start):
    assert not run_phase(start(7, "place", takes_up=0.0, second="nation"), DECIDE)["total_bought"].any()


@pytest.mark.coverage_subset
def test_what_each_of_two_has_bought_is_handed_out_by_each(start):
    """Ayton has 10 items of its own and needs them; the nation hands 60 out, not knowing of them; see above."""
    block = start(8, "place", second="nation")
    block.state.on_order[A, 0, 8 % block.state.on_order.shape[2], 0] = 10.0
    block.state.on_order[A, 1, 8 % block.state.on_order.shape[2], 0] = 60.0
    before = one_world(block.state, 0)["supplies"]
    after = run_phase(block, DECIDE)
    given = 60.0 * np.array([160.0, 450.0, 10.0]) / 620.0 + [10.0, 0.0, 0.0]
    assert after["supplies"][:, CLINICAL] - before[:, CLINICAL] == pytest.approx(given)
    assert after["depot"] == pytest.approx(np.zeros((3, 2)))


@pytest.mark.coverage_subset
def test_whoever_is_left_alone_has_what_the_other_had_bought(start):
    """Where the second tier holds the power nowhere any more, its stock is the first one's: here from a branch."""
    both, alone = start(7, "place", second="nation"), start(7, "place")
    both.run_phase(DECIDE)
    after = carried_over(both.snapshot(), both.setup, alone.setup).worlds[0]
    held, found = one_world(both.state, 0), after["on_order"]
    assert found.shape[1] == 1
    assert found.sum() == pytest.approx(held["on_order"].sum())
    back = carried_over(Snapshot(7, (1,), (after,), both.snapshot().series), alone.setup, both.setup).worlds[0]
    assert back["on_order"][:, 0] == pytest.approx(found[:, 0])
    assert back["filled"][:, 1].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.coverage_subset
def test_nobody_buys_without_attention_or_need(start):
    assert not run_phase(start(7, "place", analyst_share=0.0), DECIDE)["total_bought"].any()
    assert not run_phase(start(8, "place"), DECIDE)["total_bought"].any()  # not the day
    block = start(7, "place", reversal_cost=0.9)
    block.state.supplies[B, CLINICAL] = block.state.total_supplied[B, CLINICAL] = 100.0
    assert not run_phase(block, DECIDE)["total_bought"].any()  # short of less than nine tenths


@pytest.mark.coverage_subset
@pytest.mark.parametrize("rule", ["seen_need", "formula"])
def test_what_has_arrived_is_handed_out(start, rule):
    # Data are open: the nation waits a day, and reads the report of day 6.
    block = start(8, "nation", rule=rule)
    block.state.told_use[C, 0, SOCIAL, 0] = 4.0
    days = float(block.setup.stretches[0].table.supply.days[0])
    assert days == 7.0 + 7.0 + 1.0
    block.state.on_order[A, 0, 8 % block.state.on_order.shape[2], 0] = 60.0
    before = one_world(block.state, 0)["supplies"]
    after = run_phase(block, DECIDE)
    claims = np.zeros((3, 5))
    if rule == "formula":  # by ordinary use, social care at an eighth, whatever is there
        claims[:, CLINICAL], claims[:, SOCIAL] = [10.0, 20.0, 10.0], [1.25, 2.5, 1.25]
    else:
        claims[:, CLINICAL] = np.maximum(0.0, np.array([20.0, 30.0, 10.0]) * days - [140.0, 0.0, 140.0])
        claims[C, SOCIAL] = 4.0 * days * 0.125
    assert after["supplies"] - before == pytest.approx(60.0 * claims / claims.sum())
    assert after["depot"][:, 0] == pytest.approx([0.0, 0.0, 0.0])
    assert not after["on_order"].any()


@pytest.mark.coverage_subset
def test_what_is_not_there_cannot_be_used(start):
    block = start(8, "place")
    block.state.supplies[B, CLINICAL] = 12.0
    block.state.total_supplied[B, CLINICAL] = 12.0
    block.state.open_cases[B, CLINICAL] = 20.0
    block.state.depot[B] = 365.0
    after = run_phase(block, DELIVER)
    assert after["served"][B, CLINICAL] == pytest.approx(12.0)
    assert after["supplies"][B, CLINICAL] == 0.0
    assert after["total_supplies_used"][B, CLINICAL] == pytest.approx(12.0)
    assert after["total_supplies_wanted"][B, CLINICAL] == pytest.approx(20.0)
    assert after["total_shortage_days"].tolist() == [0.0, 1.0, 0.0]
    assert after["supplies_use"][B, CLINICAL] == pytest.approx(30.0 + (20.0 - 30.0) / 7.0)
    assert after["depot"][B, 0] == pytest.approx(365.0 - 0.01)
    assert after["total_perished"][B] == pytest.approx(0.01)
    assert after["total_missing"][B] == pytest.approx(0.0)  # it was not staff that were missing
