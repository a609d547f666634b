"""Project Gutenberg's header and footer: where the book lies between them, and what the header says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scenesign.transforms.text.licences import GUTENBERG

_START = re.compile(
    r"^[^\n]{0,20}\*\*\*\s*START OF (?:THE|THIS) PROJECT GUTENBERG[^\n]*(?:\n[^\n*]+)?\*\*\*[^\n]*$"
    r"|^\*END\*?\s*THE SMALL PRINT![^\n]*$|^[^\n]*\*END\*[ ]*$|^\*END THE SMALL PRINT[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    r"^[^\n]{0,20}\*\*\*\s*END OF (?:THE|THIS) PROJECT GUTENBERG"
    r"|^[ ]*\**[ \t]*(?:This is the )?End of (?:the |this )?Project Gutenberg(?:['’]s|\s+E)",
    re.MULTILINE | re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:produced by|e-?text (?:was )?(?:produced|prepared)|transcribed (?:from|by)|prepared by|"
    r"html version by|this e-?(?:text|book) (?:was )?(?:produced|prepared|created)|"
    r"scanned (?:and proofed )?by|\[?this file was)",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\s*([^\n]+(?:\n[ \t]*[^\n \t][^\n]*)*)")
_FIELD = re.compile(r"^(Title|Author):[ ]*(.+(?:\n[ ]{2,}\S.*)*)", re.MULTILINE)
_TERMS = re.compile(r"under\s+the\s+terms\s+of\s+the\s+Project\s+Gutenberg\s+Licen[cs]e", re.IGNORECASE)
# No header or footer is longer; a mark beyond this is in the book itself.
_LONGEST_HEADER = 40_000


@dataclass(frozen=True)
class Frame:
    """The book lies at [start, end) of its file; the rest is what its header said."""

    start: int
    end: int
    title: str = ""
    author: str = ""
    license: str = ""
    notes: tuple[str, ...] = ()


def find_frame(text: str) -> Frame:
    """Project Gutenberg's header and footer around a book, where they are."""
    opening = text[:_LONGEST_HEADER].lower()
    if "gutenberg" not in opening and "gutenberg" not in text[-_LONGEST_HEADER:].lower():
        return Frame(0, len(text))
    fields: dict[str, str] = {}
    start, end = 0, len(text)
    for match in _START.finditer(text, 0, _LONGEST_HEADER):
        start = match.end()
    if start:
        for name, value in _FIELD.findall(text[:start]):
            fields.setdefault(name, " ".join(value.split()))
        start = _past_credits(text, start)
    footer = _END.search(text, max(start, len(text) - _LONGEST_HEADER))
    if footer:
        end = footer.start()
    cut = start + len(text) - end
    return Frame(
        start,
        end,
        title=fields.get("Title", ""),
        author=fields.get("Author", ""),
        license=GUTENBERG if _TERMS.search(text[:_LONGEST_HEADER]) else "",
        notes=(f"Project Gutenberg boilerplate removed ({cut:,} characters)",) if cut else (),
    )


def within(texts: Iterable[str], frame: Frame) -> Iterator[str]:
    """What of each paragraph lies in the frame, where blank lines join them."""
    at = 0
    for text in texts:
        yield text[max(0, frame.start - at) : max(0, frame.end - at)].strip()
        at += len(text) + 2


def _past_credits(text: str, at: int) -> int:
    """Where the paragraphs end that stand right under the header and say who typed the book in."""
    while True:
        match = _PARAGRAPH.match(text, at)
        if match is None or len(match[1]) > 600 or not _CREDIT.match(match[1].strip()):
            return at
        at = match.end()
