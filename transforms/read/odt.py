"""Paragraphs of OpenDocument texts: as they read with every tracked change accepted and nothing hidden shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import Paragraph, RawDocument, broken_lines, heading
from scenesign.transforms.read.reader import ZIPPED, Holds, InputFile, Reader
from scenesign.transforms.read.xml import local_name, parse_xml, text_of
from scenesign.transforms.text.lines import too_many_lines

_MIMETYPE = "application/vnd.oasis.opendocument.text"
_MANIFEST = "META-INF/manifest.xml"
_SKIPPED = frozenset(
    # what was deleted, what is said beside the text, what is hidden, small print over letters, words for the blind
    {"tracked-changes", "annotation", "hidden-text", "hidden-paragraph", "ruby-text", "title", "desc", "forms"}
    | {"table-of-content", "illustration-index", "table-index", "object-index", "user-index", "alphabetical-index"}
)
_SPACES = re.compile(r"[ \t\r\n]+")
_TEXT = {"s": " ", "tab": " ", "line-break": "\n"}
_DEEPEST_HEADING = 3


def read_odt(file: InputFile) -> Iterator[RawDocument]:
    """The text of the document; headers, footers, comments, indexes and notes are left out.

    Raises RejectError: `empty`, `encrypted`, or where the archive or its XML is damaged, unsafe or over a limit.
    """
    archive, limits = file.archive, file.limits
    names = archive.names()
    if _MANIFEST in names and b"encryption-data" in archive.read(_MANIFEST):
        raise RejectError("encrypted", "the document is protected by a password; save it without one")
    content = parse_xml(archive.read("content.xml"), limits)
    styles = [parse_xml(archive.read("styles.xml"), limits)] if "styles.xml" in names else []
    hidden, titles = _styles([*styles, content])
    left_out: Counter[str] = Counter()
    paragraphs: list[Paragraph] = []
    for paragraph in _paragraphs(content, hidden, titles, left_out):
        paragraphs.append(paragraph)
        if len(paragraphs) > limits.book_lines:
            raise too_many_lines(limits.book_lines)
    if not paragraphs:
        raise RejectError("empty", "the document holds no text")
    about = _about(parse_xml(archive.read("meta.xml"), limits)) if "meta.xml" in names else {}
    yield RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=about.get("title", ""),
        author=about.get("initial-creator", about.get("creator", "")),
        license=about.get("license", about.get("licence", about.get("rights", ""))),
        language=about.get("language", ""),
        bytes=file.size,
        notes=tuple(f"{count} {what} left out" for what, count in sorted(left_out.items())),
    )


def is_odt(file: InputFile) -> bool:
    """Whether a zip archive is an OpenDocument text, by what it says of itself."""
    names = file.archive.names()
    return "mimetype" in names and file.archive.read("mimetype")[:200].decode("latin-1").startswith(_MIMETYPE)


READER = Reader("OpenDocument text", (".odt",), Holds.BOOK, read_odt, magic=ZIPPED, looks=is_odt)


def _value(element: Element, name: str) -> str:
    """An attribute by its bare name, "" where it isn't there."""
    return next((value for key, value in element.attrib.items() if local_name(key) == name), "")


def _about(root: Element) -> dict[str, str]:
    """What the document says of itself; fields that its author made up go by their names."""
    found: dict[str, str] = {}
    for element in root.iter():
        tag = local_name(element.tag)
        if tag in ("title", "creator", "initial-creator", "language"):
            found.setdefault(tag, text_of(element))
        elif tag == "user-defined":
            found.setdefault(_value(element, "name").lower(), text_of(element))
    return found


def _styles(roots: list[Element]) -> tuple[set[str], set[str]]:
    """Names of the styles whose text is hidden, and of those that are a title's."""
    hidden: set[str] = set()
    titles = {"Title"}
    for root in roots:
        for style in root.iter():
            if local_name(style.tag) != "style":
                continue
            name = _value(style, "name")
            if any(_value(part, "display") == "none" for part in style if local_name(part.tag) == "text-properties"):
                hidden.add(name)
            # an automatic style comes after the named one that it builds on
            if _value(style, "parent-style-name") in titles:
                titles.add(name)
    return hidden, titles


def _paragraphs(root: Element, hidden: set[str], titles: set[str], left_out: Counter[str]) -> Iterator[Paragraph]:
    """Paragraphs in reading order, those of a frame before the one that holds it; no recursion."""
    body = next((element for element in root.iter() if local_name(element.tag) == "body"), Element("body"))
    # an element to enter, text that follows one, or None: a paragraph ends
    stack: list[Element | str | None] = [body]
    opened: list[tuple[bool, list[str]]] = []
    while stack:
        item = stack.pop()
        if item is None:
            is_heading, parts = opened.pop()
            text = "".join(parts)
            if text.strip():
                yield from [heading(" ".join(text.split()))] if is_heading else broken_lines(text)
        elif isinstance(item, str):
            if opened:
                opened[-1][1].append(_SPACES.sub(" ", item))
        elif not _skips(item, hidden, left_out):
            tag = local_name(item.tag)
            if tag in ("p", "h"):
                level = _value(item, "outline-level") or "1"
                is_heading = tag == "h" and level.isdecimal() and len(level) < 3 and int(level) <= _DEEPEST_HEADING
                opened.append((is_heading or _value(item, "style-name") in titles, []))
                stack.append(None)
            elif opened and tag in _TEXT:
                opened[-1][1].append(_TEXT[tag])
            for child in reversed(item):
                stack += [child.tail or "", child]
            stack.append(item.text or "")


def _skips(element: Element, hidden: set[str], left_out: Counter[str]) -> bool:
    """Whether what is inside an element is no part of the text, or not shown."""
    tag = local_name(element.tag)
    if tag == "note":
        left_out["endnotes" if _value(element, "note-class") == "endnote" else "footnotes"] += 1
        return True
    if tag == "section" and _value(element, "display") == "none":
        return True
    return tag in _SKIPPED or (tag in ("p", "h", "span") and _value(element, "style-name") in hidden)
