"""Who or what is lost for a time: who decides meanwhile, what closes, and that it leaves no trace otherwise."""

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.losses import best_connected, ties_on
from sim.governance.setup import prepare
from sim.outcomes import outcomes_of
from sim.state import one_world
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset


def lost(of="nation", day=20, days=40, **more):
    return {"loss": [{"day": day, "days": days, "of": of}], **more}


def world(**changes):
    return worlds.scenario(days=120, country={"places": 8, "regions": 2}, **changes)


def stretches(name, **changes):
    return {each.first_day: each for each in prepare(world(**changes), worlds.structure(name)).stretches}


def decided(name, seed=3, **changes):
    """Return decisions on approach by day, and the outcomes."""
    setup = prepare(world(**changes), worlds.structure(name))
    block, by_day = Block(setup, [seed]), []
    for _ in range(setup.scenario.days):
        before = float(block.state.decisions.sum())
        block.run(block.day + 1)
        by_day.append(float(block.state.decisions.sum()) - before)
    return np.array(by_day), outcomes_of(setup, one_world(block.state, 0), block.series[..., 0])


def test_a_hand_over_worked_by_hand():
    """The nation is lost on days 20 to 59 and its deputy decides from day 34, at half the attention."""
    made = stretches("command", **lost())
    assert sorted(made) == [0, 20, 34, 60]
    items = {day: each.table.approach.items.tolist() for day, each in made.items()}
    assert items[20] == [0.0]
    assert items[34] == [0.5 * items[0][0]]
    assert items[60] == items[0]


def test_powers_pass_to_the_tier_below():
    made = stretches("command", **lost(succession={"rule": "below", "hand_over_days": 10}))
    assert sorted(made) == [0, 20, 30, 60]
    assert len(made[30].table.approach.holder_key) > 1 == len(made[20].table.approach.holder_key)
    assert (made[30].table.approach.items > 0.0).all()
    assert made[60].table.approach.holder_key.tolist() == made[0].table.approach.holder_key.tolist()


def test_nobody_succeeds_where_nobody_shall():
    by_day, _ = decided("brisk_command", **lost(succession={"rule": "none"}))
    assert by_day[:20].sum() > 0.0 == by_day[20:60].sum()
    assert by_day[60:].sum() > 0.0


def test_the_host_of_the_open_base_and_the_best_connected_place():
    made = stretches("mesh", **lost("open_base"))
    assert (made[0].table.open_base, made[20].table.open_base, made[60].table.open_base) == (1, 0, 1)
    made = stretches("mesh", **lost("best_connected"))
    hub = best_connected(made[0].ties)
    assert all(hub not in tie for tie in made[20].ties)
    assert made[20].ties < made[0].ties == made[60].ties
    assert made[20].recalls_aid
    assert ties_on(world(), made[0].ties, 30) == made[0].ties


def test_a_loss_hurts_only_those_who_leaned_on_it():
    for name, of in (("silos", "nation"), ("silos", "open_base"), ("brisk_command", "open_base")):
        with_loss, without = (decided(name, **changes)[1] for changes in (lost(of), {}))
        assert with_loss == pytest.approx(without, nan_ok=True)
    delays = {}
    for rule in ("none", "deputy", "below"):
        by_day, _ = decided("brisk_command", **lost(days=90, succession={"rule": rule}))
        delays[rule] = by_day[20:110].sum()
    assert delays["none"] == 0.0 < min(delays["deputy"], delays["below"])


def test_without_a_loss_succession_leaves_no_trace():
    blocks = [
        worlds.block_of(world(succession=each), worlds.structure("command")).run(60)
        for each in ({}, {"rule": "below", "hand_over_days": 3, "deputy_attention": 0.1})
    ]
    assert worlds.differing(*(worlds.bytes_of(block) for block in blocks)) == []
