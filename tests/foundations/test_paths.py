"""Shipped files are found in both places, and a word means one thing."""

import re
from pathlib import Path

import pytest

from sim import paths

pytestmark = pytest.mark.coverage_subset
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", ["scenarios", "experiments"])
def test_in_a_checkout(kind):
    assert paths.shipped(kind) == ROOT / kind


@pytest.mark.parametrize("kind", ["scenarios", "experiments"])
def test_in_an_installed_wheel(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "sim")
    assert paths.shipped(kind) == tmp_path / "sim" / "_shipped" / kind


def test_the_wheel_puts_them_where_they_are_looked_for():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for kind in ("scenarios", "experiments"):
        assert re.search(rf'^"{kind}" = "sim/_shipped/{kind}"$', project, re.MULTILINE)


def test_a_bare_word_is_a_shipped_name():
    assert paths.resolve("scenarios", "england_2020") == ROOT / "scenarios" / "england_2020.toml"


@pytest.mark.parametrize("word", ["mine.toml", "./mine", "a/b.toml", "/data/x", "a\\b"])
def test_anything_else_is_a_path(word):
    assert paths.resolve("scenarios", word) == Path(word)
