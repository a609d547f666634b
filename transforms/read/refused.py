"""Forms that are refused, each with a word on what to do instead, and files that are known not to be books."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import ZIPPED, Holds, InputFile, Reader

# Text, but not of a book: tables, settings and programs that lie beside books.
SIDE_SUFFIXES = (
    ".tsv",
    ".csv",
    ".toml",
    ".json",
    ".py",
    ".yaml",
    ".yml",
    ".xml",
    ".opf",
    ".ncx",
    ".css",
    ".js",
    ".log",
)
# Parts that tell a document of an office suite from an archive of books.
_OFFICE_PARTS = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_KINDLE_SUFFIXES = (".mobi", ".azw", ".azw3", ".kfx", ".prc")


def no_book(name: str) -> RejectError:
    """The refusal of a file that is text, but by its suffix not a book's."""
    suffix = posixpath.splitext(name.lower())[1]
    return RejectError(
        "unsupported-type", f"files in {suffix} are not read as books; convert it to .txt or .jsonl if it is one"
    )


def _refuse(advice: str) -> Callable[[InputFile], Iterator[RawDocument]]:
    """A `read` that says what to do instead."""

    def read(file: InputFile) -> Iterator[RawDocument]:
        raise RejectError("unsupported-type", advice)
        yield  # a generator, as every `read` is

    return read


def _is_office(file: InputFile) -> bool:
    return bool(_OFFICE_PARTS.intersection(file.archive.names()))


def _is_kindle(file: InputFile) -> bool:
    marked = file.head[60:68] in (b"BOOKMOBI", b"TEXtREAd") or file.head.startswith((b"TPZ", b"\xeaDRMION\xee"))
    return marked or (file.suffix in _KINDLE_SUFFIXES and b"\0" in file.head)


def _read_ole(file: InputFile) -> Iterator[RawDocument]:
    """Old Office documents; newer ones that a password protects come in the same container."""
    if _ENCRYPTED_PART in file.data:
        raise RejectError("encrypted", "the document is protected by a password; save it without one")
    raise RejectError("unsupported-type", "an old Office document: save it as .docx first")
    yield


OTHER_OFFICE = Reader(
    "other Office documents",
    (),
    Holds.NOTHING,
    _refuse("an Office document: save it as plain text or EPUB first"),
    magic=ZIPPED,
    looks=_is_office,
)
OLD_OFFICE = Reader("Word 97", (".doc",), Holds.NOTHING, _read_ole, magic=(_OLE,))
KINDLE = Reader(
    "MOBI, AZW, KFX",
    _KINDLE_SUFFIXES,
    Holds.NOTHING,
    _refuse("a Kindle book: convert it with `ebook-convert book.mobi book.epub` of calibre"),
    looks=_is_kindle,
)
DJVU = Reader(
    "DjVu",
    (".djvu", ".djv"),
    Holds.NOTHING,
    _refuse("a DjVu scan: take its text with `djvutxt book.djvu book.txt` of DjVuLibre"),
    magic=(b"AT&TFORM",),
)
