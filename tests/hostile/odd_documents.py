"""Word, OpenDocument, RTF and PDF: sound under any name, cut, flipped, swelling, protected, reaching outside."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Iterator

from tests.documents import Words, docx_of, odt_of, pdf, pdf_of, rtf_of
from tests.hostile.items import TEXTS, Item, paragraphs, zipped
from tests.hostile.odd_archives import BILLION_LAUGHS, OUTSIDE

_CUT = "damaged-archive|damaged-document|damaged-xml|empty|unsupported-type|too-short"


def odd_documents(rng: random.Random) -> Iterator[Item]:
    """Everything that an office writes."""
    for suffix, make in (("docx", docx_of), ("odt", odt_of), ("rtf", rtf_of)):
        for key in ("en", "ru", "zh"):
            yield Item(f"documents/good-{key}.{suffix}", make(paragraphs(key)), f"book:{key}")
    for key in ("en", "ru", "zh"):
        yield Item(f"documents/good-{key}.pdf", pdf_of(TEXTS[key]), f"book:{key}")
    sound = {"docx": docx_of(paragraphs("en")), "odt": odt_of(paragraphs("en")), "rtf": rtf_of(paragraphs("en"))}
    sound["pdf"] = pdf_of(TEXTS["en"])
    for suffix, good in sound.items():
        yield Item(f"documents/no-suffix-{suffix}", good, "book:en")
        yield Item(f"documents/wrong-suffix-{suffix}.txt", good, "book:en")
        yield Item(f"documents/text.{suffix}", TEXTS["en"].encode(), "book:en")
        yield Item(f"documents/in-{suffix}.zip", zipped({f"a.{suffix}": good}), "book:en")
        for tenth in (1, 5, 9):
            cut = good[: len(good) * tenth // 10]
            # a PDF that lost its end is mended where its pages can still be found
            yield Item(f"documents/cut-{tenth}.{suffix}", cut, "any" if suffix == "pdf" else _CUT)
        for n in range(6):
            bad = bytearray(good)
            bad[rng.randrange(8, len(bad))] ^= 1 << rng.randrange(8)
            yield Item(f"documents/flipped-{n}.{suffix}", bytes(bad))
    word = ("word/document.xml", "word/styles.xml", "docProps/core.xml", "_rels/.rels")
    yield from _parts("docx", sound["docx"], word)
    yield from _parts("odt", sound["odt"], ("content.xml", "styles.xml", "meta.xml"))
    yield from _rtf()
    yield from _pdf(rng)


def _parts(suffix: str, good: bytes, names: tuple[str, ...]) -> Iterator[Item]:
    hostile = {
        "laughs": (BILLION_LAUGHS + "<x>&j;</x>", "unsafe-xml"),
        "outside": (OUTSIDE + "<x>&a;</x>", "unsafe-xml"),
        "nested": ("<x>" * 5_000 + "</x>" * 5_000, "too-nested|archive-bomb"),
        "endless": ("<x>" + "<x/>" * 200_000 + "</x>", "too-large|archive-bomb"),
        "bomb": ("<x>" + " " * 30_000_000 + "</x>", "archive-bomb"),
    }
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for at, name in enumerate(names):
        for what, (part, reason) in hostile.items():
            yield Item(f"documents/{what}-{at}.{suffix}", zipped(members | {name: part.encode()}), reason)
    fat = members | {"Pictures/a.png": b"0" * 30_000_000, "word/media/a.png": b"0" * 30_000_000}
    yield Item(f"documents/fat-picture.{suffix}", zipped(fat), "book:en")


def _rtf() -> Iterator[Item]:
    yield Item("documents/nested.rtf", b"{\\rtf1" + b"{" * 90_000, "too-nested")
    yield Item("documents/bin.rtf", b"{\\rtf1 {\\pict\\bin2147483647 x}}", "damaged-document")
    link = b'{\\field{\\*\\fldinst{HYPERLINK "x"}}'
    yield Item("documents/links.rtf", b"{\\rtf1 " + link * 9_000 + b"}", "too-nested")
    yield Item("documents/codes.rtf", b"{\\rtf1\\uc99999 " + b"\\u-10179 \\u99999 \\'zz\\\n" * 9_000 + b"}")
    yield Item("documents/page.rtf", b"{\\rtf1\\ansicpg-1\\ansicpg37 " + b"\\'e9\\'ff" * 900 + b"}")
    yield Item("documents/empty.rtf", b"{\\rtf1}", "empty")


def _pdf(rng: random.Random) -> Iterator[Item]:
    prose = [Words(line, baseline=800 - 20 * at) for at, line in enumerate(TEXTS["en"][:600].split(". "))]
    yield Item("documents/scan.pdf", pdf([[]] * 5), "no-text-layer")
    lock = f"<</Filter/Standard/V 1/R 2/O<{'00' * 32}>/U<{'11' * 32}>/P -4>>".encode()
    locked = pdf([prose], extra=[lock], trailer="/Encrypt 12 0 R/ID[<00><00>]")
    yield Item("documents/locked.pdf", locked, "encrypted")
    acts = "/OpenAction<</S/JavaScript/JS(app.launchURL('http://localhost:1/'))>>"
    yield Item("documents/script.pdf", pdf([prose], catalog=acts))
    yield Item("documents/launch.pdf", pdf([prose], catalog="/OpenAction<</S/Launch/F(/bin/touch /tmp/evil.txt)>>"))
    yield Item("documents/circle.pdf", pdf([prose]).replace(b"/Kids[10 0 R]", b"/Kids[ 2 0 R]"))
    yield Item("documents/million-pages.pdf", pdf([prose]).replace(b"/Count 1", b"/Count 99999999"))
    marks = pdf([prose], outline=[("a", 0), ("b", 0)]).replace(b"/Next 14 0 R", b"/Next 13 0 R")
    yield Item("documents/circular-outline.pdf", marks)
    swollen = zlib.compress(b" " * 60_000_000, 9)
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n" % len(swollen) + swollen + b"\nendstream"
    fat = pdf([prose], extra=[stream]).replace(b"/Contents 11 0 R", b"/Contents[11 0 R 12 0 R]")
    yield Item("documents/swelling-page.pdf", fat)
    yield Item("documents/noise.pdf", b"%PDF-1.7\n" + rng.randbytes(3_000), "damaged-document")
    yield Item("documents/far-away.pdf", pdf([[Words("Text enough to read.", 1e9, -1e9, 1e6)] * 40]))
