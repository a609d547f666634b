"""What needs no training: simple ways to choose the next scene, and what it costs to make signs in the first place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.next_scene.books import Shelf, Work
from benchmarks.next_scene.forms import fit_on, signs_by_book
from benchmarks.next_scene.questions import CHOICES, Question, hit
from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.metrics.learnability import bigram_shares, unigram_shares
from scenesign.transforms.scenes.embed import embed_texts
from scenesign.transforms.scenes.embedders import load_embedder
from scenesign.transforms.scenes.sentences import split_sentences
from scenesign.transforms.scenes.universal_sentence_encoder import UniversalSentenceEncoder
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit

Scorer = Callable[[Question], np.ndarray]
# Scenes that a baseline looks back to; the sign models see up to 28.
_LOOK_BACK = 8
# Signs and levels whose codewords are tried; None is the automatic number.
_INVENTORIES = ((None, 1), (None, 2), (None, 4), (2048, 1))
# Signs per scene of the product quantisers that are tried; each names one of up to 256 codewords of its dimensions.
_PIECES = (8, 32)
# One in so many training scenes is embedded again to take the time.
_TIMED = 60


@dataclass(frozen=True)
class Baseline:
    """flops: floating-point operations per question where they are products of vectors, else 0."""

    name: str
    flops: float
    hits: dict[str, list[float]]


def baselines(shelf: Shelf, questions: Sequence[Question]) -> list[Baseline]:
    """Simple ways, each answering all questions."""
    raw = [work.vectors for work in shelf.test]
    flops = 2.0 * raw[0].shape[1] * CHOICES
    one, two, four, many = (fit_on(shelf, signs, levels) for signs, levels in _INVENTORIES)
    neutral = [one.neutraliser(work.vectors, work.language) for work in shelf.test]
    ways: list[tuple[str, float, Scorer]] = [
        ("text: letters in common with the last", 0.0, _spelling(shelf.test)),
        ("scene vectors: like the last", flops, like_the_last(raw)),
        ("scene vectors: like the last 8", flops, like_the_last(raw, _LOOK_BACK)),
        ("neutral vectors: like the last", flops, like_the_last(neutral)),
        ("four levels: codewords like the last", flops, like_the_last(_codewords(shelf, four))),
        ("two levels: codewords like the last", flops, like_the_last(_codewords(shelf, two))),
        ("signs: codeword like the last", flops, like_the_last(_codewords(shelf, one))),
        (f"{many.info.signs:,} signs: codeword like the last", flops, like_the_last(_codewords(shelf, many))),
        ("signs: bigram", 0.0, _bigram(shelf, one)),
    ]
    trained = np.concatenate([one.neutraliser(work.vectors, work.language) for work in shelf.trained])
    ways += [
        (
            f"product quantiser, {pieces} signs: like the last",
            flops,
            like_the_last(_product(trained, neutral, pieces)),
        )
        for pieces in _PIECES
        if raw[0].shape[1] % pieces == 0
    ]
    found = []
    for name, flops, way in ways:
        hits: dict[str, list[float]] = {}
        for question in questions:
            hits.setdefault(f"{question.kind}/{question.language}", []).append(hit(way(question)))
        found.append(Baseline(name, flops, hits))
    return found


def like_the_last(books: Sequence[np.ndarray], back: int = 1) -> Scorer:
    """Cosine of each choice with the mean of the last scenes. books: vectors of the test books, [scenes, D]."""
    units = [unit(rows.astype(np.float64)) for rows in books]

    def score(question: Question) -> np.ndarray:
        own = units[question.book]
        mean = own[max(0, question.next - back) : question.next].mean(axis=0)
        return np.asarray(own[list(question.choices)] @ mean)

    return score


def _codewords(shelf: Shelf, inventory: Inventory) -> list[np.ndarray]:
    """The test books with each scene where its codewords (sums over levels) stand among their like."""
    return [inventory.quantiser.coordinates(inventory.assign(work.vectors, work.language)[0]) for work in shelf.test]


def _product(trained: np.ndarray, books: Sequence[np.ndarray], pieces: int) -> list[np.ndarray]:
    """Vectors of books after product quantisation: equal runs of dimensions, each with a codebook of its own."""
    import faiss

    quantiser = faiss.ProductQuantizer(trained.shape[1], pieces, min(8, int(np.log2(len(trained)))))
    quantiser.cp.min_points_per_centroid = 1
    quantiser.train(np.ascontiguousarray(trained, np.float32))
    return [quantiser.decode(quantiser.compute_codes(np.ascontiguousarray(rows, np.float32))) for rows in books]


def _spelling(works: Sequence[Work]) -> Scorer:
    """Cosine of tf-idf over runs of two to four letters with the scene before: names come back, in any script."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = [
        TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, max_features=100_000).fit_transform(
            work.texts
        )
        for work in works
    ]

    def score(question: Question) -> np.ndarray:
        own = rows[question.book]
        return np.asarray((own[list(question.choices)] @ own[question.next - 1].T).todense(), np.float64)[:, 0]

    return score


def _bigram(shelf: Shelf, inventory: Inventory) -> Scorer:
    """log p(sign | sign before) - log p(sign), counted on the training scenes."""
    units = inventory.info.sizes[0]
    signs = {book: rows[:, 0] for book, rows in signs_by_book(inventory, shelf).items()}
    trained = [signs[work.book_id][: shelf.cut[work.book_id]] for work in shelf.train]
    before = np.concatenate([np.concatenate([[units], row[:-1]]) for row in trained])
    after = np.concatenate(trained)
    alone = np.log(unigram_shares(after, units))
    known: dict[int, np.ndarray] = {}

    def score(question: Question) -> np.ndarray:
        row = signs[shelf.test[question.book].book_id]
        last = int(row[question.next - 1])
        if last not in known:
            shares = bigram_shares(before, after, units, np.full(units, last), np.arange(units))
            known[last] = np.log(shares) - alone
        return np.asarray(known[last][row[list(question.choices)]])

    return score


@dataclass(frozen=True)
class Preparation:
    """What it costs to make the signs of the training books, on one thread.

    embedding_flops: matrix products of the embedder, from the shapes of its matrices and the tokens and sentences it
    reads; None for an embedder whose shapes are not known here. embedding_seconds: timed on a sample, by characters.
    fitting_seconds: of the inventory. sample: sentences timed.
    """

    embedder: str
    characters: int
    sentences: int
    embedding_flops: float | None
    embedding_seconds: float
    fitting_seconds: float
    sample: int


def preparation(shelf: Shelf, dataset: Path) -> Preparation:
    """Measures it; the embedder is the dataset's."""
    import torch

    embedder = str(json.loads((dataset / "inventory" / "inventory.json").read_text())["embedder"])
    torch.set_num_threads(1)
    model = load_embedder(embedder)
    works = shelf.trained
    characters = sum(work.characters for work in works)
    sample = [(work.language, text) for work in works for text in work.texts][::_TIMED]
    texts = [sentence for language, text in sample for sentence in _sentences(text, language)]
    embed_texts(model, texts[:16])  # loads what is loaded late
    began = time.perf_counter()
    embed_texts(model, texts)
    seconds = time.perf_counter() - began
    share = sum(len(text) for _, text in sample) / characters
    began = time.perf_counter()
    fit_on(shelf, None, 1)
    fitting = time.perf_counter() - began
    module = model[0]
    flops = _use_flops(module, texts) / share if isinstance(module, UniversalSentenceEncoder) else None
    return Preparation(
        embedder, characters, round(len(texts) / share), flops, seconds / share, fitting, len(texts)
    )  # fmt: skip


def _sentences(text: str, language: str) -> list[str]:
    found = split_sentences(text, (Block(0, len(text), BlockKind.PARAGRAPH),), language)
    return [text[sentence.start : sentence.end] for sentence in found]


def _use_flops(module: UniversalSentenceEncoder, texts: Sequence[str]) -> float:
    """Two operations per weight and row: most matrices read tokens, the last ones sentences."""
    backend = module._backend
    of_tokens = [backend.proj_W, *backend.w1, *backend.w2]
    of_sentences = [backend.cnn_W, backend.d0, backend.p1, backend.d1, backend.d2, backend.p3, backend.d3]
    tokens = sum(map(len, module._processor.encode(list(texts), out_type=int, add_bos=True, add_eos=True)))
    return 2.0 * (tokens * sum(m.size for m in of_tokens) + len(texts) * sum(m.size for m in of_sentences))
