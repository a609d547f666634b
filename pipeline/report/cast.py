"""The cast of a book as its strip shows it: a line per member, as in a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenesign.pipeline.report.cut import first_words

# Lines of a strip.
MOST_LINES = 12
NAME_BYTES = 48


@dataclass(frozen=True)
class StripMember:
    """A member of a book's cast.

    scenes: how many of the whole book name it. named: indices of the shown scenes whose list has it, ascending.
    """

    name: str
    scenes: int
    named: tuple[int, ...]


def strip_cast(members: Sequence[Mapping[str, Any]], lists: Sequence[Sequence[int]]) -> tuple[StripMember, ...]:
    """Those in most scenes, in order of first appearance.

    members: rows of the table `cast`, of one book. lists: ids of those whom each shown scene names.
    """
    scenes: dict[int, list[int]] = {}
    for at, ids in enumerate(lists):
        for number in dict.fromkeys(ids):
            scenes.setdefault(number, []).append(at)
    shown = sorted((row for row in members if row["id"] in scenes), key=lambda row: (-row["scenes"], row["id"]))
    lines = sorted(shown[:MOST_LINES], key=lambda row: row["id"])
    taken = Counter(name for row in lines for name in set(row["names"]))
    return tuple(StripMember(_label(row, taken), row["scenes"], tuple(scenes[row["id"]])) for row in lines)


def _label(row: Mapping[str, Any], taken: Mapping[str, int]) -> str:
    """The name that it is called by most and no other line is called by; its id too where others have all its names.

    taken: how many lines have a name.
    """
    names = row["names"]
    if not names:
        return f"E{row['id']}"
    own = next((name for name in names if taken[name] == 1), None)
    return first_words(names[0] if own is None else own, NAME_BYTES) + (f" E{row['id']}" if own is None else "")
