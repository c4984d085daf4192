"""Residents who hold a power: in their own place, on what they see, with their own time, and by consent only."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.engine import run
from sim.governance.describe import describe_structure
from sim.governance.setup import prepare
from sim.lineage import lineage_of
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset
SHORT = {"days": 29, "country": {"places": 4, "regions": 2}, "restriction": {"threshold": 5.0, "hold_days": 7}}
THEIRS = ("approach", "restriction", "commissioning")


def governed(name="silos", powers=THEIRS, **over):
    held = {"holder": "community", "fallback": "nation", "joint": False, "scope": None, **over}
    return worlds.structure(name, powers=dict.fromkeys(powers, held))


def table_of(structure, **over):
    return prepare(worlds.scenario(**{**SHORT, **over}), structure).stretches[0].table


def test_residents_worked_by_hand():
    """Half the attention that analysts would buy, no analysts, consent in place of enforcement, and nothing is late."""
    theirs = table_of(governed(fallback="place"), commissioning={})
    places = table_of(worlds.structure("silos"), commissioning={})
    assert theirs.approach.items.tolist() == [0.5 * items for items in places.approach.items]
    assert theirs.analysis.tolist() == pytest.approx([each - 3 * 0.002 for each in places.analysis])
    assert theirs.enforcement.tolist() == [1.0] * 4 != places.enforcement.tolist() == [2.0] * 4
    assert theirs.minds_rules.tolist() == [0.0] * 4
    assert places.minds_rules.tolist() == [1.0] * 4
    assert theirs.approach.place_holds.tolist() == [1] * 4


def test_they_see_for_themselves_whoever_holds_the_data():
    blind = {"data_holder": "nation"}
    theirs = worlds.structure("silos", powers={"restriction": {"holder": "community"}}, evidence=blind)
    assert table_of(theirs).restriction.delay.tolist() == [0] * 4
    assert (table_of(worlds.structure("silos", evidence=blind)).restriction.delay > 0).all()


@pytest.mark.parametrize(("share", "count"), [(1.0, 4), (0.5, 2), (0.25, 1), (0.0, 0)])
def test_where_they_are_not_organised_it_falls_back_as_the_structure_says(share, count):
    table = table_of(governed(), load={"residents_organised": share})
    assert table.approach.place_holds.sum() == count
    assert len(table.approach.holder_key) == count + (count < 4)  # the nation decides for all others


def test_residents_with_most_voluntary_capacity_organise_first():
    setup = prepare(worlds.scenario(**SHORT, load={"residents_organised": 0.5, "vcs_slope": -0.3}), governed())
    held = setup.stretches[0].table.approach.place_holds == 1
    assert setup.country.deprivation[held].max() <= setup.country.deprivation[~held].min()


@pytest.mark.parametrize("organised", [1.0, 0.5])
def test_both_engines_are_equal(organised):
    scenario = worlds.scenario(**SHORT, load={"residents_organised": organised}, commissioning={"first_day": 7})
    run_side_by_side(prepare(scenario, governed()), [1], every_phase=False)


def outcomes(structure, **over):
    each = [run(worlds.scenario(**{"days": 120, **over}), structure, [seed])[0].outcomes for seed in (1, 2, 3)]
    return {name: np.mean([one[name] for one in each]) for name in each[0]}


def test_those_who_made_their_rules_do_not_mind_that_others_have_other_rules():
    eased = {"restriction": {"threshold": 30.0, "hold_days": 7}, "culture": {"confidence_rules": 5.0}}
    place = worlds.structure("silos")
    theirs = governed(powers=("restriction",), fallback="place")
    assert outcomes(theirs, **eased)["confidence_lowest"] > outcomes(place, **eased)["confidence_lowest"]


def test_with_more_attention_they_decide_more():
    decided = [
        run(worlds.scenario(**SHORT, evidence={"residents_attention": each}), governed(powers=("approach",)), [1])[0]
        for each in (0.0, 2.0)
    ]
    assert np.isnan(decided[0].outcomes["decision_delay_days"])  # nobody ever decided
    assert decided[1].outcomes["decision_delay_days"] >= 0.0


def test_without_enforcement_more_staff_keep_their_way():
    place, theirs = worlds.structure("silos"), governed(powers=("approach",), fallback="place")
    less = {"take_up": {"enforcement": 6.0}, "evidence": {"residents_attention": 1.0}}
    assert outcomes(theirs, **less)["mandates_refused_share"] > outcomes(place, **less)["mandates_refused_share"]


def test_what_residents_decide_can_be_explained():
    lineage = lineage_of(worlds.scenario(**SHORT), governed(), 1)
    assert {len(lineage.members(row)) for _, row in lineage.decisions.iterrows()} == {1}


@pytest.mark.parametrize(
    ("powers", "over", "says"),
    [
        (("reserve",), {}, "residents can hold approach, restriction, commissioning only"),
        (("approach",), {"joint": True}, "residents decide for their own place"),
        (("approach",), {"fallback": "community"}, "residents decide for their own place"),
    ],
)
def test_what_they_cannot_hold_is_refused(powers, over, says):
    with pytest.raises(ValidationError, match=says):
        governed(powers=powers, **over)
    with pytest.raises(ValidationError, match="every place has residents"):
        worlds.structure("silos", requires=["community"])


def test_it_is_read_aloud():
    said = describe_structure(governed())
    assert "The community of each place decides every" in said
    assert "Where residents are not organised to decide, national government decides." in said
    assert "they have no authority over staff" in said
