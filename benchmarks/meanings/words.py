"""The words of scenes, as keywords are words."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from benchmarks.meanings.shelf import ShelfBook
from scenesign.schemas.records import BlockKind
from scenesign.transforms.signs.glosses.words import word_forms, word_key


def words_of(text: str, language: str) -> frozenset[str]:
    """The content words of a text, each by what its forms share."""
    return frozenset(word_of(form, language) for form in set(word_forms(text, language))) - {""}


@functools.lru_cache(maxsize=1 << 18)
def word_of(form: str, language: str) -> str:
    """What the forms of a word share; "" for one without content."""
    return word_key(form, language)


def scene_words(book: ShelfBook) -> list[frozenset[str]]:
    """The words of each scene of a book without its headings."""
    bare, at = [], 0
    for block in book.blocks:
        if block.kind is BlockKind.HEADING:
            bare += [book.text[at : block.start], " " * (block.end - block.start)]
            at = block.end
    text = "".join([*bare, book.text[at:]])
    ends = [*book.starts[1:], len(text)]
    return [words_of(text[start:end], book.language) for start, end in zip(book.starts, ends, strict=True)]


def by_language(books: Sequence[ShelfBook]) -> dict[str, list[int]]:
    """Indices of the books in each language."""
    found: dict[str, list[int]] = {}
    for i, book in enumerate(books):
        found.setdefault(book.language, []).append(i)
    return dict(sorted(found.items()))
