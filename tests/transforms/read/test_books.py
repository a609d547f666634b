"""Sources to books and rejects, as a function and as a Beam step."""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scenesign.schemas.records import BlockKind, Book, Reject, Source, text_digest
from scenesign.transforms.read import books as module
from scenesign.transforms.read import json_lines, plain
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.imprint import title_of
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support import attempts
from tests.conftest import LIBRARY, SHARED

ENGLISH = (LIBRARY / "en" / "the-ferrymans-debt.txt").read_text(encoding="utf-8")
OPTIONS = ReadOptions()


def source(folder: Path, name: str, data: str | bytes) -> Source:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Source(str(path), name, path.stat().st_size)


def only(found: Source, options: ReadOptions = OPTIONS) -> Book | Reject:
    (item,) = read_books(found, options)
    return item


def rejected(found: Source, options: ReadOptions = OPTIONS) -> Reject:
    item = only(found, options)
    assert isinstance(item, Reject)
    assert item.stage == "ReadBooks"
    assert "\n" not in item.detail
    return item


def book(found: Source, options: ReadOptions = OPTIONS) -> Book:
    item = only(found, options)
    assert isinstance(item, Book), item
    return item


def test_a_book(tmp_path: Path) -> None:
    data = ENGLISH.encode()
    found = book(source(tmp_path, "the-ferryman_s-debt.txt", data))
    assert found.book_id == text_digest(found.text)
    assert found.title == "The Ferryman’s Debt"
    assert (found.language, found.encoding, found.bytes, found.author) == ("en", "utf-8", len(data), "")
    assert found.source == "the-ferryman_s-debt.txt"
    first = found.blocks[1]
    assert (found.text[first.start : first.end], first.kind) == ("Chapter 1. The Crossing", BlockKind.HEADING)


def test_the_same_text_in_any_encoding_and_line_ends_is_one_book(tmp_path: Path) -> None:
    text = (LIBRARY / "ru" / "the-ferrymans-debt.txt").read_text(encoding="utf-8")
    variants = [
        text.encode(),
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.encode("cp1251"),
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r\r\n").encode(),
        text.encode().decode("mac-roman").encode(),
    ]
    ids = {book(source(tmp_path, f"{n}.txt", data)).book_id for n, data in enumerate(variants)}
    assert len(ids) == 1


def test_language(tmp_path: Path) -> None:
    english = source(tmp_path, "a.txt", ENGLISH)
    assert book(english, ReadOptions(language="ru")).language == "ru"
    refused = rejected(english, ReadOptions(supported_languages=("ru", "zh")))
    assert refused.reason == "language-unsupported"
    assert "'en'" in refused.detail
    noise = source(tmp_path, "n.txt", "12 34 56 -- 78. " * 50)
    assert rejected(noise).reason == "language-unsure"
    assert book(noise, ReadOptions(language="en")).language == "en"


def test_a_language_column_is_the_users_word_and_a_header_only_a_claim(tmp_path: Path) -> None:
    rows = source(tmp_path, "a.jsonl", json.dumps({"text": ENGLISH, "language": "fr-FR"}))
    assert book(rows).language == "fr"
    page = source(tmp_path, "a.html", f"<html lang='fr'><body><p>{ENGLISH}</p></body></html>")
    assert book(page).language == "en"
    assert "language is fr" in " ".join(book(page).notes)


def test_too_short(tmp_path: Path) -> None:
    assert rejected(source(tmp_path, "a.txt", "Short.")).reason == "too-short"


def test_a_book_over_the_limit_comes_in_volumes(tmp_path: Path) -> None:
    long = source(tmp_path, "long.txt", ENGLISH)
    whole = book(long)
    options = ReadOptions(limits=replace(OPTIONS.limits, book_characters=len(whole.text) // 2))
    volumes = [item for item in read_books(long, options) if isinstance(item, Book)]
    assert len(volumes) == 3
    assert [v.title for v in volumes] == [f"The Ferryman’s Debt (volume {n} of 3)" for n in (1, 2, 3)]
    assert [v.source for v in volumes] == [f"long.txt#volume-{n}" for n in (1, 2, 3)]
    assert "".join("".join(v.text.split()) for v in volumes) == "".join(whole.text.split())
    for number, volume in enumerate(volumes, 1):
        assert volume.book_id == text_digest(volume.text)
        assert volume.blocks[0].kind is BlockKind.HEADING
        assert volume.notes[-1].endswith(f"too long to be one ({number} of 3)")


def test_too_many_lines_are_refused_and_blank_ones_do_not_count(tmp_path: Path) -> None:
    limits = ReadOptions(limits=replace(OPTIONS.limits, book_lines=500))
    words = "".join(f"<p>{n}" for n in range(600))
    for name, data in (("a.txt", "a\n" * 600), ("a.md", "a\n" * 600), ("a.html", f"<html><body>{words}</html>")):
        assert rejected(source(tmp_path, name, data), limits).reason == "too-large"
    gaps = ENGLISH.replace("\n", "\n" + " \n" * 600, 3)
    assert book(source(tmp_path, "b.txt", gaps), limits).text.startswith("The Ferryman’s Debt")


def test_metadata_is_one_line_whatever_the_file_puts_there(tmp_path: Path) -> None:
    row = {"text": ENGLISH, "title": "A\x1b[31m\n\tTale " * 99, "author": "A. Roe\ud800"}
    found = book(source(tmp_path, "a.jsonl", json.dumps(row)))
    assert found.title.startswith("A Tale A Tale")
    assert len(found.title) == 300
    assert found.author == "A. Roe\ufffd"


def test_bad_rows_do_not_stop_good_ones(tmp_path: Path) -> None:
    data = "\n".join([json.dumps({"text": ENGLISH, "title": "One"}), "{", json.dumps({"text": ENGLISH + "\nMore."})])
    found = list(read_books(source(tmp_path, "pile.jsonl", data), OPTIONS))
    assert [type(item) for item in found] == [Book, Reject, Book]
    assert [item.title for item in found if isinstance(item, Book)] == ["One", "The Ferryman’s Debt"]
    assert [item.source for item in found] == ["pile.jsonl#0", "pile.jsonl#1", "pile.jsonl#2"]


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    assert rejected(Source(str(tmp_path / "gone.txt"), "gone.txt")).reason == "unreadable"
    assert rejected(source(tmp_path, "empty.txt", b"")).reason == "empty"
    assert rejected(source(tmp_path, "pic.txt", b"\x89PNG\r\n\x1a\n")).reason == "binary"
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    assert rejected(Source(str(tmp_path / "dangling.txt"), "dangling.txt")).reason == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_files_without_permission(tmp_path: Path) -> None:
    found = source(tmp_path, "locked.txt", ENGLISH)
    Path(found.uri).chmod(0)
    assert rejected(found).reason == "unreadable"


def test_what_nobody_foresaw_is_a_reject_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no\nreason")

    monkeypatch.setattr(module, "clean", broken)
    refused = rejected(source(tmp_path, "a.txt", ENGLISH))
    assert (refused.reason, refused.detail) == (
        "unexpected",
        f"ZeroDivisionError: no reason (in {__name__}.broken)",
    )


ROWS = "".join(json.dumps({"text": f"{ENGLISH}\n\nNumber {n}."}) + "\n" for n in range(4))


class Breaking:
    """Fails with a KeyError at the calls of these numbers, from 0, and else does what a function does."""

    def __init__(self, function: Callable[..., object], *at: int) -> None:
        self.function, self.at, self.calls = function, at, 0

    def __call__(self, *arguments: object, **named: object) -> object:
        self.calls += 1
        if self.calls - 1 in self.at:
            raise KeyError(self.calls - 1)
        return self.function(*arguments, **named)


def broken_at(patch: pytest.MonkeyPatch, place: object, name: str, *at: int) -> None:
    patch.setattr(place, name, Breaking(getattr(place, name), *at))
    patch.setattr(attempts, "_in_vain", Counter())


@pytest.mark.parametrize("at", [0, 2, 3])
@pytest.mark.parametrize("place", [(json_lines, "row_document"), (module, "clean")])
def test_a_second_try_gives_the_same_books_each_once(
    place: tuple[object, str], at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = source(tmp_path, "a.jsonl", ROWS)
    whole = list(read_books(rows, OPTIONS))
    assert all(isinstance(item, Book) for item in whole)
    broken_at(monkeypatch, *place, at)
    assert list(read_books(rows, OPTIONS)) == whole


def test_what_was_read_before_a_source_breaks_off_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second try reads rows 0 to 2 anew: calls 3 to 5."""
    broken_at(monkeypatch, json_lines, "row_document", 2, 5)
    found = list(read_books(source(tmp_path, "a.jsonl", ROWS), OPTIONS))
    assert [(type(item), item.source) for item in found] == [
        (Book, "a.jsonl#0"),
        (Book, "a.jsonl#1"),
        (Reject, "a.jsonl"),
    ]
    assert isinstance(found[-1], Reject)
    assert found[-1].reason == "unexpected"


def test_a_row_that_fails_twice_is_one_reject_among_books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_at(monkeypatch, module, "clean", 1, 2)
    found = list(read_books(source(tmp_path, "a.jsonl", ROWS), OPTIONS))
    assert [type(item) for item in found] == [Book, Reject, Book, Book]
    assert [item.source for item in found] == [f"a.jsonl#{row}" for row in range(4)]


@pytest.mark.parametrize("broken", [1, 6])
def test_members_after_a_broken_one_follow(broken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also once the archive gets no more second tries, after the third in vain."""
    members = [f"{n}.txt" for n in range(8)]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in members:
            archive.writestr(name, f"{ENGLISH}\n\nIt was {name}.")
    decode = plain.decode

    def decode_or_fail(data: bytes, *more: object) -> object:
        if int(data.decode().rpartition("It was ")[2].removesuffix(".txt.")) in range(1, 1 + broken):
            raise KeyError("no reason")
        return decode(data, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(plain, "decode", decode_or_fail)
    monkeypatch.setattr(attempts, "_in_vain", Counter())
    found = list(read_books(Source(str(tmp_path / "a.zip"), "a.zip"), OPTIONS))
    assert [item.source for item in found] == [f"a.zip!{name}" for name in members]
    refused = [item for item in found if isinstance(item, Reject)]
    assert [item.source for item in refused] == [f"a.zip!{name}" for name in members[1 : 1 + broken]]
    assert {(item.reason, item.detail) for item in refused} == {
        ("unexpected", f"KeyError: 'no reason' (in {__name__}.decode_or_fail)")
    }


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ru/war_and-peace.txt", "war and peace"),
        ("三国演义.txt", "三国演义"),
        ("a.jsonl.gz#12", "a 12"),
        ("books.zip!x/The_Tale.fb2", "The Tale"),
        ("Mr. Bennet", "Mr. Bennet"),
        ("hf:owner/set#3", "set 3"),
        ("C# for all.txt", "C# for all"),
        ("---.txt", "---.txt"),
    ],
)
def test_titles_from_names(name: str, title: str) -> None:
    assert title_of(name) == title


@pytest.mark.parametrize(("stated", "language"), [("eng", "en"), ("English", "en"), ("rus", "ru"), ("spa", "es")])
def test_a_column_of_languages_is_believed_in_any_spelling(stated: str, language: str, tmp_path: Path) -> None:
    found = book(source(tmp_path, "a.jsonl", json.dumps({"text": ENGLISH, "language": stated})))
    assert (found.language, found.notes) == (language, ("title from the title page",))


@pytest.mark.parametrize("stated", ["und", "", None, "mul", "elvish"])
def test_a_column_that_states_no_language_leaves_it_to_the_text(stated: str | None, tmp_path: Path) -> None:
    found = book(source(tmp_path, "a.jsonl", json.dumps({"text": ENGLISH, "language": stated})))
    assert found.language == "en"
    told = "stated language left aside: 'elvish' is no code of ISO 639 and no English name of a language"
    assert (told in found.notes) == (stated == "elvish")


def test_a_title_page_comes_before_the_file_name(tmp_path: Path) -> None:
    page = book(source(tmp_path, "Roe_Debt_1885.txt", f"THE DEBT\n\nBy Richard Roe\n\nCHAPTER I\n\n{ENGLISH}"))
    assert (page.title, page.author) == ("THE DEBT", "Richard Roe")
    assert "title and author from the title page" in page.notes
    name = book(source(tmp_path, "Roe_The-Debt_1886.txt", f"CHAPTER I\n\n{ENGLISH} Again."))
    assert (name.title, name.author) == ("The Debt", "Roe")
    assert "title and author from the file name" in name.notes


@pytest.mark.parametrize("author", ["Unknown", "Various", "佚名", "Неизвестен"])
def test_placeholders_are_no_authors(author: str, tmp_path: Path) -> None:
    row = {"text": f"By Richard Roe\n\n{ENGLISH}", "title": "Debts", "author": author}
    found = book(source(tmp_path, "Roe_Debt_1885.jsonl", json.dumps(row)))
    assert (found.title, found.author) == ("Debts", "")
    assert f"author left empty: {author!r} names nobody" in found.notes


def test_a_row_is_not_named_by_its_file(tmp_path: Path) -> None:
    text = ENGLISH.partition("\n\n")[2]
    found = book(source(tmp_path, "Roe_Debt_1885.jsonl", json.dumps({"text": text})))
    assert (found.title, found.author) == ("Roe Debt 1885 0", "")


def test_gutenberg_metadata(tmp_path: Path) -> None:
    text = f"Title: The Debt\nAuthor: A. Roe\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n{ENGLISH}"
    found = book(source(tmp_path, "pg123.txt", text))
    assert (found.title, found.author) == ("The Debt", "A. Roe")
    assert found.text.startswith("The Ferryman’s Debt")


@pytest.mark.shared
def test_real_books() -> None:
    folder = SHARED / "books"
    if not folder.is_dir():
        pytest.skip("the shared books are absent")

    def real(name: str) -> Book:
        return book(Source(str(folder / name), name))

    def headings(found: Book) -> list[str]:
        return [found.text[b.start : b.end] for b in found.blocks if b.kind is BlockKind.HEADING]

    cp1251, utf16 = real("odd/prestuplenie.cp1251.txt"), real("odd/prestuplenie.utf16le-bom.txt")
    assert cp1251.book_id == utf16.book_id
    assert cp1251.blocks == utf16.blocks
    # the file begins with a stray "20": short matter before the first heading is its title page, not a scene
    assert headings(cp1251)[:4] == ["20", "ЧАСТЬ ПЕРВАЯ", "I", "II"]
    hound = real("en/Doyle_Hound_1902.txt")
    assert headings(hound)[2:4] == ["Chapter 1", "Mr. Sherlock Holmes"]
    assert len(headings(hound)) == 32
    journey = real("zh/西游记.txt")
    # the title, a hundred chapters and the appendix
    assert (journey.language, len(headings(journey))) == ("zh", 102)
    # wrapped at 72 without a blank line: paragraphs are found again
    pip = real("en/Dickens_Expectations_1861.txt")
    assert len(headings(pip)) == 60
    assert "My father's family name being Pirrip, and my Christian name Philip, my infant tongue could" in pip.text


def test_a_page_of_project_gutenberg(tmp_path: Path) -> None:
    prose = "The old man went down to the harbour and looked at the sea for a long while. " * 4
    (tmp_path / "a.html").write_text(
        "<html><head><title>The Project Gutenberg eBook of A Tale, by Jane Roe</title></head><body>"
        "<pre>The Project Gutenberg EBook of A Tale, by Jane Roe\n\nThis eBook is for the use of anyone anywhere under "
        "the terms of the Project Gutenberg License.\n\nTitle: A Tale\n\nAuthor: Jane Roe\n\n"
        "*** START OF THIS PROJECT GUTENBERG EBOOK A TALE ***\n\n\n\nProduced by Ann Editor\n</pre>"
        f"<h1>A TALE</h1><h2>CHAPTER I</h2><p>{prose}</p><h2>CHAPTER II</h2><p>{prose}</p>"
        "<pre>End of the Project Gutenberg EBook of A Tale\n\n*** END OF THIS PROJECT GUTENBERG EBOOK ***</pre>"
        "<p>Creating the works from public domain print editions means that no one owns a copyright.</p></body></html>",
        encoding="utf-8",
    )
    (book,) = read_books(Source(str(tmp_path / "a.html"), "a.html"), ReadOptions(language="en"))
    assert isinstance(book, Book)
    assert (book.title, book.author) == ("A Tale", "Jane Roe")
    assert "Gutenberg" in book.license
    assert book.text.startswith("A TALE\n\nCHAPTER I\n\nThe old man")
    assert book.text.endswith("a long while.")
