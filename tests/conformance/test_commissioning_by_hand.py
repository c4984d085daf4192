"""Paid help in three places, worked by hand, and both engines held to it: a tender, payment, work, volunteers.

The places are those of `test_by_hand`: Ayton and Ceaton with 100,000 people each, Beeton with 200,000; each has 90
staff for 100,000 people. Money of 3.65 GBP a head a year is .01 a day: 1,000, 2,000 and 1,000 GBP.

*Day 28, the nation tenders* among four outsourcers, whose staff-day costs 210 GBP ordinarily; nothing had been
spent of 28,000, 56,000 and 28,000 GBP, which adds a 28th a day: 8,000 and, with today's money in, 143 more. The
cheapest of the four draws wins. Staff go by ordinary need, a quarter to Ayton, half to Beeton, and a fifth of that
to each service. With no approvals they begin after 7 days, on day 35.

*Payment.* Ayton has 20 under contract at 200 GBP, Beeton 20: 8,000 GBP a day. The purse holds 4,000 with today's money:
half of them work today, 10 in each place, and the purse is empty.

*Work.* Of 10 paid for at 200 GBP in social care, of a kind that fits by .7 and shades by .3 what cannot be measured
(.7): 10 x .7 x (1 - .7 x .3 x (1 + 1 - 200/210)) = 5.46 staff-days' worth; 4.54 are lost. None of what they learn
stays.

*Volunteers.* Of 10 for whom a grant pays 40% turn up: 4. Nothing is open, so none of them is used: 1/28 of the 60% who
might join do, and 1/28 of the 40% drift away.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.ledger import UnbalancedLedgerError, check_balance
from sim.state import one_world
from sim.streams import Purpose, normal
from sim.world.commissioning import HELPERS
from sim.world.files import load_scenario
from tests.conformance.side_by_side import run_phase, run_side_by_side
from tests.conformance.test_by_hand import SERVICES, SOCIAL, A, B, C, country
from tests.laws import worlds

DECIDE, DELIVER, LEARN = 2, 3, 4
PAYING = {"scope": None, "cadence_days": 7, "approval_days": 0.0, "advice": [], "reversal_cost": 0.02, "joint": False}


@pytest.fixture
def start(monkeypatch):
    """Return a function that gives a block on a day, under a structure that pays one kind of helper."""
    monkeypatch.setattr("sim.governance.setup.load_country", lambda _: country())
    scenario = worlds.changed(
        load_scenario("small_outbreak"),
        days=140,
        epidemic=None,
        load={"base": 0.5, "vcs_slope": 0.0, "spill": 0.0, "cascade": 0.0, "reserve_share": 0.1},
        country={"deprivation_slope": 0.0},
        commissioning={"budget_gbp_per_head": 3.65, "first_day": 0, "volunteers_start": 0.4},
    )

    def at(day: int, holder: str, helper: str, funding: str = "settlement", **over: Any) -> Block:
        power = {**PAYING, "holder": holder, "helper": helper, "rule": "formula", "analyst_share": 0.01, **over}
        ruled = {"powers": {"commissioning": power}, "funding": {"rule": funding}}
        setup = prepare(scenario, worlds.structure("silos", **ruled))
        block = Block(setup, [1])
        block.day = day
        return block

    return at


@pytest.mark.coverage_subset
def test_the_nation_holds_a_tender(start):
    block = start(28, "nation", "outsourcer")
    block.state.purse[:, 0] = [112_000.0, 0.0, 0.0]
    after = run_phase(block, DECIDE)
    key = block.setup.stretches[0].table.commissioning.scope_key[0]
    kind = HELPERS.index("outsourcer")
    draws = [normal(np.uint64(1), key, 28, kind, int(Purpose.BID), bidder) for bidder in range(4)]
    price = 210.0 * np.exp(0.2 * min(draws))
    hired = ((112_000.0 + 4_000.0) / 28.0 + 4_000.0) / price
    assert after["contract_price_next"] == pytest.approx([price] * 3)
    assert after["contracted_next"] == pytest.approx(np.outer([0.25, 0.5, 0.25], [hired / SERVICES] * SERVICES))
    assert after["contract_due"].tolist() == [35, 35, 35]
    assert not after["contracted"].any()
    assert after["purse"] == pytest.approx([116_000.0, 0.0, 0.0])
    assert after["total_granted"] == pytest.approx([1_000.0, 2_000.0, 1_000.0])


@pytest.mark.coverage_subset
def test_nobody_is_paid_without_attention_or_while_a_contract_is_on_its_way(start):
    assert (run_phase(start(28, "place", "public", analyst_share=0.0), DECIDE)["contract_due"] == -1).all()
    assert (run_phase(start(29, "place", "public"), DECIDE)["contract_due"] == -1).all()  # not the day
    block = start(28, "nation", "community")
    block.state.contract_due[B] = 30
    assert run_phase(block, DECIDE)["contract_due"].tolist() == [-1, 30, -1]


@pytest.mark.coverage_subset
def test_places_bid_for_a_pot_that_is_for_one_service(start):
    """Day 28 lies in the first pot, which opened on day 0 and is for the first service."""
    block = start(28, "place", "independent", "pots")
    after = run_phase(block, DECIDE)
    keys, able = block.setup.land.key, block.crisis.capability[:, 0]
    luck = np.array([normal(np.uint64(1), key, 0, 0, int(Purpose.POT), 0) for key in keys])
    weights = np.array([100.0, 200.0, 100.0]) * able * np.exp(0.5 * luck)
    assert after["total_granted"] == pytest.approx(4_000.0 * weights / weights.sum())
    assert (after["contracted_next"][:, 0] > 0.0).all()
    assert not after["contracted_next"][:, 1:].any()
    later = start(21 + 91, "place", "independent", "pots")
    assert (run_phase(later, DECIDE)["contracted_next"][:, 1] > 0.0).all()  # the second pot is for the second


@pytest.mark.coverage_subset
def test_own_tax_falls_with_deprivation(start):
    block = start(28, "place", "independent", "own_tax")
    poor = block.setup.land.deprivation
    base = np.array([100.0, 200.0, 100.0]) * np.maximum(0.1, 1.0 - 0.3 * poor)
    assert run_phase(block, DECIDE)["total_granted"] == pytest.approx(4_000.0 * base / base.sum())


@pytest.mark.coverage_subset
def test_so_many_work_as_can_be_paid(start):
    block = start(29, "nation", "outsourcer")
    block.state.contracted[[A, B], SOCIAL], block.state.contract_price[:] = 20.0, 200.0
    after = run_phase(block, DECIDE)
    assert after["helping"][:, SOCIAL] == pytest.approx([10.0, 10.0, 0.0])
    assert after["total_help_paid"] == pytest.approx([2_000.0, 2_000.0, 0.0])
    assert after["purse"] == pytest.approx([0.0, 0.0, 0.0])


@pytest.mark.coverage_subset
def test_what_a_contract_cannot_measure_is_shaded_and_what_was_learnt_leaves(start):
    block = start(29, "nation", "outsourcer")
    block.state.helping[A, SOCIAL], block.state.contract_price[A] = 10.0, 200.0
    block.state.open_cases[A, SOCIAL] = 1_000.0
    after = run_phase(block, DELIVER)
    worth = 10.0 * 0.7 * (1.0 - 0.7 * 0.3 * (2.0 - 200.0 / 210.0))
    assert worth == pytest.approx(5.46)
    assert after["total_help"][A] == pytest.approx(10.0)
    assert after["total_help_used"][A] == pytest.approx(10.0)
    assert after["total_help_worth"][A] == pytest.approx(worth)
    assert after["total_lost"][A] == pytest.approx(10.0 - worth)
    table = block.setup.stretches[0].table
    own = 20.0 * (1.0 - 0.04) * (1.0 - table.coordination[A] - table.analysis[A])  # 18 staff and 2 of the reserve
    assert after["learnt_here"][A, SOCIAL] == pytest.approx(own / (own + worth))
    learnt = run_phase(block, LEARN)
    council = A * 11 + 4
    full_day = 18.0 * 0.7
    seen = after["served_by"][council] * after["learnt_here"][A, SOCIAL] / full_day
    capability = float(block.crisis.capability[A, 0])
    assert learnt["weight"][council].sum() == pytest.approx(seen * 0.8 * capability / 0.36)


@pytest.mark.coverage_subset
def test_volunteers_who_are_not_used_drift_away(start):
    block = start(29, "nation", "community")
    block.state.helping[A, SOCIAL] = 10.0
    after = run_phase(block, DELIVER)
    assert after["total_help"].tolist() == pytest.approx([4.0, 0.0, 0.0])
    assert after["total_help_used"][A] == 0.0
    assert after["mobilised"][A] == pytest.approx(0.4 + (0.6 - 0.4) / 28.0)
    assert after["mobilised"][C] == pytest.approx(0.4 - 0.4 / 28.0)  # without a grant


@pytest.mark.coverage_subset
@pytest.mark.parametrize("helper", ["public", "community"])
def test_a_few_weeks_on_both_engines_and_the_books_are_right(start, helper):
    """Help goes where need is seen; contracts begin; supplies are used up meanwhile; every ledger balances."""
    setup = start(0, "nation", helper, rule="seen_need", reversal_cost=0.0).setup
    quick = {"start_days": 2}
    scenario = worlds.changed(setup.scenario, days=24, supplies={}, commissioning={helper: quick, "first_day": 2})
    setup = prepare(scenario, setup.structure)
    block, _ = run_side_by_side(setup, [1], every_phase=False)
    assert block.state.contracted.any()
    state = one_world(block.state, 0)
    check_balance(setup, state, 24)
    for name, what in (("total_bought", "items of supplies"), ("total_granted", "for help")):
        wrong = {**state, name: state[name] + 1.0}
        with pytest.raises(UnbalancedLedgerError, match=what):
            check_balance(setup, wrong, 24)
