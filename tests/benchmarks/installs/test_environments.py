"""Environments: what they weigh, what runs in them, and what is said when that fails."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from benchmarks.installs import environments
from benchmarks.installs.environments import Environment, FailedError, clean, run, uv
from benchmarks.installs.pythons import Python


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """One whose programs are this Python's."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "python"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return Environment(tmp_path, Python(Path(sys.executable), sys.version.split()[0]))


def test_a_file_counts_once_whatever_its_names(environment: Environment, tmp_path: Path) -> None:
    before = environment.size()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a").write_bytes(b"1" * 1000)
    os.link(tmp_path / "lib" / "a", tmp_path / "lib" / "b")
    (tmp_path / "lib64").symlink_to(tmp_path / "lib")  # not gone into
    (tmp_path / "lib" / "c").write_bytes(b"1" * 10)
    assert environment.size() - before == 1010


def test_a_program_sees_a_user_s_environment(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/of/a/developer")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code = "import os; print(os.getcwd(), *(os.environ.get(n) for n in ('PYTHONPATH', 'HF_HUB_OFFLINE', 'MINE')))"
    said = environment.run("python", "-c", code, folder=tmp_path / "bin", MINE="yes")
    assert said.split() == [str(tmp_path / "bin"), "None", "None", "yes"]
    code = "import os; print(os.environ['PATH'].split(os.pathsep)[0])"
    assert environment.run("python", "-c", code, folder=tmp_path).strip() == str(tmp_path / "bin")


def test_a_failed_program_gives_its_last_line(environment: Environment, tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"^python: no such luck$") as caught:
        environment.run("python", "-c", "print('much before'); raise SystemExit('no such luck')", folder=tmp_path)
    assert "much before" in caught.value.said
    with pytest.raises(FailedError, match="exit status 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], clean())
    with pytest.raises(FailedError, match=r"^python: �$"):
        environment.run("python", "-c", "import os; os.write(2, b'\\xff'); os._exit(1)", folder=tmp_path)


def test_versions_are_told_in_the_order_of_names(environment: Environment) -> None:
    from importlib.metadata import version

    assert environment.versions("numpy", "click") == {"numpy": version("numpy"), "click": version("click")}


def test_an_error_of_uv_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "uv"
    program.write_text(
        "#!/bin/sh\nprintf '  x No solution found:\\n    because a\\n    wants b\\n' >&2; exit 1\n", encoding="utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setattr(environments, "uv", lambda: program)
    with pytest.raises(FailedError, match=r"^uv: x No solution found: because a wants b$"):
        environments.run_uv("pip", "install", "x")


def test_a_missing_uv_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FailedError, match="there is no uv"):
        uv()
