"""``meshgov explain``: sentences from rows, side by side, and one sentence for whatever cannot be answered."""

import json
import shutil

import pytest

from sim.cli import exit_code
from sim.report.explain import place_in
from sim.world.country import load_country
from sim.world.scenario import CountrySettings

pytestmark = pytest.mark.coverage_subset

WORDS = ["compare", "small_outbreak", "--structures", "command,mesh", "--replicates", "2", "--jobs", "1"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    out = tmp_path_factory.mktemp("explained") / "results"
    assert exit_code([*WORDS, "--decisions", "--out", str(out)]) == 0
    return out


def told(results, capsys, *more):
    capsys.readouterr()
    code = exit_code(["explain", str(results), *more])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_chain_is_told_in_order_under_each_structure(results, capsys):
    code, out, _ = told(results, capsys, "--place", "dunoden", "--day", "60", "--service", "clinical_care")
    assert code == 0
    flat = " ".join(out.split())
    assert out.startswith("Dunoden (X00012), day 60 of small_outbreak, seed 1: the same crisis under command, mesh.")
    assert flat.index("command: Command") < flat.index("mesh: Mesh")
    said = flat[flat.index("In force since") : flat.index("mesh: Mesh")]
    steps = ("Decided on day", "Trigger:", "In the room", "Authority:", "Wait:", "Take-up here:", "After, in Dunoden:")
    places = [said.index(step) for step in steps]
    assert places == sorted(places)
    assert "national government (Merrowland), for 12 places together" in said
    assert "other things changed too" in said
    assert "members agreed, in round" in flat
    assert "social care" not in said.split("In the room")[0]


def test_a_code_a_name_and_what_was_kept_give_the_same_answer(results, capsys, tmp_path):
    by_name = told(results, capsys, "--place", "Dunoden", "--day", "40")
    assert told(results, capsys, "--place", "x00012", "--day", "40") == by_name
    bare = tmp_path / "without"
    shutil.copytree(results, bare)
    shutil.rmtree(bare / "decisions")
    assert told(bare, capsys, "--place", "Dunoden", "--day", "40") == by_name
    assert "On its way" in by_name[1] or "In force since" in by_name[1]


def test_another_seed_is_lived_through_on_demand(results, capsys):
    first = told(results, capsys, "--place", "X00012", "--day", "50", "--seed", "1")
    second = told(results, capsys, "--place", "X00012", "--day", "50", "--seed", "2")
    assert first[0] == second[0] == 0
    assert first[1] != second[1]


def test_json_holds_numbers_and_sentences(results, capsys):
    code, out, _ = told(results, capsys, "--place", "X00012", "--day", "60", "--power", "reserve", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["place"] == {"code": "X00012", "name": "Dunoden"}
    assert set(data["structures"]) == {"command", "mesh"}
    (first, *_) = data["structures"]["command"]["reserve"]
    assert first["holder"] == "nation"
    assert first["power"] == "reserve"
    assert first["room"] == ["public_health"]
    assert first["says"][0].startswith("In force since day ")
    assert first["day"] + first["wait"] == first["effect_day"] <= 60


def test_before_anything_was_decided(results, capsys):
    code, out, _ = told(results, capsys, "--place", "X00012", "--day", "0")
    assert code == 0
    assert out.splitlines()[-1] == "No decision concerned this place by then."


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--place", "Dunodem", "--day", "60"], 'Did you mean "Dunoden"?'),
        (["--place", "X00012", "--day", "120"], "the run has days 0 to 119"),
        (["--place", "X00012", "--day", "-1"], "the run has days 0 to 119"),
        (["--place", "X00012", "--day", "60", "--seed", "3"], "They have 1 to 2."),
        (["--place", "X00012", "--day", "60", "--power", "reserv"], 'Did you mean "reserve"?'),
        (["--place", "X00012", "--day", "60", "--service", "clinical"], 'Did you mean "clinical_care"?'),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(results, capsys, more, says):
    code, out, err = told(results, capsys, *more)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_what_holds_no_comparison_is_refused(results, capsys, tmp_path):
    code, _, err = told(tmp_path, capsys, "--place", "X00012", "--day", "60")
    assert code == 2
    assert "is not the results folder of a comparison" in err
    old = tmp_path / "old"
    shutil.copytree(results, old)
    manifest = json.loads((old / "manifest.json").read_text())
    (old / "manifest.json").write_text(json.dumps({**manifest, "model_version": 1}))
    code, _, err = told(old, capsys, "--place", "X00012", "--day", "60")
    assert code == 2
    assert "model version 1 made these results" in err


def test_runs_that_cannot_be_lived_through_again_are_refused(results, capsys, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(results, other)
    shutil.rmtree(other / "decisions")
    manifest = json.loads((other / "manifest.json").read_text())
    asked = ("--place", "X00012", "--day", "20")
    for change, says in (
        ({"engine": ["mesa, with Mine for LocalAuthority"]}, "had agents of somebody's own"),
        ({"crises": {"1": "0", "2": "0"}}, "the crisis of seed 1 is no longer what it was"),
    ):
        (other / "manifest.json").write_text(json.dumps({**manifest, **change}))
        code, _, err = told(other, capsys, *asked)
        assert code == 2
        assert says in err


def test_the_folder_lists_the_decisions(results):
    listed = json.loads((results / "manifest.json").read_text())["files"]
    assert {"decisions/command.parquet", "decisions/mesh_daily.parquet"} <= set(listed)


def test_places_by_code_and_name_in_england():
    country = load_country(CountrySettings())
    assert country.names[place_in(country, "E06000016")] == "Leicester"
    assert place_in(country, " leicester ") == place_in(country, "E06000016")
