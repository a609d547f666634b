"""WriteDataset: deterministic shards of sequences, scenes, cast and (if asked for) concepts, cut by sorted book ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.parts import AssignmentEntry, BookEntry, CastEntry, FileEntry, ShardBook, ShardPlan
from scenesign.schemas.tables import CAST, SCENES, SEQUENCES, concepts_table
from scenesign.transforms.cast.cast import USUAL_CAST, Cast
from scenesign.transforms.cast.format import read_casts
from scenesign.transforms.dataset.splits import split_books
from scenesign.transforms.parts.format import PartRow, read_row, vectors_column
from scenesign.transforms.signs.assign import BookCodes, read_assignments
from scenesign.transforms.signs.glyphs import USUAL_GLYPHS, glyphs
from scenesign.transforms.signs.inventory import load_inventory
from scenesign.transforms.signs.numbering import FrozenSigns
from scenesign.transforms.signs.sketch import sketches
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import count, timed

# A shard closes at whichever comes first. Scenes carry the text, so a shard of them stays near 64 MB compressed.
BOOKS_PER_SHARD = 1_000
CHARACTERS_PER_SHARD = 64 << 20


@dataclass(frozen=True)
class DatasetOptions:
    """What is written.

    splits: (name, share) in order, shares summing to 1.
    concepts: `none`, or the type of scene vectors in the concepts table, `float16` or `float32`.
    glyphs: signs per scene, the first of those that the inventory has for it.
    cast: ids per scene at most, the most present first; 0 for no cast at all. cast_names: `yes`, or `no` for ids alone.
    """

    splits: tuple[tuple[str, float], ...] = (("train", 0.9), ("validation", 0.05), ("test", 0.05))
    concepts: str = "none"
    seed: int = 0
    glyphs: int = USUAL_GLYPHS
    cast: int = USUAL_CAST
    cast_names: str = "yes"

    @property
    def configs(self) -> tuple[str, ...]:
        """Tables that each split has."""
        asked = {"concepts": self.concepts != "none", "cast": self.cast > 0}
        return ("sequences", "scenes", *(config for config in asked if asked[config]))


def plan_shards(
    entries: Iterable[BookEntry],
    assignments: Iterable[AssignmentEntry],
    options: DatasetOptions,
    casts: Iterable[CastEntry] = (),
) -> list[ShardPlan]:
    """Cuts the books into shards: in order of book id within each split, no shard empty.

    casts: of every part, or none where no cast was looked for.
    """
    cast_uris = {cast.part: cast.uri for cast in casts}
    homes = {book.book_id: (assignment, book.row) for assignment in assignments for book in assignment.part.books}
    ordered = sorted(entries, key=lambda e: e.book_id)
    drawn = split_books(ordered, options.splits, options.seed)
    by_split: dict[str, list[BookEntry]] = {}
    for entry in ordered:
        by_split.setdefault(drawn[entry.book_id], []).append(entry)
    plans: list[ShardPlan] = []
    for split, _ in options.splits:
        cuts: list[list[ShardBook]] = []
        characters = 0
        for entry in by_split.get(split, ()):
            if not cuts or len(cuts[-1]) >= BOOKS_PER_SHARD or characters >= CHARACTERS_PER_SHARD:
                cuts.append([])
                characters = 0
            assignment, row = homes[entry.book_id]
            part = assignment.part
            cuts[-1].append(ShardBook(entry, part.uri, row, assignment.uri, cast_uris.get(part.name, "")))
            characters += entry.characters
        plans.extend(ShardPlan(split, i, len(cuts), tuple(books)) for i, books in enumerate(cuts))
    return plans


@dataclass(frozen=True, eq=False)
class SignedBook:
    """A book with everything the tables say of it.

    signs: int32 [scenes, levels], of the levels that are written; distances: float32 [scenes], by all levels;
    strangeness: float32 [scenes]; novel: scenes unlike those that the inventory knows, bool [scenes]. sizes: signs of
    all levels of the inventory. sketches: uint8 [scenes, bytes]. cast: with all whom a scene names.
    """

    entry: BookEntry
    row: PartRow
    signs: np.ndarray
    distances: np.ndarray
    strangeness: np.ndarray
    novel: np.ndarray
    sizes: tuple[int, ...]
    sketches: np.ndarray
    cast: Cast

    def scene_cast(self, most: int) -> list[list[int]]:
        """Ids of those whom each scene names, the `most` most present."""
        return [list(ids[:most]) for ids in self.cast.scenes]


def sequence_row(book: SignedBook, options: DatasetOptions) -> dict[str, Any]:
    """The book's row of `SEQUENCES`."""
    flat = book.signs.reshape(-1).tolist()
    return {
        "book_id": book.entry.book_id,
        "title": book.entry.title,
        "author": book.entry.author,
        "language": book.entry.language,
        "source": book.entry.source,
        "license": book.entry.license,
        "signs": flat,
        "glyphs": glyphs(flat, book.sizes),
        "levels": book.signs.shape[1],
        "chapters": list(book.row.chapters),
        "scenes": len(book.signs),
        "sentences": sum(book.row.scene_sentences),
        "characters": book.entry.characters,
        "utf8_bytes": book.entry.utf8_bytes,
        "novel_scenes": int(book.novel.sum()),
        "cast": book.scene_cast(options.cast),
    }


def scene_columns(book: SignedBook, options: DatasetOptions) -> dict[str, list[Any]]:
    """The book's rows of `SCENES`, by column."""
    count = len(book.signs)
    starts = list(book.row.scene_start)
    return {
        "book_id": [book.entry.book_id] * count,
        "scene": list(range(count)),
        "language": [book.entry.language] * count,
        "start": starts,
        "end": [*starts[1:], len(book.row.text)],
        "sentences": list(book.row.scene_sentences),
        "text": book.row.scene_texts(),
        "signs": book.signs.tolist(),
        "glyphs": [glyphs(row, book.sizes) for row in book.signs.tolist()],
        "distance": book.distances.tolist(),
        "strangeness": book.strangeness.tolist(),
        "novel": book.novel.tolist(),
        "sketch": [row.tobytes() for row in book.sketches],
        "cast": book.scene_cast(options.cast),
    }


def cast_columns(book: SignedBook, options: DatasetOptions) -> dict[str, list[Any]]:
    """The book's rows of `CAST`, by column."""
    members = book.cast.members
    return {
        "book_id": [book.entry.book_id] * len(members),
        "id": [member.id for member in members],
        "names": [list(member.names) if options.cast_names == "yes" else [] for member in members],
        "first_scene": [member.first_scene for member in members],
        "scenes": [member.scenes for member in members],
        "mentions": [member.mentions for member in members],
    }


def concepts_row(book: SignedBook, schema: pa.Schema) -> pa.Table:
    """The book's row of the concepts table. Raises ValueError when its lists differ in length, as the Large Concept
    Model's trainer would drop the row without a word."""
    texts, vectors = book.row.scene_texts(), book.row.scene_vectors
    if len(texts) != len(vectors):
        raise ValueError(f"{book.entry.source}: {len(texts)} scenes but {len(vectors)} vectors")
    value = schema.field("scene_vectors").type.value_type.value_type
    columns = [
        pa.array([book.entry.book_id]),
        pa.array([book.entry.language]),
        pa.array([texts], pa.list_(pa.string())),
        vectors_column([vectors], value),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def book_tables(book: SignedBook, options: DatasetOptions) -> dict[str, pa.Table]:
    """The book's rows of every table."""
    tables = {
        "sequences": pa.Table.from_pylist([sequence_row(book, options)], schema=SEQUENCES),
        "scenes": pa.Table.from_pydict(scene_columns(book, options), schema=SCENES),
    }
    if "concepts" in options.configs:
        schema = concepts_table(book.row.scene_vectors.shape[1], options.concepts == "float16")
        tables["concepts"] = concepts_row(book, schema)
    if "cast" in options.configs:
        tables["cast"] = pa.Table.from_pydict(cast_columns(book, options), schema=CAST)
    return tables


def read_shard(plan: ShardPlan, frozen: FrozenSigns, levels: int) -> Iterator[SignedBook]:
    """The books of a shard in its order, in signs of the first `levels`; each file beside a part is opened once."""
    casts: dict[str, Cast] = {}
    for uri in sorted({book.cast_uri for book in plan.books} - {""}):
        wanted = {book.entry.book_id for book in plan.books if book.cast_uri == uri}
        casts |= {book_id: cast for book_id, cast in read_casts(uri) if book_id in wanted}
    codes: dict[str, BookCodes] = {}
    for uri in sorted({book.assignment_uri for book in plan.books}):
        wanted = {book.entry.book_id for book in plan.books if book.assignment_uri == uri}
        codes |= {b.book_id: b for b in read_assignments(uri, len(frozen.sizes)) if b.book_id in wanted}
    neutraliser = load_inventory(frozen.folder).neutraliser
    for book in plan.books:
        with storage.parquet_reader(book.part_uri) as reader:
            row = read_row(reader, book.row)
        found = codes[book.entry.book_id]
        signs, novel = frozen.signs(found.codes)[:, :levels], frozen.novel(found.strangeness)
        sketched = sketches(row.scene_vectors, neutraliser.mean_of(book.entry.language))
        nobody = Cast((), ((),) * len(signs))
        yield SignedBook(
            entry=book.entry,
            row=row,
            signs=signs,
            distances=found.distances,
            strangeness=found.strangeness,
            novel=novel,
            sizes=frozen.sizes,
            sketches=sketched,
            cast=casts[book.entry.book_id] if book.cast_uri else nobody,
        )


class WriteShard(beam.DoFn):
    """ShardPlan -> FileEntry per table."""

    def __init__(self, folder: str, options: DatasetOptions) -> None:
        self.folder = folder
        self.options = options

    def process(self, plan: ShardPlan, inventory: FrozenSigns) -> Iterable[FileEntry]:
        paths = {
            config: storage.join(config, f"split={plan.split}", plan.file_name()) for config in self.options.configs
        }
        rows = dict.fromkeys(paths, 0)
        nbytes = dict.fromkeys(paths, 0)
        with timed("WriteDataset"), open_tables(self.folder, paths) as write:
            for book in read_shard(plan, inventory, self.options.glyphs):
                for config, table in book_tables(book, self.options).items():
                    write(config, table)
                    rows[config] += table.num_rows
                    nbytes[config] += table.nbytes
                count("books", "written")
                count("scenes", "written", len(book.signs))
        for config, path in paths.items():
            if rows[config]:  # books that keep naming nobody have no cast
                yield file_entry(self.folder, path, config, plan.split, rows[config], nbytes[config])


# Rows of a table in one row group, at most; the Large Concept Model's trainer shards its work by row groups.
_ROWS_PER_GROUP = {"sequences": 512, "scenes": 4_096, "concepts": 16, "cast": 4_096}


@contextmanager
def open_tables(folder: str, paths: Mapping[str, str]) -> Iterator[Callable[[str, pa.Table], None]]:
    """Several Parquet files written side by side in row groups of a useful size; all appear when the block ends well.

    Yields write(config, table). A table that never gets a row gets no file: an empty row group breaks readers.
    """
    waiting: dict[str, list[pa.Table]] = {config: [] for config in paths}
    writers: dict[str, pq.ParquetWriter] = {}
    with ExitStack() as stack:

        def flush(config: str) -> None:
            tables, waiting[config] = waiting[config], []
            if tables and config not in writers:
                writer = storage.parquet_writer(storage.join(folder, paths[config]), tables[0].schema)
                writers[config] = stack.enter_context(writer)
            if tables:
                writers[config].write_table(pa.concat_tables(tables))

        def write(config: str, table: pa.Table) -> None:
            if not table.num_rows:
                return
            waiting[config].append(table)
            if sum(t.num_rows for t in waiting[config]) >= _ROWS_PER_GROUP[config]:
                flush(config)

        yield write
        for config in paths:
            flush(config)


def file_entry(folder: str, path: str, config: str = "", split: str = "", rows: int = 0, nbytes: int = 0) -> FileEntry:
    """What the manifest says of a file just written; `nbytes` is its size in memory."""
    uri = storage.join(folder, path)
    name = path.replace("\\", "/")
    return FileEntry(name, config, split, rows, storage.size(uri), nbytes, storage.digest(uri))


class PlanShards(beam.DoFn):
    """One element, entries, assignments and casts as side inputs -> ShardPlan."""

    def __init__(self, options: DatasetOptions) -> None:
        self.options = options

    def process(
        self,
        _: None,
        entries: Sequence[BookEntry],
        assignments: Sequence[AssignmentEntry],
        casts: Sequence[CastEntry],
    ) -> Iterable[ShardPlan]:
        yield from plan_shards(entries, assignments, self.options, casts)


@dataclass
class WriteDataset(beam.PTransform):
    """(entries, assignments, casts, inventory) -> FileEntry of every data file."""

    folder: str
    options: DatasetOptions

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, pcolls: dict[str, beam.PCollection]) -> beam.PCollection:
        return (
            pcolls["entries"].pipeline
            | "Once" >> beam.Create([None])
            | "PlanShards"
            >> beam.ParDo(
                PlanShards(self.options),
                entries=beam.pvalue.AsList(pcolls["entries"]),
                assignments=beam.pvalue.AsList(pcolls["assignments"]),
                casts=beam.pvalue.AsList(pcolls["casts"]),
            )
            | "SpreadShards" >> beam.Reshuffle()
            | "WriteShard"
            >> beam.ParDo(WriteShard(self.folder, self.options), inventory=beam.pvalue.AsSingleton(pcolls["inventory"]))
        )
