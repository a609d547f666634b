"""Splits and shards: stable, without leakage, never empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.parts import AssignmentEntry, CastEntry
from scenesign.schemas.tables import CAST, SEQUENCES
from scenesign.transforms.cast.cast import Cast, CastMember
from scenesign.transforms.dataset.write import DatasetOptions, SignedBook, book_tables, open_tables, plan_shards
from tests.builders import entry, part, row


def test_shards_are_cut_from_sorted_ids_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenesign.transforms.dataset.write.BOOKS_PER_SHARD", 2)
    rows = [row(f"Book {i}. " * (i + 1)) for i in range(7)]
    assignments = [
        AssignmentEntry("x", part(tmp_path, *rows[:3])),
        AssignmentEntry("y", part(tmp_path, *rows[3:])),
    ]
    entries = [entry(r, f"{i}.txt") for i, r in enumerate(rows)]
    options = DatasetOptions(splits=(("train", 1.0),))
    plans = plan_shards(entries, assignments, options)
    assert plans == plan_shards(entries[::-1], assignments[::-1], options)
    assert [len(plan.books) for plan in plans] == [2, 2, 2, 1]
    ids = [book.entry.book_id for plan in plans for book in plan.books]
    assert ids == sorted(r.book_id for r in rows)
    assert plans[3].file_name() == "train-00003-of-00004.parquet"
    homes = {b.entry.book_id: b.assignment_uri for plan in plans for b in plan.books}
    assert homes[rows[0].book_id] == "x"
    assert homes[rows[6].book_id] == "y"


def test_a_table_without_rows_makes_no_file(tmp_path: Path) -> None:
    rows = pa.Table.from_pylist([{"book_id": "a"}], schema=SEQUENCES)
    with open_tables(str(tmp_path), {"sequences": "s.parquet", "scenes": "t.parquet"}) as write:
        write("sequences", rows)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.parquet"]
    assert pq.read_table(tmp_path / "s.parquet").schema.metadata == SEQUENCES.metadata


def test_casts_are_where_their_books_are(tmp_path: Path) -> None:
    rows = [row(f"Book {i}. " * (i + 1)) for i in range(3)]
    parts = part(tmp_path, rows[0]), part(tmp_path, *rows[1:])
    assignments = [AssignmentEntry(f"{n}", made) for n, made in enumerate(parts)]
    casts = [CastEntry(f"cast of {made.name}", made.name, 0, 0) for made in parts]
    entries = [entry(r, f"{i}.txt") for i, r in enumerate(rows)]
    (plan,) = plan_shards(entries, assignments, DatasetOptions((("train", 1.0),)), casts[::-1])
    homes = {book.book_id: cast.uri for cast, made in zip(casts, parts, strict=True) for book in made.books}
    assert {book.entry.book_id: book.cast_uri for book in plan.books} == homes
    (without,) = plan_shards(entries, assignments, DatasetOptions((("train", 1.0),), cast=0))
    assert {book.cast_uri for book in without.books} == {""}


THREE = Cast(
    (CastMember(1, ("Anna", "Annas"), 0, 3, 9), CastMember(2, ("Bo",), 0, 1, 1), CastMember(3, ("Clara",), 1, 1, 2)),
    ((2, 1), (1, 3), (1,)),
)


def signed(cast: Cast) -> SignedBook:
    """A book of three scenes with one sign each."""
    made = row()
    zeros = np.zeros(3, np.float32)
    return SignedBook(
        entry(made), made, np.zeros((3, 1), np.int32), zeros, zeros, zeros > 0, (2,), np.zeros((3, 2), np.uint8), cast
    )


@pytest.mark.parametrize(
    ("most", "lists"), [(1, [[2], [1], [1]]), (2, [[2, 1], [1, 3], [1]]), (16, [[2, 1], [1, 3], [1]])]
)
def test_lists_are_cut_and_the_table_is_whole(most: int, lists: list[list[int]]) -> None:
    tables = book_tables(signed(THREE), DatasetOptions(cast=most))
    assert tables["sequences"]["cast"].to_pylist() == [lists]
    assert tables["scenes"]["cast"].to_pylist() == lists
    assert tables["cast"].schema == CAST
    first, *rest = tables["cast"].to_pylist()
    assert first == {
        "book_id": row().book_id, "id": 1, "names": ["Anna", "Annas"], "first_scene": 0, "scenes": 3, "mentions": 9,
    }  # fmt: skip
    assert [member["names"] for member in rest] == [["Bo"], ["Clara"]]


def test_names_that_are_kept_back_are_in_no_column_but_the_text() -> None:
    named, unnamed = (book_tables(signed(THREE), DatasetOptions(cast_names=names)) for names in ("yes", "no"))
    assert unnamed["cast"]["names"].to_pylist() == [[], [], []]
    for config, table in named.items():
        assert unnamed[config].drop_columns("names") == table.drop_columns("names") if config == "cast" else table
    assert unnamed["scenes"] == named["scenes"]


def test_without_a_cast_there_is_no_table_and_every_list_is_empty() -> None:
    tables = book_tables(signed(Cast((), ((), (), ()))), DatasetOptions(cast=0))
    assert sorted(tables) == ["scenes", "sequences"]
    assert tables["sequences"]["cast"].to_pylist() == [[[], [], []]]


def test_books_that_name_nobody_leave_no_file(tmp_path: Path) -> None:
    tables = book_tables(signed(Cast((), ((), (), ()))), DatasetOptions())
    with open_tables(str(tmp_path), {config: f"{config}.parquet" for config in tables}) as write:
        for config, table in tables.items():
            write(config, table)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scenes.parquet", "sequences.parquet"]


def test_a_failure_leaves_no_file_behind(tmp_path: Path) -> None:
    rows = pa.Table.from_pylist([{"book_id": "a"}] * 600, schema=SEQUENCES)

    def fail() -> None:
        with open_tables(str(tmp_path), {"sequences": "s.parquet"}) as write:
            write("sequences", rows)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert list(tmp_path.iterdir()) == []
