"""Progress: what is shown adds up, and watching never slows, fails or outlives a run."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import tempfile
import time
from pathlib import Path

import pytest
from rich.console import Console

from scenesign.pipeline.run import progress
from scenesign.pipeline.run.progress import (
    LiveDisplay,
    PlainDisplay,
    RunState,
    counts_in,
    duration,
    make_display,
    watching,
)
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.records import Source
from scenesign.transforms.support.counting import SOCKET_VARIABLE, tell
from tests.conftest import run_scenesign

SOURCES = [Source("a", "a", 600), Source("b", "b", 300), Source("c", "c", 100)]


def state_after_two_books() -> RunState:
    """At second 10 the embedder begins; at 30 a book of 600 bytes is done, at 40 one of 300 was there already."""
    state = RunState(3, 1000)
    state.add("run/started", 1, 0.0)
    for at in range(10, 31, 2):
        state.add("sentences/batch", 200, float(at))
    state.add("sources/done", 1, 30.0)
    state.add("bytes/done", 600, 30.0)
    state.add("bytes/reused", 300, 40.0)
    state.add("bytes/done", 300, 40.0)
    return state


def test_rate_and_time_left_by_hand() -> None:
    state = state_after_two_books()
    # ten batches after the first, in the 20 seconds from 10 to 30
    assert state.sentences_per_second(30.0) == pytest.approx(2000 / 20)
    assert state.sentences_per_second(100.0) == 0
    # 600 fresh bytes took 30 seconds, 100 are left; what was reused says nothing of the pace
    assert state.seconds_left(40.0) == pytest.approx(100 * 30 / 600)
    assert RunState(3, 1000).seconds_left(5.0) is None


def test_stages_only_go_forward() -> None:
    state = state_after_two_books()
    state.add("parts/assigned", 1, 50.0)  # with no word of the stage before
    state.add("parts/sampled", 1, 51.0)
    state.add("books/read", 1, 52.0)
    assert state.stage == 2
    assert state.began == [0.0, 50.0, 50.0]


def test_rejects_of_all_reasons_are_counted() -> None:
    state = state_after_two_books()
    state.add("rejected/empty", 2, 41.0)
    state.add("rejected/binary", 1, 41.0)
    assert "3 rejects" in state.detail(0, 41.0)


def test_plain_lines_come_at_stages_and_now_and_then() -> None:
    text = io.StringIO()
    display = PlainDisplay(Console(file=text, width=200))
    state = state_after_two_books()
    for tenth in range(400, 560):
        display.show(state, tenth / 10)
    assert text.getvalue().count("\n") == 2
    state.add("parts/sampled", 1, 56.0)
    display.show(state, 56.0)
    assert text.getvalue().splitlines()[-1] == "progress: fit the inventory"


def test_the_end_corrects_what_was_said_too_early_or_never() -> None:
    text = io.StringIO()
    display = PlainDisplay(Console(file=text, width=200))
    state = state_after_two_books()
    state.add("parts/sampled", 2, 41.0)
    state.add("parts/assigned", 2, 41.0)
    state.add("scenes/written", 10, 41.0)
    display.show(state, 41.0)
    early = text.getvalue().splitlines()
    # a second later all is done; only the signs were assigned when the early lines said so
    final = {"sources/done": 3, "books/read": 3, "sentences/embedded": 2500, "scenes/sampled": 90, "scenes/written": 94}
    state.settle(final | {"parts/sampled": 2, "parts/assigned": 2}, 42.0)
    display.show(state, 42.0)
    assert early[-1] == "progress: write the dataset: 10 scenes"
    assert text.getvalue().splitlines()[len(early) :] == [
        "progress: read and embed books: 3 of 3 files, 3 books, 2,500 sentences",
        "progress: fit the inventory: on 90 scenes",
        "progress: write the dataset: 94 scenes",
    ]


def test_the_live_table_shows_every_stage() -> None:
    text = io.StringIO()
    console = Console(file=text, width=200, force_terminal=True, _environ={"TERM": "xterm"})
    display = make_display(console, quiet=False)
    assert isinstance(display, LiveDisplay)
    display.show(state_after_two_books(), 40.0)
    display.close()
    for words in ("read and embed books", "1 of 3 files", "2,200 sentences", "about 5 s left", "write the dataset"):
        assert words in text.getvalue()


@pytest.mark.parametrize("environment", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_terminals_that_should_not_be_redrawn_get_lines(environment: dict[str, str]) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ=environment)
    assert isinstance(make_display(console, quiet=False), PlainDisplay)
    assert make_display(console, quiet=True) is None


def test_duration() -> None:
    assert [duration(s) for s in (4.4, 89, 100, 5400, 12_000)] == ["4 s", "89 s", "2 min", "1 h 30 min", "3 h 20 min"]


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
    assert (display.state.sources, display.state.bytes, display.closed) == (3, 1000, 1)
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
    (books,) = [line for line in lines if f"{manifest.counts.inputs} of {manifest.counts.inputs} files" in line][-1:]
    assert f" {manifest.counts.books} books" in books
    assert (
        int(re.search(r"([\d,]+) sentences", books)[1].replace(",", ""))
        == (manifest.run["counters"]["sentences/embedded"])
    )
    assert f"{manifest.counts.scenes} scenes" in lines[-1]


def test_quiet_says_nothing_of_progress(pair: Path, tmp_path: Path) -> None:
    done = run_scenesign("build", pair / "en.txt", "-o", tmp_path / "out", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
