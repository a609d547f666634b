"""How often a scene's glyphs change when one of its sentences is dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.meanings.codes import letters
from benchmarks.meanings.intervals import ALL, Estimate, Figure, estimate, spread
from benchmarks.meanings.shelf import Shelf, ShelfBook
from scenesign.schemas.records import BlockKind
from scenesign.transforms.scenes.embed import embed_texts
from scenesign.transforms.scenes.sentences import SentenceOptions, split_sentences
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True, eq=False)
class Flips:
    """Shares of scenes whose codes changed. columns: topic and letters; glyphs: whole glyphs, and `all` for any.

    likeness: mean cosine of the scenes embedded again, whole, and their vectors in the dataset; 1 but for rounding.
    """

    columns: dict[str, Estimate]
    glyphs: dict[str, Estimate]
    likeness: float


def prose_sentences(book: ShelfBook, scene: int, options: SentenceOptions) -> list[str]:
    """The sentences of a scene that its vector is the mean of."""
    text = "".join(book.work.texts)
    start, end = int(book.starts[scene]), int(book.starts[scene]) + len(book.work.texts[scene])
    blocks = [block for block in book.blocks if block.start < end and block.end > start]
    found = split_sentences(text, blocks, book.language, options)
    return [text[s.start : s.end] for s in found if s.kind is BlockKind.PARAGRAPH and start <= s.start < end]


def choose_scenes(books: Sequence[ShelfBook], count: int, seed: int) -> list[tuple[int, int]]:
    """(book, scene) of some scenes of books whose blocks are known."""
    every = [(i, scene) for i, book in enumerate(books) if book.blocks for scene in range(book.scenes)]
    chosen = np.random.default_rng(seed).permutation(len(every))[:count]
    return [every[i] for i in np.sort(chosen)]


def without_one(vectors: np.ndarray, dropped: int) -> np.ndarray:
    """A scene's vector without one of its sentences, unit length, float32 [D]. vectors: float32 [sentences, D]."""
    return unit(np.delete(vectors, dropped, axis=0).sum(axis=0, dtype=np.float64))


def flips(
    inventory: Inventory, model: SentenceTransformer, books: Sequence[ShelfBook], count: int, seed: int
) -> Flips | None:
    """Rates on a sample of scenes of two sentences or more, a random one dropped; None where there are none.

    The mean of the book is that of its whole scenes.
    """
    options = SentenceOptions(**inventory.info.segmentation.get("sentences", {}))
    chosen = [(i, s, prose_sentences(books[i], s, options)) for i, s in choose_scenes(books, count, seed)]
    chosen = [(i, s, sentences) for i, s, sentences in chosen if len(sentences) > 1]
    if not chosen:
        return None
    every = embed_texts(model, [text for _, _, sentences in chosen for text in sentences])
    ends = np.cumsum([len(sentences) for _, _, sentences in chosen])
    rng = np.random.default_rng(seed)
    whole, less = [], []
    for (i, _, sentences), vectors in zip(chosen, np.split(every, ends[:-1]), strict=True):
        work = books[i].work
        rows = np.stack([unit(vectors.sum(axis=0)), without_one(vectors, int(rng.integers(len(sentences))))])
        both = inventory.neutraliser.neutral(rows, work.language, work.vectors.mean(axis=0), len(work.texts))
        whole.append(both[0])
        less.append(both[1])
    stored = np.stack([books[i].work.vectors[s] for i, s, _ in chosen])
    again = np.stack([unit(v.sum(axis=0)) for v in np.split(every, ends[:-1])])
    a, b = (inventory.quantiser.assign(np.stack(rows))[0] for rows in (whole, less))
    owners = [i for i, _, _ in chosen]
    pairs = zip(letters(inventory, a), letters(inventory, b), strict=True)
    glyphs = {f"glyph {n + 1}": estimate(a[:, n] != b[:, n], owners) for n in range(a.shape[1])}
    return Flips(
        columns={one.name: estimate(one.values != other.values, owners) for one, other in pairs},
        glyphs=glyphs | {"all": estimate((a != b).any(axis=1), owners)},
        likeness=float((stored * again).sum(axis=1).mean()),
    )


def judge(shelf: Shelf, model: SentenceTransformer, scenes: int, seed: int) -> Iterator[Figure]:
    """How often do glyphs change when a sentence is dropped?"""
    found = flips(shelf.inventory, model, shelf.books, scenes, seed)
    if found is not None:
        for way, value in (found.columns | found.glyphs).items():
            yield Figure("e", "changed", way, ALL, value)
        yield Figure("e", "likeness of the scene embedded again", "vectors", ALL, spread([found.likeness]))
