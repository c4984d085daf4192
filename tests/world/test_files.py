"""Bad input: one message that names the file, the line, the key and the remedy."""

import pickle
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.governance.structure import Structure
from sim.world.country import build_country, load_country
from sim.world.document import key_lines, merged
from sim.world.files import (
    check_fits,
    load_scenario,
    load_structure,
    load_together,
    shipped_names,
    with_change,
)
from sim.world.places import PlaceRow
from sim.world.scenario import Change, CountrySettings, Scenario

SCENARIO = """schema_version = 1
name = "case"
title = "A case"
days = 100

[country]
kind = "synthetic"
places = 3
regions = 1
"""
POWERS = """schema_version = 1
name = "plan"
title = "A plan"

[powers.approach]
holder = "place"
[powers.reserve]
holder = "place"
[powers.workforce]
holder = "place"
[powers.restriction]
holder = "place"
[powers.procurement]
holder = "place"
[powers.commissioning]
holder = "place"
"""

# name: (text after SCENARIO, line, key, part of the problem, part of the remedy)
BAD_SCENARIOS = {
    "unknown key": ("[load]\nbsae = 0.7\n", 11, "load.bsae", "no setting", '"base"'),
    "unknown table": ("[lod]\nbase = 0.7\n", 10, "lod", "no setting", '"load"'),
    "unknown service": ("[services.welbeing]\nshare = 0.2\n", 10, "services.welbeing", "no service", '"wellbeing"'),
    "text for a number": ('[load]\nbase = "high"\n', 11, "load.base", "wrong kind", "Give a number from 0.01 to 1.4"),
    "part for a whole": ("[approaches]\ncount = 2.5\n", 11, "approaches.count", "wrong kind", "whole number"),
    "yes for a number": ("[load]\nbase = true\n", 11, "load.base", "true is of the wrong kind", "a number"),
    "in the wrong table": ("load = 3\n", 10, "country.load", "no setting", "Use one of"),
    "list for a table": ("[[load]]\nbase = 1.0\n", 10, "load", "wrong kind", "a table"),
    "table for a list": ("[change]\nday = 3\n", 10, "change", "wrong kind", "a list"),
    "date for a number": ("[load]\nbase = 2020-02-03\n", 11, "load.base", "wrong kind", "a number"),
    "out of range": ("[culture]\n\n# much\ncandour = 1.5\n", 13, "culture.candour", "1.5 is out", "0.05 to 1 (share)"),
    "unit in the range": ("[epidemic]\nlatent_days = 0\n", 11, "epidemic.latent_days", "0 is out", "0.5 to 60 (days)"),
    "not a number": ("[load]\nbase = nan\n", 11, "load.base", "nan is not a finite number", "from 0.01 to 1.4"),
    "infinite": ("[load]\nspill = -inf\n", 11, "load.spill", "-inf", "from 0 to 0.2"),
    "beyond float": ("[load]\nspill = 1e999\n", 11, "load.spill", "inf", "from 0 to 0.2"),
    "wrong choice": ('[approaches]\npractice = "vary"\n', 11, "approaches.practice", '"vary"', '"varied"'),
    "unbounded": ("[load]\nspill = 0.1\n", 11, "load.spill", "grow without bound", "Lower spill"),
    "shares": ("[services.wellbeing]\nshare = 0.3\n", 10, "services", "sum to 1.1", "Make them sum to 1"),
    "key twice": ("regions = 4\n", 10, None, "this is not TOML", "Correct the line"),
    "in a list": (
        "[[epidemic.variants]]\nday = 3\n[[epidemic.variants]]\ndya = 4\n",
        13, "epidemic.variants[1].dya", "no setting", '"day"',
    ),
    "line end in a key": ('"lo\\nad" = 1\n', 10, "country.lo?ad", 'no setting "lo?ad"', "Use one of"),
    "no day": ('[[change]]\nscenario = { culture = { candour = 0.5 } }\n', 10, "change[0].day", "missing", "day = 30"),
    "day too late": ("[[change]]\nday = 100\n", 11, "change[0].day", "never comes", "raise days"),
    "changed days": (
        "[[change]]\nday = 9\nscenario.days = 9\n",
        12, "change[0].scenario.days", "cannot alter", "outside",
    ),
    "changed share": (
        "[[change]]\nday = 9\n[change.scenario.services.wellbeing]\nshare = 0.2\n",
        13, "change[0].scenario.services.wellbeing.share", "cannot alter", "outside",
    ),
    "changed name": (
        '[[change]]\nday = 9\nstructure.name = "x"\n',
        12, "change[0].structure.name", "cannot alter", "outside",
    ),
    "a structure's culture in a change": (
        "[[change]]\nday = 9\nstructure.culture.candour = 0.9\n",
        12, "change[0].structure.culture", "cannot alter", "outside",
    ),
    "new crisis": (
        "[[change]]\nday = 9\nscenario.epidemic.fatality = 0.1\n",
        12, "change[0].scenario.epidemic", "cannot add a crisis", "[epidemic]",
    ),
    "supplies out of nowhere": (
        "[[change]]\nday = 9\nscenario.supplies.price_gbp = 1.0\n",
        12, "change[0].scenario.supplies", "supplies that the scenario lacks", "[supplies]",
    ),
    "bidders in a change": (
        "[commissioning]\n[[change]]\nday = 9\nscenario.commissioning.public.bidders = 2\n",
        13, "change[0].scenario.commissioning.public.bidders", "cannot alter", "outside",
    ),
    "a first stock in a change": (
        "[supplies]\n[[change]]\nday = 9\nscenario.supplies.stock_days = 1.0\n",
        13, "change[0].scenario.supplies.stock_days", "cannot alter", "outside",
    ),
    "unknown in a change": (
        "[[change]]\nday = 9\n[change.structure.channels.peer]\ndegre = 3\n",
        13, "change[0].structure.channels.peer.degre", "no setting", '"degree"',
    ),
    "range in a change": (
        "[[change]]\nday = 8\n[[change]]\nday = 9\nscenario.culture.candour = 2\n",
        14, "change[1].scenario.culture.candour", "2 is out of range", "0.05 to 1",
    ),
    "unknown service in a change": (
        "[[change]]\nday = 9\nscenario.services.x.visibility = 2\n",
        12, "change[0].scenario.services.x", "no service", "Use one of",
    ),
    "a structure": ("[powers.approach]\n", 10, "powers", "a structure, not a scenario", "as a structure"),
}  # fmt: skip

# name: (whole text of a structure, line, key, part of the problem, part of the remedy)
BAD_STRUCTURES = {
    "unknown in a culture": (
        f"{POWERS}[culture]\ncandor = 0.9\n", 18, "culture.candor", "no such setting of a culture", '"candour"',
    ),
    "range in a culture": (
        f"{POWERS}[culture]\ntrust_start = 0.5\ncandour = 3\n", 19, "culture.candour", "3 is out of range", "0.05 to 1",
    ),
    "text in a culture": (
        f'{POWERS}[culture]\ncandour = "much"\n', 18, "culture.candour", "wrong kind", "Give a number.",
    ),
    "no holder": (
        POWERS.replace('holder = "place"\n[powers.reserve]', "cadence_days = 3\n[powers.reserve]"),
        5, "powers.approach.holder", 'power "approach" has no holder', "[powers.approach]",
    ),
    "no power": (
        POWERS.replace('[powers.reserve]\nholder = "place"\n', ""),
        5, "powers.reserve", 'power "reserve" has no holder', "[powers.reserve]",
    ),
    "nobody buys": (
        POWERS.replace('[powers.procurement]\nholder = "place"\n', ""),
        5, "powers.procurement", 'power "procurement" has no holder', "[powers.procurement]",
    ),
    "no powers": ('schema_version = 1\nname = "plan"\ntitle = ""\n', None, "powers", "has no holder", "holder ="),
    "misspelt holder": (
        POWERS.replace("holder", "holdr", 1), 6, "powers.approach.holdr", "no setting", '"holder"',
    ),
    "unknown holder": (
        POWERS.replace('"place"', '"nations"', 1), 6, "powers.approach.holder", '"nations"', '"nation"',
    ),
    "unknown lead": (
        POWERS.replace('"place"\n', '"place"\nadvice = ["public_helth"]\n', 1),
        7, "powers.approach.advice[0]", "public_helth", '"public_health"',
    ),
    "too wide a scope": (
        POWERS.replace('"place"\n', '"place"\nscope = "region"\n', 1),
        5, "powers.approach", "cannot decide for a whole region", "Leave scope out",
    ),
    "aid without ties": (
        POWERS.replace('[powers.restriction]', 'places = "mutual_aid"\n[powers.restriction]'),
        11, "powers.workforce.places", "mutual_aid", "choose a peer network".capitalize(),
    ),
    "bad name": (POWERS.replace('"plan"', '"My plan"'), 2, "name", '"My plan"', "small letters"),
    "no name": (POWERS.replace('name = "plan"\n', ""), None, "name", "missing", 'name = "my_case"'),
    "hops": (f"{POWERS}[channels.peer]\nrelay_hops = 3\n", 18, "channels.peer.relay_hops", "3 is not", "1 or 2"),
    "a scenario": (SCENARIO, 6, "country", "a scenario, not a structure", "as a scenario"),
}  # fmt: skip


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def refused(load, path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load(path)
    error = caught.value
    assert error.problem
    assert error.remedy
    assert "\n" not in str(error)
    assert str(error).startswith(str(path if error.file is None else error.file))
    return error


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", BAD_SCENARIOS)
def test_bad_scenario(name, tmp_path):
    text, line, key, problem, remedy = BAD_SCENARIOS[name]
    path = write(tmp_path / "case.toml", SCENARIO + text)
    error = refused(load_scenario, path)
    assert problem in error.problem
    assert remedy in error.remedy
    assert (error.file, error.line, error.key) == (path, line, key)


@pytest.mark.coverage_subset
def test_more_regions_than_places(tmp_path):
    error = refused(load_scenario, write(tmp_path / "case.toml", SCENARIO.replace("regions = 1", "regions = 4")))
    assert (error.line, error.key, error.remedy) == (6, "country", "Set regions to at most 3.")


@pytest.mark.coverage_subset
@pytest.mark.parametrize("name", BAD_STRUCTURES)
def test_bad_structure(name, tmp_path):
    text, line, key, problem, remedy = BAD_STRUCTURES[name]
    path = write(tmp_path / "plan.toml", text)
    error = refused(load_structure, path)
    assert (error.file, error.line, error.key) == (path, line, key)
    assert problem in error.problem
    assert remedy in error.remedy


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("data", "problem", "line"),
    [
        (b"", "empty", None),
        (b" \n\n", "empty", None),
        (b"\x00\x01\x02", "binary", None),
        (b'name = "a"\n\xff\xfe = 1\n', "UTF-8", 2),
        (b'schema_version = 1\nname = "a\n', "not TOML", 2),
        (b"schema_version = 1\nx = [1,\n", "not TOML", 2),
        (b"schema_version = 1\nx = 1\nx = 2\n", "not TOML", 3),
        (b"schema_version = 1\nx = " + b"[" * 5000, "", None),
        (b"x = " + b"9" * 5000, "not TOML", None),
        (b'name = "a"\n', "version is missing", None),
        (b"schema_version = 0\n", "too old; it is now 1", 1),
        (b"\nschema_version = 2\n", "newer", 2),
        (b"schema_version = true\n", "not a whole number", 1),
        (b'schema_version = "1"\n', "not a whole number", 1),
    ],
)
def test_unusable_files(data, problem, line, tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(data)
    error = refused(load_scenario, path)
    assert error.file == path
    assert problem in error.problem
    if line is not None:
        assert error.line == line


@pytest.mark.coverage_subset
def test_missing_files(tmp_path):
    assert "no such file" in refused(load_scenario, tmp_path / "none.toml").problem
    assert "cannot be read" in refused(load_scenario, tmp_path).problem
    with pytest.raises(InputError, match=r'no shipped scenario "england_2002"\. Did you mean "england_2020"'):
        load_scenario("england_2002")
    with pytest.raises(InputError, match=r'no shipped structure "zzz"\. Use one of: brisk_command, command'):
        load_structure("zzz")
    with pytest.raises(InputError, match="no such file"):
        load_structure("zzz.toml")
    with pytest.raises(InputError, match="cannot be read"):
        load_structure("\0/zzz")


@pytest.mark.coverage_subset
def test_extends_a_shipped_structure(tmp_path):
    text = 'schema_version = 1\nextends = "mesh"\nname = "slow_mesh"\n[powers.approach]\ncadence_days = 28\n'
    slow = load_structure(write(tmp_path / "slow.toml", text))
    mesh = load_structure("mesh")
    assert slow.name == "slow_mesh"
    assert slow.powers.approach.cadence_days == 28
    assert slow.powers.approach.advice == mesh.powers.approach.advice
    assert slow.channels == mesh.channels


@pytest.mark.coverage_subset
def test_extends_a_file_beside_it_and_names_the_file_that_is_wrong(tmp_path):
    base = write(tmp_path / "base.toml", SCENARIO + "[load]\nbase = 9\n")
    child = 'schema_version = 1\nextends = "./base.toml"\nname = "child"\n'
    error = refused(load_scenario, write(tmp_path / "child.toml", child))
    assert (error.file.resolve(), error.line, error.key) == (base.resolve(), 11, "load.base")
    cured = load_scenario(write(tmp_path / "cured.toml", f"{child}[load]\nbase = 0.9\n"))
    assert cured.load.base == 0.9
    assert cured.days == 100


@pytest.mark.coverage_subset
def test_a_list_is_replaced_with_its_lines(tmp_path):
    write(tmp_path / "base.toml", SCENARIO + "[[change]]\nday = 4\nscenario.culture.candour = 0.2\n")
    child = 'schema_version = 1\nextends = "./base.toml"\nname = "child"\nchange = [{ scenario = {} }]\n'
    error = refused(load_scenario, write(tmp_path / "child.toml", child))
    assert (error.file.name, error.line, error.key) == ("child.toml", 4, "change[0].day")


@pytest.mark.coverage_subset
def test_the_name_is_not_inherited(tmp_path):
    error = refused(load_structure, write(tmp_path / "x.toml", 'schema_version = 1\nextends = "mesh"\n'))
    assert error.key == "name"
    assert error.file == tmp_path / "x.toml"


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"a": 'extends = "./a.toml"'}, "leads back"),
        ({"a": 'extends = "./b.toml"', "b": 'extends = "a.toml"'}, "leads back"),
        ({"a": 'extends = "../%s/a.toml"'}, "leads back"),
        ({"a": "extends = 3"}, "not a name or path"),
        ({"a": 'extends = ""'}, "not a name or path"),
        ({"a": 'extends = "./none.toml"'}, "cannot be extended: there is no such file"),
        ({"a": 'extends = "mehs"'}, 'cannot be extended: there is no shipped structure "mehs"'),
    ],
)
def test_bad_extends(texts, problem, tmp_path):
    for name, text in texts.items():
        write(tmp_path / f"{name}.toml", f"schema_version = 1\n{text.replace('%s', tmp_path.name)}\n")
    error = refused(load_structure, tmp_path / "a.toml")
    assert error.key == "extends"
    assert error.line == 2
    assert problem in error.problem


@pytest.mark.coverage_subset
def test_services_left_out_stay_as_they_are(tmp_path):
    text = SCENARIO + "[services.wellbeing]\nvisibility = 0.9\n"
    scenario = load_scenario(write(tmp_path / "case.toml", text))
    usual = Scenario(name="usual", title="")
    assert scenario.services["wellbeing"].visibility == 0.9
    assert scenario.services["wellbeing"].coproduction == usual.services["wellbeing"].coproduction
    assert scenario.services["essentials"] == usual.services["essentials"]
    bad = write(tmp_path / "bad.toml", SCENARIO.replace("[country]", "services = 3\n[country]"))
    assert refused(load_scenario, bad).key == "services"


@pytest.mark.coverage_subset
def test_a_change_is_applied_and_validated_again():
    scenario, structure = Scenario(name="a", title=""), load_structure("mesh")
    change = Change(
        day=30,
        structure={"powers": {"approach": {"holder": "nation", "scope": "place"}}},
        scenario={"culture": {"candour": 0.3}, "services": {"wellbeing": {"visibility": 2.0}}},
    )
    after, governed = with_change(scenario, structure, change)
    assert (after.culture.candour, after.services["wellbeing"].visibility) == (0.3, 2.0)
    assert governed.powers.approach.holder == "nation"
    assert governed.powers.approach.advice == structure.powers.approach.advice
    assert (scenario.culture.candour, structure.powers.approach.holder) == (0.8, "place")


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        ({"structure": {"channels": {"peer": {"network": "none"}}}}, "powers.workforce.places", "mutual_aid"),
        ({"structure": {"powers": {"reserve": {"holder": 3}}}}, "powers.reserve.holder", "not one of"),
        ({"structure": {"powers": 3}}, "powers", "wrong kind"),
        ({"scenario": {"load": {"spill": 0.15}}}, "load.spill", "without bound"),
        ({"scenario": {"load": {"base": 0.5}}}, "load.base", "cannot alter"),
        ({"scenario": {"country": {"seed": 2}}}, "country", "cannot alter"),
        ({"scenario": {"pressure": {"load": 2.0}}}, "pressure", "cannot add a crisis"),
    ],
)
def test_a_change_is_refused(change, key, problem):
    with pytest.raises(InputError) as caught:
        with_change(Scenario(name="a", title=""), load_structure("mesh"), Change(day=30, **change))
    assert problem in caught.value.problem
    assert caught.value.key.startswith("change[day 30].")
    assert key in caught.value.key


def land(**areas: tuple[str, str, str]):
    """Return three places; each tier has an area for every place, or "" where it has none."""
    rows = [
        PlaceRow(code, code, 100.0, p, p, 0.1, p, p * p, {"nation": "N"} | {t: a[p] for t, a in areas.items() if a[p]})
        for p, code in enumerate(("A", "B", "C"))
    ]
    return build_country("Land", rows, [("A", "B")])


def plan(**reserve: object) -> Structure:
    powers = {
        name: {"holder": "place"} for name in ("approach", "workforce", "restriction", "procurement", "commissioning")
    }
    return Structure.model_validate({"name": "plan", "title": "", "powers": {**powers, "reserve": reserve}})


@pytest.mark.coverage_subset
def test_a_tier_that_the_country_lacks_is_refused():
    scenario = Scenario(name="a", title="")
    check_fits(scenario, plan(holder="region"), land(region=("", "R", "")))
    check_fits(scenario, plan(holder="region", fallback="forum"), land(region=("", "R", ""), forum=("F", "", "F")))
    bad = {
        "powers.reserve.holder": plan(holder="forum"),
        "powers.reserve.scope": plan(holder="nation", scope="health_system"),
        "powers.reserve.fallback": plan(holder="region", fallback="forum"),
        "requires[0]": plan(holder="place").model_copy(update={"requires": ("forum",)}),
    }
    for key, structure in bad.items():
        with pytest.raises(InputError) as caught:
            check_fits(scenario, structure, land(region=("", "R", "")))
        assert caught.value.key == key


@pytest.mark.coverage_subset
def test_a_change_to_a_tier_that_the_country_lacks_is_refused():
    change = Change(day=7, structure={"powers": {"reserve": {"holder": "forum"}}})
    scenario = Scenario(name="a", title="", change=(Change(day=9), change))
    check_fits(scenario, plan(holder="place"), land(forum=("F", "F", "F")))
    with pytest.raises(InputError) as caught:
        check_fits(scenario, plan(holder="place"), land())
    assert caught.value.key == "change[day 7].structure.powers.reserve.holder"
    assert caught.value.remedy == "Use one of: nation, place."


@pytest.mark.coverage_subset
def test_a_scenario_with_its_structures(tmp_path):
    text = SCENARIO + '[[change]]\nday = 7\nstructure.channels.peer.network = "none"\n'
    crisis = write(tmp_path / "case.toml", text)
    scenario, structures = load_together(crisis, ["silos", "command"])
    assert scenario.name == "case"
    assert [structure.name for structure in structures] == ["silos", "command"]
    with pytest.raises(InputError) as caught:  # mesh relies on the ties that the change cuts
        load_together(crisis, ["silos", "mesh"])
    error = caught.value
    assert (error.file, error.line, error.key) == (crisis, 12, "change[0].structure.channels.peer.network")
    with pytest.raises(InputError, match=r'silos\.toml, line \d+, name: two structures are called "silos"'):
        load_together(crisis, ["silos", "silos"])


def test_every_shipped_pair_fits():
    for name in shipped_names("scenario"):
        scenario, structures = load_together(name, shipped_names("structure"))
        assert scenario.name == name
        assert [structure.name for structure in structures] == shipped_names("structure")


@pytest.mark.coverage_subset
def test_one_country_object_for_one_setting():
    assert load_country(CountrySettings()) is load_country(CountrySettings(seed=3))


TRICKY = '''# a = 1
a."b.c"   = [ # [x]
  """]
y = 1""", 'z = 2' ]
[ t . 'u v' ]
k = """ "" \\""" """
l = \'\'\'
[no]
m = 3\'\'\'\'
x = { y = 1, "}" = [1, "]"] } # }
[[w]]
p = 1
[w.q]
r.s = ""
[[w]]
[[w.n]]
o = ''
[[w.n]]
o = "\\u0041"
"\\u0041" = 1
'''


@pytest.mark.coverage_subset
def test_lines_of_tricky_text():
    assert tomllib.loads(TRICKY)
    lines = key_lines(TRICKY)
    assert lines == {
        ("a",): 2, ("a", "b.c"): 2,
        ("t",): 5, ("t", "u v"): 5, ("t", "u v", "k"): 6, ("t", "u v", "l"): 7, ("t", "u v", "x"): 10,
        ("w",): 11, ("w", 0): 11, ("w", 0, "p"): 12, ("w", 0, "q"): 13,
        ("w", 0, "q", "r"): 14, ("w", 0, "q", "r", "s"): 14,
        ("w", 1): 15, ("w", 1, "n"): 16, ("w", 1, "n", 0): 16, ("w", 1, "n", 0, "o"): 17,
        ("w", 1, "n", 1): 18, ("w", 1, "n", 1, "o"): 19, ("w", 1, "n", 1, "A"): 20,
    }  # fmt: skip


@pytest.mark.coverage_subset
def test_merging_replaces_lists_and_keeps_tables():
    base = {"a": {"b": 1, "c": [1]}, "d": {"e": 1}}
    assert merged(base, {"a": {"c": [2]}, "d": 3}) == {"a": {"b": 1, "c": [2]}, "d": 3}
    assert base["a"]["c"] == [1]


WORDS = st.sampled_from(
    ["schema_version", "name", "title", "days", "load", "base", "powers", "approach", "holder", "change", "day",
     "structure", "scenario", "services", "wellbeing", "share", "epidemic", "variants", "country", "extends",
     "sources", "requires", "advice", "culture", "candour", "x", '"a b"', "''"]
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(
        ["1", "0", "-3", "2.5", "nan", "-inf", "1e400", "true", '"nation"', '"mesh"', '""', "2020-01-01", "0xffff",
         "1" + "0" * 400, "'''\nx'''", '"""a\n"b" """', "07:00:00"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(WORDS, inner).map(lambda pair: f"{{ {pair[0]} = {pair[1]} }}"),
    ),
    max_leaves=4,
)  # fmt: skip
KEYS = st.lists(WORDS, min_size=1, max_size=3).map(".".join)
LINES = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    KEYS.map(lambda key: f"[{key}]"),
    KEYS.map(lambda key: f"[[{key}]]"),
    st.just("# a comment"),
)
TEXTS = st.lists(LINES, max_size=8).map("\n".join)


def only_input_errors(path: Path) -> None:
    """Load a file both ways; any error but a refusal comes through and fails the test."""
    for load in (load_scenario, load_structure):
        message = ""
        try:
            load(path)
        except InputError as error:
            message = str(error)
        assert "\n" not in message


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "case.toml"


@given(data=st.binary(max_size=200))
@settings(max_examples=150)
def test_random_bytes_are_refused(fuzzed, data):
    fuzzed.write_bytes(data)
    only_input_errors(fuzzed)


@given(text=TEXTS, start=st.sampled_from(["", "schema_version = 1\n", SCENARIO, POWERS]))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_random_toml_is_read_or_refused(fuzzed, text, start):
    fuzzed.write_text(start + text, encoding="utf-8")
    only_input_errors(fuzzed)


@given(text=TEXTS)
@settings(max_examples=300)
def test_every_key_has_its_line(text):
    try:
        data = tomllib.loads(text)
    except ValueError:
        return
    lines = key_lines(text)
    known = text.split("\n")
    for name in data:
        line = lines[name,]
        assert 1 <= line <= len(known)
        assert name in known[line - 1].replace("''", "")


@pytest.mark.parametrize("value", ["1" + "0" * 400, "-1" + "0" * 30, "0x" + "f" * 5000])
@pytest.mark.parametrize(
    "setting", ["load.base = {}", "approaches.count = {}", "sources = [{}]", "story = {}", "load = [{}]"]
)
def test_numbers_of_any_size_are_refused(value, setting, tmp_path):
    text = SCENARIO.replace("[country]", f"{setting.format(value)}\n[country]")
    assert len(str(refused(load_scenario, write(tmp_path / "case.toml", text)))) < 400


def test_a_refusal_survives_the_way_between_processes():
    error = InputError(problem="This is wrong.", remedy="Do that.", file=Path("a.toml"), line=3, key="b")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "a.toml, line 3, b: This is wrong. Do that."  # noqa: S301


@pytest.mark.parametrize(
    ("text", "load", "says"),
    [
        ('extends = "mesh"', load_scenario, r'a\.toml is a structure \(it extends "mesh"\); give a scenario here'),
        ('extends = "england_2020"', load_structure, r'a\.toml is a scenario \(it extends "england_2020"\); give a st'),
        ('extends = "mesh"\n[[change]]\nday = 1', load_structure, r"dated changes belong in a scenario file"),
    ],
)
def test_what_a_file_extends_says_what_it_is(text: str, load: Callable[..., object], says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f'schema_version = 1\nname = "a"\ntitle = "A"\n{text}\n')
    with pytest.raises(InputError, match=says):
        load(path)
