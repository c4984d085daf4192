"""Short versions of the patterns: what theory expects and the model shows, and what it does not show, both held.

Each runs a part of its shipped study on one map and judges it by the checks of `sim.study.theory`, whose full versions,
on four maps, are told in docs/patterns.md. M6 is in `tests/study/test_pooling.py`, M12 and M13 in
`tests/study/test_validation.py`. Law 4 is held in each: all arms of a study meet the same crises.
"""

from collections.abc import Sequence
from dataclasses import replace

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
    "M8": ("shared_trial_full", ("uncertainties.protocol.values=[0.0, 0.05]", "uncertainties.local.values=[0.0]")),
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
    "M8": ("last 90 days by a centre", "without a shared trial", "no trial, links and no", "no trial, places alone"),
    "M10": ("low candour slows",),
    "M14": ("50% local: over all 273 days",),
}
# M9, of whose study only some scenarios and arms are run: these, over so many maps, and whether they have more harm.
LOSSES = {
    "a lost centre": (("whole", "centre_lost"), ("brisk_command",), [1, 2, 3, 4], "brisk_command has more harm", True),
    "a lost hub": (("whole", "hub_lost"), ("hub", "mesh_without_base"), [1], "a hub more harm", False),
    "a lost host": (("whole", "base_lost"), ("mesh", "mesh_without_base"), [1], "too more harm than those", False),
}
ONE_MAP = ("uncertainties.map.values=[1]", "replicates.count=16")


def findings(pattern: str, runs: pd.DataFrame) -> Sequence[Finding]:
    """Return what came of those checks of a pattern that these runs have all cells for."""
    found = []
    study = SHORT[pattern][0] if pattern in SHORT else "losing_the_centre_full"
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
        expected = not any(part in each.says for part in NOT_SHOWN.get(pattern, ()))
        assert (each.verdict == "shown") == expected, f"{each.says}: {each.value:.4g} [{each.low:.4g}, {each.high:.4g}]"


@pytest.mark.parametrize("loss", LOSSES)
def test_what_a_loss_costs(loss, tmp_path):
    """Losing a hub or a host saves working time, and so does not cost what theory says: that is held as well."""
    scenarios, arms, maps, says, shown = LOSSES[loss]
    settings = [f"uncertainties.map.values={maps}", "uncertainties.gap.values=[60.0]"]
    plan = load_plan(study_file_of("losing_the_centre_full"), settings)
    part = replace(
        plan,
        scenarios=tuple(each for each in plan.scenarios if each.name in scenarios),
        structures=tuple(each for each in plan.structures if each.name in arms),
    )
    folder = run_study(part, tmp_path / "out", jobs=1)
    (told,) = (each for each in findings("M9", read_runs(folder.path)) if says in each.says)
    assert (told.verdict == "shown") == shown, f"{told.says}: {told.value:.4g} [{told.low:.4g}, {told.high:.4g}]"
