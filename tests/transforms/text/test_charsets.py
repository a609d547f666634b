"""Names that files declare: codecs of text are known by all their labels, others are never reached."""

from __future__ import annotations

import codecs
from encodings.aliases import aliases

import pytest

from scenesign.transforms.text.charsets import CODECS, known_codec
from scenesign.transforms.text.decode import decode_declared

NO_TEXT = (
    *("punycode", "idna", "unicode_escape", "unicode-escape", "raw_unicode_escape", "undefined", "utf_7", "UTF-7"),
    *("zlib", "zlib_codec", "bz2", "base64", "hex", "uu", "quopri", "rot13", "charmap", "mbcs", "oem", "palmos"),
    *("cp037", "cp500", "ebcdic-cp-us", "klingon", "", ".", "aliases", "__init__", "os", "é"),
)


@pytest.mark.parametrize("name", NO_TEXT)
def test_no_encoding_of_text(name: str) -> None:
    assert known_codec(name) == ""


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        ("windows-1251", "cp1251"),
        ("x-cp1251", "cp1251"),
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("ISO-8859-2", "iso8859-2"),
        ("latin5", "cp1254"),
        ("gb2312", "gb18030"),
        ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("tis-620", "cp874"),
        ("macintosh", "mac-roman"),
        ("KOI8-R", "koi8-r"),
        ("iso-2022-jp", "iso2022_jp"),
    ],
)
def test_labels(name: str, codec: str) -> None:
    assert known_codec(name) == codec


def test_every_alias_leads_to_a_listed_codec_or_nowhere() -> None:
    listed = {codecs.lookup(name).name for name in CODECS}
    assert {known_codec(alias) for alias in aliases} <= listed | {""}
    assert {known_codec(name) for name in listed} <= listed - {""}


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "zlib_codec", "undefined"])
def test_a_page_that_declares_one_is_read_as_any_other(name: str) -> None:
    page = f'<html><meta charset="{name}"><p>Déjà vu, \\u0041 naïve.</p>'.encode()
    assert decode_declared(page, None) == (page.decode(), "utf-8")


def test_declared_names_are_pythons_own() -> None:
    page = '<meta charset="windows-1251"><p>Привет, мир</p>'
    assert decode_declared(page.encode("cp1251"), None) == (page, "cp1251")
    xml = '<?xml version="1.0" encoding="x-sjis"?><p>水車の小屋</p>'
    assert decode_declared(xml.encode("cp932"), None) == (xml, "cp932")


@pytest.mark.parametrize(
    ("declared", "encoding"), [("iso-8859-1", "utf-8"), ("us-ascii", "utf-8"), ("latin1", "cp1251")]
)
def test_a_declaration_that_its_bytes_belie(declared: str, encoding: str) -> None:
    page = f'<meta charset="{declared}"><p>Обычная страница, которую никто не поправил. Мельница стояла у реки.</p>'
    assert decode_declared(page.encode(encoding), None) == (page, encoding)


def test_a_declaration_is_believed_where_letters_may_be_either() -> None:
    page = '<meta charset="iso-8859-2"><p>Łódź i Kraków</p>'
    assert decode_declared(page.encode("iso8859-2"), "en") == (page, "iso8859-2")
