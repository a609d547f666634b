"""Runs of the command that tests kill, stop and break, and what must be left of them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from schemas.manifest import Manifest
from transforms.write_parts import SUFFIX, read_entry

ROOT = Path(__file__).resolve().parents[1]
PIECES = 4
BOOKS = 12 * PIECES
# Seconds after which a stop, or a whole run, hangs; generous, as machines may be busy.
STOPS, ENDS = 60.0, 400.0


@dataclass
class Nursery:
    """The process of `tests/nursery.py`, which starts runs without the seconds that imports take."""

    process: subprocess.Popen[str]
    folder: Path
    started: int = 0
    ends: dict[int, int] = field(default_factory=dict)

    @property
    def temporary(self) -> Path:
        """Where runs put their temporary files."""
        return self.folder / "tmp"

    def start(self, *arguments: object, faults: str = "") -> Run:
        """Starts the command. faults: Python that breaks something, executed first in each process of the run."""
        self.started += 1
        log = self.folder / f"{self.started}.log"
        faulty = self.folder / f"{self.started}.faults"
        if faults:
            faulty.mkdir()
            (faulty / "sitecustomize.py").write_text(faults)
        order = {"arguments": [str(a) for a in arguments], "log": str(log), "faults": str(faulty) if faults else None}
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Run(self, int(self._line()), log)

    def _line(self) -> str:
        """The next line that does not tell of an end."""
        assert self.process.stdout
        while True:
            words = self.process.stdout.readline().split()
            assert words, "the nursery has died"
            if len(words) == 1:
                return words[0]
            self.ends[int(words[0])] = int(words[1])

    def end_of(self, pid: int) -> int:
        assert self.process.stdout
        while pid not in self.ends:
            words = self.process.stdout.readline().split()
            assert len(words) == 2, words
            self.ends[int(words[0])] = int(words[1])
        return self.ends[pid]


@dataclass
class Run:
    """A run of the command under way."""

    nursery: Nursery
    pid: int
    log: Path

    @property
    def over(self) -> bool:
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def code(self) -> int:
        """Waits for the end; a negative code is the signal that brought it."""
        return self.nursery.end_of(self.pid)

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, mark: Callable[[Run], object], seconds: float = 120) -> None:
        """Waits until there is what a function gives, or until the run is over."""
        deadline = time.monotonic() + seconds
        while not mark(self) and not self.over and time.monotonic() < deadline:
            time.sleep(0.002)

    def workers(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children()
        except psutil.NoSuchProcess:
            return []

    def signal(self, number: int) -> None:
        """To all its processes, as a terminal sends it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def code_in_time(self, seconds: float = STOPS) -> int:
        """The end of a run that has been stopped, or must end by itself."""
        self.wait_for(lambda run: False, seconds)
        if not self.over:
            for process in self.session():
                os.kill(process, signal.SIGKILL)
            self.code()
            pytest.fail(f"hangs; it said: {self.said()}")
        return self.code()

    def session(self) -> list[int]:
        """Ids of its processes: each run leads a session of its own."""
        found = []
        for pid in psutil.pids():
            try:
                if os.getsid(pid) == self.pid:
                    found.append(pid)
            except OSError:
                continue
        return found

    def outlived_by(self) -> list[int]:
        """Its processes that are still there some seconds after its end."""
        deadline = time.monotonic() + 20
        while (alive := self.session()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return alive


def start_nursery(folder: Path) -> Iterator[Nursery]:
    """Serves until the generator is closed."""
    # a name short enough for a socket in it
    with tempfile.TemporaryDirectory(prefix="runs-") as temporary:
        (folder / "tmp").symlink_to(temporary)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "TMPDIR": temporary},
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield Nursery(process, folder)
        assert process.stdin
        process.stdin.close()
        process.wait(60)


def cut_up(library: Path, folder: Path) -> Path:
    """Each story of the library in pieces: enough short books for three parts."""
    for path in sorted(library.glob("*/*.txt")):
        paragraphs = path.read_text().split("\n\n")
        size = -(-len(paragraphs) // PIECES)
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        for piece in range(PIECES):
            text = "\n\n".join(paragraphs[piece * size : (piece + 1) * size])
            (folder / path.parent.name / f"{path.stem}.{piece}.txt").write_text(text)
    return folder


@dataclass(frozen=True)
class Unbroken:
    """A run that nothing disturbs: digests of its data files, and the seconds it took."""

    digests: dict[str, str]
    seconds: float


def run_unbroken(nursery: Nursery, corpus: Path, folder: Path) -> Unbroken:
    out = folder / "out"
    started = time.monotonic()
    run = nursery.start("build", corpus, "-o", out, "--quiet")
    assert run.code() == 0, run.said()
    assert len(list(Path(f"{out}.parts").rglob("*" + SUFFIX))) == 3
    return Unbroken(data_digests(out), time.monotonic() - started)


def data_digests(dataset: Path) -> dict[str, str]:
    """Digest of every file but those that say under which name or when the dataset was made."""
    return {
        path.relative_to(dataset).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(dataset.rglob("*"))
        if path.is_file() and path.name not in {"manifest.json", "README.md", "report.html"}
    }


def finished(out: Path) -> list[str]:
    """Ids of the books in whole parts; raises when a part is not whole."""
    parts = sorted(Path(f"{out}.parts").rglob("*" + SUFFIX))
    return [book.book_id for part in parts for book in read_entry(str(part)).books]


def reused(out: Path) -> int:
    counters = Manifest.from_json((out / "manifest.json").read_text()).run["counters"]
    assert counters.get("books/reused", 0) + counters.get("books/embedded", 0) == BOOKS
    return counters.get("books/reused", 0)


def left_behind(folder: Path) -> list[str]:
    """Files that no finished run should leave: temporary, staging, replaced, work folder, lock, socket."""
    return [str(p) for p in folder.rglob("*") if p.name.startswith(".") or p.name == "run"]


# What to wait for before the seeded delay: kills then spread over all stages, also the ones that pass quickly.
MARKS = (
    "out.parts/run/finished.txt",  # the job has begun
    "out.parts/*/*" + SUFFIX,  # books are finished
    "out.parts/*/.tmp-*",  # a part is being written
    "out.parts/run/samples/*",
    "out.parts/run/draft/*",
    "out.parts/run/codes/*",
    ".out.partial/inventory/*",
    ".out.partial/*/*/*",
    ".out.partial/README.md",
    ".out.partial/manifest.json",
)


# Faults, executed first in each process of a run.


def full_disk(files: int, where: str = "True") -> str:
    """So many files can still be brought to disk by each process for which `where` holds."""
    return f"""
import errno, os
sync, left = os.fsync, iter(range({files}))
def fsync(stream):
    if next(left, None) is None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    sync(stream)
if {where}:
    os.fsync = fsync
"""


WORKER = '"WORKER_ID" in os.environ'
