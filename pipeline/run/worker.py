"""The program of a worker process: Beam's own, which never outlives the run that started it."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading

from scenesign.transforms.support.spared_torch import spare_torch


def run_worker() -> None:
    """Serves a run until the run says that it is over, or ends in any other way."""
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    logging.basicConfig()
    spare_torch()
    from apache_beam.runners.worker import sdk_worker_main

    gc.freeze()  # as the local runner does it
    sdk_worker_main.main(sys.argv)
    # no exit handlers of C++ libraries, see `entry` of the command
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _end_with_the_run() -> None:
    """Nothing is ever written to standard input; it closes when the run wants no more work, or is gone."""
    os.read(0, 1)
    os._exit(1)
