"""A missing extra is one line, told before the work; the main job needs none. In processes that can't import extras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scenesign.transforms.support.extras import MODULES, MissingExtraError, is_there, need, need_store
from tests.conftest import ROOT

# Before anything else: hides packages from importing, as if they were not installed, in child processes too.
HIDES = """
import json, os, sys
from importlib.machinery import PathFinder

HIDDEN = frozenset(json.loads(os.environ["HIDDEN"]))

class Hide(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in HIDDEN else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hide
"""
STORY = ROOT / "examples" / "library" / "en" / "the-ferrymans-debt.txt"


def hidden_modules() -> list[str]:
    """Modules of packages that only extras bring, by what installed packages say they need."""
    import importlib.metadata as metadata

    def wanted_by(name: str, extra: str) -> set[tuple[str, str]]:
        try:
            lines = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            return set()
        found = [Requirement(line) for line in lines]
        # of this machine, with one extra or none
        kept = [one for one in found if one.marker is None or one.marker.evaluate({"extra": extra})]
        return {(canonicalize_name(one.name), more) for one in kept for more in ("", *one.extras)}

    base: set[tuple[str, str]] = set()
    new = {("scenesign", "")}
    while new:
        base |= new
        new = {one for name, extra in new for one in wanted_by(name, extra)} - base
    main = {name for name, _ in base}
    tops = metadata.packages_distributions()
    names = {top: set(map(canonicalize_name, packages)) for top, packages in tops.items()}
    return [*sorted(top for top, packages in names.items() if not packages & main), "google.cloud", "google.api_core"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that has no extra."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "sitecustomize.py").write_text(HIDES, encoding="utf-8")
    surroundings = {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "HIDDEN": json.dumps(hidden_modules())}
    return os.environ | surroundings | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "COLUMNS": "200"}


def run(bare: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scenesign", *map(str, arguments)]
    return subprocess.run(command, env=bare, capture_output=True, text=True, timeout=300, cwd=ROOT, encoding="utf-8")


def test_what_is_hidden_is_all_that_extras_bring(bare: dict[str, str]) -> None:
    hidden = set(json.loads(bare["HIDDEN"]))
    tops = {module.split(".")[0] for modules in MODULES.values() for module in modules}
    assert {top for top in tops - {"google"} if is_there(top)} <= hidden
    assert {"pytest", "hypothesis"} <= hidden
    assert not hidden & {"numpy", "apache_beam", "torch", "scenesign", "google"}


@pytest.mark.slow
def test_the_main_job_needs_no_extra(bare: dict[str, str], tmp_path: Path) -> None:
    """All modules but the comparison's are imported; texts are built, checked, encoded, told, found, shown, learned."""
    rooms = ("pipeline", "transforms", "schemas")
    names = [
        ".".join(("scenesign", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
    ]
    program = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=bare, capture_output=True, text=True, timeout=300, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    out, model = tmp_path / "out", tmp_path / "model"
    for arguments in (
        ("build", STORY.parent, "-o", out),
        ("validate", out),
        ("report", out),
        ("signs", out),
        ("search", out, "a storm at sea"),
        ("encode", "-i", out, STORY),
        ("decode", "-i", out, "一"),
        ("train", out, "-o", model, "--epochs", 1),
    ):
        done = run(bare, *arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    told = run(bare, "continue", model, STORY)
    assert "would only pretend to know" in told.stderr, told.stderr
    assert "Traceback" not in told.stderr, told.stderr


def test_every_command_tells_its_options_without_extras(bare: dict[str, str]) -> None:
    program = (
        "from click.testing import CliRunner\nfrom scenesign.pipeline.cli import main\n"
        "for name in ('', *main.commands):\n"
        "    done = CliRunner().invoke(main, [*filter(None, [name]), '--help'])\n"
        "    assert done.exit_code == 0 and 'Usage' in done.output, (name, done.output, done.exception)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=bare, capture_output=True, text=True, timeout=300, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr


# Runs commands one after another in one process; prints what each said on stderr, and its exit code.
ONE_AFTER_ANOTHER = """
import contextlib, io, json, sys
from scenesign.pipeline import cli

ends = []
for arguments in json.load(sys.stdin):
    sys.argv = ["scenesign", *arguments]
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            code = cli._code_of_main()
        except SystemExit as done:
            code = done.code
    ends.append((code, said.getvalue()))
print(json.dumps(ends))
"""


def test_a_missing_extra_is_one_line(bare: dict[str, str], tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    build = ("build", str(STORY), "-o", out)
    wanted = {
        ("languages", "-o", out): "languages",
        (*build, "--embedder", "minilm"): "minilm",
        (*build, "--embedder", "minilm", "--dry-run"): "minilm",
        ("build", "s3://nowhere/books", "-o", out): "aws",
        ("build", str(STORY), "-o", "gs://nowhere/out"): "gcp",
        (*build, "--parts", "s3://nowhere/parts"): "aws",
        (*build, "--inventory", "s3://nowhere/out"): "aws",
        ("search", "gs://nowhere/out", "a storm"): "gcp",
        ("train", "s3://nowhere/out", "-o", out): "aws",
        ("encode", "s3://nowhere/book.txt"): "aws",
        ("report", "gs://nowhere/out"): "gcp",
        ("validate", "s3://nowhere/out"): "aws",
    }
    command = [sys.executable, "-c", ONE_AFTER_ANOTHER]
    asked = json.dumps(list(wanted))
    done = subprocess.run(
        command, env=bare, input=asked, capture_output=True, text=True, timeout=300, cwd=ROOT, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    ends = json.loads(done.stdout.splitlines()[-1])
    assert len(ends) == len(wanted)
    for (arguments, extra), (code, said) in zip(wanted.items(), ends, strict=True):
        # `build` says what it is about to do
        (line,) = (line for line in said.splitlines() if not line.startswith("scenesign: building "))
        assert line.startswith("error: "), arguments
        assert line.endswith(f"; run: pip install 'scenesign[{extra}]'"), arguments
        assert code == 2, arguments
    assert not (tmp_path / "out").exists()


def test_who_needs_what_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULES, "office", ("json", "a_module_of_nobody", "a_package_of_nobody.storage"))
    with pytest.raises(MissingExtraError) as told:
        need("office", "RTF")
    assert str(told.value) == (
        "RTF needs a_module_of_nobody, a_package_of_nobody.storage; run: pip install 'scenesign[office]'"
    )
    monkeypatch.setitem(MODULES, "office", ("json", "xml.dom"))
    need("office", "RTF")
    monkeypatch.setitem(MODULES, "aws", ("a_module_of_nobody",))
    for local in ("books", "/books/s3:/x", "hf://books", "hdfs://books"):
        need_store(local)
    with pytest.raises(MissingExtraError, match=r"^s3://x/y needs a_module_of_nobody; "):
        need_store("s3://x/y")
