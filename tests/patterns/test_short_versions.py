"""Short versions of the patterns: what theory expects and the model shows, and what it does not show, both held.

Each runs a part of its shipped study on one map and judges it by the checks of `sim.study.theory`, whose full versions,
on four maps, are told in docs/patterns.md. M6 is in `tests/study/test_pooling.py`, M12 and M13 in
`tests/study/test_validation.py`. Law 4 is held in each: all arms of a study meet the same crises.
"""

from collections.abc import Sequence

import pandas as pd
import pytest

from sim.study.folder import read_runs
from sim.study.patterns import Finding
from sim.study.read import load_plan
from sim.study.runner import run_study
from sim.study.theory import PATTERNS, study_file_of

# Pattern: its study, and what makes it short.
SHORT: dict[str, tuple[str, tuple[str, ...]]] = {
    "M1": ("heterogeneity_full", ("uncertainties.local.values=[0.0, 0.3, 0.5, 1.0]",)),
    "M2": ("spillover_full", ("uncertainties.mixing.values=[0.01, 0.5]", "uncertainties.preference.values=[1.0]")),
    "M3": ("delay_full", ("uncertainties.delay.values=[7, 14, 21]",)),
    "M4": ("sharing_full", ("uncertainties.trials.values=['none']",)),
    "M5": ("link_density_full", ("uncertainties.degree.values=[0, 2, 16, 32]",)),
    "M7": ("purchasing_full", ("uncertainties.supply.values=[0.8, 5.0]",)),
    "M9": (
        "losing_the_centre_full",
        (
            "uncertainties.gap.values=[60.0]",
            "settings.scenario.days=200",
            "settings.scenario.country.places=24",
            "replicates.count=8",
        ),
    ),
    "M10": ("candour_full", ("uncertainties.candour.values=[0.1, 1.0]",)),
    "M11": ("turbulence_full", ("uncertainties.gap.values=[30.0, 3650.0]",)),
    "M14": (
        "low_trust_full",
        (
            "uncertainties.days.values=[28, 273]",
            "uncertainties.start.values=[0.05]",
            "uncertainties.boost.values=[0.0]",
        ),
    ),
}
# Pattern: parts of what its checks say that are not shown, the full version being the judge; all others are.
NOT_SHOWN: dict[str, tuple[str, ...]] = {
    "M1": ("in between",),
    "M2": ("has no more deaths", "excess of choice by each place in deaths"),
    "M4": ("nobody may try",),
    "M5": ("is lowest at some number of ties",),
    "M7": ("more harm than",),
    "M9": ("a hub more harm", "too more harm than those without a base"),
    "M10": ("low candour slows",),
    "M14": ("50% local: over all 273 days",),
}
# What losing a centre costs is too small for a short version: only what is contradicted is held here.
ONLY = {"M9": NOT_SHOWN["M9"]}
ONE_MAP = ("uncertainties.map.values=[1]", "replicates.count=16")


def findings(pattern: str, runs: pd.DataFrame) -> Sequence[Finding]:
    """Return what came of those checks of a pattern that these runs have all cells for."""
    found = []
    study, _ = SHORT[pattern]
    for check in (*PATTERNS[pattern].checks, *PATTERNS[pattern].afterwards):
        if check.study == study:
            try:
                found.append(check.measure(runs))
            except ValueError:  # this check's cells are left to the full version
                continue
    return found


@pytest.mark.parametrize("pattern", SHORT)
def test_what_is_shown_and_what_is_not(pattern, tmp_path):
    study, settings = SHORT[pattern]
    plan = load_plan(study_file_of(study), [*ONE_MAP, *settings])
    folder = run_study(plan, tmp_path / "out", jobs=1)
    found = findings(pattern, read_runs(folder.path))
    assert len(found) >= 2
    for each in found:
        if pattern in ONLY and not any(part in each.says for part in ONLY[pattern]):
            continue
        expected = not any(part in each.says for part in NOT_SHOWN.get(pattern, ()))
        assert (each.verdict == "shown") == expected, f"{each.says}: {each.value:.4g} [{each.low:.4g}, {each.high:.4g}]"
