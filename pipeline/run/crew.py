"""The worker processes of a local run, in our own hands.

Beam starts them, but never ends one by force: it waits without limit for a worker that is in the middle of a book, that
has died, or that was still starting when the run was over. Here they are asked, and then made to end.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import grpc
from apache_beam.portability.api import endpoints_pb2
from apache_beam.runners.portability.fn_api_runner.fn_runner import ExtendedProvisionInfo
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    BeamFnControlServicer,
    ControlFuture,
    GrpcServer,
    GrpcWorkerHandler,
    StateServicer,
    WorkerHandler,
)
from google.protobuf import json_format, text_format

from scenesign.pipeline.run import worker
from scenesign.transforms.support.threads import one_thread_at_a_time

WORKER_PROCESS = "scenesign:env:worker_process:v1"

_SECONDS_TO_END = 4.0  # for workers that are asked to
_SECONDS_TO_DIE = 2.0  # for workers that have been killed
_LINES_KEPT = 50  # of what a worker says
# A signal to the whole group (Ctrl-C in a terminal, a batch system) is for the run to act on. A worker that ended
# first, by itself, would look like a crash. A shell hands on what is ignored; Windows has groups of processes.
if sys.platform == "win32":
    _SHIELD: tuple[str, ...] = ()
    _FLAGS, _KILLED = subprocess.CREATE_NEW_PROCESS_GROUP, None
else:
    _SHIELD = ("/bin/sh", "-c", """trap '' INT TERM HUP; exec "$0" "$@" """)
    _FLAGS, _KILLED = 0, -signal.SIGKILL


class WorkerDiedError(Exception):
    """A worker process has ended by itself. The message is one line for the user."""


class Crew:
    """All worker processes of one run. When one fails, all end, and whoever waits for one of them is told why."""

    def __init__(self, size: int) -> None:
        self.failure: Exception | None = None
        self.on_failure: Callable[[Exception], None] = lambda error: None
        self._size = size
        self._members: list[WorkerProcess] = []
        self._waiting: weakref.WeakSet[ControlFuture] = weakref.WeakSet()
        self._over = False
        self._lock = threading.RLock()

    @one_thread_at_a_time
    def join(self, member: WorkerProcess) -> None:
        """Starts a worker."""
        if self.failure:
            raise self.failure
        member.start(self._environment())
        self._members.append(member)

    def _environment(self) -> dict[str, str]:
        # each worker process starts its matrix library with its share of the cores
        share = str(max(1, (os.cpu_count() or 1) // self._size))
        return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), share) | dict(os.environ)

    @one_thread_at_a_time
    def wait_for(self, answer: ControlFuture) -> ControlFuture:
        """An answer that a failure of the crew comes in place of."""
        self._waiting.add(answer)
        if self.failure:
            answer.abort(self.failure)
        return answer

    def fail(self, error: Exception) -> None:
        """Ends all workers at once. Only the first error counts, as the others come of it. Never waits."""
        if self._end_all(error):
            self.on_failure(error)

    @one_thread_at_a_time
    def _end_all(self, error: Exception) -> bool:
        """Whether this was the first error."""
        if self.failure or self._over:
            return False
        self.failure = error
        for member in self._members:
            member.kill()
        for answer in list(self._waiting):
            answer.abort(error)
        return True

    def stop(self) -> None:
        """Ends all workers at once, as nobody wants their work any more. Never waits."""
        self.fail(InterruptedError("the run was stopped"))

    def close(self) -> None:
        """Ends all workers within seconds: those that have nothing to do any more end by themselves."""
        members = self._dismiss()
        if not self.failure:
            for member in members:
                member.ask()
            _wait(members, _SECONDS_TO_END)
            for member in members:
                member.kill()
        _wait(members, _SECONDS_TO_DIE)

    @one_thread_at_a_time
    def _dismiss(self) -> list[WorkerProcess]:
        members, self._members = self._members, []
        self._over = True
        return members


def _wait(members: Iterable[WorkerProcess], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for member in members:
        with suppress(subprocess.TimeoutExpired):
            member.process.wait(max(0.0, deadline - time.monotonic()))


class CrewInfo(ExtendedProvisionInfo):
    """What Beam hands to each worker's handler: the options of the run, and here its crew."""

    def __init__(self, provision_info: Any, crew: Crew) -> None:
        super().__init__(provision_info)
        self.crew = crew

    def for_environment(self, env: Any) -> CrewInfo:
        """The same for all: our workers find their code where the run found it."""
        return self


@WorkerHandler.register_environment(WORKER_PROCESS, bytes)
class WorkerProcess(GrpcWorkerHandler):
    """One worker process, as Beam's runner sees it."""

    process: subprocess.Popen[str]

    def __init__(self, payload: bytes, state: StateServicer, provision_info: CrewInfo, grpc_server: GrpcServer) -> None:
        super().__init__(state, provision_info, grpc_server)
        self._crew = provision_info.crew
        self._said: deque[str] = deque(maxlen=_LINES_KEPT)
        # a stream that a dead worker breaks just ends here: its watch knows why, and says so once
        control: Any = self.control_conn
        data: Any = self.data_conn
        push, take_control, take_data = control.push, control.set_input, data.set_inputs
        control.push = lambda request: self._pushed(push(request))
        control.set_input = lambda stream: take_control(self._answers(stream))
        data.set_inputs = lambda stream: take_data(_until_broken(stream))

    def _pushed(self, answer: ControlFuture | None) -> ControlFuture | None:
        return self._crew.wait_for(answer) if answer else None

    def _answers(self, stream: Iterable[Any]) -> Iterator[Any]:
        for answer in _until_broken(stream):
            if answer.error:  # Beam would see it only after the other workers have done their share
                self._crew.fail(RuntimeError(answer.error))
            yield answer

    def start_worker(self) -> None:
        """Called by Beam."""
        self._crew.join(self)

    def close(self) -> None:
        """Called by Beam, for one worker after the other."""
        self._crew.close()

    def start(self, environment: dict[str, str]) -> None:
        """Starts the process."""
        control = endpoints_pb2.ApiServiceDescriptor(url=self.control_address)
        environment["CONTROL_API_SERVICE_DESCRIPTOR"] = text_format.MessageToString(control)
        environment["PIPELINE_OPTIONS"] = json_format.MessageToJson(self.provision_info.provision_info.pipeline_options)
        environment["WORKER_ID"] = self.worker_id
        environment["PYTHONIOENCODING"] = "utf-8"
        program = f"import sys; sys.path[:] = {sys.path!r}; from {worker.__name__} import run_worker; run_worker()"
        self.process = subprocess.Popen(
            [*_SHIELD, sys.executable, "-c", program],
            env=environment,
            creationflags=_FLAGS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
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
        self._let_go()

    def _let_go(self) -> None:
        """Ends what serves the worker on our side."""
        self.control_conn.push(BeamFnControlServicer._DONE_MARKER)
        self.data_conn.close()
        assert self.process.stdin
        self.process.stdin.close()

    def ask(self) -> None:
        """Asks the worker to end, also one that has only just begun to start."""
        self.control_conn.push(BeamFnControlServicer._DONE_MARKER)

    def kill(self) -> None:
        """Ends the process in any state it is in."""
        self.process.kill()


def _until_broken(stream: Iterable[Any]) -> Iterator[Any]:
    with suppress(grpc.RpcError):
        yield from stream


def how_it_died(code: int, said: Iterable[str]) -> str:
    """One line on a worker process that ended by itself: its exit code, and the last of what it said."""
    if code == _KILLED:
        return (
            "a worker process was killed, as systems do when memory runs out; "
            "take fewer --workers, or give the run more memory"
        )
    how = f"was ended by a signal ({signal.strsignal(-code)})" if code < 0 else f"ended with code {code}"
    last = next((line for line in reversed(list(said)) if line), "")
    return f"a worker process {how}" + (f": {last}" if last else "")
