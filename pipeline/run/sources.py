"""The source files and data files that a step's results come from, found by following its imports."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec, resolve_name
from pathlib import Path

_PACKAGE = "__init__.py"
# Python 3.10 has a package in place of the last one.
_STANDARD = sys.stdlib_module_names | {"tomllib"}


@dataclass(frozen=True)
class Sources:
    """digests: SHA-256 of each module of ours, and of each data file in their packages, by name. packages: top-level
    names of all else that they import and Python doesn't bring."""

    digests: dict[str, str]
    packages: tuple[str, ...]


def sources_of(roots: Iterable[str]) -> Sources:
    """The modules and all modules of the same top-level package that they import, however far away.

    roots: full names of modules. Imports inside functions count, those for type checkers don't. A package counts with
    its `__init__` and its data files, but for the top-level one, which only names what others may use.
    Raises ModuleNotFoundError for a root that isn't there.
    """
    waiting = list(roots)
    missing = [name for name in waiting if _locate(name) is None]
    if missing:
        raise ModuleNotFoundError(f"no module named {missing[0]}", name=missing[0])
    top = waiting[0].partition(".")[0]
    found: set[str] = set()
    digests: dict[str, str] = {}
    others: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or name == top:
            continue
        path = _locate(name)
        if path is None:
            continue
        found.add(name)
        package = name.rpartition(".")[0]
        waiting.append(package)
        is_package = path.name == _PACKAGE
        source = path.read_bytes()
        digests[name] = hashlib.sha256(source).hexdigest()
        if is_package:
            digests |= {f"{name}/{key}": digest for key, digest in _data_digests(path.parent)}
        for imported in _imports(ast.parse(source), name if is_package else package):
            if imported.partition(".")[0] != top:
                others.add(imported.partition(".")[0])
            else:
                waiting.append(imported)  # a module, or something in one that is found as well
    return Sources(dict(sorted(digests.items())), tuple(sorted(others - _STANDARD)))


def _locate(name: str) -> Path | None:
    """The file of a module, found without running it; None where there is no such module."""
    top, _, rest = name.partition(".")
    room, *inside = rest.split(".")
    spec = find_spec(f"{top}.{room}")  # runs no more than the top-level package
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    if not inside:
        return path
    path = path.parent.joinpath(*inside)
    return next((p for p in (path.with_name(path.name + ".py"), path / _PACKAGE) if p.is_file()), None)


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Names that may be modules: of `from a import b` both `a` and `a.b`."""
    for node in _statements(tree.body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, those inside functions, classes and blocks too; expressions hold no imports."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _statements(node.orelse)
            continue
        for block in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, block, ()))
        for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(branch.body)


def _data_digests(folder: Path) -> Iterator[tuple[str, str]]:
    """Files of a package that are no modules, in folders that are no packages."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__pycache__")) or path.suffix in (".py", ".pyc"):
            continue
        if path.is_file():
            yield path.name, hashlib.sha256(path.read_bytes()).hexdigest()
        elif not (path / _PACKAGE).exists():
            yield from ((f"{path.name}/{key}", digest) for key, digest in _data_digests(path))
