"""M1, the heterogeneity crossing: signs at h = 0 and h = 1, resource powers, data and culture held equal.

Oates (1972); Kollman, Miller & Page (2000). This runs both ends of the study in `experiments/heterogeneity`, whose full
version has the steps between.
"""

import pytest

from sim.study.answers import answer, needed_columns
from sim.study.folder import read_runs
from sim.study.read import load_plan
from sim.study.runner import run_study

ENDS = "uncertainties.local.values=[0.0, 1.0]"


@pytest.fixture(scope="module")
def effects(tmp_path_factory):
    """Harm of each corner against the brisk mandate, at both ends of the axis."""
    plan = load_plan("heterogeneity", [ENDS])
    folder = run_study(plan, tmp_path_factory.mktemp("m1") / "out", jobs=1)
    found = answer(plan, read_runs(folder.path, needed_columns(plan))).effects
    return found[found["outcome"] == "harm_per_1000"].set_index(["point", "arm"])


@pytest.mark.parametrize("local", ["silos", "mesh"])
def test_a_mandate_wins_where_all_is_common_and_loses_where_all_is_local(effects, local):
    common, wholly_local = effects.loc[(0, local)], effects.loc[(1, local)]
    assert common["low"] > 0.0, f"{local} has less harm than a brisk mandate at h = 0: {common}"
    assert wholly_local["high"] < 0.0, f"a brisk mandate has less harm than {local} at h = 1: {wholly_local}"
