"""ChooseInventory: books enough get signs of their own, fewer those of a script that ships."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from scenesign.schemas.parts import PartEntry
from scenesign.transforms.signs.inventory import copy_inventory

# What signs need to mean something: of fewer books most keywords are noise.
FEWEST_BOOKS = 100
FEWEST_SCENES = 10_000


def too_few(books: int, scenes: int) -> bool:
    """Whether books are too few, or too short, for signs of their own."""
    return books < FEWEST_BOOKS or scenes < FEWEST_SCENES


class Choose(beam.DoFn):
    """One element, parts as side input -> PartEntry of those to fit an inventory on; tag `taken`: the script's copy."""

    def __init__(self, script: str, folder: str) -> None:
        self.script = script
        self.folder = folder

    def process(self, _: None, parts: Sequence[PartEntry]) -> Iterable[PartEntry | beam.pvalue.TaggedOutput]:
        books, scenes = sum(len(part.books) for part in parts), sum(part.scenes for part in parts)
        if books and too_few(books, scenes):  # a run without a single usable book says so elsewhere
            copy_inventory(self.script, self.folder)
            yield beam.pvalue.TaggedOutput("taken", self.folder)
        else:
            yield from parts


@dataclass
class ChooseInventory(beam.PTransform):
    """PartEntry -> `parts` (main output), all of them or none, and `taken`: the path of an inventory where none is.

    script: folder of a frozen inventory. folder: where it is copied to when it is taken.
    """

    script: str
    folder: str

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> Any:
        return (
            parts.pipeline
            | "Once" >> beam.Create([None])
            | "Choose"
            >> beam.ParDo(Choose(self.script, self.folder), parts=beam.pvalue.AsList(parts)).with_outputs(
                "taken", main="parts"
            )
        )
