"""`scenesign encode` of files: every form is read as `build` reads it, and what can't be is one line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.conftest import run_scenesign
from tests.transforms.read.files import PAGE, epub, write

FIRST = "The wind tore the sail. A wave broke over the deck. Thunder rolled, and the mast went overboard."
SECOND = "They had bread and cheese on the hill. The sun was warm, and nobody spoke of the war."
PAGE_OF_BOOK = f"<h2>One</h2><p>{FIRST}</p><p>{SECOND}</p>"


def forms(folder: Path) -> list[Path]:
    """One text in several forms."""
    return [
        epub(folder, {"a.xhtml": PAGE.format(body=PAGE_OF_BOOK)}),
        write(folder, "a.html", f"<html><body><nav><a href='/'>Home</a></nav>{PAGE_OF_BOOK}</body></html>"),
        write(folder, "a.md", f"---\ntitle: One\nlang: en\n---\n\n## One\n\n{FIRST}\n\n{SECOND}\n"),
        write(folder, "a.fb2", f"<FictionBook><body><section><title><p>One</p></title><p>{FIRST}</p><p>{SECOND}</p>"
              "</section></body></FictionBook>"),
        write(folder, "a.jsonl", json.dumps({"text": f"Chapter One\n\n{FIRST}\n\n{SECOND}"}) + "\n"),
    ]  # fmt: skip


@pytest.mark.slow
def test_every_form_is_read_as_build_reads_it(demo: Path, tmp_path: Path) -> None:
    done = run_scenesign("encode", "-i", demo, "--json", *forms(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["language"] for row in rows] == ["en"] * 5
    assert len({tuple(row["signs"]) for row in rows[:4]}) == 1
    shown = run_scenesign("encode", "-i", demo, "--scenes", *forms(tmp_path)[:3])
    for mark in ("<", "title:", "PK", "Home"):
        assert mark not in shown.stdout


@pytest.mark.slow
def test_many_books_in_one_file_and_what_is_none(demo: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shelf.zip", "w") as archive:
        archive.writestr("a.txt", FIRST)
        archive.writestr("b.html", f"<html><body><p>{SECOND}</p></body></html>")
        archive.writestr("c.csv", "a,b")
    (tmp_path / "book.mobi").write_bytes(b"\0" * 60 + b"BOOKMOBI" + b"\0" * 100)
    done = run_scenesign("encode", "-i", demo, tmp_path / "shelf.zip", tmp_path / "book.mobi", tmp_path / "none.txt")
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.endswith(":")] == [
        "shelf.zip!a.txt:",
        "shelf.zip!b.html:",
    ]
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert [line.split(": ")[1] for line in errors] == [
        "shelf.zip!c.csv",
        str(tmp_path / "book.mobi"),
        str(tmp_path / "none.txt"),
    ]
    assert "Traceback" not in done.stderr
