"""Text is read and written in an encoding that the code names, never in the one that the locale happens to have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

FOLDERS = ("scenesign", "pipeline", "transforms", "schemas", "benchmarks", "examples", "dataflow", "tests")
# Calls that open text unless they are told that it is bytes, and the place of the mode among their arguments.
MODES = {"open": 1, "fdopen": 1}
PROCESSES = ("run", "Popen", "check_output")
# Whose `open` gives no text, or has no encoding to name.
OTHERS = ("os", "storage", "zipfile", "tarfile", "gzip", "webbrowser", "Image")


def unnamed(source: str) -> Iterator[int]:
    """Lines with a call that takes the encoding of the locale."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        given = {word.arg: word.value for word in call.keywords}
        if "encoding" in given or None in given:
            continue
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        owner = function.value if isinstance(function, ast.Attribute) else None
        text = given.get("text")
        in_pipes = name in PROCESSES and isinstance(text, ast.Constant) and text.value is True
        in_path = (name == "read_text" and not call.args) or (name == "write_text" and len(call.args) == 1)
        if in_pipes or in_path:
            yield call.lineno
        elif name in MODES and not (name == "open" and isinstance(owner, ast.Name) and owner.id in OTHERS):
            # of a path, the first argument is the mode
            at = MODES[name] - (name == "open" and owner is not None)
            mode = given.get("mode") or (call.args[at] if len(call.args) > at else ast.Constant("r"))
            if isinstance(mode, ast.Constant) and isinstance(mode.value, str) and "b" not in mode.value:
                yield call.lineno


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_names_its_encoding(folder: str) -> None:
    # the package links to its rooms
    found = (ROOT / folder).glob("*.py") if folder == "scenesign" else (ROOT / folder).rglob("*.py")
    paths = sorted(found)
    assert paths
    lines = [f"{path.relative_to(ROOT)}:{line}" for path in paths for line in unnamed(path.read_text(encoding="utf-8"))]
    assert not lines, f"name the encoding, as in encoding='utf-8': {', '.join(lines)}"


@pytest.mark.parametrize(
    ("code", "is_unnamed"),
    [
        ("Path(a).read_text()", True),
        ("a.read_text('utf-8')", False),
        ("a.write_text(b)", True),
        ("a.write_text(b, encoding='utf-8')", False),
        ("open(a)", True),
        ("open(a, 'w')", True),
        ("open(a, 'rb')", False),
        ("a.open()", True),
        ("a.open('ab')", False),
        ("a.open(mode='w')", True),
        ("os.open(a, flags)", False),
        ("subprocess.run(a, text=True)", True),
        ("subprocess.run(a)", False),
    ],
)
def test_the_check_tells_text_from_bytes(code: str, is_unnamed: bool) -> None:
    assert list(unnamed(code)) == [1] * is_unnamed
