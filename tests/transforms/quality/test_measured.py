"""No book is lost because a measure of it fails; a machine that fails ends the run all the same."""

from __future__ import annotations

import errno

import pytest

from scenesign.schemas.parts import ShingleSample
from scenesign.schemas.records import Block, Book
from scenesign.transforms.parts import resolve
from scenesign.transforms.quality import shared_paragraphs, shingles
from scenesign.transforms.quality.measured import measured
from scenesign.transforms.support.attempts import forget_attempts

BOOK = Book("a", "", "en", "A text.", (Block(0, 7),), "a.txt")


def fail(*_: object) -> None:
    raise KeyError("nobody foresaw this")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_attempts()


def test_what_fails_measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (shingles, "shingle_sample"), (resolve, "other_language"), (shared_paragraphs, "edge_keys"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, fail)
    assert shingles.book_shingles(BOOK) == ShingleSample("a", 2**64 - 1, b"")
    entry = resolve.book_entry(BOOK)
    assert (entry.source, entry.other_language, entry.other_share) == ("a.txt", "", 0.0)
    assert shared_paragraphs.book_edges(BOOK).keys == b""


def test_a_second_try_that_does_better_counts() -> None:
    tries = iter([fail, lambda: 7])
    assert measured("step", "a.txt", lambda: next(tries)(), 0) == 7


def test_a_full_disk_is_no_matter_of_a_book() -> None:
    def full() -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        measured("step", "a.txt", full, 0)
