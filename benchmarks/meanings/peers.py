"""Topics as BERTopic finds them, with the same vectors, scenes and words."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.meanings.intervals import Figure
from benchmarks.meanings.keywords import KEYWORDS, Documents, Quality, mean_quality, quality, quality_figures
from benchmarks.meanings.shelf import Shelf
from scenesign.transforms.metrics.learnability import folds_of

# Scenes of a half, without which there are no topics to find.
_LEAST_SCENES = 200


@dataclass(frozen=True, eq=False)
class PeerTopics:
    """A fitted BERTopic. keywords: by language and topic, best first."""

    model: Any
    keywords: dict[str, dict[int, list[str]]]

    def topics_of(self, vectors: np.ndarray) -> np.ndarray:
        """The topic of each scene, int64 [n]; -1 for none. vectors: float32 [n, D]."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(self.model.transform([""] * len(vectors), embeddings=vectors)[0], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Map:
    """A fitted UMAP, which BERTopic would fit anew for each number of topics."""

    umap: Any

    def fit(self, vectors: np.ndarray, y: object = None) -> Map:
        """Itself: it is fitted on these."""
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """float32 [n, 5]."""
        return np.asarray(self.umap.transform(vectors))


def fit_map(vectors: np.ndarray, seed: int) -> Map:
    """UMAP with the settings of BERTopic. vectors: float32 [n, D]."""
    from umap import UMAP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Map(UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed).fit(vectors))


def fit_peer(
    umap: Map,
    words: Sequence[frozenset[str]],
    vectors: np.ndarray,
    languages: Sequence[str],
    topics: int | None,
    seed: int,
) -> PeerTopics:
    """BERTopic on scenes that a map was fitted on: k-means with so many topics, its HDBSCAN where `topics` is None.

    words, languages: of each scene. vectors: float32 [n, D]. Keywords are its class-based tf-idf, language by language,
    since a topic's words in one list would be mostly those of the language with most scenes.
    """
    from bertopic import BERTopic
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer

    texts = [" ".join(sorted(found)) for found in words]
    clusters = {} if topics is None else {"hdbscan_model": KMeans(topics, random_state=seed, n_init=1)}
    vectorizer = CountVectorizer(analyzer=str.split)
    model = BERTopic(umap_model=umap, vectorizer_model=vectorizer, embedding_model=None, verbose=False, **clusters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = np.asarray(model.fit_transform(texts, embeddings=vectors)[0])
    keywords = {}
    for language in sorted(set(languages)):
        own = np.asarray([one == language for one in languages])
        keywords[language] = class_words([texts[int(i)] for i in np.flatnonzero(own)], found[own])
    return PeerTopics(model, keywords)


def class_words(texts: Sequence[str], topics: np.ndarray) -> dict[int, list[str]]:
    """The best words of each topic by BERTopic's class-based tf-idf. texts: words parted by spaces; topics: int [n]."""
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    named = [int(topic) for topic in np.unique(topics) if topic >= 0]
    joined = [" ".join(texts[int(i)] for i in np.flatnonzero(topics == topic)) for topic in named]
    if not any(text.strip() for text in joined):
        return {}
    vectorizer = CountVectorizer(analyzer=str.split)
    weights = ClassTfidfTransformer().fit_transform(vectorizer.fit_transform(joined)).toarray()
    names = vectorizer.get_feature_names_out()
    order = np.argsort(-weights, axis=1, kind="stable")[:, :KEYWORDS]
    return {topic: [str(names[i]) for i in order[row] if weights[row, i] > 0] for row, topic in enumerate(named)}


def judge_peers(shelf: Shelf, scenes: Mapping[str, Documents], seed: int) -> Iterator[Figure]:
    """Quality of BERTopic's keywords, with as many topics as it finds, and with as many as the inventory uses.

    Fitted on half of the authors and judged on the other half, both ways; and judged on the scenes that it was fitted
    on. Nothing, with a line that says so, where it is not installed or there are too few scenes.
    """
    if importlib.util.find_spec("bertopic") is None:
        print("BERTopic is not installed (it is in the extra `bench`), so it is left out", file=sys.stderr)
        return
    kin = [book.author or book.work.book_id for book in shelf.books]
    fold = folds_of(kin, seed, 2)[shelf.owners]
    if min(np.bincount(fold, minlength=2)) < _LEAST_SCENES:
        print("too few scenes to fit BERTopic on half of the authors, so it is left out", file=sys.stderr)
        return
    every = _Everything(shelf, scenes)
    everywhere = np.ones(len(fold), bool)
    turns = {"of other authors": [(fold == held, fold != held) for held in (0, 1)], "of the same": [(everywhere,) * 2]}
    for source, each in turns.items():
        maps = [fit_map(every.vectors[fitted], seed) for _, fitted in each]
        for name, topics in ((f"BERTopic {source}", None), (f"BERTopic {source}, as many topics", every.used)):
            found = [
                every.judge(umap, judged, fitted, topics, seed)
                for (judged, fitted), umap in zip(each, maps, strict=True)
            ]
            for language in scenes:
                yield from quality_figures(name, language, mean_quality([one[language] for one in found]))


class _Everything:
    """All scenes: words, vectors, and how many topics the inventory uses."""

    def __init__(self, shelf: Shelf, scenes: Mapping[str, Documents]) -> None:
        self.shelf = shelf
        self.scenes = scenes
        self.words: list[frozenset[str]] = [frozenset()] * len(shelf.owners)
        for language, known in scenes.items():
            for i, found in zip(np.flatnonzero(shelf.languages == language), known.words, strict=True):
                self.words[int(i)] = found
        self.vectors = np.concatenate([book.work.vectors for book in shelf.books])
        self.used = len(np.unique(np.concatenate([known.topics for known in scenes.values()])))

    def judge(
        self, umap: Map, judged: np.ndarray, fitted: np.ndarray, topics: int | None, seed: int
    ) -> dict[str, Quality]:
        """Topics of the fitted scenes judged on the others, by language. judged, fitted: bool [scenes]."""
        of_fitted = self._words(fitted)
        count = None if topics is None else min(topics, len(of_fitted) // 2)
        languages = self.shelf.languages[fitted].tolist()
        peer = fit_peer(umap, of_fitted, self.vectors[fitted], languages, count, seed)
        topic = np.full(len(judged), -1)
        topic[judged] = peer.topics_of(self.vectors[judged])
        found = {}
        for language in self.scenes:
            chosen = (self.shelf.languages == language) & judged
            asked = Documents(self._words(chosen), topic[chosen], self.shelf.owners[chosen])
            found[language] = quality(asked, peer.keywords.get(language, {}))
        return found

    def _words(self, chosen: np.ndarray) -> list[frozenset[str]]:
        return [self.words[int(i)] for i in np.flatnonzero(chosen)]
