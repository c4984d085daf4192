"""Compiled code is kept where it can be written, and never outlives the sources it came from."""

import os
import platform
import re
import subprocess
import sys

import numba
import numpy as np
import pytest

from sim.fast import compiled
from sim.rules import maths

pytestmark = pytest.mark.coverage_subset


HOLDER = """
import sys
from pathlib import Path
from sim.fast import compiled
compiled._hold(Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def hold_in_another_process(folder):
    command = [sys.executable, "-c", HOLDER, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=compiled.checkout())


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one module in a checkout of its own."""
    folder = tmp_path / "sim"
    folder.mkdir()
    (tmp_path / "pyproject.toml").touch()
    (folder / "rules").mkdir()
    (folder / "rules" / "one.py").write_text("x = 1", encoding="utf-8")
    (folder / "cli.py").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(compiled, "PACKAGE", folder)
    monkeypatch.setattr(compiled, "KERNEL_SOURCES", ("rules",))
    monkeypatch.delenv("MESHGOV_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return folder


def test_numba_is_told_the_folder():
    assert compiled.source_hash() in numba.config.CACHE_DIR or "meshgov-numba-" in numba.config.CACHE_DIR


def test_the_name_changes_with_any_source(package):
    first = compiled.source_hash()
    assert compiled.source_hash() == first
    (package / "rules" / "one.py").write_text("x = 2", encoding="utf-8")
    second = compiled.source_hash()
    (package / "rules" / "two.py").touch()
    third = compiled.source_hash()
    (package / "rules" / "two.py").rename(package / "rules" / "three.py")
    assert len({first, second, third, compiled.source_hash()}) == 4


def test_what_no_kernel_can_come_from_does_not_change_it(package):
    first = compiled.source_hash()
    (package / "cli.py").write_text("x = 2", encoding="utf-8")
    assert compiled.source_hash() == first


def test_compiled_code_comes_from_the_hashed_sources_only():
    hashed = [compiled.PACKAGE / name for name in compiled.KERNEL_SOURCES]
    for path in compiled.PACKAGE.rglob("*.py"):
        decorated = re.search(r"^ *@(compiled|inner|rule)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert decorated is None or any(path.is_relative_to(place) for place in hashed), path


def test_the_name_changes_with_the_compiler_and_its_settings(monkeypatch):
    first = compiled.source_hash()
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "changed")
    second = compiled.source_hash()
    monkeypatch.setattr(numba, "__version__", "changed")
    assert len({first, second, compiled.source_hash()}) == 3


def test_in_a_checkout_it_lies_in_the_checkout(package):
    assert compiled.cache_folder() == package.parent / ".cache" / "numba" / compiled.source_hash()


@pytest.mark.usefixtures("package")
def test_a_chosen_place_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("MESHGOV_CACHE", str(tmp_path / "chosen"))
    assert compiled.cache_folder() == tmp_path / "chosen" / compiled.source_hash()


@pytest.mark.usefixtures("package")
def test_an_installed_package_uses_the_users_cache(tmp_path):
    (tmp_path / "pyproject.toml").unlink()
    assert compiled.checkout() is None
    assert compiled.cache_folder() == tmp_path / "home" / "meshgov" / "numba" / compiled.source_hash()


@pytest.mark.usefixtures("package")
def test_where_nothing_can_be_written_it_is_temporary(tmp_path, monkeypatch):
    blocked = tmp_path / "a_file"
    blocked.touch()
    monkeypatch.setenv("MESHGOV_CACHE", str(blocked))
    folder = compiled.cache_folder()
    assert folder.is_dir()
    assert folder.name.startswith("meshgov-numba-")
    folder.rmdir()


@pytest.mark.usefixtures("package")
def test_older_folders_go_when_a_new_one_is_made(tmp_path):
    old = tmp_path / ".cache" / "numba" / ("0" * 20)
    other = tmp_path / ".cache" / "numba" / "not ours"
    old.mkdir(parents=True)
    other.mkdir()
    new = compiled.cache_folder()
    assert new.is_dir()
    assert not old.exists()
    assert other.exists()


@pytest.mark.usefixtures("package")
def test_older_folders_stay_in_a_chosen_place(tmp_path, monkeypatch):
    old = tmp_path / "chosen" / ("0" * 20)
    old.mkdir(parents=True)
    monkeypatch.setenv("MESHGOV_CACHE", str(tmp_path / "chosen"))
    compiled.cache_folder()
    assert old.exists()


@pytest.mark.skipif(os.name != "posix", reason="the locks are POSIX locks; elsewhere no folder is removed")
def test_a_folder_that_another_process_uses_is_kept(tmp_path):
    used = tmp_path / "used"
    used.mkdir()
    with hold_in_another_process(used) as other:
        other.stdout.readline()
        compiled.remove_unused(tmp_path, keep="kept")
        assert used.exists()
        other.communicate(b"\n")
    compiled.remove_unused(tmp_path, keep="kept")
    assert not used.exists()


def test_without_locks_nothing_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "locks", None)
    compiled.open_folder(tmp_path, "new")
    (tmp_path / "old").mkdir()
    compiled.remove_unused(tmp_path, keep="new")
    assert (tmp_path / "old").exists()


def test_a_rule_is_still_a_plain_function():
    @compiled.rule
    def double(x):
        return x + x

    assert double("ab") == "abab"


@compiled.compiled
def _lapses(days, out):
    for world in range(out.size):
        out[world] = maths.exp(-0.1 * days[world]) * maths.logistic(days[world])


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled here")
@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="reads the names of x86 instructions")
def test_a_loop_of_rules_is_vectorised_and_never_fuses():
    kernel = numba.njit(error_model="numpy", fastmath=False)(_lapses.py_func)
    kernel(np.ones(3), np.ones(3))
    (assembly,) = kernel.inspect_asm().values()
    assert re.search(r"\bv?divpd\b", assembly)
    assert "vfmadd" not in assembly
    assert not re.search(r"\bcall\S*\s+\S*(exp|logistic)", assembly)


@compiled.lanes
def _moved(first, second, third, fourth):
    for world in range(first.size):
        first[world] += second[world]
        third[world] -= second[world]
        fourth[world] = first[world] / third[world]


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled here")
@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="reads the names of x86 instructions")
def test_a_loop_over_lanes_does_not_ask_whether_arrays_overlap():
    kernel = numba.njit(error_model="numpy", pipeline_class=compiled._Apart, _nrt=False)(_moved.py_func)
    plain = numba.njit(error_model="numpy", _nrt=False)(_moved.py_func)
    rows = np.ones((4, 19))
    kernel(*rows)
    plain(*rows)
    asks = [sum(block.count("vector.memcheck") for block in each.inspect_llvm().values()) for each in (kernel, plain)]
    assert asks[0] == 0 < asks[1]
    assert re.search(r"\bv?divpd\b", "".join(kernel.inspect_asm().values()))
