"""Scenes on the page's map: thinned where they are dense, with texts of fitting length."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from scenesign.pipeline.report import scatter as module
from scenesign.pipeline.report.data import read_report_data
from scenesign.pipeline.report.files import ReportError
from scenesign.pipeline.report.scatter import read_scatter, scatter_data, thin
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.tables import ATLAS_SCENES_FILE
from tests import reports


def test_few_are_all_kept() -> None:
    assert thin(np.random.default_rng(0).random((50, 2)), 50).tolist() == list(range(50))


def test_dense_places_are_thinned_and_lone_ones_stay() -> None:
    rng = np.random.default_rng(0)
    lone = np.stack([np.linspace(0, 1, 40), np.zeros(40)], axis=1)
    dense = 0.9 + 0.02 * rng.random((5_000, 2))
    kept = thin(np.concatenate([dense, lone]), 300)
    assert len(kept) == len(set(kept.tolist())) == 300
    assert (np.diff(kept) > 0).all()
    assert set(range(5_000, 5_040)) <= set(kept.tolist())
    # those of the dense patch are taken from all over the table
    assert len({int(row) // 500 for row in kept if row < 5_000}) == 10


@pytest.mark.parametrize("most", [1, 7, 100])
def test_no_more_are_kept_than_asked_for(most: int) -> None:
    places = np.random.default_rng(1).random((5_000, 2))
    kept = thin(places, most)
    assert len(kept) == len(set(kept.tolist())) == most


def test_equal_places_are_thinned() -> None:
    assert len(thin(np.ones((100, 2)), 10)) == 10


def manifest_of(folder: Path) -> Manifest:
    return Manifest.from_json((folder / "manifest.json").read_text(encoding="utf-8"))


def test_all_scenes_of_the_demo_are_on_its_map(demo: Path) -> None:
    found = read_scatter(str(demo), manifest_of(demo))
    assert found is not None
    rows = pq.read_table(demo / ATLAS_SCENES_FILE).to_pylist()
    assert found.all_scenes == len(found.topics) == len(rows)
    for i, row in enumerate(rows):
        assert found.titles[found.books[i]] == (row["title"], row["author"], row["language"])
        assert (found.topics[i], found.scenes[i]) == (row["sign"], row["scene"])
        assert row["text"].startswith(found.texts[i].removesuffix("…"))


def test_thinned_scenes_keep_their_texts_and_the_page_says_how_many(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {(row["book_id"], row["scene"]): row for row in pq.read_table(demo / ATLAS_SCENES_FILE).to_pylist()}
    by_title = {(row["title"], row["language"], row["scene"]): row for row in rows.values()}
    found = read_scatter(str(demo), manifest_of(demo), most=20)
    assert found is not None
    assert len(found.topics) == 20
    for i in range(20):
        title, _, language = found.titles[found.books[i]]
        row = by_title[title, language, int(found.scenes[i])]
        assert row["sign"] == found.topics[i]
        assert row["text"].startswith(found.texts[i].removesuffix("…"))
    monkeypatch.setattr("scenesign.pipeline.report.data.read_scatter", lambda *_: found)
    assert f"20 of {len(rows):,} scenes on the map" in read_report_data(str(demo)).trimmed


def test_texts_share_a_budget(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TEXT_BUDGET", 100 * len(pq.read_table(demo / ATLAS_SCENES_FILE)))
    found = read_scatter(str(demo), manifest_of(demo))
    assert found is not None
    assert max(len(text.encode()) for text in found.texts) <= 100


def test_packed_numbers_are_those_of_the_scenes() -> None:
    given = reports.scatter(8, 6)
    packed = scatter_data(given, reports.report().strips)

    def numbers(name: str, kind: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(str(packed[name])), kind)

    assert numbers("topic", "<u2").tolist() == given.topics.tolist()
    assert numbers("scene", "<u4").tolist() == given.scenes.tolist()
    frame = float(str(packed["frame"]))
    x, y = (numbers(axis, "<u2") / 65_535 * (1 + 2 * frame) - frame for axis in "xy")
    assert x == pytest.approx(given.places[:, 0], abs=1e-4)
    assert y == pytest.approx(1 - given.places[:, 1], abs=1e-4)
    # the first book has a strip that holds its texts, the second has none
    assert packed["texts"] == [""] * 6 + [*given.texts[6:]]
    assert packed["books"] == [["book 0", "", "en", 0], ["book 1", "Somebody", "ru", -1]]


def test_books_of_one_name_keep_their_own_texts() -> None:
    strip = reports.report().strips[0]
    packed = scatter_data(reports.scatter(8, 6), [strip, strip])
    assert "" not in packed["texts"]  # type: ignore[operator]


def test_a_dataset_without_an_atlas_has_a_map_of_topics(demo: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(demo, tmp_path / "copy"))
    shutil.rmtree(copy / "atlas")
    with pytest.raises(ReportError, match=r"atlas/topics.parquet can't be read .*; build the dataset again"):
        read_report_data(str(copy))
    fields = (copy / "manifest.json").read_text(encoding="utf-8")
    manifest = manifest_of(demo)
    older = [entry for entry in manifest.files if not entry.path.startswith("atlas/")]
    (copy / "manifest.json").write_text(
        Manifest(**{**vars(manifest), "files": tuple(older)}).to_json(), encoding="utf-8"
    )
    assert fields != (copy / "manifest.json").read_text(encoding="utf-8")
    data = read_report_data(str(copy))
    assert data.scatter is None
    # the map is drawn anew, and is the same but for what float32 leaves out
    assert data.atlas.points == pytest.approx(read_report_data(str(demo)).atlas.points, abs=1e-6)
