"""Paragraphs of EPUB and FictionBook files: hostile input, so no entity, no network, no path out of an archive."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from scenesign.schemas.records import BlockKind, RejectError
from scenesign.transforms.read.html import (
    LONGEST_HEADING,
    XML_DECLARATION,
    Paragraph,
    RawDocument,
    decode_declared,
    local_name,
    read_html,
)
from scenesign.transforms.support.limits import Limits, too_many_lines

_SKIPPED_STEMS = re.compile(r"(?:cover(?:page)?|toc|nav|contents)(?:[-_]?(?:page|image|\d{1,2}))?", re.IGNORECASE)
_LEAST_LINKED = 0.7  # share of a page's text inside links that makes it a table of contents


class Archive:
    """A zip file read within limits. Nothing is ever unpacked to disk, so names can't lead out of it."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._expanded = 0
        try:
            self._zip = zipfile.ZipFile(stream)
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError) as error:
            raise RejectError("damaged-archive", f"the archive can't be opened ({error}); get it again") from error
        if len(infos) > limits.archive_members:
            raise RejectError("too-large", f"the archive has {len(infos):,} members, over {limits.archive_members:,}")
        # not `is_dir`: a member may be called nothing at all, and that breaks on it
        self._infos = {info.filename: info for info in infos if not info.filename.endswith("/")}

    def names(self) -> list[str]:
        """Names of all files inside, as stored."""
        return list(self._infos)

    def read(self, name: str) -> bytes:
        """One file's bytes. Raises RejectError when it is missing, damaged, encrypted or swells beyond the limits."""
        info = self._infos.get(name)
        if info is None:
            raise RejectError("damaged-archive", f"the archive lacks {name!r}")
        if info.flag_bits & 1:
            raise RejectError("encrypted", "the archive is encrypted; remove the protection first")
        # sizes in the directory may lie: count what really comes out
        most = min(
            self._limits.expanded_bytes - self._expanded,
            max(info.compress_size, 1) * self._limits.expansion_ratio + 65_536,
            self._limits.file_bytes,
        )
        try:
            with self._zip.open(info) as stream:
                data = stream.read(most + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
            ValueError,
        ) as error:
            raise RejectError("damaged-archive", f"{name!r} can't be unpacked ({error}); get the file again") from error
        if len(data) > most:
            if most == self._limits.file_bytes:
                raise RejectError("too-large", f"{name!r} is over {most:,} bytes; see --limit file_bytes=NUMBER")
            raise RejectError("archive-bomb", f"{name!r} swells beyond the limits when unpacked; refused")
        self._expanded += len(data)
        return data


def is_epub(archive: Archive) -> bool:
    """Whether a zip archive is an EPUB, by its parts."""
    return "META-INF/container.xml" in archive.names()


def read_epub(name: str, archive: Archive, size: int, limits: Limits) -> RawDocument:
    """A book from an EPUB 2 or 3: the pages of its spine in order, without cover and tables of contents."""
    names = archive.names()
    if "META-INF/encryption.xml" in names and _is_protected(archive.read("META-INF/encryption.xml")):
        raise RejectError("encrypted", "the book is copy-protected (DRM); only books without protection can be read")
    container = _parse_xml(archive.read("META-INF/container.xml"), limits)
    roots = [element.get("full-path", "") for element in container.iter() if local_name(element.tag) == "rootfile"]
    if not roots:
        raise RejectError("damaged-archive", "the EPUB names no package file; get it again")
    package = _parse_xml(archive.read(roots[0]), limits)
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
            page, _ = read_html(data, most_lines=limits.book_lines)
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
    return RawDocument(
        name,
        paragraphs=tuple(paragraphs),
        title=next(iter(metadata.get("title", [])), ""),
        author=", ".join(metadata.get("creator", [])),
        license="; ".join(metadata.get("rights", [])),
        language=next(iter(metadata.get("language", [])), ""),
        bytes=size,
        notes=tuple(notes),
    )


def _is_protected(encryption: bytes) -> bool:
    """Whether more than fonts is encrypted."""
    return any(
        not re.search(rb"\.(?:otf|ttf|woff2?)$", uri, re.IGNORECASE)
        for uri in re.findall(rb'URI="([^"]+)"', encryption)
    )


def _resolve(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#")[0]))) if href else ""


def read_fb2(name: str, data: bytes, limits: Limits) -> RawDocument:
    """A book from FictionBook 2 XML; the notes at its end are left out."""
    text, encoding = decode_declared(data, None, limits.book_lines)
    root = _parse_xml(XML_DECLARATION.sub("", text.lstrip("\ufeff"), count=1).encode("utf-8", "replace"), limits)
    if local_name(root.tag) != "fictionbook":
        raise RejectError("damaged-xml", "not a FictionBook file: its root element is something else")
    about = next((e for e in root.iter() if local_name(e.tag) == "title-info"), Element("none"))
    title = language = ""
    authors: list[str] = []
    for element in about:
        tag = local_name(element.tag)
        if tag == "book-title":
            title = _text(element)
        elif tag == "lang":
            language = _text(element)
        elif tag == "author":
            order = {local_name(part.tag): _text(part) for part in element}
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
    return RawDocument(
        name,
        paragraphs=tuple(paragraphs),
        title=title,
        author=", ".join(filter(None, authors)),
        license=next((_text(e) for e in root.iter() if local_name(e.tag) == "custom-info" and _states_rights(e)), ""),
        language=language,
        encoding=encoding,
        bytes=len(data),
        notes=notes,
    )


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
            line = " ".join(filter(None, (_text(part) for part in element)))
            yield line, BlockKind.HEADING if len(line) <= LONGEST_HEADING else None
        elif tag == "stanza":
            yield "\n".join(filter(None, (_text(verse) for verse in element))), None
        elif tag == "subtitle":
            line = _text(element)
            yield line, BlockKind.HEADING if any(map(str.isalnum, line)) and len(line) <= LONGEST_HEADING else None
        elif tag in ("p", "text-author", "v", "tr", "date"):
            yield _text(element), None
        elif tag not in ("binary", "image"):
            stack.append(iter(element))


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _parse_xml(data: bytes, limits: Limits) -> Element:
    """A tree of small depth, without entities, DTDs' external parts or network."""
    depth = elements = 0
    root: Element | None = None
    try:
        for event, element in ElementTree.iterparse(
            io.BytesIO(data), events=("start", "end"), forbid_entities=True, forbid_external=True
        ):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            elements += event == "start"
            if elements > limits.xml_elements:
                raise RejectError("too-large", f"over {limits.xml_elements:,} XML elements; see --limit xml_elements")
            if depth > limits.xml_nesting:
                raise RejectError("too-nested", f"XML elements nested over {limits.xml_nesting} deep")
    except DefusedXmlException as error:
        raise RejectError("unsafe-xml", "the XML defines entities or points outside; refused") from error
    except (ParseError, ValueError, LookupError) as error:
        raise RejectError("damaged-xml", f"the XML can't be parsed ({error}); get the file again") from error
    if root is None:
        raise RejectError("damaged-xml", "the XML file is empty")
    return root
