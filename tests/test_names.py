"""No two things of the package share a name: a word says where it lies."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.conftest import ROOT

ROOMS = ("scenesign", "pipeline", "transforms", "schemas")


def test_public_functions_and_classes_have_names_of_their_own() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    # a set, for `scenesign/` links to the other three
    for path in sorted({path.resolve() for room in ROOMS for path in (ROOT / room).rglob("*.py")}):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(ROOT).as_posix())
    assert len(found) > 300
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
