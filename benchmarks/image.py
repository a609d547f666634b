"""Builds the images from the Dockerfile, and tries them in containers, on a machine that fetches no images.

    python benchmarks/image.py check [--folder FOLDER] [--keep]
    python benchmarks/image.py clear [--folder FOLDER]

What the Dockerfile builds on is made here: docs/image.md says how. It takes Linux, root, podman, debootstrap and Go,
tens of gigabytes of disk while it runs, and the packages of Debian, Python and Go.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.image.bases import LAUNCHER, RELEASES, make_bases
from benchmarks.image.podman import Podman
from benchmarks.image.trials import DATAFLOW, TRIALS, WORKER, Bench, build, fill
from benchmarks.installs.environments import FailedError
from tests.container import arguments
from tests.stores import s3_server

_FOLDER = Path("/var/tmp/scenesign-image")
_PROGRAMS = ("podman", "debootstrap", "go")
_LAST_LINES = 40


def missing() -> list[str]:
    """What this machine lacks, each in words; empty where the images can be checked."""
    python = arguments()["PYTHON"]
    lacking = [f"the program {name}" for name in _PROGRAMS if not shutil.which(name)]
    if sys.platform != "linux" or platform.machine() != "x86_64":
        lacking.append("Linux on x86-64")
    elif os.geteuid():
        lacking.append("root's rights")
    if "{}.{}".format(*sys.version_info) != python:
        lacking.append(f"Python {python} to submit jobs with, which is the image's (make image PYTHON=...)")
    if python not in RELEASES:
        lacking.append(f"a Debian with Python {python}")
    return lacking


def timed(what: str, began: float) -> None:
    click.echo(f"{time.perf_counter() - began:6.0f} s  {what}")


def build_images(podman: Podman) -> None:
    """Builds both targets of the Dockerfile, and what they build on. Raises FailedError."""
    began = time.perf_counter()
    make_bases(podman)
    timed("made what the Dockerfile builds on", began)
    for tag, more in ((WORKER, ()), (DATAFLOW, ("--target=dataflow", f"--build-arg=LAUNCHER_IMAGE={LAUNCHER}"))):
        began = time.perf_counter()
        podman.build(ROOT / "Dockerfile", ROOT, tag, *more)
        timed(f"built {tag}: {podman.size(tag)}", began)


def try_images(podman: Podman) -> Sequence[str]:
    """Runs all trials; names of those that failed. Raises FailedError where the local run does."""
    failed = []
    with tempfile.TemporaryDirectory(dir=podman.folder) as name, s3_server(Path(name)) as store:
        fill(store)
        began = time.perf_counter()
        bench = Bench(podman, store, build(store, "local"))
        timed(f"a local run: {len(bench.wanted)} data files", began)
        for trial in TRIALS:
            began = time.perf_counter()
            try:
                trial(bench)
                timed(f"passed: {trial.__name__}: {trial.__doc__}", began)
            except FailedError as error:
                failed.append(trial.__name__)
                timed(f"FAILED: {trial.__name__}: {error.reason}", began)
                click.echo("\n".join(error.said.splitlines()[-_LAST_LINES:]), err=True)
    return failed


@click.group(help=__doc__, invoke_without_command=True)
@click.pass_context
def program(context: click.Context) -> None:
    if not context.invoked_subcommand:
        click.echo(context.get_help())


_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=_FOLDER,
    show_default=True,
    help="Where podman keeps its images; on a disk, not on an overlay.",
)


@program.command()
@_folder
@click.option("--keep", is_flag=True, help="Leave the images there: the next check builds only what is new.")
def check(folder: Path, keep: bool) -> None:
    """Builds both images and tries them."""
    if lacking := missing():
        raise click.ClickException(f"the images can't be checked here: missing is {'; '.join(lacking)}")
    podman = Podman(folder.resolve())
    podman.folder.mkdir(parents=True, exist_ok=True)
    try:
        build_images(podman)
        failed = try_images(podman)
    except FailedError as error:
        click.echo("\n".join(error.said.splitlines()[-_LAST_LINES:]), err=True)
        raise click.ClickException(error.reason) from None
    finally:
        if not keep:
            podman.clear()
    if failed:
        raise click.ClickException(f"{len(failed)} of {len(TRIALS)} trials failed: {', '.join(failed)}")


@program.command()
@_folder
def clear(folder: Path) -> None:
    """Removes what a check has kept, or has left when it was killed."""
    Podman(folder.resolve()).clear()


if __name__ == "__main__":
    # as Ctrl-C does: images are gigabytes, and are removed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    program()
