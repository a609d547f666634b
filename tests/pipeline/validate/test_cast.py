"""Casts: every way in which lists, table and manifest can contradict each other is found, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from scenesign.schemas.inventory import MOST_MEMBERS
from tests.pipeline.validate.damage import SCENES, SEQUENCES, Copy, Damage, set_at

CAST = "cast/split=train/train-00000-of-00001.parquet"
Rows = list[dict[str, Any]]


def scenes_and_sequences(copy: Copy, edit: Callable[[list[list[int]]], object]) -> None:
    """Changes the lists of the first book in both tables alike."""
    lists: list[list[int]] = pq.read_table(copy / SEQUENCES, partitioning=None)["cast"][0].as_py()
    edit(lists)
    copy.edit_rows(SEQUENCES, set_at(0, cast=lists))
    copy.edit_rows(SCENES, lambda rows: [row.update(cast=ids) for row, ids in zip(rows, lists, strict=False)])


def first_named(lists: list[list[int]]) -> list[int]:
    """The list of the first scene that names somebody."""
    return next(ids for ids in lists if ids)


def swap_members(rows: Rows) -> None:
    """The first member takes the place of the last of its book, and the other way round."""
    last = max(i for i, row in enumerate(rows) if row["book_id"] == rows[0]["book_id"])
    rows[0]["id"], rows[last]["id"] = rows[last]["id"], rows[0]["id"]
    rows[0], rows[last] = rows[last], rows[0]


def too_many_members(rows: Rows) -> None:
    """The last book of the split gets more members than any may have."""
    rows += [rows[-1] | {"id": number} for number in range(rows[-1]["id"] + 1, MOST_MEMBERS + 2)]


def first_of_next(rows: Rows) -> None:
    """Members of the first book come after those of the second."""
    first = [row for row in rows if row["book_id"] == rows[0]["book_id"]]
    rows[:] = [*rows[len(first) :], *first]


def without_names(copy: Copy) -> None:
    copy.edit_manifest(lambda m: m["options"].update(cast_names="no"))


DAMAGES: dict[str, tuple[Damage, set[str]]] = {
    "more ids than there may be": (lambda c: c.edit_manifest(lambda m: m["options"].update(cast=17)), {"cast.options"}),
    "a number that is none": (lambda c: c.edit_manifest(lambda m: m["options"].update(cast=True)), {"cast.options"}),
    "no word on the cast": (lambda c: c.edit_manifest(lambda m: m["options"].pop("cast")), {"cast.options"}),
    "no word on names": (lambda c: c.edit_manifest(lambda m: m["options"].pop("cast_names")), {"cast.options"}),
    "longer lists than were asked for": (
        lambda c: c.edit_manifest(lambda m: m["options"].update(cast=1)),
        {"cast.ids"},
    ),
    "a table that nobody asked for": (
        lambda c: c.edit_manifest(lambda m: m["options"].update(cast=0)),
        {"cast.ids", "cast.members"},
    ),
    "nobody's id": (lambda c: scenes_and_sequences(c, lambda ls: first_named(ls).append(0)), {"cast.ids"}),
    "the id of nobody in this book": (
        lambda c: scenes_and_sequences(c, lambda ls: ls.__setitem__(-1, [200])),
        {"cast.ids"},
    ),
    "an id twice": (
        lambda c: scenes_and_sequences(c, lambda ls: ls.__setitem__(-1, [ls[0][0]] * 2)),
        {"cast.ids"},
    ),
    "another list in the sequence": (
        lambda c: c.edit_rows(SEQUENCES, set_at(0, cast=lambda lists: [[], *lists[1:]])),
        {"cast.sequence"},
    ),
    "a list less in the sequence": (
        lambda c: c.edit_rows(SEQUENCES, set_at(0, cast=lambda lists: lists[:-1])),
        {"cast.sequence"},
    ),
    "members of no book": (lambda c: c.edit_rows(CAST, set_at(-1, book_id="f" * 32)), {"cast.members"}),
    "books out of order": (lambda c: c.edit_rows(CAST, first_of_next), {"cast.members"}),
    "a member less": (lambda c: c.edit_rows(CAST, lambda rows: rows.pop(0)), {"cast.numbers"}),
    "members in another order": (lambda c: c.edit_rows(CAST, swap_members), {"cast.numbers"}),
    "more members than tokens": (lambda c: c.edit_rows(CAST, too_many_members), {"cast.numbers"}),
    "two who change places": (
        lambda c: c.edit_rows(CAST, lambda rows: set_at(0, first_scene=10**6)(rows)),
        {"cast.numbers", "cast.places"},
    ),
    "first seen before the book begins": (lambda c: c.edit_rows(CAST, set_at(0, first_scene=-1)), {"cast.places"}),
    "in fewer scenes than name it": (lambda c: c.edit_rows(CAST, set_at(0, scenes=0)), {"cast.places"}),
    "in more scenes than there are": (
        lambda c: c.edit_rows(CAST, set_at(0, scenes=9_999, mentions=9_999)),
        {"cast.places"},
    ),
    "fewer mentions than scenes": (lambda c: c.edit_rows(CAST, set_at(0, mentions=0)), {"cast.places"}),
    "names that should not be there": (without_names, {"cast.names"}),
    "a member without a name": (lambda c: c.edit_rows(CAST, set_at(0, names=[])), {"cast.names"}),
    "a name of nothing": (lambda c: c.edit_rows(CAST, set_at(0, names=[" "])), {"cast.names"}),
    "a name twice": (lambda c: c.edit_rows(CAST, set_at(0, names=["Anna", "Anna"])), {"cast.names"}),
}
# What else the same damage contradicts.
CONSEQUENCES = {"cast.ids", "cast.members", "cast.places", "metrics.values"}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_by_its_rule(name: str, copy: Copy) -> None:
    damage, rules = DAMAGES[name]
    damage(copy)
    copy.seal()
    verdict = copy.validate()
    assert rules <= set(verdict.counts)
    assert set(verdict.counts) - rules <= CONSEQUENCES
    assert not verdict.valid


def test_a_list_that_is_full_may_leave_a_member_out(copy: Copy) -> None:
    """Its row may count a scene whose list has no room for it, and none whose list has."""
    lists = pq.read_table(copy / SEQUENCES, partitioning=None)["cast"][0].as_py()
    members = pq.read_table(copy / CAST, partitioning=None).to_pylist()
    book_id = members[0]["book_id"]
    for row in (row for row in members if row["book_id"] == book_id):
        listed = sum(row["id"] in ids for ids in lists)
        full = sum(len(ids) == 4 and row["id"] not in ids and at >= row["first_scene"] for at, ids in enumerate(lists))
        assert listed <= row["scenes"] <= listed + full
        at = members.index(row)
        for scenes, good in ((listed + full, True), (listed + full + 1, False)):
            copy.edit_rows(CAST, set_at(at, scenes=scenes, mentions=scenes + 99))
            copy.seal()
            assert copy.validate().valid == good
        copy.edit_rows(CAST, set_at(at, scenes=row["scenes"], mentions=row["mentions"]))


def test_without_names_and_lists_of_another_length_it_is_still_valid(copy: Copy) -> None:
    for path in ("train", "validation", "test"):
        table = f"cast/split={path}/{path}-00000-of-00001.parquet"
        if (copy / table).exists():
            copy.edit_rows(table, lambda rows: [row.update(names=[]) for row in rows])
    copy.edit_manifest(lambda m: m["options"].update(cast=16, cast_names="no"))
    copy.seal()
    counts = copy.validate().counts
    # that lists of 4 may hide somebody is what `cast` says
    assert set(counts) <= {"cast.places"}
