"""From where on a scene is novel, as books that were left out tell it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from scenesign.transforms.signs.fit import BookSample
from scenesign.transforms.signs.neutralise import Neutraliser, fit_neutraliser
from scenesign.transforms.signs.novelty import unseen_beyond, unseen_strangeness

X, Y, Z = np.eye(3, dtype=np.float32)


def book(name: str, language: str, *scenes: np.ndarray) -> BookSample:
    vectors = np.stack(scenes)
    return BookSample(name, language, len(vectors), vectors.mean(axis=0), np.arange(len(vectors)), vectors)


def test_strangeness_by_hand() -> None:
    neutraliser = Neutraliser({"en": 2 * X}, Y)
    vectors = np.stack([X, Y, -X, (X + Y) / np.sqrt(np.float32(2))])
    np.testing.assert_allclose(neutraliser.strangeness(vectors, "en"), [0, 1, 2, 1 - np.sqrt(0.5)], atol=1e-6)
    # a language without a mean is measured by that of all
    np.testing.assert_allclose(neutraliser.strangeness(vectors, "th"), [1, 0, 1, 1 - np.sqrt(0.5)], atol=1e-6)


def test_the_books_of_an_author_are_left_out_together() -> None:
    samples = [book("a", "en", X, X), book("b", "en", X), book("c", "en", Y), book("d", "en", Y)]
    alone = unseen_strangeness(samples, {name: name for name in "abcd"})
    together = unseen_strangeness(samples, {"a": "first", "b": "first", "c": "second", "d": "second"})
    np.testing.assert_allclose(together, [1, 1, 1, 1, 1], atol=1e-6)
    # without itself alone, each mean still has a book that is the same: a third of what is left of it
    np.testing.assert_allclose(alone, [1 - 1 / np.sqrt(5)] * 5, atol=1e-6)


def test_an_author_who_has_a_language_alone_tells_nothing() -> None:
    samples = [book("a", "en", X), book("b", "en", X), book("c", "ru", Z), book("d", "ru", Y)]
    lots = {"a": "a", "b": "b", "c": "c", "d": "c"}
    np.testing.assert_allclose(unseen_strangeness(samples, lots), [0, 0], atol=1e-6)
    assert len(unseen_strangeness(samples[2:], lots)) == 0
    assert len(unseen_strangeness([], {})) == 0
    assert unseen_beyond(np.zeros(0, np.float32)) is None


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_books_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = [book(f"{n}", "en", *rng.normal(size=(4, 3)).astype(np.float32)) for n in range(5)]
    lots = {s.book_id: s.book_id for s in samples}
    np.testing.assert_array_equal(unseen_strangeness(samples, lots), unseen_strangeness(samples[::-1], lots))


def test_one_scene_in_a_hundred_of_unseen_books_is_novel() -> None:
    strangeness = np.arange(1000, dtype=np.float32) / 1000
    beyond = unseen_beyond(strangeness)
    assert beyond is not None
    assert int((strangeness > beyond).sum()) == 10


def test_each_book_is_asked_of_the_mean_of_all_others() -> None:
    rng = np.random.default_rng(2)
    samples = [book(f"{n}", "en", *rng.normal(size=(3, 8)).astype(np.float32)) for n in range(40)]
    lots = {s.book_id: f"author {int(s.book_id) % 13}" if int(s.book_id) < 30 else s.book_id for s in samples}
    found = []
    for one in samples:
        others = [s.mean for s in samples if lots[s.book_id] != lots[one.book_id]]
        found.append(fit_neutraliser(np.stack(others), ["en"] * len(others)).strangeness(one.vectors, "en"))
    np.testing.assert_allclose(unseen_strangeness(samples, lots), np.sort(np.concatenate(found)), atol=1e-6)


def test_samples_are_read_one_book_at_a_time() -> None:
    class Samples:
        """Books that exist only while somebody looks at them."""

        def __iter__(self) -> Iterator[BookSample]:
            for n in range(20):
                made = book(f"{n}", "en", X, Y)
                alive.add(made)
                most.append(len(alive))
                yield made
                del made

    alive: weakref.WeakSet[BookSample] = weakref.WeakSet()
    most: list[int] = []
    assert len(unseen_strangeness(Samples(), {f"{n}": f"{n}" for n in range(20)})) == 40
    assert max(most) <= 2
