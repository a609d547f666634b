"""Stores that don't answer: asked again, and in the end the run's trouble, never a book's."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.records import Reject, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support import patience, storage
from scenesign.transforms.support.failures import OutOfReachError
from tests.stores import Faulty, Store, faulty_line, in_environment

TEXT = "The boat came in late, and nobody on the pier spoke of the storm. " * 8000


@pytest.fixture
def faulty(store: Store, tmp_path: Path) -> Iterator[Faulty]:
    with faulty_line(store, tmp_path) as line, in_environment(line.store):
        yield line


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 1.0)


def forms() -> dict[str, bytes]:
    zipped, table = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.txt", TEXT)
    pq.write_table(pa.table({"text": [TEXT]}), table, compression="none", use_dictionary=False)
    return {"a.txt": TEXT.encode(), "a.zip": zipped.getvalue(), "a.parquet": table.getvalue()}


@pytest.mark.parametrize("name", ["a.txt", "a.zip", "a.parquet"])
def test_a_line_that_breaks_in_a_file_is_no_reject(name: str, faulty: Faulty, impatient: None) -> None:
    uri = f"{faulty.store.bucket}/{uuid.uuid4().hex}/{name}"
    data = forms()[name]
    storage.write_bytes(uri, data)
    (whole,) = read_books(Source(uri, name, len(data)), ReadOptions())
    assert not isinstance(whole, Reject)
    faulty.order(name, "GET", "reset", times=3)
    assert list(read_books(Source(uri, name, len(data)), ReadOptions())) == [whole]
    if uri.startswith("gs://"):
        return  # Google's client tries for two minutes by itself
    faulty.order(name, "GET", "reset")
    with pytest.raises(OutOfReachError, match=f"{uri} is out of reach.*finished books are kept"):
        list(read_books(Source(uri, name, len(data)), ReadOptions()))


@pytest.mark.parametrize("status", ["503", "429"])
def test_a_store_that_has_had_enough_ends_the_run(status: str, s3: Store, tmp_path: Path, impatient: None) -> None:
    with faulty_line(s3, tmp_path) as faulty, in_environment(faulty.store):
        uri = f"{s3.bucket}/{uuid.uuid4().hex}/a.txt"
        storage.write_bytes(uri, TEXT.encode())
        faulty.order("a.txt", "GETHEAD", status)
        with pytest.raises(OutOfReachError, match="is out of reach"):
            list(read_books(Source(uri, "a.txt", 1), ReadOptions()))
        with pytest.raises(OutOfReachError):
            storage.exists(uri)


@pytest.mark.parametrize(("status", "detail"), [("404", "no longer there"), ("403", "no permission")])
def test_one_file_that_is_gone_or_denied_is_its_own_reject(
    status: str, detail: str, faulty: Faulty, tmp_path: Path
) -> None:
    uri = f"{faulty.store.bucket}/{uuid.uuid4().hex}/a.txt"
    storage.write_bytes(uri, TEXT.encode())
    faulty.order("a.txt", "GETHEAD", status)
    (found,) = read_books(Source(uri, "a.txt", 1), ReadOptions())
    assert isinstance(found, Reject)
    assert (found.reason, detail in found.detail) == ("unreadable", True)


def test_an_upload_is_begun_again(faulty: Faulty) -> None:
    uri = f"{faulty.store.bucket}/{uuid.uuid4().hex}/a.bin"
    faulty.order("/", "PUTPOST", "503", times=2)
    storage.write_bytes(uri, TEXT.encode())
    faulty.mend()
    assert storage.read_bytes(uri) == TEXT.encode()


def test_without_credentials_a_store_is_out_of_reach_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("time.sleep", lambda seconds: asked.append(seconds))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    nobody = Store("s3://books", {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nowhere"})
    with in_environment(nobody), pytest.raises(OutOfReachError, match="no credentials for it"):
        storage.exists("s3://books/x")
    assert not asked


def test_the_pauses_grow_and_end() -> None:
    asked: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        asked.append(seconds)
        clock[0] += seconds

    def never() -> None:
        raise ConnectionResetError(104, "reset")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience.time, "sleep", sleep)
        patch.setattr(patience.time, "monotonic", lambda: clock[0])
        with pytest.raises(OutOfReachError, match=r"gs://x is out of reach \(ConnectionResetError"):
            patience.patiently("gs://x", never)
        with pytest.raises(KeyError):
            patience.patiently("gs://x", lambda: {}["another error"])
    assert asked[:6] == [0.5, 1, 2, 4, 8, 8]
    assert sum(asked) <= patience.PATIENCE
