"""Are the keywords of topics about one thing, unlike those of other topics, and true of scenes not seen?

All by scenes as documents, in each of which a word is or is not; of the words of a topic the first 8.

NPMI (Bouma 2009; as a measure of topics: Lau, Newman and Baldwin 2014): for each two words of a topic
ln(p(a, b) / (p(a) p(b))) / -ln p(a, b), -1 where they never meet, with p the share of the scenes that hold them; mean over
pairs, then over topics. Words that no scene holds are left out, and how many are found is told.
Diversity (Dieng, Ruiz and Blei 2020): the share of different words among those of all topics.
Lift: how often the scenes of a topic hold its keywords, over how often all scenes of the language do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.meanings.intervals import NOTHING, Estimate, draws, estimate

KEYWORDS = 8
_SAMPLES = 200


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
    topics: int
    seen: float


def npmi(both: np.ndarray, scenes: np.ndarray) -> np.ndarray:
    """Mean NPMI of each topic, float64 [..., topics]; NaN where no two of its words are seen.

    both: scenes that hold two words, int [..., topics, words, words], on the diagonal those that hold one. scenes: in
    all, int [...].
    """
    total = np.asarray(scenes, dtype=np.float64)[..., None, None, None]
    joint = both / total
    single = np.diagonal(joint, axis1=-2, axis2=-1)
    independent = single[..., :, None] * single[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.log(joint / independent) / -np.log(joint)
    score = np.where(joint >= 1.0, 1.0, np.where(joint > 0, score, -1.0))
    pairs = (independent > 0) & np.triu(np.ones(both.shape[-2:], bool), 1)
    counts = pairs.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(pairs, score, 0.0).sum(axis=(-2, -1)) / np.where(counts, counts, np.nan))


def diversity(keywords: Mapping[int, Sequence[str]]) -> float:
    """Share of different words among the keywords of all topics; 0 where there are none."""
    words = [word for found in keywords.values() for word in found]
    return len(set(words)) / max(1, len(words))


def judge(documents: Documents, keywords: Mapping[int, Sequence[str]]) -> Quality:
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
        seen=float(present.any(axis=0)[[c for row in columns.values() for c in row]].mean()),
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
    means = [
        float(np.nanmean(drawn))
        for times in draws(len(owners), _SAMPLES)
        if np.isfinite(drawn := npmi(np.tensordot(times, both, axes=1), times @ scenes)).any()
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(np.nanmean(score)), float(low), float(high), counted)


def _lift(present: np.ndarray, columns: Mapping[int, Sequence[int]], documents: Documents) -> Estimate:
    share = present.mean(axis=0)
    held, expected, books = [], [], []
    for topic, row in columns.items():
        mine = documents.topics == topic
        held.append(present[mine][:, row].sum(axis=1))
        expected.append(np.full(int(mine.sum()), share[row].sum()))
        books.append(documents.books[mine])
    return estimate(np.concatenate(held), np.concatenate(books), np.concatenate(expected))
