"""Storage: files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms import storage


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "file.bin"
    storage.write_bytes(str(target), b"before")

    def fail() -> None:
        with storage.open_write(str(target)) as stream:
            stream.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert target.read_bytes() == b"before"
    assert [p.name for p in target.parent.iterdir()] == ["file.bin"]


def test_listing_and_removal(tmp_path: Path) -> None:
    for name in ("b.x", "a.x", "c.y"):
        storage.write_bytes(storage.join(str(tmp_path), name), b"1")
    (tmp_path / "folder.x").mkdir()
    assert [Path(p).name for p in storage.list_files(str(tmp_path), ".x")] == ["a.x", "b.x"]
    assert storage.list_files(str(tmp_path / "nowhere"), ".x") == []
    storage.remove(str(tmp_path))
    storage.remove(str(tmp_path))
    assert not tmp_path.exists()


def test_digest_is_sha256(tmp_path: Path) -> None:
    storage.write_bytes(str(tmp_path / "a"), b"abc")
    assert storage.digest(str(tmp_path / "a")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
