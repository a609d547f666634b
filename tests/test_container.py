"""The images of the workers, as their Dockerfile tells of them; `make image` builds and runs them."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

from scenesign.pipeline.run.kernels import PINNED
from scenesign.transforms.embedders.registry import BUNDLED
from scenesign.transforms.support.extras import MODULES
from tests.conftest import ROOT
from tests.container import arguments, copied, environment, instructions, lineage, setting, stages

BOTH = ("worker", "dataflow")


def listing() -> str:
    """The step that lists what the package asks for."""
    (step,) = [rest for word, rest in instructions() if word == "RUN" and "optional-dependencies" in rest]
    return step


def extras() -> list[str]:
    """Extras of the package that the image has."""
    (names,) = re.findall(r"'([a-z ]+)'\.split", listing())
    return names.split()


def test_a_builder_is_sent_what_the_image_takes_and_no_more() -> None:
    taken = [name for stage in stages() for name in copied(stage)]
    package = {"scenesign/__init__.py", "scenesign/__main__.py", "scenesign/torch.py", "scenesign/py.typed"}
    assert {"constraints.txt", "pyproject.toml", "LICENSE", "pipeline", "transforms", "schemas", *package} <= set(taken)
    first, *rules = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] != "#"]
    assert first == "*", "a builder is sent what a folder happens to hold"
    assert {rule[1:] for rule in rules if rule[0] == "!"} == {name.partition("/")[0] for name in taken}
    assert [rule for rule in rules if rule[0] != "!"] == ["**/__pycache__"]
    assert [name for name in taken if not (ROOT / name).exists()] == []


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
    assert {"aws", "gcp", "office", *(BUNDLED.keys() & MODULES.keys())} == set(extras())


def test_the_image_installs_what_the_package_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the Dockerfile lists it, since it is installed before the package is there."""
    project = """[project]
dependencies = ["one>=1", "two; python_version < '4'"]
[project.optional-dependencies]
aws = ["three[more]"]
gcp = []
minilm = ["four==4"]
office = ["five", "six"]
docs = ["seven"]
"""
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = shlex.split(listing())[2].replace("/requirements.txt", "requirements.txt")
    exec(code if sys.version_info >= (3, 11) else code.replace("tomllib", "tomli"), {})
    listed = (tmp_path / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert listed == ["one>=1", "two; python_version < '4'", "three[more]", "four==4", "five", "six"]


def test_no_extra_of_the_image_names_the_package() -> None:
    """It would be fetched, and is not what is built here."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in extras():
        (asked,) = re.findall(rf"^{extra} = (\[.*?\])$", project, re.M | re.S)
        assert "scenesign" not in asked, extra


@pytest.mark.parametrize("stage", BOTH)
def test_boot_makes_no_environment_where_it_may_not_write(stage: str) -> None:
    """It makes one below /opt/apache, root's, unless the variable is set to anything."""
    assert environment(stage)["RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT"]


@pytest.mark.parametrize("stage", BOTH)
def test_fits_in_the_image_have_the_bits_of_those_elsewhere(stage: str) -> None:
    assert PINNED.items() <= environment(stage).items()


@pytest.mark.parametrize("stage", BOTH)
def test_the_image_starts_as_engines_expect(stage: str) -> None:
    assert setting(stage, "ENTRYPOINT") == '["/opt/apache/beam/boot"]'
    assert not setting(stage, "CMD")
    # none is open in a container of one job; a pool's is for whoever starts it to open
    assert not {"EXPOSE", "HEALTHCHECK"} & {word for word, _ in lineage(stage)}


def test_any_user_can_run_the_workers() -> None:
    """boot writes the options of a job into the working folder, and staged files below /tmp; programs look for HOME."""
    user = setting("worker", "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "Kubernetes refuses a name where it must not be root's"
    assert setting("worker", "WORKDIR") == environment("worker")["HOME"] == "/tmp"
    assert environment("worker")["PYTHONSAFEPATH"], "what others put into /tmp would be imported"
    assert environment("worker")["USER"], "a user that the cluster draws has no name, and libraries ask for one"
    assert setting("dataflow", "USER") == "root"


def test_what_an_image_is_built_from_stays_the_same_when_only_our_code_changes() -> None:
    """Else each change is gigabytes to build, push and fetch."""
    made = lineage("worker")
    (wheel,) = [at for at, (word, rest) in enumerate(made) if word == "COPY" and "/wheels" in rest]
    (libraries,) = [at for at, (word, rest) in enumerate(made) if word == "RUN" and "requirements.txt" in rest]
    assert libraries < wheel
    assert not {*copied("base")} - {"constraints.txt"}
