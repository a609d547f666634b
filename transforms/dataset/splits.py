"""Which split each book is in: whole authors, works and shared texts, by a hash, so that none is on both sides."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence

from scipy.cluster.hierarchy import DisjointSet

from scenesign.schemas.parts import BookEntry
from scenesign.schemas.records import whole_of
from scenesign.transforms.dataset.works import works_of
from scenesign.transforms.text.authors import author_key

# Of fewer lots each split gets its share by rank; from here on a lot's place never depends on the others.
SMALL_SHELF = 100

Splits = Sequence[tuple[str, float]]


def split_books(books: Iterable[BookEntry], splits: Splits, seed: int) -> dict[str, str]:
    """The split of each book, by book id.

    splits: (name, share) in order, shares summing to 1. Books of one author stay together, else the volumes of one
    book, all that are versions of one work, and all that share much of their text. Such lots stand in the order of
    their keys' hashes. On a shelf of SMALL_SHELF lots or more each goes where its hash lies among the cumulated shares;
    on a smaller one where the middle of its books lies among all. A split that is left without a lot gets the nearest
    from its neighbours, where they have more than one.
    """
    keyed = split_lots(books)
    places = {key: position(key, seed) for key in keyed}
    order = sorted(keyed, key=lambda key: (places[key], key))
    if len(order) < SMALL_SHELF:
        places = _ranks(order, {key: len(keyed[key]) for key in order})
    counts = [0] * len(splits)
    for key in order:
        counts[_interval(places[key], splits)] += 1
    names = itertools.chain.from_iterable([name] * n for (name, _), n in zip(splits, _fill(counts), strict=True))
    return {book.book_id: name for key, name in zip(order, names, strict=True) for book in keyed[key]}


def split_lots(books: Iterable[BookEntry]) -> dict[str, list[BookEntry]]:
    """Books that stay together, by the first of their keys: the author, else what it is a volume of, else the book.

    What is tied by a work or by shared text goes together, with the lots that it is of.
    """
    books = list(books)
    works = works_of((book.book_id, book.language, book.source) for book in books)
    keys = {book.book_id: author_key(book.author) or whole_of(book.source) or book.book_id for book in books}
    ties = DisjointSet(keys.values())
    by_work: dict[str, str] = {}
    for book_id, work in works.items():
        if work:
            ties.merge(keys[book_id], by_work.setdefault(work, keys[book_id]))
    for book in books:
        for near in book.near_duplicates:
            if near.book_id in keys:
                ties.merge(keys[book.book_id], keys[near.book_id])
    first = {key: min(tied) for tied in ties.subsets() for key in tied}
    lots: dict[str, list[BookEntry]] = {}
    for book in books:
        lots.setdefault(first[keys[book.book_id]], []).append(book)
    return lots


def position(key: str, seed: int) -> float:
    """Where a key lies between 0 and 1, by hash."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def _ranks(order: Sequence[str], sizes: Mapping[str, int]) -> dict[str, float]:
    """The middle of each key's books among all books in order, 0 to 1."""
    total = sum(sizes.values())
    before = itertools.accumulate((sizes[key] for key in order), initial=0)
    return {key: (start + sizes[key] / 2) / total for key, start in zip(order, before, strict=False)}


def _interval(place: float, splits: Splits) -> int:
    reached = 0.0
    for index, (_, share) in enumerate(splits):
        reached += share
        if place < reached:
            return index
    return len(splits) - 1


def _fill(counts: Sequence[int]) -> list[int]:
    """Numbers of keys with none at 0, as far as they go round: each empty split takes one from the next that has two.

    The order of keys stays, so what a split gets is what lies nearest to it.
    """
    filled = list(counts)
    for empty in range(len(filled)):
        if not filled[empty]:
            rich = [at for at, count in enumerate(filled) if count > 1]
            if rich:
                filled[min(rich, key=lambda at: (abs(at - empty), at))] -= 1
                filled[empty] = 1
    return filled
