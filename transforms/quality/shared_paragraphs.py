"""Paragraphs that many books share: notices of a scanner, a publisher's footer, terms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scenesign.schemas.manifest import SharedParagraphs
from scenesign.schemas.parts import BookEdges, BookEntry
from scenesign.schemas.records import Block, BlockKind, Book, printable, whole_of
from scenesign.transforms.quality.measured import measured
from scenesign.transforms.quality.near_duplicates import groups_of
from scenesign.transforms.text.boilerplate import edge_keys, paragraph_key

# A paragraph is shared from this many books on, and this share of all.
LEAST_BOOKS, LEAST_SHARE = 3, 0.01
# Paragraphs at either end of a book that `SharedFinder` looks at, and how often one must come back further inside.
_EDGE, _REPEATED = 40, 3
_KEY_BYTES = 8


def least_books(books: int) -> int:
    """In how many of so many books a paragraph must be."""
    return max(LEAST_BOOKS, math.ceil(LEAST_SHARE * books))


def book_edges(book: Book) -> BookEdges:
    """What a run's index keeps of the ends of a book."""
    keys = measured("SharedParagraphs", book.source, lambda: b"".join(edge_keys(book.text, book.blocks)), b"")
    return BookEdges(book.book_id, keys)


def count_shared(books: Sequence[BookEntry], edges: Iterable[BookEdges]) -> SharedParagraphs:
    """How many paragraphs at their ends the books of a dataset share. Near-duplicates, and volumes of one book, count
    as one."""
    one_of = {book_id: group[0] for group in groups_of(books) for book_id in group}
    named = {book.book_id: whole_of(book.source) or one_of.get(book.book_id, book.book_id) for book in books}
    holders: dict[bytes, set[str]] = {}
    for edge in edges:
        if edge.book_id in named:
            for at in range(0, len(edge.keys), _KEY_BYTES):
                holders.setdefault(edge.keys[at : at + _KEY_BYTES], set()).add(named[edge.book_id])
    least = least_books(len(set(named.values())))
    shared = [found for found in holders.values() if len(found) >= least]
    return SharedParagraphs(len(shared), len(set().union(*shared)))


@dataclass(frozen=True)
class SharedParagraph:
    """A paragraph that `books` books have, the first of them `source`. text: on one line."""

    text: str
    books: int
    source: str


class SharedFinder:
    """Finds what books share, a book at a time. It keeps a few dozen keys of each, and texts of what two have."""

    def __init__(self) -> None:
        self.books = 0
        self._texts_seen: set[str] = set()
        self._last = ""
        self._counts: Counter[bytes] = Counter()
        self._firsts: dict[bytes, str] = {}
        self._texts: dict[bytes, str] = {}

    def add(self, book: Book) -> None:
        """Looks at a book. Volumes of one book, which come in a row, are one; a text that was there is none."""
        if book.book_id in self._texts_seen:
            return
        self._texts_seen.add(book.book_id)
        whole = whole_of(book.source) or book.source
        found = _candidates(book.text, book.blocks)
        if whole == self._last:
            found = {key: text for key, text in found.items() if self._firsts.get(key) != whole}
        else:
            self.books += 1
        self._last = whole
        for key, text in found.items():
            self._counts[key] += 1
            if key in self._firsts:
                self._texts.setdefault(key, " ".join(text.split()))
            else:
                self._firsts[key] = whole

    def found(self, least: int | None = None) -> list[SharedParagraph]:
        """What so many books share, or as many as make it boilerplate; what most have first."""
        least = least or least_books(self.books)
        shared = [
            SharedParagraph(text, self._counts[key], self._firsts[key])
            for key, text in self._texts.items()
            if self._counts[key] >= least
        ]
        return sorted(shared, key=lambda one: (-one.books, one.text))


def _candidates(text: str, blocks: Iterable[Block]) -> dict[bytes, str]:
    """Paragraphs of a book that may be boilerplate, by key: those near its ends, and those that come back."""
    paragraphs = [text[block.start : block.end] for block in blocks if block.kind is BlockKind.PARAGRAPH]
    again = {paragraph for paragraph, times in Counter(paragraphs).items() if times >= _REPEATED}
    edges = paragraphs[:_EDGE] + paragraphs[max(_EDGE, len(paragraphs) - _EDGE) :]
    found = {paragraph_key(paragraph): paragraph for paragraph in [*edges, *sorted(again)]}
    return {key: paragraph for key, paragraph in found.items() if key}


def rules_text(shared: Iterable[SharedParagraph], books: int) -> str:
    """A file of rules for `build --boilerplate`, to be read before it is used."""
    lines = [
        f"# Paragraphs that several of {books:,} books share, a rule a line.",
        "# Read them; delete what belongs to the books, or open its line with #.",
        "# `scenesign build ... --boilerplate THIS_FILE` leaves out every paragraph that says the same words.",
    ]
    for one in shared:
        # a paragraph that opens like a remark would be none of the rules; marks say nothing in one
        lines += ["", f"# in {one.books:,} books, first in {printable(one.source)}", one.text.lstrip("# ")]
    return "\n".join(lines) + "\n"
