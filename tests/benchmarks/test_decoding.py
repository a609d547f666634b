"""The benchmark of decoding counts what it says: texts that differ by one character are wrong, ASCII is not counted."""

from __future__ import annotations

import random
from pathlib import Path
from zipfile import ZipFile

import pytest

from benchmarks import decoding
from benchmarks.decoding import encoded, encodings_of, load, measure, outcome, pieces_of, sums, table
from benchmarks.fit_letters import bits, is_fitted, rows_of
from scenesign.transforms.text.decode import Decoded
from scenesign.transforms.text.encodings import CLASSES
from tests.conftest import LIBRARY

TEXT = (LIBRARY / "ru" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")


def test_ascii_is_not_counted() -> None:
    assert encoded("plain", "cp1252") is None
    assert encoded("— plain", "cp437") is None  # the dash is lost, and ASCII is left
    assert encoded("naïve", "cp437") == ("naïve".encode("cp437"), "naïve")
    assert encoded("plain", "utf-16-le") is None
    assert encoded("việt", "cp1258") == (b"vi\xea\xf2t", "viê\u0323t")


def test_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    data = TEXT.encode("cp1251")
    assert outcome(data, TEXT) == "right"
    assert outcome(data, TEXT + "!") == "wrong"
    assert outcome(b"%PDF-", "да") == "rejected"
    read = {"да".encode(): Decoded("да", "utf-8"), b"\xe4\xe0": Decoded("ąd", "cp1250")}
    monkeypatch.setattr(decoding, "decode", lambda found, language=None: read[found])
    assert outcome(b"\xe4\xe0", "да") == "letters"
    read[b"\xe4\xe0"] = Decoded("ąd", "cp1250", ("encoding unsure: …",))
    assert outcome(b"\xe4\xe0", "да") == "noted"


def test_pieces_have_about_the_bytes() -> None:
    for encoding in ("cp1251", "utf-16-le"):
        for piece in pieces_of([TEXT], encoding, 500, 5, random.Random(0)):
            assert 450 <= len(piece.encode(encoding, "ignore")) <= 550


def test_books_that_were_fitted_are_left_out(tmp_path: Path) -> None:
    names = [f"{author}_Book.txt" for author in ("Aston", "Storm", "Fontane", "Heine", "Raabe", "Kafka")]
    with ZipFile(tmp_path / "de.zip", "w") as books:
        for name in names:
            books.writestr(name, f"Straße von {name}")
    texts = load(tmp_path)
    assert texts["de"] == [f"Straße von {name}" for name in sorted(names) if not is_fitted(name)]
    assert 0 < len(texts["de"]) < len(names)
    assert len(texts["cs"]) == 1  # the passage
    assert "en" not in texts


def test_rows_and_sums() -> None:
    rows = measure({"ru": [TEXT]}, pieces=2, lengths=(500, 1_000_000))
    assert [row.encoding for row in rows] == list(encodings_of("ru"))
    assert {row.length for row in rows} == {500}  # no text is that long
    for row in rows:
        assert row.right + row.noted + row.rejected + row.wrong == row.pieces == 2
    legacy, unicode = sums(rows)
    assert (legacy.pieces, unicode.pieces) == (2 * 8, 2 * 5)
    assert table(rows).splitlines()[-1].startswith("| all | Unicode | 500 | 10 |")


def test_the_table_of_letters() -> None:
    assert (bits(100, 100), bits(50, 100), bits(0, 100)) == ("0", "1", "d")
    (row,) = rows_of("de", ["für für für für, so"])
    language, char, share, before, after = row.split("\t")
    assert (language, char, share) == ("de", "ü", "0")
    assert before[CLASSES.index("f")] == after[CLASSES.index("r")] == "0"
    assert before.count("0") == after.count("0") == 1
