"""Quantising: spherical k-means by FAISS, one level after the other on what the level before left over.

Level 1 groups neutral scene vectors by direction; level 2 groups what level 1's codeword leaves unexplained, and so
on (residual quantisation). k-means grows through the principal components, a few first and then more, the way
`faiss.ResidualQuantizer` trains its levels: better codewords than ten restarts of plain k-means, at a tenth of the
time. That quantiser itself isn't used, because it knows only powers of two, and tells signs apart by a search over
all levels whose result changes with the number of threads.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from scenesign.transforms.signs.neutralise import unit

# With fewer scenes to a sign a codeword is a memory of scenes rather than a kind of scene. (faiss warns below 39,
# which for one novel would leave two or three signs.)
SCENES_PER_SIGN = 8
MAX_AUTO_SIGNS = 4_096
# `--signs auto` wants this share of the signs to occur in this many books: fewer, and they are marks of books.
SHARED_SIGNS = 0.9
SHARING_BOOKS = 3
# faiss silently drops training points beyond 256 per centroid; our sample is explicit, so it gets them all.
_ALL_POINTS = 10_000_000
_MOST_ITERATIONS = 25
# Floating-point operations that one level may cost, some minutes on one core; iterations are cut to keep to it.
_WORK = 1e13
# A run through growing dimensions costs about as many full iterations as this, per iteration of each step.
_MEAN_STEPS = 3.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Codebook:
    """Codewords by level: float32 [K, D] each.

    Level 1 is told by direction: a scene gets the codeword at the smallest angle, whatever the codewords' lengths.
    The length is that of the mean of its scenes, the best reconstruction: a unit vector overshoots, and what is
    left over then is larger than the scene itself. Further levels are told by Euclidean distance.
    """

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
            codes[:, i] = nearest(rest, unit(level) if i == 0 else level)
            rest = rest - level[codes[:, i]]
        return codes, 1.0 - cosine(vectors, vectors - rest)

    def decode(self, codes: np.ndarray, levels: int | None = None) -> np.ndarray:
        """Reconstruction of scene vectors: sum of the codewords of the first `levels` (of all), float32 [n, D]."""
        rebuilt = np.zeros((len(codes), self.levels[0].shape[1]), dtype=np.float32)
        for i, level in enumerate(self.levels[:levels]):
            rebuilt += level[codes[:, i]]
        return rebuilt

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


def most_signs(scenes: int) -> int:
    """The most signs that `--signs auto` gives so many scenes: one for every SCENES_PER_SIGN.

    At least 2 (1 when there is one scene), at most MAX_AUTO_SIGNS.
    """
    return min(MAX_AUTO_SIGNS, scenes, max(2, scenes // SCENES_PER_SIGN))


def auto_signs(vectors: np.ndarray, owners: np.ndarray, scenes: int, seed: int) -> int:
    """Inventory size from the data: the most that books still share.

    From `most_signs` downwards by halves, the first at which SHARED_SIGNS of the signs occur in SHARING_BOOKS books
    or more (in every book, when there are fewer).
    vectors: float32 [n, D], neutral, in a settled order; owners: int [n], whose book each is; scenes: how many there
    are of which these are a sample.
    """
    books = len(np.unique(owners))
    signs = min(most_signs(scenes), len(vectors))
    while signs > 2:
        (words,) = fit_codebook(vectors, signs, 1, seed, iterations=3).levels
        pairs = np.unique(np.stack([nearest(vectors, unit(words)), owners]), axis=1)
        if (np.bincount(pairs[0]) >= min(SHARING_BOOKS, books)).mean() >= SHARED_SIGNS:
            break
        signs = max(2, signs // 2)
    return signs


def fit_codebook(
    vectors: np.ndarray, signs: int, levels: int, seed: int, iterations: int = _MOST_ITERATIONS
) -> Codebook:
    """Fits a codebook on neutral unit vectors, float32 [n, D].

    signs: codewords per level; lowered to the number of distinct vectors.
    iterations: of k-means in each of its steps through the dimensions; fewer where they would cost too much.
    The result depends on the order of rows (so callers sort them) and the seed, not on threads.
    """
    rest = np.ascontiguousarray(vectors, dtype=np.float32)
    books = []
    for level in range(levels):
        size = max(1, min(signs, len(np.unique(np.round(rest, 6), axis=0))))
        _log.info("level %d of %d: %d signs from %d scenes", level + 1, levels, size, len(rest))
        words = _k_means(rest, size, seed + level, spherical=level == 0, iterations=iterations)
        words = _without_twins(words, rest)
        codes = nearest(rest, words)
        if level == 0:
            words = _scaled(words, rest, codes)
        books.append(words)
        rest = rest - words[codes]
    return Codebook(tuple(books))


def _k_means(vectors: np.ndarray, size: int, seed: int, spherical: bool, iterations: int) -> np.ndarray:
    """Centroids float32 [size, D]; unit length when spherical."""
    if size == 1:
        mean = vectors.mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32)
        return unit(mean) if spherical else mean
    # with more threads the principal components change in their last bits, and signs with them
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            if len(vectors) >= vectors.shape[1]:
                return _train(vectors, size, seed, spherical, iterations)
            # faiss finds no more components than there are scenes: the few scenes are clustered in their own span
            axes = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)[2]
            inside = _train((vectors @ axes.T).astype(np.float32), size, seed, spherical, iterations)
            return np.asarray(inside @ axes, dtype=np.float32)
    finally:
        faiss.omp_set_num_threads(threads)


def _train(vectors: np.ndarray, size: int, seed: int, spherical: bool, iterations: int) -> np.ndarray:
    settings = faiss.ProgressiveDimClusteringParameters()
    settings.niter = int(np.clip(_WORK / (2.0 * vectors.size * size * _MEAN_STEPS), 2, iterations))
    settings.seed = seed
    settings.spherical = spherical
    settings.max_points_per_centroid = _ALL_POINTS
    settings.min_points_per_centroid = 1
    clustering = faiss.ProgressiveDimClustering(vectors.shape[1], size, settings)
    vectors = np.ascontiguousarray(vectors)
    # faiss's type stubs promise a train(vectors, factory) that this class doesn't have
    clustering.train(len(vectors), faiss.swig_ptr(vectors), faiss.ProgressiveDimIndexFactory())  # type: ignore
    words = faiss.vector_to_array(clustering.centroids).reshape(size, -1)
    return unit(words) if spherical else np.array(words, dtype=np.float32)


def _scaled(directions: np.ndarray, vectors: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Unit codewords at the length that reconstructs their vectors best: the mean of the projections."""
    projections = np.einsum("nd,nd->n", vectors.astype(np.float64), directions[codes].astype(np.float64))
    counts = np.maximum(1, np.bincount(codes, minlength=len(directions)))
    lengths = np.bincount(codes, weights=projections, minlength=len(directions)) / counts
    # a length of zero would lose the direction, by which scenes are told apart
    return (directions * np.maximum(lengths, 1e-3)[:, None]).astype(np.float32)


def _without_twins(words: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Codewords that no vector is nearest to, or that repeat another, removed.

    faiss splits an empty cluster into two near copies of a large one; where that bought nothing, the copy goes.
    """
    words = words[np.sort(np.unique(np.round(words, 6), axis=0, return_index=True)[1])]
    return np.ascontiguousarray(words[np.unique(nearest(vectors, words))], dtype=np.float32)
