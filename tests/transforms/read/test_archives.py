"""Archives, compressed files and limits."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.member_names import member_names
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


def zip_with_names(path: Path, names: list[bytes]) -> Path:
    """A zip as old programs wrote it: names in bytes of their own, none marked as UTF-8."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(f"{number}".rjust(len(name), "_"), f"Text of book {number}.")
    data = path.read_bytes()
    for number, name in enumerate(names):
        assert data.count(f"{number}".rjust(len(name), "_").encode()) == 2
        data = data.replace(f"{number}".rjust(len(name), "_").encode(), name)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp866", ["Преступление и наказание.txt", "Толстой/Война и мир.txt"]),
        ("cp866", ["Мёртвые души.txt"]),
        ("cp1251", ["Преступление и наказание.txt", "Толстой/Война и мир.txt"]),
        ("gbk", ["紅樓夢.txt", "三国演义/第一回 宴桃园豪杰三结义.txt"]),
        ("big5", ["三國演義/第一回 宴桃園豪傑三結義.txt", "水滸傳.txt"]),
        ("shift_jis", ["走れメロス.txt", "銀河鉄道の夜.txt", "ソ連の表.txt"]),
        ("euc_jp", ["走れメロス.txt", "銀河鉄道の夜.txt"]),
        ("euc_kr", ["운수 좋은 날.txt", "메밀꽃 필 무렵.txt"]),
        ("cp852", ["Quo vadis - powieść z czasów Nerona.txt", "Chłopi - część pierwsza.txt"]),
        ("cp850", ["Les Misérables - première partie.txt", "À la recherche du temps perdu.txt"]),
        ("cp737", ["Η φόνισσα.txt", "Το παραμύθι χωρίς όνομα.txt"]),
        ("cp437", ["Café.txt"]),
        ("utf-8", ["Преступление.txt", "銀河鉄道の夜.txt"]),
    ],
)
def test_names_in_encodings_of_old_systems(tmp_path: Path, encoding: str, names: list[str]) -> None:
    path = zip_with_names(tmp_path / "old.zip", [name.encode(encoding) for name in names])
    assert {d.name: d.text for d in read(path)} == {
        f"old.zip!{name}": f"Text of book {number}." for number, name in enumerate(names)
    }


def test_a_name_that_is_said_again_in_utf8(tmp_path: Path) -> None:
    raw = b"\x8f\x90.txt"
    said = "Ещё.txt".encode()
    info = zipfile.ZipInfo("ab.txt")
    info.extra = struct.pack("<HHBL", 0x7075, 5 + len(said), 1, zlib.crc32(raw)) + said
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "Text.")
    path = write(tmp_path, "b.zip", (tmp_path / "a.zip").read_bytes().replace(b"ab.txt", raw))
    assert [d.name for d in read(path)] == ["b.zip!Ещё.txt"]


def test_two_members_of_one_name_are_two_books(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("book.txt", "Text 0.")
        for number in (1, 2):
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr("book.txt", f"Text {number}.")
    assert {d.name: d.text for d in read(tmp_path / "a.zip")} == {
        "a.zip!book.txt": "Text 0.",
        "a.zip!book (2).txt": "Text 1.",
        "a.zip!book (3).txt": "Text 2.",
    }


@given(
    names=st.lists(st.binary(max_size=12), max_size=4), extra=st.binary(max_size=12), flag=st.sampled_from([0, 0x800])
)
def test_any_names_and_extra_fields(names: list[bytes], extra: bytes, flag: int) -> None:
    infos = []
    for name in names:
        info = zipfile.ZipInfo(name.decode("utf-8", "replace") if flag else name.decode("cp437"))
        info.extra, info.flag_bits = extra, flag
        infos.append(info)
    found = member_names(infos)
    assert len(set(found)) == len(found) == len(names)


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
