"""A worker process of this machine, as a member of the crew."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from apache_beam.portability.api import endpoints_pb2
from apache_beam.runners.portability.fn_api_runner.worker_handlers import GrpcServer, StateServicer, WorkerHandler
from google.protobuf import json_format, text_format

from scenesign.pipeline.run import worker
from scenesign.pipeline.run.crew import CrewInfo, Member, WorkerDiedError

WORKER_PROCESS = "scenesign:env:worker_process:v1"

_LINES_KEPT = 50  # of what a worker says
# A signal to the whole group (Ctrl-C in a terminal, a batch system) is for the run to act on. A worker that ended
# first, by itself, would look like a crash. A shell hands on what is ignored; Windows has groups of processes.
if sys.platform == "win32":
    _SHIELD: tuple[str, ...] = ()
    _FLAGS, _KILLED = subprocess.CREATE_NEW_PROCESS_GROUP, None
else:
    _SHIELD = ("/bin/sh", "-c", """trap '' INT TERM HUP; exec "$0" "$@" """)
    _FLAGS, _KILLED = 0, -signal.SIGKILL


def start_process(run: Callable[[], None], environment: Mapping[str, str], output: int | None) -> subprocess.Popen[str]:
    """A process that runs a function of `worker`, and ends when its standard input closes.

    output: where what it says goes; None: where this process says it. It is deaf to what a terminal sends to all.
    Raises OSError where the system starts no more.
    """
    program = f"import sys; sys.path[:] = {sys.path!r}; from {worker.__name__} import {run.__name__} as run; run()"
    return subprocess.Popen(
        [*_SHIELD, sys.executable, "-c", program],
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        creationflags=_FLAGS,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        encoding="utf-8",
        errors="replace",
    )


@WorkerHandler.register_environment(WORKER_PROCESS, bytes)
class WorkerProcess(Member):
    """One worker process, as Beam's runner sees it."""

    process: subprocess.Popen[str]

    def __init__(self, payload: bytes, state: StateServicer, provision_info: CrewInfo, grpc_server: GrpcServer) -> None:
        super().__init__(payload, state, provision_info, grpc_server)
        self._said: deque[str] = deque(maxlen=_LINES_KEPT)

    def start(self) -> None:
        """Starts the process."""
        # each worker process starts its matrix library with its share of the cores
        share = str(max(1, (os.cpu_count() or 1) // self._crew.size))
        environment = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), share)
        environment |= os.environ
        control = endpoints_pb2.ApiServiceDescriptor(url=self.control_address)
        environment["CONTROL_API_SERVICE_DESCRIPTOR"] = text_format.MessageToString(control)
        environment["PIPELINE_OPTIONS"] = json_format.MessageToJson(self.provision_info.provision_info.pipeline_options)
        environment["WORKER_ID"] = self.worker_id
        self.process = start_process(worker.run_worker, environment, subprocess.PIPE)
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        threading.Thread(target=self._watch, args=(reader,), daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                if logging.getLogger().isEnabledFor(logging.INFO):
                    sys.stderr.write(line)
                self._said.append(line.strip())

    def _watch(self, reader: threading.Thread) -> None:
        code = self.process.wait()
        reader.join(1.0)
        self._crew.fail(WorkerDiedError(how_it_died(code, self._said)))
        self.let_go()
        assert self.process.stdin
        self.process.stdin.close()

    def wait(self, seconds: float) -> None:
        """Returns when the process has ended, or after that time."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def kill(self) -> None:
        """Ends the process in any state it is in."""
        self.process.kill()


def how_it_died(
    code: int, said: Iterable[str] = (), advice: str = "take fewer --workers, or give the run more memory"
) -> str:
    """One line on a worker process that ended by itself: its exit code, and the last of what it said.

    advice: against memory that runs out.
    """
    if code == _KILLED:
        return f"a worker process was killed, as systems do when memory runs out; {advice}"
    how = f"was ended by a signal ({signal.strsignal(-code)})" if code < 0 else f"ended with code {code}"
    last = next((line for line in reversed(list(said)) if line), "")
    return f"a worker process {how}" + (f": {last}" if last else "")
