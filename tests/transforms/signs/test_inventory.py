"""An inventory opened: by its folder, its dataset, or the name of a script."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest

from scenesign.transforms.signs import inventory
from scenesign.transforms.signs.inventory import Inventory, inventory_folder
from scenesign.transforms.support import storage
from tests.stores import Store


def test_by_folder_and_by_dataset(demo: Path) -> None:
    for where in (demo, str(demo), demo / "inventory", f"{demo}/inventory/"):
        assert repr(Inventory.load(where)) == "Inventory(12 topics, 2 glyphs, en ru zh, use-multilingual)"


def test_what_is_none_names_the_scripts_there_are(tmp_path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for where in ("script-0", tmp_path, demo / "scenes"):
        with pytest.raises(FileNotFoundError, match=r"is not an inventory: .* give a dataset"):
            Inventory.load(where)
    for name in ("script-2", "script-1"):
        shutil.copytree(demo / "inventory", tmp_path / name)
    (tmp_path / "notes").mkdir()
    monkeypatch.setattr(inventory, "SCRIPTS", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"\(these are: script-1, script-2\)"):
        Inventory.load("script-0")
    assert inventory_folder("script-2") == str(tmp_path / "script-2")
    assert Inventory.load("script-2").info == Inventory.load(demo).info


def test_a_folder_comes_before_a_script_of_its_name(
    tmp_path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo / "inventory", tmp_path / "scripts" / "mine")
    shutil.copytree(demo / "inventory", tmp_path / "mine" / "inventory")
    monkeypatch.setattr(inventory, "SCRIPTS", tmp_path / "scripts")
    monkeypatch.chdir(tmp_path)
    assert inventory_folder("mine") == "mine/inventory"


def test_a_damaged_one_names_its_file(tmp_path: Path, demo: Path) -> None:
    shutil.copytree(demo / "inventory", tmp_path / "inventory")
    codebook = tmp_path / "inventory" / "codebook.safetensors"
    codebook.write_bytes(codebook.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match=r"codebook\.safetensors is not the file that inventory\.json describes"):
        Inventory.load(tmp_path)
    codebook.unlink()
    with pytest.raises(ValueError, match=r"codebook\.safetensors"):
        Inventory.load(tmp_path)


def test_in_an_object_store(store: Store, demo: Path) -> None:
    home = f"{store.bucket}/{uuid.uuid4().hex}"
    for path in (demo / "inventory").iterdir():
        storage.write_bytes(f"{home}/inventory/{path.name}", path.read_bytes())
    assert Inventory.load(home).info == Inventory.load(demo).info
    with pytest.raises(FileNotFoundError, match="is not an inventory"):
        Inventory.load(f"{home}/nowhere")
