"""Podman with all its state in one folder, so that nothing of it is left when the folder is gone."""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installs.environments import run

_ENOUGH = 1 << 14  # of files and of processes for a container
# where Debian's programs look for the authorities that this machine trusts, a company's own among them
_TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
_GIVEN = ("PIP_INDEX_URL", "TORCH_INDEX")  # of the environment, as arguments of a build


@dataclass(frozen=True)
class Podman:
    """Builds images and runs containers, as root, in the network of this machine."""

    folder: Path

    def words(self) -> list[str]:
        """What each of its commands starts with. cgroups are its own to make: there may be no systemd."""
        state = [
            "--root",
            str(self.folder / "store"),
            "--runroot",
            str(self.folder / "run"),
            "--storage-driver=overlay",
        ]
        older = ["--runtime=runc"] if shutil.which("runc") else []  # goes with either kind of cgroups
        return ["podman", *state, "--cgroup-manager=cgroupfs", *older]

    def run(self, *words: object) -> str:
        """Runs one of its commands; what it said. Raises FailedError."""
        return run([*self.words(), *words], os.environ, self.folder, f"podman {words[0]}")

    def build(self, containerfile: Path, context: Path, tag: str, *more: str) -> None:
        """Builds an image from what is here already, base images too. Raises FailedError."""
        settings = self.folder / "pip.conf"
        settings.write_text(f"[global]\ncert = {_TRUSTED}\n", encoding="utf-8")
        mounts = ["-v", f"{settings}:/etc/pip.conf:ro", "-v", f"{_TRUSTED}:{_TRUSTED}:ro"] if _TRUSTED.exists() else []
        given = [f"--build-arg={name}={os.environ[name]}" for name in _GIVEN if os.environ.get(name)]
        how = ["--layers", "--pull=never", "--network=host", *limits(), *mounts, *given]
        self.run("build", *how, *more, "-t", tag, "-f", containerfile, context)

    def import_folder(self, folder: Path, tag: str) -> None:
        """Makes an image of a folder that holds a system. Raises FailedError."""
        archive = folder.with_suffix(".tar")
        run(["tar", "-C", folder, "-cf", archive, "."], os.environ)
        self.run("import", archive, tag)
        archive.unlink()

    def has(self, tag: str) -> bool:
        """Whether an image is here."""
        return subprocess.run([*self.words(), "image", "exists", tag]).returncode == 0

    def size(self, tag: str) -> str:
        """How large an image is, with its unit. Raises FailedError."""
        return self.run("images", "--format", "{{.Size}}", tag).strip()

    def once(self, image: str, *words: object, options: Sequence[str] = ()) -> str:
        """Runs a container to its end; what it said. Raises FailedError."""
        return self.run("run", "--rm", *limits(), *options, image, *words)

    @contextmanager
    def container(self, image: str, *words: object, options: Sequence[str] = ()) -> Iterator[str]:
        """A container that runs inside and is gone afterwards: its id."""
        said = self.run("run", "-d", "--network=host", *limits(), *options, image, *words)
        name = said.split()[-1]
        try:
            yield name
        finally:
            self.run("rm", "-f", "-t", "2", name)

    def docker(self, program: Path) -> None:
        """Writes a program that does what `docker` is asked with this podman."""
        own, of_run = shlex.join(self.words()), shlex.join(limits())
        text = f'#!/bin/sh\ncase $1 in\nrun) shift; exec {own} run {of_run} "$@";;\n*) exec {own} "$@";;\nesac\n'
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)

    def clear(self) -> None:
        """Ends all containers, takes mounts away and removes the folder."""
        if self.folder.exists():
            subprocess.run([*self.words(), "rm", "-af", "-t", "2"], capture_output=True)
            subprocess.run([*self.words(), "rmi", "-af"], capture_output=True)
            # a build that was broken off leaves some
            mounts = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
            for mount in reversed([mount for mount in mounts if Path(mount).is_relative_to(self.folder)]):
                subprocess.run(["umount", "--lazy", mount], capture_output=True)
            shutil.rmtree(self.folder)


def limits() -> list[str]:
    """Limits of a container, no higher than ours: podman's own may be, and root alone can't raise them everywhere."""
    hard = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    most = {name: resource.getrlimit(which)[1] for name, which in hard.items()}
    kept = {name: _ENOUGH if value == resource.RLIM_INFINITY else min(value, _ENOUGH) for name, value in most.items()}
    return [f"--ulimit={name}={value}:{value}" for name, value in kept.items()]
