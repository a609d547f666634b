"""EPUBs, zip archives and compressed files: cut, flipped, swelling, protected, in circles, reaching outside."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Iterator

import zstandard

from tests.hostile.items import ANY, CONTAINER, TEXTS, Item, epub, fb2_of, page, zipped

_LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};'>"
    for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
BILLION_LAUGHS = _LAUGHS + "]>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
_REFUSED = "damaged-archive|damaged-xml|empty|archive-bomb|binary|unsafe-xml|encrypted|too-short|undecodable"


def odd_archives(rng: random.Random) -> Iterator[Item]:
    """Everything that is packed."""
    yield from _epubs(rng)
    yield from _zips()
    yield from _compressed(rng)


def _epubs(rng: random.Random) -> Iterator[Item]:
    good = epub({"one.xhtml": page("ru")})
    yield Item("epub/good.epub", good, "book:ru")
    yield Item("epub/no-suffix", good, "book:ru")
    yield Item("epub/wrong-suffix.txt", good, "book:ru")
    yield Item("epub/inside.zip", zipped({"a/b.epub": good}))
    for tenth in range(10):
        yield Item(f"epub/cut-{tenth}.epub", good[: len(good) * tenth // 10], f"{_REFUSED}|unsupported-type")
    for n in range(30):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        yield Item(f"epub/flipped-{n}.epub", bytes(bad))
    circle = "".join(f'<itemref idref="i{n % 2}"/>' for n in range(5_000))
    pages = {"one.xhtml": page("en"), "two.xhtml": ""}
    yield Item("epub/circle.epub", epub(pages, spine=circle), "book:en")
    yield Item("epub/no-spine.epub", epub({"a.xhtml": page("en")}, spine=" "), "empty")
    yield Item("epub/no-pages.epub", epub({}), "empty")
    yield Item("epub/no-package.epub", epub({"a.xhtml": page("en")}, container=CONTAINER.format(path="x")), _REFUSED)
    outward = CONTAINER.format(path="../../../../etc/passwd")
    yield Item("epub/package-outside.epub", epub({"a.xhtml": page("en")}, container=outward), "damaged-archive")
    yield Item("epub/container-empty.epub", epub({"a.xhtml": page("en")}, container="<x/>"), "damaged-archive")
    yield Item("epub/container-laughs.epub", epub({}, container=BILLION_LAUGHS + "<x>&j;</x>"), "unsafe-xml")
    yield Item("epub/package-laughs.epub", epub({}, opf=BILLION_LAUGHS + "<x>&j;</x>"), "unsafe-xml")
    yield Item("epub/package-outside-entity.epub", epub({}, opf=OUTSIDE + "<x>&a;</x>"), "unsafe-xml")
    nested = "<package>" * 5_000 + "</package>" * 5_000
    yield Item("epub/package-nested.epub", epub({}, opf=nested), "too-nested")
    many = "<package>" + "<item/>" * 1_100_000 + "</package>"
    yield Item("epub/package-endless.epub", epub({}, opf=many), "too-large|archive-bomb")
    yield Item("epub/page-laughs.epub", epub({"a.xhtml": BILLION_LAUGHS + page("en") + "&j;&j;&j;"}))
    yield Item("epub/page-nested.epub", epub({"a.xhtml": "<div>" * 50_000 + page("en")}))
    yield Item("epub/page-binary.epub", epub({"a.xhtml": rng.randbytes(5_000)}), "empty")
    yield Item("epub/bomb.epub", epub({"a.xhtml": b"<p>" + b"0" * 30_000_000}), "archive-bomb")
    outside = dict.fromkeys(
        ["../../secret.xhtml", "/etc/passwd", "file:///etc/passwd", "http://localhost:1/x"], page("ru")
    )
    yield Item("epub/pages-outside.epub", epub({**outside, "a.xhtml": page("en")}))
    marked = {"META-INF/encryption.xml": '<e><CipherReference URI="OPS/a.xhtml"/></e>'}
    yield Item("epub/protected.epub", _with(good, marked), "encrypted")
    fonts = {"META-INF/encryption.xml": '<e><CipherReference URI="OPS/a.otf"/></e>'}
    yield Item("epub/protected-fonts.epub", _with(good, fonts), "book:ru")
    yield Item("epub/images-only.epub", epub({"a.xhtml": "<html><body><img src='a.png'/></body></html>"}), "empty")


def _with(archive: bytes, more: dict[str, str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        return zipped({name: old.read(name) for name in old.namelist()} | more)


def _zips() -> Iterator[Item]:
    en = TEXTS["en"]
    yield Item("zip/books.zip", zipped({"a.txt": en, "b.fb2": fb2_of("ru"), "c.html": page("zh"), "d.epub": "no"}))
    yield Item("zip/empty.zip", zipped({}), "empty")
    yield Item("zip/folders.zip", zipped({"a/": "", "a/b/": ""}), "empty")
    yield Item("zip/hidden.zip", zipped({".DS_Store": "x", "__MACOSX/a.txt": "x"}), "empty")
    yield Item("zip/nameless.zip", zipped({"": en}), "book:en")
    yield Item("zip/empty-members.zip", zipped({"a.txt": "", "b.epub": "", "c.parquet": "", "d.zip": ""}))
    outside = {"../../evil.txt": en, "/tmp/evil.txt": en, "C:\\evil.txt": en, "a\x00b.txt": en, "\u202egnp.txt": en}
    yield Item("zip/outside.zip", zipped(outside))
    sheet = zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"})
    yield Item("zip/sheet.xlsx", sheet, "unsupported-type")
    yield Item("zip/sheet.txt", sheet, "unsupported-type")
    inner = zipped({"a.txt": en})
    for depth in range(2, 6):
        inner = zipped({f"{depth}.zip": inner})
        yield Item(f"zip/nested-{depth}.zip", inner)
    yield Item("zip/many-members.zip", zipped({f"{n}.txt": "" for n in range(10_001)}), "too-large")
    yield Item("zip/bomb.zip", zipped({"a.txt": b"0" * 30_000_000, "b.txt": en}))
    bomb = zipped({"a.txt": b"0" * 30_000_000})
    for _ in range(4):
        bomb = zipped({f"{n}.zip": bomb for n in range(10)})
    yield Item("zip/bomb-of-bombs.zip", bomb)
    lying = bytearray(zipped({"a.txt": b"0" * 30_000_000}))
    struct.pack_into("<I", lying, lying.rfind(b"PK\x01\x02") + 24, 100)
    yield Item("zip/lying-size.zip", bytes(lying))
    locked = bytearray(inner)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.rfind(mark) + offset] |= 1
    yield Item("zip/locked.zip", bytes(locked))
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), "first")
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = 0o120777 << 16  # a symbolic link
        archive.writestr(info, "/etc/passwd")
    yield Item("zip/link.zip", two.getvalue())
    yield Item("zip/circle.zip", _overlapping(), ANY)
    yield Item("zip/head-only.zip", b"PK\x03\x04", "damaged-archive")
    yield Item("zip/end-only.zip", b"PK\x05\x06" + bytes(18), "empty")
    noted = zipped({"a.txt": en})[:-2] + struct.pack("<H", 4) + b"note"
    yield Item("zip/comment.zip", noted)


def _overlapping() -> bytes:
    """Three hundred directory entries that all point at the one compressed body."""
    one = zipped({"a.txt": b"0" * 5_000_000})
    start = one.rfind(b"PK\x01\x02")
    end = one.rfind(b"PK\x05\x06")
    entry = one[start:end]
    directory = b"".join(entry.replace(b"a.txt", f"{n:05d}".encode()) for n in range(300))
    tail = bytearray(one[end:])
    struct.pack_into("<HHII", tail, 8, 300, 300, len(directory), start)
    return one[:start] + directory + bytes(tail)


def _compressed(rng: random.Random) -> Iterator[Item]:
    data = TEXTS["en"].encode()
    squeezed = gzip.compress(data, mtime=0)
    frame = zstandard.ZstdCompressor().compress(data)
    yield Item("packed/good.txt.gz", squeezed, "book:en")
    yield Item("packed/good.txt.zst", frame, "book:en")
    yield Item(
        "packed/two-streams.txt.gz", gzip.compress(data[:900], mtime=0) + gzip.compress(data[900:], mtime=0), "book:en"
    )
    yield Item("packed/twice.txt.gz", gzip.compress(squeezed, mtime=0), "book:en")
    yield Item("packed/wrong-suffix.txt", squeezed, "book:en")
    deep = data
    for _ in range(5):
        deep = gzip.compress(deep, mtime=0)
    yield Item("packed/five-times.txt.gz", deep, "too-nested")
    bomb = gzip.compress(b"0" * 60_000_000, mtime=0)
    yield Item("packed/bomb.txt.gz", bomb, "archive-bomb")
    yield Item("packed/bomb.jsonl.gz", bomb, "archive-bomb|damaged-row")
    yield Item("packed/bomb.txt.zst", zstandard.ZstdCompressor().compress(b"0" * 60_000_000), "archive-bomb")
    wide = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=30))
    yield Item("packed/wide-window.txt.zst", wide.compressobj().compress(data) + b"", "damaged-archive|empty")
    for cut in (1, 9, 200):
        yield Item(f"packed/cut-{cut}.txt.gz", squeezed[:-cut], "damaged-archive")
        yield Item(f"packed/cut-{cut}.txt.zst", frame[:-cut])
    for n in range(6):
        for name, good in (("gz", squeezed), ("zst", frame)):
            bad = bytearray(good)
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
            yield Item(f"packed/flipped-{n}.txt.{name}", bytes(bad))
