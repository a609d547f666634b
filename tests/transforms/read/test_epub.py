"""EPUBs: what is read of them, and those that are cut, protected, swelling or reaching outside."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from scenesign.schemas.records import RejectError
from scenesign.transforms.support.limits import Limits
from tests.conftest import SHARED
from tests.transforms.read.files import PAGE, B, H, epub, read, refusal, write


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


PROSE = (
    "<p>" + "The mill had not turned for a year when Agnes came back to it, and dust lay on the stones. " * 4 + "</p>"
)


def package(pages: dict[str, str], *, guide: str = "", linear: dict[str, str] | None = None) -> str:
    """A package file; pages are hrefs by id."""
    items = "".join(
        f"<item id='{name}' href='{href}' media-type='application/xhtml+xml'/>" for name, href in pages.items()
    )
    refs = "".join(f"<itemref idref='{name}' linear='{(linear or {}).get(name, 'yes')}'/>" for name in pages)
    return f"<package><manifest>{items}</manifest><spine>{refs}</spine><guide>{guide}</guide></package>"


@pytest.mark.parametrize(
    ("href", "member"),
    [
        ("part%201.xhtml", "part%201.xhtml"),
        ("part%25201.xhtml", "part 1.xhtml"),
        ("part+1.xhtml", "part 1.xhtml"),
        ("Text/Part1.XHTML", "text/part1.xhtml"),
        ("text\\part1.xhtml", "text/part1.xhtml"),
        ("caf\u00e9.xhtml", "cafe\u0301.xhtml"),
        ("caf%C3%A9.xhtml", "cafe\u0301.xhtml"),
        ("OPS/part1.xhtml", "part1.xhtml"),
        ("elsewhere/part1.xhtml", "part1.xhtml"),
        ("part1.xhtml?v=2", "part1.xhtml"),
        ("caf%E9.xhtml", "caf\u00e9.xhtml"),
    ],
)
def test_members_are_found_however_a_reference_spells_them(tmp_path: Path, href: str, member: str) -> None:
    (document,) = read(epub(tmp_path, {member: PAGE.format(body="<p>Found.</p>")}, opf=package({"a": href})))
    assert (document.paragraphs, document.notes) == ((("Found.", None),), ())


def test_the_nearest_spelling_wins(tmp_path: Path) -> None:
    pages = {name: PAGE.format(body=f"<p>{text}.</p>") for name, text in (("A.xhtml", "Capital"), ("a.xhtml", "Small"))}
    (document,) = read(epub(tmp_path, pages, opf=package({"x": "a.xhtml", "y": "A.xhtml"})))
    assert document.paragraphs == (("Small.", None), ("Capital.", None))


def test_contents_at_the_head_of_a_chapter_go_and_the_chapter_stays(tmp_path: Path) -> None:
    links = "<p><a href='#c1'>One</a></p><p><a href='b.xhtml'>Two</a></p>"
    body = f"<h1>Tale</h1><h2 id='toc'>In this book</h2>{links}<h2 id='c1'><a href='#toc'>One</a></h2>{PROSE}"
    opf = package({"a": "a.xhtml"}, guide="<reference type='toc' href='a.xhtml#toc'/>")
    (document,) = read(epub(tmp_path, {"a.xhtml": PAGE.format(body=body)}, opf=opf))
    assert [text for text, kind in document.paragraphs or () if kind is H] == ["Tale", "One"]
    assert document.notes == ("1 lists of contents left out",)


@pytest.mark.parametrize("name", ["toc.xhtml", "cover.xhtml", "nav.xhtml", "contents-1.xhtml", "copyright.xhtml"])
def test_a_chapter_stays_whatever_its_file_is_called(tmp_path: Path, name: str) -> None:
    guide = f"<reference type='cover' href='{name}'/><reference type='toc' href='{name}'/>"
    page = PAGE.format(body=f"<h2>One</h2>{PROSE}")
    (document,) = read(epub(tmp_path, {name: page}, opf=package({"a": name}, guide=guide)))
    assert (document.paragraphs or ())[0] == ("One", H)
    assert document.notes == ()


def test_what_is_no_part_of_the_text_is_left_out_with_its_count(tmp_path: Path) -> None:
    pages = {
        "p0.xhtml": "<p>Tale</p><p>© 2001 A House. All rights reserved. ISBN 0-00-000000-0</p>",
        "imprint.xhtml": "<p>This ebook was produced for A House.</p>",
        "p1.xhtml": f"<h2>One</h2>{PROSE}<section epub:type='colophon'><p>Set in a fine type.</p></section>",
        "p2.xhtml": f"<h2>Answers</h2>{PROSE}",
        "links.xhtml": "<p><a href='p1.xhtml'>One chapter</a></p>" * 4,
    }
    opf = package({name: name for name in pages}, linear={"p2.xhtml": "no"})
    (document,) = read(epub(tmp_path, {name: PAGE.format(body=body) for name, body in pages.items()}, opf=opf))
    assert [text for text, kind in document.paragraphs or () if kind is H] == ["One"]
    assert document.notes == (
        "1 pages of contents, cover or links left out (links.xhtml)",
        "2 pages of imprint, licence or advertising left out (p0.xhtml, imprint.xhtml)",
        "1 pages outside the reading order left out (p2.xhtml)",
        "1 imprints, licences or advertisements left out",
    )


def test_a_book_that_is_all_imprint_is_kept(tmp_path: Path) -> None:
    page = PAGE.format(body="<p>© 2001 A House. All rights reserved. ISBN 0-00-000000-0</p>")
    (document,) = read(epub(tmp_path, {"copyright.xhtml": page}))
    assert len(document.paragraphs or ()) == 1


def test_notes_on_a_page_of_their_own_go_with_their_marks(tmp_path: Path) -> None:
    pages = {
        "a.xhtml": f"<p>The river rose<a href='n.xhtml#n1'><sup>1</sup></a> in the night.</p>{PROSE}",
        "n.xhtml": f"<h2>Notes</h2><p id='n1'><a href='a.xhtml#r1'>1</a> By the mark.</p>{PROSE}",
    }
    (document,) = read(epub(tmp_path, {name: PAGE.format(body=body) for name, body in pages.items()}))
    texts = [text for text, _ in document.paragraphs or ()]
    assert texts[0] == "The river rose in the night."
    assert "Notes" in texts
    assert not any("By the mark" in text for text in texts)
    assert document.notes == ("1 note marks left out", "1 notes left out")


def test_a_book_without_a_spine_has_its_pages_in_order(tmp_path: Path) -> None:
    opf = package({"a": "a.xhtml", "b": "b.xhtml"}).replace("<itemref", "<none")
    pages = {f"{name}.xhtml": PAGE.format(body=f"<p>{name}.</p>") for name in "ab"}
    (document,) = read(epub(tmp_path, pages, opf=opf))
    assert document.paragraphs == (("a.", None), ("b.", None))
    assert "no reading order" in document.notes[0]


@pytest.mark.parametrize("name", ["cover.xhtml", "toc.xhtml", "contents.xhtml", "Inhalt.xhtml"])
def test_a_chapter_of_a_few_sentences_stays_whatever_its_file_is_called(tmp_path: Path, name: str) -> None:
    page = PAGE.format(body="<h2>One</h2><p>The rope parted.</p><p>“Hold on!” she called.</p>")
    rest = PAGE.format(body=f"<h2>Two</h2>{PROSE}")
    (document,) = read(epub(tmp_path, {name: page, "b.xhtml": rest}))
    assert [text for text, _ in document.paragraphs or ()][:4] == [
        "One",
        "The rope parted.",
        "“Hold on!” she called.",
        "Two",
    ]


def test_contents_over_a_chapter_of_short_paragraphs_go_alone(tmp_path: Path) -> None:
    links = "<h2>Contents</h2><p><a href='#c1'>One</a></p><p><a href='b.xhtml'>Two</a></p>"
    chapter = "<h2 id='c1'>One</h2><p>The rope was old, and nobody would mend it before the spring.</p>"
    opf = package({"a": "a.xhtml"}, guide="<reference type='toc' href='a.xhtml'/>")
    (document,) = read(epub(tmp_path, {"a.xhtml": PAGE.format(body=links + chapter)}, opf=opf))
    assert [text for text, kind in document.paragraphs or () if kind is H] == ["One"]


def test_contents_without_links_that_are_sentences_go(tmp_path: Path) -> None:
    listed = "<h2>Contents</h2><p>I. In which the rope of the old ferry parts at last.</p><p>II. The ferry.</p>"
    pages = {"toc.xhtml": PAGE.format(body=listed), "b.xhtml": PAGE.format(body=f"<h2>One</h2>{PROSE}")}
    (document,) = read(epub(tmp_path, pages))
    assert (document.paragraphs or ())[0] == ("One", H)
    assert document.notes == ("1 pages of contents, cover or links left out (toc.xhtml)",)


@pytest.mark.parametrize("heading", ["Περιεχόμενα", "Spis treści", "In this book"])
def test_a_page_of_nothing_but_links_under_its_heading_goes(tmp_path: Path, heading: str) -> None:
    links = f"<h2>{heading}</h2><p><a href='b.xhtml'>One</a></p><p><a href='b.xhtml#c'>Two</a></p>"
    pages = {"x1.xhtml": PAGE.format(body=links), "b.xhtml": PAGE.format(body=f"<h2>One</h2>{PROSE}")}
    (document,) = read(epub(tmp_path, pages))
    assert [text for text, kind in document.paragraphs or () if kind is H] == ["One"]
