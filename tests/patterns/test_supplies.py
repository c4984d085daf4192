"""M7: a single buyer wins in scarcity, local buying where needs differ and markets are slack (C1, P1-P9).

Only who buys differs: data, seats, rounds and approvals are equal. The pattern holds for money: what is paid for an
item, and cost a head. It does not show in harm: with one supply for all, scarcity decides how much is missing, and the
buyer for all waits longer for what it bought. Measured here (eight seeds): harm of local buying less that of a single
buyer -115 [-341, +110] in scarcity, -22 [-162, +117] in a slack market where needs differ.
"""

import numpy as np
import pytest

from sim.engine import run
from sim.study.statistics import paired_difference
from sim.world.files import load_scenario
from tests.laws import worlds

SEEDS = range(1, 9)
EQUAL = {
    "rule": "seen_need",
    "cadence_days": 7,
    "approval_days": 0.0,
    "joint": False,
    "reversal_cost": 0.02,
    "analyst_share": 0.003,
    "advice": ["public_health", "care_homes", "social_care", "schools"],
}


def local_less_single(outcome, world_supply, wave_height):
    """Return the paired difference in an outcome: each place buys for itself, less one buyer for all."""
    scenario = worlds.changed(
        load_scenario("synthetic_pressure"),
        days=182,
        country={"places": 24, "regions": 4},
        pressure={"wave_height": wave_height, "load": 1.0},
        supplies={"world_supply": world_supply},
    )
    values = {}
    for holder in ("place", "nation"):
        structure = worlds.structure("networked_centre", powers={"procurement": {**EQUAL, "holder": holder}})
        values[holder] = np.array([result.outcomes[outcome] for result in run(scenario, structure, list(SEEDS))])
    return paired_difference(values["place"], values["nation"])


@pytest.mark.parametrize("outcome", ["supplies_price_gbp", "cost_gbp_per_head"])
def test_a_single_buyer_pays_less_in_scarcity(outcome):
    assert local_less_single(outcome, 0.8, 0.6).low > 0.0


@pytest.mark.parametrize("outcome", ["supplies_price_gbp", "cost_gbp_per_head", "supplies_perished_share"])
def test_local_buying_pays_less_where_needs_differ_and_markets_are_slack(outcome):
    assert local_less_single(outcome, 5.0, 2.0).high < 0.0
