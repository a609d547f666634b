"""What the workers of a run call: who can reach it, and what it doesn't tell."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from apache_beam.portability import common_urns
from apache_beam.portability.api import (
    beam_artifact_api_pb2,
    beam_artifact_api_pb2_grpc,
    beam_provision_api_pb2,
    beam_provision_api_pb2_grpc,
    beam_runner_api_pb2,
)
from apache_beam.runners.portability.fn_api_runner import worker_handlers
from apache_beam.runners.portability.fn_api_runner.fn_runner import ExtendedProvisionInfo
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    GrpcServer,
    StateServicer,
    WorkerHandlerManager,
)
from apache_beam.utils.proto_utils import pack_Struct

from scenesign.pipeline.run.crew import Crew, CrewInfo
from scenesign.pipeline.run.crew_server import CrewServer
from scenesign.pipeline.run.endpoints import answers
from scenesign.pipeline.run.runners import LocalRunner

HERE, FAR = (), ("one:50000",)  # where workers come from
INFO = beam_provision_api_pb2.ProvisionInfo(pipeline_options=pack_Struct(key="secret"))


@contextmanager
def serving(pools: tuple[str, ...], info: ExtendedProvisionInfo | None = None) -> Iterator[GrpcServer]:
    """The server of a run, as Beam makes it."""
    LocalRunner(1)
    info = info or CrewInfo(INFO, Crew(1, pools))
    server = worker_handlers.GrpcServer(StateServicer(), info, WorkerHandlerManager({}, info))
    try:
        yield server
    finally:
        server.close()


def ports(server: GrpcServer) -> list[int]:
    return [server.control_port, server.data_port, server.state_port, server.logging_port]


def test_workers_of_this_machine_are_served_on_it_alone() -> None:
    """Another address of this machine stands for another machine."""
    with serving(HERE) as server:
        assert len(set(ports(server))) == 4
        assert all(answers(f"localhost:{port}", 20) for port in ports(server))
        for port in ports(server):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", port), 20)


def test_workers_of_other_machines_are_served_on_every_network() -> None:
    with serving(FAR) as server:
        assert all(answers(f"127.0.0.2:{port}", 20) for port in ports(server))


@pytest.mark.parametrize("pools", [HERE, FAR])
def test_nobody_is_given_a_file_of_this_machine(pools: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("for nobody", encoding="utf-8")
    payload = beam_runner_api_pb2.ArtifactFilePayload(path=str(tmp_path / "secret")).SerializeToString()
    wanted = beam_runner_api_pb2.ArtifactInformation(type_urn=common_urns.artifact_types.FILE.urn, type_payload=payload)
    with serving(pools) as server, grpc.insecure_channel(f"localhost:{server.control_port}") as channel:
        stub = beam_artifact_api_pb2_grpc.ArtifactRetrievalServiceStub(channel)
        request = beam_artifact_api_pb2.GetArtifactRequest(artifact=wanted)
        with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
            list(stub.GetArtifact(request, timeout=20))


@pytest.mark.parametrize("pools", [HERE, FAR])
def test_the_options_of_a_run_are_not_for_whoever_guesses_a_name(pools: tuple[str, ...]) -> None:
    with serving(pools) as server, grpc.insecure_channel(f"localhost:{server.control_port}") as channel:
        stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        request = beam_provision_api_pb2.GetProvisionInfoRequest()
        with pytest.raises(grpc.RpcError) as refused:
            stub.GetProvisionInfo(request, metadata=[("worker_id", "worker_0")], timeout=20)
        assert "secret" not in str(refused.value)


def test_other_runs_of_beam_have_its_own_server() -> None:
    with serving(HERE) as ours, serving(HERE, ExtendedProvisionInfo(INFO)) as beams:
        assert [type(server) for server in (ours, beams)] == [CrewServer, GrpcServer]
