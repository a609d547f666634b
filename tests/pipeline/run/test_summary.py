"""The summary names what was left out, and what books carry notes of."""

from __future__ import annotations

from dataclasses import replace

from scenesign.pipeline.run.summary import (
    cast_line,
    castless_lines,
    left_out_lines,
    mixed_line,
    near_duplicates_line,
    notes_line,
    shared_line,
    splits_line,
)
from scenesign.schemas.manifest import NO_CAST, SharedParagraphs
from scenesign.schemas.parts import BookEntry, NearDuplicate
from tests.reports import manifest

BOOK = BookEntry("0" * 32, "a.txt", "A", "", "en", 1, 1, "utf-8")


def test_the_first_rejects_are_named_and_the_rest_counted() -> None:
    rows = [{"source": f"{n}.txt", "detail": "no text", "reason": "empty"} for n in range(7)]
    lines = list(left_out_lines(rows, "out/rejects.parquet"))
    assert lines[0] == "left out: 0.txt: no text (empty)"
    assert lines[5:] == ["and 2 more; what was left out, and why: out/rejects.parquet"]


def test_duplicates_are_listed_in_the_file_alone() -> None:
    rows = [{"source": "b.txt", "detail": "same text as a.txt", "reason": "duplicate"}]
    assert list(left_out_lines(rows, "r")) == ["what was left out, and why: r"]
    assert list(left_out_lines([], "r")) == []


def test_books_that_share_text_are_counted() -> None:
    assert near_duplicates_line(replace(manifest(), books=(BOOK,))) is None
    shelf = [replace(BOOK, book_id=f"{n:032x}") for n in range(4)]
    shelf[1] = replace(shelf[1], near_duplicates=(NearDuplicate(shelf[0].book_id, 0.9),))
    shelf[2] = replace(shelf[2], near_duplicates=(NearDuplicate(shelf[1].book_id, 0.5),))
    assert near_duplicates_line(replace(manifest(), books=tuple(shelf))) == (
        "near-duplicates: 3 books share much of their text, in 1 group, each in one split; "
        "`--near-duplicates drop` keeps the longest"
    )


def test_books_in_two_languages_are_named_the_most_mixed_first() -> None:
    assert mixed_line(replace(manifest(), books=(BOOK,))) is None
    shelf = [replace(BOOK, source=f"{n}.txt", other_language="fr", other_share=n / 100) for n in range(3, 8)]
    assert mixed_line(replace(manifest(), books=(BOOK, *shelf))) == (
        "two languages in one book: 7.txt: about 7% fr; 6.txt: about 6% fr; 5.txt: about 5% fr; and 2 more"
    )


def test_shared_paragraphs_are_told_with_the_next_step() -> None:
    assert shared_line(manifest()) is None
    assert shared_line(replace(manifest(), shared_paragraphs=SharedParagraphs(2, 37))) == (
        "shared paragraphs: 37 books have 2 in common at their ends; "
        "`scenesign boilerplate` shows them and writes rules that leave them out"
    )


def test_a_cast_is_told_in_a_line_where_there_is_one() -> None:
    found = replace(manifest(), metrics={"cast/members": 12.4, "cast/scenes": 0.815})
    assert cast_line(found) == "cast: 12 members a book; 82 % of scenes name one"
    unnamed = replace(found, options={"cast_names": "no"})
    assert cast_line(unnamed) == (
        "cast: 12 members a book (ids only: their names are left out); 82 % of scenes name one"
    )
    assert cast_line(manifest()) is None


def test_books_without_a_cast_are_told_with_the_cause() -> None:
    assert list(castless_lines(manifest())) == []
    note = f"{NO_CAST}: KeyError: 'x' (in y.z)"
    books = tuple(replace(BOOK, source=f"{n}.txt", notes=("title from the file name", note)) for n in range(5))
    first, *rest = castless_lines(replace(manifest(), books=(BOOK, *books)))
    assert first == "WITHOUT A CAST: 5 books, for unexpected errors, which are not the books' fault"
    assert rest[:3] == [f"  {n}.txt: {note}" for n in range(3)]
    assert "please report it" in rest[3]


def test_notes_of_one_kind_are_one() -> None:
    noted = [
        ("123 lines look like notices of a web site (kept)",),
        ("1 lines look like notices of a web site (kept)", "hard-wrapped lines joined (margin 72)"),
        ("Project Gutenberg boilerplate removed (19,204 characters)", "6,187 lone question marks: dashes were lost"),
        ("repaired: mojibake in 3 lines", "repaired: cp1251 that had been read as koi8-r"),
        ("a volume of a book that is too long to be one (1 of 2)",),
        ("a volume of a book that is too long to be one (2 of 2)",),
        (),
    ]
    line = notes_line([replace(BOOK, notes=notes) for notes in noted]) or ""
    found = set(line.removeprefix("notes on books: ").split("; "))
    assert found == {
        "lines look like notices of a web site (kept) (2)",
        "hard-wrapped lines joined (1)",
        "Project Gutenberg boilerplate removed (1)",
        "lone question marks: dashes were lost (1)",
        "a volume of a book that is too long to be one (2)",
        "repaired: mojibake in lines (1)",
        "repaired: cp1251 that had been read as koi8-r (1)",
    }
    assert notes_line([BOOK]) is None


def test_splits_without_books_are_told_with_the_cause() -> None:
    books = [replace(BOOK, book_id=f"{n}", author="A. Roe") for n in range(9)]
    asked = ("train", "validation", "test")
    assert splits_line(asked, {"train"}, books) == (
        "no books in validation and test: an author's books stay together, and so do versions of one work; these make "
        "1 lot for 3 splits"
    )
    assert splits_line(asked, set(asked), books) is None
