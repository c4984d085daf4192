"""Joint decisions that can fail: who can say no, what it costs in time, and that it leaves no trace when off."""

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.outcomes import outcomes_of
from sim.rules.resources import share_of
from sim.rules.talks import chance_of_consent, days_of_talks
from sim.state import one_world
from sim.streams import Purpose, uniform
from tests.laws import worlds

FORUM = {"holder": "forum", "fallback": "place", "joint": True, "scope": None}


def governed(holder="forum", **power):
    together = {**FORUM, "holder": holder, **power}
    return worlds.structure("mesh", powers={"approach": together, "reserve": together, "restriction": together})


def end_of(structure, seed=3, **talks):
    setup = prepare(worlds.scenario(days=150, talks=talks), structure)
    block = Block(setup, [seed]).run()
    state = one_world(block.state, 0)
    return state, outcomes_of(setup, state, block.series[..., 0])


def failed(structure, **talks):
    return np.mean([end_of(structure, seed, **talks)[1]["failed_talks_share"] for seed in range(3)])


def test_a_veto_makes_talks_fail_and_side_payments_save_them():
    shares = [failed(governed("region"), unanimity=u, deadline_days=14) for u in (0.0, 0.5, 1.0)]
    assert shares[0] == 0.0 < shares[1] < shares[2]
    bought = [failed(governed("region"), side_payments=s, deadline_days=14) for s in (0.0, 1.0)]
    assert bought[1] < bought[0]


def test_the_more_sit_at_the_table_the_more_often_they_fail():
    assert failed(governed("forum"), deadline_days=14) < failed(governed("nation"), deadline_days=14)


def test_more_time_and_the_holders_last_word_end_failure():
    by_deadline = [failed(governed("region"), deadline_days=days) for days in (0, 28, 182)]
    assert by_deadline[0] > by_deadline[1] > by_deadline[2]
    assert failed(governed("region", at_deadline="imposed")) == 0.0


@pytest.mark.coverage_subset
def test_whoever_decides_alone_talks_to_nobody():
    one, other = (end_of(governed(joint=False), **talks) for talks in ({}, {"unanimity": 0.3, "round_days": 2}))
    assert one[0]["talks"].sum() == 0.0
    assert np.isnan(one[1]["failed_talks_share"])
    for name, array in one[0].items():
        assert array.tobytes() == other[0][name].tobytes(), name


def test_one_table_worked_by_hand():
    """The first talks of a forum on surge staff: gains, consent and rounds follow the rules from the state."""
    setup = prepare(worlds.scenario(days=20), governed())
    block = Block(setup, [3]).run(7)
    before = one_world(block.state, 0)
    for phase in range(3):
        block.run_phase(phase)
    after, power, par = one_world(block.state, 0), setup.stretches[0].table.reserve, setup.stretches[0].table.par
    tables = [power.scope_place[power.scope_start[n] : power.scope_start[n + 1]] for n in range(len(power.scope_key))]
    looked_at = 0
    for key, members in zip(power.scope_key, tables, strict=True):
        if len(members) < 2 or after["talks"][members[0]] == before["talks"][members[0]]:
            continue
        looked_at += 1
        agreed = not np.array_equal(after["reserve_next"][members], before["reserve"][members])
        if agreed:
            gains = (after["reserve_next"] - before["reserve"])[members].sum(axis=1) / setup.land.staff[members].sum(
                axis=1
            )
            chance = np.prod([chance_of_consent(g, gains.mean(), 0.0, 1.0, par.talks_tolerance) for g in gains])
            drawn = [uniform(np.uint64(3), key, 7, 100, int(Purpose.TALKS), n) for n in range(5)]
            first = next(n for n, u in enumerate(drawn) if u < chance)
            opposed = share_of(float((gains < 0.0).sum()), float(len(gains)))
            days = days_of_talks(power.negotiation, len(gains), par.talks_seats, opposed, par.talks_dispute)
            trust = before["trust"][members].mean()
            assert (
                after["reserve_due"][members] == 7 + int(power.fixed + days * (1.0 - trust) + 0.5) + 7 * first
            ).all()
    assert looked_at > 0
