"""Every scenario that is shipped: it says what it is and what it is for, and it runs; the list is complete."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from sim.cli import exit_code
from sim.fast.engine import Block
from sim.governance.describe import describe_scenario
from sim.governance.setup import means_digest, prepare
from sim.ledger import check_balance
from sim.state import one_world
from sim.study.store import as_toml
from sim.world.crisis import digest_of
from sim.world.files import load_scenario, load_structure, shipped_names
from sim.world.scenario import Scenario, all_crises
from tests.laws import worlds

SHIPPED = shipped_names("scenario")
# What stands in each, and where: so that a new one is entered here with what it is meant to have.
HOLDS = {
    "england_2020": ("england", {"epidemic"}),
    "england_replay_2020": ("england", {"replay"}),
    "flood_valley": ("synthetic", {"flood"}),
    "perfect_storm": ("england", {"epidemic", "flood", "wicked_issue", "winter"}),
    "safeguarding_hub": ("synthetic", {"pressure"}),
    "slow_burn_variant": ("england", {"epidemic"}),
    "small_outbreak": ("synthetic", {"epidemic"}),
    "supply_shock": ("england", {"epidemic", "supply_shock"}),
    "uk_four_nations": ("uk", {"epidemic"}),
    "synthetic_pressure": ("synthetic", {"pressure"}),
    "wicked_issue": ("synthetic", {"wicked_issue"}),
    "winter_pressure": ("england", {"winter"}),
}
EVERY = pytest.mark.parametrize("name", SHIPPED)


def kinds(scenario: Scenario) -> set[str]:
    """Return the kinds of crisis of a scenario."""
    return {getattr(each, "kind", type(each).__name__.lower()) for each in all_crises(scenario)}


def test_the_list_is_complete():
    assert set(HOLDS) <= set(SHIPPED)


@EVERY
def test_it_says_what_it_is_and_what_it_is_for(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert len(scenario.title) > 10
    assert len(scenario.story.split()) > 15
    assert len(scenario.purpose.split()) > 10
    assert any("assumption" in source.lower() for source in scenario.sources)
    if name in HOLDS:
        assert scenario.country.kind == HOLDS[name][0]
        assert kinds(scenario) == HOLDS[name][1]


@EVERY
def test_it_can_be_listed_checked_and_told_in_plain_words(name, capsys):
    assert exit_code(["list", "scenarios"]) == 0
    listed = capsys.readouterr().out
    assert f"{name} " in listed
    assert load_scenario(name).title in listed
    assert exit_code(["validate", name]) == 0
    text = describe_scenario(load_scenario(name))
    for heading in ("WHERE AND HOW LONG", "WHAT HAPPENS", "WHAT EVERY STRUCTURE HAS ALIKE", "SOURCES"):
        assert heading in text
    assert "kind=" not in text
    assert "No crisis" not in text


@EVERY
def test_it_reads_back_as_it_was_written(name):
    scenario = load_scenario(name)
    assert Scenario.model_validate(tomllib.loads(as_toml(scenario.model_dump(mode="json")))) == scenario


@EVERY
def test_it_runs_and_balances(name):
    """Three weeks under two structures: one crisis for both, equal means, nothing lost."""
    scenario = load_scenario(name)
    scenario = scenario.model_copy(update={"days": min(scenario.days, 21), "change": ()})
    digests = set()
    for structure in ("brisk_command", "mesh"):
        block = Block(prepare(scenario, load_structure(structure)), [1])
        digests.add((digest_of(block.crisis, 0), means_digest(block.setup)))
        block.run()
        worlds.assert_within_bounds(block)
        worlds.assert_cases_balance_over_time(block)
        check_balance(block.setup, one_world(block.state, 0), 21)
    assert len(digests) == 1


def test_what_it_says_it_holds_shows_in_need():
    """The record's shape, winter's middle, the flood's places and the issue's growth are in what is resolved."""
    england = {
        name: Block(prepare(load_scenario(name), load_structure("mesh")), [1])
        for name in ("england_replay_2020", "winter_pressure", "perfect_storm")
    }
    recorded = england["england_replay_2020"].crisis.struck[..., 0]
    by_week = recorded[:, :, 1].sum(axis=1)[::7]
    assert 0.0 < by_week[20] < 0.2 * by_week[5] < by_week[45]  # summer, first wave, second
    winter = england["winter_pressure"].crisis.struck[:, :, 1, 0].sum(axis=1)
    assert 120 < int(np.argmax(winter)) < 150
    assert winter[:40].max() < 0.01 * winter.max()
    storm = england["perfect_storm"]
    path = load_scenario("perfect_storm").crisis[1].path
    hit = {storm.setup.country.codes[p] for p in np.flatnonzero(storm.crisis.struck[175, :, 3, 0] > 0.0)}
    assert hit <= set(path)
    assert "E06000051" in hit
    assert storm.crisis.chronic[-1].max() > storm.crisis.chronic[30].max() > 0.0


def test_a_variant_takes_over_in_equal_steps():
    """1 until day 120, then 60 equal steps of .25; the second multiplies it from day 300 on."""
    scenario = load_scenario("slow_burn_variant")
    strength = Block(prepare(scenario, load_structure("mesh")), [1]).crisis.variant
    assert strength[119] == 1.0
    assert strength[120] == pytest.approx(1.0 + 0.25 / 60)
    assert strength[149] == pytest.approx(1.125)
    assert strength[179] == strength[299] == 1.25
    assert strength[329] == pytest.approx(1.25 * 1.125)
    assert strength[-1] == 1.25 * 1.25
