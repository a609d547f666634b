"""The demo's job, and the suite, on every promised Python that is here: same data files on all of them?"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from defusedxml import ElementTree

from benchmarks.installs.demo_job import DemoRun, differing, run_demo
from benchmarks.installs.environments import LOCK, ROOT, Environment, FailedError, distributions, fresh
from benchmarks.installs.pythons import Python, ask, found, promised
from benchmarks.installs.tables import Table, in_document, look_for_marks, show, write
from tests.runs import data_digests

SHOWN_PACKAGES = {"torch": "torch", "numpy": "numpy", "apache-beam": "Beam"}
# As `make test` runs it.
SUITE = ("-m", "pytest", "-n", "logical", "--maxprocesses", "8", "--dist", "loadfile", "-m", "not slow")
LAST_LINES = 20
_QUIET = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True)
class SuiteRun:
    """How many tests of the suite ended how. failures: of those that failed, the name and what was said in a line."""

    passed: int
    skipped: int
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """What one Python did, as far as it came. install: seconds. size: bytes. reason: why it came no further."""

    python: Python
    install: float | None = None
    size: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    demo: DemoRun | None = None
    tests: SuiteRun | None = None
    reason: str = ""
    said: str = ""


def details(row: Row) -> list[str]:
    """What a table has no room for, by lines: the end of what a program said that failed, and the tests that did."""
    failures = row.tests.failures if row.tests else {}
    return [*row.said.splitlines()[-LAST_LINES:], *(f"failed: {name}: {said}" for name, said in failures.items())]


def first_digests(rows: Sequence[Row]) -> tuple[Mapping[str, str], str]:
    """Digests of the first data files that were made, and who made them; nothing where none were."""
    made = [(row.demo.digests, f"Python {row.python.version}") for row in rows if row.demo]
    return made[0] if made else ({}, "")


def faults(row: Row, reference: Mapping[str, str]) -> list[str]:
    """What is wrong with a row, a line each. reference: digests of the data files that it should have made."""
    found = [row.reason] if row.reason else []
    if row.demo and (names := differing(reference, row.demo.digests)):
        found.append(f"data files differ: {len(names)}, first {names[0]}")
    if row.tests and row.tests.failures:
        found.append(f"tests failed: {len(row.tests.failures)}, first {next(iter(row.tests.failures))}")
    return found


def table(rows: Sequence[Row], reference: Mapping[str, str]) -> Table:
    """A row for each Python; what is wrong with it stands in the last column."""
    columns = ("Python", "install, s", "size, GB", "demo, s", "data files", "tests passed", "skipped", "failed")
    last = ("what is wrong",) if any(faults(row, reference) for row in rows) else ()
    lines = []
    for row in rows:
        line = [
            row.python.version,
            "" if row.install is None else f"{row.install:.0f}",
            "" if row.size is None else f"{row.size / 1e9:.2f}",
            f"{row.demo.seconds:.0f}" if row.demo else "",
            ("differ" if differing(reference, row.demo.digests) else "equal") if row.demo else "",
        ]
        line += [str(row.tests.passed), str(row.tests.skipped), str(len(row.tests.failures))] if row.tests else [""] * 3
        line += [row.versions.get(name, "") for name in SHOWN_PACKAGES]
        line += ["; ".join(faults(row, reference))] if last else []
        lines.append(tuple(line))
    return Table((*columns, *SHOWN_PACKAGES.values(), *last), tuple(lines))


def notes(rows: Sequence[Row], missing: Sequence[str], reference: str) -> str:
    """What the table can't say: on which machine, against what, and what was not run."""
    lines = [
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; installed with uv, which has its cache; "
        "times as the clock gave them.",
    ]
    if reference:
        lines.append(f"Data files are compared byte for byte with those of {reference}.")
    ran = [row.demo.cut_off for row in rows if row.demo]
    if ran:
        lines.append("The demo ran without a network." if all(ran) else "The network could not be taken from the demo.")
    if not any(row.tests for row in rows):
        lines.append("The suite was not run.")
    if missing:
        lines.append(f"Not found here: Python {', '.join(missing)}.")
    return " ".join(lines)


def run_suite(environment: Environment) -> SuiteRun:
    """Runs the fast suite of the checkout in an environment that gets what developers have. Raises FailedError."""
    # pip as `make` has it: Beam says what it lacks where it asks it for what is installed
    environment.install("-c", LOCK, "-e", f"{ROOT}[dev]", "pip")
    with tempfile.TemporaryDirectory(prefix="scenesign-suite-") as name:
        report = Path(name, "report.xml")
        words = (*SUITE, "-p", "no:cacheprovider", f"--basetemp={name}/tests", f"--junitxml={report}")
        try:
            environment.run("python", *words, folder=ROOT, **_QUIET)
        except FailedError:
            if not report.exists():
                raise
        return read_report(report)


def read_report(report: Path) -> SuiteRun:
    """Counts of a JUnit report as pytest writes it: a test that also fails when it is torn down stands there twice."""
    names, skipped, failures = set(), 0, dict[str, str]()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        names.add(name)
        skipped += case.find("skipped") is not None
        for fault in (*case.iter("failure"), *case.iter("error")):
            said = (fault.get("message") or "").strip().splitlines()
            failures.setdefault(name, said[0] if said else "")
    return SuiteRun(len(names) - len(failures) - skipped, skipped, failures)


def try_python(python: Python, wheel: Path, suite: bool) -> Row:
    """Installs a wheel with the lock and runs the demo, and the suite if asked, in an environment of its own.

    What fails ends in the row as its reason.
    """
    row = Row(python)
    try:
        with fresh(python) as environment:
            seconds = environment.install("-c", LOCK, wheel)
            row = replace(row, install=seconds, size=environment.size())
            row = replace(row, versions=environment.versions(*SHOWN_PACKAGES))
            row = replace(row, demo=run_demo(environment))
            if suite:
                row = replace(row, tests=run_suite(environment))
    except FailedError as error:
        return replace(row, reason=error.reason, said=error.said)
    except OSError as error:
        return replace(row, reason=str(error))
    return row


def chosen(pythons: Sequence[Python], only: str) -> list[Python]:
    """Those of a list that are asked for. only: `oldest`, `newest` and minor versions, with commas between; or nothing.

    Raises ValueError for a word that names none of them.
    """
    if not only:
        return list(pythons)
    ends = {"oldest": pythons[:1], "newest": pythons[-1:]}
    picked: list[Python] = []
    for word in only.split(","):
        named = ends.get(word, [python for python in pythons if python.minor == word])
        if not named and word not in ends:
            raise ValueError(f"{word!r} names none of the Pythons here: {', '.join(p.minor for p in pythons)}")
        picked += named
    return [python for python in pythons if python in picked]


def asked_for(path: Path) -> Python:
    """The Python that a file is. Raises click.UsageError where it is none."""
    python = ask(path)
    if not python:
        raise click.UsageError(f"{path}: no final CPython starts there; give the path of one")
    return python


@click.command()
@click.option("--python", "paths", multiple=True, type=click.Path(path_type=Path), help="In place of those found.")
@click.option("--only", default="", metavar="WORDS", help="Such as oldest,newest or 3.10,3.12.")
@click.option("--others", is_flag=True, help="Leave out the Python that runs this.")
@click.option("--all", "whole", is_flag=True, help="Fail where a promised Python is not here.")
@click.option("--suite/--no-suite", default=True, show_default=True, help="Run the fast suite too.")
@click.option(
    "--equal-to",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A dataset of the demo whose data files all must equal; else the first Python's.",
)
@click.option("--write", "writes", is_flag=True, help="Put the table into docs/install.md.")
def matrix(
    paths: Sequence[Path], only: str, others: bool, whole: bool, suite: bool, equal_to: Path | None, writes: bool
) -> None:
    """Install with the lock, the demo and the suite on every promised Python found here."""
    if writes:
        look_for_marks("matrix")
    here = [asked_for(path) for path in paths] or found()
    minors = promised((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    missing = [minor for minor in minors if minor not in {python.minor for python in here}]
    if whole and missing:
        raise click.ClickException(f"not found here: Python {', '.join(missing)}")
    if others:
        here = [python for python in here if python.minor != f"3.{sys.version_info.minor}"]
    if not here:
        click.echo(f"matrix: no other promised Python is here; not found: {', '.join(missing)}", err=True)
        return
    try:
        pythons = chosen(here, only)
    except ValueError as error:
        raise click.UsageError(f"--only: {error}") from None
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="scenesign-wheel-") as name:
        try:
            wheel, _ = distributions(Path(name))
        except FailedError as error:
            raise click.ClickException(error.reason) from None
        for python in pythons:
            click.echo(f"matrix: Python {python.version} at {python.path}", err=True)
            rows.append(try_python(python, wheel, suite))
            for line in details(rows[-1]):
                click.echo(line, err=True)
    reference, made_by = (data_digests(equal_to), str(equal_to)) if equal_to else first_digests(rows)
    result = table(rows, reference)
    told = notes(rows, missing if not paths else (), made_by)
    show(result, told)
    if writes:
        write("matrix", in_document(result, told))
    if any(faults(row, reference) for row in rows):
        sys.exit(1)
