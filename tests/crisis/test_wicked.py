"""A slow issue and prevention by hand: growth, feeding, what takes hold, and what overload squeezes out."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.governance.setup import prepare
from sim.rules.prevention import prevented_share, prevention_today
from sim.streams import Purpose, normal
from sim.world.crises import ServiceName, WickedIssue
from sim.world.scenario import SERVICES, Scenario
from tests.conformance.side_by_side import run_side_by_side
from tests.crisis.samples import ground_of, sample, with_crises
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset

SOCIAL, ESSENTIALS, WELLBEING = 2, 3, 4
CALM: dict[str, Any] = {
    "epidemic": None,
    "load": {"base": 0.3, "spill": 0.0, "cascade": 0.0},
    "approaches": {"spread": 0.0},
}


def test_it_grows_more_where_people_are_deprived():
    """On day 9 half of 20 days of growth: .5 x .6 x lognormal x (1 + .3 deprivation)."""
    issue = WickedIssue(services=("essentials",), growth_days=20.0, height=0.6, place_log_sd=0.5, which=2)
    ground = ground_of(with_crises(), seed=5)
    part = issue.strike(ground)
    for p, key in enumerate(ground.land.key):
        own = math.exp(0.5 * normal(np.uint64(5), key, 0, 2, Purpose.WICKED, 0) - 0.125)
        slope = max(0.1, 1.0 + 0.3 * ground.land.deprivation[p])
        assert part.chronic[9, p, ESSENTIALS] == pytest.approx(0.5 * 0.6 * own * slope)
        assert part.chronic[34, p, ESSENTIALS] == pytest.approx(0.6 * own * slope)
    assert (part.chronic[..., [0, 1, 2, 4]] == 0.0).all()
    assert part.need is None


def test_open_cases_of_its_services_make_cases_in_the_others():
    """.02 in the one other of two: 50 open in social care make 1 in wellbeing a day, and nothing elsewhere."""
    scenario = with_crises(
        sample("wicked_issue", services=("social_care", "wellbeing"), height=0.0, feeding=0.02), days=2, **CALM
    )
    setup = prepare(scenario, worlds.structure("silos"))
    feeding = np.zeros((5, 5))
    feeding[SOCIAL, WELLBEING] = feeding[WELLBEING, SOCIAL] = 0.02
    assert setup.stretches[0].table.feeding == pytest.approx(feeding)
    block = worlds.block_of(scenario, worlds.structure("silos"))
    block.state.open_cases[0, SOCIAL] = 50.0
    block.run_phase(0)
    more = block.state.new_need[:, :, 0] - block.setup.land.need
    expected = np.zeros_like(more)
    expected[0, WELLBEING] = 1.0
    assert more == pytest.approx(expected, abs=1e-9)


def test_prevention_by_hand():
    """A tenth of staff time where nothing is short: after n days it has a hold of .1 (1 - (1 - 1/20)^n).

    A hold of .05 averts half of what can be averted where half is .05; so need falls to 1 - .4 x hold/(hold + .05).
    """
    scenario = with_crises(days=30, prevention={"share": 0.1, "lag_days": 20.0, "half": 0.05, "squeeze": 1.0}, **CALM)
    block, _ = run_side_by_side(prepare(scenario, worlds.structure("silos")), [1], every_phase=False)
    hold = 0.1 * (1.0 - 0.95**30)
    assert block.state.prevention[:, WELLBEING, 0] == pytest.approx(hold)
    assert (block.state.prevention[:, 0] == 0.0).all()  # nothing to prevent in outbreak control
    before = 0.1 * (1.0 - 0.95**29)
    left = 1.0 - 0.4 * before / (before + 0.05)
    assert block.state.new_need[:, WELLBEING, 0] == pytest.approx(left * block.setup.land.need[:, WELLBEING])


def test_what_prevention_takes_and_what_overload_takes_of_it():
    assert prevention_today(40.0, 0.1, 0.0, 1.0) == pytest.approx(4.0)
    assert prevention_today(40.0, 0.1, 3.0, 1.0) == pytest.approx(1.0)  # three of four staff-days are called away
    assert prevention_today(40.0, 0.1, 3.0, 0.0) == pytest.approx(4.0)  # ring-fenced
    assert prevention_today(40.0, 0.1, 9.0, 1.0) == 0.0
    assert prevented_share(0.0, 0.4, 0.1) == 0.0
    assert prevented_share(0.1, 0.4, 0.1) == pytest.approx(0.2)
    assert prevented_share(0.3, 0.4, 0.1) == pytest.approx(0.3)


@given(st.floats(0.0, 1e5), st.floats(0.0, 0.5), st.floats(0.0, 1e5), st.floats(0.0, 10.0))
def test_prevention_never_takes_more_than_its_share(available, share, short, squeeze):
    taken = prevention_today(available, share, short, squeeze)
    assert 0.0 <= taken <= share * available


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.001, 1.0))
def test_prevention_never_averts_more_than_can_be_averted(hold, preventable, half):
    averted = prevented_share(hold, preventable, half)
    assert 0.0 <= averted <= preventable
    assert prevented_share(0.5 * hold, preventable, half) <= averted * (1.0 + 1e-12)


def slow(**over: Any) -> Scenario:
    """Return half a year of a slow issue that staff can just bear."""
    issue = sample("wicked_issue", growth_days=60.0, height=0.5, feeding=0.0, place_log_sd=0.0)
    return with_crises(issue, **{"days": 180, "epidemic": None, "load": {"base": 0.6}, **over})


def total(name: str, scenario: Scenario) -> float:
    block = worlds.block_of(scenario, worlds.structure("mesh"), 1, 2).run()
    return float(getattr(block.state, name).sum())


@pytest.mark.parametrize(
    ("name", "rises", "settings"),
    [
        ("total_need", False, [{"share": 0.0}, {"share": 0.03}, {"share": 0.1}, {"share": 0.3}]),
        ("total_prevention", True, [{"share": 0.0}, {"share": 0.03}, {"share": 0.1}, {"share": 0.3}]),
        ("total_need", True, [{"share": 0.1, "lag_days": days} for days in (5.0, 60.0, 700.0)]),
        ("total_need", True, [{"share": 0.1, "half": half} for half in (0.01, 0.1, 1.0)]),
        ("total_prevention", False, [{"share": 0.1, "squeeze": squeeze} for squeeze in (0.0, 1.0, 10.0)]),
    ],
)
def test_each_lever_of_prevention_has_its_direction(name, rises, settings):
    found = [total(name, slow(prevention=each)) for each in settings]
    assert found == sorted(found, reverse=not rises)
    assert len(set(found)) == len(found)


def test_prevention_pays_where_there_is_time_and_costs_where_there_is_none():
    """With slack it lowers harm; where every hour is needed and nothing protects it, it is squeezed out."""
    slack = [total("total_harm", slow(prevention={"share": share, "lag_days": 30.0})) for share in (0.0, 0.1)]
    assert slack[1] < slack[0]
    pressed = slow(prevention={"share": 0.1, "squeeze": 10.0}, load={"base": 1.2})
    ringed = slow(prevention={"share": 0.1, "squeeze": 0.0}, load={"base": 1.2})
    assert total("total_prevention", pressed) < 0.1 * total("total_prevention", ringed)


@pytest.mark.parametrize(
    ("lever", "values"),
    [("height", (0.0, 0.5, 1.5)), ("feeding", (0.0, 0.01, 0.03)), ("growth_days", (60.0, 20.0, 1.0))],
)
def test_the_more_of_it_the_more_harm(lever, values):
    harm = []
    for value in values:
        scenario = with_crises(sample("wicked_issue", **{lever: value}), epidemic=None, days=56)
        harm.append(worlds.block_of(scenario, worlds.structure("mesh"), 1, 2, 3).run().state.total_harm.sum())
    assert harm[0] < harm[1] < harm[2]


def test_services_have_the_names_that_crises_know():
    assert get_args(ServiceName) == SERVICES
