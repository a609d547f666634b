"""Publishing: whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.locks import held, holder
from scenesign.pipeline.run.publish import clear_staging, exclusive, exclusive_output, publish, staging_folder


def dataset(folder: Path, mark: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(mark, encoding="utf-8")
    return folder


def test_publish_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    output = dataset(tmp_path / "out", "old")
    publish(str(dataset(Path(staging_folder(str(output))), "new")), str(output))
    assert (output / "manifest.json").read_text(encoding="utf-8") == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_run_killed_between_the_two_renames_is_mended(tmp_path: Path) -> None:
    output = tmp_path / "out"
    dataset(tmp_path / ".out.replaced", "old")
    dataset(tmp_path / ".out.partial", "half")
    clear_staging(str(output))
    assert (output / "manifest.json").read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_two_runs_on_one_folder_are_kept_apart(tmp_path: Path) -> None:
    parts = str(tmp_path / "parts")
    with exclusive(parts), pytest.raises(UsageError, match="another run is at work"), exclusive(parts):
        pass
    with exclusive(parts) as work:
        assert Path(work).is_dir()
    assert list(Path(parts).iterdir()) == []


def test_leftovers_of_a_killed_run_go(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    (parts / "run").mkdir(parents=True)
    (parts / "run" / "x").write_text("", encoding="utf-8")
    (parts / "key").mkdir()
    (parts / "key" / ".tmp-1-a").write_text("", encoding="utf-8")
    (parts / "key" / "a.part.parquet").write_text("", encoding="utf-8")
    with exclusive(str(parts)) as work:
        assert list(Path(work).iterdir()) == []
        assert [p.name for p in (parts / "key").iterdir()] == ["a.part.parquet"]


def test_an_output_is_for_one_run_whatever_its_parts(tmp_path: Path) -> None:
    output = str(tmp_path / "out")
    (tmp_path / "link").symlink_to(tmp_path)
    with exclusive_output(output):
        (tmp_path / ".out.partial").mkdir()
        for path in (output, output + "/", str(tmp_path / "link" / "out")):
            with (
                pytest.raises(
                    UsageError, match=rf"at work on .*out/? \(process {os.getpid()} on .*, since .*wait for it"
                ),
                exclusive_output(path),
            ):
                pass
        assert (tmp_path / ".out.partial").is_dir()
    with exclusive_output(output):
        pass
    assert not (tmp_path / ".out.lock").exists()


def test_a_lock_of_a_dead_process_holds_nobody_up(tmp_path: Path) -> None:
    lock = str(tmp_path / ".lock")
    hold = "import sys, time; from scenesign.pipeline.run.locks import held\n"
    hold += "with held(sys.argv[1], 'x'): print(flush=True); time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", hold, lock], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        assert f"process {other.pid} on" in holder(lock)
        other.kill()
    assert holder(lock) == ""
    with held(lock, "x"):
        assert f"process {os.getpid()} on" in holder(lock)
    assert holder(lock) == ""


def test_an_output_that_is_a_link_stays_one(tmp_path: Path) -> None:
    dataset(tmp_path / "real" / "out", "old")
    link = tmp_path / "link"
    for target in ("real/out", "real/new"):  # the second leads nowhere yet
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        publish(str(dataset(Path(staging_folder(str(link))), "new")), str(link))
        assert link.is_symlink()
        assert (link / "manifest.json").read_text(encoding="utf-8") == "new"
    assert sorted(p.name for p in (tmp_path / "real").iterdir()) == ["new", "out"]


def test_a_name_that_can_not_be_given_leaves_the_earlier_dataset_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = dataset(tmp_path / "out", "old")
    staging = dataset(Path(staging_folder(str(output))), "new")
    rename = os.rename

    def refuse(source: object, target: object) -> None:
        if str(source) == str(staging):
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        rename(str(source), str(target))

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(OSError, match="quota"):
        publish(str(staging), str(output))
    assert (output / "manifest.json").read_text(encoding="utf-8") == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.partial", "out"]


def test_what_killed_workers_left_goes_with_the_run(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    with exclusive(str(parts)):
        (parts / "key").mkdir()
        (parts / "key" / ".tmp-123-half.part.parquet").write_text("half", encoding="utf-8")
        (parts / "key" / "whole.part.parquet").write_text("whole", encoding="utf-8")
    assert [p.name for p in parts.rglob("*")] == ["key", "whole.part.parquet"]
