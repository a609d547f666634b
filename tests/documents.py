"""Documents for tests, made by code: PDFs by hand, Word and OpenDocument texts by the libraries that write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import docx
import odfdo

from tests.hostile.items import zipped

# Every character is its own code, so that a page's bytes say what it shows.
_TO_UNICODE = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Plain def /CMapType 2 def "
    b"1 begincodespacerange <0000><ffff> endcodespacerange 1 beginbfrange <0000><ffff><0000> endbfrange endcmap end end"
)
WIDTH = 6.0  # points of a letter in 12 points; an ideograph has twice as much


@dataclass(frozen=True)
class Words:
    """A line on a page, in points from the lower left corner."""

    text: str
    left: float = 72
    baseline: float = 720
    size: float = 12


def column(lines: Sequence[str], left: float = 72, top: float = 720, pitch: float = 14) -> list[Words]:
    """Lines one under another; each space before a line sets it in by a letter, an empty one leaves a gap."""
    return [
        Words(line.lstrip(" "), left + WIDTH * (len(line) - len(line.lstrip(" "))), top - pitch * at)
        for at, line in enumerate(lines)
        if line.strip()
    ]


def pdf(
    pages: Sequence[Sequence[Words]],
    *,
    about: str = "",
    outline: Sequence[tuple[str, int]] = (),
    trailer: str = "",
    extra: Sequence[bytes] = (),
    catalog: str = "",
) -> bytes:
    """A PDF of some pages. about: entries of its information. outline: (title, page). The rest is put in as it is."""
    objects: dict[int, bytes] = {
        3: b"<</Type/Font/Subtype/Type0/BaseFont/Plain/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>",
        4: b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Plain/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/DW 500/W[11904 65535 1000]/FontDescriptor 5 0 R>>",
        5: b"<</Type/FontDescriptor/FontName/Plain/Flags 4/FontBBox[0 -200 1000 800]/ItalicAngle 0/Ascent 800"
        b"/Descent -200/CapHeight 700/StemV 80>>",
        6: _stream(_TO_UNICODE),
        7: f"<<{about}>>".encode(),
    }
    first_page, first_mark = 10, 10 + 2 * len(pages)
    for at, words in enumerate(pages):
        shown = "".join(
            f"BT /F1 {w.size} Tf {w.left} {w.baseline} Td <{w.text.encode('utf-16-be').hex()}> Tj ET\n" for w in words
        )
        objects[first_page + 2 * at] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {first_page + 2 * at + 1} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        ).encode()
        objects[first_page + 2 * at + 1] = _stream(shown.encode())
    kids = " ".join(f"{first_page + 2 * at} 0 R" for at in range(len(pages)))
    objects[2] = f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode()
    for at, (title, page) in enumerate(outline):
        following = f"/Next {first_mark + at + 2} 0 R" if at + 1 < len(outline) else ""
        words = ("\ufeff" + title).encode("utf-16-be").hex()
        objects[first_mark + at + 1] = (
            f"<</Title<{words}>/Parent {first_mark} 0 R/Dest[{first_page + 2 * page} 0 R/Fit]{following}>>"
        ).encode()
    if outline:
        objects[first_mark] = (
            f"<</Type/Outlines/First {first_mark + 1} 0 R/Last {first_mark + len(outline)} 0 R/Count {len(outline)}>>"
        ).encode()
        catalog += f"/Outlines {first_mark} 0 R"
    objects[1] = f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode()
    return _file(objects | dict(enumerate(extra, max(objects) + 1)), trailer)


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>stream\n" % len(data) + data + b"\nendstream"


def _file(objects: dict[int, bytes], trailer: str) -> bytes:
    out = b"%PDF-1.7\n"
    places = {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    size = max(objects) + 1
    rows = (b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(size))
    table = b"xref\n0 %d\n" % size + b"".join(rows)
    end = f"trailer <</Size {size}/Root 1 0 R/Info 7 0 R{trailer}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + table + end.encode()


def pdf_of(text: str) -> bytes:
    """A sound text, a paragraph a block of lines, as many pages as it takes."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        wide = 30 if any(char > "\u2e80" for char in paragraph) else 60
        while len(paragraph) > wide:
            cut = paragraph.rfind(" ", 0, wide) if " " in paragraph[:wide] else wide
            lines, paragraph = [*lines, paragraph[:cut]], paragraph[cut:].lstrip()
        lines += [paragraph, ""]
    return pdf([column(lines[at : at + 45]) for at in range(0, len(lines), 45)])


def docx_of(paragraphs: Sequence[str]) -> bytes:
    """A Word document of plain paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved_docx(document)


def saved_docx(document: docx.document.Document) -> bytes:
    """The bytes of a Word document."""
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_dates(buffer.getvalue())


def odt_of(paragraphs: Sequence[str]) -> bytes:
    """An OpenDocument text of plain paragraphs."""
    document = odfdo.Document("text")
    document.body.clear()
    document.meta.creation_date = document.meta.date = datetime(2000, 1, 1)
    for paragraph in paragraphs:
        document.body.append(odfdo.Paragraph(paragraph))
    return saved_odt(document)


def saved_odt(document: odfdo.Document) -> bytes:
    """The bytes of an OpenDocument text."""
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_dates(buffer.getvalue())


def _without_dates(archive: bytes) -> bytes:
    """The same members, so that the same document is the same bytes at any time."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        return zipped({name: old.read(name) for name in old.namelist()})


def rtf_of(paragraphs: Sequence[str], head: str = "") -> bytes:
    """An RTF document of plain paragraphs, letters beyond ASCII as codes of Unicode."""
    body = "".join(rtf_text(paragraph) + "\\par\n" for paragraph in paragraphs)
    return f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{head}\n{body}}}".encode("ascii")


def rtf_text(text: str) -> str:
    """Text as RTF writes it."""
    codes = text.encode("utf-16-le")
    units = (int.from_bytes(codes[at : at + 2], "little") for at in range(0, len(codes), 2))
    return "".join(
        f"\\u{unit - 0x10000 if unit > 0x7FFF else unit}?" if unit > 126 or chr(unit) in "\\{}" else chr(unit)
        for unit in units
    )
