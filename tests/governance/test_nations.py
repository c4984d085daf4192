"""Holders by home nation: a table worked by hand, what is refused, and what leaves no trace."""

import pytest

from sim.errors import InputError
from sim.fast.engine import Block
from sim.governance.describe import describe_power, describe_scenario
from sim.governance.nations import tier_in, tiers_of
from sim.governance.setup import Setup, prepare
from sim.governance.structure import POWERS, Structure, in_nation, reports_upward
from sim.world.country import build_country, load_england, load_uk
from sim.world.files import check_fits, load_scenario, load_structure, with_change
from sim.world.places import PlaceRow
from sim.world.scenario import Change, Costs
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

MAP = {"scotland": "devolved", "else": "nation"}
NATIONS = {"country": {"places": 8, "regions": 3, "home_nations": 3}}


def governed(name: str = "command", power: str = "restriction", **settings: object) -> Structure:
    return worlds.structure(name, powers={power: {"scope": None, "fallback": "place", **settings}})


def everywhere(name: str, **settings: object) -> Structure:
    return worlds.structure(name, powers={power: {"scope": None, **settings} for power in POWERS})


# --- by hand ---------------------------------------------------------------------------------------------


def four_places(patch: pytest.MonkeyPatch, structure: Structure) -> Setup:
    """Return four places: Arran and Bute in Scotland, with one forum for Bute; Corby and Derby in England."""
    rows = []
    for n, name in enumerate(("Arran", "Bute", "Corby", "Derby")):
        areas = {"nation": "Fourland", "statistical_region": "S", "home_nation": "Scotland" if n < 2 else "England"}
        areas |= {"devolved": "Scottish Government"} if n < 2 else {}
        areas |= {"forum": "F"} if name in {"Bute", "Derby"} else {}
        rows.append(PlaceRow(name, name, 1000.0, 1.0, 1.0, 0.1, float(n), 0.0, areas))
    country = build_country("Fourland", rows, [("Arran", "Bute"), ("Bute", "Corby"), ("Corby", "Derby")])
    patch.setattr("sim.governance.setup.load_country", lambda _: country)
    return prepare(worlds.scenario(days=10), structure)


def decided_together(setup: Setup, power: str = "restriction") -> set[frozenset[str]]:
    """Return which places one decision covers, by name."""
    table = getattr(setup.stretches[0].table, power)
    ends = zip(table.scope_start[:-1], table.scope_start[1:], strict=True)
    return {frozenset(setup.country.names[p] for p in table.scope_place[a:b]) for a, b in ends}


def held_by(setup: Setup, power: str = "restriction") -> dict[str, int]:
    """Return the key of the area that holds a power, place by place."""
    table = getattr(setup.stretches[0].table, power)
    return {name: int(table.holder_key[table.holder_of_place[p]]) for p, name in enumerate(setup.country.names)}


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("settings", "covers"),
    [
        # Plain tiers. England has no devolved government, so there the fallback decides; two places have no forum.
        ({"holder": "nation"}, ["Arran Bute Corby Derby"]),
        ({"holder": "devolved"}, ["Arran Bute", "Corby", "Derby"]),
        ({"holder": "devolved", "fallback": "nation"}, ["Arran Bute", "Corby Derby"]),
        # Maps.
        ({"holder": MAP}, ["Arran Bute", "Corby Derby"]),
        ({"holder": {"england": "nation", "else": "place"}}, ["Arran", "Bute", "Corby Derby"]),
        ({"holder": {"england": "forum", "else": "devolved"}}, ["Arran Bute", "Corby", "Derby"]),
        ({"holder": {"wales": "place", "else": "nation"}}, ["Arran Bute Corby Derby"]),
        # With a scope: one decision for each forum, or each place.
        ({"holder": MAP, "scope": "place"}, ["Arran", "Bute", "Corby", "Derby"]),
        ({"holder": MAP, "scope": "forum"}, ["Arran", "Bute", "Corby", "Derby"]),
        ({"holder": {"scotland": "forum", "else": "nation"}, "fallback": "nation"}, ["Arran Corby Derby", "Bute"]),
    ],
)
def test_who_decides_for_whom_in_four_places(settings, covers, monkeypatch):
    setup = four_places(monkeypatch, governed(**settings))
    assert decided_together(setup) == {frozenset(names.split()) for names in covers}


@pytest.mark.coverage_subset
def test_a_forum_in_both_nations_is_one_holder(monkeypatch):
    setup = four_places(monkeypatch, governed(holder={"scotland": "forum", "else": "forum"}))
    holder = held_by(setup)
    assert holder["Bute"] == holder["Derby"]
    assert len({holder["Arran"], holder["Bute"], holder["Corby"]}) == 3


@pytest.mark.coverage_subset
def test_teams_in_one_nation(monkeypatch):
    own = {"holder": {"scotland": "team", "else": "nation"}, "approval_days": 0.0}
    setup = four_places(monkeypatch, governed(power="approach", **own))
    holds = dict(zip(setup.country.names, setup.stretches[0].table.approach.place_holds.tolist(), strict=True))
    assert holds == {"Arran": 2, "Bute": 2, "Corby": 0, "Derby": 0}


@pytest.mark.coverage_subset
def test_only_those_with_somebody_above_report(monkeypatch):
    local = everywhere("silos", holder={"scotland": "place", "else": "nation"})
    setup = four_places(monkeypatch, local)
    names, costs = setup.country.names, Costs()
    spent = dict(zip(names, setup.stretches[0].table.coordination.tolist(), strict=True))
    assert spent["Corby"] - spent["Arran"] == pytest.approx(costs.report)
    assert spent["Derby"] == spent["Corby"]
    assert spent["Bute"] == spent["Arran"]
    assert reports_upward(local)
    assert not reports_upward(in_nation(local, "scotland"))


# --- what is said, and what is refused -------------------------------------------------------------------


@pytest.mark.coverage_subset
def test_the_map_is_read_aloud():
    text = describe_power(governed(holder={**MAP, "wales": "place"}, cadence_days=7), "restriction", Costs())
    assert "In Scotland, the Scottish Government decides every 7 days, each time for the whole home nation." in text
    assert "In Wales, each place decides every 7 days." in text
    assert "Elsewhere, national government decides every 7 days, each time for all places there." in text
    assert "In Wales: it goes by its own figures" in text
    plain = describe_power(governed(holder="devolved"), "restriction", Costs())
    assert "The devolved government decides every 7 days, each time for the whole home nation." in plain
    assert "Where there is no such body, each place decides." in plain
    only = describe_power(governed(holder={"else": "forum"}), "restriction", Costs())
    assert only == describe_power(governed(holder="forum"), "restriction", Costs())
    invented = describe_power(governed(holder={"midland": "devolved", "else": "nation"}), "restriction", Costs())
    assert "In Midland, the Midland Government decides" in invented


@pytest.mark.coverage_subset
def test_the_governments_are_named_with_the_country():
    text = describe_scenario(load_scenario("uk_four_nations"))
    assert "United Kingdom: 217 places with 67,081,234 people," in text
    assert "the Northern Ireland Executive, Scottish Government and Welsh Government." in text


REFUSED = {
    "an unknown nation": ('{ scotlnd = "devolved", else = "nation" }', 'no home nation "scotlnd"', '"scotland"'),
    "nobody elsewhere": ('{ scotland = "devolved" }', 'lacks "else"', 'else = "nation"'),
    "no such tier": ('{ scotland = "devolvd", else = "nation" }', '"devolvd" is not one', '"devolved"'),
    "no such plain tier": ('"natoin"', '"natoin" is not one of the choices', '"nation"'),
    "no text": ("3", "3 is not one of the choices", "nation"),
}


@pytest.mark.coverage_subset
@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_holder_is_refused(case, tmp_path):
    holder, problem, remedy = REFUSED[case]
    path = tmp_path / "plan.toml"
    head = 'extends = "command"\nschema_version = 1\nname = "plan"\ntitle = "A plan"\n[powers.restriction]\n'
    path.write_text(f"{head}holder = {holder}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_structure(path)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy
    assert caught.value.file == path
    assert caught.value.line == 6
    assert str(caught.value.key).startswith("powers.restriction.holder")


@pytest.mark.coverage_subset
def test_a_map_is_held_to_what_its_tiers_may_do():
    with pytest.raises(ValueError, match="a forum cannot decide for a whole region"):
        governed(holder={"scotland": "forum", "else": "nation"}, scope="region")
    with pytest.raises(ValueError, match="a devolved government cannot decide for a whole nation"):
        governed(holder=MAP, scope="nation")
    with pytest.raises(ValueError, match="a team can hold only the approach"):
        governed(holder={"scotland": "team", "else": "nation"})
    with pytest.raises(ValueError, match="needs nobody's approval"):
        governed(power="approach", holder={"scotland": "team", "else": "nation"}, approval_days=2.0)


@pytest.mark.coverage_subset
def test_a_power_that_nobody_holds_in_some_nation_is_refused():
    everybody, england = load_scenario("uk_four_nations"), load_scenario("england_2020")
    with pytest.raises(InputError, match=r"no holder in .*, which has no forum and no health_system"):
        check_fits(everybody, governed(holder="forum", fallback="health_system"), load_uk())
    with pytest.raises(InputError, match='no tier "devolved"'):
        check_fits(england, governed(holder="devolved"), load_england())
    check_fits(england, governed(holder=MAP), load_england())  # there is no Scotland there
    by_forum = governed(holder={"northern_ireland": "place", "else": "forum"}, fallback="forum")
    check_fits(everybody, by_forum, load_uk())


def test_every_tier_has_its_place_in_a_map():
    assert tier_in("forum", "wales") == "forum"
    assert [tier_in(MAP, nation) for nation in ("scotland", "wales", None)] == ["devolved", "nation", "nation"]
    assert tiers_of({**MAP, "wales": "nation"}) == ("devolved", "nation")


# --- what leaves no trace, and what does -----------------------------------------------------------------


def run(structure: Structure, **over: object) -> dict[str, bytes]:
    return worlds.bytes_of(Block(prepare(worlds.scenario(**over), structure), [3]).run())


def test_a_map_that_says_the_same_everywhere_leaves_no_trace():
    for tier in ("nation", "place", "forum"):
        alike = everywhere("networked_centre", holder={"midland": tier, "else": tier})
        assert not worlds.differing(run(everywhere("networked_centre", holder=tier), **NATIONS), run(alike, **NATIONS))


def test_nations_that_the_country_lacks_leave_no_trace():
    named = {"scotland": "devolved", "midland": "devolved", "else": "place"}
    for over in ({}, {"country": {"places": 8, "regions": 3}}):
        plain = run(everywhere("silos", holder="place"), **over)
        assert not worlds.differing(plain, run(everywhere("silos", holder=named), **over))


def test_home_nations_without_powers_leave_no_trace_but_their_borders():
    """Health systems and regions end at a home nation's border; where neither decides, nothing else differs."""
    silos = load_structure("silos")
    alone = run(silos, country={"places": 8, "regions": 3})
    assert not worlds.differing(alone, run(silos, **NATIONS))


def test_a_devolved_government_is_the_holder_that_the_map_names():
    plain = everywhere("networked_centre", holder="devolved", fallback="nation")
    mapped = everywhere("networked_centre", holder={"midland": "devolved", "downland": "devolved", "else": "nation"})
    assert not worlds.differing(run(plain, **NATIONS), run(mapped, **NATIONS))
    assert worlds.differing(run(plain, **NATIONS), run(everywhere("networked_centre", holder="nation"), **NATIONS))


def test_four_nations_is_command_where_there_is_one_nation():
    assert not worlds.differing(run(load_structure("command")), run(load_structure("four_nations")))


@pytest.mark.coverage_subset
def test_a_change_or_an_extension_gives_all_holders_anew(tmp_path):
    head = 'extends = "four_nations"\nschema_version = 1\nname = "plan"\ntitle = "A plan"\n[powers.restriction]\n'
    path = tmp_path / "plan.toml"
    path.write_text(f'{head}holder = {{ wales = "forum", else = "nation" }}\n', encoding="utf-8")
    assert load_structure(path).powers.restriction.holder == {"wales": "forum", "else": "nation"}
    change = Change(day=3, structure={"powers": {"restriction": {"holder": {"wales": "place"}}}})
    with pytest.raises(InputError, match='lacks "else"'):
        with_change(load_scenario("uk_four_nations"), load_structure("four_nations"), change)
    whole = Change(day=3, structure={"powers": {"restriction": {"holder": {"wales": "place", "else": "nation"}}}})
    _, after = with_change(load_scenario("uk_four_nations"), load_structure("four_nations"), whole)
    assert after.powers.restriction.tiers == ("nation", "place")


def test_both_engines_agree_where_each_home_nation_has_its_own_way():
    scenario = worlds.changed(worlds.scenario(days=24, **NATIONS), supplies={})
    moving = {"midland": "devolved", "downland": "forum", "else": "nation"}
    powers: dict[str, dict[str, object]] = {
        power: {"holder": moving, "scope": None, "fallback": "place"} for power in POWERS
    }
    powers["approach"] = {"holder": {"midland": "team", "else": "devolved"}, "fallback": "place", "joint": False}
    powers["approach"] |= {"approval_days": 0.0, "approval_median_days": 0.0, "scope": None}
    powers["workforce"] |= {"places": "directed"}
    run_side_by_side(prepare(scenario, worlds.structure("networked_centre", powers=powers)), [1, 9])
