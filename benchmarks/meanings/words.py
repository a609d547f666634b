"""The words of scenes, as keywords are words."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.meanings.shelf import ShelfBook
from scenesign.schemas.records import BlockKind
from scenesign.transforms.signs.tally import content_words


def words_of(text: str, language: str) -> frozenset[str]:
    """The content words of a text, each in the form in which all its forms are counted."""
    return frozenset(word.lower() for word in content_words(text, language))


def word_of(keyword: str, language: str) -> str:
    """The form in which a keyword of a glossary is counted."""
    return keyword.lower()


def scene_words(book: ShelfBook) -> list[frozenset[str]]:
    """The words of each scene of a book without its headings."""
    text = "".join(book.work.texts)
    bare, at = [], 0
    for block in book.blocks:
        if block.kind is BlockKind.HEADING:
            bare += [text[at : block.start], " " * (block.end - block.start)]
            at = block.end
    text = "".join([*bare, text[at:]])
    ends = [*book.starts[1:], len(text)]
    return [words_of(text[start:end], book.language) for start, end in zip(book.starts, ends, strict=True)]


def by_language(books: Sequence[ShelfBook]) -> dict[str, list[int]]:
    """Indices of the books in each language."""
    found: dict[str, list[int]] = {}
    for i, book in enumerate(books):
        found.setdefault(book.language, []).append(i)
    return dict(sorted(found.items()))
