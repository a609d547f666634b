"""The cast of a book as its strip shows it: a line per member, as in a score."""

from __future__ import annotations

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
    return tuple(
        StripMember(
            first_words(row["names"][0], NAME_BYTES) if row["names"] else f"E{row['id']}",
            row["scenes"],
            tuple(scenes[row["id"]]),
        )
        for row in sorted(shown[:MOST_LINES], key=lambda row: row["id"])
    )
