"""Starts runs of the command in milliseconds: imports everything once, then forks a process per run.

A run is a process of its own, in a session of its own, that can be killed like any other.

Reads from standard input a JSON object per line: `arguments` of the command, `log` (file for what it prints), and
optionally `faults`: a folder whose `sitecustomize.py` each process of the run executes first. Prints the process id of
each run, and `PID CODE` when it ends (a negative code is a signal).
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
from typing import Any

import pipeline.build  # noqa: F401
from pipeline.cli import entry
from transforms.embedders import load_embedder


def run(order: dict[str, Any]) -> None:
    """The child: does what the command does."""
    os.setsid()
    # these tests may be a background job, from which a shell or `nohup` keeps signals
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    if faults := order.get("faults"):
        os.environ["PYTHONPATH"] = os.pathsep.join([faults, os.environ["PYTHONPATH"]])
        runpy.run_path(os.path.join(faults, "sitecustomize.py"))
    sys.argv[1:] = order["arguments"]
    entry()


def main() -> None:
    """Serves orders until standard input closes."""
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
