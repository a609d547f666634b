"""Storage: files appear whole or not at all, on a disk and on object stores alike."""

from __future__ import annotations

import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from scenesign.transforms.read.inputs import InputError, list_inputs
from scenesign.transforms.support import storage
from tests.stores import Store

SCHEMA = pa.schema([("number", pa.int64())])


@pytest.fixture(params=["disk", "gcs", "s3"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder of nobody's, on the disk or in an object store."""
    if request.param == "disk":
        return str(tmp_path / "folder")
    store: Store = request.getfixturevalue(request.param)
    return f"{store.bucket}/{uuid.uuid4().hex}/folder"


def names(folder: str, suffix: str = "") -> list[str]:
    return [Path(uri).name for uri in storage.list_files(folder, suffix)]


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(folder: str) -> None:
    target = storage.join(folder, "file.bin")
    storage.write_bytes(target, b"before")

    def fail() -> None:
        with storage.open_write(target) as stream:
            stream.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert storage.read_bytes(target) == b"before"
    assert storage.size(target) == 6
    assert names(folder) == ["file.bin"]


def test_listing_and_removal(folder: str) -> None:
    for name in ("b.x", "a.x", "c.y", "inner/d.x"):
        storage.write_bytes(storage.join(folder, *name.split("/")), b"1")
    assert names(folder, ".x") == ["a.x", "b.x"]
    assert storage.list_files(storage.join(folder, "nowhere"), ".x") == []
    assert storage.match(storage.join(folder, "**.x")) == [
        (storage.join(folder, *name.split("/")), 1) for name in ("a.x", "b.x", "inner/d.x")
    ]
    sibling = storage.join(folder + "2", "kept")
    storage.write_bytes(sibling, b"1")
    storage.remove(storage.join(folder, "a.x"))
    assert names(folder) == ["b.x", "c.y"]
    storage.remove(folder)
    storage.remove(folder)
    assert storage.match(storage.join(folder, "**")) == []
    assert storage.exists(sibling)


def test_wildcards_in_a_folders_own_name_are_letters(folder: str) -> None:
    wild = folder + "[ab]"
    storage.write_bytes(storage.join(wild, "x"), b"1")
    storage.write_bytes(storage.join(folder + "a", "x"), b"1")
    assert names(wild) == ["x"]
    storage.remove(wild)
    assert not storage.exists(storage.join(wild, "x"))
    assert storage.exists(storage.join(folder + "a", "x"))


def test_what_is_not_there_is_a_missing_file(folder: str) -> None:
    missing = storage.join(folder, "missing")
    assert not storage.exists(missing)
    for read in (storage.read_bytes, storage.size, storage.digest, storage.read_table):
        with pytest.raises(FileNotFoundError, match="missing"):
            read(missing)


def test_parquet_by_row_group(folder: str) -> None:
    uri = storage.join(folder, "table.parquet")
    with storage.parquet_writer(uri, SCHEMA) as writer:
        for first in range(3):
            writer.write_table(pa.table({"number": range(1000 * first, 1000 * first + 1000)}, schema=SCHEMA))
    with storage.parquet_reader(uri) as reader:
        assert reader.num_row_groups == 3
        assert reader.read_row_group(2)["number"][999].as_py() == 2999
    assert storage.read_table(uri).num_rows == 3000


def test_a_file_of_several_upload_blocks_comes_back(folder: str) -> None:
    data = b"".join(i.to_bytes(8, "big") for i in range(1_500_000))
    uri = storage.join(folder, "large.bin")
    storage.write_bytes(uri, data)
    assert storage.size(uri) == len(data)
    assert storage.read_bytes(uri) == data


def test_digest_is_sha256(folder: str) -> None:
    storage.write_bytes(storage.join(folder, "a"), b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert storage.digest(storage.join(folder, "a")) == known


def test_inputs_are_listed_by_folder_glob_and_name(folder: str) -> None:
    for name in ("en/a.txt", "en/b.txt", "ru/a.txt", ".hidden/c.txt"):
        storage.write_bytes(storage.join(folder, *name.split("/")), b"Once upon a time.")
    storage.write_bytes(storage.join(folder, "ru", "picture.jpg"), b"\xff\xd8" + bytes(100))
    whole, rejects = list_inputs([folder])
    assert [source.name for source in whole] == ["en/a.txt", "en/b.txt", "ru/a.txt"]
    assert [(reject.source, reject.reason) for reject in rejects] == [("ru/picture.jpg", "unsupported-type")]
    assert list_inputs([folder + "/"])[0] == whole
    assert [source.name for source in list_inputs([folder + "/*/a.txt"])[0]] == ["en/a.txt", "ru/a.txt"]
    assert [source.name for source in list_inputs([folder + "/**"])[0]] == [source.name for source in whole]
    assert [source.name for source in list_inputs([folder + "/ru/a.txt"])[0]] == ["a.txt"]
    with pytest.raises(InputError, match="no such file or folder"):
        list_inputs([folder + "/nowhere"])


def test_an_empty_file_is_refused_by_object_stores_in_plain_words(store: Store) -> None:
    with pytest.raises(ValueError, match="an empty file can't be written to an object store"):
        storage.write_bytes(f"{store.bucket}/{uuid.uuid4().hex}", b"")


def test_objects_are_copied_in_their_store(store: Store) -> None:
    folder = f"{store.bucket}/{uuid.uuid4().hex}"
    storage.write_bytes(folder + "/a/x", b"1")
    storage.write_bytes(folder + "/b/x", b"old")
    storage.copy([folder + "/a/x", folder + "/a/x"], [folder + "/b/x", folder + "/b/y"])
    assert [storage.read_bytes(folder + name) for name in ("/b/x", "/b/y", "/a/x")] == [b"1", b"1", b"1"]
    with pytest.raises(OSError, match="nothing"):
        storage.copy([folder + "/a/nothing"], [folder + "/b/z"])


def test_the_last_write_under_folders_with_one_beginning(store: Store) -> None:
    folder = f"{store.bucket}/{uuid.uuid4().hex}/run-"
    for name in ("1/x", "1/deep/y", "2/z"):
        storage.write_bytes(folder + name, b"1")
    found = storage.last_write(folder)
    assert sorted(found) == [folder + "1", folder + "2"]
    assert all(0 < seconds < 1e11 for seconds in found.values())


def test_what_can_not_be_written_is_told_by_its_own_name(tmp_path: Path) -> None:
    name = str(tmp_path / ("n" * 240))  # the file beside it has a longer one

    def write() -> None:
        storage.write_bytes(name, b"x")

    with pytest.raises(OSError, match="too long") as told:
        write()
    assert told.value.filename == name
