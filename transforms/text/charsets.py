"""Names of encodings that a file may declare: only those that turn bytes into the letters of a language."""

from __future__ import annotations

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

# Python knows more codecs by name than encodings of text: some take quadratic time, some unpack, some run escapes.
CODECS = frozenset(
    {
        *("ascii", "utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"),
        *("latin_1", *(f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16))),
        *(f"cp{page}" for page in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874, 1125)),
        *(
            f"cp{page}"
            for page in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869)
        ),
        *("koi8_r", "koi8_u", "koi8_t", "kz1048", "ptcp154", "tis_620", "hp_roman8"),
        *("mac_roman", "mac_latin2", "mac_cyrillic", "mac_greek", "mac_turkish", "mac_iceland"),
        *("gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950"),
        *("shift_jis", "cp932", "shift_jis_2004", "shift_jisx0213", "euc_jp", "euc_jis_2004", "euc_jisx0213"),
        *("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext"),
        *("euc_kr", "cp949", "johab", "iso2022_kr"),
    }
)
# Labels of web pages that Python doesn't know, and those that stand for a superset.
_WEB = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "latin_1": "cp1252",
    "ascii": "cp1252",
    "euc_kr": "cp949",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "shift_jis": "cp932",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "windows_874": "cp874",
    "windows_949": "cp949",
    "x_sjis": "cp932",
    "x_euc_jp": "euc_jp",
    "x_gbk": "gb18030",
    "x_x_big5": "big5hkscs",
    "x_mac_roman": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_ukrainian": "mac_cyrillic",
    "windows_31j": "cp932",
    "gb_2312_80": "gb18030",
    "koi8": "koi8_r",
    "koi8_ru": "koi8_u",
    "utf_8_sig": "utf_8",
    "unicode_1_1_utf_8": "utf_8",
    "x_unicode20utf8": "utf_8",
}
_PAGE = re.compile(r"x_(cp\d+)")


def known_codec(name: str) -> str:
    """The codec behind a declared name, as Python calls it; "" for one that no text is written in.

    >>> known_codec("Windows-1251"), known_codec("latin2"), known_codec("punycode")
    ('cp1251', 'iso8859-2', '')
    """
    if not name.isascii():
        return ""
    plain = normalize_encoding(name.strip().lower())
    page = _PAGE.fullmatch(plain)
    plain = page[1] if page else plain
    codec = aliases.get(plain, aliases.get(plain.replace(".", "_"), plain))
    codec = _WEB.get(plain, _WEB.get(codec, codec))
    return codecs.lookup(codec).name if codec in CODECS else ""
