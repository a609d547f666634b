"""Starting embeddings: near vectors stay near, and tokens without a vector keep their row."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from examples.start_embeddings import fit_to_width, start_from


def test_distances_survive_when_the_width_holds_all_axes() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 40)).astype(np.float32)
    moved = fit_to_width(vectors, 16, 0.02)
    before = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    after = np.linalg.norm(moved[:, None] - moved[None], axis=2)
    np.testing.assert_allclose(after / after.max(), before / before.max(), atol=1e-5)
    assert moved.std() == pytest.approx(0.02, rel=1e-3)


def test_a_narrow_width_keeps_the_longest_axis_about_the_mean() -> None:
    vectors = np.array([[13, 1, 0], [-7, 1, 0], [13, -1, 0], [-7, -1, 0]], np.float32)
    np.testing.assert_allclose(fit_to_width(vectors, 1, 2.0), [[2], [-2], [2], [-2]], atol=1e-5)


@pytest.mark.parametrize("turned", [1, -1])
def test_an_axis_points_where_its_largest_part_does(turned: int) -> None:
    """The decomposition may give an axis or its opposite; a model must not start mirrored for that."""
    vectors = np.array([[0, 0, 0.1], [9, -3, 0.1], [18, -6, 0.1]], np.float32) * np.float32(turned)
    assert (np.diff(fit_to_width(vectors, 1, 1.0)[:, 0]) * turned > 0).all()


def test_tokens_without_a_vector_keep_their_row() -> None:
    vectors = np.zeros((5, 8), np.float32)
    vectors[1:4] = np.random.default_rng(1).normal(size=(3, 8))
    table = torch.nn.Parameter(torch.linspace(-1, 1, 20).reshape(5, 4))
    before = table.detach().clone()
    start_from(table, vectors)
    assert torch.equal(table[[0, 4]], before[[0, 4]])
    np.testing.assert_allclose(table[1:4].detach().numpy(), fit_to_width(vectors, 4, float(before.std()))[1:4])
    start_from(table, np.zeros((5, 8), np.float32))
    assert torch.isfinite(table).all()
