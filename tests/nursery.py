"""Starts runs of the command in milliseconds: imports everything once, then forks a process per run.

A run is a process of its own, in a session of its own, that can be killed like any other.

Reads from standard input a JSON object per line, an `Order`. Prints the process id of each run, and `PID CODE` when it
ends (a negative code is a signal). Ends with its standard input.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn


@dataclass(frozen=True)
class Order:
    """What to run. arguments: of the command, or of a script when one is named.

    input, log, errors: files for the three standard streams. faults: a folder whose `sitecustomize.py` each process of
    the run executes first.
    """

    arguments: list[str]
    script: str
    folder: str
    environment: dict[str, str]
    input: str
    log: str
    errors: str
    faults: str


def main() -> None:
    """Serves orders until standard input closes."""
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
    # no threads: a lock that one holds at a fork would be held for ever in the child
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
    found: list[tuple[int, int]] = []
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
    from scenesign.transforms.embedders.registry import load_embedder

    load_embedder()


def run(order: Order) -> NoReturn:
    """The child: does what the command or the script does, and ends."""
    code = 1
    try:
        os.setsid()
        # these tests may be a background job, from which a shell or `nohup` keeps signals
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.chdir(order.folder)
        os.environ.clear()
        os.environ.update(order.environment)
        tempfile.tempdir = None  # to be found anew in this environment
        new = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for stream, path, how in ((0, order.input, os.O_RDONLY), (1, order.log, new), (2, order.errors, new)):
            file = os.open(path, how, 0o644)
            os.dup2(file, stream)
            os.close(file)
        # as Python opens them for a process: these look at what the streams are now
        sys.stdout = open(1, "w", encoding=sys.stdout.encoding, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, encoding=sys.stderr.encoding, errors="backslashreplace", closefd=False)  # noqa: SIM115
        if order.faults:
            os.environ["PYTHONPATH"] = os.pathsep.join([order.faults, os.environ["PYTHONPATH"]])
            runpy.run_path(os.path.join(order.faults, "sitecustomize.py"))
        if order.script:
            run_script(order.script, order.arguments)
        else:
            from scenesign.pipeline.cli import entry

            sys.argv = ["scenesign", *order.arguments]
            entry()
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run_script(path: str, arguments: list[str]) -> None:
    """Does what `python PATH ARGUMENTS` does."""
    sys.argv = [path, *arguments]
    sys.path[0] = str(Path(path).resolve().parent)
    try:
        runpy.run_path(path, run_name="__main__")
    finally:
        atexit._run_exitfuncs()


if __name__ == "__main__":
    main()
