"""Titles of chapters: a dataset says where chapters begin, and their first scenes begin with the titles."""

from __future__ import annotations

from scenesign.pipeline.report.cut import first_words
from scenesign.transforms.text.heading_lines import counted_line
from scenesign.transforms.text.heading_shapes import LONGEST_HEADING, SENTENCE_ENDS

TITLE_BYTES = 120
# `CHAPTER I` and its name below it; more lines than that are a title page or a motto.
_LINES = 2
# What can hold the titles, in characters: no more of a long scene is looked at.
_LOOKED_AT = 2_000


def split_title(text: str, *known: str) -> tuple[str, str]:
    """The title that a scene begins with, on one line, and the text after it; no title where it has none.

    text: of a scene that opens a chapter, blank lines between its blocks. known: lines of a title page, such as the
    book's title and author, which are no title of a chapter.
    """
    lines: list[str] = []
    told = {_letters(line) for line in known}
    *blocks, _ = text[:_LOOKED_AT].split("\n\n")
    prose = 0
    for block in blocks:
        line = " ".join(block.split())
        counted = counted_line(line) if line and len(line) <= LONGEST_HEADING else None
        if counted:
            lines = [line]  # what stood above it was of a title page
        elif not _may_be_title(line):
            break
        elif _letters(line) not in told:
            lines.append(line)
        prose += len(block) + 2
    return first_words(" · ".join(lines[:_LINES]), TITLE_BYTES), text[prose:]


def _may_be_title(line: str) -> bool:
    return len(line) <= LONGEST_HEADING and not line.endswith((*SENTENCE_ENDS, ",", "，"))


def _letters(line: str) -> str:
    return "".join(character for character in line.casefold() if character.isalnum())
