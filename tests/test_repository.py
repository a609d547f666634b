"""What the files at the top promise is the same in all of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tests.conftest import ROOT

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("python", ["3.10.13", "3.11.7", "3.12.1", "3.13.0"])
def test_one_pin_for_each_package_on_every_python(python: str) -> None:
    """`make lock` renews them."""
    here = {"python_version": python.rpartition(".")[0], "python_full_version": python}
    pins: dict[str, str] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate(here):
            assert pin.name not in pins, f"{pin.name} is pinned twice for Python {python}"
            pins[pin.name] = str(pin.specifier).removeprefix("==")
    extras = metadata("scenesign").get_all("Provides-Extra") or []
    for line in metadata("scenesign").get_all("Requires-Dist") or []:
        wanted = Requirement(line)
        if wanted.name == "scenesign" or not any(
            wanted.marker is None or wanted.marker.evaluate(here | {"extra": extra}) for extra in ("", *extras)
        ):
            continue
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert wanted.specifier.contains(pins.get(name, "0")), f"{wanted}: pinned is {pins.get(name, 'nothing')}"


def test_one_list_of_pythons() -> None:
    low, high = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', PROJECT).groups()  # type: ignore[union-attr]
    promised = [f"3.{minor}" for minor in range(int(low), int(high))]
    assert re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT) == promised
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == promised
    (compared,) = (step["with"] for step in jobs["matrix"]["steps"] if "setup-python" in step.get("uses", ""))
    assert compared["python-version"].split() == promised
    assert f"(3, {low}) <= sys.version_info < (3, {high})" in (ROOT / "Makefile").read_text()
    for document in ("README.md", "CONTRIBUTING.md", "docs/index.md"):
        said = re.findall(r"Python (3\.\d+) to (3\.\d+)", (ROOT / document).read_text(encoding="utf-8"))
        assert said == [(promised[0], promised[-1])], document


def test_the_forge_and_the_hooks_run_what_everybody_runs() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    steps = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    asked = [step.split()[1] for step in steps if step.startswith("make ")]
    assert {"lint", "test", "test-all", "docs"} <= set(asked) <= set(targets)
    # hooks of other repositories would have versions of their own, and a host to fetch them from
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    assert {hook["language"] for repository in hooks for hook in repository["hooks"]} == {"system"}


def test_the_list_of_changes_begins_with_this_version() -> None:
    version = re.search(r'^version = "(.*)"$', PROJECT, re.M)
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert version
    assert first
    assert first[1] == version[1]


@pytest.mark.parametrize(
    ("named", "built", "taken"),
    [("", "/go/bin/prism", "/go/bin/prism"), ("", "", "none"), ("/mine/prism", "/go/bin/prism", "/mine/prism")],
)
def test_the_forge_goes_on_without_the_second_engine(named: str, built: str, taken: str, tmp_path: Path) -> None:
    """A Prism that somebody named stays the one that is tested, even if it is missing."""
    folder = tmp_path / "clone" / ".ci"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", folder)
    make = f"""#!/bin/sh
if [ "$*" = "-s prism" ]; then
    echo "{built}"; test -n "{built}"; exit
fi
echo "$*: ${{SCENESIGN_PRISM:-none}}"
"""
    for name, program in {"make": make, "chromium": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(program)
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SCENESIGN_PRISM": named}
    done = subprocess.run([folder / "run"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    steps = dict(line.split(": ") for line in done.stdout.splitlines())
    (matrix,) = (step for step in steps if step.startswith("matrix "))
    assert steps == dict.fromkeys(("lint", "demo", matrix, "package", "docs", "test-all"), taken)
    assert ("tests of the second engine are skipped" in done.stderr) == (taken == "none")
