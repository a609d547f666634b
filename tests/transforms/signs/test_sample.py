"""Sampling: by hash, so that it neither depends on order nor on who else is there."""

from __future__ import annotations

import numpy as np

from scenesign.transforms.signs.sample import choose


def test_a_full_share_takes_every_scene() -> None:
    assert choose("x", 5, 0, 1.0).tolist() == [0, 1, 2, 3, 4]


def test_a_share_is_met_and_is_reproducible() -> None:
    chosen = choose("book", 20_000, 7, 0.25)
    assert 4_700 < len(chosen) < 5_300
    assert np.array_equal(chosen, choose("book", 20_000, 7, 0.25))
    assert not np.array_equal(chosen, choose("book", 20_000, 8, 0.25))


def test_a_smaller_share_is_part_of_a_larger_one_and_scenes_keep_their_luck() -> None:
    large, small = set(choose("b", 1_000, 0, 0.5)), set(choose("b", 1_000, 0, 0.2))
    assert small < large
    assert set(choose("b", 400, 0, 0.5)) == {i for i in large if i < 400}
