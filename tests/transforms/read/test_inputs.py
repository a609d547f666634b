"""What a user names, to the sources that are read: everything is either read or refused by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scenesign.transforms.read import inputs
from scenesign.transforms.read.inputs import InputError, list_inputs
from tests.conftest import LIBRARY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in {
        "b/two.txt": b"Two.",
        "a/one.epub": b"PK",
        "a/deep/three.fb2": b"<FictionBook/>",
        "notes": b"A text without a suffix.",
        "пример.txt": "Пример.".encode(),
        "utf16": "\ufeffText".encode("utf-16-le"),
        "picture.png": b"\x89PNG\r\n\x1a\n\0\0",
        "paper": b"%PDF-1.7",
        "kindle.azw3": bytes(60) + b"BOOKMOBI" + bytes(60),
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60),
        "scan": b"AT&TFORM" + bytes(60),
        "alignment.tsv": b"a\tb",
        "settings.json": b"{}",
        "script.py": b"print()",
        "README.md": b"# About",
        ".hidden": b"x",
        ".git/config.txt": b"x",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def test_a_folder(folder: Path) -> None:
    sources, rejects = list_inputs([str(folder)])
    assert [s.name for s in sources] == [
        "notes",
        "paper",
        "utf16",
        "пример.txt",
        "a/one.epub",
        "a/deep/three.fb2",
        "b/two.txt",
    ]
    assert {s.name: s.bytes for s in sources}["b/two.txt"] == 4
    assert all(Path(s.uri).is_file() for s in sources)
    refused = {r.source: r.reason for r in rejects}
    names = (
        "picture.png",
        "kindle.azw3",
        "old.doc",
        "scan",
        "alignment.tsv",
        "settings.json",
        "script.py",
        "README.md",
    )
    assert refused == dict.fromkeys(names, "unsupported-type")
    assert {r.stage for r in rejects} == {"ListInputs"}
    advice = {r.source: r.detail for r in rejects}
    assert "ebook-convert book.mobi book.epub" in advice["kindle.azw3"]
    assert "save it as .docx" in advice["old.doc"]
    assert "djvutxt" in advice["scan"]


def test_files_by_name(folder: Path) -> None:
    sources, rejects = list_inputs(
        [str(folder / "b" / "two.txt"), str(folder / "README.md"), str(folder / "picture.png")]
    )
    assert [s.name for s in sources] == ["two.txt", "README.md"]
    assert [r.source for r in rejects] == ["picture.png"]


def test_globs(folder: Path) -> None:
    sources, _ = list_inputs([str(folder / "*.txt"), str(folder / "**" / "*.fb2")])
    assert [s.name for s in sources] == ["пример.txt", "a/deep/three.fb2"]


def test_the_same_file_twice_is_one_source(folder: Path) -> None:
    sources, _ = list_inputs([str(folder), str(folder), str(folder / "notes")])
    assert len([s for s in sources if s.name == "notes"]) == 1


@pytest.mark.parametrize("name", ["nothing-here", "nothing*", "nothing/x.txt", "gs-like://x/y"])
def test_what_is_not_there_is_an_error_that_names_it(folder: Path, name: str) -> None:
    given = name if "://" in name else str(folder / name)
    with pytest.raises(InputError, match=name.replace("*", r"\*")):
        list_inputs([str(folder), given])


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert list_inputs([str(tmp_path)]) == ([], [])


def test_symlink_loops_end(folder: Path) -> None:
    (folder / "a" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "self").symlink_to("self")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    sources, rejects = list_inputs([str(folder)])
    names = [s.name for s in sources]
    assert names.count("b/two.txt") == 1
    assert not any("loop" in name for name in names)
    # links that lead nowhere are left for the reader to refuse by name
    assert {"self", "gone.txt"} <= {*names, *(r.source for r in rejects)}


def test_what_is_neither_file_nor_folder_is_refused_unopened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.txt")
    (folder / "endless.txt").symlink_to("/dev/zero")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    (folder / "locked").mkdir()
    listed = os.listdir

    def refusing(path: str) -> list[str]:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "listdir", refusing)
    sources, rejects = list_inputs([str(folder)])
    assert {r.source: r.reason for r in rejects if r.source in ("pipe.txt", "endless.txt", "gone.txt", "locked")} == {
        "pipe.txt": "unsupported-type",
        "endless.txt": "unsupported-type",
        "gone.txt": "unreadable",
        "locked": "unreadable",
    }
    assert "b/two.txt" in [s.name for s in sources]


def test_names_that_no_table_or_terminal_takes(tmp_path: Path) -> None:
    for name in (b"bytes-\xff.txt", b"line\nend.txt", b"red\x1b[31m.txt", "turn\u202e.txt".encode()):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")
    (tmp_path / "عربي 中文\u3000é.txt").write_bytes(b"x")
    sources, _ = list_inputs([str(tmp_path)])
    assert {s.name for s in sources} == {
        "bytes-\\udcff.txt",
        "line\\nend.txt",
        "red\\x1b[31m.txt",
        "turn\\u202e.txt",
        "عربي 中文\u3000é.txt",
    }
    assert all(Path(s.uri).exists() for s in sources)


def test_datasets(folder: Path) -> None:
    sources, _ = list_inputs(["hf:owner/books@train", f"hf:{folder}"])
    assert [(s.uri, s.name) for s in sources] == [
        ("hf:owner/books@train", "hf:owner/books@train"),
        (f"hf:{folder}", folder.name),
    ]


def test_a_local_dataset_is_named_without_the_folders_above_it(folder: Path) -> None:
    sources, _ = list_inputs([f"hf:{folder}@test", f"hf:{folder}/"])
    assert [s.name for s in sources] == [f"{folder.name}@test", folder.name]


@pytest.mark.parametrize("given", ["hf:", "hf:a/b/c/d", "hf:/no/such/folder", "hf:@train"])
def test_what_is_no_dataset_is_wrong_use(given: str) -> None:
    with pytest.raises(InputError, match="hf:NAME"):
        list_inputs([given])


def test_a_saved_dataset_must_be_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=f"hf:{tmp_path}"):
        list_inputs([str(tmp_path)])


def test_a_pattern_that_nothing_matches(folder: Path) -> None:
    with pytest.raises(InputError, match="no file matches it"):
        list_inputs([f"{folder}/*.nothing"])


def test_the_example_library() -> None:
    sources, rejects = list_inputs([str(LIBRARY)])
    assert len(sources) == 12
    assert sources[0].name == "en/the-bell-of-saltmarsh.txt"
    assert rejects == []


def test_a_glob_in_folders_whose_names_look_like_globs(tmp_path: Path) -> None:
    """What is there by that very name is meant; the rest of a pattern is one."""
    folder = tmp_path / "[old] b?oks *1" / "a"
    folder.mkdir(parents=True)
    (tmp_path / "o boks 1" / "a").mkdir(parents=True)
    for name in ("one.txt", "two.txt", "three [3].md"):
        (folder / name).write_text("A text.", encoding="utf-8")
        (tmp_path / "o boks 1" / "a" / name).write_text("A text.", encoding="utf-8")
    for pattern, found in {
        "[old] b?oks *1/*/*.txt": ["a/one.txt", "a/two.txt"],
        "[old] b?oks *1/a/t*": ["three [3].md", "two.txt"],
        "[old] b?oks *1/a/three [3].md": ["three [3].md"],
        "[old] b?oks *1": ["a/one.txt", "a/three [3].md", "a/two.txt"],
        "[o] b[o]ks ?/a/one.*": ["o boks 1/a/one.txt"],
    }.items():
        sources, rejects = list_inputs([str(tmp_path / pattern)])
        assert (sorted(source.name for source in sources), rejects) == (found, [])


def test_separators_of_another_system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backslash parts folders on Windows, in what a user names and in what the system lists."""
    expected = [source.name for source in list_inputs([f"{folder}/*/*.*"])[0]]
    assert expected == ["a/one.epub", "b/two.txt"]
    match = inputs.storage.match
    monkeypatch.setattr(inputs.os, "sep", "\\")
    monkeypatch.setattr(
        inputs.storage, "match", lambda pattern: [(uri.replace("/", "\\"), size) for uri, size in match(pattern)]
    )
    sources, _ = list_inputs([f"{folder}/*/*.*".replace("/", "\\")])
    assert [source.name for source in sources] == expected
    sources, _ = list_inputs([f"{folder}/a".replace("/", "\\"), f"{folder}/b/two.txt".replace("/", "\\")])
    assert [source.name for source in sources] == ["one.epub", "deep/three.fb2", "two.txt"]
