"""What every quantiser has from the protocol itself: points, neighbours and ranks, by hand; sums; tensors."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.quantisers.quantiser import Quantiser, sum_by_code, take_tensor
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser

FIRST = np.array([[0, 2, 0], [0.5, 0, 0], [0, 0, -1], [0.25, 0, 0]], dtype=np.float32)
SECOND = np.array([[0.1, 0, 0], [0, 0.1, 0]], dtype=np.float32)
TWO = ResidualQuantiser((FIRST, SECOND))


def test_points_are_the_embeddings_of_a_level() -> None:
    np.testing.assert_array_equal(TWO.embeddings(), np.concatenate([FIRST, SECOND]))
    for level in (0, 1):
        np.testing.assert_array_equal(Quantiser.points(TWO, level), TWO.points(level))


def test_ranking_by_hand() -> None:
    assert TWO.rank(np.array([1, 0, 0], dtype=np.float32)) == [(1, 1.0), (3, 1.0), (0, 0.0), (2, 0.0)]


def test_neighbours_are_of_the_same_level_and_ties_go_to_the_lower() -> None:
    assert TWO.neighbours(1, 5) == [3, 2, 0]
    assert TWO.neighbours(1, 1) == [3]
    assert TWO.neighbours(4, 5) == [5]
    square = ResidualQuantiser((np.array([[1, 0], [0, 1], [0, -1]], dtype=np.float32),))
    assert square.neighbours(0, 2) == [1, 2]


def test_sums_by_code_by_hand() -> None:
    sums = dict(sum_by_code(np.array([2, 0, 2]), np.array([[0.5, 1.0], [0.25, 0.0], [0.25, -1.0]], dtype=np.float32)))
    assert sorted(sums) == [0, 2]
    assert (sums[2].count, sums[2].total.tolist()) == (2, [3 * 2**30, 0])
    assert (sums[2] + sums[0]).mean.tolist() == pytest.approx([1 / 3, 0.0])


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({}, "there is no tensor 'a'"),
        ({"a": np.zeros((3, 2), np.float32)}, r"'a' has shape \(3, 2\) of float32, expected \(2, 3\) of float32"),
        ({"a": np.zeros((2, 3), np.int32)}, "of int32, expected"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(found: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        take_tensor(found, "a", (2, 3))
