"""G4: landscapes, search on any graph, and units that share out one solution."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sim.known_answers import g4_landscapes as g4
from sim.known_answers import graphs
from sim.known_answers.case import ERRORS_ALLOWED, generator, mean_and_error

pytestmark = pytest.mark.coverage_subset


def land_of(reads, item=1):
    return g4.landscape(reads, generator(1, item))


def value_by_definition(land, solution):
    total = 0.0
    for reads, table in zip(land.reads, land.tables, strict=True):
        total += table[sum(((solution >> bit) & 1) << place for place, bit in enumerate(reads))]
    return total / land.bits


@pytest.mark.parametrize("with_replacement", [False, True])
def test_values_follow_the_definition(with_replacement):
    land = land_of(g4.random_reads(6, 3, generator(1, 2), with_replacement))
    values = land.values()
    assert values == pytest.approx([value_by_definition(land, solution) for solution in range(64)], abs=1e-12)


def test_reads_are_distinct_and_others():
    for row, reads in enumerate(g4.random_reads(8, 7, generator(1, 3))):
        assert reads[0] == row
        assert sorted(reads) == list(range(8))


def test_named_patterns():
    assert g4.next_reads(4, 1).tolist() == [[0, 1], [1, 2], [2, 3], [3, 0]]
    assert g4.reads_of(g4.blocks(4, 2)).tolist() == [[0, 1], [1, 0], [2, 3], [3, 2]]
    uneven = np.zeros((2, 2), dtype=bool)
    uneven[0, 1] = True
    assert g4.reads_of(uneven).tolist() == [[0, 1], [1, 1]]


def test_a_smooth_landscape_has_one_peak():
    assert {g4.peaks(land_of(g4.random_reads(6, 0, generator(1, item)), item)) for item in range(10)} == {1}


def test_blocks_are_landscapes_of_their_own():
    land = land_of(g4.reads_of(g4.blocks(6, 3)))
    parts = [g4.Landscape(land.reads[k : k + 3] - k, land.tables[k : k + 3]) for k in (0, 3)]
    assert g4.peaks(land) == g4.peaks(parts[0]) * g4.peaks(parts[1])
    assert land.values().max() == pytest.approx(sum(part.values().max() for part in parts) / 2.0)


def test_where_all_depends_on_all_peaks_are_as_many_as_expected():
    ours, se = mean_and_error(g4.peak_counts(5, 4, 150, 1))
    assert abs(ours - g4.expected_peaks(5)) <= ERRORS_ALLOWED * se
    assert g4.expected_peaks(8) == pytest.approx(28.44, abs=0.005)


def test_too_many_bits_are_refused():
    with pytest.raises(ValueError, match="at most 24"):
        g4.landscape(np.zeros((25, 1), dtype=np.int64), generator(1, 1))


@pytest.fixture(scope="module")
def values():
    return land_of(g4.random_reads(8, 3, generator(1, 4))).values()


def test_scores_and_held_values_never_fall(values):
    how = g4.Search(rounds=30)
    starts = generator(1, 5).integers(256, size=10)
    for graph in (graphs.empty(10), graphs.cycle(10), graphs.complete(10)):
        means, _ = g4.search(graph, values, starts, how, generator(1, 6))
        assert (np.diff(means) >= 0.0).all()
        assert means[-1] <= 1.0


def test_all_copy_the_best_in_one_round(values):
    starts = generator(1, 5).integers(256, size=10)
    best = values[starts].max()
    means, unique = g4.search(graphs.complete(10), values, starts, g4.Search(rounds=1), generator(1, 6))
    assert means[1] >= (best / values.max()) ** 8 - 1e-12
    assert unique[0] == len(set(starts.tolist()))
    assert unique[1] <= 2  # the best one tries a flip


def test_who_never_looks_searches_alone(values):
    starts = generator(1, 5).integers(256, size=10)
    apart, _ = g4.search(graphs.empty(10), values, starts, g4.Search(rounds=40, velocity=0.5), generator(1, 7))
    deaf, _ = g4.search(graphs.complete(10), values, starts, g4.Search(rounds=40, velocity=1e-12), generator(1, 7))
    np.testing.assert_array_equal(apart, deaf)


def test_who_copies_nothing_learns_nothing_from_others(values):
    starts = generator(1, 5).integers(256, size=10)
    means, _ = g4.search(graphs.star(10), values, starts, g4.Search(rounds=20, error=1.0), generator(1, 7))
    assert means[-1] < 1.0
    half, _ = g4.search(graphs.star(10), values, starts, g4.Search(rounds=20, error=0.5), generator(1, 7))
    assert half[-1] >= means[0]


@pytest.mark.parametrize("consent", [g4.turn, g4.one, g4.unanimous])
@pytest.mark.parametrize("size", [2, 3])
def test_units_that_mind_the_whole_never_lower_it(consent, size):
    land = land_of(g4.random_reads(6, 3, generator(1, 8)))
    path, end = g4.decide(land, np.arange(6) // size, consent(6 // size), 80, generator(1, 9))
    values = path.sum(axis=1)
    assert (np.diff(values) >= -1e-12).all()
    assert value_by_definition(land, end) >= values[-1] - 1e-12
    assert values[0] == pytest.approx(value_by_definition(land, 0))


def test_units_without_spill_over_need_no_consent():
    land = land_of(g4.reads_of(g4.blocks(6, 2)))
    owner = np.arange(6) // 2
    paths = [g4.decide(land, owner, each(3), 100, generator(1, 9)) for each in (g4.own, g4.turn, g4.unanimous)]
    for path, end in paths[1:]:
        assert path == pytest.approx(paths[0][0])
        assert end == paths[0][1]


def test_with_spill_over_units_on_their_own_may_lower_the_whole():
    land = land_of(g4.random_reads(6, 5, generator(1, 8)))
    path, _ = g4.decide(land, np.arange(6), g4.own(6), 80, generator(1, 9))
    assert (np.diff(path.sum(axis=1)) < 0.0).any()


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("at_once", [False, True])
def test_at_most_so_many_changes_are_made_in_a_round(most, at_once):
    land = land_of(g4.random_reads(6, 0, generator(1, 8)))
    rule = replace(g4.turn(6), at_once=at_once, most=most)
    ends = [g4.decide(land, np.arange(6), rule, rounds, generator(1, 9))[1] for rounds in (1, 2, 3)]
    changes = [(before ^ after).bit_count() for before, after in pairwise([0, *ends])]
    assert max(changes) == most


def test_a_unit_with_a_veto_never_loses_and_one_without_may():
    land = land_of(g4.random_reads(8, 5, generator(1, 10)))
    vetoes = np.zeros((4, 4), dtype=bool)
    vetoes[:, 0] = True  # any proposal fails by which the first unit would lose
    rule = replace(g4.turn(4), vetoes=vetoes)
    starts = range(0, 256, 16)
    moves = [np.diff(g4.decide(land, np.arange(8) // 2, rule, 40, generator(1, 11), at)[0], axis=0) for at in starts]
    assert min(each[:, 0].min() for each in moves) >= -1e-12
    assert min(each[:, 1:].min() for each in moves) < -1e-12


def test_any_weights_a_region_minds_its_two_units_only():
    # Units 0 and 1 form a region, 2 and 3 another; what happens inside a region never lowers the region's sum
    # where contributions do not reach beyond it.
    land = land_of(g4.reads_of(g4.blocks(8, 4)))
    region = np.kron(np.eye(2), np.ones((2, 2)))
    rule = g4.Consent(region, np.zeros((4, 4), dtype=bool))
    path, end = g4.decide(land, np.arange(8) // 2, rule, 80, generator(1, 12))
    whole, whole_end = g4.decide(land, np.arange(8) // 2, g4.turn(4), 80, generator(1, 12))
    assert (np.diff(path[:, :2].sum(axis=1)) >= -1e-12).all()
    assert path == pytest.approx(whole)
    assert end == whole_end


def test_wrong_rules_and_owners_are_refused():
    land = land_of(g4.random_reads(4, 1, generator(1, 8)))
    with pytest.raises(ValueError, match="is for 3 units; there are 2"):
        g4.decide(land, [0, 0, 1, 1], g4.own(3), 1, generator(1, 1))
    with pytest.raises(ValueError, match="has no bit"):
        g4.decide(land, [0, 0, 2, 2], g4.own(3), 1, generator(1, 1))


def test_a_longer_comparison_begins_with_a_shorter_ones_landscapes():
    arms = {"ring": g4.Arm("lattice", g4.Search(rounds=5)), "random": g4.Arm("random", g4.Search(rounds=5))}
    short, long = (g4.compare(arms, 2, number, 1, bits=6) for number in (1, 2))
    for name in arms:
        np.testing.assert_array_equal(short.scores[name], long.scores[name][:1])
    later = g4.compare(arms, 2, 1, 1, bits=6, first=1)
    for name in arms:
        np.testing.assert_array_equal(later.scores[name], long.scores[name][1:])


def test_a_directed_tie_is_seen_from_one_side(values):
    sees = np.zeros((2, 2), dtype=bool)
    sees[1, 0] = True  # the second sees the first
    best, worst = int(values.argmax()), int(values.argmin())
    means, _ = g4.search(sees, values, np.array([best, worst]), g4.Search(rounds=1), generator(1, 7))
    assert means[1] == pytest.approx(1.0)
    means, _ = g4.search(sees.T, values, np.array([best, worst]), g4.Search(rounds=1), generator(1, 7))
    assert means[1] < 1.0


@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_tiny_landscapes(full, monkeypatch):
    monkeypatch.setattr(g4, "BITS", 6)
    monkeypatch.setattr(g4, "AGENTS", 12)
    monkeypatch.setattr(g4, "LANDSCAPES", {False: 4, True: 6})
    monkeypatch.setattr(g4, "REPLACED", 2)
    monkeypatch.setattr(g4, "CLOSE", 3)
    monkeypatch.setattr(g4, "SIMPLE", {False: 2, True: 2})
    monkeypatch.setattr(g4, "PEAKS", {False: 2, True: 2})
    monkeypatch.setattr(g4, "peak_counts", lambda n, k, landscapes, seed: np.arange(landscapes) + n + k + seed)
    checks = g4.CASE.run(full, 79)
    assert len({check.claim for check in checks}) == len(checks)
    assert g4.CASE.figure(full, 79).axes
