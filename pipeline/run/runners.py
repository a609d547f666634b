"""Which Beam runner, and how it is started.

Without a choice of the user's we name the local runner ourselves: Beam's `DirectRunner` first tries to download
another one, which stalls without limit behind a proxy that swallows packets.
"""

from __future__ import annotations

import _thread
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    DirectOptions,
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
    TestOptions,
)
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.portability.fn_api_runner.fn_runner import ExtendedProvisionInfo, RunnerResult
from apache_beam.runners.portability.fn_api_runner.worker_handlers import SubprocessSdkWorkerHandler
from apache_beam.runners.runner import PipelineResult, PipelineState
from apache_beam.utils.proto_utils import pack_Struct

from scenesign.pipeline.run.errors import UsageError

LOCAL_RUNNERS = (None, "DirectRunner", "FnApiRunner")


class LocalRunner(FnApiRunner):
    """Beam's own local runner, named, with the pipeline's options handed to its worker processes."""

    def run_pipeline(self, pipeline: beam.Pipeline, options: PipelineOptions) -> RunnerResult:
        # a protobuf Struct has no integers, and a worker that reads `2.0` for a count stops at once: send text
        told = {
            f"beam:option:{name}:v1": value if isinstance(value, bool) else str(value)
            for name, value in options.get_all_options(drop_default=True).items()
            if isinstance(value, (bool, int, float, str))
        }
        info = beam_provision_api_pb2.ProvisionInfo(pipeline_options=pack_Struct(**told))
        self._provision_info = ExtendedProvisionInfo(info)
        with workers_without_interrupts():
            return super().run_pipeline(pipeline, options)


@contextmanager
def workers_without_interrupts() -> Iterator[None]:
    """Keeps a terminal's Ctrl-C from worker processes that start inside.

    They end with the run anyway. One that ended first, by itself, would look like a crash, and each would say so at
    length.
    """
    start = SubprocessSdkWorkerHandler.start_worker

    def start_shielded(handler: SubprocessSdkWorkerHandler) -> None:
        # the shell that Beam starts a worker with hands on what is ignored; without one more process in between
        handler._worker_command_line = b"trap '' INT; exec " + handler._worker_command_line
        start(handler)

    if os.name == "posix":
        SubprocessSdkWorkerHandler.start_worker = start_shielded  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        SubprocessSdkWorkerHandler.start_worker = start  # type: ignore[method-assign]


def runs_here(options: PipelineOptions) -> bool:
    """Whether the run stays on this machine under our own runner."""
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
    if not runs_here(options):
        if options.view_as(TestOptions).dry_run:
            raise UsageError("Beam options after `--`: --dry_run builds nothing; give --dry-run before the `--`")
        try:
            return beam.Pipeline(options=options)
        except ValueError as error:
            raise UsageError(f"Beam options after `--`: {' '.join(str(error).split())}") from error
    direct = options.view_as(DirectOptions)
    if workers > 1:
        direct.direct_running_mode = "multi_processing"
        direct.direct_num_workers = workers
        # each worker process starts its matrix library with its share of the cores
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, str(max(1, (os.cpu_count() or 1) // workers)))
    else:
        direct.direct_running_mode = "in_memory"
        direct.direct_num_workers = 1
    return beam.Pipeline(runner=LocalRunner(), options=options)


def run_to_end(pipeline: beam.Pipeline) -> PipelineResult:
    """Runs a pipeline and waits for it; a job elsewhere is cancelled when the wait is broken off."""
    result = pipeline.run()
    try:
        result.wait_until_finish()
    except BaseException:
        with suppress(Exception):
            if not PipelineState.is_terminal(result.state):
                result.cancel()
        raise
    return result


@contextmanager
def stop_when_a_worker_dies() -> Iterator[None]:
    """Turns the end of a worker process into an error; Beam's local runner would wait for it for ever.

    Raises RuntimeError in place of the wait. To be used on the main thread.
    """
    died: list[str] = []
    earlier = threading.excepthook

    def notice(failure: threading.ExceptHookArgs) -> None:
        if "Worker subprocess exited" in str(failure.exc_value) and not died:
            died.append(str(failure.exc_value))
            _thread.interrupt_main()
        elif not died:
            earlier(failure)

    threading.excepthook = notice
    try:
        yield
    except KeyboardInterrupt:
        if died:
            raise RuntimeError(f"RuntimeError: {died[0]} (run with --verbose to see why)") from None
        raise
    finally:
        threading.excepthook = earlier


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
