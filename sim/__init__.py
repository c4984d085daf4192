"""Which decisions should be taken at which level, and with what links between those who take them.

>>> from sim import Scenario, Structure, compare  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Exported lazily: pandas and Numba take a while to import, and not every command needs them.
_WHERE = {
    "Scenario": "sim.world.scenario",
    "Structure": "sim.governance.structure",
    "InputError": "sim.errors",
    "load_scenario": "sim.world.files",
    "load_structure": "sim.world.files",
    "prepare": "sim.governance.setup",
    "run": "sim.engine",
    "MODEL_VERSION": "sim.engine",
    "GovernanceModel": "sim.model",
    "Block": "sim.fast.engine",
    "compare": "sim.study.compare",
    "OUTCOMES": "sim.outcomes",
    "Own": "sim.own",
    "OwnOutcome": "sim.own",
}
__all__ = list(_WHERE)


def __getattr__(name: str) -> Any:
    """Import an exported name when it is first asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
