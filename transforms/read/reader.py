"""What a reader of an input form is, and the file that it is given."""

from __future__ import annotations

import enum
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from typing import BinaryIO

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.archive import Archive
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support.extras import how_to_install
from scenesign.transforms.support.limits import Limits

HEAD_BYTES = 8192
ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")
PACKED_SUFFIXES = (".gz", ".zst")


class Holds(str, enum.Enum):
    """What a file of some form holds."""

    BOOK = "a book"
    ROWS = "rows"  # each a book
    FILES = "files"  # each of some form
    NOTHING = "nothing"  # that could be read: the form is refused, with a word on what to do


@dataclass
class InputFile:
    """An input that is open, or one without bytes of its own, such as a dataset.

    name: what datasets and reports call it. stream: stands at its start. size: bytes in storage, 0 where unknown.
    uri: of an input that is no file, else "". inside: the documents of a file within this one, by its name, stream and
    size, whatever its form.
    """

    name: str
    stream: BinaryIO
    options: ReadOptions
    size: int = 0
    uri: str = ""
    inside: Callable[[str, BinaryIO, int], Iterator[RawDocument]] = lambda name, stream, size: iter(())

    @property
    def limits(self) -> Limits:
        """The most that it may ask of us."""
        return self.options.limits

    @property
    def suffix(self) -> str:
        """Suffix of its name in small letters, not counting that of a compression."""
        lower = self.name.lower()
        bare = next((lower[: -len(packed)] for packed in PACKED_SUFFIXES if lower.endswith(packed)), lower)
        return posixpath.splitext(bare)[1]

    @cached_property
    def head(self) -> bytes:
        """Its first bytes; of a stream that can't seek, those at hand."""
        if isinstance(self.stream, BufferedReader) and not self.stream.seekable():
            return self.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        head = _read_up_to(self.stream, HEAD_BYTES)
        self.stream.seek(0)
        return head

    @cached_property
    def data(self) -> bytes:
        """All of it. Raises RejectError `too-large`."""
        data = _read_up_to(self.stream, self.limits.file_bytes + 1)
        if len(data) > self.limits.file_bytes:
            raise RejectError(
                "too-large",
                f"over {self.limits.file_bytes:,} bytes; split the file, or raise --limit file_bytes=NUMBER",
            )
        return data

    @cached_property
    def archive(self) -> Archive:
        """Its members, where it is a zip file. Raises RejectError as Archive does."""
        return Archive(self.stream, self.limits)


def any_file(file: InputFile) -> bool:
    """Looks no further: the first bytes, or nothing at all, decide."""
    return True


def not_installed(form: str) -> RejectError:
    """The refusal of a form whose library isn't there."""
    return RejectError("not-installed", f"{form} needs a library more; {how_to_install('office')}")


@dataclass(frozen=True)
class Reader:
    """One input form.

    name: as `protocol.md` calls it. suffixes: of its files, in small letters. read: its documents, one at a time;
    raises RejectError where the file as a whole can't be used. magic: first bytes, one of which each file has.
    looks: whether a file with such bytes is of this form; asked in the order of the registry. scheme: how inputs begin
    that are no files. streams: it reads as the bytes come; for others a stream that can't seek is held whole.
    """

    name: str
    suffixes: tuple[str, ...]
    holds: Holds
    read: Callable[[InputFile], Iterator[RawDocument]]
    magic: tuple[bytes, ...] = ()
    looks: Callable[[InputFile], bool] = any_file
    scheme: str = ""
    streams: bool = False

    def knows(self, file: InputFile) -> bool:
        """Whether a file is of this form. Raises RejectError where it is and can't be read at all."""
        if self.scheme:
            return file.uri.startswith(self.scheme)
        return (not self.magic or file.head.startswith(self.magic)) and self.looks(file)


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
