"""How many bits a scene's glyphs tell of those of its translation.

Two figures. Of a letter or topic alone: its mutual information with the same letter of the translation, counted, less
what the same counts give when the pairs are shuffled (which takes out the bias of few pairs; a column with many values
for its pairs comes out too low). Of glyphs together: a lower bound by choosing. With n pairs, the translation of a scene is
one of n; if a softmax over likenesses gives the true one p, then log2(n) + mean log2(p) bits are shared at least, and at
most log2(n) can be shown (the InfoNCE bound: van den Oord, Li and Vinyals 2018; Poole et al. 2019). How
sharp the softmax is, is learned on one half of the groups and used on the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.meanings.shelf import Column

SHUFFLES = 20
_SHARPNESS = tuple(float(2.0**k) for k in np.arange(-2.0, 8.0, 0.5))
CANDIDATES = 1_000


def mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """Bits that two labellings share, by their counts alone. a, b: int [n]."""
    _, a = np.unique(a, return_inverse=True)
    _, b = np.unique(b, return_inverse=True)
    cells = np.bincount(a * (b.max() + 1) + b)
    return _entropy(np.bincount(a)) + _entropy(np.bincount(b)) - _entropy(cells)


def _entropy(counts: np.ndarray) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def shared_bits(a: np.ndarray, b: np.ndarray, seed: int = 0) -> float:
    """Mutual information less its mean over shuffled pairs."""
    rng = np.random.default_rng(seed)
    return mutual_information(a, b) - float(
        np.mean([mutual_information(a, rng.permutation(b)) for _ in range(SHUFFLES)])
    )


def shared_by_column(left: Sequence[Column], right: Sequence[Column], seed: int = 0) -> dict[str, float]:
    """Shared bits of each column, by name; the columns of the two sides correspond."""
    return {a.name: shared_bits(a.values, b.values, seed) for a, b in zip(left, right, strict=True)}


def bits_by_choosing(alike: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Bits that each scene tells of its translation, float64 [n]; their mean is a lower bound.

    alike: likeness of scene i and the translation of scene j, float [n, n]. groups: what scene i belongs to, int [n];
    sharpness is learned on the other half of them (of the scenes, where there is one group only).
    """
    _, place = np.unique(groups, return_inverse=True)
    half = place % 2 if place.max() else np.arange(len(place)) % 2
    tables = np.stack([(_told(alike, sharp) + _told(alike.T, sharp)) / 2 for sharp in _SHARPNESS])
    found = np.empty(len(alike))
    for side in (0, 1):
        other = tables[:, half != side] if (half != side).any() else tables
        found[half == side] = tables[int(other.mean(axis=1).argmax())][half == side]
    return found


def _told(alike: np.ndarray, sharpness: float) -> np.ndarray:
    """log2(n) + log2(p of the true one), float64 [n], by row."""
    scores = sharpness * alike.astype(np.float64)
    top = scores.max(axis=1)
    total = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top
    return np.asarray((np.diag(scores) - total) / np.log(2.0) + np.log2(len(alike)))
