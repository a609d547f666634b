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
