"""Splits: no author in two, each with its share, and as few moves as can be when a shelf grows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.parts import BookEntry
from scenesign.transforms.dataset.splits import SMALL_SHELF, position, split_books
from tests.builders import entry, row

USUAL = (("train", 0.9), ("validation", 0.05), ("test", 0.05))
HALVES = (("train", 0.5), ("test", 0.5))
BOOK = entry(row())


def shelf(books: int, authors: int = 0) -> list[BookEntry]:
    """Books by so many authors; by unknown ones for 0."""
    return [replace(BOOK, book_id=f"{n:032x}", author=f"Author {n % authors}" if authors else "") for n in range(books)]


def test_the_hash_by_hand() -> None:
    # `printf '0:leo tolstoy' | b2sum -l 64`
    assert position("leo tolstoy", 0) == int.from_bytes(bytes.fromhex("a3af7de6c9a9dffe"), "big") / 2**64


@pytest.mark.parametrize("books", [3, 8, 10, 12, 13, 26, 99, 100, 150])
def test_no_split_of_a_shelf_is_empty(books: int) -> None:
    for seed in range(5):
        assert set(split_books(shelf(books), USUAL, seed).values()) == {"train", "validation", "test"}


@pytest.mark.parametrize(("books", "counts"), [(8, (6, 1, 1)), (20, (18, 1, 1)), (40, (36, 2, 2)), (80, (72, 4, 4))])
def test_a_small_shelf_gets_its_shares_exactly(books: int, counts: tuple[int, ...]) -> None:
    for seed in range(5):
        found = Counter(split_books(shelf(books), USUAL, seed).values())
        assert tuple(found[name] for name, _ in USUAL) == counts


def test_a_large_shelf_gets_its_shares_nearly() -> None:
    found = Counter(split_books(shelf(4_000), USUAL, 0).values())
    assert 3_540 < found["train"] < 3_660
    assert 150 < found["test"] < 250


def test_fewer_keys_than_splits_leave_a_split_empty() -> None:
    assert set(split_books(shelf(9, authors=1), USUAL, 0).values()) == {"train"}
    assert len(set(split_books(shelf(9, authors=2), USUAL, 0).values())) == 2
    assert split_books([], USUAL, 0) == {}


def test_an_author_is_in_one_split_however_the_name_is_written() -> None:
    names = ["Leo Tolstoy", "Tolstoy, Leo", "LEO TOLSTOY", " leo  tolstoy ", "Léo Tolstoy"]
    books = [replace(book, author=names[n % len(names)]) for n, book in enumerate(shelf(20))]
    others = [replace(book, book_id=f"f{n:031x}") for n, book in enumerate(shelf(20))]
    drawn = split_books([*books, *others], HALVES, 0)
    assert len({drawn[book.book_id] for book in books}) == 1


@pytest.mark.parametrize("nobody", ["Unknown", "Anonymous", "Various", "佚名", "Неизвестен", "Народная", "AA.VV."])
def test_books_of_nobody_in_particular_are_drawn_one_by_one(nobody: str) -> None:
    books = [replace(book, author=nobody) for book in shelf(400)]
    found = Counter(split_books(books, HALVES, 0).values())
    assert 150 < found["test"] < 250


def test_volumes_of_one_book_share_a_split() -> None:
    books = [
        replace(BOOK, book_id=f"{book:016x}{volume:016x}", source=f"{book}.txt#volume-{volume}")
        for book in range(40)
        for volume in range(5)
    ]
    drawn = split_books(books, HALVES, 0)
    by_book = {book: {drawn[b.book_id] for b in books if b.source.startswith(f"{book}.txt")} for book in range(40)}
    assert all(len(splits) == 1 for splits in by_book.values())
    assert set.union(*by_book.values()) == {"train", "test"}


def test_a_seed_draws_other_splits() -> None:
    assert split_books(shelf(200), HALVES, 0) != split_books(shelf(200), HALVES, 1)


@settings(deadline=None, max_examples=25)
@given(st.integers(SMALL_SHELF, 400), st.integers(1, 50), st.integers(0, 99))
def test_books_added_to_a_large_shelf_move_none(books: int, more: int, seed: int) -> None:
    before, after = (split_books(shelf(count), HALVES, seed) for count in (books, books + more))
    assert {book: after[book] for book in before} == before


@settings(deadline=None, max_examples=50)
@given(st.integers(3, SMALL_SHELF - 2), st.integers(0, 99))
def test_a_book_added_to_a_small_shelf_moves_at_most_one_across_each_boundary(books: int, seed: int) -> None:
    before, after = (split_books(shelf(count), USUAL, seed) for count in (books, books + 1))
    assert sum(after[book] != split for book, split in before.items()) <= 2


@settings(deadline=None, max_examples=50)
@given(st.permutations(range(30)), st.integers(0, 9))
def test_the_order_of_books_doesnt_matter(order: list[int], authors: int) -> None:
    books = shelf(30, authors)
    assert split_books([books[n] for n in order], USUAL, 0) == split_books(books, USUAL, 0)


def test_versions_of_one_work_share_a_split_and_so_do_their_authors_books() -> None:
    names = [("en", "Leo Tolstoy"), ("ru", "Лев Толстой"), ("zh", "")]
    books = [
        replace(BOOK, book_id=f"{n:030x}{language}", language=language, source=f"{language}/{n}.txt", author=author)
        for n in range(60)
        for language, author in (names if n < 2 else [("en", ""), ("ru", "")])
    ]
    drawn = split_books(books, HALVES, 0)
    by_work: dict[str, set[str]] = {}
    for book in books:
        by_work.setdefault(book.source.partition("/")[2], set()).add(drawn[book.book_id])
    assert all(len(splits) == 1 for splits in by_work.values())
    assert by_work["0.txt"] == by_work["1.txt"], "one author wrote both"
    assert set.union(*by_work.values()) == {"train", "test"}
