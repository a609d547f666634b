"""Scene boundaries of two translations in one frame of places: matched one to one, next to what chance would match."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from benchmarks.gold import matched
from benchmarks.segmentations.rivals import even, random_starts

DRAWS = 20
WAYS = ("found", "random", "even", "both_even")
_BLOCK = 256
_BOTH, _DOWN, _RIGHT = range(3)  # steps of a path


@dataclass(frozen=True)
class Side:
    """The sentences of prose of one translation.

    at: the place of each, never falling; both translations count places alike. hard: sentences at which the text itself
    marks a boundary. starts: sentences at which scenes start, ascending, the first 0.
    """

    at: tuple[int, ...]
    hard: frozenset[int]
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Run:
    """One translation between two hard boundaries.

    places: of its sentences but the first, where a scene starts whatever is found. found: which of these start one,
    indices into places, ascending.
    """

    places: tuple[int, ...]
    found: tuple[int, ...]

    @property
    def boundaries(self) -> list[int]:
        """Places of the boundaries found."""
        return self._at(self.found)

    def evenly(self) -> list[int]:
        """Places of as many boundaries, evenly spaced in sentences."""
        return self._at([start - 1 for start in even(len(self.places) + 1, len(self.found) + 1)[1:]])

    def at_random(self, seed: int) -> list[int]:
        """Places of as many boundaries at random."""
        return self._at([start - 1 for start in random_starts(len(self.places) + 1, len(self.found) + 1, seed)[1:]])

    def _at(self, chosen: Sequence[int]) -> list[int]:
        return [self.places[i] for i in chosen]


@dataclass(frozen=True)
class Matches:
    """What matched between two hard boundaries.

    left, right: boundaries of either side. found, random, even, both_even: pairs of them matched, by tolerance: as
    found; with the right side at random (mean of `DRAWS`), evenly spaced, and with both sides evenly spaced.
    """

    left: int
    right: int
    found: tuple[float, ...]
    random: tuple[float, ...]
    even: tuple[float, ...]
    both_even: tuple[float, ...]


def runs(left: Side, right: Side) -> Iterator[tuple[Run, Run]]:
    """What lies between two hard boundaries; one that either side has is one for both."""
    edges = sorted({side.at[i] for side in (left, right) for i in (0, *side.hard)})
    for first, after in itertools.pairwise([*edges, max(left.at[-1], right.at[-1]) + 1]):
        yield _run(left, first, after), _run(right, first, after)


def _run(side: Side, first: int, after: int) -> Run:
    low, high = bisect_left(side.at, first), bisect_left(side.at, after)
    found = tuple(start - low - 1 for start in side.starts if low < start < high and start not in side.hard)
    return Run(side.at[low + 1 : high], found)


def count(left: Run, right: Run, tolerances: Sequence[int]) -> Matches:
    """Pairs of boundaries that are at most so many places apart, each boundary in one pair at most."""

    def pairs(ours: Sequence[int], theirs: Sequence[int]) -> tuple[float, ...]:
        return tuple(float(matched(ours, theirs, within)) for within in tolerances)

    drawn = [pairs(left.boundaries, right.at_random(seed)) for seed in range(DRAWS)]
    return Matches(
        left=len(left.found),
        right=len(right.found),
        found=pairs(left.boundaries, right.boundaries),
        random=tuple(map(mean, zip(*drawn, strict=True))),
        even=pairs(left.boundaries, right.evenly()),
        both_even=pairs(left.evenly(), right.evenly()),
    )


def compare(left: Side, right: Side, tolerances: Sequence[int]) -> list[Matches]:
    """Matches between every two hard boundaries."""
    return [count(ours, theirs, tolerances) for ours, theirs in runs(left, right)]


def averaged(there: Matches, back: Matches) -> Matches:
    """One figure of two projections, from left to right and back. Boundaries are those of the first."""
    pairs = (zip(getattr(there, name), getattr(back, name), strict=True) for name in WAYS)
    return Matches(there.left, there.right, *(tuple(map(mean, way)) for way in pairs))


def cosine_rows(left: np.ndarray, right: np.ndarray) -> Iterator[np.ndarray]:
    """Cosines of each unit vector of the left with all of the right, a block of products at a time."""
    for start in range(0, len(left), _BLOCK):
        yield from left[start : start + _BLOCK] @ right.T


def aligned(cosines: Iterable[np.ndarray]) -> list[int]:
    """The first column that each row goes with: int [rows], never falling, the first 0.

    cosines: of each sentence of one text with those of its translation, rows of float [columns]. Dynamic time warping:
    the path from the first corner to the last, one step down, right or both at a time, with the least sum of 1 - cosine
    (Sakoe and Chiba 1978).
    """
    steps: list[np.ndarray] = []
    above = np.zeros(0)
    for row in cosines:
        costs = 1.0 - row.astype(np.float64)
        if not steps:
            above = np.full(len(costs) + 1, np.inf)
            above[0] = 0.0
        # steps to the right, a whole row at once: what enters at column k pays for k up to here
        paid = np.cumsum(costs)
        enter = np.minimum(above[:-1], above[1:]) - (paid - costs)
        best = np.minimum.accumulate(enter)
        down = np.where(above[:-1] <= above[1:], _BOTH, _DOWN)
        steps.append(np.where(best < enter, _RIGHT, down).astype(np.int8))
        above = np.concatenate([[np.inf], best + paid])
    first = [0] * len(steps)
    column = len(above) - 2
    for i in reversed(range(len(steps))):
        while steps[i][column] == _RIGHT:
            column -= 1
        first[i] = column
        column -= int(steps[i][column] == _BOTH)
    return first


def by_share(ours: np.ndarray, theirs: np.ndarray) -> list[int]:
    """The sentence of a translation that starts at the nearest share of the whole: int [rows], never falling.

    ours, theirs: how long each sentence is, float [rows] and [columns], positive.
    """
    left, right = (np.concatenate([[0.0], np.cumsum(sizes)[:-1]]) / sizes.sum() for sizes in (ours, theirs))
    return [int(i) for i in np.searchsorted((right[1:] + right[:-1]) / 2, left, side="left")]


Projection = Callable[[slice, slice], list[int]]


def projected(ours: Sequence[int], theirs: Sequence[int], project: Projection) -> tuple[int, ...]:
    """The sentence of a translation that each of our sentences goes with, unit by unit.

    ours, theirs: the unit of every sentence, never falling. project: sentences of one unit, of either side, to indices
    into theirs. Raises ValueError where a unit has sentences on one side alone.
    """
    places: list[int] = []
    for unit, group in itertools.groupby(ours):
        low, high = bisect_left(theirs, unit), bisect_left(theirs, unit + 1)
        if low == high:
            raise ValueError(f"unit {unit} has no sentence in one of the translations")
        mine = slice(len(places), len(places) + len(list(group)))
        places += [low + i for i in project(mine, slice(low, high))]
    return tuple(places)


def misplaced(ours: Sequence[int], theirs: Sequence[int], at: Sequence[int]) -> list[int]:
    """How far from their place projected sentences come, in sentences: of those that open a unit, in both texts.

    ours, theirs: the unit that every sentence starts in, never falling; at: where ours were projected to.
    """
    found = []
    for unit, group in itertools.groupby(range(len(ours)), key=lambda i: ours[i]):
        place = bisect_left(theirs, unit)
        if place < len(theirs) and theirs[place] == unit:
            found.append(abs(at[next(group)] - place))
    return found
