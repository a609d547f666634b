"""The map of topics: near ones lie near, any number has a map, and it is the same bits whatever the threads."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs import layout
from scenesign.transforms.signs.layout import lay_out, method_of


def clusters(count: int, each: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 4 * rng.normal(size=(count, 32))
    return np.repeat(centres, each, axis=0) + 0.1 * rng.normal(size=(count * each, 32))


def check(places: np.ndarray, count: int) -> None:
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert places.min() >= 0
    assert places.max() <= 1
    assert count < 2 or np.ptp(places, axis=0).max() == pytest.approx(1.0)


def test_points_of_one_cluster_lie_together() -> None:
    places = lay_out(clusters(5, 20))
    check(places, 100)
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (np.arange(100) // 20 == distance.argmin(axis=1) // 20).all()


def test_neighbours_stay_neighbours_where_there_are_no_clusters() -> None:
    points = np.random.default_rng(4).normal(size=(150, 3))
    places = lay_out(points)

    def near(at: np.ndarray) -> list[set[int]]:
        apart = np.linalg.norm(at[:, None] - at[None], axis=2)
        return [set(row[1:9].tolist()) for row in np.argsort(apart, axis=1)]

    kept = [len(one & two) / 8 for one, two in zip(near(points), near(places), strict=True)]
    assert np.mean(kept) > 0.4  # by chance .05


def test_the_same_points_give_the_same_map_whatever_the_threads() -> None:
    from threadpoolctl import threadpool_limits

    points = clusters(4, 30, seed=1)
    with threadpool_limits(1):
        one = lay_out(points)
    assert lay_out(points.copy()).tobytes() == one.tobytes()


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13])
def test_few_points_have_a_map(count: int) -> None:
    check(lay_out(np.random.default_rng(0).normal(size=(count, 16)).astype(np.float32)), count)


def test_equal_points_have_a_map() -> None:
    check(lay_out(np.ones((20, 8))), 20)


def test_too_many_points_get_principal_components(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_EMBEDDED", 400)
    points = np.random.default_rng(0).normal(size=(401, 4)) * [1, 9, 5, 1]
    places = lay_out(points)
    check(places, 401)
    assert "principal" in method_of(401)
    assert "t-SNE" in method_of(400)
    assert abs(np.corrcoef(places[:, 0], points[:, 1])[0, 1]) > 0.99
    assert abs(np.corrcoef(places[:, 1], points[:, 2])[0, 1]) > 0.99
