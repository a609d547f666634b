"""Paragraphs of FictionBook files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import Paragraph, RawDocument, heading
from scenesign.transforms.read.marks import Apart, image_letters, is_note_mark, is_short_mark
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.xml import XML_DECLARATION, known_references, local_name, one_spaced, parse_xml, text_of
from scenesign.transforms.text.decode import decode_declared

_NOTES_NAME = re.compile(r"note|comment|сноск|примеч|коммент", re.IGNORECASE)
_LOOKS_FB2 = re.compile(rb"<FictionBook\b")


def is_fb2(file: InputFile) -> bool:
    """Whether a text says that it is a FictionBook, or is called one and has a tag."""
    return _LOOKS_FB2.search(file.head[:4096]) is not None or (file.suffix == ".fb2" and b"<" in file.head)


def read_fb2(file: InputFile) -> Iterator[RawDocument]:
    """The book without the notes at its end. Raises RejectError for XML that is damaged, unsafe or over a limit."""
    text, encoding = decode_declared(file.data, None, file.limits.book_lines)
    text = known_references(XML_DECLARATION.sub("", text.lstrip("\ufeff"), count=1))
    root = parse_xml(text.encode("utf-8", "replace"), file.limits)
    if local_name(root.tag) != "fictionbook":
        raise RejectError("damaged-xml", "not a FictionBook file: its root element is something else")
    about = next((e for e in root.iter() if local_name(e.tag) == "title-info"), Element("none"))
    title = language = ""
    authors: list[str] = []
    for element in about:
        tag = local_name(element.tag)
        if tag == "book-title":
            title = text_of(element)
        elif tag == "lang":
            language = text_of(element)
        elif tag == "author":
            order = {local_name(part.tag): text_of(part) for part in element}
            names = (order.get(key, "") for key in ("first-name", "middle-name", "last-name"))
            authors.append(" ".join(filter(None, names)) or order.get("nickname", ""))
    paragraphs: list[Paragraph] = []
    left_out = 0
    marks: list[str] = []
    for number, body in enumerate(e for e in root if local_name(e.tag) == "body"):
        if number and _holds_notes(body, marks):
            left_out += sum(local_name(e.tag) == "section" for e in body)
        else:
            paragraphs += _fb2_paragraphs(body, marks)
    if not paragraphs:
        raise RejectError("empty", "the FictionBook file holds no text")
    notes: tuple[str, ...] = (f"{len(marks)} {Apart.NOTE_MARK.value} left out",) if marks else ()
    notes += (f"{left_out} notes at the end left out",) if left_out else ()
    yield RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=title,
        author=", ".join(filter(None, authors)),
        license=next((text_of(e) for e in root.iter() if local_name(e.tag) == "custom-info" and _states_rights(e)), ""),
        language=language,
        encoding=encoding,
        bytes=len(file.data),
        notes=notes,
    )


READER = Reader("FictionBook 2", (".fb2",), Holds.BOOK, read_fb2, looks=is_fb2)


def _states_rights(element: Element) -> bool:
    """FB2 has no element for a licence; some programs put it among their own."""
    return (element.get("info-type") or "").lower() in ("license", "licence", "copyright", "rights")


def _holds_notes(body: Element, marks: list[str]) -> bool:
    """Whether a body is that of the notes: by its name, or because most of its sections are what marks lead to."""
    if _NOTES_NAME.search(body.get("name") or ""):
        return True
    targets = {mark.rpartition("#")[2] for mark in marks}
    sections = [e.get("id") for e in body if local_name(e.tag) == "section"]
    return bool(sections) and 2 * sum(name in targets for name in sections) > len(sections)


def _line(element: Element, marks: list[str]) -> str:
    """The text of a paragraph on one line, without marks of notes; cells of a row don't touch."""
    parts: list[str] = []
    stack: list[Element | str] = [element]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        tag = local_name(item.tag)
        link = next((value for key, value in item.attrib.items() if local_name(key) == "href"), "")
        if tag == "a" and _is_mark(item, link, parts):
            marks.append(link)
            continue
        if tag == "image":
            parts.append(image_letters(item.attrib) if item is not element else "")
            continue
        parts.append(" " if tag in ("td", "th") else "")
        for child in reversed(item):
            stack += [child.tail or "", child]
        stack.append(item.text or "")
    return one_spaced("".join(parts))


def _is_mark(element: Element, link: str, parts: list[str]) -> bool:
    text = text_of(element)
    if element.get("type") == "note":
        return is_short_mark(text, Apart.NOTE_MARK)
    raised = any(local_name(child.tag) == "sup" for child in element)
    before = next((part for part in reversed(parts[-8:]) if part), " ")
    return is_note_mark(text, link, raised, not before[-1:].isspace())


def _fb2_paragraphs(body: Element, marks: list[str]) -> Iterator[Paragraph]:
    """Paragraphs in reading order, with a stack of our own instead of recursion. marks: where its note marks lead."""
    stack = [iter([body])]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        tag = local_name(element.tag)
        if tag == "title":
            line = " ".join(filter(None, (_line(part, marks) for part in element)))
            yield heading(line)
        elif tag == "stanza":
            yield "\n".join(filter(None, (_line(verse, marks) for verse in element))), None
        elif tag == "subtitle":
            line = _line(element, marks)
            yield heading(line) if any(map(str.isalnum, line)) else (line, None)
        elif tag in ("p", "text-author", "v", "tr", "date"):
            yield _line(element, marks), None
        elif tag not in ("binary", "image"):
            stack.append(iter(element))
