"""Residual quantising: spherical k-means, then k-means on what the levels before left over.

Level 1 groups neutral scene vectors by direction; level 2 groups what level 1's codeword leaves unexplained, and so on.
`faiss.ResidualQuantizer` isn't used, because it knows only powers of two, and tells signs apart by a search over all
levels whose result changes with the number of threads.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from scenesign.transforms.signs.neutralise import cosine, unit
from scenesign.transforms.signs.numbering import frequency_order, renumbering
from scenesign.transforms.signs.quantisers.k_means import (
    MOST_ITERATIONS,
    k_means,
    nearest,
    nearest_squared,
    squared,
    without_twins,
)
from scenesign.transforms.signs.quantisers.quantiser import (
    CodeSum,
    Quantiser,
    TrainingScenes,
    sum_by_code,
    take_tensor,
)
from scenesign.transforms.signs.quantisers.topics import auto_topics

# A mean shorter than this has no direction to speak of; its codeword stays.
_LEAST_LENGTH = 1e-3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ResidualQuantiser(Quantiser):
    """Codewords by level: float32 [K, D] each.

    Level 1 is told by direction: a scene gets the codeword at the smallest angle, whatever the codewords' lengths.
    The length is that of the mean of its scenes, the best reconstruction: a unit vector overshoots, and what is
    left over then is larger than the scene itself. Further levels are told by Euclidean distance.
    """

    codewords: tuple[np.ndarray, ...] = field(repr=False)
    name: ClassVar[str] = "residual"

    @classmethod
    def fit(
        cls, training: TrainingScenes, signs: int | None, levels: int, seed: int
    ) -> tuple[ResidualQuantiser, tuple[str, ...]]:
        """See `fit_residual`. Without a number of signs, by `auto_topics`."""
        vectors = training.vectors
        most = len(vectors)
        wanted = signs or auto_topics(vectors, training.owners, training.scenes, seed)
        fitted = fit_residual(vectors, min(wanted, most), levels, seed)
        notes = []
        if wanted > most:
            notes.append(f"{wanted} signs were asked for; {most} scenes support no more than {most}")
        elif fitted.sizes[0] < wanted:
            notes.append(f"{wanted} signs were asked for; {fitted.sizes[0]} are distinct")
        return fitted, tuple(notes)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(words) for words in self.codewords)

    def assign(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        codes = np.empty((len(vectors), len(self.codewords)), dtype=np.int32)
        rest = np.ascontiguousarray(vectors, dtype=np.float32)
        for level, words in enumerate(self.codewords):
            codes[:, level] = nearest(rest, unit(words) if level == 0 else words)
            rest = rest - words[codes[:, level]]
        return codes, 1.0 - cosine(vectors, vectors - rest)

    def decode(self, codes: np.ndarray, levels: int | None = None) -> np.ndarray:
        rebuilt = np.zeros((len(codes), self.codewords[0].shape[1]), dtype=np.float32)
        for level, words in enumerate(self.codewords[:levels]):
            rebuilt += words[codes[:, level]]
        return rebuilt

    def reorder(self, counts: np.ndarray) -> tuple[ResidualQuantiser, np.ndarray]:
        orders = frequency_order(counts, self.sizes)
        words = tuple(level[order] for level, order in zip(self.codewords, orders, strict=True))
        return ResidualQuantiser(words), renumbering(orders)

    @classmethod
    def passes(cls, levels: int) -> int:
        """One level a pass: what a level is to rebuild hangs on where the levels before it are."""
        return levels

    def accumulate(self, vectors: np.ndarray, step: int) -> Iterator[tuple[int, CodeSum]]:
        """Per code of level `step` what the levels before leave of its scenes."""
        codes, _ = self.assign(vectors)
        return sum_by_code(codes[:, step], vectors - self.decode(codes, levels=step))

    def move(self, step: int, sums: Iterable[tuple[int, CodeSum]]) -> ResidualQuantiser:
        """Codewords of level `step` at the mean of their scenes; one that no scene carries stays where it is."""
        words = self.codewords[step].copy()
        for code, found in sums:
            mean = found.mean
            if step > 0 or np.linalg.norm(mean, axis=0) >= _LEAST_LENGTH:
                words[code] = mean
        return ResidualQuantiser((*self.codewords[:step], words, *self.codewords[step + 1 :]))

    def embeddings(self) -> np.ndarray:
        """The codewords, float32 [signs, D]."""
        return np.concatenate(self.codewords)

    def points(self, level: int) -> np.ndarray:
        return self.codewords[level]

    def misfit(self, vectors: np.ndarray, codes: np.ndarray, slack: float) -> tuple[int, int] | None:
        rest = vectors
        for level, words in enumerate(self.codewords[: codes.shape[1]]):
            named = unit(words) if level == 0 else words
            gap = squared(rest - named[codes[:, level]]) - nearest_squared(rest, named)
            if gap.max(initial=0.0) > 4 * slack:
                return int(gap.argmax()), level
            rest = rest - words[codes[:, level]]
        return None

    def check(self) -> Iterator[str]:
        """Codewords of level 1 are as long as means of unit vectors can be."""
        lengths = np.linalg.norm(self.codewords[0], axis=1)
        wrong = np.flatnonzero((lengths <= 0.0) | (lengths > 1.0 + 1e-4))
        if len(wrong):
            yield f"codeword {wrong[0]} of level 1 has length {lengths[wrong[0]]:.4f}"

    def tensors(self) -> dict[str, np.ndarray]:
        return {f"level/{level}": words for level, words in enumerate(self.codewords, start=1)}

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, np.ndarray], sizes: Sequence[int], dimensions: int
    ) -> ResidualQuantiser:
        return cls(
            tuple(take_tensor(tensors, f"level/{i}", (size, dimensions)) for i, size in enumerate(sizes, start=1))
        )


def fit_residual(
    vectors: np.ndarray, signs: int, levels: int, seed: int, iterations: int = MOST_ITERATIONS
) -> ResidualQuantiser:
    """Fits codewords on neutral unit vectors, float32 [n, D], level by level.

    signs: codewords per level; lowered to the number of distinct vectors.
    iterations: of k-means in each of its steps through the dimensions; fewer where they would cost too much.
    The result depends on the order of rows (so callers sort them) and the seed, not on threads.
    """
    rest = np.ascontiguousarray(vectors, dtype=np.float32)
    codewords = []
    for level in range(levels):
        size = max(1, min(signs, len(np.unique(np.round(rest, 6), axis=0))))
        _log.info("level %d of %d: %d signs from %d scenes", level + 1, levels, size, len(rest))
        words = k_means(rest, size, seed + level, spherical=level == 0, iterations=iterations)
        words = without_twins(words, rest)
        codes = nearest(rest, words)
        if level == 0:
            words = _scaled(words, rest, codes)
        codewords.append(words)
        rest = rest - words[codes]
    return ResidualQuantiser(tuple(codewords))


def _scaled(directions: np.ndarray, vectors: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Unit codewords at the length that reconstructs their vectors best: the mean of the projections."""
    projections = (vectors.astype(np.float64) * directions[codes]).sum(axis=1)
    counts = np.maximum(1, np.bincount(codes, minlength=len(directions)))
    lengths = np.bincount(codes, weights=projections, minlength=len(directions)) / counts
    # a length of zero would lose the direction, by which scenes are told apart
    return (directions * np.maximum(lengths, 1e-3)[:, None]).astype(np.float32)
