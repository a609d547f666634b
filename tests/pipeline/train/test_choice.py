"""Which of 32 scenes is next: hits by scores made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.pipeline.train.choice import CHANCE, CHOICES, Hits, ask_all, ask_book, by_model, untrained
from scenesign.pipeline.train.trainer import TrainingOptions, new_model
from tests.pipeline.train.stories import PIECES, codewords, in_memory, rounds


def knows(scenes: int) -> np.ndarray:
    """Scores of one who knows the next scene."""
    return np.eye(scenes, k=1)


def test_one_who_knows_is_always_right_and_one_who_knows_the_wrong_scene_never() -> None:
    assert ask_book(knows(60)) == Hits(1.0, 1.0, 60 - 8 - CHOICES + 1)
    found = ask_book(-knows(60))
    assert found is not None
    assert (found.far, found.near) == (0.0, 0.0)
    assert ask_book(np.eye(60, k=2) + 0.5 * knows(60)) is not None
    assert ask_book(np.eye(60, k=2)).near == 0.0  # type: ignore[union-attr]


def test_ties_are_shared_out() -> None:
    found = ask_book(np.zeros((60, 60)))
    assert found is not None
    assert (found.far, found.near) == pytest.approx((CHANCE, CHANCE))
    twins = ask_book(knows(60) + np.eye(60, k=2) + 1e-9 * np.eye(60, k=2))
    assert twins is not None
    assert twins.near == pytest.approx(0.5)
    assert 0.5 < twins.far < 1.0  # the twin is not always among those drawn


def test_only_the_last_scene_read_is_asked_and_only_of_scenes_to_come() -> None:
    """Scenes that were read may score as they like."""
    scores = knows(60) + 5 * np.tri(60)
    assert ask_book(scores) == ask_book(knows(60))


@pytest.mark.parametrize(("scenes", "questions"), [(0, None), (1, None), (39, None), (40, 1), (41, 2), (500, 100)])
def test_a_book_that_is_too_short_is_not_asked(scenes: int, questions: int | None) -> None:
    found = ask_book(np.zeros((scenes, scenes)))
    assert (found and found.questions) == questions


def test_questions_of_a_long_book_are_spread_over_it() -> None:
    scores = np.zeros((500, 500))
    early, late = scores.copy(), scores.copy()
    early[:250], late[250:] = knows(500)[:250], knows(500)[250:]
    found = [ask_book(one) for one in (early, late)]
    assert all(one is not None and 0.4 < one.near < 0.65 for one in found)


def test_the_draw_is_of_the_seed() -> None:
    scores = np.random.default_rng(0).random((200, 200))
    assert ask_book(scores, 1) == ask_book(scores, 1)
    assert ask_book(scores, 1) != ask_book(scores, 2)


def test_every_way_scores_all_scenes_and_cast_is_compared_only_where_it_is_read() -> None:
    books = in_memory(rounds([50, 12, 45]))
    embeddings = np.concatenate(codewords())
    for members, names in ((0, 3), (3, 6)):
        model = new_model(TrainingOptions(members=members), PIECES, embeddings, "", books)
        ways = untrained(model) | {"model": by_model(model)}
        assert len(ways) == names + 1
        for way in ways.values():
            assert way(books[0]).shape == (50, 50)
            assert [found.questions for found in ask_all(books, way)] == [11, 6]


def test_untrained_ways_by_hand() -> None:
    """The last scene's likeness is its cosine; members in common are those of the last scene by the root of members."""
    (book,) = in_memory(rounds([45]))
    model = new_model(TrainingOptions(members=3), PIECES, np.concatenate(codewords()), "", [book])
    first, second = codewords()
    places = first[book.seen[:, 0]] + second[book.seen[:, 1] - 6]
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    ways = untrained(model)
    assert np.allclose(ways["like the last scene"](book), places @ places.T, atol=1e-5)
    people = [set(row.tolist()) - {0} for row in book.cast]
    scores = ways["members of the last scene"](book)
    for now, then in ((0, 6), (0, 1), (7, 13), (20, 26)):
        times = {i: sum(i in here for here in people[: now + 1]) for i in people[now]}
        expected = sum((1 + times[i]) ** -0.5 for i in people[now] & people[then]) / len(people[then]) ** 0.5
        assert scores[now, then] == pytest.approx(expected, abs=1e-5)
