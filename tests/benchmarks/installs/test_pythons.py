"""Which Pythons of a machine are tried: one of each promised minor version, as the interpreters tell it themselves."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from benchmarks.installs.pythons import Python, ask, candidates, found, newest_of_each, promised
from tests.conftest import ROOT


def stand_in(path: Path, says: str) -> Path:
    """A program that says a line, whatever it is asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_promise_is_read_from_the_project() -> None:
    assert promised('name = "x"\nrequires-python = ">=3.9,<3.12"\n') == ["3.9", "3.10", "3.11"]
    assert f"3.{sys.version_info.minor}" in promised((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="no requires-python"):
        promised('requires-python = ">=3.9"')


def test_one_of_each_promised_version_the_newest_patch_of_them() -> None:
    paths = [Python(Path(name), version) for name, version in
             (("a", "3.11.9"), ("b", "3.9.1"), ("c", "3.11.10"), ("d", "3.10.2"), ("e", "3.11.10"))]  # fmt: skip
    assert [str(python.path) for python in newest_of_each(paths, ["3.10", "3.11", "3.12"])] == ["d", "c"]


def test_a_made_up_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Launchers that start nothing, what is no Python, what is not promised and prereleases are no answer."""
    versions = tmp_path / "pyenv" / "versions"
    stand_in(versions / "3.10.1" / "bin" / "python3", "echo 3.10.1 /made/up/3.10.1")
    stand_in(versions / "3.10.12" / "bin" / "python3", "echo 3.10.12 /made/up folder/3.10.12")
    stand_in(versions / "3.8.1" / "bin" / "python3", "echo 3.8.1 /made/up/3.8.1")
    stand_in(versions / "3.13t" / "bin" / "python3", ":")  # one without its lock says nothing
    stand_in(tmp_path / "bin" / "python3.12", "echo no such version >&2; exit 127")
    stand_in(tmp_path / "bin" / "python3.11", "echo 3.11.2 /made/up/3.11.2").chmod(0o644)
    stand_in(tmp_path / "more" / "python3.14", "echo 3.14.0 /made/up/3.14.0")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("PATH", os.pathsep.join(["", str(tmp_path / "bin"), str(tmp_path / "more"), "/no/such/folder"]))
    assert found() == [
        Python(Path("/made/up folder/3.10.12"), "3.10.12"),
        Python(Path("/made/up/3.14.0"), "3.14.0"),
    ]


def test_a_home_that_can_t_be_looked_into_or_told_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path / "bin" / "python3.14", "echo 3.14.0 /made/up/3.14.0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", "/proc/1/root/" + "x" * 300)  # too long for a name, as one without rights
    assert [python.version for python in found()] == ["3.14.0"]
    monkeypatch.delenv("PYENV_ROOT")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda _: {}[0])  # nobody is by this number
    assert [python.version for python in found()] == ["3.14.0"]


def test_names_are_looked_for_folder_by_folder(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (first / "python3", second / "python3.11", second / "python", second / "python2"):
        stand_in(path, ":")
    asked = candidates(tmp_path, f"{second}{os.pathsep}{first}", ["3.11"])
    assert list(asked) == [second / "python", second / "python3.11", first / "python3"]


def test_an_environment_is_no_python_of_its_own() -> None:
    here = ask(Path(sys.executable))
    assert here
    assert here.version == sys.version.split()[0]
    assert Path(os.path.realpath(here.path)).is_relative_to(os.path.realpath(sys.base_prefix))
    assert here.minor == f"3.{sys.version_info.minor}"


def test_what_does_not_start_is_none(tmp_path: Path) -> None:
    assert ask(tmp_path / "missing") is None
    assert ask(tmp_path) is None
    assert ask(stand_in(tmp_path / "broken", "echo 3.11.1 /x; exit 1")) is None
    assert ask(stand_in(tmp_path / "chatty", "echo 3.11 is not installed")) is None
    assert ask(stand_in(tmp_path / "binary", r"printf '\377\n'")) is None


def test_a_build_between_two_patches_counts_as_the_first(tmp_path: Path) -> None:
    """Debian calls such a one 3.11.2+."""
    code = "import platform, sys; platform.python_version = lambda: '3.11.2+'; exec(sys.argv[1])"
    python = ask(stand_in(tmp_path / "python3", f'exec {shlex.quote(sys.executable)} -c "{code}" "$3"'))
    assert python
    assert python.age == sys.version_info[:3]
