"""Arithmetic that gives the same bits on every processor.

Single additions, multiplications, divisions and roots, which IEEE 754 rounds in one way, in an order of our own. Matrix
libraries, and vectorised versions of `tanh` and its like, have ways of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_LOG_2 = 0.6931471805599453
_LOG_2_HIGH, _LOG_2_LOW = 0.693145751953125, 1.4286068203094173e-06  # their sum; the first has few bits


def steady_sum(rows: np.ndarray) -> np.ndarray:
    """Sums of rows: float [n, m], m at least 1, to [n]; the right half onto the left one until one column is left."""
    while (width := rows.shape[1]) > 1:
        half = -(-width // 2)
        left = rows[:, :half].copy()
        left[:, : width - half] += rows[:, half:]
        rows = left
    return rows[:, 0]


def steady_unit(rows: np.ndarray) -> np.ndarray:
    """Rows at length 1: float [n, m]. A row of nothing but zeros stays one."""
    lengths = np.sqrt(steady_sum(rows * rows))
    return np.asarray(rows / np.maximum(lengths, 1e-12)[:, None])


def steady_tanh(x: np.ndarray) -> np.ndarray:
    """The hyperbolic tangent, off by less than 1e-7.

    Lambert's continued fraction of a quarter of x, cut after the eighth term, and twice the formula of the double angle
    (Abramowitz and Stegun, Handbook of Mathematical Functions, 4.5.33 and 4.5.70).
    """
    quarter = np.clip(x, -10.0, 10.0) / 4.0
    square = quarter * quarter
    fraction = np.full_like(square, 15.0)
    for odd in (13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        fraction = odd + square / fraction
    t = quarter / fraction
    for _ in range(2):
        t = 2.0 * t / (1.0 + t * t)
    return np.asarray(t)


def steady_log(x: np.ndarray | float) -> np.ndarray:
    """The natural logarithm of positive numbers, float64 of their shape; off by a few units in the last place. Of 0 and
    below it is some number, not an error.

    2 artanh((m - 1) / (m + 1)) for the mantissa m between the root of a half and that of two, by its series (Abramowitz
    and Stegun, 4.1.27).
    """
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    low = mantissa < 0.5**0.5
    mantissa = np.where(low, 2.0 * mantissa, mantissa)
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    total = np.zeros_like(square)
    for odd in range(23, 0, -2):
        total = total * square + 1.0 / odd
    return np.asarray(2.0 * ratio * total + (exponent - low) * _LOG_2)


def steady_exp(x: np.ndarray | float) -> np.ndarray:
    """The exponential function, float64 in the shape of what is given; off by a few units in the last place. Beyond 700
    to either side it is that of 700.

    A power of two times the exponential of what is left of x, at most log 2 / 2, by 14 terms of its series.
    """
    x = np.clip(np.asarray(x, dtype=np.float64), -700.0, 700.0)
    twos = np.rint(x / _LOG_2)
    rest = (x - twos * _LOG_2_HIGH) - twos * _LOG_2_LOW
    total = np.ones_like(rest)
    for factor in range(14, 0, -1):
        total = 1.0 + total * rest / factor
    return np.asarray(np.ldexp(total, twos.astype(np.int32)))


def steady_product(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The matrix product of float [..., k] and [k, m], float64 [..., m]: no sum in it is rounded, in whatever order.

    Each row of the one and column of the other is first rounded to a grid of its own, coarse enough for that (Ozaki et
    al., Error-free transformations of matrix multiplication, Numerical Algorithms 59, 2012, of which this is the
    leading term). What is off is at most 2^-26 of the greatest number of a row times k^1/2, with a column likewise. A
    row of the result depends on no other row.
    """
    if rows.ndim > 2:
        flat = steady_product(rows.reshape(-1, rows.shape[-1]), columns)
        return flat.reshape(*rows.shape[:-1], columns.shape[1])
    fine, long = _grid(rows, 1), _grid(columns, 0)
    found = np.empty((len(rows), columns.shape[1]))
    for inner in _blocks(len(columns)):
        right = _coarse(columns[inner], long)
        for outer in _blocks(len(rows)):
            left = _coarse(rows[outer, inner], fine[outer])
            if inner.start:
                found[outer] += left @ right
            else:
                np.matmul(left, right, out=found[outer])
    return found


# Rows, or terms of sums, at a time: what is rounded to a grid is a copy, twice as large as what it is of.
_BLOCK = 4_096


def _blocks(length: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, max(1, length), _BLOCK))


def _grid(x: np.ndarray, axis: int) -> np.ndarray:
    """A power of two for each line along an axis: sums of products of two numbers on such grids stay below 2^53 steps.

    It comes as the exponent, int with 1 for the length of the axis.
    """
    room = 26 - ((x.shape[axis] - 1).bit_length() + 1) // 2
    greatest = np.maximum(x.max(axis=axis, keepdims=True, initial=0.0), -x.min(axis=axis, keepdims=True, initial=0.0))
    return np.asarray(np.frexp(greatest.astype(np.float64))[1] - room)


def _coarse(x: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Numbers rounded to multiples of powers of two, float64."""
    steps = x.astype(np.float64)
    steps *= np.ldexp(1.0, -exponents)
    np.rint(steps, out=steps)
    steps *= np.ldexp(1.0, exponents)
    return steps
