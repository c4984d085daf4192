"""Every check of every pattern finds its study, and in it the cells that it names."""

import pandas as pd
import pytest

from sim.study import theory
from sim.study.read import Plan, load_plan

OUTCOMES = (
    theory.HARM,
    theory.DEATHS,
    theory.DAYS,
    theory.COST,
    theory.REGRET,
    theory.EARLY,
    theory.LATE,
    theory.TWO_THIRDS,
)


def blank_runs(plan: Plan) -> pd.DataFrame:
    """Return a study's runs with the same outcomes in each."""
    frame = pd.DataFrame(plan.points.rows, columns=list(plan.study.uncertainties)).assign(
        **dict.fromkeys(OUTCOMES, 1.0)
    )
    rows = [
        frame.assign(scenario=scenario.name, arm=arm, seed=seed, status="done")
        for scenario in plan.scenarios
        for arm in plan.arms
        for seed in (1, 2, 3, 4)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("pattern", theory.PATTERNS.values(), ids=lambda pattern: pattern.id)
def test_every_check_names_a_study_and_cells_that_it_has(pattern):
    plans = {name: load_plan(theory.study_file_of(name)) for name, file in pattern.studies.items() if file}
    assert all(plan.study.name == name for name, plan in plans.items())
    for check in (*pattern.checks, *pattern.afterwards):
        assert check.study in pattern.studies
        if check.study in plans:
            assert check.measure(blank_runs(plans[check.study])).crises >= 2


def test_the_studies_on_who_wins_are_there():
    for name in theory.WINNERS:
        assert load_plan(theory.study_file_of(name)).study.name == name
