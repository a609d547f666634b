"""What the files at the top promise is the same in all of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.installs.pythons import promised
from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LOCK = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PYTHONS = promised(PROJECT)


def pinned(lock: str, where: dict[str, str]) -> dict[str, str]:
    """Versions by package that a lock gives to one kind of machine, whose markers these are."""
    pins: dict[str, str] = {}
    for line in lock.splitlines():
        if line.startswith("#"):
            continue
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate(where):
            assert pin.name not in pins, f"{pin.name} is pinned twice for {where}"
            pins[pin.name] = str(pin.specifier).removeprefix("==")
    return pins


def requirements(project: str) -> list[str]:
    """What a project asks for, in any of its extras too."""
    table = tomllib.loads(project)["project"]
    return [*table["dependencies"], *(line for extra in table["optional-dependencies"].values() for line in extra)]


def unmet(project: str, lock: str, where: dict[str, str]) -> list[str]:
    """What a project wants for one kind of machine, in any of its extras, and a lock doesn't give."""
    pins = pinned(lock, where)
    wanted = [one for one in map(Requirement, requirements(project)) if one.name != "scenesign"]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate(where)]
    found = [(one, pins.get(canonicalize_name(one.name))) for one in wanted]
    return [
        f"{one}: pinned is {pin or 'nothing'}; run `make lock`"
        for one, pin in found
        if pin is None or not one.specifier.contains(pin)
    ]


MACHINES = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)


@pytest.mark.parametrize("python", PYTHONS)
def test_one_pin_for_each_package_on_every_python_and_platform(python: str) -> None:
    """`make lock` renews them."""
    for machine in MACHINES:
        where = machine | {"python_version": python, "python_full_version": f"{python}.0"}
        assert unmet(PROJECT, LOCK, where) == []


def test_the_lock_is_of_the_pythons_that_are_promised() -> None:
    wanted = tomllib.loads(PROJECT)["project"]["requires-python"]
    assert re.findall(r"^# +make lock, for Python (\S+)$", LOCK, re.M) == [wanted]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    "ftfy>=6.3",', '    "ftfy>=6.3",\n    "a-package-of-nobody",'),
        ('    "ftfy>=6.3",', '    "ftfy>=99",'),
        ('    "chardet>=7.7,<8",', '    "chardet>=7.7,<7.7",'),
        ("bench = [", 'more = [\n    "a-package-of-nobody>=1",\n]\nbench = ['),
    ],
)
def test_a_lock_that_is_out_of_date_is_told(old: str, new: str) -> None:
    where = MACHINES[0] | {"python_version": PYTHONS[0], "python_full_version": f"{PYTHONS[0]}.0"}
    assert PROJECT.count(old) == 1
    assert len(unmet(PROJECT.replace(old, new), LOCK, where)) == 1


def test_two_pins_for_one_machine_are_told() -> None:
    with pytest.raises(AssertionError, match="ftfy is pinned twice"):
        pinned(LOCK + "ftfy==1.0 ; python_full_version < '3.12'\n", {"python_full_version": "3.11.0"})


def test_a_bound_that_is_not_obvious_has_its_reason() -> None:
    """Everything with an upper bound or one exact version."""
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    rows = page.split("## Bounds that are not obvious")[1].split("\n## ")[0]
    bound = {
        line
        for line in requirements(PROJECT)
        if any(one.operator in ("<", "<=", "==", "~=") for one in Requirement(line).specifier)
    }
    assert set(re.findall(r"`([a-z][\w-]*[<>=][^`]*)`", rows)) == bound


def test_one_list_of_pythons() -> None:
    low, high = (int(python.removeprefix("3.")) for python in (PYTHONS[0], PYTHONS[-1]))
    assert re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT) == PYTHONS
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == PYTHONS
    (compared,) = (step["with"] for step in jobs["matrix"]["steps"] if "setup-python" in step.get("uses", ""))
    assert compared["python-version"].split() == PYTHONS
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = f"(3, {low}) <= sys.version_info < (3, {high + 1}) or sys.exit('scenesign needs Python 3.{low}-3.{high};"
    assert asked in makefile
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}." in (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    for document in ("README.md", "CONTRIBUTING.md", "docs/index.md"):
        said = re.findall(r"Python (3\.\d+) to (3\.\d+)", (ROOT / document).read_text(encoding="utf-8"))
        assert said == [(PYTHONS[0], PYTHONS[-1])], document


def test_the_forge_and_the_hooks_run_what_everybody_runs() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    steps = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    asked = [step.split()[1] for step in steps if step.startswith("make ")]
    assert {"lint", "test", "test-all", "docs", "matrix", "package"} <= set(asked) <= set(targets)
    # hooks of other repositories would have versions of their own, and a host to fetch them from
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
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
        (tmp_path / name).write_text(program, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SCENESIGN_PRISM": named}
    done = subprocess.run(
        [folder / "run"], env=environment, capture_output=True, text=True, timeout=60, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    steps = dict(line.split(": ") for line in done.stdout.splitlines())
    (matrix,) = (step for step in steps if step.startswith("matrix "))
    assert steps == dict.fromkeys(("lint", "demo", matrix, "package", "docs", "test-all"), taken)
    assert ("tests of the second engine are skipped" in done.stderr) == (taken == "none")
