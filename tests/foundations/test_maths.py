"""The rulebook's functions are accurate, and give the same bits in Python and compiled."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.fast.compiled import compiled
from sim.rules import maths

pytestmark = pytest.mark.coverage_subset

SMALLEST = 2.2250738585072014e-308
LARGEST = 1.7976931348623157e308
UNIT = 2.0**-53


@compiled
def _exps(x, out):
    for i in range(x.size):
        out[i] = maths.exp(x[i])


@compiled
def _logs(x, out):
    for i in range(x.size):
        out[i] = maths.log(x[i])


@compiled
def _powers(x, out):
    for i in range(x.size):
        out[i] = maths.power(x[i], 0.37)


@compiled
def _logistics(x, out):
    for i in range(x.size):
        out[i] = maths.logistic(x[i])


@compiled
def _cosines(x, out):
    for i in range(x.size):
        out[i] = maths.cosine(x[i])


@compiled
def _floors(x, out):
    for i in range(x.size):
        out[i] = maths.floor(x[i])


@compiled
def _whole_floors(x, out):
    for i in range(x.size):
        out[i] = maths.floor_int(x[i])


@compiled
def _quantiles(x, out):
    for i in range(x.size):
        out[i] = maths.normal_quantile(x[i])


def numbers(low, high):
    return st.floats(low, high, allow_subnormal=False)


def spread(low, high, count=4000):
    return np.random.default_rng(1).uniform(low, high, count)


WIDE = [0.0, -0.0, 1e-300, -1e-300, 1e-17, -1e-17, 700.0, -700.0, 709.0, -745.0, 1e6, -1e6, math.inf, -math.inf]
POSITIVE = [SMALLEST, LARGEST, 1.0, 1.0 - UNIT, 1.0 + 2 * UNIT, 0.5, 2.0, 2.0**0.5, 2.0**512, 2.0**-512, 2.0**1023]
CHANCES = [UNIT, 1 - UNIT, 0.5, 0.5 - UNIT, 0.5 + UNIT, 0.075, 0.925, 0.074999, 1e-11, 1.4e-11, 1.3e-11, 1e-15]
WHOLE = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 2e15, -2e15, 1e-300, -1e-300, 1 - UNIT, -UNIT]
CASES = {
    "exp": (maths.exp, _exps, np.r_[WIDE, spread(-720, 720), spread(-3, 3)]),
    "log": (maths.log, _logs, np.r_[POSITIVE, np.exp2(spread(-1022, 1023.9)), spread(0.5, 2)]),
    "power": (lambda x: maths.power(x, 0.37), _powers, np.r_[0.0, POSITIVE, spread(0, 2)]),
    "logistic": (maths.logistic, _logistics, np.r_[WIDE, spread(-720, 720), spread(-3, 3)]),
    "cosine": (maths.cosine, _cosines, np.r_[WIDE[:-2], spread(-1e6, 1e6), spread(-7, 7)]),
    "floor": (maths.floor, _floors, np.r_[WHOLE, spread(-1e6, 1e6)]),
    "floor_int": (maths.floor_int, _whole_floors, np.r_[WHOLE, spread(-1e6, 1e6)]),
    "normal_quantile": (maths.normal_quantile, _quantiles, np.r_[CHANCES, spread(0, 1), np.exp2(spread(-53, -1))]),
}


@pytest.mark.parametrize("name", CASES)
def test_python_and_compiled_give_the_same_bits(name):
    plain, kernel, x = CASES[name]
    out = np.empty(x.size)
    kernel(x, out)
    expected = np.array([plain(value) for value in x.tolist()], dtype=float)
    assert out.tobytes() == expected.tobytes()


@given(numbers(-700, 700))
def test_exp_is_close(x):
    assert maths.exp(x) == pytest.approx(math.exp(x), rel=4e-13, abs=0)


@given(numbers(-10, 10))
def test_exp_is_closer_for_small_numbers(x):
    assert maths.exp(x) == pytest.approx(math.exp(x), rel=1e-14, abs=0)


def test_exp_stops_at_its_limits():
    assert maths.exp(0.0) == 1.0
    assert maths.exp(1e9) == maths.exp(700.0)
    assert maths.exp(-math.inf) == maths.exp(-700.0)
    assert maths.exp(-700.0) > 0.0


@given(numbers(SMALLEST, LARGEST))
def test_log_is_close(x):
    assert maths.log(x) == pytest.approx(math.log(x), rel=1e-15, abs=0)


@given(numbers(0.5, 2.0))
def test_log_keeps_its_digits_near_one(x):
    assert maths.log(x) == pytest.approx(math.log(x), rel=1e-15, abs=0)


@given(numbers(1e-6, 1e6), numbers(-5, 5))
def test_power_is_close(x, y):
    assert maths.power(x, y) == pytest.approx(math.pow(x, y), rel=1e-13, abs=0)


def test_power_at_zero_and_one():
    assert maths.power(0.0, 0.5) == 0.0
    assert maths.power(0.0, 0.0) == 1.0
    assert maths.power(3.0, 0.0) == 1.0
    assert maths.power(1.0, 1e6) == 1.0


@given(numbers(-650, 650))
def test_logistic_is_close_and_a_chance(x):
    expected = 1.0 / (1.0 + math.exp(-x))
    assert maths.logistic(x) == pytest.approx(expected, rel=4e-13, abs=0)
    assert 0.0 < maths.logistic(x) <= 1.0


def test_logistic_of_nothing_is_a_half():
    assert maths.logistic(0.0) == 0.5


@given(numbers(-1e6, 1e6))
def test_cosine_is_close(x):
    assert maths.cosine(x) == pytest.approx(math.cos(x), rel=0, abs=1e-12)


def test_cosine_of_nothing_is_one():
    assert maths.cosine(0.0) == 1.0


@given(numbers(-2e15, 2e15))
def test_floor_is_exact(x):
    assert maths.floor(x) == math.floor(x)
    assert maths.floor_int(x) == math.floor(x)
    assert isinstance(maths.floor_int(x), int)


@given(numbers(UNIT, 1 - UNIT))
def test_normal_quantile_undoes_the_distribution(u):
    assert 0.5 * math.erfc(-maths.normal_quantile(u) / math.sqrt(2)) == pytest.approx(u, rel=1e-12, abs=1e-16)


@given(numbers(1e-9, 1 - 1e-9))
def test_normal_quantile_is_close_to_the_standard_library(u):
    assert maths.normal_quantile(u) == pytest.approx(NormalDist().inv_cdf(u), rel=1e-13, abs=1e-15)


def test_normal_quantile_known_values():
    # Wichura (1988) gives these two for PPND16.
    assert maths.normal_quantile(0.25) == pytest.approx(-0.6744897501960817, rel=1e-15)
    assert maths.normal_quantile(0.001) == pytest.approx(-3.090232306167814, rel=1e-15)
    assert maths.normal_quantile(1e-20) == pytest.approx(-9.262340089798408, rel=1e-15)
    assert maths.normal_quantile(0.5) == 0.0
