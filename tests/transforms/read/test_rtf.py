"""RTF documents of many writers: encodings by font, styles, what is hidden and deleted, and files that are cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.schemas.records import Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support.limits import Limits
from tests.documents import rtf_of, rtf_text
from tests.hostile.items import TEXTS
from tests.transforms.read.files import H, read, refusal, write

FONTS = (
    r"{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fcharset204{\*\fname Times;}Times Cyr;}{\f2\fcharset134 SimSun;}"
    r"{\f3\fcharset128 Gothic;}}"
)
STYLES = r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0\b heading 1;}{\s4 heading 4;}{\s7{\*\keycode x}toc 1;}}"


def rtf(folder: Path, body: str, head: str = "") -> RawDocument:
    data = f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{FONTS}{STYLES}{head}\n{body}}}".encode("latin-1")
    (found,) = read(write(folder, "a.rtf", data))
    return found


def hexed(text: str, encoding: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))


def texts(found: RawDocument) -> list[str]:
    return [text for text, _ in found.paragraphs or ()]


def test_headings_metadata_and_three_languages(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"\pard\plain\s1 Chapter One\par \pard\plain The old man\line went down.\par"
        rf"\pard\outlinelevel1 {{\f1 {hexed('Глава вторая', 'cp1251')}}}\par"
        rf"\pard {{\f1 {hexed('Всё затихло.', 'cp1251')}}}\par \pard\s1 {rtf_text('第三回')}\par"
        rf"\pard {{\f2 {hexed('话说天下大势。', 'gb18030')}}}\par \pard\s4 A small one\par\pard\s7 Chapter One 7\par",
        rf"{{\info{{\title {rtf_text('Три повести')}}}{{\author Jane {{\b Roe}}}}{{\company Secret}}}}",
    )
    assert found.paragraphs == (
        ("Chapter One", H),
        ("The old man\nwent down.", None),
        ("Глава вторая", H),
        ("Всё затихло.", None),
        ("第三回", H),
        ("话说天下大势。", None),
        ("A small one", None),
    )
    assert (found.title, found.author) == ("Три повести", "Jane Roe")


def test_what_is_hidden_deleted_or_apart_is_left_out(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"{\header A running head\par}{\*\generator Some writer;}"
        r"He said {\deleted no}yes{\v  and hid this}.{\footnote A note.\par}\par"
        r"\v Hidden\v0 Shown.\par {\field{\*\fldinst HYPERLINK x}{\fldrslt A link.}}\par"
        r"{\pict\pngblip 89504e47}{\object{\*\objdata 0102}}One {\deleted\par}paragraph.\par"
        r"\trowd A\cell B\cell\row \pard Last without an end",
    )
    assert texts(found) == ["He said yes.", "Shown.", "A link.", "One paragraph.", "A", "B", "Last without an end"]
    assert found.notes == ("1 footnotes left out",)


def test_letters_in_every_way_that_rtf_has(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"\ldblquote It\rquote s\rdblquote  5\~km \emdash  a co\-op\_ed \{x\} \\ end\par "
        r"\uc1\u1046?\uc2\u1078\'c6\'c6!\par \u-10179?\u-8704?\par "
        rf"{{\f3 {hexed('カ', 'cp932')[:4]}A{hexed('カ', 'cp932')}}}\par",
    )
    assert texts(found)[:2] == ["“It’s” 5 km — a coop\u2011ed {x} \\ end", "Жж!"]
    assert texts(found)[2] == "😀"
    # the second byte of a Japanese letter may stand as the ASCII letter that it is
    assert texts(found)[3] == "アカ"


def test_the_page_of_a_document_without_fonts(tmp_path: Path) -> None:
    body = hexed("Привет, мир.", "cp1251")
    (found,) = read(write(tmp_path, "a.rtf", f"{{\\rtf1\\ansi\\ansicpg1251 {body}\\par}}"))
    assert texts(found) == ["Привет, мир."]
    (found,) = read(write(tmp_path, "b.rtf", f"{{\\rtf1\\mac {hexed('naïve', 'mac_roman')}}}"))
    assert texts(found) == ["naïve"]
    (found,) = read(write(tmp_path, "c.rtf", r"{\rtf1\ansi\ansicpg99999 caf\'e9}"))
    assert texts(found) == ["café"]


def test_binary_data_is_stepped_over(tmp_path: Path) -> None:
    data = b"{\\rtf1 One{\\pict\\bin9 }}}}\\par{} two.\\par}"
    (found,) = read(write(tmp_path, "a.rtf", data))
    assert texts(found) == ["One two."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (rb"{\rtf1 cut off \b here", "damaged-document"),
        (rb"{\rtf1 {\pict\bin999999999 x}}", "damaged-document"),
        (rb"{\rtf1" + b"{" * 100_000, "too-nested"),
        (rb"{\rtf1 {\fonttbl{\f0 A;}}}", "empty"),
        (rb"{\rtf1 " + rb"x\par " * 1_001 + b"}", "too-large"),
    ],
)
def test_hostile_files(tmp_path: Path, data: bytes, reason: str) -> None:
    assert refusal(write(tmp_path, "a.rtf", data), limits=Limits(book_lines=1_000)) == reason


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", [r"{\field{\*\fldinst{HYPERLINK ", r"\u1 ", r"\'41", "{}", r"\bin", r"\b", "\\", r"\f1 a"]
)
def test_marks_by_the_hundred_thousand_take_no_longer_than_any_text(tmp_path: Path, piece: str) -> None:
    # quadratic work on a megabyte would take hours
    path = write(tmp_path, "a.rtf", r"{\rtf1 Words." + piece * 200_000 + "}" * 3)
    try:
        assert texts(read(path)[0])[0].startswith("Words.")
    except Exception as error:
        assert getattr(error, "reason", "") in ("too-nested", "damaged-document")  # noqa: PT017


@pytest.mark.parametrize("key", ["en", "ru", "zh"])
def test_a_story_comes_out_as_from_plain_text(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, "a.rtf", rtf_of(TEXTS[key].split("\n\n")))
    plain = write(tmp_path, "a.txt", TEXTS[key])
    (book,) = read_books(Source(str(path), "a.rtf"), ReadOptions())
    (same,) = read_books(Source(str(plain), "a.txt"), ReadOptions())
    assert isinstance(book, Book)
    assert isinstance(same, Book)
    assert (book.text, book.blocks, book.language) == (same.text, same.blocks, key)
