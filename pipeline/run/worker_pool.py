"""A pool of workers: starts a worker process of this machine for each that a job service or an engine asks for.

What Beam's own pool lacks is here: workers get the options of their job (keys of stores), a job that was submitted by
another version of us is refused, errors name this machine, and no worker outlives the pool or the line to its job.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import grpc
from apache_beam.portability.api import (
    beam_fn_api_pb2,
    beam_fn_api_pb2_grpc,
    beam_provision_api_pb2,
    beam_provision_api_pb2_grpc,
    endpoints_pb2,
)
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance
from google.protobuf import json_format, text_format

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.pools import ASK, END
from scenesign.pipeline.run.submission import PROGRESS_URN, VERSIONS_URN, read_versions, version_trouble, versions_here
from scenesign.pipeline.run.worker import run_far_worker
from scenesign.pipeline.run.worker_process import how_it_died, start_process
from scenesign.transforms.support.counting import SOCKET_VARIABLE

_LOG = logging.getLogger(__name__)
_SECONDS_TO_ANSWER = 15.0  # for whoever asks for a worker, when it's asked about the job
_SECONDS_TO_TELL = 1.0  # for a worker whose line is broken, until its end is known
_SECONDS_KEPT = 60.0  # how a worker ended
_SECONDS_TO_END = 5.0  # for workers that have been killed
_ENDED = b"the worker gave no sign of life, and has been ended"  # for those who ask why its line is broken
_LEVEL = "beam:option:default_sdk_harness_log_level:v1"
_OPTIONS = (
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.so_reuseport", 0),  # a second pool on a port is refused, not given half of the calls
)


class NoWorkerError(Exception):
    """A worker isn't started. The message is one line that names this machine."""


@dataclass(eq=False)
class _Worker:
    """A worker that was asked for. process: once it's started. unwanted: it was stopped, perhaps before that."""

    process: subprocess.Popen[str] | None = None
    unwanted: bool = False

    @property
    def over(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class WorkerPool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts and ends worker processes on behalf of runners; Beam's protocol `BeamFnExternalWorkerPool`."""

    def __init__(self) -> None:
        self._host = socket.gethostname()
        self._versions = versions_here()
        self._workers: dict[str, list[_Worker]] = defaultdict(list)
        self._lock = threading.Lock()

    def StartWorker(  # noqa: N802  # Beam's name
        self, request: beam_fn_api_pb2.StartWorkerRequest, context: grpc.ServicerContext
    ) -> beam_fn_api_pb2.StartWorkerResponse:
        """Called by runners."""
        worker = _Worker()
        with self._lock:
            self._workers[request.worker_id].append(worker)
        try:
            self._start(request, worker)
        except Exception as error:
            self._forget(request.worker_id, worker)
            why = str(error) if isinstance(error, NoWorkerError) else f"{self._host} can't start a process ({error})"
            _LOG.error("%s: %s", request.worker_id, why)
            return beam_fn_api_pb2.StartWorkerResponse(error=why)
        context.set_trailing_metadata([(END, b"")])
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(  # noqa: N802  # Beam's name
        self, request: beam_fn_api_pb2.StopWorkerRequest, context: grpc.ServicerContext
    ) -> beam_fn_api_pb2.StopWorkerResponse:
        """Called by runners. Ends the worker, unless it's only asked after, and says how it ended by itself."""
        asks = ASK in dict(context.invocation_metadata())
        with self._lock:
            found = self._workers.get(request.worker_id, [])
            found = [worker for worker in found if not worker.over] or found
            # engines count from one in each job: of two that have one name, each ends with its job's line
            (worker,) = found if len(found) == 1 else [_Worker()]
            process = worker.process
            worker.unwanted |= process is None and not asks
        if process:
            try:
                ended = self._how_it_died(process.wait(0 if asks else _SECONDS_TO_TELL))
                context.set_trailing_metadata([(END, ended.encode())])
            except subprocess.TimeoutExpired:
                if not asks:
                    worker.unwanted = True
                    process.kill()
                    context.set_trailing_metadata([(END, _ENDED)])
        return beam_fn_api_pb2.StopWorkerResponse()

    def _start(self, request: beam_fn_api_pb2.StartWorkerRequest, worker: _Worker) -> None:
        info = self._provision(request)
        options = json_format.MessageToDict(info.pipeline_options)
        if trouble := version_trouble(read_versions(options.get(VERSIONS_URN, "")), self._versions):
            raise NoWorkerError(f"{self._host} {trouble}; install there what the submitting machine has")
        for name in (VERSIONS_URN, PROGRESS_URN):  # Beam's workers know no such options, and would say so
            info.pipeline_options.fields.pop(name, None)
        if _LEVEL not in info.pipeline_options.fields:  # Beam's workers would log all that they do
            info.pipeline_options[_LEVEL] = logging.getLevelName(logging.getLogger().level)
        environment = os.environ | worker_environment(request, info)
        if progress := str(options.get(PROGRESS_URN, "")):
            environment |= {SOCKET_VARIABLE: progress}
        process = start_process(run_far_worker, environment, None)
        _LOG.info("%s: started as process %d", request.worker_id, process.pid)
        with self._lock:
            worker.process = process
            if worker.unwanted:
                process.kill()
        threading.Thread(target=self._watch, args=(request.worker_id, worker, process), daemon=True).start()

    def _watch(self, worker_id: str, worker: _Worker, process: subprocess.Popen[str]) -> None:
        code = process.wait()
        assert process.stdin
        process.stdin.close()
        if code and not worker.unwanted:
            _LOG.error("%s: %s", worker_id, self._how_it_died(code))
        else:
            _LOG.info("%s: ended", worker_id)
        time.sleep(_SECONDS_KEPT)
        self._forget(worker_id, worker)

    def _how_it_died(self, code: int) -> str:
        return how_it_died(code, advice=f"give {self._host} more memory, or fewer workers")

    def _forget(self, worker_id: str, worker: _Worker) -> None:
        with self._lock:
            self._workers[worker_id].remove(worker)
            if not self._workers[worker_id]:
                del self._workers[worker_id]

    def _provision(self, request: beam_fn_api_pb2.StartWorkerRequest) -> beam_provision_api_pb2.ProvisionInfo:
        """What there is to know of a job, from who asks for a worker."""
        address = request.provision_endpoint.url
        if not address:
            return beam_provision_api_pb2.ProvisionInfo()
        with grpc.insecure_channel(address) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=_SECONDS_TO_ANSWER)
            except grpc.FutureTimeoutError:
                raise NoWorkerError(
                    f"{self._host} can't reach {address}, which asks for a worker; each machine must know the others "
                    "by the names that they call themselves, and no firewall be between them"
                ) from None
            stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
            asked, named = beam_provision_api_pb2.GetProvisionInfoRequest(), [("worker_id", request.worker_id)]
            try:
                return stub.GetProvisionInfo(asked, timeout=_SECONDS_TO_ANSWER, metadata=named).info
            except grpc.RpcError as error:
                said = error.details() if isinstance(error, grpc.Call) else error
                raise NoWorkerError(f"{self._host} got no word on the job from {address} ({said})") from error

    def close(self) -> None:
        """Ends all workers."""
        with self._lock:
            left = [worker for workers in self._workers.values() for worker in workers]
        processes = [worker.process for worker in left if worker.process]
        for worker in left:
            worker.unwanted = True
        for process in processes:
            process.kill()
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_SECONDS_TO_END)


def worker_environment(
    request: beam_fn_api_pb2.StartWorkerRequest, info: beam_provision_api_pb2.ProvisionInfo
) -> Mapping[str, str]:
    """What a worker finds in its environment, as Beam's own program for its images leaves it there."""
    endpoints = {
        "CONTROL": request.control_endpoint if request.control_endpoint.url else info.control_endpoint,
        "LOGGING": request.logging_endpoint if request.logging_endpoint.url else endpoints_pb2.ApiServiceDescriptor(),
        "STATUS": info.status_endpoint,
    }
    found = {
        f"{name}_API_SERVICE_DESCRIPTOR": text_format.MessageToString(endpoint)
        for name, endpoint in endpoints.items()
        if endpoint.url
    }
    return found | {
        "WORKER_ID": request.worker_id,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }


def _in_brackets(bind: str) -> str:
    """An address as it stands before a port: that of IPv6 has colons itself."""
    try:
        return f"[{bind}]" if ipaddress.ip_address(bind).version == 6 else bind
    except ValueError:
        return bind


@contextmanager
def serving_pool(bind: str, port: int) -> Iterator[int]:
    """Serves a pool inside, and gives its port. Raises UsageError where the port is taken or the address not ours."""
    server = grpc.server(shared_unbounded_instance(), options=_OPTIONS)
    try:
        port = server.add_insecure_port(f"{_in_brackets(bind)}:{port}")
    except RuntimeError as error:
        raise UsageError(
            f"--bind {bind} --port {port}: can't listen there; another program does, or the address is not of this host"
        ) from error
    pool = WorkerPool()
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.start()
    try:
        yield port
    finally:
        server.stop(0)
        pool.close()
