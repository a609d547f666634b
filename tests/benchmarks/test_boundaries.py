"""Training of the boundary scorer: what counts as an opening, that training learns one, and that integers keep it."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.boundaries.net import (  # noqa: E402  # torch is an extra
    TrainingOptions,
    average_precision,
    find_axes,
    sample_of,
    table_of,
    train,
)
from benchmarks.boundaries.quantise import as_integers  # noqa: E402
from benchmarks.boundaries.shelf import BREAK, CHAPTER, ShelfBook, openings, read_shelf  # noqa: E402
from scenesign.schemas.records import BlockKind, Sentence  # noqa: E402
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER  # noqa: E402
from scenesign.transforms.embedders.texts import VECTOR_STEP  # noqa: E402
from scenesign.transforms.scenes.cues import FEATURES  # noqa: E402

P, H, B = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.BREAK
SMALL = TrainingOptions(width=8, axes=8, epochs=20, chunk=64, batch=4, rate=0.02, drop=0.0, drop_inputs=0.0)


def sentences(kinds: list[BlockKind]) -> tuple[Sentence, ...]:
    return tuple(Sentence(i, i + 1, kind) for i, kind in enumerate(kinds))


def test_openings_are_long_enough_and_know_what_came_before() -> None:
    kinds = [H, *[P] * 15, B, *[P] * 5, H, H, *[P] * 14, B, *[P] * 4, H, B, *[P] * 16]
    found = openings(sentences(kinds))
    assert len(found) == sum(kind is P for kind in kinds)
    assert {int(i): int(found[i]) for i in np.flatnonzero(found)} == {0: CHAPTER, 15: BREAK, 38: CHAPTER}
    assert openings(sentences([H])).tolist() == []


def shelf(books: int, n: int, seed: int) -> list[ShelfBook]:
    """Books in which the sentence that opens a chapter points somewhere of its own."""
    rng = np.random.default_rng(seed)
    made = []
    for book in range(books):
        starts = np.zeros(n, dtype=np.int8)
        starts[::20] = CHAPTER
        vectors = rng.normal(size=(n, 8))
        vectors[starts > 0, 0] += 8
        vectors = np.rint(vectors / np.linalg.norm(vectors, axis=1, keepdims=True) / VECTOR_STEP).astype(np.int16)
        table = np.zeros((n, len(FEATURES)), dtype=np.float32)
        table[:, [FEATURES.index(name) for name in ("heading", "after_heading", "inside")]] = 0.3
        made.append(ShelfBook(f"b{book}", "en" if book % 2 else "ru", f"a{book}", vectors, table, starts))
    return made


def test_training_learns_and_integers_keep_what_it_learned() -> None:
    books, others = shelf(8, 200, 0), shelf(2, 200, 9)
    axes = find_axes(books, SMALL)
    sample = sample_of(books, axes)
    net, loss = train(sample, SMALL, seed=0)
    again, same = train(sample, SMALL, seed=0)
    assert loss == same
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
    scorer = as_integers([net, train(sample, SMALL, seed=1)[0]], axes, sample)
    for book in others:
        scores = scorer.score(book.vectors * np.float32(VECTOR_STEP), table_of(book))
        assert average_precision(scores[1:], book.starts[1:] > 0) > 0.8
    with torch.no_grad():
        table = table_of(others[0])
        floats = net(torch.from_numpy(axes(others[0].centred()))[None], torch.from_numpy(table)[None])[0].numpy()
    alone = as_integers([net], axes, sample)
    integers = alone.score(others[0].vectors * np.float32(VECTOR_STEP), table)
    assert np.corrcoef(floats, integers)[0, 1] > 0.99
    # evidence is relative to the log odds of the books that it was trained on
    assert np.abs(integers + np.log(0.05 / 0.95) - floats).mean() < 0.3


def test_what_tells_of_headings_is_hidden() -> None:
    book = shelf(1, 40, 0)[0]
    table = table_of(book)
    for name in ("heading", "after_heading"):
        assert not table[:, FEATURES.index(name)].any()
    assert table[:, FEATURES.index("inside")].any()
    assert np.array_equal(table * 32, np.rint(table * 32))


def test_average_precision_by_hand() -> None:
    starts = np.array([True, False, True, False])
    assert average_precision(np.array([4.0, 3, 2, 1]), starts) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.array([1.0, 2, 3, 4]), starts) == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_a_shelf_is_read_once_and_kept(tmp_path: Path, library: Path) -> None:
    source = tmp_path / "library"
    source.mkdir()
    names = ["the-bell-of-saltmarsh.txt", "the-ferrymans-debt.txt"]
    with zipfile.ZipFile(source / "en.zip", "w") as archive:
        for name in names:
            archive.write(library / "en" / name, name)
    with (source / "manifest.tsv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter="\t")
        rows.writerows([("language", "file", "author"), *(("en", name, f"Author of {name}") for name in names)])
    kept = tmp_path / "kept"
    first = list(read_shelf(source, None, DEFAULT_EMBEDDER, kept))
    assert [book.name for book in first] == ["the-bell-of-saltmarsh", "the-ferrymans-debt"]
    assert all(book.starts[0] == CHAPTER and (book.starts > 0).sum() > 2 for book in first)
    assert all(len(book.vectors) == len(book.table) == len(book.starts) for book in first)
    files = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    again = list(read_shelf(source, None, DEFAULT_EMBEDDER, kept))
    assert all(np.array_equal(a.vectors, b.vectors) for a, b in zip(first, again, strict=True))
    assert files == {path: path.stat().st_mtime_ns for path in kept.iterdir()}
