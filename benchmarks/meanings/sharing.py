"""How many bits a scene's glyphs tell of those of its translation.

Two figures. Of a letter or topic alone: its mutual information with the same letter of the translation, counted, less
what the same counts give when the pairs are shuffled (which takes out the bias of few pairs; a column with many values
for its pairs comes out too low). Of glyphs together: a lower bound by choosing. With n pairs, the translation of a
scene is one of n; if whoever knows the likenesses gives the true one p, then log2(n) + mean log2(p) bits are shared at
least, and at most log2(n) can be shown (the InfoNCE bound: van den Oord, Li and Vinyals 2018; Poole et al. 2019). It is
a softmax with some doubt, which are learned on one half of the groups and used on the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.inventories.aligned import Aligned
from benchmarks.meanings.codes import Column, code_vectors, coordinates, glyphs, letters
from benchmarks.meanings.intervals import Figure, estimate, spread
from benchmarks.meanings.shelf import Shelf
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit

SHUFFLES = 20
# What is tried: how sharply the softmax chooses, and which share of the choice is left to chance.
_SHARPNESS = (0.0, *(float(2.0**k) for k in np.arange(-2.0, 8.0, 0.5)))
_DOUBTS = (0.001, 0.01, 0.05, 0.2, 0.5)
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
    how far likeness is to be trusted is learned on the other half of them (of the scenes, where there is one group).
    """
    _, place = np.unique(groups, return_inverse=True)
    half = place % 2 if place.max() else np.arange(len(place)) % 2
    told = np.stack([row for sharp in _SHARPNESS for row in _told(alike, sharp) + _told(alike.T, sharp)]) / 2
    found = np.empty(len(alike))
    for side in (0, 1):
        other = told[:, half != side] if (half != side).any() else told
        found[half == side] = told[int(other.mean(axis=1).argmax())][half == side]
    return found


def _told(alike: np.ndarray, sharpness: float) -> np.ndarray:
    """log2(n) + log2(p of the true one) by how much is left to chance: float64 [doubts, n]."""
    scores = sharpness * alike.astype(np.float64)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    true = np.diag(shares) / shares.sum(axis=1)
    return np.log2(np.stack([(1.0 - doubt) * true * len(alike) + doubt for doubt in _DOUBTS]))


def judge(shelf: Shelf, aligned: Aligned | None) -> Iterator[Figure]:
    """How many bits does a scene share with its translation, in aligned text and in translations on the shelf?"""
    found: dict[str, list[Figure]] = {}
    for name, sides in itertools.chain(_translated(shelf), _verses(shelf.inventory, aligned) if aligned else ()):
        found[name] = list(_shared(shelf.inventory, name, sides))
        yield from found[name]
    for kind in ("verses", "translations"):
        several = [figures for name, figures in found.items() if name.startswith(kind)]
        for same in zip(*several, strict=True):
            yield replace(same[0], language=kind, value=spread([figure.value.mean for figure in same]))


@dataclass(frozen=True, eq=False)
class _Sides:
    """Scenes and their translations. neutral: float32 [2, n, D]; codes: int [2, n, levels]; groups: int [n]."""

    neutral: np.ndarray
    codes: np.ndarray
    groups: np.ndarray


def _translated(shelf: Shelf) -> Iterator[tuple[str, _Sides]]:
    found: dict[tuple[str, str], list[_Sides]] = {}
    for number, pairs in enumerate(shelf.pairs):
        both = [(pairs.left, pairs.scenes[:, 0]), (pairs.right, pairs.scenes[:, 1])]
        both.sort(key=lambda side: shelf.books[side[0]].language)
        made = _Sides(
            np.stack([shelf.coded[book].neutral[scenes] for book, scenes in both]),
            np.stack([shelf.coded[book].codes[scenes] for book, scenes in both]),
            np.full(len(pairs.scenes), number),
        )
        one, other = (shelf.books[book].language for book, _ in both)
        found.setdefault((one, other), []).append(made)
    for (one, other), each in sorted(found.items()):
        yield (
            f"translations {one}-{other}",
            _Sides(
                np.concatenate([sides.neutral for sides in each], axis=1),
                np.concatenate([sides.codes for sides in each], axis=1),
                np.concatenate([sides.groups for sides in each]),
            ),
        )


def _verses(inventory: Inventory, aligned: Aligned) -> Iterator[tuple[str, _Sides]]:
    """Each book of verses is encoded by itself."""
    order = [np.flatnonzero(aligned.books == book) for book in np.unique(aligned.books)]
    coded = {
        language: [code_vectors(inventory, vectors[mine], language) for mine in order]
        for language, vectors in aligned.vectors.items()
    }
    for one, other in itertools.combinations(coded, 2):
        yield (
            f"verses {one}-{other}",
            _Sides(
                np.stack([np.concatenate([book.neutral for book in coded[side]]) for side in (one, other)]),
                np.stack([np.concatenate([book.codes for book in coded[side]]) for side in (one, other)]),
                aligned.books[np.concatenate(order)],
            ),
        )


def _shared(inventory: Inventory, name: str, sides: _Sides) -> Iterator[Figure]:
    left, right = (letters(inventory, codes) for codes in sides.codes)
    for column, bits in shared_by_column(left, right).items():
        yield Figure("d", "bits shared, counted", column, name, spread([bits]))
    some = np.sort(np.random.default_rng(0).permutation(len(sides.groups))[:CANDIDATES])
    ways = [("vectors", *sides.neutral[:, some])]
    for n in range(1, len(inventory.info.sizes) + 1):
        a, b = (coordinates(inventory, codes[some], n) for codes in sides.codes)
        ways.append((glyphs(n), a, b))
    for way, a, b in ways:
        told = bits_by_choosing(unit(a) @ unit(b).T, sides.groups[some])
        yield Figure("d", "bits shared, at least", way, name, estimate(told, sides.groups[some]))
