"""The program of a worker process: Beam's own, which never outlives what started it."""

from __future__ import annotations

import gc
import logging
import os
import queue
import socket
import sys
import threading
import traceback
from typing import Any

from scenesign.pipeline.run.step_errors import mark_host
from scenesign.transforms.support.spared_torch import spare_torch

LOG_LINES = "%(asctime)s %(levelname)s %(message)s"  # of pools, which live for days, and of what they start
_SILENT_MS = 20_000  # of whom a worker serves, on another machine, before the line to it is taken for cut


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


def run_far_worker() -> None:
    """Serves a run on another machine: its errors name this one, and it notices when the line to it is cut."""
    import grpc
    from apache_beam.runners.worker import data_plane, sdk_worker_main
    from apache_beam.runners.worker.channel_factory import GRPCChannelFactory

    silent = dict.fromkeys(("grpc.keepalive_timeout_ms", "grpc.http2.ping_timeout_ms"), _SILENT_MS)
    told = dict(GRPCChannelFactory.DEFAULT_OPTIONS) | silent
    GRPCChannelFactory.DEFAULT_OPTIONS = list(told.items())
    logging.basicConfig(format=LOG_LINES)
    for module in (data_plane, sdk_worker_main):
        logging.getLogger(module.__name__).addFilter(_to_be_logged)
    threading.excepthook = _broken_lines_unsaid
    sdk_worker_main.SdkHarness = _far_harness()  # type: ignore[attr-defined,misc]
    try:
        run_worker()
    except grpc.RpcError as broken:
        said = broken.details() if isinstance(broken, grpc.Call) else broken
        logging.error("the job has gone, or the line to it (%s)", said)
    except BaseException:
        traceback.print_exc()
    finally:  # threads in the middle of a book would hold the process
        sys.stderr.flush()
        os._exit(1)


def _broken_lines_unsaid(told: threading.ExceptHookArgs) -> None:
    """Says nothing of what each of Beam's threads makes of a line that is broken, but all that is another matter."""
    if not told.exc_type.__module__.startswith("grpc"):
        threading.__excepthook__(told)


def _to_be_logged(told: logging.LogRecord) -> bool:
    """Not a job's options, for keys of stores are among them; nor a line that is broken, which we tell of."""
    return told.levelno < logging.CRITICAL and not str(told.msg).startswith(
        ("Pipeline_options", "Failed to read inputs")
    )


def _far_harness() -> type[Any]:
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    class FarHarness(SdkHarness):
        """Beam's, whose errors say which machine they come from."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._responses = _NamedErrors()

    return FarHarness


class _NamedErrors(queue.Queue[Any]):
    """Answers to a runner, in which each error has the name of this machine."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if error := getattr(item, "error", ""):
            item.error = mark_host(error, socket.gethostname())
        super().put(item, block, timeout)


def _end_with_the_run() -> None:
    """Nothing is ever written to standard input; it closes when the run wants no more work, or is gone."""
    os.read(0, 1)
    os._exit(1)
