"""Places: what can't be written, or would be read or replaced by mistake, is told before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.places import check_apart, check_output
from scenesign.schemas.records import Source
from tests.conftest import run_scenesign


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that one is in: a dataset's."""
    folder = tmp_path / "work" / "here"
    (folder / "books").mkdir(parents=True)
    (folder / "manifest.json").touch()
    (tmp_path / "work" / "link").symlink_to("here")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("output", [".", "", "..", "/", "./", "books/..", "../here", "../link", "/proc", "/dev/shm"])
def test_what_can_not_get_another_folder_in_its_place_is_refused(output: str, here: Path) -> None:
    with pytest.raises(UsageError, match="can't be replaced"):
        check_output(output, overwrite=True)


def test_strangers_folders_are_never_touched(here: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not a scenesign dataset; nothing in it is touched"):
        check_output(str(tmp_path / "mine"), overwrite=True)
    with pytest.raises(UsageError, match="is a file"):
        check_output(str(tmp_path / "mine" / "thesis.doc"), overwrite=True)
    for output in (tmp_path / "new" / "deep", "new", "books", "../new"):
        check_output(str(output), overwrite=False)


@pytest.mark.parametrize(
    ("output", "parts", "given", "says"),
    [
        ("in/out", "parts", "in", "-o in/out lies inside the input in;"),
        ("in", "parts", "in", "-o in lies inside the input in;"),
        ("link/out", "parts", "in", "-o link/out lies inside the input in;"),
        ("out", "in/parts", "in", "--parts in/parts lies inside the input in;"),
        ("out", "in", "in", "--parts in lies inside the input in;"),
        ("out", "in", "hf:in/data", "the input hf:in/data lies inside --parts in;"),
        ("out", "parts", "out/in", "the input out/in lies inside -o out;"),
        ("in", "parts", "in/a.txt", "the input in/a.txt lies inside -o in;"),
        ("out", "out/parts", "in", "--parts out/parts lies inside -o out, which is replaced;"),
        ("parts/run", "parts", "in", "-o parts/run lies where --parts parts keeps passing files;"),
        ("gs://b/in/out", "gs://b/parts", "gs://b/in", "-o gs://b/in/out lies inside the input gs://b/in;"),
        ("gs://b/out", "gs://b/in/parts", "gs://b/in/", "--parts gs://b/in/parts lies inside the input gs://b/in/;"),
    ],
)
def test_what_must_lie_apart(
    output: str, parts: str, given: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "data").mkdir(parents=True)
    (tmp_path / "link").symlink_to("in")
    with pytest.raises(UsageError) as caught:
        check_apart(output, parts, [given], [])
    assert str(caught.value).startswith(says)


def test_files_that_a_pattern_finds_must_lie_apart_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = [Source("out/scenes/a.parquet", "a.parquet")]
    with pytest.raises(UsageError, match=r"the input out/scenes/a\.parquet lies inside -o out"):
        check_apart("out", "parts", ["*/*/*.parquet"], found)


@pytest.mark.parametrize(
    ("output", "parts", "given"),
    [
        ("out", "out.parts", "in"),
        ("in2", "in.parts", "in"),
        ("work/out", "work", "in"),
        ("gs://b/in2", "gs://b/in2.parts", "gs://b/in"),
        ("out", "out.parts", "hf:owner/books"),
        ("out", "out.parts", "gs://b/out"),
    ],
)
def test_what_does_lie_apart(output: str, parts: str, given: str) -> None:
    check_apart(output, parts, [given], [Source("in/a.txt", "a.txt")])


def test_the_command_says_so_before_it_reads(here: Path, pair: Path, tmp_path: Path) -> None:
    for words, says in (
        (("-o", "."), "can't be replaced"),
        (("-o", tmp_path / "out", "--parts", pair / "parts"), "lies inside the input"),
    ):
        done = run_scenesign("build", pair, *words, "--overwrite", cwd=here)
        assert done.returncode == 2
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("error")]
        assert says in line
    assert sorted(path.name for path in here.iterdir()) == ["books", "manifest.json"]
    assert not (pair / "parts").exists()
