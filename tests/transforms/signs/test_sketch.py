"""Sketches: their size, their bytes, and what is left of a vector."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.sketch import sketch_size, sketched_vectors, sketches


def test_bytes_by_hand() -> None:
    """A half of D ** -0.5 is code 2, twice it is code 3, and the first number lies in the lowest two bits."""
    vector = np.array([[-2.0, -0.5, 0.5, 2.0, 0.5]], dtype=np.float32)
    vector /= np.linalg.norm(vector)  # times 5 ** 0.5: -1.51, -.38, .38, 1.51, .38
    packed = sketches(vector, np.zeros(5, np.float32))
    assert packed.tolist() == [[0 | 1 << 2 | 2 << 4 | 3 << 6, 2]]
    rebuilt = sketched_vectors(packed, 5)[0]
    assert rebuilt / rebuilt[2] == pytest.approx([-1.510 / 0.4528, -1, 1, 1.510 / 0.4528, 1], rel=1e-5)


@pytest.mark.parametrize("dimensions", [1, 3, 4, 384, 512])
def test_a_sketch_is_a_byte_for_four_numbers_and_keeps_the_direction(dimensions: int) -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(50, dimensions)))
    mean = rng.normal(size=dimensions).astype(np.float32) / 10
    packed = sketches(vectors, mean)
    assert packed.shape == (50, sketch_size(dimensions)) == (50, -(-dimensions // 4))
    rebuilt = sketched_vectors(packed, dimensions)
    assert rebuilt.shape == (50, dimensions)
    assert np.linalg.norm(rebuilt, axis=1) == pytest.approx(np.ones(50), abs=1e-5)
    likeness = np.einsum("nd,nd->n", rebuilt, unit(vectors - mean))
    assert likeness.min() > 0.75
    assert dimensions < 384 or likeness.mean() > 0.93


def test_no_scenes_and_a_scene_like_its_mean_have_sketches_too() -> None:
    mean = np.full(6, 0.4, np.float32)
    assert sketches(np.zeros((0, 6), np.float32), mean).shape == (0, 2)
    assert np.isfinite(sketched_vectors(sketches(mean[None], mean), 6)).all()
