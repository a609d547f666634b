"""Neutralisation: values by hand, and what it is for."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.neutralise import Damping, Neutraliser, cosine, fit_damping, fit_neutraliser, unit
from scenesign.transforms.signs.quantisers.residual import fit_residual


def test_language_means_count_every_book_once_and_the_global_mean_every_language() -> None:
    means = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 8.0]], dtype=np.float32)
    fitted = fit_neutraliser(means, ["en", "en", "ru"])
    np.testing.assert_array_equal(fitted.language_means["en"], [2.0, 0.0])
    np.testing.assert_array_equal(fitted.language_means["ru"], [0.0, 8.0])
    np.testing.assert_array_equal(fitted.global_mean, [1.0, 4.0])


def test_a_book_is_trusted_by_its_length() -> None:
    neutraliser = Neutraliser({"en": np.zeros(2, np.float32)}, np.full(2, 9, np.float32), prior_scenes=8.0)
    mean = np.array([1.0, 2.0], dtype=np.float32)
    np.testing.assert_allclose(neutraliser.centre("en", mean, 8), [0.5, 1.0])
    np.testing.assert_allclose(neutraliser.centre("en", mean, 24), [0.75, 1.5])
    np.testing.assert_allclose(neutraliser.centre("fi", mean, 8), [5.0, 5.5])


def test_a_single_paragraph_is_encoded_by_its_language_alone() -> None:
    rng = np.random.default_rng(2)
    language_mean = rng.normal(size=6).astype(np.float32)
    neutraliser = Neutraliser({"en": language_mean}, language_mean)
    vector = unit(rng.normal(size=(1, 6)))
    np.testing.assert_allclose(neutraliser(vector, "en"), unit(vector - language_mean), atol=1e-6)


def test_the_same_events_in_two_books_get_the_same_signs_only_when_neutralised() -> None:
    """Two books tell the same six events; each has a strong manner of its own."""
    rng = np.random.default_rng(0)
    events = rng.normal(size=(6, 16))
    manner = 6 * rng.normal(size=(2, 16))
    books = [unit(np.repeat(events, 4, axis=0) + manner[i] + 0.2 * rng.normal(size=(24, 16))) for i in range(2)]
    neutraliser = fit_neutraliser(np.stack([b.mean(axis=0) for b in books]), ["en", "en"], prior_scenes=0.5)
    neutral = [neutraliser(book, "en") for book in books]

    def agreement(pair: list[np.ndarray]) -> float:
        quantiser = fit_residual(np.concatenate(pair), 6, 1, seed=0)
        one, two = (quantiser.assign(book)[0] for book in pair)
        return float((one == two).mean())

    assert agreement(books) < 0.2
    assert agreement(neutral) > 0.9


def test_cosine_of_pairs_by_hand() -> None:
    left, right = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0]]), np.array([[4.0, 3.0], [1.0, 0.0], [-2.0, 0.0]])
    assert cosine(left, right) == pytest.approx([0.96, 0.0, -1.0])


def test_a_zero_vector_stays_zero() -> None:
    assert unit(np.zeros((1, 3))).tolist() == [[0.0, 0.0, 0.0]]


def test_one_book_alone_does_not_vanish() -> None:
    """A single short book is its language's mean as well; its scenes must still differ from each other."""
    vectors = unit(np.eye(3, dtype=np.float32))
    fitted = fit_neutraliser(vectors.mean(axis=0, keepdims=True), ["en"])
    neutral = fitted(vectors, "en")
    assert np.linalg.norm(neutral, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    assert neutral[0] @ neutral[1] < 0


def test_damping_by_hand() -> None:
    damp = Damping(np.array([[0.6, 0.8, 0.0]], np.float32), np.array([0.25], np.float32))
    along, across = np.array([[0.6, 0.8, 0.0]], np.float32), np.array([[-0.8, 0.6, 2.0]], np.float32)
    np.testing.assert_allclose(damp(along), 0.25 * along, atol=1e-6)
    np.testing.assert_allclose(damp(across), across, atol=1e-6)


def test_the_strongest_directions_are_damped_and_their_order_is_kept() -> None:
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(20_000, 8)) * np.array([30.0, 10.0, 1, 1, 1, 1, 1, 1])
    damp = fit_damping(vectors.astype(np.float32), directions=2)
    spread = damp(vectors.astype(np.float32)).std(axis=0)
    np.testing.assert_allclose(np.abs(damp.directions), np.eye(8)[:2], atol=0.05)
    assert 1.0 < spread[1] / spread[2] < 10.0  # held back: evened out, not to the full
    assert spread[0] / spread[1] < 3.0
    assert spread[0] > spread[1]


def test_few_scenes_are_hardly_damped_and_one_not_at_all() -> None:
    few = np.random.default_rng(7).normal(size=(6, 32)).astype(np.float32)
    assert (fit_damping(few).gains > 0.95).all()
    lone = fit_damping(np.zeros((1, 32), np.float32))
    assert lone.gains.shape == (0,)
    np.testing.assert_array_equal(lone(few), few)


def test_an_unknown_language_is_not_damped() -> None:
    damp = {"en": Damping(np.eye(3, dtype=np.float32)[:1], np.zeros(1, np.float32))}
    neutraliser = Neutraliser({"en": np.zeros(3, np.float32)}, np.zeros(3, np.float32), 8.0, damp)
    vectors = unit(np.array([[1.0, 1.0, 0.0]]))
    assert neutraliser(vectors, "en")[0, 0] == 0.0
    assert neutraliser(vectors, "fi")[0, 0] > 0.7
