"""XML from strangers: the encodings that it may declare."""

from __future__ import annotations

import pytest

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.xml import parse_xml
from scenesign.transforms.support.limits import Limits


@pytest.mark.parametrize("name", ["punycode", "unicode_escape", "idna", "undefined", "zlib_codec", "klingon", "../x"])
def test_a_declared_codec_that_is_no_encoding_is_never_reached(name: str) -> None:
    with pytest.raises(RejectError, match="no encoding of text") as caught:
        parse_xml(f'<?xml version="1.0" encoding="{name}"?><a>text</a>'.encode(), Limits())
    assert caught.value.reason == "damaged-xml"


@pytest.mark.parametrize("name", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5", "UTF-16"])
def test_declared_encodings_are_read(name: str) -> None:
    data = f'<?xml version="1.0" encoding="{name}"?><a>Мельница</a>'.encode(name)
    assert parse_xml(data, Limits()).text == "Мельница"
