"""Scene boundaries of two translations in one frame of places: matched one to one, next to what chance would match."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from benchmarks.segmentation import even, matched, random_starts

DRAWS = 20


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
    found = tuple(start - low - 1 for start in side.starts if low < start < high)
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
    """Matches of every run that has a place for a boundary on either side."""
    return [count(ours, theirs, tolerances) for ours, theirs in runs(left, right) if ours.places or theirs.places]


def aligned(cosines: np.ndarray) -> list[int]:
    """The first column that each row goes with: int [rows], never falling, the first 0.

    cosines: of the sentences of one text with those of its translation, float [rows, columns]. Dynamic time warping:
    the path from the first corner to the last, one step down, right or both at a time, with the least sum of 1 - cosine
    (Sakoe and Chiba 1978).
    """
    costs = 1.0 - cosines.astype(np.float64)
    best = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    best[0, 0] = 0.0
    for i, row in enumerate(costs):
        # steps to the right, a whole row at once: what enters at column k pays for k up to here
        paid = np.cumsum(row)
        enter = np.minimum(best[i, :-1], best[i, 1:]) - np.concatenate([[0.0], paid[:-1]])
        best[i + 1, 1:] = np.minimum.accumulate(enter) + paid
    first = [0] * len(costs)
    i, j = costs.shape
    while i:
        first[i - 1] = j - 1
        steps = {(i - 1, j - 1): best[i - 1, j - 1], (i - 1, j): best[i - 1, j], (i, j - 1): best[i, j - 1]}
        i, j = min(steps, key=lambda step: steps[step])
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
