"""The scripts that ship: whole, described, and made by the code beside them. Where they are not: `make script`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scenesign.schemas.inventory import DEFAULT_SCRIPT, InventoryInfo
from scenesign.schemas.version import PROTOCOL, PROTOCOL_VERSION
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, embedder_version
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.glosses.glossary import read_glossary
from scenesign.transforms.signs.inventory import copy_inventory, load_inventory, scripts

MOST_BYTES = 8 << 20
each = pytest.mark.parametrize("folder", [pytest.param(Path(path), id=name) for name, path in scripts().items()])


def test_a_script_ships() -> None:
    assert DEFAULT_SCRIPT in scripts(), "make script"


def shipped() -> InventoryInfo:
    return load_inventory(scripts()[DEFAULT_SCRIPT]).info


def test_it_is_of_the_default_embedder_and_its_installed_version() -> None:
    assert (shipped().embedder, shipped().embedder_version) == (DEFAULT_EMBEDDER, embedder_version(DEFAULT_EMBEDDER))


def test_it_is_made_of_scenes_that_are_cut_as_a_build_cuts_them() -> None:
    segmentation = shipped().segmentation
    assert SentenceOptions(**segmentation["sentences"]) == SentenceOptions()
    assert SceneOptions(**segmentation["scenes"]) == SceneOptions()


def test_it_is_of_this_protocol() -> None:
    assert shipped().protocol == f"{PROTOCOL}/{PROTOCOL_VERSION}"


@each
def test_files_are_those_that_the_inventory_describes(folder: Path, tmp_path: Path) -> None:
    copy_inventory(str(folder), str(tmp_path / "copy"))
    copied = {file.name for file in (tmp_path / "copy").iterdir()}
    assert {file.name for file in folder.iterdir()} == (copied | {"README.md"}) - {"embeddings.safetensors"}
    assert sum(file.stat().st_size for file in folder.iterdir()) < MOST_BYTES


@each
def test_the_card_is_that_of_this_version(folder: Path) -> None:
    card = (folder / "README.md").read_text(encoding="utf-8")
    info = load_inventory(str(folder)).info
    assert f"| name, version | {info.script}, {info.version} |" in card
    assert hashlib.sha256((folder / "inventory.json").read_bytes()).hexdigest() in card
    assert info.script == f"scenesign-{folder.name}"


@each
def test_every_topic_that_is_used_has_scenes_to_show(folder: Path) -> None:
    _, entries = read_glossary(str(folder))
    assert [entry.sign for entry in entries if entry.count and not entry.examples] == []
