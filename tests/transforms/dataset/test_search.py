"""Search for scenes: by vectors, by sketches and by signs, and what is told of what is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.dataset.scene_vectors import fit_whitening, scene_vectors
from scenesign.transforms.dataset.search import SearchResult, rank_scenes, search, topics_of
from scenesign.transforms.signs.glosses.glossary import SignEntry
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.search import SignMatch

STORMS = ("The Mapmaker of Kesh", "the mapmaker of kesh", "The Ferryman’s Debt", "The Clockmaker’s Winter")


@pytest.fixture(scope="module")
def sketched(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo without its concepts."""
    folder = tmp_path_factory.mktemp("sketched") / "demo"
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("concepts"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = [file for file in manifest["files"] if file["config"] != "concepts"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def signs_only(sketched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without sketches, as datasets of protocol 1 are."""
    folder = tmp_path_factory.mktemp("signs") / "demo"
    shutil.copytree(sketched, folder)
    for path in folder.glob("scenes/*/*.parquet"):
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.drop_columns("sketch"), path)
    return folder


def storm_found(found: SearchResult) -> bool:
    return any(word in match.scene.text.lower() for match in found for word in ("storm", "wave", "буря", "волн", "浪"))


@pytest.mark.parametrize(
    ("query", "language"),
    [("a storm at sea", "en"), ("буря на море", "ru"), ("海上的暴风雨", "zh")],
)
def test_a_storm_is_found_in_every_language(demo: Path, query: str, language: str) -> None:
    found = search(demo, query, top=3)
    assert (found.language, found.query, found.close, found.known) == (language, query, True, True)
    assert storm_found(found)
    assert found.notes == ()


def test_results_are_sorted_and_the_same_for_any_top(demo: Path) -> None:
    many = search(demo, "a letter from the city", top=500)
    assert len(many) == Dataset(demo).manifest.counts.scenes
    similarities = [match.similarity for match in many]
    assert similarities == sorted(similarities, reverse=True)
    few = search(demo, "a letter from the city", top=4)
    assert [(m.book.book_id, m.place) for m in few] == [(m.book.book_id, m.place) for m in many][:4]


def test_a_match_says_where_the_scene_stands(demo: Path) -> None:
    for match in search(demo, "a storm at sea", top=20):
        scenes = list(match.book.scenes())
        assert scenes[match.scene.index].text == match.scene.text
        assert match.place == match.scene.index + 1 <= len(match.book)
        opened = [i for i in match.book.chapters if i <= match.scene.index]
        assert bool(match.chapter) == bool(opened)
        if opened:
            assert " ".join(scenes[opened[-1]].text.split()).startswith(match.chapter.split(" / ")[0])
        assert match.opening.rstrip("…").strip() in " ".join(match.scene.text.split())
        assert match.topic.sign == match.scene.signs[0]


def test_what_no_book_holds_is_called_far(demo: Path) -> None:
    found = search(demo, "kubernetes pod scheduling", language="en", top=1)
    assert not found.close
    assert found.notes[0].startswith("nothing here is close to this: ")
    noise = search(demo, "qwxz vvkp zzrt", language="en", top=1)
    assert (noise.close, noise.known) == (False, False)


def test_only_the_books_that_are_named_are_searched(demo: Path) -> None:
    assert {match.book.language for match in search(demo, "a storm at sea", in_language="Russian", top=50)} == {"ru"}
    found = search(demo, "a storm at sea", book="KESH", top=50)
    assert {match.book.title.casefold() for match in found} == {"the mapmaker of kesh"}
    book_id = found[0].book.book_id
    alone = search(demo, "a storm at sea", book=book_id[:12], top=50)
    assert {match.book.book_id for match in alone} == {book_id}
    assert len(alone) == len(alone[0].book)
    for wrong in ({"book": "Moby Dick"}, {"in_language": "fr"}, {"book": "Kesh", "in_language": "de"}):
        with pytest.raises(ValueError, match="has no book with"):
            search(demo, "a storm at sea", **wrong)


def test_sketches_find_what_vectors_find(demo: Path, sketched: Path) -> None:
    assert not Dataset(sketched).has_concepts
    whole, rough = (np.concatenate([c.vectors for c in scene_vectors(Dataset(d))]) for d in (demo, sketched))
    assert np.einsum("nd,nd->n", whole, rough).min() > 0.85
    for query in ("a storm at sea", "a letter from the city"):
        best = search(demo, query, top=1)[0]
        found = search(sketched, query, top=5)
        assert (best.book.book_id, best.place) in [(m.book.book_id, m.place) for m in found]


def test_signs_serve_where_there_is_nothing_else(signs_only: Path) -> None:
    found = search(signs_only, "a storm at sea", top=5)
    assert len(found) == 5
    assert not Dataset(signs_only).has_sketches


def test_a_scene_finds_itself_first(demo: Path) -> None:
    dataset = Dataset(demo)
    chunk = next(iter(scene_vectors(dataset)))
    nulls = unit(np.random.default_rng(0).normal(size=(20, chunk.vectors.shape[1])))
    for row in (0, 17, 31):
        found, share = rank_scenes(dataset, np.concatenate([chunk.vectors[row : row + 1], nulls]), None, 1)
        assert found[0] == (pytest.approx(1, abs=1e-4), chunk.books[row], chunk.places[row])
        assert share == 0


def test_whitening_weighs_down_what_scenes_differ_in_most(demo: Path) -> None:
    dataset = Dataset(demo)
    whiten = fit_whitening(dataset, dataset.manifest.counts.scenes)
    assert whiten == pytest.approx(whiten.T, abs=1e-5)
    vectors = np.concatenate([c.vectors for c in scene_vectors(dataset)])
    axes = np.linalg.svd(vectors, full_matrices=True)[2]
    strongest, weakest = (np.linalg.norm(whiten @ axis) for axis in (axes[0], axes[-1]))
    assert strongest < 0.8 * weakest


def test_damaged_sketches_and_missing_datasets_are_named(sketched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(sketched, folder)
    path = next(folder.glob("scenes/*/*.parquet"))
    table = pq.read_table(path, partitioning=None)
    column = table.column_names.index("sketch")
    short = [sketch[:-1] for sketch in table["sketch"].to_pylist()]
    pq.write_table(table.set_column(column, "sketch", [short]), path)
    with pytest.raises(ValueError, match=rf"{path.name}: sketches of 512 dimensions have 128 bytes"):
        search(folder, "a storm at sea")
    with pytest.raises(FileNotFoundError, match="is no dataset"):
        search(tmp_path / "nothing", "a storm at sea")
    with pytest.raises(ValueError, match="top: 0"):
        search(sketched, "a storm at sea", top=0)


def test_topics_are_named_in_the_language_of_the_query_and_nameless_ones_left_out() -> None:
    def match(glyph: str, name: str, **keywords: tuple[str, ...]) -> SignMatch:
        return SignMatch(SignEntry(0, glyph, 1, 0.1, 1, {"en": 1}, keywords, 0.1, (), (), name), 0.5)

    found = [
        match("一", "sea, ship", en=("sea", "ship"), ru=("море",)),
        match("丁", ""),
        match("丂", "snow", en=("snow",)),
    ]
    assert topics_of(found, "ru") == "一 море; 丂 snow"
    assert topics_of(found, "en") == "一 sea, ship; 丂 snow"
    assert topics_of([], "en") == ""
