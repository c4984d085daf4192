"""Paid help in a run: equal money for all, each kind with its own strengths, and a lever for each of its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.world.commissioning import HELPERS
from sim.world.files import load_scenario, shipped_names
from tests.laws import worlds

SEEDS = list(range(8))
CRISIS = worlds.changed(
    load_scenario("synthetic_pressure"),
    days=112,
    country={"places": 16, "regions": 4},
    commissioning={"first_day": 0},
)


def paid(helper: str, funding: str = "settlement", **over: Any) -> Block:
    """Run silos that pay one kind of helper; settings of the commissioning section may differ."""
    power = {"helper": helper, "cadence_days": 14, "reversal_cost": 0.0}
    structure = worlds.structure("silos", powers={"commissioning": power}, funding={"rule": funding})
    return Block(prepare(worlds.changed(CRISIS, commissioning=over), structure), SEEDS).run()


def total(block: Block, name: str) -> NDArray[np.float64]:
    """Return a total over places and services; one number a world."""
    array: NDArray[np.float64] = getattr(block.state, name)
    return array.sum(axis=tuple(range(array.ndim - 1)))


def test_money_is_the_same_for_every_structure_and_every_kind():
    granted = [total(paid(helper), "total_granted") for helper in HELPERS]
    setups = [prepare(CRISIS, worlds.structure(name)) for name in shipped_names("structure")]
    granted += [total(Block(setup, SEEDS).run(), "total_granted") for setup in setups]
    granted += [total(paid("independent", rule), "total_granted") for rule in ("own_tax", "pots")]
    people = float(Block(prepare(CRISIS, worlds.structure("silos")), [1]).setup.land.population.sum())
    for each in granted:
        assert each == pytest.approx(10.0 / 365.0 * people * 112, rel=1e-9)


# Kind, setting, values, and the totals that rise or fall on average.
LEVERS = [
    ("public", "hiring_rise", (0.0, 2.0, 20.0), {"total_help": -1, "total_harm": 1}),
    ("community", "join_days", (7.0, 28.0, 300.0), {"total_help": -1, "total_harm": 1}),
    ("community", "drift_days", (7.0, 28.0, 300.0), {"total_help": 1, "total_harm": -1}),
    ("community", "volunteers_start", (0.0, 0.35, 1.0), {"total_help": 1, "total_harm": -1}),
]


@pytest.mark.parametrize(("helper", "setting", "values", "moves"), LEVERS, ids=[lever[1] for lever in LEVERS])
def test_each_lever_moves_what_it_should(helper, setting, values, moves):
    blocks = [paid(helper, **{setting: value}) for value in values]
    for name, way in moves.items():
        found = way * np.array([total(block, name).mean() for block in blocks])
        assert np.all(np.diff(found) > 0.0), f"{name}: {way * found}"


def test_more_bidders_make_help_cheaper_and_where_nothing_can_be_measured_worse():
    """Hart, Shleifer and Vishny (1997): the price falls, and quality with it."""
    deaf = {"services": {name: {"measurable": 0.0} for name in CRISIS.services}}
    price, quality = [], []
    for bidders in (1, 4, 40):
        scenario = worlds.changed(CRISIS, commissioning={"independent": {"bidders": bidders, "shading": 0.3}}, **deaf)
        block = Block(prepare(scenario, worlds.structure("silos")), SEEDS).run()
        price.append(total(block, "total_help_paid") / total(block, "total_help"))
        quality.append(total(block, "total_help_worth") / total(block, "total_help"))
    assert np.all(np.diff(price, axis=0) < 0.0)
    assert np.all(np.diff(quality, axis=0) < 0.0)


def test_an_outsourcer_starts_sooner_and_teaches_nothing():
    quick, slow = paid("outsourcer"), paid("consortium")
    early = [Block(block.setup, SEEDS).run(35) for block in (quick, slow)]
    assert np.all(total(early[0], "total_help") > 0.0)
    assert np.all(total(early[1], "total_help") == 0.0)
    kept = [paid("outsourcer", outsourcer={"learning_kept": share}) for share in (0.0, 1.0)]
    assert total(kept[0], "weight").mean() < total(kept[1], "weight").mean()


def spread_of_money(block: Block) -> float:
    """Return how unevenly money came in: the variance of money a head, against its mean."""
    head = block.state.total_granted / block.setup.land.population[:, None]
    return float((head.std(axis=0) / head.mean(axis=0)).mean())


def test_money_is_even_by_head_and_uneven_by_tax_base_and_the_more_so_the_steeper():
    by_tax = [spread_of_money(paid("independent", "own_tax", tax_slope=slope)) for slope in (0.0, 0.2, 0.6)]
    assert spread_of_money(paid("independent")) == pytest.approx(0.0, abs=1e-9)
    assert by_tax[0] == pytest.approx(0.0, abs=1e-9)
    assert by_tax[0] < by_tax[1] < by_tax[2]


def test_the_harder_the_contest_the_more_uneven_the_pots():
    for setting, values in (("pot_contest", (0.0, 1.0, 3.0)), ("pot_noise", (0.0, 0.5, 1.5))):
        spread = [spread_of_money(paid("independent", "pots", **{setting: value})) for value in values]
        assert spread[0] < spread[1] < spread[2]


def test_own_tax_leaves_more_unmet_where_people_are_poor():
    """Unmet need of the poorer half, less that of the other: money that follows the tax base widens it."""
    gaps = []
    for funding in ("settlement", "own_tax"):
        block = paid("independent", funding, budget_gbp_per_head=60.0)
        poor = block.setup.land.deprivation > 0.0
        unmet = block.state.total_lapsed.sum(axis=1) / block.state.total_need.sum(axis=1)
        gaps.append(unmet[poor].mean(axis=0) - unmet[~poor].mean(axis=0))
    difference = gaps[1] - gaps[0]
    assert difference.mean() > 4.0 * difference.std(ddof=1) / np.sqrt(len(SEEDS))


def test_writing_bids_takes_time():
    time = [total(paid("independent", "pots", pot_time=share), "total_coordination") for share in (0.0, 0.01, 0.05)]
    assert (np.diff(time, axis=0) > 0.0).all()


def test_where_places_compete_they_tell_each_other_less_that_is_bad():
    """With full candour a pot changes nothing of what is told; the less candour, the more the best is overrated."""
    power = {"helper": "independent", "cadence_days": 14, "reversal_cost": 0.0}
    overrated = []
    for candour in (1.0, 0.6, 0.2):
        heard = []
        for rule in ("settlement", "pots"):
            scenario = worlds.changed(CRISIS, culture={"candour": candour}, commissioning={"pot_time": 0.0})
            structure = worlds.structure("council_led", powers={"commissioning": power}, funding={"rule": rule})
            heard.append(Block(prepare(scenario, structure), SEEDS).run().state.belief_mean.mean(axis=(0, 1, 2)))
        overrated.append(float((heard[1] - heard[0]).mean()))
    assert overrated[0] < overrated[1] < overrated[2]
    assert overrated[1] > 0.0
