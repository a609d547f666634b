"""What counting knows of the next topic: the bits per scene that a model has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenesign.transforms.metrics.learnability import bigram_shares, unigram_shares

# Topics met in the book so far, the latest counting most: what is left of one a scene later, and how much is believed.
# Chosen on books of the library that nothing else was fitted on.
_FADING, _BELIEF = 0.9, 0.2


def counted_bits(known: Sequence[np.ndarray], asked: Sequence[np.ndarray], topics: int) -> dict[str, list[float]]:
    """Bits of each asked book's topics from its second scene on, summed: by uniform, unigram, bigram and cache.

    known, asked: topics of books, int64 [n] each. The unigram and the bigram are those of `learnability`; the cache is
    the unigram mixed with what the book had so far (Kuhn and De Mori 1990).
    """
    seen = np.concatenate(known)
    shares = unigram_shares(seen, topics)
    before = np.concatenate([np.concatenate([[topics], book[:-1]]) for book in known if len(book)])
    found: dict[str, list[float]] = {"uniform": [], "unigram": [], "bigram": [], "cache": []}
    for book in asked:
        told = book[1:]
        found["uniform"].append(len(told) * float(np.log2(topics)))
        found["unigram"].append(_bits(shares[told]))
        found["bigram"].append(_bits(bigram_shares(before, seen, topics, book[:-1], told)))
        found["cache"].append(_bits((1 - _BELIEF) * shares[told] + _BELIEF * _so_far(book, topics)))
    return found


def _bits(shares: np.ndarray) -> float:
    return float(-np.log2(shares).sum())


def _so_far(book: np.ndarray, topics: int) -> np.ndarray:
    """The share of each next topic among those so far, weighed: float64 [n - 1]."""
    weights = np.zeros(topics)
    found = np.zeros(max(0, len(book) - 1))
    for place in range(len(found)):
        weights *= _FADING
        weights[book[place]] += 1.0
        found[place] = weights[book[place + 1]] / weights.sum()
    return found
