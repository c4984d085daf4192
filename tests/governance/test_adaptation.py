"""Structures that change by their own rules: when, at what cost, and in both engines alike."""

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.adaptation import next_regime
from sim.governance.setup import prepare
from sim.governance.structure import Adaptation, Structure
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.series import ROWS
from sim.state import one_world
from tests.laws import worlds

UP = {"powers": {"approach": {"holder": "nation", "joint": False, "approval_days": 2.0}}}
SEEDS = [1, 2, 3, 4]


def rigid(limit=0.1, **more):
    rule = {"watch": "harm_per_1000", "starts_at": limit, "ends_at": 0.5 * limit, "hold_days": 14, "then": UP, **more}
    return worlds.structure("mesh", adaptation=[rule])


def world(**changes):
    return worlds.scenario(days=126, **changes)


def lived(structure, seeds=SEEDS, days=None):
    """Return a block that was run, and the regime of each world on each day."""
    block, regimes = Block(prepare(world(), structure), seeds), []
    for _ in range(days or 126):
        block.run(block.day + 1)
        regimes.append(block.state.regime[0].copy())
    return block, np.array(regimes)


def test_powers_rise_with_harm_and_fall_again():
    block, regimes = lived(rigid())
    people = block.setup.land.thousand.sum()
    harm = block.series[:, ROWS.index("harm")] / people
    assert 0 < regimes.sum() < regimes.size
    assert (np.diff(regimes, axis=0).nonzero()[0] % 7 == 6).all()  # in the morning of a day of review
    for w in range(len(SEEDS)):
        starts = [day for day in range(7, 126) if regimes[day, w] == 1 and regimes[day - 1, w] == 0]
        assert all(harm[day - 7 : day, w].mean() > 0.1 for day in starts)
        ends = [day for day in range(7, 126) if regimes[day, w] == 0 and regimes[day - 1, w] == 1]
        assert all(harm[day - 7 : day, w].mean() <= 0.05 for day in ends)


def test_worlds_side_by_side_change_on_their_own_days():
    together, regimes = lived(rigid())
    assert any(len(set(row)) > 1 for row in regimes.tolist())
    for w, seed in enumerate(SEEDS):
        alone, _ = lived(rigid(), [seed])
        assert worlds.differing(worlds.bytes_of(together, w), worlds.bytes_of(alone)) == []


@pytest.mark.coverage_subset
def test_two_worlds_part_for_a_time():
    """The limit lies between the harm of their first weeks: one world changes, the other does not; aid is recalled."""
    small = worlds.scenario(days=22, country={"places": 3, "regions": 1})
    plain = Block(prepare(small, worlds.structure("mesh")), [1, 2]).run(7)
    harm = plain.series[:7, ROWS.index("harm")].mean(axis=0) / plain.setup.land.thousand.sum()
    then = {**UP["powers"], "workforce": {"holder": "nation", "places": "directed"}}
    rule = {
        "watch": "harm_per_1000",
        "starts_at": float(harm.mean()),
        "ends_at": 0.0,
        "hold_days": 7,
        "switch_days": 1.0,
    }
    block = Block(prepare(small, worlds.structure("mesh", adaptation=[{**rule, "then": {"powers": then}}])), [1, 2])
    block.run(8)
    assert block.state.regime[0].tolist() == (harm > harm.mean()).astype(int).tolist()
    assert sorted(block.state.regime[0].tolist()) == [0, 1]
    changed = int(block.state.regime[0].argmax())
    assert (block.state.aid_out[:, changed] == 0.0).all()
    block.run()
    alone = Block(prepare(small, block.setup.structure), [1 + changed]).run()
    assert worlds.differing(worlds.bytes_of(block, changed), worlds.bytes_of(alone)) == []


def test_both_engines_change_alike():
    setup = prepare(world(), rigid())
    seed = 2
    block, model = Block(setup, [seed, 1]), GovernanceModel(setup, seed)
    for _ in range(100):
        for phase in range(len(PHASES)):
            block.run_phase(phase)
            model.run_phase(phase)
        fast, slow = one_world(block.state, 0), model.columns()
        assert [name for name in fast if fast[name].tobytes() != slow[name].tobytes()] == []
    assert model.regime_since > 0


def test_a_branch_goes_on_as_the_whole():
    setup = prepare(world(), rigid())
    whole = Block(setup, SEEDS).run()
    half = Block(setup, SEEDS).run(63)
    branch = Block(setup, SEEDS).restore(half.snapshot()).run()
    assert worlds.differing(worlds.bytes_of(whole, 1), worlds.bytes_of(branch, 1)) == []


def test_a_switch_is_paid_in_training():
    dear, free = (lived(rigid(switch_days=days))[0].state.total_training.sum() for days in (5.0, 0.0))
    assert dear > free


def test_a_rule_that_never_fires_leaves_no_trace():
    plain, ruled = Block(prepare(world(), worlds.structure("mesh")), [1]).run(), lived(rigid(1e8), [1])[0]
    assert worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(ruled)) == []


@pytest.mark.coverage_subset
def test_the_next_regime_worked_by_hand():
    """Two rules; limits of 2 and .5 cases a thousand. The week's mean decides, the first rule whose limit is passed."""
    land = prepare(world(), worlds.structure("mesh")).land
    people = float(land.thousand.sum())

    def week(harm):
        rows = np.zeros((7, len(ROWS)))
        rows[:, ROWS.index("harm")] = harm * people
        return rows

    rules = tuple(
        Adaptation(watch="harm_per_1000", starts_at=limit, ends_at=limit / 2.0, hold_days=14, then=UP)
        for limit in (2.0, 0.5)
    )
    assert next_regime(rules, land, 0, 0, 7, week(0.4)) == 0
    assert next_regime(rules, land, 0, 0, 7, week(1.0)) == 2
    assert next_regime(rules, land, 0, 0, 7, week(3.0)) == 1
    assert next_regime(rules, land, 1, 7, 14, week(0.1)) == 1  # held for 14 days
    assert next_regime(rules, land, 1, 7, 21, week(1.5)) == 1  # not yet below 1
    assert next_regime(rules, land, 1, 7, 21, week(0.9)) == 2
    assert next_regime(rules, land, 1, 7, 21, week(0.2)) == 0


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends_at": 9.0}, "ends_at must be at most starts_at"),
        ({"when": "below", "ends_at": 0.0}, "ends_at must be at least starts_at"),
        ({"then": {}}, "must set one of them"),
        ({"then": {"name": "other"}}, 'it has "name"'),
        ({"then": {"powers": {"approach": {"holder": "nobody"}}}}, "then.powers.approach.holder"),
    ],
)
def test_rules_that_cannot_work_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        rigid(1.0, **change)


def test_all_that_can_be_watched_is_watched():
    for watch in ("unmet_share", "infections_per_100k", "deaths_per_100k", "trust", "confidence"):
        falls = watch in {"trust", "confidence"}
        limit = 1.0 if falls else 1e-9
        rule = {"watch": watch, "when": "below" if falls else "above", "ends_at": limit}
        assert lived(rigid(limit, **rule), [1], 60)[1].any(), watch
    assert isinstance(rigid(), Structure)
