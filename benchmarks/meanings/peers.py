"""Topics as BERTopic finds them, with the same vectors, scenes and words."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.meanings.keywords import KEYWORDS


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


def fit_peer(
    words: Sequence[frozenset[str]], vectors: np.ndarray, languages: Sequence[str], topics: int | None, seed: int
) -> PeerTopics:
    """BERTopic on scenes: its UMAP, then k-means with so many topics, or its HDBSCAN where `topics` is None.

    words, languages: of each scene. vectors: float32 [n, D]. Keywords are its class-based tf-idf, language by language,
    since a topic's words in one list would be mostly those of the language with most scenes.
    """
    from bertopic import BERTopic
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    texts = [" ".join(sorted(found)) for found in words]
    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    clusters = {} if topics is None else {"hdbscan_model": KMeans(topics, random_state=seed, n_init=1)}
    vectorizer = CountVectorizer(analyzer=str.split)
    model = BERTopic(umap_model=umap, vectorizer_model=vectorizer, embedding_model=None, verbose=False, **clusters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = np.asarray(model.fit_transform(texts, embeddings=vectors)[0])
    keywords = {}
    for language in sorted(set(languages)):
        own = np.asarray([one == language for one in languages])
        keywords[language] = class_words([texts[i] for i in np.flatnonzero(own)], found[own])
    return PeerTopics(model, keywords)


def class_words(texts: Sequence[str], topics: np.ndarray) -> dict[int, list[str]]:
    """The best words of each topic by BERTopic's class-based tf-idf. texts: words parted by spaces; topics: int [n]."""
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    named = [int(topic) for topic in np.unique(topics) if topic >= 0]
    joined = [" ".join(texts[i] for i in np.flatnonzero(topics == topic)) for topic in named]
    if not any(text.strip() for text in joined):
        return {}
    vectorizer = CountVectorizer(analyzer=str.split)
    weights = ClassTfidfTransformer().fit_transform(vectorizer.fit_transform(joined)).toarray()
    names = vectorizer.get_feature_names_out()
    order = np.argsort(-weights, axis=1, kind="stable")[:, :KEYWORDS]
    return {
        topic: [str(names[i]) for i in order[row] if weights[row, i] > 0] for row, topic in enumerate(named)
    }
