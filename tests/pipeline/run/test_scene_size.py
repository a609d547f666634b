"""The size of scenes in whole runs: what is built, what is written down of it, and what is cut by it afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenesign.pipeline.run.build_dataset import BuildResult, build_dataset
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.scenes.segment import scenes
from scenesign.transforms.signs.encoder import SignEncoder


def manifest_of(result: BuildResult) -> Manifest:
    assert result.manifest
    return result.manifest


@pytest.fixture(scope="module")
def coarse(bell: Path, pair: Path, tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    """The pair in coarse scenes, beside finished books of medium ones."""
    folder = tmp_path_factory.mktemp("coarse")
    parts = shutil.copytree(f"{bell}.parts", folder / "parts")
    return build_dataset(pair, folder / "out", parts=parts, signs=4, scene_size="coarse")


def test_it_is_written_down_with_options_and_inventory(coarse: BuildResult) -> None:
    manifest = manifest_of(coarse)
    assert manifest.options["scenes"]["size"] == "coarse"
    assert manifest.inventory["segmentation"]["scenes"] == manifest.options["scenes"]
    verdict = validate_dataset(coarse.output)
    assert (verdict.valid, verdict.counts) == (True, {}), verdict.findings


def test_finished_books_of_another_size_are_not_used(coarse: BuildResult, bell: Path) -> None:
    counters = manifest_of(coarse).run["counters"]
    assert counters["sentences/embedded"] > 0
    assert counters.get("books/reused", 0) == 0
    assert 0 < manifest_of(coarse).counts.scenes < Dataset(bell).manifest.counts.scenes


def test_finished_books_of_the_same_size_are(coarse: BuildResult, pair: Path, tmp_path: Path) -> None:
    again = build_dataset(pair, tmp_path / "out", parts=coarse.parts, signs=4, scene_size="coarse")
    assert manifest_of(again).run["counters"]["books/reused"] == 2
    assert manifest_of(again).counts == manifest_of(coarse).counts


def test_new_text_is_cut_as_the_scenes_of_the_inventory(coarse: BuildResult, pair: Path, tmp_path: Path) -> None:
    book = pair / "en.txt"
    expected = [(scene.start, scene.end) for scene in scenes(book, scene_size="coarse")]
    assert expected != [(scene.start, scene.end) for scene in scenes(book)]
    ((_, found),) = SignEncoder(coarse.output).encode_path(book)
    assert [(scene.start, scene.end) for scene in found] == expected
    taken_over = build_dataset(book, tmp_path / "out", inventory=coarse.output)
    assert manifest_of(taken_over).options["scenes"]["size"] == "coarse"
    (written,) = Dataset(taken_over.output)
    assert [(scene.start, scene.end) for scene in written.scenes()] == expected
