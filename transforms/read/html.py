"""Paragraphs of HTML and Markdown pages, and what every reader of a format returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from scenesign.schemas.records import BlockKind, RejectError
from scenesign.transforms.support.limits import Limits, limit_lines, too_many_lines
from scenesign.transforms.text.clean import join_lines, normalise
from scenesign.transforms.text.decode import decode

BREAK_TEXT = "* * *"
Paragraph = tuple[str, BlockKind | None]

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
_HEADINGS = frozenset({"h1", "h2", "h3"})
_VOID_MISUSE = re.compile(r"<(script|style|title|textarea|iframe|noscript)\b([^<>]*)/>", re.IGNORECASE)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
LONGEST_HEADING = 200  # a whole paragraph inside <h2> is somebody's idea of bold
_LONG_LINE = 80  # lines this long between <br> are paragraphs, shorter ones verse
_SETEXT = re.compile(r"(=+|-{2,})\s*")
_MARKDOWN_BREAK = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})")


# Names of <meta> elements that state a licence.
_RIGHTS = ("license", "dc.rights", "dcterms.license", "dcterms.rights")


@dataclass(frozen=True)
class RawDocument:
    """A document as its format gives it: plain `text` to be cleaned, or ready `paragraphs`.

    name: the source, with `#row` or `!member`. language: what the format says, "" where nothing;
    `language_is_given` when the user named the column it comes from. license: in the document's own words.
    problem: why there is no text after all.
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
    problem: RejectError | None = None


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
            line = " ".join(text.split())
            self.page.paragraphs.append((line, BlockKind.HEADING if len(line) <= LONGEST_HEADING else None))
            return
        # two line breaks are a paragraph's end, in <pre> as in old web pages
        for part in re.split(r"\n[ \t\r]*\n\s*", text.strip("\n")):
            lines = [line.strip() for line in part.split("\n") if line.strip()]
            if sum(len(line) > _LONG_LINE for line in lines) * 2 > len(lines):
                self.page.paragraphs += [(line, None) for line in lines]
            elif lines:
                self.page.paragraphs.append(("\n".join(lines), None))


def read_html(data: bytes, language: str | None = None, most_lines: int = Limits.book_lines) -> tuple[PageText, str]:
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
    text = _replace_between(text, "<![CDATA[", "]]>", lambda inner: inner.replace("&", "&amp;").replace("<", "&lt;"))
    text = _VOID_MISUSE.sub(r"<\1\2></\1>", text)
    reader = _PageReader(most_lines)
    parser = etree.HTMLParser(target=reader, encoding="utf-8", no_network=True)
    page = etree.fromstring(text.encode("utf-8", "replace") or b" ", parser)
    return page if isinstance(page, PageText) else reader.close()


def _replace_between(text: str, opening: str, closing: str, change: Callable[[str], str]) -> str:
    """Rewrites what stands between two marks, in one pass: a regular expression takes hours on marks never closed."""
    parts = []
    at = 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start + len(opening))) >= 0:
        parts += [text[at:start], change(text[start + len(opening) : end])]
        at = end + len(closing)
    parts.append(text[at:])
    return "".join(parts)


def decode_declared(data: bytes, language: str | None, most_lines: int = Limits.book_lines) -> tuple[str, str]:
    """Text by the encoding the file declares, if its bytes agree; else as any text file. Raises as `decode` does."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared[1].decode("ascii").lower()
        # web pages that say gb2312 or latin-1 mean these supersets
        name = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "big5": "big5hkscs"}.get(name, name)
        if not name.startswith("utf-16"):
            try:
                return limit_lines(data.decode(name), most_lines), name
            except (LookupError, UnicodeError, ValueError):
                pass
    decoded = decode(data, language, most_lines)
    return decoded.text, decoded.encoding


def local_name(tag: Any) -> str:
    """Element name without its namespace, in small letters; "" for comments and such."""
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(tag, str) else ""


def read_markdown(document: RawDocument, most_lines: int = Limits.book_lines) -> RawDocument:
    """Visible text of Markdown, with its headings and rules as structure and its front matter as metadata."""
    text = limit_lines(normalise(document.text), most_lines)
    fields: dict[str, str] = {}
    front = re.match(r"---\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if front:
        found = re.findall(r"^(title|author|license|licence|language|lang):[ \t]*(.+)$", front[1], re.MULTILINE)
        fields = {key: value.strip().strip("\"'") for key, value in found}
        text = text[front.end() :]
    paragraphs: list[Paragraph] = []
    lines: list[str] = []

    def close() -> None:
        if lines:
            paragraphs.append((_inline("\n".join(_soft_join(lines))), None))
        lines.clear()

    fenced = False
    for line in [*_replace_between(text, "<!--", "-->", lambda _: "").split("\n"), ""]:
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
            close()
            continue
        heading = None if fenced else re.fullmatch(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*", line)
        if heading:
            close()
            paragraphs.append((_inline(heading[2]), BlockKind.HEADING if len(heading[1]) <= 3 else None))
        elif len(lines) == 1 and _SETEXT.fullmatch(bare):
            paragraphs.append((_inline(lines.pop().strip()), BlockKind.HEADING))
        elif _MARKDOWN_BREAK.fullmatch(line):
            close()
            paragraphs.append((BREAK_TEXT, BlockKind.BREAK))
        elif not bare:
            close()
        else:
            lines.append(re.sub(r"^\s*(?:>\s?)+", "", line))
    return replace(
        document,
        text="",
        paragraphs=tuple(paragraphs),
        title=fields.get("title", ""),
        author=fields.get("author", ""),
        license=fields.get("license", fields.get("licence", "")),
        language=fields.get("language", fields.get("lang", "")),
    )


def _soft_join(lines: list[str]) -> list[str]:
    """Lines of a paragraph as Markdown means them: joined, but for two spaces or a backslash at the end."""
    result: list[list[str]] = [[]]
    for line in lines:
        hard = line.endswith(("  ", "\\"))
        body = line.strip().removesuffix("\\").rstrip()
        if body:
            result[-1].append(body)
        if hard:
            result.append([])
    return [join_lines(group) for group in result if group]


def _inline(text: str) -> str:
    """Markdown's marks inside a line removed: emphasis, links, images, code."""
    text = re.sub(r"!\[[^\[\]\n]*\]\([^()\n]*\)", "", text)
    text = re.sub(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])", r"\1", text)
    text = re.sub(r"(?<![\\\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])", r"\2", text)
    text = re.sub(r"(?<![\\\w_])(_{1,3})(?=\S)([^_\n]+?)(?<=\S)\1(?![\w_])", r"\2", text)
    text = re.sub(r"`([^`\n]+)`", r"\1", text)
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!>~|])", r"\1", text)
