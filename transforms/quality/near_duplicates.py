"""Books that hold much of the same text: other editions, abridged ones, stories and the collections they are in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.cluster.hierarchy import DisjointSet

from scenesign.schemas.parts import BookEntry, NearDuplicate, ShingleSample
from scenesign.schemas.records import Reject
from scenesign.transforms.quality.shingles import sample_hashes

NearDuplicates = Literal["flag", "drop", "off"]
STAGE, REASON = "ResolveBooks", "near-duplicate"
# Share of the shorter book's shingles from which on two are named, and the shorter one may be dropped. Of 39,060 pairs
# of unrelated real books none shares more than .03; of a clean text and one with 1 letter in 100 read wrong it is .75.
LEAST_NAMED, LEAST_DROPPED = 0.3, 0.7
# Shingles that two samples must share: fewer may be a quotation.
_LEAST_SHARED = 4
# Each book meets this many of the longest of those that a shingle is in, so that a thousand copies take no million
# comparisons.
_MEETINGS = 8


@dataclass(frozen=True)
class Overlap:
    """Two books, the longer one first (of equal length the one with the lower id), and how much of the shorter one's
    text is in the longer one, 0 to 1."""

    longer: str
    shorter: str
    share: float


def overlaps(books: Iterable[BookEntry], samples: Iterable[ShingleSample]) -> list[Overlap]:
    """All that share LEAST_NAMED or more, the greatest share first; in an order that hangs on the books alone."""
    lengths = {book.book_id: book.characters for book in books}
    # one text said to be in two languages, or measured in vain once, has two samples: the same one in any order
    known = {one.book_id: one for one in sorted(samples, key=lambda one: one.hashes) if one.book_id in lengths}
    order = sorted(known, key=lambda book_id: (-lengths[book_id], book_id))
    found = []
    hashes = [sample_hashes(known[book_id]) for book_id in order]
    for longer, shorter in _meetings(hashes):
        bound = np.uint64(min(known[order[longer]].bound, known[order[shorter]].bound))
        one, two = (both[: np.searchsorted(both, bound)] for both in (hashes[longer], hashes[shorter]))
        shared = len(np.intersect1d(one, two, assume_unique=True))
        if shared >= max(_LEAST_SHARED, LEAST_NAMED * len(two)):
            found.append(Overlap(order[longer], order[shorter], round(shared / len(two), 3)))
    return sorted(found, key=lambda pair: (-pair.share, pair.longer, pair.shorter))


def _meetings(hashes: Sequence[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Pairs of samples, by index, that share shingles: each with few of the first that have one."""
    values = np.concatenate([np.zeros(0, np.uint64), *hashes])
    owners = np.repeat(np.arange(len(hashes)), [len(some) for some in hashes])
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    starts = np.maximum.accumulate(np.where(np.diff(values, prepend=~values[:1]) != 0, np.arange(len(values)), 0))
    places = np.arange(len(values)) - starts
    counts: dict[int, int] = {}
    for place in range(_MEETINGS):
        later = np.flatnonzero(places > place)
        keys, many = np.unique(owners[starts[later] + place] * len(hashes) + owners[later], return_counts=True)
        for key, count in zip(keys.tolist(), many.tolist(), strict=True):
            counts[key] = counts.get(key, 0) + count
    yield from (divmod(key, len(hashes)) for key, count in sorted(counts.items()) if count > 1)


def kept_of(books: Collection[BookEntry], found: Iterable[Overlap]) -> dict[str, Overlap]:
    """The books to be dropped, by id, each with the one that is kept for it.

    From the longest on a book is kept unless LEAST_DROPPED of it are in one that is kept: a text in the middle doesn't
    drag along one that is like it alone.
    """
    by_shorter: dict[str, list[Overlap]] = {}
    for pair in found:
        if pair.share >= LEAST_DROPPED:
            by_shorter.setdefault(pair.shorter, []).append(pair)
    dropped: dict[str, Overlap] = {}
    for book in sorted(books, key=lambda book: (-book.characters, book.book_id)):
        for pair in by_shorter.get(book.book_id, ()):
            if pair.longer not in dropped:
                dropped[book.book_id] = pair
                break
    return dropped


def named(books: Iterable[BookEntry], found: Iterable[Overlap]) -> list[BookEntry]:
    """The books, each naming longer ones that it shares text with.

    Not all of them: as many as tie together all that hang together, the greatest shares first. So a shelf of a thousand
    copies names 999 pairs.
    """
    books = list(books)
    there = {book.book_id for book in books}
    ties = DisjointSet(there)
    pairs: dict[str, list[NearDuplicate]] = {}
    for pair in found:
        if {pair.longer, pair.shorter} <= there and ties.merge(pair.longer, pair.shorter):
            pairs.setdefault(pair.shorter, []).append(NearDuplicate(pair.longer, pair.share))
    return [replace(book, near_duplicates=tuple(pairs.get(book.book_id, ()))) for book in books]


def settle_near_duplicates(
    books: Sequence[BookEntry], samples: Iterable[ShingleSample], mode: NearDuplicates
) -> tuple[list[BookEntry], list[Reject]]:
    """The books that stay, with what they share, and a reject for each that is dropped."""
    found = [] if mode == "off" else overlaps(books, samples)
    dropped = kept_of(books, found) if mode == "drop" else {}
    by_id: Mapping[str, BookEntry] = {book.book_id: book for book in books}
    rejects = [
        Reject(
            source=by_id[book_id].source,
            stage=STAGE,
            reason=REASON,
            detail=f"{100 * pair.share:.0f} % of its text is in {by_id[pair.longer].source}, which was kept",
            book_id=book_id,
            bytes=by_id[book_id].bytes,
        )
        for book_id, pair in sorted(dropped.items())
    ]
    return named((book for book in books if book.book_id not in dropped), found), rejects


def groups_of(books: Iterable[BookEntry]) -> list[tuple[str, ...]]:
    """Ids of books that hang together by what they share, the largest group first."""
    ties = DisjointSet()
    for book in books:
        for near in book.near_duplicates:
            ties.add(near.book_id)
            ties.add(book.book_id)
            ties.merge(near.book_id, book.book_id)
    groups = (tuple(sorted(group)) for group in ties.subsets())
    return sorted(groups, key=lambda group: (-len(group), group))
