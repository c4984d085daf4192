"""Law 3: same scenario, structure, changes and seed give identical bytes, whoever runs beside; another seed differs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.state import one_world
from tests.laws import worlds
from tests.strategies import cases

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
seeds = st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=5, unique=True)


@given(case=cases(), drawn=seeds)
@settings(max_examples=15, suppress_health_check=SLOW)
def test_a_world_is_the_same_alone_again_and_among_others(case, drawn):
    together = Block(worlds.setup_of(case), drawn).run()
    again = Block(worlds.setup_of(case), drawn).run()
    shorter = Block(worlds.setup_of(case), drawn[:-1]).run()
    turned = Block(worlds.setup_of(case), drawn[::-1]).run()
    for world, seed in enumerate(drawn):
        expected = worlds.bytes_of(together, world)
        alone = Block(worlds.setup_of(case), [seed]).run()
        assert not worlds.differing(expected, worlds.bytes_of(alone))
        assert not worlds.differing(expected, worlds.bytes_of(again, world))
        assert not worlds.differing(expected, worlds.bytes_of(turned, len(drawn) - 1 - world))
        if world < len(drawn) - 1:
            assert not worlds.differing(expected, worlds.bytes_of(shorter, world))


@given(case=cases(), seed=st.integers(0, 2**64 - 1))
@settings(max_examples=10, suppress_health_check=SLOW)
def test_days_one_by_one_and_phase_by_phase_are_the_same_days(case, seed):
    setup = worlds.setup_of(case)
    at_once, by_phase = Block(setup, [seed]).run(), Block(setup, [seed])
    list(worlds.phases(by_phase, setup.scenario.days))
    assert not worlds.differing(worlds.bytes_of(at_once), worlds.bytes_of(by_phase))


@pytest.mark.coverage_subset
def test_another_seed_is_another_world():
    crisis = worlds.scenario(days=8, country={"places": 3, "regions": 1}, approaches={"count": 2})
    block = worlds.block_of(crisis, worlds.structure("mesh"), 0, 1, 2**32, 2**63)
    block.run()
    for name in ("mean", "belief_mean", "told_mean", "approach", "series"):
        assert len({worlds.bytes_of(block, world)[name] for world in range(4)}) == 4, name


def test_seeds_that_differ_in_high_bits_only_are_different_worlds():
    block = worlds.block_of(worlds.scenario(days=8), worlds.structure("silos"), 1, 1 + 2**32, 1 + 2**63)
    block.run()
    assert len({worlds.bytes_of(block, world)["mean"] for world in range(3)}) == 3


def test_a_run_leaves_its_setup_as_it_was():
    """Two runs of one set-up, the second on tables and crisis that the first has used."""
    setup = prepare(worlds.scenario(), worlds.structure("mesh"))
    first = Block(setup, [5]).run()
    second = Block(setup, [5], first.crisis).run()
    assert one_world(first.state, 0).keys() == one_world(second.state, 0).keys()
    assert not worlds.differing(worlds.bytes_of(first), worlds.bytes_of(second))
