"""Are the keywords of topics about one thing, unlike those of other topics, and true of scenes not seen?

All by scenes as documents, in each of which a word is or is not; of the words of a topic the first 8.

NPMI (Bouma 2009; as a measure of topics: Lau, Newman and Baldwin 2014): for each two words of a topic
ln(p(a, b) / (p(a) p(b))) / -ln p(a, b), -1 where they never meet, with p the share of the scenes that hold them; mean
over pairs, then over topics. Words that no scene holds are left out, and how many are found is told.
Diversity (Dieng, Ruiz and Blei 2020): the share of different words among those of all topics.
Lift: how often the scenes of a topic hold its keywords, over how often all scenes of the language do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.meanings.intervals import NOTHING, Estimate, Figure, estimate, jackknife, spread
from benchmarks.meanings.shelf import Shelf
from benchmarks.meanings.words import by_language, scene_words, word_of
from scenesign.transforms.signs.glossary import SignEntry

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

    topics: those with two keywords or more. seen: share of keywords that some scene holds.
    """

    npmi: Estimate
    diversity: float
    lift: Estimate
    topics: float
    seen: float


def npmi(both: np.ndarray, scenes: np.ndarray) -> np.ndarray:
    """Mean NPMI of each topic, float64 [..., topics]; NaN where no two of its words are seen.

    both: scenes that hold two words, int [..., topics, words, words], on the diagonal those that hold one. scenes: in
    all, int [...].
    """
    total = np.asarray(scenes, dtype=np.float64)[..., None, None, None]
    joint: np.ndarray = both / total
    single = np.diagonal(joint, axis1=-2, axis2=-1)
    independent = np.asarray(single[..., :, None] * single[..., None, :])
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.log(joint / independent) / -np.log(joint)
    score = np.where(joint >= 1.0, 1.0, np.where(joint > 0, score, -1.0))
    pairs = np.triu(independent > 0, 1)
    counts = pairs.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(pairs, score, 0.0).sum(axis=(-2, -1)) / np.where(counts, counts, np.nan))


def diversity(keywords: Mapping[int, Sequence[str]]) -> float:
    """Share of different words among the keywords of all topics; 0 where there are none."""
    words = [word for found in keywords.values() for word in found]
    return len(set(words)) / max(1, len(words))


def quality(documents: Documents, keywords: Mapping[int, Sequence[str]]) -> Quality:
    """Quality of the keywords of each topic, best first, on scenes of one language."""
    kept = {topic: tuple(dict.fromkeys(found))[:KEYWORDS] for topic, found in keywords.items()}
    kept = {topic: found for topic, found in sorted(kept.items()) if len(found) > 1}
    if not kept or not len(documents.words):
        return Quality(NOTHING, diversity(kept), NOTHING, len(kept), 0.0)
    asked = {word: i for i, word in enumerate(dict.fromkeys(word for found in kept.values() for word in found))}
    present = np.zeros((len(documents.words), len(asked)), bool)
    for scene, words in enumerate(documents.words):
        present[scene, [asked[word] for word in words if word in asked]] = True
    columns = {topic: [asked[word] for word in found] for topic, found in kept.items()}
    return Quality(
        npmi=_npmi_over_books(present, list(columns.values()), documents.books),
        diversity=diversity(kept),
        lift=_lift(present, columns, documents),
        topics=len(kept),
        seen=float(present[:, [c for row in columns.values() for c in row]].any(axis=0).mean()),
    )


def _npmi_over_books(present: np.ndarray, columns: Sequence[Sequence[int]], books: np.ndarray) -> Estimate:
    owners = np.unique(books)
    both = np.zeros((len(owners), len(columns), KEYWORDS, KEYWORDS))
    for b, owner in enumerate(owners):
        own = present[books == owner].astype(np.float32)
        for t, row in enumerate(columns):
            chosen = own[:, row]
            both[b, t, : len(row), : len(row)] = chosen.T @ chosen
    scenes = np.asarray([(books == owner).sum() for owner in owners])
    score = npmi(both.sum(axis=0), scenes.sum())
    counted = int(np.isfinite(score).sum())
    if not counted:
        return NOTHING
    without = []
    for b in range(len(owners)):
        others = np.arange(len(owners)) != b
        if others.any() and np.isfinite(left := npmi(both[others].sum(axis=0), scenes[others].sum())).any():
            without.append(float(np.nanmean(left)))
    return jackknife(float(np.nanmean(score)), without, counted)


def _lift(present: np.ndarray, columns: Mapping[int, Sequence[int]], documents: Documents) -> Estimate:
    share = present.mean(axis=0)
    held, expected, books = [], [], []
    for topic, row in columns.items():
        mine = documents.topics == topic
        held.append(present[mine][:, row].sum(axis=1))
        expected.append(np.full(int(mine.sum()), share[row].sum()))
        books.append(documents.books[mine])
    return estimate(np.concatenate(held), np.concatenate(books), np.concatenate(expected))


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
                found.setdefault(language, {})[entry.code] = [word_of(word, language) for word in words]
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
    yield Figure("b", "lift", way, language, found.lift)
    shares = {"diversity": found.diversity, "topics with keywords": found.topics, "keywords seen": found.seen}
    for measure, value in shares.items():
        yield Figure("b", measure, way, language, spread([float(value)] if found.topics else []))


def mean_quality(each: Sequence[Quality]) -> Quality:
    """The mean of what was judged on parts of the books; parts with nothing to judge don't count."""
    counted = [found for found in each if found.topics] or list(each)
    return Quality(
        npmi=_mean([found.npmi for found in counted]),
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
