"""The accounts of whole runs: every input is a book, a duplicate or a reject, whatever it is called."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenesign.pipeline.run.build_dataset import BuildResult, build_dataset
from tests.conftest import LIBRARY

TEXT = (LIBRARY / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")
RUSSIAN = (
    (LIBRARY / "ru" / "the-bell-of-saltmarsh.txt").read_bytes().decode().encode("cp1251", "ignore").decode("cp1251")
)
PIECES = ["\n\n".join(TEXT.split("\n\n")[at::3]) for at in range(3)]


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders whose files have the same names."""
    home = tmp_path_factory.mktemp("shelves")
    for shelf, piece, encoding in (("old", 0, "cp1251"), ("new", 1, "utf-8")):
        folder = home / shelf
        folder.mkdir()
        (folder / "book.txt").write_text(PIECES[piece], encoding="utf-8")
        (folder / "same.txt").write_text(PIECES[2], encoding="utf-8")
        (folder / "ru.txt").write_bytes(RUSSIAN.encode(encoding))
        (folder / "empty.txt").touch()
        (folder / "headings.md").write_text("# Chapter one of the house\n\n# Chapter two of the house\n\n" * 20)
        rows = [{"text": PIECES[piece]}, {"text": ""}]
        (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        with zipfile.ZipFile(folder / "books.zip", "w") as archive:
            archive.writestr("book.txt", PIECES[piece])
            archive.writestr("empty.txt", "")
    return home / "old", home / "new"


def told(result: BuildResult) -> tuple[dict[str, str], dict[str, str]]:
    """Encodings of books, and reasons of all else, by source."""
    assert result.manifest
    rows = pq.read_table(Path(result.output, "rejects", "rejects.parquet")).to_pylist()
    counts = result.manifest.counts
    assert (counts.inputs, counts.books, counts.duplicates, counts.rejects) == (18, 4, 7, 7)
    assert len(rows) == len({row["source"] for row in rows}) == 14
    return {b.source: b.encoding for b in result.manifest.books}, {row["source"]: row["reason"] for row in rows}


def test_folders_with_files_of_one_name(shelves: tuple[Path, Path], tmp_path: Path) -> None:
    first = build_dataset(shelves, tmp_path / "out", signs=4)
    books, others = told(first)
    # of each text the first source by name, whichever was read first
    assert books == {
        "new/book.txt": "utf-8",
        "new/ru.txt": "utf-8",
        "new/same.txt": "utf-8",
        "old/book.txt": "utf-8",
    }
    assert {source for source, reason in others.items() if reason == "empty"} == {
        f"{shelf}/{name}" for shelf in ("old", "new") for name in ("empty.txt", "rows.jsonl#1", "books.zip!empty.txt")
    }
    assert (others["new/headings.md"], others["old/headings.md"]) == ("no-prose", "duplicate")

    again = build_dataset(shelves, tmp_path / "out", signs=4, overwrite=True)
    assert told(again) == (books, others)
    assert again.manifest
    assert again.manifest.run["counters"].get("sentences/embedded", 0) == 0
    # with the signs of the first, the folders in the other order
    encoded = build_dataset(shelves[::-1], tmp_path / "encoded", inventory=tmp_path / "out")
    assert told(encoded) == (books, others)
