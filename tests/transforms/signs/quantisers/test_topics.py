"""How many topics books share."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.quantisers.topics import auto_topics


def told_four_times() -> np.ndarray:
    """Four books tell the same four things, each in its own way: float32 [128, 12], 32 scenes a book."""
    rng = np.random.default_rng(3)
    events, manners = np.eye(12)[:4], np.eye(12)[4:8]
    return unit(
        np.array([events[i % 4] + 0.5 * manners[b] + 0.02 * rng.normal(size=12) for b in range(4) for i in range(32)])
    )


def test_topics_are_halved_until_books_share_them() -> None:
    vectors = told_four_times()
    assert auto_topics(vectors, np.repeat(np.arange(4), 32), 128, seed=0) == 4
    # one book shares all with itself, so that there is one topic for every 16 scenes
    assert auto_topics(vectors, np.zeros(128, dtype=int), 128, seed=0) == 8


@pytest.mark.parametrize(
    ("vectors", "scenes", "topics"), [(1, 1, 1), (2, 2, 2), (20, 20, 2), (128, 50, 3), (64, 10**7, 64)]
)
def test_few_scenes_have_few_topics(vectors: int, scenes: int, topics: int) -> None:
    found = told_four_times()[:vectors]
    assert auto_topics(found, np.zeros(vectors, dtype=int), scenes, seed=0) == topics
