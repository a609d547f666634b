"""The door for quantisers: everything that the program asks of one.

A quantiser turns a neutral scene vector into one code per level, and codes back into a vector. Nobody else looks inside
it: fitting, freezing, refining, search, the report and the validator all go through `Quantiser`. A new one is a file
beside this one, its line in `registry.py`, and its words in `protocol.md`, section 5.2.

Codes of a level count from 0; ids of signs run through the levels without a gap, see `numbering.py`. Levels count from
0 here, as columns of codes do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.numbering import first_signs
from scenesign.transforms.support.steady import steady_product

# Fixed point: 32 binary places, which leaves room for a thousand million scenes per code.
_UNIT = 2.0**32


@dataclass(frozen=True, eq=False)
class TrainingScenes:
    """The scenes that a quantiser is fitted on: books sorted by id, the scenes of each in reading order.

    vectors: neutral unit vectors, float32 [n, D], n at least 1. owners: whose book each is, int64 [n]. places: its
    index in that book, int64 [n]; neighbours in a book differ by 1. scenes: how many there are of which these are a
    sample.
    """

    vectors: np.ndarray
    owners: np.ndarray
    places: np.ndarray
    scenes: int


@dataclass(frozen=True, eq=False)
class CodeSum:
    """How many scenes carry a code, and the sum of what it is to rebuild of them: int64 [D], in units of 2^-32.

    Whole numbers add up to the same bits in whatever order and grouping they arrive.
    """

    count: int
    total: np.ndarray

    def __add__(self, other: CodeSum) -> CodeSum:
        return CodeSum(self.count + other.count, self.total + other.total)

    @property
    def mean(self) -> np.ndarray:
        """float32 [D]."""
        return np.asarray(self.total / (_UNIT * self.count), dtype=np.float32)


class Quantiser(ABC):
    """A fitted quantiser; it never changes. All answers are the same bits whatever the threads and the batch.

    name: what `inventory.json` calls it. by_frequency: whether `reorder` numbers the signs of a level by falling
    frequency; not where a sign's number says what it is made of.
    """

    name: ClassVar[str]
    by_frequency: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def fit(
        cls, training: TrainingScenes, signs: int | None, levels: int, seed: int
    ) -> tuple[Quantiser, tuple[str, ...]]:
        """A quantiser of `levels` codes per scene, and notes for people on what was asked for and could not be had.

        signs: codes per level that are wanted; None leaves them to the data.
        """

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """Codes per level, at least 1 each."""

    @abstractmethod
    def assign(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Codes int32 [n, levels] of neutral unit vectors, float32 [n, D], and distances float32 [n].

        A distance is one minus the cosine of a vector and its reconstruction from all levels; 1 where that is zero.
        """

    @abstractmethod
    def decode(self, codes: np.ndarray, levels: int | None = None) -> np.ndarray:
        """Reconstruction of scene vectors from their codes, int [n, levels], of the first `levels` (of all).

        Returns float32 [n, D]; zeros for no level.
        """

    def coordinates(self, codes: np.ndarray, levels: int | None = None) -> np.ndarray:
        """Where scenes stand among their like, by the first `levels` codes (all): float32 [n, width].

        The cosine of two says how well the one would follow the other. It is where `place` puts the reconstruction.
        """
        return self.place(self.decode(codes, levels))

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Where neutral vectors, float32 [n, D], stand among `coordinates`: float32 [n, width]. By itself as they are.

        Exact vectors, of queries say, are compared with what codes keep of scenes there.
        """
        return vectors

    @abstractmethod
    def reorder(self, counts: np.ndarray) -> tuple[Quantiser, np.ndarray]:
        """The same quantiser with its signs numbered as they are published, and the new sign of each old one.

        counts: scenes that carry each sign, int64 [signs]. The new signs are int32 [signs], each within its level. A
        quantiser whose numbers mean something returns itself and the signs as they are.
        """

    @classmethod
    @abstractmethod
    def passes(cls, levels: int) -> int:
        """Passes over all scenes after which every codeword has moved once; 0 where none can."""

    @abstractmethod
    def accumulate(self, vectors: np.ndarray, step: int) -> Iterator[tuple[int, CodeSum]]:
        """What `move` needs to know of some neutral unit vectors, float32 [n, D], in pass `step` (from 0).

        Yields (key, sum), each key once; sums of one key are added up over all scenes.
        """

    @abstractmethod
    def move(self, step: int, sums: Iterable[tuple[int, CodeSum]]) -> Quantiser:
        """The quantiser with the codewords of pass `step` where all scenes want them, in whatever order they come."""

    @abstractmethod
    def embeddings(self) -> np.ndarray:
        """A vector per sign in the order of ids, float32 [signs, any width]: a trainer's starting embeddings.

        Signs of like meaning have near vectors.
        """

    def points(self, level: int) -> np.ndarray:
        """Where the signs of a level lie, float32 [signs of the level, width]: `embeddings`, cut out."""
        first = int(first_signs(self.sizes)[level])
        return self.embeddings()[first : first + self.sizes[level]]

    def neighbours(self, sign: int, count: int) -> list[int]:
        """The nearest other signs of a sign's level, at most `count`, nearest first; ties go to the lower sign."""
        firsts = first_signs(self.sizes)
        level = int(np.searchsorted(firsts, sign, side="right")) - 1
        first = int(firsts[level])
        points = self.points(level).astype(np.float64)
        distance = np.round(((points - points[sign - first]) ** 2).sum(axis=1), 9)
        distance[sign - first] = np.inf
        near = np.argsort(distance, kind="stable")[: min(count, len(points) - 1)]
        return [first + int(code) for code in near]

    def rank(self, vector: np.ndarray) -> list[tuple[int, float]]:
        """(sign, cosine) of every sign of level 1 with a neutral vector, float32 [D], most similar first.

        Ties go to the lower sign.
        """
        similarity = np.round(steady_product(vector[None], unit(self.points(0)).T)[0], 6)
        return [(int(sign), float(similarity[sign])) for sign in np.argsort(-similarity, kind="stable")]

    @abstractmethod
    def misfit(self, vectors: np.ndarray, codes: np.ndarray, slack: float) -> tuple[int, int] | None:
        """(scene, level) of a code that `assign` would not give; None when all can be right.

        vectors: neutral unit vectors known to within `slack`, float32 [n, D]. codes: int [n, levels], within `sizes`,
        of all levels or of the first ones. A code counts as right when no other is nearer by more than what the slack
        explains.
        """

    @abstractmethod
    def check(self) -> Iterator[str]:
        """What breaks the protocol's rules on the numbers of this quantiser, a line each; nothing when all is well."""

    @abstractmethod
    def tensors(self) -> dict[str, np.ndarray]:
        """Its arrays by name, for `codebook.safetensors`. `mean/`, `damped/`, `gains/`, `global_mean` are taken."""

    @classmethod
    @abstractmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray], sizes: Sequence[int], dimensions: int) -> Quantiser:
        """The quantiser whose `tensors`, with others among them, a file holds.

        sizes, dimensions: as `inventory.json` states them. Raises ValueError naming the tensor that is missing, or of
        another shape or type.
        """


def sum_by_code(codes: np.ndarray, rests: np.ndarray) -> Iterator[tuple[int, CodeSum]]:
    """Per code the scenes that carry it. codes: int [n]; rests: float32 [n, D], what the codes are to rebuild."""
    whole = np.rint(rests.astype(np.float64) * _UNIT).astype(np.int64)
    for code in np.unique(codes):
        mine = codes == code
        yield int(code), CodeSum(int(mine.sum()), whole[mine].sum(axis=0))


def take_tensor(tensors: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A float32 array of a known shape from a file. Raises ValueError naming it when it isn't there, or is another."""
    if name not in tensors:
        raise ValueError(f"there is no tensor '{name}'")
    found = tensors[name]
    if found.shape != shape or found.dtype != np.float32:
        raise ValueError(f"'{name}' has shape {found.shape} of {found.dtype}, expected {shape} of float32")
    return found
