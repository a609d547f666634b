"""AssignSigns: the nearest codeword of every scene, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.utils.shared import Shared

from scenesign.schemas.checkpoints import ASSIGNMENTS
from scenesign.schemas.parts import AssignmentEntry, PartEntry
from scenesign.transforms.parts.format import read_finished
from scenesign.transforms.signs.apparatus import is_apparatus
from scenesign.transforms.signs.inventory import Inventory, load_inventory
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import count


@dataclass(frozen=True, eq=False)
class BookCodes:
    """Codes int32 [scenes, levels], distances and strangeness float32 [scenes] of one book.

    apparatus: which scenes are no scenes, bool [scenes]; see `is_apparatus`.
    """

    book_id: str
    language: str
    codes: np.ndarray
    distances: np.ndarray
    strangeness: np.ndarray
    apparatus: np.ndarray


def read_assignments(uri: str, levels: int) -> Iterator[BookCodes]:
    """The books of an assignment file, in its order."""
    with storage.parquet_reader(uri) as reader:
        table = reader.read()
    for row in range(table.num_rows):
        yield BookCodes(
            book_id=table["book_id"][row].as_py(),
            language=table["language"][row].as_py(),
            codes=np.asarray(table["codes"][row].values, dtype=np.int32).reshape(-1, levels),
            distances=np.asarray(table["distances"][row].values, dtype=np.float32),
            strangeness=np.asarray(table["strangeness"][row].values, dtype=np.float32),
            apparatus=np.asarray(table["apparatus"][row].as_py(), dtype=bool),
        )


def assign_part(part: PartEntry, inventory: Inventory) -> pa.Table:
    """Codes, distances and strangeness of every scene of a part, and whether it is apparatus, a row per book."""
    rows = []
    for book in read_finished(part):
        codes, distances = inventory.assign(book.scene_vectors, book.language)
        strangeness = inventory.neutraliser.strangeness(book.scene_vectors, book.language)
        apparatus = [is_apparatus(text) for text in book.scene_texts()]
        rows.append((book.book_id, book.language, codes.reshape(-1), distances, strangeness, apparatus))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(ASSIGNMENTS)
    return pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, ASSIGNMENTS, strict=True)], schema=ASSIGNMENTS
    )


class AssignPart(beam.DoFn):
    """PartEntry and the inventory's path -> AssignmentEntry."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._shared = Shared()

    def process(self, part: PartEntry, inventory_folder: str) -> Iterable[AssignmentEntry]:
        # one copy per process, however many threads and bundles it runs
        inventory = self._shared.acquire(lambda: load_inventory(inventory_folder), tag=inventory_folder)
        uri = storage.join(self.folder, part.name + ".codes.parquet")
        with storage.parquet_writer(uri, ASSIGNMENTS) as writer:
            writer.write_table(assign_part(part, inventory))
        count("parts", "assigned")
        yield AssignmentEntry(uri, part)


@dataclass
class AssignSigns(beam.PTransform):
    """PartEntry -> AssignmentEntry."""

    folder: str
    inventory_folder: Any  # singleton PCollection of the path

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> Any:
        return parts | "AssignPart" >> beam.ParDo(
            AssignPart(self.folder), inventory_folder=beam.pvalue.AsSingleton(self.inventory_folder)
        )
