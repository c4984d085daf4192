"""Check the floors of coverage: branches of `sim/` without `fast/`, and every statement of `fast/`."""

import json
import sys
from pathlib import Path
from typing import Any

BRANCH_FLOOR = 0.95
FAST = "sim/fast/"


def main(report: str) -> int:
    """Read coverage's JSON report; return 0 if both floors hold, else 1, saying what is missing."""
    files = json.loads(Path(report).read_text(encoding="utf-8"))["files"]
    fast = {name: data for name, data in files.items() if name.startswith(FAST)}
    rest = {name: data for name, data in files.items() if not name.startswith(FAST)}
    branches_hold = _branches_hold(rest)
    statements_hold = _statements_hold(fast)
    return 0 if branches_hold and statements_hold else 1


def _branches_hold(files: dict[str, Any]) -> bool:
    total = sum(data["summary"]["num_branches"] for data in files.values())
    covered = sum(data["summary"]["covered_branches"] for data in files.values())
    share = covered / total if total else 1.0
    sys.stdout.write(f"branches of sim/ without fast/: {share:.1%} covered (floor {BRANCH_FLOOR:.0%})\n")
    return share >= BRANCH_FLOOR


def _statements_hold(files: dict[str, Any]) -> bool:
    missing = {name: data["missing_lines"] for name, data in files.items() if data["missing_lines"]}
    for name, lines in missing.items():
        sys.stdout.write(f"{name}: lines that no test of the subset reaches: {lines}\n")
    sys.stdout.write(f"statements of fast/: {'not all' if missing else 'all'} covered\n")
    return not missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
