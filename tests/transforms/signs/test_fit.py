"""Fitting, saving, loading and freezing an inventory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenesign.schemas.parts import AssignmentEntry
from scenesign.transforms.signs.assign import assign_part, read_assignments
from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory
from scenesign.transforms.signs.freeze import freeze
from scenesign.transforms.signs.inventory import Inventory, load_inventory, save_inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.support import storage
from tests.builders import DIMENSIONS, part, row

WHO = Provenance("use-multilingual", "1")


def sample(book_id: str, language: str, vectors: np.ndarray) -> BookSample:
    """A book all of whose scenes are sampled."""
    return BookSample(book_id, language, len(vectors), vectors.mean(axis=0), np.arange(len(vectors)), vectors)


def samples(books: int = 4, scenes: int = 20) -> list[BookSample]:
    rng = np.random.default_rng(5)
    made = []
    for i in range(books):
        vectors = unit(rng.normal(size=(scenes, DIMENSIONS)) + 2 * rng.normal(size=DIMENSIONS))
        made.append(sample(f"{i:032x}", "en" if i % 2 else "ru", vectors))
    return made


def inventory(**options: Any) -> Inventory:
    return fit_inventory(samples(), InventoryOptions(**options), WHO)


def test_order_of_samples_does_not_matter() -> None:
    forward = fit_inventory(samples(), InventoryOptions(signs=6), WHO)
    backward = fit_inventory(samples()[::-1], InventoryOptions(signs=6), WHO)
    assert forward.quantiser.embeddings().tobytes() == backward.quantiser.embeddings().tobytes()
    assert forward.info == backward.info


def test_too_many_signs_are_lowered_with_a_note() -> None:
    made = fit_inventory(samples(1, 3), InventoryOptions(signs=50), WHO)
    assert 1 <= made.info.sizes[0] <= 3
    assert "50 topics were asked for; 3 scenes support no more" in made.info.notes[0]


def test_one_scene_makes_one_sign() -> None:
    vectors = unit(np.ones((1, DIMENSIONS)))
    made = fit_inventory([sample("a", "en", vectors)], InventoryOptions(), WHO)
    assert made.info.sizes == (1, 4_096)
    codes, distances = made.assign(vectors, "en")
    assert codes.tolist() == [[0, 0]]
    assert np.isfinite(distances).all()


def test_nothing_to_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="no scene to fit"):
        fit_inventory([], InventoryOptions(), WHO)


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    made = save_inventory(str(tmp_path), inventory(signs=5, glyphs=2))
    loaded = load_inventory(str(tmp_path))
    assert loaded.info == made.info
    vectors = samples()[0].vectors
    before, after = made.assign(vectors, "ru"), loaded.assign(vectors, "ru")
    assert before[0].tobytes() == after[0].tobytes()
    assert before[1].tobytes() == after[1].tobytes()


def test_an_altered_codebook_is_refused(tmp_path: Path) -> None:
    save_inventory(str(tmp_path), inventory(signs=4))
    path = tmp_path / "codebook.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match=r"codebook.safetensors.*SHA-256 differs"):
        load_inventory(str(tmp_path))


def test_another_protocol_is_refused(tmp_path: Path) -> None:
    save_inventory(str(tmp_path), inventory(signs=4))
    path = tmp_path / "inventory.json"
    fields = json.loads(path.read_text(encoding="utf-8")) | {"protocol": "scene-signs/9.0.0"}
    path.write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(ValueError, match=r"scene-signs/9.0.0; this program speaks scene-signs/2"):
        load_inventory(str(tmp_path))


def resealed(folder: Path, edit: Callable[[dict[str, np.ndarray]], object]) -> None:
    """Changes the arrays of an inventory, and its digest with them."""
    tensors = load_tensors((folder / "codebook.safetensors").read_bytes())
    edit(tensors)
    data = save_tensors(tensors)
    (folder / "codebook.safetensors").write_bytes(data)
    info = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
    info["files"]["codebook.safetensors"] = hashlib.sha256(data).hexdigest()
    (folder / "inventory.json").write_text(json.dumps(info), encoding="utf-8")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: t.pop("letters"), "there is no tensor 'letters'"),
        (lambda t: t.pop("global_mean"), "there is no tensor 'global_mean'"),
        (lambda t: t.pop("gains/ru"), "there is no tensor 'gains/ru'"),
        (lambda t: t.update(topics=t["topics"][:-1].copy()), r"'topics' has shape \(3, 8\) of float32"),
        (
            lambda t: t.update(topics=t["topics"].astype(np.float64)),
            "'topics' has .* of float64, expected",
        ),
        (lambda t: t.update({"mean/en": np.zeros((2, 8), np.float32)}), r"'mean/en' has shape \(2, 8\)"),
        (lambda t: t.update({"damped/en": t["damped/en"][:, :1].copy()}), "'damped/en' has shape"),
        (lambda t: t.update({"damped/en": np.array(1.0, np.float32)}), r"'damped/en' has shape \(\)"),
    ],
)
def test_arrays_that_do_not_fit_are_named(
    edit: Callable[[dict[str, np.ndarray]], object], message: str, tmp_path: Path
) -> None:
    save_inventory(str(tmp_path), inventory(signs=4, glyphs=2))
    resealed(tmp_path, edit)
    with pytest.raises(ValueError, match=f"codebook.safetensors: {message}"):
        load_inventory(str(tmp_path))


def test_a_quantiser_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    save_inventory(str(tmp_path), inventory(signs=4))
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"quantiser": "tarot"}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"there is no quantiser 'tarot' in this version; it knows .*residual"):
        load_inventory(str(tmp_path))
    with pytest.raises(ValueError, match="there is no quantiser 'tarot'"):
        inventory(quantiser="tarot")


def test_a_folder_that_is_no_inventory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not an inventory"):
        load_inventory(str(tmp_path))


def test_frozen_signs_are_in_order_of_frequency_and_mean_the_same_scenes(tmp_path: Path) -> None:
    rows = [row(f"Book number {i}. " * 12, "en", scenes=12, seed=i) for i in range(4)]
    finished = part(tmp_path, *rows)
    draft = fit_inventory(
        [sample(r.book_id, "en", r.scene_vectors) for r in rows], InventoryOptions(signs=5, glyphs=2), WHO
    )
    uri = str(tmp_path / "codes.parquet")
    table = assign_part(finished, draft)
    with storage.parquet_writer(uri, table.schema) as writer:
        writer.write_table(table)
    frozen, files, new = freeze(draft, [AssignmentEntry(uri, finished)], str(tmp_path))
    signs = np.concatenate([new[draft.signs(book.codes)] for book in read_assignments(uri, 2)])
    topics = frozen.info.sizes[0]
    assert (np.diff(np.bincount(signs[:, 0], minlength=topics)) <= 0).all()
    assert (signs[:, 1] >= topics).all()
    again = np.concatenate([frozen.signs(frozen.assign(r.scene_vectors, "en")[0]) for r in rows])
    assert np.array_equal(signs, again)
    assert set(files) == {
        "signs.parquet", "letters.parquet", "index.faiss", "tokenizer.json", "tokenizer_config.json",
        "embeddings.safetensors",
    }  # fmt: skip


def test_distances_do_not_depend_on_the_company(tmp_path: Path) -> None:
    """A book gets the same codes whether it is alone in its part or not."""
    made = inventory(signs=6)
    rows = [row("One book. " * 6, "en", 6, seed=1), row("Another book. " * 6, "en", 6, seed=2)]
    together = assign_part(part(tmp_path, *rows), made).to_pylist()
    alone = [assign_part(part(tmp_path, r), made).to_pylist()[0] for r in rows]
    assert together == alone


def test_part_entries_choose_the_books_that_are_assigned(tmp_path: Path) -> None:
    finished = part(tmp_path, row("One book. "), row("Another book. "))
    half = replace(finished, books=finished.books[1:])
    assert assign_part(half, inventory(signs=3))["book_id"].to_pylist() == [finished.books[1].book_id]
