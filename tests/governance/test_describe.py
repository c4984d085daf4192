"""Descriptions say what is there, in figures, for everything that is shipped."""

import pytest

from sim.governance.describe import describe_scenario, describe_structure, information_days
from sim.governance.structure import TIERS, Structure
from sim.world.files import load_scenario, load_structure, shipped_names
from sim.world.scenario import Costs, Scenario
from sim.world.supplies import Supplies


def plain(**groups: dict) -> Structure:
    powers = {
        name: {"holder": "place"}
        for name in ("approach", "reserve", "workforce", "restriction", "procurement", "commissioning")
    }
    powers |= groups.pop("powers", {})
    return Structure.model_validate({"name": "plan", "title": "A plan", "powers": powers, **groups})


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


@pytest.mark.coverage_subset
def test_what_is_shipped_is_described_with_its_sources():
    assert {"brisk_command", "command", "mesh", "networked_centre", "silos"} <= set(shipped_names("structure"))
    assert {"england_2020", "small_outbreak", "synthetic_pressure"} <= set(shipped_names("scenario"))
    described = [(load_structure(name), describe_structure) for name in shipped_names("structure")]
    described += [(load_scenario(name), describe_scenario) for name in shipped_names("scenario")]
    for thing, describe in described:
        text = describe(thing)
        assert text.startswith(thing.title)
        assert thing.sources
        assert all(f"- {source}" in text for source in thing.sources)
        assert (
            max(
                len(sentence.split()) for line in text.split("SOURCES")[0].splitlines() for sentence in line.split(". ")
            )
            < 45
        )


@pytest.mark.coverage_subset
def test_command_says_how_late_it_is():
    text = describe_structure(load_structure("command"))
    limiting = line_of(text, "Limiting contact")
    assert "National government decides every 7 days, each time for the whole country." in limiting
    assert "figures that are 1 day old, and sees them as regional averages" in limiting
    assert "1 day and then a delay that is above 7 days in half of all cases" in limiting
    assert "9 to 16 days pass" in limiting
    assert "results that are 14 days old" in line_of(text, "Ways of working")
    assert "21 to 35 days pass" in line_of(text, "Ways of working")
    assert "less than 3% is not made" in line_of(text, "Ways of working")
    assert "Pilot places may try other ways of working on 30% of their cases; 5% of places are chosen." in text
    assert line_of(text, "Moving staff").startswith("Moving staff. Nobody moves staff.")
    assert "places wait 14 days for their own" in text


@pytest.mark.coverage_subset
def test_mesh_says_who_hears_whom_and_what_it_costs():
    text = describe_structure(load_structure("mesh"))
    surge = line_of(text, "Surge staff")
    assert "The resilience forum, its members together, decides every 7 days." in surge
    assert "Where there is no such body, each place decides." in surge
    assert "up to 17 days with none" in surge
    assert "3 to 10 days pass" in surge
    assert "public health, care homes, social care and schools" in surge
    assert "about 6 others, most of them near and some far, 3 days late" in text
    assert "passed on once more" in text
    assert "50% of places put in what they learn" in text
    assert "- Preparing decisions: 0.8% of staff time." in text
    assert "- Seats for sector leads, 8 in all: 0.8%." in text
    assert "- Deciding together: 3%." in text
    assert "- Peer ties: 0.3% for each tie of a place." in text
    assert "up to 90 days" in describe_structure(load_structure("mesh"), Costs(negotiation_days=90.0))


@pytest.mark.coverage_subset
def test_silos_hear_nobody():
    text = describe_structure(load_structure("silos"))
    assert "Each place decides every 7 days. It goes by its own figures of the same day." in text
    assert "0 to 7 days pass" in text
    assert "take effect at once" in text
    assert "- Upward: nobody above the places decides or asks, so nothing is reported." in text
    assert "- Sideways: places do not hear from one another." in text
    assert "- Shared base: there is none." in text
    assert "Reporting upward" not in text
    assert "Peer ties" not in text


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("owner", "days"),
    [("open", (1, 1, 1, 1, 1, 0)), ("place", (9, 9, 9, 9, 9, 0)), ("nation", (1, 1, 4, 4, 4, 4))],
)
def test_delay_counts_from_the_owner_of_the_data(owner, days):
    channels = {"reporting": {"delay_days": 9}, "guidance": {"delay_days": 4}}
    structure = plain(channels=channels, evidence={"data_holder": owner})
    assert tuple(information_days(structure, tier) for tier in TIERS) == days


@pytest.mark.coverage_subset
def test_every_choice_has_its_words():
    for network in ("neighbours", "random", "complete", "hub"):
        assert "Sideways: each place hears from" in describe_structure(plain(channels={"peer": {"network": network}}))
    for holder in TIERS:
        for scope in (None, "place"):
            power = {"holder": holder, "scope": scope, "cadence_days": 1, "approval_median_days": 3.0}
            text = describe_structure(plain(powers={"restriction": power}))
            assert "decides every day" in text
            assert "Decisions take a delay that is above 3 days" in text
            assert (", place by place" in text) == (scope == "place" and holder != "place")
    directed = {"holder": "nation", "services": "ring_fenced", "places": "directed"}
    assert "may send staff from one place to another" in describe_structure(plain(powers={"workforce": directed}))
    formula = {"holder": "nation", "rule": "formula", "advice": []}
    assert "Staff go by head count. No sector lead is in the room." in describe_structure(
        plain(powers={"reserve": formula})
    )
    assert "Nobody may try" in describe_structure(plain(trial={"licence": "none"}))
    one = {"reporting": {"delay_days": 1, "clarity": 0.9}, "guidance": {"clarity": 0.5}}
    assert "reports take 1 day and are seen place by place, with 90% of the meaning left" in describe_structure(
        plain(channels=one)
    )


@pytest.mark.coverage_subset
def test_scenarios_say_where_how_long_and_what():
    text = describe_scenario(load_scenario("england_2020"))
    assert "England: 152 places with 56,550,138 people, 11 regional bodies, 38 resilience forums" in text
    assert "364 days, about 52 weeks" in text
    assert "infections come from abroad from day 14, for 40 days" in text
    assert "one case infects 2.7 people; 0.9% of those infected die" in text
    assert "On day 290 a variant takes over that passes on 1.4 times as easily." in text
    assert "from 100 reported cases per 100,000 people a week" in text
    bench = describe_scenario(load_scenario("synthetic_pressure"))
    assert "an invented country: 60 places" in bench
    assert "1.05 times what staff can serve" in bench
    assert "- days = 270. Length of a run." in bench
    assert "epidemic" not in bench.split("SOURCES")[0].split("WHAT HAPPENS")[1]


@pytest.mark.coverage_subset
def test_changes_and_unusual_settings_are_listed():
    services = {name: service.model_dump() for name, service in Scenario(name="a", title="").services.items()}
    services["wellbeing"]["visibility"] = 3.0
    scenario = Scenario.model_validate(
        {
            "name": "quiet",
            "title": "Quiet",
            "services": services,
            "approaches": {"shift_gap_days": 90.0},
            "change": [
                {"day": 60, "structure": {"powers": {"reserve": {"advice": ["schools", "care_homes"]}}}},
                {"day": 30, "scenario": {"culture": {"candour": 0.5}}},
                {"day": 90, "structure": {"powers": {"approach": {"joint": True}}}},
                {"day": 91},
            ],
        }
    )
    text = describe_scenario(scenario)
    assert "- No crisis: ordinary need only." in text
    assert "What works shifts every 90 days or so" in text
    days = [line for line in text.splitlines() if line.startswith("- Day ")]
    assert days == [
        "- Day 30: culture.candour becomes 0.5.",
        "- Day 60: powers.reserve.advice becomes schools and care_homes.",
        "- Day 90: powers.approach.joint becomes true.",
        "- Day 91: nothing.",
    ]
    assert "- services.wellbeing.visibility = 3. How loud a harm is to those who decide." in text
    assert "- None." in text.split("SOURCES")[1]


def test_supplies_and_who_buys_them_are_described():
    scenario = load_scenario("small_outbreak").model_copy(update={"supplies": Supplies(world_supply=0.5)})
    text = describe_scenario(scenario)
    assert "Supplies for 28 days of ordinary use, in outbreak control, clinical care and social care" in text
    assert "the market offers 0.5 times that use, at 5 GBP an item" in text
    assert "7 days to arrive for one place and 21 days for a whole country, which pays 15% less" in text
    command = describe_structure(load_structure("command"))
    assert "Buying supplies, where they can run short. National government decides every 7 days" in command
    assert "They go out by ordinary use. In the room with a lead of their own: public health." in command
    assert "Buying supplies, where they can run short: 0.3%." in command
    assert "They go where they are seen to be short." in describe_structure(load_structure("mesh"))
