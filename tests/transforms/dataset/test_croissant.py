"""The description for catalogues: MLCommons' own library takes it, and reads the tables by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.dataset.croissant import (
    CROISSANT,
    croissant,
    croissant_text,
    described_columns,
    described_files,
)

mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed (pip install -e '.[dev]')")


def manifest_of(folder: Path) -> Manifest:
    return Manifest.from_json((folder / "manifest.json").read_text(encoding="utf-8"))


def test_mlcommons_library_takes_it_and_reads_every_table_by_it(demo: Path) -> None:
    dataset = mlcroissant.Dataset(demo / CROISSANT)
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    # a manifest knows neither when nor as what version somebody publishes it
    assert sorted(warning.split('"')[1].rpartition("/")[2] for warning in issues.warnings) == [
        "datePublished",
        "version",
    ]
    tables = {record_set.id for record_set in dataset.metadata.record_sets}
    assert tables == {entry.config for entry in manifest_of(demo).files if entry.config}
    for table in tables:
        stored = pa.concat_tables(
            pq.read_table(path, partitioning=None) for path in sorted((demo / table).rglob("*.parquet"))
        )
        records = list(dataset.records(table))
        assert len(records) == stored.num_rows
        if "book_id" in stored.column_names:
            ids = [record[f"{table}/book_id"].decode() for record in records]
            assert sorted(ids) == sorted(stored["book_id"].to_pylist())


def test_lists_and_splits_are_read_as_they_are_stored(demo: Path) -> None:
    records = mlcroissant.Dataset(demo / CROISSANT).records("sequences")
    stored = {}
    for path in (demo / "sequences").rglob("*.parquet"):
        for row in pq.read_table(path, partitioning=None).to_pylist():
            stored[row["book_id"]] = (path.parent.name.removeprefix("split="), row["signs"], row["cast"], row["glyphs"])
    read = {
        record["sequences/book_id"].decode(): (
            record["sequences/split"].decode(),
            list(record["sequences/signs"]),
            [list(scene) for scene in record["sequences/cast"]],
            record["sequences/glyphs"].decode(),
        )
        for record in records
    }
    assert read == stored


def test_it_has_the_digests_of_the_manifest_and_no_others(demo: Path) -> None:
    described = json.loads((demo / CROISSANT).read_text(encoding="utf-8"))
    manifest = manifest_of(demo)
    files = described_files(described)
    assert files == {entry.path: (f"{entry.bytes} B", entry.sha256) for entry in manifest.files}
    assert not {CROISSANT, "manifest.json", "README.md"} & set(files)
    assert described_columns(described)["scenes"][:3] == ["split", "book_id", "scene"]
    assert "sketch" not in described_columns(described)["scenes"]


def test_it_follows_from_the_manifest_alone(demo: Path) -> None:
    manifest = manifest_of(demo)
    written = (demo / CROISSANT).read_text(encoding="utf-8")
    assert croissant_text(manifest) == written
    assert croissant_text(replace(manifest, run={"seconds": 1.0})) == written
    assert croissant_text(replace(manifest, name="other")) != written


def test_names_and_licences_of_strangers_stay_text(demo: Path, tmp_path: Path) -> None:
    manifest = manifest_of(demo)
    books = (replace(manifest.books[0], license="CC0-1.0"), *manifest.books[1:])
    described = croissant(replace(manifest, name='}, note={x}\\ "<b>', books=books))
    assert described["license"] == ["cc0-1.0", "unknown"]
    cited = str(described["citeAs"])
    assert cited.count("{") == cited.count("}") == 3
    assert "\\" not in cited
    (tmp_path / CROISSANT).write_text(json.dumps(described), encoding="utf-8")
    assert mlcroissant.Dataset(tmp_path / CROISSANT).metadata.name
