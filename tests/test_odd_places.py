"""Where a user may be: no home, locked folders, odd names, another disk, time zone or language; no data shows it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runs import data_digests

# Root may write everywhere; without these two rights it is like everybody.
LIKE_EVERYBODY = ["setpriv", *(f"--{group}=-dac_override,-dac_read_search" for group in ("bounding-set", "inh-caps"))]


@pytest.fixture(scope="module")
def like_everybody() -> list[str]:
    """What a command begins with that is to be refused what modes of files refuse."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv") or subprocess.run([*LIKE_EVERYBODY, "true"], check=False).returncode:
        pytest.skip("root can't give up its rights here")
    return LIKE_EVERYBODY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "zone", "language", "home"),
    [("1", "Asia/Kathmandu", "C", None), ("2", "America/St_Johns", "de_DE.UTF-8", "locked")],
)
def test_the_place_the_time_and_the_language_leave_no_trace(
    seed: str, zone: str, language: str, home: str | None,
    demo: Path, shelf: Path, tmp_path: Path, like_everybody: list[str],
) -> None:  # fmt: skip
    """No home or one that is locked, a locked folder of inputs, odd names, parts on another disk where there is one."""
    locked, odd = tmp_path / "locked", tmp_path / "[old] b*ks? #1 50% Ж 书"
    odd.mkdir()
    shutil.copytree(shelf, locked / "in [1]")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as other:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("HOME", "LANG", "XDG_CACHE_HOME")
        }
        environment |= {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language, "PYTHONPATH": str(ROOT)}
        environment |= {"HOME": str(locked), "TMPDIR": str(locked)} if home else {}
        options = ["--glyphs", "2", "--signs", "12", "--concepts", "float16", "--parts", f"{other}/parts"]
        build = [sys.executable, "-m", "scenesign", "build", str(locked / "in [1]"), "-o", str(odd / "demo"), *options]
        folders = [locked, *(path for path in locked.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o555)
        try:
            done = subprocess.run([*like_everybody, *build], cwd=odd, env=environment, capture_output=True, check=False)
        finally:
            for folder in folders:
                folder.chmod(0o755)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert data_digests(odd / "demo") == data_digests(demo)


def test_what_can_not_be_written_to_is_told_before_any_work(tmp_path: Path, like_everybody: list[str]) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    (tmp_path / "a.txt").write_text("A text.", encoding="utf-8")
    for options in (["-o", f"{locked}/out"], ["-o", f"{tmp_path}/out", "--parts", f"{locked}/parts"]):
        command = [*like_everybody, sys.executable, "-m", "scenesign", "build", str(tmp_path / "a.txt"), *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")
        assert done.returncode == 2
        assert re.search(r"error: .*locked.* \w.*choose another -o", done.stderr), done.stderr
        assert "Traceback" not in done.stderr
    assert [path.name for path in locked.iterdir()] == []
