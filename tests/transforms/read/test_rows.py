"""Books that are rows: JSON Lines, Parquet, Hugging Face datasets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from scenesign.schemas.records import RejectError, Source
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.registry import read_documents
from tests.transforms.read.files import read, refusal, write

ROWS = [
    {"text": "One text.", "title": "One", "author": ["Roe", "Doe"], "language": "en"},
    {"text": "", "title": "Empty"},
    {"body": "x"},
    {"text": "Four \ud800 text.", "title": None},
]


def lines(rows: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_json_lines(tmp_path: Path, packing: str) -> None:
    data = lines(ROWS[:2]) + b"\n{broken\n[1]\n" + lines(ROWS[2:])
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[packing]
    found = read(write(tmp_path, f"a.jsonl{packing}", pack(data)))
    assert [d.name.rpartition("#")[2] for d in found] == ["0", "1", "2", "3", "4", "5"]
    assert (found[0].text, found[0].title, found[0].author, found[0].language) == ("One text.", "One", "Roe, Doe", "en")
    assert [d.problem.reason if d.problem else "" for d in found] == [
        "",
        "empty",
        "damaged-row",
        "damaged-row",
        "no-text-column",
        "",
    ]
    assert "body" in str(found[4].problem)


def test_columns_by_option(tmp_path: Path) -> None:
    path = write(tmp_path, "a.ndjson", lines([{"body": "Words.", "name": "N", "by": "B", "lang": "ru"}]))
    options = {"text_column": "body", "title_column": "name", "author_column": "by", "language_column": "lang"}
    (found,) = read(path, **options)
    assert (found.text, found.title, found.author, found.language, found.language_is_given) == (
        "Words.",
        "N",
        "B",
        "ru",
        True,
    )


def test_parquet_by_content(tmp_path: Path) -> None:
    table = pa.table(
        {"text": [f"Text {n}." for n in range(50)], "title": [f"T{n}" for n in range(50)], "junk": [0] * 50}
    )
    pq.write_table(table, tmp_path / "odd-name.txt", row_group_size=7)
    found = read(tmp_path / "odd-name.txt")
    assert [d.text for d in found] == [f"Text {n}." for n in range(50)]
    assert found[49].name == "odd-name.txt#49"
    assert refusal(tmp_path / "odd-name.txt", text_column="body") == "no-text-column"


def test_damaged_parquet(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "a.parquet", b"PAR1" + b"\0" * 200)) == "damaged-parquet"


@pytest.mark.parametrize(
    "kind", [pa.timestamp("us"), pa.timestamp("us", tz="No/Where"), pa.duration("s"), pa.time64("us")], ids=str
)
def test_cells_that_python_has_no_value_for(tmp_path: Path, kind: pa.DataType) -> None:
    """No one else's failure: a file of many such rows must not look like a defect in many books."""
    table = pa.table({"text": ["One text."], "title": pa.array([2**62], pa.int64()).view(kind)})
    pq.write_table(table, tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet") == "damaged-parquet"


def test_datasets_from_a_local_folder(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder, "train.jsonl", lines([{"text": "One.", "title": "A"}, {"text": "Two.", "title": "B"}]))
    write(folder, "test.jsonl", lines([{"text": "Three.", "title": "C"}]))
    options = ReadOptions()
    assert [d.text for d in read_documents(Source(f"hf:{folder}", "set"), options)] == ["One.", "Two."]
    assert [d.name for d in read_documents(Source(f"hf:{folder}@test", "set"), options)] == ["set#0"]
    with pytest.raises(RejectError, match="no split"):
        list(read_documents(Source(f"hf:{folder}@dev", "set"), options))


def test_a_named_column_that_is_missing_is_noted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", lines([{"text": "One.", "title": "A"}, {"text": "Two.", "writer": "B"}]))
    options = ReadOptions(author_column="writer")
    found = list(read_documents(Source(str(path), "a.jsonl"), options))
    assert [d.notes for d in found] == [("no column 'writer' for its author",), ()]
    assert [(d.title, d.author) for d in found] == [("A", ""), ("", "B")]


def test_datasets_saved_to_disk(tmp_path: Path) -> None:
    datasets.Dataset.from_dict({"text": ["One.", "Two."]}).save_to_disk(tmp_path / "saved")
    assert [d.text for d in read_documents(Source(f"hf:{tmp_path}/saved", "s"), ReadOptions())] == ["One.", "Two."]


@pytest.mark.parametrize("name", ["data.pkl", "set.py", "x.tar"])
def test_datasets_that_could_run_code(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, b"x")
    with pytest.raises(RejectError) as caught:
        list(read_documents(Source(f"hf:{tmp_path}", "s"), ReadOptions()))
    assert caught.value.reason == "unsupported-type"


@pytest.mark.parametrize(
    ("value", "says"),
    [(["a", "b"], "a list"), (3, "a number"), (True, "a truth value"), ({"body": "x"}, "a group of columns")],
)
def test_a_cell_that_is_no_text_says_what_it_is(tmp_path: Path, value: object, says: str) -> None:
    (found,) = read(write(tmp_path, "a.jsonl", lines([{"text": value}])))
    assert isinstance(found.problem, RejectError)
    assert (found.problem.reason, f"column 'text' holds {says}" in found.problem.detail) == ("no-text-column", True)


@pytest.mark.parametrize("value", [None, "", " ", float("nan")])
def test_a_cell_without_a_value_is_empty(tmp_path: Path, value: object) -> None:
    (found,) = read(write(tmp_path, "a.jsonl", lines([{"text": value}])))
    assert isinstance(found.problem, RejectError)
    assert found.problem.reason == "empty"


def test_types_of_a_parquet_column(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["Текст.".encode(), b"\xff\xfe\x00"]}), path)
    good, bad = read(path)
    assert good.text == "Текст."
    assert isinstance(bad.problem, RejectError)
    assert "bytes that are no UTF-8" in bad.problem.detail
    for column in ([["a"]], [1], [{"a": "b"}]):
        pq.write_table(pa.table({"text": column}), path)
        with pytest.raises(RejectError, match=r"column 'text' holds values of type (list|int64|struct)"):
            read(path)
    pq.write_table(pa.table({"text": pa.array(["x", None]).dictionary_encode()}), path)
    assert [d.text for d in read(path)] == ["x", ""]


def test_a_licence_of_pages_is_a_line(tmp_path: Path) -> None:
    page = "Attribution-ShareAlike 4.0 International\n\n" + "You are free to share. " * 50
    (found,) = read(write(tmp_path, "a.jsonl", lines([{"text": "One.", "license": page}])))
    assert found.license == "cc-by-sa-4.0"
