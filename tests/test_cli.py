"""The front door: one message for whatever is wrong, the right exit code, and nothing half-written."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import cli
from sim.report import figures
from sim.study.store import as_toml
from tests.study.fake_runs import TINY, structure, use_fake_runs

DRAW = figures.all_pictures
HEAVY = ("numpy", "pandas", "numba", "scipy", "matplotlib", "mesa", "pydantic", "jinja2", "pyarrow", "networkx")


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder to work in, with a scenario and structures, runs whose results are known, and no figures."""
    use_fake_runs(monkeypatch)
    monkeypatch.setattr(figures, "all_pictures", lambda _comparison: iter([]))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(as_toml(TINY.model_dump(mode="json")), encoding="utf-8")
    for name in ("command", "mesh", "broken", "unequal"):
        text = as_toml(structure(name).model_dump(mode="json"))
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def compare(structures: str = "command.toml,mesh.toml", *more: str) -> int:
    return cli.exit_code(
        ["compare", "./tiny.toml", "--structures", structures, "--replicates", "3", "--jobs", "1", *more]
    )


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


BEFORE = {"tiny.toml", "command.toml", "mesh.toml", "broken.toml", "unequal.toml"}


@pytest.mark.coverage_subset
class TestCompare:
    def test_it_prints_the_table_and_writes_the_folder(
        self, room: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(figures, "all_pictures", DRAW)
        assert compare() == 0
        out, err = capfd.readouterr()
        assert re.search(r"mesh +\S+ +-\S+ +\[.*\] +better", out)
        assert "Report: results/tiny/report.html" in err
        assert "Report:" not in out
        assert out.endswith("All outcomes are in report.html and table.csv in the results folder.\n")
        there = files(room / "results" / "tiny")
        assert {
            "report.html",
            "manifest.json",
            "runs.parquet",
            "table.csv",
            "figures",
            "timeseries",
            "resolved",
        } <= there
        assert {"map.svg", "map.png"} <= files(room / "results" / "tiny" / "figures")

    def test_the_manifest_lists_every_file(self, room: Path) -> None:
        compare()
        folder = room / "results" / "tiny"
        manifest = json.loads((folder / "manifest.json").read_text())
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert set(manifest["files"]) == there - {"manifest.json"}

    @pytest.mark.usefixtures("room")
    def test_json_is_all_of_stdout(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert compare("command.toml,mesh.toml", "--json", "--out", "out") == 0
        data = json.loads(capfd.readouterr().out)
        assert data["seeds"] == [1, 2, 3]
        assert data["out"] == "out"
        assert next(row for row in data["table"] if row["structure"] == "command")["difference"] is None

    def test_results_can_be_run_again_from_their_folder(
        self, room: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compare("command.toml,mesh.toml", "--out", "out")
        first = capfd.readouterr().out
        monkeypatch.chdir(room / "out")
        again = re.search(r"<code>(meshgov compare resolved/[^<]*)</code>", Path("report.html").read_text())
        assert again is not None
        assert cli.exit_code([*again.group(1).split()[1:], "--jobs", "1"]) == 0
        assert capfd.readouterr().out == first

    @pytest.mark.usefixtures("room")
    def test_zero_is_a_seed(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert compare("mesh.toml", "--seed", "0", "--json") == 0
        assert json.loads(capfd.readouterr().out)["seeds"] == [0, 1, 2]

    @pytest.mark.usefixtures("room")
    def test_another_baseline(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert compare("command.toml,mesh.toml", "--baseline", "mesh") == 0
        assert "Differences are from mesh" in capfd.readouterr().out

    def test_failed_runs_end_with_3_and_keep_the_rest(self, room: Path, capfd: pytest.CaptureFixture[str]) -> None:
        assert compare("command.toml,broken.toml") == 3
        out, err = capfd.readouterr()
        assert "Failed: broken, seed 2" in out
        assert "1 of 6 runs failed" in err
        assert (room / "results/tiny/failures.csv").exists()

    def test_asking_again_is_refused_and_force_replaces(self, room: Path, capfd: pytest.CaptureFixture[str]) -> None:
        assert compare() == 0
        before = (room / "results/tiny/manifest.json").read_bytes()
        capfd.readouterr()
        assert compare() == 2
        assert one_message(capfd).endswith("Choose another folder, or replace it with --force.")
        assert (room / "results/tiny/manifest.json").read_bytes() == before
        assert compare("command.toml", "--force") == 0
        assert (room / "results/tiny/manifest.json").read_bytes() != before

    def test_a_bug_is_loud_and_leaves_nothing(self, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks(*_arguments: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("sim.report.page.page", breaks)
        with pytest.raises(ZeroDivisionError):
            compare()
        assert files(room) == BEFORE


def one_message(capfd: pytest.CaptureFixture[str]) -> str:
    """Return what was said on stderr: one line that begins with the programme's name; stdout is empty."""
    out, err = capfd.readouterr()
    assert out == ""
    lines = [line for line in re.split(r"[\r\n]+", err) if line.strip() and "runs," not in line]
    assert len(lines) == 1, lines
    assert lines[0].startswith("meshgov: ")
    return lines[0]


@pytest.mark.coverage_subset
class TestRefusals:
    @pytest.mark.parametrize(
        ("more", "says"),
        [
            (["--replicates", "0"], "0 replicates"),
            (["--replicates", "1000001"], "at most 1,000,000"),
            (["--structures", "mseh", "--out", "tiny.toml"], 'no shipped structure "mseh"'),
            (["--seed", "-1"], "seed -1"),
            (["--jobs", "0"], "0 jobs"),
            (["--baseline", "nobody"], '"nobody" is not one of the structures'),
            (["--structures", ""], "no structure"),
            (["--structures", "command.toml,command.toml"], "two structures are called"),
            (["--structures", "mseh"], 'no shipped structure "mseh"'),
            (["--structures", "command.toml,unequal.toml"], "do not have equal means"),
            (["--engine", "slow"], "'slow' is not one of"),
            (["--replicates", "many"], "'many' is not a valid integer"),
            (["--colour", "blue"], "No such option"),
            (["--out", "tiny.toml"], "is a file"),
            (["--out", "tiny.toml/below"], "cannot be written"),
            (["--out", "/proc/meshgov/below"], "cannot be written"),
            (["--out", ".", "--force"], "not a results folder"),
        ],
    )
    def test_one_message_and_nothing_written(
        self, more: list[str], says: str, room: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert compare("command.toml,mesh.toml", *more) == 2
        assert says in one_message(capfd)
        assert files(room) == BEFORE

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "tiny.toml"),
            ("\0\1\2", "binary"),
            ('schema_version = 1\nname = "tiny"\ntitle = "x"\ndayz = 3\n', r'line 4, dayz: .*Did you mean "days"\?'),
            ('schema_version = 1\nname = "tiny"\ntitle = "x"\ndays = nan\n', r"line 4, days: "),
            ('schema_version = 1\nextends = "./tiny.toml"\nname = "tiny"\n', "extend"),
        ],
    )
    def test_a_bad_file(self, text: str, says: str, room: Path, capfd: pytest.CaptureFixture[str]) -> None:
        (room / "tiny.toml").write_text(text)
        assert compare() == 2
        assert re.search(says, one_message(capfd))
        assert files(room) == BEFORE

    @pytest.mark.parametrize(
        "words", [["run", "./tiny.toml"], ["compare"], ["nonsense"], ["list", "cats"], ["describe"]]
    )
    def test_usage(self, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(words) == 2
        one_message(capfd)

    def test_an_interruption_ends_with_130(
        self, room: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        def interrupted(*_arguments: object, **_named: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("sim.study.compare.run", interrupted)
        assert compare() == 130
        assert "interrupted" in capfd.readouterr().err
        assert files(room) == BEFORE


@pytest.mark.coverage_subset
class TestOtherCommands:
    def test_run_prints_and_keeps_nothing_unasked(self, room: Path, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(["run", "./tiny.toml", "--structure", "./mesh.toml", "--seed", "0"]) == 0
        out = capfd.readouterr().out
        assert "seeds 0 to 0" in out
        assert "baseline" not in out
        assert files(room) == BEFORE

    def test_run_keeps_what_it_is_asked_to(self, room: Path) -> None:
        assert cli.exit_code(["run", "./tiny.toml", "--structure", "./mesh.toml", "--out", "one"]) == 0
        assert (room / "one" / "report.html").exists()

    @pytest.mark.usefixtures("room")
    def test_validate(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(["validate", "./tiny.toml", "./mesh.toml"]) == 0
        assert capfd.readouterr().out == "./tiny.toml: scenario tiny, in order\n./mesh.toml: structure mesh, in order\n"

    def test_validate_names_every_bad_file(self, room: Path, capfd: pytest.CaptureFixture[str]) -> None:
        scenario, arm = (room / "tiny.toml").read_text(), (room / "mesh.toml").read_text()
        (room / "tiny.toml").write_text(scenario.replace("days = 30", "days = 0"))
        (room / "mesh.toml").write_text(arm.replace('holder = "place"', 'holder = "plaice"', 1))
        assert cli.exit_code(["validate", "./tiny.toml", "./mesh.toml", "./command.toml", "./gone.toml"]) == 2
        out, err = capfd.readouterr()
        assert out == "./command.toml: structure command, in order\n"
        lines = err.splitlines()
        assert len(lines) == 3
        assert re.match(r"meshgov: tiny\.toml, line \d+, days: ", lines[0])
        assert re.match(r'meshgov: mesh\.toml, line \d+, powers\.\w+\.holder: .*"place"', lines[1])
        assert "gone.toml" in lines[2]

    @pytest.mark.usefixtures("room")
    def test_describe(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(["describe", "./mesh.toml"]) == 0
        assert capfd.readouterr().out.startswith("Mesh")
        assert cli.exit_code(["describe", "./tiny.toml"]) == 0
        assert capfd.readouterr().out.startswith("A tiny crisis")

    def test_a_name_that_is_not_shipped(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(["describe", "mseh"]) == 2
        assert 'no shipped scenario or structure "mseh"' in one_message(capfd)

    @pytest.mark.parametrize("what", ["scenarios", "structures", "outcomes"])
    def test_list(self, what: str, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(["list", what]) == 0
        lines = capfd.readouterr().out.splitlines()
        assert all(re.match(r"[a-z][a-z0-9_]* +\S", line) for line in lines)
        expected = {"scenarios": "england_2020", "structures": "mesh", "outcomes": "harm_per_1000"}[what]
        assert any(line.startswith(f"{expected} ") for line in lines)

    def test_shipped_names(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code(["validate", "england_2020", "mesh"]) == 0
        assert capfd.readouterr().out.count("in order") == 2

    def test_nothing_asked_gives_help(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert cli.exit_code([]) == 0
        out, err = capfd.readouterr()
        assert out.startswith("Usage: meshgov")
        assert err == ""

    def test_version_and_the_way_in(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "argv", ["meshgov", "--version"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        assert re.fullmatch(r"meshgov( \d+\.\d+\.\d+|, not installed)\n", capfd.readouterr().out)


@pytest.mark.coverage_subset
def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom sim import cli\nassert cli.exit_code(['--help']) == 0\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "compare" in done.stdout
    assert not {name.partition(".")[0] for name in done.stderr.split()} & set(HEAVY)


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
@pytest.mark.parametrize(
    ("to", "number"),
    [("parent", signal.SIGINT), ("group", signal.SIGINT), ("group", signal.SIGTERM)],
)
def test_ctrl_c_ends_everything_and_leaves_nothing(to: str, number: signal.Signals, tmp_path: Path) -> None:
    long = TINY.model_copy(
        update={"days": 3650, "country": TINY.country.model_copy(update={"places": 300, "regions": 5})}
    )
    (tmp_path / "long.toml").write_text(as_toml(long.model_dump(mode="json")), encoding="utf-8")
    (tmp_path / "mesh.toml").write_text(as_toml(structure("mesh").model_dump(mode="json")), encoding="utf-8")
    words = ["compare", f"{tmp_path}/long.toml", "--structures", f"{tmp_path}/mesh.toml", "--replicates", "400"]
    out = tmp_path / "new" / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", *words, "--jobs", "2", "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_until(lambda: len(members(process.pid)) >= 3)  # the workers are there
    time.sleep(0.5)
    if to == "group":
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.send_signal(number)
    start = time.monotonic()
    output, errors = process.communicate(timeout=30)
    assert time.monotonic() - start < 10
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
    assert "interrupted; nothing was written" in errors
    assert files(tmp_path) == {"long.toml", "mesh.toml"}
    wait_until(lambda: not members(process.pid))  # no worker goes on


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_ctrl_c_while_the_programme_starts_gives_no_traceback() -> None:
    script = "import os, signal, sys\nsys.argv[0] = 'meshgov'\nimport sim.cli\nos.kill(os.getpid(), signal.SIGINT)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "meshgov: interrupted; nothing was written.\n")


def members(group: int) -> list[int]:
    """Return the processes of a group that are running (Linux); elsewhere, guess after a while."""
    if not Path("/proc").is_dir():
        time.sleep(3)
        return [group] * 3
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if len(fields) > 2 and int(fields[2]) == group and fields[0] not in "ZX":
            found.append(int(entry.name))
    return found


def wait_until(holds: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
