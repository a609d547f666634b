"""A row for each Python, whatever becomes of it; data files compared by digest."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.installs import matrix as module
from benchmarks.installs.demo_job import DemoRun
from benchmarks.installs.matrix import (
    Row,
    SuiteRun,
    chosen,
    details,
    faults,
    first_digests,
    notes,
    read_report,
    table,
)
from benchmarks.installs.pythons import Python
from tests.conftest import ROOT

OLD, MID, NEW = (Python(Path(f"/made/up/{version}"), version) for version in ("3.10.9", "3.12.0", "3.14.1"))
DIGESTS = {"scenes/a": "1", "signs": "2"}


def whole(python: Python, **digests: str) -> Row:
    """A row of a Python on which all went well, but for files of other digests."""
    versions = {"torch": "2.13.0", "numpy": "2.4.6", "apache-beam": "2.77.0"}
    demo = DemoRun(20.4, DIGESTS | digests, True)
    return Row(python, 9.6, 5_850_000_000, versions, demo, SuiteRun(900, 30))


def test_the_first_that_made_files_is_what_the_others_must_equal() -> None:
    assert first_digests([Row(OLD, reason="no wheel"), whole(MID), whole(NEW)]) == (DIGESTS, "Python 3.12.0")
    assert first_digests([Row(OLD, reason="no wheel")]) == ({}, "")


def test_table_by_hand() -> None:
    lines = table([whole(OLD), whole(NEW)], DIGESTS).markdown().splitlines()
    assert lines == [
        "| Python | install, s | size, GB | demo, s | data files | tests passed | skipped | failed | torch | numpy "
        "| Beam |",
        "|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|",
        "| 3.10.9 | 10 | 5.85 | 20 | equal | 900 | 30 | 0 | 2.13.0 | 2.4.6 | 2.77.0 |",
        "| 3.14.1 | 10 | 5.85 | 20 | equal | 900 | 30 | 0 | 2.13.0 | 2.4.6 | 2.77.0 |",
    ]


def test_what_is_wrong_stands_in_its_row() -> None:
    broken = Row(OLD, reason="uv: no wheel | for it")
    other = whole(MID, signs="3")
    untested = Row(
        NEW, 1.0, 10**9, {}, DemoRun(1.0, DIGESTS, True), SuiteRun(1, 0, {"tests.test_api.test_it": "a", "b": ""})
    )
    lines = table([broken, other, untested], DIGESTS).markdown().splitlines()
    assert lines[0].endswith("| Beam | what is wrong |")
    assert lines[2] == "| 3.10.9 |  |  |  |  |  |  |  |  |  |  | uv: no wheel \\| for it |"
    assert "| differ |" in lines[3]
    assert lines[3].endswith("| data files differ: 1, first signs |")
    assert lines[4].endswith("|  |  |  | tests failed: 2, first tests.test\\_api.test\\_it |")
    assert [bool(faults(row, DIGESTS)) for row in (broken, other, untested, whole(NEW))] == [True, True, True, False]


def test_what_was_not_run_is_said() -> None:
    connected = Row(NEW, demo=DemoRun(1.0, DIGESTS, False))
    said = notes([whole(OLD), connected], ["3.11", "3.13"], "Python 3.10.9")
    assert "Not found here: Python 3.11, 3.13." in said
    assert "could not be taken" in said
    assert "The suite was not run." not in said
    assert "The suite was not run." in notes([connected], [], "Python 3.14.1")
    assert "byte for byte" in said
    assert "byte for byte" not in notes([Row(OLD, reason="no wheel")], [], "")


def test_ends_and_versions_are_picked_in_order() -> None:
    here = [OLD, MID, NEW]
    assert chosen(here, "") == here
    assert chosen(here, "newest,oldest") == [OLD, NEW]
    assert chosen(here, "3.12") == [MID]
    assert chosen([MID], "oldest,newest") == [MID]
    with pytest.raises(ValueError, match=r"'3\.11' names none .* 3\.10, 3\.12, 3\.14"):
        chosen(here, "oldest,3.11")


def test_a_report_of_a_real_run_is_counted(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.fixture\ndef broken():\n    yield\n    raise OSError\n"
        "def test_a(): pass\n"
        "def test_b(): pass\n"
        "def test_c(): pytest.skip('no')\n"
        "def test_d(): raise ValueError('one\\ntwo')\n"
        "def test_e(broken): assert False\n",
        encoding="utf-8",
    )
    report = tmp_path / "report.xml"
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", f"--junitxml={report}", "test_it.py")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run([sys.executable, *words], cwd=tmp_path, env=ours, capture_output=True, timeout=120)
    run = read_report(report)
    assert (run.passed, run.skipped, list(run.failures)) == (2, 1, ["test_it.test_d", "test_it.test_e"])
    assert details(Row(OLD, tests=run, said="1\n2"))[:3] == ["1", "2", "failed: test_it.test_d: ValueError: one"]


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command builds no package, and finds two Pythons of which none can be started."""
    monkeypatch.setattr(module, "distributions", lambda folder: (tmp_path / "a.whl", tmp_path / "a.tar.gz"))
    monkeypatch.setattr(module, "found", lambda: [OLD, NEW])


@pytest.mark.usefixtures("no_wheel")
def test_a_python_that_fails_is_a_row_and_the_others_are_tried() -> None:
    done = CliRunner().invoke(module.matrix, ["--no-suite"])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    for python in (OLD, NEW):
        (row,) = (line for line in done.stdout.splitlines() if f"│ {python.version} " in line)
        assert "uv" in row
    assert "Not found here: Python 3.11, 3.12, 3.13." in " ".join(done.stdout.split())


@pytest.mark.usefixtures("no_wheel")
def test_what_can_be_seen_at_once_is_said_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "try_python", lambda *_: pytest.fail("was tried"))
    for words, said in (
        (("--only", "3.9"), "'3.9' names none"),
        (("--all",), "not found here: Python 3.11, 3.12, 3.13"),
        (("--python", str(tmp_path / "none")), "no final CPython starts there"),
    ):
        done = CliRunner().invoke(module.matrix, words)
        assert done.exit_code in (1, 2)
        assert said in " ".join(done.output.split())


@pytest.mark.usefixtures("no_wheel")
def test_no_other_python_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "found", lambda: [Python(Path(sys.executable), sys.version.split()[0])])
    done = CliRunner().invoke(module.matrix, ["--others", "--only", "oldest,newest"])
    assert done.exit_code == 0
    assert "no other promised Python is here" in done.stderr


@pytest.mark.usefixtures("no_wheel")
def test_other_data_files_than_asked_for_are_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = {OLD: whole(OLD), NEW: whole(NEW, signs="3")}
    monkeypatch.setattr(module, "try_python", lambda python, *_: rows[python])
    assert CliRunner().invoke(module.matrix, ["--only", "oldest"]).exit_code == 0
    assert CliRunner().invoke(module.matrix, []).exit_code == 1
    (tmp_path / "signs").write_text("others", encoding="utf-8")
    done = CliRunner().invoke(module.matrix, ["--only", "oldest", "--equal-to", str(tmp_path)])
    assert done.exit_code == 1
    assert "data files differ" in done.stdout


def test_a_full_disk_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "fresh", full)
    assert "No space left" in module.try_python(OLD, tmp_path, False).reason


def test_no_command_shows_the_help() -> None:
    """`make bench` runs every benchmark without words."""
    program = runpy.run_path(str(ROOT / "benchmarks" / "installs.py"))["program"]
    done = CliRunner().invoke(program)
    assert done.exit_code == 0, done.output
    assert set(re.findall(r"^  (matrix|package|weight) ", done.stdout, re.M)) == {"matrix", "package", "weight"}
