"""Visible text of HTML pages, alone or inside an EPUB."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator

from lxml import etree

from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.hand_broken import paragraphs_of
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.matter import leave_out_contents, leave_out_link_lines, leave_out_notes
from scenesign.transforms.read.page import PageReader
from scenesign.transforms.read.page_blocks import settle_levels
from scenesign.transforms.read.page_text import PageText
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.xml import XML_DECLARATION
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.decode import decode_declared

_SUFFIXES = (".html", ".htm", ".xhtml")
_LOOKS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_LOOKS_TAGGED = re.compile(rb"<\0?[a-zA-Z!?/]")
_VOID_MISUSE = re.compile(r"<(script|style|title|textarea|iframe|noscript)\b([^<>]*)/>", re.IGNORECASE)
# Numbers of characters that mean those of Windows' code page, as every browser takes them.
_OLD_REFERENCE = re.compile(r"&#(?:1[2-5]\d|[xX][89][0-9a-fA-F])(?:;|(?![0-9a-fA-F]))")


def read_html(file: InputFile) -> Iterator[RawDocument]:
    """A page as one document, without what stands apart from its text. Raises RejectError as `decode` does."""
    text, encoding = decode_declared(file.data, file.options.language, file.limits.book_lines)
    page = parse_html(text, file.limits.book_lines)
    leave_out_link_lines(page)
    yield page_document(file, page, encoding)


def page_document(file: InputFile, page: PageText, encoding: str) -> RawDocument:
    """The document that a page is."""
    leave_out_notes(page, (link.removeprefix("#") for link in page.note_links if link.startswith("#")))
    leave_out_contents(page)
    settle_levels([page.blocks])
    paragraphs, notes = paragraphs_of(page, file.options.language)
    return RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=page.title,
        author=page.author,
        license=page.license,
        language=page.language,
        encoding=encoding,
        bytes=len(file.data),
        notes=(*notes, *told_left_out(page.left_out)),
    )


def told_left_out(left_out: Counter[Apart]) -> tuple[str, ...]:
    """What was left out, a line for each kind."""
    return tuple(f"{left_out[kind]} {kind.value} left out" for kind in Apart if left_out[kind])


def is_html(file: InputFile) -> bool:
    """Whether a text says that it is a page, or is called one and has a tag."""
    if _LOOKS_HTML.match(file.head.lstrip(b"\xef\xbb\xbf")):
        return True
    return file.suffix in _SUFFIXES and _LOOKS_TAGGED.search(file.data) is not None


READER = Reader("HTML", _SUFFIXES, Holds.BOOK, read_html, looks=is_html)


def read_page(data: bytes, language: str | None = None, most_lines: int = Limits.book_lines) -> tuple[PageText, str]:
    """Visible text of an HTML or XHTML page of a book, and the encoding it was in.

    Raises RejectError as `decode` does.
    """
    text, encoding = decode_declared(data, language, most_lines)
    return parse_html(text, most_lines, site=False), encoding


def parse_html(text: str, most_lines: int = Limits.book_lines, site: bool = True) -> PageText:
    """Visible text of a page that is decoded already. Any text is some HTML.

    site: the page may stand in a site, with its navigation and other furniture. Raises RejectError `too-large` for
    more than `most_lines` paragraphs.
    """
    text = XML_DECLARATION.sub("", text, count=1).replace("\0", "")
    text = replace_between(text, "<![CDATA[", "]]>", lambda inner: inner.replace("&", "&amp;").replace("<", "&lt;"))
    text = _VOID_MISUSE.sub(r"<\1\2></\1>", text)
    text = _OLD_REFERENCE.sub(lambda reference: html.unescape(reference[0]), text)
    reader = PageReader(most_lines, site)
    parser = etree.HTMLParser(target=reader, encoding="utf-8", no_network=True)
    page = etree.fromstring(text.encode("utf-8", "replace") or b" ", parser)
    return page if isinstance(page, PageText) else reader.close()


def replace_between(text: str, opening: str, closing: str, change: Callable[[str], str]) -> str:
    """Rewrites what stands between two marks, in one pass: a regular expression takes hours on marks never closed."""
    parts = []
    at = 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start + len(opening))) >= 0:
        parts += [text[at:start], change(text[start + len(opening) : end])]
        at = end + len(closing)
    parts.append(text[at:])
    return "".join(parts)
