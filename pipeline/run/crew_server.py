"""What the workers of a run call: Beam's services, without those that would give this machine away.

Beam's own server of its local runner listens to every network, hands any file of this machine to whoever asks for it as
an artifact, and the run's options, with keys of stores, to whoever knows that workers are counted from nought.
"""

from __future__ import annotations

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc, beam_provision_api_pb2_grpc
from apache_beam.runners.portability.fn_api_runner import worker_handlers
from apache_beam.runners.portability.fn_api_runner.fn_runner import ExtendedProvisionInfo
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    DATA_BUFFER_TIME_LIMIT_MS,
    BasicLoggingService,
    BasicProvisionService,
    BeamFnControlServicer,
    GrpcServer,
    GrpcStateServicer,
    StateServicer,
    WorkerHandlerManager,
)
from apache_beam.runners.worker.data_plane import BeamFnDataServicer
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

from scenesign.pipeline.run.crew import CrewInfo

# As Beam has them: messages of any size, and pings as often as its workers send them.
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
)
# A worker of another machine that falls silent, its pool alive, is missed: it's asked for a sign of life.
_SILENT_MS = 15_000
_ALIVE = (
    ("grpc.keepalive_time_ms", _SILENT_MS),
    ("grpc.keepalive_timeout_ms", _SILENT_MS),
    ("grpc.http2.ping_timeout_ms", _SILENT_MS),
)


class CrewServer(GrpcServer):
    """Serves a crew: one of this machine on this machine alone, one of pools on every network.

    No artifacts: our workers have their code. And options only to workers of pools, whose names nobody can guess;
    others find them in their environment.
    """

    def __init__(self, state: StateServicer, provision_info: CrewInfo, worker_manager: WorkerHandlerManager) -> None:
        self.state = state
        self.provision_info = provision_info
        far = provision_info.crew.far
        self._host = "[::]" if far else "localhost"
        self._options = _OPTIONS + (_ALIVE if far else ())
        self.control_server, self.control_port = self._listening()
        self.data_server, self.data_port = self._listening()
        self.state_server, self.state_port = self._listening()
        self.logging_server, self.logging_port = self._listening()
        self.control_address = f"localhost:{self.control_port}"
        self.control_handler = BeamFnControlServicer(worker_manager)
        self.data_plane_handler = BeamFnDataServicer(DATA_BUFFER_TIME_LIMIT_MS)
        beam_fn_api_pb2_grpc.add_BeamFnControlServicer_to_server(self.control_handler, self.control_server)
        beam_fn_api_pb2_grpc.add_BeamFnDataServicer_to_server(self.data_plane_handler, self.data_server)
        beam_fn_api_pb2_grpc.add_BeamFnStateServicer_to_server(GrpcStateServicer(state), self.state_server)
        beam_fn_api_pb2_grpc.add_BeamFnLoggingServicer_to_server(BasicLoggingService(), self.logging_server)
        if far:
            told = BasicProvisionService(provision_info.provision_info, worker_manager)
            beam_provision_api_pb2_grpc.add_ProvisionServiceServicer_to_server(told, self.control_server)
        for server in (self.logging_server, self.state_server, self.data_server, self.control_server):
            server.start()

    def _listening(self) -> tuple[grpc.Server, int]:
        server = grpc.server(shared_unbounded_instance(), options=self._options)
        return server, server.add_insecure_port(f"{self._host}:0")


def _make_server(
    state: StateServicer, provision_info: ExtendedProvisionInfo, worker_manager: WorkerHandlerManager
) -> GrpcServer:
    """In place of Beam's constructor, which stays that of all other runs."""
    if isinstance(provision_info, CrewInfo):
        return CrewServer(state, provision_info, worker_manager)
    return GrpcServer(state, provision_info, worker_manager)


def use_crew_server() -> None:
    """Has Beam's local runner serve a crew by a CrewServer."""
    worker_handlers.GrpcServer = _make_server  # type: ignore[assignment,misc]  # Beam only calls it
