"""RefineInventory: codewords moved to the mean of all their scenes, not of the sampled ones alone.

One level in one pass over every part: a step of Lloyd's algorithm spread over the workers. Sums are kept in whole
numbers, so that they come out the same to the last bit however the parts are shared out and in whatever order their
sums arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.utils.shared import Shared

from scenesign.schemas.parts import PartEntry
from scenesign.transforms.parts.write import read_finished
from scenesign.transforms.signs.inventory import Inventory, load_inventory, save_inventory
from scenesign.transforms.signs.quantise import Codebook

# Fixed point: 32 binary places, which leaves room for a thousand million scenes per sign.
_UNIT = 2.0**32
# A mean shorter than this has no direction to speak of; its codeword stays.
_LEAST_LENGTH = 1e-3


@dataclass(frozen=True, eq=False)
class ScenesOfSign:
    """How many scenes carry a sign, and the sum of what its codeword is to rebuild: int64 [D], in units of 2^-32."""

    count: int
    total: np.ndarray

    def __add__(self, other: ScenesOfSign) -> ScenesOfSign:
        return ScenesOfSign(self.count + other.count, self.total + other.total)

    @property
    def mean(self) -> np.ndarray:
        """float32 [D]."""
        return np.asarray(self.total / (_UNIT * self.count), dtype=np.float32)


def sum_scenes(vectors: np.ndarray, codebook: Codebook, level: int) -> Iterator[tuple[int, ScenesOfSign]]:
    """Per code of a level (counted from 0) the scenes that carry it: neutral vectors float32 [n, D] less what the
    levels before rebuild of them."""
    codes, _ = codebook.assign(vectors)
    rest = vectors - codebook.decode(codes, levels=level)
    whole = np.rint(rest.astype(np.float64) * _UNIT).astype(np.int64)
    for code in np.unique(codes[:, level]):
        mine = codes[:, level] == code
        yield int(code), ScenesOfSign(int(mine.sum()), whole[mine].sum(axis=0))


def move_codewords(codebook: Codebook, level: int, sums: Iterable[tuple[int, ScenesOfSign]]) -> Codebook:
    """The codebook with the codewords of a level at the mean of their scenes.

    A codeword that no scene carries stays where it is.
    """
    words = codebook.levels[level].copy()
    for code, found in sums:
        mean = found.mean
        if level > 0 or np.linalg.norm(mean) >= _LEAST_LENGTH:
            words[code] = mean
    return Codebook((*codebook.levels[:level], words, *codebook.levels[level + 1 :]))


class SumPart(beam.DoFn):
    """PartEntry and the draft's path -> (code, ScenesOfSign)."""

    def __init__(self, level: int) -> None:
        self.level = level
        self._shared = Shared()

    def process(self, part: PartEntry, draft: str) -> Iterable[tuple[int, ScenesOfSign]]:
        inventory: Inventory = self._shared.acquire(lambda: load_inventory(draft), tag=draft)
        totals: dict[int, ScenesOfSign] = {}
        for book in read_finished(part):
            neutral = inventory.neutraliser(book.scene_vectors, book.language)
            for code, found in sum_scenes(neutral, inventory.codebook, self.level):
                totals[code] = totals[code] + found if code in totals else found
        yield from totals.items()


class AddUp(beam.CombineFn):
    """Adds up ScenesOfSign."""

    def create_accumulator(self) -> ScenesOfSign | None:
        return None

    def add_input(self, total: ScenesOfSign | None, found: ScenesOfSign) -> ScenesOfSign:
        return found if total is None else total + found

    def merge_accumulators(self, totals: Iterable[ScenesOfSign | None]) -> ScenesOfSign | None:
        merged = None
        for total in totals:
            if total is not None:
                merged = self.add_input(merged, total)
        return merged

    def extract_output(self, total: ScenesOfSign | None) -> ScenesOfSign | None:
        return total


class Move(beam.DoFn):
    """The draft's path, sums as side input -> path of the next draft."""

    def __init__(self, folder: str, level: int) -> None:
        self.folder = folder
        self.level = level

    def process(self, draft: str, sums: Sequence[tuple[int, ScenesOfSign]]) -> Iterable[str]:
        inventory = load_inventory(draft)
        moved = move_codewords(inventory.codebook, self.level, sums)
        save_inventory(self.folder, replace(inventory, codebook=moved))
        yield self.folder


@dataclass
class RefineInventory(beam.PTransform):
    """PartEntry -> path of a draft inventory, one level of which is that of `draft` moved to the scenes' means."""

    folder: str
    level: int
    draft: Any  # singleton PCollection of the path

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> Any:
        sums = (
            parts
            | "SpreadParts" >> beam.Reshuffle()
            | "SumPart" >> beam.ParDo(SumPart(self.level), draft=beam.pvalue.AsSingleton(self.draft))
            | "AddUp" >> beam.CombinePerKey(AddUp())
        )
        return self.draft | "Move" >> beam.ParDo(Move(self.folder, self.level), sums=beam.pvalue.AsList(sums))
