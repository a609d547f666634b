"""The benchmark of decoding counts what it says: files that differ by one character are wrong, ASCII is not counted."""

from __future__ import annotations

import pytest

from benchmarks.decoding import ENCODINGS, encoded, is_right, measure, table
from tests.conftest import LIBRARY

TEXTS = {
    language: [(LIBRARY / language / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")] for language in ENCODINGS
}


def test_ascii_is_not_counted() -> None:
    assert encoded("plain", "cp1252") is None
    assert encoded("— plain", "cp437") is None  # the dash is lost, and ASCII is left
    assert encoded("naïve", "cp437") == ("naïve".encode("cp437"), "naïve")
    assert encoded("plain", "utf-16") is None
    assert encoded("да", "utf-16") == ("да".encode("utf-16"), "да")


def test_one_wrong_character_is_wrong() -> None:
    data = TEXTS["ru"][0].encode("cp1251")
    assert is_right(data, TEXTS["ru"][0], "ru")
    assert not is_right(data, TEXTS["ru"][0] + "!", "ru")
    assert not is_right(b"%PDF-", "", None)


def test_the_library_comes_out_right() -> None:
    rows = measure(TEXTS, pieces=1)
    assert {(row.language, row.encoding) for row in rows} == {
        (lang, enc) for lang, all_ in ENCODINGS.items() for enc in all_
    }
    for row in rows:
        assert row.told == row.untold == row.files, row
        assert row.pieces_told <= row.pieces
    assert table(rows).count("\n") == 1 + len(rows) + 2


def test_sums_are_sums() -> None:
    rows = [row for row in measure(TEXTS, pieces=0) if row.language == "ru"]
    assert "| all | legacy | 5 | 100 % | 100 % | 0 | - | - | - |" in table(rows)


@pytest.mark.parametrize("language", ENCODINGS)
def test_every_encoding_is_one_of_pythons(language: str) -> None:
    assert all("a".encode(encoding) for encoding in ENCODINGS[language])
