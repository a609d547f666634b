"""What crosses a barrier of the graph: names and counts, never texts or vectors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NearDuplicate:
    """A longer book of the same dataset that holds much of this one's text. share: of this one's, 0 to 1."""

    book_id: str
    share: float


@dataclass(frozen=True)
class BookEntry:
    """One readable input of this run; two with the same `book_id` are duplicates.

    near_duplicates: longer books of the dataset that share its text, the greatest share first; as many as tie together
    those that hang together. other_language: the language other than its own that most of the rest of it is in, with
    the share of the text; empty where that is too little to tell.
    """

    book_id: str
    source: str
    title: str
    author: str
    language: str
    characters: int
    utf8_bytes: int
    encoding: str
    bytes: int = 0
    notes: tuple[str, ...] = ()
    license: str = ""
    near_duplicates: tuple[NearDuplicate, ...] = ()
    other_language: str = ""
    other_share: float = 0.0


@dataclass(frozen=True)
class ShingleSample:
    """The shingles of a book whose hash is below `bound`.

    hashes: little-endian uint64, ascending; 8 bytes for about every 2,000 letters.
    """

    book_id: str
    bound: int
    hashes: bytes


@dataclass(frozen=True)
class BookEdges:
    """Keys of paragraphs at the ends of a book, 8 bytes each."""

    book_id: str
    keys: bytes


@dataclass(frozen=True)
class PartBook:
    """One book inside a part: its row group, and counts."""

    book_id: str
    language: str
    row: int
    scenes: int
    sentences: int


@dataclass(frozen=True)
class PartEntry:
    """A checkpoint file of finished books."""

    uri: str
    name: str
    dimensions: int
    books: tuple[PartBook, ...]

    @property
    def scenes(self) -> int:
        """Scenes of all its books."""
        return sum(book.scenes for book in self.books)


@dataclass(frozen=True)
class SampleEntry:
    """A file of book means and sampled scene vectors.

    scenes: vectors in it; of_scenes: scenes they were sampled from.
    """

    uri: str
    scenes: int
    of_scenes: int
    dimensions: int


@dataclass(frozen=True)
class AssignmentEntry:
    """A file with the codes of a part's scenes."""

    uri: str
    part: PartEntry


@dataclass(frozen=True)
class CastEntry:
    """A file with the cast of each book of a part.

    part: its name. members: of all its books. scenes: how many of theirs name a member.
    """

    uri: str
    part: str
    members: int
    scenes: int


@dataclass(frozen=True)
class ShardBook:
    """A book of an output shard, and where its texts, vectors, codes and cast lie.

    cast_uri: empty where no cast was looked for.
    """

    entry: BookEntry
    part_uri: str
    row: int
    assignment_uri: str
    cast_uri: str = ""


@dataclass(frozen=True)
class ShardPlan:
    """One output shard: which books, in order, under which name."""

    split: str
    index: int
    of: int
    books: tuple[ShardBook, ...]

    def file_name(self) -> str:
        """`train-00000-of-00003.parquet`, the name that the Hugging Face hub expects."""
        return f"{self.split}-{self.index:05d}-of-{self.of:05d}.parquet"


@dataclass(frozen=True)
class FileEntry:
    """A finished file of the dataset.

    path: relative to the dataset's folder. config and split: empty for files that belong to none.
    bytes: on disk; memory_bytes: of the same rows as Arrow tables, which is what dataset cards state.
    """

    path: str
    config: str
    split: str
    rows: int
    bytes: int
    memory_bytes: int
    sha256: str
