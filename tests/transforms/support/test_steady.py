"""Steady arithmetic: right, in a fixed order, and whole at the edges."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from scenesign.transforms.support.steady import (
    steady_exp,
    steady_log,
    steady_product,
    steady_sum,
    steady_tanh,
    steady_unit,
)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 64, 129, 768])
def test_sums_are_sums(width: int) -> None:
    rows = np.random.default_rng(width).standard_normal((7, width))
    assert steady_sum(rows) == pytest.approx([math.fsum(row) for row in rows])


def test_the_right_half_is_added_to_the_left_one() -> None:
    big = np.float32(2.0**24)  # where a float's next neighbour is 2 away
    row = np.array([[big, 1.0, 1.0, 1.0]], np.float32)
    # (big + 1) + (1 + 1); from left to right all three ones would be lost
    assert steady_sum(row).tolist() == [big + 2]
    assert row[0, 0] == big, "what is given stays as it is"


def test_units_have_length_one_and_nothing_stays_nothing() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [-1e-3, 0.0]])
    assert steady_unit(rows).tolist() == [[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]]


def test_the_tangent_is_the_tangent() -> None:
    x = np.concatenate([np.linspace(-12, 12, 10_001), [-1e6, -1e-9, 0.0, 1e-9, 1e6]])
    assert np.abs(steady_tanh(x) - np.array([math.tanh(v) for v in x])).max() < 1e-7


def test_a_product_is_the_same_in_any_order_of_its_sums() -> None:
    draw = np.random.default_rng(0)
    rows, columns = draw.normal(size=(40, 700)) * 1e5, draw.normal(size=(700, 30)) * 1e-3
    order = draw.permutation(700)
    assert (rows @ columns != rows[:, order] @ columns[order]).any()  # floats alone aren't
    found = steady_product(rows, columns)
    np.testing.assert_array_equal(found, steady_product(rows[:, order], columns[order]))
    parts = [steady_product(rows[i : i + 7], columns) for i in range(0, 40, 7)]
    np.testing.assert_array_equal(found, np.concatenate(parts))


@pytest.mark.parametrize("terms", [1, 2, 3, 4, 5, 512, 4_097])
def test_a_product_does_not_round_where_all_numbers_are_as_large_as_can_be(terms: int) -> None:
    # odd multiples of the finest grid, whose sums would be the first to round
    grid = 26 - math.ceil(math.log2(terms) / 2)
    odd = np.full((1, terms), 1.0 - 2.0**-grid)
    exact = terms * (2**grid - 1) ** 2
    assert steady_product(odd, odd.T)[0, 0] == exact / 4**grid
    assert exact < 2**53


def test_a_product_is_near_the_usual_one() -> None:
    draw = np.random.default_rng(1)
    rows, columns = draw.normal(size=(50, 512)), draw.normal(size=(512, 20))
    lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(columns, axis=0)
    assert (abs(steady_product(rows, columns) - rows @ columns) / lengths).max() < 1e-6


def test_a_stack_of_matrices_is_its_rows() -> None:
    draw = np.random.default_rng(2)
    stack, columns = draw.normal(size=(3, 16, 512)), draw.normal(size=(512, 20))
    stack[1] *= 1e6
    flat = steady_product(stack.reshape(-1, 512), columns)
    np.testing.assert_array_equal(steady_product(stack, columns), flat.reshape(3, 16, 20))


def test_products_of_nothing() -> None:
    assert steady_product(np.zeros((3, 4)), np.ones((4, 2))).tolist() == [[0.0, 0.0]] * 3
    assert steady_product(np.zeros((0, 4)), np.ones((4, 2))).shape == (0, 2)
    assert steady_product(np.zeros((3, 0)), np.ones((0, 2))).tolist() == [[0.0, 0.0]] * 3


def test_logarithms_and_powers_are_those_of_the_library() -> None:
    draw = np.random.default_rng(0)
    x = draw.uniform(-700, 700, 10_000)
    np.testing.assert_allclose(steady_exp(x), np.exp(x), rtol=1e-15)
    positive = np.exp(x)
    np.testing.assert_allclose(steady_log(positive), x, rtol=1e-14, atol=1e-14)
    near_one = 1.0 + draw.uniform(-1e-6, 1e-6, 1_000)
    np.testing.assert_allclose(steady_log(near_one), np.log(near_one), rtol=1e-14)
    assert (float(steady_log(1.0)), float(steady_exp(0.0))) == (0.0, 1.0)


def test_a_product_of_much_is_the_same_as_of_its_parts() -> None:
    # more rows and longer sums than are rounded at a time
    draw = np.random.default_rng(1)
    rows, columns = draw.normal(size=(4_100, 9)).astype(np.float32), draw.normal(size=(9, 2))
    parts = [steady_product(rows[i : i + 1_000], columns) for i in range(0, 4_100, 1_000)]
    np.testing.assert_array_equal(steady_product(rows, columns), np.concatenate(parts))
    order = draw.permutation(4_100)
    found = steady_product(rows.T, rows)
    np.testing.assert_array_equal(found, steady_product(rows[order].T, rows[order]))
    assert found == pytest.approx(rows.T.astype(np.float64) @ rows, abs=1e-3)


def test_a_product_of_much_takes_little_memory() -> None:
    tall = np.ones((400_000, 16), np.float32)
    tracemalloc.start()
    try:
        steady_product(tall, np.ones((16, 2)))
        steady_product(tall.T, tall)
        assert tracemalloc.get_traced_memory()[1] < tall.nbytes
    finally:
        tracemalloc.stop()
