"""A finished dataset to walk: books, of each its cast and its scenes, a row group at a time, as they lie on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.version import has_cast
from scenesign.transforms.cast.cast import CastMember
from scenesign.transforms.parts.format import matrix_of
from scenesign.transforms.signs.glosses.glossary import SignEntry, read_glossary
from scenesign.transforms.signs.inventory import Inventory, load_inventory
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside

_MANIFEST = "manifest.json"
_SHARD = re.compile(r"(?:sequences|scenes|cast|concepts)/split=\w+/[\w-]+\.parquet")
_OF_BOOK = (
    "book_id", "title", "author", "language", "source", "license", "signs", "glyphs", "levels", "chapters", "scenes",
    "sentences", "characters", "novel_scenes",
)  # fmt: skip
_OF_MEMBER = ("book_id", "id", "names", "first_scene", "scenes", "mentions")
_OF_SCENE = ("book_id", "scene", "start", "end", "sentences", "text", "signs", "glyphs", "distance", "novel")


@dataclass(frozen=True)
class DatasetScene:
    """A scene of a dataset.

    index: in the book, from 0. text: characters `[start, end)` of the book's clean text. sentences: how many it has.
    signs: one id per level; glyphs: the same as characters. distance: one minus the cosine of the neutral vector and
    its codewords, 0 to 2. novel: whether it is unlike the scenes that the inventory knows. opens_chapter: whether it
    opens with a heading. cast: whom of the book's cast it names, the most present first.
    vector: float32 [D], unit length; None where the dataset has no concepts.
    """

    index: int
    text: str
    start: int
    end: int
    sentences: int
    signs: tuple[int, ...]
    glyphs: str
    distance: float
    novel: bool
    opens_chapter: bool
    cast: tuple[CastMember, ...]
    vector: np.ndarray | None = field(repr=False, compare=False)


@dataclass(frozen=True)
class DatasetBook:
    """A book of a dataset; its length is the number of its scenes.

    language: ISO 639-1. signs: ids in reading order, `levels` of them per scene; glyphs: the same as characters.
    chapters: indices of scenes that open with a heading. scene_cast: ids of the members of its cast that each scene
    names; none where the dataset has no casts. sentences, characters: of the clean text.
    license, source: as the input stated and was called.
    """

    book_id: str
    title: str
    author: str
    language: str
    split: str
    source: str
    license: str
    levels: int
    sentences: int
    characters: int
    novel_scenes: int
    chapters: tuple[int, ...] = field(repr=False)
    signs: tuple[int, ...] = field(repr=False)
    glyphs: str = field(repr=False)
    scene_cast: tuple[tuple[int, ...], ...] = field(repr=False)
    dataset: Dataset = field(repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.signs) // self.levels

    @property
    def cast(self) -> tuple[CastMember, ...]:
        """Whom it keeps naming, by id, read anew each time; empty where the dataset has no casts.

        Raises ValueError naming the file when one can't be read.
        """
        return self.dataset._members_of(self)

    def scenes(self, vectors: bool = True) -> Iterator[DatasetScene]:
        """Its scenes in reading order, with text, read anew each time.

        vectors: whether to read those as well, where the dataset has concepts. Raises ValueError naming the file when
        one can't be read or lacks scenes of this book.
        """
        return self.dataset._scenes_of(self, vectors)


@dataclass(frozen=True)
class _Group:
    """A row group of a file, and the books from `first` to `last` that it may hold; all, where the file doesn't say."""

    path: str
    number: int
    first: str
    last: str


class Dataset:
    """A dataset on disk or in an object store, read as you walk it: what is in memory is the manifest and a row group.

    >>> dataset = scenesign.Dataset("out/demo")
    >>> for book in dataset.books(language="ru"):
    ...     for scene in book.scenes():
    ...         assert len(scene.text) == scene.end - scene.start
    >>> sorted({book.language for book in dataset}), len(dataset)
    (['en', 'ru', 'zh'], 12)
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Opens a dataset. Its files are not checked: `scenesign.validate` does that.

        folder: local, or in an object store. Raises FileNotFoundError when there is none, ValueError when its manifest
        is none or of a protocol with a major version that can't be read.
        """
        self.folder = os.fspath(folder)
        uri = storage.join(self.folder, _MANIFEST)
        try:
            described = storage.read_bytes(file_inside(self.folder, _MANIFEST))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileNotFoundError(
                f"{self.folder} is no dataset: there is no {_MANIFEST} in it; give the folder that `build` wrote"
            ) from error
        self.manifest = Manifest.from_json(described.decode(errors="replace"), uri)
        self._tables: dict[str, tuple[_Group, pa.Table]] = {}
        self._indices: dict[tuple[str, str], list[_Group]] = {}

    def __len__(self) -> int:
        return self.manifest.counts.books

    def __iter__(self) -> Iterator[DatasetBook]:
        return self.books()

    def __repr__(self) -> str:
        counts = self.manifest.counts
        languages = " ".join(sorted(counts.by_language))
        return f"Dataset({self.folder!r}: {counts.books:,} books, {counts.scenes:,} scenes, {languages})"

    @property
    def splits(self) -> tuple[str, ...]:
        """Splits that have books, in the order they are stored in."""
        return tuple(dict.fromkeys(file.split for file in self.manifest.files if file.config == "sequences"))

    @property
    def has_concepts(self) -> bool:
        """Whether scenes have vectors."""
        return any(file.config == "concepts" for file in self.manifest.files)

    @property
    def has_cast(self) -> bool:
        """Whether books have casts, as from protocol 2.1 on where they were asked for."""
        return has_cast(self.manifest.protocol) and any(file.config == "cast" for file in self.manifest.files)

    @cached_property
    def has_sketches(self) -> bool:
        """Whether scenes have sketches, as from protocol 2 on. Raises ValueError for a file that can't be read."""
        for split in self.splits:
            for group in self._index("scenes", split):
                return "sketch" in self._columns_of(group.path)
        return False

    @cached_property
    def inventory(self) -> Inventory:
        """The inventory that its signs are from. Raises ValueError when a file of it is missing or altered."""
        return load_inventory(storage.join(self.folder, "inventory"))

    @cached_property
    def glossary(self) -> tuple[SignEntry, ...]:
        """What each sign means, by id. Raises ValueError when the file is missing or altered."""
        return tuple(read_glossary(storage.join(self.folder, "inventory"))[1])

    def books(self, *, split: str | None = None, language: str | None = None) -> Iterator[DatasetBook]:
        """The books in order of split and book id; those of one split or language (ISO 639-1) where it is given.

        Raises ValueError for a split that the dataset lacks, and naming the file when one can't be read.
        """
        if split is not None and split not in self.splits:
            raise ValueError(f"{self.folder} has no split '{split}'; it has {', '.join(self.splits) or 'none'}")
        chosen = self.splits if split is None else (split,)
        groups = ((name, group) for name in chosen for group in self._index("sequences", name))
        found = (book for name, group in groups for book in self._books_in(group, name))
        return (book for book in found if language in (None, book.language))

    def book(self, book_id: str) -> DatasetBook:
        """The book of an id, such as the glossary's examples name. Raises KeyError when there is none."""
        for split in self.splits:
            for group in self._index("sequences", split):
                if group.first <= book_id <= group.last:
                    for book in self._books_in(group, split, book_id):
                        return book
        raise KeyError(f"{self.folder} has no book {book_id}")

    def _books_in(self, group: _Group, split: str, book_id: str | None = None) -> Iterator[DatasetBook]:
        known = has_cast(self.manifest.protocol)
        table = self._table(group, (*_OF_BOOK, *(["cast"] if known else [])))
        for row in (table if book_id is None else table.filter(pc.equal(table["book_id"], book_id))).to_pylist():
            if row.pop("scenes") * row["levels"] != len(row["signs"]) or not row["levels"]:
                raise ValueError(f"{self._uri(group)}: book {row['book_id']} has not {row['levels']} signs per scene")
            named = tuple(map(tuple, row.pop("cast", ())))
            row |= {"chapters": tuple(row["chapters"]), "signs": tuple(row["signs"]), "scene_cast": named}
            yield DatasetBook(**row, split=split, dataset=self)

    def _scenes_of(self, book: DatasetBook, with_vectors: bool) -> Iterator[DatasetScene]:
        vectors = self._vectors_of(book) if with_vectors and self.has_concepts else None
        chapters = frozenset(book.chapters)
        members = {member.id: member for member in self._members_of(book)}
        index = 0
        columns = (*_OF_SCENE, *(["cast"] if has_cast(self.manifest.protocol) else []))
        for rows in self._rows_of("scenes", book, columns):
            for row in rows.drop_columns("book_id").to_pylist():
                if row.pop("scene") != index or index >= len(book):
                    break
                signs = tuple(row.pop("signs"))
                vector = None if vectors is None else vectors[index]
                ids = row.pop("cast", ())
                if strangers := set(ids) - members.keys():
                    raise ValueError(
                        f"{storage.join(self.folder, 'cast')} lacks member {min(strangers)} of book {book.book_id}; "
                        f"`scenesign validate {self.folder}` says what else is wrong"
                    )
                yield DatasetScene(
                    **row,
                    index=index,
                    signs=signs,
                    opens_chapter=index in chapters,
                    cast=tuple(members[number] for number in ids),
                    vector=vector,
                )
                index += 1
        if index != len(book):
            raise self._lacking("scenes", book)

    def _members_of(self, book: DatasetBook) -> tuple[CastMember, ...]:
        tables = self._rows_of("cast", book, _OF_MEMBER) if self.has_cast else ()
        rows = (row for table in tables for row in table.drop_columns("book_id").to_pylist())
        return tuple(CastMember(**(row | {"names": tuple(row["names"])})) for row in rows)

    def _vectors_of(self, book: DatasetBook) -> np.ndarray:
        for rows in self._rows_of("concepts", book, ("book_id", "scene_vectors")):
            vectors = matrix_of(rows["scene_vectors"])
            if len(vectors) != len(book):
                break
            return vectors.astype(np.float32)
        raise self._lacking("concepts", book)

    def _lacking(self, config: str, book: DatasetBook) -> ValueError:
        return ValueError(
            f"{storage.join(self.folder, config)} lacks scenes of book {book.book_id}, which has {len(book)}; "
            f"`scenesign validate {self.folder}` says what else is wrong"
        )

    def tables(self, config: str, columns: Sequence[str]) -> Iterator[tuple[str, pa.Table]]:
        """Columns of a table, a row group at a time in the order of splits and rows, each with the name of its file.

        Raises ValueError naming the file when one can't be read or lacks a column.
        """
        for split in self.splits:
            for group in self._index(config, split):
                yield self._uri(group), self._read(group, columns)

    # Files ------------------------------------------------------------------------------------------------------

    def _rows_of(self, config: str, book: DatasetBook, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The rows of a book in each row group that has some."""
        for group in self._index(config, book.split):
            if group.first <= book.book_id <= group.last:
                table = self._table(group, columns)
                rows = table.filter(pc.equal(table["book_id"], book.book_id))
                if rows.num_rows:
                    yield rows

    def _uri(self, group: _Group) -> str:
        return storage.join(self.folder, group.path)

    def _index(self, config: str, split: str) -> list[_Group]:
        """The row groups of a table and split, from the footers of its files."""
        if (config, split) not in self._indices:
            files = [file.path for file in self.manifest.files if (file.config, file.split) == (config, split)]
            self._indices[config, split] = [group for path in files for group in self._groups(path)]
        return self._indices[config, split]

    def _groups(self, path: str) -> list[_Group]:
        uri = storage.join(self.folder, path)
        if not _SHARD.fullmatch(path):  # it may be anywhere on this machine
            raise ValueError(f"{storage.join(self.folder, _MANIFEST)} names a table outside its folders: {path}")
        try:
            with storage.parquet_reader(file_inside(self.folder, path)) as reader:
                footer = reader.metadata
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(uri, error) from error
        groups = []
        for number in range(footer.num_row_groups):
            columns = (footer.row_group(number).column(i) for i in range(footer.num_columns))
            known = next((c.statistics for c in columns if c.path_in_schema == "book_id"), None)
            if known is None or not known.has_min_max:
                groups.append(_Group(path, number, "", "\U0010ffff"))
            else:
                groups.append(_Group(path, number, str(known.min), str(known.max)))
        return groups

    def _table(self, group: _Group, columns: Sequence[str]) -> pa.Table:
        """Columns of a row group. The last one of each table is kept: books that follow each other share it."""
        config = group.path.partition("/")[0]
        kept, table = self._tables.get(config, (None, None))
        if kept != group:
            table = self._read(group, columns)
            self._tables[config] = (group, table)
        return table

    def _read(self, group: _Group, columns: Sequence[str]) -> pa.Table:
        uri = self._uri(group)
        try:
            with storage.parquet_reader(file_inside(self.folder, group.path)) as reader:
                # no threads: one that still reads when the program ends would bring it down
                table = reader.read_row_group(group.number, columns=list(columns), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(uri, error) from error
        if missing := set(columns) - set(table.column_names):
            raise self._unreadable(uri, f"it has no column {min(missing)}")
        return table

    def _columns_of(self, path: str) -> list[str]:
        try:
            with storage.parquet_reader(file_inside(self.folder, path)) as reader:
                return list(reader.schema_arrow.names)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(storage.join(self.folder, path), error) from error

    def _unreadable(self, uri: str, why: object) -> ValueError:
        line = " ".join(str(why).split())
        return ValueError(f"{uri} can't be read ({line}); `scenesign validate {self.folder}` says what else is wrong")
