"""A shortage of supplies by hand: what the market offers and asks, what a case uses, and who is served last."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.engine import run
from sim.errors import InputError
from sim.fast.engine import Block
from sim.governance.describe import describe_scenario
from sim.governance.setup import prepare
from sim.rules.crises import shortage
from sim.streams import Purpose, normal
from sim.world.crises import SupplyShock
from sim.world.files import load_scenario
from tests.crisis.samples import struck, with_crises
from tests.laws import worlds


@pytest.mark.coverage_subset
def test_the_shape_by_hand():
    # In four days to its worst, which ends on day 10; gone on day 14.
    found = [shortage(float(along), 4.0, 10.0) for along in range(15)]
    assert found == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0]
    assert shortage(100.0, 4.0, 10.0) == 0.0


@pytest.mark.coverage_subset
def test_factors_by_hand():
    shock = SupplyShock(
        first_day=3, ramp_days=2.0, length_days=5.0, supply_cut=0.75, use_rise=4.0, price_rise=2.0, severity_log_sd=0.3
    )
    part = struck(shock, with_crises(days=14), seed=9)
    severity = math.exp(0.3 * normal(np.uint64(9), np.uint64(0), 0, 0, int(Purpose.SHORTAGE), 0) - 0.045)
    force = severity * np.array([0, 0, 0, 0.5, 1, 1, 1, 1, 1, 0.5, 0, 0, 0, 0])
    assert part.offered == pytest.approx(0.25**force)
    assert part.use == pytest.approx(4.0**force)
    assert part.dearer == pytest.approx(2.0**force)
    assert part.need is None
    assert shock.felt_from == 3
    assert SupplyShock(supply_cut=0.0, use_rise=1.0, price_rise=1.0).felt_from is None


@pytest.mark.coverage_subset
def test_without_supplies_there_is_nothing_to_run_short():
    scenario = with_crises(SupplyShock(), supplies=None)
    with pytest.raises(InputError, match="no supplies that could run short"):
        prepare(scenario, worlds.structure("silos"))


@pytest.mark.coverage_subset
def test_it_is_told_in_plain_words():
    text = describe_scenario(load_scenario("supply_shock"))
    assert "From day 35 supplies are short everywhere, for 112 days, worsening and easing within 21 days" in text
    assert "At the worst the market offers 50% less, an item costs 2 times as much" in text
    assert "a case uses 2 times as much" in text
    assert "Money to pay others for help: 10 GBP for each person a year, from day 49 on." in text


def outcomes(structure, **settings):
    """Return outcomes of 16 invented places under a shortage, a mean over eight seeds."""
    shock = SupplyShock(first_day=14, ramp_days=7.0, length_days=60.0, severity_log_sd=0.0, **settings)
    scenario = worlds.changed(
        load_scenario("synthetic_pressure"),
        days=112,
        country={"places": 16, "regions": 4},
        pressure={"load": 0.9},
        supplies={"stock_days": 14.0, "pipeline_days": 14},
    ).model_copy(update={"crisis": (shock,)})
    results = run(scenario, worlds.structure(structure), list(range(8)))
    return {name: np.mean([each.outcomes[name] for each in results]) for name in results[0].outcomes}


@pytest.mark.parametrize(
    ("lever", "values", "rising"),
    [
        ("supply_cut", (0.0, 0.5, 0.95), ("supplies_short_share", "harm_per_1000", "supplies_price_gbp")),
        ("use_rise", (1.0, 2.0, 6.0), ("supplies_short_share", "harm_per_1000", "supplies_price_gbp")),
        ("price_rise", (1.0, 2.0, 6.0), ("supplies_price_gbp", "cost_gbp_per_head")),
    ],
)
def test_the_worse_it_is_the_more_is_missing_and_the_more_it_costs(lever, values, rising):
    found = [outcomes("silos", **{lever: value}) for value in values]
    for name in rising:
        ordered = [each[name] for each in found]
        assert ordered == sorted(ordered), f"{name}: {ordered}"
        assert ordered[-1] > ordered[0], name


def test_a_sector_without_a_seat_is_served_last():
    """P2: under command, with no lead of care homes in the room, more is missing in social care than in hospitals."""
    gaps = {name: outcomes(name, use_rise=4.0)["supplies_gap"] for name in ("command", "networked_centre")}
    assert gaps["command"] > 0.2
    assert abs(gaps["networked_centre"]) < 0.05


def test_the_shipped_shortage_has_the_shape_of_2020():
    """P2: from 20 March to 31 July the national channel met 80% of NHS trusts' need and 10% of social care's."""
    block = Block(prepare(load_scenario("supply_shock"), worlds.structure("command")), [1, 2])
    wanted, used = [], []
    for day in (46, 179):
        block.run(day)
        wanted.append(block.state.total_supplies_wanted.sum(axis=(0, 2)))
        used.append(block.state.total_supplies_used.sum(axis=(0, 2)))
    met = (used[1] - used[0])[1:3] / (wanted[1] - wanted[0])[1:3]  # clinical care, social care
    assert 0.65 < met[0] < 0.95
    assert 0.0 < met[1] < 0.2
