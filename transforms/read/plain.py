"""Plain text: what is left when no other form knows a file."""

from __future__ import annotations

from collections.abc import Iterator

from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.text.decode import decode


def read_plain(file: InputFile) -> Iterator[RawDocument]:
    """The file as one text. Raises RejectError as `decode` does."""
    decoded = decode(file.data, file.options.language, file.limits.book_lines)
    yield RawDocument(file.name, decoded.text, encoding=decoded.encoding, bytes=len(file.data), notes=decoded.notes)


READER = Reader("plain text", (".txt", ".text"), Holds.BOOK, read_plain)
