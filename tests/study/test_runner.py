"""A study goes on from wherever it was left, and its bytes do not depend on who ran it or in what order."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sim.cli import exit_code
from sim.cli_study import time_in_words
from sim.errors import InputError
from sim.study import folder as folder_module
from sim.study import runner as module
from sim.study import shards as shards_module
from sim.study import workers
from sim.study.compare import UnequalCrisisError
from sim.study.folder import FAILURES, MANIFEST, RUNS, SHARDS, export_runs, failures_in, open_folder, read_runs
from sim.study.read import load_plan
from sim.study.runner import TooManyFailuresError, run_study, run_task, shards_abreast, shards_together
from sim.study.shards import shard_count, shards_of, spread
from tests.study.study_files import SMALL, small_plan, use_cheap_runs, write_study

KILLED = -signal.SIGKILL
FULL_DISK = """
from pathlib import Path
from sim.cli import main

real = Path.write_bytes

def full(path, data):
    if "arrow" in path.name:
        raise OSError(28, "No space left on device")
    return real(path, data)

if __name__ == "__main__":
    Path.write_bytes = full
    main()
"""


class OutOfOrder(ThreadPoolExecutor):
    """Hands back what it is given in an order of its own."""

    def submit(self, fn, /, *args, **named):
        pause = 0.02 * (hash(str(args)) % 7) / 7
        return super().submit(lambda: (time.sleep(pause), fn(*args, **named))[1])


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    use_cheap_runs(monkeypatch)
    return monkeypatch


@pytest.mark.coverage_subset
class TestShards:
    def test_they_are_cut_by_the_design(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)
        shards = list(shards_of(plan, plan.seeds))
        assert len(shards) == shard_count(plan, 20) == 16
        assert [shard.number for shard in shards] == list(range(16))
        assert [len(shard.seeds) for shard in shards] == [16] * 8 + [4] * 8
        assert [(s.structure.name, s.point) for s in shards[:4]] == [
            ("command", 0),
            ("mesh", 0),
            ("command", 1),
            ("mesh", 1),
        ]

    @pytest.mark.usefixtures("cheap")
    def test_every_arm_meets_every_point_and_seed(self, tmp_path: Path) -> None:
        runs = read_runs(run_study(small_plan(tmp_path), tmp_path / "out", jobs=1).path)
        assert len(runs) == 2 * 4 * 20
        assert (runs.groupby(["arm", "point"])["seed"].nunique() == 20).all()
        assert runs.groupby(["local", "delay"]).ngroups == 4
        assert runs["harm_per_1000"].notna().all()

    def test_what_changed_is_told_without_the_digest_of_points_that_follows_from_it(self) -> None:
        then, now = {"design.points": 8, "points": "abc"}, {"design.points": 16, "points": "def"}
        assert folder_module.changes(then, now) == ["design.points was 8, is 16"]
        assert folder_module.changes({"points": "abc"}, {"points": "def"}) == ["points was abc, is def"]

    def test_tasks_are_worth_sending(self) -> None:
        assert [shards_together(seconds) for seconds in (0.0, 0.001, 0.1, 10.0)] == [64, 64, 5, 1]

    def test_tasks_hold_enough_worlds_to_be_done_side_by_side(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)  # of two arms
        assert [shards_abreast(plan, seeds) for seeds in (1, 3, 8, 15, 16, 40)] == [32, 12, 4, 4, 1, 1]


@pytest.mark.coverage_subset
class TestKeeping:
    def test_asking_again_runs_nothing(self, cheap: pytest.MonkeyPatch, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)
        first = run_study(plan, tmp_path / "out", jobs=1)
        before = (tmp_path / "out" / RUNS).read_bytes()
        cheap.setattr(module, "run_task", None)
        told: list[object] = []
        again = run_study(plan, tmp_path / "out", jobs=1, progress=lambda *counts: told.append(counts))
        assert again.manifest["runs"] == first.manifest["runs"] == {"planned": 160, "done": 160, "failed": 0}
        assert told == []
        assert (tmp_path / "out" / RUNS).read_bytes() == before
        assert not (tmp_path / "out" / SHARDS).exists()

    @pytest.mark.usefixtures("cheap")
    def test_the_folder_says_everything(self, tmp_path: Path) -> None:
        folder = run_study(small_plan(tmp_path), tmp_path / "out", jobs=1, command="meshgov study run x")
        manifest = json.loads((folder.path / MANIFEST).read_text())
        assert manifest["command"] == "meshgov study run x"
        assert manifest["seeds"] == list(range(1, 21))
        assert len(manifest["crises"]) == 20
        assert {"commit", "uncommitted_changes", "versions", "machine", "model_version", "study_id"} <= set(manifest)
        again = run_study(module_plan(folder.path), tmp_path / "again", jobs=1)
        assert (again.path / RUNS).read_bytes() == (folder.path / RUNS).read_bytes()

    @pytest.mark.usefixtures("cheap")
    def test_an_interruption_loses_nothing(self, tmp_path: Path) -> None:
        plan, told = small_plan(tmp_path), []

        def interrupt(done: int, _planned: int) -> None:
            if done >= 48:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_study(plan, tmp_path / "out", jobs=1, progress=interrupt)
        assert len(list((tmp_path / "out" / SHARDS).glob("*.arrow"))) == 3
        run_study(plan, tmp_path / "out", jobs=1, progress=lambda *counts: told.append(counts))
        assert told[0] == (48, 160)
        whole = run_study(plan, tmp_path / "whole", jobs=1)
        assert (tmp_path / "out" / RUNS).read_bytes() == (whole.path / RUNS).read_bytes()

    @pytest.mark.usefixtures("cheap")
    def test_any_executor_and_order_gives_the_same_bytes(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)
        alone = run_study(plan, tmp_path / "alone", jobs=1)
        with ThreadPoolExecutor(3) as threads:
            threaded = run_study(plan, tmp_path / "threads", jobs=3, executor=threads)
        with OutOfOrder(4) as pool:
            mixed = run_study(plan, tmp_path / "mixed", jobs=4, executor=pool)
        assert len({(each.path / RUNS).read_bytes() for each in (alone, threaded, mixed)}) == 1

    @pytest.mark.usefixtures("cheap")
    def test_a_changed_study_is_refused_and_says_what_changed(self, tmp_path: Path) -> None:
        run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        with pytest.raises(InputError) as refused:
            run_study(small_plan(tmp_path, "replicates.count=21", "design.kind=one_point"), tmp_path / "out", jobs=1)
        assert "replicates.count was 20, is 21" in str(refused.value)
        assert "design.kind was factorial, is one_point" in str(refused.value)
        assert "out-2" in refused.value.remedy
        run_study(small_plan(tmp_path, "replicates.count=2"), tmp_path / "out", jobs=1, force=True)
        assert len(read_runs(tmp_path / "out")) == 16

    @pytest.mark.usefixtures("cheap")
    def test_what_is_asked_of_the_runs_may_change(self, tmp_path: Path) -> None:
        run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        run_study(small_plan(tmp_path, "question=Another?", "answers.equivalence=0.1"), tmp_path / "out", jobs=1)
        assert module_plan(tmp_path / "out").study.question == "Another?"

    @pytest.mark.usefixtures("cheap")
    def test_other_words_are_no_change_of_a_half_finished_study(self, tmp_path: Path) -> None:
        stop_after(small_plan(tmp_path), tmp_path / "out", 3)
        renamed = small_plan(tmp_path, "arms.mesh.title=Another name", "uncertainties.local.title=How local")
        told: list[object] = []
        run_study(renamed, tmp_path / "out", jobs=1, progress=lambda *counts: told.append(counts))
        assert told[0] == (48, 160)
        assert module_plan(tmp_path / "out").titles["mesh"] == "Another name"

    @pytest.mark.usefixtures("cheap")
    def test_a_damaged_file_is_found_and_nothing_else_is_lost(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)
        stop_after(plan, tmp_path / "out", 4)
        damaged = sorted((tmp_path / "out" / SHARDS).glob("*.arrow"))[1]
        damaged.write_bytes(damaged.read_bytes()[:-100])
        with pytest.raises(InputError, match="damaged; all others are kept") as refused:
            run_study(plan, tmp_path / "out", jobs=1)
        assert refused.value.file == damaged
        damaged.unlink()
        run_study(plan, tmp_path / "out", jobs=1)
        whole = run_study(plan, tmp_path / "whole", jobs=1)
        assert (tmp_path / "out" / RUNS).read_bytes() == (whole.path / RUNS).read_bytes()

    @pytest.mark.usefixtures("cheap")
    def test_a_full_disk_is_said_and_nothing_is_lost(self, tmp_path: Path) -> None:
        plan, left = small_plan(tmp_path), [3]
        real = Path.write_bytes

        def full(path: Path, data: bytes) -> int:
            if path.name.endswith(".partial") and "arrow" in path.name:
                left[0] -= 1
                if left[0] < 0:
                    real(path, data[:10])
                    raise OSError(28, "No space left on device")
            return real(path, data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "write_bytes", full)
            with pytest.raises(InputError, match=r"No space left on device.*what was done before is kept"):
                run_study(plan, tmp_path / "out", jobs=1)
        assert len(list((tmp_path / "out" / SHARDS).iterdir())) == 3
        assert run_study(plan, tmp_path / "out", jobs=1).manifest["runs"]["done"] == 160

    def test_a_full_disk_under_worker_processes_says_one_sentence(self, tmp_path: Path) -> None:
        """What was handed out is not taken back from processes that are ended: their pool would stumble, aloud."""
        (tmp_path / "full.py").write_text(FULL_DISK, encoding="utf-8")
        words = ["study", "run", str(write_study(tmp_path)), "--jobs", "2", "--out", str(tmp_path / "out")]
        command = [sys.executable, str(tmp_path / "full.py"), *words]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
        assert ended.returncode == 2
        assert "No space left on device" in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_a_full_disk_while_gathering_keeps_the_shards(self, cheap: pytest.MonkeyPatch, tmp_path: Path) -> None:
        def full(*_arguments: object) -> None:
            raise OSError(28, "No space left on device")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(folder_module.pq, "ParquetWriter", full)
            with pytest.raises(InputError, match="all of them are kept"):
                run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        assert len(list((tmp_path / "out" / SHARDS).glob("*.arrow"))) == 16
        cheap.setattr(module, "run_task", None)
        assert run_study(small_plan(tmp_path), tmp_path / "out", jobs=1).finished

    @pytest.mark.usefixtures("cheap")
    def test_damaged_runs_are_not_taken_for_finished(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)
        run_study(plan, tmp_path / "out", jobs=1)
        (tmp_path / "out" / RUNS).write_bytes(b"rubbish")
        with pytest.raises(InputError, match="damaged"):
            read_runs(tmp_path / "out")
        assert run_study(plan, tmp_path / "out", jobs=1).finished

    @pytest.mark.parametrize("out", ["file/below", "/proc/meshgov/out"])
    def test_a_place_that_cannot_be_written(self, out: str, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match=r"cannot be written|is a file"):
            open_folder(small_plan(tmp_path), tmp_path / out)

    @pytest.mark.usefixtures("cheap")
    def test_what_others_wrote_is_never_taken(self, tmp_path: Path) -> None:
        (tmp_path / "thesis").mkdir()
        (tmp_path / "thesis" / "years_of_work.txt").write_text("mine")
        for force in (False, True):
            with pytest.raises(InputError, match="something else"):
                run_study(small_plan(tmp_path), tmp_path / "thesis", jobs=1, force=force)
        run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        (tmp_path / "out" / "notes.txt").write_text("mine")
        with pytest.raises(InputError, match=r"notes\.txt"):
            run_study(small_plan(tmp_path), tmp_path / "out", jobs=1, force=True)
        assert (tmp_path / "out" / "notes.txt").exists()

    def test_a_file_in_the_way(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("mine")
        with pytest.raises(InputError, match="is a file"):
            open_folder(small_plan(tmp_path), tmp_path / "out")


@pytest.mark.coverage_subset
class TestFailures:
    def broken(self, cheap: pytest.MonkeyPatch) -> None:
        real = shards_module.run_together

        def breaks(points, own):
            if any(point.structure.name == "mesh" and 7 in point.seeds for point in points):
                error = ArithmeticError("the sums do not balance")
                error.stage = "deliver"
                raise error
            return real(points, own)

        cheap.setattr(shards_module, "run_together", breaks)

    def test_a_run_that_raises_is_a_row_and_the_rest_go_on(self, cheap: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.broken(cheap)
        folder = run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        assert folder.manifest["runs"] == {"planned": 160, "done": 156, "failed": 4}
        broken = failures_in(folder.path)
        assert (folder.path / FAILURES).is_file()
        assert set(broken["stage"]) == {"deliver"}
        assert set(broken["seed"]) == {7}
        assert broken["traceback"].str.contains("in breaks").all()
        runs = read_runs(folder.path)
        assert runs.loc[runs["status"] == "failed", "harm_per_1000"].isna().all()

    def test_more_than_are_accepted_stop_the_study(self, cheap: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.broken(cheap)
        with pytest.raises(TooManyFailuresError, match="2 runs have failed"):
            run_study(small_plan(tmp_path), tmp_path / "out", jobs=1, most_failed=1)
        assert len(failures_in(tmp_path / "out")) == 2
        with pytest.raises(TooManyFailuresError):
            run_study(small_plan(tmp_path), tmp_path / "out", jobs=1, most_failed=1)
        assert run_study(small_plan(tmp_path), tmp_path / "out", jobs=1, most_failed=4).finished

    @pytest.mark.usefixtures("cheap")
    def test_a_point_that_cannot_be_is_a_row_with_its_stage(self, tmp_path: Path) -> None:
        (tmp_path / "points.csv").write_text("local,delay\n0.5,7\n0.5,9000\n")
        folder = run_study(
            small_plan(tmp_path, "design.kind=table", f"design.file={tmp_path / 'points.csv'}"),
            tmp_path / "out",
            jobs=1,
        )
        broken = failures_in(folder.path)
        assert set(broken["point"]) == {1}
        assert set(broken["stage"]) == {"settings"}
        assert run_study(module_plan(folder.path), tmp_path / "again", jobs=1).manifest["runs"]["failed"] == 40

    @pytest.mark.usefixtures("cheap")
    def test_means_that_turn_out_unequal_are_refused(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, SMALL, ("[arms.mesh]", "[arms.unequal]"))
        with pytest.raises(InputError, match="do not have equal means"):
            run_study(module_load(path), tmp_path / "out", jobs=1)

    @pytest.mark.usefixtures("cheap")
    def test_different_crises_are_our_fault(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, SMALL, ("[arms.mesh]", "[arms.elsewhere]"))
        with pytest.raises(UnequalCrisisError, match="point 0, seed 1"):
            run_study(module_load(path), tmp_path / "out", jobs=1)

    def test_runs_that_vanish_are_noticed(self, cheap: pytest.MonkeyPatch, tmp_path: Path) -> None:
        cheap.setattr(module, "gather", lambda *_: {"planned": 159, "done": 159, "failed": 0})
        with pytest.raises(RuntimeError, match="160 runs were planned"):
            run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)


@pytest.mark.coverage_subset
class TestPrecision:
    @pytest.mark.usefixtures("cheap")
    def test_crises_are_added_until_the_interval_is_narrow(self, tmp_path: Path) -> None:
        wide = run_study(small_plan(tmp_path, "replicates.half_width=1.0"), tmp_path / "wide", jobs=1)
        assert len(wide.manifest["seeds"]) == 20
        narrow = run_study(small_plan(tmp_path, "replicates.half_width=0.07"), tmp_path / "narrow", jobs=1)
        assert 20 < len(narrow.manifest["seeds"]) < 512
        few = run_study(
            small_plan(tmp_path, "replicates.half_width=1e-6", "replicates.most=30"), tmp_path / "few", jobs=1
        )
        assert few.manifest["seeds"] == list(range(1, 31))
        assert few.manifest["runs"] == {"planned": 240, "done": 240, "failed": 0}

    @pytest.mark.usefixtures("cheap")
    def test_an_interruption_in_the_second_stage_loses_nothing(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path, "replicates.half_width=0.07")
        stop_after(plan, tmp_path / "out", 18)
        run_study(plan, tmp_path / "out", jobs=1)
        whole = run_study(plan, tmp_path / "whole", jobs=1)
        assert (tmp_path / "out" / RUNS).read_bytes() == (whole.path / RUNS).read_bytes()


@pytest.mark.coverage_subset
class TestExport:
    @pytest.mark.parametrize(
        ("kind", "read"),
        [(".csv", pd.read_csv), (".parquet", pd.read_parquet), (".json", pd.read_json), (".feather", pd.read_feather)],
    )
    @pytest.mark.usefixtures("cheap")
    def test_in_the_usual_formats(self, kind: str, read, tmp_path: Path) -> None:
        folder = run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        assert export_runs(folder.path, tmp_path / f"runs{kind}") == 160
        assert len(read(tmp_path / f"runs{kind}")) == 160
        with pytest.raises(InputError, match="there already"):
            export_runs(folder.path, tmp_path / f"runs{kind}")

    @pytest.mark.usefixtures("cheap")
    def test_what_cannot_be(self, tmp_path: Path) -> None:
        folder = run_study(small_plan(tmp_path), tmp_path / "out", jobs=1)
        with pytest.raises(InputError, match="of no kind"):
            export_runs(folder.path, tmp_path / "runs.xlsx")
        with pytest.raises(InputError, match="cannot be written"):
            export_runs(folder.path, tmp_path / "nowhere" / "runs.csv")
        with pytest.raises(InputError, match="no gathered runs"):
            read_runs(tmp_path)


class TestForReal:
    """With the engine, in processes of their own."""

    def test_two_processes_and_one_give_the_same_bytes_also_after_a_kill(self, tmp_path: Path) -> None:
        path = write_study(tmp_path)
        alone = run_study(module_load(path), tmp_path / "alone", jobs=1)
        assert alone.manifest["runs"]["failed"] == 0, failures_in(alone.path)
        assert command(path, tmp_path / "killed", kill_after=5) == KILLED
        there = len(list((tmp_path / "killed" / SHARDS).glob("*.arrow")))
        assert 5 <= there < 16
        assert command(path, tmp_path / "killed") == 0
        assert (tmp_path / "killed" / RUNS).read_bytes() == (alone.path / RUNS).read_bytes()


def command(path: Path, out: Path, kill_after: int | None = None) -> int:
    """Run a study in another process, with two workers; kill it without warning after so many shards."""
    words = [sys.executable, "-m", "sim.cli", "study", "run", str(path), "--out", str(out), "--jobs", "2"]
    process = subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        while kill_after is not None and process.poll() is None:
            if len(list((out / SHARDS).glob("*.arrow"))) >= kill_after:
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.001)
        code = process.wait(120)
        assert kill_after is None or gone(process.pid, 60), "workers have outlived their killed parent"
        return code
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def gone(group: int, seconds: int) -> bool:
    """Wait until no process of a group is left; return whether that came to be."""
    for _ in range(10 * seconds):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.coverage_subset
def test_a_worker_ends_with_its_parent_and_no_other_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    workers.end_with_parent()  # this process is nobody's worker: nothing waits
    reader, writer = os.pipe()
    ended: list[int] = []
    monkeypatch.setattr(workers.os, "_exit", ended.append)
    monkeypatch.setattr(workers.multiprocessing, "parent_process", lambda: SimpleNamespace(sentinel=reader))
    before = set(threading.enumerate())
    workers.end_with_parent()
    (waiting,) = set(threading.enumerate()) - before
    assert not ended
    os.close(writer)
    waiting.join(10)
    assert ended == [1]
    os.close(reader)


def stop_after(plan, out: Path, shards: int) -> None:
    """Run a study and break off after so many shards."""
    kept: list[object] = []

    def work(these):
        if len(kept) >= shards:
            raise KeyboardInterrupt
        kept.append(these)
        return run_task(these)

    folder = open_folder(plan, out)
    folder_module.write_manifest(folder, "")
    run = module.Run(folder, 1, None, None, lambda _done, _planned: None, work)
    with pytest.raises(KeyboardInterrupt):
        both_stages(run, plan)


def both_stages(run, plan) -> None:
    end = run.stage(plan.seeds, 0)
    run.stage(module.seeds_in_all(run.folder, end)[len(plan.seeds) :], end)


def module_load(path: Path):
    return load_plan(path)


def module_plan(out: Path):
    return module_load(out / "study.toml")


@pytest.mark.coverage_subset
class TestCommands:
    @pytest.mark.usefixtures("cheap")
    def test_run_status_failed_export(self, tmp_path: Path, capsys) -> None:
        path, out = write_study(tmp_path), tmp_path / "out"
        assert exit_code(["study", "run", str(path), "--out", str(out), "--jobs", "1", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["runs"]["done"] == 160
        assert exit_code(["study", "status", str(out)]) == 0
        assert "state: finished" in capsys.readouterr().out
        assert exit_code(["study", "failed", str(out)]) == 0
        assert exit_code(["study", "export", str(out), str(tmp_path / "runs.csv")]) == 0
        assert (tmp_path / "runs.csv").is_file()
        assert exit_code(["study", "status", str(tmp_path)]) == 2

    def test_a_dry_run_looks_at_the_whole_plan(self, tmp_path: Path) -> None:
        plan = small_plan(tmp_path)
        assert [shard.number for shard in spread(plan)] == [0, 3, 7]
        assert [shard.number for shard in spread(plan, 99)] == list(range(8))

    @pytest.mark.usefixtures("cheap")
    def test_a_dry_run_writes_nothing(self, tmp_path: Path, capsys) -> None:
        path = write_study(tmp_path)
        before = sorted(tmp_path.iterdir())
        assert exit_code(["study", "run", str(path), "--dry-run", "--json", "--out", str(tmp_path / "out")]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["runs"], told["arms"], told["points"], told["crises"]) == (160, 2, 4, 20)
        assert exit_code(["study", "run", str(path), "--dry-run", "--set", "replicates.half_width=1.0"]) == 0
        assert [time_in_words(minutes) for minutes in (0.0, 0.6, 12.2)] == ["1 second", "36 seconds", "12 minutes"]
        assert "With 512 crises" in capsys.readouterr().out
        assert sorted(tmp_path.iterdir()) == before

    @pytest.mark.usefixtures("cheap")
    def test_an_unfinished_study_is_told_of(self, tmp_path: Path, capsys) -> None:
        stop_after(small_plan(tmp_path), tmp_path / "out", 3)
        assert exit_code(["study", "status", str(tmp_path / "out"), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["state"], told["shards_done"], told["shards_of_first_stage"]) == ("unfinished", 3, 16)

    def test_failed_runs_are_an_exit_code(self, cheap: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
        TestFailures().broken(cheap)
        path, out = write_study(tmp_path), tmp_path / "out"
        words = ["study", "run", str(path), "--out", str(out), "--jobs", "1"]
        assert exit_code([*words, "--max-failures", "0"]) == 3
        assert "more than the 0" in capsys.readouterr().err
        assert exit_code(words) == 3
        assert exit_code(["study", "failed", str(out)]) == 3
        assert "sums do not balance" in capsys.readouterr().out

    def test_an_interruption_says_that_nothing_is_lost(self, cheap: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
        def interrupted(*_arguments: object) -> None:
            raise KeyboardInterrupt

        cheap.setattr(module, "run_task", interrupted)
        cheap.setattr(module.Run, "results", interrupted)
        assert exit_code(["study", "run", str(write_study(tmp_path)), "--out", str(tmp_path / "out")]) == 130
        assert "The same command goes on" in capsys.readouterr().err

    def test_the_list(self, capsys) -> None:
        assert exit_code(["study", "list"]) == 0
        capsys.readouterr()
