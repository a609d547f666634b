"""Checks of the cast: lists of scenes, sequences and the table of members agree, as far as lists that are cut can.

A scene lists at most `options.cast` members. Whom a list that is full leaves out can't be told, so a member may be in
any scene with a full list; a list that is not full is whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenesign.pipeline.validate.books import BookFacts, Totals
from scenesign.pipeline.validate.tables import by_split, rows_of
from scenesign.schemas.inventory import MOST_MEMBERS
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.schemas.tables import CAST
from scenesign.transforms.cast.cast import MOST_CAST


@dataclass(frozen=True)
class CastRules:
    """What a manifest says of the casts. most: ids of a scene. named: whether members have names."""

    most: int
    named: bool


@dataclass(frozen=True)
class _Row:
    """A row of the table, and where it stands."""

    file: str
    row: int
    record: Mapping[str, Any]


def check_cast(
    folder: str,
    manifest: Manifest,
    entries: Sequence[FileEntry],
    books: Mapping[str, BookFacts],
    totals: Totals,
    findings: Findings,
) -> None:
    """Checks table and lists, and counts the members. books: with their scenes read."""
    stated = _stated(manifest.options, findings)
    if stated is None:
        return
    if entries and not stated.most:
        findings.add("cast.members", entries[0].path, "there is a table, but `options.cast` is 0")
    members = _members(folder, entries, books, findings)
    totals.members = sum(map(len, members.values()))
    for book in books.values():
        _check_lists(book, len(members.get(book.book_id, ())), stated, findings)
    for book_id, rows in members.items():
        _check_numbers(rows, findings)
        _check_names(rows, stated, findings)
        if books[book_id].seen:
            _check_places(rows, books[book_id], stated, findings)


def _stated(options: Mapping[str, Any], findings: Findings) -> CastRules | None:
    most, names = options.get("cast"), options.get("cast_names")
    if isinstance(most, bool) or not isinstance(most, int) or not 0 <= most <= MOST_CAST or names not in ("yes", "no"):
        detail = f"`options.cast` is {str(most)[:40]}, `options.cast_names` {str(names)[:40]}"
        findings.add("cast.options", "manifest.json", detail)
        return None
    return CastRules(most, names == "yes")


def _members(
    folder: str, entries: Iterable[FileEntry], books: Mapping[str, BookFacts], findings: Findings
) -> dict[str, list[_Row]]:
    """The rows of each book that the dataset has, in order."""
    found: dict[str, list[_Row]] = {}
    for split, files in by_split(entries):
        last = ""
        for path, row, record in rows_of(folder, files, CAST, findings, ("names.list.element",)):
            book_id = record["book_id"]
            if book_id < last:
                findings.add("cast.members", path, f"members of {book_id} come after those of {last}", row)
            last = max(last, book_id)
            if book_id in books and books[book_id].split == split:
                found.setdefault(book_id, []).append(_Row(path, row, record))
            else:
                findings.add("cast.members", path, f"book {book_id} is not in `sequences` of split {split}", row)
    return found


def _check_lists(book: BookFacts, members: int, stated: CastRules, findings: Findings) -> None:
    """The lists of a book's row in `sequences`, and that its scenes have the same."""

    def wrong(rule: str, detail: str) -> None:
        findings.add(rule, book.file, f"book {book.book_id}: {detail}", book.row)

    if book.seen and not book.cast.same_as(book.scene_cast):
        wrong("cast.sequence", "its cast is not that of its scenes")
    lists = book.scene_cast if book.seen else book.cast
    outside = np.flatnonzero((lists.ids < 1) | (lists.ids > members))
    if len(outside):
        at = outside[0]
        wrong("cast.ids", f"scene {lists.scenes[at]} names {lists.ids[at]}; the book has {members} members")
    long = np.flatnonzero(lists.sizes > stated.most)
    if len(long):
        wrong("cast.ids", f"scene {long[0]} names {lists.sizes[long[0]]}; `options.cast` is {stated.most}")
    pairs, counts = np.unique(np.stack([lists.scenes, lists.ids]), axis=1, return_counts=True)
    twice = pairs[:, counts > 1]
    if twice.size:
        wrong("cast.ids", f"scene {twice[0, 0]} names {twice[1, 0]} more than once")


def _check_numbers(rows: Sequence[_Row], findings: Findings) -> None:
    for expected, row in enumerate(rows, 1):
        if row.record["id"] != expected or expected > MOST_MEMBERS:
            detail = (
                f"book {row.record['book_id']}: id {row.record['id']}, {expected} of at most {MOST_MEMBERS} expected"
            )
            findings.add("cast.numbers", row.file, detail, row.row)
            break
    for before, row in itertools.pairwise(rows):
        if row.record["first_scene"] < before.record["first_scene"]:
            detail = f"{_who(row)} appears in scene {row.record['first_scene']}, before the one numbered before it"
            findings.add("cast.numbers", row.file, detail, row.row)
            break


def _check_names(rows: Sequence[_Row], stated: CastRules, findings: Findings) -> None:
    for row in rows:
        names = row.record["names"]
        if bool(names) != stated.named:
            has, say = ("names", "no") if names else ("no name", "yes")
            findings.add("cast.names", row.file, f"{_who(row)} has {has}, `options.cast_names` is {say}", row.row)
        elif len(set(names)) < len(names) or not all(name.strip() for name in names):
            findings.add("cast.names", row.file, f"{_who(row)} has a name twice, or one that is empty", row.row)


def _check_places(rows: Sequence[_Row], book: BookFacts, stated: CastRules, findings: Findings) -> None:
    """What rows say of scenes, against the lists."""
    lists = book.scene_cast
    full = np.flatnonzero(lists.sizes >= stated.most)
    for row in rows:
        record = row.record
        listed = lists.scenes[lists.ids == record["id"]]
        possible = np.union1d(listed, full)
        first, scenes, mentions = (record[name] for name in ("first_scene", "scenes", "mentions"))
        if first not in possible or (len(listed) and listed[0] < first):
            told = f"the lists have it from {listed[0]} on" if len(listed) else "no list has it"
            findings.add("cast.places", row.file, f"{_who(row)}: first_scene is {first}, {told}", row.row)
        most = int(np.count_nonzero(possible >= first))
        if not max(1, len(listed)) <= scenes <= most:
            detail = f"{_who(row)}: scenes is {scenes}, the lists have {len(listed)} and leave room for {most} at most"
            findings.add("cast.places", row.file, detail, row.row)
        if mentions < scenes:
            findings.add("cast.places", row.file, f"{_who(row)}: {mentions} mentions in {scenes} scenes", row.row)


def _who(row: _Row) -> str:
    return f"book {row.record['book_id']}: member {row.record['id']}"
