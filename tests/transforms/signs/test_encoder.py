"""The encoder: a book of the dataset gets the signs it has there; passages, strangers and odd glyphs are handled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
import pytest

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.encoder import Encoding, SignEncoder
from tests.conftest import LIBRARY, run_scenesign

STORM = "The wind tore the sail. A wave broke over the deck. Thunder rolled, and the mast went overboard."


@pytest.fixture(scope="module")
def encoder(demo: Path) -> SignEncoder:
    return SignEncoder(demo)


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_a_book_gets_the_signs_it_has_in_the_dataset(
    encoder: SignEncoder, demo: Path, library: Path, language: str
) -> None:
    name = f"{language}/the-ferrymans-debt.txt"
    rows = ds.dataset(demo / "sequences").to_table().to_pylist()
    (row,) = [row for row in rows if row["source"] == name]
    found = encoder.encode((library / name).read_text(encoding="utf-8"))
    assert found.language == language
    assert list(found.signs) == row["signs"]
    assert found.glyphs == row["glyphs"]
    book = Dataset(demo).book(row["book_id"])
    for scene, stored in zip(found, book.scenes(), strict=True):
        for name in ("text", "start", "end", "signs", "glyphs", "novel", "cast"):
            assert getattr(scene, name) == getattr(stored, name)
        assert scene.distance == pytest.approx(stored.distance, abs=1e-6)
        assert scene.vector.dtype == np.float32
        # the dataset keeps them in 16 bits
        assert (scene.vector.astype(np.float16) == stored.vector).all()
    assert found.vectors.shape == (len(book), encoder.inventory.info.dimensions)
    assert len(found.text) == book.characters
    assert found.cast == book.cast


def test_a_folder_a_dataset_and_both_ways_to_open_are_the_same(encoder: SignEncoder, demo: Path) -> None:
    for other in (SignEncoder(str(demo / "inventory")), SignEncoder.load(demo)):
        assert other.folder == encoder.folder == str(demo / "inventory")
        assert other.encode(STORM, "en") == encoder.encode(STORM, "en")
    assert repr(encoder) == f"SignEncoder('{demo}/inventory': 12 topics, 2 glyphs, en ru zh, use-multilingual)"
    assert repr(encoder.encode(STORM, "en")).endswith(", 1 scene, en)")


LONG = (LIBRARY / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")
TEXTS: list[str | tuple[str, str]] = [
    STORM, ("Пришла весна. Снег растаял.", "ru"), ("春天来了。雪化了。", "zh"), (LONG, "en"), ("One word", "en"),
]  # fmt: skip


def test_a_stream_gives_to_the_bit_what_one_by_one_gives(encoder: SignEncoder) -> None:
    taken = []

    def texts() -> Iterator[str | tuple[str, str]]:
        for item in TEXTS:
            taken.append(item)
            yield item

    stream = encoder.encode_many(texts(), language="en")
    assert not taken
    found = []
    for encoding in stream:
        found.append(encoding)
        assert len(taken) == len(found)  # lazy
    alone = [
        encoder.encode(STORM, "en"),
        encoder.encode("Пришла весна. Снег растаял.", "ru"),
        encoder.encode("春天来了。雪化了。", "zh"),
        encoder.encode(LONG, "en"),
        encoder.encode("One word", "en"),
    ]
    assert found == alone
    assert [a.vectors.tobytes() for a in found] == [b.vectors.tobytes() for b in alone]
    assert len(found[3]) > 1


def test_a_bad_text_in_a_stream(encoder: SignEncoder) -> None:
    texts = [STORM, "  \n ", STORM]
    stream = encoder.encode_many(texts, language="en")
    assert len(next(stream)) == 1
    with pytest.raises(ValueError, match="text 1: no sentence"):
        next(stream)
    first, empty, last = encoder.encode_many(texts, language="en", errors="note")
    assert first == last
    assert (len(empty), empty.glyphs, empty.signs, empty.text, empty.vectors.size) == (0, "", (), "", 0)
    assert empty.notes[0].startswith("no sentence")
    with pytest.raises(TypeError, match="encode takes one"):
        encoder.encode_many(STORM)
    with pytest.raises(ValueError, match="'skip' is neither 'raise' nor 'note'"):
        encoder.encode_many(texts, errors="skip")  # type: ignore[arg-type]


def test_texts_without_letters_have_no_language(encoder: SignEncoder) -> None:
    found = encoder.encode("1234. 5678!")
    assert isinstance(found, Encoding)
    assert len(found) == 1
    assert "no mean for language ''" in found.notes[-1]


def test_a_passage_gets_the_sign_of_such_scenes(encoder: SignEncoder) -> None:
    found = encoder.encode(STORM, "en")
    (told,) = encoder.decode(found.glyphs)
    assert len(found) == 1
    assert told.signs == found.signs
    assert len(told.letters) == 3 * (len(told.signs) - 1)
    assert (found.scenes[0].start, found.scenes[0].end) == (0, len(STORM))
    assert any(word in example.text for example in told.topic.examples for word in ("storm", "wind", "mast"))


def test_a_language_without_a_mean_is_noted(encoder: SignEncoder) -> None:
    found = encoder.encode("Der Sturm zerriss das Segel. Eine Welle schlug über das Deck.", "de")
    assert "no mean for language 'de' (it knows en, ru, zh); the mean of all is used" in found.notes[-1]


def test_empty_text_and_unknown_glyphs_are_named(encoder: SignEncoder) -> None:
    with pytest.raises(ValueError, match="no sentence"):
        encoder.encode("  \n ", "en")
    story = encoder.decode("Q")
    assert len(story) == 0
    assert "1 character of no sign of this inventory, left out: Q" in story.notes[0]
    with pytest.raises(ValueError, match="klingonish"):
        encoder.decode("一", "klingonish")


def test_a_language_without_a_mean_is_written_as_a_build_writes_it(encoder: SignEncoder) -> None:
    found = encoder.encode("Вітер порвав вітрило. Хвиля накрила палубу. Щогла впала за борт.", "uk")
    assert "no mean for language 'uk' (it knows en, ru, zh); the mean of all is used" in found.notes[-1]
    codes, _ = encoder.inventory.assign(found.vectors, "uk")
    assert found.signs == tuple(encoder.inventory.signs(codes).ravel().tolist())


def test_another_embedder_is_refused_with_both_names(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "inventory", tmp_path / "inventory")
    path = tmp_path / "inventory" / "inventory.json"
    path.write_text(
        json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"embedder_version": "other 9"}), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"use-multilingual \(other 9\); installed is fast-universal"):
        SignEncoder(tmp_path / "inventory")


def test_the_commands(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "storm.txt").write_text(STORM, encoding="utf-8")
    encoded = run_scenesign("encode", "-i", demo, tmp_path / "storm.txt", "--json", "--language", "en")
    assert encoded.returncode == 0, encoded.stderr
    glyphs = json.loads(encoded.stdout)["glyphs"]
    decoded = run_scenesign("decode", "-i", demo, glyphs + "Q")
    assert decoded.returncode == 0, decoded.stderr
    assert decoded.stdout.startswith(glyphs[0])
    assert "of no sign of this inventory, left out: Q" in decoded.stderr
    missing = run_scenesign("encode", "-i", tmp_path, "-")
    assert (missing.returncode, "is not an inventory" in missing.stderr) == (2, True)
