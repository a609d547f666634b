"""Runs of the command: processes of their own that start at once, and that tests kill, stop and break."""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from scenesign.pipeline.run.shares import BYTES_VARIABLE
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.parts.format import SUFFIX, read_entry

ROOT = Path(__file__).resolve().parents[1]
PIECES = 4
# A build whose inventory is fitted, however few the books.
FITTED = ("build", "--inventory", "fit")
BOOKS = 12 * PIECES
# Seconds after which a stop, or a whole run, hangs; generous, as machines may be busy.
STOPS, ENDS = 60.0, 400.0

# What faults import warns of, in every process that they are executed in; the command itself keeps it back.
OF_AN_OLD_PYTHON = r"import warnings; warnings.filterwarnings('ignore', '.*Python version', FutureWarning)"


def printed_by(*command: str, folder: Path) -> str:
    """What a Python of its own prints, with this repository to import from."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass
class Nursery:
    """The process of `tests/nursery.py`, which starts runs without the seconds that imports take."""

    process: subprocess.Popen[bytes]
    folder: Path
    started: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    unread: bytes = b""

    @property
    def temporary(self) -> Path:
        """Where runs put their temporary files, each in a folder of its own."""
        return self.folder / "tmp"

    def start(
        self,
        *arguments: object,
        script: str = "",
        text: str = "",
        folder: Path = ROOT,
        apart: bool = False,
        terminal: str = "",
        environment: Mapping[str, str] | None = None,
        faults: str = "",
    ) -> Run:
        """Starts the command, or a script of the repository.

        text: its standard input. folder: where it runs. apart: what it says on stderr is kept apart.
        terminal: name of the device that it speaks to. environment: in place of this process's.
        faults: Python that breaks something, executed first in each process of the run.
        """
        self.started += 1
        log = self.folder / f"{self.started}.log"
        asked = log.with_suffix(".in")
        asked.write_text(text, encoding="utf-8")
        faulty = log.with_suffix(".faults")
        if faults:
            faulty.mkdir()
            (faulty / "sitecustomize.py").write_text(f"{OF_AN_OLD_PYTHON}\n{faults}", encoding="utf-8")
        # of its own: what one leaves that was killed is not another's
        temporary = Path(os.path.realpath(self.temporary)) / str(self.started)
        temporary.mkdir()
        surroundings = {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
        surroundings |= {} if terminal else {"COLUMNS": "200"}
        if "--workers" in arguments:  # as many are wanted, however few the books
            surroundings[BYTES_VARIABLE] = "1"
        order = {
            "arguments": [str(a) for a in arguments],
            "script": script,
            "folder": str(folder),
            "environment": dict(os.environ if environment is None else environment) | surroundings,
            "input": str(asked),
            "log": terminal or str(log),
            "errors": terminal or str(log.with_suffix(".err") if apart else log),
            "faults": str(faulty) if faults else "",
        }
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        while len(words := self._line(60).split()) == 2:
            self.ends[int(words[0])] = int(words[1])
        pid = int(words[0])
        self.ends.pop(pid, None)  # of an earlier run: systems give numbers of processes again
        return Run(self, pid, log, temporary)

    def end_of(self, pid: int, seconds: float = ENDS) -> int:
        """Exit code of a run. Raises TimeoutError when it is not over in time."""
        deadline = time.monotonic() + seconds
        while pid not in self.ends:
            ended, code = map(int, self._line(deadline - time.monotonic()).split())
            self.ends[ended] = code
        return self.ends[pid]

    def _line(self, seconds: float) -> str:
        assert self.process.stdout
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.unread:
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError("a run is not over in time")
                block = os.read(self.process.stdout.fileno(), 65536)
                assert block, "the nursery has died"
                self.unread += block
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()


@dataclass
class Run:
    """A run of the command under way."""

    nursery: Nursery
    pid: int
    log: Path
    temporary: Path

    @property
    def over(self) -> bool:
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def code(self, seconds: float = ENDS) -> int:
        """Waits for the end; a negative code is the signal that brought it."""
        return self.nursery.end_of(self.pid, seconds)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def completed(self) -> subprocess.CompletedProcess[str]:
        """The end of a run started `apart`, as `subprocess.run` tells it."""
        try:
            code = self.code()
        finally:
            self.signal(signal.SIGKILL)
        return subprocess.CompletedProcess([], code, self.said(), self.log.with_suffix(".err").read_text("utf-8"))

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


@contextmanager
def open_nursery(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Nursery]:
    """Serves inside. folder: for what runs read and say. environment: of its own and of its runs, beside this one's."""
    # a name short enough for a socket in it
    with tempfile.TemporaryDirectory(prefix="runs-") as temporary:
        (folder / "tmp").symlink_to(temporary)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | (environment or {}) | {"PYTHONPATH": str(ROOT), "TMPDIR": temporary},
            start_new_session=True,  # Ctrl-C ends the tests, and they end this
        )
        assert process.stdin
        assert process.stdout
        nursery = Nursery(process, folder)
        assert nursery._line(120) == "ready"
        yield nursery
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def cut_up(library: Path, folder: Path) -> Path:
    """Each story of the library in pieces: enough short books for three parts."""
    for path in sorted(library.glob("*/*.txt")):
        paragraphs = path.read_text(encoding="utf-8").split("\n\n")
        size = -(-len(paragraphs) // PIECES)
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        for piece in range(PIECES):
            text = "\n\n".join(paragraphs[piece * size : (piece + 1) * size])
            (folder / path.parent.name / f"{path.stem}.{piece}.txt").write_text(text, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Unbroken:
    """A run that nothing disturbs: digests of its data files, and the seconds it took."""

    digests: dict[str, str]
    seconds: float


def run_unbroken(nursery: Nursery, corpus: Path, folder: Path) -> Unbroken:
    out = folder / "out"
    started = time.monotonic()
    run = nursery.start(*FITTED, corpus, "-o", out, "--quiet")
    assert run.code() == 0, run.said()
    assert len(list(Path(f"{out}.parts").rglob("*" + SUFFIX))) == 3
    return Unbroken(data_digests(out), time.monotonic() - started)


def data_digests(dataset: Path) -> dict[str, str]:
    """Digest of every file but those that say under which name or when the dataset was made."""
    return {
        path.relative_to(dataset).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(dataset.rglob("*"))
        if path.is_file()
        and path.name not in {"manifest.json", "README.md", "croissant.json", "report.html", "atlas.png"}
    }


def finished(out: Path) -> list[str]:
    """Ids of the books in whole parts; raises when a part is not whole."""
    parts = sorted(p for p in Path(f"{out}.parts").rglob("*" + SUFFIX) if not p.name.startswith(".tmp-"))
    return [book.book_id for part in parts for book in read_entry(str(part)).books]


def reused(out: Path) -> int:
    counters = Manifest.from_json((out / "manifest.json").read_text(encoding="utf-8")).run["counters"]
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
