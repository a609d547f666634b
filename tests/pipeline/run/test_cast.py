"""Options of the cast, in whole runs: finished books are reused, and nothing but the cast changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenesign.pipeline.run.build_dataset import build_dataset
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.transforms.dataset.read import Dataset

CAST = ["cast"]


@pytest.fixture
def parts(bell: Path, tmp_path: Path) -> Path:
    """Finished books of the pair."""
    return Path(shutil.copytree(f"{bell}.parts", tmp_path / "parts"))


def build(pair: Path, output: Path, parts: Path, **asked: object) -> Dataset:
    result = build_dataset(pair, output, parts=parts, name="bell", signs=6, **asked)  # type: ignore[arg-type]
    assert result.manifest
    assert result.manifest.run["counters"].get("sentences/embedded", 0) == 0
    verdict = validate_dataset(output)
    assert (verdict.valid, verdict.counts) == (True, {}), verdict.findings
    return Dataset(output)


def rows(dataset: Dataset, config: str) -> list[dict]:
    return pq.read_table(f"{dataset.folder}/{config}").to_pylist()


def without(found: list[dict], *columns: str) -> list[dict]:
    return [{name: value for name, value in row.items() if name not in columns} for row in found]


def test_names_are_kept_back_and_ids_stay(bell: Path, parts: Path, pair: Path, tmp_path: Path) -> None:
    named, unnamed = Dataset(bell), build(pair, tmp_path / "out", parts, cast_names="no")
    for config in ("sequences", "scenes"):
        assert rows(unnamed, config) == rows(named, config)
    assert without(rows(unnamed, "cast"), "names") == without(rows(named, "cast"), "names")
    assert all(row["names"] for row in rows(named, "cast"))
    assert not any(row["names"] for row in rows(unnamed, "cast"))
    assert unnamed.manifest.options["cast_names"] == "no"
    first = next(member for book in unnamed for member in book.cast)
    assert first.name == f"E{first.id}"


def test_lists_are_as_long_as_asked_for_and_the_table_is_the_same(
    bell: Path, parts: Path, pair: Path, tmp_path: Path
) -> None:
    four, one = Dataset(bell), build(pair, tmp_path / "out", parts, cast=1)
    assert rows(one, "cast") == rows(four, "cast")
    lists = [row["cast"] for row in rows(four, "scenes")]
    assert [row["cast"] for row in rows(one, "scenes")] == [ids[:1] for ids in lists]
    assert any(len(ids) > 1 for ids in lists)


def test_without_a_cast_everything_else_is_the_same(bell: Path, parts: Path, pair: Path, tmp_path: Path) -> None:
    some, none = Dataset(bell), build(pair, tmp_path / "out", parts, cast=0)
    assert not none.has_cast
    assert not (tmp_path / "out" / "cast").exists()
    for config in ("sequences", "scenes"):
        assert without(rows(none, config), *CAST) == without(rows(some, config), *CAST)
    assert not any(row["cast"] for row in rows(none, "scenes"))
    told = {name: value for name, value in some.manifest.metrics.items() if not name.startswith("cast/")}
    assert none.manifest.metrics == told
    assert told != some.manifest.metrics
