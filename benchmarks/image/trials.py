"""What the images must do: each trial does it in containers, as a user of the image would."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import create_connection
from typing import TypeAlias

from benchmarks.image.podman import Podman
from benchmarks.installs.environments import FailedError, run
from scenesign.transforms.support import storage
from tests.conftest import LIBRARY, ROOT, fresh_environment
from tests.staging import data_files
from tests.stores import Store, free_port, in_environment

WORKER, DATAFLOW = "localhost/scenesign:worker", "localhost/scenesign:dataflow"
# As a careful cluster runs an image: nothing can be written but /tmp, by a user drawn by lot, with no rights to gain.
STRICT = (
    "--read-only",
    "--tmpfs=/tmp:mode=1777",
    "--user=1000680000:0",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
)
OURS = "--entrypoint=scenesign"
_PORT_OF_BOOT = 50000  # its pool takes no other
_SECONDS_TO_START = 60.0
_SECONDS_OF_A_JOB = 300.0


@dataclass(frozen=True)
class Bench:
    """What trials share. store: where jobs read and write. wanted: data files of a local run, by name."""

    podman: Podman
    store: Store
    wanted: Mapping[str, bytes]

    def keys(self) -> list[str]:
        """Options of a container that may use the store."""
        return [f"--env={name}={value}" for name, value in self.store.environment.items()]

    def job(self, name: str, *words: str, path: str = "") -> None:
        """Has workers in containers build the demo's dataset. Raises FailedError, also where it has other bytes.

        name: of the dataset. words: of Beam. path: folders of programs, in place of this process's.
        """
        self.compare(build(self.store, name, "--runner=PortableRunner", "--job_endpoint=embed", *words, path=path))

    def compare(self, made: Mapping[str, bytes]) -> None:
        """Raises FailedError where data files are not those of the local run."""
        apart = sorted(name for name in self.wanted.keys() | made.keys() if self.wanted.get(name) != made.get(name))
        if apart:
            raise FailedError(f"{len(apart)} data files are not those of a local run, {apart[0]} first")


Trial: TypeAlias = Callable[[Bench], object]


def build(store: Store, name: str, *words: str, path: str = "") -> dict[str, bytes]:
    """The data files of the demo's dataset, which this machine's command makes in a store. Raises FailedError."""
    out = f"{store.bucket}/{name}/demo"  # its card has the name of the folder
    command = [sys.executable, "-m", "scenesign", "build", f"{store.bucket}/library", "-o", out, "-q"]
    command += ["--", *words] if words else []
    environment = fresh_environment() | store.environment | ({"PATH": path} if path else {})
    run(["timeout", str(_SECONDS_OF_A_JOB), *command], environment, ROOT, "scenesign build")
    with in_environment(store):
        return data_files(out)


def fill(store: Store) -> None:
    """Puts the example library into a store."""
    with in_environment(store):
        for path in LIBRARY.rglob("*"):
            if path.is_file():
                name = path.relative_to(LIBRARY).as_posix()
                storage.write_bytes(f"{store.bucket}/library/{name}", path.read_bytes())


@contextmanager
def pool(bench: Bench, image: str, port: int, *words: object, options: Sequence[str] = ()) -> Iterator[str]:
    """A container that serves workers at a port: its id. What it said is shown when anything inside fails."""
    with suppress(OSError), create_connection(("localhost", port), timeout=1):
        raise FailedError(f"port {port} is taken here; end what listens there")
    with bench.podman.container(image, *words, options=[*bench.keys(), *options]) as container:
        try:
            _wait_for(port)
            yield container
        except FailedError as error:
            raise FailedError(error.reason, f"{error.said}\n{bench.podman.run('logs', container)}") from None


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(OSError), create_connection(("localhost", port), timeout=1):
            return
        time.sleep(0.2)
    raise FailedError(f"nothing listens at port {port} after {_SECONDS_TO_START:.0f} seconds")


def external(port: int) -> tuple[str, str]:
    """Words of Beam: workers come from a pool here."""
    return "--environment_type=EXTERNAL", f"--environment_config=localhost:{port}"


def tell_version(bench: Bench) -> None:
    """The command starts without a network."""
    said = bench.podman.once(WORKER, "--version", options=[OURS, "--network=none", *STRICT])
    if not said.startswith("scenesign"):
        raise FailedError(f"it said {said[:80]!r}")


def serve_ours(bench: Bench) -> None:
    """A pool of ours, under a strict cluster."""
    port = free_port()
    with pool(bench, WORKER, port, "worker", f"--port={port}", options=[OURS, *STRICT]):
        bench.job("ours", *external(port))


def serve_boot(bench: Bench) -> None:
    """A pool of boot, as the image is."""
    with pool(bench, WORKER, _PORT_OF_BOOT, "--worker_pool"):
        bench.job("boot", *external(_PORT_OF_BOOT))


def serve_boot_strictly(bench: Bench) -> None:
    """A pool of boot, under a strict cluster."""
    with pool(bench, WORKER, _PORT_OF_BOOT, "--worker_pool", options=STRICT):
        bench.job("strict", *external(_PORT_OF_BOOT))


def serve_as_root(bench: Bench) -> None:
    """The image for Dataflow does a job, from a pool as there is no Dataflow here."""
    with pool(bench, DATAFLOW, _PORT_OF_BOOT, "--worker_pool"):
        bench.job("root", *external(_PORT_OF_BOOT))


def start_containers(bench: Bench) -> None:
    """Beam starts the container itself, by a program `docker`, and boot the worker in it."""
    # Beam gives a container no environment, so the image has the keys
    folder = bench.podman.folder / "docker"
    folder.mkdir(exist_ok=True)
    known = "\n".join(f"ENV {name}={value}" for name, value in bench.store.environment.items())
    (folder / "Containerfile").write_text(f"FROM {WORKER}\n{known}\n", encoding="utf-8")
    bench.podman.build(folder / "Containerfile", folder, "localhost/scenesign:keys")
    bench.podman.docker(folder / "docker")
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    bench.job("docker", "--environment_type=DOCKER", "--environment_config=localhost/scenesign:keys", path=path)


def run_template(bench: Bench) -> None:
    """The file that Dataflow's launcher starts builds the dataset, in its container as there is no Dataflow here."""
    out = f"{bench.store.bucket}/template/demo"
    asked = f'python "$FLEX_TEMPLATE_PYTHON_PY_FILE" --inputs={bench.store.bucket}/library --output={out}'
    bench.podman.once(DATAFLOW, "-c", asked, options=["--entrypoint=sh", "--network=host", *bench.keys()])
    with in_environment(bench.store):
        bench.compare(data_files(out))


def end_when_told(bench: Bench) -> None:
    """Both pools end by SIGTERM, as the first process of a container, and needn't be killed."""
    port = free_port()
    for at, words, options in ((port, ["worker", f"--port={port}"], [OURS]), (_PORT_OF_BOOT, ["--worker_pool"], [])):
        with pool(bench, WORKER, at, *words, options=options) as container:
            bench.podman.run("stop", "-t", "20", container)
            code = bench.podman.run("inspect", "-f", "{{.State.ExitCode}}", container).strip()
            if code == "137":
                raise FailedError(f"{' '.join(words)} had to be killed")


TRIALS: tuple[Trial, ...] = (
    tell_version,
    serve_ours,
    serve_boot,
    serve_boot_strictly,
    start_containers,
    serve_as_root,
    run_template,
    end_when_told,
)
