"""A page's tags to its blocks: what stands apart is left out with a count, marks inside lines leave no trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read import marks
from scenesign.transforms.read.document import BREAK_TEXT, LONGEST_HEADING
from scenesign.transforms.read.drop_caps import CAP, join_caps
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.page_blocks import DEEPEST_HEADING, PageBlock
from scenesign.transforms.read.page_elements import (
    BLOCKS,
    CELLS,
    HEADINGS,
    KEEP_LINES,
    RUBY,
    SKIPPED,
    WITHIN_TEXT,
    element_name,
    link_stays,
)
from scenesign.transforms.read.page_lines import (
    CELL,
    IMAGE,
    IMAGE_END,
    MARK,
    SIGNS,
    SOFT,
    assembled_block,
    parts_of_block,
    plain_piece,
    soft_spaced,
)
from scenesign.transforms.read.page_text import PageRegion, PageText, leave_out_regions
from scenesign.transforms.text.lines import too_many_lines

_LONGEST_NOTE = 60  # blocks of one note


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
        self._regions: list[PageRegion] = []
        self._opens_note = False
        self._in_title = False

    def start(self, tag: Any, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        name = element_name(tag)
        self.page.take_metadata(name, attributes)
        self._in_title = self._in_title or (name == "title" and not self._names["svg"])
        if name in RUBY and self._hidden and self._open and self._open[-1].name in ("rt", "rp"):
            self._open[-1].hides = False  # its end tag may be left out
            self._hidden -= 1
        inline = name not in BLOCKS and name not in CELLS
        kind = None if self._hidden else marks.apart(name, attributes, inline, self._site)
        if kind and self._is_text_after_all(name, attributes, kind):
            kind = None
        if not self._hidden:
            self._lay_out(name, attributes, inline, kind)
        hides = name in SKIPPED
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
            self._inner_links += link_stays(element.href)
        element.cap = not self._hidden and name != "img" and marks.is_drop_cap(attributes)
        element.sup = marks.is_raised(name, attributes)
        self._raised += element.sup
        if name in HEADINGS:
            self._heading += 1
            self._level = int(name[1])
        self._pre += name in KEEP_LINES
        self._open.append(element)
        self._names[name] += 1

    def end(self, tag: Any) -> None:
        """An element closes, and with it those inside that never did."""
        name = element_name(tag)
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
            text = SIGNS.sub("", text)
            size = len(text.strip())
            self._shown += size
            self._linked += size if self._links else 0
            if self._pre:
                self._buffer.append(text)
            else:
                self._buffer.append(soft_spaced(text))

    def close(self) -> PageText:
        """The page, when the parser is done."""
        while self._open:
            self._close(self._open.pop())
        self._flush()
        page = self.page
        page.title = " ".join((page.stated_title or page.title).split())
        leave_out_regions(page, self._regions)
        join_caps(page.blocks)
        for block in page.blocks[:3]:
            # the title of a page over its text, whatever it is dressed in
            if block.kind is None and len(block.text) <= LONGEST_HEADING and _same(block.text, page.title):
                block.kind = BlockKind.HEADING
        return page

    def _is_text_after_all(self, name: str, attributes: Mapping[str, str], kind: Apart) -> bool:
        """Whether an element that could be furniture belongs to what it stands in, or is the page itself."""
        if kind is Apart.HIDDEN:
            return name in ("html", "body", "main") or marks.is_drop_cap(attributes)
        if kind is Apart.FURNITURE and name in ("header", "footer", "aside"):
            # a letter's date and signature, the source of a quotation
            if not self._site:
                return True
            return any(self._names[outer] for outer in WITHIN_TEXT)
        return kind is Apart.FURNITURE and name in ("menu", "dialog") and not self._site

    def _lay_out(self, name: str, attributes: Mapping[str, str], inline: bool, kind: Apart | None) -> None:
        if name == "br":
            self._buffer.append("\n" if not self._pre else "")
        elif name == "hr":
            self._flush()
            if kind is not Apart.PAGE_MARK:
                self._add(PageBlock(BREAK_TEXT, BlockKind.BREAK))
        elif name == "img":
            letters = SIGNS.sub("", marks.image_letters(attributes))
            if letters:
                self._buffer += [IMAGE + letters, CAP * marks.is_drop_cap(attributes) + IMAGE_END]
        elif name in CELLS:
            self._buffer.append(CELL)
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
        elif not element.inline and not self._hidden and name not in CELLS:
            self._flush(element.cap)
        self._heading -= name in HEADINGS
        self._pre -= name in KEEP_LINES
        blocks = len(self.page.blocks)
        if element.kind and not element.inline:
            shown, linked = self._shown - element.shown, self._linked - element.linked
            self._regions.append(PageRegion(element.kind, element.block, blocks, shown, linked, element.strong))
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
        text = plain_piece("".join(pieces))
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
            elif not opens and marks.is_raised_number(text, plain_piece(before)):
                kind = Apart.NOTE_MARK
        if kind:
            if text:
                self.page.left_out[kind] += 1
            if kind is Apart.NOTE_MARK and element.href:
                self.page.note_links.append(element.href)
            self._shown, self._linked = element.shown, element.linked
            self._buffer[element.piece :] = [MARK]
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
        text = assembled_block(text)
        if not text.strip():
            return
        ids, self._ids = tuple(self._ids), []
        if self._heading:
            line = " ".join(text.replace(SOFT, " ").replace(CELL, " ").split())
            level = self._level
            kind = BlockKind.HEADING if level <= DEEPEST_HEADING and len(line) <= LONGEST_HEADING else None
            self._add(PageBlock(line, kind, level, shown, linked, links, ids))
            return
        parts = parts_of_block(text)
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


def _same(text: str, title: str) -> bool:
    return bool(title) and " ".join(text.split()).casefold() == title.casefold()
