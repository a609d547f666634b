"""`scenesign worker`: a pool of workers for jobs of other machines."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time

import click

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.stopping import exit_code, stopped_by_signals

_PORT = 50000  # where Beam's own pools listen
_LOOK = 0.2  # seconds, for a signal


@click.command("worker", short_help="Starts workers for jobs of other machines.")
@click.option("--port", type=click.IntRange(1, 65535), default=_PORT, show_default=True, help="Port to listen on.")
@click.option(
    "--bind",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 for jobs of other machines.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show Beam's log, and each worker that starts and ends.")
def start_workers(port: int, bind: str, verbose: bool) -> None:
    """Serves worker processes to jobs that ask for them: of another machine, of Flink, Spark or Prism.

    \b
    scenesign worker                       beside a task manager of Flink, or an executor of Spark
    scenesign worker --bind 0.0.0.0        on a machine of its own, for jobs of others

    A job on two such machines, submitted from a third:

    \b
    scenesign build s3://b/books -o s3://b/out -- --runner=PortableRunner --job_endpoint=embed \\
        --environment_type=EXTERNAL --environment_config=one:50000,two:50000

    Whoever reaches the port can run any program here as you: open it in a private network only. Ctrl-C, or SIGTERM,
    ends the pool with all its workers. Each takes 1 to 2 GB, and as many threads as there are cores, or as
    OMP_NUM_THREADS says. Keys of object stores come from this environment, or with the job.
    """
    with stopped_by_signals("stopped"):
        try:
            _serve(bind, port, verbose)
        except UsageError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except KeyboardInterrupt as stop:
            click.echo("scenesign: the pool and its workers have ended", err=True)
            sys.exit(exit_code(stop))


def _serve(bind: str, port: int, verbose: bool) -> None:
    if not verbose:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its library says by itself that it can't listen; read once
    from scenesign.pipeline.run.worker import LOG_LINES
    from scenesign.pipeline.run.worker_pool import serving_pool

    logging.basicConfig(format=LOG_LINES, force=True)
    if verbose:
        logging.getLogger().setLevel(logging.INFO)
    with serving_pool(bind, port):
        click.echo(f"scenesign: {socket.gethostname()} starts workers for jobs that ask at {bind}:{port}", err=True)
        # A signal may come to a thread of gRPC's, which wakes nobody; and Windows interrupts no wait for an event.
        while True:
            time.sleep(_LOOK)
