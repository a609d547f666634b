"""The form of a part: finished books as Parquet, one row group each, with an index of them in the footer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.checkpoints import parts_table
from scenesign.schemas.parts import PartBook, PartEntry
from scenesign.schemas.records import BlockKind, SegmentedBook
from scenesign.transforms.support import storage

SUFFIX = ".part.parquet"
_FOOTER = b"scenesign.part"


@dataclass(frozen=True, eq=False)
class PartRow:
    """A finished book as it lies in a part.

    scene_start: character offsets, ascending from 0. scene_vectors: float32 [scenes, D], unit length.
    """

    book_id: str
    language: str
    text: str
    scene_start: tuple[int, ...]
    scene_sentences: tuple[int, ...]
    chapters: tuple[int, ...]
    scene_vectors: np.ndarray

    def scene_texts(self) -> list[str]:
        """The scenes in order; joined, they are the book's text."""
        ends = [*self.scene_start[1:], len(self.text)]
        return [self.text[a:b] for a, b in zip(self.scene_start, ends, strict=True)]


def part_row(segmented: SegmentedBook) -> PartRow:
    """What a part keeps of a book.

    A scene begins where its first sentence does and ends where the next scene begins, so the white space between two
    scenes belongs to the one before, and the first scene takes whatever the book opens with.
    Raises ValueError when the scenes don't match their vectors.
    """
    starts, sentences = segmented.scene_starts, segmented.sentences
    vectors = segmented.scene_vectors
    if vectors is None or len(vectors) != len(starts) or not starts or starts[0] != 0:
        raise ValueError(f"{segmented.book.source}: {len(starts)} scenes, but not a vector for each")
    counts = np.diff([*starts, len(sentences)])
    return PartRow(
        book_id=segmented.book.book_id,
        language=segmented.book.language,
        text=segmented.book.text,
        scene_start=(0, *(sentences[i].start for i in starts[1:])),
        scene_sentences=tuple(int(n) for n in counts),
        chapters=tuple(k for k, i in enumerate(starts) if sentences[i].kind is BlockKind.HEADING),
        scene_vectors=np.ascontiguousarray(vectors, dtype=np.float32),
    )


def write_part(folder: str, rows: Sequence[PartRow]) -> PartEntry:
    """Writes finished books as one part, named after what is in it; one row group per book."""
    dimensions = rows[0].scene_vectors.shape[1]
    schema = parts_table(dimensions)
    books = tuple(
        PartBook(r.book_id, r.language, i, len(r.scene_start), sum(r.scene_sentences)) for i, r in enumerate(rows)
    )
    name = hashlib.blake2b("".join(r.book_id + r.language for r in rows).encode(), digest_size=10).hexdigest()
    entry = PartEntry(storage.join(folder, name + SUFFIX), name, dimensions, books)
    with storage.parquet_writer(entry.uri, schema) as writer:
        for row in rows:
            writer.write_table(_row_table(row, schema))
        footer = {"dimensions": dimensions, "books": [asdict(book) for book in books]}
        writer.add_key_value_metadata({_FOOTER: json.dumps(footer)})
    return entry


def _row_table(row: PartRow, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_arrays(
        [
            pa.array([row.book_id], pa.string()),
            pa.array([row.language], pa.string()),
            pa.array([row.text], pa.string()),
            pa.array([row.scene_start], pa.list_(pa.int64())),
            pa.array([row.scene_sentences], pa.list_(pa.int32())),
            pa.array([row.chapters], pa.list_(pa.int32())),
            vectors_column([row.scene_vectors], pa.float32()),
        ],
        schema=schema,
    )


def vectors_column(matrices: Sequence[np.ndarray], value: pa.DataType) -> pa.Array:
    """A column list<fixed_size_list<value>[D]> from one matrix [n, D] per row, without touching single floats."""
    flat = np.concatenate(matrices)
    numbers = pa.array(np.ascontiguousarray(flat, dtype=value.to_pandas_dtype()).reshape(-1), value)
    vectors = pa.FixedSizeListArray.from_arrays(numbers, flat.shape[1])
    offsets = np.cumsum([0, *(len(m) for m in matrices)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), vectors)


def matrix_of(column: pa.ChunkedArray, row: int = 0) -> np.ndarray:
    """The matrix [n, D] in a row of such a column."""
    item = column[row].values
    dimensions = item.type.list_size
    return item.flatten().to_numpy(zero_copy_only=False).reshape(-1, dimensions)


def read_row(reader: pq.ParquetFile, row: int) -> PartRow:
    """One book of an open part."""
    table = reader.read_row_group(row)
    return PartRow(
        book_id=table["book_id"][0].as_py(),
        language=table["language"][0].as_py(),
        text=table["text"][0].as_py(),
        scene_start=tuple(table["scene_start"][0].as_py()),
        scene_sentences=tuple(table["scene_sentences"][0].as_py()),
        chapters=tuple(table["chapters"][0].as_py()),
        scene_vectors=matrix_of(table["scene_vectors"]),
    )


def read_finished(part: PartEntry) -> Iterator[PartRow]:
    """The books that an entry names, one at a time."""
    with storage.parquet_reader(part.uri) as reader:
        for book in part.books:
            yield read_row(reader, book.row)


def check_bytes(uri: str) -> None:
    """Reads a part whole, a book at a time. Raises OSError or ValueError when a checksum inside doesn't hold."""
    with storage.parquet_reader(uri) as reader:
        for row in range(reader.num_row_groups):
            reader.read_row_group(row)


def read_entry(uri: str) -> PartEntry:
    """The entry of a part on disk, from its footer alone.

    Raises OSError or ValueError when the file is damaged or no part.
    """
    with storage.parquet_reader(uri) as reader:
        metadata = reader.metadata.metadata or {}
        if _FOOTER not in metadata:
            raise ValueError(f"{uri} is not a part of scenesign")
        footer = json.loads(metadata[_FOOTER])
        books = tuple(PartBook(**book) for book in footer["books"])
        if reader.metadata.num_row_groups != len(books):
            raise ValueError(f"{uri} has {reader.metadata.num_row_groups} row groups for {len(books)} books")
    name = uri.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(SUFFIX)
    return PartEntry(uri, name, footer["dimensions"], books)
