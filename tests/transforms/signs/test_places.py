"""Scenes lie beside their topic, on the side that they lean to, each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.places import TopicMap

# Three topics at right angles, on a line on the map: the second in the middle.
WORDS = np.eye(4)[:3]
MAP = TopicMap(WORDS, np.array([[0.0, 0.5], [0.5, 0.5], [1.0, 0.5]]), np.array([[1, 2], [0, 2], [1, 0]]), "by hand")


def unit(*numbers: float) -> np.ndarray:
    return np.array(numbers) / np.linalg.norm(numbers)


def test_a_scene_that_is_its_topic_lies_on_it() -> None:
    assert MAP.place(WORDS[[1]], 1)[0] == pytest.approx([0.5, 0.5])


def test_a_scene_leans_to_the_topic_that_it_is_more_like() -> None:
    left, right, aside = MAP.place(np.stack([unit(0.3, 1, 0, 0), unit(0, 1, 0.3, 0), unit(0, 1, 0, 0.3)]), 1)
    assert left[0] < 0.5 < right[0]
    assert left[0] - 0.5 == pytest.approx(0.5 - right[0])
    assert aside == pytest.approx([0.5, 0.5])
    # by hand: it leans by .3 / |(.3, 1)| to the left one, and exp(10 x) pulls
    pull = np.exp(10 * 0.3 / np.hypot(0.3, 1))
    assert left[0] == pytest.approx(0.5 + (1 / (1 + pull) - 0.5) * 1.0)


def test_what_topics_share_moves_no_scene() -> None:
    words = np.stack([unit(1, 1, 0), unit(1, 0, 0), unit(0, 0, 1)])
    near = TopicMap(words, MAP.places, MAP.around, "by hand")
    # it is like topic 0 only as far as its own topic is
    assert near.place(unit(1, 0, 0)[None], 1)[0] == pytest.approx([0.5, 0.5])


def test_each_is_placed_by_itself() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 4))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    together = MAP.place(vectors, 2)
    alone = np.concatenate([MAP.place(vectors[i : i + 1], 2) for i in range(50)])
    assert together.tobytes() == alone.tobytes()


def test_a_topic_alone_holds_its_scenes() -> None:
    alone = TopicMap(WORDS[:1], np.array([[0.5, 0.5]]), np.zeros((1, 0), np.int64), "in order")
    assert alone.place(WORDS, 0).tolist() == [[0.5, 0.5]] * 3
