"""What protocol 1 wrote is still read: a dataset that a program of its time made, plain signs of two levels."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from click.testing import CliRunner

from scenesign.pipeline.commands.encode import decode_glyphs
from scenesign.pipeline.commands.signs import signs as show_signs
from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.frozen_inventory import apply_frozen
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, embedder_version
from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.signs.glosses.glossary import read_glossary
from scenesign.transforms.signs.inventory import Inventory

LAMP = """The lamp on the pier had gone out, and Anna climbed the ladder with a can of oil. The wind pulled at her coat.
Below her the boats knocked against the stones. She filled the lamp and lit it, and the harbour was yellow again.

At home her father sat at the table and ate his soup. He asked about the boats. She said that all of them had come in.
They washed the plates and went to bed early.

In the morning a letter lay on the mat. It was from the owner of the pier. He thanked her for the light and sent two
coins. She put the coins into the blue jar.
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Two short stories, an inventory of 2 + 2 signs. Its embedder is the one that is installed now."""
    folder = tmp_path / "old"
    shutil.unpack_archive(Path(__file__).with_name("dataset-1.0.0.zip"), folder)
    info = json.loads((folder / "inventory" / "inventory.json").read_text(encoding="utf-8"))
    assert (info["protocol"], info["sizes"], info["embedder"]) == ("scene-signs/1.0.0", [2, 2], DEFAULT_EMBEDDER)
    info["embedder_version"] = embedder_version(DEFAULT_EMBEDDER)
    (folder / "inventory" / "inventory.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


def test_its_books_and_scenes_are_walked(old: Path) -> None:
    dataset = Dataset(old)
    assert dataset.manifest.levels == 2
    books = {book.title: book for book in dataset}
    assert {title: (book.levels, len(book), book.glyphs) for title, book in books.items()} == {
        "lamp": (2, 3, "一가丁가一각"),
        "bread": (2, 3, "丁각一가一각"),
    }
    scenes = list(books["lamp"].scenes())
    assert [scene.signs for scene in scenes] == [(0, 2), (1, 2), (0, 3)]
    assert scenes[1].text.startswith("At home her father")
    assert scenes[2].vector is not None


def test_its_inventory_and_glossary_are_read(old: Path) -> None:
    assert repr(Inventory.load(old)) == f"Inventory(4 signs, 2 levels, en, {DEFAULT_EMBEDDER})"
    _, glossary = read_glossary(str(old / "inventory"))
    assert [(entry.glyph, entry.level, entry.name) for entry in glossary] == [
        ("一", 1, ""),
        ("丁", 1, ""),
        ("가", 2, ""),
        ("각", 2, ""),
    ]
    assert glossary[2].examples


def test_a_text_gets_the_signs_it_had(old: Path) -> None:
    found = SignEncoder(old).encode(LAMP, language="en")
    assert found.glyphs == "一가丁가一각"
    assert found.signs == (0, 2, 1, 2, 0, 3)


def test_glyphs_are_read_back(old: Path) -> None:
    (told,) = SignEncoder(old).decode("丁각")
    assert (told.signs, told.topic.sign, told.letters, told.words) == ((1, 3), 1, (), ())
    done = CliRunner().invoke(decode_glyphs, ["-i", str(old), "--json", "丁각"])
    assert [json.loads(line)["glyphs"] for line in done.stdout.splitlines()] == ["丁각"]
    assert "of no sign of this inventory, left out: 갂" in SignEncoder(old).decode("갂").notes[0]


def test_its_signs_are_shown(old: Path) -> None:
    for arguments, glyph in ((["--sign", "각"], "각"), (["--level", "2"], "가")):
        done = CliRunner().invoke(show_signs, [str(old), "--json", *arguments])
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[0])["glyph"] == glyph


def test_the_validator_says_what_to_do_with_it(old: Path) -> None:
    verdict = validate_dataset(old)
    assert set(verdict.counts) == {"manifest.version"}
    (finding,) = verdict.findings
    assert (
        finding.detail == "'scene-signs/1.0.0' is read and not checked any more; build the dataset again from its books"
    )


def test_no_new_dataset_is_written_in_its_signs(old: Path) -> None:
    with pytest.raises(UsageError, match=r"inventory follows protocol scene-signs/1\.0\.0: its signs can be read, but"):
        apply_frozen(BuildOptions(("in",), "out"), PipelineOptions([]), str(old))


def change(folder: Path, path: str, edit: Callable[[dict], object]) -> None:
    fields = json.loads((folder / path).read_text(encoding="utf-8"))
    edit(fields)
    (folder / path).write_text(json.dumps(fields), encoding="utf-8")


@pytest.mark.parametrize("version", ["0.9.0", "3.0.0", "1", "", "x.1.0", "9" * 5_000 + ".0.0", "²"])
def test_other_major_versions_are_refused_by_name(old: Path, version: str) -> None:
    for path, opened in (("manifest.json", Dataset), ("inventory/inventory.json", Inventory.load)):
        change(old, path, lambda fields: fields.update(protocol=f"scene-signs/{version}"))
        if version == "1":  # a major version is all that decides
            opened(old)
            continue
        with pytest.raises(ValueError, match=rf"{path} follows protocol scene-signs/.*; this program speaks .*1\.x"):
            opened(old)


def test_a_manifest_of_now_says_how_many_signs_a_scene_has(old: Path) -> None:
    text = (old / "manifest.json").read_text(encoding="utf-8")
    now = replace(Manifest.from_json(text), protocol="scene-signs/2.0.0").to_json()
    assert Manifest.from_json(now).levels == 2
    fields = json.loads(now)
    del fields["levels"]
    with pytest.raises(ValueError, match=r"manifest.json is not a scenesign manifest .*levels"):
        Manifest.from_json(json.dumps(fields))
