"""Every format by content and suffix, and hostile files of each."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import BlockKind, RejectError, Source
from scenesign.transforms.read.html import RawDocument, parse_html
from scenesign.transforms.read.registry import read_documents
from scenesign.transforms.support.limits import Limits, ReadOptions
from tests.conftest import SHARED

H, B = BlockKind.HEADING, BlockKind.BREAK
CONTAINER = '<container><rootfiles><rootfile full-path="{path}"/></rootfiles></container>'
PAGE = "<html><head><title>Page</title></head><body>{body}</body></html>"


def read(path: Path, **options: object) -> list[RawDocument]:
    source = Source(str(path), path.name, path.stat().st_size)
    return list(read_documents(source, ReadOptions(**options)))  # type: ignore[arg-type]


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(RejectError) as caught:
        read(path, **options)
    assert "\n" not in caught.value.detail
    return caught.value.reason


def epub(
    folder: Path, pages: dict[str, str], *, extra: dict[str, str] | None = None, spine: str = "", opf: str = ""
) -> Path:
    """A small EPUB; `spine` and `opf` override what is made of the pages."""
    items = "".join(f'<item id="i{n}" href="{name}" media-type="x"/>' for n, name in enumerate(pages))
    refs = spine or "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    package = opf or (
        '<?xml version="1.0"?><package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The Tale</dc:title>"
        "<dc:creator>Jane Roe</dc:creator><dc:language>en-GB</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    path = folder / "book.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER.format(path="OPS/package.opf"))
        archive.writestr("OPS/package.opf", package)
        for name, text in {**pages, **(extra or {})}.items():
            archive.writestr(name if name.startswith(("../", "/")) else f"OPS/{name}", text)
    return path


# Plain text and Markdown ----------------------------------------------------------------------------------------


def test_plain_text_in_its_encoding(tmp_path: Path) -> None:
    text = "Это обычная русская проза, и в ней нет ничего особенного. " * 20
    (document,) = read(write(tmp_path, "a.txt", text.encode("cp1251")))
    assert (document.text, document.encoding, document.paragraphs) == (text, "cp1251", None)
    assert document.bytes == len(text)


def test_markdown(tmp_path: Path) -> None:
    source = """---
title: "A Tale"
author: Jane Roe
---

# Part *One*

Setext
======

Some *soft* and **strong** text,
wrapped, with [a link](http://x.y/z) and `code`.
It keeps snake_case_names and 2 * 3 * 4.

* * *

> Quoted\\
> twice.

<!-- a note -->
Last \\*line\\*.
"""
    (document,) = read(write(tmp_path, "a.md", source))
    assert document.paragraphs == (
        ("Part One", H),
        ("Setext", H),
        ("Some soft and strong text, wrapped, with a link and code. It keeps snake_case_names and 2 * 3 * 4.", None),
        ("* * *", B),
        ("Quoted\ntwice.", None),
        ("Last *line*.", None),
    )
    assert (document.title, document.author) == ("A Tale", "Jane Roe")


# HTML -----------------------------------------------------------------------------------------------------------


def test_html(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html lang="en"><head><title>The  Tale</title><meta name="author" content="Jane Roe">
    <style>p {color: red}</style></head><body><nav><a href="#">Home</a></nav><h1>Chapter<br>One</h1>
    <script>var x = "<p>no</p>";</script><p>First &amp; <i>second</i>
    line&nbsp;here.<p>Unclosed <b>tag<hr><div>In a <span>div</span></div>tail
    <ul><li>one<li>two</ul><blockquote>a<br>b</blockquote></body></html>"""
    (document,) = read(write(tmp_path, "x.bin.html", page))
    assert document.title == "The Tale"
    assert document.author == "Jane Roe"
    assert document.language == "en"
    assert [(" ".join(text.split(" ")).strip(), kind) for text, kind in document.paragraphs or ()] == [
        ("Chapter One", H),
        ("First & second line\u00a0here.", None),
        ("Unclosed tag", None),
        ("* * *", B),
        ("In a div", None),
        ("tail", None),
        ("one", None),
        ("two", None),
        ("a\nb", None),
    ]


def test_html_by_content_and_by_declared_encoding(tmp_path: Path) -> None:
    text = "<html><head><meta charset='windows-1251'></head><body><p>Привет, мир</p></body></html>"
    (document,) = read(write(tmp_path, "page.txt", text.encode("cp1251")))
    assert document.paragraphs == (("Привет, мир", None),)
    assert document.encoding == "windows-1251"


def test_html_whose_declaration_lies(tmp_path: Path) -> None:
    text = "<html><head><meta charset='us-ascii'></head><body><p>Привет, мир</p></body></html>"
    (document,) = read(write(tmp_path, "page.html", text))
    assert document.paragraphs == (("Привет, мир", None),)


def test_html_line_breaks_that_are_paragraphs() -> None:
    long = "A line of old web pages that goes on and on, well past the eighty characters of any verse. "
    page = parse_html(f"<body>{long}<br>{long}<br><br>Roses are red,<br>violets are blue.</body>")
    assert page.paragraphs == [(long.strip(), None), (long.strip(), None), ("Roses are red,\nviolets are blue.", None)]


def test_xhtml_habits() -> None:
    page = parse_html(
        "<?xml version='1.0' encoding='utf-8'?><html><head><title/><script src='x'/></head>"
        "<body><p>Text<a id='p1'/> goes on <![CDATA[& on]]>.</p><p/><p>End.</p></body></html>"
    )
    assert page.paragraphs == [("Text goes on & on.", None), ("End.", None)]
    assert page.linked == 0


def test_html_nested_too_deep_for_any_recursion() -> None:
    depth = 200_000
    assert parse_html("<div>" * depth + "deep" + "</div>" * depth).paragraphs == [("deep", None)]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece", ["<!--", "<![CDATA[", "<script ", "<a href=x>", "<p>", "<svg>", "[a](", "![", "*a ", "> "]
)
def test_marks_that_never_close_take_no_longer_than_any_text(tmp_path: Path, piece: str) -> None:
    # quadratic work on a megabyte would take hours
    for name in ("a.html", "a.md"):
        (document,) = read(write(tmp_path, name, "Words. " + piece * 200_000))
        assert document.paragraphs or document.text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("<>/&;!-[]apbh12 \n\"'=x\0\ud800Ж"))))
def test_any_text_is_some_html(text: str) -> None:
    for paragraph, _ in parse_html(text).paragraphs:
        assert paragraph.strip()


# EPUB -----------------------------------------------------------------------------------------------------------


def test_epub_reads_its_spine_in_order(tmp_path: Path) -> None:
    pages = {
        "cover.xhtml": PAGE.format(body="<p>Cover</p>"),
        "b.xhtml": PAGE.format(body="<h2>One</h2><p>First.</p>"),
        "a%20b.xhtml": PAGE.format(body="<h2>Two</h2><p>Second.</p><hr/>"),
        "list.xhtml": PAGE.format(body="<p>See</p>" + "<p><a href='b.xhtml'>Chapter such and such</a></p>" * 5),
    }
    path = epub(tmp_path, pages, extra={"a b.xhtml": pages["a%20b.xhtml"]})
    (document,) = read(path)
    assert document.paragraphs == (("One", H), ("First.", None), ("Two", H), ("Second.", None), ("* * *", B))
    assert (document.title, document.author, document.language) == ("The Tale", "Jane Roe", "en-GB")


def test_epub_spine_that_goes_in_circles_or_nowhere(tmp_path: Path) -> None:
    spine = '<itemref idref="i0"/><itemref idref="none"/><itemref idref="i1"/><itemref idref="i0"/>'
    path = epub(tmp_path, {"a.xhtml": PAGE.format(body="<p>Once.</p>"), "b.xhtml": ""}, spine=spine)
    (document,) = read(path)
    assert document.paragraphs == (("Once.", None),)


def test_epub_can_not_reach_out_of_itself(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.xhtml", PAGE.format(body="<p>secret</p>"))
    hrefs = ["../../secret.xhtml", str(secret), f"file://{secret}", "../../../../../../etc/passwd", "good.xhtml"]
    pages = dict.fromkeys(hrefs[:-1], "")
    path = epub(tmp_path, pages | {"good.xhtml": PAGE.format(body="<p>good</p>")})
    (document,) = read(path)
    assert document.paragraphs == (("good", None),)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["book.epub", "secret.xhtml"]


def test_epub_pages_that_are_missing_are_noted(tmp_path: Path) -> None:
    opf = (
        "<package><manifest><item id='a' href='a.xhtml'/><item id='b' href='gone.xhtml'/></manifest>"
        "<spine><itemref idref='a'/><itemref idref='b'/></spine></package>"
    )
    (document,) = read(epub(tmp_path, {"a.xhtml": PAGE.format(body="<p>Here.</p>")}, opf=opf))
    assert document.notes == ("1 pages named in the EPUB are missing from it",)


def test_truncated_and_flipped_epubs(tmp_path: Path) -> None:
    good = epub(tmp_path, {"a.xhtml": PAGE.format(body="<p>" + "Many words. " * 500 + "</p>")}).read_bytes()
    assert refusal(write(tmp_path, "cut.epub", good[: len(good) // 2])) == "damaged-archive"
    outcomes = set()
    for at in range(0, len(good), 7):
        bad = bytearray(good)
        bad[at] ^= 0xFF
        try:
            read(write(tmp_path, "bad.epub", bytes(bad)))
            outcomes.add("read")
        except RejectError as error:
            outcomes.add(error.reason)
    assert outcomes <= {
        "read",
        "damaged-archive",
        "damaged-xml",
        "empty",
        "encrypted",
        "archive-bomb",
        "binary",
        "unsafe-xml",
    }
    assert {"read", "damaged-archive"} <= outcomes


def test_zip_bombs(tmp_path: Path) -> None:
    bomb = epub(tmp_path, {"a.xhtml": "<p>" + "0" * 50_000_000})
    assert refusal(bomb) == "archive-bomb"
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as archive:
        for n in range(30):
            archive.writestr(f"{n}.txt", "x")
    assert refusal(many, limits=Limits(archive_members=20)) == "too-large"


def test_a_directory_that_lies_about_sizes_does_not_help(tmp_path: Path) -> None:
    path = epub(tmp_path, {"a.xhtml": "<p>" + "0" * 50_000_000})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"OPS/a.xhtml"))
    struct.pack_into("<I", data, at + 24, 100)
    assert refusal(write(tmp_path, "lie.epub", bytes(data))) in ("archive-bomb", "damaged-archive", "empty")


def test_protected_epub(tmp_path: Path) -> None:
    path = epub(tmp_path, {"a.xhtml": PAGE.format(body="<p>x</p>")})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("META-INF/encryption.xml", '<e><CipherReference URI="OPS/a.xhtml"/></e>')
    assert refusal(path) == "encrypted"


@pytest.mark.shared
def test_a_real_epub() -> None:
    path = SHARED / "books" / "odd" / "alice.epub"
    if not path.exists():
        pytest.skip("the shared books are absent")
    (document,) = read(path)
    headings = [text for text, kind in document.paragraphs or () if kind is H]
    assert headings[:3] == ["Alice's Adventures In Wonderland", "Down The Rabbit-Hole", "The Pool Of Tears"]
    assert len(headings) == 11


# FB2 ------------------------------------------------------------------------------------------------------------

FB2 = """<?xml version="1.0" encoding="windows-1251"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>
<author><first-name>Лев</first-name><last-name>Толстой</last-name></author><book-title>Казаки</book-title>
<lang>ru</lang></title-info></description>
<body><title><p>Казаки</p><p>Повесть</p></title>
<section><title><p>Глава I</p></title><p>Всё <emphasis>затихло</emphasis>
в Москве.</p><subtitle>* * *</subtitle><poem><stanza><v>Раз</v><v>два</v></stanza></poem></section></body>
<body name="notes"><section><p>Сноска.</p></section></body><binary id="x">AAAA</binary></FictionBook>"""


def test_fb2(tmp_path: Path) -> None:
    (document,) = read(write(tmp_path, "a.fb2", FB2.encode("cp1251")))
    assert document.paragraphs == (
        ("Казаки Повесть", H),
        ("Глава I", H),
        ("Всё затихло в Москве.", None),
        ("* * *", None),
        ("Раз\nдва", None),
    )
    assert (document.title, document.author, document.language) == ("Казаки", "Лев Толстой", "ru")
    assert document.notes == ("1 notes at the end left out",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><FictionBook><body><p>&b;</p></body>'
            "</FictionBook>",
            "unsafe-xml",
        ),
        (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><FictionBook><body>&a;</body></FictionBook>',
            "unsafe-xml",
        ),
        ("<FictionBook><body><p>cut", "damaged-xml"),
        ("<FictionBook/>", "empty"),
        ("<other><FictionBook/></other>", "damaged-xml"),
        ("<FictionBook>" + "<section>" * 5000 + "</section>" * 5000 + "</FictionBook>", "too-nested"),
    ],
)
def test_hostile_xml(tmp_path: Path, text: str, reason: str) -> None:
    assert refusal(write(tmp_path, "a.fb2", text)) == reason


# Rows -----------------------------------------------------------------------------------------------------------

ROWS = [
    {"text": "One text.", "title": "One", "author": ["Roe", "Doe"], "language": "en"},
    {"text": "", "title": "Empty"},
    {"body": "x"},
    {"text": "Four \ud800 text.", "title": None},
]


def lines(rows: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_json_lines(tmp_path: Path, packing: str) -> None:
    data = lines(ROWS[:2]) + b"\n{broken\n[1]\n" + lines(ROWS[2:])
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[packing]
    found = read(write(tmp_path, f"a.jsonl{packing}", pack(data)))
    assert [d.name.rpartition("#")[2] for d in found] == ["0", "1", "2", "3", "4", "5"]
    assert (found[0].text, found[0].title, found[0].author, found[0].language) == ("One text.", "One", "Roe, Doe", "en")
    assert [d.problem.reason if d.problem else "" for d in found] == [
        "",
        "empty",
        "damaged-row",
        "damaged-row",
        "no-text-column",
        "",
    ]
    assert "body" in str(found[4].problem)


def test_columns_by_option(tmp_path: Path) -> None:
    path = write(tmp_path, "a.ndjson", lines([{"body": "Words.", "name": "N", "by": "B", "lang": "ru"}]))
    options = {"text_column": "body", "title_column": "name", "author_column": "by", "language_column": "lang"}
    (found,) = read(path, **options)
    assert (found.text, found.title, found.author, found.language, found.language_is_given) == (
        "Words.",
        "N",
        "B",
        "ru",
        True,
    )


def test_parquet_by_content(tmp_path: Path) -> None:
    table = pa.table(
        {"text": [f"Text {n}." for n in range(50)], "title": [f"T{n}" for n in range(50)], "junk": [0] * 50}
    )
    pq.write_table(table, tmp_path / "odd-name.txt", row_group_size=7)
    found = read(tmp_path / "odd-name.txt")
    assert [d.text for d in found] == [f"Text {n}." for n in range(50)]
    assert found[49].name == "odd-name.txt#49"
    assert refusal(tmp_path / "odd-name.txt", text_column="body") == "no-text-column"


def test_damaged_parquet(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "a.parquet", b"PAR1" + b"\0" * 200)) == "damaged-parquet"


def test_datasets_from_a_local_folder(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder, "train.jsonl", lines([{"text": "One.", "title": "A"}, {"text": "Two.", "title": "B"}]))
    write(folder, "test.jsonl", lines([{"text": "Three.", "title": "C"}]))
    options = ReadOptions()
    assert [d.text for d in read_documents(Source(f"hf:{folder}", "set"), options)] == ["One.", "Two."]
    assert [d.name for d in read_documents(Source(f"hf:{folder}@test", "set"), options)] == ["set#0"]
    with pytest.raises(RejectError, match="no split"):
        list(read_documents(Source(f"hf:{folder}@dev", "set"), options))


def test_a_named_column_that_is_missing_is_noted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", lines([{"text": "One.", "title": "A"}, {"text": "Two.", "writer": "B"}]))
    options = ReadOptions(author_column="writer")
    found = list(read_documents(Source(str(path), "a.jsonl"), options))
    assert [d.notes for d in found] == [("no column 'writer' for its author",), ()]
    assert [(d.title, d.author) for d in found] == [("A", ""), ("", "B")]


def test_datasets_saved_to_disk(tmp_path: Path) -> None:
    datasets.Dataset.from_dict({"text": ["One.", "Two."]}).save_to_disk(tmp_path / "saved")
    assert [d.text for d in read_documents(Source(f"hf:{tmp_path}/saved", "s"), ReadOptions())] == ["One.", "Two."]


@pytest.mark.parametrize("name", ["data.pkl", "set.py", "x.tar"])
def test_datasets_that_could_run_code(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, b"x")
    with pytest.raises(RejectError) as caught:
        list(read_documents(Source(f"hf:{tmp_path}", "s"), ReadOptions()))
    assert caught.value.reason == "unsupported-type"


# Archives and limits --------------------------------------------------------------------------------------------


def test_zip_of_books(tmp_path: Path) -> None:
    path = tmp_path / "books.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b/two.fb2", FB2.encode("cp1251"))
        archive.writestr("a/one.txt", "One text.")
        archive.writestr("../../evil.txt", "Evil text.")
        archive.writestr("table.csv", "a,b")
        archive.writestr("pic.txt", b"\x89PNG\r\n")
    found = {d.name: d for d in read(path)}
    assert found["books.zip!a/one.txt"].text == "One text."
    assert found["books.zip!b/two.fb2"].title == "Казаки"
    assert found["books.zip!../../evil.txt"].text == "Evil text."
    assert found["books.zip!table.csv"].problem is not None
    assert found["books.zip!pic.txt"].problem is not None
    assert [p.name for p in tmp_path.iterdir()] == ["books.zip"]


def test_archives_in_archives(tmp_path: Path) -> None:
    data = b"Some text."
    for _ in range(4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.zip", data)
        data = buffer.getvalue()
    (document,) = read(write(tmp_path, "q.zip", data))
    assert document.problem is not None
    assert document.problem.reason == "too-nested"


def test_compressed_text_and_its_bombs(tmp_path: Path) -> None:
    (document,) = read(write(tmp_path, "a.txt.gz", gzip.compress(b"Some text.")))
    assert document.text == "Some text."
    bomb = gzip.compress(b"0" * 100_000_000)
    assert refusal(write(tmp_path, "b.txt.gz", bomb)) == "archive-bomb"
    assert refusal(write(tmp_path, "b.jsonl.gz", bomb)) == "archive-bomb"
    assert refusal(write(tmp_path, "cut.txt.gz", gzip.compress(b"Some text." * 100)[:-12])) == "damaged-archive"


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "x" * 101)
    assert refusal(path, limits=Limits(file_bytes=100)) == "too-large"
    assert len(read(path, limits=Limits(file_bytes=101))) == 1


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".fb2", ".epub", ".jsonl", ".zip", ".parquet", ".txt.gz"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"", b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08\x00", b"<html>", b"<FictionBook>", b"{", b"\xff\xfe"]
    ),
    data=st.binary(max_size=200),
)
def test_any_bytes_under_any_name(tmp_path: Path, suffix: str, head: bytes, data: bytes) -> None:
    path = write(tmp_path, f"a{suffix}", head + data)
    try:
        outcome = {type(document) for document in read(path)}
    except RejectError as error:
        assert error.reason  # noqa: PT017
        return
    assert outcome <= {RawDocument}
