"""Embedders: both bundled ones load offline, and the same texts always give the same bits."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from scenesign.schemas.records import Block, Book, SegmentedBook, Sentence
from scenesign.transforms.embedders.registry import load_embedder
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.scenes.embed import EmbedBook
from scenesign.transforms.support.room import make_room
from scenesign.transforms.support.threads import made_once


def test_minilm_loads_from_its_package() -> None:
    vectors = embed_texts(load_embedder("minilm"), ["It rained."])
    assert vectors.shape == (1, 384)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-4)


def test_an_unknown_embedder_is_named_with_the_known_ones(tmp_path: object) -> None:
    with pytest.raises(ValueError, match=r"nowhere/such-model.*use-multilingual or minilm"):
        load_embedder("nowhere/such-model")


def test_a_book_the_model_fails_on_becomes_a_reject() -> None:
    class Broken:
        def embed(self, texts: list[str]) -> np.ndarray:
            return np.full((len(texts), 4), np.nan)

    book = Book("id", "t", "en", "It rained.", (Block(0, 10),), "a.txt")
    segmented = SegmentedBook(book, (Sentence(0, 10),))
    step = EmbedBook()
    step.model = Broken()
    (tagged,) = step.process(segmented)
    assert tagged.tag == "rejects"
    assert tagged.value.source == "a.txt"
    assert tagged.value.reason == "unexpected"
    assert "not finite" in tagged.value.detail


def test_a_model_that_fails_once_is_asked_once_more() -> None:
    class Startled:
        calls = 0

        def embed(self, texts: list[str]) -> np.ndarray:
            self.calls += 1
            if self.calls == 1:
                raise RuntimeError("cuBLAS error")
            return np.eye(len(texts), 4, dtype=np.float32)

    book = Book("id", "t", "en", "It rained.", (Block(0, 10),), "a.txt")
    step = EmbedBook()
    step.model = Startled()
    (segmented,) = step.process(SegmentedBook(book, (Sentence(0, 10),)))
    assert segmented.vectors.tolist() == [[1.0, 0.0, 0.0, 0.0]]


def test_time_that_later_steps_take_is_not_counted_as_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    class Still:
        def embed(self, texts: list[str]) -> np.ndarray:
            return np.eye(len(texts), 4, dtype=np.float32)

    counted: list[str] = []
    monkeypatch.setattr("scenesign.transforms.scenes.embed.count", lambda namespace, *_: counted.append(namespace))
    step = EmbedBook()
    step.model = Still()
    book = Book("id", "t", "en", "It rained.", (Block(0, 10),), "a.txt")
    later = step.process(SegmentedBook(book, (Sentence(0, 10),)))
    counted.extend("later steps" for _ in later)
    assert counted == ["sentences", "embed", "later steps"]


def test_a_step_lets_go_of_its_model_between_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    class Constant:
        def embed(self, texts: list[str]) -> np.ndarray:
            return np.eye(len(texts), 4, dtype=np.float32)

    loaded = made_once(heavy=True)(lambda name, threads: Constant())
    monkeypatch.setattr("scenesign.transforms.scenes.embed.kept_embedder", loaded)
    segmented = SegmentedBook(Book("id", "t", "en", "It rained.", (Block(0, 10),), "a.txt"), (Sentence(0, 10),))
    step = EmbedBook()
    step.setup()
    for _ in range(2):  # a runner uses a step again
        step.start_bundle()
        model = weakref.ref(step.model)
        (done,) = step.process(segmented)
        assert done.vectors.shape == (1, 4)
        step.finish_bundle()
        make_room()
        assert model() is None
