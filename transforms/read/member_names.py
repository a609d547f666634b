"""Names of the members of a zip archive. One that is not marked as UTF-8 is in whatever its program wrote."""

from __future__ import annotations

import posixpath
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from zipfile import ZipInfo

from scenesign.transforms.text.encodings import score_cyrillic, score_script, script_of
from scenesign.transforms.text.guess import likely_encodings

_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075  # extra field of Info-ZIP: version, CRC-32 of the name it stands for, the name in UTF-8
_STANDARD = "cp437"
# What systems wrote names of files in: DOS, Windows, and UNIX in Russia and Japan.
_SYSTEMS = frozenset(
    {
        *(f"cp{page}" for page in (437, 720, 737, 775, 850, 852, 857, 860, 861, 862, 865, 866, 874)),
        *(f"cp{page}" for page in range(1250, 1259)),
        *("koi8-r", "gb18030", "big5hkscs", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949"),
    }
)
_RUSSIAN = ("cp866", "cp1251", "koi8-r")
_FEW_LETTERS, _LEAST_RUSSIAN = 3, 0.1
_WORD_ENDS = re.compile(rb"[ ./\n-]+")


def member_names(infos: Sequence[ZipInfo]) -> list[str]:
    """The members' names in order, each once: a second one of a name is numbered.

    Names that are not marked as UTF-8 are in one encoding, told by all of them together; where that can't be told they
    are cp437, as the format has it.
    """
    raw = [_raw(info) for info in infos]
    unknown = [name for info, name in zip(infos, raw, strict=True) if name is not None and _stated(info, name) is None]
    encoding = _encoding_of(unknown)
    names = []
    taken: set[str] = set()
    for info, name in zip(infos, raw, strict=True):
        shown = info.filename if name is None else _stated(info, name) or name.decode(encoding, "replace")
        for unique in _numbered(shown.partition("\0")[0]):
            if unique not in taken:
                break
        taken.add(unique)
        names.append(unique)
    return names


def _raw(info: ZipInfo) -> bytes | None:
    """The bytes of a name that is not marked as UTF-8."""
    return None if info.flag_bits & _UTF8_FLAG else info.orig_filename.encode(_STANDARD)


def _stated(info: ZipInfo, raw: bytes) -> str | None:
    """A name that needs no guess: all ASCII, or said again in UTF-8."""
    if raw.isascii():
        return raw.decode("ascii")
    at = 0
    while at + 4 <= len(info.extra):
        kind, size = struct.unpack_from("<HH", info.extra, at)
        field = info.extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and struct.unpack_from("<L", field, 1)[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
        at += 4 + size
    return None


def _encoding_of(names: Sequence[bytes]) -> str:
    try:
        b"\n".join(names).decode("utf-8")
    except UnicodeDecodeError:
        guess = likely_encodings(b"\n".join(sorted(set(names))), among=_SYSTEMS)
        encoding = guess.encodings[0] if guess.sure else _STANDARD
        # a few letters among ASCII say little to statistics, but a word of capital and small letters is hardly chance
        words = b" ".join(word for word in _WORD_ENDS.split(b"\n".join(names)) if not word.isascii())
        if not script_of(encoding) or score_script(words.decode(encoding, "replace"), encoding) < 1:
            return next((name for name in _RUSSIAN if _reads_russian(words.decode(name, "replace"), name)), encoding)
        return encoding
    return "utf-8"


def _reads_russian(words: str, encoding: str) -> bool:
    small = sum("а" <= char <= "я" for char in words)
    return small > _FEW_LETTERS and score_script(words, encoding) == 1 and score_cyrillic(words) >= _LEAST_RUSSIAN


def _numbered(name: str) -> Iterator[str]:
    """`a.txt`, `a (2).txt`, `a (3).txt`, ..."""
    yield name
    stem, suffix = posixpath.splitext(name)
    number = 2
    while True:
        yield f"{stem} ({number}){suffix}"
        number += 1
