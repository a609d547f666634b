"""Starts runs of the command in milliseconds: imports everything once, then forks a process per run.

A run is a process of its own, in a session of its own, that can be killed like any other.

Reads from standard input a JSON object per line: `arguments` of the command, `log` (file for what it prints), and
optionally `full_after`: how many files it can still finish before the disk is full. Prints the process id of each run,
and `PID CODE` when it ends (a negative code is a signal).
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
from typing import Any


def run(order: dict[str, Any]) -> None:
    """The child: does what the command does."""
    from pipeline.cli import entry

    os.setsid()
    # a shell's background job, as these tests may be, has Ctrl-C kept from it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    if (left := order.get("full_after")) is not None:
        fill_disk(left)
    sys.argv[1:] = order["arguments"]
    entry()


def fill_disk(left: int) -> None:
    """Lets `left` files be brought to disk; after that there is no space."""
    sync, remaining = os.fsync, iter(range(left))

    def fsync(stream: int) -> None:
        if next(remaining, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(stream)

    os.fsync = fsync


def main() -> None:
    """Serves orders until standard input closes."""
    from transforms.embedders import load_embedder

    load_embedder()  # imports what only an embedder needs; its weights are read by each run
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                run(order)
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(child, flush=True)
        threading.Thread(target=reap, args=(child,), daemon=True).start()


def reap(child: int) -> None:
    """Waits for a run and says how it ended."""
    _, status = os.waitpid(child, 0)
    print(child, os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
