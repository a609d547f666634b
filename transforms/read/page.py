"""A page's tags to its blocks: what stands apart is left out with a count, marks inside lines leave no trace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read import marks
from scenesign.transforms.read.document import BREAK_TEXT, LONGEST_HEADING
from scenesign.transforms.read.drop_caps import CAP, join_caps
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.page_blocks import DEEPEST_HEADING, PageBlock
from scenesign.transforms.read.xml import local_name
from scenesign.transforms.text.lines import join_lines, too_many_lines

_SKIPPED = frozenset(
    {"script", "style", "head", "noscript", "template", "svg", "math", "iframe", "object", "audio", "video", "canvas"}
    | {"select", "button", "textarea", "datalist", "rp", "rt", "rtc", "case"}
)
_RUBY = frozenset({"rb", "rt", "rp"})
# What HTML lays out on lines of its own. Everything else, known or not, stands in its line.
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "col", "colgroup", "dd", "details"}
    | {"dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "header"}
    | {"hgroup", "html", "isindex", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "option", "p"}
    | {"plaintext", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"}
    | {"xmp", "frame", "noframes"}
    | {f"h{level}" for level in range(1, 7)}
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_KEEP_LINES = frozenset({"pre", "listing", "xmp", "plaintext"})
_CELLS = frozenset({"td", "th"})
_PREFIXES = frozenset({"svg", "epub", "html", "xhtml", "h", "m", "math", "ops"})
_WITHIN_TEXT = frozenset({"blockquote", "article", "section", "figure", "td", "li"})
_RIGHTS = ("license", "dc.rights", "dcterms.license", "dcterms.rights")  # names of <meta> that state a licence
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
# Signs inside a block before it is put together; text is cleared of them first.
_SOFT, _MARK, _IMAGE, _IMAGE_END, _CELL = "\v", "\0", "\2", "\3", "\4"
_SIGNS = re.compile(f"[{_MARK}{CAP}{_IMAGE}{_IMAGE_END}{_CELL}]")
_BRACKETED_MARK = re.compile(r"[\[(（]\0[\])）]")
_REMOVED_MARK = re.compile(r" ?\0(?=[.,;:!?…])|\0")
_IMAGE_LETTERS = re.compile("\2([^\2\3]*)\3")
_PARAGRAPH_END = re.compile(r"\n[ \t\r\xa0\u3000\v]*\n\s*")
_LONG_CELL = 80  # characters; a row of such cells holds paragraphs, not figures
_LEAST_LINKED = 0.5  # share of a piece of furniture inside links that makes it one whatever its size
_SMALL = 300  # characters of furniture without links that are nothing but that
_LARGEST_SHARE = 1 / 3  # of the page's text: larger furniture is a page that is built oddly
_LONGEST_NOTE = 60  # blocks of one note


@dataclass
class PageText:
    """What a page shows. left_out: what it holds beside that, by kind. note_links: where its note marks lead."""

    blocks: list[PageBlock] = field(default_factory=list)
    title: str = ""
    author: str = ""
    license: str = ""
    language: str = ""
    left_out: Counter[Apart] = field(default_factory=Counter)
    note_links: list[str] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)  # blocks of the elements with an id

    @property
    def shown(self) -> int:
        """Characters of text."""
        return sum(block.shown for block in self.blocks)

    @property
    def linked(self) -> float:
        """Share of the text inside links."""
        return sum(block.linked for block in self.blocks) / max(1, self.shown)


@dataclass
class _Element:
    """An element that is open. kind: what it is besides text. block, piece: where its text starts."""

    name: str
    inline: bool
    kind: Apart | None
    strong: bool
    hides: bool
    block: int
    piece: int
    shown: int
    linked: int
    id: str
    href: str | None = None
    raised: bool = False
    cap: bool = False
    sup: bool = False


@dataclass(frozen=True)
class _Region:
    """Blocks `[first, last)` that stand apart."""

    kind: Apart
    first: int
    last: int
    shown: int
    linked: int
    strong: bool


class PageReader:
    """Target of lxml's HTML parser: sees each tag once, in order, so depth costs no recursion."""

    def __init__(self, most_lines: int, site: bool) -> None:
        self.page = PageText()
        self._most_lines, self._site = most_lines, site
        self._open: list[_Element] = []
        self._names: Counter[str] = Counter()
        self._buffer: list[str] = []
        self._hidden = self._pre = self._links = self._heading = self._level = self._raised = 0
        self._shown = self._linked = self._inner_links = 0
        self._flushed = (0, 0, 0)  # the three above, when the last block ended
        self._ids: list[str] = []
        self._regions: list[_Region] = []
        self._opens_note = False
        self._in_title = False
        self._stated_title = ""

    def start(self, tag: Any, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        name = _name(tag)
        self._metadata(name, attributes)
        if name in _RUBY and self._hidden and self._open and self._open[-1].name in ("rt", "rp"):
            self._open[-1].hides = False  # its end tag may be left out
            self._hidden -= 1
        inline = name not in _BLOCKS and name not in _CELLS
        kind = None if self._hidden else marks.apart(name, attributes, inline, self._site)
        if kind and self._is_text_after_all(name, attributes, kind):
            kind = None
        if not self._hidden:
            self._lay_out(name, attributes, inline, kind)
        hides = name in _SKIPPED
        self._hidden += hides
        identity = attributes.get("id") or (attributes.get("name") if name == "a" else None) or ""
        if identity and not self._hidden and not "".join(self._buffer[-3:]).strip(" \v"):
            self._ids.append(identity)
        element = _Element(
            name, inline, kind, bool(kind) and marks.is_strong(name, attributes), hides, len(self.page.blocks),
            len(self._buffer), self._shown, self._linked, identity,
        )  # fmt: skip
        if name == "a" and "href" in attributes:
            element.href = attributes["href"]
            self._links += 1
            self._inner_links += _stays(element.href)
        element.cap = not self._hidden and name != "img" and marks.is_drop_cap(attributes)
        element.sup = marks.is_raised(name, attributes)
        self._raised += element.sup
        if name in _HEADINGS:
            self._heading += 1
            self._level = int(name[1])
        self._pre += name in _KEEP_LINES
        self._open.append(element)
        self._names[name] += 1

    def end(self, tag: Any) -> None:
        """An element closes, and with it those inside that never did."""
        name = _name(tag)
        if not self._names[name]:
            return
        while self._open:
            element = self._open.pop()
            self._names[element.name] -= 1
            self._close(element)
            if element.name == name:
                return

    def data(self, text: str) -> None:
        """Text between tags."""
        if self._in_title:
            self.page.title += text
        elif not self._hidden:
            text = _SIGNS.sub("", text)
            size = len(text.strip())
            self._shown += size
            self._linked += size if self._links else 0
            if self._pre:
                self._buffer.append(text)
            else:
                self._buffer.append(_SPACE.sub(_space, text))

    def close(self) -> PageText:
        """The page, when the parser is done."""
        while self._open:
            self._close(self._open.pop())
        self._flush()
        page = self.page
        page.title = " ".join((self._stated_title or page.title).split())
        _leave_out(page, self._regions)
        join_caps(page.blocks)
        for block in page.blocks[:3]:
            # the title of a page over its text, whatever it is dressed in
            if block.kind is None and len(block.text) <= LONGEST_HEADING and _same(block.text, page.title):
                block.kind = BlockKind.HEADING
        return page

    def _metadata(self, name: str, attributes: Mapping[str, str]) -> None:
        page = self.page
        if name == "html":
            page.language = page.language or attributes.get("lang") or attributes.get("xml:lang") or ""
        elif name == "meta":
            called = attributes.get("name", "").lower()
            if called in ("author", "dc.creator"):
                page.author = page.author or attributes.get("content", "")
            elif called in ("dc.title", "dcterms.title"):
                self._stated_title = self._stated_title or attributes.get("content", "")
            elif called in _RIGHTS:
                page.license = page.license or attributes.get("content", "")
        elif name in ("link", "a") and "license" in attributes.get("rel", "").lower().split():
            page.license = page.license or attributes.get("href", "")
        elif name == "title" and not self._names["svg"]:
            self._in_title = True

    def _is_text_after_all(self, name: str, attributes: Mapping[str, str], kind: Apart) -> bool:
        """Whether an element that could be furniture belongs to what it stands in, or is the page itself."""
        if kind is Apart.HIDDEN:
            return name in ("html", "body", "main") or marks.is_drop_cap(attributes)
        if kind is Apart.FURNITURE and name in ("header", "footer", "aside"):
            # a letter's date and signature, the source of a quotation
            if not self._site:
                return True
            return any(self._names[outer] for outer in _WITHIN_TEXT)
        return kind is Apart.FURNITURE and name in ("menu", "dialog") and not self._site

    def _lay_out(self, name: str, attributes: Mapping[str, str], inline: bool, kind: Apart | None) -> None:
        if name == "br":
            self._buffer.append("\n" if not self._pre else "")
        elif name == "hr":
            self._flush()
            if kind is not Apart.PAGE_MARK:
                self._add(PageBlock(BREAK_TEXT, BlockKind.BREAK))
        elif name == "img":
            letters = _SIGNS.sub("", marks.image_letters(attributes))
            if letters:
                self._buffer += [_IMAGE + letters, CAP * marks.is_drop_cap(attributes) + _IMAGE_END]
        elif name in _CELLS:
            self._buffer.append(_CELL)
        elif not inline:
            self._flush()

    def _close(self, element: _Element) -> None:
        name = element.name
        if name == "title":
            self._in_title = False
        if element.hides:
            self._hidden -= 1
        self._raised -= element.sup
        if element.href is not None:
            self._links -= 1
        if element.inline and not self._hidden:
            self._close_inline(element)
        elif not element.inline and not self._hidden and name not in _CELLS:
            self._flush(element.cap)
        self._heading -= name in _HEADINGS
        self._pre -= name in _KEEP_LINES
        blocks = len(self.page.blocks)
        if element.kind and not element.inline:
            self._regions.append(
                _Region(element.kind, element.block, blocks, self._shown - element.shown, self._linked - element.linked,
                        element.strong)
            )  # fmt: skip
        if element.id and not element.inline and blocks - element.block <= _LONGEST_NOTE:
            self.page.spans.setdefault(element.id, (element.block, blocks))

    def _close_inline(self, element: _Element) -> None:
        """A piece of a line: it goes where it is a mark, and leaves a sign in its place."""
        told = element.kind or element.href is not None or element.cap or element.sup or element.id
        if len(self.page.blocks) != element.block or not told:
            return
        pieces = self._buffer[element.piece :]
        if len(pieces) > 64 and not element.kind:
            return
        text = _plain("".join(pieces))
        before = next(
            (piece for piece in reversed(self._buffer[max(0, element.piece - 8) : element.piece]) if piece), ""
        )
        opens = not "".join(self._buffer[max(0, element.piece - 8) : element.piece]).strip(" \v\0([（【")
        kind = element.kind
        if kind in (Apart.NOTE_MARK, Apart.PAGE_MARK) and not marks.is_short_mark(text, kind):
            kind = None
        if kind is Apart.NOTE and len(text) <= 4:
            kind = Apart.NOTE_MARK
        if kind is Apart.HIDDEN and len(text) == 1 and element.cap:
            kind = None
        if kind is None and marks.is_page_anchor(element.id, text):
            kind = Apart.PAGE_MARK
        elif kind is None and element.href is not None:
            kind = self._kind_of_link(text, element.href, element.raised, before, opens)
        elif kind is None and element.sup:
            if self._open and self._open[-1].href is not None:
                self._open[-1].raised = True
            elif not opens and marks.is_raised_number(text, _plain(before)):
                kind = Apart.NOTE_MARK
        if kind:
            if text:
                self.page.left_out[kind] += 1
            if kind is Apart.NOTE_MARK and element.href:
                self.page.note_links.append(element.href)
            self._shown, self._linked = element.shown, element.linked
            self._buffer[element.piece :] = [_MARK]
        elif element.cap and 0 < len(text) <= 3 and text.isalpha():
            self._buffer.append(CAP)

    def _kind_of_link(self, text: str, href: str, raised: bool, before: str, opens: bool) -> Apart | None:
        if marks.goes_back(text, href):
            self._opens_note = True
            return Apart.NOTE_MARK
        if opens:
            self._opens_note = self._opens_note or marks.can_open_note(text, href)
            return None
        stuck = not before[-1:].isspace()
        raised = raised or bool(self._raised)
        return Apart.NOTE_MARK if marks.is_note_mark(text, href, raised, stuck) else None

    def _flush(self, cap: bool = False) -> None:
        """Ends a block, or the rows and paragraphs that line breaks make of it."""
        text, self._buffer = "".join(self._buffer), []
        counts = (self._shown, self._linked, self._inner_links)
        shown, linked, links = (now - before for now, before in zip(counts, self._flushed, strict=True))
        self._flushed = counts
        opens_note, self._opens_note = self._opens_note, False
        text = _assembled(text)
        if not text.strip():
            return
        ids, self._ids = tuple(self._ids), []
        if self._heading:
            line = " ".join(text.replace(_SOFT, " ").replace(_CELL, " ").split())
            level = self._level
            kind = BlockKind.HEADING if level <= DEEPEST_HEADING and len(line) <= LONGEST_HEADING else None
            self._add(PageBlock(line, kind, level, shown, linked, links, ids))
            return
        parts = _parts(text)
        loose = self._pre > 0 or "\n" in text.strip("\n")
        total = sum(map(len, parts))
        for part in parts:
            share = len(part) / total
            if cap and len(parts) == 1 and len(part.strip()) <= 3 and part.strip().isalpha():
                part = part.strip() + CAP
            block = PageBlock(part, None, 0, round(shown * share), round(linked * share), links, ids, loose, opens_note)
            self._add(block)
            links, ids, opens_note = 0, (), False

    def _add(self, block: PageBlock) -> None:
        if len(self.page.blocks) >= self._most_lines:
            raise too_many_lines(self._most_lines)
        self.page.blocks.append(block)


def _space(run: re.Match[str]) -> str:
    """White space of the source: a space, or a line end that isn't the text's own."""
    return _SOFT if "\n" in run[0] or "\r" in run[0] else " "


def _name(tag: Any) -> str:
    """An element's name; one of Word's (`o:p`) is not HTML's of that name."""
    prefix, colon, _ = tag.rpartition(":") if isinstance(tag, str) else ("", "", "")
    return f"{prefix}-".lower() if colon and "}" not in prefix and prefix.lower() not in _PREFIXES else local_name(tag)


def _stays(href: str) -> bool:
    """Whether a link leads to a place in the same book or site."""
    return ":" not in href.split("#")[0] and not href.startswith("//") and href not in ("", "#")


def _plain(text: str) -> str:
    """Text without the signs of this module."""
    return " ".join(_SIGNS.sub("", text.replace(_SOFT, " ").replace(_CELL, " ")).split())


def _same(text: str, title: str) -> bool:
    return bool(title) and " ".join(text.split()).casefold() == title.casefold()


def _assembled(text: str) -> str:
    """A block's text without signs for marks and images."""
    if _MARK in text:
        text = _REMOVED_MARK.sub("", _BRACKETED_MARK.sub(_MARK, text))
    if _IMAGE in text:
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


def _parts(text: str) -> list[str]:
    """Paragraphs inside a block: cells of rows, and what two line breaks set apart."""
    if _CELL in text:
        cells = [cell for cell in (cell.strip(" \v") for cell in text.split(_CELL)) if cell]
        if any(len(cell) > _LONG_CELL for cell in cells):
            return [part for cell in cells for part in _parts(cell)]
        text = " ".join(cells)
    # two line breaks are a paragraph's end, in <pre> as in old web pages
    parts = (_hard_lines(part) for part in _PARAGRAPH_END.split(text.strip("\n")))
    return [part for part in parts if part.strip()]


def _hard_lines(part: str) -> str:
    """Lines that end where the page broke them, those of its source joined."""
    lines = []
    for line in part.split("\n"):
        if _SOFT in line:
            line = join_lines([piece for piece in (piece.strip(" ") for piece in line.split(_SOFT)) if piece])
        if line.strip():
            lines.append(line.rstrip().lstrip(" \t") if _SOFT in line else line.rstrip())
    return "\n".join(lines)


def _leave_out(page: PageText, regions: list[_Region]) -> None:
    """Takes the pieces that stand apart out of a page, and says how many they were."""
    total = max(1, page.shown)
    gone = bytearray(len(page.blocks))
    left_out: Counter[Apart] = Counter()
    for region in sorted(regions, key=lambda region: (region.first, -region.last)):
        if region.first < region.last and not gone[region.first] and _goes(page, region, total):
            gone[region.first : region.last] = b"\1" * (region.last - region.first)
            left_out[region.kind] += _notes_in(page, region) if region.kind is Apart.NOTE else 1
    if all(gone) and not any(region.kind in (Apart.CONTENTS, Apart.IMPRINT, Apart.NOTE) for region in regions):
        return  # a page of nothing but furniture is no site's page
    page.left_out += left_out
    drop(page, gone)


def _goes(page: PageText, region: _Region, total: int) -> bool:
    linked = region.linked / max(1, region.shown)
    blocks = page.blocks[region.first : region.last]
    if region.kind in (Apart.NOTE, Apart.IMPRINT):
        return True
    if region.kind in (Apart.NOTE_MARK, Apart.PAGE_MARK):
        return len(blocks) == 1 and marks.is_short_mark(" ".join(blocks[0].text.split()), region.kind)
    if region.kind is Apart.HIDDEN:
        ornament = not any(char.isalnum() for block in blocks for char in block.text)
        return region.shown <= total / 2 and not ornament
    if linked >= _LEAST_LINKED:
        return True
    if region.kind is Apart.CONTENTS:
        return all(len(block.text) <= 2 * _LONG_CELL for block in blocks) and region.shown <= total / 2
    if linked < _LEAST_LINKED / 2 and any(block.kind is BlockKind.HEADING for block in blocks):
        return False  # the page's own title
    small = region.shown <= _SMALL or (region.strong and region.shown <= _LARGEST_SHARE * total)
    return small and region.shown <= 2 * _LARGEST_SHARE * total


def _notes_in(page: PageText, region: _Region) -> int:
    """How many notes a piece of a page holds: those that its anchors tell apart, else one."""
    spans = {span for span in page.spans.values() if region.first <= span[0] < span[1] <= region.last}
    inner = {first for first, last in spans if (first, last) != (region.first, region.last)}
    return max(1, len(inner))


def drop(page: PageText, gone: bytearray) -> None:
    """Takes blocks out of a page; anchors of those that stay go on to point at them."""
    if not any(gone):
        return
    places = [0]
    for out in gone:
        places.append(places[-1] + (not out))
    page.blocks = [block for block, out in zip(page.blocks, gone, strict=True) if not out]
    spans = {name: (places[first], places[last]) for name, (first, last) in page.spans.items()}
    page.spans = {name: span for name, span in spans.items() if span[0] < span[1]}
