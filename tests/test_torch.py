"""`scenesign.torch`: a name beside PyTorch's, which hides it from nobody."""

from __future__ import annotations

import ast
import doctest
import inspect
from pathlib import Path

import pytest
import torch

import scenesign
import scenesign.torch
from scenesign.pipeline.train import continuation, model, record, train_dataset, trainer
from scenesign.transforms.dataset import scene_batches
from tests.conftest import ROOT
from tests.runs import printed_by

NAMES = [getattr(scenesign.torch, name) for name in scenesign.torch.__all__]


def test_it_gives_the_loader_and_models_and_no_more() -> None:
    for name in scenesign.torch.__all__:
        there = {"train": "train_dataset"}.get(name, name)
        homes = [
            home
            for home in (scene_batches, model, continuation, record, trainer, train_dataset)
            if hasattr(home, there)
        ]
        assert all(getattr(home, there) is getattr(scenesign.torch, name) for home in homes)
        assert homes, name
    public = {name for name in dir(scenesign.torch) if not name.startswith("_")}
    assert public - {"TYPE_CHECKING", "annotations", "import_module"} == set(scenesign.torch.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = scenesign.torch.nonsense


def test_who_only_wants_the_loader_does_not_wait_for_transformers(tmp_path: Path) -> None:
    code = """
import sys
from scenesign.torch import Scenes
print("transformers" in sys.modules)
from scenesign.torch import ConceptModel
print("transformers" in sys.modules, ConceptModel.__name__)
"""
    assert printed_by("-c", code, folder=tmp_path) == "False\nTrue ConceptModel\n"


def test_pytorch_is_pytorch_inside_the_package() -> None:
    """And nothing in it asks for `torch` from the package by mistake."""
    assert scene_batches.torch is torch
    assert torch.Tensor is not None
    for path in sorted({path.resolve() for path in (ROOT / "scenesign").rglob("*.py")}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "scenesign" and path.name != "__init__.py":
                assert "torch" not in {alias.name for alias in node.names}, path


def test_it_is_reached_from_the_package_and_imported_only_then(tmp_path: Path) -> None:
    code = """
import sys, scenesign
assert "torch" not in sys.modules and "scenesign.torch" not in sys.modules
from scenesign import *
assert "torch" not in globals()
print(scenesign.torch.Scenes.__name__)
import torch
print(torch.__name__, torch.Tensor.__name__)
"""
    assert printed_by("-c", code, folder=tmp_path) == "Scenes\ntorch Tensor\n"


@pytest.mark.parametrize("path", ["scenesign", "scenesign/__main__.py"])
def test_the_command_finds_pytorch_when_it_is_run_by_its_path(path: str, tmp_path: Path) -> None:
    """Python then looks in the package's folder first."""
    code = f"""
import runpy, sys
from scenesign.pipeline import cli
assert "torch" not in sys.modules
cli.entry = lambda: None
sys.path.insert(0, {str(ROOT / "scenesign")!r})
runpy.run_path({str(ROOT / path)!r}, run_name="__main__")
import torch
print(torch.__name__, torch.Tensor.__name__)
"""
    assert printed_by("-c", code, folder=tmp_path) == "torch Tensor\n"


@pytest.mark.parametrize("thing", NAMES, ids=lambda thing: thing.__name__)
def test_everything_public_says_what_it_is(thing: type) -> None:
    for name, member in [(thing.__name__, thing), *vars(thing).items()]:
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            assert (inspect.getdoc(member) or "").strip(), f"{thing.__name__}.{name} has no docstring"


def test_examples_in_docstrings_run(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "demo").symlink_to(demo)
    monkeypatch.chdir(tmp_path)
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    said: list[str] = []
    for thing in NAMES:
        for test in finder.find(thing, thing.__name__, globs={}):
            runner.run(test, out=said.append)
    assert runner.tries > 10
    assert not said, "".join(said)
