"""What a run elsewhere needs to reach from here, tried before anything is read or sent. Beam waits without a word."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing

import grpc
from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions, PrismRunnerOptions, StandardOptions
from apache_beam.runners.portability.prism_runner import PrismJobServer

from scenesign.pipeline.options.beam import EMBEDDED, pool_addresses
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.job_servers import check_job_server
from scenesign.pipeline.run.pools import pools_of
from scenesign.transforms.support import storage

_SECONDS = 12.0  # time for a service that is just starting; it's tried again every second or two


def check_endpoints(options: PipelineOptions) -> None:
    """Makes sure of the services that a run needs to find.

    Raises UsageError naming the endpoint where none answers within seconds, or where there is no Prism, or no job
    server for Flink or Spark, and none can be downloaded.
    """
    for flag, endpoint, what in _endpoints(options):
        if not answers(endpoint, _SECONDS):
            raise UsageError(f"{flag}={endpoint}: {_why(endpoint)}; start {what}, or name the one that runs")
    if _runs_prism(options):
        _find_prism(options)
    check_job_server(options)


def answers(endpoint: str, seconds: float) -> bool:
    """Whether somebody speaks gRPC there, at once or within some seconds."""
    with closing(grpc.insecure_channel(endpoint)) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=seconds)
        except grpc.FutureTimeoutError:
            return False
        return True


def _endpoints(options: PipelineOptions) -> Iterator[tuple[str, str, str]]:
    """(option, endpoint, what should be there) of the services that this machine itself, or an engine on it, calls.

    Where the engine is elsewhere, its name for a pool of workers may mean nothing here: the pool is its to reach.
    """
    portable = options.view_as(PortableOptions)
    endpoint = portable.job_endpoint
    if endpoint and endpoint != EMBEDDED:
        yield "--job_endpoint", endpoint, "a job service there"
    pools = pools_of(options)
    if portable.environment_type == "EXTERNAL" and _runs_prism(options):
        pools = pool_addresses(portable)
    for pool in dict.fromkeys(pools):
        yield "--environment_config", pool, "`scenesign worker` there"


def _runs_prism(options: PipelineOptions) -> bool:
    """Whether Beam will start Prism on this machine."""
    return (
        options.view_as(StandardOptions).runner == "PrismRunner" and not options.view_as(PortableOptions).job_endpoint
    )


def _find_prism(options: PipelineOptions) -> None:
    """Has Beam look for Prism where it looks by itself, or download it, so that a failure is told at once."""
    prism = options.view_as(PrismRunnerOptions)
    given = prism.prism_location
    if given and storage.is_local(given) and not os.path.isfile(given):
        raise UsageError(f"--prism_location={given}: no such file; docs/runners.md says how to get Prism")
    server = PrismJobServer(options)
    try:
        location = server.local_bin(server.path_to_binary(), ignore_cache=given is not None)
    except Exception as error:  # of the network, of an archive, of the Go compiler
        line = " ".join(str(error).split())[:200]
        raise UsageError(
            f"Prism isn't here and can't be had ({line}); give its file with --prism_location=FILE, docs/runners.md "
            "says how to get it"
        ) from error
    prism.prism_location = os.path.abspath(location)  # a bare name would be looked for on the path


def _why(endpoint: str) -> str:
    """What is wrong with an endpoint that doesn't answer."""
    host, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=3):
            return f"who listens there has not answered as a gRPC service for {_SECONDS:.0f} s"
    except ValueError:
        return "not HOST:PORT"
    except (OSError, OverflowError) as error:
        return f"nobody answers ({getattr(error, 'strerror', None) or error})"
