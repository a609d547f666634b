"""Documents of a source, whatever its format: told by content first, then by suffix."""

from __future__ import annotations

import gzip
import io
import posixpath
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import zstandard

from scenesign.schemas.records import RejectError, Source, printable
from scenesign.transforms.read.epub import Archive, is_epub, read_epub, read_fb2
from scenesign.transforms.read.html import RawDocument, read_html, read_markdown
from scenesign.transforms.read.rows import HF_PREFIX, one_line, read_dataset, read_lines, read_parquet
from scenesign.transforms.support import storage
from scenesign.transforms.support.failures import raise_if_machine_failed
from scenesign.transforms.support.limits import Limits, ReadOptions
from scenesign.transforms.text.decode import decode

TEXT_SUFFIXES = (".txt", ".text")
SUPPORTED_SUFFIXES = (
    *TEXT_SUFFIXES, ".md", ".markdown", ".html", ".htm", ".xhtml", ".epub", ".fb2", ".jsonl", ".ndjson", ".parquet",
    ".zip", ".gz", ".zst",
)  # fmt: skip
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
_ROW_SUFFIXES = (".jsonl", ".ndjson")
_PACKED_SUFFIXES = (".gz", ".zst")
_PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
_ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")
_PARQUET = b"PAR1"
# First bytes of what may hold books without being text.
BOOK_MAGIC = (*_PACKED, *_ZIPPED, _PARQUET)
_HEAD_BYTES = 8192
# Parts that tell a document of an office suite from an archive of books.
_OFFICE_PARTS = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
_LOOKS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_LOOKS_FB2 = re.compile(rb"<FictionBook\b")
_LOOKS_TAGGED = re.compile(rb"<\0?[a-zA-Z!?/]")
_LOOKS_ROW = re.compile(rb'\{\s*"[^"\n]{1,100}"\s*:')


def read_documents(source: Source, options: ReadOptions) -> Iterator[RawDocument]:
    """The documents of a file or dataset, one at a time.

    Raises RejectError when the source as a whole can't be used; a bad row or member comes as a RawDocument with a
    `problem`, and the others follow.
    """
    if source.uri.startswith(HF_PREFIX):
        yield from _some(read_dataset(source, options))
        return
    with storage.open_read(source.uri) as stream:
        yield from _some(_read_stream(source.name, stream, source.bytes, options, depth=0))


def _some(documents: Iterator[RawDocument]) -> Iterator[RawDocument]:
    """The same documents. Raises RejectError where there is not one, so that no file vanishes."""
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007 - counts them
        yield document
    if not count:
        raise RejectError("empty", "no rows and no books in it")


def _read_stream(name: str, stream: BinaryIO, size: int, options: ReadOptions, depth: int) -> Iterator[RawDocument]:
    """Documents of an open file, by its content; archives are opened as deep as the limits allow.

    stream: can seek, and stands at its start. size: bytes of the file, 0 where unknown.
    """
    limits = options.limits
    head = _read_up_to(stream, _HEAD_BYTES)
    stream.seek(0)
    if head.startswith(_PACKED):
        if depth >= limits.archive_nesting:
            raise RejectError("too-nested", f"archives nested over {limits.archive_nesting} deep")
        with _unpacked(stream, head, limits) as inner:
            if _are_rows(name, inner.peek(_HEAD_BYTES)[:_HEAD_BYTES], options):
                yield from read_lines(name, cast(BinaryIO, inner), options)
                return
            data = _read_whole(cast(BinaryIO, inner), limits)
        yield from _read_stream(name, io.BytesIO(data), len(data), options, depth + 1)
    elif head.startswith(_ZIPPED):
        archive = Archive(stream, limits)
        if is_epub(archive):
            yield read_epub(name, archive, size, limits)
        elif _OFFICE_PARTS.intersection(archive.names()):
            raise RejectError("unsupported-type", "an Office document: save it as plain text or EPUB first")
        elif depth >= limits.archive_nesting:
            raise RejectError("too-nested", f"archives nested over {limits.archive_nesting} deep")
        else:
            yield from _read_members(name, archive, options, depth)
    elif head.startswith(_PARQUET):
        yield from read_parquet(name, stream, options)
    elif _are_rows(name, head, options):
        yield from read_lines(name, stream, options)
    else:
        yield _read_text(name, _read_whole(stream, limits), options)


def _are_rows(name: str, head: bytes, options: ReadOptions) -> bool:
    """Whether a file is JSON Lines: by its suffix, unless nothing in it looks so; without one by its first row."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _bare_suffix(name.lower()) in _ROW_SUFFIXES:
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise RejectError("damaged-row", "JSON Lines are UTF-8, and this is UTF-16; convert the file")
        return not start or start.startswith((b"{", b"[", b'"')) or b"\n{" in start
    return _LOOKS_ROW.match(start) is not None and f'"{options.text_column}"'.encode() in start


def _read_text(name: str, data: bytes, options: ReadOptions) -> RawDocument:
    """The document of a file that is one text: FB2, HTML, Markdown or plain."""
    limits = options.limits
    suffix = _bare_suffix(name.lower())
    head = data[:_HEAD_BYTES]
    if _LOOKS_FB2.search(head[:4096]) or (suffix == ".fb2" and b"<" in head):
        return read_fb2(name, data, limits)
    tagged = _LOOKS_TAGGED.search(data) is not None
    if _LOOKS_HTML.match(head.lstrip(b"\xef\xbb\xbf")) or (suffix in _PAGE_SUFFIXES and tagged):
        page, encoding = read_html(data, options.language, limits.book_lines)
        return RawDocument(
            name,
            paragraphs=tuple(page.paragraphs),
            title=page.title,
            author=page.author,
            license=page.license,
            language=page.language,
            encoding=encoding,
            bytes=len(data),
        )
    decoded = decode(data, options.language, limits.book_lines)
    document = RawDocument(name, decoded.text, encoding=decoded.encoding, bytes=len(data), notes=decoded.notes)
    return read_markdown(document, limits.book_lines) if suffix in (".md", ".markdown") else document


def _read_members(name: str, archive: Archive, options: ReadOptions, depth: int) -> Iterator[RawDocument]:
    """Books of a plain zip archive, by member name; what is no book is refused by name."""
    for member in sorted(archive.names()):
        if posixpath.basename(member).startswith(".") or member.startswith("__MACOSX/"):
            continue
        label = f"{name}!{printable(member)}"
        try:
            if member.lower().endswith(SIDE_SUFFIXES):
                raise no_book(member)
            data = archive.read(member)
            yield from _some(_read_stream(label, io.BytesIO(data), len(data), options, depth + 1))
        except RejectError as problem:
            yield RawDocument(label, problem=problem)
        except Exception as error:  # one member's trouble is its own reject
            raise_if_machine_failed(error)
            yield RawDocument(label, problem=RejectError("error", f"{type(error).__name__}: {one_line(error)}"))


def no_book(name: str) -> RejectError:
    """The refusal of a file that is text, but by its suffix not a book's."""
    suffix = posixpath.splitext(name.lower())[1]
    return RejectError(
        "unsupported-type", f"files in {suffix} are not read as books; convert it to .txt or .jsonl if it is one"
    )


# Streams --------------------------------------------------------------------------------------------------------


class _Capped(io.RawIOBase):
    """What comes out of a compressed stream, until it is more than the limits let a file of that size hold."""

    def __init__(self, inner: Any, packed: BinaryIO, limits: Limits) -> None:
        self._inner, self._packed, self._limits = inner, packed, limits
        self._total = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer. Raises RejectError on damage, and when the file swells too much."""
        try:
            data = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise RejectError(
                "damaged-archive", f"the compressed file is damaged ({one_line(error)}); get it again"
            ) from error
        self._total += len(data)
        packed = max(self._packed.tell(), 65_536)
        if self._total > min(self._limits.expanded_bytes, packed * self._limits.expansion_ratio):
            raise RejectError("archive-bomb", "the compressed file swells beyond the limits; refused")
        buffer[: len(data)] = data
        return len(data)


class _Frames:
    """What Zstandard frames hold. Its own stream reader takes a file that was cut off for a whole one."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._frame: Any = None
        self._rest = b""
        self._ready = io.BytesIO()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end. Raises EOFError when the last frame is cut off."""
        data = self._ready.read(size)
        while not data:
            # few bytes at a time: four can unpack to 128 kB
            packed = self._rest or self._packed.read(256)
            if not packed:
                if self._frame is not None:
                    raise EOFError("the file ends inside a frame")
                return b""
            if self._frame is None:
                # a window of 128 MB is what zstd itself accepts without being told
                self._frame = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
            self._ready = io.BytesIO(self._frame.decompress(packed))
            self._rest = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
            data = self._ready.read(size)
        return data


@contextmanager
def _unpacked(stream: BinaryIO, head: bytes, limits: Limits) -> Iterator[io.BufferedReader[Any]]:
    """The bytes inside a gzip or Zstandard stream, told apart by its first bytes."""
    if head.startswith(_PACKED[0]):
        inner: Any = gzip.GzipFile(fileobj=stream)
    else:
        inner = _Frames(stream)
    with io.BufferedReader(_Capped(inner, stream, limits), 1 << 16) as reader:
        yield reader


def _read_whole(stream: BinaryIO, limits: Limits) -> bytes:
    data = _read_up_to(stream, limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise RejectError(
            "too-large", f"over {limits.file_bytes:,} bytes; split the file, or raise --limit file_bytes=NUMBER"
        )
    return data


def _read_up_to(stream: BinaryIO, most: int) -> bytes:
    """Up to `most` bytes; some file systems return less than asked at a time."""
    chunks = []
    while most > 0:
        chunk = stream.read(min(most, 1 << 24))
        if not chunk:
            break
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)


def _without(name: str, suffixes: tuple[str, ...]) -> str:
    return next((name[: -len(suffix)] for suffix in suffixes if name.lower().endswith(suffix)), name)


def _bare_suffix(lower: str) -> str:
    """Suffix of a name, not counting that of its compression."""
    return posixpath.splitext(_without(lower, _PACKED_SUFFIXES))[1]
