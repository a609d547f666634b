"""The most that one input may ask of us: whatever expands or repeats has a cap with a name."""

from __future__ import annotations

from dataclasses import dataclass


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
    xml_elements: int = 1_000_000  # of one FB2 file, or of a part of an EPUB, .docx or .odt
    xml_nesting: int = 200  # of the same, and of groups in RTF
    pdf_pages: int = 10_000

    @property
    def row_bytes(self) -> int:
        """Of one row of JSON Lines: several volumes of a book in the worst escapes JSON has."""
        return self.book_characters * 6 + 65_536
