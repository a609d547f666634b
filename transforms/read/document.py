"""What every reader gives: a document as its form has it, before any cleaning."""

from __future__ import annotations

from dataclasses import dataclass

from scenesign.schemas.records import BlockKind

BREAK_TEXT = "* * *"
LONGEST_HEADING = 200  # characters; a whole paragraph marked as a heading is somebody's idea of bold
_LONG_LINE = 80  # characters; lines this long between line breaks are paragraphs, shorter ones verse
# Its lines, and what the form says of it; None leaves that to its words.
Paragraph = tuple[str, BlockKind | None]


def heading(line: str) -> Paragraph:
    """A line that its form marks as a heading."""
    return line, BlockKind.HEADING if len(line) <= LONGEST_HEADING else None


def broken_lines(text: str) -> list[Paragraph]:
    """Text that holds line breaks of its own: verse stays together, long lines are paragraphs."""
    lines = [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]
    if sum(len(line) > _LONG_LINE for line in lines) * 2 > len(lines):
        return [(line, None) for line in lines]
    return [("\n".join(lines), None)] if lines else []


@dataclass(frozen=True)
class RawDocument:
    """A document as its format gives it: plain `text` to be cleaned, or ready `paragraphs`.

    name: the source, with `#row` or `!member`. language: what the format says, "" where nothing;
    `language_is_given` when the user named the column it comes from. license: in the document's own words.
    problem: why there is no text after all: a RejectError, or what nobody foresaw.
    """

    name: str
    text: str = ""
    paragraphs: tuple[Paragraph, ...] | None = None
    title: str = ""
    author: str = ""
    license: str = ""
    language: str = ""
    language_is_given: bool = False
    encoding: str = "utf-8"
    bytes: int = 0
    notes: tuple[str, ...] = ()
    problem: Exception | None = None
