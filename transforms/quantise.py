"""Quantising: spherical k-means by FAISS, one level after the other on what the level before left over.

Level 1 groups neutral scene vectors by direction; level 2 groups what level 1's codeword leaves unexplained, and so
on (residual quantisation). FAISS's own `ResidualQuantizer` gives different codebooks with different numbers of
threads; k-means on residuals, measured, doesn't.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import faiss
import numpy as np

# With fewer scenes to a sign a codeword is a memory of scenes rather than a kind of scene. (faiss warns below 39,
# which for one novel would leave two or three signs.)
SCENES_PER_SIGN = 8
MAX_AUTO_SIGNS = 4_096
# faiss.Kmeans silently drops training points beyond 256 per centroid; our sample is explicit, so it gets them all.
_ALL_POINTS = 10_000_000
# Floating-point operations that restarts may cost together: some ten seconds on two cores.
_CHEAP_WORK = 5e11


@dataclass(frozen=True, eq=False)
class Codebook:
    """Codewords by level: float32 [K, D] each. Those of level 1 have unit length."""

    levels: tuple[np.ndarray, ...] = field(repr=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Signs per level."""
        return tuple(len(level) for level in self.levels)

    def assign(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nearest codeword per level.

        vectors: float32 [n, D], neutral unit vectors.
        Returns codes int32 [n, levels], and distance float32 [n]: one minus the cosine of a vector and its
        reconstruction.
        """
        codes = np.empty((len(vectors), len(self.levels)), dtype=np.int32)
        rest = np.ascontiguousarray(vectors, dtype=np.float32)
        for i, level in enumerate(self.levels):
            codes[:, i] = nearest(rest, level)
            rest = rest - level[codes[:, i]]
        return codes, 1.0 - cosine(vectors, vectors - rest)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Reconstruction of scene vectors: sum of codewords, float32 [n, D]."""
        return np.asarray(np.sum([level[codes[:, i]] for i, level in enumerate(self.levels)], axis=0), dtype=np.float32)

    def reorder(self, orders: list[np.ndarray]) -> Codebook:
        """The same codebook with codes renumbered: row i of a level becomes the old row `order[i]`."""
        return Codebook(tuple(level[order] for level, order in zip(self.levels, orders, strict=True)))


def nearest(vectors: np.ndarray, codewords: np.ndarray) -> np.ndarray:
    """Index of the nearest codeword by Euclidean distance, int64 [n]; ties go to the lower index.

    Computed in double precision and in blocks, so that the answer doesn't hang on threads or batch size.
    """
    words = codewords.astype(np.float64)
    half_norms = 0.5 * np.einsum("kd,kd->k", words, words)
    found = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), 4096):
        block = vectors[start : start + 4096].astype(np.float64)
        found[start : start + 4096] = np.argmax(np.round(block @ words.T - half_norms, 9), axis=1)
    return found


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine of paired rows, float32 [n]; 0 where a row is zero."""
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return (np.einsum("nd,nd->n", a, b) / np.maximum(norms, 1e-12)).astype(np.float32)


def auto_signs(scenes: int) -> int:
    """Inventory size for `--signs auto`: one sign for every SCENES_PER_SIGN scenes.

    At least 2 (1 when there is one scene), at most MAX_AUTO_SIGNS.
    """
    return min(MAX_AUTO_SIGNS, scenes, max(2, scenes // SCENES_PER_SIGN))


def fit_codebook(
    vectors: np.ndarray, signs: int, levels: int, seed: int, iterations: int = 25, restarts: int | None = None
) -> Codebook:
    """Fits a codebook on neutral unit vectors, float32 [n, D].

    signs: codewords per level; lowered to the number of distinct vectors.
    restarts: k-means runs from different starts, of which the best is kept; None for as many, up to 10, as cost
    little.
    The result depends on the order of rows (so callers sort them) and the seed, not on threads.
    """
    rest = np.ascontiguousarray(vectors, dtype=np.float32)
    books = []
    for level in range(levels):
        distinct = len(np.unique(np.round(rest, 6), axis=0))
        size = max(1, min(signs, distinct))
        spherical = level == 0
        work = 2.0 * rest.size * size * iterations
        kmeans = faiss.Kmeans(
            rest.shape[1],
            size,
            niter=iterations,
            nredo=restarts or int(min(10, max(1, _CHEAP_WORK / work))),
            seed=seed + level,
            spherical=spherical,
            max_points_per_centroid=_ALL_POINTS,
            min_points_per_centroid=1,
        )
        kmeans.train(rest)
        words = _without_twins(np.asarray(kmeans.centroids, dtype=np.float32), rest, spherical)
        books.append(words)
        rest = rest - words[nearest(rest, words)]
    return Codebook(tuple(books))


def _without_twins(words: np.ndarray, vectors: np.ndarray, spherical: bool) -> np.ndarray:
    """Codewords that no vector is nearest to, or that repeat another, removed.

    faiss splits an empty cluster into two near copies of a large one; where that bought nothing, the copy goes.
    """
    words = words[np.sort(np.unique(np.round(words, 6), axis=0, return_index=True)[1])]
    used = np.unique(nearest(vectors, words))
    words = np.ascontiguousarray(words[used])
    if spherical:
        norms = np.linalg.norm(words, axis=1, keepdims=True)
        words = words / np.maximum(norms, 1e-12)
    return words.astype(np.float32)
