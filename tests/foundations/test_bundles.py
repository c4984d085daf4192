"""Bundles: what compiled code reads of tables and state by one pointer is what the tuples hold."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import config
from numba.core import types

from sim.fast.bundles import Bundle, NamedArray, bundled
from sim.fast.compiled import compiled


class Inner(NamedTuple):
    rate: float
    flag: int


class Outer(NamedTuple):
    grid: Any
    keys: Any
    inner: Inner
    count: float


@compiled
def read(outer, row):
    outer.grid[row, 0] += outer.inner.rate
    return outer.grid[row, 1] + outer.inner.flag + outer.count, outer.keys[row], outer.grid.shape[1]


def tuple_of(columns):
    grid = np.arange(4.0 * columns).reshape(4, columns)
    return Outer(grid, np.arange(4, dtype=np.uint64), Inner(0.5, 7), 3)


@pytest.mark.parametrize("columns", [2, 5])
def test_compiled_code_reads_and_writes_what_the_tuple_holds(columns):
    values = tuple_of(columns)
    row = 2
    expected = values.grid[row, 1] + 10, row, columns
    before = values.grid[row, 0]
    assert read(bundled(values), row) == expected
    assert values.grid[row, 0] == before + 0.5


@pytest.mark.coverage_subset
def test_a_tuple_is_written_down_word_by_word():
    """Grid: address, 4 rows and 2 columns of 16 and 8 bytes; keys: address, 4, 8; a count; then the inner tuple."""
    values = tuple_of(2)
    bundle = Bundle(values)
    words = bundle.words
    assert words[:5].tolist() == [values.grid.ctypes.data, 4, 2, 16, 8]
    assert words[5:8].tolist() == [values.keys.ctypes.data, 4, 8]
    assert words[8:].view(np.int64).tolist()[0] == 3
    assert words[9:10].view(np.float64).tolist() == [0.5]
    assert words[10:].view(np.int64).tolist() == [7]
    assert [field.word for field in bundle.kind.fields] == [0, 5, 8, 9]
    assert bundled(values) is values if config.DISABLE_JIT else isinstance(bundled(values), Bundle)


@pytest.mark.coverage_subset
def test_one_compilation_serves_all_sizes_and_another_layout_gets_its_own():
    assert Bundle(tuple_of(2)).kind == Bundle(tuple_of(5)).kind
    other = tuple_of(2)._replace(count=3.0)
    assert Bundle(other).kind != Bundle(tuple_of(2)).kind


@pytest.mark.coverage_subset
def test_an_array_with_gaps_is_refused():
    with pytest.raises(ValueError, match="contiguous"):
        Bundle(tuple_of(4)._replace(keys=np.arange(8, dtype=np.uint64)[::2]))


@pytest.mark.coverage_subset
def test_arrays_of_different_names_are_of_different_types():
    grid = {field.name: field.kind for field in Bundle(tuple_of(2)).kind.fields}["grid"]
    same, other = NamedArray("grid", grid.dtype, 2), NamedArray("heights", grid.dtype, 2)
    assert grid == same != other
    assert grid.mangling_args == same.mangling_args != other.mangling_args
    assert isinstance(grid.copy(ndim=1), types.Array)
    assert not isinstance(grid.copy(ndim=1), NamedArray)
