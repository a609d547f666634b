"""The values that travel between steps: frozen, small, and picklable between worker processes."""

from __future__ import annotations

import enum
import hashlib
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
    source: the `Source.name`, with `#row` or `!member` where one file holds several books.
    """

    book_id: str
    title: str
    language: str
    text: str
    blocks: tuple[Block, ...]
    source: str
    author: str = ""
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


@dataclass(frozen=True)
class Reject:
    """An input, or a piece of one, that could not be used.

    stage: the step that refused it, e.g. `ReadBooks`.
    reason: a short fixed word such as `binary` or `language-unsure`; counted as `rejected/<reason>`.
    detail: one line for a person: what was wrong and what to do.
    """

    source: str
    stage: str
    reason: str
    detail: str
    book_id: str = ""
    bytes: int = 0


class RejectError(Exception):
    """Raised inside a step to send the book at hand to the rejects."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[RejectError], tuple[str, str]]:
        return RejectError, (self.reason, self.detail)


def text_digest(text: str) -> str:
    """128-bit BLAKE2b of the UTF-8 text, as 32 hex digits: the id of a book."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
