"""Environments that are made, filled, used once and thrown away. uv does it: with its cache, one takes seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installs.pythons import ROOT, Python

LOCK = ROOT / "constraints.txt"
# What a developer's shell or a Makefile may have set, and a user has not.
_OURS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HF_HUB_OFFLINE", "TOKENIZERS_PARALLELISM")
_SHOWN = 300


class FailedError(RuntimeError):
    """A program ended with an error. reason: one line. said: all that it said."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said


@dataclass(frozen=True)
class Environment:
    """A folder with a Python of its own."""

    folder: Path
    python: Python

    def install(self, *words: object) -> float:
        """Installs what `uv pip install` is told, such as a wheel, `-c` and a lock; seconds. Raises FailedError."""
        began = time.perf_counter()
        run_uv("pip", "install", "--python", self.program("python"), *words)
        return time.perf_counter() - began

    def program(self, name: str) -> Path:
        """A program of the environment."""
        return self.folder / "bin" / name

    def run(self, name: str, *words: object, folder: Path, before: Sequence[str] = (), **others: str) -> str:
        """Runs a program of the environment in a folder; what it said. Raises FailedError.

        before: words that start the program, such as a wrapper's. others: of its environment.
        """
        first = f"{self.program(name).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return run([*before, self.program(name), *words], clean() | {"PATH": first} | others, folder, name)

    def versions(self, *names: str) -> dict[str, str]:
        """Versions of installed distributions, by name."""
        asked = f"from importlib.metadata import version\nfor name in {names}: print(version(name))"
        said = self.run("python", "-I", "-c", asked, folder=self.folder)
        return dict(zip(names, said.split(), strict=True))

    def site_packages(self) -> Path:
        """The folder of its packages."""
        return self.folder / "lib" / f"python{self.python.minor}" / "site-packages"

    def size(self) -> int:
        """Bytes of its files; what has two names counts once."""
        files = (os.lstat(Path(where, name)) for where, _, names in os.walk(self.folder) for name in names)
        return sum({(file.st_dev, file.st_ino): file.st_size for file in files}.values())


@contextmanager
def fresh(python: Python) -> Iterator[Environment]:
    """An empty environment, in a temporary folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="scenesign-install-") as name:
        folder = Path(name, "environment")
        run_uv("venv", "--python", python.path, folder)
        yield Environment(folder, python)


def distributions(folder: Path) -> tuple[Path, Path]:
    """Builds the wheel and the source archive of the checkout into a folder. Raises FailedError.

    The wheel is built from the archive, so nothing that an earlier build left behind is in it.
    """
    run_uv("build", "-o", folder, ROOT)
    (wheel,), (archive,) = folder.glob("scenesign-*.whl"), folder.glob("scenesign-*.tar.gz")
    return wheel, archive


def uv() -> Path:
    """The program, beside this Python or on the path. Raises FailedError where it is missing."""
    beside = Path(sys.executable).with_name("uv")
    named = str(beside) if beside.exists() else shutil.which("uv")
    if not named:
        raise FailedError("there is no uv beside this Python or on the path: python -m pip install uv")
    return Path(named)


def run_uv(*words: object) -> None:
    """Runs uv. Raises FailedError; the reason is all that uv said, as it wraps its lines, cut where it is long."""
    try:
        run([uv(), "--quiet", *words], clean())
    except FailedError as error:
        raise FailedError(f"uv: {' '.join(error.said.split())}"[:_SHOWN], error.said) from None


def clean() -> dict[str, str]:
    """The environment of a user: this one without what only developers set."""
    return {name: value for name, value in os.environ.items() if name not in _OURS}


def run(words: Sequence[object], environment: Mapping[str, str], folder: Path = ROOT, name: str = "") -> str:
    """Runs a program to its end; what it said. Raises FailedError: the name, and the last line that was said."""
    done = subprocess.run(
        [*map(str, words)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        last = lines[-1] if lines else f"exit status {done.returncode}"
        raise FailedError(f"{name or words[0]}: {last}"[:_SHOWN], done.stdout)
    return done.stdout
