"""The chapter-title test: is the right chapter found by its title, which is in no scene's vector?

Headings are not embedded, so that a scene's vector knows nothing of its title. A query is the title of a chapter; what
is sought is any scene of that chapter among all scenes of the corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.meanings.shelf import ShelfBook
from scenesign.schemas.records import BlockKind
from scenesign.transforms.signs.tally import content_words
from scenesign.transforms.text.heading_lines import counted_line, is_lone_word
from scenesign.transforms.text.heading_shapes import CLOSING, OPENING, SEPARATORS

# Words of its own that a title needs, else it names nothing ("The End", "Continued").
LEAST_WORDS = 2
# In writing without spaces, letters.
_LEAST_LETTERS = 4
_UNSPACED = frozenset({"ja", "th"})
# Lines over the prose that can be a title where none of them has a number.
_MOST_LINES = 2
TOP = 10


@dataclass(frozen=True)
class Title:
    """A chapter's title. book: index into the shelf. Its scenes are first..last-1."""

    book: int
    language: str
    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Rank:
    """Where the first right scene comes: expected 1 / rank, and the chance that it is among the first TOP."""

    reciprocal: float
    hit: float


def titles_of(books: Sequence[ShelfBook]) -> list[Title]:
    """The titles of all chapters that say something, each once: one that two chapters of a language share is none."""
    found = [title for i, book in enumerate(books) for title in _titles(i, book)]
    keys = Counter((title.language, _letters(title.text)) for title in found)
    return [title for title in found if keys[title.language, _letters(title.text)] == 1]


def _titles(index: int, book: ShelfBook) -> list[Title]:
    text = "".join(book.work.texts)
    opening = sorted(book.work.chapters)
    found = []
    for first, last in zip(opening, [*opening[1:], book.scenes], strict=True):
        begin = int(book.starts[first])
        lines: list[str] = []
        for block in book.blocks:
            if block.start >= begin:
                if block.kind is BlockKind.PARAGRAPH:
                    break
                if block.kind is BlockKind.HEADING:
                    lines += text[block.start : block.end].split("\n")
        title = chapter_title(lines)
        if says_something(title, book.language) and _letters(title) not in _letters(book.work.title):
            found.append(Title(index, book.language, title, first, last))
    return found


def chapter_title(lines: Sequence[str]) -> str:
    """The title in the lines of headings over a chapter, without its number; "" where they have none.

    What stands over the last line with a number belongs to parts and title pages.
    """
    parts: list[str] = []
    for line in reversed([" ".join(line.split()) for line in lines]):
        counted = counted_line(line)
        if counted is not None:
            rest = line[counted.head :].strip(OPENING + CLOSING + SEPARATORS + " ") if counted.titled else ""
            return " ".join(part for part in [rest, *parts] if part)
        if is_lone_word(line):
            return " ".join(parts)
        parts.insert(0, line)
    return " ".join(parts[-_MOST_LINES:])


def says_something(title: str, language: str) -> bool:
    """Whether a title has content words enough, in writing without spaces letters enough."""
    if language in _UNSPACED:
        return len(_letters(title)) >= _LEAST_LETTERS
    # names are among them: set in capitals as titles are, nothing tells which words are
    return len(set(content_words(title.lower(), language))) >= LEAST_WORDS


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def rank_of(scores: np.ndarray, right: np.ndarray) -> Rank:
    """Where the first of the right scenes comes when ties are broken evenly.

    scores: float [n], equal to the sixth decimal are tied. right: indices of the right scenes, at least one.
    """
    scores = np.round(scores.astype(np.float64), 6)
    best = scores[right].max()
    above, tied = int((scores > best).sum()), int((scores == best).sum())
    good = int((scores[right] == best).sum())
    at = np.arange(tied - good + 1)
    # the chance that none of the good ones is among the first k of the tied: without replacement, k = 0, 1, ...
    none = np.concatenate([[1.0], np.cumprod((tied - good - at) / (tied - at))])
    reciprocal = float(((none[:-1] - none[1:]) / (above + 1 + at)).sum())
    room = TOP - above
    return Rank(reciprocal, 0.0 if room <= 0 else float(1.0 - none[min(room, len(none) - 1)]))


def chance(scenes: int, right: int) -> Rank:
    """The same for scores that say nothing."""
    return rank_of(np.zeros(scenes), np.arange(right))
