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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Queue

import pytest
from apache_beam.portability.api import (
    beam_fn_api_pb2,
    beam_provision_api_pb2,
    endpoints_pb2,
)
from apache_beam.utils.proto_utils import pack_Struct

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run import worker_pool
from scenesign.pipeline.run.endpoints import answers
from scenesign.pipeline.run.worker_pool import serving_pool, worker_environment
from tests.played_jobs import KEY, LEVEL, SECONDS, Job, Runner, offered, runner_of
from tests.stores import free_port

HERE = socket.gethostname()
ENDED = "the worker gave no sign of life, and has been ended"
GRPC = re.compile(r"[IWE]\d{4} ")  # lines of its own log


@pytest.fixture(autouse=True)
def versions_are_known(versions: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also to pools that a test makes itself."""
    monkeypatch.setattr(worker_pool, "versions_here", lambda: versions)


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
    monkeypatch.setattr(worker_pool, "_SECONDS_TO_ANSWER", 3.0)  # a busy machine needs some to connect
    job.told.clear()
    assert runner.start("worker_0", address) == f"{HERE} got no word on the job from {address} (Deadline Exceeded)"
    job.told.set()
    with serving_pool("localhost", free_port()) as other:
        said = runner.start("worker_0", f"localhost:{other}")
    assert said.startswith(f"{HERE} got no word on the job from localhost:{other} (")
    assert sleepers.processes == []


def test_a_job_of_another_version_is_refused(runner: Runner, versions: Mapping[str, str], sleepers: Sleepers) -> None:
    here = dict(versions)
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
    assert runner.stop("worker_0") == ENDED


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
    assert runner.stop("worker_0") == ENDED
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
    assert runner.stop("worker_1") == ENDED
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
