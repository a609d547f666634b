"""Starting embeddings: distances survive where there is room, and tokens without a codeword stay at the origin."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.start_embeddings import fit_to_width


def test_angles_survive_when_the_width_holds_all_axes() -> None:
    words = np.random.default_rng(0).normal(size=(6, 40)).astype(np.float32)
    moved = fit_to_width(words, 16, 0.02)
    before = np.linalg.norm(words[:, None] - words[None], axis=2)
    after = np.linalg.norm(moved[:, None] - moved[None], axis=2)
    assert moved.std() == pytest.approx(0.02, rel=1e-3)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] == pytest.approx(1.0, abs=1e-5)


def test_a_narrow_width_keeps_the_longest_axis() -> None:
    words = np.array([[10, 1, 0], [-10, 1, 0], [10, -1, 0], [-10, -1, 0]], np.float32)
    moved = fit_to_width(words, 1, 1.0)
    assert sorted(moved[:, 0].round(4).tolist()) == [-1, -1, 1, 1]
    assert moved[0, 0] == moved[2, 0]


def test_tokens_without_a_codeword_stay_at_the_origin() -> None:
    words = np.zeros((5, 8), np.float32)
    words[1:4] = np.random.default_rng(1).normal(size=(3, 8))
    moved = fit_to_width(words, 4, 0.02)
    assert not moved[[0, 4]].any()
    assert np.abs(moved[1:4]).sum(axis=1).all()
    assert not fit_to_width(np.zeros((3, 8), np.float32), 4, 0.02).any()


def test_same_words_same_rows_to_the_byte() -> None:
    words = np.random.default_rng(2).normal(size=(9, 12)).astype(np.float32)
    assert fit_to_width(words, 8, 0.02).tobytes() == fit_to_width(words.copy(), 8, 0.02).tobytes()
