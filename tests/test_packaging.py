"""One name is installed: all of the code is imported under it, and all of it is in the wheel."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scenesign.pipeline.languages.parallel import read_parallel
from scenesign.transforms.support.extras import MODULES
from tests.conftest import ROOT
from tests.container import copied
from tests.installed import distributions_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# What a registry and a slow line take without a thought; the script that ships is most of it.
MOST_BYTES = 10 * 10**6
ROOMS = ("pipeline", "schemas", "transforms")
# Folders of data that are installed too: the example library and its alignment.
EXAMPLES = ("examples/alignment", "examples/library")
# In the source archive beside the packages, and what must never be: what lies about in a checkout, and the tests.
IN_ARCHIVE = ("CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "constraints.txt", "protocol.md", "pyproject.toml",
              "examples/library/zh/the-bell-of-saltmarsh.txt", "examples/alignment/library.toml")  # fmt: skip
LYING_ABOUT = (".venv/lib/numpy.py", "out/demo/manifest.json", "site/index.html", "dist/old.whl", "build/lib/a.py",
               "tests/test_api.py", "tests/schemas/dataset.zip", "examples/__pycache__/a.pyc")  # fmt: skip
CODE = ("scenesign", *ROOMS, "benchmarks", "dataflow", "docs", "examples", "tests")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
# What our extra `aws` brings, which is Beam's.
BROUGHT_BY_BEAM = ("boto3", "botocore")


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
    examples = {f"scenesign.{name.replace('/', '.')}": name for name in EXAMPLES}
    assert set(SETUPTOOLS["packages"]) == found | set(examples) | {"scenesign"}
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
    assert {name: SETUPTOOLS["package-dir"][name] for name in examples} == examples
    for room in (*ROOMS, "examples"):
        assert (ROOT / "scenesign" / room).resolve() == ROOT / room
    for room in ROOMS:
        assert SETUPTOOLS["package-dir"][f"scenesign.{room}"] == room


def packages_of(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def test_all_that_is_imported_is_asked_for() -> None:
    """A package that only another one brings goes when that other one changes its mind."""
    project = PYPROJECT["project"]
    asked = packages_of(project["dependencies"])
    for extra in MODULES:
        asked |= packages_of(project["optional-dependencies"][extra])
    known = distributions_of()
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")] + list((ROOT / "scenesign").glob("*.py"))
    ours = {"scenesign", "_typeshed", "tomli", "tomllib", *BROUGHT_BY_BEAM, *sys.stdlib_module_names}
    hidden = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported(path)
        if (top := name.split(".")[0]) not in ours
        if not asked & known.get(top, set())
    }
    assert hidden == set()


def test_an_extra_is_told_by_modules_that_it_brings() -> None:
    known = distributions_of()
    extras = PYPROJECT["project"]["optional-dependencies"]
    for extra, modules in MODULES.items():
        brings = packages_of(extras[extra])
        for module in modules:
            found = known.get(module.split(".")[0], set())
            # Beam's extras of the same names bring those of the stores
            assert extra in ("aws", "gcp") or not found or found & brings, module
    for extra in ("aws", "gcp"):
        assert extras[extra] == [f"apache-beam[{extra}]"]


@pytest.mark.slow
def test_the_wheel_holds_one_package_with_all_that_belongs_to_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == {"scenesign"}
    folders = (*ROOMS, *EXAMPLES)
    ours = {f"scenesign/{path.relative_to(ROOT).as_posix()}" for name in folders for path in (ROOT / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    ours |= {f"scenesign/{path.name}" for path in (ROOT / "scenesign").iterdir() if path.is_file()}
    assert names == ours
    assert wheel.stat().st_size < MOST_BYTES


@pytest.mark.slow
def test_an_installed_package_has_the_example_library(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "from scenesign.transforms.support.examples import *; print(example_library(), example_alignment())"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
                           capture_output=True, text=True, encoding="utf-8")  # fmt: skip
    assert found.returncode == 0, found.stderr
    library, alignment = map(Path, found.stdout.split())
    assert library.is_relative_to(tmp_path)
    assert alignment.is_relative_to(tmp_path)
    assert sum(1 for _ in library.glob("*/*.txt")) == 12
    (corpus,) = read_parallel(alignment)
    assert (corpus.name, corpus.languages) == ("scenesign example library", ("en", "ru", "zh"))


def members(wheel: Path) -> dict[str, bytes]:
    """Files of a wheel by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def source_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from a checkout in which much lies about."""
    checkout = tmp_path_factory.mktemp("checkout")
    packages = [name for name in copied("wheel") if name not in EXAMPLES]
    for name in (*packages, "MANIFEST.in", "CHANGELOG.md", "constraints.txt", "protocol.md", "examples"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    for name in LYING_ABOUT:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_bytes(b"")
    asked = "from setuptools.build_meta import build_sdist; build_sdist('made')"
    made = subprocess.run([sys.executable, "-c", asked], cwd=checkout, capture_output=True, text=True, encoding="utf-8")
    assert made.returncode == 0, made.stderr
    (found,) = (checkout / "made").glob("scenesign-*.tar.gz")
    return found


@pytest.mark.slow
def test_the_source_archive_holds_the_packages_and_nothing_that_lies_about(source_archive: Path) -> None:
    with tarfile.open(source_archive) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
        assert all(member.isfile() or member.isdir() for member in archive)
    assert set(IN_ARCHIVE) <= names
    assert names.isdisjoint(LYING_ABOUT)
    ours = {"scenesign", "scenesign.egg-info", "examples", *ROOMS}
    assert {name.split("/")[0] for name in names if "/" in name} == ours
    assert source_archive.stat().st_size < MOST_BYTES


@pytest.mark.slow
def test_the_source_archive_makes_the_same_wheel(source_archive: Path, wheel: Path, tmp_path: Path) -> None:
    asked = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(source_archive))
    made = subprocess.run([sys.executable, *asked], capture_output=True, text=True, encoding="utf-8")
    assert made.returncode == 0, made.stderr
    (found,) = tmp_path.glob("scenesign-*.whl")
    assert found.name == wheel.name
    assert members(found) == members(wheel)
