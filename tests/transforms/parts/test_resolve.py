"""Resolving: duplicates, retried parts, strangers in parts, and books that went missing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from scenesign.schemas.records import Block, Book, Reject
from scenesign.transforms.parts.resolve import resolve, too_many_rejects
from scenesign.transforms.parts.skip import SkipFinished, finished_lines
from scenesign.transforms.support.failures import RunStoppedError
from scenesign.transforms.support.submitter import Submitter
from tests.builders import entry, part, row

ONE, TWO = row("First book."), row("Second book, longer.")


def test_the_first_source_is_the_book_and_the_others_are_duplicates(tmp_path: Path) -> None:
    resolved = resolve([entry(ONE, "b.txt"), entry(ONE, "a.txt"), entry(TWO, "c.txt")], [part(tmp_path, ONE, TWO)], [])
    assert sorted(e.source for e in resolved.entries) == ["a.txt", "c.txt"]
    assert [(d.source, d.detail) for d in resolved.duplicates] == [("b.txt", "same text as a.txt; nothing to do")]


def test_inputs_that_are_alike_in_all_are_duplicates_too(tmp_path: Path) -> None:
    resolved = resolve([entry(ONE, "a"), entry(ONE, "a")], [part(tmp_path, ONE)], [])
    assert (len(resolved.entries), len(resolved.duplicates)) == (1, 1)


def test_what_is_kept_of_copies_hangs_on_no_order(tmp_path: Path) -> None:
    copies = [replace(entry(ONE, "a"), encoding=encoding) for encoding in ("utf-8", "cp1251", "koi8-r", "utf-16")]
    for order in permutations(copies):
        (kept,) = resolve(order, [part(tmp_path, ONE)], []).entries
        assert kept.encoding == "cp1251"


def test_a_book_in_two_parts_is_used_once(tmp_path: Path) -> None:
    parts = [part(tmp_path, ONE, TWO), part(tmp_path, ONE)]
    resolved = resolve([entry(ONE, "a"), entry(TWO, "b")], [*parts, *parts], [])
    assert sorted(book.book_id for p in resolved.parts for book in p.books) == sorted([ONE.book_id, TWO.book_id])


def test_books_of_other_runs_are_left_in_their_parts(tmp_path: Path) -> None:
    resolved = resolve([entry(TWO, "b")], [part(tmp_path, ONE, TWO)], [])
    assert [book.book_id for p in resolved.parts for book in p.books] == [TWO.book_id]
    assert resolved.parts[0].books[0].row == 1


def test_a_part_in_another_language_does_not_count(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="neither finished nor rejected, first: a"):
        resolve([replace(entry(ONE, "a"), language="ru")], [part(tmp_path, ONE)], [])


def test_a_rejected_book_is_not_lost() -> None:
    reject = Reject("a", "EmbedSentences", "unexpected", "x", ONE.book_id)
    assert resolve([entry(ONE, "a")], [], [reject]).entries == ()


def test_finished_books_are_skipped_and_copies_pass_once(tmp_path: Path) -> None:
    listed = tmp_path / "finished.txt"
    listed.write_bytes(finished_lines([part(tmp_path, ONE)]))
    skip = SkipFinished(str(listed))
    skip.setup()
    skip.start_bundle()
    books = [
        Book(r.book_id, "", language, r.text, (Block(0, 3),), "s")
        for r, language in [(ONE, "en"), (TWO, "en"), (TWO, "en"), (ONE, "ru")]
    ]
    passed = [(b.book_id, b.language) for book in books for b in skip.process(book)]
    assert passed == [(TWO.book_id, "en"), (ONE.book_id, "ru")]
    # what a worker has done may be lost behind it, and the same worker gets the bundle again
    skip.start_bundle()
    assert [(b.book_id, b.language) for book in books for b in skip.process(book)] == passed


def test_a_worker_that_does_not_see_what_is_finished_does_nothing_again(tmp_path: Path) -> None:
    with pytest.raises(RunStoppedError, match=r"can't see .*/finished\.txt, which desk wrote"):
        SkipFinished(str(tmp_path / "finished.txt"), Submitter("desk")).setup()


@pytest.mark.parametrize(
    ("books", "allowed", "says"),
    [
        (2, None, None),
        (2, 0.5, None),
        (2, 0.49, "2 of 4 inputs were refused, more than --max-reject-share 0.49 allows (empty 2); first: c: no text"),
        (2, 0.0, "more than --max-reject-share 0 allows"),
        (0, None, "no book could be built: all 4 inputs were refused (empty 2); first: c: no text"),
    ],
)
def test_too_many_rejects(books: int, allowed: float | None, says: str | None) -> None:
    refused = [Reject(source, "ReadBooks", "empty", "no text") for source in "cd"]
    problem = too_many_rejects([entry(ONE, "a"), entry(TWO, "b")], refused, books, allowed)
    assert says in problem if says and problem else problem == says
    assert too_many_rejects([entry(ONE, "a")], [], 1, 0.0) is None


def test_books_that_all_meet_unexpected_errors_are_not_blamed() -> None:
    refused = [Reject("c", "SplitSentences", reason, "KeyError", ONE.book_id) for reason in ("empty", "unexpected")]
    assert str(too_many_rejects([entry(ONE, "c")], refused, 0, None)).endswith("please report it")
    assert "report" not in str(too_many_rejects([entry(ONE, "c")], refused[:1], 0, None))
