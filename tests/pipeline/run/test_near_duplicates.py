"""Near-duplicates in whole runs: named and kept in one split, or dropped, with the same finished books."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenesign.pipeline.run.build_dataset import BuildResult, build_dataset
from scenesign.pipeline.validate.dataset import validate_dataset
from tests.conftest import LIBRARY

TEXT = (LIBRARY / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")[:6_000]
OTHERS = ("en/the-clockmakers-winter.txt", "ru/the-bell-of-saltmarsh.txt")


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story, another edition of it, an exact copy, and other books."""
    folder = tmp_path_factory.mktemp("editions")
    (folder / "first.txt").write_text(TEXT, encoding="utf-8")
    (folder / "copy.txt").write_text(TEXT, encoding="utf-8")
    (folder / "second.txt").write_text(TEXT.replace("bell", "great bell"), encoding="utf-8")
    for number, name in enumerate(OTHERS):
        (folder / f"other-{number}.txt").write_text(
            (LIBRARY / name).read_text(encoding="utf-8")[:6_000], encoding="utf-8"
        )
    return folder


def test_near_duplicates_are_named_or_dropped_without_a_book_embedded_again(editions: Path, tmp_path: Path) -> None:
    def run(mode: str) -> BuildResult:
        output, parts = tmp_path / mode, tmp_path / "parts"
        splits = {"train": 0.5, "test": 0.5}
        return build_dataset(editions, output, parts=parts, near_duplicates=mode, splits=splits, cast=0, workers=1)

    flagged, dropped = run("flag").manifest, run("drop").manifest
    assert flagged
    assert dropped
    sources = {book.book_id: book.source for book in flagged.books}
    named = {
        book.source: [(sources[near.book_id], near.share > 0.7) for near in book.near_duplicates]
        for book in flagged.books
    }
    assert named.pop("copy.txt") == [("second.txt", True)]
    assert set(named) == {"second.txt", "other-0.txt", "other-1.txt"}
    assert not any(named.values())
    assert (flagged.counts.inputs, flagged.counts.books, flagged.counts.duplicates) == (5, 4, 1)
    counts = dropped.counts
    assert (counts.inputs, counts.books, counts.duplicates, counts.rejects) == (5, 3, 1, 1)
    assert counts.rejects_by_reason == {"near-duplicate": 1}
    assert dropped.run["counters"]["books/reused"] == 4
    assert "books/embedded" not in dropped.run["counters"]
    refused = {stage.stage: dict(stage.refused) for stage in dropped.stages}
    assert (refused["Duplicates"], refused["NearDuplicates"]) == ({"duplicate": 1}, {"near-duplicate": 1})
    assert (dropped.stages[0].came_in, dropped.stages[-1].went_out) == (5, 3)
    assert flagged.run["steps"]["EmbedSentences"]["calls"] == 4
    assert "EmbedSentences" not in dropped.run["steps"]
    assert dropped.run["steps"]["NearDuplicates"]["seconds"] > 0
    rows = pq.read_table(tmp_path / "drop/rejects/rejects.parquet").to_pylist()
    assert [(row["source"], row["reason"]) for row in rows] == [
        ("copy.txt", "near-duplicate"),
        ("first.txt", "duplicate"),
    ]
    assert rows[0]["detail"].endswith(" % of its text is in second.txt, which was kept")
    for mode in ("flag", "drop"):
        assert validate_dataset(tmp_path / mode).findings == ()
