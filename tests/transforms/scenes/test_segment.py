"""Scenes alone: those that a build finds, from every form of book, and whatever is no book is named."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.scenes.segment import Scene, scenes
from scenesign.transforms.scenes.sizes import SCENE_SIZES

LINES = "It rained all day. We stayed in. Nobody spoke."


def by_source(found: Iterable[Scene]) -> dict[str, list[Scene]]:
    return {source: list(run) for source, run in groupby(found, key=lambda scene: scene.source)}


def test_a_library_has_the_scenes_of_its_dataset(library: Path, demo: Path) -> None:
    found = by_source(scenes(library / "en"))
    books = {book.source: book for book in Dataset(demo).books(language="en")}
    assert {f"en/{name}" for name in found} == set(books)
    for name, run in found.items():
        book = books[f"en/{name}"]
        for scene, stored in zip(run, book.scenes(), strict=True):
            for field in ("text", "start", "end", "sentences", "index"):
                assert getattr(scene, field) == getattr(stored, field)
            assert (scene.book, scene.language) == (book.title, "en")


def test_a_scene_knows_the_heading_it_stands_under() -> None:
    body = "\n\n".join([" ".join([LINES] * 9)] * 3)
    text = f"{body}\n\nPART TWO\n\nCHAPTER I\n\n{body}\n\n* * *\n\n{body}\n\nCHAPTER II\n\n{body}\n"
    found = list(scenes(text=text, language="en"))
    chapters = [(chapter, len(list(run))) for chapter, run in groupby(scene.chapter for scene in found)]
    assert chapters == [("", 1), ("PART TWO / CHAPTER I", 2), ("CHAPTER II", 1)]
    assert "".join(scene.text for scene in found) == text.strip()
    assert [scene.index for scene in found] == [0, 1, 2, 3]
    assert {(scene.book, scene.source) for scene in found} == {("", "")}


def test_lengths_are_kept_and_the_price_counts(library: Path) -> None:
    path = library / "en" / "the-bell-of-saltmarsh.txt"
    few = len(list(scenes(path, penalty=5.0)))
    many = len(list(scenes(path, penalty=0.2)))
    assert few < many
    fine, medium, coarse = (len(list(scenes(path, scene_size=size))) for size in SCENE_SIZES)
    assert fine > medium > coarse
    assert len(list(scenes(path))) == medium
    short = list(scenes(path, min_sentences=1, max_sentences=2, embedder="minilm"))
    # a heading or a break counts as a sentence, and belongs to the prose beside it
    assert all(scene.sentences <= 2 + scene.text.count("\n\n") for scene in short)
    with pytest.raises(ValueError, match="1 <= min_sentences <= max_sentences, not 9 and 3"):
        scenes(path, min_sentences=9, max_sentences=3)
    with pytest.raises(ValueError, match="scene size must be one of fine, medium, coarse, not 'huge'"):
        scenes(path, scene_size="huge")  # type: ignore[arg-type]


def test_one_file_may_hold_many_books(tmp_path: Path) -> None:
    rows = tmp_path / "books.jsonl"
    rows.write_text(
        "".join(json.dumps({"text": LINES, "title": f"Day {n}"}) + "\n" for n in range(3)), encoding="utf-8"
    )
    found = list(scenes(rows))
    assert [(scene.book, scene.source) for scene in found] == [(f"Day {n}", f"books.jsonl#{n}") for n in range(3)]
    with zipfile.ZipFile(tmp_path / "books.zip", "w") as archive:
        archive.writestr("a.txt", LINES)
        archive.writestr("b.html", f"<h1>CHAPTER I</h1><p>{LINES}</p>")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(LINES.encode()))
    assert [scene.source for scene in scenes(tmp_path / "books.zip")] == ["books.zip!a.txt", "books.zip!b.html"]
    assert [scene.text for scene in scenes(tmp_path / "*.gz")] == [LINES]


def test_a_row_that_is_no_book_is_raised_or_warned_of(tmp_path: Path) -> None:
    rows = tmp_path / "books.jsonl"
    rows.write_text(
        "\n".join([json.dumps({"text": LINES}), "{", json.dumps({"text": LINES + " Then it stopped."})]),
        encoding="utf-8",
    )
    stream = scenes(rows)
    assert next(stream).text == LINES
    with pytest.raises(ValueError, match=r"books\.jsonl#1: "):
        next(stream)
    with pytest.warns(UserWarning, match=r"left out: books\.jsonl#1: "):
        assert [scene.sentences for scene in scenes(rows, errors="warn")] == [3, 4]
    rows.unlink()
    (tmp_path / "a.txt").write_text(LINES, encoding="utf-8")
    (tmp_path / "README.md").write_text("All about the books.", encoding="utf-8")
    with pytest.warns(UserWarning, match=r"left out: README\.md: looks like a note"):
        assert len(list(scenes(tmp_path, errors="warn"))) == 1
    with pytest.raises(ValueError, match="'ignore' is neither 'raise' nor 'warn'"):
        scenes(rows, errors="ignore")  # type: ignore[arg-type]


def test_what_names_no_book_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.epub: no such file or folder"):
        scenes(tmp_path / "nowhere.epub")
    with pytest.raises(ValueError, match=r"is a text, not a path; give it as scenes\(text=\.\.\.\)"):
        scenes("It rained.\nWe stayed in.")
    for given in ({}, {"path": "a.txt", "text": "It rained."}):
        with pytest.raises(TypeError, match="a path or text"):
            scenes(**given)
    with pytest.raises(ValueError, match="no sentence of prose"):
        next(scenes(text=" \n"))
    (tmp_path / "a.txt").write_text(LINES, encoding="utf-8")
    with pytest.raises(ValueError, match="the embedder does not speak"):
        next(scenes(tmp_path / "a.txt", language="la"))
