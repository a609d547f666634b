"""The composite quantiser: a topic that people can read, then glyphs composed of three letters each.

The topic of a scene is the nearest of K directions in the neutral space (spherical k-means). What a topic leaves of a
scene is spelled by glyph 2, what both leave by glyph 3, and so on, in the predictive space: a glyph has three letters
of 16 values, every letter value adds its codeword, and of all 4,096 spellings the one that comes nearest is taken.
Letters are fitted as an additive quantiser (Babenko and Lempitsky 2014): residual k-means first, then spelling and
least squares in turn.

Codewords lie in the neutral space, where a scene is rebuilt by adding them up. Least squares is linear, so a codeword's
coordinates in the predictive space are what fitting in that space alone would have found. Topics told in the predictive
space foretell a little more, and are found again much less often; with letters in the neutral space it is the other way
round.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, LETTER_VALUES, LETTERS_OF_GLYPH, letters_of
from scenesign.transforms.signs.neutralise import cosine, unit
from scenesign.transforms.signs.numbering import frequency_order
from scenesign.transforms.signs.predict import PredictiveSpace, fit_space
from scenesign.transforms.signs.quantisers.k_means import k_means, nearest, nearest_squared, squared
from scenesign.transforms.signs.quantisers.quantiser import (
    CodeSum,
    Quantiser,
    TrainingScenes,
    sum_by_code,
    take_tensor,
)
from scenesign.transforms.signs.quantisers.topics import auto_topics, fit_topics
from scenesign.transforms.support.steady import steady_product

# Scenes that letters are fitted on at most, evenly taken: 144 codewords a glyph need no more.
_LETTER_SCENES = 32_768
_LETTER_TURNS = 6
# Scenes without evidence that a letter value is weighed against, so that a rare one keeps near nothing.
_PRIOR_SCENES = 1.0
_LEAST_LENGTH = 1e-6
# What embeddings are rounded to: far above what machines differ by, far below what tells two signs apart.
_GRID = 2.0**-16
# Directions of the space, from the strongest, in which the composed levels are told. With more of them a code tells
# scenes apart better, and foretells the next less well.
DEPTHS = (24, 32, 32)
MOST_DEPTH = 65_536

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class CompositeQuantiser(Quantiser):
    """space: where scenes are compared, float32 [M, D]. topics: codewords float32 [K, D].

    letters: codewords of the composed glyphs' letters, float32 [levels - 1, 3, 16, D].
    depths: directions of the space, from the strongest, in which each composed level is told; at least one for each.
    """

    space: PredictiveSpace
    topics: np.ndarray = field(repr=False)
    letters: np.ndarray = field(repr=False)
    depths: tuple[int, ...] = DEPTHS
    name: ClassVar[str] = "composite"

    @classmethod
    def fit(
        cls, training: TrainingScenes, signs: int | None, levels: int, seed: int
    ) -> tuple[CompositeQuantiser, tuple[str, ...]]:
        """signs: topics that are wanted; by `auto_topics` without it."""
        vectors = training.vectors
        space = fit_space(vectors, training.owners, training.places, seed)
        distinct = len(np.unique(np.round(vectors, 6), axis=0))
        wanted = signs or auto_topics(vectors, training.owners, training.scenes, seed)
        _log.info("%d dimensions, %d topics from %d scenes", len(space.axes), min(wanted, distinct), len(vectors))
        kinds = fit_topics(vectors, min(wanted, distinct), seed)
        topics = means_by_code(vectors, nearest(vectors, kinds), len(kinds))
        fitted = cls(space, topics, np.zeros((0, LETTERS_OF_GLYPH, LETTER_VALUES, vectors.shape[1]), np.float32))
        for level in range(1, levels):
            fitted = fitted.with_glyph(vectors, seed + level)
        notes = []
        if wanted > distinct:
            notes.append(f"{wanted} topics were asked for; {len(vectors)} scenes support no more than {distinct}")
        elif len(topics) < wanted:
            notes.append(f"{wanted} topics were asked for; {len(topics)} are distinct")
        return fitted, tuple(notes)

    def with_glyph(self, vectors: np.ndarray, seed: int) -> CompositeQuantiser:
        """The same with a further composed glyph, fitted on what the glyphs so far leave of the vectors."""
        chosen = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), _LETTER_SCENES)).astype(np.int64))
        known = vectors[chosen]
        rest = known - self.decode(self.assign(known)[0])
        letters = fit_letters(rest, self.space.first(self.depths[len(self.letters)]), seed)
        return replace(self, letters=np.concatenate([self.letters, letters[None]]))

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(self.topics), *(COMPOSED_SIGNS for _ in self.letters))

    def assign(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        codes = np.empty((len(vectors), len(self.sizes)), dtype=np.int32)
        codes[:, 0] = nearest(vectors, unit(self.topics))
        topics, *composed = self._words()
        rest = self.space(vectors) - topics[codes[:, 0]]
        for level, (words, depth) in enumerate(zip(composed, self.depths, strict=False), start=1):
            codes[:, level] = nearest(rest[:, :depth], words[:, :depth])
            rest = rest - words[codes[:, level]]
        return codes, 1.0 - cosine(vectors, self.decode(codes))

    def _words(self) -> Iterator[np.ndarray]:
        """Coordinates of every sign, level by level: float64 [signs of the level, M]."""
        yield self.space(self.topics)
        for letters in self.letters:
            yield spellings(self.space(letters))

    def decode(self, codes: np.ndarray, levels: int | None = None) -> np.ndarray:
        taken = codes[:, : len(self.sizes) if levels is None else levels]
        rebuilt = np.zeros((len(codes), self.topics.shape[1]), dtype=np.float32)
        if taken.shape[1]:
            rebuilt += self.topics[taken[:, 0]]
        for letters, spelled in zip(self.letters, taken[:, 1:].T, strict=False):
            for letter, value in zip(letters, letters_of(spelled), strict=True):
                rebuilt += letter[value]
        return rebuilt

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """In the predictive space."""
        return self.space(vectors).astype(np.float32)

    def reorder(self, counts: np.ndarray) -> tuple[CompositeQuantiser, np.ndarray]:
        """Topics by falling frequency; a spelling says itself what it is made of."""
        (order,) = frequency_order(counts[: len(self.topics)], self.sizes[:1])
        new = np.arange(sum(self.sizes), dtype=np.int32)
        new[order] = np.arange(len(order), dtype=np.int32)
        return replace(self, topics=self.topics[order]), new

    @classmethod
    def passes(cls, levels: int) -> int:
        """Topics in the first, then a letter in each: what a letter is to rebuild hangs on all the others."""
        return 1 + LETTERS_OF_GLYPH * (levels - 1)

    def accumulate(self, vectors: np.ndarray, step: int) -> Iterator[tuple[int, CodeSum]]:
        codes, _ = self.assign(vectors)
        if step == 0:
            return sum_by_code(codes[:, 0], vectors)
        level, letter = divmod(step - 1, LETTERS_OF_GLYPH)
        value = letters_of(codes[:, level + 1])[letter]
        rest = vectors - self.decode(codes, levels=level + 2) + self.letters[level, letter][value]
        return sum_by_code(value, rest)

    def move(self, step: int, sums: Iterable[tuple[int, CodeSum]]) -> CompositeQuantiser:
        """Codewords at the mean of what they are to rebuild; one that no scene carries stays where it is."""
        level, letter = divmod(step - 1, LETTERS_OF_GLYPH)
        topics, letters = self.topics.copy(), self.letters.copy()
        words = topics if step == 0 else letters[level, letter]
        for code, found in sums:
            if step > 0 or np.linalg.norm(found.mean, axis=0) >= _LEAST_LENGTH:
                words[code] = found.mean
        return replace(self, topics=topics, letters=letters)

    def embeddings(self) -> np.ndarray:
        """Coordinates in the predictive space, float32 [signs, M]: of a topic, and of a spelling without its topic.

        Topics and letters are rounded to _GRID, so that these are the same bits on every machine, and a spelling is the
        exact sum of its letters.
        """
        topics = np.rint(self.space(self.topics) / _GRID) * _GRID
        letters = [np.rint(self.space(letters) / _GRID) * _GRID for letters in self.letters]
        return np.concatenate([topics, *map(spellings, letters)]).astype(np.float32)

    def points(self, level: int) -> np.ndarray:
        words = spellings(self.space(self.letters[level - 1])) if level else self.space(self.topics)
        return words.astype(np.float32)

    def rank(self, vector: np.ndarray) -> list[tuple[int, float]]:
        """By the cosine of the topics' codewords in the neutral space, where phrases are at home too."""
        likeness = np.round(steady_product(vector[None], unit(self.topics).T)[0], 6)
        return [(int(sign), float(likeness[sign])) for sign in np.argsort(-likeness, kind="stable")]

    def misfit(self, vectors: np.ndarray, codes: np.ndarray, slack: float) -> tuple[int, int] | None:
        named = unit(self.topics)
        gap = squared(vectors - named[codes[:, 0]]) - nearest_squared(vectors, named)
        if gap.max(initial=0.0) > 4 * slack:
            return int(gap.argmax()), 0
        # what rounding did to a vector grows by the length of the space's axes
        slack *= float(np.linalg.norm(self.space.axes, 2))
        topics, *composed = self._words()
        rest = self.space(vectors) - topics[codes[:, 0]]
        for level, words, depth in zip(range(1, codes.shape[1]), composed, self.depths, strict=False):
            asked = rest[:, :depth]
            gap = squared(asked - words[codes[:, level], :depth]) - nearest_squared(asked, words[:, :depth])
            beyond = gap - 4 * slack * (1.0 + np.sqrt(squared(asked)))
            if beyond.max(initial=0.0) > 0.0:
                return int(beyond.argmax()), level
            rest = rest - words[codes[:, level]]
        return None

    def check(self) -> Iterator[str]:
        """Axes are not null, strengths fall within (0, 1], and topics are as long as means of unit vectors can be."""
        strengths = self.space.strengths
        if (np.diff(strengths) > 1e-6).any() or strengths.min() <= 0.0 or strengths.max() > 1.0 + 1e-4:
            yield "the strengths of the predictive space don't fall within (0, 1]"
        if (short := np.flatnonzero(np.linalg.norm(self.space.axes, axis=1) <= 0.0)).size:
            yield f"axis {short[0]} of the predictive space has no length"
        lengths = np.linalg.norm(self.topics, axis=1)
        if (wrong := np.flatnonzero((lengths <= 0.0) | (lengths > 1.0 + 1e-4))).size:
            yield f"the codeword of topic {wrong[0]} has length {lengths[wrong[0]]:.4f}"

    def tensors(self) -> dict[str, np.ndarray]:
        return {
            "axes": self.space.axes,
            "strengths": self.space.strengths,
            "topics": self.topics,
            "letters": self.letters,
            "depths": np.asarray(self.depths[: len(self.letters)], dtype=np.float32),
        }

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, np.ndarray], sizes: Sequence[int], dimensions: int
    ) -> CompositeQuantiser:
        if any(size != COMPOSED_SIGNS for size in sizes[1:]):
            raise ValueError(f"a composed level has {COMPOSED_SIGNS:,} spellings; 'sizes' says {tuple(sizes)}")
        width = len(tensors["axes"]) if "axes" in tensors and tensors["axes"].ndim else 0
        if not 1 <= width <= dimensions:
            raise ValueError(f"'axes' has {width} rows, expected 1 to {dimensions}")
        return cls(
            PredictiveSpace(
                take_tensor(tensors, "axes", (width, dimensions)), take_tensor(tensors, "strengths", (width,))
            ),
            take_tensor(tensors, "topics", (sizes[0], dimensions)),
            take_tensor(tensors, "letters", (len(sizes) - 1, LETTERS_OF_GLYPH, LETTER_VALUES, dimensions)),
            _depths(take_tensor(tensors, "depths", (len(sizes) - 1,))),
        )


def _depths(stated: np.ndarray) -> tuple[int, ...]:
    whole = tuple(int(depth) if 1 <= depth <= MOST_DEPTH else 0 for depth in stated.tolist())
    if 0 in whole or list(whole) != stated.tolist():
        raise ValueError(f"'depths' are {stated.tolist()}, expected whole numbers from 1 to {MOST_DEPTH:,}")
    return whole


def spellings(letters: np.ndarray) -> np.ndarray:
    """The sum of codewords of every spelling, in the order of codes: float [3, 16, W] -> float [4096, W]."""
    lead, vowel, tail = letters
    return (lead[:, None, None] + vowel[None, :, None] + tail[None, None]).reshape(COMPOSED_SIGNS, -1)


def means_by_code(vectors: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    """Mean vector of the scenes of each code, float32 [size, D]; zeros for a code without scenes."""
    sums = np.zeros((size, vectors.shape[1]))
    for code, found in sum_by_code(codes, vectors):
        sums[code] = found.mean
    return sums.astype(np.float32)


def fit_letters(rest: np.ndarray, space: PredictiveSpace, seed: int) -> np.ndarray:
    """Codewords float32 [3, 16, D] whose sums rebuild what is left over of scenes, float32 [n, D].

    Values of a letter are ordered along the strongest direction of the space. With fewer distinct scenes than values
    the last codewords are zeros, and nothing is spelled with them that isn't spelled without.
    """
    points = space(rest).astype(np.float32)
    left = points.copy()
    codes = np.empty((len(rest), LETTERS_OF_GLYPH), dtype=np.int64)
    for letter in range(LETTERS_OF_GLYPH):
        size = max(1, min(LETTER_VALUES, len(np.unique(np.round(left, 6), axis=0))))
        words = k_means(left, size, seed + letter)
        codes[:, letter] = nearest(left, words)
        left = left - words[codes[:, letter]]
    for turn in itertools.count(1):
        letters = _least_squares(codes, rest)
        if turn > _LETTER_TURNS:
            break
        codes = np.stack(letters_of(nearest(points, spellings(space(letters)))), axis=1)
    order = np.argsort(-np.round(space(letters)[:, :, 0], 9), axis=1, kind="stable")
    return np.take_along_axis(letters, order[:, :, None], axis=1)


def _least_squares(codes: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """The codewords whose sums come nearest to float32 [n, D]; codes: int [n, 3]. Held towards zero where rare."""
    columns = codes + np.arange(LETTERS_OF_GLYPH) * LETTER_VALUES
    used = np.zeros((len(codes), LETTERS_OF_GLYPH * LETTER_VALUES))
    np.put_along_axis(used, columns, 1.0, axis=1)
    both = steady_product(used.T, used) + _PRIOR_SCENES * np.eye(used.shape[1])
    words = np.linalg.solve(both, steady_product(used.T, rest))
    return words.reshape(LETTERS_OF_GLYPH, LETTER_VALUES, -1).astype(np.float32)
