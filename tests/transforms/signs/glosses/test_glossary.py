"""A glossary read back is what was written; anything else is refused by name."""

from __future__ import annotations

import hashlib
import json
import shutil
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.tables import LETTER_TABLE, SIGN_TABLE
from scenesign.transforms.signs.glosses.glossary import (
    GLOSSARY,
    LETTERS,
    Exemplar,
    LetterEntry,
    SignEntry,
    glossary_file,
    glossary_table,
    letter_entry,
    letters_file,
    read_glossary,
    read_letters,
    sign_entry,
)


@pytest.fixture
def copied(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo / "inventory", tmp_path / "inventory"))


def describe(folder: Path) -> None:
    """Puts the digests of the glossary into inventory.json."""
    info = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
    for name in (GLOSSARY, LETTERS):
        info["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "inventory.json").write_text(json.dumps(info), encoding="utf-8")


STORM = SignEntry(
    sign=0,
    glyph="一",
    count=3,
    share=0.75,
    books=2,
    languages={"en": 2, "ru": 1},
    keywords={"en": ("mast", "sail"), "ru": ("буря",)},
    radius=0.25,
    neighbours=(1,),
    examples=(Exemplar("a" * 32, 4, "en", "The mast fell.", 0.125), Exemplar("b" * 32, 0, "ru", "Буря!", 0.5)),
    name="storm at sea",
)
CALM = SignEntry(1, "丁", 1, 0.25, 1, {"en": 1}, {}, 0.0, (), ())
LEAD = LetterEntry(2, 0, 15, 3, 0.75, 2, STORM.languages, STORM.keywords, STORM.examples, "sea")
TAIL = LetterEntry(3, 2, 0, 0, 0.0, 0, {}, {}, ())


def test_what_is_written_is_read_back() -> None:
    table = pq.read_table(pa.BufferReader(glossary_file([STORM, CALM])))
    assert (table.schema.names, table.schema.types) == (SIGN_TABLE.names, SIGN_TABLE.types)
    assert table.schema.metadata == SIGN_TABLE.metadata
    rows = table.to_pylist()
    assert [sign_entry(row) for row in rows] == [STORM, CALM]
    assert (rows[0]["languages"], rows[0]["language_counts"]) == (["en", "ru"], [2, 1])
    assert (rows[0]["keyword_languages"], rows[0]["keywords"]) == (["en", "ru"], [["mast", "sail"], ["буря"]])
    assert (rows[0]["example_scenes"], rows[0]["example_distances"]) == ([4, 0], [0.125, 0.5])


def test_letters_are_read_back() -> None:
    table = pq.read_table(pa.BufferReader(letters_file([LEAD, TAIL])))
    assert (table.schema.names, table.schema.types) == (LETTER_TABLE.names, LETTER_TABLE.types)
    assert table.schema.metadata == LETTER_TABLE.metadata
    rows = table.to_pylist()
    assert [letter_entry(row) for row in rows] == [LEAD, TAIL]
    assert [(row["level"], row["letter"], row["value"], row["name"]) for row in rows] == [
        (2, 0, 15, "sea"),
        (3, 2, 0, ""),
    ]
    with pytest.raises(ValueError):  # noqa: PT011 (zip has words of its own)
        letter_entry(rows[0] | {"example_books": []})


@pytest.mark.parametrize(
    "changed",
    [
        {"languages": ["en", "en"]},
        {"languages": ["en"]},
        {"keyword_languages": ["en", "en"]},
        {"keywords": [["mast"]]},
        {"example_distances": [0.125]},
        {"example_books": []},
    ],
)
def test_lists_that_do_not_belong_together_are_no_entry(changed: dict[str, list]) -> None:
    (row,) = glossary_table([STORM]).to_pylist()
    assert sign_entry(row) == STORM
    with pytest.raises(ValueError):  # noqa: PT011 (zip has words of its own)
        sign_entry(row | changed)


def test_entries_are_the_rows_in_order(demo: Path) -> None:
    info, entries = read_glossary(str(demo / "inventory"))
    rows = pq.read_table(demo / "inventory" / GLOSSARY).to_pylist()
    assert [entry.sign for entry in entries] == list(range(info.sizes[0])) == list(range(12))
    for entry, row in zip(entries, rows, strict=True):
        assert (entry.glyph, entry.name, entry.level) == (row["glyph"], row["name"], 1)
        assert sum(entry.languages.values()) == entry.count == row["count"]
        assert list(map(list, entry.keywords.values())) == row["keywords"]
        assert [e.scene for e in entry.examples] == row["example_scenes"]
        assert entry.neighbours == tuple(row["neighbours"])


def test_an_altered_glossary_is_refused(copied: Path) -> None:
    data = bytearray((copied / GLOSSARY).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / GLOSSARY).write_bytes(bytes(data))
    with pytest.raises(ValueError, match=r"signs\.parquet is not the file .* SHA-256 differs"):
        read_glossary(str(copied))


def test_a_missing_glossary_is_named(copied: Path) -> None:
    (copied / GLOSSARY).unlink()
    with pytest.raises(ValueError, match=r"is not an inventory \(.*signs\.parquet"):
        read_glossary(str(copied))


@pytest.mark.parametrize("damage", ["rows", "column", "ragged", "null", "neighbour", "glyph", "text"])
def test_what_is_no_glossary_is_refused_whatever_its_digest(copied: Path, damage: str) -> None:
    path = copied / GLOSSARY
    table = pq.read_table(path)
    if damage == "rows":
        pq.write_table(table.slice(1), path)
    elif damage == "column":
        pq.write_table(table.drop_columns(["radius"]), path)
    elif damage != "text":
        rows = table.to_pylist()
        if damage == "ragged":
            rows[3]["example_scenes"].pop()
        elif damage == "null":
            rows[3]["example_books"][0] = None
        elif damage == "neighbour":
            rows[3]["neighbours"] = [12]
        else:
            rows[3]["glyph"] = "\x1b["
        pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    else:
        path.write_text("no table", encoding="utf-8")
    describe(copied)
    with pytest.raises(ValueError, match=r"signs\.parquet"):
        read_glossary(str(copied))


def test_there_is_an_entry_for_each_letter(demo: Path) -> None:
    entries = read_letters(str(demo / "inventory"))
    assert [(entry.level, entry.letter, entry.value) for entry in entries] == [
        (2, letter, value) for letter in range(3) for value in range(16)
    ]
    rows = pq.read_table(demo / "scenes").to_pylist()
    assert {sum(entry.count for entry in entries[i : i + 16]) for i in (0, 16, 32)} == {len(rows)}
    scenes = {(row["book_id"], row["scene"]): row for row in rows}
    examples = [(entry, example) for entry in entries for example in entry.examples]
    assert len(examples) >= 48
    for entry, example in examples:
        syllable = unicodedata.normalize("NFD", scenes[example.book_id, example.scene]["glyphs"][1])
        assert ord(syllable[entry.letter]) - (0x1100, 0x1161, 0x11A8)[entry.letter] == entry.value


@pytest.mark.parametrize("damage", ["missing", "altered", "rows", "order", "column", "null"])
def test_what_is_no_table_of_letters_is_refused(copied: Path, damage: str) -> None:
    path = copied / LETTERS
    table = pq.read_table(path)
    rows = table.to_pylist()
    if damage == "missing":
        path.unlink()
    elif damage == "altered":
        path.write_bytes(path.read_bytes() + b" ")
    elif damage == "column":
        pq.write_table(table.drop_columns(["share"]), path)
    else:
        if damage == "rows":
            rows.pop()
        elif damage == "order":
            rows[0], rows[1] = rows[1], rows[0]
        else:
            rows[0]["languages"][0] = None
        pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    if damage not in ("missing", "altered"):
        describe(copied)
    with pytest.raises(ValueError, match=r"letters\.parquet"):
        read_letters(str(copied))
