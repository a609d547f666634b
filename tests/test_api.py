"""The public API: what importing it costs, whom it gets along with, and that its examples run."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import shutil
from importlib import metadata
from pathlib import Path

import pytest

import scenesign
from tests.conftest import ROOT
from tests.hub import USER, Hub
from tests.models import save_model
from tests.runs import printed_by

HEAVY = ("apache_beam", "click", "datasets", "faiss", "numpy", "pyarrow", "sentence_transformers", "spacy", "torch")


def python(code: str, folder: Path) -> str:
    """What a program prints that runs in a folder."""
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    return printed_by(str(script), folder=folder)


def test_importing_the_package_imports_nothing_heavy(tmp_path: Path) -> None:
    code = f"""
import sys
import scenesign
names = dir(scenesign)
assert "SignEncoder" in names and "build" in names, names
assert scenesign.__version__ == {metadata.version("scenesign")!r}
assert not hasattr(scenesign, "nonsense")
print(sorted(set(sys.modules) & set({HEAVY!r})))
"""
    assert python(code, tmp_path) == "[]\n"


def test_modules_of_the_users_own_are_left_alone(tmp_path: Path, demo: Path) -> None:
    """A folder beside torch code often has a `transforms.py`."""
    for name in ("transforms", "pipeline", "schemas"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not this one')\n", encoding="utf-8")
    code = f"""
from scenesign import Dataset, SignEncoder
found = SignEncoder({str(demo)!r}).encode("The wind tore the sail. A wave broke over the deck.", "en")
print(len(found), len(Dataset({str(demo)!r})))
"""
    assert python(code, tmp_path) == "1 12\n"


def test_names_are_what_type_checkers_are_told() -> None:
    told: dict[str, object] = {}
    for node in ast.walk(ast.parse(Path(scenesign.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scenesign."):
            module = importlib.import_module(str(node.module))
            told |= {alias.asname or alias.name: getattr(module, alias.name) for alias in node.names}
    assert sorted([*told, "__version__"]) == sorted(scenesign.__all__)
    assert {name: getattr(scenesign, name) for name in told} == told


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="module 'scenesign' has no attribute 'Encoder'"):
        scenesign.Encoder  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError, match="Encoder"):
        from scenesign import Encoder  # type: ignore[attr-defined]  # noqa: F401


def _public() -> list[tuple[str, object]]:
    """Every public thing and its public methods and properties."""
    found: list[tuple[str, object]] = []
    for name in scenesign.__all__:
        thing = getattr(scenesign, name)
        if isinstance(thing, type) or inspect.isfunction(thing):
            found.append((name, thing))
        if isinstance(thing, type) and not issubclass(thing, Exception):
            found += [(f"{name}.{key}", value) for key, value in vars(thing).items() if not key.startswith("_")]
    return [(name, thing) for name, thing in found if inspect.getdoc(thing) or callable(thing)]


@pytest.mark.parametrize(("name", "thing"), [pytest.param(*pair, id=pair[0]) for pair in _public()])
def test_everything_public_says_what_it_is(name: str, thing: object) -> None:
    written = thing.fget if isinstance(thing, property) else thing
    text = getattr(written, "__doc__", None) or ""
    # what a dataclass writes by itself says nothing
    assert text.strip(), f"{name} has no docstring"
    assert not text.startswith(f"{name}("), f"{name} has no docstring of its own"


@pytest.fixture
def beside_demo(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like the repository's after `make demo`, with a model and a chapter."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "demo").symlink_to(demo)
    save_model(tmp_path / "out" / "model", demo)
    shutil.copy(ROOT / "examples" / "library" / "en" / "the-ferrymans-debt.txt", tmp_path / "chapter.txt")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_examples_in_docstrings_run(beside_demo: Path) -> None:
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    tried = 0
    for name in scenesign.__all__:
        thing = getattr(scenesign, name)
        for test in finder.find(thing, name, globs={"scenesign": scenesign}) if callable(thing) else ():
            tried += runner.run(test, out=said.append).attempted
    assert tried > 10
    assert not said, "".join(said)


@pytest.mark.parametrize(
    "document",
    ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "hub.md")],
)
def test_examples_in_documents_run(document: str, beside_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_examples(document, (ROOT / document).read_text(encoding="utf-8"))


def test_examples_of_the_hub_run(
    beside_demo: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.endpoint)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", beside_demo / "cache")
    (beside_demo / "out" / "books").symlink_to(beside_demo / "out" / "demo")
    scenesign.push("out/books/inventory", f"hf:{USER}/SCRIPT")
    run_examples("docs/hub.md", (ROOT / "docs" / "hub.md").read_text(encoding="utf-8").replace("USER/", f"{USER}/"))


def run_examples(document: str, text: str) -> None:
    """Runs the Python in a document, block after block."""
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.S | re.M):
        exec(compile(block, document, "exec"), names)  # a failing assert or an exception is the test's failure
