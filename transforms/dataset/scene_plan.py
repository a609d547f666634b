"""In which order the scenes of a split are walked: books cut in windows, and windows shuffled, by numbers alone.

Nothing here is read or random: the plan of an epoch follows from the scenes of each book, the blocks of books that lie
together on disk, and (seed, epoch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# A state of another number is of another order. Raise it with every change to what is below.
PLAN_VERSION = 1

_LEADS, _BLOCKS, _WINDOWS = range(3)


@dataclass(frozen=True, eq=False)
class Windows:
    """Runs of scenes, one of each entry. book: index in the split; first: scene it begins with; scenes: how many.

    All int64 [n].
    """

    book: np.ndarray
    first: np.ndarray
    scenes: np.ndarray


@dataclass(frozen=True, eq=False)
class EpochPlan:
    """The windows of an epoch, in order.

    counts: scenes of each book, int64 [books]. leads: scenes of each book's first window. context: scenes of the
    others, at most. pools: books whose windows are shuffled among each other, int64 [n] each, in the order in which
    they come up. seed: None where nothing is shuffled.
    """

    counts: np.ndarray
    leads: np.ndarray
    context: int
    pools: tuple[np.ndarray, ...]
    seed: int | None
    epoch: int

    @cached_property
    def per_book(self) -> np.ndarray:
        """Windows of each book, int64 [books]."""
        return np.where(self.counts > 0, 1 - (self.leads - self.counts) // self.context, 0)

    @cached_property
    def ends(self) -> np.ndarray:
        """Windows up to the end of each pool, int64 [pools]."""
        return np.cumsum([int(self.per_book[pool].sum()) for pool in self.pools], dtype=np.int64)

    @property
    def total(self) -> int:
        """Windows of the epoch."""
        return int(self.ends[-1]) if len(self.pools) else 0

    def windows_of(self, pool: int) -> Windows:
        """The windows of a pool in their order."""
        books = self.pools[pool]
        windows = self.per_book[books]
        book = np.repeat(books, windows)
        rank = np.arange(len(book)) - np.repeat(np.cumsum(windows) - windows, windows)
        first = np.where(rank > 0, self.leads[book] + (rank - 1) * self.context, 0)
        last = np.where(rank > 0, first + self.context, self.leads[book])
        found = Windows(book, first, np.minimum(last, self.counts[book]) - first)
        if self.seed is None:
            return found
        order = _shuffled(len(book), self.seed, self.epoch, _WINDOWS, pool)
        return Windows(found.book[order], found.first[order], found.scenes[order])

    def batches(self, batch: int, world: int) -> int:
        """Batches of an epoch, which is the same for each of `world` ranks. batch: windows in one of them."""
        return -(-self.total // (batch * world))

    def places(self, number: int, batch: int, rank: int, world: int) -> np.ndarray:
        """Which windows are in a rank's batch of that number, int64: every `world`-th of those of all ranks.

        The last batch may have fewer than `batch`, and none where the ranks before took what was left.
        """
        begin = number * batch * world
        return np.arange(begin + rank, min(begin + batch * world, self.total), world)


def plan_epoch(
    counts: np.ndarray, blocks: Sequence[int], context: int, pool: int, seed: int | None, epoch: int
) -> EpochPlan:
    """Cuts the books of a split and puts their windows in order.

    counts: scenes of each book. blocks: how many books lie together, in order; their sum is the number of books.
    context: scenes of a window. pool: scenes whose windows are shuffled among each other; whole blocks are joined until
    they have so many. seed: None for the order on disk, with every cut at a multiple of `context`.

    A book of more than `context` scenes begins with a window of 1 to `context`, drawn for each epoch, so that cuts fall
    elsewhere every time. A shorter one is one window.
    """
    counts = np.asarray(counts, dtype=np.int64)
    leads = np.full(len(counts), context)
    order = np.arange(len(blocks))
    if seed is not None:
        leads = (_draw(len(counts), seed, epoch, _LEADS) % np.uint64(context)).astype(np.int64) + 1
        order = _shuffled(len(blocks), seed, epoch, _BLOCKS)
    leads = np.where(counts > context, leads, counts)
    begins = np.cumsum([0, *blocks])
    pools: list[np.ndarray] = []
    waiting: list[np.ndarray] = []
    scenes = 0
    for block in order:
        waiting.append(np.arange(begins[block], begins[block + 1]))
        scenes += int(counts[waiting[-1]].sum())
        if scenes >= pool:
            pools.append(np.concatenate(waiting))
            waiting, scenes = [], 0
    if waiting:
        pools.append(np.concatenate(waiting))
    return EpochPlan(counts, leads, context, tuple(pools), seed, epoch)


def _draw(count: int, seed: int, epoch: int, *what: int) -> np.ndarray:
    """Random numbers, uint64. Straight from the generator: numpy promises the same ones in all its versions."""
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(epoch, *what))).random_raw(count)


def _shuffled(count: int, seed: int, epoch: int, *what: int) -> np.ndarray:
    return np.argsort(_draw(count, seed, epoch, *what), kind="stable")
