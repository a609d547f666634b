"""The chapter-title test: is the right chapter found by its title, which is in no scene's vector?

Headings are not embedded, so that a scene's vector knows nothing of its title. A query is the title of a chapter; what
is sought is any scene of that chapter among all scenes of the corpus.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.meanings.codes import glyphs
from benchmarks.meanings.intervals import ALL, Figure, estimate
from benchmarks.meanings.shelf import Shelf, ShelfBook
from benchmarks.meanings.words import words_of
from scenesign.schemas.records import BlockKind
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.signs.neutralise import Neutraliser, unit
from scenesign.transforms.text.heading_lines import counted_line, is_lone_word
from scenesign.transforms.text.heading_shapes import CLOSING, OPENING, SEPARATORS

if TYPE_CHECKING:
    from scenesign.transforms.embedders.texts import Embedder

# Words of its own that a title needs, else it names nothing ("The End", "Continued").
LEAST_WORDS = 2
# In writing without spaces, letters.
_LEAST_LETTERS = 4
_UNSPACED = frozenset({"ja", "th"})
# Lines over the prose that can be a title where none of them has a number.
_MOST_LINES = 2
TOP = 10
# Titles whose likeness to all scenes is held in memory at once.
_AT_ONCE = 256


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
    opening = sorted(book.work.chapters)
    found = []
    for first, last in itertools.pairwise([*opening, book.scenes]):
        begin = int(book.starts[first])
        lines: list[str] = []
        for block in book.blocks:
            if block.start >= begin:
                if block.kind is BlockKind.PARAGRAPH:
                    break
                if block.kind is BlockKind.HEADING:
                    lines += book.text[block.start : block.end].split("\n")
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
    return len(words_of(title, language)) >= LEAST_WORDS


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


def centre(vectors: np.ndarray, languages: Sequence[str], neutraliser: Neutraliser) -> np.ndarray:
    """Neutral unit vectors of titles, float32 [n, D]: less what all of a language share, and damped as scenes are.

    vectors: float32 [n, D]. What they share is their mean; that of a language with few titles is shrunk towards its
    scenes' mean and what titles of all languages have beyond that of scenes.
    """
    means = np.stack([neutraliser.language_means.get(code, neutraliser.global_mean) for code in languages])
    beyond = (vectors - means).mean(axis=0)
    centred = np.empty_like(vectors)
    spoken = np.asarray(languages)
    for code in sorted(set(languages)):
        mine = spoken == code
        trust = mine.sum() / (mine.sum() + neutraliser.prior_scenes)
        rest = vectors[mine] - trust * vectors[mine].mean(axis=0) - (1.0 - trust) * (means[mine] + beyond)
        damp = neutraliser.damping.get(code)
        centred[mine] = damp(rest) if damp else rest
    return unit(centred)


def judge(shelf: Shelf, model: Embedder) -> Iterator[Figure]:
    """Are chapters found by their titles, asked in the book's language, and in that of a translation?"""
    found = titles_of(shelf.books)
    if not found:
        return
    queries = embed_texts(model, [title.text for title in found])
    centred = centre(queries, [title.language for title in found], shelf.inventory.neutraliser)
    raw = np.concatenate([book.work.vectors for book in shelf.books])
    neutral = np.concatenate([coded.neutral for coded in shelf.coded])
    asked = [
        (
            i,
            shelf.languages == title.language,
            title.language,
            shelf.firsts[title.book] + np.arange(title.first, title.last),
        )
        for i, title in enumerate(found)
    ]
    abroad = list(_abroad(shelf, found))
    ways = [("raw vectors", raw, queries), ("vectors", neutral, centred)]
    placed = unit(shelf.inventory.quantiser.place(centred))
    # topics are found as search finds them; what is spelled beside them is told in the predictive space
    ways += [("topics", shelf.rebuilt(1), centred)]
    ways += [(glyphs(n), shelf.coordinates(n), placed) for n in range(2, shelf.levels + 1)]
    for name, scenes, vectors in [*ways, ("chance", np.zeros_like(neutral[:, :1]), np.zeros_like(centred[:, :1]))]:
        yield from _ranked("in its own language", name, scenes, vectors, asked, found)
        everywhere = [(i, np.ones(len(neutral), bool), language, right) for i, _, language, right in asked]
        yield from _ranked("among all languages", name, scenes, vectors, everywhere, found)
        if abroad:
            yield from _ranked("in another language", name, scenes, vectors, abroad, found)


# Title, which scenes are looked among, what the figure is filed under, and the right scenes.
_Asked = tuple[int, np.ndarray, str, np.ndarray]


def _abroad(shelf: Shelf, found: Sequence[Title]) -> Iterator[_Asked]:
    """Titles of a book asked for the scenes of its translation."""
    for pairs in shelf.pairs:
        sides = ((pairs.left, pairs.right, pairs.scenes), (pairs.right, pairs.left, pairs.scenes[:, ::-1]))
        for own, other, scenes in sides:
            language = shelf.books[other].language
            among = shelf.languages == language
            for i, title in enumerate(found):
                right = scenes[(scenes[:, 0] >= title.first) & (scenes[:, 0] < title.last), 1]
                if title.book == own and len(right):
                    yield i, among, f"{title.language} for {language}", shelf.firsts[other] + right


def _ranked(
    measure: str, way: str, scenes: np.ndarray, queries: np.ndarray, asked: Sequence[_Asked], found: Sequence[Title]
) -> Iterator[Figure]:
    ranks = []
    for first in range(0, len(asked), _AT_ONCE):
        some = asked[first : first + _AT_ONCE]
        alike = scenes @ queries[[i for i, *_ in some]].T
        for column, (_, among, _, right) in enumerate(some):
            # right scenes are counted among those that are looked among
            ranks.append(rank_of(alike[among, column], np.cumsum(among)[right] - 1))
    books = np.asarray([found[i].book for i, *_ in asked])
    filed = np.asarray([language for _, _, language, _ in asked])
    for language in (ALL, *sorted(set(filed))):
        mine = np.flatnonzero((filed == language) | (language == ALL))
        for name, value in (("hits@10", "hit"), ("MRR", "reciprocal")):
            values = [getattr(ranks[i], value) for i in mine]
            yield Figure("a", f"{name} {measure}", way, language, estimate(values, books[mine]))
