"""The nearest codeword of every scene, part by part, and the files that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scenesign.schemas.checkpoints import ASSIGNMENTS
from scenesign.schemas.parts import PartEntry
from scenesign.transforms.parts.format import read_finished
from scenesign.transforms.signs.apparatus import is_apparatus
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.support import storage


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
