"""The image of the workers: it can't be built without a network, but what it is built from can be checked."""

from __future__ import annotations

import ast
import fnmatch
import importlib
import json
import re
import shlex

import pytest

from scenesign.pipeline.commands.build import build
from scenesign.pipeline.run.flex_template import build_arguments
from tests.conftest import ROOT
from tests.container import arguments, copied, instructions, stages


def test_the_image_takes_only_what_is_there_and_not_ignored() -> None:
    taken = [name for stage in stages() for name in copied(stage)]
    assert {"constraints.txt", "pyproject.toml", "pipeline", "transforms", "schemas"} <= set(taken)
    ignored = (ROOT / ".dockerignore").read_text().split()
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


def test_the_image_has_the_beam_and_python_of_this_project() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if "==" in line)
    assert arguments()["BEAM"] == pins["apache-beam"]
    project = (ROOT / "pyproject.toml").read_text()
    low, high = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project).groups()  # type: ignore[union-attr]
    python = arguments()["PYTHON"]
    assert int(low) <= int(python.split(".")[1]) < int(high)
    assert f"python3{python.split('.')[1]}-template-launcher" in (ROOT / "Dockerfile").read_text()


def template_parameters() -> list[dict[str, object]]:
    return json.loads((ROOT / "dataflow" / "metadata.json").read_text())["parameters"]  # type: ignore[no-any-return]


def test_every_parameter_of_the_flex_template_is_an_option_of_build() -> None:
    known = {name for parameter in build.params for name in parameter.opts}
    for parameter in template_parameters():
        if parameter["name"] != "inputs":
            assert f"--{parameter['name']}" in known
    given = [f"--{p['name']}=true" for p in template_parameters()]
    words = build_arguments([*given, "--runner=DataflowRunner"])
    assert words[:2] == ["build", "true"]
    assert words[words.index("--") :] == ["--", "--runner=DataflowRunner"], "a parameter of ours went to Beam"


def test_parameters_become_the_words_of_a_build() -> None:
    given = ["--inputs=gs://b/a,gs://b/c", "--output=gs://b/out", "--overwrite=false", "--language=", "--signs=512"]
    words = build_arguments([*given, "--min_sentences=3", "--project=p", "--save_main_session"])
    assert words == [
        *("build", "gs://b/a", "gs://b/c", "--output", "gs://b/out", "--signs", "512", "--min-sentences", "3"),
        *("--", "--project=p", "--save_main_session"),
    ]
    assert "--overwrite" in build_arguments(["--inputs=x", "--overwrite=true"])


@pytest.mark.parametrize(
    ("given", "said"), [(["gs://b"], "not a parameter of the form"), (["--output=x"], "inputs is missing")]
)
def test_wrong_parameters_are_named(given: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        build_arguments(given)


def test_the_forms_patterns_take_what_they_should() -> None:
    patterns = {p["name"]: p["regexes"][0] for p in template_parameters() if "regexes" in p}  # type: ignore[index]
    good = {"inputs": "gs://b/books,s3://c/*.txt", "output": "gs://b/out", "parts": "", "signs": "auto", "seed": "7"}
    bad = {"inputs": "books/", "output": "gs://b", "signs": "many", "levels": "9", "concepts": "float64", "seed": "-1"}
    assert all(re.search(patterns[name], value) for name, value in good.items())
    assert not [name for name, value in bad.items() if re.search(patterns[name], value)]
