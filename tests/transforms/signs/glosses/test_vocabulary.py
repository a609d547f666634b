"""Vocabularies: which words are told of vectors, and the files they are kept in."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.signs.glosses.vocabulary import (
    MAPS,
    WORDS,
    Vocabulary,
    fit_language,
    join_languages,
    read_vocabulary,
    vocabulary_files,
)
from scenesign.transforms.signs.neutralise import unit

DIMENSIONS, SCENES, FOUND = 12, 800, 5
KINDS = unit(np.random.default_rng(1).normal(size=(FOUND, DIMENSIONS)))


def speech(seed: int, scenes: int = SCENES) -> tuple[np.ndarray, sparse.csc_matrix, np.ndarray]:
    """Scenes of FOUND kinds, which each have a word that only they hold, in one scene of three; and their kinds."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(FOUND, size=scenes)
    vectors = unit(KINDS[kinds] + 0.05 * rng.normal(size=(scenes, DIMENSIONS)))
    present = (np.eye(FOUND)[kinds] * (rng.random((scenes, 1)) < 1 / 3)).astype(np.float32)
    usual, once = np.ones((scenes, 1), np.float32), np.eye(scenes, 1, dtype=np.float32)
    return vectors, sparse.csc_matrix(np.hstack([present, usual, once])), kinds


def fitted(languages: str = "en ru") -> Vocabulary:
    maps = {}
    for seed, code in enumerate(languages.split()):
        vectors, present, _ = speech(seed)
        maps[code] = fit_language(vectors, present, [*(f"{code}{kind}" for kind in range(FOUND)), "usual", "once"])
    return join_languages(maps, DIMENSIONS)


def written(folder: Path, files: dict[str, bytes]) -> InventoryInfo:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return InventoryInfo("e", "1", DIMENSIONS, (5,), {"en": 1}, 8.0, 1.0, 0, 1, 1, {}, files=digests)


def test_a_scene_is_told_in_the_words_of_its_kind_in_any_language() -> None:
    vocabulary = fitted()
    for code in ("en", "ru"):
        assert vocabulary.words(KINDS, code, 1) == [(f"{code}{kind}",) for kind in range(FOUND)]
    # a language's map serves scenes in another
    vectors, _, kinds = speech(9, 50)
    assert vocabulary.words(vectors, "ru", 1) == [(f"ru{kind}",) for kind in kinds]
    assert vocabulary.words(KINDS, "de", 3) == [()] * FOUND
    assert vocabulary.words(KINDS[:0], "en", 3) == []


def test_words_of_all_scenes_or_of_one_tell_nothing() -> None:
    known = fitted("en").maps["en"].words
    assert set(known) == {f"en{kind}" for kind in range(FOUND)}


def test_a_language_of_few_scenes_has_no_words() -> None:
    vectors, present, _ = speech(0, 499)
    assert fit_language(vectors, present, ["w"] * (FOUND + 2)) is None
    empty = join_languages({"en": None}, DIMENSIONS)
    assert vocabulary_files(empty) == {}
    assert empty.words(KINDS, "en", 3) == [()] * FOUND


def test_files_tell_the_same_words(tmp_path: Path) -> None:
    vocabulary = fitted()
    files = vocabulary_files(vocabulary)
    assert files == vocabulary_files(fitted())
    read = read_vocabulary(str(tmp_path), written(tmp_path, files))
    assert sorted(read.maps) == ["en", "ru"]
    for code in ("en", "ru"):
        assert read.maps[code].words == vocabulary.maps[code].words
        assert read.words(KINDS, code, 2)[0][0] == vocabulary.words(KINDS, code, 2)[0][0]
        np.testing.assert_allclose(read.maps[code].weights, vocabulary.maps[code].weights, atol=0.01)


def test_an_inventory_without_a_vocabulary_has_an_empty_one(tmp_path: Path) -> None:
    assert read_vocabulary(str(tmp_path), written(tmp_path, {})).words(KINDS, "en", 3) == [()] * FOUND


@pytest.mark.parametrize("words", [{"en": ["a"]}, ["en"], {"fr": ["a"]}, {"en": 5}, "x"])
def test_words_that_do_not_fit_their_weights_are_refused(tmp_path: Path, words: object) -> None:
    files = vocabulary_files(fitted()) | {WORDS: json.dumps(words).encode()}
    with pytest.raises(ValueError, match=f"{MAPS} and {WORDS} are no vocabulary"):
        read_vocabulary(str(tmp_path), written(tmp_path, files))


def test_missing_altered_and_broken_files_are_named(tmp_path: Path) -> None:
    files = vocabulary_files(fitted())
    info = written(tmp_path, files)
    (tmp_path / WORDS).write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{WORDS} is not the file that inventory.json describes"):
        read_vocabulary(str(tmp_path), info)
    (tmp_path / WORDS).unlink()
    with pytest.raises(ValueError, match=rf"is not an inventory \(.*{WORDS}"):
        read_vocabulary(str(tmp_path), info)
    with pytest.raises(ValueError, match="are no vocabulary"):
        read_vocabulary(str(tmp_path), written(tmp_path, files | {MAPS: b"no tensors"}))
