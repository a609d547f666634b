"""A dataset walked: what is on disk comes back, book by book, wherever row groups are cut."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.support import storage
from tests.stores import Store

MEMBER = ("book_id", "id", "names", "first_scene", "scenes", "mentions")
SCENES = "scenes/split={0}/{0}-00000-of-00001.parquet"


def rows(demo: Path, config: str) -> list[dict]:
    return pq.read_table(demo / config).to_pylist()


def test_books_and_scenes_are_those_of_the_tables(demo: Path) -> None:
    dataset = Dataset(demo)
    sequences = {row["book_id"]: row for row in rows(demo, "sequences")}
    scenes = {(row["book_id"], row["scene"]): row for row in rows(demo, "scenes")}
    concepts = {row["book_id"]: row for row in rows(demo, "concepts")}
    seen = 0
    members = [{name: row[name] for name in MEMBER} for row in rows(demo, "cast")]
    assert [{"book_id": book.book_id} | asdict(member) for book in dataset for member in book.cast] == [
        row | {"names": tuple(row["names"])} for row in members
    ]
    assert dataset.has_cast
    for book in dataset:
        row = sequences.pop(book.book_id)
        for name in ("title", "author", "language", "source", "license", "glyphs", "levels", "characters"):
            assert getattr(book, name) == row[name]
        assert (list(book.signs), list(book.chapters), len(book)) == (row["signs"], row["chapters"], row["scenes"])
        assert book.split == row["split"]
        text = ""
        for index, scene in enumerate(book.scenes()):
            stored = scenes[book.book_id, index]
            for name in ("text", "start", "end", "sentences", "glyphs", "distance", "novel"):
                assert getattr(scene, name) == stored[name]
            assert scene.signs == tuple(stored["signs"])
            assert [member.id for member in scene.cast] == stored["cast"] == list(book.scene_cast[index])
            assert all(member in book.cast for member in scene.cast)
            assert scene.opens_chapter == (index in row["chapters"])
            assert scene.vector is not None
            assert scene.vector.dtype == np.float32
            assert scene.vector.tolist() == concepts[book.book_id]["scene_vectors"][index]
            text += scene.text
            seen += 1
        assert len(text) == book.characters
    assert not sequences
    assert seen == len(scenes) == dataset.manifest.counts.scenes
    assert len(dataset) == 12


def test_books_of_a_language_a_split_and_an_id(demo: Path) -> None:
    dataset = Dataset(demo)
    everything = list(dataset)
    assert list(dataset.books(language="ru")) == [book for book in everything if book.language == "ru"]
    assert [book for split in dataset.splits for book in dataset.books(split=split)] == everything
    assert all(dataset.book(book.book_id) == book for book in everything)
    with pytest.raises(KeyError, match="no book 00"):
        dataset.book("00")
    with pytest.raises(ValueError, match="no split 'tset'; it has test, train, validation"):
        dataset.books(split="tset")


def test_its_inventory_and_glossary_are_there(demo: Path) -> None:
    dataset = Dataset(demo)
    assert dataset.inventory.info.sizes == (12, 4_096)
    assert [entry.sign for entry in dataset.glossary] == list(range(12))
    example = dataset.glossary[0].examples[0]
    scene = list(dataset.book(example.book_id).scenes())[example.scene]
    assert " ".join(scene.text.split()).startswith(example.text[:200].rstrip("…"))
    assert repr(dataset) == f"Dataset('{demo}': 12 books, {dataset.manifest.counts.scenes} scenes, en ru zh)"


@pytest.fixture
def copied(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "demo"))


@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_row_groups_may_be_cut_anywhere(demo: Path, copied: Path, size: int) -> None:
    """Also without statistics, which another program may not write."""
    for path in [*copied.glob("sequences/*/*.parquet"), *copied.glob("scenes/*/*.parquet")]:
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table, path, row_group_size=size, write_statistics=size > 1)
    ours, theirs = Dataset(copied), Dataset(demo)
    for book, expected in zip(ours, theirs, strict=True):
        assert book == expected
        assert list(book.scenes()) == list(expected.scenes())


def test_books_walked_side_by_side_keep_their_own_scenes(demo: Path) -> None:
    dataset = Dataset(demo)
    books = list(dataset)
    for pair in zip(*(book.scenes() for book in books), strict=False):
        for book, scene in zip(books, pair, strict=True):
            assert scene.signs == book.signs[scene.index * 2 : scene.index * 2 + 2]


def test_without_concepts_there_is_no_vector(copied: Path) -> None:
    change_manifest(
        copied, lambda m: m["files"].__setitem__(slice(None), [f for f in m["files"] if f["config"] != "concepts"])
    )
    dataset = Dataset(copied)
    assert not dataset.has_concepts
    assert {scene.vector for book in dataset for scene in book.scenes()} == {None}


def change_manifest(folder: Path, change: Callable[[dict], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_what_is_no_dataset_says_so(demo: Path, copied: Path, tmp_path: Path) -> None:
    for nothing in (tmp_path, tmp_path / "nowhere", demo / "manifest.json"):
        with pytest.raises(FileNotFoundError, match=r"is no dataset: there is no manifest\.json in it"):
            Dataset(nothing)
    change_manifest(copied, lambda m: m.update(protocol="scene-signs/3.0.0"))
    with pytest.raises(ValueError, match=r"manifest.json follows protocol scene-signs/3.0.0; this program speaks"):
        Dataset(copied)
    change_manifest(copied, lambda m: m.update(protocol="scene-signs/2.9.3"))
    assert len(list(Dataset(copied))) == 12
    (copied / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"manifest.json is not a scenesign manifest"):
        Dataset(copied)


def first_scenes(folder: Path) -> Path:
    return min(folder.glob("scenes/*/*.parquet"))


def walk(folder: Path) -> int:
    return sum(1 for book in Dataset(folder) for _ in book.scenes())


def cut_off(folder: Path) -> None:
    path = first_scenes(folder)
    path.write_bytes(path.read_bytes()[:-100])


def fewer_rows(folder: Path) -> None:
    path = first_scenes(folder)
    pq.write_table(pq.read_table(path, partitioning=None).slice(1), path)


def fewer_vectors(folder: Path) -> None:
    path = min(folder.glob("concepts/*/*.parquet"))
    table = pq.read_table(path, partitioning=None)
    short = [vectors[:-1] for vectors in table["scene_vectors"].to_pylist()]
    column = pa.array(short, table.schema.field("scene_vectors").type)
    pq.write_table(table.set_column(table.column_names.index("scene_vectors"), "scene_vectors", column), path)


def no_text(folder: Path) -> None:
    path = first_scenes(folder)
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns("text"), path)


def no_levels(folder: Path) -> None:
    path = min(folder.glob("sequences/*/*.parquet"))
    table = pq.read_table(path, partitioning=None)
    zeros = pa.array([0] * len(table), pa.int32())
    pq.write_table(table.set_column(table.column_names.index("levels"), "levels", zeros), path)


def fewer_members(folder: Path) -> None:
    first = first_scenes(folder)
    path = folder / "cast" / first.parent.name / first.name
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.slice(1), path)


def elsewhere(folder: Path) -> None:
    shutil.copy(first_scenes(folder), folder.parent / "stolen.parquet")
    change_manifest(
        folder, lambda m: [f.update(path="../stolen.parquet") for f in m["files"] if f["config"] == "scenes"]
    )


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_off, r"scenes/split=\w+/\S+ can't be read .*scenesign validate"),
        (lambda folder: first_scenes(folder).unlink(), r"scenes/split=\w+/\S+ can't be read .*No such file"),
        (fewer_rows, r"scenes lacks scenes of book [0-9a-f]{32}, which has \d+; `scenesign validate"),
        (fewer_vectors, r"concepts lacks scenes of book [0-9a-f]{32}"),
        (fewer_members, r"cast lacks member \d+ of book [0-9a-f]{32}"),
        (no_text, "it has no column text"),
        (no_levels, "has not 0 signs per scene"),
        (elsewhere, r"names a table outside its folders: \.\./stolen\.parquet"),
    ],
)
def test_a_broken_dataset_names_the_file(copied: Path, spoil: Callable[[Path], object], says: str) -> None:
    spoil(copied)
    with pytest.raises(ValueError, match=says) as caught:
        walk(copied)
    assert "\n" not in str(caught.value)


def test_a_dataset_in_an_object_store(store: Store, demo: Path) -> None:
    home = f"{store.bucket}/{uuid.uuid4().hex}"
    for path in demo.rglob("*"):
        if path.is_file() and "report" not in path.parts:
            storage.write_bytes(f"{home}/{path.relative_to(demo).as_posix()}", path.read_bytes())
    dataset = Dataset(home)
    assert list(dataset) == list(Dataset(demo))
    book = next(iter(dataset))
    assert list(book.scenes()) == list(next(iter(Dataset(demo))).scenes())
    assert len(dataset.glossary) == dataset.inventory.info.sizes[0]
