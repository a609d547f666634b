"""Texts to unit vectors on a grid, whichever embedder makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from scenesign.schemas.records import BlockKind, SegmentedBook

# Between two values of a coordinate. On such a grid the products of two unit vectors' coordinates, and their sums in
# any order, are floats that need no rounding: a likeness has the same bits whichever matrix library computes it. Half
# precision holds a coordinate whole.
VECTOR_STEP = 2.0**-11

# Texts per call of a model, so that a large book takes no more memory than a small one. Fixed, because in models of
# sentence-transformers the last bits of a vector depend on its neighbours in a batch.
_SLICE = 4096


class Embedder(Protocol):
    """Turns texts into vectors. Threads may share one."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [texts, dimensions], of unit length. Not on the grid yet: see `embed_texts`."""
        ...


def embed_texts(model: Embedder, texts: Sequence[str], tell: Callable[[int], None] = lambda texts: None) -> np.ndarray:
    """Unit vectors of texts, on the grid of `VECTOR_STEP`: float32 [texts, D].

    A text that comes again is embedded once. Slices are cut from these texts alone, so the same texts give the same
    bits in any run. tell: hears how many texts a slice had.
    Raises ValueError when the model returns a vector that is not finite.
    """
    places = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    different = list(places)
    slices = []
    for i in range(0, len(different), _SLICE):
        slices.append(_on_grid(model, different[i : i + _SLICE]))
        tell(len(slices[-1]))
    if not slices:
        return np.zeros((0, model.dimensions), np.float32)
    return np.concatenate(slices)[[places[text] for text in texts]]


def _on_grid(model: Embedder, texts: Sequence[str]) -> np.ndarray:
    vectors = np.asarray(model.embed(texts), dtype=np.float32)
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise ValueError(f"the embedder returned a vector that is not finite for {texts[row][:80]!r}")
    return settled(vectors)


def settled(vectors: np.ndarray) -> np.ndarray:
    """The nearest vectors on the grid of `VECTOR_STEP`: float32, in the shape of what is given."""
    step = np.float32(VECTOR_STEP)
    return np.asarray(np.rint(vectors / step) * step, dtype=np.float32)


def prose_texts(segmented: SegmentedBook) -> list[str]:
    """The sentences of a book that get a vector: those of its paragraphs, not headings and breaks."""
    text = segmented.book.text
    return [text[s.start : s.end] for s in segmented.sentences if s.kind is BlockKind.PARAGRAPH]
