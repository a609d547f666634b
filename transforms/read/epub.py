"""A book of the pages of an EPUB."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.archive import Archive
from scenesign.transforms.read.document import Paragraph, RawDocument
from scenesign.transforms.read.hand_broken import paragraphs_of
from scenesign.transforms.read.html import read_page, told_left_out
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.matter import kind_of_page, leave_out_contents, leave_out_notes
from scenesign.transforms.read.members import Members
from scenesign.transforms.read.page_blocks import settle_levels
from scenesign.transforms.read.page_text import PageText
from scenesign.transforms.read.reader import ZIPPED, Holds, InputFile, Reader
from scenesign.transforms.read.xml import local_name, parse_xml
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.lines import too_many_lines

_CONTAINER = "META-INF/container.xml"
_PAGE_TYPES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml"})
_MOST_NAMED = 5  # pages that one note names
_CALLED = {
    Apart.CONTENTS: "pages of contents, cover or links",
    Apart.IMPRINT: "pages of imprint, licence or advertising",
}


@dataclass
class _Package:
    """What the package file says. spine: ids of the pages in order. aside: those outside the reading order.

    guide: for each page and anchor that the guide names, as what.
    """

    folder: str
    metadata: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, Element] = field(default_factory=dict)
    spine: list[str] = field(default_factory=list)
    aside: set[str] = field(default_factory=set)
    guide: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Page:
    """A page that was read. linear: it stands in the reading order."""

    path: str
    text: PageText
    linear: bool


def read_epub(file: InputFile) -> Iterator[RawDocument]:
    """A book from an EPUB 2 or 3: the pages of its spine in order, without what is no part of its text.

    Raises RejectError: `encrypted`, `empty`, or where the archive or its package is damaged, unsafe or over a limit.
    """
    archive, limits = file.archive, file.limits
    names = archive.names()
    if "META-INF/encryption.xml" in names and _is_protected(archive.read("META-INF/encryption.xml")):
        raise RejectError("encrypted", "the book is copy-protected (DRM); only books without protection can be read")
    members = Members(names)
    package = _package(archive, members, limits)
    pages, notes = _pages(archive, members, package, limits)
    left_out: Counter[Apart] = Counter()
    notes += _leave_out(pages, members, package, left_out)
    paragraphs: list[Paragraph] = []
    wrapped = 0
    settle_levels([page.text.blocks for page in pages])
    for page in pages:
        found, told = paragraphs_of(page.text)
        paragraphs += found
        wrapped += bool(told)
        left_out += page.text.left_out
    if not paragraphs:
        raise RejectError("empty", "the EPUB holds no readable page")
    if wrapped:
        notes += (f"hard-wrapped lines joined on {wrapped} pages",)
    metadata = package.metadata
    yield RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=next(iter(metadata.get("title", [])), ""),
        author=", ".join(metadata.get("creator", [])),
        license="; ".join(metadata.get("rights", [])),
        language=next(iter(metadata.get("language", [])), ""),
        bytes=file.size,
        notes=(*notes, *told_left_out(left_out)),
    )


def is_epub(file: InputFile) -> bool:
    """Whether a zip archive is an EPUB, by the file that names its package."""
    return any(name.lower() == _CONTAINER.lower() for name in file.archive.names())


READER = Reader("EPUB 2 and 3", (".epub",), Holds.BOOK, read_epub, magic=ZIPPED, looks=is_epub)


def _package(archive: Archive, members: Members, limits: Limits) -> _Package:
    container = parse_xml(archive.read(members.find("", _CONTAINER)), limits)
    roots = [element.get("full-path", "") for element in container.iter() if local_name(element.tag) == "rootfile"]
    if not roots:
        raise RejectError("damaged-archive", "the EPUB names no package file; get it again")
    path = members.find("", roots[0]) or roots[0]
    package = _Package(posixpath.dirname(path))
    for element in parse_xml(archive.read(path), limits).iter():
        tag = local_name(element.tag)
        if tag in ("title", "creator", "language", "rights") and (element.text or "").strip():
            package.metadata.setdefault(tag, []).append(" ".join((element.text or "").split()))
        elif tag == "item":
            package.items.setdefault(element.get("id", ""), element)
        elif tag == "itemref":
            idref = element.get("idref", "")
            package.spine.append(idref)
            if element.get("linear", "").lower() == "no":
                package.aside.add(idref)
        elif tag == "reference":
            package.guide.append((element.get("type", "").lower(), element.get("href", "")))
    return package


def _pages(
    archive: Archive, members: Members, package: _Package, limits: Limits
) -> tuple[list[_Page], tuple[str, ...]]:
    """The pages of the spine; of the manifest where there is no spine that leads anywhere."""
    order = list(dict.fromkeys(package.spine))  # a page listed twice, or in a circle, is read once
    notes: list[str] = []
    if not any(_path(members, package, idref) for idref in order):
        order = [name for name, item in package.items.items() if item.get("media-type", "").lower() in _PAGE_TYPES]
        if order:
            notes.append("the EPUB has no reading order; its pages are in the order of its list")
    pages: list[_Page] = []
    seen: set[str] = set()
    missing = unreadable = lines = 0
    for idref in order:
        if idref not in package.items:
            continue
        path = _path(members, package, idref)
        if not path:
            missing += 1
            continue
        if path in seen:
            continue
        seen.add(path)
        data = archive.read(path)  # a damaged page refuses the whole book: half of it would pass for all
        try:
            text, _ = read_page(data, most_lines=limits.book_lines)
        except RejectError as error:
            if error.reason == "too-large":
                raise
            unreadable += error.reason != "empty"
            continue
        pages.append(_Page(path, text, idref not in package.aside))
        lines += len(text.blocks)
        if lines > limits.book_lines:
            raise too_many_lines(limits.book_lines)
    if missing:
        notes.append(f"{missing} pages named in the EPUB are missing from it")
    if unreadable:
        notes.append(f"{unreadable} pages of the EPUB are no text")
    unlisted = [
        path
        for name, item in package.items.items()
        if item.get("media-type", "").lower() in _PAGE_TYPES
        and "nav" not in item.get("properties", "").split()
        and (path := _path(members, package, name))
        and path not in seen
    ]
    if unlisted:
        notes.append(f"{len(unlisted)} pages outside the reading order left out ({_named(unlisted)})")
    return pages, tuple(notes)


def _leave_out(pages: list[_Page], members: Members, package: _Package, left_out: Counter[Apart]) -> tuple[str, ...]:
    """Takes what is no part of the book's text out of its pages, and whole pages out of the list; says which."""
    notes: list[str] = []
    guide: dict[str, set[str]] = {}
    anchors: dict[str, set[str]] = {}
    for called, href in package.guide:
        path = members.find(package.folder, href)
        guide.setdefault(path, set()).add(called)
        if called == "toc" and "#" in href:
            anchors.setdefault(path, set()).add(href.rpartition("#")[2])
    targets: dict[str, set[str]] = {}
    for page in pages:
        for link in page.text.note_links:
            path, _, name = link.partition("#")
            found = members.find(posixpath.dirname(page.path), path) if path else page.path
            targets.setdefault(found, set()).add(name)
    kept: list[_Page] = []
    dropped: dict[str, list[_Page]] = {}
    shown = sum(page.text.shown for page in pages)
    # where most of the book is marked so, the mark means nothing
    linear = 2 * sum(page.text.shown for page in pages if page.linear) >= shown
    for page in pages:
        leave_out_notes(page.text, targets.get(page.path, ()))
        stem = posixpath.splitext(posixpath.basename(page.path))[0]
        kind = kind_of_page(page.text, stem, frozenset(guide.get(page.path, ())))
        if kind:
            dropped.setdefault(_CALLED[kind], []).append(page)
        elif linear and not page.linear:
            dropped.setdefault("pages outside the reading order", []).append(page)
        else:
            kept.append(page)
    if not any(page.text.blocks for page in kept):
        kept, dropped = list(pages), {}
    for page in kept:
        leave_out_contents(page.text, anchors.get(page.path, ()))
    for what, out in sorted(dropped.items()):
        notes.append(f"{len(out)} {what} left out ({_named([page.path for page in out])})")
        for page in out:
            left_out += page.text.left_out
    pages[:] = kept
    return tuple(notes)


def _path(members: Members, package: _Package, idref: str) -> str:
    item = package.items.get(idref)
    return members.find(package.folder, item.get("href", "")) if item is not None else ""


def _named(paths: list[str]) -> str:
    """File names for a note, the first few."""
    names = [posixpath.basename(path) for path in paths]
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")


def _is_protected(encryption: bytes) -> bool:
    """Whether more than fonts is encrypted."""
    return any(
        not re.search(rb"\.(?:otf|ttf|woff2?)$", uri, re.IGNORECASE)
        for uri in re.findall(rb'URI="([^"]+)"', encryption)
    )
