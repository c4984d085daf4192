"""Beyond one machine: a real scheduler and two workers as processes of their own, one of them killed in mid-study."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli import exit_code
from sim.errors import InputError
from sim.study import cluster as module
from sim.study.cluster import cluster_executor
from sim.study.folder import RUNS
from sim.study.read import load_plan
from sim.study.runner import run_study
from tests.study.study_files import write_study

distributed = pytest.importorskip("distributed")
# Dask leaves sockets and loops for the collector to close, which Python then warns of.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0
BRIEF = ("uncertainties.local.steps=3", "replicates.count=16")


def start(*words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *words]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler on this machine, and its two workers."""
    file = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    local = ("--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard")
    scheduler = start("distributed.cli.dask_scheduler", *local, "--port", "0")
    workers = [start("distributed.cli.dask_worker", *local, "--nthreads", "1", "--no-nanny") for _ in range(2)]
    try:
        yield address_in(file), workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait(SECONDS)


def address_in(file: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return str(json.loads(file.read_text())["address"])
        time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")


def test_a_worker_that_is_killed_in_mid_study_changes_nothing(cluster, tmp_path: Path) -> None:
    address, workers = cluster
    plan = load_plan(write_study(tmp_path), BRIEF)
    alone = run_study(plan, tmp_path / "alone", jobs=1)
    wait_for_workers(address, 2)

    def kill_one(done: int, _planned: int) -> None:
        if done >= 48 and workers[0].poll() is None:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait(SECONDS)

    with cluster_executor(address) as (executor, threads):
        assert threads == 2
        far = run_study(plan, tmp_path / "far", jobs=threads, executor=executor, progress=kill_one)
    assert workers[0].returncode == -signal.SIGKILL
    assert far.manifest["runs"] == {"planned": 192, "done": 192, "failed": 0}
    assert (far.path / RUNS).read_bytes() == (alone.path / RUNS).read_bytes()
    words = ["--cluster", address, "--set", "replicates.count=1", "--set", "design.kind=one_point"]
    assert exit_code(["study", "run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "cli"), *words]) == 0


def wait_for_workers(address: str, count: int) -> None:
    with distributed.Client(address, timeout=SECONDS) as client:
        client.wait_for_workers(count, timeout=SECONDS)


def test_other_versions_are_refused(cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MODEL_VERSION", 999)
    with pytest.raises(InputError, match="has not the same meshgov"), cluster_executor(cluster[0]):
        pytest.fail("work was done")


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_TO_ANSWER", 0.5)
    with pytest.raises(InputError, match="no scheduler answers"), cluster_executor("tcp://127.0.0.1:1"):
        pytest.fail("work was done")


def test_no_workers(cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for worker in cluster[1]:
        worker.kill()
        worker.wait(SECONDS)
    monkeypatch.setattr(module, "SECONDS_TO_ANSWER", 3.0)
    with pytest.raises(InputError, match="has no workers"), cluster_executor(cluster[0]):
        pytest.fail("work was done")


def test_dask_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="is not installed"), cluster_executor("tcp://127.0.0.1:1"):
        pytest.fail("work was done")
