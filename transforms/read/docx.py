"""Paragraphs of Word documents: as they read with every tracked change accepted and nothing hidden shown.

Read as the XML it is, within the limits: python-docx passes over what was inserted while changes were tracked and what
stands in content controls, and takes every picture into memory.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.archive import Archive
from scenesign.transforms.read.document import Paragraph, RawDocument, broken_lines, heading
from scenesign.transforms.read.reader import ZIPPED, Holds, InputFile, Reader
from scenesign.transforms.read.xml import local_name, parse_xml, text_of
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.lines import too_many_lines

_CONTENT_TYPES = "[Content_Types].xml"
# Deleted or moved away, codes of fields, small print over letters, settings, and the copy for old programs of what
# stands beside it already.
_SKIPPED = frozenset({"del", "movefrom", "deltext", "instrtext", "rt", "ppr", "rpr", "sectpr", "sdtpr", "fallback"})
_LEFT_OUT = {
    "footnotereference": "footnotes",
    "endnotereference": "endnotes",
    "altchunk": "embedded documents",
}
_TEXT = {"tab": " ", "br": "\n", "cr": "\n", "nobreakhyphen": "\u2011", "ptab": " "}
_HEADING_STYLE = re.compile(r"heading ([1-9])|title", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"toc \d|toc heading|table of figures", re.IGNORECASE)
_LONGEST_CHAIN = 20  # of styles that build on one another
_DEEPEST_HEADING = 3


@dataclass(frozen=True)
class _Style:
    """What a style says of a paragraph or run; None where it leaves that to the style it is based on."""

    base: str = ""
    heading: bool | None = None
    hidden: bool | None = None
    contents: bool = False


@dataclass
class _Open:
    """A paragraph that is being read."""

    heading: bool
    shown: bool
    ends: bool  # its mark is there still: a deleted one joins it to the next
    parts: list[str] = field(default_factory=list)


def read_docx(file: InputFile) -> Iterator[RawDocument]:
    """The text of the document; headers, footers, comments and notes are left out.

    Raises RejectError: `empty`, or where the archive or its XML is damaged, unsafe or over a limit.
    """
    archive, limits = file.archive, file.limits
    package = _related(archive, "", limits)
    main = package.get("officeDocument", "word/document.xml")
    styles = _styles(archive, _related(archive, main, limits).get("styles", ""), limits)
    left_out: Counter[str] = Counter()
    paragraphs: list[Paragraph] = []
    for paragraph in _paragraphs(parse_xml(archive.read(main), limits), styles, left_out):
        paragraphs.append(paragraph)
        if len(paragraphs) > limits.book_lines:
            raise too_many_lines(limits.book_lines)
    if not paragraphs:
        raise RejectError("empty", "the document holds no text")
    about = _properties(archive, package.get("core-properties", ""), limits)
    yield RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=about.get("title", ""),
        author=about.get("creator", ""),
        license=about.get("rights", ""),
        language=about.get("language", ""),
        bytes=file.size,
        notes=tuple(f"{count} {what} left out" for what, count in sorted(left_out.items())),
    )


def is_docx(file: InputFile) -> bool:
    """Whether a zip archive is a Word document, by its parts."""
    names = file.archive.names()
    return _CONTENT_TYPES in names and any(name.startswith("word/") for name in names)


READER = Reader("Word", (".docx",), Holds.BOOK, read_docx, magic=ZIPPED, looks=is_docx)


def _related(archive: Archive, part: str, limits: Limits) -> dict[str, str]:
    """Parts that a part names, by the last word of their kind; "" is the package. What lies outside isn't named."""
    folder, base = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{base}.rels")
    if path not in archive.names():
        return {}
    found: dict[str, str] = {}
    for element in parse_xml(archive.read(path), limits).iter():
        if local_name(element.tag) == "relationship" and element.get("TargetMode") != "External":
            kind = element.get("Type", "").rpartition("/")[2]
            target = element.get("Target", "")
            found.setdefault(kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
    return found


def _properties(archive: Archive, path: str, limits: Limits) -> dict[str, str]:
    if path not in archive.names():
        return {}
    return {local_name(element.tag): text_of(element) for element in parse_xml(archive.read(path), limits)}


def _value(element: Element, name: str = "val") -> str | None:
    """An attribute by its bare name."""
    return next((value for key, value in element.attrib.items() if local_name(key) == name), None)


def _children(element: Element | None) -> dict[str, Element]:
    return {local_name(child.tag): child for child in element} if element is not None else {}


def _is_on(element: Element | None) -> bool | None:
    """A switch: None where it isn't there."""
    return None if element is None else _value(element) not in ("0", "false", "off")


def _level(element: Element | None) -> bool | None:
    """Whether an outline level is a heading's; None where none is stated."""
    value = _value(element) if element is not None else None
    return int(value) < _DEEPEST_HEADING if value and value.isdecimal() and len(value) < 3 else None


def _styles(archive: Archive, path: str, limits: Limits) -> dict[str, _Style]:
    styles: dict[str, _Style] = {}
    if path not in archive.names():
        return styles
    for element in parse_xml(archive.read(path), limits):
        if local_name(element.tag) != "style":
            continue
        parts = _children(element)
        name = (_value(parts["name"]) if "name" in parts else "") or ""
        named = _HEADING_STYLE.fullmatch(name)
        level = _level(_children(parts.get("ppr")).get("outlinelvl"))
        styles[_value(element, "styleid") or ""] = _Style(
            base=(_value(parts["basedon"]) if "basedon" in parts else "") or "",
            heading=int(named[1] or 1) <= _DEEPEST_HEADING if named else level,
            hidden=_is_on(_children(parts.get("rpr")).get("vanish")),
            contents=_CONTENTS_STYLE.fullmatch(name) is not None,
        )
    return styles


def _chain(styles: dict[str, _Style], properties: dict[str, Element], key: str) -> list[_Style]:
    """The style that a paragraph or run names, and those that it builds on."""
    name = (_value(properties[key]) if key in properties else "") or ""
    chain: list[_Style] = []
    while name in styles and len(chain) < _LONGEST_CHAIN:
        chain.append(styles[name])
        name = styles[name].base
    return chain


def _is_hidden(run: Element, styles: dict[str, _Style]) -> bool:
    properties = _children(_children(run).get("rpr"))
    own = _is_on(properties.get("vanish"))
    if own is not None:
        return own
    return next((style.hidden for style in _chain(styles, properties, "rstyle") if style.hidden is not None), False)


def _open(element: Element, styles: dict[str, _Style]) -> _Open:
    properties = _children(_children(element).get("ppr"))
    chain = _chain(styles, properties, "pstyle")
    own = _level(properties.get("outlinelvl"))
    by_style = next((style.heading for style in chain if style.heading is not None), False)
    return _Open(
        heading=by_style if own is None else own,
        shown=not any(style.contents or style.hidden for style in chain),
        ends="del" not in _children(properties.get("rpr")),
    )


def _paragraphs(root: Element, styles: dict[str, _Style], left_out: Counter[str]) -> Iterator[Paragraph]:
    """Paragraphs in reading order, those of a text box before the one that holds it; no recursion."""
    stack = [(root, False)]
    opened: list[_Open] = []
    carried: list[str] = []
    while stack:
        element, leaving = stack.pop()
        tag = local_name(element.tag)
        if leaving:
            paragraph = opened.pop()
            if not paragraph.ends and not opened:
                carried = paragraph.parts
                continue
            yield from _closed(paragraph)
            continue
        if tag in _LEFT_OUT:
            left_out[_LEFT_OUT[tag]] += 1
        if tag in _SKIPPED or (tag == "r" and _is_hidden(element, styles)):
            continue
        if tag == "p":
            opened.append(_open(element, styles))
            if len(opened) == 1:
                opened[0].parts, carried = carried, []
            stack.append((element, True))
        elif opened and tag == "t":
            opened[-1].parts.append(element.text or "")
        elif opened and tag in _TEXT:
            opened[-1].parts.append(_TEXT[tag])
        stack.extend((child, False) for child in reversed(element))
    if carried:
        yield from _closed(_Open(False, True, True, carried))


def _closed(paragraph: _Open) -> list[Paragraph]:
    text = "".join(paragraph.parts)
    if not paragraph.shown or not text.strip():
        return []
    return [heading(" ".join(text.split()))] if paragraph.heading else broken_lines(text)
