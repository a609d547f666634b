"""Steady arithmetic: right, in a fixed order, and whole at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenesign.transforms.embedders.steady import steady_sum, steady_tanh, steady_unit


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
