"""The elementary functions of the rulebook, from ``+ - * /`` and ``sqrt`` only.

The C library's ``exp``, NumPy's and the compiler's differ in the last bit, and so do ``x**2`` in Python and in
compiled code. These give the same bits everywhere. They branch by choosing between numbers, so that a
compiled loop over worlds handles several worlds at a time.

Every function takes and returns plain numbers. Constants are written where they are used.
"""

import math

from sim.fast.compiled import rule

LARGEST_EXPONENT = 700.0  # exp(700) is near 1e304; beyond 709 a float64 overflows
LN2_HIGH = 0.6931471803691238  # the first 32 bits of log(2): times a whole number below 2^21 it is exact
LN2_LOW = 1.9082149292705877e-10
TURN_HIGH = 6.2831853069365025  # the first 32 bits of 2*pi
TURN_LOW = 2.430840202602477e-10
TURNS_PER_RADIAN = 0.15915494309189535
ROUNDER = 6755399441055744.0  # 1.5 * 2^52: adding it and taking it away rounds to the nearest whole number


@rule
def exp(x: float) -> float:
    """Return e to the power of x, with a relative error below 4e-13, and near 1e-15 for small x.

    The argument is divided by 2^13; a polynomial gives exp - 1 of that small number; doubling the argument
    again 13 times uses ``exp(2r) - 1 = (exp(r) - 1) * (exp(r) - 1 + 2)``, which loses no digits near 0.

    Parameters
    ----------
    x
        Any number; beyond -700 and 700 it counts as -700 and 700.
    """
    size = -x if x < 0.0 else x
    size = min(size, LARGEST_EXPONENT)
    e = _small_exp_less_1(size * (1.0 / 8192.0))
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    e = e * (e + 2.0)
    grown = e + 1.0
    return 1.0 / grown if x < 0.0 else grown


@rule
def _small_exp_less_1(r: float) -> float:
    """Return exp(r) - 1 for r in [0, 0.086]: its Taylor series."""
    p = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * (1.0 / 3628800.0))
    p = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0 + r * p))
    return r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * p))))


@rule
def log(x: float) -> float:
    """Return the natural logarithm of x, within 1e-15 of the true value (of its size, where that is above 1).

    Parameters
    ----------
    x
        A number of at least 2.3e-308. The caller sees to that: for less, the result means nothing.
    """
    below_1 = x < 1.0
    m = x * 8.98846567431158e307 if below_1 else x  # 2^1023, so that m is at least 1
    e = -1023.0 if below_1 else 0.0
    m, e = _scaled_down(m, e, 1.3407807929942597e154, 7.458340731200207e-155, 512.0)
    m, e = _scaled_down(m, e, 1.157920892373162e77, 8.636168555094445e-78, 256.0)
    m, e = _scaled_down(m, e, 3.402823669209385e38, 2.938735877055719e-39, 128.0)
    m, e = _scaled_down(m, e, 18446744073709551616.0, 5.421010862427522e-20, 64.0)
    m, e = _scaled_down(m, e, 4294967296.0, 2.3283064365386963e-10, 32.0)
    m, e = _scaled_down(m, e, 65536.0, 1.0 / 65536.0, 16.0)
    m, e = _scaled_down(m, e, 256.0, 1.0 / 256.0, 8.0)
    m, e = _scaled_down(m, e, 16.0, 1.0 / 16.0, 4.0)
    m, e = _scaled_down(m, e, 4.0, 1.0 / 4.0, 2.0)
    m, e = _scaled_down(m, e, 2.0, 1.0 / 2.0, 1.0)
    m, e = _scaled_down(m, e, 1.4142135623730951, 1.0 / 2.0, 1.0)
    return e * LN2_HIGH + (_log_near_1(m) + e * LN2_LOW)


@rule
def _scaled_down(m: float, e: float, limit: float, factor: float, bits: float) -> tuple[float, float]:
    """Return m times the factor and e plus its bits if m reaches the limit, else both as they are."""
    large = m >= limit
    return (m * factor if large else m), (e + bits if large else e)


@rule
def _log_near_1(m: float) -> float:
    """Return log(m) for m in [0.7, 1.42]: the series of 2 * artanh((m - 1)/(m + 1))."""
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1.0 / 15.0 + z * (1.0 / 17.0 + z * (1.0 / 19.0 + z * (1.0 / 21.0)))
    p = 1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z * p)))
    return 2.0 * s + 2.0 * s * (z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * p)))


@rule
def power(x: float, y: float) -> float:
    """Return x to the power of y, for x and y of at least 0; 0 to the power of 0 is 1.

    Its relative error is near 1e-15 times ``1 + |y * log(x)|``.

    Parameters
    ----------
    x
        The base: 0, or at least 2.3e-308.
    y
        The exponent. Below 0 it is allowed where x is above 0.
    """
    positive = x > 0.0
    raised = exp(y * log(x if positive else 1.0))
    return raised if positive or y == 0.0 else 0.0


@rule
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)): the chance, in [0, 1], whose log odds are x."""
    return 1.0 / (1.0 + exp(-x))


@rule
def cosine(x: float) -> float:
    """Return the cosine of x radians, within 1e-12 for x between -1e6 and 1e6.

    Whole turns are taken away; then ``cos(r) = 1 - 2 * sin(r/2)^2``, with the Taylor series of the sine.
    """
    turns = (x * TURNS_PER_RADIAN + ROUNDER) - ROUNDER
    h = 0.5 * ((x - turns * TURN_HIGH) - turns * TURN_LOW)
    z = h * h
    p = -7.647163731819816e-13 + z * (2.8114572543455206e-15 - z * 8.22063524662433e-18)
    p = 2.7557319223985893e-06 + z * (-2.505210838544172e-08 + z * (1.6059043836821613e-10 + z * p))
    p = -1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z * p))
    sine = h + h * (z * p)
    return 1.0 - 2.0 * (sine * sine)


@rule
def floor(x: float) -> float:
    """Return the largest whole number not above x, as a float, for x between -2e15 and 2e15."""
    nearest = (x + ROUNDER) - ROUNDER
    return nearest - 1.0 if nearest > x else nearest


@rule
def floor_int(x: float) -> int:
    """Return the largest whole number not above x, for x between -2e15 and 2e15."""
    return int(floor(x))


@rule
def normal_quantile(u: float) -> float:
    """Return the value that a standard normal variable stays below with probability u.

    Parameters
    ----------
    u
        A probability in the open interval (0, 1).

    Notes
    -----
    Algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37, 477-484): within 1e-15 of the size of
    the true value.
    """
    return quantile_in_the_tails(u) if is_in_the_tails(u) else quantile_in_the_middle(u)


@rule
def is_in_the_tails(u: float) -> bool:
    """Say whether the quantile of u needs a logarithm: it does for 15 in 100."""
    q = u - 0.5
    return q < -0.425 or q > 0.425


@rule
def quantile_in_the_middle(u: float) -> float:
    """Return the quantile of u from 0.075 to 0.925; beyond, the result means nothing."""
    q = u - 0.5
    r = 0.180625 - q * q
    return q * _quantile_above(r, True, True) / _quantile_below(r, True, True)


@rule
def quantile_in_the_tails(u: float) -> float:
    """Return the quantile of u below 0.075 or above 0.925; between, the result means nothing."""
    root = math.sqrt(-log(u if u < 0.5 else 1.0 - u))
    near = root <= 5.0
    r = root - (1.6 if near else 5.0)
    size = _quantile_above(r, False, near) / _quantile_below(r, False, near)
    return -size if u < 0.5 else size


@rule
def _one_of(middle: bool, near: bool, in_the_middle: float, in_the_tail: float, far_out: float) -> float:
    """Return the coefficient for where the probability lies."""
    outside = in_the_tail if near else far_out
    return in_the_middle if middle else outside


@rule
def _quantile_above(r: float, middle: bool, near: bool) -> float:
    """Return the numerator of AS 241."""
    a7 = _one_of(middle, near, 2509.0809287301226727, 7.7454501427834140764e-4, 2.01033439929228813265e-7)
    a6 = _one_of(middle, near, 33430.575583588128105, 0.0227238449892691845833, 2.71155556874348757815e-5)
    a5 = _one_of(middle, near, 67265.770927008700853, 0.24178072517745061177, 0.0012426609473880784386)
    a4 = _one_of(middle, near, 45921.953931549871457, 1.27045825245236838258, 0.026532189526576123093)
    a3 = _one_of(middle, near, 13731.693765509461125, 3.64784832476320460504, 0.29656057182850489123)
    a2 = _one_of(middle, near, 1971.5909503065514427, 5.7694972214606914055, 1.7848265399172913358)
    a1 = _one_of(middle, near, 133.14166789178437745, 4.6303378461565452959, 5.4637849111641143699)
    a0 = _one_of(middle, near, 3.387132872796366608, 1.42343711074968357734, 6.6579046435011037772)
    return a0 + r * (a1 + r * (a2 + r * (a3 + r * (a4 + r * (a5 + r * (a6 + r * a7))))))


@rule
def _quantile_below(r: float, middle: bool, near: bool) -> float:
    """Return the denominator of AS 241."""
    b7 = _one_of(middle, near, 5226.495278852545925, 1.05075007164441684324e-9, 2.04426310338993978564e-15)
    b6 = _one_of(middle, near, 28729.085735721942674, 5.475938084995344946e-4, 1.4215117583164458887e-7)
    b5 = _one_of(middle, near, 39307.89580009271061, 0.0151986665636164571966, 1.8463183175100546818e-5)
    b4 = _one_of(middle, near, 21213.794301586595867, 0.14810397642748007459, 7.868691311456132591e-4)
    b3 = _one_of(middle, near, 5394.1960214247511077, 0.68976733498510000455, 0.0148753612908506148525)
    b2 = _one_of(middle, near, 687.1870074920579083, 1.6763848301838038494, 0.13692988092273580531)
    b1 = _one_of(middle, near, 42.313330701600911252, 2.05319162663775882187, 0.59983220655588793769)
    return 1.0 + r * (b1 + r * (b2 + r * (b3 + r * (b4 + r * (b5 + r * (b6 + r * b7))))))
