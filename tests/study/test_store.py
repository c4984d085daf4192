"""The results folder appears whole or not at all, and nobody's files are lost."""

import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import InputError
from sim.study import store
from sim.study.compare import Comparison
from sim.study.store import as_toml, manifest_of, results_folder, save, seal
from sim.world.files import load_scenario, load_structure
from sim.world.scenario import Scenario
from tests.study.fake_runs import TINY, fake_comparison

pytestmark = pytest.mark.coverage_subset


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return fake_comparison("command mesh broken", 3)


def write(comparison: Comparison, out: Path, force: bool = False) -> None:
    with results_folder(out, force) as folder:
        save(comparison, folder)
        seal(manifest_of(comparison, "meshgov compare tiny", 1.25), folder)


def test_what_is_in_it(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "out")
    folder = tmp_path / "out"
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "runs.parquet"), comparison.runs, check_dtype=False)
    assert len(pd.read_parquet(folder / "timeseries" / "mesh.parquet")) == 3 * TINY.days
    assert len(pd.read_parquet(folder / "places.parquet")) == len(comparison.places)
    assert len(pd.read_csv(folder / "table.csv")) == len(comparison.table())
    assert pd.read_csv(folder / "failures.csv")["seed"].tolist() == [2]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_manifest_tells_what_and_where(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["run_id"] == comparison.run_id
    assert manifest["seeds"] == [1, 2, 3]
    assert manifest["runs"] == {"planned": 9, "done": 8, "failed": 1}
    assert manifest["crises"] == {"1": "crisis 1", "2": "crisis 2", "3": "crisis 3"}
    assert manifest["command"] == "meshgov compare tiny"
    assert {"model_version", "commit", "uncommitted_changes", "versions", "machine"} <= set(manifest)
    listed = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert set(manifest["files"]) == listed - {"manifest.json"}


def test_the_resolved_files_can_be_run_again(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "out")
    assert load_scenario(tmp_path / "out/resolved/scenario.toml") == comparison.scenario
    assert load_structure(tmp_path / "out/resolved/structure_mesh.toml") == comparison.structures[1]


def test_toml_reads_back_whatever_it_holds() -> None:
    table = {
        "text": 'a "quoted" \\ line\nand é, 🎉 and \x7f',
        "yes": True,
        "small": 1e-07,
        "whole": 3,
        "list": ["a", "b"],
        "empty": [],
        "changes": [{"day": 3, "structure": {"trial": {"share": 0.1}}, "nothing": None}],
        "group": {"value": 1.5, "below": {"deep": "x"}},
    }
    read = tomllib.loads(as_toml(table))
    del table["changes"][0]["nothing"]  # type: ignore[index]
    assert read == table


def test_dated_changes_read_back(tmp_path: Path) -> None:
    change = {"day": 7, "structure": {"trial": {"share": 0.1}}, "scenario": {"load": {"absence": 0.1}}}
    scenario = Scenario.model_validate({**TINY.model_dump(), "change": [change]})
    (tmp_path / "scenario.toml").write_text(as_toml(scenario.model_dump(mode="json")), encoding="utf-8")
    assert load_scenario(tmp_path / "scenario.toml") == scenario


def test_a_folder_that_is_there_is_refused_before_any_work(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "out")
    with pytest.raises(InputError, match="--force"), results_folder(tmp_path / "out"):
        pytest.fail("work was done")


def test_force_replaces_results_after_success_only(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    with pytest.raises(KeyboardInterrupt), results_folder(tmp_path / "out", force=True):
        raise KeyboardInterrupt
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    write(fake_comparison("command silos", 2), tmp_path / "out", force=True)
    assert (tmp_path / "out/timeseries/silos.parquet").exists()
    assert not (tmp_path / "out/timeseries/mesh.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "files",
    [
        {"thesis.docx": "years of work"},
        {"manifest.json": '{"name": "somebody else\'s web app"}', "index.html": ""},
        {"manifest.json": '{"meshgov": "0.1.0"}'},
        {"manifest.json": "not JSON"},
        {"manifest.json": '["a list"]'},
    ],
)
def test_force_never_takes_a_folder_that_holds_no_results(files: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name, text in files.items():
        (out / name).write_text(text)
    with pytest.raises(InputError, match="not replaced"), results_folder(out, force=True):
        pytest.fail("work was done")
    assert {path.name for path in out.iterdir()} == set(files)


def test_force_never_takes_a_users_notes(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "out")
    (tmp_path / "out" / ".DS_Store").write_text("left by a file manager")
    write(comparison, tmp_path / "out", force=True)
    (tmp_path / "out" / "figures").mkdir()
    (tmp_path / "out" / "figures" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"figures/notes\.txt"):
        write(comparison, tmp_path / "out", force=True)


def test_notes_that_appear_while_it_works_are_kept(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there already"), results_folder(tmp_path / "out"):
        leave(tmp_path / "out", "notes.txt")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_may_be_taken_with_force(comparison: Comparison, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(comparison, tmp_path / "out", force=True)
    assert (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("force", [False, True])
def test_a_file_in_the_way(force: bool, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="is a file"), results_folder(tmp_path / "out", force):
        pytest.fail("work was done")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("out", ["file/below", "/proc/meshgov/out", "a\0b", "x" * 300, "new/" + "x" * 300])
def test_a_place_that_cannot_be_written(out: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"), results_folder(tmp_path / out):
        pytest.fail("work was done")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_outside_a_checkout_there_is_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "PACKAGE", tmp_path / "sim")
    assert store.checkout_state() == (None, None)
    assert store.version_of("no such library") is None


def test_a_checkout_has_a_commit_and_may_have_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "PACKAGE", tmp_path / "sim")
    (tmp_path / ".git").mkdir()
    answers = {"rev-parse": "abc", "status": " M sim/cli.py"}
    monkeypatch.setattr(store, "ask_git", lambda _git, word, *_more: answers[word])
    assert store.checkout_state() == ("abc", True)


def test_what_was_there_comes_back_if_the_new_cannot_be_moved(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    leave(tmp_path / "out", "mine")
    with pytest.raises(OSError, match="gone"):
        store.take_place(tmp_path / "gone.partial", tmp_path / "out")
    assert (tmp_path / "out" / "mine").exists()


def leave(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("mine")


def break_off(folder: Path, error: type[BaseException]) -> None:
    leave(folder, "half")
    raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_whatever_goes_wrong_leaves_nothing(error: type[BaseException], tmp_path: Path) -> None:
    with pytest.raises(error), results_folder(tmp_path / "new" / "deep" / "out") as folder:
        break_off(folder, error)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed_and_kept(comparison: Comparison, tmp_path: Path) -> None:
    write(comparison, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(comparison, tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "manifest.json").exists()
