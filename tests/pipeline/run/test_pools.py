"""Which pools a run takes its workers from, and runs of the command with workers from two of them."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from queue import Queue

import apache_beam as beam
import grpc
import psutil
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

from scenesign.pipeline.run import crew, pools
from scenesign.pipeline.run.crew import WorkerDiedError
from scenesign.pipeline.run.pools import ASK, END, pools_of
from scenesign.pipeline.run.runners import make_pipeline
from scenesign.transforms.parts.format import SUFFIX
from tests.conftest import fresh_environment
from tests.engines.servers import worker_pool
from tests.runs import FITTED, ROOT, Nursery, Run, Unbroken, data_digests, left_behind, printed_by, reused

EMBEDDED = ("--runner=PortableRunner", "--job_endpoint=embed")
EXTERNAL = "--environment_type=EXTERNAL"


@pytest.mark.parametrize(
    ("config", "pools"),
    [
        ("one:50000", ("one:50000",)),
        (" one:50000, two:50000,one:50000 ,", ("one:50000", "two:50000", "one:50000")),  # two workers on the first
        ("[::1]:5,10.0.0.2:6", ("[::1]:5", "10.0.0.2:6")),
        (json.dumps({"url": "one:50000", "params": {"a": "b"}}), ("one:50000",)),
        (json.dumps({"url": "one:50000,two:50000"}), ("one:50000", "two:50000")),
    ],
)
def test_a_run_in_this_process_has_a_worker_for_each_address(
    config: str, pools: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert pools_of(PipelineOptions([*EMBEDDED, EXTERNAL, f"--environment_config={config}"])) == pools
    assert list(tmp_path.iterdir()) == []  # where Beam's own reader leaves a folder


def test_beam_has_another_word_for_the_address() -> None:
    words = (*EMBEDDED, EXTERNAL, "--environment_options=external_service_address=one:50000,two:50000")
    assert pools_of(PipelineOptions([*words])) == ("one:50000", "two:50000")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--runner=FnApiRunner", EXTERNAL, "--environment_config=one:5"),
        ("--runner=PrismRunner", EXTERNAL, "--environment_config=one:5"),
        ("--runner=PortableRunner", "--job_endpoint=flink:8099", EXTERNAL, "--environment_config=one:5,two:5"),
        (*EMBEDDED, "--environment_type=LOOPBACK", "--environment_config=one:5"),
        (*EMBEDDED, "--environment_type=DOCKER", "--environment_config=image:5"),
        EMBEDDED,
    ],
)
def test_other_runs_have_none(words: tuple[str, ...]) -> None:
    assert pools_of(PipelineOptions([*words])) == ()


# Pools that don't do what they should, played here.


class OddPool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """A pool that starts no worker.

    error: what it says to whoever asks for one. mute: it never says a word. end: what it tells of how a worker ended.
    pause: seconds that it takes to end one. ours: whether it says that it can be asked after one.
    """

    def __init__(
        self, error: str = "", mute: bool = False, end: str = "", pause: float = 0.0, ours: bool = False
    ) -> None:
        self.error, self.mute, self.end, self.pause, self.ours = error, mute, end, pause, ours
        self.asked: Queue[str] = Queue()
        self.stopped: Queue[str] = Queue()
        self.over = threading.Event()

    def StartWorker(  # noqa: N802  # Beam's name
        self, request: beam_fn_api_pb2.StartWorkerRequest, context: grpc.ServicerContext
    ) -> beam_fn_api_pb2.StartWorkerResponse:
        self.asked.put(request.worker_id)
        if self.mute:
            self.over.wait(60)
        if self.ours:
            context.set_trailing_metadata([(END, b"")])
        return beam_fn_api_pb2.StartWorkerResponse(error=self.error)

    def StopWorker(  # noqa: N802  # Beam's name
        self, request: beam_fn_api_pb2.StopWorkerRequest, context: grpc.ServicerContext
    ) -> beam_fn_api_pb2.StopWorkerResponse:
        self.over.wait(self.pause)
        if ASK not in dict(context.invocation_metadata()):
            self.stopped.put(request.worker_id)
        if self.end:
            context.set_trailing_metadata([(END, self.end.encode())])
        return beam_fn_api_pb2.StopWorkerResponse()


@contextmanager
def played(*pools: OddPool) -> Iterator[list[str]]:
    """Their addresses."""
    with ExitStack() as stack:
        addresses = []
        for pool in pools:
            server = grpc.server(shared_unbounded_instance())
            beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
            addresses.append(f"localhost:{server.add_insecure_port('localhost:0')}")
            server.start()
            stack.callback(server.stop, 0)
            stack.callback(pool.over.set)
        yield addresses


def why_broken(addresses: list[str]) -> str:
    """What a run says that can't come to anything."""
    pipeline = make_pipeline(
        PipelineOptions([*EMBEDDED, EXTERNAL, f"--environment_config={','.join(addresses)}"]), len(addresses)
    )
    _ = pipeline | beam.Create([1]) | beam.Map(str)
    with pytest.raises(WorkerDiedError) as told:
        pipeline.run()
    return str(told.value)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long, but a busy machine may take a second to connect."""
    monkeypatch.setattr(pools, "_SECONDS_TO_START", 4.0)
    monkeypatch.setattr(pools, "_SECONDS_TO_LOOK", 0.2)


@pytest.mark.parametrize(
    ("pool", "line"),
    [
        (OddPool("birch has torch 2.4"), "the pool at {} started no worker: birch has torch 2.4"),
        (
            OddPool("Traceback (most recent call last):\n  ...\nOSError: no memory\n\n"),
            "the pool at {} started no worker: OSError: no memory",
        ),
        (OddPool(mute=True), "the pool at {} was asked for a worker in vain: Deadline Exceeded"),
    ],
)
def test_a_pool_that_starts_no_worker_is_named(pool: OddPool, line: str, soon: None) -> None:
    with played(pool) as (address,):
        assert why_broken([address]) == line.format(address)


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("a worker process ended with code 1", "a worker process ended with code 1"),
        ("", "the worker has gone; the log of its pool may say why"),  # as of a pool of Beam's
    ],
)
def test_a_worker_that_never_calls_is_given_up(end: str, why: str, soon: None) -> None:
    pool = OddPool(end=end)
    with played(pool) as (address,):
        said = why_broken([address])
        assert re.fullmatch(rf"the worker that {address} started has not called \S+:\d+; {re.escape(why)}", said), said
        name = pool.asked.get(timeout=60)
        assert pool.stopped.get(timeout=60) == name


def test_a_worker_that_dies_before_it_calls_is_told_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_SECONDS_TO_START", 3600.0)
    with played(OddPool(end="a worker process ended with code 126", ours=True)) as (address,):
        assert why_broken([address]) == f"{address}: a worker process ended with code 126"


def test_when_one_pool_fails_the_others_have_ended_their_workers_before_the_run_is_over(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that ended earlier might leave workers: an answer that nobody waits for takes back the call."""
    monkeypatch.setattr(crew, "_SECONDS_TO_DIE", 60.0)
    other = OddPool(pause=0.3)
    with played(other, OddPool("birch has torch 2.4")) as addresses:
        assert why_broken(addresses) == f"the pool at {addresses[1]} started no worker: birch has torch 2.4"
        assert other.stopped.get_nowait() == other.asked.get(timeout=60)


def test_workers_of_several_runs_have_different_names(soon: None) -> None:
    """Each run counts from nought, and a pool may serve many."""
    pool = OddPool("no")
    with played(pool) as (address,):
        why_broken([address])
        script = f"from tests.pipeline.run.test_pools import why_broken; why_broken([{address!r}])"
        printed_by("-c", script, folder=ROOT)
    names = [pool.asked.get(timeout=60) for _ in range(2)]
    assert names[0] != names[1]
    assert [name.split("-")[0] for name in names] == [names[0].split("-")[0], "worker_0"]


# Runs of the command.

PART = f"out.parts/*/[!.]*{SUFFIX}"
Pools = dict[str, subprocess.Popen[bytes]]  # by address


@pytest.fixture
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pools]:
    """Two pools."""
    with ExitStack() as stack:
        folders = tmp_path_factory.mktemp("pool"), tmp_path_factory.mktemp("pool")
        yield dict(stack.enter_context(worker_pool(folder, fresh_environment())) for folder in folders)


def start(nursery: Nursery, corpus: Path, folder: Path, pools: Pools) -> Run:
    words = (*EMBEDDED, EXTERNAL, f"--environment_config={','.join(pools)}")
    return nursery.start(*FITTED, corpus, "-o", folder / "out", "--quiet", "--", *words)


def workers(pools: Pools) -> list[psutil.Process]:
    """Worker processes of each pool that still runs, one after the other."""
    return [child for pool in pools.values() if pool.poll() is None for child in psutil.Process(pool.pid).children()]


def assert_idle(pools: Pools) -> None:
    """Within seconds no pool has a worker."""
    _, alive = psutil.wait_procs(workers(pools), timeout=20)
    assert alive == []
    assert workers(pools) == []


def broken_line(run: Run) -> str:
    """What a run that breaks has to say, after the line that says what it does."""
    assert run.code_in_time() == 1, run.said()
    assert run.outlived_by() == []
    first, *rest = run.said().splitlines()
    assert first.startswith("scenesign: building")
    assert len(rest) == 1, run.said()
    return rest[0]


def assert_stopped(run: Run, pools: Pools) -> None:
    """A run that Ctrl-C has reached is over, with all its workers."""
    assert run.code_in_time() == 130, run.said()
    assert run.outlived_by() == []
    assert_idle(pools)


@pytest.mark.slow
def test_a_stop_ends_workers_that_are_only_starting(
    nursery: Nursery, corpus: Path, both: Pools, tmp_path: Path
) -> None:
    run = start(nursery, corpus, tmp_path, both)
    try:
        run.wait_for(lambda run: len(workers(both)) == 2)
        run.signal(signal.SIGINT)
        assert_stopped(run, both)
    finally:
        run.signal(signal.SIGKILL)


@pytest.mark.slow
def test_a_stop_ends_all_workers_and_another_run_goes_on_to_the_same_bytes(
    nursery: Nursery, corpus: Path, unbroken: Unbroken, both: Pools, tmp_path: Path
) -> None:
    run = start(nursery, corpus, tmp_path, both)
    try:
        run.wait_for(lambda run: any(tmp_path.glob(PART)))
        run.signal(signal.SIGINT)
        assert_stopped(run, both)
    finally:
        run.signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    again = start(nursery, corpus, tmp_path, both)
    again.wait_for(lambda run: len(workers(both)) == 2)
    assert again.code() == 0, again.said()
    assert reused(tmp_path / "out") > 0
    assert data_digests(tmp_path / "out") == unbroken.digests
    assert left_behind(tmp_path) == []
    assert_idle(both)


@contextmanager
def slow_to_end(worker: psutil.Process) -> Iterator[None]:
    """A worker that does nothing while its run looks at its pool twice, once that has been killed."""
    worker.suspend()
    yield
    time.sleep(2 * pools._SECONDS_TO_LOOK + 0.5)
    worker.resume()


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "pool", "pool of a slow worker"])
def test_what_is_killed_is_named(victim: str, nursery: Nursery, corpus: Path, both: Pools, tmp_path: Path) -> None:
    """However long a worker takes to end that lost its pool: less than it takes to give a silent pool up."""
    address, pool = list(both.items())[1]
    run = start(nursery, corpus, tmp_path, both)
    try:
        run.wait_for(lambda run: any(tmp_path.glob(PART)))
        (worker,) = psutil.Process(pool.pid).children()
        with slow_to_end(worker) if victim == "pool of a slow worker" else nullcontext():
            (worker if victim == "worker" else pool).kill()
        line = broken_line(run)
    finally:
        run.signal(signal.SIGKILL)
    why = {
        "worker": f"{address}: a worker process was killed, as systems do when memory runs out; "
        f"give {socket.gethostname()} more memory, or fewer workers",
        "pool": f"{address}: the worker has gone, and so has its pool, or the line to it",
    }[victim.split()[0]]
    kept = f"finished books are kept in {tmp_path / 'out'}.parts; the same command goes on from there"
    assert line == f"error: the run broke: {why}; {kept}"
    psutil.wait_procs([worker], timeout=20)
    assert not worker.is_running()
    assert_idle(both)
    assert left_behind(tmp_path) == []
