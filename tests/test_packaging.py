"""One name is installed: all of the code is imported under it, and all of it is in the wheel."""

from __future__ import annotations

import ast
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# What a registry and a slow line take without a thought; the script that ships is most of it.
MOST_BYTES = 10 * 10**6
ROOMS = ("pipeline", "schemas", "transforms")
CODE = ("scenesign", *ROOMS, "benchmarks", "dataflow", "docs", "examples", "tests")
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def imported(path: Path) -> Iterator[str]:
    """Names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: an import by dots"
            yield str(node.module)


def test_rooms_are_imported_by_their_full_name() -> None:
    files = {path.resolve() for folder in CODE for path in (ROOT / folder).rglob("*.py")}
    assert len(files) > 200
    bare = {str(path): name for path in files for name in imported(path) if name.split(".")[0] in ROOMS}
    assert bare == {}


def test_rooms_import_one_way() -> None:
    above = {"schemas": ("pipeline", "transforms"), "transforms": ("pipeline",)}
    for room, forbidden in above.items():
        for path in (ROOT / room).rglob("*.py"):
            names = [name for name in imported(path) if name.startswith("scenesign.")]
            assert not [name for name in names if name.split(".")[1] in forbidden], path


def test_every_package_is_listed() -> None:
    found = {
        ".".join(("scenesign", *path.parent.relative_to(ROOT).parts))
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(SETUPTOOLS["packages"]) == found | {"scenesign"}
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
    for room in ROOMS:
        assert (ROOT / "scenesign" / room).resolve() == ROOT / room
        assert SETUPTOOLS["package-dir"][f"scenesign.{room}"] == room


@pytest.mark.slow
def test_the_wheel_holds_one_package_with_all_that_belongs_to_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == {"scenesign"}
    ours = {f"scenesign/{path.relative_to(ROOT).as_posix()}" for room in ROOMS for path in (ROOT / room).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    ours |= {f"scenesign/{path.name}" for path in (ROOT / "scenesign").iterdir() if path.is_file()}
    assert names == ours
    assert wheel.stat().st_size < MOST_BYTES
