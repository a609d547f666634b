"""How inputs are read: what the user said of their language, columns and licence, and the limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from scenesign.transforms.support.limits import Limits


@dataclass(frozen=True)
class ReadOptions:
    """How inputs are read.

    language: ISO 639-1 code of all books; None detects it. The columns name where rows of JSONL, Parquet and
    datasets keep things. min_chars: characters of clean text below which a book is refused. supported_languages:
    what the embedder speaks; None means any. license: of books that state none themselves. boilerplate: keys of
    paragraphs to leave out.
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
    boilerplate: frozenset[bytes] = frozenset()

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
