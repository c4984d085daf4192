"""The two dials: monotone in tier, pace and links, independent of each other, and usable wherever a structure is."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli import exit_code
from sim.errors import InputError
from sim.governance.describe import describe_structure
from sim.governance.dials import DATA_RISE, OTHERS_RISE, RISES, dialled, dialled_from, tier_of, words_in
from sim.governance.networks import peer_ties
from sim.governance.structure import POWERS, TIERS, Structure
from sim.study.store import as_toml
from sim.world.country import load_country
from sim.world.files import load_structure
from sim.world.scenario import CountrySettings

pytestmark = pytest.mark.coverage_subset

WIDE = {tier: TIERS[::-1].index(tier) for tier in TIERS}  # the wider, the higher
STEPS = [step / 20 for step in range(21)]
COUNTRY = load_country(CountrySettings(kind="synthetic", places=30, regions=4))


def ties(structure):
    return len(peer_ties(COUNTRY, structure.channels.peer))


def seats(structure):
    return len(structure.powers.approach.advice)


def test_the_ends_are_what_they_are_said_to_be():
    apart, centre = dialled(0.0, 0.0), dialled(1.0, 0.0)
    for name in POWERS:
        assert getattr(apart.powers, name).holder == "place"
        assert getattr(centre.powers, name).holder == "nation"
    assert (apart.powers.approach.cadence_days, centre.powers.approach.cadence_days) == (7, 14)
    assert (apart.powers.approach.approval_days, centre.powers.approach.approval_days) == (0.0, 7.0)
    assert (apart.evidence.data_holder, centre.evidence.data_holder) == ("place", "nation")
    assert ties(apart) == ties(centre) == 0
    assert (seats(apart), seats(dialled(0.0, 1.0))) == (1, 4)


@pytest.mark.parametrize("density", [0.0, 0.4, 1.0])
def test_more_central_is_wider_slower_and_never_the_other_way(density):
    line = [dialled(value, density) for value in STEPS]
    for less, more in pairwise(line):
        for name in POWERS:
            a, b = getattr(less.powers, name), getattr(more.powers, name)
            assert WIDE[a.holder] <= WIDE[b.holder]
            assert a.cadence_days <= b.cadence_days
            assert a.approval_days <= b.approval_days
            assert a.reversal_cost <= b.reversal_cost


@pytest.mark.parametrize("centralisation", [0.0, 0.4, 1.0])
def test_denser_is_more_ties_seats_and_clarity_and_never_the_other_way(centralisation):
    line = [dialled(centralisation, value) for value in STEPS]
    for less, more in pairwise(line):
        assert ties(less) <= ties(more)
        assert seats(less) <= seats(more)
        for channel in ("guidance", "partnership"):
            assert getattr(less.channels, channel).clarity <= getattr(more.channels, channel).clarity
        assert less.channels.reporting.delay_days >= more.channels.reporting.delay_days


@given(a=st.floats(0, 1), b=st.floats(0, 1), links=st.floats(0, 1), other=st.floats(0, 1))
def test_the_dials_are_independent(a, b, links, other):
    """One dial moves powers, data and who may try; the other channels, seats and lending. The open base: neither."""
    assert dialled(a, links).channels == dialled(b, links).channels
    without = {"advice", "places"}
    for name in POWERS:
        here, there = (getattr(dialled(a, each).powers, name).model_dump(exclude=without) for each in (links, other))
        assert here == there
    assert dialled(a, links).evidence == dialled(a, other).evidence
    assert dialled(a, links).channels.open == Structure.model_fields["channels"].default.open


def test_each_power_rises_where_the_table_says():
    for name in POWERS:
        for value, tier in RISES.get(name, OTHERS_RISE):
            assert tier_of(name, value - 0.001) != tier
            assert tier_of(name, value) == tier
    assert dialled(DATA_RISE - 0.001, 0).evidence.data_holder == "place"
    assert set(RISES) <= set(POWERS)
    assert all(value <= wider for (value, _), (wider, _) in RISES.values())


def test_it_is_a_structure_like_any_other(tmp_path):
    structure = load_structure("dial:0.3,0.7")
    assert structure == dialled(0.3, 0.7)
    assert structure.name == "dial_0.3_0.7"
    assert "The resilience forum decides every 9 days" in describe_structure(structure)
    file = tmp_path / "again.toml"
    file.write_text(as_toml(structure.model_dump(mode="json")), encoding="utf-8")
    assert load_structure(file) == structure
    assert as_toml({"dial_0.3_0.7": {"a": 1}}) == '\n["dial_0.3_0.7"]\na = 1\n'


@pytest.mark.parametrize(
    "word", ["dial:", "dial:0.5", "dial:a,b", "dial:1,2", "dial:-0.1,0", "dial:nan,0", "dial:1,1,1"]
)
def test_what_sets_no_dials_is_refused(word, capsys):
    with pytest.raises(InputError):
        dialled_from(word)
    assert exit_code(["describe", word]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_list_of_structures_may_hold_dials():
    assert words_in("mesh, dial:0.3,0.7,silos,,dial:1,0") == ["mesh", "dial:0.3,0.7", "silos", "dial:1,0"]
    assert words_in("dial:0.5") == ["dial:0.5"]


def test_a_comparison_with_dials(tmp_path, capsys):
    out = tmp_path / "results"
    words = ["small_outbreak", "--structures", "dial:0.3,0.7,silos", "--replicates", "2", "--jobs", "1"]
    assert exit_code(["compare", *words, "--out", str(out)]) == 0
    assert "dial_0.3_0.7" in capsys.readouterr().out
    assert json.loads((out / "manifest.json").read_text())["structures"] == ["dial_0.3_0.7", "silos"]
    assert load_structure(out / "resolved" / "structure_dial_0.3_0.7.toml") == dialled(0.3, 0.7)
