"""Copies of a good dataset, and ways to damage them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from safetensors.numpy import load, save

from scenesign.pipeline.validate.dataset import Verdict, validate_dataset
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.dataset.card import card_header
from scenesign.transforms.dataset.croissant import CROISSANT, write_croissant
from scenesign.transforms.support.storage import PARQUET_OPTIONS

SEQUENCES = "sequences/split=train/train-00000-of-00001.parquet"
SCENES = "scenes/split=train/train-00000-of-00001.parquet"
INFO = "inventory/inventory.json"
# The name and version of the script that is published where the tests run.
SCRIPT = {"script": "scenesign-script-7", "version": "7.0.0"}


class Copy:
    """A copy of a good dataset, to be damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __truediv__(self, path: str) -> Path:
        return self.folder / path

    def edit_json(self, path: str, edit: Callable[[dict[str, Any]], object]) -> None:
        """Changes a JSON file in place."""
        fields = json.loads((self / path).read_text(encoding="utf-8"))
        edit(fields)
        (self / path).write_text(
            json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    def edit_manifest(self, edit: Callable[[dict[str, Any]], object]) -> None:
        """Changes the manifest."""
        self.edit_json("manifest.json", edit)

    def edit_rows(self, path: str, edit: Callable[[list[dict[str, Any]]], object]) -> None:
        """Changes rows of a Parquet file; its schema stays."""
        table = pq.read_table(self / path, partitioning=None)
        rows = table.to_pylist()
        edit(rows)
        self.write(path, pa.Table.from_pylist(rows, schema=table.schema))

    def edit_table(self, path: str, edit: Callable[[pa.Table], pa.Table]) -> None:
        """Replaces a table by another."""
        self.write(path, edit(pq.read_table(self / path, partitioning=None)))

    def edit_tensors(self, path: str, edit: Callable[[dict[str, np.ndarray]], object]) -> None:
        """Changes arrays of a safetensors file."""
        tensors = load((self / path).read_bytes())
        edit(tensors)
        (self / path).write_bytes(save(tensors))

    def write(self, path: str, table: pa.Table, **options: Any) -> None:
        """Writes a table as the product does."""
        (self / path).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, self / path, **(PARQUET_OPTIONS | options))

    def list(self, path: str, config: str, split: str) -> None:
        """Adds a file to the manifest."""
        entry = {"path": path, "config": config, "split": split, "rows": 0, "bytes": 0, "memory_bytes": 0}
        self.edit_manifest(lambda m: m["files"].append(entry | {"sha256": ""}))

    def seal(self) -> None:
        """Makes sizes, rows and digests true again, so that only the damage itself can be found."""
        names = [p.name for p in (self / "inventory").iterdir() if p.name != "inventory.json"]
        if (self / INFO).exists():
            self.edit_json(INFO, lambda i: i["files"].update({n: self._sha(f"inventory/{n}") for n in names}))

        def restate(manifest: dict[str, Any]) -> None:
            for entry in manifest["files"]:
                path = self / entry["path"]
                if path.is_file():
                    entry |= {"bytes": path.stat().st_size, "sha256": self._sha(entry["path"])}
                    if entry["config"]:
                        entry["rows"] = rows_of(path, entry["rows"])

        self.edit_manifest(restate)
        manifest = Manifest.from_json((self / "manifest.json").read_text(encoding="utf-8"))
        body = (self / "README.md").read_text(encoding="utf-8").split("---\n", 2)[2]
        header = yaml.safe_dump(card_header(manifest), sort_keys=False, allow_unicode=True)
        (self / "README.md").write_text(f"---\n{header}---\n{body}", encoding="utf-8")
        if (self / CROISSANT).exists():
            write_croissant(str(self.folder), manifest)

    def _sha(self, path: str) -> str:
        return hashlib.sha256((self / path).read_bytes()).hexdigest()

    def validate(self) -> Verdict:
        """The verdict on it as it is now."""
        return validate_dataset(str(self.folder))


def rows_of(path: Path, otherwise: int) -> int:
    try:
        return pq.read_metadata(path).num_rows
    except pa.ArrowInvalid:
        return otherwise


def set_at(row: int, **values: Any) -> Callable[[list[dict[str, Any]]], None]:
    """Sets fields of one row; a callable gets the old value."""

    def edit(rows: list[dict[str, Any]]) -> None:
        for name, value in values.items():
            rows[row][name] = value(rows[row][name]) if callable(value) else value

    return edit


Damage = Callable[[Copy], object]

# What a damage may break besides: rules that compare the damaged place with another.
CONSEQUENCES = {
    "atlas.scenes", "books.counts", "books.same", "cast.ids", "cast.members", "cast.places", "cast.sequence",
    "concepts.books", "concepts.lists", "concepts.signs", "concepts.text", "inventory.glossary", "inventory.letters",
    "manifest.books", "manifest.counts", "metrics.values", "scenes.text", "scenes.tiling", "signs.frequency",
    "signs.sequence", "tables.metadata",
}  # fmt: skip
