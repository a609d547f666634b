"""How much of a scene its signs keep: how near they come, and can the scene be picked out by its reconstruction?"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np

from scenesign.schemas.parts import PartEntry
from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue
from scenesign.transforms.parts.format import read_row
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.quantisers.quantiser import Quantiser
from scenesign.transforms.signs.sample import sample_rank
from scenesign.transforms.support import storage
from scenesign.transforms.support.steady import steady_product

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


def reconstruction(vectors: np.ndarray, quantiser: Quantiser, levels: int) -> dict[str, MetricValue]:
    """Metrics of a sample of neutral vectors, float32 [n, D], by the first 1, 2, ... `levels`.

    `levelL/cosine`: mean cosine with the reconstruction. `levelL/mse`: mean squared error of all D numbers together,
    where 1 is the error of no reconstruction at all. `levelL/retrieval_at_1`: see `retrieval_at_1`,
    within the sample. `retrieval_scenes`: how many the sample has.
    """
    codes, _ = quantiser.assign(vectors)
    found: dict[str, MetricValue] = {"retrieval_scenes": len(vectors)}
    for level in range(1, levels + 1):
        rebuilt = quantiser.decode(codes, levels=level)
        found[f"level{level}/cosine"] = round(float((unit(rebuilt) * unit(vectors)).sum(axis=1).mean()), 4)
        found[f"level{level}/mse"] = round(float(((vectors - rebuilt) ** 2).sum(axis=1).mean()), 4)
        found[f"level{level}/retrieval_at_1"] = round(retrieval_at_1(vectors, rebuilt), 4)
    return found


def retrieval_at_1(vectors: np.ndarray, rebuilt: np.ndarray) -> float:
    """Share of reconstructions, float32 [n, D], nearer (by cosine) to their own scene than to any other."""
    alike = np.round(steady_product(unit(rebuilt), unit(vectors).T), 9)
    own = np.diag(alike)
    # scenes that look the same are told apart by luck: one time in as many as they are
    ties = (alike == own[:, None]).sum(axis=1)
    return float(np.where(own >= alike.max(axis=1), 1.0 / ties, 0.0).mean())


def scene_fidelity(evidence: Evidence) -> dict[str, MetricValue]:
    """Nearness of all scenes to their signs, and the `reconstruction` of the sample."""
    return {
        "cosine/mean": round(float(1.0 - evidence.distances.mean()), 4),
        "novel/share": round(float(evidence.novel.mean()), 6),
        **reconstruction(evidence.sample, evidence.quantiser, len(evidence.sizes)),
    }


def _fidelity(
    key: str, says: str, unit_of: str, low: float, high: float, better: Literal["higher", "lower", ""]
) -> Metric:
    return Metric(key, says, unit_of, low, high, better, scene_fidelity)


METRICS = (
    _fidelity("cosine/mean", "likeness of a scene and its reconstruction", "cosine", -1, 1, "higher"),
    _fidelity("levelL/cosine", "likeness by the signs up to a level, in a sample", "cosine", -1, 1, "higher"),
    _fidelity("levelL/mse", "what those leave out", "squared length", 0, math.inf, "lower"),
    _fidelity("levelL/retrieval_at_1", "scenes told from all others by those", "share", 0, 1, "higher"),
    _fidelity("retrieval_scenes", "scenes of the sample", "scenes", 1, math.inf, ""),
    _fidelity("novel/share", "scenes unlike those that the inventory knows", "share", 0, 1, "lower"),
)
