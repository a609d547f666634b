"""The predictive space: those directions of neutral scene vectors in which a scene foretells the one after it.

Neighbouring scenes of a book are two views of what goes on there. With C0 the covariance of neutral scene vectors and
C1 that of a scene with the next one, made symmetric, the directions w that maximise the correlation of neighbours,

    (w' C1 w) / (w' (C0 + r I) w),   r = ridge * trace(C0) / D,

solve a generalised eigenproblem: canonical correlation of a scene with the next, and what molecular dynamics calls
TICA or VAMP (Perez-Hernandez et al. 2013; Wu and Noe 2020). A vector's coordinates along them are scaled by the root
of the eigenvalue, so that directions count in the measure in which they carry over, and the cosine of two scenes says
how well the one would follow the other. How many directions are kept, and the ridge, are chosen by cross-validation
over books.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.support.steady import steady_product
from scenesign.transforms.support.threads import settle_threads

# What cross-validation chooses from; the first of each where there is too little to choose by.
RIDGES = (0.3, 0.1, 1.0)
DIMENSIONS = (64, 32, 128)
# Parts that books are dealt into for cross-validation.
FOLDS = 4
# Pairs of neighbours below which nothing is chosen: one novel's worth.
_LEAST_PAIRS = 512
# Scenes after the next that it is told from, and questions per book that are asked at most.
_OTHERS = 31
_MOST_QUESTIONS = 200
# Eigenvalues below this carry nothing over.
_LEAST_VALUE = 1e-6


@dataclass(frozen=True, eq=False)
class PredictiveSpace:
    """axes: float32 [M, D], a row per direction, the one that carries over most first; scaled as the module says.

    strengths: float32 [M], the correlation of neighbouring scenes along each, falling.
    """

    axes: np.ndarray = field(repr=False)
    strengths: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Coordinates of neutral vectors, float32 [n, D] -> float64 [n, M]; not of unit length."""
        return steady_product(vectors, self.axes.T)

    def first(self, dimensions: int) -> PredictiveSpace:
        """The strongest directions alone."""
        return PredictiveSpace(self.axes[:dimensions], self.strengths[:dimensions])


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Sums over pairs of neighbouring scenes: their number, C0 and C1 of the module's text, float64 [D, D] each."""

    pairs: int
    same: np.ndarray
    next: np.ndarray

    def __add__(self, other: Neighbours) -> Neighbours:
        return Neighbours(self.pairs + other.pairs, self.same + other.same, self.next + other.next)


def books_of(owners: np.ndarray) -> Iterator[slice]:
    """The rows of each book. owners: int [n], whose book each row is, equal ones together."""
    edges = np.flatnonzero(np.diff(owners)) + 1
    for start, end in zip([0, *edges], [*edges, len(owners)], strict=True):
        yield slice(int(start), int(end))


def neighbours_of(vectors: np.ndarray, places: np.ndarray) -> Neighbours:
    """Pairs of neighbours of one book. vectors: float32 [n, D]; places: int [n], the index of each in the book."""
    first = np.flatnonzero(np.diff(places) == 1)
    before, after = vectors[first].astype(np.float64), vectors[first + 1].astype(np.float64)
    across = steady_product(before.T, after)
    same = steady_product(before.T, before)
    same += steady_product(after.T, after)
    both = across + across.T
    same /= 2
    both /= 2
    return Neighbours(len(first), same, both)


def solve_space(sums: Neighbours, dimensions: int, ridge: float) -> PredictiveSpace:
    """The space of at most `dimensions` directions; fewer where no more carry over, but at least one."""
    settle_threads()
    size = len(sums.same)
    pairs = max(1, sums.pairs)
    same = sums.same / pairs
    held = same + np.eye(size) * max(ridge * np.trace(same) / size, 1e-9)
    spread, turned = np.linalg.eigh(held)
    whiten = (turned / np.sqrt(spread)) @ turned.T
    values, axes = np.linalg.eigh(whiten @ (sums.next / pairs) @ whiten)
    kept = max(1, min(dimensions, int((values > _LEAST_VALUE).sum())))
    values = np.maximum(values[::-1][:kept], _LEAST_VALUE)
    rows = (whiten @ axes[:, ::-1][:, :kept]).T
    # an eigenvector is known but for its sign
    rows *= np.sign(rows[np.arange(kept), np.abs(rows).argmax(axis=1)])[:, None]
    return PredictiveSpace(
        np.ascontiguousarray(rows * np.sqrt(values)[:, None], dtype=np.float32), values.astype(np.float32)
    )


def principal_space(vectors: np.ndarray, dimensions: int) -> PredictiveSpace:
    """Where no scene has a neighbour: the directions in which scenes differ most, of strength 1."""
    whole = vectors.astype(np.float64)
    sums = whole.T @ whole
    kept = max(1, min(dimensions, int(np.linalg.matrix_rank(sums, hermitian=True))))
    rows = np.linalg.eigh(sums)[1].T[::-1][:kept]
    rows = rows * np.sign(rows[np.arange(kept), np.abs(rows).argmax(axis=1)])[:, None]
    return PredictiveSpace(np.ascontiguousarray(rows, dtype=np.float32), np.ones(kept, dtype=np.float32))


def next_scene_share(coordinates: np.ndarray, places: np.ndarray, seed: int) -> tuple[float, int]:
    """How often the next scene of a book is the one most like the last, among it and 31 drawn from those after it.

    coordinates: float64 [n, M] of scenes of a book; places: int [n], the index of each in it, ascending. Returns the
    share and the number of questions.
    """
    rows = unit(coordinates).astype(np.float64)
    followed = np.flatnonzero(np.diff(places) == 1) + 1
    asked = followed[followed < len(rows) - _OTHERS]
    if not len(asked):
        return 0.0, 0
    count = min(_MOST_QUESTIONS, len(asked))
    asked = asked[np.arange(count) * len(asked) // count]
    draw = np.random.default_rng(seed)
    won = 0.0
    for place in asked:
        others = draw.choice(len(rows) - place - 1, _OTHERS, replace=False) + place + 1
        likeness = np.round((rows[[place, *others]] * rows[place - 1]).sum(axis=1), 9)
        won += (likeness[0] == likeness.max()) / (likeness == likeness.max()).sum()
    return won / count, count


def fit_space(vectors: np.ndarray, owners: np.ndarray, places: np.ndarray, seed: int = 0) -> PredictiveSpace:
    """Fits the space on neutral unit vectors of scenes, its dimensions and ridge by cross-validation over books.

    vectors: float32 [n, D], n at least 1. owners: int [n], whose book each is, equal ones together. places: int [n],
    its index in the book, ascending in each. Chosen is what names the next scene most often in books that the space
    was not fitted on, every question counting once; the first of RIDGES and DIMENSIONS where there are few pairs.
    """
    settle_threads()
    books = list(books_of(owners))
    folds = [_sum_pairs(vectors, places, books[fold::FOLDS]) for fold in range(FOLDS)]
    whole = sum(folds[1:], folds[0])
    if not whole.pairs:
        return principal_space(vectors, DIMENSIONS[0])
    if whole.pairs < _LEAST_PAIRS or len(books) < FOLDS:
        return solve_space(whole, min(DIMENSIONS[0], max(1, whole.pairs // 8)), RIDGES[0])
    best, most = (DIMENSIONS[0], RIDGES[0]), -1.0
    for ridge in RIDGES:
        won = dict.fromkeys(DIMENSIONS, 0.0)
        for fold in range(FOLDS):
            others = [found for at, found in enumerate(folds) if at != fold]
            space = solve_space(sum(others[1:], others[0]), max(DIMENSIONS), ridge)
            for rows in books[fold::FOLDS]:
                found = space(vectors[rows])
                for dimensions in DIMENSIONS:
                    share, asked = next_scene_share(found[:, :dimensions], places[rows], seed)
                    won[dimensions] += share * asked
        for dimensions, total in won.items():
            if total > most + 1e-6:
                best, most = (dimensions, ridge), total
    return solve_space(whole, *best)


def _sum_pairs(vectors: np.ndarray, places: np.ndarray, books: Sequence[slice]) -> Neighbours:
    size = vectors.shape[1]
    pairs, same, following = 0, np.zeros((size, size)), np.zeros((size, size))
    for rows in books:
        if (np.diff(places[rows]) == 1).any():
            found = neighbours_of(vectors[rows], places[rows])
            pairs += found.pairs
            same += found.same
            following += found.next
    return Neighbours(pairs, same, following)
