"""Which Beam runner, and how it is started.

Without a choice of the user's we name the local runner ourselves: Beam's `DirectRunner` first tries to download
another one, which stalls without limit behind a proxy that swallows packets.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    DirectOptions,
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
)
from apache_beam.portability import python_urns
from apache_beam.portability.api import beam_provision_api_pb2, beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.portability.fn_api_runner.fn_runner import RunnerResult
from apache_beam.runners.portability.job_server import JobServer, StopOnExitJobServer
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.runner import PipelineResult, PipelineState
from apache_beam.runners.worker import sdk_worker
from apache_beam.utils.proto_utils import pack_Struct
from apache_beam.utils.subprocess_server import SubprocessServer

from scenesign.pipeline.options.beam import LOCAL_RUNNERS
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.crew import Crew, CrewInfo
from scenesign.pipeline.run.crew_server import use_crew_server
from scenesign.pipeline.run.pools import POOL_WORKER, pools_of
from scenesign.pipeline.run.stopping import Stop
from scenesign.pipeline.run.submission import PROGRESS_URN, name_submitter
from scenesign.pipeline.run.worker_process import WORKER_PROCESS
from scenesign.transforms.support.counting import SOCKET_VARIABLE, TIMES

_SECONDS_TO_STOP = 1.0  # for a job server that is asked to


class LocalRunner(FnApiRunner):
    """Beam's own local runner, named, with workers of ours that get the pipeline's options.

    workers: processes of this machine. pools: addresses of what starts a worker each on other machines, in their place.
    """

    def __init__(self, workers: int, pools: Sequence[str] = ()) -> None:
        super().__init__()
        use_crew_server()
        self.crew = Crew(workers, pools)
        self._worker = POOL_WORKER if pools else WORKER_PROCESS

    def run_pipeline(self, pipeline: beam.Pipeline, options: PipelineOptions) -> RunnerResult:
        # a protobuf Struct has no integers, and a worker that reads `2.0` for a count stops at once: send text
        told = {"beam:option:default_sdk_harness_log_level:v1": logging.getLevelName(logging.getLogger().level)} | {
            f"beam:option:{name}:v1": value if isinstance(value, bool) else str(value)
            for name, value in options.get_all_options(drop_default=True).items()
            if isinstance(value, (bool, int, float, str))
        }
        if self._worker == POOL_WORKER:
            told[PROGRESS_URN] = os.environ.get(SOCKET_VARIABLE, "")
        info = beam_provision_api_pb2.ProvisionInfo(pipeline_options=pack_Struct(**told))
        self._provision_info = CrewInfo(info, self.crew)
        # what libraries made at their import stays; Python's collector would go through all of it time and again
        frozen = not gc.get_freeze_count()  # what the program froze itself is not ours to release
        if frozen:
            gc.freeze()
        try:
            return super().run_pipeline(pipeline, options)
        except Exception as error:
            if self.crew.failure in (None, error):
                raise
            raise self.crew.failure from None  # what Beam makes of it says less
        finally:
            if frozen:
                gc.unfreeze()

    def run_via_runner_api(self, pipeline_proto: beam_runner_api_pb2.Pipeline, options: PipelineOptions) -> Any:
        for environment in pipeline_proto.components.environments.values():
            if environment.urn == python_urns.SUBPROCESS_SDK:
                environment.urn = self._worker
        return super().run_via_runner_api(pipeline_proto, options)


class UntiedJobServer(StopOnExitJobServer):
    """A job server that Beam starts for a runner (Prism's, Flink's, Spark's), and that ends with this process.

    Beam's own also takes Ctrl-C for itself; but that is ours, and off the main thread taking it is an error.
    """

    def start(self) -> Any:
        """Gives what the runner speaks to; called by Beam."""
        with self._lock:
            if not self._started:
                self._endpoint = self._job_server.start()
                self._started = True
                atexit.register(self.stop)
        return self._endpoint

    def stop(self) -> None:
        """Ends it; called at exit, when there is no time to ask five times by Ctrl-C, which scripts keep from it."""
        server = getattr(self._job_server, "_server", None)
        if isinstance(server, SubprocessServer) and server._owner_id is not None:
            key = (tuple(server._cmd), server._port, server._logger)
            process, _ = server._cache.get(*key, owner=server._owner_id)
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_SECONDS_TO_STOP)
        super().stop()


def untie_job_server(runner: PortableRunner) -> None:
    """Has a runner start its job server without a hold on signals."""
    make = runner.default_job_server

    def made(options: PipelineOptions) -> JobServer:
        server = make(options)
        return UntiedJobServer(server._job_server) if isinstance(server, StopOnExitJobServer) else server

    runner.default_job_server = made  # type: ignore[method-assign]


def leave_tracebacks_to_the_log() -> None:
    """Keeps Beam's workers in this process from printing every error as well; what they log has the same."""
    sdk_worker.print = lambda *words, **where: None  # type: ignore[attr-defined]  # in place of the built-in one


def runs_here(options: PipelineOptions) -> bool:
    """Whether the run stays on this machine, with workers of its own."""
    return options.view_as(StandardOptions).runner in LOCAL_RUNNERS


def is_detached(options: PipelineOptions) -> bool:
    """Whether the job is only written down (a Dataflow template), to be run when nobody waits for it."""
    return bool(options.view_as(GoogleCloudOptions).template_location)


# What a worker machine with one core takes, rounded up from the most that one process was seen to need.
_MIN_RAM = "4GB"


def resource_hints(options: PipelineOptions, accelerator: str | None = None) -> dict[str, str]:
    """What the machines that embed must have; only for Dataflow, which gives its steps machines of their own kind.

    Everywhere else the hints would only part steps that run in one process.
    Raises UsageError where an accelerator is asked for that nobody can give, or in two ways.
    """
    if options.view_as(StandardOptions).runner != "DataflowRunner":
        if accelerator:
            raise UsageError("--accelerator is for Dataflow; elsewhere torch uses the GPU that it finds by itself")
        return {}
    google = options.view_as(GoogleCloudOptions)
    services = google.dataflow_service_options or []
    # Dataflow takes no hints beside these
    rivals = [f"--dataflow_service_options={name}" for name in services if name.startswith("worker_accelerator=")]
    rivals += [f"--flexrs_goal={google.flexrs_goal}"] if google.flexrs_goal else []
    if accelerator and rivals:
        raise UsageError(f"--accelerator and {rivals[0]} exclude each other; give one of them")
    if rivals:
        return {}
    return {"min_ram": _MIN_RAM} | ({"accelerator": accelerator} if accelerator else {})


def make_pipeline(options: PipelineOptions, workers: int) -> beam.Pipeline:
    """A pipeline for the runner that the options name, else for `workers` processes of this machine."""
    # our DoFns live in installed modules; pickling the main session would drag the command line along
    options.view_as(SetupOptions).save_main_session = False
    pools = pools_of(options)
    if options.view_as(StandardOptions).runner != "DataflowRunner" and not runs_here(options):
        name_submitter(options)
    if not runs_here(options) and not pools:
        try:
            pipeline = beam.Pipeline(options=options)
        except ValueError as error:
            raise UsageError(f"Beam options after `--`: {' '.join(str(error).split())}") from error
        if isinstance(pipeline.runner, PortableRunner):
            untie_job_server(pipeline.runner)
            leave_tracebacks_to_the_log()
        return _without_folder(pipeline)
    direct = options.view_as(DirectOptions)
    workers = len(pools) or workers
    if workers > 1 or pools:
        direct.direct_running_mode = "multi_processing"
        direct.direct_num_workers = workers
    else:
        direct.direct_running_mode = "in_memory"
        direct.direct_num_workers = 1
    return _without_folder(beam.Pipeline(runner=LocalRunner(workers, pools), options=options))


def _without_folder(pipeline: beam.Pipeline) -> beam.Pipeline:
    """Takes away the temporary folder that only steps in other languages use: Beam leaves it when nothing is run."""
    shutil.rmtree(pipeline.local_tempdir, ignore_errors=True)
    return pipeline


def run_to_end(pipeline: beam.Pipeline, stop: Stop[Any]) -> PipelineResult:
    """Runs a pipeline and waits for it; a stop ends its worker processes, or cancels its job elsewhere."""
    runner = pipeline.runner
    if isinstance(runner, LocalRunner):
        runner.crew.on_failure = stop.fail
        with stop.breakable(runner.crew.stop):
            return pipeline.run()
    jobs: list[PipelineResult] = []

    def cancel() -> None:
        for job in jobs:
            with suppress(Exception):
                if not PipelineState.is_terminal(job.state):
                    job.cancel()

    with stop.breakable(cancel):
        try:
            jobs.append(pipeline.run())
            jobs[0].wait_until_finish()
        except BaseException:
            cancel()
            raise
    return jobs[0]


def times_of(result: PipelineResult) -> dict[str, dict[str, float]]:
    """What each step of a finished run took in all workers together: seconds, calls, seconds of the longest call."""
    found: dict[str, dict[str, float]] = {}
    for metric in result.metrics().query()["distributions"]:
        if metric.key.metric.namespace == TIMES:
            step, data = metric.key.metric.name, metric.result
            before = found.get(step, {"seconds": 0.0, "calls": 0, "longest": 0.0})
            found[step] = {
                "seconds": round(before["seconds"] + data.sum / 1e6, 3),
                "calls": before["calls"] + data.count,
                "longest": max(before["longest"], round(data.max / 1e6, 3)),
            }
    return dict(sorted(found.items()))


def counters_of(result: PipelineResult) -> dict[str, int]:
    """Counters of a finished run as `namespace/name`, our own only."""
    ours = ("sources", "books", "rejected", "sentences", "scenes", "parts", "embed")
    totals: dict[str, int] = {}
    for counter in result.metrics().query()["counters"]:
        metric = counter.key.metric
        if metric.namespace in ours:
            name = f"{metric.namespace}/{metric.name}"
            totals[name] = totals.get(name, 0) + (counter.result or 0)
    return dict(sorted(totals.items()))
