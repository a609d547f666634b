"""OpenDocument texts as they read with every change accepted: what odfdo writes, and what people do to it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import odfdo
import pytest

from scenesign.schemas.records import Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from tests.documents import odt_of, saved_odt
from tests.hostile.items import TEXTS, zipped
from tests.hostile.odd_archives import BILLION_LAUGHS, OUTSIDE
from tests.transforms.read.files import H, read, refusal, write

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "draw")
)


def with_part(data: bytes, name: str, part: str) -> bytes:
    """A document with one of its parts put in its place."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped({member: old.read(member) for member in old.namelist()} | {name: part})


def body(xml: str, styles: str = "") -> bytes:
    """A document whose text is some XML."""
    content = (
        f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{xml}</office:text></office:body></office:document-content>"
    )
    return with_part(odt_of([]), "content.xml", content)


def test_headings_paragraphs_and_metadata_in_three_languages(tmp_path: Path) -> None:
    document = odfdo.Document("text")
    document.body.clear()
    document.meta.title = "Три повести"
    document.meta.initial_creator = "Jane Roe"
    document.meta.creator = "The last to save it"
    document.meta.language = "en-GB"
    document.meta.set_user_defined_metadata("License", "CC BY 4.0")
    for part in (
        odfdo.Paragraph("Three Tales", style="Title"),
        odfdo.Header(1, "Chapter One"),
        odfdo.Paragraph("The old man went\tdown   to the har\u00adbour."),
        odfdo.Header(2, "Глава вторая"),
        odfdo.Paragraph("Всё затихло в Москве."),
        odfdo.Header(3, "第三回"),
        odfdo.Paragraph("话说天下大势，分久必合。"),
        odfdo.Header(4, "A note set small"),
        odfdo.Paragraph("Roses are red,\nviolets are blue."),
    ):
        document.body.append(part)
    (found,) = read(write(tmp_path, "a.odt", saved_odt(document)))
    assert found.paragraphs == (
        ("Three Tales", H),
        ("Chapter One", H),
        ("The old man went down to the har\u00adbour.", None),
        ("Глава вторая", H),
        ("Всё затихло в Москве.", None),
        ("第三回", H),
        ("话说天下大势，分久必合。", None),
        ("A note set small", None),
        ("Roses are red,\nviolets are blue.", None),
    )
    assert (found.title, found.author, found.language) == ("Три повести", "Jane Roe", "en-GB")
    assert found.license == "CC BY 4.0"


def test_changes_are_read_as_accepted_and_what_is_hidden_is_not(tmp_path: Path) -> None:
    styles = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
    data = body(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>Deleted.</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>He <text:span>said</text:span> yes<text:change text:change-id='1'/>.</text:p>"
        '<text:p>Seen. <text:span text:style-name="T1">Hidden.</text:span>Seen again.</text:p>'
        '<text:section text:display="none"><text:p>A hidden section.</text:p></text:section>'
        "<text:section><text:p>A shown section.</text:p></text:section>"
        "<text:p>Late<text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>A note.</text:p></text:note-body></text:note>, very.<office:annotation><text:p>A remark.</text:p>"
        "</office:annotation></text:p>"
        "<text:table-of-content><text:p>Chapter One 7</text:p></text:table-of-content>"
        "<text:p><text:s text:c='999999999'/>Spaces<text:s text:c='4'/>are one.<text:line-break/>A line.</text:p>",
        styles,
    )
    (found,) = read(write(tmp_path, "a.odt", data))
    assert [text for text, _ in found.paragraphs or ()] == [
        "He said yes.",
        "Seen. Seen again.",
        "A shown section.",
        "Late, very.",
        "Spaces are one.\nA line.",
    ]
    assert found.notes == ("1 footnotes left out",)


def test_tables_lists_and_frames_in_reading_order(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    data = body(
        f"<table:table><table:table-row>{cell('A')}{cell('B')}</table:table-row><table:table-row>{cell('C')}"
        "</table:table-row></table:table><text:list><text:list-item><text:p>D</text:p></text:list-item></text:list>"
        "<text:p><draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame>Around it.</text:p>"
    )
    (found,) = read(write(tmp_path, "a.odt", data))
    assert [text for text, _ in found.paragraphs or ()] == ["A", "B", "C", "D", "In a box.", "Around it."]


def test_a_protected_document(tmp_path: Path) -> None:
    manifest = '<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
    assert refusal(write(tmp_path, "a.odt", with_part(odt_of(["x"]), "META-INF/manifest.xml", manifest))) == "encrypted"


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (BILLION_LAUGHS + "<x>&j;</x>", "unsafe-xml"),
        (OUTSIDE + "<x>&a;</x>", "unsafe-xml"),
        ("<x>" * 300 + "</x>" * 300, "too-nested"),
        ("<x", "damaged-xml"),
        ("<x>" + " " * 30_000_000 + "</x>", "archive-bomb"),
    ],
)
def test_hostile_parts(tmp_path: Path, part: str, reason: str) -> None:
    for name in ("content.xml", "styles.xml", "meta.xml"):
        assert refusal(write(tmp_path, "a.odt", with_part(odt_of(["Text."]), name, part))) == reason


@pytest.mark.parametrize("key", ["en", "ru", "zh"])
def test_a_story_comes_out_as_from_plain_text(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, "a.odt", odt_of(TEXTS[key].split("\n\n")))
    plain = write(tmp_path, "a.txt", TEXTS[key])
    (book,) = read_books(Source(str(path), "a.odt"), ReadOptions())
    (same,) = read_books(Source(str(plain), "a.txt"), ReadOptions())
    assert isinstance(book, Book)
    assert isinstance(same, Book)
    assert (book.text, book.blocks, book.language) == (same.text, same.blocks, key)
