"""The nearest codeword: the right one, however many there are, in little memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from scenesign.transforms.signs.quantisers.k_means import nearest


@pytest.mark.parametrize("words", [1, 3, 1_100])
def test_nearest_is_nearest(words: int) -> None:
    draw = np.random.default_rng(words)
    vectors, codewords = draw.normal(size=(4_200, 8)).astype(np.float32), draw.normal(size=(words, 8))
    found = nearest(vectors, codewords)
    apart = ((vectors[::97, None].astype(np.float64) - codewords[None]) ** 2).sum(axis=2)
    np.testing.assert_array_equal(found[::97], apart.argmin(axis=1))


def test_of_codewords_that_are_the_same_the_first_is_taken() -> None:
    assert nearest(np.ones((3, 2), np.float32), np.ones((5, 2))).tolist() == [0, 0, 0]


def test_the_distances_of_all_are_never_in_memory_together() -> None:
    vectors, codewords = np.ones((20_000, 4), np.float32), np.ones((4_096, 4))
    tracemalloc.start()
    try:
        nearest(vectors, codewords)
        assert tracemalloc.get_traced_memory()[1] < 8 * 20_000 * 4_096 / 6
    finally:
        tracemalloc.stop()
