"""The encoder: a book of the dataset gets the signs it has there; passages, strangers and odd glyphs are handled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from scenesign.transforms.signs.encoder import SignEncoder
from tests.conftest import run_scenesign

STORM = "The wind tore the sail. A wave broke over the deck. Thunder rolled, and the mast went overboard."


@pytest.fixture(scope="module")
def encoder(demo: Path) -> SignEncoder:
    return SignEncoder.load(str(demo / "inventory"))


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_a_book_gets_the_signs_it_has_in_the_dataset(
    encoder: SignEncoder, demo: Path, library: Path, language: str
) -> None:
    name = f"{language}/the-ferrymans-debt.txt"
    rows = ds.dataset(demo / "sequences").to_table().to_pylist()
    (row,) = [row for row in rows if row["source"] == name]
    found = encoder.encode((library / name).read_text())
    assert found.language == language
    assert list(found.signs) == row["signs"]
    assert found.glyphs == row["glyphs"]
    assert "".join(found.text[a:b] for a, b in found.scenes) == found.text


def test_a_passage_gets_the_sign_of_such_scenes(encoder: SignEncoder) -> None:
    found = encoder.encode(STORM, "en")
    gloss = encoder.decode(found.glyphs)[0]
    assert len(found.scenes) == 1
    assert any(word in scene.text for scene in gloss.examples for word in ("storm", "wind", "mast"))


def test_a_language_without_a_mean_is_noted(encoder: SignEncoder) -> None:
    found = encoder.encode("Der Sturm zerriss das Segel. Eine Welle schlug über das Deck.", "de")
    assert "no mean for language 'de' (it knows en, ru, zh)" in found.notes[-1]


def test_empty_text_and_unknown_glyphs_are_named(encoder: SignEncoder) -> None:
    with pytest.raises(ValueError, match="no sentence"):
        encoder.encode("  \n ", "en")
    with pytest.raises(ValueError, match="no sign of this inventory: Q"):
        encoder.decode("Q")


def test_another_embedder_is_refused_with_both_names(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "inventory", tmp_path / "inventory")
    path = tmp_path / "inventory" / "inventory.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"embedder_version": "other 9"}))
    with pytest.raises(ValueError, match=r"use-multilingual \(other 9\); installed is fast-universal"):
        SignEncoder.load(str(tmp_path / "inventory"))


def test_the_commands(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "storm.txt").write_text(STORM)
    encoded = run_scenesign("encode", "-i", demo, tmp_path / "storm.txt", "--json", "--language", "en")
    assert encoded.returncode == 0, encoded.stderr
    glyphs = json.loads(encoded.stdout)["glyphs"]
    decoded = run_scenesign("decode", "-i", demo, glyphs + "Q")
    assert decoded.returncode == 0, decoded.stderr
    assert decoded.stdout.startswith(glyphs[0])
    assert "no sign of this inventory: Q" in decoded.stderr
    missing = run_scenesign("encode", "-i", tmp_path, "-")
    assert (missing.returncode, "is not an inventory" in missing.stderr) == (2, True)
