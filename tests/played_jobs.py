"""Jobs that are played, for tests of pools: they tell of themselves, ask for workers, and take their calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Queue

import grpc
from apache_beam.portability.api import (
    beam_fn_api_pb2,
    beam_fn_api_pb2_grpc,
    beam_provision_api_pb2,
    beam_provision_api_pb2_grpc,
)
from apache_beam.utils.proto_utils import pack_Struct
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

from scenesign.pipeline.run.pools import ASK, END
from scenesign.pipeline.run.submission import OPTION

KEY, LEVEL = "beam:option:s3_access_key_id:v1", "beam:option:default_sdk_harness_log_level:v1"
SECONDS = 60.0  # for whatever a busy machine has to do


class Job(beam_fn_api_pb2_grpc.BeamFnControlServicer, beam_provision_api_pb2_grpc.ProvisionServiceServicer):
    """What submitted a job: tells of it, and takes the calls of its workers.

    versions: of what submitted it. told: until it's set, nothing is told of the job.
    """

    def __init__(self, **versions: str) -> None:
        options = {f"beam:option:{OPTION}:v1": json.dumps(versions), KEY: "a key"}
        self.info = beam_provision_api_pb2.ProvisionInfo(pipeline_options=pack_Struct(**options))
        self.told = threading.Event()
        self.told.set()
        self.asked: Queue[str] = Queue()  # who asked of the job
        self.called: Queue[str] = Queue()  # who called for work
        self.work: Queue[beam_fn_api_pb2.InstructionRequest | None] = Queue()  # None: there is no more
        self.done: Queue[beam_fn_api_pb2.InstructionResponse] = Queue()

    def GetProvisionInfo(  # noqa: N802  # Beam's name
        self, request: beam_provision_api_pb2.GetProvisionInfoRequest, context: grpc.ServicerContext
    ) -> beam_provision_api_pb2.GetProvisionInfoResponse:
        self.asked.put(str(dict(context.invocation_metadata())["worker_id"]))
        self.told.wait(SECONDS)
        return beam_provision_api_pb2.GetProvisionInfoResponse(info=self.info)

    def Control(  # noqa: N802  # Beam's name
        self, answers: Iterator[beam_fn_api_pb2.InstructionResponse], context: grpc.ServicerContext
    ) -> Iterator[beam_fn_api_pb2.InstructionRequest]:
        self.called.put(str(dict(context.invocation_metadata())["worker_id"]))

        def read() -> None:
            with suppress(grpc.RpcError):
                for answer in answers:
                    self.done.put(answer)

        threading.Thread(target=read, daemon=True).start()
        while (request := self.work.get()) is not None:
            yield request


@contextmanager
def offered(job: Job) -> Iterator[tuple[str, grpc.Server]]:
    """The address of a job, and what serves it."""
    server = grpc.server(shared_unbounded_instance())
    beam_fn_api_pb2_grpc.add_BeamFnControlServicer_to_server(job, server)
    beam_provision_api_pb2_grpc.add_ProvisionServiceServicer_to_server(job, server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        yield f"localhost:{port}", server
    finally:
        job.work.put(None)
        server.stop(0)


@dataclass
class Runner:
    """Who asks a pool for workers, as Beam's runners do."""

    stub: beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub

    def start(self, name: str, job: str, control: str = "") -> str:
        """Asks for a worker; the pool's error, or "". job, control: where to ask of the job, and for work."""
        request = beam_fn_api_pb2.StartWorkerRequest(worker_id=name)
        request.provision_endpoint.url, request.control_endpoint.url = job, control or job
        return str(self.stub.StartWorker(request, timeout=SECONDS).error)

    def stop(self, name: str, ask: bool = False) -> str:
        """Has a worker ended, or only asks after it; what the pool tells of its end."""
        request = beam_fn_api_pb2.StopWorkerRequest(worker_id=name)
        metadata = [(ASK, "1")] if ask else None
        _, call = self.stub.StopWorker.with_call(request, timeout=SECONDS, metadata=metadata)
        return bytes(dict(call.trailing_metadata()).get(END, b"")).decode()


@contextmanager
def runner_of(port: int) -> Iterator[Runner]:
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        yield Runner(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel))
