"""Splits and shards: stable, without leakage, never empty."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.parts import AssignmentEntry
from scenesign.schemas.tables import SEQUENCES
from scenesign.transforms.dataset.write import DatasetOptions, open_tables, plan_shards
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


def test_a_failure_leaves_no_file_behind(tmp_path: Path) -> None:
    rows = pa.Table.from_pylist([{"book_id": "a"}] * 600, schema=SEQUENCES)

    def fail() -> None:
        with open_tables(str(tmp_path), {"sequences": "s.parquet"}) as write:
            write("sequences", rows)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert list(tmp_path.iterdir()) == []
