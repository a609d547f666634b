"""What is counted of signs, and examples that take turns."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.tally import SceneRef, SignTally, opening, shown_examples


def test_examples_take_turns_over_languages_and_prefer_new_books() -> None:
    exemplars = {
        "en": [SceneRef(0.1, "a", 0, "en"), SceneRef(0.2, "a", 1, "en"), SceneRef(0.3, "b", 0, "en")],
        "ru": [SceneRef(0.5, "c", 4, "ru")],
    }
    shown = [(ref.book_id, ref.scene) for ref in shown_examples(exemplars)]
    assert shown == [("a", 0), ("c", 4), ("b", 0), ("a", 1)]


def test_every_language_shows_a_scene_however_many_there_are() -> None:
    codes = [f"l{i}" for i in range(9)]
    exemplars = {code: [SceneRef(0.1, code, scene, code) for scene in range(3)] for code in codes}
    assert [ref.language for ref in shown_examples(exemplars)] == codes
    assert len(shown_examples({code: exemplars[code] for code in codes[:2]})) == 6


def test_tally_counts_scenes_books_and_languages() -> None:
    tally = SignTally(3)
    tally.add("a", "en", np.array([[0], [0], [2]]), np.array([0.3, 0.1, 0.2]))
    tally.add("b", "ru", np.array([[0]]), np.array([0.4]))
    assert tally.counts.tolist() == [3, 0, 1]
    assert tally.books.tolist() == [2, 0, 1]
    assert tally.by_language["en"].tolist() == [2, 0, 1]
    assert [ref.scene for ref in tally.exemplars(0)["en"]] == [1, 0]
    assert tally.exemplars(1) == {}


def test_what_may_not_be_shown_is_counted_all_the_same() -> None:
    tally = SignTally(1)
    tally.add("a", "en", np.array([[0], [0]]), np.array([0.1, 0.2]), np.array([False, True]))
    assert tally.counts.tolist() == [2]
    assert [ref.scene for ref in tally.exemplars(0)["en"]] == [1]


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [("One\n\n two ", 9, "One two"), ("", 9, ""), ("x" * 10, 10, "x" * 10), ("word " * 10, 9, "word wor…")],
)
def test_openings_are_one_line_of_limited_length(text: str, length: int, expected: str) -> None:
    assert opening(text, length) == expected
    assert len(opening("word " * 200)) <= 120
