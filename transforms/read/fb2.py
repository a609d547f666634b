"""Paragraphs of FictionBook files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import Paragraph, RawDocument, heading
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.xml import XML_DECLARATION, local_name, parse_xml, text_of
from scenesign.transforms.text.decode import decode_declared

_LOOKS_FB2 = re.compile(rb"<FictionBook\b")


def is_fb2(file: InputFile) -> bool:
    """Whether a text says that it is a FictionBook, or is called one and has a tag."""
    return _LOOKS_FB2.search(file.head[:4096]) is not None or (file.suffix == ".fb2" and b"<" in file.head)


def read_fb2(file: InputFile) -> Iterator[RawDocument]:
    """The book without the notes at its end. Raises RejectError for XML that is damaged, unsafe or over a limit."""
    text, encoding = decode_declared(file.data, None, file.limits.book_lines)
    root = parse_xml(XML_DECLARATION.sub("", text.lstrip("\ufeff"), count=1).encode("utf-8", "replace"), file.limits)
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
    for body in (e for e in root if local_name(e.tag) == "body"):
        if body.get("name") in ("notes", "comments", "footnotes"):
            left_out += sum(local_name(e.tag) == "section" for e in body)
        else:
            paragraphs += _fb2_paragraphs(body)
    if not paragraphs:
        raise RejectError("empty", "the FictionBook file holds no text")
    notes = (f"{left_out} notes at the end left out",) if left_out else ()
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


def _fb2_paragraphs(body: Element) -> Iterator[Paragraph]:
    """Paragraphs in reading order, with a stack of our own instead of recursion."""
    stack = [iter([body])]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        tag = local_name(element.tag)
        if tag == "title":
            line = " ".join(filter(None, (text_of(part) for part in element)))
            yield heading(line)
        elif tag == "stanza":
            yield "\n".join(filter(None, (text_of(verse) for verse in element))), None
        elif tag == "subtitle":
            line = text_of(element)
            yield heading(line) if any(map(str.isalnum, line)) else (line, None)
        elif tag in ("p", "text-author", "v", "tr", "date"):
            yield text_of(element), None
        elif tag not in ("binary", "image"):
            stack.append(iter(element))
