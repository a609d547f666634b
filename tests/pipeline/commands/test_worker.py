"""`scenesign worker`: where it listens, what it says, and how it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import psutil
import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from click.testing import CliRunner

from scenesign.pipeline.cli import main
from scenesign.pipeline.run.endpoints import answers
from tests.conftest import fresh_environment
from tests.runs import Nursery, Run
from tests.stores import free_port

HERE = socket.gethostname()
SAYS = f"scenesign: {HERE} starts workers for jobs that ask at"
ENDED = "scenesign: the pool and its workers have ended"


@contextmanager
def pool_on(nursery: Nursery, port: int, *options: str) -> Iterator[Run]:
    """The command, once it listens."""
    run = nursery.start("worker", "--port", port, *options)
    try:
        run.wait_for(lambda run: run.log.exists() and run.said().startswith(SAYS))
        assert not run.over, run.said()
        yield run
    finally:
        run.signal(signal.SIGKILL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it(number: signal.Signals, code: int, nursery: Nursery) -> None:
    port = free_port()
    with pool_on(nursery, port) as run:
        assert answers(f"127.0.0.1:{port}", 20)
        run.signal(number)
        assert run.code_in_time() == code
        assert run.outlived_by() == []
        assert run.said().splitlines() == [f"{SAYS} 127.0.0.1:{port}", ENDED]
    assert not answers(f"127.0.0.1:{port}", 0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="sends a signal to one thread of another process")
def test_a_signal_ends_it_whichever_thread_the_system_gives_it_to(nursery: Nursery) -> None:
    port = free_port()
    with pool_on(nursery, port) as run:
        assert answers(f"127.0.0.1:{port}", 20)
        threads = [thread.id for thread in psutil.Process(run.pid).threads() if thread.id != run.pid]
        gives = ctypes.CDLL(None, use_errno=True).tgkill
        assert gives(run.pid, threads[-1], signal.SIGTERM) == 0, os.strerror(ctypes.get_errno())
        assert run.code_in_time() == 143
        assert run.said().splitlines()[1:] == [ENDED]


def test_only_this_machine_is_served_unless_others_are_to_be(nursery: Nursery) -> None:
    """Another address of this machine stands for another machine."""
    port = free_port()
    with pool_on(nursery, port):
        assert not answers(f"127.0.0.2:{port}", 0.5)
    with pool_on(nursery, port, "--bind", "0.0.0.0") as run:
        assert answers(f"127.0.0.2:{port}", 20)
        assert run.said() == f"{SAYS} 0.0.0.0:{port}\n"


def test_what_it_can_not_listen_at_is_told_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for bind in ("127.0.0.1", "192.0.2.1", "host.invalid", "one:two"):
            done = CliRunner().invoke(main, ["worker", "--bind", bind, "--port", str(port)])
            assert (done.exit_code, done.stdout) == (2, "")
            assert done.stderr == (
                f"error: --bind {bind} --port {port}: can't listen there; another program does, or the address is not "
                "of this host\n"
            )


def test_nothing_is_said_beside_that_line() -> None:
    """Below Python gRPC would say it as well; how loud it is it reads once in a process."""
    command = [sys.executable, "-m", "scenesign", "worker", "--bind", "192.0.2.1"]
    done = subprocess.run(command, env=fresh_environment(), capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_is_a_number_that_others_can_be_told(port: str) -> None:
    done = CliRunner().invoke(main, ["worker", "--port", port])
    assert done.exit_code == 2
    assert "--port" in done.stderr


@pytest.mark.parametrize("verbose", [False, True])
def test_workers_that_start_and_end_are_told_on_request(verbose: bool, nursery: Nursery) -> None:
    port = free_port()
    with pool_on(nursery, port, *(["--verbose"] if verbose else [])) as run:
        request = beam_fn_api_pb2.StartWorkerRequest(worker_id="one")
        request.control_endpoint.url = "127.0.0.1:1"  # where nobody has work
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)
            assert stub.StartWorker(request, timeout=60).error == ""
            (worker,) = run.workers()
            stub.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id="one"), timeout=60)
        if verbose:
            run.wait_for(lambda run: "one: ended" in run.said())
            assert f"one: started as process {worker.pid}" in run.said()
            assert "one: ended" in run.said()
        run.signal(signal.SIGTERM)
        assert run.code_in_time() == 143
        assert verbose or run.said().splitlines() == [f"{SAYS} 127.0.0.1:{port}", ENDED]
