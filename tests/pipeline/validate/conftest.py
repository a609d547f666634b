"""A dataset to damage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from scenesign.transforms.signs import inventory
from tests.pipeline.validate.damage import SCRIPT, Copy


@pytest.fixture
def copy(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A copy of the demo, on a machine that has one script."""
    shutil.copytree(demo, tmp_path / "copy")
    published = tmp_path / "scripts" / "script-7"
    published.mkdir(parents=True)
    info = json.loads((demo / "inventory/inventory.json").read_text(encoding="utf-8"))
    (published / "inventory.json").write_text(json.dumps(info | SCRIPT), encoding="utf-8")
    monkeypatch.setattr(inventory, "SCRIPTS", tmp_path / "scripts")
    return Copy(tmp_path / "copy")
