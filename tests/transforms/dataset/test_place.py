"""Where glyphs stand in a dataset: in one place, in several, in none."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.transforms.dataset.place import find_place, with_cast
from scenesign.transforms.dataset.read import Dataset, DatasetBook
from scenesign.transforms.signs.encoder import SignEncoder


@pytest.fixture
def dataset(demo: Path) -> Dataset:
    return Dataset(demo)


def unique_run(dataset: Dataset, book: DatasetBook, length: int = 3) -> tuple[int, str]:
    """A run of scenes that stands nowhere else."""
    everything = [other.glyphs for other in dataset]
    for first in range(1, len(book) - length):
        glyphs = book.glyphs[2 * first : 2 * (first + length)]
        if sum(text.count(glyphs) for text in everything) == 1:
            return first, glyphs
    pytest.skip("no run of this book is its own")


def test_a_run_is_found_where_it_stands(dataset: Dataset) -> None:
    for book in dataset.books(language="en"):
        first, glyphs = unique_run(dataset, book)
        assert find_place(dataset, glyphs) == (book, first)
        assert find_place(dataset, book.glyphs) == (book, 0)


def test_what_stands_nowhere_or_twice_has_no_place(dataset: Dataset) -> None:
    assert find_place(dataset, "") is None
    assert find_place(dataset, "一丁七") is None
    topics = [text[0] for text in (book.glyphs for book in dataset)]
    twice = next(topic for topic in topics if sum(book.glyphs.count(topic) for book in dataset) > 1)
    assert find_place(dataset, twice) is None


def test_told_scenes_get_the_cast_of_their_place(dataset: Dataset, demo: Path) -> None:
    encoder = SignEncoder(demo)
    book = next(book for book in dataset.books(language="en") if book.cast)
    first, glyphs = unique_run(dataset, book)
    told = with_cast(encoder.decode(glyphs).scenes, dataset)
    assert [scene.cast for scene in told] == [scene.cast for scene in book.scenes(vectors=False)][first : first + 3]
    nowhere = encoder.decode("一각").scenes
    assert with_cast(nowhere, dataset) == nowhere
