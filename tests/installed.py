"""What is installed beside us, told alike on every Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name


@cache
def distributions_of() -> dict[str, set[str]]:
    """Names of the distributions that bring each top-level module; Python 3.10 itself knows few of them."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in metadata.distributions():
        name = canonicalize_name(one.metadata["Name"])
        # `one.files` would look for each of a hundred thousand files
        rows = csv.reader((one.read_text("RECORD") or "").splitlines())
        for top, folder in {(path[0], len(path) > 1) for row in rows for path in [row[0].split("/", 1)]}:
            if folder and "." not in top and top != "__pycache__":
                found[top].add(name)
            elif not folder and Path(top).suffix in (".py", ".so", ".pyd"):
                found[top.partition(".")[0]].add(name)
    for name, packages in metadata.packages_distributions().items():
        found[name] |= {canonicalize_name(package) for package in packages}
    return dict(found)
