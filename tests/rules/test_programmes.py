"""Leadership programmes and joint sessions: by hand, their limits, and what they move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.governance.programmes import MOST_TIME
from sim.governance.setup import prepare
from sim.ledger import check_balance
from sim.outcomes import outcomes_of
from sim.rules.programmes import is_on, leading_after, pooled, times_faster
from sim.state import one_world
from sim.world.files import load_scenario
from sim.world.scenario import Scenario
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

SHARES = st.floats(0.0, 1.0)
SOCIAL, WELLBEING = 2, 4
CALM: dict[str, Any] = {"epidemic": None, "days": 120}


def test_days_on_which_a_programme_runs():
    assert [day for day in range(20) if is_on(day, 3, 4)] == [3, 4, 5, 6]


def test_an_effect_grows_and_fades_by_hand():
    """A tenth of what is missing in a week of 70 days; then a fifth of what is there in one of 35."""
    grown = leading_after(leading_after(0.0, True, 70.0, 35.0, 7.0), True, 70.0, 35.0, 7.0)
    assert grown == pytest.approx(0.19)
    assert leading_after(grown, False, 70.0, 35.0, 7.0) == pytest.approx(0.8 * 0.19)
    assert times_faster(2.0, 0.19) == pytest.approx(1.38)
    assert times_faster(2.0, 0.0) == 1.0


@given(SHARES, st.booleans(), st.floats(7.0, 3650.0), st.floats(7.0, 3650.0))
def test_an_effect_stays_a_share(leading, runs, learn, fade):
    after = leading_after(leading, runs, learn, fade, 7.0)
    assert 0.0 <= after <= 1.0
    assert (after >= leading) if runs else (after <= leading)


@pytest.mark.coverage_subset
def test_three_weeks_of_both_by_hand_in_both_engines():
    """Two places are led for two weeks; sessions of worth .5 are held in the second of three weeks, for 1% of time."""
    culture = {"language_start": 0.4, "language_growth": 0.01, "language_fade": 0.0}
    leadership = {"places": 2, "length_days": 14, "boost": 2.0, "learn_days": 70.0, "fade_days": 35.0}
    sessions = {"first_day": 7, "length_days": 7, "time": 0.01, "worth": 0.5}
    scenario = worlds.scenario(**{**CALM, "days": 21}, culture=culture, leadership=leadership, joint_sessions=sessions)
    governing = worlds.structure("silos", channels={"partnership": {"clarity": 0.2}})
    block, _ = run_side_by_side(prepare(scenario, governing), [1])
    led = block.setup.stretches[0].table.programmes.led == 1
    assert led.sum() == 2
    for chosen, effects in ((led, (0.1, 0.19, 0.8 * 0.19)), (~led, (0.0, 0.0, 0.0))):
        language = 0.4
        for effect, joint in zip(effects, (0.2, 0.7, 0.2), strict=True):
            language += 0.01 * (1.0 + 2.0 * effect) * joint * 7.0 * (1.0 - language)
        assert block.state.leading[chosen, 0] == pytest.approx(effects[-1])
        assert block.state.language[chosen, 0] == pytest.approx(language)
    land, s = block.setup.land, block.state
    posts = land.staff.sum(axis=1) + land.reserve
    at_work = (1.0 - 0.04) * posts  # nobody moves in silos on calm days
    paid = np.where(led, np.minimum(MOST_TIME * posts * 14.0, 37_000.0 / 150.0), 0.0)  # at GBP 150 a staff-day
    assert s.total_programmes[:, 0] == pytest.approx(0.96 * paid + 7.0 * 0.01 * at_work)
    check_balance(block.setup, one_world(s, 0), 21)


def test_a_pool_goes_by_open_cases():
    assert pooled(2.0, 12.0, 30.0, 40.0) == pytest.approx(9.0)
    assert pooled(2.0, 12.0, 0.0, 40.0) == 0.0
    assert pooled(2.0, 12.0, 0.0, 0.0) == 2.0


@pytest.mark.coverage_subset
def test_a_day_of_a_pooled_budget_by_hand():
    """Surge staff of social care and wellbeing go 3 to 1, as their open cases; the others keep theirs."""
    budget = {"services": ["social_care", "wellbeing"], "length_days": 1, "time": 0.01}
    same = {"equalisation": 1.0, "reserve_share": 0.5, "spill": 0.0, "cascade": 0.0, "base": 0.01}
    scenario = worlds.scenario(**{**CALM, "days": 2}, load=same, approaches={"spread": 0.0}, pooled_budget=budget)
    block = worlds.block_of(scenario, worlds.structure("silos"), 1)
    for number in range(3):
        block.run_phase(number)
    s, land, table = block.state, block.setup.land, block.setup.stretches[0].table
    s.open_cases[:] = 1e9  # so that all hands are busy, and what is served tells how many there are
    s.open_cases[:, SOCIAL] = 3e9
    reserve, before = s.reserve[..., 0].copy(), s.open_cases[..., 0].copy()
    block.run_phase(3)
    surge = reserve.copy()
    pool = reserve[:, SOCIAL] + reserve[:, WELLBEING]
    surge[:, SOCIAL], surge[:, WELLBEING] = 0.75 * pool, 0.25 * pool
    working = (1.0 - 0.04) * (1.0 - table.coordination - table.analysis - 0.01)
    hours = (land.staff + surge) * working[:, None]
    assert s.total_used[:, 0] == pytest.approx(hours.sum(axis=1))
    per_day = s.served[..., 0] / hours
    plain = worlds.block_of(worlds.changed(scenario, pooled_budget={"first_day": 9}), worlds.structure("silos"), 1)
    for number in range(3):
        plain.run_phase(number)
    plain.state.open_cases[..., 0] = before
    plain.run_phase(3)
    usual = (land.staff + reserve) * (0.96 * (1.0 - table.coordination - table.analysis))[:, None]
    assert per_day == pytest.approx(plain.state.served[..., 0] / usual)


def test_pooling_helps_where_one_of_the_services_is_pressed():
    """A flood of need in one service only: a pool with the other lowers harm, in whichever structure."""
    winter = {"kind": "winter", "first_day": 5, "length_days": 60.0, "clinical_care": 1.5, "social_care": 0.0}
    over = {**CALM, "crisis": [winter], "load": {"base": 0.7, "reserve_share": 0.3}}
    apart = worlds.scenario(**over)
    together = worlds.scenario(**over, pooled_budget={"services": ["clinical_care", "social_care"], "time": 0.0})
    formula = {"powers": {"reserve": {"rule": "formula"}}}
    for name in ("silos", "command"):
        harm = []
        for scenario in (apart, together):
            block = worlds.block_of(scenario, worlds.structure(name, **formula), 1).run()
            harm.append(float(block.state.total_harm.sum()))
        assert harm[1] < harm[0]


def found(scenario: Scenario, structure: str = "mesh") -> dict[str, float]:
    block = worlds.block_of(scenario, worlds.structure(structure), 1).run()
    return outcomes_of(block.setup, one_world(block.state, 0), block.series[..., 0])


def with_leadership(**over: Any) -> Scenario:
    return worlds.scenario(**CALM, leadership={"places": 6, "length_days": 60, **over})


def with_sessions(**over: Any) -> Scenario:
    return worlds.scenario(**CALM, joint_sessions={"length_days": 60, **over})


@pytest.mark.parametrize(
    ("name", "rises", "scenarios"),
    [
        ("language_end", True, [with_leadership(places=places) for places in (1, 3, 6)]),
        ("trust_end", True, [with_leadership(boost=boost) for boost in (0.0, 1.0, 5.0)]),
        ("trust_end", False, [with_leadership(learn_days=days) for days in (7.0, 60.0, 600.0)]),
        ("trust_end", True, [with_leadership(fade_days=days) for days in (7.0, 60.0, 600.0)]),
        ("language_end", True, [with_leadership(length_days=days) for days in (7, 30, 120)]),
        ("programme_share", True, [with_leadership(grant_gbp=pounds) for pounds in (0.0, 27_000.0, 90_000.0)]),
        ("language_end", True, [with_sessions(worth=worth) for worth in (0.0, 0.5, 2.0)]),
        ("programme_share", True, [with_sessions(time=share) for share in (0.0, 0.005, 0.03)]),
    ],
)
@pytest.mark.parametrize("structure", ["mesh", "command"])
def test_directions(name, rises, scenarios, structure):
    values = [found(scenario, structure)[name] for scenario in scenarios]
    steps = np.diff(values) if rises else -np.diff(values)
    assert (steps > 0.0).all(), values


def test_a_programme_after_the_last_day_leaves_no_trace():
    late = {"first_day": 500}
    one = worlds.block_of(worlds.scenario(), worlds.structure("mesh")).run()
    both = worlds.scenario(leadership=late, joint_sessions=late)
    other = worlds.block_of(both, worlds.structure("mesh")).run()
    assert not worlds.differing(worlds.bytes_of(one), worlds.bytes_of(other))


def test_the_same_places_are_led_under_every_structure():
    scenario = with_leadership(places=3)
    led = [prepare(scenario, worlds.structure(n)).stretches[0].table.programmes.led for n in ("mesh", "command")]
    assert led[0].tolist() == led[1].tolist()


def test_local_vision_is_in_the_wicked_issue():
    leadership = load_scenario("wicked_issue").leadership
    assert leadership is not None
    assert (leadership.places, leadership.grant_gbp, leadership.match_gbp) == (25, 27_000.0, 10_000.0)


@pytest.mark.parametrize("name", ["leadership", "joint_sessions", "pooled_budget"])
def test_a_dated_change_cannot_bring_a_programme_in(name):
    change = ({"day": 5, "scenario": {name: {"first_day": 6}}},)
    with pytest.raises(InputError, match=f"cannot bring in {name}"):
        prepare(worlds.scenario(change=change), worlds.structure("mesh"))
