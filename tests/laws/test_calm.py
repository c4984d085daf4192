"""Law 8: without a crisis, and with base load of at most .7, structures tie on harm but for what they cost to run.

In the model as it stands the law holds in two steps, each tested with its own tolerance.

1. *Exactly*, where staff are enough everywhere: need and voluntary groups are the same a head, and approaches do not
   differ. Then nobody's capacity is used up on any day, whatever the coordination costs; harm is 0 for all.
2. *Within a twentieth of what structures differ by in the crisis*, with the default country and approaches: a place
   that happens to start with a poor approach is short until it learns, and deprived places have fewer voluntary groups.

Staff must follow need for that. By head count alone the most deprived places are short in ordinary times.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.series import ROWS
from sim.world.files import load_scenario, shipped_names
from sim.world.scenario import Scenario
from tests.laws import worlds

SHIPPED = shipped_names("structure")
CRISIS = worlds.changed(load_scenario("synthetic_pressure"), days=120, country={"places": 24, "regions": 4})
CALM = CRISIS.model_copy(update={"pressure": None})
ALIKE = {"country": {"deprivation_slope": 0.0}, "load": {"vcs_slope": 0.0}}
SAME = {"approaches": {"spread": 0.0}}
SEEDS = [1, 2, 3]


def harm(crisis: Scenario, structure: str) -> float:
    """Return mean harm of a structure, in weighted case-days per 1,000 people a year."""
    block = Block(prepare(crisis, worlds.structure(structure)), SEEDS).run()
    people = float(block.setup.land.thousand.sum())
    return float(block.series[:, ROWS.index("harm")].sum(axis=0).mean() / people * 365.0 / crisis.days)


def difference(crisis: Scenario) -> float:
    """Return the largest difference in harm between any two structures."""
    return float(np.ptp([harm(crisis, name) for name in SHIPPED]))


@pytest.mark.parametrize("base", [0.01, 0.5, 0.7])
def test_where_staff_are_enough_nobody_is_harmed(base):
    calm = worlds.changed(CALM, **ALIKE | {"load": {"vcs_slope": 0.0, "base": base}}, **SAME)
    for name in SHIPPED:
        block = Block(prepare(calm, worlds.structure(name)), SEEDS).run()
        assert block.series[:, ROWS.index("harm")].max() < 1e-9  # cases are served on the day they come
        assert block.state.total_lapsed.max() < 1e-9
        spent = worlds.staff_days(block)
        assert (spent[worlds.USES.index("idle")] > 0.0).all()


def test_what_differs_is_what_it_costs_to_run():
    calm = worlds.changed(CALM, **ALIKE, **SAME)
    idle = {}
    for name in SHIPPED:
        block = Block(prepare(calm, worlds.structure(name)), SEEDS).run()
        by_use = dict(zip(worlds.USES, worlds.staff_days(block).mean(axis=1), strict=True))
        idle[name] = by_use["idle"] / sum(by_use.values())
    assert idle["silos"] > idle["command"] > idle["mesh"] > 0.0  # the more links, the less time is left over


def test_with_the_defaults_the_tie_is_close():
    assert difference(CALM) < 0.05 * difference(CRISIS)


def test_where_staff_go_by_head_count_deprived_places_are_short():
    harmed = {}
    for equalisation in (0.0, 1.0):
        calm = worlds.changed(CALM, load={"equalisation": equalisation, "vcs_slope": 0.0}, **SAME)
        block = Block(prepare(calm, worlds.structure("silos")), SEEDS).run()
        harmed[equalisation] = block.state.total_harm.mean(axis=1) / block.setup.land.thousand
    deprivation = block.setup.land.deprivation
    assert harmed[1.0].max() < 1e-9
    assert harmed[0.0][deprivation < 0.0].max() < 1e-9
    assert harmed[0.0][np.argmax(deprivation)] > 1.0


@pytest.mark.parametrize("name", SHIPPED)
def test_a_crisis_of_no_intensity_is_no_crisis(name):
    """Need that does not rise leaves what no crisis leaves; an epidemic that never arrives is the same whatever it is.

    (Where there might be an epidemic, a structure pays for those who watch for it; where there is none, nobody does.)
    """
    calm = worlds.scenario(epidemic=None)
    plain = worlds.block_of(calm, worlds.structure(name)).run()
    absent = {"imports_per_million": 0.0, "first_day": 1000}
    flat = {"pressure": {"load": 0.7, "wave_height": 0.0, "first_day": 1000}}
    other = worlds.block_of(worlds.changed(calm, **flat), worlds.structure(name)).run()
    assert not worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(other))
    mild, severe = (
        worlds.block_of(
            worlds.changed(calm, epidemic=absent | {"reproduction_number": r}), worlds.structure(name)
        ).run()
        for r in (0.5, 9.0)
    )
    assert not worlds.differing(worlds.bytes_of(mild), worlds.bytes_of(severe))
