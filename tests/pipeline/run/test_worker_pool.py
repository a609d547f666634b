"""A pool of workers, asked by jobs that are played here: what it starts, what it refuses, and how all ends."""

from __future__ import annotations

import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

import grpc
import psutil
import pytest
from apache_beam.portability.api import (
    beam_fn_api_pb2,
    beam_fn_api_pb2_grpc,
    beam_provision_api_pb2,
    beam_provision_api_pb2_grpc,
    endpoints_pb2,
)
from apache_beam.utils.proto_utils import pack_Struct
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run import worker_pool
from scenesign.pipeline.run.endpoints import answers
from scenesign.pipeline.run.pools import END
from scenesign.pipeline.run.step_errors import host_of
from scenesign.pipeline.run.submission import OPTION, versions_here
from scenesign.pipeline.run.worker_pool import serving_pool, worker_environment
from tests.conftest import fresh_environment
from tests.stores import free_port, serving

HERE = socket.gethostname()
GRPC = re.compile(r"[IWE]\d{4} ")  # lines of its own log
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

    def stop(self, name: str) -> str:
        """Has a worker ended; what the pool tells of its end."""
        request = beam_fn_api_pb2.StopWorkerRequest(worker_id=name)
        _, call = self.stub.StopWorker.with_call(request, timeout=SECONDS)
        return bytes(dict(call.trailing_metadata()).get(END, b"")).decode()


@contextmanager
def runner_of(port: int) -> Iterator[Runner]:
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        yield Runner(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel))


@pytest.fixture
def runner() -> Iterator[Runner]:
    """A pool in this process, and who asks it."""
    with serving_pool("localhost", free_port()) as port, runner_of(port) as runner:
        yield runner


@dataclass
class Sleepers:
    """Processes in place of workers, which do nothing until their standard input closes.

    options: of its job, as each would find them.
    """

    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    options: list[dict[str, object]] = field(default_factory=list)

    def start(self, run: object, environment: Mapping[str, str], output: None) -> subprocess.Popen[str]:
        self.options.append(json.loads(environment["PIPELINE_OPTIONS"]))
        command = [sys.executable, "-c", "import os; os.read(0, 1)"]
        self.processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, encoding="utf-8"))
        return self.processes[-1]


@pytest.fixture
def sleepers(monkeypatch: pytest.MonkeyPatch) -> Sleepers:
    found = Sleepers()
    monkeypatch.setattr(worker_pool, "start_process", found.start)
    return found


@pytest.fixture
def known() -> Iterator[tuple[Job, str]]:
    """A job of this very installation, and its address."""
    job = Job(**versions_here())
    with offered(job) as (address, _):
        yield job, address


def gone(process: psutil.Process) -> bool:
    """Whether a process ends within seconds."""
    with suppress(psutil.NoSuchProcess):
        process.wait(SECONDS)
    return not process.is_running()


# Which jobs are let in.


def test_a_port_that_is_taken_is_named(runner: Runner) -> None:
    port = free_port()
    with serving_pool("127.0.0.1", port) as served:
        assert served == port
        with (
            pytest.raises(UsageError, match=f"--bind 127.0.0.1 --port {port}: can't listen there; another program"),
            serving_pool("127.0.0.1", port),
        ):
            pass
    with (
        pytest.raises(UsageError, match=r"--bind 192.0.2.1 .*or the address is not of this host"),
        serving_pool("192.0.2.1", port),
    ):
        pass


def test_an_address_of_ipv6_needs_no_brackets() -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
            port = free.getsockname()[1]
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    for bind in ("::1", "[::1]"):
        with serving_pool(bind, port):
            assert answers(f"[::1]:{port}", SECONDS)


def test_a_port_that_is_taken_on_one_address_is_taken_on_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"--bind 0.0.0.0 --port {port}"), serving_pool("0.0.0.0", port):
            pass


def test_a_job_that_can_not_be_reached_is_named(
    runner: Runner, sleepers: Sleepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "_SECONDS_TO_ANSWER", 0.5)
    with socket.socket() as nobody, socket.create_server(("127.0.0.1", 0)) as mute:
        nobody.bind(("127.0.0.1", 0))
        for taken in (nobody, mute):
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            said = runner.start("worker_0", address)
            assert said.startswith(f"{HERE} can't reach {address}, which asks for a worker; each machine must know")
    assert sleepers.processes == []


def test_who_asks_and_knows_nothing_of_the_job_is_named(
    runner: Runner, known: tuple[Job, str], sleepers: Sleepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, address = known
    monkeypatch.setattr(worker_pool, "_SECONDS_TO_ANSWER", 0.5)
    job.told.clear()
    assert runner.start("worker_0", address) == f"{HERE} got no word on the job from {address} (Deadline Exceeded)"
    job.told.set()
    with serving_pool("localhost", free_port()) as other:
        said = runner.start("worker_0", f"localhost:{other}")
    assert said.startswith(f"{HERE} got no word on the job from localhost:{other} (")
    assert sleepers.processes == []


def test_a_job_of_another_version_is_refused(runner: Runner, sleepers: Sleepers) -> None:
    here = versions_here()
    with offered(Job(**here | {"scenesign": "0.0.1"})) as (address, _):
        said = runner.start("worker_0", address)
    assert said == (
        f"{HERE} has scenesign {here['scenesign']} where the job was submitted by 0.0.1; "
        "install there what the submitting machine has"
    )
    assert sleepers.processes == []
    assert runner.stop("worker_0") == ""  # nothing is kept of it


def test_a_process_that_can_not_be_started_is_told(
    runner: Runner, known: tuple[Job, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*asked: object) -> subprocess.Popen[str]:
        raise OSError("too many processes")

    monkeypatch.setattr(worker_pool, "start_process", start)
    assert runner.start("worker_0", known[1]) == f"{HERE} can't start a process (too many processes)"


def test_a_job_that_tells_nothing_of_itself_is_let_in(runner: Runner, sleepers: Sleepers) -> None:
    assert runner.start("worker_0", "", "localhost:1") == ""
    assert len(sleepers.processes) == 1
    assert runner.stop("worker_0") == ""


def test_workers_log_what_their_pool_does_unless_the_job_has_a_word_on_that(
    runner: Runner, known: tuple[Job, str], sleepers: Sleepers, caplog: pytest.LogCaptureFixture
) -> None:
    job, address = known
    for level in (logging.ERROR, logging.INFO):
        caplog.set_level(level)
        assert runner.start("worker_0", address) == ""
    job.info.pipeline_options[LEVEL] = "DEBUG"
    assert runner.start("worker_0", address) == ""
    # and the versions that submitted the job are no option of theirs
    assert sleepers.options == [{KEY: "a key", LEVEL: level} for level in ("ERROR", "INFO", "DEBUG")]


def endpoint(url: str) -> endpoints_pb2.ApiServiceDescriptor:
    return endpoints_pb2.ApiServiceDescriptor(url=url)


def test_what_a_worker_finds_in_its_environment() -> None:
    request = beam_fn_api_pb2.StartWorkerRequest(
        worker_id="worker_7", control_endpoint=endpoint("one:1"), logging_endpoint=endpoint("one:2")
    )
    info = beam_provision_api_pb2.ProvisionInfo(
        pipeline_options=pack_Struct(key="secret"),
        control_endpoint=endpoint("two:1"),
        logging_endpoint=endpoint("two:2"),
        status_endpoint=endpoint("two:3"),
        runner_capabilities=["beam:a:v1", "beam:b:v1"],
    )
    found = dict(worker_environment(request, info))
    assert json.loads(found.pop("PIPELINE_OPTIONS")) == {"key": "secret"}
    assert found == {
        "WORKER_ID": "worker_7",
        "CONTROL_API_SERVICE_DESCRIPTOR": 'url: "one:1"\n',
        "LOGGING_API_SERVICE_DESCRIPTOR": 'url: "one:2"\n',
        "STATUS_API_SERVICE_DESCRIPTOR": 'url: "two:3"\n',
        "RUNNER_CAPABILITIES": "beam:a:v1 beam:b:v1",
    }


def test_a_worker_without_endpoints_of_its_own_takes_the_jobs() -> None:
    """Nothing is sent to where the job has its log, unless the runner asks for that: it would get every word."""
    info = beam_provision_api_pb2.ProvisionInfo(control_endpoint=endpoint("two:1"), logging_endpoint=endpoint("two:2"))
    found = dict(worker_environment(beam_fn_api_pb2.StartWorkerRequest(worker_id="w"), info))
    assert found == {
        "WORKER_ID": "w",
        "CONTROL_API_SERVICE_DESCRIPTOR": 'url: "two:1"\n',
        "PIPELINE_OPTIONS": "{}",
        "RUNNER_CAPABILITIES": "",
    }


# How workers end.


def test_a_worker_that_is_stopped_ends(runner: Runner, known: tuple[Job, str], sleepers: Sleepers) -> None:
    assert runner.start("worker_0", known[1]) == ""
    (process,) = sleepers.processes
    assert runner.stop("other") == ""
    assert process.poll() is None
    assert runner.stop("worker_0") == ""
    assert process.wait(SECONDS) == -signal.SIGKILL


def test_how_a_worker_ended_is_told_to_who_would_stop_it(
    runner: Runner, known: tuple[Job, str], sleepers: Sleepers
) -> None:
    assert runner.start("worker_0", known[1]) == ""
    assert runner.start("worker_1", known[1]) == ""
    killed, failed = sleepers.processes
    killed.kill()
    assert failed.stdin
    failed.stdin.close()
    assert runner.stop("worker_0") == (
        f"a worker process was killed, as systems do when memory runs out; give {HERE} more memory, or fewer workers"
    )
    assert runner.stop("worker_1") == "a worker process ended with code 0"


def test_of_two_workers_with_one_name_neither_is_stopped(
    runner: Runner, known: tuple[Job, str], sleepers: Sleepers
) -> None:
    """Two jobs, each of which counts its workers from one. When one has ended, the name is the other's."""
    for _ in range(2):
        assert runner.start("worker_1", known[1]) == ""
    one, other = sleepers.processes
    assert runner.stop("worker_1") == ""
    assert [one.poll(), other.poll()] == [None, None]
    one.kill()
    assert one.wait(SECONDS)
    assert runner.stop("worker_1") == ""
    assert other.wait(SECONDS) == -signal.SIGKILL


def test_a_worker_that_is_stopped_while_it_starts_ends(
    runner: Runner, known: tuple[Job, str], sleepers: Sleepers
) -> None:
    job, address = known
    job.told.clear()
    answers: Queue[str] = Queue()
    threading.Thread(target=lambda: answers.put(runner.start("worker_0", address)), daemon=True).start()
    assert job.asked.get(timeout=SECONDS) == "worker_0"
    assert runner.stop("worker_0") == ""
    assert sleepers.processes == []
    job.told.set()
    assert answers.get(timeout=SECONDS) == ""
    (process,) = sleepers.processes
    assert process.wait(SECONDS) == -signal.SIGKILL


def test_what_is_known_of_a_worker_is_forgotten(
    known: tuple[Job, str], sleepers: Sleepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool serves for weeks."""
    monkeypatch.setattr(worker_pool, "_SECONDS_KEPT", 0.0)
    made: list[worker_pool.WorkerPool] = []

    class Pool(worker_pool.WorkerPool):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(worker_pool, "WorkerPool", Pool)
    with serving_pool("localhost", free_port()) as port, runner_of(port) as runner:
        for number in range(3):
            assert runner.start(f"worker_{number}", known[1]) == ""
        assert len(made[0]._workers) == 3
        for process in sleepers.processes:
            process.kill()
        wait_until(lambda: not made[0]._workers)
        assert runner.stop("worker_0") == ""


def wait_until(mark: Callable[[], object]) -> None:
    waiting = threading.Event()
    for _ in range(int(SECONDS / 0.02)):
        if mark():
            return
        waiting.wait(0.02)
    pytest.fail("it never comes")


def test_a_pool_that_ends_ends_its_workers(known: tuple[Job, str], sleepers: Sleepers) -> None:
    with serving_pool("localhost", free_port()) as port, runner_of(port) as runner:
        for number in range(2):
            assert runner.start(f"worker_{number}", known[1]) == ""
    assert [process.poll() for process in sleepers.processes] == [-signal.SIGKILL] * 2


# Real workers.


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Worker processes that a pool in this process has started."""
    found: list[subprocess.Popen[str]] = []
    start = worker_pool.start_process

    def kept(*asked: Any) -> subprocess.Popen[str]:
        found.append(start(*asked))
        return found[-1]

    monkeypatch.setattr(worker_pool, "start_process", kept)
    return found


def workers_of(pid: int) -> list[psutil.Process]:
    """Worker processes that a process has started."""
    found = []
    for child in psutil.Process(pid).children():
        with suppress(psutil.Error):
            if "run_far_worker" in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.mark.timeout(240)
def test_a_worker_takes_work_and_names_its_machine_in_errors(
    runner: Runner,
    known: tuple[Job, str],
    started: list[subprocess.Popen[str]],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    job, address = known
    assert runner.start("worker_0", address) == ""
    assert job.called.get(timeout=SECONDS) == "worker_0"
    environment = psutil.Process(started[0].pid).environ()
    assert environment["WORKER_ID"] == "worker_0"
    assert json.loads(environment["PIPELINE_OPTIONS"]) == {KEY: "a key", LEVEL: "INFO"}

    request = beam_fn_api_pb2.InstructionRequest(instruction_id="1")
    request.process_bundle.process_bundle_descriptor_id = "which nobody knows"
    job.work.put(request)
    answer = job.done.get(timeout=SECONDS)
    assert answer.instruction_id == "1"
    assert answer.error.startswith("Traceback")
    assert host_of(answer.error) == HERE

    job.work.put(None)
    assert started[0].wait(SECONDS) == 0
    said = capfd.readouterr().err
    assert "Control channel established" in said
    assert "a key" not in said
    assert runner.stop("worker_0") == "a worker process ended with code 0"


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_worker_whose_job_is_gone_says_so_and_ends(
    runner: Runner,
    started: list[subprocess.Popen[str]],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    job = Job(**versions_here())
    with offered(job) as (address, server):
        assert runner.start("worker_0", address) == ""
        assert job.called.get(timeout=SECONDS)
        server.stop(0)
        assert started[0].wait(SECONDS) == 1
    assert runner.stop("worker_0") == "a worker process ended with code 1"
    lines = [line for line in capfd.readouterr().err.splitlines() if not GRPC.match(line)]
    assert len(lines) == 1, lines
    assert "the job has gone, or the line to it (" in lines[0]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_command_that_serves_them(
    number: signal.Signals, known: tuple[Job, str], tmp_path: Path
) -> None:
    """However it ends; and also those that haven't called yet."""
    job, address = known
    port = free_port()
    command = [sys.executable, "-m", "scenesign", "worker", "--port", str(port)]
    with ExitStack() as stack:
        pool = stack.enter_context(serving(command, port, tmp_path, fresh_environment()))
        runner = stack.enter_context(runner_of(port))
        assert runner.start("worker_0", address) == ""
        assert job.called.get(timeout=SECONDS) == "worker_0"
        assert runner.start("worker_1", address) == ""
        workers = workers_of(pool.pid)
        assert len(workers) == 2
        pool.send_signal(number)
        assert pool.wait(SECONDS) == {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -9}[number]
        assert [gone(worker) for worker in workers] == [True, True]
    said = (tmp_path / "server.log").read_text(encoding="utf-8").splitlines()
    assert said[0] == f"scenesign: {HERE} starts workers for jobs that ask at 127.0.0.1:{port}"
    assert said[1:] == ([] if number == signal.SIGKILL else ["scenesign: the pool and its workers have ended"])
