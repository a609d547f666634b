"""Text files in every encoding, misread, mixed, cut, and full of what Unicode allows."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.hostile.items import ANY, TEXTS, Item

_RUSSIAN = ("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_MARKED = ("utf-8-sig", "utf-16", "utf-32")
_ENCODINGS = {
    "ru-plain": (*_RUSSIAN, "utf-8", "utf-7", *_WIDE, *_MARKED),
    "zh-plain": ("gb18030", "gbk", "gb2312", "hz", "utf-8", "utf-7", *_WIDE, *_MARKED),
    "en": ("cp1252", "mac-roman", "utf-8", "utf-7", *_WIDE, *_MARKED),
}
_MISREAD = ("cp1251", "koi8-r", "cp866", "mac-roman", "cp437", "latin-1", "cp1252", "iso8859-5", "mac-cyrillic")
_LOST = "\ufffd".encode()
_LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def odd_texts(rng: random.Random) -> Iterator[Item]:
    """Plain text files."""
    yield from _encoded()
    yield from _misread()
    yield from _mixed_and_cut()
    yield from _strange_characters(rng)
    yield from _endless()
    yield from _languages(rng)


def _encoded() -> Iterator[Item]:
    for key, encodings in _ENCODINGS.items():
        for encoding in encodings:
            for name, end in _LINE_ENDS.items():
                data = TEXTS[key].replace("\n", end).encode(encoding)
                yield Item(f"encoded/{key}.{encoding}.{name}.txt", data, f"book:{key}")


def _misread() -> Iterator[Item]:
    for encoding in _MISREAD:
        data = TEXTS["ru"].encode().decode(encoding, "replace").encode()
        yield Item(f"misread/utf-8-as-{encoding}.txt", data, "undecodable" if _LOST in data else "book:ru")
    for truth in _RUSSIAN:
        for read_as in _RUSSIAN:
            if truth != read_as:
                data = TEXTS["ru-plain"].encode(truth).decode(read_as, "replace").encode()
                # Mac Cyrillic read as Windows still looks Russian: the small letters are the same
                sure = _LOST not in data and {truth, read_as} != {"cp1251", "mac-cyrillic"}
                yield Item(f"misread/{truth}-as-{read_as}.txt", data, "book:ru-plain" if sure else ANY)
    for encoding in ("gbk", "big5", "shift_jis", "euc-kr"):
        data = TEXTS["zh"].encode().decode(encoding, "replace").encode()
        yield Item(f"misread/utf-8-as-{encoding}.txt", data, "undecodable")
    twice = TEXTS["ru"].encode().decode("latin-1").encode().decode("latin-1").encode()
    yield Item("misread/twice.txt", twice, "book:ru")


def _mixed_and_cut() -> Iterator[Item]:
    ru, zh, en = TEXTS["ru-plain"], TEXTS["zh-plain"], TEXTS["en"]
    mixes = {
        "utf-8+cp1251": ru.encode() + ru.encode("cp1251"),
        "cp1251+koi8-r": ru.encode("cp1251") + ru.encode("koi8-r"),
        "utf-8+utf-16": en.encode() + en.encode("utf-16-le"),
        "utf-16+utf-8": en.encode("utf-16") + en.encode(),
        "gbk+utf-8": zh.encode("gbk") + zh.encode(),
        "utf-8-mark+cp1251": b"\xef\xbb\xbf" + ru.encode("cp1251"),
        "utf-16-mark+utf-8": b"\xff\xfe" + en.encode(),
        "utf-32-mark+utf-16": b"\xff\xfe\x00\x00" + en.encode("utf-16-le"),
        "lines-by-turns": b"\n".join(
            line.encode(("utf-8", "cp1251", "koi8-r")[n % 3], "replace") for n, line in enumerate(ru.split("\n"))
        ),
    }
    sure = {"utf-8-mark+cp1251": "book:ru-plain", "utf-16-mark+utf-8": "book:en", "cp1251+koi8-r": "undecodable"}
    for name, data in mixes.items():
        yield Item(f"mixed/{name}.txt", data, sure.get(name, ANY))
    for cut in (1, 2, 3):
        yield Item(f"cut/utf-8-{cut}.txt", ru.encode()[:-cut])
        yield Item(f"cut/utf-16-{cut}.txt", ru.encode("utf-16")[:-cut])
        yield Item(f"cut/utf-32-{cut}.txt", ru.encode("utf-32")[:-cut])
        yield Item(f"cut/gb18030-{cut}.txt", zh.encode("gb18030")[:-cut])


def _strange_characters(rng: random.Random) -> Iterator[Item]:
    en, ru = TEXTS["en"], TEXTS["ru"]
    strange = {
        "override": "\u202e".join(en.split(" ")),
        "isolates": "\u2066".join(en.split(" ")),
        "zalgo": "".join(c + "\u0301\u0316\u0334" * 5 for c in en[:900]),
        "marks-only": "\u0301" * 3_000,
        "zero-width": "\u200b".join(en),
        "joiners": "\u200d".join(en[:900]),
        "private-use": "".join(chr(0xE000 + n % 6_000) for n in range(3_000)),
        "noncharacters": en + "\ufffe\uffff\U0001ffff" * 20,
        "tags": en + "".join(chr(0xE0020 + n % 90) for n in range(500)),
        "emoji": "😀👩‍👩‍👧‍👦🏳️‍🌈 " * 400,
        "astral": "".join(chr(0x1D400 + ord(c) - 97) if "a" <= c <= "z" else c for c in en),
        "full-width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in en),
        "decomposed": "".join(c + "\u0308" if c in "ае" else c for c in ru),
        "hangul-parts": "\u1112\u1161\u11ab " * 900,
        "every-character": "".join(map(chr, [*range(32, 0xD800), *range(0xE000, 0x2_0000)])),
        "one-word": "a" * 5_000,
        "punctuation": "?!.,;:" * 900,
        "quotes": "“" * 3_000,
        "breaks": "* * *\n\n" * 900,
        "headings": "".join(f"Chapter {n}\n\n" for n in range(1, 400)),
        "separators": "\u2028".join(en.split("\n")),
        "form-feeds": "\f".join(en.split("\n\n")),
        "lowercase-hex": "".join(rng.choice("0123456789abcdef") for _ in range(5_000)),
    }
    for name, text in strange.items():
        yield Item(f"strange/{name}.txt", text.encode("utf-8"))
    marked = {
        "nul-between": (b"\0".join(bytes([b]) for b in en.encode("ascii", "ignore")), ANY),
        "nul-only": (bytes(5_000), "empty"),
        "nul-few": (en.encode()[:800] + b"\0" + en.encode()[800:], "binary"),
        "controls": (bytes(range(1, 32)) * 200, "binary"),
        "escapes": ("\x1b[31m".join(en.split(" ")).encode(), ANY),
        "surrogates": (en.encode() + b"\xed\xa0\x80\xed\xb0\x80" * 5, ANY),
        "cesu": ("".join(chr(0x1F600 + n % 50) for n in range(300)).encode("utf-16-le"), ANY),
        "overlong": (en.encode() + b"\xc0\xaf\xc0\xae" * 9, ANY),
        "five-bytes": (en.encode() + b"\xf8\x88\x80\x80\x80" * 5, ANY),
        "marks-inside": (en.replace("\n\n", "\n\n\ufeff").encode(), "book:en"),
        "soft-hyphens": ("\u00ad".join(en).replace("\u00ad\n", "\n").encode(), "book:en"),
        "end-of-file-mark": (en.encode() + b"\x1a", "book:en"),
    }
    for name, (data, expect) in marked.items():
        yield Item(f"strange/{name}.txt", data, expect)


def _endless() -> Iterator[Item]:
    en = TEXTS["en"]
    title, rest = en.split("\n\n", 1)
    yield Item("endless/one-line-of-50-MB.txt", b"0123456789 " * 4_600_000, "language-unsure")
    yield Item("endless/spaces.txt", b"word" + b" " * 5_000_000 + b"word", "too-short")
    yield Item("endless/a-million-blank-lines.txt", f"{title}{chr(10) * 1_000_000}{rest}".encode(), "book:en")
    yield Item(
        "endless/a-million-lines-of-spaces.txt", f"{title}{' ' + chr(10):s}".encode() + b" \n" * 999_999, "too-short"
    )
    yield Item("endless/short-lines.txt", b"a\nb\n" * 600_000, "too-large")
    yield Item("endless/breaks.txt", b"*" * 3_000_000)
    yield Item("endless/dots.txt", b". " * 500_000)


def _languages(rng: random.Random) -> Iterator[Item]:
    ru, zh, en = TEXTS["ru"], TEXTS["zh"], TEXTS["en"]
    finnish = (
        "Vanha mies istui meren rannalla ja korjasi verkkojaan koko päivän, kunnes myrsky nousi ja aallot "
        "löivät laituria vasten. Hän katsoi taivaalle, mutta ei sanonut mitään, sillä hän tiesi jo mitä oli "
        "tulossa. Kylän lapset juoksivat kotiin, ja ikkunoihin syttyivät valot yksi toisensa jälkeen. "
    )
    yield Item("language/finnish.txt", (finnish * 4).encode(), "language-unsupported")
    yield Item("language/three-in-turn.txt", f"{en[:1500]}\n\n{ru[:1500]}\n\n{zh[:700]}".encode())
    yield Item("language/table.txt", "\n".join(f"{n} | {n * 7} | {n % 9}" for n in range(400)).encode())
    letters = "".join(rng.choice("bcdfghjklmnpqrstvwxz ") for _ in range(4_000))
    yield Item("language/letters.txt", letters.encode())
    yield Item("language/code.txt", b"for (int i = 0; i < n; ++i) { x[i] = y[i] * z; }\n" * 80)
    yield Item("language/digits.txt", b"3.14159 26535\n" * 300, "language-unsure")
    yield Item("language/tiny.txt", b"Hi.", "too-short")
    yield Item("language/empty.txt", b"", "empty")
    yield Item("language/blank.txt", b" \r\n\t\n" * 900, "empty")
