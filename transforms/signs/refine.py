"""RefineInventory: codewords moved to where all their scenes want them, not the sampled ones alone.

One pass over every part: a step of Lloyd's algorithm spread over the workers, of which the quantiser says what is added
up and what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
from apache_beam.utils.shared import Shared

from scenesign.schemas.parts import PartEntry
from scenesign.transforms.parts.format import read_finished
from scenesign.transforms.signs.inventory import Inventory, load_inventory, save_inventory
from scenesign.transforms.signs.quantisers.quantiser import CodeSum


class SumPart(beam.DoFn):
    """PartEntry and the draft's path -> (key, CodeSum)."""

    def __init__(self, step: int) -> None:
        self.step = step
        self._shared = Shared()

    def process(self, part: PartEntry, draft: str) -> Iterable[tuple[int, CodeSum]]:
        inventory: Inventory = self._shared.acquire(lambda: load_inventory(draft), tag=draft)
        totals: dict[int, CodeSum] = {}
        for book in read_finished(part):
            neutral = inventory.neutraliser(book.scene_vectors, book.language)
            for key, found in inventory.quantiser.accumulate(neutral, self.step):
                totals[key] = totals[key] + found if key in totals else found
        yield from totals.items()


class AddUp(beam.CombineFn):
    """Adds up CodeSum."""

    def create_accumulator(self) -> CodeSum | None:
        return None

    def add_input(self, total: CodeSum | None, found: CodeSum) -> CodeSum:
        return found if total is None else total + found

    def merge_accumulators(self, totals: Iterable[CodeSum | None]) -> CodeSum | None:
        merged = None
        for total in totals:
            if total is not None:
                merged = self.add_input(merged, total)
        return merged

    def extract_output(self, total: CodeSum | None) -> CodeSum | None:
        return total


class MoveCodewords(beam.DoFn):
    """The draft's path, sums as side input -> path of the next draft."""

    def __init__(self, folder: str, step: int) -> None:
        self.folder = folder
        self.step = step

    def process(self, draft: str, sums: Sequence[tuple[int, CodeSum]]) -> Iterable[str]:
        inventory = load_inventory(draft)
        moved = inventory.quantiser.move(self.step, sums)
        save_inventory(self.folder, replace(inventory, quantiser=moved))
        yield self.folder


@dataclass
class RefineInventory(beam.PTransform):
    """PartEntry -> path of the draft inventory that pass `step` over all scenes makes of `draft`."""

    folder: str
    step: int
    draft: Any  # singleton PCollection of the path

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> Any:
        sums = (
            parts
            | "SpreadParts" >> beam.Reshuffle()
            | "SumPart" >> beam.ParDo(SumPart(self.step), draft=beam.pvalue.AsSingleton(self.draft))
            | "AddUp" >> beam.CombinePerKey(AddUp())
        )
        return self.draft | "Move" >> beam.ParDo(MoveCodewords(self.folder, self.step), sums=beam.pvalue.AsList(sums))
