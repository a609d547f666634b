"""`manifest.json`: what a dataset is made of, from what, how, and the digest of every file in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any, TypeVar

from scenesign.schemas.parts import BookEntry, FileEntry, NearDuplicate
from scenesign.schemas.stages import SizeSpread, StageCounts
from scenesign.schemas.version import FIRST_COMPOSED, PROTOCOL, PROTOCOL_VERSION, check_protocol, major_version

Record = TypeVar("Record")
# How a note of a book begins that has no cast for no fault of its own.
NO_CAST = "no cast, after an unexpected error"


@dataclass(frozen=True)
class LanguageCounts:
    """Totals of one language."""

    books: int
    scenes: int
    sentences: int
    characters: int
    utf8_bytes: int


@dataclass(frozen=True)
class Counts:
    """The run's accounts: inputs = books + duplicates + rejects.

    inputs: documents offered; a file of many rows counts once per row, a book that was cut into volumes once per
    volume. volumes: how many of the books are such volumes.
    """

    inputs: int
    books: int
    duplicates: int
    rejects: int
    scenes: int
    by_language: Mapping[str, LanguageCounts]
    rejects_by_reason: Mapping[str, int]
    volumes: int = 0

    def __post_init__(self) -> None:
        if self.inputs != self.books + self.duplicates + self.rejects:
            raise RuntimeError(
                f"the accounts don't add up: {self.inputs} inputs, but {self.books} books + {self.duplicates} "
                f"duplicates + {self.rejects} rejects; please report this as a defect"
            )

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the books' languages, the one with most scenes first."""
        return tuple(sorted(self.by_language, key=lambda code: (-self.by_language[code].scenes, code)))


@dataclass(frozen=True)
class SharedParagraphs:
    """Paragraphs at the ends of books that several books share word for word, and how many books have one."""

    paragraphs: int = 0
    books: int = 0


@dataclass(frozen=True)
class Manifest:
    """Everything but `run` is the same for the same input, options and versions.

    levels: signs per scene, the first of those that the inventory has. run: what differs between two runs: seconds, of
    the whole and of each step; counters, books reused.
    """

    name: str
    options: Mapping[str, Any]
    levels: int
    versions: Mapping[str, str]
    counts: Counts
    inventory: Mapping[str, Any]
    metrics: Mapping[str, Any]
    books: tuple[BookEntry, ...]
    files: tuple[FileEntry, ...]
    stages: tuple[StageCounts, ...] = ()
    shared_paragraphs: SharedParagraphs = SharedParagraphs()
    run: Mapping[str, Any] = field(default_factory=dict)
    protocol: str = f"{PROTOCOL}/{PROTOCOL_VERSION}"

    @property
    def castless(self) -> tuple[BookEntry, ...]:
        """Books whose cast an unexpected error kept out; a note of each names the cause."""
        return tuple(book for book in self.books if any(note.startswith(NO_CAST) for note in book.notes))

    def to_json(self) -> str:
        """Readable JSON with sorted keys."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str = "manifest.json") -> Manifest:
        """Reads a manifest.

        Raises ValueError naming the file when it isn't one, or is of a major version that can't be read.
        """
        try:
            fields = json.loads(text)
            protocol = str(fields["protocol"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{name} is not a scenesign manifest ({error})") from error
        check_protocol(protocol, name)
        try:
            counts = dict(fields.pop("counts"))
            languages = {code: _read(LanguageCounts, row) for code, row in counts.pop("by_language").items()}
            books = tuple(_read_book(row) for row in fields.pop("books"))
            files = tuple(_read(FileEntry, row) for row in fields.pop("files"))
            stages = tuple(_read_stage(row) for row in fields.pop("stages", ()))
            if major_version(protocol) < FIRST_COMPOSED:
                # a scene had a sign of every level, and no key said so
                fields.setdefault("levels", len(fields["inventory"]["sizes"]))
            totals = _read(Counts, counts | {"by_language": languages})
            shared = _read(SharedParagraphs, fields.pop("shared_paragraphs", {}))
            rows = {"counts": totals, "books": books, "files": files, "stages": stages, "shared_paragraphs": shared}
            return _read(cls, fields | rows)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"{name} is not a scenesign manifest ({error})") from error


def _read_stage(row: Mapping[str, Any]) -> StageCounts:
    sizes = {unit: _read(SizeSpread, spread) for unit, spread in row["sizes"].items()}
    return _read(StageCounts, {**row, "sizes": sizes})


def _read_book(row: Mapping[str, Any]) -> BookEntry:
    others = row.get("near_duplicates", ())
    near = tuple(NearDuplicate(str(other["book_id"]), float(other["share"])) for other in others)
    return _read(BookEntry, {**row, "notes": tuple(row["notes"]), "near_duplicates": near})


def _read(kind: type[Record], row: Mapping[str, Any]) -> Record:
    """A record from JSON. Keys that a later minor version of the protocol may have added are passed over."""
    known = {item.name for item in dataclass_fields(kind)}  # type: ignore[arg-type]
    return kind(**{key: value for key, value in row.items() if key in known})
