"""What translations share: values by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.metrics.metric import BookSigns
from scenesign.transforms.metrics.translations import shared_in_order, shared_signs, translation_sharing


def test_shared_signs_by_hand() -> None:
    assert shared_signs([1, 1, 2], [1, 2, 2, 3]) == pytest.approx(4 / 7)
    assert shared_in_order([1, 2, 3, 4], [2, 1, 3, 4]) == pytest.approx(6 / 8)
    assert shared_in_order([1, 2], [3]) == 0.0


def naive_lcs(a: list[int], b: list[int]) -> int:
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            best[i + 1][j + 1] = best[i][j] + 1 if x == y else max(best[i][j + 1], best[i + 1][j])
    return best[-1][-1]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=70), st.lists(st.integers(0, 4), min_size=1, max_size=70))
def test_bit_parallel_lcs_is_the_lcs(a: list[int], b: list[int]) -> None:
    assert shared_in_order(a, b) == pytest.approx(2 * naive_lcs(a, b) / (len(a) + len(b)))


def book(name: str, language: str, signs: list[int], work: str = "") -> BookSigns:
    return BookSigns(name, language, np.array(signs)[:, None], work)


def test_translations_and_chance() -> None:
    books = [
        book("1", "en", [0, 1, 2], "x"),
        book("2", "ru", [0, 1, 3], "x"),
        book("3", "ru", [4, 4], "y"),
        book("4", "en", [0, 4], "y"),
    ]
    sharing = translation_sharing(books)
    assert sharing is not None
    assert sharing.pairs == {("x", "en", "ru"): pytest.approx(2 / 3), ("y", "en", "ru"): pytest.approx(0.5)}
    assert sharing.mean == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert sharing.chance == pytest.approx((0.0 + 2 / 5) / 2)


def test_no_translations_no_figure() -> None:
    assert translation_sharing([book("1", "en", [0]), book("2", "en", [0])]) is None


def test_two_editions_in_one_language_are_two_pairs() -> None:
    books = [book("1", "en", [0, 1], "x"), book("2", "en", [2, 3], "x"), book("3", "ru", [0, 1], "x")]
    sharing = translation_sharing(books)
    assert sharing is not None
    assert sharing.pairs == {("x", "en", "ru"): pytest.approx(0.5)}
    assert sharing.mean == pytest.approx(0.5)
