"""What `make` does before it installs: which Python it takes, and where to."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(not MAKE, reason="there is no make on the path")
# Says of itself that it is of another version, asked by code or by -V.
OF_VERSION = """#!/bin/sh
[ "$1" = -V ] && echo "Python {0}" && exit
exec {1} -c "import sys; sys.version_info = ({2}, 'final', 0); exec(sys.argv[1])" "$2"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with a space in its name, and in it what make reads."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def python_of(path: Path, version: str) -> Path:
    """A program that takes itself for a Python of a version."""
    return script(path, OF_VERSION.format(version, shlex.quote(sys.executable), version.replace(".", ", ")))


def make(clone: Path, *words: str, **others: str) -> subprocess.CompletedProcess[str]:
    """Has what a user needs installed; nothing is, where the words set another INSTALL."""
    ours = ("PYTHON", "INSTALL", "VENV", "MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in ours} | others
    return subprocess.run(
        [str(MAKE), ".venv/.ready", *words],
        cwd=clone, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("version", ["3.9.18", "3.15.0"])
def test_a_python_that_is_not_promised_is_refused_in_a_line(version: str, clone: Path) -> None:
    python_of(clone / "other", version)
    done = make(clone, "PYTHON=./other")
    said, of_make = done.stderr.splitlines()
    assert said == "scenesign needs Python 3.10-3.14; ./other is another: set PYTHON=..."
    assert of_make.startswith("make: ***")
    assert not (clone / ".venv").exists()


def test_an_environment_of_such_a_python_is_refused_too(clone: Path) -> None:
    python_of(clone / ".venv" / "bin" / "python", "3.9.18")
    python_of(clone / "good", "3.12.1")
    for _ in range(2):  # nothing is remembered
        done = make(clone, "INSTALL=echo INSTALLS", "PYTHON=./good")
        assert "scenesign needs Python 3.10-3.14; .venv is of another: remove it" in done.stderr
        assert "INSTALLS" not in done.stdout


def test_who_asks_for_a_python_gets_it_or_hears_why_not(clone: Path) -> None:
    python_of(clone / ".venv" / "bin" / "python", "3.12.1")
    for name, version in (("same", "3.12.1"), ("other", "3.13.0")):
        python_of(clone / name, version)
    assert make(clone, "INSTALL=echo INSTALLS", "PYTHON=./same").returncode == 0
    refused = make(clone, "INSTALL=echo INSTALLS", PYTHON="./other")
    assert refused.returncode == 2
    assert ".venv is of Python 3.12.1 and not of ./other; remove it to make another" in refused.stderr
    again = make(clone, "INSTALL=echo INSTALLS")
    assert again.returncode == 0
    assert "INSTALLS" not in again.stdout, "it is installed already"


def test_it_is_the_folder_beside_that_is_installed_into(clone: Path) -> None:
    """uv asks the shell first."""
    python_of(clone / ".venv" / "bin" / "python", "3.12.1")
    python_of(clone / "good", "3.12.1")
    done = make(clone, "INSTALL=printenv VIRTUAL_ENV; true", "PYTHON=./good", VIRTUAL_ENV="/of/another")
    assert str(clone / ".venv") in done.stdout.splitlines()


def test_an_environment_without_pip_gets_it(clone: Path) -> None:
    """One that uv made; one that has pip is left as it is."""
    python = OF_VERSION.replace(
        "exec",
        'echo "$*" >>asked; case "$*" in "-m pip -V") exec test -e pip;; "-m ensurepip"*) exec touch pip;; '
        '"-m pip install"*) exec test -e pip;; esac\nexec',
        1,
    )
    script(clone / ".venv" / "bin" / "python", python.format("3.12.1", shlex.quote(sys.executable), "3, 12, 1"))
    python_of(clone / "good", "3.12.1")
    for _ in range(2):
        (clone / ".venv" / ".ready").unlink(missing_ok=True)
        done = make(clone, "PYTHON=./good")
        assert done.returncode == 0, done.stderr
    asked = [line for line in (clone / "asked").read_text(encoding="utf-8").splitlines() if line.startswith("-m")]
    first, second = asked[:3], asked[3:]
    assert [line.split()[1:3] for line in first] == [["pip", "-V"], ["ensurepip"], ["pip", "install"]]
    assert [line.split()[1:3] for line in second] == [["pip", "-V"], ["pip", "install"]]
