"""Which books count as versions of one work."""

from __future__ import annotations

import pytest

from scenesign.transforms.dataset.works import MOST_EDITIONS, works_of


@pytest.mark.parametrize(
    ("source", "work"),
    [("en/the-bell.txt", "the-bell"), ("ru/The-Bell.epub", "the-bell"), ("books.jsonl#3", ""), ("a.txt.gz", "a")],
)
def test_a_work_is_named_by_its_file(source: str, work: str) -> None:
    assert works_of([("a", "en", source)]) == {"a": work}


def test_translations_and_a_second_edition_are_one_work() -> None:
    books = [("a", "en", "en/bell.txt"), ("b", "ru", "ru/bell.txt"), ("c", "en", "1880/bell.txt")]
    assert works_of(books) == dict.fromkeys("abc", "bell")


def test_a_name_that_many_books_share_says_nothing_of_the_work() -> None:
    books = [(f"{n}", "en", f"{n}/book.txt") for n in range(MOST_EDITIONS + 1)]
    books += [("x", "ru", "x/book.txt"), ("a", "en", "a/bell.txt"), ("b", "ru", "b/bell.txt")]
    assert {book_id for book_id, work in works_of(books).items() if work} == {"a", "b"}
