"""Fidelity: retrieval by hand, ties by luck, and a sample that doesn't hang on how books lie in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenesign.transforms.metrics.fidelity import choose_scenes, neutral_sample, reconstruction
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser
from tests.builders import DIMENSIONS, part, row
from tests.transforms.signs.test_fit import inventory


def test_scenes_that_share_a_sign_are_told_apart_by_luck_alone() -> None:
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    vectors = np.array([east, east, east, north], dtype=np.float32)
    found = reconstruction(vectors, ResidualQuantiser((np.array([east, north], dtype=np.float32),)), 1)
    assert found["level1/retrieval_at_1"] == pytest.approx((3 * (1 / 3) + 1) / 4)
    assert found["level1/cosine"] == 1.0
    assert found["level1/mse"] == 0.0
    assert found["retrieval_scenes"] == 4


def test_a_second_level_adds_what_the_first_left_out() -> None:
    vectors = np.array([[0.8, 0.6], [0.8, -0.6]], dtype=np.float32)
    first = np.array([[0.8, 0.0]], dtype=np.float32)
    second = np.array([[0.0, 0.6], [0.0, -0.6]], dtype=np.float32)
    assert "level2/mse" not in reconstruction(vectors, ResidualQuantiser((first, second)), 1)
    found = reconstruction(vectors, ResidualQuantiser((first, second)), 2)
    assert found["level1/retrieval_at_1"] == 0.5
    assert found["level1/mse"] == pytest.approx(0.36)
    assert found["level2/retrieval_at_1"] == 1.0
    assert found["level2/mse"] == pytest.approx(0.0, abs=1e-6)


def test_the_sample_is_spread_and_settled() -> None:
    books = [("a", 300), ("b", 100)]
    chosen = choose_scenes(books, 40, seed=1)
    assert chosen == choose_scenes(reversed(books), 40, seed=1)
    assert chosen != choose_scenes(books, 40, seed=2)
    assert len(chosen["a"]) + len(chosen["b"]) == 40
    assert 20 <= len(chosen["a"]) <= 38
    assert choose_scenes([("a", 3)], 40, seed=1) == {"a": [0, 1, 2]}


def test_a_sample_neutralises_whole_books(tmp_path: Path) -> None:
    made = inventory(signs=3)
    entry = part(tmp_path, row("One book. ", scenes=9), row("Another book. ", scenes=5))
    sample = neutral_sample([entry], made, 1_000, seed=0)
    assert sample.shape == (14, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(sample, axis=1), 1.0, atol=1e-5)
