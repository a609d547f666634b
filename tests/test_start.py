"""What each command imports: libraries that take seconds come only where they do something."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from scenesign.pipeline.run.shares import BYTES_VARIABLE
from scenesign.transforms.dataset.read import Dataset
from tests.conftest import ROOT

TORCH = frozenset({"torch", "transformers", "sentence_transformers"})
HEAVY = TORCH | {"apache_beam", "datasets", "iso639", "matplotlib", "pandas", "sklearn", "spacy"}
# Notes what is run, not what is only looked for, in each process of a command.
WATCHES = f"""
import os, sys

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in {set(HEAVY)}:
            return None
        others = [finder for finder in sys.meta_path if finder is not Watch]
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec:
            run = spec.loader.exec_module
            def noted(module):
                with open(os.environ["IMPORTED"], "a") as log:
                    log.write(f"{{'worker' if sys.argv[0] == '-c' else 'command'}} {{name}}\\n")
                run(module)
            spec.loader.exec_module = noted
        return spec

sys.meta_path.insert(0, Watch)
"""


def imported(folder: Path, *arguments: object) -> Mapping[str, set[str]]:
    """The heavy ones that a command imports, and those of its workers."""
    (folder / "watch").mkdir(exist_ok=True)
    (folder / "watch" / "sitecustomize.py").write_text(WATCHES, encoding="utf-8")
    log = folder / "imported"
    log.write_text("", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": f"{folder / 'watch'}{os.pathsep}{ROOT}", "IMPORTED": str(log)}
    if "--workers" in arguments:  # as many are wanted, however few the books
        environment[BYTES_VARIABLE] = "1"
    command = [sys.executable, "-m", "scenesign", *map(str, arguments)]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=400, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower(), done.stderr
    found = defaultdict(set)
    for line in log.read_text(encoding="utf-8").splitlines():
        process, name = line.split()
        found[process].add(name)
    return found


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("build", "--help"), ("train", "--help")])
def test_who_only_asks_waits_for_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert imported(tmp_path, *arguments) == {}


def test_reading_signs_needs_hardly_any(demo: Path, tmp_path: Path) -> None:
    assert imported(tmp_path, "signs", demo) == {}
    glyphs = next(iter(Dataset(demo))).glyphs
    assert imported(tmp_path, "decode", "-i", demo, glyphs)["command"] <= {"pandas"}  # which Arrow looks for


def test_a_dataset_is_checked_and_shown_with_what_that_takes(demo: Path, tmp_path: Path) -> None:
    assert imported(tmp_path, "validate", demo)["command"] <= {"pandas"}  # which Arrow looks for
    page = imported(tmp_path, "report", demo, "-o", tmp_path / "page.html")
    assert page["command"] <= {"pandas", "sklearn"}


def test_a_line_is_encoded_and_searched_without_torch_and_beam(demo: Path, tmp_path: Path) -> None:
    text = tmp_path / "night.txt"
    text.write_text("It rained all night. The ship was lost.", encoding="utf-8")
    assert imported(tmp_path, "encode", "-i", demo, text)["command"] <= {"spacy"}
    assert imported(tmp_path, "encode", "-i", demo, "--language", "en", text)["command"] <= {"spacy"}
    assert imported(tmp_path, "search", demo, "a storm at sea")["command"] <= {"pandas"}


def test_a_build_needs_no_torch_in_any_process(shelf: Path, tmp_path: Path) -> None:
    options = ("--inventory", "fit", "--signs", 8, "--concepts", "float16")
    found = imported(tmp_path, "build", shelf, "-o", tmp_path / "out", *options, "--workers", 2)
    assert {"apache_beam", "sklearn"} <= found["command"]
    assert found["command"].isdisjoint(TORCH | {"matplotlib", "spacy"})
    assert {"apache_beam", "spacy"} <= found["worker"]
    assert found["worker"].isdisjoint(TORCH | {"datasets", "matplotlib"})
