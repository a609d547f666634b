"""Which scenes the inventory is fitted on, chosen by hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from scenesign.transforms.signs.apparatus import is_apparatus

# Training vectors kept at most; 2 KB each with the default embedder.
SAMPLE_SIZE = 262_144
# Scenes that are chosen together, since the predictive space is learned from neighbours.
RUN = 8


def sample_rank(book_id: str, scenes: int, seed: int) -> np.ndarray:
    """A uniform 64-bit number per scene, uint64 [scenes], from the book's id, the scene's index and the seed alone."""
    stream = hashlib.shake_128(f"{seed}:{book_id}".encode()).digest(8 * scenes)
    return np.frombuffer(stream, dtype="<u8")


def choose(book_id: str, scenes: int, seed: int, share: float) -> np.ndarray:
    """Indices of the scenes of a book that belong to a sample of the given share, int64, ascending.

    They come in runs of RUN neighbours: each run is taken whole or not at all.
    """
    if share >= 1.0:
        return np.arange(scenes)
    taken = sample_rank(book_id, -(-scenes // RUN), seed) < np.uint64(share * 2.0**64)
    return np.flatnonzero(np.repeat(taken, RUN)[:scenes])


def without_apparatus(chosen: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Those of the chosen scenes that are scenes; all of them in a book that has nothing else.

    chosen: indices, int64; texts: of all scenes of the book.
    """
    kept = np.array([index for index in chosen if not is_apparatus(texts[index])], dtype=np.int64)
    return kept if len(kept) else chosen
