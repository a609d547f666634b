"""Are the keywords of topics about one thing, unlike those of other topics, and true of scenes not seen?

Measured as the program measures its own glosses (`transforms/metrics/gloss.py`), by scenes as documents, in each of
which a word is or is not; of the words of a topic the first 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from benchmarks.meanings.intervals import NOTHING, Estimate, Figure, jackknife, spread
from benchmarks.meanings.shelf import Shelf
from benchmarks.meanings.words import by_language, scene_words, word_of
from scenesign.transforms.metrics.gloss import coherence, distinct_share, lift
from scenesign.transforms.signs.glosses.glossary import SignEntry

KEYWORDS = 8


@dataclass(frozen=True, eq=False)
class Documents:
    """The scenes of one language. words, topics (-1: none), books: of each scene."""

    words: Sequence[frozenset[str]]
    topics: np.ndarray
    books: np.ndarray


@dataclass(frozen=True)
class Quality:
    """Of the keywords of one language.

    npmi_expected: NPMI of the pairs that chance alone would bring together once. topics: those with two keywords or
    more. seen: share of keywords that some scene holds.
    """

    npmi: Estimate
    npmi_expected: Estimate
    diversity: float
    lift: Estimate
    topics: float
    seen: float


def quality(documents: Documents, keywords: Mapping[int, Sequence[str]]) -> Quality:
    """Quality of the keywords of each topic, best first, on scenes of one language."""
    kept = {topic: tuple(dict.fromkeys(found))[:KEYWORDS] for topic, found in sorted(keywords.items())}
    asked = {word: i for i, word in enumerate(dict.fromkeys(word for found in kept.values() for word in found))}
    lists = {topic: [asked[word] for word in found] for topic, found in kept.items() if len(found) > 1}
    if not lists or not len(documents.words):
        return Quality(NOTHING, NOTHING, distinct_share(lists) or 0.0, NOTHING, len(lists), 0.0)
    present = word_table(documents.words, asked)

    def raised(rows: np.ndarray) -> float | None:
        found, expected = lift(present[rows], documents.topics[rows], lists)
        return found / expected if expected else None

    every = [column for row in lists.values() for column in row]
    return Quality(
        npmi=_without_each(lambda rows: coherence(present[rows], lists), documents.books, len(lists)),
        npmi_expected=_without_each(lambda rows: coherence(present[rows], lists, 1.0), documents.books, len(lists)),
        diversity=distinct_share(lists) or 0.0,
        lift=_without_each(raised, documents.books, len(lists)),
        topics=len(lists),
        seen=float((np.asarray(present.sum(axis=0)).ravel()[every] > 0).mean()),
    )


def word_table(scenes: Sequence[frozenset[str]], asked: Mapping[str, int]) -> sparse.csc_matrix:
    """1 where a scene holds a word, float32 sparse [scenes, words]. asked: the column of each word."""
    columns = [[asked[word] for word in words if word in asked] for words in scenes]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.asarray([column for row in columns for column in row], dtype=np.int64)
    ones = np.ones(len(flat), np.float32)
    return sparse.csr_matrix((ones, flat, ends), shape=(len(scenes), len(asked))).tocsc()


def _without_each(figure: Callable[[np.ndarray], float | None], books: np.ndarray, count: int) -> Estimate:
    """A figure of scenes, with an interval from what it is without each book. figure: of rows, int [n]."""
    whole = figure(np.arange(len(books)))
    if whole is None:
        return NOTHING
    without = [figure(np.flatnonzero(books != book)) for book in np.unique(books)]
    return jackknife(whole, [value for value in without if value is not None], count)


def documents(shelf: Shelf, topics: np.ndarray | None = None) -> dict[str, Documents]:
    """The scenes of each language as words, with their topics (the inventory's, or int [scenes of all books])."""
    if topics is None:
        topics = np.concatenate([coded.codes[:, 0] for coded in shelf.coded])
    found = {}
    for language, books in by_language(shelf.books).items():
        words = [words for i in books for words in scene_words(shelf.books[i])]
        mine = shelf.languages == language
        found[language] = Documents(words, topics[mine], shelf.owners[mine])
    return found


def keywords_of(glossary: Sequence[SignEntry]) -> dict[str, dict[int, list[str]]]:
    """Keywords by language and topic, as words are counted."""
    found: dict[str, dict[int, list[str]]] = {}
    for entry in glossary:
        if entry.level == 1:
            for language, words in entry.keywords.items():
                found.setdefault(language, {})[entry.sign] = [word_of(word, language) for word in words]
    return found


def judge(
    way: str, scenes: Mapping[str, Documents], keywords: Mapping[str, Mapping[int, Sequence[str]]]
) -> Iterator[Figure]:
    """NPMI, diversity and lift of keywords in each language."""
    for language, known in scenes.items():
        yield from quality_figures(way, language, quality(known, keywords.get(language, {})))


def quality_figures(way: str, language: str, found: Quality) -> Iterator[Figure]:
    """The figures of one language."""
    yield Figure("b", "NPMI", way, language, found.npmi)
    yield Figure("b", "NPMI of pairs expected to meet", way, language, found.npmi_expected)
    yield Figure("b", "lift", way, language, found.lift)
    shares = {"diversity": found.diversity, "topics with keywords": found.topics, "keywords seen": found.seen}
    for measure, value in shares.items():
        yield Figure("b", measure, way, language, spread([float(value)] if found.topics else []))


def mean_quality(each: Sequence[Quality]) -> Quality:
    """The mean of what was judged on parts of the books; parts with nothing to judge don't count."""
    counted = [found for found in each if found.topics] or list(each)
    return Quality(
        npmi=_mean([found.npmi for found in counted]),
        npmi_expected=_mean([found.npmi_expected for found in counted]),
        diversity=float(np.mean([found.diversity for found in counted])),
        lift=_mean([found.lift for found in counted]),
        topics=float(np.mean([found.topics for found in counted])),
        seen=float(np.mean([found.seen for found in counted])),
    )


def _mean(each: Sequence[Estimate]) -> Estimate:
    known = [found for found in each if found.count]
    if not known:
        return NOTHING
    mean, low, high = np.mean([(found.mean, found.low, found.high) for found in known], axis=0).tolist()
    return Estimate(mean, low, high, sum(found.count for found in known))
