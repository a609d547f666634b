"""Workers that pools on other machines start, under Beam's local runner in this process."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import grpc
from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions, StandardOptions
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc, endpoints_pb2
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    GrpcServer,
    StateServicer,
    WorkerHandler,
)

from scenesign.pipeline.options.beam import EMBEDDED, pool_addresses
from scenesign.pipeline.run.crew import CrewInfo, Member, WorkerDiedError
from scenesign.pipeline.run.step_errors import mark_host

POOL_WORKER = "scenesign:env:pool_worker:v1"
# Beside Beam's protocol: under the first our pools say how a worker ended, and that they can; under the second they are
# asked, without being asked to end it.
END = "scenesign-end-bin"
ASK = "scenesign-ask"

_HERE = ("localhost", "127.0.0.1", "[::1]")
_SECONDS_TO_START = 90.0  # for a pool to look at a job and start a worker, and for that to call back
_SECONDS_SILENT = 10.0  # of a pool, before its channel is taken for broken, and again before it's given up
_SECONDS_TO_LOOK = 1.0  # between two looks at a pool
_SECONDS_TO_STOP = 5.0
# A cable that is cut says nothing, nor does a host that is frozen, whose system still takes what is sent: whoever waits
# for an answer has to ask. And a channel without calls is none that may be closed for that.
_ALIVE = (
    ("grpc.keepalive_time_ms", int(_SECONDS_SILENT * 1000)),
    ("grpc.keepalive_timeout_ms", int(_SECONDS_SILENT * 1000)),
    ("grpc.http2.ping_timeout_ms", int(_SECONDS_SILENT * 1000)),  # else it's a minute, where the other's system answers
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.client_idle_timeout_ms", 2**31 - 1),
)


def pools_of(options: PipelineOptions) -> tuple[str, ...]:
    """Addresses of pools, `HOST:PORT` for each worker, that a run in this process takes its workers from; else ()."""
    portable = options.view_as(PortableOptions)
    embedded = options.view_as(StandardOptions).runner == "PortableRunner" and portable.job_endpoint == EMBEDDED
    if not embedded or portable.environment_type != "EXTERNAL":
        return ()
    return pool_addresses(portable)


@WorkerHandler.register_environment(POOL_WORKER, bytes)
class PoolWorker(Member):
    """A worker that a pool starts, as Beam's runner sees it."""

    def __init__(self, payload: bytes, state: StateServicer, provision_info: CrewInfo, grpc_server: GrpcServer) -> None:
        self._pool = provision_info.crew.take_pool()
        super().__init__(payload, state, provision_info, grpc_server)
        self._channel = grpc.insecure_channel(self._pool, _ALIVE)
        self._stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(self._channel)
        self._called, self._ended = threading.Event(), threading.Event()
        self._stopped: grpc.Future | None = None  # kept, for a call that nobody keeps is taken back

    @property
    def worker_id(self) -> str:
        """Its name. A pool may serve several runs at once, each of which counts from nought; and whoever knows the name
        is told the run's options."""
        return self._worker_id

    @worker_id.setter
    def worker_id(self, counted: str) -> None:
        self._worker_id = f"{counted}-{secrets.token_hex(8)}"

    def host_from_worker(self) -> str:
        """This machine's name, by which the worker calls it; called by Beam."""
        host = self._pool.rpartition(":")[0]
        return "localhost" if host in _HERE else socket.getfqdn()

    def _answers(self, stream: Iterable[Any]) -> Iterator[Any]:
        self._called.set()
        try:
            yield from super()._answers(stream)
        finally:
            self._ended.set()

    def data_of(self, stream: Iterable[Any]) -> Iterator[Any]:
        """What a worker sends of its results. It ends only when it's known why: Beam would give a reason of its own."""
        yield from super().data_of(stream)
        deadline = time.monotonic() + _SECONDS_SILENT + _SECONDS_TO_STOP
        while not self._crew.over and time.monotonic() < deadline:
            time.sleep(_SECONDS_TO_LOOK / 10)

    def trouble(self, error: str) -> Exception:
        """What a worker's traceback is to the run: a text that says where, also where the pool is one of Beam's."""
        return RuntimeError(mark_host(error, self._pool))

    def start(self) -> None:
        """Asks the pool for the worker. Doesn't wait for it, as others may be asked meanwhile."""
        control = endpoints_pb2.ApiServiceDescriptor(url=self.control_address)
        request = beam_fn_api_pb2.StartWorkerRequest(
            worker_id=self.worker_id, control_endpoint=control, artifact_endpoint=control, provision_endpoint=control
        )
        if logging.getLogger().isEnabledFor(logging.INFO):  # without it the pool's own log has what workers say
            request.logging_endpoint.CopyFrom(self.logging_api_service_descriptor())
        asked = self._stub.StartWorker.future(request, timeout=_SECONDS_TO_START)
        threading.Thread(target=self._watch, args=(asked,), daemon=True).start()

    def _watch(self, asked: grpc.Future) -> None:
        if trouble := self._trouble_at_start(asked) or self._trouble_at_work():
            self._crew.fail(WorkerDiedError(trouble))
        self.let_go()

    def _trouble_at_start(self, asked: grpc.Future) -> str:
        try:
            error = str(asked.result().error)
        except grpc.RpcError as broken:
            said = broken.details() if isinstance(broken, grpc.Call) else broken
            return f"the pool at {self._pool} was asked for a worker in vain: {said}"
        if error:
            lines = [line for line in error.splitlines() if line.strip()]  # a traceback, from a pool of Beam's
            return f"the pool at {self._pool} started no worker: {lines[-1].strip()}"
        ours = END in dict(asked.trailing_metadata())
        for _ in range(int(_SECONDS_TO_START / _SECONDS_TO_LOOK)):
            if self._called.wait(_SECONDS_TO_LOOK) or self._crew.over:
                return ""
            if ours and (end := self._end(ask=True)):
                return f"{self._pool}: {end}"
        return f"the worker that {self._pool} started has not called {self.control_address}; {self._end()}"

    def _trouble_at_work(self) -> str:
        heard = time.monotonic()
        while not self._crew.over:
            if self._ended.wait(_SECONDS_TO_LOOK):
                return f"{self._pool}: {self._end()}"
            if self._pool_is_there():
                heard = time.monotonic()
            elif time.monotonic() - heard > _SECONDS_SILENT:
                return f"{self._pool} can't be reached any more, and its worker is lost"
        return ""

    def _pool_is_there(self) -> bool:
        """Whether the channel to the pool stands, or does so within a look's time."""
        ready = grpc.channel_ready_future(self._channel)
        try:
            ready.result(timeout=_SECONDS_TO_LOOK)
        except grpc.FutureTimeoutError:
            ready.cancel()
            return False
        return True

    def _end(self, ask: bool = False) -> str:
        """How the worker ended, as its pool tells. ask: it may well be alive, which is "", and is left so."""
        try:
            request, asking = self._stop_request(), [(ASK, "1")] if ask else None
            _, call = self._stub.StopWorker.with_call(request, timeout=_SECONDS_SILENT, metadata=asking)
        except grpc.RpcError:
            return "the worker has gone, and so has its pool, or the line to it"
        told = dict(call.trailing_metadata()).get(END, b"").decode(errors="replace")
        return told or ("" if ask else "the worker has gone; the log of its pool may say why")

    def _stop_request(self) -> beam_fn_api_pb2.StopWorkerRequest:
        return beam_fn_api_pb2.StopWorkerRequest(worker_id=self.worker_id)

    def wait(self, seconds: float) -> None:
        """Returns when the worker has ended, or after that time."""
        if self._stopped:
            with suppress(grpc.RpcError, grpc.FutureTimeoutError):
                self._stopped.result(seconds)
        elif self._called.is_set():
            self._ended.wait(seconds)

    def kill(self) -> None:
        """Has the pool end the worker. Never waits."""
        self._stopped = self._stub.StopWorker.future(self._stop_request(), timeout=_SECONDS_TO_STOP)
