"""How far the keywords of topics belong together, differ, and hold in books that they were not learned from."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from scipy import sparse

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue
from scenesign.transforms.signs.glosses.gloss import topic_points
from scenesign.transforms.signs.glosses.keywords import keywords, telling
from scenesign.transforms.signs.glosses.scene_words import SceneWords
from scenesign.transforms.signs.glosses.spoken import SpokenScenes, topic_shares
from scenesign.transforms.signs.glosses.words import word_key

# Keywords of each topic as indices of words.
Lists = Mapping[int, Sequence[int]]


def coherence(present: sparse.csc_matrix, lists: Lists, least_expected: float = 0.0) -> float | None:
    """How far the keywords of a topic meet in one scene: mean over topics of the mean NPMI of their pairs, -1 to 1.

    NPMI (normalised pointwise mutual information, Bouma 2009): 0 where two words meet as often as by chance, 1 where
    neither is ever without the other, -1 where they never meet. present: 1 where a scene holds a word, [scenes, words].
    least_expected: scenes in which chance alone would bring two words together; of rarer pairs, few scenes can't tell.
    None where no topic has two keywords that occur so often.
    """
    scenes = present.shape[0]
    means = []
    for words in lists.values():
        held = present[:, list(words)]
        together = np.asarray((held.T @ held).todense(), dtype=np.float64)
        pairs = [
            _npmi(together[a, b] / scenes, together[a, a] / scenes, together[b, b] / scenes)
            for a, b in itertools.combinations(range(len(words)), 2)
            if together[a, a] and together[b, b] and together[a, a] * together[b, b] >= least_expected * scenes
        ]
        if pairs:
            means.append(float(np.mean(pairs)))
    return float(np.mean(means)) if means else None


def _npmi(both: float, one: float, other: float) -> float:
    if both <= 0.0:
        return -1.0
    return 1.0 if both >= 1.0 else math.log(both / (one * other)) / -math.log(both)


def distinct_share(lists: Lists) -> float | None:
    """Distinct words among the keywords of all topics, as a share: 1 where no two topics have a word in common."""
    every = [word for words in lists.values() for word in words]
    return len(set(every)) / len(every) if every else None


def lift(present: sparse.csc_matrix, topics: np.ndarray, lists: Lists) -> tuple[float, float]:
    """How often scenes of a topic hold its keywords, and how often they would if they were as other scenes are.

    topics: of the scenes, int [scenes]. Summed over topics that some scene has.
    """
    scenes = present.shape[0]
    totals = np.asarray(present.sum(axis=0)).ravel()
    found = expected = 0.0
    for topic, words in lists.items():
        mine = np.flatnonzero(topics == topic)
        if 0 < len(mine) < scenes and words:
            held = np.asarray(present.tocsr()[mine][:, list(words)].sum(axis=0)).ravel()
            found += float(held.sum())
            expected += float((totals[list(words)] - held).sum()) * len(mine) / (scenes - len(mine))
    return found, expected


def gloss_quality(evidence: Evidence) -> dict[str, MetricValue]:
    """By language: topics with keywords, their coherence, diversity, and lift in unseen books."""
    figures: dict[str, dict[str, float]] = {"topics": {}, "npmi": {}, "diversity": {}, "lift": {}}
    signs = {book.book_id: book.signs[:, 0] for book in evidence.books}
    kin = {book.book_id: book.kin or book.book_id for book in evidence.books}
    for spoken in evidence.spoken():
        index = {key: i for i, key in enumerate(spoken.words.keys)}
        lists = {
            topic: [
                index[key] for key in (word_key(w, spoken.language) for w in gloss[spoken.language]) if key in index
            ]
            for topic, gloss in enumerate(evidence.keywords)
            if spoken.language in gloss
        }
        topics = np.concatenate([np.zeros(0, np.int32), *(signs[b][spoken.places[i:j]] for b, i, j in spoken.books)])
        present = spoken.words.present
        found = {
            "topics": float(len(lists)),
            "npmi": coherence(present, lists),
            "diversity": distinct_share(lists),
            "lift": _held_out_lift(spoken, topics, kin, evidence)
            if evidence.fitted
            else _ratio(lift(present, topics, lists)),
        }
        for name, value in found.items():
            if value is not None:
                figures[name][spoken.language] = round(value, 4)
    return {f"gloss/{name}": values for name, values in figures.items()} if figures["topics"] else {}


def _held_out_lift(
    spoken: SpokenScenes, topics: np.ndarray, kin: Mapping[str, str], evidence: Evidence
) -> float | None:
    """Keywords are learned from one half of the books, by hash of their author, and judged by the other, both ways."""
    side = [hashlib.blake2b(kin[book].encode(), digest_size=1).digest()[0] % 2 for book, *_ in spoken.books]
    points = topic_points(evidence.quantiser)
    sums = np.zeros(2)
    for half in (0, 1):
        learned = [(i, j) for (_, i, j), mine in zip(spoken.books, side, strict=True) if mine == half]
        judged = np.concatenate(
            [np.zeros(0, np.int64)]
            + [np.arange(i, j) for (_, i, j), mine in zip(spoken.books, side, strict=True) if mine != half]
        )
        rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(i, j) for i, j in learned)])
        words = _some_books(spoken.words, learned, rows)
        vectors = spoken.vectors[rows]

        def belongs(first: int, end: int, vectors: np.ndarray = vectors) -> np.ndarray:
            return topic_shares(vectors[first:end], points)

        found = keywords(words, telling(words, belongs, len(points)))
        lists = {topic: words_of for topic, words_of in enumerate(found) if words_of}
        sums += lift(spoken.words.present[judged], topics[judged], lists)
    return _ratio((sums[0], sums[1]))


def _some_books(words: SceneWords, books: Sequence[tuple[int, int]], rows: np.ndarray) -> SceneWords:
    ends = np.cumsum([0, *(end - first for first, end in books)]).tolist()
    return SceneWords(words.keys, words.shown, words.counts[rows], tuple(itertools.pairwise(ends)))


def _ratio(sums: tuple[float, float]) -> float | None:
    found, expected = sums
    return float(found / expected) if expected > 0.0 else None


def _by_language(key: str, says: str, unit: str, low: float, high: float, better: Literal["higher", ""]) -> Metric:
    return Metric(f"gloss/{key}", says, unit, low, high, better, gloss_quality, named=True)


METRICS = (
    _by_language("topics", "topics that have keywords, by language", "topics", 0, math.inf, "higher"),
    _by_language("npmi", "how far keywords of a topic meet in scenes, by language", "NPMI", -1, 1, "higher"),
    _by_language("diversity", "distinct words among the keywords of all topics, by language", "share", 0, 1, "higher"),
    _by_language(
        "lift",
        "how much likelier keywords are in scenes of their topic, in books they were not learned from, by language",
        "times",
        0,
        math.inf,
        "higher",
    ),
)
