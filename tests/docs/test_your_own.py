"""What a user adds: each documented example is short and runs, and what cannot be added is refused."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.agents import CentralGovernment, Holder, LocalAuthority, NHSTeam
from sim.engine import run
from sim.errors import InputError
from sim.own import Own, OwnOutcome
from sim.study.compare import compare
from sim.study.folder import identity
from sim.study.shards import from_bytes, run_shard, shards_of
from tests.laws import worlds
from tests.study.study_files import small_plan

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "your_own.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^## (.+?)\n.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TINY = worlds.scenario(restriction={"threshold": 5.0}, epidemic={"first_day": 0})


class Never(LocalAuthority):
    """Contact is never limited."""

    def choose_restriction(self, scope, rate):
        return 0.0 * super().choose_restriction(scope, rate)


class Same(LocalAuthority):
    """A council as any other."""


NEVER = Own(agents={LocalAuthority: Never})


def measure(name, of=lambda result: result.outcomes["harm_per_1000"]):
    return OwnOutcome(name, "Mine", "days", "lower", "harm", "One of mine.", of=of)


# ---- the page ----


@pytest.mark.parametrize(("title", "code"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_each_example_is_short_and_runs(title, code, tmp_path):
    assert len(code.splitlines()) < 40
    script = tmp_path / "mine.py"
    script.write_text(code, encoding="utf-8")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout
    assert list(tmp_path.iterdir()) == [script], "the example leaves files behind"
    if title == "Agents":
        assert "mesa, with CautiousCouncil for LocalAuthority, StubbornTeam for NHSTeam" in ran.stdout


def test_there_is_an_example_of_each():
    assert [title for title, _ in EXAMPLES] == ["A crisis", "A structure", "Agents", "An outcome"]


def test_every_choice_is_named():
    seams = {
        name
        for path in (ROOT / "sim" / "agents").glob("*.py")
        for name in re.findall(r"def (choose_\w+)", path.read_text(encoding="utf-8"))
    }
    assert seams == set(re.findall(r"^\| `(choose_\w+)` ", PAGE, re.MULTILINE))


# ---- agents ----


def test_agents_of_ones_own_run_on_the_mesa_engine_and_say_so():
    (usual,) = run(TINY, worlds.structure("silos"), [1])
    (mine,) = run(TINY, worlds.structure("silos"), [1], own=NEVER)
    assert usual.engine == "fast"
    assert mine.engine == "mesa, with Never for LocalAuthority"
    assert usual.outcomes["restricted_days_per_person"] > 0.0
    assert mine.outcomes["restricted_days_per_person"] == 0.0
    assert mine.crisis_digest == usual.crisis_digest


def test_an_agent_that_changes_nothing_leaves_no_trace():
    (usual,) = run(TINY, worlds.structure("mesh"), [1])
    (mine,) = run(TINY, worlds.structure("mesh"), [1], own=Own(agents={LocalAuthority: Same}))
    assert mine.series.equals(usual.series)


def test_own_agents_have_a_run_id_of_their_own():
    usual, mine = (compare(TINY, ["silos"], replicates=1, jobs=1, own=own) for own in (Own(), NEVER))
    assert usual.run_id != mine.run_id
    assert usual.runs["run_id"][0] != mine.runs["run_id"][0]


def test_what_cannot_stand_in_is_refused():
    with pytest.raises(InputError, match=r"Never does not extend NHSTeam.*Write class Never\(NHSTeam\)"):
        Own(agents={NHSTeam: Never})
    with pytest.raises(InputError, match="run on the Mesa engine only"):
        run(TINY, worlds.structure("silos"), [1], engine="fast", own=NEVER)
    with pytest.raises(InputError, match="nobody is a plain Holder"):
        run(TINY, worlds.structure("silos"), [1], own=Own(agents={Holder: CentralGovernment}))


def test_a_sweep_uses_them_and_says_so(tmp_path):
    plan = small_plan(tmp_path)
    mine = dataclasses.replace(plan, own=NEVER)
    shard = dataclasses.replace(next(iter(shards_of(mine, [1]))), scenario=TINY)
    (row,) = from_bytes(run_shard(shard)).to_pylist()
    assert (row["status"], row["engine"]) == ("done", "mesa, with Never for LocalAuthority")
    assert identity(mine)["agents"] == NEVER.names
    assert "agents" not in identity(plan)


# ---- outcomes ----


def test_an_outcome_of_ones_own_has_its_row():
    own = Own(outcomes=[measure("mine")])
    comparison = compare(TINY, ["silos", "mesh"], replicates=2, jobs=1, own=own)
    table = comparison.table()
    mine, harm = (table[table["outcome"] == name].reset_index(drop=True) for name in ("mine", "harm_per_1000"))
    for column in ("value", "difference", "low", "high", "verdict"):
        assert mine[column].equals(harm[column])
    assert mine["title"][0] == "Mine"
    assert list(comparison.runs["mine"]) == list(comparison.runs["harm_per_1000"])
    assert set(comparison.runs["engine"]) == {"fast"}


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(InputError, match='two outcomes are called "harm_per_1000"'):
        Own(outcomes=[measure("harm_per_1000")])
    with pytest.raises(InputError, match='two outcomes are called "mine"'):
        Own(outcomes=[measure("mine"), measure("mine")])
