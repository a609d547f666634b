"""The summary names what was left out, and what books carry notes of."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from scenesign.pipeline.run.summary import left_out_lines, notes_line, sign_table, splits_line, topics_here
from scenesign.schemas.parts import BookEntry
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.glossary import Exemplar, SignEntry, read_glossary

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


def test_topics_are_counted_in_the_dataset_itself(demo: Path) -> None:
    _, glossary = read_glossary(str(demo / "inventory"))
    others = [replace(entry, count=10**6, books=10**6) for entry in glossary]
    found = topics_here(Dataset(demo), others)
    books = [book.signs[:: book.levels] for book in Dataset(demo)]
    used = Counter(sign for signs in books for sign in signs)
    assert {entry.sign: entry.count for entry in found} == dict(used)
    assert [entry.count for entry in found] == sorted(used.values(), reverse=True)
    assert all(entry.books == sum(entry.sign in signs for signs in books) for entry in found)


def test_a_topic_is_shown_in_the_languages_of_the_books() -> None:
    words = {"en": ("sea",), "ja": ("海",), "ru": ("море",)}
    examples = tuple(Exemplar("b", 1, code, f"{code} scene", 0.1) for code in ("ar", "en", "ru"))
    entry = SignEntry(0, "一", 3, 1.0, 1, {"ru": 3}, words, 0.1, (), examples, "sea")

    def told(*languages: str) -> str:
        console = Console(width=120)
        with console.capture() as captured:
            console.print(sign_table([entry], languages))
        return captured.get()

    assert "ru: море" in told("ru", "de")
    assert "海" not in told("ru", "de")
    assert "ru scene" in told("ru", "de")
    assert "ar scene" in told("de")
