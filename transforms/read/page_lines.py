"""The pieces of a block to its lines: marks leave no trace, images stand for letters, rows and paragraphs part."""

from __future__ import annotations

import re

from scenesign.transforms.read.drop_caps import CAP
from scenesign.transforms.text.lines import join_lines

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
# Signs inside a block before it is put together; text is cleared of them first.
SOFT, MARK, IMAGE, IMAGE_END, CELL = "\v", "\0", "\2", "\3", "\4"
SIGNS = re.compile(f"[{MARK}{CAP}{IMAGE}{IMAGE_END}{CELL}]")
_BRACKETED_MARK = re.compile(r"[\[(（]\0[\])）]")
_REMOVED_MARK = re.compile(r" ?\0(?=[.,;:!?…])|\0")
_IMAGE_LETTERS = re.compile("\2([^\2\3]*)\3")
_PARAGRAPH_END = re.compile(r"\n[ \t\r\xa0\u3000\v]*\n\s*")
_LONG_CELL = 80  # characters; a row of such cells holds paragraphs, not figures


def soft_spaced(text: str) -> str:
    """Text of the source with its white space single: a space, or a line end that isn't the text's own."""
    return _SPACE.sub(_space, text)


def plain_piece(text: str) -> str:
    """Text without the signs of this module."""
    return " ".join(SIGNS.sub("", text.replace(SOFT, " ").replace(CELL, " ")).split())


def assembled_block(text: str) -> str:
    """A block's text without signs for marks and images."""
    if MARK in text:
        text = _REMOVED_MARK.sub("", _BRACKETED_MARK.sub(MARK, text))
    if IMAGE in text:
        # letters in running text; alone in its block an image is a picture, or the large letter of the next one
        bare = _IMAGE_LETTERS.sub("", text)
        if any(map(str.isalnum, bare)):
            text = _IMAGE_LETTERS.sub(_letters_in_place, text)
        else:
            only = _IMAGE_LETTERS.findall(text)
            text = only[0].rstrip(CAP) + CAP * 2 if len(only) == 1 and only[0].rstrip(CAP).isalpha() else ""
            text = text if len(text) <= 5 else ""
    return text


def _letters_in_place(found: re.Match[str]) -> str:
    text, (start, end) = found.string, found.span()
    first = start < 8 and not text[:start].strip(" \v\0\4")
    if not (first or not text[start - 1].isspace() or not text[end : end + 1].isspace()):
        return ""
    opens = first and not found[1].endswith(CAP) and found[1].isalpha()
    return found[1] + (CAP if opens else "")


def parts_of_block(text: str) -> list[str]:
    """Paragraphs inside a block: cells of rows, and what two line breaks set apart."""
    if CELL in text:
        cells = [cell for cell in (cell.strip(" \v") for cell in text.split(CELL)) if cell]
        if any(len(cell) > _LONG_CELL for cell in cells):
            return [part for cell in cells for part in parts_of_block(cell)]
        text = " ".join(cells)
    # two line breaks are a paragraph's end, in <pre> as in old web pages
    parts = (_hard_lines(part) for part in _PARAGRAPH_END.split(text.strip("\n")))
    return [part for part in parts if part.strip()]


def _hard_lines(part: str) -> str:
    """Lines that end where the page broke them, those of its source joined."""
    lines = []
    for line in part.split("\n"):
        if SOFT in line:
            line = join_lines([piece for piece in (piece.strip(" ") for piece in line.split(SOFT)) if piece])
        if line.strip():
            lines.append(line.rstrip().lstrip(" \t") if SOFT in line else line.rstrip())
    return "\n".join(lines)


def _space(run: re.Match[str]) -> str:
    """White space of the source: a space, or a line end that isn't the text's own."""
    return SOFT if "\n" in run[0] or "\r" in run[0] else " "
