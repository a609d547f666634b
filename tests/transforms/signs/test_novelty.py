"""From where on a scene is novel, as books that were left out tell it."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.fit import BookSample, InventoryOptions, fit_inventory
from scenesign.transforms.signs.novelty import novel_beyond, unseen_distances
from tests.transforms.signs.test_fit import WHO

OPTIONS = InventoryOptions(signs=4, glyphs=1)
SIZE = 24


def book(name: str, first: int, language: str = "en") -> BookSample:
    """Forty scenes of four kinds, each kind a direction of its own from `first` on."""
    rng = np.random.default_rng(sum(name.encode()))
    vectors = np.repeat(np.eye(SIZE, dtype=np.float32)[first : first + 4], 10, axis=0)
    vectors = vectors + rng.normal(0, 0.01, vectors.shape).astype(np.float32)
    return BookSample(name, language, len(vectors), vectors.mean(axis=0), np.arange(len(vectors)), vectors)


@pytest.fixture(scope="module")
def samples() -> list[BookSample]:
    """Three authors, two books each; what happens in the books of one happens in no other's."""
    return [book(f"{author}{number}", 6 * place) for place, author in enumerate("abc") for number in range(2)]


AUTHORS = {f"{author}{number}": author for author in "abc" for number in range(2)}


def test_left_out_with_all_their_author_wrote_scenes_are_far(samples: list[BookSample]) -> None:
    by_author = unseen_distances(samples, AUTHORS, OPTIONS, WHO)
    by_book = unseen_distances(samples, {s.book_id: s.book_id for s in samples}, OPTIONS, WHO)
    seen = fit_inventory(samples, InventoryOptions(signs=12, glyphs=1), WHO)
    fitted = np.concatenate([seen.assign(s.vectors, "en")[1] for s in samples])
    assert len(by_author) == len(by_book) == 240
    assert np.median(fitted) < 0.05
    assert np.median(by_author) > 0.5
    assert np.median(by_book) < np.median(by_author)


def test_the_order_of_books_does_not_matter(samples: list[BookSample]) -> None:
    np.testing.assert_array_equal(
        unseen_distances(samples, AUTHORS, OPTIONS, WHO), unseen_distances(samples[::-1], AUTHORS, OPTIONS, WHO)
    )


def test_one_author_alone_tells_nothing(samples: list[BookSample]) -> None:
    assert len(unseen_distances(samples, dict.fromkeys(AUTHORS, "a"), OPTIONS, WHO)) == 0
    assert len(unseen_distances([], {}, OPTIONS, WHO)) == 0
    assert novel_beyond(np.zeros(0, np.float32)) is None


def test_a_language_of_one_author_is_not_asked(samples: list[BookSample]) -> None:
    """Left out, its books would be judged by the mean of other languages."""
    lots = AUTHORS | {"x0": "x"}
    with_it = unseen_distances([*samples, book("x0", 0, "ru")], lots, OPTIONS, WHO)
    assert len(with_it) == 240


def test_one_scene_in_a_hundred_of_unseen_books_is_novel() -> None:
    distances = np.arange(1000, dtype=np.float32) / 1000
    beyond = novel_beyond(distances)
    assert beyond is not None
    assert int((distances > beyond).sum()) == 10
