"""SkipFinished: books that lie finished in the parts of an earlier run are not done again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apache_beam as beam

from scenesign.schemas.parts import PartEntry
from scenesign.schemas.records import Book
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.submitter import Submitter


class SkipFinished(beam.DoFn):
    """Lets books through that no part of an earlier run holds.

    finished_uri: a file with a line `BOOK_ID LANGUAGE` per finished book; a name, because what a DoFn carries is
    pickled for every worker.
    """

    def __init__(self, finished_uri: str, submitter: Submitter | None = None) -> None:
        self.finished_uri, self.submitter = finished_uri, submitter or Submitter()

    def setup(self) -> None:
        self.submitter.check_written(self.finished_uri)
        lines = storage.read_bytes(self.finished_uri).decode().splitlines()
        self._finished = frozenset(lines)

    def start_bundle(self) -> None:
        # not for longer: a runner may give a bundle again to the worker that did it, and then wants all of it
        self._seen: set[str] = set()

    def process(self, book: Book) -> Iterable[Book]:
        key = f"{book.book_id} {book.language}"
        if key in self._finished:
            if key not in self._seen:
                count("books", "reused")
            tell("bytes", "reused", book.bytes)
        elif key not in self._seen:
            yield book
        else:
            tell("bytes", "reused", book.bytes)
        # a second copy in one bundle needn't be embedded again; one in another bundle is, and is dropped later
        self._seen.add(key)


def finished_lines(parts: Sequence[PartEntry]) -> bytes:
    """The content of the file that `SkipFinished` reads."""
    keys = sorted({f"{book.book_id} {book.language}" for part in parts for book in part.books})
    return "".join(key + "\n" for key in keys or [""]).encode()
