"""Names of inputs: none twice, short, and the same in any order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.read.names import unique_names


@pytest.mark.parametrize(
    ("uris", "names"),
    [
        (["/en/book.txt", "/ru/book.txt", "/en/other.txt"], ["en/book.txt", "ru/book.txt", "other.txt"]),
        (["/a/x/t.txt", "/b/x/t.txt", "/c/t.txt"], ["a/x/t.txt", "b/x/t.txt", "c/t.txt"]),
        (["gs://shelf/a/t.txt", "s3://shelf/b/t.txt"], ["a/t.txt", "b/t.txt"]),
        (["gs://one/t.txt", "gs://two/t.txt"], ["one/t.txt", "two/t.txt"]),
        # what lies inside an archive, or is a row, is called after it
        (["/lib/b.zip", "/lib/b.zip!a.txt", "/lib/r.jsonl#0"], ["b.zip", "lib/b.zip!a.txt", "r.jsonl#0"]),
        (["/lib/r.jsonl", "/lib/r.jsonl#0"], ["r.jsonl", "lib/r.jsonl#0"]),
        # no path tells these apart once they are printable
        (["/lib/a\n.txt", "/lib/a\\n.txt"], ["(1)/lib/a\\n.txt", "(2)/lib/a\\n.txt"]),
        (["gs://x/t.txt", "s3://x/t.txt"], ["(1)/x/t.txt", "(2)/x/t.txt"]),
    ],
)
def test_the_shortest_piece_of_the_path_tells_inputs_apart(uris: list[str], names: list[str]) -> None:
    named = [(uri, uri.rpartition("/")[2]) for uri in uris]
    assert unique_names(named) == names
    if "(1)" not in names[0]:
        for order in permutations(zip(named, names, strict=True)):
            assert unique_names([pair for pair, _ in order]) == [name for _, name in order]


@given(st.lists(st.text("ab/!#0\n", min_size=1, max_size=6), unique=True, max_size=8))
def test_no_name_twice_whatever_there_is(paths: list[str]) -> None:
    named = [(f"gs://x/{path}", path.rpartition("/")[2]) for path in paths]
    names = unique_names(named)
    assert len(set(names)) == len(names)
    known = set(names)
    assert not any(name[:at] in known for name in names for at in range(1, len(name)) if name[at] in "!#")


def test_two_folders_with_files_of_one_name(tmp_path: Path) -> None:
    for name in ("old/a.txt", "new/a.txt", "old/pic.png", "new/pic.png", "new/c.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0" if name.endswith("png") else b"Text.")
    sources, rejects = list_inputs([str(tmp_path / "old"), str(tmp_path / "new")])
    assert [s.name for s in sources] == ["old/a.txt", "new/a.txt", "c.txt"]
    assert [r.source for r in rejects] == ["old/pic.png", "new/pic.png"]


def test_one_place_is_one_input_whatever_way_leads_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "a.txt").write_text("Text.", encoding="utf-8")
    (shelf / "README.md").write_text("About.", encoding="utf-8")
    (tmp_path / "link").symlink_to(shelf)
    monkeypatch.chdir(tmp_path)
    ways = ["shelf", "./shelf", str(shelf), "link", "shelf/../shelf/a.txt", "link/a.txt", "hf:shelf", "hf:./shelf/"]
    sources, rejects = list_inputs(ways)
    assert [s.name for s in sources] == ["a.txt", "shelf"]
    assert [r.source for r in rejects] == ["README.md"]
    # a file that is named itself is wanted, also where its folder is named too
    assert [s.name for s in list_inputs(["shelf", "shelf/README.md"])[0]] == ["README.md", "a.txt"]
