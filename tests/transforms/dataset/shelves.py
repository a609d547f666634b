"""Small datasets for the tests of loaders: numbers that tell each scene from all others, laid out as one likes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.manifest import Counts, Manifest
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.tables import SEQUENCES, concepts_table
from scenesign.transforms.parts.format import vectors_column
from scenesign.transforms.support.storage import PARQUET_OPTIONS

DIMENSIONS = 4


@dataclass(frozen=True, eq=False)
class ShelfBook:
    """signs: int [scenes, levels]. cast: ids of each scene. vectors: float16 [scenes, DIMENSIONS]."""

    book_id: str
    signs: np.ndarray
    cast: tuple[tuple[int, ...], ...]
    vectors: np.ndarray


def shelf_books(counts: Sequence[int], levels: int = 2, members: int = 3, seed: int = 0) -> list[ShelfBook]:
    """Books of so many scenes, in order of their ids. No two scenes have a sign in common."""
    draw = np.random.default_rng(seed)
    books = []
    for number, count in enumerate(counts):
        signs = number * 100_000 + np.arange(count * levels).reshape(count, levels)
        cast = tuple(tuple(draw.integers(1, 9, draw.integers(0, members + 1)).tolist()) for _ in range(count))
        vectors = draw.normal(size=(count, DIMENSIONS)).astype(np.float16)
        books.append(ShelfBook(f"{number:032x}", signs, cast, vectors))
    return books


def write_shelf(
    folder: Path,
    splits: Mapping[str, Sequence[ShelfBook]],
    *,
    cast: int | None = 3,
    concepts: bool = False,
    levels: int = 2,
    group: int = 2,
    concepts_group: int = 3,
    shard: int = 1_000,
) -> Path:
    """A dataset of these books: their sequences and concepts, and no more of a manifest than a loader looks at.

    cast: what the manifest's options say of it; no column where it is None. group, concepts_group: books of a row
    group. shard: books of a file.
    """
    files: list[FileEntry] = []
    for split, books in splits.items():
        shards = [books[at : at + shard] for at in range(0, len(books), shard)]
        for number, some in enumerate(shards):
            name = f"split={split}/{split}-{number:05d}-of-{len(shards):05d}.parquet"
            files.append(
                _write(folder, f"sequences/{name}", split, sequences_of(some, levels, cast is not None), group)
            )
            if concepts:
                files.append(_write(folder, f"concepts/{name}", split, concepts_of(some), concepts_group))
    everything = [book for books in splits.values() for book in books]
    counts = Counts(len(everything), len(everything), 0, 0, sum(len(book.signs) for book in everything), {}, {})
    options = {} if cast is None else {"cast": cast}
    manifest = Manifest("shelf", options, levels, {}, counts, {"sizes": [16] * levels}, {}, (), tuple(files))
    (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    return folder


def sequences_of(books: Sequence[ShelfBook], levels: int, with_cast: bool) -> pa.Table:
    """Their rows of `sequences`."""
    columns = {
        "book_id": [book.book_id for book in books],
        "signs": [book.signs.reshape(-1).tolist() for book in books],
        "levels": [levels] * len(books),
        "scenes": [len(book.signs) for book in books],
    }
    others = {
        field.name: [[] if pa.types.is_list(field.type) else "" if pa.types.is_string(field.type) else 0] * len(books)
        for field in SEQUENCES
        if field.name not in (*columns, "cast")
    }
    fields = [field for field in SEQUENCES if field.name != "cast"]
    table = pa.Table.from_pydict(columns | others, schema=pa.schema(fields))
    if with_cast:
        column = pa.array([[list(scene) for scene in book.cast] for book in books], pa.list_(pa.list_(pa.int32())))
        table = table.append_column("cast", column)
    return table


def concepts_of(books: Sequence[ShelfBook]) -> pa.Table:
    """Their rows of `concepts`."""
    schema = concepts_table(DIMENSIONS, half=True)
    columns = [
        pa.array([book.book_id for book in books]),
        pa.array(["en"] * len(books)),
        pa.array([["text"] * len(book.signs) for book in books], pa.list_(pa.string())),
        vectors_column([book.vectors for book in books], pa.float16()),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _write(folder: Path, path: str, split: str, table: pa.Table, group: int) -> FileEntry:
    uri = folder / path
    uri.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, uri, row_group_size=group, **PARQUET_OPTIONS)
    return entry_of(folder, path, split)


def entry_of(folder: Path, path: str, split: str) -> FileEntry:
    """What a manifest says of a table."""
    data = (folder / path).read_bytes()
    rows = pq.read_metadata(folder / path).num_rows
    return FileEntry(path, path.split("/")[0], split, rows, len(data), 0, hashlib.sha256(data).hexdigest())


def rewrite(folder: Path, path: str, table: pa.Table, group: int = 2) -> None:
    """Writes a table anew, and what the manifest says of it."""
    pq.write_table(table, folder / path, row_group_size=group, **PARQUET_OPTIONS)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = [
        asdict(entry_of(folder, path, file["split"])) if file["path"] == path else file for file in manifest["files"]
    ]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
