"""The images that the Dockerfile builds on, made here: a Debian, Beam's own boot, and the packages of Beam's image."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from benchmarks.image.podman import Podman
from benchmarks.installs.environments import run
from tests.container import arguments

# Debian's release that has a Python. Beam's image of 3.11 is of bookworm too.
RELEASES = {"3.11": "bookworm", "3.13": "trixie"}
LAUNCHER = "localhost/launcher:latest"
_PACKAGES = "ca-certificates,python3,python3-pip,python3-venv"
_MODULE = "github.com/apache/beam/sdks/v2"
_HERE = Path(__file__).parent


def make_bases(podman: Podman) -> None:
    """Makes what is missing of the images that the Dockerfile names, and a launcher. Raises FailedError."""
    beam, python = arguments()["BEAM"], arguments()["PYTHON"]
    debian = f"localhost/debian:{RELEASES[python]}"
    if not podman.has(debian):
        system = podman.folder / "debian"
        shutil.rmtree(system, ignore_errors=True)
        run(["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", RELEASES[python], system], os.environ)
        podman.import_folder(system, debian)
        shutil.rmtree(system)
    context = podman.folder / "beam"
    context.mkdir(exist_ok=True)
    fetch_beam(beam, python, context)
    targets = {
        "python": f"docker.io/library/python:{python}-slim",
        "beam": f"docker.io/apache/beam_python{python}_sdk:{beam}",
        "launcher": LAUNCHER,
    }
    given = [f"--build-arg=DEBIAN={debian}", f"--build-arg=BEAM={beam}"]
    for target, tag in targets.items():
        podman.build(_HERE / "Containerfile", context, tag, f"--target={target}", *given)


def fetch_beam(beam: str, python: str, folder: Path) -> None:
    """Puts into a folder boot, built from Beam's module of Go, and the list of what Beam's image has installed."""
    go = os.environ | {"GOBIN": str(folder), "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    package = f"{_MODULE}/python/container@v{beam}"
    run(["go", "install", package], go, folder)
    os.replace(folder / "container", folder / "boot")  # Go calls a program by its folder
    module = json.loads(run(["go", "mod", "download", "-json", f"{_MODULE}@v{beam}"], go, folder))
    listed = Path(module["Dir"], "python", "container", f"py{python.replace('.', '')}", "base_image_requirements.txt")
    shutil.copyfile(listed, folder / listed.name)
