"""Tables, marked-up pages, other programs' files, wrong suffixes and strange names."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.items import ANY, TEXTS, Item, epub, fb2, fb2_of, page
from tests.hostile.odd_archives import BILLION_LAUGHS, OUTSIDE

_MAGIC = {
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!\x1a\x07\x00",
    "elf": b"\x7fELF\x02\x01",
    "exe": b"MZ\x90\x00",
    "sqlite": b"SQLite format 3\x00",
    "chm": b"ITSF\x03\x00",
    "djvu": b"AT&TFORM",
}
_NAMES = (
    "كتاب.txt",
    "ספר.txt",
    "βιβλίο.txt",
    "किताब.txt",
    "หนังสือ.txt",
    "புத்தகம்.txt",
    "წიგნი.txt",
    "գիրք.txt",
    "책.txt",
    "本の虫.txt",
    "红楼梦\u3000第一回.txt",
    "Война и мир.txt",
    "መጽሐፍ.txt",
    "📚🐉.txt",
    "𒁾.txt",
    "དེབ.txt",
    "e\u0301t\u0435\u0308.txt",
    "book\u202etxt.exe.txt",
    "two\nlines.txt",
    "a\tb.txt",
    "\x1b[31mred\x1b[0m.txt",
    "-o.txt",
    "a#b#7.txt",
    "a!b!c.txt",
    "a@b.txt",
    "100%25.txt",
    "   .  .txt",
    "<b>&amp;.txt",
    "[bold]x[/bold].txt",
    "CON.txt",
    "a\\..\\b.txt",
    "[a-z]*?.txt",
    "a#volume-1.txt",
    '"it\'s" `x` $(y).txt',
    "n" * 240 + ".txt",
)


def odd_forms(rng: random.Random) -> Iterator[Item]:
    """Everything that is neither plain text nor packed."""
    yield from _rows()
    yield from _parquet(rng)
    yield from _marked_up()
    yield from _other_programs(rng)
    yield from _wrong_suffixes()
    for name in _NAMES:
        yield Item(f"names/{name}", TEXTS["zh"].encode(), "book:zh")


def _rows() -> Iterator[Item]:
    good = json.dumps({"text": TEXTS["en"], "title": "T"})
    yield Item("rows/good.jsonl", f"{good}\n".encode())
    yield Item("rows/no-suffix", f"{good}\n".encode())
    yield Item("rows/wrong-suffix.txt", f"{good}\n".encode())
    yield Item("rows/mark.jsonl", b"\xef\xbb\xbf" + good.encode())
    yield Item("rows/utf-16.jsonl", good.encode("utf-16"), "damaged-row")
    yield Item("rows/empty.jsonl", b"", "empty")
    yield Item("rows/blank.jsonl", b"\n\n  \n", "empty")
    yield Item("rows/broken-among-good.jsonl", f'{{"text": "x\n{good}\n]]\n"a"\n17\nnull\n'.encode())
    yield Item("rows/deep.jsonl", b"[" * 200_000 + b"\n" + b'{"a":' * 200_000 + b"\n")
    yield Item("rows/types.jsonl", b'{"text": 1}\n{"text": null}\n{"text": ["a"]}\n{"text": {}}\n{"text": NaN}\n')
    yield Item("rows/digits.jsonl", b'{"text": ' + b"9" * 9_000 + b"}\n")
    surrogate = json.dumps({"text": TEXTS["en"] + " \ud800\udc00 \ud800", "title": "\udfff", "author": ["\ud800", 1]})
    yield Item("rows/surrogates.jsonl", surrogate.encode("ascii"))
    yield Item("rows/nul.jsonl", json.dumps({"text": TEXTS["en"].replace(" ", " \0"), "title": "\0\x1b[31m"}).encode())
    yield Item("rows/language.jsonl", json.dumps({"text": TEXTS["en"] + "!", "language": "xx" * 999}).encode())
    yield Item("rows/other-columns.jsonl", b'{"body": "x"}\n', "no-text-column")
    yield Item("rows/cut.jsonl", good.encode()[:-40])
    yield Item("rows/array.jsonl", f"[{good}]".encode())


def _parquet(rng: random.Random) -> Iterator[Item]:
    en = TEXTS["en"]
    good = _table({"text": [en], "title": ["T"]})
    yield Item("parquet/good.parquet", good)
    yield Item("parquet/wrong-suffix.txt", good)
    yield Item("parquet/no-rows.parquet", _table({"text": pa.array([], pa.string())}), "empty")
    yield Item("parquet/no-text.parquet", _table({"body": [en]}), "no-text-column")
    yield Item("parquet/numbers.parquet", _table({"text": [1, 2, None]}))
    yield Item("parquet/lists.parquet", _table({"text": [[en], []]}))
    yield Item("parquet/bytes.parquet", _table({"text": [en.encode(), b"\xff"]}))
    yield Item(
        "parquet/no-utf-8.parquet", _table({"text": pa.array([b"\xff\xfe" * 500]).cast(pa.string(), safe=False)})
    )
    # one text of 3 MB under thirty rows is a small file and 90 MB of rows
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * 30, pa.int32()), pa.array(["0 " * 1_500_000]))
    yield Item("parquet/dictionary-bomb.parquet", _table({"text": repeated}))
    for tenth in (1, 5, 9):
        yield Item(f"parquet/cut-{tenth}.parquet", good[: len(good) * tenth // 10], "damaged-parquet")
    for n in range(10):
        bad = bytearray(good)
        bad[rng.randrange(4, len(bad))] ^= 1 << rng.randrange(8)
        yield Item(f"parquet/flipped-{n}.parquet", bytes(bad))


def _table(columns: dict[str, object]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


def _marked_up() -> Iterator[Item]:
    en = TEXTS["en"]
    yield Item("pages/good.html", page("en").encode(), "book:en")
    yield Item("pages/utf-16.html", page("en").encode("utf-16"), "book:en")
    lying = page("ru-plain").replace("<head>", "<head><meta charset='utf-8'>")
    yield Item("pages/lying-charset.html", lying.encode("cp1251"), "book:ru-plain")
    unknown = page("ru-plain").replace("<head>", "<head><meta charset='klingon'>")
    yield Item("pages/unknown-charset.html", unknown.encode("koi8-r"), "book:ru-plain")
    yield Item(
        "pages/codec-that-is-none.html", page("en").replace("<head>", "<head><meta charset='zlib'>").encode(), "book:en"
    )
    yield Item("pages/script-unclosed.html", ("<html><script>" + page("en")).encode())
    yield Item("pages/comment-unclosed.html", ("<html><!--" * 9_000 + page("en")).encode())
    yield Item("pages/nested.html", ("<html>" + "<div>" * 90_000 + page("en")).encode())
    yield Item(
        "pages/attributes.html", ("<html " + " ".join(f"a{n}='x'" for n in range(30_000)) + ">" + page("en")).encode()
    )
    yield Item("pages/entities.html", page("en").replace("</p>", "&#xD800;&#0;&#x110000;&nosuch;</p>").encode())
    yield Item("pages/outside.html", (f"<html><body><iframe src='file:///etc/passwd'></iframe>{page('en')}").encode())
    yield Item("pages/laughs.html", (BILLION_LAUGHS + page("en") + "&j;").encode())
    yield Item("pages/empty.html", b"<html></html>", "empty|too-short")
    yield Item("fb2/good.fb2", fb2_of("ru"), "book:ru")
    yield Item("fb2/cp1251.fb2", fb2_of("ru-plain", "cp1251"), "book:ru-plain")
    yield Item("fb2/utf-16.fb2", fb2_of("ru", "utf-16"), "book:ru")
    yield Item("fb2/wrong-suffix.txt", fb2_of("ru"), "book:ru")
    yield Item("fb2/laughs.fb2", fb2("<p>&j;</p>", BILLION_LAUGHS), "unsafe-xml")
    yield Item("fb2/outside.fb2", fb2("<p>&a;</p>", OUTSIDE), "unsafe-xml")
    yield Item("fb2/cut.fb2", fb2_of("ru")[:-100], "damaged-xml")
    yield Item("fb2/nested.fb2", fb2("<section>" * 9_000 + "</section>" * 9_000), "too-nested")
    yield Item("fb2/endless.fb2", fb2("<p/>" * 1_100_000), "too-large")
    yield Item("fb2/empty.fb2", fb2(""), "empty")
    yield Item("fb2/lying-encoding.fb2", fb2_of("ru").replace(b"utf-8", b"cp1251", 1))
    yield Item("fb2/control.fb2", fb2("<p>\x01\x02</p>"), "damaged-xml")
    yield Item("markdown/good.md", en.encode(), ANY)
    yield Item("markdown/marks.md", ("*_`[]()!#>~|\\" * 9_000).encode())
    yield Item("markdown/front-unclosed.md", ("---\ntitle: x\n" + en).encode())
    yield Item("markdown/fence-unclosed.md", ("```\n" + en).encode())


def _other_programs(rng: random.Random) -> Iterator[Item]:
    for name, magic in _MAGIC.items():
        refusal = "binary|unsupported-type"
        yield Item(f"programs/{name}.txt", magic + rng.randbytes(3_000), refusal)
        yield Item(f"programs/{name}", magic + rng.randbytes(3_000), refusal)
    for suffix in ("txt", "md", "html", "fb2", "epub", "jsonl", "parquet", "zip", "gz", "zst", "bin"):
        yield Item(
            f"noise/noise.{suffix}", rng.randbytes(3_000), "binary|unsupported-type|undecodable|damaged-row|damaged-xml"
        )
        yield Item(f"noise/empty.{suffix}", b"", "empty|unsupported-type")
        yield Item(f"noise/one-byte.{suffix}", b"\xff", ANY)


def _wrong_suffixes() -> Iterator[Item]:
    en = TEXTS["en"].encode()
    for suffix in ("html", "htm", "fb2", "epub", "jsonl", "parquet", "zip", "gz", "zst", "TXT", "text", "mobi", "xyz"):
        yield Item(f"suffix/text.{suffix}", en, "book:en")
    yield Item("suffix/text", en, "book:en")
    for suffix in ("csv", "json", "py", "log"):
        yield Item(f"suffix/text.{suffix}", en, "unsupported-type")
    yield Item("suffix/page.txt", page("en").encode(), "book:en")
    yield Item("suffix/page.epub", page("en").encode(), "book:en")
    yield Item("suffix/book.html", epub({"a.xhtml": page("en")}), "book:en")
    yield Item("suffix/book.jsonl", epub({"a.xhtml": page("en")}), "book:en")
    yield Item("suffix/README", en, "unsupported-type")
