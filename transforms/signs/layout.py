"""Topics on a plane: near where they mean alike, and the same bits on every processor.

t-SNE (van der Maaten and Hinton, JMLR 9, 2008), exact, with even weights for the nearest neighbours in place of a
perplexity, which changes little (Boehm et al., JMLR 23, 2022). Each step follows from the last bits of the one before,
so all of it is steady arithmetic: scenes are placed by this map, and their places are data.

Only neighbourhoods mean something on it: distances between far regions and the axes do not.
"""

from __future__ import annotations

import numpy as np

from scenesign.transforms.support.steady import steady_product, steady_sum, steady_unit

# Every pair is looked at in every step: 4,096 topics take some 20 s of one core, and twice as many four times that.
# Beyond this many the two directions of most variance have to do.
MOST_EMBEDDED = 6_000
_FEWEST_EMBEDDED = 8
_NEIGHBOURS = 15
_STEPS, _EARLY_STEPS = 400, 120
_EARLY_EXAGGERATION = 12.0
_POWER_STEPS = 60
# Rows of the table of pairs at a time: what fits a processor's cache.
_ROWS = 64


def method_of(count: int) -> str:
    """How so many points are laid out, for people."""
    if not _FEWEST_EMBEDDED <= count <= MOST_EMBEDDED:
        return "principal components 1 and 2" if count > 2 else "in order"
    return f"t-SNE with {_kin(count)} neighbours"


def _kin(count: int) -> int:
    return min(_NEIGHBOURS, max(2, (count - 1) // 3))


def lay_out(points: np.ndarray) -> np.ndarray:
    """Places of points, float [n, D] to float64 [n, 2] within 0..1, both axes on one scale."""
    count = len(points)
    if count < 3 or points.shape[1] < 2 or np.ptp(points, axis=0).max(initial=0.0) == 0:
        return _in_unit_square(np.column_stack([np.arange(float(count)), np.zeros(count)]))
    wide = _leading(points.astype(np.float64))
    if not _FEWEST_EMBEDDED <= count <= MOST_EMBEDDED:
        return _in_unit_square(wide)
    return _in_unit_square(_embed(wide, _nearest(points, _kin(count))))


def _in_unit_square(places: np.ndarray) -> np.ndarray:
    low, high = places.min(axis=0, initial=np.inf), places.max(axis=0, initial=-np.inf)
    span = float((high - low).max(initial=0.0)) or 1.0
    return np.asarray((places - (low + high) / 2) / span + 0.5)


def _leading(points: np.ndarray) -> np.ndarray:
    """Points by their two directions of most variance, float64 [n, 2]: orthogonal iteration."""
    apart = points - steady_sum(points.T) / len(points)
    variances = steady_product(apart.T, apart)
    axes = np.eye(len(variances))[np.argsort(-np.diag(variances), kind="stable")[:2]]
    for _ in range(_POWER_STEPS):
        first, second = steady_product(axes, variances)
        first = steady_unit(first[None])[0]
        second = second - steady_sum((second * first)[None])[0] * first
        axes = np.stack([first, steady_unit(second[None])[0]])
    return steady_product(apart, axes.T)


def _nearest(points: np.ndarray, kin: int) -> np.ndarray:
    """The nearest others of each point, int64 [n, kin]; ties go to the lower one."""
    apart = points.astype(np.float64)
    lengths = steady_sum(apart * apart)
    found = np.empty((len(points), kin), dtype=np.int64)
    for first in range(0, len(points), 1_024):
        rows = slice(first, min(first + 1_024, len(points)))
        squares = lengths[rows, None] + lengths - 2.0 * steady_product(apart[rows], apart.T)
        squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf
        found[rows] = np.argsort(squares, axis=1, kind="stable")[:, :kin]
    return found


def _embed(start: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    count, kin = nearest.shape
    spread = np.sqrt(steady_sum((start[:, 0] ** 2)[None])[0] / count) or 1.0
    places = start * (1e-4 / spread)
    here = np.repeat(np.arange(count), kin)
    here, there = np.concatenate([here, nearest.ravel()]), np.concatenate([nearest.ravel(), here])
    rate = max(count / _EARLY_EXAGGERATION / 4.0, 50.0)
    moved, gains = np.zeros_like(places), np.ones_like(places)
    for step in range(_STEPS):
        early = step < _EARLY_STEPS
        pulled = _attraction(places, here, there) * ((_EARLY_EXAGGERATION if early else 1.0) / (2.0 * count * kin))
        slope = 4.0 * (pulled - _repulsion(places))
        turned = (slope > 0) == (moved > 0)
        gains = np.maximum(np.where(turned, gains * 0.8, gains + 0.2), 0.01)
        moved = (0.5 if early else 0.8) * moved - rate * gains * slope
        places = places + moved
        places = places - steady_sum(places.T) / count
    return places


def _attraction(places: np.ndarray, here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Of each point the sum of w (y - y') over the ends of its edges, float64 [n, 2]."""
    apart = places[here] - places[there]
    pull = apart / (1.0 + apart[:, 0] ** 2 + apart[:, 1] ** 2)[:, None]
    # adds them up in the order in which they stand
    return np.stack([np.bincount(here, pull[:, axis], len(places)) for axis in (0, 1)], axis=1)


def _repulsion(places: np.ndarray) -> np.ndarray:
    """Of each point the sum of w^2 (y - y') over all others, by the sum of all w; float64 [n, 2]."""
    x, y = places.astype(np.float32).T
    pushed, weights = np.zeros_like(places), np.zeros(len(places))
    for first in range(0, len(places), _ROWS):
        rows = slice(first, first + _ROWS)
        across, along = x - x[rows, None], y - y[rows, None]
        weight = across * across
        weight += along * along
        weight += np.float32(1.0)
        np.divide(np.float32(1.0), weight, out=weight)
        across *= weight
        across *= weight
        along *= weight
        along *= weight
        weights += _down(weight)
        pushed[:, 0] += _down(across)
        pushed[:, 1] += _down(along)
    return pushed / max(float(steady_sum(weights[None])[0]) - len(places), 1e-12)


def _down(table: np.ndarray) -> np.ndarray:
    """Sums of columns; the lower half onto the upper one, in place, until a row is left."""
    while (height := len(table)) > 1:
        half = -(-height // 2)
        table[: height - half] += table[half:]
        table = table[:half]
    return table[0]
