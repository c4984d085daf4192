"""Random numbers are the published ones, the same in both engines, and belong to their purpose alone."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim import streams
from sim.fast.compiled import compiled
from sim.rules.maths import normal_quantile
from sim.streams import Purpose

pytestmark = pytest.mark.coverage_subset

# From kat_vectors of Random123, the authors' own library: counter, key, result.
KNOWN_ANSWERS = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]
KEYS = [streams.key_of(f"E0600000{i}") for i in range(9)]

seeds = st.integers(0, 2**64 - 1)
days = st.integers(0, streams.DAY_COUNT - 1)
slots = st.integers(0, streams.SLOT_COUNT - 1)
items = st.integers(0, streams.ITEM_COUNT - 1)
purposes = st.sampled_from(Purpose)


@compiled
def _philox(counter, key, out):
    out[0], out[1], out[2], out[3] = streams.philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


@compiled
def _uniform(seed, key, day, slot, purpose, item):
    return streams.uniform(seed, key, day, slot, purpose, item)


@compiled
def _normal(seed, key, day, slot, purpose, item):
    return streams.normal(seed, key, day, slot, purpose, item)


@compiled
def _normal_of_a_named_purpose(seed, key):
    return streams.normal(seed, key, 1, 2, Purpose.OBSERVATION, 3)


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN_ANSWERS)
def test_known_answers(counter, key, result):
    given_words = np.array(counter, dtype=np.uint64), np.array(key, dtype=np.uint64)
    out = np.empty(4, dtype=np.uint64)
    _philox(*given_words, out)
    assert out.tolist() == result
    assert [int(word) for word in streams.philox(*given_words[0], *given_words[1])] == result


@given(seeds, seeds, days, slots, purposes, items)
def test_compiled_equals_plain_bit_for_bit(seed, key, day, slot, purpose, item):
    where = (np.uint64(seed), np.uint64(key), day, slot, int(purpose), item)
    u = streams.uniform(*where)
    assert 0.0 < u < 1.0
    assert u == _uniform(*where)
    assert streams.normal(*where) == _normal(*where)


def test_arrays_hold_the_draws_of_their_place_slot_and_item():
    u = streams.uniforms(5, KEYS, 12, 3, Purpose.TRIAL, 4)
    z = streams.normals(5, KEYS, 12, 3, Purpose.TRIAL, 4)
    assert u.shape == z.shape == (len(KEYS), 3, 4)
    where = np.uint64(5), np.uint64(KEYS[7]), 12, 2, int(Purpose.TRIAL), 3
    assert u[7, 2, 3] == streams.uniform(*where)
    assert z[7, 2, 3] == streams.normal(*where)


def test_a_kernel_may_name_the_purpose():
    where = np.uint64(9), np.uint64(KEYS[0])
    assert _normal_of_a_named_purpose(*where) == streams.normal(*where, 1, 2, Purpose.OBSERVATION, 3)


@pytest.mark.parametrize("fill", [streams.fill_uniforms, streams.fill_normals])
def test_worlds_side_by_side_equal_worlds_alone(fill):
    keys = np.array(KEYS, dtype=np.uint64)
    together = np.empty((len(KEYS), 2, 3, 17))
    fill(together, streams.seed_array(list(range(17))), keys, 4, 1)
    for world in (0, 16):
        alone = np.empty((len(KEYS), 2, 3, 1))
        fill(alone, streams.seed_array([world]), keys, 4, 1)
        assert alone.tobytes() == np.ascontiguousarray(together[:, :, :, world : world + 1]).tobytes()


@pytest.mark.parametrize("draw", [streams.uniforms, streams.normals])
def test_one_more_draw_moves_no_other(draw):
    few = draw(1, KEYS[:4], 7, 2, Purpose.SHIFT, 3)
    many = draw(1, KEYS, 7, 5, Purpose.SHIFT, 8)
    assert np.array_equal(few, many[:4, :2, :3])


@compiled
def _turned(drawn):
    streams.turn_normal(drawn, np.zeros(drawn.size), np.zeros(drawn.size, np.int64))


AT_THE_EDGE = [0.075, 0.925, np.nextafter(0.075, 0), np.nextafter(0.925, 1), 2.0**-53, 1 - 2.0**-53, 0.5]


@given(st.lists(st.floats(2.0**-53, 1 - 2.0**-53) | st.sampled_from(AT_THE_EDGE), max_size=70))
@example([0.5] * 9)  # nothing in the tails
@example([0.01, 0.99] * 9)  # nothing else
def test_many_draws_turned_normal_at_a_time_equal_each_alone(chances):
    drawn = np.array(chances)
    _turned(drawn)
    assert drawn.tolist() == [normal_quantile(u) for u in chances]


def test_nothing_is_stored_between_draws():
    first = streams.normals(1, KEYS, 7, 2, Purpose.SHIFT, 3)
    streams.normals(1, KEYS, 7, 2, Purpose.PILOT, 300)
    assert np.array_equal(first, streams.normals(1, KEYS, 7, 2, Purpose.SHIFT, 3))


def test_every_coordinate_matters():
    base = (np.uint64(1), np.uint64(2), 3, 4, 5, 6)
    moved = [(*base[:i], type(base[i])(base[i] + type(base[i])(1)), *base[i + 1 :]) for i in range(6)]
    high_words = [(np.uint64(1 + 2**32), *base[1:]), (base[0], np.uint64(2 + 2**32), *base[2:])]
    assert len({float(streams.uniform(*where)) for where in [base, *moved, *high_words]}) == 9


def test_the_ends_of_the_interval_are_never_reached(monkeypatch):
    for word in (0, 0xFFFFFFFF):
        words = (np.uint64(word),) * 4
        monkeypatch.setattr(streams, "words", lambda *_, words=words: words)
        u = streams.uniform(np.uint64(0), np.uint64(0), 0, 0, 0, 0)
        assert 0.0 < u < 1.0
        assert math.isfinite(streams.normal_quantile(u))


def test_moments_of_uniforms():
    u = streams.uniforms(0, KEYS, 0, 16, Purpose.COUNTRY, 1000).ravel()
    assert u.mean() == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / u.size))
    assert u.var() == pytest.approx(1 / 12, abs=0.001)
    counts, _ = np.histogram(u, bins=20, range=(0, 1))
    assert ((counts - u.size / 20) ** 2 / (u.size / 20)).sum() < 43.8  # chi-squared, 19 df, 1 in 1,000


def test_moments_of_normals():
    z = streams.normals(0, KEYS, 0, 16, Purpose.COUNTRY, 1000).ravel()
    assert z.mean() == pytest.approx(0, abs=4 / math.sqrt(z.size))
    assert z.var() == pytest.approx(1, abs=0.02)
    assert (z**3).mean() == pytest.approx(0, abs=0.05)
    assert (z**4).mean() == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("step", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_neighbouring_draws_are_unrelated(step):
    z = streams.normals(3, KEYS, 0, 40, Purpose.COUNTRY, 300)
    a, b, c = step
    here = z[: z.shape[0] - a, : z.shape[1] - b, : z.shape[2] - c].ravel()
    there = z[a:, b:, c:].ravel()
    assert abs(np.corrcoef(here, there)[0, 1]) < 4 / math.sqrt(here.size)


def test_derived_seeds_differ_and_repeat():
    found = [streams.derived_seed(seed, purpose, item) for seed in (0, 1) for purpose in (15, 17) for item in (0, 1)]
    assert len(set(found)) == 8
    assert found[0] == streams.derived_seed(0, Purpose.NETWORK, 0)
    assert all(0 <= seed < 2**63 for seed in found)


def test_keys_come_from_codes():
    assert streams.key_of("E06000001") == KEYS[1]
    assert len(set(KEYS)) == len(KEYS)
    assert 0 <= streams.key_of("") < 2**64


def test_purposes_never_share_a_number():
    assert len({int(purpose) for purpose in Purpose.__members__.values()}) == len(Purpose.__members__)


@pytest.mark.parametrize(
    ("day", "slots", "purpose", "items", "name"),
    [
        (-1, 1, 1, 1, "day"),
        (streams.DAY_COUNT, 1, 1, 1, "day"),
        (0, streams.SLOT_COUNT + 1, 1, 1, "slots"),
        (0, 1, streams.ITEM_COUNT, 1, "purpose"),
        (0, 1, 1, streams.ITEM_COUNT + 1, "items"),
    ],
)
def test_numbers_beyond_the_counter_are_refused(day, slots, purpose, items, name):
    with pytest.raises(ValueError, match=name):
        streams.uniforms(0, KEYS, day, slots, purpose, items)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seeds_beyond_64_bits_are_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        streams.normals(seed, KEYS, 0, 1, 1, 1)
    with pytest.raises(ValueError, match="seed"):
        streams.derived_seed(seed, 1, 1)
