"""The boundary scorer computes what its weights say, in integers, and knows where scenes start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from scenesign.schemas.records import BlockKind, Book
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, kept_embedder
from scenesign.transforms.embedders.texts import VECTOR_STEP, embed_texts
from scenesign.transforms.scenes import boundaries
from scenesign.transforms.scenes.boundaries import (
    TOP,
    BoundaryScorer,
    WindowLayer,
    boundary_scorer,
    load_scorer,
    save_scorer,
    scorer_file,
    whole_cues,
)
from scenesign.transforms.scenes.cues import FEATURES, cues
from scenesign.transforms.scenes.segment import books_at
from scenesign.transforms.scenes.sentences import split_book

_NETS, _WIDTH, _D = 2, 3, 4


def made(seed: int = 0) -> BoundaryScorer:
    rng = np.random.default_rng(seed)

    def layer(taps: int, inputs: int, width: int, unit: float, dilation: int = 1) -> WindowLayer:
        weights = rng.integers(-127, 128, (_NETS, taps, inputs, width)).astype(np.float32)
        return WindowLayer(weights, (rng.random((_NETS, 1, width)) * unit).astype(np.float32), dilation)

    def offset() -> np.ndarray:
        return rng.normal(size=(_NETS, 1, _WIDTH)).astype(np.float32) * 20

    return BoundaryScorer(
        layer(1, _D, _WIDTH, 1e-3),
        layer(1, len(FEATURES), _WIDTH, 1e-2),
        offset(),
        ((layer(3, _WIDTH, _WIDTH, 1e-2), offset()), (layer(3, _WIDTH, _WIDTH, 1e-2, 2), offset())),
        layer(1, _WIDTH, 1, 1e-3),
        0.25,
    )


def given_book(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vectors = np.rint(rng.normal(size=(n, _D)) * 900) * VECTOR_STEP
    return vectors.astype(np.float32), rng.normal(size=(n, len(FEATURES))).astype(np.float32)


def by_hand(scorer: BoundaryScorer, vectors: np.ndarray, table: np.ndarray) -> np.ndarray:
    """One sentence, one net and one number at a time."""
    n = len(vectors)
    mean = np.rint(vectors.mean(axis=0, dtype=np.float64) / VECTOR_STEP)
    inputs, told = vectors / VECTOR_STEP - mean, np.clip(np.rint(table * 32), -127, 127)
    scores = np.zeros((_NETS, n))
    for net in range(_NETS):
        hidden = np.zeros((n, _WIDTH))
        for i in range(n):
            for w in range(_WIDTH):
                first = np.float32(inputs[i] @ scorer.vectors.weights[net, 0, :, w]) * scorer.vectors.scale[net, 0, w]
                second = np.float32(told[i] @ scorer.cues.weights[net, 0, :, w]) * scorer.cues.scale[net, 0, w]
                hidden[i, w] = np.clip(np.rint(first + second + scorer.offset[net, 0, w]), 0, TOP)
        for layer, offset in scorer.layers:
            before = hidden.copy()
            for i in range(n):
                for w in range(_WIDTH):
                    total = 0.0
                    for tap in (-1, 0, 1):
                        if 0 <= i + tap * layer.dilation < n:
                            total += before[i + tap * layer.dilation] @ layer.weights[net, tap + 1, :, w]
                    change = np.float32(total) * layer.scale[net, 0, w] + offset[net, 0, w]
                    hidden[i, w] = np.clip(np.rint(np.float32(before[i, w]) + max(change, np.float32(0))), 0, TOP)
        for i in range(n):
            scores[net, i] = np.float32(hidden[i] @ scorer.out.weights[net, 0, :, 0]) * scorer.out.scale[net, 0, 0]
    return scores.mean(axis=0) - scorer.even


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_the_score_is_that_of_the_definition(n: int) -> None:
    scorer, (vectors, table) = made(), given_book(n)
    expected = by_hand(scorer, vectors, table)
    assert np.array_equal(scorer.score(vectors, table), expected)
    assert n < 9 or len(set(expected)) > 3


def test_slices_of_a_long_book_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, (vectors, table) = made(), given_book(50)
    whole = scorer.score(vectors, table)
    monkeypatch.setattr(boundaries, "_ROWS", 7)
    assert np.array_equal(scorer.score(vectors, table), whole)


def test_only_sentences_within_reach_have_a_say() -> None:
    scorer, (vectors, table) = made(), given_book(30)
    assert scorer.reach == 3
    other = table.copy()
    other[15] += 1
    changed = np.flatnonzero(scorer.score(vectors, table) != scorer.score(vectors, other))
    assert 15 in changed
    assert set(changed) <= set(range(12, 19))


def test_nothing_and_other_shapes() -> None:
    scorer, (vectors, table) = made(), given_book(5)
    assert scorer.score(vectors[:0], table[:0]).shape == (0,)
    with pytest.raises(ValueError, match=r"vectors must be \[5, 4\], not \[5, 3\]"):
        scorer.score(vectors[:, :3], table)
    with pytest.raises(ValueError, match=r"table must be \[5, \d+\], not \[4, \d+\]"):
        scorer.score(vectors, table[:4])


def test_cues_are_rounded_and_cut() -> None:
    assert whole_cues(np.array([0.0, 0.5, -2.0, 1 / 64, 99.0, -99.0])).tolist() == [0, 16, -64, 0, 127, -127]


def test_a_scorer_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    scorer, path = made(), tmp_path / "x.safetensors"
    save_scorer(scorer, path, {"source": "test"})
    again = load_scorer(path)
    vectors, table = given_book(20)
    assert np.array_equal(again.score(vectors, table), scorer.score(vectors, table))
    assert load_file(path)["vectors.weights"].dtype == np.int8
    save_file(load_file(path), path, {"cues": "time when", "dilations": "1 2", "even": "0.0"})
    with pytest.raises(ValueError, match="not those of this version"):
        load_scorer(path)


@pytest.mark.parametrize("name", ["minilm", "../weights/x", "organisation/model@1", "use-multilingual:bfloat16", ""])
def test_vectors_of_others_have_no_scorer(name: str) -> None:
    assert boundary_scorer(name) is None


def test_no_sum_of_the_shipped_weights_needs_rounding() -> None:
    scorer = load_scorer(scorer_file(DEFAULT_EMBEDDER))
    exact = 2**24  # float32 holds every whole number up to it
    # the length of a unit vector less a mean of such is at most 2
    longest = np.linalg.norm(scorer.vectors.weights.astype(np.float64), axis=2).max()
    assert longest * 2 / VECTOR_STEP < exact
    assert np.abs(scorer.cues.weights).sum(axis=2).max() * 127 < exact
    for layer in (*(layer for layer, _ in scorer.layers), scorer.out):
        assert np.abs(layer.weights).sum(axis=(1, 2)).max() * TOP < exact
    # the same in float64, where nothing is rounded
    wide = replace(
        scorer,
        vectors=replace(scorer.vectors, weights=scorer.vectors.weights.astype(np.float64)),
        layers=tuple((replace(x, weights=x.weights.astype(np.float64)), offset) for x, offset in scorer.layers),
    )
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, 512))
    vectors = np.rint(vectors / np.linalg.norm(vectors, axis=1, keepdims=True) / VECTOR_STEP) * VECTOR_STEP
    table = rng.random((300, len(FEATURES))).astype(np.float32)
    narrow = scorer.vectors((vectors.astype(np.float32) / np.float32(VECTOR_STEP))[None]) / scorer.vectors.scale
    broad = wide.vectors((vectors / VECTOR_STEP)[None]) / scorer.vectors.scale
    np.testing.assert_allclose(narrow, broad, rtol=1e-6)
    assert np.isfinite(scorer.score(vectors.astype(np.float32), table)).all()


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_it_finds_the_hidden_openings_of_stories_that_it_never_saw(language: str, library: Path) -> None:
    scorer = boundary_scorer(DEFAULT_EMBEDDER)
    assert scorer is not None
    ranks = []
    for book in books_at(str(library / language), language, DEFAULT_EMBEDDER):
        assert isinstance(book, Book)
        sentences = split_book(book).sentences
        prose = [sentence for sentence in sentences if sentence.kind is BlockKind.PARAGRAPH]
        vectors = embed_texts(kept_embedder(DEFAULT_EMBEDDER), [book.text[s.start : s.end] for s in prose])
        table = cues(book.text, prose, book.blocks, language)
        table[:, [FEATURES.index("heading"), FEATURES.index("after_heading")]] = 0
        scores = scorer.score(vectors, table)
        kinds = [sentence.kind for sentence in sentences]
        first = [i for i, kind in enumerate(kinds) if kind is BlockKind.PARAGRAPH]
        openings = [row for row, i in enumerate(first) if row and kinds[i - 1] is BlockKind.HEADING]
        ranks += [float((scores < scores[row]).mean()) for row in openings]
    assert len(ranks) > 3
    assert np.median(ranks) > 0.9  # of a hundred sentences, ninety are less likely
