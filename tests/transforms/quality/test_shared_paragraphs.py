"""Paragraphs that books share: counted by a run, found by the command, written as rules that a build takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenesign.schemas.manifest import SharedParagraphs
from scenesign.schemas.parts import NearDuplicate
from scenesign.schemas.records import BlockKind, Book
from scenesign.transforms.parts.resolve import book_entry
from scenesign.transforms.quality.shared_paragraphs import (
    SharedFinder,
    book_edges,
    count_shared,
    least_books,
    rules_text,
)
from scenesign.transforms.text.boilerplate import paragraph_key, parse_boilerplate
from scenesign.transforms.text.clean import assemble

NOTICE = "This scan was made by the Friends of the Library."
WATERMARK = "Read more books on our wonderful site."


def book(name: str, *ends: str, inside: str = "") -> Book:
    """A book of a hundred paragraphs of its own, with some at its end, and one that comes back inside."""
    own = [f"Paragraph number {n} of the book that is called {name}." for n in range(100)]
    if inside:
        own[45:45] = [inside] * 3
    made = assemble((paragraph, BlockKind.PARAGRAPH) for paragraph in [*own, *ends])
    return Book(name, name, "en", made.text, made.blocks, f"{name}.txt")


def test_how_many_books_make_boilerplate() -> None:
    assert [least_books(books) for books in (1, 3, 300, 301, 5_000)] == [3, 3, 3, 4, 50]


def test_what_ends_of_books_share_is_counted() -> None:
    shelf = [book("a", NOTICE), book("b", NOTICE.upper()), book("c", NOTICE, WATERMARK), book("d", WATERMARK)]
    edges = [book_edges(one) for one in shelf]
    entries = [book_entry(one) for one in shelf]
    assert count_shared(entries, edges) == SharedParagraphs(paragraphs=1, books=3)
    assert count_shared(entries[:2], edges) == SharedParagraphs(0, 0), "books of other runs are none of this shelf"
    assert count_shared([], []) == SharedParagraphs(0, 0)


def test_editions_and_volumes_of_a_book_share_as_one() -> None:
    shelf = [book("a", NOTICE), book("b", NOTICE), book("c", NOTICE)]
    edges = [book_edges(one) for one in shelf]
    entries = [book_entry(one) for one in shelf]
    edition = [entries[0], replace(entries[1], near_duplicates=(NearDuplicate("a", 0.9),)), entries[2]]
    assert count_shared(edition, edges) == SharedParagraphs(0, 0)
    volumes = [replace(entry, source=f"a.txt#volume-{n}") for n, entry in enumerate(entries)]
    assert count_shared(volumes, edges) == SharedParagraphs(0, 0)


def test_copies_of_a_book_share_nothing_that_would_be_a_rule() -> None:
    finder = SharedFinder()
    for number in range(4):
        finder.add(replace(book("a", NOTICE), source=f"copy-{number}.txt"))
    assert (finder.books, finder.found()) == (1, [])


def test_the_finder_looks_at_ends_and_at_what_comes_back() -> None:
    finder = SharedFinder()
    for one in (book("a", NOTICE, inside=WATERMARK), book("b", NOTICE, inside=WATERMARK), book("c", NOTICE), book("d")):
        finder.add(one)
    assert finder.books == 4
    assert [(one.text, one.books, one.source) for one in finder.found()] == [(NOTICE, 3, "a.txt")]
    assert [one.text for one in finder.found(2)] == [NOTICE, WATERMARK]


def test_volumes_that_come_in_a_row_are_one_book_to_the_finder() -> None:
    finder = SharedFinder()
    for number in range(3):
        finder.add(replace(book(f"v{number}", NOTICE), source=f"long.txt#volume-{number}"))
    assert finder.books == 1
    assert finder.found(2) == []


@pytest.mark.parametrize("paragraph", [NOTICE, f"# {NOTICE}", f"  ## {NOTICE}\nand a second line"])
def test_what_is_written_is_read_again(paragraph: str) -> None:
    finder = SharedFinder()
    for name in "abc":
        finder.add(book(name, paragraph))
    rules = parse_boilerplate(rules_text(finder.found(), finder.books), "r")
    assert rules.keys == {paragraph_key(paragraph)}
    # a file may be called anything
    (found,) = finder.found()
    odd = replace(found, source="a\nA rule that nobody has written down.txt")
    assert parse_boilerplate(rules_text([odd], 3), "r") == rules
    with pytest.raises(ValueError, match="holds no rule"):
        parse_boilerplate(rules_text([], 3), "r")
