"""What works where, how it shifts, how need rises, how an infection runs its course: against what is declared."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.networks import likeness_points
from sim.governance.setup import prepare
from sim.streams import Purpose, normal
from sim.world.country import load_country
from sim.world.crisis import (
    MOST_SHIFTS,
    Crisis,
    build_crisis,
    digest_of,
    lognormals,
    noisy,
    plain_normals,
    practices,
    shift_days,
    smooth_field,
    standardise,
    wobbles,
)
from sim.world.land import build_land, likeness, mean_likeness
from sim.world.scenario import Scenario
from tests.laws import worlds

SPREAD = 0.2


def scenario(places: int = 24, days: int = 30, **over: Any) -> Scenario:
    plain = worlds.scenario(epidemic=None, days=days, country={"places": places, "regions": 3})
    return worlds.changed(plain, **over)


def crisis_of(crisis: Scenario, *seeds: int) -> Crisis:
    country = load_country(crisis.country)
    return build_crisis(country, build_land(country, crisis), crisis, list(seeds) or [1])


def landscape_of(h: float, places: int = 24, **approaches: Any) -> np.ndarray[Any, Any]:
    """Return log productivity on day 0 of one world, shape (places, services, approaches)."""
    given = {"heterogeneity": h, "spread": SPREAD, **approaches}
    return crisis_of(scenario(places, approaches=given)).log_effect[0, ..., 0]


# ---- what works where ----


@pytest.mark.coverage_subset
def test_at_h_0_the_same_works_everywhere():
    field = landscape_of(0.0, places=5, count=3)
    assert (field == field[0]).all()
    assert (np.argsort(field, axis=2) == np.argsort(field[0], axis=1)).all()
    assert field[0].mean(axis=1) == pytest.approx(0.0, abs=1e-12)  # centred over approaches
    assert field[0].std(axis=1) == pytest.approx(SPREAD)  # and scaled


def test_at_h_1_nothing_works_everywhere():
    field = landscape_of(1.0)
    assert field.mean(axis=0) == pytest.approx(0.0, abs=1e-12)  # no approach is better for the country
    assert field.std(axis=0) == pytest.approx(SPREAD)
    assert len({tuple(row) for row in np.argsort(field[:, 0], axis=1).tolist()}) > 1


@pytest.mark.parametrize("h", [0.0, 0.1, 0.5, 0.75, 1.0])
def test_h_is_the_local_share_of_the_difference_exactly(h):
    field = landscape_of(h)
    common = field.mean(axis=0)
    local = field - common
    assert (local**2).mean(axis=0) == pytest.approx(h * SPREAD**2, rel=1e-9, abs=1e-15)
    assert (common**2).mean(axis=1) == pytest.approx((1.0 - h) * SPREAD**2, rel=1e-9, abs=1e-15)
    pure = [landscape_of(end) for end in (0.0, 1.0)]
    assert field == pytest.approx(math.sqrt(1.0 - h) * pure[0] + math.sqrt(h) * pure[1], abs=1e-12)


@pytest.mark.coverage_subset
def test_effects_are_the_exponentials_and_best_is_the_best():
    crisis = crisis_of(scenario(4, approaches={"count": 3}, load={"cases_per_staff_day": 2.0}))
    assert crisis.effect == pytest.approx(2.0 * np.exp(crisis.log_effect), rel=1e-12)
    assert (crisis.best == crisis.log_effect.max(axis=3)).all()


def test_no_spread_no_difference():
    assert (landscape_of(0.5, spread=0.0) == 0.0).all()


@pytest.mark.parametrize("own", [0.0, 0.4, 1.0])
def test_near_places_are_alike_as_far_as_is_declared(own):
    """The correlation of local parts is (1 - own share) * exp(-distance^2 / (2 length^2)), over 3,000 draws."""
    length, draws = 0.35, 3000
    points = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.3, 0.0, 0.0], [0.3, 0.4, 0.0], [0.3, 0.4, 0.6]])
    keys = np.arange(1, 6, dtype=np.uint64)
    fields = np.array([smooth_field(np.uint64(seed), keys, points, own, length, 0, 0) for seed in range(draws)])
    assert fields.mean(axis=0) == pytest.approx(0.0, abs=4.0 / math.sqrt(draws))
    assert fields.std(axis=0) == pytest.approx(1.0, abs=0.06)
    found = np.corrcoef(fields, rowvar=False)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    expected = (1.0 - own) * np.exp(-(distance**2) / (2.0 * length**2))
    np.fill_diagonal(expected, 1.0)
    assert found == pytest.approx(expected, abs=4.0 / math.sqrt(draws))


@pytest.mark.coverage_subset
def test_likeness_is_that_correlation():
    points = np.array([[0.0, 0.0, 0.0], [0.3, 0.4, 0.0], [0.3, 0.4, 0.6]])
    assert likeness(points, 0, 0, 0.4, 0.35) == 1.0
    assert likeness(points, 0, 1, 0.4, 0.35) == pytest.approx(0.6 * math.exp(-0.25 / 0.245), rel=1e-12)
    pairs = [likeness(points, i, j, 0.4, 0.35) for i in range(3) for j in range(3)]
    assert mean_likeness(points, np.arange(3), 0.4, 0.35) == pytest.approx(sum(pairs) / 9.0, rel=1e-12)
    assert mean_likeness(points, np.array([1]), 0.4, 0.35) == 1.0


@pytest.mark.coverage_subset
def test_deprivation_is_a_direction_on_the_map():
    country = load_country(scenario().country)
    points = likeness_points(country)
    assert (points[:, 0] == country.x).all()
    assert (points[:, 2] == 0.15 * country.deprivation).all()


@pytest.mark.coverage_subset
def test_standardising():
    values = np.array([1.0, 2.0, 3.0, 6.0])
    standardise(values)
    assert values.mean() == pytest.approx(0.0, abs=1e-15)
    assert (values**2).mean() == pytest.approx(1.0)
    same = np.full(4, 7.0)
    standardise(same)
    assert (same == 0.0).all()


# ---- shifts ----


def test_a_shift_redraws_its_share():
    """Old and new correlate as sqrt(1 - share), common and local alike; at share 0 nothing moves, at 1 all is new."""
    for share, expected in ((0.0, 1.0), (0.5, math.sqrt(0.5)), (1.0, 0.0)):
        given = {"shift_gap_days": 20.0, "shift_share": share, "count": 20, "smooth_length": 0.05}
        for h in (0.0, 1.0):
            crisis = crisis_of(scenario(40, 60, approaches={**given, "heterogeneity": h}), *range(4))
            assert len(crisis.log_effect) > 1
            before, after = crisis.log_effect[0], crisis.log_effect[1]
            moved = [w for w in range(4) if crisis.stretch[-1, w] > 0]
            found = np.corrcoef(before[..., moved].ravel(), after[..., moved].ravel())[0, 1]
            assert found == pytest.approx(expected, abs=0.12 if h == 0.0 else 0.05)
            assert after[..., moved].std() == pytest.approx(SPREAD, rel=1e-6)  # as different as before


@pytest.mark.coverage_subset
def test_shifts_come_in_order_and_at_the_declared_rate():
    assert shift_days(np.uint64(1), 1000, 0.0).tolist() == [0]
    assert len(shift_days(np.uint64(1), 100_000, 10.0)) == MOST_SHIFTS
    for seed in range(5):
        starts = shift_days(np.uint64(seed), 400, 30.0)
        assert starts[0] == 0
        assert (np.diff(starts) >= 6).all()  # a week at least, cut to whole days
        assert starts[-1] < 400


def test_the_mean_gap_between_shifts():
    gaps = np.concatenate([np.diff(shift_days(np.uint64(seed), 2000, 60.0)) for seed in range(150)])
    expected = 60.0 + 7.0 - 60.0 * (1.0 - math.exp(-7.0 / 60.0))  # exponential, but a week at least
    assert gaps.mean() == pytest.approx(expected, rel=0.06)


# ---- people ----


def test_what_people_are_like():
    keys = np.arange(1, 4001, dtype=np.uint64)
    unit = plain_normals(np.uint64(3), keys, 12)
    assert unit.mean() == pytest.approx(0.0, abs=0.06)
    assert unit.std() == pytest.approx(1.0, abs=0.05)
    uneven = lognormals(np.uint64(3), keys, 7, 0.5)
    assert uneven.mean() == pytest.approx(1.0, abs=0.04)  # unevenness makes nothing more or less
    assert np.log(uneven).std() == pytest.approx(0.5, abs=0.03)
    assert (lognormals(np.uint64(3), keys, 7, 0.0) == 1.0).all()


@pytest.mark.coverage_subset
def test_transmission_wobbles_week_by_week_and_place_by_place():
    drawn = np.log(plain_wobbles(400, 5, 0.2)) + 0.02  # less what makes its mean 1
    assert drawn.shape == (5, 400)
    assert drawn.mean() == pytest.approx(0.0, abs=0.02)
    assert drawn.std(axis=1) == pytest.approx(0.2, rel=0.15)  # places differ within a week
    assert drawn.std(axis=0).mean() == pytest.approx(0.2 * 0.84, rel=0.1)  # and weeks within a place: five of them
    between = np.corrcoef(drawn)
    assert np.abs(between[~np.eye(5, dtype=bool)]).max() < 0.2
    assert (plain_wobbles(3, 2, 0.0) == 1.0).all()


def plain_wobbles(places: int, weeks: int, log_sd: float, shared: float = 0.0, lasting: float = 0.0) -> Any:
    """Return wobbles of places in ten regions."""
    keys = np.arange(1, places + 1, dtype=np.uint64)
    settings = np.array([log_sd, shared, lasting])
    return wobbles(np.uint64(3), keys, 1_000_000 + keys % np.uint64(10), weeks, settings)


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_what_a_region_shares_of_the_wobble(shared):
    """Places of one region correlate by the share, places of two regions do not; all are as varied as before."""
    drawn = np.log(plain_wobbles(40, 3000, 0.2, shared)) + 0.02
    assert drawn.std() == pytest.approx(0.2, rel=0.05)
    found = np.corrcoef(drawn, rowvar=False)
    same = np.equal.outer(np.arange(40) % 10, np.arange(40) % 10)
    np.fill_diagonal(found, shared)
    assert found[same] == pytest.approx(shared, abs=0.08)
    assert found[~same] == pytest.approx(0.0, abs=0.08)


@pytest.mark.parametrize("lasting", [0.0, 2.0, 8.0])
def test_how_long_a_wobble_lasts(lasting):
    """From one week to the next it correlates as exp(-1/weeks); it is as varied as before."""
    drawn = np.log(plain_wobbles(200, 400, 0.2, 0.3, lasting)) + 0.02
    kept = math.exp(-1.0 / lasting) if lasting else 0.0
    assert drawn.std() == pytest.approx(0.2, rel=0.08)
    assert np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1] == pytest.approx(kept, abs=0.03)
    # By hand: the second week keeps some of the first.
    own = [math.sqrt(0.7) * normal(np.uint64(3), np.uint64(1), week, 0, Purpose.TRANSMISSION, 0) for week in (0, 1)]
    common = [
        math.sqrt(0.3) * normal(np.uint64(3), np.uint64(1_000_001), week, 0, Purpose.TRANSMISSION, 0) for week in (0, 1)
    ]
    first, second = own[0] + common[0], own[1] + common[1]
    assert drawn[1, 0] == pytest.approx(0.2 * (kept * first + math.sqrt(1.0 - kept * kept) * second), abs=1e-9)


def test_luck_in_one_thing_is_no_luck_in_another():
    """Capability, imports, caution, practice and wobble of a place are drawn for purposes of their own."""
    crisis = crisis_of(worlds.scenario(country={"places": 400, "regions": 4}, days=8, approaches={"count": 2}))
    drawn = [crisis.capability, crisis.imports, crisis.preference, crisis.wobble[0], crisis.practice[:, 0]]
    found = np.corrcoef([array[:, 0] for array in drawn])
    assert np.abs(found[~np.eye(len(drawn), dtype=bool)]).max() < 0.2


@pytest.mark.coverage_subset
def test_practice_on_day_0():
    keys = np.arange(1, 121, dtype=np.uint64)
    varied, common = (practices(np.uint64(1), keys, 5, 4, is_varied) for is_varied in (True, False))
    assert (common == common[0]).all()
    assert set(varied.ravel().tolist()) == {0, 1, 2, 3}
    counts = np.bincount(varied.ravel())
    assert counts.min() > 100  # 600 draws, 150 each
    backwards = practices(np.uint64(1), keys[::-1].copy(), 5, 4, True)
    assert (backwards[::-1] == varied).all()  # a place's own, wherever it stands


@pytest.mark.coverage_subset
def test_leads_are_wrong_by_their_noise():
    truth = np.linspace(-1.0, 1.0, 300).reshape(10, 5, 6)
    keys = np.arange(1, 11, dtype=np.uint64)
    assert (noisy(np.uint64(1), keys, truth, 0.0) == truth).all()
    error = noisy(np.uint64(1), keys, truth, 0.3) - truth
    assert error.std() == pytest.approx(0.3, rel=0.15)


# ---- need ----


@pytest.mark.parametrize("load", [0.9, 1.05, 1.4])
def test_mean_load_is_what_the_scenario_says(load):
    """Once need has risen, over days and places, local waves included."""
    given = {"load": load, "first_day": 5, "ramp_days": 15, "wave_height": 0.3}
    crisis = scenario(20, 120, pressure=given)
    surge = crisis_of(crisis, 1, 2).surge
    assert crisis.load.base * (1.0 + surge[20:].mean(axis=(0, 1))) == pytest.approx(load, rel=1e-9)
    waves = crisis_of(scenario(20, 120, pressure={**given, "load": 0.1}), 1, 2).surge
    assert (surge[:6] == waves[:6]).all()  # no common rise before its first day, nor on it
    rise = (surge - waves)[:, 0]
    assert np.diff(rise[5:21], axis=0) == pytest.approx(np.tile(rise[20] / 15.0, (15, 1)), rel=1e-9)  # even steps up
    assert rise[20:] == pytest.approx(np.broadcast_to(rise[20], rise[20:].shape))


def test_waves_alone_may_be_more_than_the_load():
    """Nothing is taken away from waves that bring more than the scenario's mean load: the common rise is then 0."""
    high = {"load": 0.71, "wave_height": 5.0, "wave_gap_days": 2.0}
    crisis = scenario(10, 60, pressure=high)
    surge = crisis_of(crisis).surge
    assert (surge >= 0.0).all()
    assert crisis.load.base * (1.0 + surge.mean()) > 0.71


@pytest.mark.coverage_subset
def test_waves_are_local_and_smooth():
    crisis = scenario(12, 50, pressure={"load": 0.1, "wave_height": 1.0, "wave_gap_days": 15.0})
    surge = crisis_of(crisis, 3).surge[..., 0]
    assert surge.min() == 0.0
    assert 0.0 < surge.max() <= 1.5 * 3  # at most a few of height one and a half at once
    assert np.abs(np.diff(surge, axis=0)).max() < 0.35  # up or down in at least twenty days
    assert surge.std(axis=1).max() > 0.05  # not the same everywhere
    none = crisis_of(scenario(12, 50, pressure={"load": 0.1, "wave_height": 0.0}))
    assert (none.surge == 0.0).all()


@pytest.mark.coverage_subset
def test_need_follows_the_surge():
    crisis = scenario(
        4, 12, pressure={"load": 1.2, "ramp_days": 5}, approaches={"count": 2}, load={"spill": 0.0, "cascade": 0.0}
    )
    block = worlds.block_of(crisis, worlds.structure("silos"))
    for day in range(12):
        block.run_phase(0)
        expected = block.setup.land.need * (1.0 + block.crisis.surge[day])
        assert block.state.new_need[..., 0] == pytest.approx(expected, rel=1e-12)
        for phase in range(1, 8):
            block.run_phase(phase)


@pytest.mark.coverage_subset
def test_the_digest_sees_everything():
    crisis = crisis_of(scenario(3, 12, approaches={"count": 2}, pressure={}), 1, 2)
    digests = {digest_of(crisis, 0), digest_of(crisis, 1)}
    for name in Crisis._fields:
        array = getattr(crisis, name).copy()
        first = np.nonzero(array.reshape(-1) >= 0)[0][0] if name != "variant" else 0
        touched = array.reshape(-1)
        touched[first] = touched[first] + 1
        other = crisis._replace(**{name: array})
        digests |= {digest_of(other, 0), digest_of(other, 1)}
    assert len(digests) >= 2 + len(Crisis._fields)


# ---- the infection ----


def final_size(reproduction_number: float) -> float:
    """Return the root z > 0 of z = 1 - exp(-R z), by halving."""
    low, high = 1e-9, 1.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if 1.0 - math.exp(-reproduction_number * middle) > middle else (low, middle)
    return low


ALONE = {"caution": 0.0, "control_effect": 0.0, "wobble_log_sd": 0.0, "neighbour_mixing": 0.0, "national_mixing": 0.0}
BRIEFLY = {"first_day": 0, "import_days": 1, "imports_per_million": 0.1, "import_log_sd": 0.0}


def attack_rates(days: int, **epidemic: Any) -> np.ndarray[Any, Any]:
    """Return the share of people ever infected in each of three places left to themselves."""
    crisis = worlds.scenario(
        days=days,
        country={"places": 3, "regions": 1},
        epidemic={**ALONE, **BRIEFLY, **epidemic},
        restriction={"effect": 0.0},
    )
    block = Block(prepare(crisis, worlds.structure("silos")), [1]).run()
    return 1.0 - block.state.susceptible[:, 0] / block.setup.land.population


@pytest.mark.parametrize("reproduction_number", [1.3, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("infectious_days", [2.0, 7.0])
def test_the_final_size_of_an_epidemic_left_alone(reproduction_number, infectious_days):
    """Known answer G5a: z = 1 - exp(-R z), with the R that days make of the rates.

    An infectious person stays 1/(1 - exp(-1/D)) days on average, and causes R (1 - exp(-1/D)) infections a day: R in
    all. (A hazard of R/D a day would make R = 1.5 at D = 7 an effective 1.61, and z = .647.)
    """
    rates = attack_rates(900, reproduction_number=reproduction_number, infectious_days=infectious_days, latent_days=2.0)
    assert rates == pytest.approx(final_size(reproduction_number), abs=1e-4)


def test_the_published_roots():
    for reproduction_number, z in ((1.5, 0.58281), (2.0, 0.79681), (2.5, 0.89264), (3.0, 0.94048)):
        assert final_size(reproduction_number) == pytest.approx(z, abs=5e-6)


def test_below_one_it_dies_out():
    assert attack_rates(400, reproduction_number=0.8).max() < 1e-6
    assert attack_rates(60, imports_per_million=0.0).max() == 0.0


def test_latency_delays_and_does_not_change_the_size():
    short, long = (attack_rates(900, latent_days=days) for days in (0.5, 8.0))
    assert short == pytest.approx(long, abs=1e-4)
    assert attack_rates(60, latent_days=8.0).max() < attack_rates(60, latent_days=0.5).min()


def test_mixing_carries_it_to_where_none_was_imported():
    """Everything is imported into one place; the others stay free of it unless people mix."""
    for mixing, is_reached in ((0.0, False), (0.1, True)):
        crisis = worlds.scenario(
            days=60, epidemic={**ALONE, **BRIEFLY, "neighbour_mixing": mixing}, restriction={"effect": 0.0}
        )
        setup = prepare(crisis, worlds.structure("silos"))
        drawn = build_crisis(setup.country, setup.land, crisis, [1])
        imports = np.zeros_like(drawn.imports)
        imports[0] = 1.0
        block = Block(setup, [1], drawn._replace(imports=imports)).run()
        infected = setup.land.population - block.state.susceptible[:, 0]
        assert infected[0] > 0.0
        assert (infected[1:] > 0.0).all() == is_reached
        assert (infected[1:] == 0.0).all() == (not is_reached)
