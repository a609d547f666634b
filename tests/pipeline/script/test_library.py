"""The library of a script: which works it has, under which names, and how they become rows."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.script.library import Work, read_left_out, read_works, write_rows

COLUMNS = "language\tfile\ttitle\tauthor\tpublic_domain_reason\tsource_repository\tcommit\tlicence_stated\tbytes\n"


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Two languages, three works; the manifest names two of them, one with quotation marks in its title."""
    folder = tmp_path / "library"
    folder.mkdir()
    for language, works in {"ru": {"Б.txt": "Текст."}, "en": {"b.txt": "\ufeffTwo.", "a.txt": 'One\n\n"two".'}}.items():
        with zipfile.ZipFile(folder / f"{language}.zip", "w") as archive:
            for name, text in works.items():
                archive.writestr(name, text)
    rows = ['en\ta.txt\t"Alas", she said\tDoe, Jane\tdied 1900\tus/books\tabc\tpublic domain\t5',
            "ru\tБ.txt\tБуря\tИванов\tdied 1880\tus/more\tdef\tCC BY-SA 4.0 (LICENSE)\t6"]  # fmt: skip
    (folder / "manifest.tsv").write_text(COLUMNS + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_works_come_by_language_and_as_they_lie_with_what_the_manifest_says(archives: Path) -> None:
    assert read_works(archives) == [
        Work("en", "b.txt"),
        Work("en", "a.txt", '"Alas", she said', "Doe, Jane", "died 1900", "us/books", "abc", "public domain"),
        Work("ru", "Б.txt", "Буря", "Иванов", "died 1880", "us/more", "def", "CC BY-SA 4.0 (LICENSE)"),
    ]


def test_rows_hold_the_texts_and_are_named_as_a_build_names_them(archives: Path, tmp_path: Path) -> None:
    works = read_works(archives)
    named = write_rows(archives, works, tmp_path / "rows")
    assert named == {"en.jsonl#0": works[0], "en.jsonl#1": works[1], "ru.jsonl#0": works[2]}
    rows = [json.loads(line) for line in (tmp_path / "rows" / "en.jsonl").read_text("utf-8").splitlines()]
    assert rows == [
        {"text": "Two.", "title": "", "author": "", "language": "en", "license": ""},
        {"text": 'One\n\n"two".', "title": '"Alas", she said', "author": "Doe, Jane", "language": "en",
         "license": "public domain"},
    ]  # fmt: skip


def test_works_to_judge_by_are_left_out(archives: Path, tmp_path: Path) -> None:
    table = tmp_path / "held-out.tsv"
    table.write_text("author\tlanguage\tfile\nDoe\ten\tlibrary/en/a.txt\n", encoding="utf-8")
    assert [work.file for work in read_works(archives, read_left_out(table))] == ["b.txt", "Б.txt"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("language\tauthor\nen\tDoe\n", "line 2: no column file"),
        ("language\tfile\nen\n", "line 2: no column file"),
        ("language\tfile\nen\tz.txt\n", "has no work en/z.txt, which is to be left out"),
        ("language\tfile\nde\ta.txt\n", "has no work de/a.txt, which is to be left out"),
    ],
)
def test_a_table_that_leaves_nothing_out_is_refused(table: str, says: str, archives: Path, tmp_path: Path) -> None:
    (tmp_path / "held-out.tsv").write_text(table, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        read_works(archives, read_left_out(tmp_path / "held-out.tsv"))


def test_a_folder_without_archives_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no \.zip"):
        read_works(tmp_path)


def test_an_archive_that_is_none_is_named(archives: Path) -> None:
    (archives / "en.zip").write_bytes(b"PK no more")
    with pytest.raises(UsageError, match=r"en\.zip can't be read"):
        read_works(archives)


def test_a_text_of_another_encoding_is_named(archives: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archives / "ru.zip", "w") as archive:
        archive.writestr("Б.txt", "Текст.".encode("cp1251"))
    with pytest.raises(UsageError, match=r"ru\.zip, Б\.txt: not UTF-8"):
        write_rows(archives, read_works(archives), tmp_path / "rows")
