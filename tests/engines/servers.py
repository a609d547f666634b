"""Engines beside the local one, as servers on this machine: Prism, which is Beam's in Go, and pools of workers."""

from __future__ import annotations

import mmap
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from tests.stores import free_port, serving

VARIABLE = "SCENESIGN_PRISM"


def find_prism() -> Path:
    """The program: the one that the variable names, else on the path or in Go's folder one of the version of Beam.

    Raises FileNotFoundError, which says how to get it.
    """
    version = metadata.version("apache-beam")
    if named := os.environ.get(VARIABLE):
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE} names {named}, which is not there; `make prism` makes one")
        return Path(named)
    for path in (Path(shutil.which("prism") or ""), go_folder() / "prism"):
        if path.is_file() and is_prism_of(path, version):
            return path
    raise FileNotFoundError(f"no Prism {version} here; `make prism` makes one, or {VARIABLE} names it")


def is_prism_of(program: Path, version: str) -> bool:
    """Whether a program was built from Beam's Go module of a version; Go writes that into it."""
    mark = f"mod\tgithub.com/apache/beam/sdks/v2\tv{version}\t".encode()
    with open(program, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as code:
            return code.find(mark) >= 0


def go_folder() -> Path:
    """Where `go install` puts programs."""
    settings = {"GOBIN": os.environ.get("GOBIN", ""), "GOPATH": os.environ.get("GOPATH", "")}
    if go := shutil.which("go"):
        said = subprocess.run(
            [go, "env", *settings], capture_output=True, text=True, check=True, encoding="utf-8"
        ).stdout
        settings = dict(zip(settings, said.splitlines(), strict=True))
    if settings["GOBIN"]:
        return Path(settings["GOBIN"])
    return Path(settings["GOPATH"].split(os.pathsep)[0] or Path.home() / "go") / "bin"


@contextmanager
def prism_server(program: Path, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Prism as a job service: its address, and its process. folder: for its log and its temporary files."""
    port = free_port()
    # should whoever started it be killed, it ends by itself
    command = [str(program), f"-job_port={port}", "-serve_http=false", "-log_kind=text", "-idle_shutdown_timeout=15m"]
    with serving(command, port, folder, os.environ | {"TMPDIR": str(folder)}) as process:
        yield f"localhost:{port}", process


@contextmanager
def worker_pool(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A pool that starts a worker process for each job that asks: its address, and its process.

    folder: where it and its workers run.
    """
    port = free_port()
    command = [sys.executable, "-m", "scenesign", "worker", f"--port={port}"]
    with serving(command, port, folder, environment) as process:
        yield f"localhost:{port}", process


@contextmanager
def beam_pool(
    folder: Path, environment: Mapping[str, str], python: Path = Path(sys.executable)
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """As `worker_pool`, of Beam's own program, which knows nothing of us."""
    port = free_port()
    # Beam starts workers by the name `python`
    path = os.pathsep.join([str(python.parent), environment["PATH"]])
    command = [str(python), "-m", "apache_beam.runners.worker.worker_pool_main", f"--service_port={port}"]
    with serving(command, port, folder, {**environment, "PATH": path}) as process:
        yield f"localhost:{port}", process


def on_prism(address: str, pool: str = "") -> list[str]:
    """Words after `--`: a job for Prism, with workers in the command itself or from a pool."""
    words = ["--runner=PortableRunner", f"--job_endpoint={address}"]
    if not pool:
        return [*words, "--environment_type=LOOPBACK"]
    return [*words, "--environment_type=EXTERNAL", f"--environment_config={pool}"]


def on_pools(*pools: str) -> list[str]:
    """Words after `--`: a run in the command itself, with a worker from each of the pools."""
    words = ["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=EXTERNAL"]
    return [*words, f"--environment_config={','.join(pools)}"]
