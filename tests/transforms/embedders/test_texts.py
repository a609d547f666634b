"""Texts to vectors: on the grid, each text once, slices told, and nothing that isn't finite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from scenesign.schemas.records import Block, BlockKind, Book, SegmentedBook, Sentence
from scenesign.transforms.embedders.texts import VECTOR_STEP, embed_texts, prose_texts, settled


class Lengths:
    """The vector of a text is its length and a third of it, at length 1."""

    dimensions = 2

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.asked.append(list(texts))
        rows = np.array([[len(text), len(text) / 3] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_vectors_lie_on_the_grid() -> None:
    (vector,) = embed_texts(Lengths(), ["abc"])
    steps = vector / VECTOR_STEP
    assert steps.tolist() == [round(3 / 10**0.5 * 2048), round(1 / 10**0.5 * 2048)]
    assert vector.dtype == np.float32


def test_half_precision_holds_a_settled_vector() -> None:
    rows = np.random.default_rng(0).standard_normal((100, 64))
    found = settled(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    assert np.array_equal(found, found.astype(np.float16).astype(np.float32))


def test_products_of_settled_vectors_are_exact_in_any_order() -> None:
    rows = np.random.default_rng(1).standard_normal((60, 512))
    found = settled(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    exact = (found / VECTOR_STEP).astype(np.int64)
    products = (exact @ exact.T) * VECTOR_STEP**2
    order = np.random.default_rng(2).permutation(512)
    assert np.array_equal(found @ found.T, products)
    assert np.array_equal(found[:, order] @ found[:, order].T, products)


def test_a_text_that_comes_again_is_embedded_once() -> None:
    model = Lengths()
    found = embed_texts(model, ["a", "bb", "a", "bb", "ccc"])
    assert model.asked == [["a", "bb", "ccc"]]
    assert found.shape == (5, 2)
    assert np.array_equal(found[[0, 1]], found[[2, 3]])


def test_slices_are_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenesign.transforms.embedders.texts._SLICE", 2)
    model, told = Lengths(), []
    found = embed_texts(model, ["a", "bb", "ccc"], told.append)
    assert (told, [len(texts) for texts in model.asked]) == ([2, 1], [2, 1])
    assert np.array_equal(found, embed_texts(Lengths(), ["a", "bb", "ccc"]))


def test_no_text_has_no_vectors() -> None:
    assert embed_texts(Lengths(), []).shape == (0, 2)


def test_a_vector_that_is_not_finite_names_its_text() -> None:
    class Broken(Lengths):
        def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.array([[0.0, 1.0], [np.nan, 0.0]])

    with pytest.raises(ValueError, match="not finite for 'the second'"):
        embed_texts(Broken(), ["the first", "the second"])


def test_only_prose_gets_vectors() -> None:
    book = Book("id", "t", "en", "Chapter 1\n\nIt rained.", (Block(0, 9, BlockKind.HEADING), Block(11, 21)), "s")
    segmented = SegmentedBook(book, (Sentence(0, 9, BlockKind.HEADING), Sentence(11, 21)))
    assert prose_texts(segmented) == ["It rained."]
