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

    seconds: by the clock. cpu: seconds on all cores. peak: most bytes resident at a time, over all its processes.
    """

    seconds: float
    cpu: float
    peak: int


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
    began, peak = time.perf_counter(), 0
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
            peak = max(peak, resident(run.pid))
            time.sleep(_LOOK_SECONDS)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {run.returncode}: {said.decode()[-2000:]}")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, peak)


def resident(pid: int) -> int:
    """Bytes resident in a process and all its descendants; what they share counts for each."""
    total = 0
    try:
        tree = [psutil.Process(pid)]
        tree += tree[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    for process in tree:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
