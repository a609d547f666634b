"""Bytes of a text file to text: which encoding they are in."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from scenesign.schemas.records import RejectError
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.charsets import known_codec
from scenesign.transforms.text.encodings import CYRILLIC, FAMILIES, LATIN, score_cyrillic, script_of
from scenesign.transforms.text.guess import likely_encodings
from scenesign.transforms.text.lines import limit_lines
from scenesign.transforms.text.repair import repair

# Files that are something else, by their first bytes; what to do comes with the refusal.
_MAGIC = (
    (b"%PDF-", "a PDF: convert it to text or EPUB first"),
    (b"{\\rtf", "an RTF document: save it as plain text first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document: save it as plain text first"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"ITSF", "a CHM help file: convert it to HTML first"),
    (b"AT&TFORM", "a DjVu scan: convert it to text first"),
)
# Longest first: the UTF-32 mark begins with that of UTF-16.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
# Encodings that hide other scripts in ASCII, what opens such a passage, and the codecs that may know all of it.
_SEVEN_BIT = (
    (re.compile(rb"~\{(?:[!-w][!-~])+~\}"), ("hz",)),
    (
        re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\([IJ])"),
        ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_2004"),
    ),
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (re.compile(rb"\+[A-Za-z0-9+/]{3,}"), ("utf-7",)),
)
_CHINESE_ESCAPE = re.compile(rb"\x1b\$\)[AEG]")  # ISO-2022-CN, which Python has no codec for
_LEAST_SEVEN_BIT = 0.1  # share of letters beyond ASCII that proves it
_SAMPLE_BYTES = 20_000
_LEAST_FOREIGN = 40  # bytes beyond ASCII in the samples, to tell one encoding by
_LEAST_MARKED = 400  # bytes; in fewer a mark is believed
_LEAST_PIECE = 0.2  # score of a piece of Russian below which it is in another encoding than the rest
_MOST_CONTROLS = 0.002  # share of control characters above which a file is no text
_MOST_DAMAGED = 0.001  # share of unreadable characters we put up with in an otherwise sound file
# U+0085 ends a line, but not inside a letter of UTF-8 that was misread, nor where its neighbours are quotes of cp1252.
_NEXT_LINE = re.compile("(?<![\x80-\xff])\x85")
_HIGH_CONTROLS = "\x91\x92\x93\x94\x96\x97"
# The same byte between ASCII: as a line end it follows a mark or comes before a capital, and no space comes after.
_LINE_END_BYTE = re.compile(
    rb"(?<=[\w.,;:!?\"')\]\n\x85])\x85(?=[\w(\x85\xc0-\xff]|\Z)|(?<=[.,;:!?\"')\]])\x85(?=[\"'])", re.ASCII
)
_SURE_LINE_END_BYTE = re.compile(rb"(?<=[.,;:!?\"')\]\n\x85])\x85(?!\Z)|\x85(?=[A-Z0-9(\x85])")
_OTHER_CONTROL_BYTES = bytes(byte for byte in range(0x80, 0xA0) if byte != 0x85)
_ASCII = bytes(range(128))
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1a\x1b")


@dataclass(frozen=True)
class Decoded:
    """Text and where it came from. encoding: Python's codec name. notes: repairs made, for the manifest."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, language: str | None = None, most_lines: int = Limits.book_lines) -> Decoded:
    """Text of a file. `language` (ISO 639-1), if known, narrows the encodings that are tried.

    Raises RejectError: `empty`, `binary`, `undecodable`, or `too-large` for more than `most_lines` lines.
    """
    text, encoding, notes = _decode(_with_line_feeds(data), language)
    if "\x85" in text and not any(control in text for control in _HIGH_CONTROLS):
        text = _NEXT_LINE.sub("\n", text)
    text, repairs = repair(limit_lines(text.removeprefix("\ufeff"), most_lines))
    if not text.strip():
        raise RejectError("empty", "the file holds no text")
    return Decoded(text, encoding, notes + repairs)


def decode_declared(data: bytes, language: str | None, most_lines: int = Limits.book_lines) -> tuple[str, str]:
    """Text by the encoding the file declares, if its bytes agree; else as any text file. Raises as `decode` does."""
    declared = _CHARSET.search(data[:4096])
    name = known_codec(declared[1].decode("ascii")) if declared else ""
    if name and not name.startswith(("utf-16", "utf-32")) and not data.startswith(tuple(mark for mark, _ in _BOMS)):
        try:
            text = data.decode(name)
        except UnicodeError:
            name = ""
        if name and not _is_belied(data, name):
            return limit_lines(text, most_lines), name
    decoded = decode(data, language, most_lines)
    return decoded.text, decoded.encoding


def _is_belied(data: bytes, declared: str) -> bool:
    """Whether bytes that a declared encoding can read are certainly in another: a template's line, never set right."""
    if data.isascii() or declared == "utf-8":
        return False
    if _decode_utf8(data) is not None:
        return True
    guess = likely_encodings(b"\n".join(_samples(data))) if declared in LATIN else None
    return guess is not None and guess.sure and bool(script_of(guess.encodings[0]))


def _with_line_feeds(data: bytes) -> bytes:
    """Bytes whose 0x85 end lines, as IBM's hosts have them; in cp1252 it is an ellipsis, in cp437 a letter.

    It ends lines when it stands alone among the bytes 0x80 to 0x9F, always where a line may end, and in half of the
    places where neither an ellipsis nor a letter would stand.
    """
    count = data.count(b"\x85")
    if not count or b"\0" in data or len(data.translate(None, _OTHER_CONTROL_BYTES)) < len(data):
        return data
    ends = len(_LINE_END_BYTE.findall(data)) == count and len(_SURE_LINE_END_BYTE.findall(data)) >= count / 2
    return data.replace(b"\x85", b"\n") if ends else data


def _decode(data: bytes, language: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Text, encoding and notes, before any repair."""
    if not data.strip(b" \t\r\n\0"):
        raise RejectError("empty", "the file holds no text")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_marked(data[len(mark) :], encoding, language)
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise RejectError("binary", f"this is {what}")
    if b"\0" in data:
        return _decode_wide(data)
    seven_bit = _decode_seven_bit(data) if data.isascii() else None
    if seven_bit is not None:
        return seven_bit
    if len(data.translate(None, _CONTROLS)) < len(data) * (1 - _MOST_CONTROLS) - 2:
        # a short text of ideographs alone has no zero byte in UTF-16
        if len(data) % 2 == 0 and (wide := _read_wide(data)):
            return wide
        raise RejectError(
            "binary", "too many control characters for a text; is this a program, an image or an archive?"
        )
    strict = _decode_utf8(data)
    if strict is not None:
        return strict
    return _decode_legacy(data, language)


def _lossy(data: bytes, encoding: str) -> tuple[str, str, tuple[str, ...]] | None:
    """Decodes with U+FFFD for damage; None when there is more of it than a sound file could have."""
    text = data.decode(encoding, "replace")
    # a byte short of a character at the end is a cut download, not damage worth a note
    bad = text.count("\ufffd", 0, len(text) - 1)
    if bad > max(1, len(text) * _MOST_DAMAGED):
        return None
    if text.endswith("\ufffd"):
        text = text[:-1]
    return text, encoding, (f"{bad} unreadable characters became U+FFFD",) if bad else ()


def _decode_marked(data: bytes, encoding: str, language: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Text behind a byte-order mark, which some editor may have put before something else."""
    # UTF-16 and UTF-32 write every space and line end with zero bytes, other encodings none
    lies = b"\0" not in data if encoding != "utf-8" else _lossy(data, encoding) is None
    if lies and len(data) > _LEAST_MARKED:
        text, found, notes = _decode(data, language)
        return text, found, (f"the file's mark says {encoding}, but it is {found}", *notes)
    result = _lossy(data, encoding)
    if result is None:
        raise RejectError(
            "undecodable", f"the file's mark says {encoding}, but its bytes don't; save it again as UTF-8"
        )
    if _is_noise(result[0]):
        raise RejectError("binary", f"the file begins with the mark of {encoding}, but what follows is no text")
    return result


def _is_noise(text: str) -> bool:
    controls = sum(text.count(chr(code)) for code in _CONTROLS)
    return controls > len(text) * _MOST_CONTROLS + 2


def _decode_wide(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """UTF-16 or UTF-32 without a mark. Raises RejectError `binary`."""
    if result := _read_wide(data):
        return result
    raise RejectError("binary", "zero bytes where no text has them: is this a program, an image or a database?")


def _read_wide(data: bytes) -> tuple[str, str, tuple[str, ...]] | None:
    """The same, told by where the zero bytes of ASCII characters lie; None where they are no text."""
    head = data[: _SAMPLE_BYTES // 4 * 4]
    zeros = [head[lane::4].count(0) * 4 / len(head) for lane in range(4)]
    # the low byte of some letters is zero too, that of a frequent Chinese one among them
    if zeros[2] > 0.9 and zeros[3] > 0.9 and zeros[0] < 0.25:
        encoding = "utf-32-le"
    elif zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.25:
        encoding = "utf-32-be"
    else:
        # the right byte order shows spaces, line ends and common punctuation; the wrong one hardly any
        encoding = max(("utf-16-le", "utf-16-be"), key=lambda name: _spaced_share(head.decode(name, "replace")))
    result = _lossy(data, encoding)
    if result is not None:
        text = result[0]
        if not _is_noise(text) and _strange_share(text) < 0.02 < _spaced_share(text[: len(head)]):
            return result
    return None


def _spaced_share(text: str) -> float:
    """Share of spaces, line ends and the punctuation of any script: about .1 in a text, little in noise."""
    return sum(map(text.count, " \n\r.,、。，！？：；“”")) / max(1, len(text))


def _strange_share(text: str) -> float:
    """Share of characters that no text holds: unassigned, private use, lone surrogates."""
    sample = text[:5_000]
    return sum(unicodedata.category(char) in ("Cn", "Co", "Cs") for char in sample) / max(1, len(sample))


def _decode_utf8(data: bytes) -> tuple[str, str, tuple[str, ...]] | None:
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and error.start >= len(data) - 3
        if cut and not data[: error.start].isascii():
            return data[: error.start].decode("utf-8"), "utf-8", ()
    # a few broken bytes amid much sound UTF-8: no other encoding looks like that by accident
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    sound = sum(1 for char in text[:200_000] if char > "\x7f") - bad
    return _lossy(data, "utf-8") if sound > 20 * bad else None


def _decode_seven_bit(data: bytes) -> tuple[str, str, tuple[str, ...]] | None:
    """Text that was squeezed into ASCII: UTF-7, HZ and ISO-2022; None for what is plain ASCII.

    Each writes letters beyond ASCII as ASCII between two marks. Marks that occur by chance decode to nothing of
    any language, or not at all.
    """
    for mark, names in _SEVEN_BIT:
        if mark.search(data):
            for encoding in names:
                try:
                    text = data.decode(encoding)
                except UnicodeError:
                    continue
                letters = sum(char.isalpha() for char in text)
                foreign = sum(char > "\x7f" and char.isalpha() for char in text)
                if foreign >= _LEAST_SEVEN_BIT * letters and _strange_share(text) < 0.02 and not _is_noise(text):
                    return text, encoding, ()
    if _CHINESE_ESCAPE.search(data):
        raise RejectError("undecodable", "the text is in ISO-2022-CN, which is not read; save it as UTF-8")
    return None


def _decode_legacy(data: bytes, language: str | None) -> tuple[str, str, tuple[str, ...]]:
    """The single-byte and East Asian encodings: the likeliest whose text reads as its language does."""
    sample = b"\n".join(_samples(data))
    guess = likely_encodings(sample, language)
    notes = () if guess.sure else ("encoding unsure: the few letters beyond ASCII may be wrong",)
    for encoding in guess.encodings:
        readings = [found for name in FAMILIES.get(encoding, (encoding,)) if (found := _lossy(data, name))]
        if readings:
            result = min(readings, key=lambda found: found[0].count("\ufffd"))
            if encoding in CYRILLIC and _is_mixed(result[0]):
                raise RejectError("undecodable", "parts of the file are in different encodings; save each as UTF-8")
            return result[0], result[1], result[2] + notes
    raise RejectError("undecodable", "no known encoding makes sense of this file; save it as UTF-8, or name --language")


def _is_mixed(text: str) -> bool:
    """Whether some long piece of a Russian text is noise: two files in different encodings were put together."""
    size = max(1_000, len(text) // 16)
    pieces = (text[start : start + size] for start in range(0, len(text), size))
    return any(len(piece) == size and _is_wrong_russian(piece) for piece in pieces)


def _is_wrong_russian(piece: str) -> bool:
    letters = sum(count for char, count in Counter(piece).items() if "А" <= char <= "я")
    return letters > len(piece) / 2 and score_cyrillic(piece) < _LEAST_PIECE


def _foreign(data: bytes) -> int:
    """How many bytes are beyond ASCII."""
    return len(data.translate(None, _ASCII))


def _samples(data: bytes) -> list[bytes]:
    """Pieces from the start, middle and end, cut at line ends so that no character is cut in two.

    An English book may have its three accents elsewhere: then the lines that hold them.
    """
    if len(data) <= 3 * _SAMPLE_BYTES:
        return [data]
    pieces = []
    for start in (0, len(data) // 2, len(data) - _SAMPLE_BYTES):
        piece = data[start : start + _SAMPLE_BYTES]
        first = piece.find(b"\n") + 1 if start else 0
        pieces.append(piece[first : piece.rfind(b"\n") + 1] or piece)
    if sum(map(_foreign, pieces)) >= _LEAST_FOREIGN:
        return pieces
    lines = b"\n".join(line for line in data.splitlines() if not line.isascii())
    return [lines[: 3 * _SAMPLE_BYTES]]
