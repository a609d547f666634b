"""The exact change-point search behind FindScenes: where to cut a run of sentence vectors so that scenes hold
together.

The cost of a segmentation is, summed over its scenes, the squared deviation of the vectors from the scene's
centre, plus a penalty for each scene. With the mean as centre that is the Gaussian change-in-mean cost of
optimal partitioning (Jackson et al., "An algorithm for optimal partitioning of data on an interval", IEEE
Signal Processing Letters 12(2), 2005). It is minimised exactly, under a least and a most scene length, which
makes the work linear in the number of sentences: 100,000 to 250,000 a second on one core, for vectors of 512
numbers and scenes of up to 100 or 40 sentences.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from scenesign.transforms.support.threads import settle_threads

# ends of scenes per matrix product, which wastes `most / (most + _ROWS)` of its work; measured fastest
_ROWS = 64
_CHUNK = 2048  # starts of scenes whose costs are held at a time: memory stays flat however long the book


def best_starts(
    vectors: np.ndarray,
    penalty: float,
    least: int,
    most: int,
    hard: np.ndarray | None = None,
    bonus: np.ndarray | None = None,
    *,
    pull: float = 0.0,
    by_length: np.ndarray | None = None,
    sizes: np.ndarray | None = None,
    by_size: np.ndarray | None = None,
    costs: np.ndarray | None = None,
) -> tuple[int, ...]:
    """Scene starts that minimise within-scene squared deviation plus a penalty per scene, exactly.

    vectors: float [n, d], one row per sentence, any scale.
    penalty: cost of a scene, in the units of squared deviation (for unit vectors, a sentence alone costs at
        most 1).
    least, most: sentences per scene. `most` always holds. `hard` boundaries win over `least`: a stretch
        between two of them that can't be cut into scenes of `least` to `most` gets the greatest `least` with
        which it can.
    hard: bool [n], a scene must start here; the first sentence always does.
    bonus: float [n], evidence for a start at this sentence: taken off the penalty of the scene that starts
        there.
    pull: how many sentences at the origin pull at each scene's centre c, which then minimises
        `sum |x - c|^2 + pull |c|^2`: a prior on the centres, for vectors that are relative to something. 0:
        plain means.
    by_length: float [most], added to the cost of a scene of 1, 2, ... sentences.
    sizes: int [n], 0 or more, how large each sentence is; by_size: float [m], added to the cost of a scene whose sizes
        add up to 0, 1, ...; the last entry is for all that are larger. Both or neither.
    costs: float64 [n, most], what `scene_costs` gives for these vectors, `most` and `pull`: whoever searches several
        times need find them only once.

    Returns indices of the first sentences of the scenes, ascending, the first 0; nothing for no sentences.
    Equal costs are settled in favour of the shorter scene, and what lies beyond a stretch's hard boundaries
    has no influence on it. Raises ValueError for limits or shapes that make no sense.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors must be [n, d], not {list(vectors.shape)}")
    if not 1 <= least <= most:
        raise ValueError(f"scene lengths need 1 <= least <= most, not least={least}, most={most}")
    if not pull >= 0:
        raise ValueError(f"pull must be 0 or more, not {pull}")
    n = len(vectors)
    if (sizes is None) != (by_size is None) or (by_size is not None and (by_size.ndim != 1 or not len(by_size))):
        raise ValueError("sizes [n] and by_size [m], m at least 1, go together")
    shapes = (("hard", hard, n), ("bonus", bonus, n), ("by_length", by_length, most), ("sizes", sizes, n))
    for name, array, length in shapes:
        if array is not None and array.shape != (length,):
            raise ValueError(f"{name} must be [{length}], not {list(array.shape)}")
    if costs is not None and costs.shape != (n, min(n, most)):
        raise ValueError(f"costs must be [{n}, {min(n, most)}], not {list(costs.shape)}")
    if sizes is not None and (sizes.dtype.kind != "i" or (sizes < 0).any()):
        raise ValueError("sizes must be integers, 0 or more")
    if not n:
        return ()
    prices = np.full(n, float(penalty))
    if bonus is not None:
        prices -= bonus
    lengths = np.zeros(most) if by_length is None else np.asarray(by_length, dtype=np.float64)
    table = np.zeros(1) if by_size is None else np.asarray(by_size, dtype=np.float64)
    if not (np.isfinite(prices).all() and np.isfinite(lengths).all() and np.isfinite(table).all()):
        raise ValueError("penalty, bonus, by_length and by_size must be finite")
    before = None if sizes is None else np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    edges = [0] if hard is None else [0, *(np.flatnonzero(hard[1:]) + 1).tolist()]
    starts: list[int] = []
    # the products are small: more threads would cost more than they bring, ten times more on a busy machine
    settle_threads()
    for begin, end in zip(edges, [*edges[1:], n], strict=True):
        length = end - begin
        # with k scenes the shortest has at most length // k; the fewest scenes leave the most room
        shortest = min(least, length // -(-length // most))
        if length <= most and length < 2 * shortest:
            starts.append(begin)
            continue
        width = min(most, length)
        measures = None if before is None else (before[begin : end + 1], table)
        between = (
            partial(_costs_of_vectors, vectors[begin:end], width, pull)
            if costs is None
            else partial(_known_costs, costs[begin:end, :width])
        )
        path = _cheapest_path(between, prices[begin:end], lengths[:width], shortest, measures)
        starts.extend(begin + start for start in path)
    return tuple(starts)


def scene_costs(vectors: np.ndarray, most: int, pull: float = 0.0) -> np.ndarray:
    """What each possible scene costs, less the squared lengths of its vectors (the same in every
    segmentation).

    vectors: float [n, d]. Returns float64 [n, most]: entry [i, k] is for the scene of k + 1 sentences that
    starts at i, `-|sum of its vectors|^2 / (k + 1 + pull)`; infinite where it would run past the end.

    |sum|^2 is the sum of the Gram matrix over the scene's square. Squares grow by one row and column at a
    time, so two running sums over a band of the Gram matrix give them all: first up each column, then along
    each row.
    """
    n, width = len(vectors), min(most, len(vectors))
    gram = _gram_band(np.ascontiguousarray(vectors, dtype=np.float32), width)
    padded = np.zeros((n + width, width))
    # column of sentence j down to each earlier sentence, twice, but itself once
    border = np.cumsum(gram, axis=1, out=padded[:n])
    border *= 2
    border -= gram[:, :1]
    # border is indexed by (end, how far back); its diagonals are indexed by (start, how far ahead)
    row, column = padded.strides
    ahead_of = as_strided(padded, (n, width), (row, row + column), writeable=False)
    costs = np.cumsum(ahead_of, axis=1, out=gram)
    costs /= -(np.arange(1.0, width + 1) + pull)
    for ahead in range(1, width):  # a scene that starts `ahead` sentences before the end has no more than these
        costs[n - ahead, ahead:] = np.inf
    return costs


def _gram_band(vectors: np.ndarray, width: int) -> np.ndarray:
    """float64 [n, width]: entry [j, k] is the dot product of rows j and j - k, 0 before the first row."""
    n, dimensions = vectors.shape
    before = np.zeros((width - 1 + n, dimensions), dtype=np.float32)
    before[width - 1 :] = vectors
    band = np.empty((n, width))
    for first in range(0, n, _ROWS):
        last = min(first + _ROWS, n)
        products = before[first : last + width - 1] @ vectors[first:last].T  # row r is sentence first - width + 1 + r
        row, column = products.strides
        corner = products[width - 1 :]  # of the block's first sentence with itself
        band[first:last] = as_strided(corner, (last - first, width), (row + column, -row), writeable=False)
    return band


def _costs_of_vectors(vectors: np.ndarray, most: int, pull: float, low: int, high: int) -> np.ndarray:
    """float64 [high - low, most]: what scenes that start at these sentences cost by their vectors."""
    costs = scene_costs(vectors[low : high + most - 1], most, pull)[: high - low]
    if costs.shape[1] < most:  # the last few sentences of a stretch
        costs = np.pad(costs, ((0, 0), (0, most - costs.shape[1])), constant_values=np.inf)
    return costs


def _known_costs(costs: np.ndarray, low: int, high: int) -> np.ndarray:
    # those of scenes that run past the end of the stretch make no difference: nothing leads on from there
    return costs[low:high].copy()


def _cheapest_path(
    between: Callable[[int, int], np.ndarray],
    prices: np.ndarray,
    by_length: np.ndarray,
    least: int,
    measures: tuple[np.ndarray, np.ndarray] | None,
) -> list[int]:
    """Starts of the scenes of the cheapest path through a stretch of n sentences.

    between: float64 [high - low, most] for (low, high), what scenes cost that start at these sentences; prices: float64
        [n], of a scene that starts there; by_length: float64 [most], most <= n; measures: int64 [n + 1], the size of
        all that comes before each sentence and the end, and float64 [m], what a scene of each size costs.

    Works from the end: the best way on from sentence i is the cheapest scene of k sentences that starts there
    plus the best way on from i + k. No scene is shorter than `least`, so that many sentences are settled in
    one step of numpy.
    """
    n, most = len(prices), len(by_length)
    way_on = np.full(n + most, np.inf)  # padded: what lies past the end can't be reached
    way_on[n] = 0.0
    windows = sliding_window_view(way_on, most - least + 1)[least:]  # row i: ways on after least, least + 1, ...
    picks = np.empty(n, dtype=np.int64)
    totals = np.empty((least, most - least + 1))
    for low in range((n - 1) // _CHUNK * _CHUNK, -1, -_CHUNK):
        high = min(low + _CHUNK, n)
        costs = between(low, high)
        costs += by_length
        if measures is not None:
            before, by_size = measures
            ends = np.pad(before[low + 1 : high + most], (0, max(0, high + most - len(before))), mode="edge")
            reached = sliding_window_view(ends, most) - before[low:high, None]
            costs += by_size.take(reached, mode="clip")
        costs += prices[low:high, None]
        choices = costs[:, least - 1 :]
        for last in range(high, low, -least):
            first = max(last - least, low)
            total = totals[: last - first]
            np.add(choices[first - low : last - low], windows[first:last], out=total)
            total.argmin(axis=1, out=picks[first:last])
            total.min(axis=1, out=way_on[first:last])
    starts, at = [], 0
    while at < n:
        starts.append(at)
        at += least + int(picks[at])
    return starts
