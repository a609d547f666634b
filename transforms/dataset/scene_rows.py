"""What a loader reads of a split: where each book lies, and the signs, cast and vectors of chosen books.

What stays in memory is one number per book and one entry per row group. Files are read a row group at a time, and only
the columns that are asked for.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.parts import FileEntry
from scenesign.transforms.cast.cast import MOST_MEMBERS
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside


@dataclass(frozen=True)
class BookRows:
    """A row group: its file and number there, the first of its books and how many, as numbered in the split.

    footer: digest of the file's footer, which holds sizes and extremes of all columns.
    """

    path: str
    number: int
    first: int
    books: int
    footer: bytes = field(repr=False)


@dataclass(frozen=True, eq=False)
class BookScenes:
    """The scenes of a book.

    signs: int32 [scenes, levels]. cast: int32, the ids of all scenes one after the other; cast_ends: where those of
    each scene end, int64 [scenes]. vectors: float16 or float32 [scenes, D], None where they aren't asked for.
    """

    book_id: str
    signs: np.ndarray
    cast: np.ndarray
    cast_ends: np.ndarray
    vectors: np.ndarray | None


@dataclass(frozen=True, eq=False)
class SplitRows:
    """Where the books of a split lie.

    folder: of the dataset. counts: scenes of each book, int64 [books]. levels: signs of a scene. members: cast of a
    scene, at most; 0 where the dataset has none. dimensions: of vectors, 0 where they aren't asked for. sequences,
    concepts: the row groups of these tables; none of concepts where vectors aren't asked for. digest: of the files.
    """

    folder: str
    counts: np.ndarray
    levels: int
    members: int
    dimensions: int
    sequences: tuple[BookRows, ...]
    concepts: tuple[BookRows, ...]
    digest: str

    @property
    def blocks(self) -> list[int]:
        """Numbers of books that lie together, in order, where it costs most to read them one by one."""
        return [rows.books for rows in self.concepts or self.sequences]

    def no_scenes(self) -> BookScenes:
        """A book without a scene and an id."""
        vectors = np.zeros((0, self.dimensions), np.float32) if self.dimensions else None
        return BookScenes(
            "", np.zeros((0, self.levels), np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64), vectors
        )

    def read(self, books: np.ndarray) -> dict[int, BookScenes]:
        """Books by their number in the split. Each row group that has some of them is read once.

        Raises ValueError naming the file that can't be read, was replaced, or holds other scenes than it should.
        """
        wanted = np.sort(books)
        found: dict[int, BookScenes] = {}
        for rows, chosen in _having(self.sequences, wanted):
            with _opened(self.folder, rows.path, rows.footer) as reader:
                found |= zip(chosen, self._scenes(reader, rows, chosen), strict=True)
        for rows, chosen in _having(self.concepts, wanted):
            with _opened(self.folder, rows.path, rows.footer) as reader:
                for number, (book_id, vectors) in zip(chosen, self._vectors(reader, rows, chosen), strict=True):
                    if book_id != found[number].book_id:
                        raise ValueError(f"it has book {book_id} where sequences has {found[number].book_id}")
                    found[number] = replace(found[number], vectors=vectors)
        return found

    def _scenes(self, reader: pq.ParquetFile, rows: BookRows, chosen: Sequence[int]) -> Iterator[BookScenes]:
        table = _columns(reader, rows.number, ["book_id", "signs", *(["cast"] if self.members else [])])
        ids = table["book_id"].to_pylist()
        counts = self.counts[rows.first : rows.first + rows.books]
        ends = np.cumsum(counts)
        lengths, flat = _lists(table["signs"])
        if not np.array_equal(lengths, counts * self.levels):
            raise ValueError(f"a book has not {self.levels} signs for each of its scenes")
        signs = _numbers(flat).reshape(-1, self.levels)
        cast, cast_ends = np.zeros(0, np.int32), np.zeros(int(counts.sum()), np.int64)
        if self.members:
            lengths, scenes = _lists(table["cast"])
            if not np.array_equal(lengths, counts):
                raise ValueError("a book has not a list of its cast for each of its scenes")
            lengths, flat = _lists(scenes)
            if lengths.max(initial=0) > self.members:
                raise ValueError(f"a scene has a cast of more than the {self.members} that the manifest says")
            cast, cast_ends = _numbers(flat), np.cumsum(lengths)
        for at in (number - rows.first for number in chosen):
            own = slice(ends[at] - counts[at], ends[at])
            before = cast_ends[own.start - 1] if own.start else 0
            present = cast_ends[own] - before
            # copies: a view would keep the whole row group in memory
            members = cast[before : before + present[-1]].copy() if len(present) else cast[:0]
            yield BookScenes(ids[at], signs[own].copy(), members, present, None)

    def _vectors(
        self, reader: pq.ParquetFile, rows: BookRows, chosen: Sequence[int]
    ) -> Iterator[tuple[str, np.ndarray]]:
        table = _columns(reader, rows.number, ["book_id", "scene_vectors"])
        ids = table["book_id"].to_pylist()
        counts = self.counts[rows.first : rows.first + rows.books]
        ends = np.cumsum(counts)
        lengths, vectors = _lists(table["scene_vectors"])
        if not np.array_equal(lengths, counts) or _width(vectors.type) != self.dimensions or vectors.null_count:
            raise ValueError(f"a book has not a vector of {self.dimensions} numbers for each of its scenes")
        matrix = _numbers(vectors.flatten()).reshape(-1, self.dimensions)
        for at in (number - rows.first for number in chosen):
            yield ids[at], matrix[ends[at] - counts[at] : ends[at]].copy()


def find_rows(folder: str | os.PathLike[str], split: str, vectors: bool) -> SplitRows:
    """Finds the books of a split. Of its tables only the numbers of scenes are read.

    Raises FileNotFoundError when there is no dataset, ValueError when it has no such split, or no scene in it, or no
    vectors where they are asked for, and naming the file that can't be read.
    """
    dataset = Dataset(folder)
    where, manifest = dataset.folder, dataset.manifest
    if split not in dataset.splits:
        raise ValueError(f"{where} has no split '{split}'; it has {', '.join(dataset.splits) or 'none'}")
    files = [file for file in manifest.files if (file.config, file.split) == ("sequences", split)]
    others = [file for file in manifest.files if (file.config, file.split) == ("concepts", split)] if vectors else []
    if vectors and not others:
        raise ValueError(
            f"{where} has no scene vectors; build it with `--concepts float16`, or load it without vectors"
        )
    stated = manifest.options.get("cast")
    if not isinstance(stated, int) or not 0 <= stated <= MOST_MEMBERS:  # a manifest may be anybody's
        stated = None
    sequences, counts, members = _find_scenes(where, files, manifest.levels, stated)
    if not counts.sum():
        raise ValueError(f"{where}: split '{split}' has no scenes; it has {', '.join(dataset.splits)}")
    concepts, dimensions = _find_vectors(where, others)
    if vectors and sum(rows.books for rows in concepts) != len(counts):
        raise ValueError(
            f"{storage.join(where, 'concepts')} has not the {len(counts):,} books of split '{split}'; "
            f"`scenesign validate {where}` says what else is wrong"
        )
    told = "".join(f"{file.path} {file.sha256}\n" for file in files + others)
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return SplitRows(
        where, counts, manifest.levels, members, dimensions, tuple(sequences), tuple(concepts), digest
    )  # fmt: skip


def _find_scenes(
    folder: str, files: Sequence[FileEntry], levels: int, stated: int | None
) -> tuple[list[BookRows], np.ndarray, int]:
    """Row groups, scenes of each book, and how many are on stage at most.

    stated: what the manifest says of the last; without it the lists are looked at.
    """
    found: list[BookRows] = []
    counts: list[np.ndarray] = []
    members = 0
    for file in files:
        with _opened(folder, file.path) as reader:
            has_cast = "cast" in reader.schema_arrow.names
            members = max(members, stated or 0) if has_cast else members
            for rows in _row_groups(reader, file, found):
                table = _columns(
                    reader, rows.number, ["scenes", "levels", *(["cast"] if has_cast and stated is None else [])]
                )
                scenes = _numbers(table["scenes"].combine_chunks()).astype(np.int64)
                if (scenes < 0).any() or set(table["levels"].to_pylist()) - {levels}:
                    raise ValueError(f"a book has not the {levels} signs per scene that the manifest says")
                if has_cast and stated is None:
                    members = max(members, int(_lists(_lists(table["cast"])[1])[0].max(initial=0)))
                counts.append(scenes)
                found.append(rows)
    return found, np.concatenate([np.zeros(0, np.int64), *counts]), members


def _find_vectors(folder: str, files: Sequence[FileEntry]) -> tuple[list[BookRows], int]:
    """Row groups, and the dimensions of vectors."""
    found: list[BookRows] = []
    widths: set[int] = set()
    for file in files:
        with _opened(folder, file.path) as reader:
            if "scene_vectors" not in reader.schema_arrow.names:
                raise ValueError("it has no column scene_vectors")
            kind = reader.schema_arrow.field("scene_vectors").type
            widths.add(_width(getattr(kind, "value_type", kind)))
            if len(widths) > 1 or 0 in widths:
                raise ValueError("its scene_vectors are no lists of vectors of one length")
            found.extend(_row_groups(reader, file, found))
    return found, max(widths, default=0)


def _row_groups(reader: pq.ParquetFile, file: FileEntry, before: Sequence[BookRows]) -> list[BookRows]:
    """The row groups of a file. before: those of the files before it."""
    first = before[-1].first + before[-1].books if before else 0
    footer = _footer(reader)
    if reader.metadata.num_rows != file.rows:
        raise ValueError(f"it has {reader.metadata.num_rows:,} rows, and the manifest says {file.rows:,}")
    books = [reader.metadata.row_group(number).num_rows for number in range(reader.num_row_groups)]
    return [
        BookRows(file.path, number, first + sum(books[:number]), count, footer) for number, count in enumerate(books)
    ]


def _having(groups: Sequence[BookRows], books: np.ndarray) -> Iterator[tuple[BookRows, list[int]]]:
    """The row groups that have some of the books, which are sorted, with the books of each."""
    for rows in groups:
        begin, end = np.searchsorted(books, [rows.first, rows.first + rows.books])
        if begin < end:
            yield rows, books[begin:end].tolist()


@contextmanager
def _opened(folder: str, path: str, footer: bytes | None = None) -> Iterator[pq.ParquetFile]:
    """A table of a dataset, open. Whatever goes wrong while it is becomes a ValueError that names the file.

    footer: that it must have, as when it was first looked at.
    """
    try:
        with storage.parquet_reader(file_inside(folder, path)) as reader:
            if footer not in (None, _footer(reader)):
                raise ValueError("it was replaced while it was in use; make the loader anew")
            yield reader
    except (OSError, ValueError, pa.ArrowException) as error:
        why = " ".join(str(error).split())
        raise ValueError(
            f"{storage.join(folder, path)} can't be read ({why}); `scenesign validate {folder}` says what else is wrong"
        ) from error


def _footer(reader: pq.ParquetFile) -> bytes:
    """A digest of a file's footer, in which sizes, places and extremes of all columns stand."""
    written = io.BytesIO()
    reader.metadata.write_metadata_file(written)
    return hashlib.sha256(written.getvalue()).digest()


def _columns(reader: pq.ParquetFile, number: int, columns: Sequence[str]) -> pa.Table:
    # no threads: they would not be there in a forked process
    table = reader.read_row_group(number, columns=list(columns), use_threads=False)
    if missing := set(columns) - set(table.column_names):
        raise ValueError(f"it has no column {min(missing)}")
    return table


def _lists(column: pa.ChunkedArray | pa.Array) -> tuple[np.ndarray, pa.Array]:
    """How long each list of a column is, int64, and what is in them, one after the other."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not (pa.types.is_list(whole.type) or pa.types.is_large_list(whole.type)) or whole.null_count:
        raise ValueError(f"a list is missing: a column is of {whole.type}, with {whole.null_count} nulls")
    return whole.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64), whole.flatten()


def _numbers(values: pa.Array) -> np.ndarray:
    if values.null_count:
        raise ValueError("a value is missing")
    return np.asarray(values.to_numpy(zero_copy_only=False))


def _width(kind: pa.DataType) -> int:
    """Numbers in each vector of a type; 0 where it is not one of vectors of one length."""
    return int(kind.list_size) if pa.types.is_fixed_size_list(kind) else 0
