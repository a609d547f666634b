"""Runs of the command in milliseconds: a process that has imported everything forks one for each run.

A run is a process of its own, in a session of its own, with its own folder, environment and files for what it says. It
can be killed like any other.

The process reads a JSON object per line (see `Order`) from standard input. It prints the process id of each run, and
`PID CODE` when it ends (a negative code is a signal). It ends with its standard input.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn

import psutil

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Order:
    """What to run. words: of the command, or of a script when one is named.

    full_after: how many files the run can still finish before the disk is full.
    """

    words: list[str]
    folder: str
    environment: dict[str, str]
    stdin: str
    stdout: str
    stderr: str
    script: str | None = None
    full_after: int | None = None


@dataclass
class Nursery:
    """The process that forks, seen from the tests."""

    process: subprocess.Popen[bytes]
    logs: Path
    started: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    unread: bytes = b""

    @classmethod
    def open(cls, logs: Path) -> Nursery:
        """logs: a folder for what runs say."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,  # a terminal's Ctrl-C ends the tests, and they end this
        )
        opened = cls(process, logs)
        assert opened._line(120) == "ready"
        return opened

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def start(
        self,
        *words: object,
        full_after: int | None = None,
        script: str | None = None,
        text: str = "",
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
        apart: bool = False,
        terminal: str | None = None,
    ) -> Run:
        """Starts the command, or a script of the repository.

        text: its standard input. apart: what it says on stderr is kept apart. terminal: what it says goes there.
        environment: in place of this process's.
        """
        self.started += 1
        log = self.logs / f"{self.started}.log"
        stdin = self.logs / f"{self.started}.stdin"
        stdin.write_text(text, encoding="utf-8")
        surroundings = {"PYTHONPATH": str(ROOT)} | ({} if terminal else {"COLUMNS": "200"})
        order = Order(
            words=[str(word) for word in words],
            folder=str(folder),
            environment=dict(os.environ if environment is None else environment) | surroundings,
            stdin=str(stdin),
            stdout=terminal or str(log),
            stderr=terminal or str(log.with_suffix(".err") if apart else log),
            script=script,
            full_after=full_after,
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        self.process.stdin.flush()
        while len(words_ := self._line(60).split()) != 1:
            self.ends[int(words_[0])] = int(words_[1])
        return Run(self, int(words_[0]), log)

    def end_of(self, pid: int, seconds: float = 500) -> int:
        """Exit code of a run. Raises TimeoutError when it does not end in time."""
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
                    raise TimeoutError(f"no word for {seconds:.0f} s")
                block = os.read(self.process.stdout.fileno(), 65536)
                assert block, "the nursery has died"
                self.unread += block
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()


@dataclass
class Run:
    """A run under way."""

    nursery: Nursery
    pid: int
    log: Path

    @property
    def over(self) -> bool:
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def code(self, seconds: float = 500) -> int:
        """Waits for the end; a negative code is the signal that brought it."""
        return self.nursery.end_of(self.pid, seconds)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def completed(self, seconds: float = 500) -> subprocess.CompletedProcess[str]:
        """The end as `subprocess.run` tells it, of a run started `apart`. One that takes too long is killed."""
        try:
            code = self.code(seconds)
        except TimeoutError:
            os.killpg(self.pid, signal.SIGKILL)
            raise
        error = self.log.with_suffix(".err").read_text(encoding="utf-8")
        return subprocess.CompletedProcess([], code, self.said(), error)


def serve() -> None:
    """Takes orders until standard input closes."""
    orders, answers = os.dup(0), os.dup(1)
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    warm_up()
    gc.freeze()
    os.write(answers, b"ready\n")
    unread = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(orders, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        while True:
            ready = [key.fd for key, _ in waiting.select()]
            if woken in ready:
                os.read(woken, 65536)
                for pid, status in ended():
                    os.write(answers, f"{pid} {os.waitstatus_to_exitcode(status)}\n".encode())
            if orders in ready:
                block = os.read(orders, 65536)
                if not block:
                    return
                *lines, unread = (unread + block).split(b"\n")
                for line in lines:
                    child = os.fork()
                    if child == 0:
                        signal.set_wakeup_fd(-1)
                        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                        for stream in (orders, answers, woken, wake):
                            os.close(stream)
                        run(Order(**json.loads(line)))
                    os.write(answers, f"{child}\n".encode())


def ended() -> list[tuple[int, int]]:
    """Ids and states of runs that have ended."""
    found = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not pid:
            return found
        found.append((pid, status))


def warm_up() -> None:
    """What every run would begin with: imports, and models that nothing changes."""
    import scenesign.pipeline.cli
    import scenesign.pipeline.run.build  # noqa: F401
    from scenesign.transforms.scenes.embedders import load_embedder

    load_embedder()


def run(order: Order) -> NoReturn:
    """The child: does what the command or the script does."""
    code = 1
    try:
        os.setsid()
        os.chdir(order.folder)
        os.environ.clear()
        os.environ.update(order.environment)
        for stream, path, flags in (
            (0, order.stdin, os.O_RDONLY),
            (1, order.stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND),
            (2, order.stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        ):
            file = os.open(path, flags, 0o644)
            os.dup2(file, stream)
            os.close(file)
        if order.full_after is not None:
            fill_disk(order.full_after)
        if order.script is None:
            sys.argv = ["scenesign", *order.words]
            from scenesign.pipeline.cli import entry

            entry()
        else:
            run_script(order.script, order.words)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run_script(path: str, words: list[str]) -> None:
    """Does what `python PATH WORDS` does."""
    import atexit
    import runpy

    sys.argv = [path, *words]
    sys.path[0] = str(Path(path).resolve().parent)
    try:
        runpy.run_path(path, run_name="__main__")
    finally:
        atexit._run_exitfuncs()


def fill_disk(left: int) -> None:
    """Lets `left` files be brought to disk; after that there is no space."""
    sync, remaining = os.fsync, iter(range(left))

    def fsync(stream: int) -> None:
        if next(remaining, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(stream)

    os.fsync = fsync


if __name__ == "__main__":
    serve()
