"""The package as a stranger gets it: built, checked, installed without the lock, and run from another folder."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.installs.demo_job import differing, run_alone, run_demo, without_network
from benchmarks.installs.environments import ROOT, FailedError, clean, distributions, fresh, run
from benchmarks.installs.matrix import LAST_LINES
from benchmarks.installs.pythons import Python, found
from scenesign.schemas.manifest import Manifest
from tests.documents import pdf_of, rtf_of
from tests.runs import data_digests

# What `uv pip install` is told beside the wheel. The lowest versions are of what pyproject.toml asks for; what that
# asks for in turn is the newest that goes with it.
PROJECT = ("-r", str(ROOT / "pyproject.toml"), "--extra", "office")
FLAGS = {"newest": PROJECT, "lowest": ("--resolution", "lowest-direct", *PROJECT)}
STORY = ROOT / "examples" / "library" / "en" / "the-bell-of-saltmarsh.txt"
# The type of the second line is known, so the third is an error; were nothing known, the comment would be one.
TYPED = """import scenesign
dataset = scenesign.Dataset("out/demo")
number: int = dataset  # type: ignore[assignment]
"""


@dataclass(frozen=True)
class Demo:
    """A demo's dataset. digests: of its data files. contents: of what these hold. Both by name."""

    maker: str
    pyarrow: str
    digests: Mapping[str, str]
    contents: Mapping[str, str]


def content(path: Path) -> str:
    """Digest of what a file holds: of a table its schema, with all it says, and its rows; of other files the bytes.

    A Parquet file names the pyarrow that wrote it, and each lays the same rows out in its own way.
    """
    if path.suffix != ".parquet":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    table = pq.ParquetFile(path).read().combine_chunks()
    held = pa.BufferOutputStream()
    with pa.ipc.new_stream(held, table.schema) as stream:
        stream.write_table(table)
    return hashlib.sha256(held.getvalue()).hexdigest()


def read_demo(out: Path, maker: str) -> Demo:
    """A dataset as others are compared with it. Raises OSError or ValueError where there is none."""
    manifest = Manifest.from_json((out / "manifest.json").read_text(encoding="utf-8"))
    digests = data_digests(out)
    return Demo(maker, manifest.versions["pyarrow"], digests, {name: content(out / name) for name in digests})


def compare(one: Demo, other: Demo) -> str:
    """In which way two demos are the same. Raises FailedError where they are not.

    Their bytes may differ where different versions of pyarrow wrote them; what they hold may not.
    """
    between = f"{one.maker} and {other.maker}"
    apart = differing(one.digests, other.digests)
    if not apart:
        return f"{between}: {len(one.digests)} data files are equal byte for byte"
    told = differing(one.contents, other.contents)
    if told or one.pyarrow == other.pyarrow:
        raise FailedError(f"{between}: {len(told or apart)} data files differ, {(told or apart)[0]} first")
    return (
        f"{between}: {len(one.digests)} data files hold the same, {len(apart)} of them in the bytes of "
        f"pyarrow {one.pyarrow} and {other.pyarrow}"
    )


def commands(out: Path, folder: Path) -> list[tuple[str, ...]]:
    """What is asked of an installed package beside the demo. out: its dataset. folder: of what they read and write."""
    return [
        ("--version",),
        ("validate", str(out)),
        ("report", str(out), "-o", str(folder / "report.html")),
        ("signs", str(out)),
        ("search", str(out), "a storm at sea"),
        ("encode", "-i", str(out), str(STORY), str(folder / "story.pdf"), str(folder / "story.rtf")),
        ("decode", "-i", str(out), "丂丅丆"),
        ("train", str(out), "-o", str(folder / "model"), "--epochs", "1"),
    ]


def write_documents(folder: Path) -> None:
    """A story as `story.pdf` and `story.rtf`."""
    text = STORY.read_text(encoding="utf-8")
    (folder / "story.pdf").write_bytes(pdf_of(text))
    (folder / "story.rtf").write_bytes(rtf_of(text.split("\n\n")))


def check_types(wheel: Path, python: Python) -> None:
    """Has a type checker read three lines about the installed package alone. Raises FailedError."""
    with fresh(python) as environment, tempfile.TemporaryDirectory() as name:
        environment.install("--no-deps", wheel)
        Path(name, "typed.py").write_text(TYPED, encoding="utf-8")
        mypy = (sys.executable, "-m", "mypy", "--python-executable", environment.program("python"))
        run([*mypy, "--warn-unused-ignores", "--cache-dir", "cache", "typed.py"], clean(), Path(name))


def try_versions(name: str, python: Python, wheel: Path) -> Demo:
    """Installs a wheel at its newest or lowest versions, and runs the demo and the other commands. Raises FailedError.

    name: of FLAGS.
    """
    with fresh(python) as environment, tempfile.TemporaryDirectory(prefix="scenesign-package-") as away:
        seconds = environment.install(*FLAGS[name], wheel)
        out = Path(away, "demo")
        ran = run_demo(environment, out)
        click.echo(f"{name} versions, Python {python.version}: installed in {seconds:.0f} s, demo {ran.seconds:.0f} s")
        began = time.perf_counter()
        asked = commands(out, Path(away))
        write_documents(Path(away))
        for words in asked:
            run_alone(environment, *words, folder=Path(away))
        click.echo(f"{name} versions: {', '.join(words[0] for words in asked)}: {time.perf_counter() - began:.0f} s")
        return read_demo(out, f"{name} versions")


@click.command()
@click.option(
    "--equal-to",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A dataset of the demo whose data files all must equal.",
)
def package(equal_to: Path | None) -> None:
    """Wheel and source archive, checked and run without the lock at the newest and the lowest versions."""
    pythons = found()
    if not pythons:
        raise click.ClickException("no promised Python is here, in pyenv's folder or on the path")
    try:
        demos = [read_demo(equal_to, str(equal_to))] if equal_to else []
    except (OSError, ValueError) as error:
        raise click.UsageError(f"--equal-to {equal_to}: it is no dataset: {error}") from None
    try:
        with tempfile.TemporaryDirectory(prefix="scenesign-wheel-") as name:
            wheel, archive = distributions(Path(name))
            for made in (wheel, archive):
                click.echo(f"{made.name}: {made.stat().st_size / 1e6:.1f} MB")
            run([sys.executable, "-m", "twine", "check", "--strict", wheel, archive], clean())
            click.echo("twine check --strict: passed")
            check_types(wheel, pythons[-1])
            click.echo("mypy: knows the types of the installed package")
            demos += [try_versions("newest", pythons[-1], wheel), try_versions("lowest", pythons[0], wheel)]
        click.echo("without a network" if without_network() else "the network could not be taken away")
        for other in demos[1:]:
            click.echo(compare(demos[0], other))
    except FailedError as error:
        click.echo("\n".join(error.said.splitlines()[-LAST_LINES:]), err=True, nl=bool(error.said))
        raise click.ClickException(error.reason) from None
