"""What a dated change must not leave behind."""

import pytest

from sim.governance.setup import prepare
from sim.model import GovernanceModel
from sim.world.files import load_scenario, load_structure
from sim.world.scenario import Change


def changed(structure, days, *changes):
    scenario = load_scenario("small_outbreak").model_copy(update={"days": days, "change": changes})
    return prepare(scenario, load_structure(structure))


def test_two_changes_on_one_day_still_send_lent_staff_home():
    no_aid = Change(day=30, structure={"powers": {"workforce": {"places": "none"}}})
    model = GovernanceModel(changed("mesh", 40, no_aid, Change(day=30, scenario={"culture": {"candour": 0.9}})), 1)
    model.run(30)
    assert any(council.aid_out > 0.0 for council in model.cast.councils)
    model.run()
    assert all(council.aid_out == 0.0 for council in model.cast.councils)


@pytest.mark.coverage_subset
def test_a_new_holder_lifts_what_only_some_of_its_places_had():
    to_nation = {"holder": "nation", "joint": False}
    model = GovernanceModel(changed("silos", 40, Change(day=15, structure={"powers": {"restriction": to_nation}})), 1)
    model.run(15)
    model.cast.councils[5].restricted = 1.0  # the first place, by which the scope is judged, has none
    model.run(30)
    assert all(council.restricted == 0.0 for council in model.cast.councils)
