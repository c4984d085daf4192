"""M1, the heterogeneity crossing: signs at h = 0 and h = 1, resource powers, data and culture held equal.

Oates (1972); Kollman, Miller & Page (2000). The full version, with the steps between, is the study in
`experiments/heterogeneity`.
"""

from pathlib import Path

import numpy as np
import pytest

from sim.engine import run
from sim.study.statistics import paired_difference
from sim.world.files import load_scenario, load_structure

STUDY = Path(__file__).resolve().parents[2] / "experiments" / "heterogeneity"
CORNERS = ("brisk_command", "networked_centre", "silos", "mesh")
SEEDS = range(1, 17)


@pytest.fixture(scope="module", params=["h0", "h1"])
def harm(request):
    """Harm by corner, a value a seed, at one end of the axis."""
    scenario = load_scenario(str(STUDY / f"{request.param}.toml"))
    results = {name: run(scenario, load_structure(str(STUDY / f"{name}.toml")), list(SEEDS)) for name in CORNERS}
    for seed in range(len(SEEDS)):
        assert len({results[name][seed].crisis_digest for name in CORNERS}) == 1
        assert len({results[name][seed].means_digest for name in CORNERS}) == 1
    return request.param, {n: np.array([r.outcomes["harm_per_1000"] for r in rs]) for n, rs in results.items()}


@pytest.mark.parametrize("local", ["silos", "mesh"])
def test_a_mandate_wins_where_all_is_common_and_loses_where_all_is_local(harm, local):
    end, values = harm
    difference = paired_difference(values[local], values["brisk_command"])
    if end == "h0":
        assert difference.low > 0.0, f"{local} has less harm than a brisk mandate at h = 0: {difference}"
    else:
        assert difference.high < 0.0, f"a brisk mandate has less harm than {local} at h = 1: {difference}"
