"""The program of installs as a process: it ends in a line, and leaves no environment behind."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import ROOT

# In place of uv: makes an environment, and is not done with it yet. A terminal's Ctrl-C comes to it, too.
UV = """#!/bin/sh
case "$2" in
    build) echo >"$4/scenesign-1-py3-none-any.whl"; echo >"$4/scenesign-1.tar.gz";;
    venv) mkdir -p "$5/lib"; echo >"$5/lib/a"; exec sleep 100;;
esac
"""
# These tests may be a background job, from which a shell keeps Ctrl-C.
PROGRAM = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from benchmarks.installs import environments
uv = Path(sys.argv.pop(1))
environments.uv = lambda: uv
runpy.run_path("benchmarks/installs.py", run_name="__main__")
"""


def start(tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    """Starts the program with the stand-in for uv, and `tmp` as its folder for temporary files."""
    (tmp_path / "tmp").mkdir()
    uv = tmp_path / "uv"
    uv.write_text(UV, encoding="utf-8")
    uv.chmod(0o755)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, uv, *words],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 1), (signal.SIGTERM, 143)])
def test_environments_are_removed_when_it_is_stopped(number: signal.Signals, code: int, tmp_path: Path) -> None:
    process = start(tmp_path, "matrix", "--no-suite", "--python", sys.executable)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "tmp").rglob("lib/a")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list((tmp_path / "tmp").iterdir())
    process.send_signal(number)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert said == ""
    assert "Traceback" not in errors
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_a_disk_refuses_is_a_line() -> None:
    program = runpy.run_path(str(ROOT / "benchmarks" / "installs.py"))["program"]

    @program.command("full")
    def full() -> None:
        raise OSError(28, "No space left on device", "/some/where")

    done = CliRunner().invoke(program, ["full"])
    assert done.exit_code == 1
    assert done.output == "Error: [Errno 28] No space left on device: '/some/where'\n"
