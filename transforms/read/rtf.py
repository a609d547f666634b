"""Paragraphs of RTF documents, without notes, hidden text and what was deleted while changes were tracked.

striprtf brings the tables of the format: which groups hold no text, which encoding a font means. The walk is ours:
the library's own gives neither headings nor metadata, shows hidden and deleted text, and takes the square of the time
on links that never end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import Paragraph, RawDocument, broken_lines, heading
from scenesign.transforms.read.reader import Holds, InputFile, Reader, not_installed
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.charsets import known_codec
from scenesign.transforms.text.lines import too_many_lines

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
_ENDS_PARAGRAPH = frozenset({"par", "sect", "page", "column", "row", "nestrow", "cell", "nestcell"})
_TEXT = {
    "line": "\n",
    "tab": " ",
    "emdash": "—",
    "endash": "–",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
}
_SYMBOLS = {b"~": " ", b"_": "\u2011", b"\\": "\\", b"{": "{", b"}": "}"}
_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_TABLES = ("fonttbl", "stylesheet", "info")
_ABOUT = ("title", "author")
_HEADING_STYLE = re.compile(r"heading ([1-9])|title", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"toc \d", re.IGNORECASE)
_DEEPEST_HEADING = 3


@dataclass(frozen=True)
class _Group:
    """What holds within a group. part: of the file; "" is the text, "skip" what is never shown.

    after_code: how many characters follow each code of Unicode for programs that don't know it. row: number of the font
    or style whose row of its table this is.
    """

    part: str = ""
    hidden: bool = False
    deleted: bool = False
    font: int | None = None
    after_code: int = 1
    row: int = 0


@dataclass
class _Walk:
    """One pass over a document."""

    limits: Limits
    skipped: frozenset[str]  # words that open a group without text
    charsets: Mapping[int, str]
    paragraphs: list[Paragraph] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    notes: int = 0
    _group: _Group = field(default_factory=_Group)
    _stack: list[_Group] = field(default_factory=list)
    _page: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _styles: dict[int, str] = field(default_factory=dict)
    _style: int = 0
    _level: int | None = None
    _parts: list[str] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _pass_over: int = 0

    def read(self, data: bytes) -> None:
        """Raises RejectError: `damaged-document` for what ends too soon, `too-nested`, `too-large`."""
        at = 0
        opens = starred = False  # right behind a brace, and behind its asterisk
        while found := _TOKEN.match(data, at):
            at = found.end()
            word, number, code, symbol, brace, run = found.groups()
            if brace == b"{":
                self._open()
                opens, starred = True, False
                continue
            if brace:
                self._close()
                if not self._stack:
                    self._end_paragraph()
                    return
            elif word:
                value = int(number) if number else None
                if word == b"bin":
                    at += max(0, value or 0)
                elif opens and self._begins_part(word.decode(), starred):
                    pass
                else:
                    self._control(word.decode(), value)
            elif code:
                self._add(bytes.fromhex(code.decode()))
            elif symbol == b"*" and opens:
                starred = True
                continue
            elif symbol in (b"\n", b"\r"):
                self._end_paragraph()
            elif symbol:
                self._say(_SYMBOLS.get(symbol, ""))
            elif run:
                self._add(run)
            else:
                continue  # line ends mean nothing
            opens = False
        raise RejectError("damaged-document", "the RTF file ends in the middle; get it again")

    def _open(self) -> None:
        self._flush()
        self._pass_over = 0
        if len(self._stack) >= self.limits.xml_nesting:
            raise RejectError("too-nested", f"RTF groups nested over {self.limits.xml_nesting} deep")
        self._stack.append(self._group)

    def _close(self) -> None:
        self._flush()
        self._pass_over = 0
        if self._stack:
            self._group = self._stack.pop()

    def _begins_part(self, word: str, starred: bool) -> bool:
        """Whether the first word of a group sets it apart from the text around it."""
        part = self._group.part
        if part == "skip":
            return True
        self.notes += word == "footnote"
        tables = _ABOUT if part == "info" else _TABLES
        if word in tables and not starred:
            part = word
        elif starred or word in self.skipped or part == "info":
            part = "skip"
        changed = part != self._group.part
        self._group = replace(self._group, part=part)
        return changed

    def _control(self, word: str, value: int | None) -> None:
        part = self._group.part
        if word == "u" and value is not None:
            self._say(chr(value % 0x10000))
            self._pass_over = self._group.after_code
            return
        self._flush()
        self._pass_over = 0
        if part == "skip":
            return
        if word == "uc":
            self._group = replace(self._group, after_code=max(0, value or 0))
        elif word == "f":
            self._group = replace(self._group, font=value, row=value or 0)
        elif word == "fcharset" and part == "fonttbl":
            # 0 and 1 are the document's own
            self._fonts[self._group.row] = known_codec(self.charsets.get(value, "")) if value and value > 1 else ""
        elif word == "ansicpg" or (word in _PAGES and len(self._stack) == 1):
            self._page = known_codec(_PAGES.get(word, f"cp{value}")) or self._page
        elif word == "s" and part == "stylesheet":
            self._group = replace(self._group, row=value or 0)
        elif word == "s":
            self._style = value or 0
        elif word == "outlinelevel" and part == "":
            self._level = value
        elif word == "pard":
            self._style, self._level = 0, None
        elif word == "plain":
            self._group = replace(self._group, hidden=False, deleted=False)
        elif word == "v":
            self._group = replace(self._group, hidden=value != 0)
        elif word == "deleted":
            self._group = replace(self._group, deleted=value != 0)
        elif word in _ENDS_PARAGRAPH and part == "":
            self._end_paragraph()
        elif word in _TEXT:
            self._say(_TEXT[word])

    def _add(self, data: bytes) -> None:
        """Bytes of text, in the encoding that holds here."""
        passed = min(self._pass_over, len(data))
        self._pass_over -= passed
        if self._group.part != "skip":
            self._bytes += data[passed:]

    def _say(self, text: str) -> None:
        self._flush()
        self._pass_over = 0
        self._keep(text)

    def _flush(self) -> None:
        if self._bytes:
            font = self._group.font
            encoding = (self._fonts.get(font, "") if font is not None else "") or self._page
            text, self._bytes = bytes(self._bytes).decode(encoding, "replace"), bytearray()
            self._keep(text)

    def _keep(self, text: str) -> None:
        part = self._group.part
        if part == "stylesheet":
            row = self._group.row
            self._styles[row] = (self._styles.get(row, "") + text).rstrip("; ")
        elif part in _ABOUT:
            self.about[part] = self.about.get(part, "") + text
        elif part == "" and not self._group.hidden and not self._group.deleted:
            self._parts.append(text)

    def _end_paragraph(self) -> None:
        self._flush()
        self._pass_over = 0
        if self._group.part or self._group.deleted:
            return
        text, self._parts = "".join(self._parts), []
        # a letter outside the first plane comes as two codes
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        name = self._styles.get(self._style, "")
        named = _HEADING_STYLE.fullmatch(name)
        if self._level is not None:
            is_heading = 0 <= self._level < _DEEPEST_HEADING
        else:
            is_heading = named is not None and int(named[1] or 1) <= _DEEPEST_HEADING
        if text.strip() and not _CONTENTS_STYLE.fullmatch(name):
            self.paragraphs += [heading(" ".join(text.split()))] if is_heading else broken_lines(text)
        if len(self.paragraphs) > self.limits.book_lines:
            raise too_many_lines(self.limits.book_lines)


def read_rtf(file: InputFile) -> Iterator[RawDocument]:
    """The text of the document.

    Raises RejectError: `not-installed`, `empty`, `damaged-document` for a file that is cut off, `too-nested`.
    """
    try:
        from striprtf.striprtf import charset_map, destinations
    except ModuleNotFoundError as error:
        raise not_installed("RTF") from error
    walk = _Walk(file.limits, frozenset(destinations), charset_map)
    walk.read(file.data)
    if not walk.paragraphs:
        raise RejectError("empty", "the document holds no text")
    yield RawDocument(
        file.name,
        paragraphs=tuple(walk.paragraphs),
        title=walk.about.get("title", ""),
        author=walk.about.get("author", ""),
        encoding="rtf",
        bytes=len(file.data),
        notes=(f"{walk.notes} footnotes left out",) if walk.notes else (),
    )


READER = Reader("RTF", (".rtf",), Holds.BOOK, read_rtf, magic=(b"{\\rtf",))
