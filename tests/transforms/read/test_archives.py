"""Archives, compressed files and limits."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.support.limits import Limits
from tests.transforms.read.files import read, refusal, write
from tests.transforms.read.test_fb2 import FB2


def test_zip_of_books(tmp_path: Path) -> None:
    path = tmp_path / "books.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b/two.fb2", FB2.encode("cp1251"))
        archive.writestr("a/one.txt", "One text.")
        archive.writestr("../../evil.txt", "Evil text.")
        archive.writestr("table.csv", "a,b")
        archive.writestr("pic.txt", b"\x89PNG\r\n")
    found = {d.name: d for d in read(path)}
    assert found["books.zip!a/one.txt"].text == "One text."
    assert found["books.zip!b/two.fb2"].title == "Казаки"
    assert found["books.zip!../../evil.txt"].text == "Evil text."
    assert found["books.zip!table.csv"].problem is not None
    assert found["books.zip!pic.txt"].problem is not None
    assert [p.name for p in tmp_path.iterdir()] == ["books.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_each_told_of(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "books.zip", "w") as archive:
        for text in ("One text.", "Two texts.", "Three texts."):
            archive.writestr("a.txt", text)
    *refused, kept = read(tmp_path / "books.zip")
    assert [(d.name, d.problem.reason if d.problem else "") for d in refused] == [
        ("books.zip!a.txt", "damaged-archive")
    ] * 2
    assert kept.text == "Three texts."


def test_archives_in_archives(tmp_path: Path) -> None:
    data = b"Some text."
    for _ in range(4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.zip", data)
        data = buffer.getvalue()
    (document,) = read(write(tmp_path, "q.zip", data))
    assert document.problem is not None
    assert document.problem.reason == "too-nested"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_damaged_inside(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.txt", "Some text that is long enough. " * 20)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[44:50] = bytes(byte ^ 0xFF for byte in data[44:50])
    (document,) = read(write(tmp_path, "a.zip", bytes(data)))
    assert isinstance(document.problem, RejectError)
    assert document.problem.reason == "damaged-archive"


def test_compressed_text_and_its_bombs(tmp_path: Path) -> None:
    (document,) = read(write(tmp_path, "a.txt.gz", gzip.compress(b"Some text.")))
    assert document.text == "Some text."
    bomb = gzip.compress(b"0" * 100_000_000)
    assert refusal(write(tmp_path, "b.txt.gz", bomb)) == "archive-bomb"
    assert refusal(write(tmp_path, "b.jsonl.gz", bomb)) == "archive-bomb"
    assert refusal(write(tmp_path, "cut.txt.gz", gzip.compress(b"Some text." * 100)[:-12])) == "damaged-archive"


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "x" * 101)
    assert refusal(path, limits=Limits(file_bytes=100)) == "too-large"
    assert len(read(path, limits=Limits(file_bytes=101))) == 1


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".fb2", ".epub", ".jsonl", ".zip", ".parquet", ".txt.gz"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"", b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08\x00", b"<html>", b"<FictionBook>", b"{", b"\xff\xfe"]
    ),
    data=st.binary(max_size=200),
)
def test_any_bytes_under_any_name(tmp_path: Path, suffix: str, head: bytes, data: bytes) -> None:
    path = write(tmp_path, f"a{suffix}", head + data)
    try:
        outcome = {type(document) for document in read(path)}
    except RejectError as error:
        assert error.reason  # noqa: PT017
        return
    assert outcome <= {RawDocument}
