"""Visible text of HTML pages, alone or inside an EPUB."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read.document import BREAK_TEXT, Paragraph, RawDocument, heading
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.xml import XML_DECLARATION, local_name
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.decode import decode_declared
from scenesign.transforms.text.lines import too_many_lines

_SKIPPED = frozenset(
    {"script", "style", "head", "nav", "noscript", "template", "svg", "math", "iframe", "object", "audio", "video"}
    | {"select", "button", "textarea", "rp", "rt"}
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "rb",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_SUFFIXES = (".html", ".htm", ".xhtml")
_LOOKS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_LOOKS_TAGGED = re.compile(rb"<\0?[a-zA-Z!?/]")
_HEADINGS = frozenset({"h1", "h2", "h3"})
_VOID_MISUSE = re.compile(r"<(script|style|title|textarea|iframe|noscript)\b([^<>]*)/>", re.IGNORECASE)
_LONG_LINE = 80  # lines this long between <br> are paragraphs, shorter ones verse


# Names of <meta> elements that state a licence.
_RIGHTS = ("license", "dc.rights", "dcterms.license", "dcterms.rights")


@dataclass
class PageText:
    """Visible text of one HTML page. linked: share of it inside links."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    title: str = ""
    author: str = ""
    license: str = ""
    language: str = ""
    linked: float = 0.0


class _PageReader:
    """Target of lxml's HTML parser: sees each tag once, in order, so depth costs no recursion."""

    def __init__(self, most_lines: int) -> None:
        self.page = PageText()
        self._most_lines = most_lines
        self._buffer: list[str] = []
        self._skip: list[str] = []  # open elements whose text is not shown
        self._heading = ""
        self._pre = 0
        self._links = 0
        self._linked = self._shown = 0
        self._in_title = False

    def start(self, tag: Any, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        name = local_name(tag)
        if name == "html":
            self.page.language = attributes.get("lang") or attributes.get("xml:lang") or ""
        if name == "meta" and attributes.get("name", "").lower() in ("author", "dc.creator"):
            self.page.author = self.page.author or attributes.get("content", "")
        if name == "meta" and attributes.get("name", "").lower() in _RIGHTS:
            self.page.license = self.page.license or attributes.get("content", "")
        if name in ("link", "a") and "license" in attributes.get("rel", "").lower().split():
            self.page.license = self.page.license or attributes.get("href", "")
        if name == "title" and "svg" not in self._skip:
            self._in_title = True
        if name in _SKIPPED:
            # an element that never closes must not swallow the book: only these few are tracked, by name
            self._skip.append(name)
        if self._skip:
            return
        if name == "br":
            self._buffer.append("\n" if not self._pre else "")
        elif name == "hr":
            self._flush()
            self.page.paragraphs.append((BREAK_TEXT, BlockKind.BREAK))
        elif name in _HEADINGS:
            self._flush()
            self._heading = name
        elif name == "a":
            self._links += "href" in attributes
        elif name in ("td", "th"):
            self._buffer.append(" ")
        elif name not in _INLINE:
            self._flush()
            self._pre += name == "pre"

    def end(self, tag: Any) -> None:
        """An element closes."""
        name = local_name(tag)
        if name == "title":
            self._in_title = False
        if self._skip:
            if name == self._skip[-1]:
                self._skip.pop()
            return
        if name == "a":
            self._links = max(0, self._links - 1)
        elif name in _HEADINGS:
            self._flush()
            self._heading = ""
        elif name not in _INLINE and name not in ("br", "hr", "td", "th"):
            self._flush()
            self._pre = max(0, self._pre - (name == "pre"))

    def data(self, text: str) -> None:
        """Text between tags."""
        if self._in_title:
            self.page.title += text
        elif not self._skip:
            size = len(text.strip())
            self._shown += size
            self._linked += size if self._links else 0
            self._buffer.append(text if self._pre else re.sub(r"[ \t\r\n\f]+", " ", text))

    def close(self) -> PageText:
        """The page, when the parser is done."""
        self._flush()
        self.page.title = " ".join(self.page.title.split())
        self.page.linked = self._linked / self._shown if self._shown else 0.0
        return self.page

    def _flush(self) -> None:
        text = "".join(self._buffer)
        self._buffer.clear()
        if len(self.page.paragraphs) >= self._most_lines:
            raise too_many_lines(self._most_lines)
        if not text.strip():
            return
        if self._heading:
            self.page.paragraphs.append(heading(" ".join(text.split())))
            return
        # two line breaks are a paragraph's end, in <pre> as in old web pages
        for part in re.split(r"\n[ \t\r]*\n\s*", text.strip("\n")):
            lines = [line.strip() for line in part.split("\n") if line.strip()]
            if sum(len(line) > _LONG_LINE for line in lines) * 2 > len(lines):
                self.page.paragraphs += [(line, None) for line in lines]
            elif lines:
                self.page.paragraphs.append(("\n".join(lines), None))


def read_html(file: InputFile) -> Iterator[RawDocument]:
    """A page as one document. Raises RejectError as `decode` does."""
    page, encoding = read_page(file.data, file.options.language, file.limits.book_lines)
    yield RawDocument(
        file.name,
        paragraphs=tuple(page.paragraphs),
        title=page.title,
        author=page.author,
        license=page.license,
        language=page.language,
        encoding=encoding,
        bytes=len(file.data),
    )


def is_html(file: InputFile) -> bool:
    """Whether a text says that it is a page, or is called one and has a tag."""
    if _LOOKS_HTML.match(file.head.lstrip(b"\xef\xbb\xbf")):
        return True
    return file.suffix in _SUFFIXES and _LOOKS_TAGGED.search(file.data) is not None


READER = Reader("HTML", _SUFFIXES, Holds.BOOK, read_html, looks=is_html)


def read_page(data: bytes, language: str | None = None, most_lines: int = Limits.book_lines) -> tuple[PageText, str]:
    """Visible text of an HTML or XHTML page, and the encoding it was in.

    Raises RejectError as `decode` does.
    """
    text, encoding = decode_declared(data, language, most_lines)
    return parse_html(text, most_lines), encoding


def parse_html(text: str, most_lines: int = Limits.book_lines) -> PageText:
    """Visible text of a page that is decoded already. Any text is some HTML.

    Raises RejectError `too-large` for more than `most_lines` paragraphs.
    """
    text = XML_DECLARATION.sub("", text, count=1).replace("\0", "")
    text = replace_between(text, "<![CDATA[", "]]>", lambda inner: inner.replace("&", "&amp;").replace("<", "&lt;"))
    text = _VOID_MISUSE.sub(r"<\1\2></\1>", text)
    reader = _PageReader(most_lines)
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
