"""Batches of the loader and whole books are read alike."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from scenesign.pipeline.train.books import SceneReader, places_of
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.dataset.scene_batches import Scenes
from tests.pipeline.train.stories import PIECES, rounds, write_stories


@pytest.mark.parametrize("on", ["glyphs", "vectors"])
@pytest.mark.parametrize("members", [0, 1, 2, 5])
def test_a_window_is_what_the_whole_book_has_there(on: str, members: int, tmp_path: Path) -> None:
    shelf = write_stories(tmp_path, {"train": rounds([40, 3, 25])}, concepts=True)
    dataset = Dataset(shelf)
    reader = SceneReader(PIECES, members, places_of(dataset) if on == "vectors" else None)
    books = {book.book_id: reader.whole(book) for book in dataset.books(split="train")}
    scenes = 0
    for batch in Scenes(shelf, context=11, batch=3):
        seen, cast = reader.seen(batch), reader.cast(batch)
        for row, (book, first) in enumerate(zip(batch.books, batch.first.tolist(), strict=True)):
            count = int(batch.mask[row].sum())
            own = slice(first, first + count)
            assert torch.equal(seen[row, :count], books[book].seen[own])
            width = min(cast.shape[2], books[book].cast.shape[1])
            assert torch.equal(cast[row, :count, :width], books[book].cast[own, :width])
            assert not cast[row, count:].any()
            scenes += count
    assert scenes == 68
    assert all(book.cast.any() == bool(members) for book in books.values())
    assert all(book.cast.shape == (len(book), max(1, members)) for book in books.values())
