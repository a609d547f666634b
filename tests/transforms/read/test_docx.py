"""Word documents as they read with every change accepted: what python-docx writes, and what people do to it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from scenesign.schemas.records import Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from tests.documents import docx_of, saved_docx
from tests.hostile.items import TEXTS, zipped
from tests.hostile.odd_archives import BILLION_LAUGHS, OUTSIDE
from tests.transforms.read.files import B, H, read, refusal, write

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def with_part(data: bytes, name: str, part: str) -> bytes:
    """A document with one of its parts put in its place."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped({member: old.read(member) for member in old.namelist()} | {name: part})


def body(xml: str) -> bytes:
    """A document whose body is some XML."""
    return with_part(docx_of([]), "word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{xml}</w:body></w:document>')


def test_headings_paragraphs_and_metadata_in_three_languages(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "Три повести"
    document.core_properties.author = "Jane Roe"
    document.core_properties.language = "en-GB"
    document.add_heading("Three Tales", 0)
    document.add_heading("Chapter One", 1)
    document.add_paragraph("The old man went\tdown to the har\u00adbour.")
    document.add_heading("Глава вторая", 2)
    document.add_paragraph("Всё затихло в Москве. Редко где слышался визг колёс.")
    document.add_heading("第三回", 3)
    document.add_paragraph("话说天下大势，分久必合，合久必分。")
    document.add_heading("A note set small", 4)
    document.add_paragraph("* * *")
    document.add_paragraph("")
    (found,) = read(write(tmp_path, "a.docx", saved_docx(document)))
    assert found.paragraphs == (
        ("Three Tales", H),
        ("Chapter One", H),
        ("The old man went down to the har\u00adbour.", None),
        ("Глава вторая", H),
        ("Всё затихло в Москве. Редко где слышался визг колёс.", None),
        ("第三回", H),
        ("话说天下大势，分久必合，合久必分。", None),
        ("A note set small", None),
        ("* * *", None),
    )
    assert (found.title, found.author, found.language, found.notes) == ("Три повести", "Jane Roe", "en-GB", ())


def test_styles_that_build_on_headings_and_outline_levels(tmp_path: Path) -> None:
    document = docx.Document()
    own = document.styles.add_style("Kapitel", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = document.styles["Heading 1"]
    document.add_paragraph("By its style", style=own)
    for level, text in ((1, "By its level"), (9, "Body text")):
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        outline = OxmlElement("w:outlineLvl")
        outline.set(qn("w:val"), str(level))
        properties.append(outline)
    (found,) = read(write(tmp_path, "a.docx", saved_docx(document)))
    assert found.paragraphs == (("By its style", H), ("By its level", H), ("Body text", None))


def test_a_style_that_builds_on_itself_ends(tmp_path: Path) -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="a"><w:basedOn w:val="b"/></w:style>'
        '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>'
    )
    data = body('<w:p><w:pPr><w:pStyle w:val="a"/></w:pPr><w:r><w:t>Text.</w:t></w:r></w:p>')
    (found,) = read(write(tmp_path, "a.docx", with_part(data, "word/styles.xml", styles)))
    assert found.paragraphs == (("Text.", None),)


def test_tables_in_reading_order_and_line_breaks(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for at, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"Cell {at}"
    verse = document.add_paragraph("Roses are red,")
    verse.add_run().add_break()
    verse.add_run("violets are blue.")
    paged = document.add_paragraph("Before the page ends")
    paged.add_run().add_break(WD_BREAK.PAGE)
    (found,) = read(write(tmp_path, "a.docx", saved_docx(document)))
    assert found.paragraphs == (
        ("Cell 0", None),
        ("Cell 1", None),
        ("Cell 2", None),
        ("Cell 3", None),
        ("Roses are red,\nviolets are blue.", None),
        ("Before the page ends", None),
    )


def test_changes_are_read_as_accepted_and_what_is_hidden_is_not(tmp_path: Path) -> None:
    data = body(
        "<w:p><w:r><w:t xml:space='preserve'>He said </w:t></w:r><w:del><w:r><w:delText>no</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>yes</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        "<w:r><w:t>.</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t xml:space='preserve'>One </w:t></w:r></w:p>"
        "<w:p><w:r><w:t>sentence.</w:t></w:r></w:p>"
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>Shown.</w:t></w:r></w:p>"
        "<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
        "<w:hyperlink><w:r><w:t>A link.</w:t></w:r></w:hyperlink></w:p>"
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase>"
        "</w:ruby></w:r></w:p>"
    )  # fmt: skip
    (found,) = read(write(tmp_path, "a.docx", data))
    assert [text for text, _ in found.paragraphs or ()] == [
        "He said yes.",
        "One sentence.",
        "Shown.",
        "In a control.",
        "A link.",
        "漢",
    ]


def test_notes_contents_headers_and_copies_for_old_programs_are_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "A running head"
    document.styles.add_style("toc 1", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Chapter One ..... 7", style="toc 1")
    paragraph = document.add_paragraph("It was late.")
    paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:footnoteReference w:id='2'/></w:r>"))
    boxed = (
        "<w:r xmlns:w='{w}' xmlns:mc='urn:mc'><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    ).format(w=W, box="<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>")
    paragraph._p.append(parse_xml(boxed))
    (found,) = read(write(tmp_path, "a.docx", saved_docx(document)))
    assert found.paragraphs == (("In a box.", None), ("It was late.", None))
    assert found.notes == ("1 footnotes left out",)


def test_pictures_are_never_opened_and_nothing_outside_is(tmp_path: Path) -> None:
    data = docx_of(["Text."])
    relations = (
        '<Relationships xmlns="x"><Relationship Type="a/officeDocument" Target="word/document.xml"/>'
        '<Relationship Type="a/core-properties" Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
    )
    data = with_part(with_part(data, "_rels/.rels", relations), "word/media/bomb.png", "0" * 30_000_000)
    (found,) = read(write(tmp_path, "a.docx", data))
    assert (found.paragraphs, found.title) == ((("Text.", None),), "")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (BILLION_LAUGHS + "<x>&j;</x>", "unsafe-xml"),
        (OUTSIDE + "<x>&a;</x>", "unsafe-xml"),
        ("<x>" * 300 + "</x>" * 300, "too-nested"),
        ("<x/>", "empty"),
        ("<x", "damaged-xml"),
        ("<x>" + " " * 30_000_000 + "</x>", "archive-bomb"),
    ],
)
def test_hostile_parts(tmp_path: Path, part: str, reason: str) -> None:
    for name in ("word/document.xml", "word/styles.xml", "docProps/core.xml", "_rels/.rels"):
        path = write(tmp_path, "a.docx", with_part(docx_of(["Text."]), name, part))
        if part == "<x/>" and name != "word/document.xml":
            assert read(path)[0].paragraphs == (("Text.", None),)
        else:
            assert refusal(path) == reason


def test_a_document_without_its_text(tmp_path: Path) -> None:
    bare = zipped({"[Content_Types].xml": "<x/>", "word/other.xml": "<x/>"})
    assert refusal(write(tmp_path, "a.docx", bare)) == "damaged-archive"


@pytest.mark.parametrize("key", ["en", "ru", "zh"])
def test_a_story_comes_out_as_from_plain_text(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, "a.docx", docx_of(TEXTS[key].split("\n\n")))
    plain = write(tmp_path, "a.txt", TEXTS[key])
    (book,) = read_books(Source(str(path), "a.docx"), ReadOptions())
    (same,) = read_books(Source(str(plain), "a.txt"), ReadOptions())
    assert isinstance(book, Book)
    assert isinstance(same, Book)
    assert (book.text, book.blocks, book.language) == (same.text, same.blocks, key)
    assert B in {block.kind for block in book.blocks} or "* * *" not in TEXTS[key]
