"""What an install weighs: the main job, each extra on top of it, and CUDA's share."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click
from packaging.utils import canonicalize_name

from benchmarks.installs.environments import LOCK, ROOT, FailedError, distributions, fresh
from benchmarks.installs.pythons import Python, ask
from benchmarks.installs.tables import Table, in_document, look_for_marks, show, write

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEAVIEST = 10
_OF_CUDA = re.compile(r"(nvidia|cuda)-.*|triton")
# torch's own libraries that only its CUDA build has
_CUDA_LIBRARY = re.compile(r"torch/lib/lib[^/]*(cuda|nvrtc|nvshmem)[^/]*\.so.*")


@dataclass(frozen=True)
class Package:
    """bytes: of all its files. cuda: of those that only a GPU needs."""

    name: str
    bytes: int
    cuda: int


@dataclass(frozen=True)
class Weight:
    """What an environment holds. bytes: of all files, also those of no package. bytecode: what compiling adds."""

    bytes: int
    packages: tuple[Package, ...]
    bytecode: int = 0

    @property
    def cuda_packages(self) -> int:
        """Bytes of the packages that only a GPU needs."""
        return sum(package.bytes for package in self.packages if package.cuda == package.bytes)

    @property
    def cuda_libraries(self) -> int:
        """Bytes of such libraries in other packages: torch's own."""
        return sum(package.cuda for package in self.packages if package.cuda < package.bytes)


def weigh(distribution: metadata.Distribution) -> Package:
    """The bytes of an installed distribution, by its own list of files."""
    name = canonicalize_name(distribution.metadata["Name"])
    sizes = {file.as_posix(): Path(str(file.locate())) for file in distribution.files or ()}
    whole = {file: path.lstat().st_size for file, path in sizes.items() if path.is_file()}
    total = sum(whole.values())
    libraries = sum(size for file, size in whole.items() if _CUDA_LIBRARY.fullmatch(file))
    return Package(name, total, total if _OF_CUDA.fullmatch(name) else libraries)


def weigh_packages(site: Path) -> tuple[Package, ...]:
    """The packages in a folder of them, the heaviest first."""
    found = map(weigh, metadata.distributions(path=[str(site)]))
    return tuple(sorted(found, key=lambda package: (-package.bytes, package.name)))


def installed(python: Python, wheel: Path, extra: str = "", compiled: bool = False) -> Weight:
    """Weighs a fresh environment with the main job, or with an extra too. Raises FailedError."""
    wanted = f"{wheel}[{extra}]" if extra else wheel
    with fresh(python) as environment:
        environment.install("-c", LOCK, wanted)
        whole, packages = environment.size(), weigh_packages(environment.site_packages())
        if compiled:
            environment.install("--reinstall", "--compile-bytecode", "-c", LOCK, wanted)
        return Weight(whole, packages, environment.size() - whole)


def main_table(main: Weight) -> Table:
    """The main job, and how much of it is CUDA's."""
    without = main.bytes - main.cuda_packages
    lines = [
        ("main job", main.bytes),
        ("of it, packages of CUDA", main.cuda_packages),
        ("main job without them", without),
        ("of that, CUDA libraries inside torch", main.cuda_libraries),
        ("main job with torch's CPU build, an estimate: without both", without - main.cuda_libraries),
        ("compiled bytecode, which pip adds at once and uv as modules are first imported", main.bytecode),
    ]
    return Table(("what", "GB"), tuple((name, f"{size / 1e9:.2f}") for name, size in lines))


def extras_table(main: Weight, extras: Mapping[str, Weight | str]) -> Table:
    """What each extra adds to the main job. extras: by name, or why one could not be installed."""
    names = {package.name for package in main.packages}
    lines = []
    for extra, weight in extras.items():
        if isinstance(weight, str):
            lines.append((extra, "", "", weight))
            continue
        more = [package for package in weight.packages if package.name not in names]
        heaviest = ", ".join(f"{package.name} {_mb(package.bytes)}" for package in more[:3])
        lines.append((extra, _mb(weight.bytes - main.bytes), str(len(more)), heaviest))
    return Table(("extra", "MB more", "packages more", "the heaviest of them, MB"), tuple(lines))


def heaviest(main: Weight) -> str:
    """A sentence: the heaviest packages of the main job that are not CUDA's."""
    shown = [package for package in main.packages if package.cuda < package.bytes][:HEAVIEST]
    listed = ", ".join(f"{package.name} {_mb(package.bytes)}" for package in shown)
    return f"The heaviest packages of the main job beside CUDA's, in MB: {listed}."


def extras_of(project: str) -> list[str]:
    """Names of the extras that a pyproject.toml has, in its order. project: its text."""
    return list(tomllib.loads(project)["project"]["optional-dependencies"])


def try_extra(python: Python, wheel: Path, extra: str) -> Weight | str:
    """Weighs the main job with an extra, or says why it can't be installed."""
    try:
        return installed(python, wheel, extra)
    except FailedError as error:
        return error.reason


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}" if size >= 1e6 else f"{size / 1e6:.1f}"


@click.command()
@click.option("--write", "writes", is_flag=True, help="Put the tables into docs/install.md.")
def weight(writes: bool) -> None:
    """Bytes of the main job, of each extra on top of it, and of what is CUDA's."""
    if writes:
        look_for_marks("weight")
    python = ask(Path(sys.executable))
    if not python:
        raise click.ClickException("this Python is no final CPython; run it with another")
    extras = extras_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="scenesign-wheel-") as name:
        try:
            wheel, _ = distributions(Path(name))
            click.echo("weight: the main job", err=True)
            main = installed(python, wheel, compiled=True)
        except FailedError as error:
            raise click.ClickException(error.reason) from None
        found: dict[str, Weight | str] = {}
        for extra in extras:
            click.echo(f"weight: {extra}", err=True)
            found[extra] = try_extra(python, wheel, extra)
    tables = main_table(main), extras_table(main, found)
    where = f"Python {python.version}, {platform.system()} {platform.machine()}, the versions of constraints.txt"
    told = f"{heaviest(main)} It has {len(main.packages)} packages. {where}; each extra alone, on top of the main job."
    show(*tables, told)
    if writes:
        write("weight", in_document(*tables, told))
    if any(isinstance(one, str) for one in found.values()):
        sys.exit(1)
