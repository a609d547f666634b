"""What simple counts know of the topics of books that they haven't seen: bits per scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenesign.transforms.metrics.learnability import bigram_shares, unigram_shares

# Settings of the cache that are tried: its share, and what is left of a topic's weight one scene later.
_SHARES = (0.0, 0.05, 0.1, 0.2, 0.3)
_FADINGS = (0.5, 0.8, 0.95, 1.0)


def topic_bits(
    train: Sequence[np.ndarray], validation: Sequence[np.ndarray], test: Sequence[np.ndarray], topics: int
) -> dict[str, list[np.ndarray]]:
    """Bits of each scene's topic, book by book, guessed evenly, by shares, by the topic before, and by a cache.

    The cache mixes the shares with the topics that the book had lately; its settings are those that cost the
    validation books least.
    """
    after = np.concatenate(list(train))
    before = np.concatenate([np.concatenate([[topics], row[:-1]]) for row in train])
    shares = unigram_shares(after, topics)

    def pairs(row: np.ndarray) -> np.ndarray:
        return bigram_shares(before, after, topics, np.concatenate([[topics], row[:-1]]), row)

    def cost(setting: tuple[float, float]) -> float:
        return float(sum(-np.log2(cached(row, shares, *setting)).sum() for row in validation))

    setting = min(((share, fading) for share in _SHARES for fading in _FADINGS), key=cost)
    return {
        "uniform": [np.full(len(row), np.log2(topics)) for row in test],
        "unigram": [-np.log2(shares[row]) for row in test],
        "bigram": [-np.log2(pairs(row)) for row in test],
        "cache": [-np.log2(cached(row, shares, *setting)) for row in test],
    }


def unigram_bits(train: Sequence[np.ndarray], test: Sequence[np.ndarray], topics: int) -> list[np.ndarray]:
    """Bits of each scene's topic, book by book, by how frequent topics are in the training books."""
    shares = unigram_shares(np.concatenate(list(train)), topics)
    return [-np.log2(shares[row]) for row in test]


def cached(row: np.ndarray, shares: np.ndarray, share: float, fading: float) -> np.ndarray:
    """Probability of each topic of a book: `share` of it by those before it in the book, the rest by `shares`."""
    lately = np.zeros(len(shares))
    found = np.empty(len(row))
    for i, topic in enumerate(row):
        total = lately.sum()
        own = lately[topic] / total if total else shares[topic]
        found[i] = share * own + (1.0 - share) * shares[topic]
        lately *= fading
        lately[topic] += 1.0
    return found
