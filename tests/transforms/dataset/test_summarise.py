"""Accounts: inputs = books + duplicates + rejects, and a sum that doesn't add up is a loud failure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenesign.schemas.parts import NearDuplicate
from scenesign.schemas.records import Reject
from scenesign.transforms.dataset.summarise import account, kin_of, note_castless
from scenesign.transforms.parts.resolve import one_reject_per_input
from tests.builders import entry, row

ONE, TWO = row("First book."), row("Second book, longer.")
DUPLICATE = Reject("b", "ResolveBooks", "duplicate", "same text as a", ONE.book_id)


def test_the_accounts_add_up() -> None:
    entries = [entry(ONE, "a"), entry(ONE, "b"), entry(TWO, "c")]
    rejects = [
        Reject("c", "FindScenes", "unexpected", "x", TWO.book_id),
        Reject("d", "ReadBooks", "binary", "y"),
    ]
    counts = account(entries, [entry(ONE, "a")], [DUPLICATE], rejects, {})
    assert (counts.inputs, counts.books, counts.duplicates, counts.rejects) == (4, 1, 1, 2)
    assert counts.rejects_by_reason == {"binary": 1, "unexpected": 1}


def test_volumes_are_counted_as_inputs_and_named() -> None:
    volumes = [entry(ONE, "a.txt#volume-1"), entry(TWO, "a.txt#volume-2")]
    counts = account(volumes, volumes, [], [], {})
    assert (counts.inputs, counts.books, counts.volumes) == (2, 2, 2)


def test_a_lost_book_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="don't add up: 2 inputs"):
        account([entry(ONE, "a"), entry(TWO, "c")], [entry(ONE, "a")], [], [], {})


def test_copies_that_failed_in_two_workers_are_one_reject() -> None:
    failed = [Reject(source, "EmbedSentences", "unexpected", "x", ONE.book_id) for source in ("b", "a", "a")]
    assert one_reject_per_input(failed, [entry(ONE, "b"), entry(ONE, "a")], []) == [failed[1]]


def test_of_copies_the_first_by_name_is_the_reject_whichever_failed() -> None:
    failed = Reject("b", "FindScenes", "no-prose", "x", ONE.book_id, bytes=9)
    entries = [entry(ONE, "b"), entry(ONE, "a")]
    rejects = one_reject_per_input([failed], entries, [])
    assert [(r.source, r.reason) for r in rejects] == [("a", "no-prose")]
    counts = account(entries, [], [DUPLICATE], rejects, {})
    assert (counts.inputs, counts.books, counts.duplicates, counts.rejects) == (2, 0, 1, 1)


def test_inputs_that_are_alike_in_all_are_counted_each() -> None:
    empty = Reject("a", "ReadBooks", "empty", "no text")
    assert one_reject_per_input([empty, empty], [], []) == [empty, empty]


def test_a_book_without_a_cast_says_so_in_a_note() -> None:
    books = [replace(entry(ONE, "a"), notes=("title from the file name",)), entry(TWO, "c")]
    failed = Reject("a", "FindCast", "unexpected", "KeyError: 'x' (in y.z)", ONE.book_id)
    first, second = note_castless(books, [failed])
    said = "no cast, after an unexpected error: KeyError: 'x' (in y.z)"
    assert first == replace(books[0], notes=("title from the file name", said))
    assert second == books[1]


@pytest.mark.parametrize("failed", ["a", "b"])
def test_a_text_that_failed_in_one_worker_and_was_finished_in_another_is_a_book(failed: str) -> None:
    entries, books = [entry(ONE, "a"), entry(ONE, "b")], [entry(ONE, "a")]
    reject = Reject(failed, "EmbedSentences", "unexpected", "x", ONE.book_id)
    rejects = one_reject_per_input([reject, Reject("c", "ReadBooks", "empty", "y")], entries, books)
    assert [r.source for r in rejects] == ["c"]
    counts = account(entries, books, [DUPLICATE], rejects, {})
    assert (counts.inputs, counts.books, counts.duplicates, counts.rejects) == (3, 1, 1, 1)


def test_kin_are_an_authors_books_volumes_versions_of_a_work_and_those_of_one_text() -> None:
    whole = entry(ONE, "en/the-well.txt")
    half = entry(TWO, "a part of it.txt")
    half = replace(half, near_duplicates=(NearDuplicate(whole.book_id, 1.0),))
    rows = [row(f"Book {n}.") for n in range(7)]
    sources = ["ru/the-well.txt", "one.txt", "two.txt", "v.txt#volume-1", "v.txt#volume-2", "s.jsonl#1", "s.jsonl#2"]
    others = [entry(one, source) for one, source in zip(rows, sources, strict=True)]
    others[1:3] = [replace(others[1], author="Leo Tolstoy"), replace(others[2], author="Tolstoy, Leo")]
    books = [whole, half, *others]
    works = {book.book_id: "" if "#" in book.source else book.source.split("/")[-1][:-4] for book in books}
    kin = kin_of(books, works)
    names = [kin[book.book_id] for book in books]
    assert names[0] == names[1] == names[2] == "a part of it"
    assert names[3] == names[4] == "one"
    assert names[5] == names[6] == "v.txt"
    assert len(set(names)) == 5


def test_kin_of_translations_alone_are_called_by_their_work() -> None:
    books = [entry(ONE, "en/a.txt"), entry(TWO, "ru/a.txt")]
    assert set(kin_of(books, {book.book_id: "a" for book in books}).values()) == {"a"}
