"""Compile the kernels once, in the set-up step: ``python -m sim.fast.warm``."""

from __future__ import annotations

import sys
import time


def main() -> None:
    """Run a small world for a few weeks, so that every kernel is compiled and kept on disk."""
    from sim.fast.engine import Block
    from sim.governance.setup import prepare
    from sim.world.files import load_scenario, load_structure

    start = time.perf_counter()
    scenario = load_scenario("small_outbreak").model_copy(update={"days": 21})
    Block(prepare(scenario, load_structure("mesh")), [1, 2]).run()
    sys.stderr.write(f"kernels compiled in {time.perf_counter() - start:.0f} s\n")


if __name__ == "__main__":
    main()
