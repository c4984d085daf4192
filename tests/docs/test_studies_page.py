"""The page on studies: its file is in order, its commands exist, and its code runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli_study import study
from sim.study.declared import Study
from sim.study.designs import MAKERS
from sim.study.read import load_plan, study_names

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (text,) = blocks("toml")
    path = tmp_path / "links.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_is_in_order(example: Path) -> None:
    plan = load_plan(example)
    assert plan.arms == ["brisk_command", "mesh", "slow_mesh"]
    assert len(plan.points) == 6


@pytest.mark.usefixtures("example")
def test_the_code_runs_as_a_reader_would_run_it(tmp_path: Path) -> None:
    (code,) = blocks("python")
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    ran = subprocess.run([sys.executable, "example.py"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "slow_mesh" in ran.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["example.py", "links.toml"]


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines() if line])
def test_the_commands_exist(line: str, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(example.parent)
    (example.parent / "results" / "links").mkdir(parents=True)
    words = line.split()
    assert words[:2] == ["meshgov", "study"]
    study.commands[words[2]].make_context(words[2], words[3:])


def test_every_design_and_part_of_the_file_is_told_of() -> None:
    for kind in [*MAKERS, "table"]:
        assert f"`{kind}`" in PAGE
    for part in ("arms", "uncertainties", "settings", "design", "replicates", "scenarios", "outcomes"):
        assert part in Study.model_fields
        assert part in PAGE


def test_every_shipped_study_has_a_page_that_is_linked() -> None:
    for name in study_names():
        page = ROOT / "experiments" / name / "README.md"
        text = page.read_text(encoding="utf-8")
        assert f"experiments/{name}/README.md" in PAGE
        assert f"meshgov study run {name}" in text
        assert "## What it does not show" in text
        assert load_plan(name).study.question in text
