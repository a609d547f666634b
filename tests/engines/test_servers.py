"""Prism is found where it may lie, at the right version, and servers leave nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT
from tests.engines.servers import VARIABLE, find_prism, go_folder, prism_server
from tests.stores import free_port, serving


def lay(folder: Path, version: str) -> Path:
    """Something with the mark that Go leaves in a program."""
    folder.mkdir(parents=True)
    program = folder / "prism"
    program.write_bytes(bytes(5000) + f"path\tprism\nmod\tgithub.com/apache/beam/sdks/v2\tv{version}\th1:x\n".encode())
    program.chmod(0o755)
    return program


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no Go, where nothing is on the path."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("GOBIN", "")
    monkeypatch.setenv("GOPATH", os.pathsep.join([str(tmp_path / "go"), str(tmp_path / "other")]))
    return tmp_path


def test_the_named_one_goes_first_then_the_path_then_go(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version("apache-beam")
    with pytest.raises(FileNotFoundError, match=f"no Prism {version} here; `make prism`"):
        find_prism()
    of_go = lay(nowhere / "go" / "bin", version)
    assert find_prism() == of_go
    on_path = lay(nowhere / "path", version + "1")
    assert find_prism() == of_go, "another version is not taken"
    shutil.copy(of_go, on_path)
    assert find_prism() == on_path
    monkeypatch.setenv("GOBIN", str(nowhere / "bin"))
    assert go_folder() == nowhere / "bin"
    monkeypatch.setenv(VARIABLE, str(nowhere / "mine"))
    with pytest.raises(FileNotFoundError, match=r"names .*mine, which is not there"):
        find_prism()
    lay(nowhere / "mine.d", "0").rename(nowhere / "mine")
    assert find_prism() == nowhere / "mine"


def test_make_says_when_there_is_no_go(nowhere: Path) -> None:
    make = shutil.which("make", path=os.defpath)
    tools = {name: shutil.which(name, path=os.defpath) for name in ("sh", "sed", "grep")}
    if make is None or None in tools.values():
        pytest.skip("no make here")
    (nowhere / "path").mkdir()
    for name, program in tools.items():
        (nowhere / "path" / name).symlink_to(str(program))
    done = subprocess.run([make, "-s", "prism"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode != 0
    assert "Prism is built with Go, and there is no go on the path" in done.stderr


def test_the_prism_that_make_gives_is_the_one_that_is_found(program: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("no Go here")
    done = subprocess.run(
        ["make", "-s", "prism"], cwd=ROOT, capture_output=True, text=True, timeout=500, encoding="utf-8"
    )
    assert (done.returncode, Path(done.stdout.strip())) == (0, program), done.stderr


def test_a_server_ends_with_all_that_it_has_started(tmp_path: Path) -> None:
    port = free_port()
    code = f"""
import socket, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("child", "w").write(str(child.pid))
with socket.create_server(("127.0.0.1", {port})):
    child.wait()
"""
    with serving([sys.executable, "-c", code], port, tmp_path) as parent:
        child = psutil.Process(int((tmp_path / "child").read_text(encoding="utf-8")))
    assert parent.poll() is not None
    deadline = time.monotonic() + 30
    with suppress(psutil.NoSuchProcess):
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_prism_leaves_nothing(program: Path, tmp_path: Path) -> None:
    with prism_server(program, tmp_path) as (address, process):
        host, _, port = address.rpartition(":")
        socket.create_connection((host, int(port)), timeout=10).close()
    assert process.poll() is not None
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=10)
    assert [path.name for path in tmp_path.iterdir()] == ["server.log"]
