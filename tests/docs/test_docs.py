"""The documents are held to the code: examples run, commands exist, tables are fresh, links lead somewhere."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sim.cli import exit_code, meshgov
from sim.governance.structure import Structure
from sim.streams import Purpose
from sim.world.files import load_scenario, load_structure, shipped_names
from sim.world.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
README, MODEL, DESIGN = ROOT / "README.md", ROOT / "docs" / "model.md", ROOT / "docs" / "design.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "scenarios").rglob("*.md")])
MOST_BYTES = 200_000

# Written in pieces, so that this file does not hold what it forbids.
FORBIDDEN = (
    r"\.\./" + "shared",
    r"\b(" + "|".join(("MODEL", "HOUSE", "PROTOTYPE", "EVIDENCE", "KNOWN_" + "ANSWERS")) + r")\.md",
    r"\bMODEL" + r", section",
    "/wo" + "rk/",
    "/ro" + "ot/",
    "pypi" + r"\.",
    "files" + r"\.pythonhosted",
    r"\b[Cc]" + "laude",
)


def make_tables():
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "docs" / "make_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(language):
    """The code blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands():
    lines = [line.split("#")[0].split() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


def tracked():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607
                            capture_output=True, check=False)  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("no git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture
def own_files(tmp_path, monkeypatch):
    """A folder with the files that the README tells its reader to write; their names stand in their first lines."""
    for block in blocks("toml"):
        (tmp_path / block.split("\n")[0].removeprefix("# ")).write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return sorted(path.name for path in tmp_path.iterdir())


# ---- the README's examples ----


def test_the_python_example_runs_as_a_reader_would_run_it(tmp_path):
    (example,) = blocks("python")
    script = tmp_path / "example.py"
    script.write_text(example + "\nassert len(runs) == 12 and len(daily) == 180 and len(places) == 720\n")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "0% local" in ran.stdout
    assert "100% local" in ran.stdout
    assert list(tmp_path.iterdir()) == [script], "the example leaves files behind"


def test_the_files_that_a_reader_is_told_to_write_are_in_order(own_files, capsys):
    assert len(own_files) == 2
    assert exit_code(["validate", *own_files]) == 0
    for name in own_files:
        assert exit_code(["describe", name]) == 0
    said = capsys.readouterr().out
    assert "Day 150: powers.restriction.holder becomes place; powers.restriction.joint becomes false; " in said
    assert "evidence.data_holder becomes place." in said


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_of_the_readme_exists(words, own_files):
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return
    assert words[0] == "meshgov"
    command = meshgov.commands[words[1]]
    given = command.make_context(words[1], words[2:]).params  # refuses an unknown option or a wrong value
    if words[1] == "compare":
        load_scenario(given["scenario"])
        assert [load_structure(word).name for word in given["structures"].split(",")]
    elif words[1] == "describe":
        assert given["name_or_file"] in [*own_files, *shipped_names("structure"), *shipped_names("scenario")]


def test_the_list_of_commands_in_the_changelog_is_complete():
    (said,) = re.findall(r"`meshgov ((?:[\w-]+, )+[\w-]+)`", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert sorted(said.split(", ")) == sorted(meshgov.commands)
    assert isinstance(meshgov, click.Group)


# ---- tables ----


def test_tables_made_from_code_are_up_to_date():
    old = make_tables().out_of_date()
    assert not old, f"run `python docs/make_tables.py`: {', '.join(old)}"


def test_a_table_that_is_out_of_date_is_found():
    module = make_tables()
    text = "before\n<!-- table: phases -->\nold\n<!-- end of table -->\nafter\n"
    fresh = module.with_tables(text, {"phases": module.phases_table})
    assert fresh.startswith("before\n<!-- table: phases -->\n\n**strike** ")
    assert fresh.endswith("\n<!-- end of table -->\nafter\n")
    assert module.with_tables(fresh, {"phases": module.phases_table}) == fresh
    with pytest.raises(ValueError, match="needs one pair of marks"):
        module.with_tables("none", {"phases": module.phases_table})


def test_every_random_purpose_is_described():
    text = MODEL.read_text(encoding="utf-8")
    assert [purpose.name for purpose in Purpose if f"`{purpose.name}`" not in text] == []


def test_every_rule_file_is_named_in_the_model():
    text = MODEL.read_text(encoding="utf-8")
    names = {path.stem for path in (ROOT / "sim" / "rules").glob("*.py")} - {"__init__", "maths"}
    assert {name for name in names if f"sim/rules/{name}.py" not in text} == set()


def fact_ids(text):
    """The facts that a text names: "V4", "T15-T18" (a range), "C6 and C7"."""
    found = set(re.findall(r"\b[CDLOPSTVW]\d{1,2}\b", text))
    for kind, first, last in re.findall(r"\b([CDLOPSTVW])(\d{1,2})-\1(\d{1,2})\b", text):
        found |= {f"{kind}{number}" for number in range(int(first), int(last) + 1)}
    return found


def test_every_fact_that_a_number_rests_on_is_listed_and_no_other():
    section = MODEL.read_text(encoding="utf-8").split("## 11 Facts")[1].split("## 12 ")[0]
    listed = {fact for row in re.findall(r"^\| ([A-Z]\d[^|]*)\|", section, re.MULTILINE) for fact in fact_ids(row)}
    sources = str(Scenario.model_json_schema()) + str(Structure.model_json_schema())
    used = fact_ids(" ".join(re.findall(r"'source': '([^']*)'", sources)))
    for path in [*(ROOT / "scenarios").rglob("*.toml"), ROOT / "sim" / "world" / "synthetic.py"]:
        used |= fact_ids(path.read_text(encoding="utf-8"))
    used |= fact_ids((ROOT / "sim" / "world" / "land.py").read_text(encoding="utf-8"))
    assert used - listed == set(), "these facts are named and not listed in section 11"
    assert listed - used == set(), "these facts are listed and nothing rests on them"


# ---- links, pictures, references ----


def anchors(path):
    """The anchors that the headings of a page have on a code-hosting site."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_pictures_are_there(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), f"{target} does not exist"
        assert not anchor or anchor in anchors(there), f"{target}: no such heading"


@pytest.mark.parametrize("page", [README, MODEL, DESIGN], ids=lambda path: path.name)
def test_files_named_in_text_exist(page):
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:sim|tests|docs|scenarios|experiments|benchmarks)/[\w/.]+)`", text):
        assert (ROOT / name).exists(), f"{name} does not exist"


def test_pictures_are_small():
    pictures = sorted(path for path in (ROOT / "docs" / "images").rglob("*") if path.is_file())
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > MOST_BYTES] == []


def test_nothing_refers_to_where_it_was_made():
    found = []
    for path in tracked():
        if b"\0" in (data := path.read_bytes()):
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if any(re.search(pattern, line) for pattern in FORBIDDEN):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)
