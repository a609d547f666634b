"""The predictive space: found where it was planted, its formula by hand, chosen by books that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.predict import (
    DIMENSIONS,
    Neighbours,
    books_of,
    fit_space,
    neighbours_of,
    next_scene_share,
    principal_space,
    solve_space,
)


def library(books: int, scenes: int, size: int = 24, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Books whose first three dimensions drift from scene to scene, and whose others are noise as large."""
    draw = np.random.default_rng(seed)
    rows = []
    for _ in range(books):
        drift = np.zeros((scenes, 3))
        for scene in range(1, scenes):
            drift[scene] = 0.9 * drift[scene - 1] + np.sqrt(1 - 0.81) * draw.normal(size=3)
        rows.append(np.concatenate([drift, draw.normal(size=(scenes, size - 3))], axis=1))
    return unit(np.concatenate(rows)), np.repeat(np.arange(books), scenes), np.tile(np.arange(scenes), books)


def test_pairs_are_neighbours_within_a_book_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32)
    found = neighbours_of(vectors, np.array([0, 1, 3]))  # scene 2 was not sampled
    assert found.pairs == 1
    np.testing.assert_allclose(found.same, [[0.5, 0], [0, 0.5]])
    np.testing.assert_allclose(found.next, [[0, 0.5], [0.5, 0]])


def test_books_are_cut_where_the_owner_changes() -> None:
    assert list(books_of(np.array([4, 4, 7, 9, 9]))) == [slice(0, 2), slice(2, 3), slice(3, 5)]


def test_the_formula_by_hand() -> None:
    # variances 1 and 4, correlations of neighbours .9 and .5: without a ridge these are the strengths
    sums = Neighbours(10, np.diag([10.0, 40.0]), np.diag([9.0, 20.0]))
    space = solve_space(sums, 2, 0.0)
    np.testing.assert_allclose(space.strengths, [0.9, 0.5], rtol=1e-5)
    np.testing.assert_allclose(space.axes, [[np.sqrt(0.9), 0], [0, np.sqrt(0.5) / 2]], atol=1e-6)
    # a ridge of .3 adds .3 of the mean variance to both
    held = solve_space(sums, 2, 0.3).strengths
    np.testing.assert_allclose(held, sorted([0.9 / 1.75, 2.0 / 4.75], reverse=True), rtol=1e-5)


def test_directions_that_turn_into_their_opposite_are_left_out() -> None:
    space = solve_space(Neighbours(1, np.eye(3), np.diag([0.5, -0.5, -0.1])), 3, 0.1)
    assert space.axes.shape == (1, 3)


def test_what_carries_over_is_found() -> None:
    vectors, owners, places = library(12, 80)
    space = fit_space(vectors, owners, places)
    leading = np.linalg.norm(unit(space.axes[:3])[:, :3], axis=1)
    assert (leading > 0.97).all()
    assert (np.diff(space.strengths) <= 0).all()
    shuffled = np.concatenate([np.random.default_rng(1).permutation(80) + 80 * book for book in range(12)])
    lost = fit_space(vectors[shuffled], owners, places)
    assert lost.strengths[0] < space.strengths[0] / 2


def test_the_share_of_next_scenes_is_chance_without_order_and_whole_for_a_line() -> None:
    angles = np.linspace(0, np.pi / 2, 60)
    line = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert next_scene_share(line, np.arange(60), seed=0) == (1.0, 28)
    noise = np.random.default_rng(0).normal(size=(400, 8))
    share, asked = next_scene_share(noise, np.arange(400), seed=0)
    assert asked == 200
    assert share < 0.12
    assert next_scene_share(np.zeros((60, 2)), np.arange(60), seed=0)[0] == pytest.approx(1 / 32)


def test_scenes_whose_neighbour_was_not_sampled_are_not_asked_about() -> None:
    assert next_scene_share(np.ones((50, 2)), 2 * np.arange(50), seed=0) == (0.0, 0)


@pytest.mark.parametrize("scenes", [1, 2, 3])
def test_few_scenes_give_a_space_all_the_same(scenes: int) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(scenes, 8)))
    space = fit_space(vectors, np.zeros(scenes, np.int64), np.arange(scenes))
    assert np.isfinite(space(vectors)).all()
    assert len(space.axes) >= 1


def test_books_of_one_scene_are_compared_in_principal_directions() -> None:
    vectors = np.array([[0, 1, 0], [0, -1, 0], [0.6, 0.8, 0]], dtype=np.float32)
    found = fit_space(vectors, np.arange(3), np.zeros(3, np.int64))
    np.testing.assert_array_equal(found.axes, principal_space(vectors, DIMENSIONS[0]).axes)
    assert abs(found.axes[0, 1]) > 0.9
    assert len(found.axes) == 2
