"""The command, with a worker inside it whose bundles Prism runs side by side, and a word on how many those were.

Prism has a bundle split in two when it seems slow, but not again once a worker can't, and a worker that still loads its
model can't. Here it is asked to wait for the answer.
"""

from __future__ import annotations

import atexit
import os
import re
import signal
import subprocess
import sys
import time

from apache_beam.runners.worker.bundle_processor import BundleProcessor
from apache_beam.runners.worker.sdk_worker import BundleProcessorCache

from scenesign.pipeline.cli import entry
from tests.conftest import ROOT, fresh_environment


def run_side_by_side(*arguments: object) -> tuple[subprocess.CompletedProcess[str], int]:
    """The command with as many threads as it likes, come to its end; and the most bundles at a time.

    It runs as in the background of a script: deaf to Ctrl-C, with all that it starts.
    """
    deaf = ["/bin/sh", "-c", """trap '' INT; exec "$0" "$@" """]
    command = [*deaf, sys.executable, "-m", __name__, *map(str, arguments)]
    pipe, environment = subprocess.PIPE, fresh_environment()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
        encoding="utf-8",
    ) as running:
        try:
            out, err = running.communicate(timeout=500)
        except BaseException:
            os.killpg(running.pid, signal.SIGKILL)  # with the Prism that it may have started
            raise
    most = re.search(r"^bundles side by side: (\d+)$", err, re.M)
    return subprocess.CompletedProcess(command, running.returncode, out, err), int(most[1]) if most else 0


def main() -> None:
    """Runs the command."""
    look, get = BundleProcessorCache.lookup, BundleProcessorCache.get
    begun: set[str] = set()
    most = 0

    def patient(cache: BundleProcessorCache, instruction: str) -> BundleProcessor | None:
        while (found := look(cache, instruction)) is None and instruction not in begun:
            time.sleep(0.01)
        return found

    def counted(cache: BundleProcessorCache, instruction: str, descriptor: str) -> BundleProcessor:
        nonlocal most
        found = get(cache, instruction, descriptor)
        begun.add(instruction)
        most = max(most, len(cache.active_bundle_processors))
        return found

    BundleProcessorCache.lookup, BundleProcessorCache.get = patient, counted
    atexit.register(lambda: print(f"bundles side by side: {most}", file=sys.stderr))
    entry()


if __name__ == "__main__":
    main()
