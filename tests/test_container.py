"""The image of the workers: it can't be built without a network, but what it is built from can be checked."""

from __future__ import annotations

import ast
import fnmatch
import importlib
import re
import shlex

from scenesign.transforms.embedders.registry import BUNDLED
from scenesign.transforms.support.extras import MODULES
from tests.conftest import ROOT
from tests.container import arguments, copied, instructions, stages


def test_the_image_takes_only_what_is_there_and_not_ignored() -> None:
    taken = [name for stage in stages() for name in copied(stage)]
    package = {"scenesign/__init__.py", "scenesign/__main__.py", "scenesign/torch.py", "scenesign/py.typed"}
    assert {"constraints.txt", "pyproject.toml", "LICENSE", "pipeline", "transforms", "schemas", *package} <= set(taken)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in taken:
        assert (ROOT / name).exists(), name
        assert not [rule for rule in ignored if fnmatch.fnmatch(name, rule) or name.startswith(rule + "/")], name


def test_what_the_image_is_tried_with_is_there() -> None:
    """Each `python -c` of the build imports modules and names of this version."""
    programs = [shlex.split(rest)[2] for word, rest in instructions() if word == "RUN" and rest.startswith("python -c")]
    assert programs
    for program in programs:
        for node in ast.walk(ast.parse(program)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_no_address_is_built_in() -> None:
    assert "://" not in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for word, rest in instructions():
        if word == "FROM":
            host, slash, _ = rest.split()[0].partition("/")
            assert not slash or not re.search(r"[.:]", host), rest
    given = {name: default for name, default in arguments().items() if name not in ("BEAM", "PYTHON")}
    assert given == {"LAUNCHER_IMAGE": "scratch", "PIP_INDEX_URL": "", "TORCH_INDEX": ""}


def test_the_image_has_the_beam_and_python_of_this_project() -> None:
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = dict(line.split("==") for line in lock.split() if "==" in line)
    assert arguments()["BEAM"] == pins["apache-beam"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    low, high = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project).groups()  # type: ignore[union-attr]
    python = arguments()["PYTHON"]
    assert int(low) <= int(python.split(".")[1]) < int(high)
    assert f"python3{python.split('.')[1]}-template-launcher" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_has_the_extras_that_its_work_takes() -> None:
    """Workers read and write both stores and every form, and are tried with every bundled embedder."""
    (extras,) = re.findall(r"scenesign-\*\.whl\)\[([a-z,]+)\]", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert {"aws", "gcp", "office", *(BUNDLED.keys() & MODULES.keys())} == set(extras.split(","))
