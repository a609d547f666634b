"""How often a scene's glyphs change when one of its sentences is dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.meanings.codes import letters
from benchmarks.meanings.intervals import ALL, Estimate, Figure, estimate, spread
from benchmarks.meanings.shelf import Shelf, ShelfBook
from scenesign.schemas.records import BlockKind, Book, SegmentedBook, Sentence
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.scenes.find import pool
from scenesign.transforms.scenes.sentences import SentenceOptions, split_sentences
from scenesign.transforms.signs.inventory import Inventory

if TYPE_CHECKING:
    from scenesign.transforms.embedders.texts import Embedder


@dataclass(frozen=True, eq=False)
class Flips:
    """Shares of scenes whose codes changed. columns: topic and letters; glyphs: whole glyphs, and `all` for any.

    likeness: mean cosine of the scenes embedded again, whole, and their vectors in the dataset; 1 but for rounding.
    """

    columns: dict[str, Estimate]
    glyphs: dict[str, Estimate]
    likeness: float


def prose_sentences(book: ShelfBook, scene: int, options: SentenceOptions) -> tuple[Sentence, ...]:
    """The sentences of a scene that its vector is pooled from."""
    start = int(book.starts[scene])
    end = start + len(book.work.texts[scene])
    blocks = [block for block in book.blocks if block.start < end and block.end > start]
    found = split_sentences(book.text, blocks, book.language, options)
    return tuple(s for s in found if s.kind is BlockKind.PARAGRAPH and start <= s.start < end)


def choose_scenes(books: Sequence[ShelfBook], count: int, seed: int) -> list[tuple[int, int]]:
    """(book, scene) of some scenes of books whose blocks are known."""
    every = [(i, scene) for i, book in enumerate(books) if book.blocks for scene in range(book.scenes)]
    chosen = np.random.default_rng(seed).permutation(len(every))[:count]
    return [every[i] for i in np.sort(chosen)]


def scene_vector(sentences: Sequence[Sentence], vectors: np.ndarray, without: int | None = None) -> np.ndarray:
    """A scene's vector, float32 [D], as scenes are pooled, of all its sentences or without one.

    vectors: of the sentences, float32 [sentences, D].
    """
    kept = [i for i in range(len(sentences)) if i != without]
    book = Book("", "", "", "", (), "")
    return pool(SegmentedBook(book, tuple(sentences[i] for i in kept), vectors[kept]), (0,))[0]


def flips(inventory: Inventory, model: Embedder, books: Sequence[ShelfBook], count: int, seed: int) -> Flips | None:
    """Rates on a sample of scenes of two sentences or more, a random one dropped; None where there are none.

    The mean of the book is that of its whole scenes.
    """
    options = SentenceOptions(**inventory.info.segmentation.get("sentences", {}))
    found = [(i, s, prose_sentences(books[i], s, options)) for i, s in choose_scenes(books, count, seed)]
    chosen = [(i, s, sentences) for i, s, sentences in found if len(sentences) > 1]
    if not chosen:
        return None
    every = embed_texts(model, [books[i].text[s.start : s.end] for i, _, sentences in chosen for s in sentences])
    ends = np.cumsum([len(sentences) for _, _, sentences in chosen])
    rng = np.random.default_rng(seed)
    again, neutral = [], []
    for (i, _, sentences), vectors in zip(chosen, np.split(every, ends[:-1]), strict=True):
        dropped = int(rng.integers(len(sentences)))
        rows = np.stack([scene_vector(sentences, vectors), scene_vector(sentences, vectors, dropped)])
        work = books[i].work
        again.append(rows[0])
        neutral.append(inventory.neutraliser.neutral(rows, work.language, work.vectors.mean(axis=0), len(work.texts)))
    stored = np.stack([books[i].work.vectors[s] for i, s, _ in chosen])
    whole, less = (inventory.quantiser.assign(np.stack([both[k] for both in neutral]))[0] for k in (0, 1))
    owners = [i for i, _, _ in chosen]
    pairs = zip(letters(inventory, whole), letters(inventory, less), strict=True)
    changed = {f"glyph {n + 1}": estimate(whole[:, n] != less[:, n], owners) for n in range(whole.shape[1])}
    return Flips(
        columns={one.name: estimate(one.values != other.values, owners) for one, other in pairs},
        glyphs=changed | {"all": estimate((whole != less).any(axis=1), owners)},
        likeness=float((stored * np.stack(again)).sum(axis=1).mean()),
    )


def judge(shelf: Shelf, model: Embedder, scenes: int, seed: int) -> Iterator[Figure]:
    """How often do glyphs change when a sentence is dropped?"""
    found = flips(shelf.inventory, model, shelf.books, scenes, seed)
    if found is not None:
        for way, value in (found.columns | found.glyphs).items():
            yield Figure("e", "changed", way, ALL, value)
        yield Figure("e", "likeness of the scene embedded again", "vectors", ALL, spread([found.likeness]))
