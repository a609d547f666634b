"""Hosts are as separate as they have to be, and nothing outlives whoever made them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hosts import network
from tests.hosts.fleet import wait_for
from tests.hosts.network import ROOT, Host, NoHostsError, members, wired

pytestmark = pytest.mark.slow

# Says a word over a line, waits until the other's word comes back, and says more as it's told to by files.
_TALK = """
import os, socket, sys, time
def wait(name):
    while not os.path.exists(name):
        time.sleep(0.01)
line = socket.create_connection((sys.argv[1], 7000), timeout=60)
line.sendall(b"a")
print(line.recv(1), flush=True)
wait("cut")
line.sendall(b"b")
line.settimeout(1)
try:
    print(line.recv(1), flush=True)
except TimeoutError:
    print("silence", flush=True)
wait("mended")
line.settimeout(60)
print(line.recv(1), flush=True)
"""
_ECHO = """
import socket
with socket.create_server(("0.0.0.0", 7000)) as server:
    print("ready", flush=True)
    line, (caller, _) = server.accept()
    print(caller, flush=True)
    while word := line.recv(1):
        line.sendall(word)
"""
_MAKER = """
import json, sys, time
from pathlib import Path
from tests.hosts.network import wired
with wired(Path(sys.argv[1]), "one", "other") as hosts:
    for host in hosts.values():
        host.start("sleep", "600")
    print(json.dumps([host.space for host in hosts.values()]), flush=True)
    time.sleep(600)
"""


@contextmanager
def two(folder: Path) -> Iterator[tuple[Host, Host]]:
    try:
        with wired(folder, "one", "other") as made:
            yield made["one"], made["other"]
    except NoHostsError as error:
        pytest.skip(f"no hosts can be made here: {error}")


def test_each_has_a_name_an_address_processes_and_temporary_files_of_its_own(tmp_path: Path) -> None:
    code = "import socket; print(socket.gethostname(), socket.getfqdn(), socket.gethostbyname('other'))"
    with two(tmp_path) as (one, other):
        assert one.do("python", "-c", code).split() == ["one", "one", other.address]
        assert other.do("python", "-c", code).split() == ["other", "other", other.address]
        other.start("sleep", "600")
        one.do("touch", "/tmp/mine")
        assert set(one.do("ls", "/tmp").split()) == {"mine", *one.kept}  # programs may lie there, in sight of all
        assert set(other.do("ls", "/tmp").split()) == set(other.kept)
        assert len(other.processes()) == 1
        assert one.processes() == []
        assert "sleep" not in one.do("sh", "-c", "cat /proc/[0-9]*/comm")
        other.kill()
        assert other.processes() == []


def test_a_cable_that_is_cut_says_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with two(tmp_path) as (one, other):
        echo = other.start("python", "-c", _ECHO)
        wait_for(lambda: "ready" in echo.said(), "the echo")
        talk = one.start("python", "-c", _TALK, "other")
        wait_for(lambda: talk.said() == "b'a'\n" or talk.over, "the first word")
        other.cut()
        one.do("touch", "cut")
        wait_for(lambda: "silence" in talk.said() or talk.over, "the silence")
        other.mend()
        one.do("touch", "mended")
        assert talk.code(120) == 0, talk.said()
        assert talk.said().split() == ["b'a'", "silence", "b'b'"]
        assert echo.said().split() == ["ready", one.address]


def test_a_full_disk_is_full_for_that_host_alone(tmp_path: Path) -> None:
    with two(tmp_path) as (one, other):
        full = one.fill()
        write = ("sh", "-c", f"mkdir -p {full} && head -c 100000 /dev/zero > {full}/file && echo written")
        failed = one.start(*write)
        assert failed.code(60) != 0
        assert "No space left" in failed.said()
        assert other.do(*write) == "written\n"
        one.empty()
        assert one.do(*write) == "written\n"


def test_code_that_lies_among_temporary_files_stays_in_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not tmp_path.is_relative_to("/tmp"):
        pytest.skip("temporary files of tests lie elsewhere")
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "file").write_text("seen", encoding="utf-8")
    monkeypatch.setattr(network, "ROOT", clone)
    with two(tmp_path) as (one, _):
        assert one.do("cat", clone / "file") == "seen"
        assert one.do("ls", tmp_path).split() == ["clone"]
        one.do("touch", "/tmp/file")
        assert [path.name for path in one.temporary()] == ["file"]
        one.tidy()
        assert one.temporary() == []
        assert one.do("cat", clone / "file") == "seen"


def test_they_are_gone_with_whoever_made_them(tmp_path: Path) -> None:
    with two(tmp_path):
        pass  # skipped where there are none
    (tmp_path / "again").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", _MAKER, str(tmp_path / "again")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    ) as maker:
        assert maker.stdout
        spaces = json.loads(maker.stdout.readline())
        try:
            wait_for(lambda: all(len(members(space)) == 2 for space in spaces), "two hosts at work")
        finally:
            maker.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(members(space) for space in spaces), "the end of all that ran there")


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoHostsError, match="there is no program `ip`"), wired(tmp_path, "one"):
        pass
