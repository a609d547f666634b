"""How much of a scene its signs keep: can the scene be picked out by its reconstruction?"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from scenesign.schemas.parts import PartEntry
from scenesign.transforms.parts.write import read_row
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.sample import sample_rank
from scenesign.transforms.support import storage

# Scenes that each reconstruction is compared with.
RETRIEVAL_SCENES = 1_000


def choose_scenes(books: Iterable[tuple[str, int]], count: int, seed: int) -> dict[str, list[int]]:
    """Some scenes of all books by hash: book_id to indices, ascending. books: (book_id, scenes)."""
    ranked = ((int(rank), book, i) for book, n in books for i, rank in enumerate(sample_rank(book, n, seed)))
    chosen: dict[str, list[int]] = {}
    for _, book, i in sorted(heapq.nsmallest(count, ranked), key=lambda r: r[1:]):
        chosen.setdefault(book, []).append(i)
    return chosen


def neutral_sample(parts: Sequence[PartEntry], inventory: Inventory, count: int, seed: int) -> np.ndarray:
    """Neutral vectors of `count` scenes over all books, or of all when there are fewer: float32 [n, D]."""
    chosen = choose_scenes(((b.book_id, b.scenes) for part in parts for b in part.books), count, seed)
    return np.concatenate(list(_neutral(parts, inventory, chosen)))


def _neutral(parts: Sequence[PartEntry], inventory: Inventory, chosen: dict[str, list[int]]) -> Iterator[np.ndarray]:
    for part in sorted(parts, key=lambda p: p.name):
        wanted = [book for book in part.books if book.book_id in chosen]
        if not wanted:
            continue
        with storage.parquet_reader(part.uri) as reader:
            for book in wanted:
                vectors = read_row(reader, book.row).scene_vectors
                yield inventory.neutraliser(vectors, book.language)[chosen[book.book_id]]


def fidelity(vectors: np.ndarray, inventory: Inventory) -> dict[str, float]:
    """Metrics of a sample of neutral vectors, float32 [n, D], by the first 1, 2, ... levels.

    `levelL/cosine`: mean cosine with the reconstruction. `levelL/mse`: mean squared error of all D numbers together,
    where 1 is the error of no reconstruction at all. `levelL/retrieval_at_1`: see `retrieval_at_1`,
    within the sample. `retrieval_scenes`: how many the sample has.
    """
    codes, _ = inventory.codebook.assign(vectors)
    found: dict[str, float] = {"retrieval_scenes": len(vectors)}
    rebuilt = np.zeros_like(vectors)
    for i, words in enumerate(inventory.codebook.levels):
        rebuilt = rebuilt + words[codes[:, i]]
        found[f"level{i + 1}/cosine"] = round(float((unit(rebuilt) * unit(vectors)).sum(axis=1).mean()), 4)
        found[f"level{i + 1}/mse"] = round(float(((vectors - rebuilt) ** 2).sum(axis=1).mean()), 4)
        found[f"level{i + 1}/retrieval_at_1"] = round(retrieval_at_1(vectors, rebuilt), 4)
    return found


def retrieval_at_1(vectors: np.ndarray, rebuilt: np.ndarray) -> float:
    """Share of reconstructions, float32 [n, D], nearer (by cosine) to their own scene than to any other."""
    alike = np.round(unit(rebuilt).astype(np.float64) @ unit(vectors).astype(np.float64).T, 9)
    own = np.diag(alike)
    # scenes that look the same are told apart by luck: one time in as many as they are
    ties = (alike == own[:, None]).sum(axis=1)
    return float(np.where(own >= alike.max(axis=1), 1.0 / ties, 0.0).mean())
