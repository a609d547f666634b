"""What is installed beside us, told alike on every Python."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib import metadata

from packaging.utils import canonicalize_name


@cache
def distributions_of() -> dict[str, set[str]]:
    """Names of the distributions that bring each top-level module; Python 3.10 itself knows few of them."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in metadata.distributions():
        for path in one.files or ():
            top = path.parts[0]
            if len(path.parts) > 1 and "." not in top and top != "__pycache__":
                found[top].add(canonicalize_name(one.metadata["Name"]))
            elif len(path.parts) == 1 and path.suffix in (".py", ".so", ".pyd"):
                found[top.partition(".")[0]].add(canonicalize_name(one.metadata["Name"]))
    for name, packages in metadata.packages_distributions().items():
        found[name] |= {canonicalize_name(package) for package in packages}
    return dict(found)
