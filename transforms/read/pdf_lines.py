"""The program that takes the lines out of a PDF, in a process of its own.

PDFium, built without JavaScript and forms, is given bytes and no path: nothing that a file holds is run or followed. A
file that crashes, hangs or swells it ends this process and no other. It imports nothing that takes time to load.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_MOST_MEMORY = 4 * 1024**3  # bytes of address space
_MOST_MARKS = 100_000
_HYPHENS = "\ufffe\x02"  # what PDFium makes of a hyphen at a line's end, which it then leaves out


@dataclass(frozen=True)
class Caps:
    """The most that a PDF may have; characters are those of all its lines."""

    pages: int
    lines: int
    characters: int
    seconds: int  # of processor time


@dataclass(frozen=True)
class PageLine:
    """A line of a page: text without space at its ends, where it begins and ends, all in points from the lower left.

    size: of the font of its first letter.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float


class RefusedError(Exception):
    """Why there is no text: reason and detail of the reject."""


def answer_on_stdout() -> None:
    """Reads a PDF from standard input and caps from the arguments; writes its text, or why there is none, as JSON."""
    caps = Caps(*map(int, sys.argv[1:]))
    _bound_process(caps.seconds)
    try:
        found = extract_pages(sys.stdin.buffer.read(), caps)
    except RefusedError as error:
        found = {"refused": error.args}
    except MemoryError:
        found = {"refused": ("too-large", "the PDF takes more memory than it may; refused")}
    sys.stdout.write(json.dumps(found))


def _bound_process(seconds: int) -> None:
    """Bounds time and memory of this process, where the system can; whoever started it waits for so long only."""
    if sys.platform == "win32":
        return
    import resource

    bounds = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, _MOST_MEMORY))
    for kind, most in bounds:
        # a narrower bound is there already, or macOS, where a process has more addresses than that from the start
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def extract_pages(data: bytes, caps: Caps) -> dict[str, Any]:
    """`pages` (lists of lines, each as the fields of PageLine), `outline` (level and page from 0, title), metadata.

    Raises RefusedError.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise RefusedError("encrypted", "the PDF is protected by a password; save it without one") from error
        raise RefusedError("damaged-document", "the PDF can't be opened; get it again") from error
    if len(pdf) > caps.pages:
        raise RefusedError("too-large", f"the PDF has {len(pdf):,} pages, over {caps.pages:,}; see --limit pdf_pages")
    pages: list[list[list[Any]]] = []
    lines = characters = 0
    for number in range(len(pdf)):
        try:
            page = pdf[number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError as error:
            why = f"page {number + 1} of the PDF can't be read; get it again"
            raise RefusedError("damaged-document", why) from error
        pages.append([])
        for line in _lines(text):
            lines, characters = lines + 1, characters + len(line.text)
            if lines > caps.lines or characters > caps.characters:
                most = f"{caps.lines:,} lines or {caps.characters:,} characters"
                raise RefusedError("too-large", f"the PDF has over {most}; see --limit book_lines and file_bytes")
            pages[-1].append(list(vars(line).values()))
        text.close()
        page.close()
    about = pdf.get_metadata_dict()
    return {
        "pages": pages,
        "outline": list(_outline(pdf)),
        "title": about.get("Title", ""),
        "author": about.get("Author", ""),
        "language": _language(pdf),
    }


def _lines(page: Any) -> Iterator[PageLine]:
    """The lines of a page, in the order in which PDFium finds them; a hyphen at a line's end is a hyphen again."""
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    box = [ctypes.c_double() for _ in range(4)]  # left, right, bottom, top
    text: list[str] = []
    left = right = baseline = size = 0.0
    count = raw.FPDFText_CountChars(page)
    for at in range(count + 1):
        char = chr(raw.FPDFText_GetUnicode(page, at)) if at < count else "\n"
        if char in "\r\n" or char in _HYPHENS:
            line = "".join(text).rstrip() + ("-" if char in _HYPHENS else "")
            if line:
                yield PageLine(line, left, right, baseline, size)
            text = []
        elif char.isspace() or char == "\0":
            if text:
                text.append(" ")
        else:
            if not text:
                raw.FPDFText_GetCharOrigin(page, at, x, y)
                left, right, baseline = x.value, x.value, y.value
                size = raw.FPDFText_GetFontSize(page, at)
            if raw.FPDFText_GetCharBox(page, at, *box):
                right = max(right, box[1].value)
            text.append(char)


def _outline(pdf: Any) -> Iterator[tuple[int, str, int]]:
    """(level, title, page) of the bookmarks that lead to a page."""
    import pypdfium2

    with suppress(pypdfium2.PdfiumError):
        for count, mark in enumerate(pdf.get_toc(max_depth=4)):
            if count >= _MOST_MARKS:
                return
            target = mark.get_dest()
            page = target.get_index() if target else None
            if page is not None:
                yield mark.level, mark.get_title(), page


def _language(pdf: Any) -> str:
    """The language that the document says it is in, "" where it says nothing."""
    from pypdfium2 import raw

    buffer = ctypes.create_string_buffer(64)
    size = raw.FPDFCatalog_GetLanguage(pdf, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), len(buffer))
    return buffer.raw[: size - 2].decode("utf-16-le", "ignore") if 2 < size <= len(buffer) else ""
