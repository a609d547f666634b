"""A book of the pages of an EPUB."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import Paragraph, RawDocument
from scenesign.transforms.read.html import read_page
from scenesign.transforms.read.reader import ZIPPED, Holds, InputFile, Reader
from scenesign.transforms.read.xml import local_name, parse_xml
from scenesign.transforms.text.lines import too_many_lines

_CONTAINER = "META-INF/container.xml"
_SKIPPED_STEMS = re.compile(r"(?:cover(?:page)?|toc|nav|contents)(?:[-_]?(?:page|image|\d{1,2}))?", re.IGNORECASE)
_LEAST_LINKED = 0.7  # share of a page's text inside links that makes it a table of contents


def read_epub(file: InputFile) -> Iterator[RawDocument]:
    """A book from an EPUB 2 or 3: the pages of its spine in order, without cover and tables of contents.

    Raises RejectError: `encrypted`, `empty`, or where the archive or its package is damaged, unsafe or over a limit.
    """
    archive, limits = file.archive, file.limits
    names = archive.names()
    if "META-INF/encryption.xml" in names and _is_protected(archive.read("META-INF/encryption.xml")):
        raise RejectError("encrypted", "the book is copy-protected (DRM); only books without protection can be read")
    container = parse_xml(archive.read(_CONTAINER), limits)
    roots = [element.get("full-path", "") for element in container.iter() if local_name(element.tag) == "rootfile"]
    if not roots:
        raise RejectError("damaged-archive", "the EPUB names no package file; get it again")
    package = parse_xml(archive.read(roots[0]), limits)
    metadata: dict[str, list[str]] = {}
    items: dict[str, Element] = {}
    spine: list[str] = []
    guide: set[str] = set()
    folder = posixpath.dirname(roots[0])
    for element in package.iter():
        tag = local_name(element.tag)
        if tag in ("title", "creator", "language", "rights") and (element.text or "").strip():
            metadata.setdefault(tag, []).append(" ".join((element.text or "").split()))
        elif tag == "item":
            items.setdefault(element.get("id", ""), element)
        elif tag == "itemref":
            spine.append(element.get("idref", ""))
        elif tag == "reference" and element.get("type", "") in ("cover", "toc"):
            guide.add(_resolve(folder, element.get("href", "")))
    paragraphs: list[Paragraph] = []
    notes: list[str] = []
    missing = unreadable = 0
    for idref in dict.fromkeys(spine):  # a page listed twice, or in a circle, is read once
        item = items.get(idref)
        path = _resolve(folder, item.get("href", "")) if item is not None else ""
        if item is None or "nav" in item.get("properties", "").split():
            continue
        if path in guide or _SKIPPED_STEMS.fullmatch(posixpath.splitext(posixpath.basename(path))[0]):
            continue
        if path not in names:
            missing += 1
            continue
        data = archive.read(path)  # a damaged page refuses the whole book: half of it would pass for all
        try:
            page, _ = read_page(data, most_lines=limits.book_lines)
        except RejectError as error:
            if error.reason == "too-large":
                raise
            unreadable += error.reason != "empty"
            continue
        if page.linked < _LEAST_LINKED or len(page.paragraphs) < 3:
            paragraphs += page.paragraphs
        if len(paragraphs) > limits.book_lines:
            raise too_many_lines(limits.book_lines)
    if missing:
        notes.append(f"{missing} pages named in the EPUB are missing from it")
    if unreadable:
        notes.append(f"{unreadable} pages of the EPUB are no text")
    if not paragraphs:
        raise RejectError("empty", "the EPUB holds no readable page")
    yield RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=next(iter(metadata.get("title", [])), ""),
        author=", ".join(metadata.get("creator", [])),
        license="; ".join(metadata.get("rights", [])),
        language=next(iter(metadata.get("language", [])), ""),
        bytes=file.size,
        notes=tuple(notes),
    )


READER = Reader(
    "EPUB 2 and 3",
    (".epub",),
    Holds.BOOK,
    read_epub,
    magic=ZIPPED,
    looks=lambda file: _CONTAINER in file.archive.names(),
)


def _is_protected(encryption: bytes) -> bool:
    """Whether more than fonts is encrypted."""
    return any(
        not re.search(rb"\.(?:otf|ttf|woff2?)$", uri, re.IGNORECASE)
        for uri in re.findall(rb'URI="([^"]+)"', encryption)
    )


def _resolve(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#")[0]))) if href else ""
