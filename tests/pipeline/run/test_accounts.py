"""The accounts of whole runs: every input is a book, a duplicate or a reject, whatever it is called."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.options.errors import BuildError
from scenesign.pipeline.run import build
from scenesign.pipeline.run.build_dataset import BuildResult, build_dataset
from scenesign.pipeline.run.displays import PlainDisplay
from scenesign.pipeline.run.step_errors import mark_host
from scenesign.schemas.manifest import Manifest
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
        (folder / "headings.md").write_text(
            "# Chapter one of the house\n\n# Chapter two of the house\n\n" * 20, encoding="utf-8"
        )
        rows = [{"text": PIECES[piece]}, {"text": ""}]
        (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
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


def test_when_all_is_refused_each_is_listed_and_each_reason_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(4):
        (tmp_path / "in" / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "in" / "gone.txt").symlink_to("nowhere")
    with pytest.raises(BuildError) as caught:
        build_dataset(tmp_path / "in", tmp_path / "out", parts=tmp_path / "kept")
    said = str(caught.value)
    assert "all 5 inputs were refused (unsupported-type 4, unreadable 1); first: 0.png: not a format" in said
    assert "; gone.txt: a link that leads nowhere" in said
    assert said.endswith(f"each is listed in {tmp_path}/kept/rejects.parquet")
    assert len(pq.read_table(tmp_path / "kept" / "rejects.parquet")) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "kept"]


def test_the_progress_counts_files_and_agrees_with_the_end(shelves: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    shown = io.StringIO()
    display = PlainDisplay(Console(file=shown, width=200))
    build_dataset([*shelves, tmp_path / "more"], tmp_path / "out", signs=4, progress=display)
    first, *lines = shown.getvalue().splitlines()
    counts = Manifest.from_json((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")).counts
    assert (counts.rejects, counts.duplicates) == (8, 7)
    assert first.startswith("scenesign: reading 14 files, ")
    assert first.endswith("; 1 more refused unread")
    assert f"15 of 15 files, {counts.books} books, " in lines[-1]


@pytest.fixture(scope="module")
def finished(shelves: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parts of an earlier run; nobody may change them."""
    folder = tmp_path_factory.mktemp("finished")
    build_dataset(shelves, folder / "out", signs=4)
    return folder / "out.parts"


@pytest.fixture
def parts(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "parts"))


def one_part(parts: Path) -> Path:
    (found,) = parts.glob("*/*.part.parquet")
    return found


def test_a_dry_run_reads_only_the_index_of_parts_and_removes_none(parts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(uri: str) -> None:
        raise AssertionError

    monkeypatch.setattr(build, "check_bytes", never)
    part, said = one_part(parts), []
    (entry,) = build.finished_parts(str(part.parent), said.append, dry=True)
    assert (len(entry.books), said) == (4, [])
    part.write_bytes(part.read_bytes()[:-100])
    assert build.finished_parts(str(part.parent), said.append, dry=True) == []
    assert "is damaged" in said[0]
    assert part.exists()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("step", ["read_entry", "check_bytes"])
def test_what_the_machine_lacks_removes_no_finished_book(
    step: str, number: int, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(uri: str) -> None:
        raise OSError(number, os.strerror(number), uri)

    monkeypatch.setattr(build, step, fail)
    with pytest.raises(BuildError, match=rf"can't be read \(.*{os.strerror(number)}.*they are kept"):
        build.finished_parts(str(one_part(parts).parent), lambda line: None)
    assert one_part(parts).exists()


@pytest.mark.parametrize("spoil", ["cut", "flip"])
def test_damage_is_done_again(spoil: str, parts: Path) -> None:
    part = one_part(parts)
    data = bytearray(part.read_bytes())
    data[200] ^= 0xFF
    part.write_bytes(data[: len(data) // 2] if spoil == "cut" else data)
    said: list[str] = []
    assert build.finished_parts(str(part.parent), said.append) == []
    assert "its books will be done again" in said[0]
    assert not part.exists()


RENDEZVOUS = """Traceback (most recent call last):
grpc._channel._MultiThreadedRendezvous: <_MultiThreadedRendezvous of RPC that terminated with:
	status = StatusCode.UNAVAILABLE
	details = "Socket closed"
	debug_error_string = "UNKNOWN:Error received from peer {grpc_message:"Socket closed", grpc_status:14}"
>
"""


@pytest.mark.parametrize("error", [RuntimeError(RENDEZVOUS), ValueError("it fell\n  >\n"), ValueError()])
def test_a_broken_run_is_told_by_its_cause(error: Exception) -> None:
    line = build.explain(error, BuildOptions(("in",), "out"))
    assert "\n" not in line
    says = {RuntimeError: "UNAVAILABLE: Socket closed"}.get(type(error), "it fell" if error.args else "ValueError")
    assert line.startswith("the run broke: ")
    assert says in line


def test_a_full_disk_may_be_that_of_the_parts() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert "the disk that holds out is full; free some space or choose another -o;" in build.explain(
        full, BuildOptions(("in",), "out")
    )
    assert "the disk that holds out or /p is full; free some space or choose another -o or --parts;" in build.explain(
        full, BuildOptions(("in",), "out", parts="/p")
    )


def of_birch(error: str, step: str = "WriteParts") -> RuntimeError:
    """An error as a worker on another machine writes it down."""
    frame = 'Traceback (most recent call last):\n  File "/srv/app/parts.py", line 3, in write\n    raise\n'
    return RuntimeError(mark_host(f"{frame}{error} [while running '{step}/ParDo']\n", "birch"))


def test_what_fails_on_another_machine_is_told_with_its_step_and_that_machine() -> None:
    options = BuildOptions(("in",), "out", parts="/p")
    kept = f"finished books are kept in {options.parts_folder}; the same command goes on from there"
    failed = build.explain(of_birch("BadFile: it's [odd]", "ReadBooks"), options)
    assert failed == f"the run broke: ReadBooks on birch: BadFile: it's [odd]; {kept}"
    full = build.explain(of_birch("OSError: [Errno 28] No space left on device"), options)
    assert full == (
        "a disk of birch is full (WriteParts on birch: OSError: [Errno 28] No space left on device); "
        f"free some space there; {kept}"
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("scenesign.extras.MissingExtraError: PDF needs scenesign[pdf]", "birch: PDF needs scenesign[pdf]"),
        ("scenesign.failures.OutOfReachError: s3://b is out of reach", "birch: s3://b is out of reach"),
        ("scenesign.failures.RunStoppedError: --strict: a.png was refused", "--strict: a.png was refused"),
    ],
)
def test_what_another_machine_lacks_is_told_with_its_name(error: str, line: str) -> None:
    assert str(build._broken(of_birch(error), BuildOptions(("in",), "out"))) == line
