"""The state of a block: one piece of memory, every column its own part of it, and each world to be had alone."""

import numpy as np
import pytest

from sim.state import COLUMNS, NAMES, WorldAsAsked, bytes_of_world, dtype_of, empty_state, one_world, put_world

SIZES = {
    "world": 1, "place": 3, "community": 3, "desk": 6, "relation": 5,
    "service": 2, "second_service": 2, "approach": 4, "slot": 3, "buyer": 2, "transit": 2,
}  # fmt: skip

pytestmark = pytest.mark.coverage_subset


def filled():
    """Return a state of two worlds in which no two numbers are the same, and none is its starting value."""
    state, n = empty_state(SIZES, 2), 100
    for array in state:
        array[:] = np.arange(n, n + array.size).reshape(array.shape)
        n += array.size
    return state


def test_every_column_begins_with_its_starting_value():
    for column, array in zip(COLUMNS, empty_state(SIZES, 2), strict=True):
        assert array.dtype == dtype_of(column)
        assert array.flags.c_contiguous
        assert (array == column.start).all()


def test_columns_share_one_piece_of_memory_and_overlap_nowhere():
    state = empty_state(SIZES, 2)
    starts = sorted((array.ctypes.data, array.nbytes) for array in state)
    assert [start + size for start, size in starts[:-1]] == [start for start, _ in starts[1:]]
    assert starts[-1][0] + starts[-1][1] - starts[0][0] == 2 * bytes_of_world(SIZES)


def test_what_is_written_to_one_column_stays_in_it():
    state = filled()
    assert np.unique(np.concatenate([array.ravel() for array in state])).size == 2 * bytes_of_world(SIZES) // 8


def test_a_world_as_asked_is_the_world():
    state = filled()
    whole, asked = one_world(state, 1), WorldAsAsked(state, 1)
    assert not asked  # nothing was asked for yet
    for name in NAMES:
        assert asked[name].tobytes() == whole[name].tobytes()
        assert not np.shares_memory(asked[name], getattr(state, name))
    assert asked["trust"] is asked["trust"]


def test_a_world_that_is_put_back_is_the_same():
    state, other = filled(), empty_state(SIZES, 1)
    put_world(other, 0, one_world(state, 0))
    assert all(one_world(other, 0)[name].tobytes() == one_world(state, 0)[name].tobytes() for name in NAMES)
