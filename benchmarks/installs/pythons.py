"""The Pythons of this machine that the project promises to run on."""

from __future__ import annotations

import glob
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Told by the interpreter itself: a name on the path may be a launcher for another, or belong to an environment.
_ASK = """
import sys, sysconfig
sound = sys.implementation.name == "cpython" and sys.version_info.releaselevel == "final"
if sound and not sysconfig.get_config_var("Py_GIL_DISABLED"):
    print("%d.%d.%d" % sys.version_info[:3], getattr(sys, "_base_executable", sys.executable))
"""
_ANSWER = re.compile(r"(\d+\.\d+\.\d+) (.+)")


@dataclass(frozen=True)
class Python:
    """An interpreter. version: with its patch, such as 3.10.13."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        """Its version as it is promised, such as 3.10."""
        return self.version.rpartition(".")[0]

    @property
    def age(self) -> tuple[int, ...]:
        """What versions are sorted by; the oldest comes first."""
        return tuple(map(int, self.version.split(".")))


def promised(project: str) -> list[str]:
    """Minor versions that a pyproject.toml promises, oldest first. project: its text."""
    bounds = re.search(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', project, re.M)
    if not bounds:
        raise ValueError('pyproject.toml: there is no requires-python of the form ">=3.A,<3.B"')
    return [f"3.{minor}" for minor in range(int(bounds[1]), int(bounds[2]))]


def ask(path: Path) -> Python | None:
    """What an interpreter says of itself; None where it is no final CPython with its lock, or doesn't start."""
    try:
        said = subprocess.run(
            [path, "-I", "-c", _ASK], capture_output=True, timeout=60, encoding="utf-8", errors="surrogateescape"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    answer = _ANSWER.fullmatch(said.stdout.strip())
    return Python(Path(answer[2]), answer[1]) if said.returncode == 0 and answer else None


def candidates(pyenv: Path, path: str, minors: Iterable[str]) -> Iterator[Path]:
    """Files that may be interpreters. pyenv: its folder. path: folders as PATH names them."""
    # what can't be looked into is passed over
    yield from map(Path, sorted(glob.glob(os.path.join(glob.escape(str(pyenv)), "versions", "3.*", "bin", "python3"))))
    names = ["python3", "python", *(f"python{minor}" for minor in minors)]
    for folder in path.split(os.pathsep):
        for name in names:
            if folder and os.access(Path(folder, name), os.X_OK):
                yield Path(folder, name)


def newest_of_each(pythons: Iterable[Python], minors: Iterable[str]) -> list[Python]:
    """One for each minor version, oldest first: the newest patch, of equal ones the first."""
    wanted: dict[str, Python] = {}
    for python in pythons:
        if python.minor not in wanted or python.age > wanted[python.minor].age:
            wanted[python.minor] = python
    return [wanted[minor] for minor in minors if minor in wanted]


def found() -> list[Python]:
    """One Python for each promised minor version that is here, in pyenv's folder or on the path; oldest first."""
    minors = promised((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pyenv = Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"))
    asked = map(ask, candidates(pyenv, os.environ.get("PATH", ""), minors))
    return newest_of_each((python for python in asked if python), minors)
