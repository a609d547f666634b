"""The values that travel between steps: frozen, small, and picklable between worker processes."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np


class BlockKind(str, enum.Enum):
    """What a block of a book's clean text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"  # of a chapter, part or letter: a scene never runs across one
    BREAK = "break"  # a typographic scene break such as `* * *`


@dataclass(frozen=True)
class Block:
    """A paragraph, heading or scene break: characters `[start, end)` of the clean text."""

    start: int
    end: int
    kind: BlockKind = BlockKind.PARAGRAPH


@dataclass(frozen=True)
class Source:
    """One input file (or dataset) to read books from.

    uri: what to open: a path, a Beam filesystem URL, or `hf:NAME`.
    name: what datasets and reports call it: relative to the INPUT it was found under, `/`-separated.
    bytes: size in storage, 0 where unknown.
    """

    uri: str
    name: str
    bytes: int = 0


@dataclass(frozen=True)
class Book:
    """One input document, cleaned.

    text: the clean text that every offset of this project counts in (Unicode code points).
    blocks: in order, not overlapping; between two blocks there is only white space.
    source: the `Source.name`, with `#row` or `!member` where one file holds several books, and with `#volume-N` for
    a volume of a book that was too long. license: as the input states it, "" where it states none.
    """

    book_id: str
    title: str
    language: str
    text: str
    blocks: tuple[Block, ...]
    source: str
    author: str = ""
    license: str = ""
    encoding: str = "utf-8"
    bytes: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """Characters `[start, end)` of a book's clean text; `kind` is that of its block."""

    start: int
    end: int
    kind: BlockKind = BlockKind.PARAGRAPH


@dataclass(frozen=True, eq=False)
class SegmentedBook:
    """A book on its way through the map: each step fills one more field.

    vectors: float32 [prose sentences, D], unit length, one row per sentence of kind PARAGRAPH.
    scene_starts: indices into `sentences`; the first is 0.
    scene_vectors: float32 [scenes, D], unit length.
    """

    book: Book
    sentences: tuple[Sentence, ...] = ()
    vectors: np.ndarray | None = field(default=None, repr=False)
    scene_starts: tuple[int, ...] = ()
    scene_vectors: np.ndarray | None = field(default=None, repr=False)

    def with_fields(self, **changes: object) -> SegmentedBook:
        """A copy with some fields set."""
        return replace(self, **changes)  # type: ignore[arg-type]


# Why an input is refused: every reason there is, and what it means. Counted as `rejected/<reason>`.
REASONS: Mapping[str, str] = {
    "archive-bomb": "an archive or compressed file swells beyond the limits",
    "binary": "no text: a picture, program, database, scan or the like",
    "damaged-archive": "an archive, EPUB, .docx or .odt is cut off, broken or lacks what it names",
    "damaged-document": "a PDF or RTF file is cut off or broken",
    "damaged-parquet": "a Parquet file is cut off or broken",
    "damaged-row": "a row of JSON Lines is not a JSON object",
    "damaged-xml": "an FB2 file, or the XML inside an EPUB, .docx or .odt, is not well-formed",
    "duplicate": "another input has the same clean text; counted apart from the other reasons",
    "empty": "no text in the file, row or book",
    "encrypted": "the archive or book is protected",
    "language-unsupported": "the language of the text is one that the embedder does not speak",
    "language-unsure": "the language can't be told, or the text mixes several",
    "near-duplicate": "most of the text is in a longer book that was kept, and `--near-duplicates drop` was asked for",
    "no-prose": "headings and scene breaks only",
    "no-split": "the dataset lacks the split that was asked for",
    "no-text-column": "a row, table or dataset lacks the column of the text, or it holds no text",
    "no-text-layer": "a PDF of scanned pages: pictures without their text",
    "not-installed": "the form needs a library that isn't installed; the detail says which extra brings it",
    "too-large": "over a limit on bytes, lines, rows, members, pages or time",
    "too-nested": "archives, XML elements or RTF groups nested too deep",
    "too-short": "too little text for scenes",
    "undecodable": "bytes that no known encoding makes sense of",
    "unexpected": "an error that nobody foresaw, twice: a defect of the program or of a library; worth a report",
    "unreadable": "the file can't be opened or read: gone, locked, a link in a circle",
    "unreadable-dataset": "a Hugging Face dataset can't be found or loaded",
    "unsafe-xml": "XML that defines entities or points outside itself",
    "unsupported-type": "no format that is read, a note about the folder, no regular file, or data that could run code",
}
UNEXPECTED = "unexpected"  # the one reason that is not the input's own
_VOLUME = re.compile(r"(.+)#volume-\d+")
# Controls, line ends, marks that turn the direction of a line, lone surrogates (bytes of a name that are no UTF-8).
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Bytes of a name that the locale's encoding has no character for, as Python hands them on.
_UNREAD_BYTES = re.compile("[\udc80-\udcff]+")


@dataclass(frozen=True)
class Reject:
    """An input, or a piece of one, that could not be used.

    stage: the step that refused it, e.g. `ReadBooks`.
    reason: one of `REASONS`; counted as `rejected/<reason>`.
    detail: one line for a person: what was wrong and what to do.
    """

    source: str
    stage: str
    reason: str
    detail: str
    book_id: str = ""
    bytes: int = 0


class RejectError(Exception):
    """Raised inside a step to send the book at hand to the rejects, for one of `REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not among the reasons that schemas/records.py declares")
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[RejectError], tuple[str, str]]:
        return RejectError, (self.reason, self.detail)


def in_unicode(text: str) -> str:
    """What the system gave, a name or an argument, with its UTF-8 read where the locale's encoding is another."""
    return _UNREAD_BYTES.sub(_read_as_utf8, text)


def _read_as_utf8(run: re.Match[str]) -> str:
    return run[0].encode("ascii", "surrogateescape").decode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    """One line that any terminal and any table takes: what is not printable comes as its escape.

    Names and messages of hostile files hold line ends, terminal codes and bytes that are no Unicode.
    """
    text = in_unicode(text)
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def volume_source(source: str, number: int) -> str:
    """The source of one volume of a book that is too long to be one."""
    return f"{source}#volume-{number}"


def whole_of(source: str) -> str | None:
    """The source of the book that a source is a volume of; None where it is no volume."""
    found = _VOLUME.fullmatch(source)
    return found[1] if found else None


def file_of(source: str) -> str:
    """The file or dataset that a source is a row, member or volume of, or that it is.

    Told by the name alone: two files may come to one, whatever is in a file never comes to two.
    """
    file, _, _ = source.partition("!")
    # not by an expression, which would start anew at each mark of a name that is nothing but marks
    while True:
        before, mark, number = file.rpartition("#")
        if not mark or not number.removeprefix("volume-").isdecimal():
            return file
        file = before


def text_digest(text: str) -> str:
    """128-bit BLAKE2b of the UTF-8 text, as 32 hex digits: the id of a book."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
