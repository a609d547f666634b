"""A worker tells a file that was deleted from one that it can't see."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from scenesign.transforms.support.failures import RunStoppedError
from scenesign.transforms.support.submitter import Submitter

HERE = socket.gethostname()
NEEDS = (
    "unless it was removed since, inputs, parts and output must lie where all workers reach them under the same name "
    "(a shared folder, gs:// or s3://)"
)


def test_what_is_seen_is_no_trouble_on_any_machine(tmp_path: Path) -> None:
    book = tmp_path / "a.txt"
    book.write_text("A.", encoding="utf-8")
    away = Submitter("desk", (str(tmp_path), "gs://bucket/work"))
    away.check_listed(str(book))
    away.check_written(str(book))
    away.check_written("gs://bucket/list")
    away.check_folders()


def test_a_file_may_be_deleted_where_it_was_listed(tmp_path: Path) -> None:
    Submitter().check_listed(str(tmp_path / "a.txt"))
    (tmp_path / "link").symlink_to("nowhere")  # no file any more, and seen all the same
    Submitter("desk").check_listed(str(tmp_path / "link"))


@pytest.mark.parametrize(("host", "name"), [("desk", "a.txt"), (HERE, "gone/a.txt"), ("desk", "gone/a.txt")])
def test_a_file_of_another_machine_or_a_folder_that_is_not_there_ends_the_run(
    host: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    with pytest.raises(RunStoppedError) as stopped:
        Submitter(host).check_listed(str(path))
    assert str(stopped.value) == f"worker {HERE} can't see {path}, which {host} listed: {NEEDS}"


def test_what_was_written_for_the_run_is_there_as_long_as_the_run(tmp_path: Path) -> None:
    path = tmp_path / "sources.jsonl"
    with pytest.raises(RunStoppedError) as stopped:
        Submitter().check_written(str(path))
    assert str(stopped.value) == f"worker {HERE} can't see {path}, which {HERE} wrote: {NEEDS}"
    with pytest.raises(RunStoppedError, match=f"can't see {tmp_path}/staging, which desk wrote"):
        Submitter("desk", (str(tmp_path), str(tmp_path / "staging"))).check_folders()
