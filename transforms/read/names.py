"""What inputs are called: each by a name that no other has, however many folders hold a file of that name."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from scenesign.schemas.records import printable
from scenesign.transforms.read.paths import local_path

_INSIDE = "!#"  # what stands before a member, row or volume in the name of a book


def unique_names(named: Sequence[tuple[str, str]]) -> list[str]:
    """A printable name for each input, none twice, and none that a row or member of another input could have.

    named: (uri, name) of each, no uri twice; the name is the end of the uri, or what a dataset is called. Of inputs
    with one name each gets the shortest piece of its path that tells it apart; where no path can, a number.
    """
    names = [printable(name) for _, name in named]
    above: dict[int, list[str]] = {}
    while clashing := _clashing(names):
        for i in clashing:
            above.setdefault(i, _folders_above(*named[i]))
        told = [i for i in clashing if above[i]]
        for i in told:
            names[i] = f"{above[i].pop()}/{names[i]}"
        for number, i in enumerate(clashing if not told else (), 1):
            names[i] = f"({number})/{names[i]}"
    return names


def _folders_above(uri: str, name: str) -> list[str]:
    """Names of the folders on the way to an input that its own name doesn't hold, outermost first."""
    path = local_path(uri)
    way = os.path.abspath(path).replace(os.sep, "/") if path else uri.partition("://")[2]
    return [printable(folder) for folder in way.split("/")[: -1 - name.count("/")] if folder]


def _clashing(names: Sequence[str]) -> list[int]:
    """Indices of names that another input has too, or that look like something inside another."""
    known = Counter(names)
    return [i for i, name in enumerate(names) if known[name] > 1 or _is_inside(name, known)]


def _is_inside(name: str, known: Counter[str]) -> bool:
    return any(name[:at] in known for mark in _INSIDE if mark in name for at in range(1, len(name)) if name[at] == mark)
