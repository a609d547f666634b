"""The atlas of a dataset: every scene on the map, told by its book, with neighbours that are rows of the same table."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.tables import ATLAS, ATLAS_SCENES_FILE, ATLAS_TOPICS, ATLAS_TOPICS_FILE
from scenesign.transforms.dataset import atlas as module
from scenesign.transforms.dataset.atlas import neutral_sketches, write_atlas
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.inventory import load_inventory
from scenesign.transforms.signs.sketch import sketched_vectors, sketches


def rows_of(dataset: Path, path: str = ATLAS_SCENES_FILE) -> list[dict]:
    return pq.read_table(dataset / path).to_pylist()


def test_every_scene_has_a_row_that_tells_what_its_book_tells(demo: Path) -> None:
    rows = rows_of(demo)
    scenes = [
        row for path in sorted(demo.glob("scenes/*/*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()
    ]
    books = {book.book_id: book for book in Dataset(demo).books()}
    assert len(rows) == len(scenes)
    for row, scene in zip(rows, scenes, strict=True):
        book = books[row["book_id"]]
        assert [row[name] for name in ("book_id", "scene", "glyphs", "language")] == [
            scene[name] for name in ("book_id", "scene", "glyphs", "language")
        ]
        assert (row["title"], row["author"], row["split"]) == (book.title, book.author, book.split)
        assert row["sign"] == scene["signs"][0]
        assert row["text"].removesuffix("…")[:40] in " ".join(scene["text"].split())
        assert "\n" not in row["text"]
    # a heading stands in a column of its own, and stays until the next
    opening = [row for row, scene in zip(rows, scenes, strict=True) if scene["scene"] in books[row["book_id"]].chapters]
    assert opening
    assert all(row["chapter"] and not row["text"].startswith(row["chapter"]) for row in opening)


def test_scenes_lie_nearer_to_their_own_topic_than_to_most(demo: Path) -> None:
    places = {row["sign"]: (row["x"], row["y"]) for row in rows_of(demo, ATLAS_TOPICS_FILE)}
    assert sorted(places) == list(range(12))
    topics = np.array([places[sign] for sign in range(12)])
    ranks = []
    for row in rows_of(demo):
        apart = np.linalg.norm(topics - [row["x"], row["y"]], axis=1)
        ranks.append(int((apart < apart[row["sign"]]).sum()))
    assert np.median(ranks) == 0
    assert np.mean(ranks) < 2


def test_neighbours_are_the_nearest_rows_by_what_sketches_tell(demo: Path) -> None:
    rows = rows_of(demo)
    neutraliser = load_inventory(str(demo / "inventory")).neutraliser
    vectors = []
    for path in sorted(demo.glob("scenes/*/*.parquet")):
        table = pq.ParquetFile(path).read(["book_id", "language", "sketch"]).to_pandas()
        for _, book in table.groupby("book_id", sort=False):
            packed = np.frombuffer(b"".join(book["sketch"]), np.uint8).reshape(len(book), -1)
            vectors.append(neutral_sketches(packed, book["language"].iloc[0], neutraliser))
    cosine = np.concatenate(vectors) @ np.concatenate(vectors).T
    np.fill_diagonal(cosine, -1)
    for at, row in enumerate(rows):
        ids, distances = row["neighbors"]["ids"], row["neighbors"]["distances"]
        assert len(ids) == len(distances) == 10
        assert at not in ids
        assert distances == pytest.approx(1 - cosine[at, ids], abs=0.01)
        assert 1 - distances[0] == pytest.approx(cosine[at].max(), abs=0.01)


def test_neutral_vectors_of_sketches_are_those_of_vectors_nearly(demo: Path) -> None:
    neutraliser = load_inventory(str(demo / "inventory")).neutraliser
    (book, *_) = Dataset(demo).books(language="en")
    vectors = np.stack([scene.vector for scene in book.scenes() if scene.vector is not None])
    packed = sketches(vectors, neutraliser.mean_of("en"))
    mean = neutraliser.mean_of("en")
    as_vectors = neutraliser(sketched_vectors(packed, len(mean)) + mean, "en")
    assert neutral_sketches(packed, "en", neutraliser) == pytest.approx(as_vectors, abs=1e-5)
    told = neutral_sketches(sketches(vectors, neutraliser.mean_of("en")), "en", neutraliser)
    assert (told * neutraliser(vectors, "en")).sum(axis=1).min() > 0.85


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "copy", ignore=shutil.ignore_patterns("concepts", "report")))


def rewrite(folder: Path) -> tuple[str, str]:
    manifest = Manifest.from_json((folder / "manifest.json").read_text(encoding="utf-8"))
    found = write_atlas(str(folder), manifest.files, load_inventory(str(folder / "inventory")))
    return found[0].sha256, found[1].sha256


def test_it_is_made_again_to_the_byte_and_the_manifest_knows_it(copy: Path) -> None:
    manifest = Manifest.from_json((copy / "manifest.json").read_text(encoding="utf-8"))
    listed = {entry.path: entry for entry in manifest.files}
    assert (listed[ATLAS_SCENES_FILE].config, listed[ATLAS_TOPICS_FILE].config) == ("atlas", "")
    assert listed[ATLAS_SCENES_FILE].rows == manifest.counts.scenes
    assert rewrite(copy) == (listed[ATLAS_SCENES_FILE].sha256, listed[ATLAS_TOPICS_FILE].sha256)
    for path, schema in ((ATLAS_SCENES_FILE, ATLAS), (ATLAS_TOPICS_FILE, ATLAS_TOPICS)):
        found = pq.read_schema(copy / path)
        assert found.equals(schema)
        assert found.metadata == schema.metadata


def test_too_many_scenes_have_places_and_no_neighbours(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows_of(copy)
    monkeypatch.setattr(module, "MOST_COMPARED", len(before) - 1)
    rewrite(copy)
    after = rows_of(copy)
    assert {len(row["neighbors"]["ids"]) for row in after} == {0}
    assert [row | {"neighbors": 0} for row in after] == [row | {"neighbors": 0} for row in before]
