"""The scenes most like each scene: exact where all are looked through, in one order, and of bounded work where not."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.dataset import nearest_scenes as module
from scenesign.transforms.dataset.nearest_scenes import nearest_scenes, whole_numbers


def some(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors of scenes near eight topics, their topics, and what these stand for."""
    rng = np.random.default_rng(seed)
    words = rng.normal(size=(8, 32))
    topics = rng.integers(0, 8, count)
    vectors = words[topics] + rng.normal(size=(count, 32))
    return whole_numbers(vectors / np.linalg.norm(vectors, axis=1)[:, None]), topics, words


def by_hand(vectors: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    exact = vectors.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1)[:, None]
    cosine = exact @ exact.T
    np.fill_diagonal(cosine, -np.inf)
    near = np.argsort(-np.round(cosine, 6), axis=1, kind="stable")[:, :count]
    return near, 1 - np.take_along_axis(cosine, near, axis=1)


def test_it_finds_what_looking_through_all_finds() -> None:
    vectors, topics, words = some(600)
    rows, distances = nearest_scenes(vectors, topics, words)
    near, apart = by_hand(vectors, 10)
    assert (rows == near).mean() > 0.99  # the rest are ties to six digits
    assert distances == pytest.approx(apart, abs=1e-4)
    assert (np.diff(distances, axis=1) >= 0).all()


def test_equal_scenes_are_each_others_first_and_ties_go_to_the_lower_row() -> None:
    vectors, topics, words = some(40)
    vectors[[5, 9, 30]] = vectors[2]
    topics[[5, 9, 30]] = topics[2]
    rows, distances = nearest_scenes(vectors, topics, words, 3)
    assert rows[[2, 5, 9, 30]].tolist() == [[5, 9, 30], [2, 9, 30], [2, 5, 30], [2, 5, 9]]
    assert (distances[2] == 0).all()


def test_of_many_the_nearest_topics_are_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, topics, words = some(2_000)
    near, _ = by_hand(vectors, 10)
    monkeypatch.setattr(module, "COMPARED", 600)
    rows, _ = nearest_scenes(vectors, topics, words)
    found = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(rows.tolist(), near.tolist(), strict=True)])
    assert found > 0.7  # a third of the scenes hold most of the neighbours
    assert (rows != np.arange(2_000)[:, None]).all()


def test_a_topic_of_too_many_scenes_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _, words = some(500)
    monkeypatch.setattr(module, "COMPARED", 50)
    rows, _ = nearest_scenes(vectors, np.zeros(500, np.int64), words)
    assert rows.shape == (500, 10)
    assert len(np.unique(rows)) <= 100
    assert all(len(set(row)) == 10 for row in rows.tolist())


@pytest.mark.parametrize(("scenes", "width"), [(0, 0), (1, 0), (2, 1), (5, 4), (11, 10), (12, 10)])
def test_few_scenes_have_as_many_as_there_are(scenes: int, width: int) -> None:
    vectors, topics, words = some(scenes)
    rows, distances = nearest_scenes(vectors, topics, words)
    assert rows.shape == distances.shape == (scenes, width)
    assert all(i not in row for i, row in enumerate(rows.tolist()))


def test_whole_numbers_keep_directions_and_their_sums_are_exact() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 512))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    whole = whole_numbers(vectors).astype(np.float64)
    assert (whole * vectors).sum(axis=1) / np.linalg.norm(whole, axis=1) == pytest.approx(1, abs=1e-3)
    assert (np.abs(whole) @ np.abs(whole).T).max() < 1 << 24
