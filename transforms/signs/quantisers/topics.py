"""Topics: directions that scenes are told by, and how many of them books share."""

from __future__ import annotations

import numpy as np

from scenesign.transforms.signs.quantisers.k_means import MOST_ITERATIONS, k_means, nearest, without_twins

# With fewer scenes to a topic its gloss is a memory of scenes rather than what a kind of scene has in common.
SCENES_PER_TOPIC = 16
MAX_AUTO_TOPICS = 4_096
# `--signs auto` wants this share of the topics to occur in this many books: fewer, and they are marks of books.
SHARED_TOPICS = 0.9
SHARING_BOOKS = 3


def auto_topics(vectors: np.ndarray, owners: np.ndarray, scenes: int, seed: int) -> int:
    """Number of topics from the data: the most that books still share.

    From one for every SCENES_PER_TOPIC scenes downwards by halves, the first at which SHARED_TOPICS of the topics occur
    in SHARING_BOOKS books or more (in every book, when there are fewer).
    vectors: float32 [n, D], neutral, in a settled order; owners: int [n], whose book each is; scenes: how many there
    are of which these are a sample.
    """
    books = len(np.unique(owners))
    topics = min(MAX_AUTO_TOPICS, len(vectors), max(2, scenes // SCENES_PER_TOPIC))
    while topics > 2:
        words = fit_topics(vectors, topics, seed, iterations=3)
        pairs = np.unique(np.stack([nearest(vectors, words), owners]), axis=1)
        if (np.bincount(pairs[0]) >= min(SHARING_BOOKS, books)).mean() >= SHARED_TOPICS:
            break
        topics = max(2, topics // 2)
    return topics


def fit_topics(vectors: np.ndarray, topics: int, seed: int, iterations: int = MOST_ITERATIONS) -> np.ndarray:
    """Unit directions float32 [topics or fewer, D] by spherical k-means of neutral unit vectors, float32 [n, D]."""
    words = k_means(vectors, topics, seed, spherical=True, iterations=iterations)
    return without_twins(words, vectors)
