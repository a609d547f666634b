"""What must hold for any bytes under any name: books that are whole, or refusals with a reason somebody thought of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scenesign.schemas.records import REASONS, Book, Reject, RejectError, Source, printable, text_digest
from scenesign.transforms.read import pdf, pdf_lines
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support import storage
from scenesign.transforms.support.limits import Limits

LIMITS = Limits(
    file_bytes=400_000,
    book_characters=20_000,
    book_lines=2_000,
    archive_members=50,
    expanded_bytes=2_000_000,
    xml_elements=5_000,
)
OPTIONS = ReadOptions(min_chars=1, limits=LIMITS)
# What no clean text may hold; see section 2.3 of the protocol.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\ufeff\ud800-\udfff]")


def check(path: Path, data: bytes, name: str) -> list[Book | Reject]:
    """Reads bytes as a file of some name. Raises AssertionError when what comes is not as it must be."""
    path.write_bytes(data)
    found = list(read_books(Source(str(path), name, len(data)), OPTIONS))
    assert found, "the file vanished"
    for item in found:
        assert item.source.startswith(name)
        if isinstance(item, Reject):
            assert item.reason in REASONS
            assert item.reason != "unexpected", item.detail
            assert item.detail
            assert item.detail == printable(item.detail)
        else:
            _check_book(item)
    assert len({item.source for item in found}) == len(found), "two things of one name"
    return found


def _check_book(book: Book) -> None:
    assert book.book_id == text_digest(book.text)
    assert 0 < len(book.text) <= LIMITS.book_characters
    assert not _FORBIDDEN.search(book.text)
    assert not _FORBIDDEN.search(book.title + book.author + book.license)
    at = 0
    for block in book.blocks:
        assert at <= block.start < block.end
        assert not book.text[at : block.start].strip()
        at = block.end
    assert at == len(book.text)


@contextmanager
def without_network(patch: Any) -> Iterator[list[Any]]:
    """Collects every address that something tries to reach or look up, and lets none through.

    patch: pytest's `monkeypatch`.
    """
    asked: list[Any] = []

    def refuse(*args: Any, **_: Any) -> None:
        asked.append(args)
        raise OSError("no network here")

    with patch.context() as inner:
        for name in ("connect", "connect_ex", "sendto"):
            inner.setattr(f"socket.socket.{name}", refuse)
        inner.setattr("socket.getaddrinfo", refuse)
        yield asked


def opened_by(patch: Any) -> list[str]:
    """A list that grows by the path of whatever is opened as an input. patch: pytest's `monkeypatch`."""
    opened: list[str] = []
    before = storage.open_read

    def note(uri: str) -> Any:
        opened.append(uri)
        return before(uri)

    patch.setattr(storage, "open_read", note)
    return opened


def read_pdfs_here() -> None:
    """From now on PDFs are read in this process: one for each of a hundred thousand files would take the day."""

    def extract_here(data: bytes, limits: Limits) -> dict[str, Any]:
        try:
            return pdf_lines.extract_pages(
                data, pdf_lines.Caps(limits.pdf_pages, limits.book_lines, limits.file_bytes, seconds=0)
            )
        except pdf_lines.RefusedError as error:
            raise RejectError(*error.args) from error

    pdf.extract_apart = extract_here
