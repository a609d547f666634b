"""Neutralisation: what makes scenes of one book or language alike is taken out before they are clustered.

k-means on raw scene vectors finds books and languages, not happenings: a book's names, its author's manner and its
language shift every one of its vectors the same way. So each scene vector has its book's mean subtracted, and is
brought back to unit length. A short book's mean is mostly its few scenes themselves; subtracting it would erase what
they are about, so it is shrunk towards the mean of its language (the James-Stein idea: a mean estimated from n
scenes is trusted n / (n + PRIOR_SCENES)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

# Scenes of its own that a book needs before its mean counts as much as that of its language.
PRIOR_SCENES = 8.0


@dataclass(frozen=True, eq=False)
class Neutraliser:
    """Language means, and how far a book's own mean is trusted.

    language_means: ISO 639-1 code to float32 [D], the average of book means in that language.
    global_mean: float32 [D], the average of the language means; for languages never seen.
    """

    language_means: Mapping[str, np.ndarray]
    global_mean: np.ndarray = field(repr=False)
    prior_scenes: float = PRIOR_SCENES

    def centre(self, language: str, book_mean: np.ndarray, scenes: int) -> np.ndarray:
        """What to subtract from a book's scene vectors: float32 [D].

        book_mean: mean of its scene vectors; scenes: how many it is the mean of.

        A passage of one scene needs no rule of its own: with v = book_mean and w = 1 / (1 + prior), what is left is
        v - (w v + (1 - w) m) = (1 - w)(v - m), which has the direction of v without its language's mean m alone.
        """
        prior = self.language_means.get(language, self.global_mean)
        weight = scenes / (scenes + self.prior_scenes)
        return (weight * book_mean + (1.0 - weight) * prior).astype(np.float32)

    def __call__(self, vectors: np.ndarray, language: str) -> np.ndarray:
        """Neutral unit vectors of the scenes of one book or passage, float32 [scenes, D]."""
        return unit(vectors - self.centre(language, vectors.mean(axis=0), len(vectors)))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows at unit length, float32; a zero row stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(norms, 1e-12)).astype(np.float32)


def fit_neutraliser(book_means: np.ndarray, languages: list[str], prior_scenes: float = PRIOR_SCENES) -> Neutraliser:
    """Learns the language means: every book counts once, however long.

    book_means: float32 [books, D]; languages: one code per book.
    """
    codes = sorted(set(languages))
    labels = np.asarray(languages)
    means = {code: book_means[labels == code].mean(axis=0, dtype=np.float64).astype(np.float32) for code in codes}
    overall = np.asarray(np.mean([means[code] for code in codes], axis=0, dtype=np.float64), dtype=np.float32)
    return Neutraliser(means, overall, prior_scenes)
