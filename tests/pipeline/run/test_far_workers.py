"""Worker processes that a pool has started for a job that is played here: what they say, and how they end."""

from __future__ import annotations

import json
import logging
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from apache_beam.portability.api import beam_fn_api_pb2

from scenesign.pipeline.run import worker_pool
from scenesign.pipeline.run.step_errors import host_of
from tests.conftest import fresh_environment
from tests.played_jobs import KEY, LEVEL, SECONDS, Job, Runner, offered, runner_of
from tests.stores import free_port, serving

HERE = socket.gethostname()
GRPC = re.compile(r"[IWE]\d{4} ")  # lines of its own log


def gone(process: psutil.Process) -> bool:
    """Whether a process ends within seconds."""
    with suppress(psutil.NoSuchProcess):
        process.wait(SECONDS)
    return not process.is_running()


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

    assert runner.stop("worker_0", ask=True) == ""  # which leaves it at work
    request = beam_fn_api_pb2.InstructionRequest(instruction_id="1")
    request.process_bundle.process_bundle_descriptor_id = "which nobody knows"
    job.work.put(request)
    answer = job.done.get(timeout=SECONDS)
    assert answer.instruction_id == "1"
    assert answer.error.startswith("Traceback")
    assert host_of(answer.error) == HERE

    job.work.put(None)
    assert started[0].wait(SECONDS) == 0
    assert runner.stop("worker_0", ask=True) == "a worker process ended with code 0"
    said = capfd.readouterr().err
    assert "Control channel established" in said
    assert "a key" not in said
    assert runner.stop("worker_0") == "a worker process ended with code 0"


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_worker_whose_job_is_gone_says_so_and_ends(
    runner: Runner,
    versions: Mapping[str, str],
    started: list[subprocess.Popen[str]],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    job = Job(**versions)
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
        # a process that was forked a moment ago still has the command line of the pool
        deadline = time.monotonic() + SECONDS
        while len(workers := workers_of(pool.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(workers) == 2
        pool.send_signal(number)
        assert pool.wait(SECONDS) == {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -9}[number]
        assert [gone(worker) for worker in workers] == [True, True]
    said = (tmp_path / "server.log").read_text(encoding="utf-8").splitlines()
    assert said[0] == f"scenesign: {HERE} starts workers for jobs that ask at 127.0.0.1:{port}"
    assert said[1:] == ([] if number == signal.SIGKILL else ["scenesign: the pool and its workers have ended"])
