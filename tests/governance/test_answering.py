"""Who answers for a power: what blame and slack do to whoever decides, by hand, in their limits and in runs."""

from __future__ import annotations

import numpy as np
import pytest

from sim.governance.setup import prepare
from sim.state import one_world
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
PARTS = {"holder": 1.0, "shared": 0.5, "nobody": 0.0}


def table(answers: str, blame: float = 0.0, slack: float = 0.0):
    scenario = worlds.scenario(culture={"blame": blame}, evidence={"slack": slack})
    governing = worlds.structure("silos", powers={"approach": {"answers": answers}}, trial={"share": 0.1})
    return prepare(scenario, governing).stretches[0].table


@pytest.mark.parametrize(("answers", "part"), PARTS.items())
def test_blame_and_slack_by_hand(answers, part):
    """At a blame of 3 a change must look four times as good to who answers alone, and 2.5 times to who shares it."""
    plain, moved = table("holder"), table(answers, blame=3.0, slack=0.4)
    factor = 1.0 + 3.0 * part
    assert moved.approach.reversal == pytest.approx(factor * plain.approach.reversal)
    assert moved.trial_share == pytest.approx(plain.trial_share / factor)
    assert moved.approach.items == pytest.approx((1.0 - 0.4 * (1.0 - part)) * plain.approach.items)


def test_who_answers_is_all_the_same_where_nobody_is_blamed_or_slack():
    runs = []
    for answers in PARTS:
        governing = worlds.structure(
            "mesh", powers={name: {"answers": answers} for name in ("approach", "restriction")}
        )
        runs.append(worlds.bytes_of(worlds.block_of(worlds.scenario(), governing).run()))
    assert not worlds.differing(runs[0], runs[1])
    assert not worlds.differing(runs[0], runs[2])


def test_who_is_blamed_changes_course_less_often():
    changes = []
    for blame in (0.0, 3.0, 10.0):
        scenario = worlds.scenario(days=112, culture={"blame": blame}, load={"base": 0.9})
        block = worlds.block_of(scenario, worlds.structure("silos"), 1, 2, 3, 4).run()
        changes.append(sum(one_world(block.state, world)["decisions"].sum() for world in range(4)))
    assert changes[0] > changes[1] > changes[2]


def test_who_answers_to_nobody_and_is_slack_looks_at_less():
    looked = []
    for slack in (0.0, 0.5, 1.0):
        scenario = worlds.scenario(days=112, evidence={"slack": slack}, load={"base": 0.9})
        governing = worlds.structure("silos", powers={"approach": {"answers": "nobody"}})
        block = worlds.block_of(scenario, governing, 1, 2, 3, 4).run()
        looked.append(float(np.asarray(block.state.decisions).sum()))
    assert looked[0] > looked[1] > looked[2] == 0.0
