"""The scenes most like each scene of a dataset, by their neutral vectors.

Looked for among the scenes of the nearest topics, enough of them that hardly one is missed, so that the work grows with
the scenes and not with their square. Vectors are whole numbers and their products small enough that no sum is rounded:
the same neighbours on every processor.
"""

from __future__ import annotations

import numpy as np

from scenesign.transforms.support.steady import steady_product, steady_unit
from scenesign.transforms.support.threads import settle_threads

NEIGHBOURS = 10
# Scenes that each is compared with: those of the nearest topics until so many are together, and evenly taken ones where
# they are more than twice as many. A dataset with no more is searched whole.
COMPARED = 32768
# Numbers of a unit vector have a spread of D ** -0.5: in steps of an 18th of that, seven of them are 126 steps.
_STEPS = 18.0
_QUERIES = 256


def whole_numbers(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors, float [n, D], as int8 of the same direction, nearly."""
    return np.clip(np.rint(vectors * (_STEPS * vectors.shape[1] ** 0.5)), -127, 127).astype(np.int8)


def nearest_scenes(
    vectors: np.ndarray, topics: np.ndarray, words: np.ndarray, count: int = NEIGHBOURS
) -> tuple[np.ndarray, np.ndarray]:
    """The most similar other scenes of each, the most similar first: their rows, int32 [n, k], and distances, float32.

    vectors: int8 [n, D]. topics: of each scene, int [n]. words: what topics stand for, float [topics, D]. Distance is
    one minus the cosine; ties go to the lower row. k is `count`, or n - 1 where that is less.
    """
    settle_threads()
    total = len(vectors)
    count = max(0, min(count, total - 1))
    rows, distances = np.empty((total, count), np.int32), np.empty((total, count), np.float32)
    if not count:
        return rows, distances
    squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.int64)
    scale = (1.0 / np.sqrt(np.maximum(squares, 1))).astype(np.float32)
    members = np.split(np.argsort(topics, kind="stable"), np.cumsum(np.bincount(topics, minlength=len(words)))[:-1])
    likeness = np.round(steady_product(*_both(words)), 9)
    for topic, own in enumerate(members):
        if not len(own):
            continue
        others = _candidates(members, np.argsort(-likeness[topic], kind="stable"), count)
        there = vectors[others].astype(np.float32).T
        for first in range(0, len(own), _QUERIES):
            asked = own[first : first + _QUERIES]
            # whole numbers: the sums are exact
            cosine = (vectors[asked].astype(np.float32) @ there) * scale[others]
            cosine *= scale[asked, None]
            cosine[others == asked[:, None]] = -np.inf
            best = _best(cosine, count)
            rows[asked] = others[best]
            distances[asked] = np.round(1.0 - np.take_along_axis(cosine, best, axis=1), 4)
    return rows, np.maximum(distances, 0.0)


def _both(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unit = steady_unit(words.astype(np.float64))
    return unit, unit.T


def _candidates(members: list[np.ndarray], order: np.ndarray, count: int) -> np.ndarray:
    """Rows of the scenes of the first topics of an order, ascending: `COMPARED` or more, and at most twice as many."""
    taken, size = [], 0
    for topic in order:
        taken.append(members[topic])
        size += len(members[topic])
        if size >= max(COMPARED, count + 1):
            break
    found = np.sort(np.concatenate(taken))
    if size <= 2 * COMPARED:
        return found
    return found[np.linspace(0, size - 1, 2 * COMPARED).astype(np.int64)]


def _best(values: np.ndarray, count: int) -> np.ndarray:
    """Columns of the `count` greatest values of each row, the greatest first; ties go to the lower column."""
    least = np.partition(values, values.shape[1] - count, axis=1)[:, -count]
    rows, columns = np.nonzero(values >= least[:, None])
    order = np.lexsort((columns, -values[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    firsts = np.searchsorted(rows, np.arange(len(values)))
    return columns[firsts[:, None] + np.arange(count)]
