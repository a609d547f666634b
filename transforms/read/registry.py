"""The one table of input forms, and the documents of a source by it: told by content first, then by suffix.

A new form is a file with its reader, a line in READERS, and its row in `protocol.md`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from scenesign.schemas.records import RejectError, Source
from scenesign.transforms.read import (
    docx,
    epub,
    fb2,
    html,
    hugging_face,
    json_lines,
    markdown,
    odt,
    packed,
    parquet,
    pdf,
    plain,
    refused,
    rtf,
    zipped,
)
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.support import storage

# In the order in which a file is shown to them: the first that knows it reads it.
READERS: tuple[Reader, ...] = (
    hugging_face.READER,
    packed.READER,
    epub.READER,
    docx.READER,
    odt.READER,
    refused.OTHER_OFFICE,
    zipped.READER,
    parquet.READER,
    pdf.READER,
    rtf.READER,
    refused.OLD_OFFICE,
    refused.KINDLE,
    refused.DJVU,
    json_lines.READER,
    fb2.READER,
    html.READER,
    markdown.READER,
    plain.READER,
)


def read_documents(source: Source, options: ReadOptions) -> Iterator[RawDocument]:
    """The documents of a file or dataset, one at a time.

    Raises RejectError when the source as a whole can't be used; a bad row or member comes as a RawDocument with a
    `problem`, and the others follow.
    """
    named = next((reader for reader in READERS if reader.scheme and source.uri.startswith(reader.scheme)), None)
    if named:
        yield from _some(named.read(InputFile(source.name, io.BytesIO(), options, uri=source.uri)))
        return
    with storage.open_read(source.uri) as stream:
        yield from _read(source.name, stream, source.bytes, options, depth=0)


def find_reader(file: InputFile) -> Reader:
    """The reader of a file's form. Raises RejectError where the file is damaged past telling."""
    return next(reader for reader in READERS if reader.knows(file))


def is_plain_text(data: bytes) -> bool:
    """Whether bytes without a name are a text of no other form. Raises RejectError as `find_reader` does."""
    return find_reader(InputFile("", io.BytesIO(data), ReadOptions(), len(data))) is plain.READER


def supported_suffixes() -> tuple[str, ...]:
    """Suffixes of the forms that hold books, sorted."""
    readers = (reader for reader in READERS if reader.holds is not Holds.NOTHING)
    return tuple(sorted(suffix for reader in readers for suffix in reader.suffixes))


def known_suffixes() -> tuple[str, ...]:
    """Suffixes of all forms, those that are refused as well."""
    return tuple(suffix for reader in READERS for suffix in reader.suffixes)


def book_magic() -> tuple[bytes, ...]:
    """First bytes of what may hold books without being text."""
    return tuple(magic for reader in READERS if reader.holds is not Holds.NOTHING for magic in reader.magic)


def refusal_of(name: str, stream: BinaryIO) -> RejectError | None:
    """Why a file is of a form that is refused by its content, None where it is not, or where only reading it tells."""
    file = InputFile(name, stream, ReadOptions())
    if file.head.startswith(book_magic()):  # a workbook begins as an EPUB does: who comes first decides
        readers = [reader for reader in READERS if reader.magic and file.head.startswith(reader.magic)]
    else:
        readers = [reader for reader in READERS if reader.holds is Holds.NOTHING]
    try:
        known = next((reader for reader in readers if reader.knows(file)), None)
    except RejectError:  # damaged: its reader says more
        return None
    try:
        if known and known.holds is Holds.NOTHING:
            next(known.read(file), None)
    except RejectError as error:
        return error
    return None


def _read(name: str, stream: BinaryIO, size: int, options: ReadOptions, depth: int) -> Iterator[RawDocument]:
    """Documents of an open file; archives are opened as deep as the limits allow.

    Raises RejectError where there is not one, so that no file vanishes.
    """

    def inside(name: str, stream: BinaryIO, size: int) -> Iterator[RawDocument]:
        return _read(name, stream, size, options, depth + 1)

    file = InputFile(name, stream, options, size, inside=inside)
    if not stream.seekable():
        reader = next((reader for reader in READERS if reader.streams and reader.knows(file)), None)
        if reader is None:
            file = InputFile(name, io.BytesIO(file.data), options, len(file.data), inside=inside)
            reader = find_reader(file)
    else:
        reader = find_reader(file)
    if reader.holds is Holds.FILES and depth >= options.limits.archive_nesting:
        raise RejectError("too-nested", f"archives nested over {options.limits.archive_nesting} deep")
    yield from _some(reader.read(file))


def _some(documents: Iterator[RawDocument]) -> Iterator[RawDocument]:
    """The same documents. Raises RejectError where there is not one."""
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007 - counts them
        yield document
    if not count:
        raise RejectError("empty", "no rows and no books in it")
