"""Plain text, in whatever encoding."""

from __future__ import annotations

from pathlib import Path

from tests.transforms.read.files import read, write


def test_plain_text_in_its_encoding(tmp_path: Path) -> None:
    text = "Это обычная русская проза, и в ней нет ничего особенного. " * 20
    (document,) = read(write(tmp_path, "a.txt", text.encode("cp1251")))
    assert (document.text, document.encoding, document.paragraphs) == (text, "cp1251", None)
    assert document.bytes == len(text)
