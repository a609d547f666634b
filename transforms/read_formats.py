"""Documents of a source, whatever its format: told by content first, then by suffix."""

from __future__ import annotations

import gzip
import io
import json
import os
import posixpath
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from schemas.records import RejectError, Source
from transforms import storage
from transforms.clean_text import normalise
from transforms.decode_text import decode, repair
from transforms.read_epub import Archive, is_epub, read_epub, read_fb2
from transforms.read_html import Limits, RawDocument, read_html, read_markdown

HF_PREFIX = "hf:"
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
# What the folder builders of `datasets` may unpickle, or what holds no rows of text.
_UNSAFE_DATASET_SUFFIXES = (".pkl", ".pickle", ".tar", ".pt", ".pth", ".npy", ".npz", ".h5", ".hdf5", ".py", ".joblib")
_PARQUET_BATCH = 16  # rows; a row is a book
_LOOKS_HTML = re.compile(
    rb"\s*(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_LOOKS_FB2 = re.compile(rb"<FictionBook\b")


@dataclass(frozen=True)
class ReadOptions:
    """How inputs are read.

    language: ISO 639-1 code of all books; None detects it. The columns name where rows of JSONL, Parquet and
    datasets keep things. min_chars: characters of clean text below which a book is refused. supported_languages:
    what the embedder speaks; None means any.
    """

    language: str | None = None
    text_column: str = "text"
    title_column: str = "title"
    author_column: str = "author"
    language_column: str = "language"
    min_chars: int = 200
    supported_languages: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)


def read_documents(source: Source, options: ReadOptions) -> Iterator[RawDocument]:
    """The documents of a file or dataset, one at a time.

    Raises RejectError when the source as a whole can't be used; a bad row or member comes as a RawDocument with a
    `problem`, and the others follow.
    """
    if source.uri.startswith(HF_PREFIX):
        yield from _read_dataset(source, options)
        return
    limits = options.limits
    with storage.open_read(source.uri) as stream:
        head = _read_up_to(stream, 8)
    lower = source.name.lower()
    if head.startswith(b"PAR1"):
        with storage.open_read(source.uri) as stream:
            yield from _read_parquet(source, stream, options)
        return
    if _bare_suffix(lower) in _ROW_SUFFIXES:
        with storage.open_read(source.uri) as stream, _unpacked(stream, head, limits) as lines:
            yield from _read_lines(source.name, lines, options)
        return
    with storage.open_read(source.uri) as stream:
        data = _read_up_to(stream, limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise RejectError("too-large", f"over {limits.file_bytes:,} bytes; split the file, or give its books as JSONL")
    yield from _read_bytes(source.name, data, options, depth=0)


def _read_bytes(name: str, data: bytes, options: ReadOptions, depth: int) -> Iterator[RawDocument]:
    """Documents of a file that is in memory; archives are opened as deep as the limits allow."""
    limits = options.limits
    lower = name.lower()
    if data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        if depth >= limits.archive_nesting:
            raise RejectError("too-nested", f"archives nested over {limits.archive_nesting} deep")
        with _unpacked(io.BytesIO(data), data[:8], limits) as stream:
            inner = _read_up_to(stream, limits.file_bytes + 1)
        if len(inner) > limits.file_bytes:
            raise RejectError("too-large", f"over {limits.file_bytes:,} bytes when unpacked; split the file")
        yield from _read_bytes(_without(name, _PACKED_SUFFIXES), inner, options, depth + 1)
    elif data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        archive = Archive(data, limits)
        if is_epub(archive):
            yield read_epub(name, archive, len(data), limits)
        elif depth >= limits.archive_nesting:
            raise RejectError("too-nested", f"archives nested over {limits.archive_nesting} deep")
        else:
            yield from _read_members(name, archive, options, depth)
    elif _bare_suffix(lower) in _ROW_SUFFIXES:
        yield from _read_lines(name, io.BytesIO(data), options)
    elif _LOOKS_FB2.search(data[:4096]) or lower.endswith(".fb2"):
        yield read_fb2(name, data, limits)
    elif _LOOKS_HTML.match(data[:8192].lstrip(b"\xef\xbb\xbf")) or lower.endswith((".html", ".htm", ".xhtml")):
        page, encoding = read_html(data, options.language)
        yield RawDocument(
            name,
            paragraphs=tuple(page.paragraphs),
            title=page.title,
            author=page.author,
            language=page.language,
            encoding=encoding,
            bytes=len(data),
        )
    else:
        decoded = decode(data, options.language)
        document = RawDocument(name, decoded.text, encoding=decoded.encoding, bytes=len(data), notes=decoded.notes)
        yield read_markdown(document) if lower.endswith((".md", ".markdown")) else document


def _read_members(name: str, archive: Archive, options: ReadOptions, depth: int) -> Iterator[RawDocument]:
    """Books of a plain zip archive, by member name; what is no book is refused by name."""
    for member in sorted(archive.names()):
        if posixpath.basename(member).startswith(".") or member.startswith("__MACOSX/"):
            continue
        label = f"{name}!{member}"
        try:
            if member.lower().endswith(SIDE_SUFFIXES):
                raise RejectError("unsupported-type", "not a book's format")
            yield from _read_bytes(label, archive.read(member), options, depth + 1)
        except RejectError as problem:
            yield RawDocument(label, problem=problem)


# Rows -----------------------------------------------------------------------------------------------------------


def _read_lines(name: str, stream: BinaryIO, options: ReadOptions) -> Iterator[RawDocument]:
    """Rows of JSON Lines; a row of the longest allowed book fits in four bytes a character and some escapes."""
    most = options.limits.book_characters * 6 + 65_536
    row = -1
    while True:
        line = stream.readline(most + 1)
        if not line:
            return
        if len(line) > most:
            raise RejectError("too-large", f"row {row + 1} is longer than {most:,} bytes; cut the book into volumes")
        if not line.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        row += 1
        label = f"{name}#{row}"
        try:
            value = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            problem = RejectError("damaged-row", f"row {row} is not JSON ({error})")
            yield RawDocument(label, bytes=len(line), problem=problem)
            continue
        yield _row_document(label, value, options, len(line))


def _read_parquet(source: Source, stream: BinaryIO, options: ReadOptions) -> Iterator[RawDocument]:
    """Rows of a Parquet file, a few at a time."""
    try:
        file = pq.ParquetFile(stream)
        wanted = (options.text_column, options.title_column, options.author_column, options.language_column)
        columns = [name for name in file.schema_arrow.names if name in wanted]
        if options.text_column not in columns:
            raise _no_column(options.text_column, file.schema_arrow.names)
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).total_byte_size
            if size > options.limits.expanded_bytes:
                raise RejectError("too-large", f"row group {group} unpacks to {size:,} bytes; write smaller row groups")
        row = 0
        for batch in file.iter_batches(batch_size=_PARQUET_BATCH, columns=columns):
            for value in batch.to_pylist():
                text = value.get(options.text_column)
                yield _row_document(f"{source.name}#{row}", value, options, len(text) if isinstance(text, str) else 0)
                row += 1
    except (pa.ArrowException, OSError) as error:
        raise RejectError(
            "damaged-parquet", f"the Parquet file can't be read ({_line(error)}); write it again"
        ) from error


def _read_dataset(source: Source, options: ReadOptions) -> Iterator[RawDocument]:
    """Rows of a Hugging Face dataset, streamed. Code that a dataset brings along is never run."""
    name, config, split = _parse_dataset(source.uri)
    import datasets  # slow to import, and few runs need it

    try:
        if os.path.isdir(name):
            _refuse_unsafe(name)
        if os.path.isdir(name) and _is_saved(name):
            found: Any = datasets.load_from_disk(name)
        else:
            found = datasets.load_dataset(name, config, streaming=True)
        if hasattr(found, "keys"):
            splits = sorted(found.keys())
            chosen = split or ("train" if "train" in splits else splits[0])
            if chosen not in splits:
                raise RejectError("no-split", f"no split {chosen!r}; the dataset has {', '.join(splits)}")
            found = found[chosen]
        rows: Iterable[Any] = found
        for row, value in enumerate(rows):
            if row == 0 and options.text_column not in value:
                raise _no_column(options.text_column, value)
            yield _row_document(f"{source.name}#{row}", value, options, 0)
    except RejectError:
        raise
    except Exception as error:  # datasets raises whatever its backends do, and offline is the commonest
        raise RejectError("unreadable-dataset", f"{type(error).__name__}: {_line(error)}") from error


def _parse_dataset(uri: str) -> tuple[str, str | None, str | None]:
    """Name (or local folder), configuration and split of `hf:NAME[/CONFIG][@SPLIT]`.

    NAME is `dataset`, `owner/dataset` or a folder; a third part is the configuration.
    """
    body, _, split = uri.removeprefix(HF_PREFIX).partition("@")
    if os.path.isdir(body):
        return body, None, split or None
    parts = body.split("/")
    if len(parts) == 3 and all(parts):
        return "/".join(parts[:2]), parts[2], split or None
    if not 1 <= len(parts) <= 2 or not all(parts):
        raise RejectError("unreadable-dataset", f"no such folder, and no dataset name: {body!r}")
    return body, None, split or None


def _is_saved(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, name)) for name in ("state.json", "dataset_dict.json"))


def _refuse_unsafe(folder: str) -> None:
    for _, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(_UNSAFE_DATASET_SUFFIXES):
                raise RejectError("unsupported-type", f"the folder holds {name!r}, which could run code; remove it")


def _row_document(label: str, row: Any, options: ReadOptions, size: int) -> RawDocument:
    if not isinstance(row, dict):
        return RawDocument(
            label, bytes=size, problem=RejectError("damaged-row", "the row is not an object with columns")
        )
    text = row.get(options.text_column)
    if options.text_column not in row:
        return RawDocument(label, bytes=size, problem=_no_column(options.text_column, row))
    if not isinstance(text, str) or not text.strip():
        problem = RejectError("empty", f"column {options.text_column!r} holds no text in this row")
        return RawDocument(label, bytes=size, problem=problem)
    text, notes = repair(text)
    return RawDocument(
        label,
        text,
        title=_cell(row, options.title_column),
        author=_cell(row, options.author_column),
        language=_cell(row, options.language_column),
        language_is_given=True,
        bytes=size,
        notes=notes,
    )


def _cell(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(part) for part in value)
    return " ".join(normalise(str(value)).split())[:500] if value is not None else ""


def _no_column(column: str, names: Iterable[str]) -> RejectError:
    listed = ", ".join(sorted(map(str, names))[:20])
    return RejectError("no-text-column", f"no column {column!r}; name one of: {listed}")


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
                "damaged-archive", f"the compressed file is damaged ({_line(error)}); get it again"
            ) from error
        self._total += len(data)
        packed = max(self._packed.tell(), 65_536)
        if self._total > min(self._limits.expanded_bytes, packed * self._limits.expansion_ratio):
            raise RejectError("archive-bomb", "the compressed file swells beyond the limits; refused")
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _unpacked(stream: BinaryIO, head: bytes, limits: Limits) -> Iterator[BinaryIO]:
    """The bytes inside a gzip or Zstandard stream, by its first bytes; others as they are."""
    if head.startswith(b"\x1f\x8b"):
        inner: Any = gzip.GzipFile(fileobj=stream)
    elif head.startswith(b"\x28\xb5\x2f\xfd"):
        # a window of 128 MB is what zstd itself accepts without being told
        inner = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(stream, read_across_frames=True)
    else:
        yield stream
        return
    with io.BufferedReader(_Capped(inner, stream, limits), 1 << 16) as reader:
        yield cast(BinaryIO, reader)


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


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
