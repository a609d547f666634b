"""Books of a plain zip archive, each member read by its own form."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator

from scenesign.schemas.records import RejectError, printable
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import ZIPPED, Holds, InputFile, Reader
from scenesign.transforms.read.refused import SIDE_SUFFIXES, no_book
from scenesign.transforms.support.failures import raise_if_machine_failed


def read_members(file: InputFile) -> Iterator[RawDocument]:
    """Books by member name; what is no book is refused by name."""
    for member in sorted(file.archive.repeated()):
        problem = RejectError("damaged-archive", "a later member has the same name, and was read instead")
        yield RawDocument(f"{file.name}!{printable(member)}", problem=problem)
    for member in sorted(file.archive.names()):
        if posixpath.basename(member).startswith(".") or member.startswith("__MACOSX/"):
            continue
        label = f"{file.name}!{printable(member)}"
        try:
            if member.lower().endswith(SIDE_SUFFIXES):
                raise no_book(member)
            data = file.archive.read(member)
            yield from file.inside(label, io.BytesIO(data), len(data))
        except RejectError as problem:
            yield RawDocument(label, problem=problem)
        except Exception as error:  # one member's trouble is its own reject
            raise_if_machine_failed(error)
            yield RawDocument(label, problem=error)


READER = Reader("zip archive", (".zip",), Holds.FILES, read_members, magic=ZIPPED)
