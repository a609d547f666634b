"""How good glosses are, by figures that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from scenesign.transforms.metrics.gloss import coherence, distinct_share, gloss_quality, lift
from scenesign.transforms.metrics.metric import BookSigns
from scenesign.transforms.signs.glosses.scene_words import scene_words
from scenesign.transforms.signs.glosses.spoken import SpokenScenes
from tests.transforms.metrics.evidence import evidence

# words a b c d in four scenes
PRESENT = sparse.csc_matrix(np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float32))


def test_coherence_by_hand() -> None:
    assert coherence(PRESENT, {0: [0, 1]}) == pytest.approx(1.0)  # never one without the other
    assert coherence(PRESENT, {0: [0, 3]}) == -1.0  # never together
    # a and c are in half of the scenes each and in one of four together: as often as by chance
    assert coherence(PRESENT, {0: [0, 2]}) == pytest.approx(0.0)
    assert coherence(PRESENT, {0: [0, 1], 1: [0, 3]}) == pytest.approx(0.0)
    assert coherence(PRESENT, {0: [0]}) is None


def test_words_in_every_scene_or_in_none() -> None:
    everywhere = sparse.csc_matrix(np.array([[1, 1, 0], [1, 1, 0]], dtype=np.float32))
    assert coherence(everywhere, {0: [0, 1]}) == 1.0
    assert coherence(everywhere, {0: [0, 2]}) is None


def test_diversity_by_hand() -> None:
    assert distinct_share({0: [1, 2], 1: [2, 3]}) == 0.75
    assert distinct_share({}) is None


def test_lift_by_hand() -> None:
    # scenes 0 and 1 are of topic 0 and hold a twice; the other two never do, nor d twice
    assert lift(PRESENT, np.array([0, 0, 1, 1]), {0: [0], 1: [3]}) == (3.0, 0.0)
    # c: once in topic 0, once in the others
    assert lift(PRESENT, np.array([0, 0, 1, 1]), {0: [2]}) == (1.0, 1.0)
    assert lift(PRESENT, np.array([0, 0, 0, 0]), {0: [2], 5: [1]}) == (0.0, 0.0)


def spoken(books: int) -> SpokenScenes:
    """Books of two scenes, the sea in the first and the war in the second, each on its topic."""
    texts = [["the boat and the sail", "the army and the gun"]] * books
    return SpokenScenes(
        language="en",
        books=tuple((str(i), 2 * i, 2 * i + 2) for i in range(books)),
        words=scene_words(texts, "en"),
        places=np.tile([0, 1], books),
        vectors=np.tile(np.eye(2, dtype=np.float32), (books, 1)),
        codes=np.tile(np.array([[0], [1]], dtype=np.int32), (books, 1)),
    )


def test_quality_of_a_shelf_whose_books_agree() -> None:
    shelf = evidence(*[[[0], [1]]] * 24)
    shelf = replace(shelf, keywords=[{"en": ("boat", "sail")}, {"en": ("army", "gun")}], spoken=lambda: [spoken(24)])
    found = gloss_quality(shelf)
    assert found["gloss/topics"] == {"en": 2.0}
    assert found["gloss/npmi"] == {"en": 1.0}
    assert found["gloss/diversity"] == {"en": 1.0}
    # keywords are never in scenes of the other topic: there is nothing to divide by
    assert found["gloss/lift"] == {}


def test_keywords_taken_over_are_judged_as_they_are() -> None:
    shelf = evidence(*[[[0], [1]]] * 2)
    wrong = [{"en": ("army", "boat")}, {}]
    found = gloss_quality(
        replace(shelf, keywords=wrong, fitted=False, spoken=lambda: [replace(spoken(2), words=words())])
    )
    assert found["gloss/npmi"] == {"en": -1.0}
    assert found["gloss/lift"] == {"en": 1.0}  # a boat in each scene of the topic, an army in each other


def words() -> object:
    return scene_words([["the boat and the sail", "the army and the gun"]] * 2, "en", {"army", "boat"})


def test_a_language_without_keywords_has_no_figures_but_a_count() -> None:
    shelf = replace(evidence([[0], [1]]), keywords=[{}, {}], spoken=lambda: [spoken(1)])
    assert gloss_quality(shelf) == {
        "gloss/topics": {"en": 0.0},
        "gloss/npmi": {},
        "gloss/diversity": {},
        "gloss/lift": {},
    }
    assert gloss_quality(evidence([[0], [1]])) == {}


def test_apparatus_that_was_left_out_keeps_scenes_and_signs_together() -> None:
    book = BookSigns("0", "en", np.array([[1], [0], [1]]))
    mine = replace(spoken(1), places=np.array([1, 2]))
    shelf = replace(evidence([[0]]), books=[book], keywords=[{"en": ("boat",)}, {}], fitted=False)
    kept = replace(mine, words=scene_words([["the boat", "the boat and gun"]], "en", {"boat"}))
    assert gloss_quality(replace(shelf, spoken=lambda: [kept]))["gloss/lift"] == {"en": 1.0}
