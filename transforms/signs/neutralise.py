"""Neutralisation: what makes scenes of one book or language alike is taken out before they are clustered.

k-means on raw scene vectors finds books and languages, not happenings: a book's names, its author's manner and its
language shift every one of its vectors the same way. So each scene vector has its book's mean subtracted, and is
brought back to unit length. A short book's mean is mostly its few scenes themselves; subtracting it would erase what
they are about, so it is shrunk towards the mean of its language (the James-Stein idea: a mean estimated from n
scenes is trusted n / (n + PRIOR_SCENES)).

Means are not all. In every language there are a few directions in which scenes differ more than in any other, and
they tell what sort of book this is (period, rank of the people, verse or prose) rather than what happens. They are
damped: whitening of the strongest directions, held back so that it cannot blow up noise. Whitening all of them fully
would bring signs still further from books, but translations further from each other; `benchmarks/inventory.py` has
both figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scenesign.transforms.support.steady import steady_product
from scenesign.transforms.support.threads import settle_threads

# Scenes of its own that a book needs before its mean counts as much as that of its language.
PRIOR_SCENES = 8.0
# Directions damped per language; more of them, measured, change little.
DAMPED_DIRECTIONS = 16
# Added to every variance, in units of the average one, before it is evened out: 0 would whiten fully.
_HELD_BACK = 10.0
# Scenes that a language needs before its own variances count as much as the assumption that all are equal.
_PRIOR_VARIANCE_SCENES = 512.0


@dataclass(frozen=True, eq=False)
class Damping:
    """Weighs down the directions in which the scenes of one language differ most.

    directions: float32 [R, D], orthonormal rows. gains: float32 [R], what is left of each, in (0, 1].
    """

    directions: np.ndarray = field(repr=False)
    gains: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """float32 [n, D] -> float32 [n, D]."""
        along = steady_product(vectors, self.directions.T) * (1.0 - self.gains)
        return np.asarray(vectors - steady_product(along, self.directions), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Neutraliser:
    """Language means, how far a book's own mean is trusted, and what is damped afterwards.

    language_means: ISO 639-1 code to float32 [D], the average of book means in that language.
    global_mean: float32 [D], the average of the language means; for languages never seen.
    damping: ISO 639-1 code to its Damping; a language without one is not damped.
    """

    language_means: Mapping[str, np.ndarray]
    global_mean: np.ndarray = field(repr=False)
    prior_scenes: float = PRIOR_SCENES
    damping: Mapping[str, Damping] = field(default_factory=dict, repr=False)

    def mean_of(self, language: str) -> np.ndarray:
        """float32 [D]; that of all languages for one never seen."""
        return self.language_means.get(language, self.global_mean)

    def centre(self, language: str, book_mean: np.ndarray, scenes: int) -> np.ndarray:
        """What to subtract from a book's scene vectors: float32 [D].

        book_mean: mean of its scene vectors; scenes: how many it is the mean of.

        A passage of one scene needs no rule of its own: with v = book_mean and w = 1 / (1 + prior), what is left is
        v - (w v + (1 - w) m) = (1 - w)(v - m), which has the direction of v without its language's mean m alone.
        """
        prior = self.mean_of(language)
        weight = scenes / (scenes + self.prior_scenes)
        return (weight * book_mean + (1.0 - weight) * prior).astype(np.float32)

    def strangeness(self, vectors: np.ndarray, language: str) -> np.ndarray:
        """One minus the cosine of scene vectors, float32 [n, D], and their language's mean: float32 [n], 0 to 2.

        Small for what the inventory was made from, whatever it tells of; a book of something else can be as near to
        its signs as any, since its own mean is taken out of it before.
        """
        mean = self.language_means.get(language, self.global_mean)
        return np.asarray(1.0 - cosine(vectors, np.broadcast_to(mean, vectors.shape)), dtype=np.float32)

    def __call__(self, vectors: np.ndarray, language: str) -> np.ndarray:
        """Neutral unit vectors of the scenes of one whole book or passage, float32 [scenes, D]."""
        return self.neutral(vectors, language, vectors.mean(axis=0), len(vectors))

    def neutral(self, vectors: np.ndarray, language: str, book_mean: np.ndarray, scenes: int) -> np.ndarray:
        """Neutral unit vectors of some scenes of a book whose mean over all `scenes` is known, float32 [n, D]."""
        centred = vectors - self.centre(language, book_mean, scenes)
        damp = self.damping.get(language)
        return unit(damp(centred) if damp else centred)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows at unit length, float32; a zero row stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(norms, 1e-12)).astype(np.float32)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine of paired rows, float32 [n], from -1 to 1 however it is rounded; 0 where a row is zero."""
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.clip((a * b).sum(axis=1) / np.maximum(norms, 1e-12), -1.0, 1.0).astype(np.float32)


def fit_neutraliser(book_means: np.ndarray, languages: list[str], prior_scenes: float = PRIOR_SCENES) -> Neutraliser:
    """Learns the language means: every book counts once, however long.

    book_means: float32 [books, D]; languages: one code per book.
    """
    codes = sorted(set(languages))
    labels = np.asarray(languages)
    means = {code: book_means[labels == code].mean(axis=0, dtype=np.float64).astype(np.float32) for code in codes}
    overall = np.asarray(np.mean([means[code] for code in codes], axis=0, dtype=np.float64), dtype=np.float32)
    return Neutraliser(means, overall, prior_scenes)


def fit_damping(centred: np.ndarray, directions: int = DAMPED_DIRECTIONS) -> Damping:
    """Learns what to damp from the scene vectors of one language less their books' centres, float32 [n, D].

    With variances v_1 >= v_2 >= ... in units of their average, pulled towards 1 when scenes are few, and v the
    average of those not damped, direction i keeps sqrt((v + held back) / (v_i + held back)) of its length.
    """
    scenes, size = centred.shape
    kept = max(0, min(directions, size - 1))
    settle_threads()
    apart = centred - centred.mean(axis=0, dtype=np.float64)
    covariance = steady_product(apart.T, apart) / scenes
    average = np.trace(covariance) / size
    if average <= 0.0:
        return Damping(np.zeros((0, size), np.float32), np.zeros(0, np.float32))
    variances, axes = np.linalg.eigh(covariance / average)
    trust = scenes / (scenes + _PRIOR_VARIANCE_SCENES)
    variances = trust * variances[::-1] + (1.0 - trust)
    gains = np.sqrt((variances[kept:].mean() + _HELD_BACK) / (variances[:kept] + _HELD_BACK))
    return Damping(np.ascontiguousarray(axes.T[::-1][:kept], dtype=np.float32), gains.astype(np.float32))
