"""Law 6: no dead parameter. Each moves some outcome somewhere, in its probe (`tests/laws/probes.py`)."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from sim.governance.parameters import Parameter, all_parameters
from tests.laws import probes

ROOT = Path(__file__).resolve().parents[2]
ALL = {each.key: each for each in all_parameters()}


@pytest.mark.parametrize("key", [key for key in ALL if key not in probes.ELSEWHERE])
def test_law_6(key):
    assert probes.alive(ALL[key]), f"{key} moves no outcome: let something read it, or give it a probe of its own"


def test_what_is_held_elsewhere_is_there():
    assert set(probes.ELSEWHERE) <= set(ALL)
    for _, test in probes.ELSEWHERE.values():
        assert (ROOT / test).is_file()


def test_every_probe_of_its_own_is_for_some_parameter():
    assert [pattern for pattern in probes.OWN if not any(fnmatchcase(key, pattern) for key in ALL)] == []


def test_a_dead_parameter_is_found():
    """A label that nothing reads moves nothing, wherever it is looked for."""
    dead = Parameter("scenario.title", "A label.", "", None, None, ("a", "b"), "", "", False, False, False)
    assert probes.alive(dead) is None
    living = ALL["scenario.load.base"]
    assert probes.alive(living).startswith("scenario.load.base = ")
