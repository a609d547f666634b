"""The summary names what was left out, and what books carry notes of."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from scenesign.pipeline.run.summary import (
    book_fact,
    cast_line,
    castless_lines,
    glyph_fact,
    language_table,
    learning_fact,
    left_out_fact,
    left_out_lines,
    mixed_line,
    near_duplicates_line,
    notes_line,
    remarks,
    scene_fact,
    shared_line,
    show_summary,
    splits_line,
    topic_table,
)
from scenesign.schemas.manifest import NO_CAST, Counts, LanguageCounts, Manifest, SharedParagraphs
from scenesign.schemas.parts import BookEntry, NearDuplicate
from scenesign.transforms.signs.glosses.glossary import SignEntry
from tests.reports import manifest

BOOK = BookEntry("0" * 32, "a.txt", "A", "", "en", 1, 1, "utf-8")


def of_languages(*codes: str, **more: object) -> Manifest:
    """A dataset with a book in each language, each of ten scenes more than the one before."""
    rows = {code: LanguageCounts(1, 10 * (i + 1), 99, 1000 * (i + 1), 1) for i, code in enumerate(codes)}
    scenes = sum(row.scenes for row in rows.values())
    counts = Counts(len(codes), len(codes), 0, 0, scenes, rows, {})
    return replace(manifest(), counts=replace(counts, **more))


def topic(sign: int, name: str = "", **keywords: tuple[str, ...]) -> SignEntry:
    """A topic of five scenes."""
    return SignEntry(sign, chr(0x4E00 + sign), 5, 0.1, 2, {"en": 5}, keywords, 0.4, (), (), name)


def text_of(shown: object, width: int = 80) -> str:
    """What a console prints."""
    console = Console(file=io.StringIO(), width=width)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_first_rejects_are_named_and_the_rest_counted() -> None:
    rows = [{"source": f"{n}.txt", "detail": "no text", "reason": "empty"} for n in range(7)]
    duplicates = [{"source": "b.txt", "detail": "same text as a.txt", "reason": "duplicate"}] * 9
    lines = list(left_out_lines([*duplicates, *rows]))
    assert lines[0] == "left out: 0.txt: no text (empty)"
    assert lines[3:] == ["left out: 4 more"]
    assert list(left_out_lines(duplicates)) == []


def test_five_facts_by_hand() -> None:
    found = of_languages("en", "fr")
    assert book_fact(found) == "2 books of 2 inputs: 1 English and 1 French."
    assert scene_fact(found) == "30 scenes, of 100 characters on average."
    assert glyph_fact(found) == "100 characters per glyph: a scene is written in 1 glyph."
    assert glyph_fact(replace(found, levels=2)) == "50 characters per glyph: a scene is written in 2 glyphs."
    assert left_out_fact(found) == "Nothing was left out."
    assert learning_fact(found).startswith("There are too few authors or works here")
    told = {"bits/uniform": 3.0, "bits/unigram": 2.5, "bits/bigram": 2.6, "ami/sign_book": 0.01}
    assert learning_fact(replace(found, metrics=told)) == (
        "On this shelf the next topic can't be foretold better than by how frequent topics are. A topic says next to "
        "nothing about which book it comes from."
    )


def test_facts_name_what_is_left_out_and_how_many_languages_more() -> None:
    found = of_languages(
        *("en", "fr", "de", "xx", "ru", "zh", "pl"),
        inputs=12, duplicates=1, rejects=4, rejects_by_reason={"binary": 3, "empty": 1}, volumes=2,
    )  # fmt: skip
    assert book_fact(found) == (
        "7 books of 12 inputs: 1 German, 1 English, 1 French, 1 Polish, 1 Russian and 2 more languages; 2 of them are "
        "volumes of books too long to be one."
    )
    assert left_out_fact(found) == "Left out: 1 duplicate and 4 rejects (binary 3, empty 1)."


def test_the_short_table_has_the_languages_with_most_scenes() -> None:
    seven = of_languages("en", "fr", "de", "es", "ru", "zh", "pl")
    shown = text_of(language_table(seven, 5))
    assert [line.split()[0] for line in shown.splitlines()[3:-1]] == [
        *("Polish", "Chinese", "Russian", "Spanish", "German"),
        "2",
    ]
    assert "English" in text_of(language_table(of_languages("en", "fr", "de", "es", "ru", "zh"), 5))


def test_topics_have_a_line_each_and_those_without_words_come_last() -> None:
    topics = [topic(0), topic(1, "sea", en=("boat", "[b]"), ru=("лодка",)), topic(2, zh=("船",)), topic(3)]
    lines = text_of(topic_table(topics, ("en", "ru"))).splitlines()
    rows = [line for line in lines if line.strip()[:1] in tuple("一丁丂七")]
    assert rows[0].split() == ["丁", "1", "5", "2", "sea", "|", "boat", "[b]", "|", "лодка"]
    assert [row.split()[:2] for row in rows[1:]] == [["一", "0"], ["丂", "2"], ["七", "3"]]
    assert all(row.rstrip().endswith("(no words tell it)") for row in rows[1:])
    assert all(len(row) <= 60 for row in text_of(topic_table(topics, ("en",)), width=60).splitlines())
    long = [topic(n, en=("word " * 99,)) for n in range(40)]
    rows = text_of(topic_table(long, ("en",))).splitlines()
    assert len(rows) == 3 + 12 + 1
    assert rows[3].split()[:4] == ["一", "0", "5", "2"]


@pytest.mark.parametrize("left_out", [0, 30])
def test_the_facts_and_places_are_above_the_fold(left_out: int) -> None:
    codes = ("en", "fr", "de", "es", "ru", "zh", "pl", "it", "pt")
    found = of_languages(*codes, inputs=9 + left_out, rejects=left_out, rejects_by_reason={"empty": left_out})
    rows = [{"source": f"{n}.txt", "detail": "no text", "reason": "empty"} for n in range(left_out)]
    inventory = found.inventory | {"notes": ("a note",), "languages": [*codes], "script": "scenesign-script-1"}
    found = replace(found, inventory=inventory, run={"counters": {"books/reused": 3}, "seconds": 3.0})
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    show_summary(console, found, rows, "out", "out.parts")
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()[-23:]
    left = "Left out" if left_out else "Nothing was"
    words = ("9 books of", "450 scenes, of", "per glyph:", "too few authors", left, "the dataset: out")
    words += ("a page to look at: out/report/report.html", "kept for a later run: out.parts")
    facts = [next(i for i, line in enumerate(lines) if word in line) for word in words]
    assert facts == sorted(facts)
    assert ("what was left out: out/rejects/rejects.parquet" in lines) == (left_out > 0)


def test_shares_that_are_so_by_construction_are_not_told() -> None:
    inventory = manifest().inventory | {"notes": (), "languages": ["en"]}
    fitted = replace(manifest(), inventory=inventory, metrics={"novel/share": 0.01, "level1/perplexity": 3.0})
    assert not any("1.0 %" in line for line in remarks(fitted, [], verbose=True))
    taken = replace(fitted, options=fitted.options | {"frozen": "ab"})
    assert "1.0 % of scenes are unlike all those that the signs were made from." in remarks(taken, [], verbose=False)


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
        "two languages in one book: 7.txt: about 7 % French; 6.txt: about 6 % French; 5.txt: about 5 % French; "
        "and 2 more"
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
