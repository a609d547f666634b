"""Progress: what is shown adds up, and watching never slows, fails or outlives a run."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import socket
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scenesign.pipeline.run import progress
from scenesign.pipeline.run.progress import (
    PAGE,
    STAGES,
    RunState,
    contents,
    counts_in,
    rounded,
    time_left,
    watching,
)
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.records import Source
from scenesign.transforms.support.counting import SOCKET_VARIABLE, tell
from tests.conftest import run_scenesign

SOURCES = [Source("a", "a", 600), Source("b", "b", 300), Source("c", "c", 100)]
BOOK = 1_000_000  # bytes
SENTENCES = 10_000  # of a book


def words_of(state: RunState, now: float) -> str:
    """All that is said of the stage at work."""
    return ", ".join(words for _, words in state.facts(now))


def steady_run(books: int, seconds: float, later: float = 1.0, slow_from: float = math.inf) -> Iterator[RunState]:
    """A state at each quarter of a second of a run that takes `seconds` for each book, and then as much as is usual.

    later: how much longer its later stages take than is usual. slow_from: from when on a book takes four times as long.
    """
    state = RunState(books, books * BOOK, contents=books * BOOK)
    state.add("run/started", 1, 0.0)
    now, done = 0.0, 0.0
    told: Counter[str] = Counter()

    def tell_up_to(key: str, much: float) -> None:
        if (more := int(much) - told[key]) > 0:
            told[key] += more
            state.add(key, more, now)

    while done < books:
        now += 0.25
        done = min(books, done + 0.25 / (seconds * (4 if now > slow_from else 1)))
        begun = min(books, int(done) + 1)
        # seven tenths of a book's time are its embedding, of which 4,000 sentences are told at a time
        batch = 4_000 * int(min(1.0, done % 1 / 0.7) * SENTENCES / 4_000) if done % 1 < 0.7 else SENTENCES
        tell_up_to("bytes/begun", begun * BOOK)
        tell_up_to("sentences/begun", begun * SENTENCES)
        tell_up_to("sentences/batch", min(begun * SENTENCES, int(done) * SENTENCES + batch))
        for key, by in (("bytes/cut", BOOK), ("books/embedded", 1), ("scenes/found", 500), ("sources/done", 1)):
            tell_up_to(key, int(done) * by)
        state.look(now)
        yield state
    for stage in (progress.ASSIGN, progress.WRITE, progress.MEASURE):
        over = now + later * STAGES[stage].cost * seconds * books
        state.add(STAGES[stage].sign, 1, now)
        while now < over:
            now += 0.25
            state.look(now)
            yield state


@pytest.mark.parametrize("books", [3, 40])
@pytest.mark.parametrize("later", [0.5, 1.0, 1.5])
def test_the_time_left_never_rises_in_a_steady_run(books: int, later: float) -> None:
    shown = [state.seconds_left() for state in steady_run(books, 8.0, later)]
    known = [left for left in shown if left is not None]
    assert len(known) > 0.8 * len(shown)
    assert shown[:12] == [None] * 12  # three seconds at least before there is a figure
    assert all(b <= a for a, b in pairwise(known))


def test_the_time_left_is_near_the_truth() -> None:
    whole = sum(1 for _ in steady_run(40, 8.0)) / 4 + 8.0 * 40 * STAGES[PAGE].cost
    for tick, state in enumerate(steady_run(40, 8.0), start=1):
        left = state.seconds_left()
        if left is not None and tick / 4 < 0.9 * whole:
            assert left == pytest.approx(whole - tick / 4, rel=0.25)


def test_the_time_left_rises_where_the_speed_falls_and_stays_low() -> None:
    shown = [state.seconds_left() or 0.0 for state in steady_run(40, 4.0, slow_from=60.0)]
    before = shown[239]  # at second 60
    assert max(shown[240:]) > 1.5 * before
    assert all(b <= a for a, b in pairwise(shown[40:240]))


def test_the_share_never_falls_and_comes_near_the_whole() -> None:
    shares = [state.share for state in steady_run(12, 5.0)]
    assert all(a <= b for a, b in pairwise(shares))
    assert shares[0] < 0.02
    assert 0.9 < shares[-1] < 1


def test_what_is_reused_says_nothing_of_the_pace() -> None:
    state = RunState(3, 3 * BOOK, contents=3 * BOOK)
    state.add("run/started", 1, 0.0)
    state.add("bytes/reused", BOOK, 0.5)
    state.add("books/reused", 1, 0.5)
    for second in range(1, 11):
        state.look(float(second))
    assert state.seconds_left() is None
    assert "1 book, 1 of them reused" in words_of(state, 10.0)
    state.add("bytes/begun", BOOK, 11.0)
    state.add("sentences/begun", SENTENCES, 11.0)
    state.look(11.0)
    state.add("sentences/batch", SENTENCES, 20.9)
    state.look(21.0)
    # ten seconds for seven tenths of a megabyte: 1.3 of them are left, and the later stages of all three
    later = sum(stage.cost for stage in STAGES[1:]) * 3
    assert state.seconds_left() == pytest.approx((1.3 + later) * 10 / 0.7)
    assert (
        words_of(state, 21.0)
        .split(", ", 2)[2]
        .startswith("1 book, 1 of them reused, 10,000 sentences, 1,000 sentences/s, ")
    )


def test_an_archive_that_lies_about_its_contents_counts_as_what_is_read_on_at_most(tmp_path: Path) -> None:
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a.txt", "a")
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02") + 24  # its size in the directory, four bytes
    data[at : at + 4] = (2**31).to_bytes(4, "little")
    archive.write_bytes(data)
    assert contents([Source(str(archive), "b.zip", len(data))]) == 1000 * len(data)


def test_nothing_is_foretold_where_the_contents_of_archives_are_unknown(tmp_path: Path) -> None:
    text = Source(str(tmp_path / "a.txt"), "a.txt", 10)
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a.txt", "a" * 900)
    assert contents([text, text]) == 20
    assert contents([text, Source(str(archive), "b.zip", archive.stat().st_size)]) == 910
    (tmp_path / "c.zip").write_bytes(b"PK")
    assert contents([text, Source(str(tmp_path / "c.zip"), "c.zip", 2)]) == 12
    for unknown in (
        Source("gs://b/b.zip", "b.zip", 9),
        Source(str(tmp_path / "b.txt.gz"), "b.txt.gz", 9),
        Source("rows.parquet", "rows.parquet", 9),
        Source("hf:x", "x", 0),
    ):
        assert contents([text, unknown]) is None
    state = RunState(8, 800)
    state.add("bytes/begun", 900, 0.0)
    state.add("sentences/begun", 9, 0.0)
    for second in range(20):
        state.add("sentences/batch", 1, float(second))
        state.look(float(second))
    assert (state.seconds_left(), state.share) == (None, 0.0)
    for _ in range(3):  # of the bytes that were read three are in a byte of a file
        state.add("sources/done", 1, 21.0)
        state.add("bytes/done", 100, 21.0)
    state.look(21.0)
    assert state.seconds_left() is not None


def test_stages_only_go_forward() -> None:
    state = RunState(3, 1000)
    state.add("run/started", 1, 0.0)
    state.add("parts/assigned", 1, 50.0)  # with no word of the stage before
    state.add("parts/sampled", 1, 51.0)
    state.add("books/embedded", 1, 52.0)
    assert state.stage == 2
    assert state.began == [0.0, 50.0, 50.0]
    state.settle({}, 60.0)
    assert state.stage == PAGE


def test_rejects_of_all_reasons_are_counted() -> None:
    state = RunState(3, 1000, refused=1)
    state.add("rejected/empty", 1, 41.0)
    assert words_of(state, 41.0) == "0 %, 1 of 4 files, 0 books, 1 reject"
    state.add("rejected/binary", 2, 41.0)
    state.add("rejected/duplicate", 2, 41.0)
    assert words_of(state, 41.0).endswith("0 books, 3 rejects")


def test_each_stage_says_what_it_counts() -> None:
    state = RunState(1, 1000)
    state.add("parts/sampled", 1, 0.0)
    state.add("scenes/sampled", 1, 0.0)
    assert words_of(state, 0.0) == "0 %, on 1 scene"
    state.add("parts/assigned", 1, 0.0)
    assert words_of(state, 0.0) == "0 %, 1 of 1 part"
    state.add("scenes/written", 1200, 0.0)
    assert words_of(state, 0.0) == "0 %, 1,200 scenes"
    state.settle({"sources/done": 1, "books/written": 2, "sentences/embedded": 1, "scenes/written": 9}, 0.0)
    assert words_of(state, 0.0) == "1 of 1 file, 2 books, 1 sentence, 9 scenes"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "seconds left"), (4.9, "seconds left"), (13, "15 s left"), (87, "85 s left"), (100, "2 min left")],
)
def test_time_left_is_no_finer_than_anybody_can_know(seconds: float, words: str) -> None:
    assert time_left(seconds) == words


def test_a_rate_has_two_figures() -> None:
    assert [rounded(rate) for rate in (1234.5, 56.7, 0.12)] == [1200, 57, 0.12]


class Remember:
    """A display that keeps the last state."""

    def __init__(self) -> None:
        self.closed = 0

    def show(self, state: RunState, now: float) -> None:
        self.state = state

    def close(self) -> None:
        self.closed += 1


def test_counts_arrive_and_rubbish_does_no_harm() -> None:
    display = Remember()
    with watching(SOURCES, 0, display):
        address = os.environ[SOCKET_VARIABLE]
        stranger = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for rubbish in (b"", b"\xff", b"[1]", b'{"a": "b"}', json.dumps(["a"] * 2000).encode()):
            stranger.sendto(rubbish, address)
        for _ in range(100):
            tell("books", "read")
        while not hasattr(display, "state") or display.state.counts["books/read"] < 100:
            time.sleep(0.01)
            tell("books", "read", 0)  # brings along what found no room before
        tell("books", "read")
    assert display.state.counts["books/read"] == 101
    assert (display.state.sources, display.state.bytes, display.closed) == (3, 1000, 0)
    assert SOCKET_VARIABLE not in os.environ
    assert not Path(address).exists()


def test_counts_arrive_where_the_temporary_folder_has_a_long_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of a socket holds a hundred bytes; a port of this machine serves then."""
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    display = Remember()
    with watching(SOURCES, 0, display):
        assert re.fullmatch(r"127\.0\.0\.1:\d+", os.environ[SOCKET_VARIABLE])
        tell("books", "read", 7)
    assert display.state.counts["books/read"] == 7
    assert list(long.iterdir()) == []


def test_counts_arrive_where_no_file_can_be_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    class OnlyPorts(socket.socket):
        def bind(self, address: Any) -> None:
            if self.family != socket.AF_INET:
                raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
            super().bind(address)

    monkeypatch.setattr(socket, "socket", OnlyPorts)
    display = Remember()
    with watching(SOURCES, 0, display):
        assert re.fullmatch(r"127\.0\.0\.1:\d+", os.environ[SOCKET_VARIABLE])
        tell("books", "read", 7)
    assert display.state.counts["books/read"] == 7


def test_a_display_that_cannot_write_breaks_no_run() -> None:
    class FullDisk(Remember):
        def show(self, state: RunState, now: float) -> None:
            super().show(state, now)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    display = FullDisk()
    with watching(SOURCES, 0, display):
        tell("books", "read", 7)
    assert display.state.counts["books/read"] == 7


def test_counts_of_other_machines_arrive_by_this_ones_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: "localhost")
    display = Remember()
    with watching(SOURCES, 0, display, far=True):
        host, port = os.environ[SOCKET_VARIABLE].split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b'{"a": Infinity}', ("127.0.0.1", int(port)))
        tell("books", "read", 7)
    assert host == "localhost"
    assert display.state.counts["books/read"] == 7


@pytest.mark.parametrize(
    ("datagram", "counts"),
    [
        (b'{"books/read": 7, "bytes/done": -3}', {"books/read": 7, "bytes/done": -3}),
        (b'{"a": 1, "b": 1e400, "c": NaN, "d": "2", "e": true, "f": [3], "g": 4.0}', {"a": 1}),
        (b'{"sentences/batch": %d, "a": 1}' % 10**400, {"a": 1}),  # no float holds its rate
        (b'{"a": ' + b"9" * 5000 + b"}", {}),
        (b"[" * 60_000, {}),
        (b"[1]", {}),
        (b"\xff", {}),
        (b"", {}),
    ],
)
def test_what_a_stranger_sends_breaks_nothing(datagram: bytes, counts: dict[str, int]) -> None:
    assert counts_in(datagram) == counts


def test_strangers_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_KINDS", 3)
    display = Remember()
    with watching(SOURCES, 0, display):
        for number in range(9):
            tell("stranger", str(number))
        tell("stranger", "0")
    assert len(display.state.counts) == 3
    assert display.state.counts["stranger/0"] == 2


def test_a_name_that_nobody_knows_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> str:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "gethostbyname", unknown)
    monkeypatch.setenv(SOCKET_VARIABLE, "nobody.invalid:9")
    tell("books", "read")


def test_telling_nobody_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "nobody"))
    tell("books", "read")


def test_a_listener_that_does_not_read_never_stops_a_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # a name short enough for a socket
    deaf = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    deaf.bind("s")
    monkeypatch.setenv(SOCKET_VARIABLE, "s")
    for _ in range(20_000):  # far beyond what the kernel keeps
        tell("books", "read")
    deaf.close()


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_shows_what_its_manifest_says(workers: int, pair: Path, tmp_path: Path) -> None:
    done = run_scenesign("build", pair, "-o", tmp_path / "out", "--workers", workers)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("progress: ")]
    manifest = Manifest.from_json((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    counts, sentences = manifest.counts, manifest.run["counters"]["sentences/embedded"]
    assert lines[-1] == (
        f"progress: make the page: {counts.inputs} of {counts.inputs} files, {counts.books} books, "
        f"{sentences:,} sentences, {counts.scenes} scenes"
    )
    names = [stage.name for stage in STAGES]
    reached = [names.index(line.split(": ")[1]) for line in lines]
    assert reached == sorted(reached)


def test_quiet_says_nothing_of_progress(pair: Path, tmp_path: Path) -> None:
    done = run_scenesign("build", pair / "en.txt", "-o", tmp_path / "out", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
