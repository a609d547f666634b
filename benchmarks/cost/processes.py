"""A command measured from outside, with all the processes it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What a command took.

    seconds: by the clock. cpu: seconds on all cores. peak: most bytes resident at a time, over all its processes; files
    that they map count once. largest: most bytes resident at a time in one of them.
    """

    seconds: float
    cpu: float
    peak: int
    largest: int = 0


def python(*arguments: object, threads: int) -> Cost:
    """Runs this interpreter in the project's folder; torch and the matrix library get so many threads.

    Raises RuntimeError with the end of what the command said when it fails.
    """
    share = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *map(str, arguments)]
    return measure(command, os.environ | share | quiet)


def measure(command: Sequence[str], environment: dict[str, str]) -> Cost:
    """Runs a command to its end. Raises RuntimeError when it fails."""
    began, peak, largest = time.perf_counter(), 0, 0
    log = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log) as run:
        # read it while it runs: a pipe holds little
        os.set_blocking(run.stderr.fileno(), False)  # type: ignore[union-attr]
        said = b""
        while True:
            done, status, usage = os.wait4(run.pid, os.WNOHANG)
            said += run.stderr.read() or b""  # type: ignore[union-attr]
            if done:
                break
            held, most = resident(run.pid)
            peak, largest = max(peak, held), max(largest, most)
            time.sleep(_LOOK_SECONDS)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {run.returncode}: {said.decode()[-2000:]}")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, peak, largest)


def resident(pid: int) -> tuple[int, int]:
    """Bytes resident in a process and all its descendants, and in the largest of them.

    What is mapped from files counts once, as much as the process that has most of it: workers map the same libraries
    and weights. Other programs that map them too make no difference, as they would by shares of pages.
    """
    try:
        tree = [psutil.Process(pid)]
        tree += tree[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return 0, 0
    whole, mapped = [0], [0]
    for process in tree:
        try:
            found = process.memory_info()
        except psutil.Error:
            continue
        whole.append(found.rss)
        mapped.append(getattr(found, "shared", 0))  # Linux alone tells
    return sum(whole) - sum(mapped) + max(mapped), max(whole)
