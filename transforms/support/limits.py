"""How inputs are read, and the most that one may ask of us: whatever expands or repeats has a cap with a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scenesign.schemas.records import RejectError


@dataclass(frozen=True)
class Limits:
    """Caps on one input. `scenesign build --limit NAME=NUMBER` sets one.

    What is over a cap is refused, but for `book_characters`: a longer book is cut into volumes.
    """

    file_bytes: int = 64 * 1024 * 1024  # of a file that is held whole: a text, a page, a member of an archive
    book_characters: int = 4_000_000  # a little over War and Peace; memory grows with it
    book_lines: int = 1_000_000  # lines or paragraphs before cleaning; each costs memory, however short
    archive_members: int = 10_000
    archive_nesting: int = 2  # archives inside archives
    expanded_bytes: int = 1024 * 1024 * 1024  # of one archive or compressed file in all
    expansion_ratio: int = 200  # unpacked over packed
    xml_elements: int = 1_000_000  # of one FB2 file or package of an EPUB
    xml_nesting: int = 200

    @property
    def row_bytes(self) -> int:
        """Of one row of JSON Lines: several volumes of a book in the worst escapes JSON has."""
        return self.book_characters * 6 + 65_536


@dataclass(frozen=True)
class ReadOptions:
    """How inputs are read.

    language: ISO 639-1 code of all books; None detects it. The columns name where rows of JSONL, Parquet and
    datasets keep things. min_chars: characters of clean text below which a book is refused. supported_languages:
    what the embedder speaks; None means any. license: of books that state none themselves.
    """

    language: str | None = None
    text_column: str = "text"
    title_column: str = "title"
    author_column: str = "author"
    language_column: str = "language"
    license_column: str = "license"
    license: str = ""
    min_chars: int = 200
    supported_languages: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (self.text_column, self.title_column, self.author_column, self.language_column, self.license_column)

    @property
    def named_columns(self) -> tuple[tuple[str, str], ...]:
        """(what, column) of those beside the text that the user named, so that a typing error shows."""
        named = (
            ("title", self.title_column),
            ("author", self.author_column),
            ("language", self.language_column),
            ("license", self.license_column),
        )
        return tuple((what, column) for what, column in named if column != what)


_BLANK_LINES = re.compile(r"(?:\r\n?|\n)(?:[ \t]*(?:\r\n?|\n)){2,}")
_LINE_END = re.compile(r"\r\n?|\n")


def limit_lines(text: str, most: int) -> str:
    """A text of at most `most` lines; where there are more, runs of blank lines count, and come out, as one.

    Raises RejectError `too-large`.
    """
    if text.count("\n") + text.count("\r") < most:
        return text
    text = _BLANK_LINES.sub("\n\n", text)
    if sum(1 for _ in _LINE_END.finditer(text)) >= most:
        raise too_many_lines(most)
    return text


def too_many_lines(most: int) -> RejectError:
    """The refusal of a text of more lines or paragraphs than one book may have."""
    return RejectError("too-large", f"over {most:,} lines; split the file, or raise it with --limit book_lines=NUMBER")
