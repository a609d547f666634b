"""k-means by FAISS, its bits the same whatever the threads, and the nearest codeword.

k-means grows through the principal components, a few first and then more, the way `faiss.ResidualQuantizer` trains its
levels: better codewords than ten restarts of plain k-means, at a tenth of the time.
"""

from __future__ import annotations

import faiss
import numpy as np

from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.support.steady import steady_product
from scenesign.transforms.support.threads import settle_threads

MOST_ITERATIONS = 25
# faiss silently drops training points beyond 256 per centroid; our sample is explicit, so it gets them all.
_ALL_POINTS = 10_000_000
# Floating-point operations that one run may cost, some minutes on one core; iterations are cut to keep to it.
_WORK = 1e13
# A run through growing dimensions costs about as many full iterations as this, per iteration of each step.
_MEAN_STEPS = 3.0
# Of a table of vectors and codewords, what is in memory at a time.
_MOST_ROWS, _MOST_CELLS = 4_096, 1 << 22


def k_means(
    vectors: np.ndarray, size: int, seed: int, spherical: bool = False, iterations: int = MOST_ITERATIONS
) -> np.ndarray:
    """Centroids float32 [size, D] of vectors, float32 [n, D]; by direction, and of unit length, when spherical.

    iterations: of each step through the dimensions; fewer where they would cost too much. The result depends on the
    order of rows (so callers sort them) and the seed.
    """
    if size == 1:
        mean = vectors.mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32)
        return unit(mean) if spherical else mean
    settle_threads()
    if len(vectors) >= vectors.shape[1]:
        return _train(vectors, size, seed, spherical, iterations)
    # faiss finds no more components than there are scenes: the few scenes are clustered in their own span
    axes = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)[2]
    inside = _train((vectors @ axes.T).astype(np.float32), size, seed, spherical, iterations)
    return np.asarray(inside @ axes, dtype=np.float32)


def _train(vectors: np.ndarray, size: int, seed: int, spherical: bool, iterations: int) -> np.ndarray:
    # With more threads the principal components change in their last bits, and signs with them. FAISS and its matrix
    # library heed OpenMP's number, which is this thread's own: no other thread's work is changed by it, nor this by it.
    faiss.omp_set_num_threads(1)
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


def nearest(vectors: np.ndarray, codewords: np.ndarray) -> np.ndarray:
    """Index of the nearest codeword by Euclidean distance, int64 [n]; ties go to the lower index.

    Computed in double precision and in blocks, so that the answer doesn't hang on threads, batch size or processor.
    """
    words = codewords.astype(np.float64)
    half_norms = 0.5 * squared(words)
    found = np.empty(len(vectors), dtype=np.int64)
    size = max(1, min(_MOST_ROWS, _MOST_CELLS // max(1, len(words))))
    for start in range(0, len(vectors), size):
        likeness = steady_product(vectors[start : start + size], words.T)
        likeness -= half_norms
        found[start : start + size] = np.argmax(np.round(likeness, 9, out=likeness), axis=1)
    return found


def without_twins(words: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Codewords that no vector is nearest to, or that repeat another, removed.

    faiss splits an empty cluster into two near copies of a large one; where that bought nothing, the copy goes.
    """
    words = words[np.sort(np.unique(np.round(words, 6), axis=0, return_index=True)[1])]
    return np.ascontiguousarray(words[np.unique(nearest(vectors, words))], dtype=np.float32)


def squared(vectors: np.ndarray) -> np.ndarray:
    """Squared lengths, float64 [n]."""
    return np.asarray((vectors.astype(np.float64) ** 2).sum(axis=1))


def nearest_squared(vectors: np.ndarray, codewords: np.ndarray) -> np.ndarray:
    """Squared distances of vectors from their nearest codewords, float64 [n]."""
    cross = vectors.astype(np.float64) @ codewords.T.astype(np.float64)
    return np.asarray((squared(vectors)[:, None] - 2 * cross + squared(codewords)[None]).min(axis=1))
